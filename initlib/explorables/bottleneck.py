"""Chapter 05, the bottleneck: widths that change, and two directions that ask for two variances."""

import functools
from itertools import pairwise
from typing import NamedTuple

import ipywidgets as widgets
import matplotlib
import numpy as np

from initlib import figures
from initlib._checks import check_count, check_option
from initlib.explorables._frame import Explorable, choice, compared, legend

WIDTHS = (8, 16, 32, 64, 128, 256)
HOURGLASS = (256, 64, 32, 64, 256)
MODES = {
    "1/fan_in (LeCun)": "fan_in",
    "1/fan_out": "fan_out",
    "2/(fan_in + fan_out) (Xavier)": "fan_avg",
}
NETWORKS, BATCH = 20, 8


class Flows(NamedTuple):
    """Second moments at each width of linear networks, entering as 1 from either end."""

    widths: np.ndarray  # (layers + 1,)
    mode: str
    forward: np.ndarray  # (layers + 1,), means over networks
    backward: np.ndarray
    forward_theory: np.ndarray
    backward_theory: np.ndarray


@functools.cache
def _pool(layer):
    """Standard normal weights of the widest layer; narrower layers take a part of them."""
    rng = np.random.default_rng(layer)
    return rng.standard_normal((NETWORKS, WIDTHS[-1], WIDTHS[-1]), np.float32)


@functools.cache
def _entering(end):
    return np.random.default_rng(end).standard_normal((NETWORKS, BATCH, WIDTHS[-1]), np.float32)


def variance(mode, fan_in, fan_out):
    """Var(w) of linear layers that keep one direction, or the compromise of Glorot and Bengio."""
    n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
    return 1 / n


def flows(mode, **widths):
    """Send a signal up and a gradient down; ``widths`` are those of layers 0, 1, ... in order."""
    check_option("mode", mode, MODES.values())
    for name, width in widths.items():
        if check_count(name, width) > WIDTHS[-1]:
            raise ValueError(f"{name} must be at most {WIDTHS[-1]}, not {width}")
    n = np.array(list(widths.values()))
    fans = list(pairwise(n))
    scales = np.array([variance(mode, *each) for each in fans])
    Ws = [_pool(layer)[:, :fan_in, :fan_out] for layer, (fan_in, fan_out) in enumerate(fans)]
    stds = np.sqrt(scales, dtype=np.float32)  # times the signals, which are fewer than weights
    up, down = [_entering(100)[:, :, : n[0]]], [_entering(101)[:, :, : n[-1]]]
    for std, W in zip(stds, Ws):
        up.append(std * (up[-1] @ W))
    for std, W in zip(stds[::-1], Ws[::-1]):
        down.insert(0, std * (down[0] @ W.swapaxes(1, 2)))
    forward, backward = (np.array([np.mean(s**2) for s in way]) for way in (up, down))
    forward_theory = np.cumprod([1, *n[:-1] * scales])
    backward_theory = np.cumprod([1, *(n[1:] * scales)[::-1]])[::-1]
    ways = forward / forward[0], backward / backward[-1], forward_theory, backward_theory
    return Flows(n, mode, *ways)


@matplotlib.rc_context(figures.RC)
def new_picture():
    """The two flows above the outline of the network: a figure and its ``draw``."""
    layers = np.arange(len(HOURGLASS))
    figure, (axes, outline) = figures.new_figure(
        2, 1, size=(5.4, 4.4), sharex=True, height_ratios=[3, 1]
    )
    names = {"forward": "theory forward", "backward": "theory backward"}
    lines = compared(axes, names, layers)
    axes.axhline(1, color="#BBBBBB", linewidth=0.8)
    axes.set(xlim=(-0.3, layers[-1] + 0.3), ylim=(5e-3, 2e2), yscale="log")
    title = "what arrives at each layer"
    figures.label(axes, title=title, xlabel="", ylabel="second moment,\nentering as 1")
    (upper,) = outline.plot(layers, layers, color="#000000")
    (lower,) = outline.plot(layers, layers, color="#000000")
    numbers = [outline.text(x, 0, "", ha="center", va="center") for x in layers]
    outline.set(ylim=(-7.5, 7.5), yticks=[], xticks=layers)
    figures.label(outline, title="", xlabel="layer", ylabel="width (log)")
    legend(figure)

    def draw(seen):
        curves = seen.forward, seen.backward, seen.forward_theory, seen.backward_theory
        for line, values in zip(lines, curves):
            line.set_ydata(values)
        half = np.log2(seen.widths) - 1.2  # room for the number even at 8
        upper.set_ydata(half)
        lower.set_ydata(-half)
        for number, width in zip(numbers, seen.widths):
            number.set_text(str(width))

    return figure, draw


def describe(seen):
    """By which factors signal and gradient leave, and how far they stray on the way."""
    (name,) = (name for name, mode in MODES.items() if mode == seen.mode)
    both = np.concatenate([seen.forward, seen.backward])
    return (
        f"Widths {', '.join(map(str, seen.widths))} with {name}: the signal leaves at "
        f"{seen.forward[-1]:.2g} (theory {seen.forward_theory[-1]:.2g}), the gradient at "
        f"{seen.backward[0]:.2g} (theory {seen.backward_theory[0]:.2g}). "
        f"On the way the two lie between {both.min():.2g} and {both.max():.2g}."
    )


def reached(seen):
    """Whether in theory both leave as they enter, to a tenth."""
    return bool(max(abs(seen.forward_theory[-1] - 1), abs(seen.backward_theory[0] - 1)) <= 0.1)


def build():
    """A slider for each width, and the mode."""
    sliders = {
        f"layer_{k}": widgets.SelectionSlider(
            options=WIDTHS,
            value=width,
            description=f"layer {k}",
            orientation="vertical",
            layout={"flex": "1 1 3.5em", "width": "auto"},
        )
        for k, width in enumerate(HOURGLASS)
    }
    mode = choice("Var(w)", list(MODES.items()), "fan_avg")
    rows = [widgets.HBox(list(sliders.values())), mode]
    controls = {"mode": mode, **sliders}
    return Explorable(
        "The bottleneck",
        "Shape the network until signal and gradient both leave, within a tenth, as they enter.",
        reached,
        controls,
        flows,
        *new_picture(),
        describe,
        rows=rows,
    )
