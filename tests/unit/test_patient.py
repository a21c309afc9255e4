import re

import ipywidgets as widgets
import numpy as np
import pytest

from initlib import figures
from initlib.explorables import clinic, patient
from initlib.explorables.clinic import FASTER, PLOTS, written
from initlib.explorables.patient import consulted, describe
from tests.unit.test_clinic import FIRST, plots_of
from tests.unit.test_explorables import covered, said, tree

# What is said


def test_the_sentence_gives_the_numbers():
    said = describe(consulted(FIRST["g"], "signals", "", ""))
    variance, moment = plots_of(FIRST["g"], "g")["signals"]
    assert ", ".join(map(written, variance)) + "; E[z²] " in said
    assert "E[z²] " + ", ".join(map(written, moment)) in said
    healthy = plots_of(FIRST["g"], "")["signals"][0]
    assert f"healthy from {written(healthy[0])} to {written(healthy[-1])}." in said
    said = describe(consulted(FIRST["h"], "loss", "", ""))
    loss = plots_of(FIRST["h"], "h")["loss"][0]
    assert f"{written(loss[0])} at step 0, not finite from step {np.isinf(loss).argmax()}" in said
    said = describe(consulted(FIRST["b"], "loss", "", ""))  # it leaps and comes back
    loss = plots_of(FIRST["b"], "b")["loss"][0]
    end = f"at most {written(loss.max())}, {loss[-10:].mean():.2f} in the last ten of 50 steps; "
    assert f": {loss[0]:.2f} at step 0, {end}" in said
    assert "0 in all" in describe(consulted(FIRST["a"], "gradients", "", ""))
    assert "Ask for a plot" in describe(consulted(3, "", "", ""))


@pytest.mark.parametrize("plot", PLOTS)
def test_the_sentence_holds_numbers_and_no_name(plot):
    value = r"(\d[\d.e-]*|undefined|infinite)"
    forms = {
        "loss": r"loss in nats: V at step 0, (at most V, V in the last ten of 50 steps|not finite "
        r"from step V on); healthy V at step 0, at most V, V in the last ten of 50 steps",
        "signals": r"signals, variance over examples in layers 1 to 9: (V(, V)+|V in all); "
        r"E\[z²\] (V(, V)+|V in all); healthy from V to V",
        "gradients": r"gradients, standard deviation of dW in layers 1 to 9: (V(, V)+|V in all); "
        "healthy from V to V",
        "updates": r"update over weight in layers 1 to 9: (V(, V)+|V in all); healthy from V to V",
    }
    form = rf"Patient V, plot \d {forms[plot]}\. Not named yet: fault and cure\."
    for number in FIRST.values():
        said = describe(consulted(number, plot, "", ""))
        assert re.fullmatch(form.replace("V", value), said), said


# The picture


def lines_of(axes):
    return {line.get_label(): line for line in axes.lines}


@pytest.mark.parametrize("plot", ["", *PLOTS])
def test_only_the_plot_that_was_asked_for_is_drawn(plot):
    figure, draw = patient.new_picture()
    loss, by_layer = figure.axes
    for number in (FIRST["g"], FIRST["h"]):
        seen = consulted(number, plot, "", "")
        draw(seen)
        shown, other = (loss, by_layer) if plot == "loss" else (by_layer, loss)
        assert not any(line.get_visible() for line in other.lines)
        lines = lines_of(shown)
        visible = {name for name, line in lines.items() if line.get_visible()}
        curves = {"healthy", "patient"} if plot else set()
        curves |= {"patient: E[z²]"} if plot == "signals" else set()
        assert visible - {"reference"} == curves
        if plot:
            first = 0 if plot == "loss" else 1
            for name, values in zip(lines, (seen.healthy, *seen.curves)):
                within = np.clip(values, *shown.get_ylim())  # beyond is drawn at the edge
                np.testing.assert_array_equal(lines[name].get_ydata(), within)
                assert lines[name].get_xdata()[0] == first
    *ends, asked = by_layer.texts
    assert all(end.get_visible() == (plot not in ("", "loss")) for end in ends)
    heading = PLOTS[plot].heading if plot not in ("", "loss") else "2, 3, 4 by layer"
    assert asked.get_text() == heading


