"""Chapter 08, the patient: a network with a hidden fault of its start, to be found by four plots.

What is known of the patients stands in ``clinic``; here one is consulted, drawn and described.
"""

from typing import NamedTuple

import ipywidgets as widgets
import matplotlib
import numpy as np

from initlib import figures
from initlib._checks import check_count, check_option
from initlib.explorables._frame import WIDE, Explorable, apart, choice, legend
from initlib.explorables.clinic import (
    CURES,
    FAULTS,
    LAST,
    LAYERS,
    LOSSES,
    PLOTS,
    STEPS,
    curves,
    drawn,
    examples,
    judged,
    written,
)

LINE = 0.07  # of an axis, in which a name stands


class Patient(NamedTuple):
    """What the plot that was asked for shows, and what is told of the diagnosis."""

    number: int
    plot: str  # a key of PLOTS, or "" before one is asked for
    curves: np.ndarray  # (1 or 2, points) of the patient; a second one is E[z²]
    healthy: np.ndarray  # (points,)
    fault: str  # as named: a key of FAULTS and one of CURES, or ""
    cure: str
    right: tuple  # fault and cure: "right", "wrong", or "" before both are named
    told: str


def consulted(number, plot, fault, cure):
    """Ask for one plot of a patient and, where fault and cure are named, for the verdict."""
    if check_count("number", number) > LAST:
        raise ValueError(f"number must be at most {LAST}, not {number}")
    check_option("plot", plot, ("", *PLOTS))
    check_option("fault", fault, FAULTS)
    check_option("cure", cure, CURES)
    shown = np.empty((1, 0)), np.empty(0)
    if plot:
        shown = curves(number, plot, drawn(number)[0]), curves(number, plot, "")[0]
    return Patient(number, plot, *shown, fault, cure, *judged(number, plot, fault, cure))


def _panels():
    """A panel for the loss and one for the plots by layer, each with a line for every curve."""
    figure, panels = figures.new_figure(1, 2, size=(5.4, 4.0), width_ratios=[2, 3])
    figure.get_layout_engine().set(rect=(0, 0, 1, 0.93))  # the diagnosis stands above
    looks = figures.looks(["healthy", "patient", "patient: E[z²]"], {"healthy": "He"})
    for axes, limits in zip(panels, (LOSSES, LAYERS)):
        for name, look in looks.items():
            axes.plot([], [], label=name, **look)
        axes.axhline(1, label="reference", **figures.THEORY)
        axes.set(ylim=limits, yscale="log")
        place = {"transform": axes.get_xaxis_transform(), "ha": "right", "va": "center"}
        for name in ("healthy", "patient"):  # each above the end of its curve
            axes.text(0, 0, name, fontsize=9, **place)
    panels[0].set(xlim=(-1, STEPS), xticks=(0, 20, 40))
    panels[0].set_yticks([0.1, 1, 10, 100], ["≤ 0.1", "1", "10", "≥ 100"])
    panels[1].set_yticks([1e-12, 1e-8, 1e-4, 1, 1e4], ["≤ 1e-12", "1e-8", "1e-4", "1", "≥ 1e4"])
    panels[1].set(xlim=(0.6, 9.4), xticks=range(1, 10))
    figures.label(panels[0], title="1 loss", xlabel="training step", ylabel="nats")
    figures.label(panels[1], title="", xlabel="layer", ylabel="what is named above (1)")
    legend(figure)
    return figure, panels


