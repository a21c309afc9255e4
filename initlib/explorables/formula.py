"""Chapter 07, the formula: a standard deviation built from pieces, and what each piece does."""

import copy
import functools
import itertools
from typing import NamedTuple

import ipywidgets as widgets
import matplotlib
import numpy as np

from initlib import datasets, figures, probes
from initlib._checks import check_option
from initlib.explorables._frame import Explorable, compared, legend
from initlib.initializers import normal
from initlib.network import Network
from initlib.runs import Runs

NUMERATORS = {"1": 1.0, "√2": np.sqrt(2), "2": 2.0}
DENOMINATORS = ("n_in", "n_out", "n_in + n_out")
SIZES = (64, *[256, 64] * 4, 10)
NETWORKS, EXAMPLES = 10, 8
KEPT = 2  # a second moment that stays within this factor is kept

# The formulas that have a name, and what is wrong with a piece under the root.
NAMES = {
    ("1", "n_in"): "LeCun's",
    ("2", "n_in"): "He's",
    ("2", "n_out"): "He's backward",
    ("2", "n_in + n_out"): "Xavier's",
}
REMARKS = {
    "1": "1 keeps a linear layer; ReLU halves.",
    "√2": "√2 is the gain and stands before a root; under it stands its square, 2.",
    "n_out": "n_out keeps the gradient; the signal is left with n_in/n_out, 4 and 1/4 by turns.",
    "n_in + n_out": "n_in + n_out is a compromise for linear layers.",
}


class Assembled(NamedTuple):
    """Second moments by hidden layer in ReLU networks whose weights have the assembled σ."""

    pieces: tuple  # the numerator, the denominator, and whether there is a root
    layers: np.ndarray  # (8,) from 1
    forward: np.ndarray  # (8,) of z, over that of layer 1; the mean over networks
    backward: np.ndarray  # (8,) of dz, over that of layer 8
    forward_theory: np.ndarray  # the same predicted
    backward_theory: np.ndarray
    pair: float  # the signal's factor in two layers, to 64 units and to 256: a geometric mean
    pair_theory: float


def sigma(pieces, fan_in, fan_out):
    """The standard deviation that the pieces give a layer of these fans."""
    numerator, denominator, root = pieces
    fans = {"n_in": fan_in, "n_out": fan_out, "n_in + n_out": fan_in + fan_out}
    share = NUMERATORS[numerator] / fans[denominator]
    return np.sqrt(share) if root else share


@functools.cache
def _drawn():
    """Standard normal weights, drawn once, networks to put them into, and digits with labels."""
    x, labels = datasets.load_digits(order="file").train
    network = Network(SIZES, "relu", Runs(start=normal(1.0), seed=range(NETWORKS)))
    return copy.deepcopy(network.W), network, x[:EXAMPLES], labels[:EXAMPLES]


@functools.cache
def assembled(numerator, denominator, root):
    """Multiply standard normal weights by σ, send digits through and their errors back."""
    check_option("numerator", numerator, NUMERATORS)
    check_option("denominator", denominator, DENOMINATORS)
    check_option("root", root, (True, False))
    pieces = numerator, denominator, root
    fans = np.array(list(itertools.pairwise(SIZES)))
    stds = np.array([sigma(pieces, *each) for each in fans])
    units, network, x, labels = _drawn()
    for unit, std, W in zip(units, stds, network.W):
        np.multiply(unit, std, out=W)
    network.forward(x)
    dz = network.backward(labels).dz
    forward, backward = (probes.second_moment(each[:-1]) for each in (network.z, dz))
    forward = np.mean(forward / forward[0], axis=1)
    backward = np.mean(backward / backward[-1], axis=1)

    half, (n_in, n_out) = stds[1:-1] ** 2 / 2, fans[1:-1].T  # of layers 2 to 8
    forward_theory = np.cumprod([1.0, *half * n_in])
    backward_theory = np.cumprod([1.0, *(half * n_out)[::-1]])[::-1]
    ways = forward, backward, forward_theory, backward_theory
    pair = float(forward[6] ** (1 / 3))  # layer 7 is three pairs above layer 1
    return Assembled(pieces, np.arange(1, 9), *ways, pair, float(forward_theory[2]))


