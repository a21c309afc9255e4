import itertools

import numpy as np
import pytest

from initlib import datasets, probes
from initlib.explorables import formula as module
from initlib.explorables.formula import (
    DENOMINATORS,
    NUMERATORS,
    SIZES,
    assembled,
    describe,
    sigma,
    verdict,
    written,
)
from initlib.initializers import he_normal, lecun_normal, xavier_normal
from initlib.network import Network

HE = ("2", "n_in", True)
ALL = list(itertools.product(NUMERATORS, DENOMINATORS, (True, False)))
every_formula = pytest.mark.parametrize("pieces", ALL, ids=written)

NAMED = {
    HE: he_normal(),
    ("2", "n_out", True): he_normal(mode="fan_out"),
    ("2", "n_in + n_out", True): xavier_normal(),
    ("1", "n_in", True): lecun_normal(),
}


@pytest.mark.parametrize("pieces", NAMED, ids=written)
def test_the_named_formulas_are_those_of_initlib(pieces):
    W = np.random.default_rng(0).standard_normal((256, 64))
    library = NAMED[pieces](np.random.default_rng(0), (256, 64))
    np.testing.assert_allclose(sigma(pieces, 256, 64) * W, library, rtol=1e-12)


@every_formula
def test_without_the_root_stands_its_square(pieces):
    numerator, denominator, _ = pieces
    with_root, without = (sigma((numerator, denominator, r), 256, 64) for r in (True, False))
    assert with_root**2 == pytest.approx(without)


@every_formula
def test_signals_are_finite_and_begin_at_one(pieces):
    seen = assembled(*pieces)
    assert seen.pieces == pieces and list(seen.layers) == list(range(1, 9))
    for values in (seen.forward, seen.backward, seen.forward_theory, seen.backward_theory):
        assert values.shape == (8,) and np.isfinite(values).all() and (values > 0).all()
    assert seen.forward[0] == seen.forward_theory[0] == 1
    assert seen.backward[-1] == seen.backward_theory[-1] == 1


@every_formula
def test_theory_is_half_a_fan_times_the_variance(pieces):
    seen = assembled(*pieces)
    down, up = sigma(pieces, 256, 64) ** 2, sigma(pieces, 64, 256) ** 2
    factors = np.tile([256 * down / 2, 64 * up / 2], 4)[:7]
    np.testing.assert_allclose(seen.forward_theory[1:] / seen.forward_theory[:-1], factors)
    factors = np.tile([64 * down / 2, 256 * up / 2], 4)[:7]
    np.testing.assert_allclose(seen.backward_theory[:-1] / seen.backward_theory[1:], factors)
    assert seen.pair_theory == pytest.approx(256 * down / 2 * 64 * up / 2)


@every_formula
def test_measured_follows_theory(pieces):
    seen = assembled(*pieces)
    for measured, predicted in (
        (seen.forward, seen.forward_theory),
        (seen.backward, seen.backward_theory),
        (seen.pair, seen.pair_theory),
    ):
        assert np.abs(np.log(measured / predicted)).max() < 0.2


@pytest.mark.parametrize("pieces", NAMED, ids=written)
def test_networks_are_those_that_the_initializer_gives(pieces):
    x, labels = (part[: module.EXAMPLES] for part in datasets.load_digits(order="file").train)
    rngs = [np.random.default_rng(seed) for seed in range(module.NETWORKS)]
    network = Network(SIZES, "relu", NAMED[pieces], rngs)
    network.forward(x)
    forward = probes.second_moment(network.z[:-1])
    backward = probes.second_moment(network.backward(labels).dz[:-1])
    seen = assembled(*pieces)
    np.testing.assert_allclose(seen.forward, (forward / forward[0]).mean(axis=1))
    np.testing.assert_allclose(seen.backward, (backward / backward[-1]).mean(axis=1))


def test_a_formula_is_not_changed_by_those_before_it():
    first = assembled.__wrapped__(*HE)
    assembled.__wrapped__("1", "n_out", False)
    for one, other in zip(first, assembled.__wrapped__(*HE)):
        np.testing.assert_array_equal(one, other)


# What the learner has to find


@every_formula
def test_he_alone_keeps_the_signal_and_is_told_so(pieces):
    kept = np.abs(np.log(assembled(*pieces).forward)).max() < np.log(module.KEPT)
    assert kept == (pieces == HE) == ("the signal is kept" in verdict(pieces))