@matplotlib.rc_context(figures.RC)
def new_picture():
    """The panels, with the diagnosis above them: a figure and its ``draw``."""
    figure, panels = _panels()
    any_asked = "2, 3, 4 by layer"
    place = {"transform": panels[1].transAxes, "ha": "right", "fontsize": 11}
    asked = panels[1].text(1, 1.033, any_asked, **place)
    place = {"transform": figure.transFigure, "va": "top", "fontsize": 9}
    diagnosis = [panels[0].text(x, 0.985, "", **place) for x in (0.02, 0.55)]
    level = 2 * np.mean(examples()[0] ** 2)  # of E[z²], by He
    references = {"loss": np.log(10), "signals": level, "updates": 1e-3}

    def draw(seen):
        for panel in panels:
            for artist in (*panel.lines, *panel.texts[:2]):
                artist.set_visible(False)
        by_layer = seen.plot not in ("", "loss")
        asked.set_text(PLOTS[seen.plot].heading if by_layer else any_asked)
        if seen.plot:
            *lines, reference = panels[int(by_layer)].lines
            ends = panels[int(by_layer)].texts[:2]
            points = np.arange(len(seen.healthy)) + by_layer
            for line, values in zip(lines, (seen.healthy, *seen.curves)):
                line.set_data(points, np.clip(values, *line.axes.get_ylim()))
                line.set_markevery(max(1, len(points) // 8))
                line.set_visible(True)
            last = [line.get_ydata()[-1] for line in lines[:2]]
            finite = np.isfinite(last)
            low, high = reference.axes.get_ylim()
            heights = np.log(np.where(finite, last, low) / low) / np.log(high / low)
            for end, height, there in zip(ends, apart(heights + LINE / 2, LINE), finite):
                end.set(x=points[-1], y=height, visible=bool(there))
            reference.set_ydata([references.get(seen.plot, 1)] * 2)
            reference.set_visible(seen.plot in references)
        named = f"{seen.fault} {FAULTS[seen.fault].name}" if seen.fault else "", seen.cure
        for text, what, name, right in zip(diagnosis, ("fault", "cure"), named, seen.right):
            mark = {"right": "✓ ", "wrong": "✗ "}.get(right, "")
            text.set_text(f"{what}: {name or 'not named yet'}  {mark}{right}")

    return figure, draw


def listed(values):
    """All of a curve, or one word for it."""
    words = [written(each) for each in values]
    return f"{words[0]} in all" if len(set(words)) == 1 else ", ".join(words)


def course(loss):
    """How a loss begins and ends."""
    begin, finite = loss[0], np.isfinite(loss)
    begin = f"{written(begin) if begin > 100 else f'{begin:.2f}'} at step 0"
    if finite.all():
        end = f"{loss[-10:].mean():.2f} in the last ten of {STEPS} steps"
        return f"{begin}, at most {written(loss.max())}, {end}"
    return f"{begin}, not finite from step {finite.argmin()} on"


def describe(seen):
    """The numbers of the plot that was asked for, and the verdict."""
    said = "eight hidden ReLU layers of 64 units and one fault of the start. Ask for a plot."
    if seen.plot == "loss":
        said = f"plot 1 loss in nats: {course(seen.curves[0])}; healthy {course(seen.healthy)}."
    elif seen.plot:
        said = f"plot {PLOTS[seen.plot].heading} in layers 1 to 9: {listed(seen.curves[0])}; "
        said += "".join(f"E[z²] {listed(moment)}; " for moment in seen.curves[1:])
        said += f"healthy from {written(seen.healthy[0])} to {written(seen.healthy[-1])}."
    return f"Patient {seen.number}, {said} {seen.told}"


def reached(seen):
    """Whether fault and cure are both named, and right."""
    return seen.right == ("right", "right")


def build():
    """The number of the patient, one plot at a time, and the diagnosis."""
    named = [("not named yet", "")]
    faults = [(f"{key} {fault.name}", key) for key, fault in FAULTS.items() if key]
    asked = [("none yet", ""), *((plot.title, key) for key, plot in PLOTS.items())]
    controls = {
        "number": widgets.BoundedIntText(1, 1, LAST, description="patient", **WIDE),
        "plot": choice("plot", asked, ""),
        "fault": choice("fault", named + faults, ""),
        "cure": choice("cure", named + [(cure, cure) for cure in CURES if cure], ""),
    }
    button = widgets.Button(description="Next patient", tooltip="The number after this one")
    patient = Explorable(
        "The patient",
        "Ask for one plot after another until you can name the fault and its cure.",
        reached,
        controls,
        consulted,
        *new_picture(),
        describe,
        [button],
    )

    def go_on(_):
        patient.set(number=controls["number"].value % LAST + 1, plot="", fault="", cure="")

    button.on_click(go_on)
    return patient