@matplotlib.rc_context(figures.RC)
def new_picture():
    """Signal and gradient by layer, below the formula: a figure and its ``draw``."""
    figure, axes = figures.new_figure(size=(5.4, 4.0))
    axes.set(xlim=(0.8, 8.2), ylim=(1e-8, 1e2), yscale="log")
    axes.set_xticks(range(1, 9), [f"{layer}\n{SIZES[layer]}" for layer in range(1, 9)])
    axes.axhspan(1 / KEPT, KEPT, color="#E8E8E8", zorder=0, label="kept")
    lines = compared(axes, {"signal, z": "theory of z", "gradient, dz": "theory of dz"})
    place = {"transform": axes.transAxes, "ha": "right", "va": "bottom"}
    formula = axes.text(1, 1.02, "σ = √", fontsize=13, **place)
    title = "eight ReLU layers with"
    ylabel = "second moment,\nwhere it enters: 1"
    figures.label(axes, title=title, xlabel="hidden layer, and its units", ylabel=ylabel)
    legend(figure, columns=3)

    def draw(seen):
        curves = seen.forward, seen.backward, seen.forward_theory, seen.backward_theory
        for line, values in zip(lines, curves):
            line.set_data(seen.layers, values)
        formula.set_text(written(seen.pieces))

    return figure, draw


def written(pieces):
    """The formula as text, such as σ = √(2/n_in)."""
    numerator, denominator, root = pieces
    share = f"{numerator}/({denominator})" if "+" in denominator else f"{numerator}/{denominator}"
    return f"σ = √({share})" if root else f"σ = {share}"


def verdict(pieces):
    """What is right or wrong with the formula."""
    numerator, denominator, root = pieces
    name = NAMES.get((numerator, denominator))
    if not root and numerator == "√2":
        return "√2 is a gain, which multiplies 1/√n; here the root of n is missing."
    if not root:
        return f"That is {name or 'a'} variance; its root is asked for."
    remarks = [REMARKS[piece] for piece in (numerator, denominator) if piece in REMARKS]
    said = " ".join(remarks) or "the signal is kept."
    return f"That is {name} formula: {said}" if name else said


def describe(seen):
    """The formula, its error, and what it does to signal and gradient."""
    return (
        f"{written(seen.pieces)}. {verdict(seen.pieces)} "
        f"At layer 8 the signal's second moment is {seen.forward[-1]:.2g} times that of layer 1 "
        f"(theory {seen.forward_theory[-1]:.2g}); two layers, down to 64 units and up to 256, "
        f"multiply it by {seen.pair:.2g} (theory {seen.pair_theory:.2g}). The gradient's at layer "
        f"1 is {seen.backward[0]:.2g} times that of layer 8 "
        f"(theory {seen.backward_theory[0]:.2g})."
    )


def reached(seen):
    """Whether the signal stays in the grey band at every layer."""
    return bool(np.abs(np.log(seen.forward)).max() <= np.log(KEPT))


def build():
    """Three rows of buttons, one for each piece."""
    pieces = {
        "numerator": ("numerator", list(NUMERATORS), "1"),
        "denominator": ("denominator", list(DENOMINATORS), "n_out"),
        "root": ("square root", [("√ over all", True), ("no √", False)], True),
    }
    looks = {"style": {"button_width": "auto"}, "layout": {"width": "auto"}}
    controls = {
        key: widgets.ToggleButtons(options=options, value=value, description=name, **looks)
        for key, (name, options, value) in pieces.items()
    }
    return Explorable(
        "The formula",
        "Put together the formula that keeps the signal in the grey band at all eight layers.",
        reached,
        controls,
        assembled,
        *new_picture(),
        describe,
    )
