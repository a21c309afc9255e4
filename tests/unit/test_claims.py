import math

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
    predicted = 17.0
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


def test_of_copies_of_one_number_each_must_agree(capsys):
    assert holds(capsys, predicted=1, measured=[1, 1 + 9e-9, 1 - 9e-9], relative=1e-8)
    assert not holds(capsys, predicted=1, measured=[1, 1 + 2e-8, 1], relative=1e-8)
    assert not holds(capsys, predicted=1, measured=[[1, 1], [1, 1 + 1e-7]], absolute=1e-8)


@pytest.mark.parametrize("predicted, differ", [(1, 1.1e-6), (100, 1.1e-4), (0, 1.1e-6)])
def test_what_differs_from_seed_to_seed_is_not_judged_by_a_tolerance(predicted, differ, capsys):
    measured = [predicted, predicted + differ]
    with pytest.raises(ValueError, match="a sample is judged by its standard error"):
        claim("it", predicted=predicted, measured=measured, absolute=1)
    assert holds(capsys, predicted=predicted, measured=[predicted] * 2, absolute=1)
    half = [predicted, predicted + differ / 2]
    assert holds(capsys, predicted=predicted, measured=half, absolute=1)


@pytest.mark.parametrize(
    "said",
    [
        {"predicted": 1, "standard_error": 1, "rival": 9},
        {"predicted": 1, "relative": 0.1},
        {"predicted": 0, "absolute": 0.1},
        {"at_least": 0, "rival": -1},
        {"at_most": 0, "rival": 1},
        {"at_least": 0, "at_most": 1, "rival": 2},
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
    with pytest.raises(ClaimFailed, match=r"a value that is not finite: \[ 0.1 -0.1  nan\]"):
        claim("it", predicted=0, measured=[0.1, -0.1, math.nan], rival=9)


# --- bounds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said, verdict",
    [
        ({"at_least": 0.9, "measured": 0.9, "rival": 0.5}, True),
        ({"at_least": 0.9, "measured": 0.89, "rival": 0.5}, False),
        ({"at_least": 0.9, "measured": [0.95, 0.91], "rival": 0.5}, True),
        ({"at_least": 0.9, "measured": [0.95, 0.89], "rival": 0.5}, False),
        ({"at_most": 0.2, "measured": [0.1, 0.2], "rival": 0.5}, True),
        ({"at_most": 0.2, "measured": [[0.1], [0.21]], "rival": 0.5}, False),
        ({"at_least": 0.1, "at_most": 0.2, "measured": [0.1, 0.2], "rival": 0.5}, True),
        ({"at_least": 0.1, "at_most": 0.2, "measured": [0.15, 0.25], "rival": 0.5}, False),
        ({"at_least": 0.1, "at_most": 0.2, "measured": [0.05, 0.15], "rival": 0.5}, False),
        ({"at_least": 1.0, "measured": math.inf, "rival": 0}, True),
        ({"at_most": 1.0, "measured": -math.inf, "rival": 2}, True),
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
            {"predicted": 0.5, "measured": 0.51234, "standard_error": 0.0456, "rival": 1},
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
                "rival": 0,
            },
            "predicted 0.5 measured 0.6 ± 0.05  (allowing 0.01 for width)",
        ),
        (
            {"at_least": 0.9, "measured": [0.97, 0.93], "rival": 0},
            "at least 0.9 measured 0.93",
        ),
        ({"at_most": 0.2, "measured": [0.1, 0.15], "rival": 1}, "at most 0.2 measured 0.15"),
        (
            {"at_least": 0.1, "at_most": 0.2, "measured": [0.12, 0.15, 0.13], "rival": 0.5},
            "0.1 to 0.2 measured 0.12 to 0.15",
        ),
        (
            {"at_least": 0.1, "at_most": 0.2, "measured": 0.15, "rival": 1},
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
    claim("the accuracy of the widest network", at_least=0.32345, measured=0.5, rival=0.1)
    first, second = capsys.readouterr().out.splitlines()
    assert first.index("predicted") == second.index("at least")
    assert first.index("measured") == second.index("measured")


@pytest.mark.parametrize(
    "said, measured",
    [
        ({"predicted": 2, "measured": 1.97777, "standard_error": 0.0456}, "≈ 1.98 ± 0.046"),
        ({"predicted": 2, "measured": 1.97777, "relative": 0.1}, "≈ 1.98"),
        ({"at_least": 1.8, "measured": [1.97777, 1.91]}, "≈ 1.91"),
        ({"at_least": 1.8, "at_most": 2.1, "measured": [1.97777, 1.91]}, "≈ 1.91 to ≈ 1.98"),
        ({"at_least": 1.8, "measured": math.inf}, "inf"),
    ],
)
def test_what_another_processor_would_change_is_marked_and_shown(said, measured, capsys):
    claim("it", approx=True, rival=1, **said)
    assert capsys.readouterr().out.endswith(f"  measured {measured}\n")


def test_a_false_claim_says_both_numbers():
    with pytest.raises(ClaimFailed, match=r"the loss .*predicted 2\.3 .*measured 2\.75"):
        claim("the loss", predicted=2.3, measured=2.75, relative=0.01)
    with pytest.raises(ClaimFailed, match=r"predicted 2\.3 .*measured 2\.75 ± 0\.01"):
        claim("the loss", predicted=2.3, measured=2.75, standard_error=0.01)
    with pytest.raises(ClaimFailed, match=r"at least 0\.9 .*measured 0\.85"):
        claim("accuracy", at_least=0.9, measured=[0.85, 0.95], rival=0.1)
    assert issubclass(ClaimFailed, AssertionError)


# --- a claim that could not fail --------------------------------------------------------------


@pytest.mark.parametrize(
    "said, rival, told",
    [
        ({"predicted": 0.5, "measured": 0.5, "standard_error": 0.1}, 0.89, True),
        ({"predicted": 0.5, "measured": 0.5, "standard_error": 0.1}, 0.91, False),
        ({"predicted": 0.5, "measured": 0.5, "standard_error": 0.1}, [2, 0.2], True),
        ({"predicted": 0.5, "measured": 0.5, "relative": 0.1}, 0.54, True),
        ({"predicted": 0.5, "measured": 0.5, "relative": 0.1}, 0.56, False),
        ({"at_least": 0.5, "measured": 0.6}, 0.55, True),  # it lets the rival pass
        ({"at_least": 0.5, "measured": 0.6}, 0.39, False),
        ({"at_least": 0.5, "measured": 0.6}, 0.42, True),  # it is nearer to the rival
        ({"at_most": 0.5, "measured": [0.1, 0.4]}, 0.61, False),
        ({"at_most": 0.5, "measured": [0.1, 0.4]}, 0.59, True),
        ({"at_least": 0.4, "at_most": 0.6, "measured": 0.5}, 0.71, False),
        ({"at_least": 0.4, "at_most": 0.6, "measured": 0.5}, 0.69, True),
        ({"at_least": 0.4, "at_most": 0.6, "measured": 0.5}, [0.29, 0.71], False),
        ({"at_least": 0.4, "at_most": 0.6, "measured": 0.5}, [0.33, 0.71], True),
        ({"at_least": 200, "measured": math.inf}, 60, False),
        ({"at_least": 1e-4, "measured": 1e-3}, 9e-6, False),  # nearer to the finding by ratio
        ({"at_least": 1e-4, "measured": 1e-3}, 2e-5, True),
        ({"at_most": 0.1, "measured": 0.01}, 0.2, False),  # by distance
        ({"at_most": 0.1, "measured": 0.01}, 0.18, True),
        ({"at_least": 0.01, "measured": 2.0}, 0, True),
    ],
    ids=str,
)
def test_a_claim_that_agrees_with_its_rival_too_is_refused(said, rival, told, capsys):
    if told:
        with pytest.raises(ClaimFailed, match=r"its rival [\d.e-]+: it tells nothing"):
            claim("it", rival=rival, **said)
        assert capsys.readouterr().out == ""
    else:
        assert holds(capsys, rival=rival, **said)


def test_a_blunt_claim_is_refused_unless_it_says_how_blunt():
    blunt = {"predicted": 1, "measured": 1.01, "standard_error": 0.07}  # 4 of them are 0.28
    with pytest.raises(ClaimFailed, match=r"are 0\.28, more than 0\.25: sample more networks"):
        claim("it", **blunt)
    with pytest.raises(ClaimFailed, match=r"are 0\.28, more than 0\.27"):
        claim("it", **blunt, resolution=0.27)
    with pytest.raises(ClaimFailed, match=r"are 0\.28, more than 0\.27"):
        claim("it", **blunt, resolution=0.27, rival=2)
    with pytest.raises(ClaimFailed, match=r"are 0\.26, more than 0\.25"):
        claim("it", predicted=1, measured=1, standard_error=0.03, allow={"width": 0.14})


@pytest.mark.parametrize(
    "said",
    [
        {"predicted": 1, "standard_error": 0.06},
        {"predicted": 1, "standard_error": 0.07, "rival": 2},
        {"predicted": -1, "standard_error": 0.06},
        {"predicted": 0, "standard_error": 9},
    ],
    ids=str,
)
def test_a_sharp_claim_needs_no_resolution(said, capsys):
    assert holds(capsys, measured=said["predicted"], **said)


def test_the_resolution_is_printed(capsys):
    claim("it", predicted=1, measured=1.01, standard_error=0.07, resolution=0.3)
    assert capsys.readouterr().out.endswith("measured 1.01 ± 0.07  (tells 0.3 apart)\n")


def test_a_network_that_is_counted_twice_is_seen(capsys):
    sample = np.random.default_rng(0).normal(1, 0.1, 10)
    assert holds(capsys, predicted=1, measured=sample)
    with pytest.raises(ValueError, match="holds the same value twice, to the last bit"):
        claim("it", predicted=1, measured=[*sample, sample[3]])
    assert holds(capsys, predicted=5, measured=[5, 5, 4, 6, 5, 5, 5])  # counts
    assert holds(capsys, predicted=1, measured=[*sample, 0, 0], rival=-1)  # dead networks
    shares = [3 / 397, 3 / 397, 5 / 397, 4 / 397]
    assert holds(capsys, predicted=4 / 397, measured=shares, rival=1)


# --- wrong usage ------------------------------------------------------------------------------

SOME = [0.9, 1.1, 1.05]


@pytest.mark.parametrize(
    "said, sentence",
    [
        ({"measured": SOME, "predicted": 1, "allow": 0.1}, "allow must be named biases, such as"),
        ({"measured": SOME, "predicted": 1, "allow": ["w"]}, "allow must be named biases"),
        ({"measured": SOME, "predicted": "1"}, "predicted must be a number, not '1'"),
        ({"measured": "1", "predicted": 1, "relative": 1}, "measured must hold real numbers"),
        ({"measured": 2, "at_least": 1, "rival": "chance"}, "rival must hold real numbers"),
        ({"measured": SOME, "predicted": 1, "resolution": "1"}, "resolution must be a number"),
        ({"measured": SOME, "predicted": 1, "digits": 2.5}, "digits must be a whole number"),
        ({"measured": 1, "predicted": 1, "statement": 3}, "statement must say what is claimed"),
    ],
    ids=str,
)
def test_what_is_of_the_wrong_type(said, sentence):
    with pytest.raises(TypeError, match=sentence):
        claim(**{"statement": "it", **said})


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
            "standard_error must be finite and at least 0, not -1",
        ),
        (
            {"measured": 1, "predicted": 1, "standard_error": math.nan},
            "standard_error must be finite and at least 0, not nan",
        ),
        (
            {"measured": 1, "predicted": 9, "standard_error": math.inf},
            "standard_error must be finite and at least 0, not inf",
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
        ({"measured": 1, "at_least": 1, "resolution": 1}, "resolution"),
        ({"measured": 1, "at_least": 1}, r"at least 1: beside which rival=\.\.\. \(chance"),
        ({"measured": 1, "at_most": 1, "relative": 0.1}, "relative"),
        ({"measured": [], "predicted": 1}, "measured must hold at least one value; it is empty"),
        ({"measured": [], "at_least": 1, "rival": 0}, "measured must hold at least one value"),
        ({"measured": SOME, "predicted": 1, "allow": {"w": -1}}, r"allow\['w'\] must be .* not -1"),
        ({"measured": SOME, "predicted": 1, "allow": {"w": math.nan}}, r"allow\['w'\] must be"),
        ({"measured": 1, "predicted": 1, "relative": -0.1}, "relative must be .* not -0.1"),
        ({"measured": 1, "predicted": 1, "absolute": -0.1}, "absolute must be .* not -0.1"),
        ({"measured": 1, "predicted": 1, "relative": math.nan}, "relative must be .* not nan"),
        ({"measured": SOME, "predicted": 1, "resolution": -1}, "resolution must be .* not -1"),
        ({"measured": SOME, "predicted": 1, "resolution": math.nan}, "resolution must be .* nan"),
        ({"measured": 1, "at_least": math.nan, "rival": 0}, "at_least must be finite, not nan"),
        ({"measured": 2, "at_least": 1, "rival": math.nan}, "rival must hold numbers, not nan"),
        ({"measured": SOME, "predicted": 1, "rival": [2, math.nan]}, "rival must hold numbers"),
        ({"measured": SOME, "predicted": 1, "digits": 0}, "digits must be at least 1, not 0"),
        ({"measured": np.ma.masked_less(SOME, 1), "predicted": 1}, "measured must hold no masked"),
    ],
    ids=str,
)
def test_wrong_usage(said, sentence):
    with pytest.raises(ValueError, match=sentence):
        claim("it", **said)