def test_he_backward_alone_keeps_the_gradient():
    keepers = [p for p in ALL if np.abs(np.log(assembled(*p).backward)).max() < np.log(module.KEPT)]
    assert keepers == [("2", "n_out", True)]


def test_the_answer_of_the_exercise():
    seen = assembled("2", "n_in + n_out", True)
    assert seen.pair_theory == pytest.approx(0.16)
    assert seen.pair == pytest.approx(0.16, rel=0.05)


@pytest.mark.parametrize(
    "pieces, said",
    [
        (HE, "That is He's formula: the signal is kept."),
        (("2", "n_in", False), "That is He's variance; its root is asked for."),
        (("2", "n_in + n_out", False), "That is Xavier's variance; its root is asked for."),
        (("1", "n_out", False), "That is a variance; its root is asked for."),
        (
            ("√2", "n_in", False),
            "√2 is a gain, which multiplies 1/√n; here the root of n is missing.",
        ),
        (("1", "n_in", True), "That is LeCun's formula: 1 keeps a linear layer; ReLU halves."),
        (
            ("2", "n_out", True),
            "That is He's backward formula: n_out keeps the gradient; "
            "the signal is left with n_in/n_out, 4 and 1/4 by turns.",
        ),
        (
            ("2", "n_in + n_out", True),
            "That is Xavier's formula: n_in + n_out is a compromise for linear layers.",
        ),
        (
            ("√2", "n_in + n_out", True),
            "√2 is the gain and stands before a root; under it stands its square, 2. "
            "n_in + n_out is a compromise for linear layers.",
        ),
    ],
)
def test_the_error_is_named(pieces, said):
    assert verdict(pieces) == said
    assert describe(assembled(*pieces)).startswith(f"{written(pieces)}. {said} At layer 8")


def test_formulas_are_written_as_they_are_read():
    assert written(HE) == "σ = √(2/n_in)"
    assert written(("√2", "n_in + n_out", False)) == "σ = √2/(n_in + n_out)"
    assert len({written(pieces) for pieces in ALL}) == 18


def test_the_sentence_has_the_numbers():
    seen = assembled(*HE)._replace(
        forward=np.array([1, 0.123]),
        forward_theory=np.array([1, 0.234]),
        backward=np.array([3.45, 1]),
        backward_theory=np.array([4.56, 1]),
        pair=0.567,
        pair_theory=0.678,
    )
    assert describe(seen).endswith(
        "At layer 8 the signal's second moment is 0.12 times that of layer 1 (theory 0.23); two "
        "layers, down to 64 units and up to 256, multiply it by 0.57 (theory 0.68). "
        "The gradient's at layer 1 is 3.5 times that of layer 8 (theory 4.6)."
    )


# The picture


@pytest.mark.parametrize("pieces", [HE, ("√2", "n_in + n_out", True), ("1", "n_out", False)])
def test_the_picture_shows_the_numbers(pieces):
    figure, draw = module.new_picture()
    (axes,) = figure.axes
    seen = assembled(*pieces)
    draw(seen)
    by_name = {line.get_label(): line for line in axes.lines}
    for name, values in (
        ("signal, z", seen.forward),
        ("gradient, dz", seen.backward),
        ("theory of z", seen.forward_theory),
        ("theory of dz", seen.backward_theory),
    ):
        np.testing.assert_array_equal(by_name[name].get_xdata(), seen.layers)
        np.testing.assert_array_equal(by_name[name].get_ydata(), values)
    (formula,) = axes.texts
    assert formula.get_text() == written(pieces)
    ticks = [tick.get_text() for tick in axes.get_xticklabels()]
    assert ticks[:2] == ["1\n256", "2\n64"] and axes.get_yscale() == "log"
    assert axes.get_title(loc="left") == "eight ReLU layers with"
    assert axes.get_xlabel() == "hidden layer, and its units"
    assert axes.get_ylabel() == "second moment,\nwhere it enters: 1"
    (kept,) = (patch for patch in axes.patches if patch.get_label() == "kept")
    assert (kept.get_y(), kept.get_y() + kept.get_height()) == (1 / module.KEPT, module.KEPT)
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    assert set(names) == {"signal, z", "gradient, dz", "theory of z", "theory of dz", "kept"}


@pytest.mark.parametrize("change", [{"numerator": "3"}, {"denominator": "n"}, {"root": None}])
def test_formula_refuses(change):
    pieces = {"numerator": "2", "denominator": "n_in", "root": True}
    with pytest.raises(ValueError, match=next(iter(change))):
        assembled(**{**pieces, **change})
