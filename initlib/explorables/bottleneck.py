"""Chapter 05, the bottleneck: widths that change, and two directions that ask for two variances."""

import functools
from typing import NamedTuple

import ipywidgets as widgets
import matplotlib
import numpy as np

from initlib import plots
from initlib._checks import check_count, check_option
from initlib.explorables._frame import Explorable, choice, legend

INPUT, LAYERS = 256, 6
WIDTHS = (8, 16, 32, 64, 128, 256)
HOURGLASS = (128, 64, 32, 64, 128, 256)
MODES = {
    "1/fan_in (LeCun)": "fan_in",
    "1/fan_out": "fan_out",
    "2/(fan_in + fan_out) (Xavier)": "fan_avg",
}
NETWORKS, BATCH = 20, 8


class Flows(NamedTuple):
    """Second moments at each width of linear networks, each way entering as 1."""

    widths: np.ndarray  # (layers + 1,), that of the input first
    mode: str
    forward: np.ndarray  # (layers + 1,), means over networks
    backward: np.ndarray
    forward_theory: np.ndarray
    backward_theory: np.ndarray


@functools.cache
def _unit_weights(layer):
    """Standard normal weights of the widest layer; a narrower one uses the upper left part."""
    rng = np.random.default_rng(layer)
    return rng.standard_normal((NETWORKS, WIDTHS[-1], WIDTHS[-1]), np.float32)


@functools.cache
def _entering():
    """What enters at the input and what enters at the last layer."""
    rng = np.random.default_rng(100)
    return rng.standard_normal((2, NETWORKS, BATCH, WIDTHS[-1]), np.float32)


def flows(mode, **widths):
    """Send a signal up and a gradient down linear networks; ``widths`` in the layers' order."""
    check_option("mode", mode, MODES.values())
    for name, width in widths.items():
        if check_count(name, width) > WIDTHS[-1]:
            raise ValueError(f"{name} must be at most {WIDTHS[-1]}, not {width}")
    n = np.array([INPUT, *widths.values()])
    n_in, n_out = n[:-1], n[1:]
    variance = 1 / {"fan_in": n_in, "fan_out": n_out, "fan_avg": (n_in + n_out) / 2}[mode]
    Ws = [_unit_weights(layer)[:, :i, :o] for layer, (i, o) in enumerate(zip(n_in, n_out))]
    signal, gradient = _entering()
    forward = _passed(signal, n, Ws, variance)
    Ws_back = [W.swapaxes(1, 2) for W in Ws[::-1]]
    backward = _passed(gradient, n[::-1], Ws_back, variance[::-1])[::-1]
    forward_theory = np.cumprod([1, *n_in * variance])
    backward_theory = np.cumprod([1, *(n_out * variance)[::-1]])[::-1]
    return Flows(n, mode, forward, backward, forward_theory, backward_theory)


def _passed(entering, widths, Ws, variance):
    """Second moments of what enters and of what each layer makes of it, over the first."""
    passing = [entering[..., : widths[0]]]
    for W, standard_deviation in zip(Ws, np.sqrt(variance, dtype=np.float32)):
        passing.append(standard_deviation * (passing[-1] @ W))
    moments = np.array([np.mean(each**2) for each in passing], dtype=float)
    return moments / moments[0]


@matplotlib.rc_context(plots.RC)
def new_picture():
    """The two flows above the outline of the network: a figure and its ``draw``."""
    layers = np.arange(LAYERS + 1)
    shape = {"sharex": True, "height_ratios": [3, 1.3]}
    figure, (axes, outline) = plots.new_figure(2, 1, size=(6.4, 4.1), **shape)
    looks = {"forward": plots.STYLES["random"], "backward": plots.STYLES["constant"]}
    lines = [axes.plot([], [], label=name, **style)[0] for name, style in looks.items()]
    names = "theory", "_theory, backward"
    dashed = [axes.plot([], [], label=name, **plots.THEORY)[0] for name in names]
    axes.axhspan(0.999, 1.001, color="#BBBBBB", zorder=0)
    axes.set(xlim=(-0.4, LAYERS + 0.4), ylim=(2e-4, 1e2), yscale="log")
    ylabel = "second moment,\nwhere it enters: 1"
    plots.label(axes, title="the signal and the gradient by layer", xlabel="", ylabel=ylabel)

    body = outline.fill_between(layers, 0, 0, color="#D9D9D9")
    text = {"ha": "center", "va": "center", "fontsize": 9}
    numbers = [outline.text(layer, -185, "", **text) for layer in layers]
    outline.set(ylim=(-240, 150), yticks=[])
    outline.set_xticks(layers, ["input", *map(str, layers[1:])])
    plots.label(outline, title="", xlabel="layer", ylabel="width")
    legend(figure)

    def draw(seen):
        curves = seen.forward, seen.backward, seen.forward_theory, seen.backward_theory
        for line, values in zip((*lines, *dashed), curves):
            line.set_data(layers, values)
        half = seen.widths / 2
        edge = np.concatenate([half, -half[::-1]])
        body.set_verts([np.column_stack([[*layers, *layers[::-1]], edge])])
        for number, width in zip(numbers, seen.widths):
            number.set_text(f"{width}")

    return figure, draw


def describe(seen):
    """By which factors signal and gradient leave, and how far they stray on the way."""
    (law,) = (name for name, mode in MODES.items() if mode == seen.mode)
    there, back = seen.forward, seen.backward
    return (
        f"Widths {', '.join(map(str, seen.widths))}, weight variance {law}. The signal leaves at "
        f"{there[-1]:.2g} (predicted {seen.forward_theory[-1]:.2g}) and the gradient at "
        f"{back[0]:.2g} (predicted {seen.backward_theory[0]:.2g}). On the way the signal is "
        f"between {there.min():.2g} and {there.max():.2g}, "
        f"the gradient between {back.min():.2g} and {back.max():.2g}."
    )


def build():
    """A vertical slider for each layer's width, and the law of the weights' variance."""
    upright = {"orientation": "vertical", "layout": {"width": "5em", "height": "11em"}}
    sliders = {
        f"layer_{layer}": widgets.SelectionSlider(
            options=WIDTHS, value=width, description=f"layer {layer}", **upright
        )
        for layer, width in enumerate(HOURGLASS, 1)
    }
    mode = choice("weight variance", list(MODES.items()), "fan_avg")
    rows = [mode, widgets.HBox(list(sliders.values()))]
    controls = {"mode": mode, **sliders}
    return Explorable("The bottleneck", controls, flows, *new_picture(), describe, rows=rows)


def the_bottleneck():
    """Display the bottleneck."""
    build().display()