@pytest.mark.parametrize("plot", PLOTS)
def test_the_reference_is_dashed_and_the_course_s(plot):
    figure, draw = patient.new_picture()
    draw(consulted(2, plot, "", ""))
    reference = lines_of(figure.axes[0 if plot == "loss" else 1])["reference"]
    assert reference.get_linestyle() == "--"
    if plot == "gradients":
        assert not reference.get_visible()
        return
    assert reference.get_visible()
    (level,) = set(reference.get_ydata())
    if plot == "signals":  # what He keeps: 2 E[x²], and so E[z²] of healthy networks
        moments = [plots_of(number, "")["signals"][1, 0] for number in range(1, 13)]
        assert np.mean(moments) == pytest.approx(level, rel=0.05)
    else:
        assert level == {"loss": np.log(10), "updates": 1e-3}[plot]


def test_the_diagnosis_is_written_above():
    figure, draw = patient.new_picture()
    *_, fault, cure = figure.axes[0].texts
    draw(consulted(FIRST["d"], "", "", ""))
    assert fault.get_text().strip() == "fault: not named yet"
    assert cure.get_text().strip() == "cure: not named yet"
    draw(consulted(FIRST["d"], "", "e", "weights × 10"))
    assert fault.get_text() == "fault: e variance 2/n used as std  ✗ wrong"
    assert cure.get_text() == "cure: weights × 10  ✓ right"


# The widget


@pytest.fixture
def explorable(monkeypatch):
    monkeypatch.setattr(figures, "DPI", 40)
    return patient.build()


def test_at_first_nothing_is_asked_or_named(explorable):
    assert explorable.values() == {"number": 1, "plot": "", "fault": "", "cure": ""}
    number = explorable.controls["number"]
    assert (number.min, number.max) == (1, 999)
    names = [name for name, _ in explorable.controls["fault"].options]
    assert names[0] == "not named yet" and len(names) == 11


@pytest.mark.parametrize("number, following", [(7, 8), (999, 1)])
def test_the_button_goes_on_to_the_next_patient(explorable, number, following):
    explorable.set(number=number, plot="loss", fault="a", cure=FASTER)
    (button,) = (
        each
        for each in tree(explorable.box)
        if isinstance(each, widgets.Button) and each.description == "Next patient"
    )
    button.click()
    assert explorable.values() == {"number": following, "plot": "", "fault": "", "cure": ""}
    assert said(explorable).startswith(f"Patient {following}, ")


def test_only_the_plot_of_the_loss_trains():
    number, trained = 77, clinic._trained.cache_info
    before = trained().misses
    for plot in list(PLOTS)[1:]:
        consulted(number, plot, "", "")
        consulted(number, plot, "a", FASTER)
    consulted(number, "", "j", FASTER)
    assert trained().misses == before
    consulted(number, "loss", "", "")
    assert trained().misses == before + 2  # the patient and the healthy one
    consulted(number, "loss", "", "")
    assert trained().misses == before + 2


@pytest.mark.parametrize(
    "change, problem",
    [
        ({"number": 0}, "number must be at least 1"),
        ({"number": 1000}, "number must be at most 999"),
        ({"plot": "weights"}, "plot must be one of"),
        ({"fault": "k"}, "fault must be one of"),
        ({"cure": "rest"}, "cure must be one of"),
    ],
)
def test_a_consultation_refuses(change, problem):
    with pytest.raises(ValueError, match=problem):
        consulted(**{"number": 1, "plot": "", "fault": "", "cure": "", **change})


def test_no_name_covers_another(monkeypatch):
    monkeypatch.setattr(figures, "DPI", 40)
    opened = patient.build()
    for number in range(1, 12):
        for plot in PLOTS:
            opened.set(number=number, plot=plot)
            assert covered(opened) == [], (number, plot)
