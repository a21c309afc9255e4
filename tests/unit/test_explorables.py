"""What holds of every interactive: each control has its effect, and no value breaks it.

A callback that raises only when a control moves passes nbval, so all values are visited here.
What one interactive alone must do stands in the test of its module.
"""

import functools
import gc
import html
import importlib
import io
import itertools
import pkgutil
import re
import subprocess
import sys
import warnings
from unittest.mock import patch

import ipywidgets as widgets
import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances
from matplotlib.text import Text
from PIL import Image
from traitlets import TraitError

from initlib import _display, explorables, figures
from initlib.explorables import NAMES, explore
from initlib.explorables._frame import Explorable, Painter, compared
from initlib.explorables.clinic import FAULTS, drawn

WIDGET = "application/vnd.jupyter.widget-view+json"
# What has to be set first for a control to have an effect.
OPENED = {
    "knob": {"locked": True},
    "patient": {"plot": "signals"},
    "symmetry": {"step": 200},
}
# What does as the invitation says; in the race, once it is run.
DOES = {
    "race": {"rate": 0.003, "hidden": 3},
    "symmetry": {"epsilon": 1e-3, "step": 450},
    "knob": {"gain": 2**0.5, "depth": 50, "locked": True},
    "moments": {"quantity": "E[a²]"},
    "bottleneck": {f"layer_{k}": 256 for k in range(5)},
    "lottery": {"width": 512, "depth": 50},
    "formula": {"numerator": "2", "denominator": "n_in"},
    "phase": {"sigma_w": 1.4, "sigma_b": 0.3},
    "width": {"optimizer": "Adam", "output": -1.0, "second": -1.0, "last": -1.0},
    "patient": {"number": 1, "fault": drawn(1)[0], "cure": FAULTS[drawn(1)[0]].cure},
    "branches": {"scale": 0.25, "depth": 64},
    "attention": {"gain": 2**1.5, "depth": 8},
}
every_explorable = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(autouse=True)
def coarse_pictures(monkeypatch):
    monkeypatch.setattr(figures, "DPI", 40)  # painting is most of the time of these tests


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings(action="error"):
        # An old matplotlib with a new pyparsing is warned of its own calls.
        warnings.filterwarnings(
            "ignore", category=DeprecationWarning, module="matplotlib|pyparsing"
        )
        yield


def module(name):
    return importlib.import_module(f"initlib.explorables.{name}")


@functools.cache
def made(name):
    explorable = module(name).build()
    return explorable, explorable.values()


def at_first(name):
    """As it opens. It is made once for all tests: laying out its axes takes most of their time."""
    explorable, values = made(name)
    explorable.set(**values)
    return explorable


def build(name):
    """And so that each control has an effect."""
    explorable = at_first(name)
    explorable.set(**OPENED.get(name, {}))
    return explorable


def values_of(control):
    """All the values that a control can have."""
    if isinstance(control, (widgets.SelectionSlider, widgets.Dropdown, widgets.ToggleButtons)):
        options = control.options
        return [each[1] if isinstance(each, tuple) else each for each in options]
    if isinstance(control, widgets.IntSlider):
        return list(range(control.min, control.max + 1, control.step))
    if isinstance(control, widgets.BoundedIntText):
        return [control.min, control.min + 1, control.min + 2]
    assert isinstance(control, widgets.ToggleButton), type(control)
    return [False, True]


def seen(explorable):
    return bytes(explorable.image.value), said(explorable)


def said(explorable):
    """The sentence below the picture, without its HTML."""
    return html.unescape(re.sub("<[^>]+>", "", explorable.sentence.value))


