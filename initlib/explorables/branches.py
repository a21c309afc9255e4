"""Chapter 10, the branches: how loud each residual branch is, and what the sum of many makes of it.

A block is after(x + relu(before(x) W1) W2), where either may be a layer normalization. At the scale
1 a branch keeps the second moment of what it is given; at 0 it ends in zeros.
"""

import functools
from typing import NamedTuple

import matplotlib
import numpy as np

from initlib import datasets, figures, probes
from initlib._checks import check_count, check_number, check_option
from initlib.explorables._frame import Explorable, choice, compared, legend, slider, whole
from initlib.initializers import lecun_normal
from initlib.network import Network
from initlib.runs import Runs

SCALES = (0.0, *(2.0 ** np.arange(-5, 0.01, 0.5)))
DEEPEST, WIDTH, NETWORKS, EXAMPLES = 64, 64, 4, 16
NORMS = {"none": "none", "before the branch": "before", "after the sum": "after"}
WITHIN = 10  # times that signal and gradient may grow
LOUD = 0.25  # the smallest scale that is asked for; softer ones are within it anyway


class Signals(NamedTuple):
    """Root mean squares of x and dx between the blocks, where each enters: 1; medians."""

    blocks: np.ndarray  # (depth + 1,) 0 to depth: how many blocks x has passed
    forward: np.ndarray  # (depth + 1,)
    backward: np.ndarray
    forward_theory: np.ndarray
    backward_theory: np.ndarray
    scale: float
    norm: str


@functools.cache
def _drawn():
    """Digits of mean square 1, a gradient to send back, and the weights of the deepest network."""
    x = datasets.load_digits().x_train[:EXAMPLES]
    x = x / np.sqrt(np.mean(x**2, axis=1, keepdims=True))
    runs = Runs(start=lecun_normal(), seed=range(NETWORKS))
    W = Network((WIDTH,) * (2 * DEEPEST + 2), "relu", runs).W
    back = np.random.default_rng(0).standard_normal((EXAMPLES, WIDTH))
    he = [np.sqrt(2) * each for each in W[2::2]]
    return x @ W[0], np.broadcast_to(back, (NETWORKS, EXAMPLES, WIDTH)), list(zip(W[1::2], he))


def _normalize(x):
    """Each example's units at mean 0 and standard deviation 1, and the way back."""
    x = x - x.mean(axis=-1, keepdims=True)
    s = np.sqrt(np.mean(x**2, axis=-1, keepdims=True))
    hat = x / s

    def back(d):
        d = d - hat * np.mean(hat * d, axis=-1, keepdims=True)
        return (d - d.mean(axis=-1, keepdims=True)) / s

    return hat, back


def _keep(x):
    return x, lambda d: d


def _block(x, W1, W2, before, after):
    """What a block makes of x, and the way of the gradient back through it."""
    hat, back_before = before(x)
    a = np.maximum(hat @ W1, 0)
    y, back_after = after(x + a @ W2)

    def back(d):
        d = back_after(d)
        return d + back_before((d @ W2.mT * (a > 0)) @ W1.mT)

    return y, back


def signals(scale, depth, norm):
    """Send digits through ``depth`` blocks whose branches have that scale, and a gradient back."""
    check_number("scale", scale, least=0)
    check_option("norm", norm, tuple(NORMS.values()))
    if check_count("depth", depth) > DEEPEST:
        raise ValueError(f"depth must be at most {DEEPEST}, not {depth}")
    before, after = (_normalize if norm == place else _keep for place in ("before", "after"))
    x, d, pairs = _drawn()
    xs, backs = [x], []
    for W1, W2 in pairs[:depth]:
        x, back = _block(x, W1, scale * W2, before, after)
        xs.append(x)
        backs.append(back)
    ds = [d]
    for back in reversed(backs):
        ds.append(back(ds[-1]))
    measured = [np.sqrt(probes.second_moment(each)) for each in (xs, ds[::-1])]
    ways = [np.median(way / way[end], axis=1) for way, end in zip(measured, (0, -1))]
    return Signals(np.arange(depth + 1), *ways, *_theory(scale, depth, norm), scale, norm)


def _theory(scale, depth, norm):
    """The same for wide networks: x² grows as (1 + s²)^l, as 1 + s² l, or not at all."""
    passed = np.arange(depth + 1)
    square = {
        "none": (1.0 + scale**2) ** passed,
        "before": 1 + scale**2 * passed,
        "after": np.ones(depth + 1),
    }[norm]
    return np.sqrt(square), np.sqrt(square[-1] / square)


@matplotlib.rc_context(figures.RC)
def new_picture():
    """Signal and gradient by block beside theory: a figure and its ``draw``."""
    figure, axes = figures.new_figure(size=(5.4, 3.6))
    lines = compared(axes, {"forward, x": "theory of x", "backward, dx": "theory of dx"})
    axes.set(xlim=(-1, DEEPEST + 1), ylim=(0.1, 3e10), yscale="log")
    axes.axhspan(1 / WITHIN, WITHIN, color="#EEEEEE", zorder=0)
    title, ylabel = (
        "signal and gradient between the blocks",
        "root mean square,\nwhere it enters: 1",
    )
    figures.label(axes, title=title, xlabel="blocks passed", ylabel=ylabel)
    legend(figure, columns=2)

    def draw(seen):
        curves = seen.forward, seen.backward, seen.forward_theory, seen.backward_theory
        for line, values in zip(lines, curves):
            line.set_data(seen.blocks, values)
            line.set_markevery(max(1, len(seen.blocks) // 8))

    return figure, draw


def describe(seen):
    """What is seen, in words."""
    depth = seen.blocks[-1]
    place = {place: name for name, place in NORMS.items()}[seen.norm]
    normed = "nothing normalized" if seen.norm == "none" else f"a layer normalization {place}"
    loud = f"at scale {seen.scale:.3g}" if seen.scale else "that end in zeros"
    grown = (f"{each:.3g}" for each in (seen.forward[-1], seen.backward[0]))
    return (
        "{} branches {}, {}: the signal grows {} times, the gradient {} times on its way back. "
        "Theory says {:.3g} and {:.3g}."
    ).format(depth, loud, normed, *grown, seen.forward_theory[-1], seen.backward_theory[0])


def reached(seen):
    """Whether branches that are loud enough leave both within bounds, without a normalization."""
    deepest = seen.norm == "none" and seen.blocks[-1] == DEEPEST and seen.scale >= LOUD
    return bool(deepest and max(seen.forward[-1], seen.backward[0]) <= WITHIN)


def build():
    """Controls for the scale of the branches, their number and the place of a normalization."""
    controls = {
        "scale": slider("scale of a branch", SCALES, 1.0, "{:.3g}"),
        "depth": whole("branches", 2, DEEPEST, 32),
        "norm": choice("layer normalization", list(NORMS.items()), "none"),
    }
    return Explorable(
        "The branches",
        f"Without a normalization, let {DEEPEST} branches be as loud as they can be while signal "
        f"and gradient grow no more than {WITHIN} times.",
        reached,
        controls,
        signals,
        *new_picture(),
        describe,
    )
