"""Chapter 04, what is kept? Three beliefs on what a layer's variance depends on, and the truth."""

import functools
from typing import NamedTuple

import matplotlib
import numpy as np

from initlib import datasets, figures, probes, theory
from initlib._checks import check_number, check_option
from initlib.activations import get
from initlib.explorables._frame import Explorable, choice, compared, legend, slider
from initlib.initializers import variance_scaling
from initlib.network import Network
from initlib.runs import Runs

ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid")
QUANTITIES = ("Var(z)", "E[a²]", "Var(a)")
FACTORS = tuple(2.0 ** np.arange(-1, 1.01, 0.125))
DEPTH, WIDTH, NETWORKS = 10, 128, 10
LIMITS = (1e-4, 1e4)  # of the axis


class Kept(NamedTuple):
    """Three quantities by layer, for one digit; in layer 1 Var(z) is 1."""

    activation: str
    quantity: str
    scale: float  # n Var(w) of all layers after the first
    measured: np.ndarray  # (3, DEPTH): the QUANTITIES, means over networks
    predicted: np.ndarray  # (3, DEPTH), by the recurrence
    believed: np.ndarray  # (DEPTH,): Var(z), if each layer's were n Var(w) times the quantity


def quantity_at(quantity, activation, q):
    """One of the QUANTITIES of a layer whose pre-activations are normal with variance q."""
    check_option("quantity", quantity, QUANTITIES)
    if quantity == "Var(z)":
        return q
    mean_square = theory.second_moment(activation, q)
    return mean_square - (quantity == "Var(a)") * theory.mean(activation, q) ** 2


@functools.cache
def _network():
    """Weights of variance 1/n, and a digit of mean square 1, so that Var(z) is 1 in layer 1."""
    runs = Runs(start=variance_scaling(1.0, "fan_in", "normal"), seed=range(NETWORKS))
    network = Network((64, *[WIDTH] * DEPTH), "linear", runs)
    x = datasets.load_digits().x_train[:1]
    return network.W, x / np.sqrt(np.mean(x**2))


def moments(activation, quantity, factor=1.0):
    """Choose n Var(w) so that by this belief Var(z) stays at 1, times ``factor``; measure."""
    scale = check_number("factor", factor, least=0) / quantity_at(quantity, activation, 1.0)
    phi = get(activation)
    (first, *others), x = _network()
    z = [x @ first]
    for W in others:
        z.append(np.sqrt(scale) * (phi(z[-1]) @ W))
    a = [phi(each) for each in z]
    seen = probes.second_moment(z), probes.second_moment(a), probes.std(a) ** 2
    measured = np.array([moment.mean(axis=1) for moment in seen])

    q, believed = [1.0], [1.0]
    for _ in range(DEPTH - 1):
        q.append(scale * quantity_at("E[a²]", activation, q[-1]))
        believed.append(scale * quantity_at(quantity, activation, believed[-1]))
    predicted = [quantity_at(each, activation, np.array(q)) for each in QUANTITIES]
    return Kept(activation, quantity, scale, measured, np.array(predicted), np.array(believed))


@matplotlib.rc_context(figures.RC)
def new_picture():
    """The three quantities by layer, and what the belief says of Var(z): a figure, its ``draw``."""
    figure, axes = figures.new_figure(size=(5.4, 3.7))
    layers = np.arange(1, DEPTH + 1)
    theories = {name: f"theory of {name}" for name in QUANTITIES}
    lines = compared(axes, theories, layers, {"Var(a)": "fourth"})  # the third is grey, as theory
    for line, size in zip(lines, (11, 7, 4)):  # they fit into one another, for they may coincide
        line.set_markersize(size)
    lines[0].set_markerfacecolor("none")
    look = {"color": "#CC79A7", "linestyle": ":", "linewidth": 3, "zorder": 1.9}
    (believed,) = axes.plot(layers, layers, label="Var(z) by the belief", **look)
    axes.set(xlim=(0.7, DEPTH + 0.3), ylim=LIMITS, yscale="log", xticks=layers)
    title = "ten layers: what the belief says, and what they do"
    figures.label(axes, title=title, xlabel="layer", ylabel="mean over units and networks")
    legend(figure, columns=3)

    def draw(seen):
        curves = (*seen.measured, *seen.predicted, seen.believed)
        for line, values in zip((*lines, believed), curves):
            line.set_ydata(np.maximum(values, 1e-30))

    return figure, draw


def _written(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def describe(seen):
    """What the belief said of the last layer, and what was measured."""
    z, mean_square, variance = (_written(value) for value in seen.measured[:, -1])
    low, high = LIMITS
    inside = low < seen.measured.min() and seen.measured.max() < high
    return (
        f"{seen.activation}, n Var(w) = {_written(seen.scale)}. If the next layer's Var(z) is "
        f"n Var(w) times {seen.quantity}, it is {_written(seen.believed[-1])} at layer {DEPTH}; "
        f"measured {z}, where theory says {_written(seen.predicted[0, -1])}. "
        f"There E[a²] is {mean_square} and Var(a) {variance}."
        + ("" if inside else f" The plot ends at {low:g} and {high:,.0f}.")
    )


def reached(seen):
    """Whether Var(z), which is 1 in the first layer, is that in the last, to a fifth."""
    return bool(abs(seen.measured[0, -1] - 1) <= 0.2)


def build():
    """Controls for the activation, the belief, and a factor on n Var(w)."""
    beliefs = [(f"n Var(w) times {quantity}", quantity) for quantity in QUANTITIES]
    controls = {
        "activation": choice("activation φ", ACTIVATIONS, "relu"),
        "quantity": choice("next layer's Var(z) is", beliefs, "Var(z)"),
        "factor": slider("multiply Var(w) by", FACTORS, 1.0, "{:.2f}"),
    }
    return Explorable(
        "What is kept?",
        "Find a belief that keeps Var(z), within a fifth, through all ten layers.",
        reached,
        controls,
        moments,
        *new_picture(),
        describe,
    )
