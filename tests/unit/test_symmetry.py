import itertools
from unittest.mock import patch

import ipywidgets as widgets
import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

from initlib import figures
from initlib.explorables import symmetry
from initlib.explorables.symmetry import (
    ACTIVATIONS,
    EPSILONS,
    EVERY,
    STEPS,
    TINY,
    WIDTHS,
    separation,
)
from tests.unit.test_explorables import said, tree

DEFAULT = {"epsilon": 1e-6, "width": 32, "activation": "tanh"}

sweep = [{**DEFAULT, "epsilon": epsilon} for epsilon in EPSILONS]
sweep += [{**DEFAULT, "width": width} for width in WIDTHS]
sweep += [{**DEFAULT, "activation": activation} for activation in ACTIVATIONS]
sweep += [
    {"epsilon": epsilon, "width": width, "activation": activation}
    for epsilon, width, activation in [
        *itertools.product((EPSILONS[0], EPSILONS[-1]), WIDTHS, ("relu", "sigmoid")),
        (1e-3, 7, "sigmoid"),
        (1e-9, 19, "relu"),
    ]
]


def first_apart(epsilon, width, activation="tanh"):
    """The first frame in which more than one unit is seen, or the number of frames."""
    apart = separation(epsilon, width, activation).distinct > 1
    return int(np.argmax(apart)) if apart.any() else len(apart)


@pytest.mark.parametrize(
    "controls", sweep, ids=lambda controls: "-".join(map(str, controls.values()))
)
def test_separation_over_its_controls(controls):
    seen = separation(**controls)
    frames, width = STEPS // EVERY + 1, controls["width"]
    np.testing.assert_array_equal(seen.steps, np.arange(frames) * EVERY)
    assert seen.positions.shape == (frames, width, 2)
    assert seen.distinct.shape == seen.accuracy.shape == (frames,)
    assert all(np.isfinite(part).all() for part in seen)
    assert (seen.distinct >= 1).all() and (seen.distinct <= width).all()
    assert (seen.accuracy >= 0).all() and (seen.accuracy <= 1).all()
    assert np.abs(seen.positions).max() <= seen.reach
    centre = np.abs(seen.positions.mean(axis=1)).max()
    assert centre < 1e-12 * seen.reach + 1e-12
    if controls["epsilon"] == EPSILONS[-1]:
        assert seen.distinct[0] == width
    if controls["epsilon"] <= 1e-6:
        assert seen.distinct[0] == 1


def test_separation_is_the_same_again():
    again = separation.__wrapped__(**DEFAULT)
    for one, other in zip(separation(**DEFAULT), again):
        np.testing.assert_array_equal(one, other)


def test_positions_do_not_depend_on_the_signs_that_the_svd_chooses():
    svd = np.linalg.svd

    def flipped(*arguments, **options):
        U, s, V = svd(*arguments, **options)
        return -U, s, -V

    with patch("numpy.linalg.svd", flipped):
        other = separation.__wrapped__(**DEFAULT)
    np.testing.assert_array_equal(other.positions, separation(**DEFAULT).positions)


def test_less_noise_never_parts_the_units_earlier():
    frames = [first_apart(epsilon, DEFAULT["width"]) for epsilon in EPSILONS]
    assert frames == sorted(frames, reverse=True)
    assert frames[-1] == 0 and 0 < frames[EPSILONS.index(1e-6)] < STEPS // EVERY


def test_the_activations_differ_as_the_lesson_asks():
    frames = {name: first_apart(1e-6, 32, name) for name in ACTIVATIONS}
    assert max(frames, key=frames.get) == "sigmoid" and frames["sigmoid"] > frames["tanh"]


@pytest.mark.parametrize("change", [{"epsilon": -1}, {"epsilon": np.nan}, {"width": 0}])
def test_separation_refuses(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        separation(**{**DEFAULT, **change})


# What is drawn and said of a frame


def test_the_spread_starts_at_the_noise_and_follows_linear_theory_while_it_is_small():
    seen = separation(**DEFAULT)
    numbers = 64 + 10  # of a unit that have noise; its bias has none
    assert seen.spread[0] == pytest.approx(1e-6 * np.sqrt(numbers * 31 / 32), rel=0.05)
    small = seen.spread < 0.01
    assert small.sum() > 3
    np.testing.assert_allclose(seen.spread[small], seen.predicted[small], rtol=0.02)
    assert seen.predicted[-1] > 100 * seen.spread[-1]
    assert separation(0.0, 32, "tanh").predicted.max() == 0
    tiny = separation(TINY, 32, "tanh")
    np.testing.assert_allclose(tiny.spread, tiny.predicted, rtol=1e-6)


# What is drawn and said of a frame


def test_the_picture_shows_the_frame():
    figure, draw = symmetry.new_picture()
    plane, growth = figure.axes
    for frame in (0, 30):
        seen = separation(**DEFAULT)
        draw((seen, frame))
        (dots,) = plane.collections
        np.testing.assert_allclose(dots.get_offsets(), seen.positions[frame] / seen.reach)
        spread, linear = growth.lines
        for line, values in ((spread, seen.spread), (linear, seen.predicted)):
            np.testing.assert_array_equal(line.get_xdata(), seen.steps[: frame + 1])
            np.testing.assert_array_equal(line.get_ydata(), values[: frame + 1])
    assert linear.get_linestyle() == "--" and "theory" in linear.get_label()
    assert "first direction" in plane.get_xlabel() and growth.get_yscale() == "log"


@pytest.mark.parametrize(
    "distinct, state",
    [
        (1, "all 4 dots lie on one another"),
        (3, "3 of 4 units can be told apart"),
        (4, "all 4 units differ"),
    ],
)
def test_words_for_what_is_seen(distinct, state):
    seen = symmetry.Separation(
        np.array([0, 10]),
        np.zeros((2, 4, 2)),
        np.array([9, distinct]),
        np.array([0, 0.873]),
        1,
        np.array([0, 2e-5]),
        np.array([0, 2e-5]),
    )
    said = symmetry.describe((seen, 1))
    assert said == (
        f"Step 10: {state}, their distance from the mean is 2e-05, "
        "and the network reads 87% of the test digits."
    )


# The widget


def test_the_first_picture_shows_the_start(monkeypatch):
    monkeypatch.setattr(figures, "DPI", 40)
    breaker = symmetry.build()
    assert breaker.values() == {**DEFAULT, "step": 0}
    assert said(breaker).startswith("Step 0: all 32 dots")


def test_the_player_drives_the_steps(monkeypatch):
    monkeypatch.setattr(figures, "DPI", 40)
    breaker = symmetry.build()
    step = breaker.controls["step"]
    (play,) = (each for each in tree(breaker.box) if isinstance(each, widgets.Play))
    links = [each for each in _instances.values() if type(each).__name__ == "Link"]
    assert any({end[0] for end in (each.source, each.target)} == {play, step} for each in links)
    assert (play.min, play.max, play.step) == (step.min, step.max, step.step) == (0, STEPS, EVERY)
