"""Chapter 04, what is kept? Three beliefs on what a layer's variance depends on, and the truth."""

import functools
from typing import NamedTuple

import matplotlib
import numpy as np

from initlib import datasets, plots, probes, theory
from initlib._checks import check_number, check_option
from initlib.explorables._frame import Explorable, choice, legend, slider
from initlib.initializers import normal, zeros
from initlib.network import Network

ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid")
QUANTITIES = ("Var(z)", "E[a²]", "Var(a)")
FACTORS = tuple(2.0 ** np.arange(-1, 1.01, 0.125))
DEPTH, WIDTH, NETWORKS = 10, 128, 10
SIZES = (64, *[WIDTH] * DEPTH)


class Kept(NamedTuple):
    """Three quantities by layer, for one digit; in layer 1 Var(z) is 1."""

    activation: str
    quantity: str
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


def _generators():
    return [np.random.default_rng(seed) for seed in range(NETWORKS)]


@functools.cache
def _unit_weights():
    """Weights of variance 1/n for all layers after the first."""
    return Network(SIZES[1:], "linear", normal(1 / np.sqrt(WIDTH)), _generators()).W


@functools.cache
def _first_layer():
    """A digit of mean square 1, and first weights of variance 1/64: Var(z) is 1."""
    x = datasets.load_digits().x_train[:1]
    first = Network(SIZES[:2], "linear", normal(1 / 8), _generators()).W[0]
    return first, x / np.sqrt(np.mean(x**2))


def moments(activation, quantity, factor=1.0):
    """Choose n Var(w) so that ``quantity`` would hold Var(z) at one, times ``factor``; measure."""
    scale = check_number("factor", factor, least=0) / quantity_at(quantity, activation, 1.0)
    network = Network(SIZES, activation, zeros(), _generators())
    first, x = _first_layer()
    network.W = [first, *(np.sqrt(scale) * W for W in _unit_weights())]
    network.forward(x)
    a = [network.activation(z) for z in network.z]  # the last layer's too
    seen = probes.second_moment(network.z), probes.second_moment(a), probes.std(a) ** 2

    q, believed = [1.0], [1.0]
    for _ in range(DEPTH - 1):
        q.append(scale * quantity_at("E[a²]", activation, q[-1]))
        believed.append(scale * quantity_at(quantity, activation, believed[-1]))
    predicted = [quantity_at(each, activation, np.array(q)) for each in QUANTITIES]
    measured = np.array([moment.mean(axis=1) for moment in seen])
    return Kept(activation, quantity, measured, np.array(predicted), np.array(believed))


@matplotlib.rc_context(plots.RC)
def new_picture():
    """The three quantities by layer, and what the belief says of Var(z): a figure, its ``draw``."""
    figure, axes = plots.new_figure(size=(6.4, 3.7))
    layers = np.arange(1, DEPTH + 1)
    looks = (plots.STYLES[name] for name in ("random", "He", "constant"))
    lines = [
        axes.plot(layers, layers, label=name, **style)[0] for name, style in zip(QUANTITIES, looks)
    ]
    names = ("theory", "_theory of E[a²]", "_theory of Var(a)")
    dashed = [axes.plot(layers, layers, label=name, **plots.THEORY)[0] for name in names]
    belief = {"color": "#CC79A7", "linestyle": ":", "linewidth": 3}
    (believed,) = axes.plot(layers, layers, label="Var(z) by your belief", **belief)
    axes.set(xlim=(0.7, DEPTH + 0.3), ylim=(1e-5, 1e5), yscale="log", xticks=layers)
    title = "what the layers keep"
    plots.label(axes, title=title, xlabel="layer", ylabel="mean over units and networks")
    legend(figure, columns=5)

    def draw(seen):
        curves = (*seen.measured, *seen.predicted, seen.believed)
        for line, values in zip((*lines, *dashed, believed), curves):
            line.set_ydata(np.maximum(values, 1e-30))

    return figure, draw


def describe(seen):
    """What the belief said of the last layer, and what was measured."""
    z, mean_square, variance = seen.measured[:, -1]
    return (
        f"{seen.activation}. If Var(z) depends on {seen.quantity} of the layer before, it is "
        f"{seen.believed[-1]:.2g} at layer {DEPTH}; measured {z:.2g}, where theory says "
        f"{seen.predicted[0, -1]:.2g}. There E[a²] is {mean_square:.2g} "
        f"and Var(a) {variance:.2g}."
    )


def build():
    """Controls for the activation, the quantity to hold at one, and a factor on n Var(w)."""
    controls = {
        "activation": choice("activation φ", ACTIVATIONS, "relu"),
        "quantity": choice("hold at one", QUANTITIES, "Var(z)"),
        "factor": slider("scale of Var(w), times", FACTORS, 1.0, "{:.2f}"),
    }
    return Explorable("What is kept?", controls, moments, *new_picture(), describe)


def what_is_kept():
    """Display the three beliefs and what becomes of them."""
    build().display()
