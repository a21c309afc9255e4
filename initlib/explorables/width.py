"""Chapter 13, the width: powers of the width for start and rates, and how far each layer moves."""

import functools
from fractions import Fraction
from typing import NamedTuple

import matplotlib
import numpy as np

from initlib import datasets, figures
from initlib._checks import check_option
from initlib.explorables._frame import Explorable, choice, legend, slider
from initlib.initializers import he_normal
from initlib.network import Network
from initlib.runs import Runs

WIDTHS = (32, 64, 128, 256, 512)
POWERS = (-1.0, -0.5, 0.0, 0.5, 1.0)
OUTPUTS = {"1/√n, as usual": -0.5, "1/n": -1.0}
OPTIMIZERS = ("SGD", "Adam")
NETWORKS = 8
LEVEL = 1.5  # what moves at most so much further, or less far, at the widest is level
NAMES = ("layer 1", "layer 2", "layer 3, the logits", "the logits, by all three")


class Moved(NamedTuple):
    """How far a small step moves z, as width grows; at the narrowest it is 1."""

    width: int  # the one that the sentence tells of
    optimizer: str
    moved: np.ndarray  # (widths, 4): each layer by its own step, the logits by all three
    powers: tuple  # of the width, by which theory says they grow


def theory(optimizer, output, rates):
    """The powers of the width: of each layer's own step, and of the logits by all three."""
    back = output if optimizer == "SGD" else 0.0  # Adam does not see how large a gradient is
    first, second, last = rates[0] + back, rates[1] + 1 + back, rates[2] + 1
    return first, second, last, max(last, max(first, second) + 1 + output)


@functools.cache
def parts(optimizer, output, width):
    """What a step of each layer, at one rate, does to its own z and to the logits, to first order.

    Two arrays for each of three layers, ``(networks, units)`` and ``(networks, 10)``.
    """
    digits = datasets.load_digits()
    x, label = digits.x_train[:1], digits.y_train[:1]
    runs = Runs(start=he_normal(), seed=range(NETWORKS))
    network = Network((64, width, width, 10), "relu", runs)
    network.W[2] *= (width / WIDTHS[0]) ** (output + 0.5)
    network.forward(x)
    steps = network.backward(label).dW
    steps = steps if optimizer == "SGD" else [np.sign(dW) for dW in steps]
    own = [a @ step for a, step in zip((x, *network.a), steps)]
    ends = list(own)
    for layer, end in enumerate(ends):
        for z, W in zip(network.z[layer:2], network.W[layer + 1 :]):
            end = (end * network.activation.derivative(z)) @ W
        ends[layer] = end
    return [(one[:, 0], end[:, 0]) for one, end in zip(own, ends)]


def moved(width, optimizer, output, first, second, last):
    """Take one small step at each width, the rates following the powers of the width given."""
    check_option("width", width, WIDTHS)
    check_option("optimizer", optimizer, OPTIMIZERS)
    check_option("output", output, tuple(OUTPUTS.values()))
    rates = first, second, last
    for power in rates:
        check_option("each power of a rate", power, POWERS)
    rows = []
    for n in WIDTHS:
        factors = [(n / WIDTHS[0]) ** power for power in rates]
        by_layer = parts(optimizer, output, n)
        own = [factor * one for factor, (one, _) in zip(factors, by_layer)]
        together = sum(factor * end for factor, (_, end) in zip(factors, by_layer))
        sizes = [np.sqrt(np.mean(each**2, axis=-1)) for each in (*own, together)]
        rows.append(np.median(sizes, axis=1))
    rows = np.array(rows) / rows[0]
    return Moved(width, optimizer, rows, theory(optimizer, output, rates))


@matplotlib.rc_context(figures.RC)
def new_picture():
    """Movement against width, a panel for layers and one for logits: a figure and its ``draw``."""
    figure, panels = figures.new_figure(1, 2, size=(7.6, 4.0), sharey=True)
    looks = [*figures.looks(NAMES, None).values()]
    lines, dashes, heres = [], [], []
    for axes, title, places in zip(panels, ("hidden layers", "the logits"), ((0, 1), (2, 3))):
        axes.set(xscale="log", yscale="log", ylim=(1e-3, 1e3))
        axes.axhspan(1 / LEVEL, LEVEL, color="#EEEEEE", zorder=0)
        for place in places:
            lines += axes.plot(WIDTHS, WIDTHS, label=NAMES[place], **looks[place])
            dashes += axes.plot(WIDTHS, WIDTHS, **figures.THEORIES[place % 2], label="theory")
        heres.append(axes.axvline(WIDTHS[0], color="#CC79A7", label="your width"))
        axes.set_xticks(WIDTHS, map(str, WIDTHS))
        axes.minorticks_off()
        ylabel = "movement in a step, at width 32: 1" if axes is panels[0] else ""
        figures.label(axes, title=title, xlabel="width n", ylabel=ylabel)
    legend(figure, columns=3)

    def draw(seen):
        widths = np.array(WIDTHS) / WIDTHS[-1]
        for line, dash, way, power in zip(lines, dashes, seen.moved.T, seen.powers):
            line.set_ydata(way)
            dash.set_ydata(way[-1] * widths**power)  # through the widest, where theory is best
        for here in heres:
            here.set_xdata([seen.width] * 2)

    return figure, draw


def describe(seen):
    """By how much each moves at the width shown, and the powers that theory has."""
    now = seen.moved[WIDTHS.index(seen.width)]
    told = "; ".join(
        f"{name}: {factor:.2g} times (theory n^{Fraction(power)})"
        for name, factor, power in zip(NAMES, now, seen.powers)
    )
    begun = f"One small step of {seen.optimizer} at width {seen.width}, beside width {WIDTHS[0]}"
    return f"{begun}. {told.capitalize()}."


def level(seen):
    """Whether all four move about as far at the widest as at the narrowest."""
    return bool((np.abs(np.log(seen.moved[-1])) <= np.log(LEVEL)).all())


def reached(seen):
    """Whether that is so with Adam."""
    return seen.optimizer == "Adam" and level(seen)


def build():
    """The width, the optimizer, how the last layer starts, and how the three rates follow n."""
    controls = {
        "first": slider("rate of layer 1: n^", POWERS, 0.0),
        "second": slider("rate of layer 2: n^", POWERS, 0.0),
        "last": slider("rate of layer 3: n^", POWERS, 0.0),
        "output": choice("layer 3 starts at", list(OUTPUTS.items()), -0.5),
        "optimizer": choice("optimizer", OPTIMIZERS, "SGD"),
        "width": slider("width n", WIDTHS, WIDTHS[-1]),
    }
    return Explorable(
        "The width",
        "With Adam, find the start and the three rates with which all four move about as far at "
        f"width {WIDTHS[-1]} as at width {WIDTHS[0]}.",
        reached,
        controls,
        moved,
        *new_picture(),
        describe,
    )
