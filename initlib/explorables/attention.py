"""Chapter 11, attention alone: how sharp its softmax is, and how alike the tokens become.

Each layer is an attention of one head on normalized tokens that all see each other; a way past it
adds what it was given.
"""

import functools
from typing import NamedTuple

import matplotlib
import numpy as np

from initlib import figures
from initlib._checks import check_count, check_number, check_option
from initlib.explorables._frame import Explorable, choice, legend, slider, whole
from initlib.initializers import lecun_normal
from initlib.network import Network
from initlib.runs import Runs

WIDTHS = (16, 32, 64, 128)
GAINS = tuple(2.0 ** np.arange(-2, 2.1, 0.5))
DEEPEST, TOKENS, NETWORKS = 12, 32, 4
ASKED_WIDTH, ASKED_DEPTH = 64, 8
APART = 0.1  # what is asked for
ROUNDING = 1e-14  # what differs by less is the same
SKIPS = {"none": "none", "around each layer": "skip"}


class Tokens(NamedTuple):
    """By layer, medians of the networks."""

    layers: np.ndarray  # (depth + 1,) how many layers the tokens have passed
    apart: np.ndarray  # (depth + 1,) what differs, as a share of their root mean square
    heard: np.ndarray  # (depth,) how many tokens one hears: 1 / sum of its squared weights
    heard_theory: float  # the same of many independent tokens
    width: int
    gain: float
    skip: str


@functools.cache
def _drawn(width):
    """Random tokens of mean square 1, and four square matrices for each layer."""
    runs = Runs(start=lecun_normal(), seed=range(NETWORKS))
    x = np.stack([rng.standard_normal((TOKENS, width)) for rng in runs.rngs()])
    W = Network((width,) * (4 * DEEPEST + 1), "linear", runs).W
    return x, [W[k : k + 4] for k in range(0, len(W), 4)]


def _attend(x, Wq, Wk, Wv, Wo, gain):
    """What an attention gives to each token, and how many tokens one hears."""
    x = x - x.mean(axis=-1, keepdims=True)
    x = x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True))
    scores = gain**2 / np.sqrt(x.shape[-1]) * (x @ Wq) @ (x @ Wk).mT
    A = np.exp(scores - scores.max(axis=-1, keepdims=True))
    A /= A.sum(axis=-1, keepdims=True)
    return A @ (x @ Wv) @ Wo, np.median(1 / np.sum(A**2, axis=-1))


def _apart(x):
    differs = x - x.mean(axis=-2, keepdims=True)
    return np.median(np.sqrt(np.mean(differs**2, (1, 2)) / np.mean(x**2, (1, 2))))


def tokens(width, gain, depth, skip):
    """Send random tokens through ``depth`` attentions whose queries and keys have that gain."""
    check_option("width", width, WIDTHS)
    check_number("gain", gain, least=0)
    check_option("skip", skip, tuple(SKIPS.values()))
    if check_count("depth", depth) > DEEPEST:
        raise ValueError(f"depth must be at most {DEEPEST}, not {depth}")
    x, layers = _drawn(width)
    apart, heard = [_apart(x)], []
    for W in layers[:depth]:
        y, hears = _attend(x, *W, gain)
        x = x + y if skip == "skip" else y
        apart.append(_apart(x))
        heard.append(hears)
    theory = max(1.0, TOKENS * np.exp(-(gain**4)))
    measured = np.arange(depth + 1), np.array(apart), np.array(heard)
    return Tokens(*measured, theory, width, gain, skip)


@matplotlib.rc_context(figures.RC)
def new_picture():
    """What differs and how many are heard, by layer: a figure and its ``draw``."""
    figure, (left, right) = figures.new_figure(1, 2, size=(6.4, 3.6), sharex=True)
    looks = [*figures.looks(["how far apart", "heard"]).values(), *figures.THEORIES[:1]]
    (apart,) = left.plot([], [], label="how far apart", **looks[0])
    (heard,) = right.plot([], [], label="heard by one", **looks[1])
    (theory,) = right.plot([], [], label="theory for many tokens", **looks[2])
    left.set(xlim=(-0.5, DEEPEST + 0.5), ylim=(ROUNDING / 3, 9), yscale="log")
    right.set(ylim=(0.8, 1.3 * TOKENS), yscale="log")
    ticks = (1, 2, 4, 8, 16, 32)
    right.set_yticks(ticks, list(map(str, ticks)))
    right.minorticks_off()
    left.axhspan(APART, 9, color="#EEEEEE", zorder=0)
    figures.label(left, title="what differs", xlabel="layer", ylabel="share of the tokens' size")
    figures.label(right, title="tokens heard by one", xlabel="layer", ylabel="")
    legend(figure, columns=3)

    def draw(seen):
        apart.set_data(seen.layers, np.maximum(seen.apart, ROUNDING))
        heard.set_data(seen.layers[1:], seen.heard)
        theory.set_data((1, len(seen.heard)), (seen.heard_theory,) * 2)

    return figure, draw


def describe(seen):
    """What is seen, in words."""
    past = "a way past each" if seen.skip == "skip" else "no way past"
    differ = seen.apart[-1] if seen.apart[-1] > ROUNDING else 0
    return (
        f"{seen.layers[-1]} layers of attention, {seen.width} wide, gain {seen.gain:.3g}, {past}: "
        f"the scores' standard deviation is about {seen.gain**2:.3g}. In the first layer a token "
        f"hears {seen.heard[0]:.3g} of {TOKENS}, theory says {seen.heard_theory:.3g}; after the "
        f"last the tokens differ by {differ:.1g} of their size."
    )


def reached(seen):
    """Whether attention alone keeps the tokens apart."""
    asked = seen.width == ASKED_WIDTH and len(seen.heard) == ASKED_DEPTH and seen.skip == "none"
    return bool(asked and seen.apart[-1] >= APART)


def build():
    """Controls for the width, the gain of queries and keys, the depth and a way past."""
    controls = {
        "width": slider("width", WIDTHS, 64),
        "gain": slider("gain of Wq, Wk", GAINS, 1.0, "{:.3g}"),
        "depth": whole("layers", 1, DEEPEST, 6),
        "skip": choice("a way past", list(SKIPS.items()), "none"),
    }
    return Explorable(
        "Attention alone",
        f"Without a way past, let {ASKED_DEPTH} layers, {ASKED_WIDTH} wide, keep the tokens at "
        "least a tenth apart.",
        reached,
        controls,
        tokens,
        *new_picture(),
        describe,
    )