def ends_and_options(explorable):
    """Each control's first, last and middle value, and each of a list's, the others as at first."""
    for name, control in explorable.controls.items():
        values = values_of(control)
        few = values if len(values) <= 12 else [values[0], values[len(values) // 2], values[-1]]
        yield from ({name: value} for value in few)


def assert_shown(explorable):
    picture, sentence = seen(explorable)
    assert picture.startswith(b"\x89PNG")
    shades = Image.open(io.BytesIO(picture)).convert("L").getextrema()
    assert shades[0] < 128 < shades[1], "an empty picture"
    assert 20 < len(sentence) < 600 and "nan" not in sentence.lower().split(), sentence
    assert covered(explorable) == []


def covered(explorable):
    """Pairs of titles and texts in the picture of which one lies over the other."""
    canvas = explorable._painter._canvas
    parts = [part for axes in canvas.figure.axes for part in axes.get_children()]
    texts = [part for part in parts if isinstance(part, Text) and part.get_visible()]
    boxes = [(text.get_text(), text.get_window_extent(canvas.renderer)) for text in texts]
    boxes = [(text, box.padded(-1)) for text, box in boxes if text.strip()]
    pairs = itertools.combinations(boxes, 2)
    return [(one, other) for (one, a), (other, b) in pairs if a.overlaps(b)]


@every_explorable
def test_random_combinations(name):
    explorable, rng = build(name), np.random.default_rng(0)
    for _ in range(12):
        explorable.set(
            **{
                key: values[rng.integers(len(values))]
                for key, values in (
                    (key, values_of(control)) for key, control in explorable.controls.items()
                )
            }
        )
        assert_shown(explorable)


@every_explorable
def test_each_control_changes_the_picture_and_the_sentence(name):
    explorable = build(name)
    begin = explorable.values()
    for key, control in explorable.controls.items():
        explorable.set(**begin)
        before = seen(explorable)
        changed = []
        for value in values_of(control):
            if value != begin[key]:
                control.value = value
                changed.append(seen(explorable))
            if any(p != before[0] for p, _ in changed) and any(s != before[1] for _, s in changed):
                break
        assert any(picture != before[0] for picture, _ in changed), f"{key}: the same picture"
        assert any(sentence != before[1] for _, sentence in changed), f"{key}: the same sentence"


@every_explorable
def test_reset_brings_back_the_first_picture_and_paints_once(name):
    explorable = at_first(name)
    values, first = explorable.values(), seen(explorable)
    for key, control in explorable.controls.items():
        explorable.set(**{key: values_of(control)[-1]})
    (reset,) = (
        each for each in tree(explorable.box) if getattr(each, "description", "") == "Reset"
    )
    with patch.object(Painter, "png", autospec=True, side_effect=Painter.png) as png:
        reset.click()
    assert png.call_count == 1
    assert explorable.values() == values and seen(explorable) == first


@every_explorable
def test_who_does_as_the_invitation_says_is_told(name):
    explorable = at_first(name)
    inviting = explorable.invitation.value
    assert "Try it.</b>" in inviting
    explorable.set(**DOES[name])
    if name == "race":
        *_, end = module(name).laps(**explorable.values())
        explorable.show_seen(end)
    told = explorable.invitation.value
    assert "✓ Done.</b>" in told and told.partition("</b>")[2] == inviting.partition("</b>")[2]


def tree(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from tree(child)


@every_explorable
def test_all_can_be_named_and_done_from_the_keyboard(name):
    explorable = build(name)
    keyboard = (
        widgets.SelectionSlider,
        widgets.IntSlider,
        widgets.BoundedIntText,
        widgets.Dropdown,
        widgets.ToggleButton,
        widgets.ToggleButtons,
    )
    for key, control in explorable.controls.items():
        assert isinstance(control, keyboard) and control.description.strip(), key
        assert control in list(tree(explorable.box)), f"{key} is not shown"
        if isinstance(control, (widgets.SelectionSlider, widgets.IntSlider)):
            assert control.readout and control.continuous_update
    assert not any(isinstance(each, widgets.Output) for each in tree(explorable.box))


def test_what_can_be_built_can_be_shown_by_its_name():
    found = [each.name for each in pkgutil.iter_modules(explorables.__path__)]
    assert sorted(NAMES) == sorted(name for name in found if hasattr(module(name), "build"))


@pytest.mark.parametrize("name", ["clinic", "_frame", "the race", "", None])
def test_another_name_gets_the_names_to_choose_from(name):
    listed = f"name must be one of race, .*, {NAMES[-1]}"
    with pytest.raises(ValueError, match=f"{listed}; {name!r} is not"):
        explore(name)


def test_an_interactive_is_imported_when_it_is_shown():
    code = "import initlib.explorables, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "initlib.explorables" in loaded and "ipywidgets" not in loaded
    assert not [name for name in loaded if name.startswith("initlib.explorables.")]


def displayed(name):
    """What ``explore`` hands to the front end."""
    with patch.object(_display, "display") as display:
        assert explore(name) is None
    assert display.call_count == 1
    return display.call_args.args[0]


@every_explorable
def test_without_a_front_end_a_sentence_stands_for_it(name):
    bundle = displayed(name)
    assert set(bundle) == {WIDGET, "text/html", "text/plain"}
    for form in ("text/html", "text/plain"):
        assert "run this notebook to play" in bundle[form]
    assert "(children" not in bundle["text/plain"]
    box = _instances[bundle[WIDGET]["model_id"]]
    assert "initlib-explorable" in box._dom_classes
    assert bundle[WIDGET] == box._repr_mimebundle_()[WIDGET]  # which ipywidgets 7 lacks


@every_explorable
def test_each_control_s_values_in_one_figure_without_growth(name):
    explorable = build(name)
    begin, changes = explorable.values(), list(ends_and_options(explorable))
    gc.collect()
    gc.freeze()  # what is there before is not counted

    def objects_after(updates):
        for change in itertools.islice(itertools.cycle(changes), updates):
            explorable.set(**{**begin, **change})
            assert_shown(explorable)
        gc.collect()
        return len(gc.get_objects())

    try:
        with patch.object(figures, "new_figure", wraps=figures.new_figure) as new_figure:
            before = objects_after(len(changes))
            assert objects_after(30) - before < 75
    finally:
        gc.unfreeze()
    assert new_figure.call_count == 0


# The frame


def test_the_painter_draws_what_matplotlib_draws():
    figure, axes = figures.new_figure(size=(6, 4))
    (line,) = axes.plot([0, 1], [0, 1])
    axes.text(0.2, 0.6, "moves")
    figures.label(axes, title="t", xlabel="x", ylabel="y")
    painter = Painter(figure)
    line.set_ydata([1, 0])
    painted = pixels(painter.png())
    for artist in (*axes.lines, *axes.texts):
        artist.set_animated(False)
    figure.canvas.draw()
    whole = np.asarray(figure.canvas.buffer_rgba(), dtype=int)[..., :3]
    # Only where the line crosses the frame may the order of drawing show. 15: of 256 colours.
    assert np.mean(np.abs(painted - whole).max(axis=-1) > 15) < 0.01
    assert painted.max() == 255, "white is not white"
    assert np.array_equal(pixels(painter.png()), painted)


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=int)


def test_theories_are_dashed_beside_what_is_measured_and_all_are_told_apart():
    _, axes = figures.new_figure(size=(6, 4))
    lines = compared(axes, {"up": "theory of up", "down": "theory of down"}, [1, 2])
    assert lines == list(axes.lines)
    assert [line.get_label() for line in lines] == ["up", "down", "theory of up", "theory of down"]
    measured, theories = lines[:2], lines[2:]
    assert {line.get_linestyle() for line in theories} == {"--"}
    assert {line.get_color() for line in theories} == {figures.THEORY["color"]}
    for pair in (measured, theories):
        assert len({line.get_marker() for line in pair}) == 2
    initializations = set(figures.STYLES) - set(figures.NEUTRAL)
    theirs = {figures.STYLES[name]["color"] for name in initializations}
    assert not theirs & {line.get_color() for line in measured}


def heights(calls):
    """An interactive that computes, draws and says one number, and notes each time it does."""
    figure, axes = figures.new_figure(size=(3, 2))
    (line,) = axes.plot([0, 1], [0, 0])
    control = widgets.IntSlider(1, 0, 5, description="height")
    other = widgets.Dropdown(options=["left", "right"], description="side")
    explorable = Explorable(
        "The line",
        "Raise it above 3.",
        lambda height: height > 3,
        {"height": control, "side": other},
        lambda height, side: calls.append(height) or height,
        figure,
        lambda height: line.set_ydata([0, height]),
        lambda height: f"It ends at `{height}`.",
    )
    return explorable, line


def test_a_change_computes_once_and_hands_on_what_was_computed():
    explorable, line = heights(calls := [])
    assert calls == [1] and "It ends at <code>1</code>." in explorable.sentence.value
    before = explorable.image.value
    assert "Try it.</b> Raise it above 3." in explorable.invitation.value
    explorable.controls["height"].value = 4
    assert calls == [1, 4] and list(line.get_ydata()) == [0, 4]
    assert explorable.image.value != before
    assert "✓ Done.</b> Raise it above 3." in explorable.invitation.value
    explorable.set(height=4, side="right")
    assert calls == [1, 4, 4] and explorable.values() == {"height": 4, "side": "right"}


def test_a_value_that_is_refused_does_not_hold_the_picture():
    explorable, line = heights(calls := [])
    with pytest.raises(TraitError):
        explorable.set(height=3, side="above")
    assert explorable.values() == {"height": 3, "side": "left"}
    assert calls == [1, 3] and list(line.get_ydata()) == [0, 3]  # it shows what the controls say
    explorable.controls["height"].value = 2
    assert calls == [1, 3, 2] and "2" in said(explorable)
