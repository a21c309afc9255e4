"""Chapter 06, the seed lottery: He keeps the mean over networks, and yours is one of them."""

import functools
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.collections import LineCollection

from initlib import figures
from initlib._checks import check_count, check_option
from initlib.explorables._frame import Explorable, compared, legend, slider, whole

WIDTHS = (8, 16, 32, 64, 128, 256, 512)
DEEPEST = 50
SEEDS = (1, 2, 5, 10, 20, 50, 100, 200)
TENTH = 0.1


class Lottery(NamedTuple):
    """E[a²] over E[x²] of one input by layer, in He networks that differ in their seeds alone."""

    width: int
    layers: np.ndarray  # (depth + 1,) from 0, the input, to depth
    networks: np.ndarray  # (seeds, depth + 1)
    mean: np.ndarray  # (depth + 1,) over the networks
    median: np.ndarray
    mean_theory: np.ndarray
    median_theory: np.ndarray
    below: float  # share of the networks that end below a tenth
    dead: int  # number of those that end at 0, since no unit of some layer was on
    factor: float  # the largest end over the smallest, without the dead; 1 if all are dead


@functools.cache
def _squares():
    """2 relu(ξ)² by network, layer and unit, drawn once; a narrow network has the first units."""
    shape = SEEDS[-1], DEEPEST, WIDTHS[-1]
    xi = np.random.default_rng(0).standard_normal(shape, np.float32)
    return 2 * np.maximum(xi, 0) ** 2


@functools.cache
def _networks(width):
    """The second moments of all networks of one width ``(200, 51)``, from the input on."""
    factors = _squares()[..., :width].mean(axis=-1, dtype=float)
    return np.insert(np.cumprod(factors, axis=1), 0, 1.0, axis=1)


def lottery(width, depth, seeds):
    """The networks of that width, depth and number of seeds, without drawing their weights.

    Given the layer before, a layer's z_j are independent normals, so it multiplies the second
    moment by the mean of 2 relu(ξ_j)² over its units: the law is exact, and independent by layer.
    """
    check_option("width", width, WIDTHS)
    check_option("seeds", seeds, SEEDS)
    if check_count("depth", depth) > DEEPEST:
        raise ValueError(f"depth must be at most {DEEPEST}, not {depth}")
    networks = _networks(width)[:seeds, : depth + 1]
    layers, ends = np.arange(depth + 1), networks[:, -1]
    alive = ends[ends > 0]
    return Lottery(
        width,
        layers,
        networks,
        mean=networks.mean(axis=0),
        median=np.median(networks, axis=0),
        mean_theory=np.ones(depth + 1),
        median_theory=np.exp(-5 * layers / (2 * width)),
        below=np.mean(ends < TENTH),
        dead=seeds - len(alive),
        factor=alive.max() / alive.min() if len(alive) else 1.0,
    )


@matplotlib.rc_context(figures.RC)
def new_picture():
    """The networks as thin lines, their mean and their median: a figure and its ``draw``."""
    figure, axes = figures.new_figure(size=(5.4, 4.0))
    axes.set(xlim=(0, DEEPEST + 0.5), ylim=(1e-6, 1e3), yscale="log")
    grey = {"color": "#9A9A9A", "alpha": 0.5, "antialiased": False}
    thin = LineCollection([], linewidth=0.3, **grey)
    axes.add_collection(thin, autolim=False)
    axes.plot([], [], color=grey["color"], linewidth=1, label="one network")  # for the legend
    axes.axhline(TENTH, color="#000000", linewidth=0.9, linestyle=":", label="a tenth")
    names = {"their mean": "theory of the mean", "their median": "theory of the median"}
    lines = compared(axes, names)
    title = "He networks that differ in nothing but the seed"
    figures.label(axes, title=title, xlabel="layer", ylabel="second moment of a over that of x (1)")
    legend(figure, columns=3)

    def draw(seen):
        layers = np.broadcast_to(seen.layers, seen.networks.shape)
        thin.set_segments(np.stack([layers, np.maximum(seen.networks, 1e-30)], axis=-1))
        curves = seen.mean, seen.median, seen.mean_theory, seen.median_theory
        for line, values in zip(lines, curves):
            line.set_data(seen.layers, np.maximum(values, 1e-30))
            line.set_markevery(max(1, len(seen.layers) // 8))

    return figure, draw


def describe(seen):
    """How the networks end, and how far the mean of all is from one of them."""
    count, depth = len(seen.networks), len(seen.layers) - 1
    built = f"of {depth} layers of {seen.width} units"
    theory = f"theory has a mean of 1 and a median of {seen.median_theory[-1]:.2g}."
    if count == 1:
        end = f"{seen.mean[-1]:.2g}" if not seen.dead else "0, as all units of a layer are off"
        return f"One network {built}. It ends at {end}: {theory}"
    text = (
        f"{count} networks {built}: {seen.below:.0%} end below a tenth. "
        f"Their mean is {seen.mean[-1]:.2g} and their median {seen.median[-1]:.2g}; {theory} "
    )
    if seen.dead:
        text += f"{seen.dead} of them end at 0, as all units of a layer are off. Of the others "
        return f"{text}the largest is {seen.factor:.1g} times the smallest."
    return f"{text}The largest is {_plain(seen.factor)} times the smallest."


def _plain(factor):
    """Two digits of a factor, without an exponent where it is short enough to read."""
    return f"{factor:.1f}" if factor < 10 else f"{float(f'{factor:.2g}'):,.0f}"


def reached(seen):
    """Whether of all networks of full depth none ends below a tenth."""
    return bool(len(seen.networks) == SEEDS[-1] and len(seen.layers) > DEEPEST and not seen.below)


def build():
    """Controls for width, depth and the number of seeds."""
    controls = {
        "width": slider("width (units)", WIDTHS, 64, "{}"),
        "depth": whole("depth (layers)", 2, DEEPEST, 30),
        "seeds": slider("seeds (networks)", SEEDS, 200, "{}"),
    }
    return Explorable(
        "The seed lottery",
        f"Make {SEEDS[-1]} networks {DEEPEST} layers deep, and none of them a loser: "
        "all end above the dotted tenth.",
        reached,
        controls,
        lottery,
        *new_picture(),
        describe,
    )
