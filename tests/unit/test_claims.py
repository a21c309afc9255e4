import math
import re

import numpy as np
import pytest

from initlib import claims
from initlib.claims import ClaimFailed, claim

# Five values of mean 0 whose standard error is 1: (-2, -1, 0, 1, 2) has s = sqrt(2.5).
SAMPLE = np.array([-2, -1, 0, 1, 2]) * math.sqrt(5 / 2.5)


def holds(capsys, **said):
    """Whether the claim is accepted; printed exactly when it is."""
    try:
        claim("it", **said)
    except ClaimFailed:
        assert capsys.readouterr().out == ""
        return False
    assert capsys.readouterr().out.startswith("agrees  it  ")
    return True


# --- a predicted number -----------------------------------------------------------------------


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("off, verdict", [(0, True), (3.9, True), (4.1, False), (40, False)])
def test_four_standard_errors(off, verdict, sign, capsys):
    predicted = 7.0
    measured = SAMPLE + predicted + sign * off
    assert holds(capsys, predicted=predicted, measured=measured) is verdict
    mean = predicted + sign * off
    assert holds(capsys, predicted=predicted, measured=mean, standard_error=1) is verdict
    assert claims.STANDARD_ERRORS == 4


@pytest.mark.parametrize("off, verdict", [(4.9, True), (5.1, False)])
def test_a_known_bias_is_allowed_for_by_name(off, verdict, capsys):
    allow = {"finite width": 0.75, "depth": 0.25}
    assert holds(capsys, predicted=0, measured=SAMPLE + off, allow=allow) is verdict


@pytest.mark.parametrize(
    "measured, verdict", [(9.9, True), (10.1, True), (9.8, False), (10.2, False)]
)
def test_relative(measured, verdict, capsys):
    assert holds(capsys, predicted=10, measured=measured, relative=0.015) is verdict
    assert holds(capsys, predicted=-10, measured=-measured, relative=0.015) is verdict


@pytest.mark.parametrize("measured, verdict", [(1e-13, True), (-1e-13, True), (2e-12, False)])
def test_absolute(measured, verdict, capsys):
    assert holds(capsys, predicted=0, measured=measured, absolute=1e-12) is verdict


def test_of_several_values_each_must_agree(capsys):
    assert holds(capsys, predicted=1, measured=[1, 1.009, 0.991], relative=0.01)
    assert not holds(capsys, predicted=1, measured=[1, 1.011, 1], relative=0.01)
    assert not holds(capsys, predicted=1, measured=[[1, 1], [1, 0.9]], absolute=0.01)


@pytest.mark.parametrize(
    "said",
    [
        {"predicted": 1, "standard_error": 1},
        {"predicted": 1, "relative": 0.1},
        {"predicted": 0, "absolute": 0.1},
        {"at_least": 0},
        {"at_most": 0},
        {"at_least": 0, "at_most": 1},
    ],
    ids=str,
)
@pytest.mark.parametrize("shape", ["number", "array"])
def test_nan_fails(said, shape, capsys):
    measured = math.nan if shape == "number" else [said.get("predicted", 0), math.nan]
    assert not holds(capsys, measured=measured, **said)


def test_nan_in_a_sample_never_agrees():
    with pytest.raises((ClaimFailed, ValueError)):
        claim("it", predicted=0, measured=[0.1, -0.1, math.nan])


# --- bounds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said, verdict",
    [
        ({"at_least": 0.9, "measured": 0.9}, True),
        ({"at_least": 0.9, "measured": 0.89}, False),
        ({"at_least": 0.9, "measured": [0.95, 0.91]}, True),
        ({"at_least": 0.9, "measured": [0.95, 0.89]}, False),
        ({"at_most": 0.2, "measured": [0.1, 0.2]}, True),
        ({"at_most": 0.2, "measured": [[0.1], [0.21]]}, False),
        ({"at_least": 0.1, "at_most": 0.2, "measured": [0.1, 0.2]}, True),
        ({"at_least": 0.1, "at_most": 0.2, "measured": [0.15, 0.25]}, False),
        ({"at_least": 0.1, "at_most": 0.2, "measured": [0.05, 0.15]}, False),
        ({"at_least": 1.0, "measured": math.inf}, True),
        ({"at_most": 1.0, "measured": -math.inf}, True),
    ],
    ids=str,
)
def test_bounds(said, verdict, capsys):
    assert holds(capsys, **said) is verdict


