import gc
import itertools
from unittest.mock import patch

import ipywidgets as widgets
import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

from initlib import _display, explorables, plots
from initlib.explorables import ACTIVATIONS, EPSILONS, EVERY, STEPS, WIDTHS, separation

WIDGET = "application/vnd.jupyter.widget-view+json"
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


def test_draw_separation():
    _, axes = plots.new_figure()
    seen = separation(**DEFAULT)
    for frame in (0, 30):
        explorables.draw_separation(axes, seen, frame)
        (dots,) = axes.collections
        np.testing.assert_allclose(dots.get_offsets(), seen.positions[frame])
        assert axes.get_xlim() == axes.get_ylim() == (-seen.reach, seen.reach)
        title = axes.get_title(loc="left")
        assert title.startswith(f"step {frame * EVERY}: {seen.distinct[frame]} distinct")
        assert "first direction" in axes.get_xlabel() and axes.get_ylabel() == "second direction"


@pytest.mark.parametrize(
    "distinct, count, state",
    [
        (1, "1 distinct hidden unit", "all 4 dots lie on one another"),
        (3, "3 distinct hidden units", "3 of 4 units can be told apart"),
        (4, "4 distinct hidden units", "all 4 units differ"),
    ],
)
def test_words_for_what_is_seen(distinct, count, state):
    seen = explorables.Separation(
        np.array([0, 10]),
        np.zeros((2, 4, 2)),
        np.array([9, distinct]),
        np.array([0, 0.873]),
        1,
    )
    assert explorables.describe_count(distinct) == count
    said = explorables.describe_separation(seen, 1)
    assert said == f"Step 10: {state}, and the network reads 87% of the test digits."


# The widget


def tree(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from tree(child)


class Breaker:
    """The widget that symmetry_breaker displays, its parts by what a learner calls them."""

    def __init__(self):
        with patch.object(_display, "display") as display:
            assert explorables.symmetry_breaker() is None
        assert display.call_count == 1
        self.bundle = display.call_args.args[0]
        self.box = _instances[self.bundle[WIDGET]["model_id"]]
        self.all = list(tree(self.box))
        named = {each.description: each for each in self.all if getattr(each, "description", "")}
        self.epsilon, self.width = named["noise ε"], named["width (units)"]
        self.activation, self.step = named["activation φ"], named["training step"]
        self.reset = named["Reset"]
        (self.image,) = (each for each in self.all if isinstance(each, widgets.Image))
        (self.sentence,) = (each for each in self.all if type(each) is widgets.HTML)
        self.controls = [self.epsilon, self.width, self.activation, self.step]

    def seen(self):
        return bytes(self.image.value), self.sentence.value


@pytest.fixture(autouse=True)
def coarse_pictures(monkeypatch):
    monkeypatch.setattr(plots, "DPI", 40)  # painting is most of the time of these tests


@pytest.fixture
def breaker():
    return Breaker()


@pytest.mark.parametrize(
    "name, value",
    [
        ("epsilon", 0.1),
        ("epsilon", 0.0),
        ("width", 2),
        ("width", 64),
        ("activation", "relu"),
        ("activation", "sigmoid"),
        ("step", 0),
        ("step", 300),
    ],
)
def test_each_control_repaints_the_picture_and_the_sentence(breaker, name, value):
    breaker.step.value = 100
    picture, sentence = breaker.seen()
    getattr(breaker, name).value = value
    assert breaker.image.value != picture and breaker.sentence.value != sentence
    now = {name: getattr(breaker, name).value for name in DEFAULT}
    frame = breaker.step.value // EVERY
    said = explorables.describe_separation(separation(**now), frame)
    assert breaker.sentence.value == said


def test_the_first_picture_is_there_and_reset_brings_it_back(breaker):
    first = breaker.seen()
    assert first[0].startswith(b"\x89PNG") and first[1].startswith("Step 0: all 32 dots")
    at_first = [control.value for control in breaker.controls]
    assert at_first == [*DEFAULT.values(), 0]
    breaker.step.value, breaker.width.value = 300, 2
    breaker.activation.value, breaker.epsilon.value = "relu", 0.1
    assert breaker.seen()[1] != first[1]
    breaker.reset.click()
    assert [control.value for control in breaker.controls] == at_first
    assert breaker.seen() == first


def test_controls_can_reach_all_and_nothing_else(breaker):
    assert [value for _, value in breaker.epsilon.options] == list(EPSILONS)
    assert (breaker.width.min, breaker.width.max) == WIDTHS
    assert breaker.activation.options == ACTIVATIONS
    assert (breaker.step.min, breaker.step.max, breaker.step.step) == (0, STEPS, EVERY)


def test_the_player_drives_the_steps(breaker):
    (play,) = (each for each in breaker.all if isinstance(each, widgets.Play))
    links = [each for each in _instances.values() if type(each).__name__ == "Link"]
    assert any(
        {end[0] for end in (each.source, each.target)} == {play, breaker.step} for each in links
    )
    assert (play.min, play.max, play.step) == (0, STEPS, EVERY)


def test_all_can_be_done_from_the_keyboard_and_nothing_needs_an_output(breaker):
    keyboard = (
        widgets.SelectionSlider,
        widgets.IntSlider,
        widgets.Dropdown,
        widgets.Button,
    )
    assert all(isinstance(each, keyboard) for each in (*breaker.controls, breaker.reset))
    assert not any(isinstance(each, widgets.Output) for each in breaker.all)


def test_without_a_front_end_a_sentence_stands_for_it(breaker):
    assert set(breaker.bundle) == {WIDGET, "text/html", "text/plain"}
    for form in ("text/html", "text/plain"):
        assert "symmetry breaker" in breaker.bundle[form] and "run this" in breaker.bundle[form]
    assert "(children" not in breaker.bundle["text/plain"]


def test_one_figure_and_no_growth_over_many_updates():
    with patch.object(plots, "new_figure", wraps=plots.new_figure) as new_figure:
        breaker = Breaker()

        def objects_after(updates):
            for step in itertools.islice(itertools.cycle(range(0, STEPS, EVERY)), updates):
                breaker.step.value = step
            gc.collect()
            return len(gc.get_objects())

        before = objects_after(10)
        assert objects_after(25) - before < 250
    assert new_figure.call_count == 1