# --- the line ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said, line",
    [
        (
            {"predicted": 0.5, "measured": 0.51234, "standard_error": 0.0456},
            "predicted 0.5 measured 0.512 ± 0.0456",
        ),
        (
            {"predicted": 1 / 3, "measured": 0.3334, "relative": 0.01, "digits": 4},
            "predicted 0.3333 measured 0.3334",
        ),
        (
            {
                "predicted": 0.5,
                "measured": 0.6,
                "standard_error": 0.05,
                "allow": {"width": 0.01},
            },
            "predicted 0.5 measured 0.6 ± 0.05  (allowing 0.01 for width)",
        ),
        (
            {"at_least": 0.9, "measured": [0.97, 0.93]},
            "at least 0.9 measured 0.93",
        ),
        ({"at_most": 0.2, "measured": [0.1, 0.15]}, "at most 0.2 measured 0.15"),
        (
            {"at_least": 0.1, "at_most": 0.2, "measured": [0.12, 0.15, 0.13]},
            "0.1 to 0.2 measured 0.12 to 0.15",
        ),
        (
            {"at_least": 0.1, "at_most": 0.2, "measured": 0.15},
            "0.1 to 0.2 measured 0.15",
        ),
    ],
)
def test_prints_one_line(said, line, capsys):
    claim("the loss", **said)
    out = capsys.readouterr().out
    assert out.split() == ["agrees", "the", "loss", *line.split()] and out.count("\n") == 1


def test_lines_are_aligned(capsys):
    claim("the loss", predicted=0.5, measured=0.5, relative=0.1)
    claim("the accuracy of the widest network", at_least=0.12345, measured=0.5)
    first, second = capsys.readouterr().out.splitlines()
    assert first.index("predicted") == second.index("at least")
    assert first.index("measured") == second.index("measured")


@pytest.mark.parametrize(
    "said",
    [
        {"predicted": 2, "measured": 1.97777, "standard_error": 0.0456},
        {"predicted": 2, "measured": 1.97777, "relative": 0.1},
        {"at_least": 1, "measured": 1.97777},
    ],
)
def test_no_digits_print_no_measurement(said, capsys):
    claim("it", digits=0, **said)
    out = capsys.readouterr().out
    assert out.startswith("agrees  it") and out.endswith("measured as said\n")
    assert not re.search(r"1\.9|0\.04", out)
    assert re.search(r"[12]\b", out)


@pytest.mark.parametrize("digits", [0, 3])
def test_a_false_claim_says_both_numbers(digits):
    with pytest.raises(ClaimFailed, match=r"the loss .*predicted 2\.3 .*measured 2\.75"):
        claim("the loss", predicted=2.3, measured=2.75, relative=0.01, digits=digits)
    with pytest.raises(ClaimFailed, match=r"predicted 2\.3 .*measured 2\.75 ± 0\.01"):
        claim("the loss", predicted=2.3, measured=2.75, standard_error=0.01, digits=digits)
    with pytest.raises(ClaimFailed, match=r"at least 0\.9 .*measured 0\.85"):
        claim("accuracy", at_least=0.9, measured=[0.85, 0.95], digits=digits)
    assert issubclass(ClaimFailed, AssertionError)


# --- wrong usage ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said, sentence",
    [
        ({"measured": 1}, r"claim either predicted=\.\.\. or a bound"),
        (
            {"measured": 1, "predicted": 1, "at_least": 0},
            r"claim either predicted=\.\.\. or",
        ),
        (
            {"measured": 1, "predicted": 1},
            r"at least two networks, or .* its shape is \(\)",
        ),
        (
            {"measured": [1], "predicted": 1},
            r"at least two networks, or .* its shape is \(1,\)",
        ),
        (
            {"measured": np.ones((3, 2)), "predicted": 1},
            "measured must hold one value for each",
        ),
        (
            {"measured": 1, "predicted": 1, "standard_error": 0},
            "the standard error is 0.0, so",
        ),
        (
            {"measured": [1, 1, 1], "predicted": 1},
            r"nothing was sampled: pass relative=\.\.\.",
        ),
        (
            {"measured": 1, "predicted": 1, "standard_error": -1},
            "the standard error is -1.0",
        ),
        (
            {"measured": 1, "predicted": 1, "standard_error": math.nan},
            "the standard error is nan",
        ),
        (
            {"measured": 1, "predicted": 9, "standard_error": math.inf},
            "the standard error is inf",
        ),
        (
            {"measured": 1, "predicted": math.nan, "relative": 1},
            "predicted must be finite",
        ),
        (
            {"measured": 1, "predicted": 1, "relative": 0.1, "allow": {"width": 1}},
            "allow",
        ),
        (
            {"measured": 1, "predicted": 1, "relative": 0.1, "standard_error": 1},
            "standard_error",
        ),
        ({"measured": 1, "at_least": 1, "allow": {"width": 1}}, "allow"),
        ({"measured": 1, "at_least": 1, "standard_error": 1}, "standard_error"),
        ({"measured": 1, "at_most": 1, "relative": 0.1}, "relative"),
    ],
    ids=str,
)
def test_wrong_usage(said, sentence):
    with pytest.raises(ValueError, match=sentence):
        claim("it", **said)
