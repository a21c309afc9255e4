"""Chapter 07, the patient: a network with a hidden fault of its start, to be found by four plots.

All patients are one network of eight hidden ReLU layers with He's start, harmed in one of ten ways.
``SIGNS`` names for each way the plot in which it stands apart from the healthy network and from the
other nine, and says by what. In other plots some of the ways look alike.
"""

import functools
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import ipywidgets as widgets
import matplotlib
import numpy as np

from initlib import datasets, plots, probes
from initlib._checks import check_count, check_option
from initlib.explorables._frame import WIDE, Explorable, choice, legend
from initlib.initializers import he_normal
from initlib.network import Network
from initlib.training import fit

SIZES, EXAMPLES, LAST = (64, *[64] * 8, 10), 128, 999
STEPS, RATE = 50, 0.01
ROUNDING = 1e-12  # a gradient below this is 0 in exact arithmetic
CLEAR = 0.08  # curves are told apart where so much of a panel's height lies between them


LOSSES, LAYERS = (0.1, 100), (1e-12, 1e4)  # the limits of the two panels: what can be seen


class Plot(NamedTuple):
    title: str
    quantity: str
    limits: tuple

    @property
    def heading(self):
        return self.title if self.quantity in self.title else f"{self.title}, {self.quantity}"


PLOTS = {
    "loss": Plot("1 loss", "loss", LOSSES),
    "signals": Plot("2 signals", "variance over examples", LAYERS),
    "gradients": Plot("3 gradients", "standard deviation of dW", LAYERS),
    "updates": Plot("4 update over weight", "update over weight", LAYERS),
}


def altered(W, b, layer, rng, factor=1, weights=None, biases=None, one=False):
    """Change all layers in place, or the weights of the one that the patient's number drew."""
    for each in W[layer - 1 : layer] if one else W:
        each *= factor
        if weights is not None:
            each.fill(weights)
    for each in b if biases is not None else ():
        each.fill(biases)


def xavier(W, b, layer, rng):
    """Turn He's 2/n_in into 2/(n_in + n_out)."""
    for each in W:
        each *= np.sqrt(len(each) / sum(each.shape))


def torch_default(W, b, layer, rng):
    """Weights and biases uniform on ±1/√n_in."""
    for weights, biases in zip(W, b):
        bound = 1 / np.sqrt(len(weights))
        weights[:] = rng.uniform(-bound, bound, weights.shape)
        biases[:] = rng.uniform(-bound, bound, biases.shape)


def redrawn(W, b, layer, rng):
    """Draw anew by He the layers whose weights are all equal."""
    for each in W:
        if np.ptp(each) == 0:
            each[:] = he_normal()(rng, each.shape)


REDRAW, FASTER = "equal weights made random", "learning rate × 10"
CURES = {
    "": altered,
    "biases 0": partial(altered, biases=0),
    REDRAW: redrawn,
    "one layer's weights / 10": partial(altered, factor=1 / 10, one=True),
    "weights / 3": partial(altered, factor=1 / 3),
    "weights × √2": partial(altered, factor=2**0.5),
    "weights × 2": partial(altered, factor=2),
    "weights × √6, biases 0": partial(altered, factor=6**0.5, biases=0),
    "weights × √3, biases 0": partial(altered, factor=3**0.5, biases=0),
    "weights × √32": partial(altered, factor=32**0.5),
    "weights × 10": partial(altered, factor=10),
    FASTER: altered,
}


class Fault(NamedTuple):
    name: str
    harm: Callable
    cure: str


ONE_LARGE = partial(altered, factor=10, one=True)
FAULTS = {
    "": Fault("healthy", altered, ""),
    "a": Fault("weights all 0", partial(altered, weights=0), REDRAW),
    "b": Fault("weights all 0.1", partial(altered, weights=0.1), REDRAW),
    "c": Fault("one layer's weights equal", partial(altered, weights=0.05, one=True), REDRAW),
    "d": Fault("weights ten times too small", partial(altered, factor=1 / 10), "weights × 10"),
    "e": Fault("variance 2/n used as std", partial(altered, factor=32**-0.5), "weights × √32"),
    "f": Fault("Xavier's weights", xavier, "weights × √2"),
    "g": Fault("PyTorch's default", torch_default, "weights × √6, biases 0"),
    "h": Fault("weights three times too large", partial(altered, factor=3), "weights / 3"),
    "i": Fault("one layer ten times too large", ONE_LARGE, "one layer's weights / 10"),
    "j": Fault("biases -3", partial(altered, biases=-3), "biases 0"),
}
SIGNS = {
    "a": ("signals", "z is 0 in all layers"),
    "b": ("gradients", "only the last layer has one; equal output weights send no error back"),
    "c": ("updates", "one layer has no ratio, as its weights do not vary"),
    "d": ("signals", "E[z²] falls by 100 a layer, the square of ten"),
    "e": ("signals", "E[z²] falls by n/2 = 32 a layer"),
    "f": ("signals", "E[z²] falls by 2 a layer, the half that ReLU takes"),
    "g": ("signals", "the variance over examples falls by about 6 a layer; E[z²] levels off"),
    "h": ("loss", "it begins far above ln 10 and soon is not finite"),
    "i": ("signals", "E[z²] jumps by 100 at one layer and is level elsewhere"),
    "j": ("signals", "E[z²] is about 9, the square of the biases, and soon nothing varies"),
}


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


def drawn(number):
    """The fault of a patient, as a letter, and a layer from 3 to 8."""
    rng = np.random.default_rng(number)
    return "abcdefghij"[rng.integers(10)], int(rng.integers(3, 9))


def _network(number, fault, cure):
    """The healthy network of that number, harmed and then cured."""
    rng = np.random.default_rng([number, 1])
    network = Network(SIZES, "relu", he_normal(), rng)
    W, b = ([each[0] for each in part] for part in (network.W, network.b))
    for change in (FAULTS[fault].harm, CURES[cure]):
        change(W, b, drawn(number)[1], rng)
    return network, 10 * RATE if cure == FASTER else RATE


@functools.lru_cache(maxsize=256)
def _at_start(number, fault, cure):
    """Plots 2 to 4, by key of PLOTS: a forward and a backward pass."""
    network, rate = _network(number, fault, cure)
    x, labels = (part[:EXAMPLES] for part in datasets.load_digits(order="file").train)
    network.forward(x)
    variances = [z.var(axis=1).mean(axis=-1) for z in network.z]
    signals = np.array([variances, probes.second_moment(network.z)])[..., 0]
    gradients = probes.std(network.backward(labels).dW).T
    gradients[gradients < ROUNDING] = 0
    weights = probes.std([W - W[:, :1, :1] for W in network.W]).T  # exactly 0 where all are equal
    updates = rate * gradients / np.where(weights > 0, weights, np.nan)
    return {"signals": signals, "gradients": gradients, "updates": updates}


@functools.lru_cache(maxsize=256)
def _trained(number, fault, cure):
    """Plot 1: the loss at each step (1, STEPS), infinite from where it is not finite."""
    network, rate = _network(number, fault, cure)
    rng = np.random.default_rng(number)
    options = {"momentum": 0.9, "batch_size": 32, "rng": rng, "quiet": True}
    history = fit(
        network,
        *datasets.load_digits(order="file").train,
        steps=STEPS,
        learning_rate=rate,
        **options,
    )
    loss = np.full((1, STEPS), np.inf)
    loss[:, : len(history.loss)] = np.nan_to_num(history.loss.T, nan=np.inf)
    return loss


def curves(number, plot, fault, cure=""):
    """What a plot shows of that number's network with a fault, after a cure: (1 or 2, points)."""
    case = number, fault, cure
    return _trained(*case) if plot == "loss" else _at_start(*case)[plot]


def apart(plot, one, other):
    """How far apart two curves are seen to be, point by point, in heights of the panel."""
    low, high = PLOTS[plot].limits
    logs = (np.log10(np.clip(each, low, high)) for each in (one, other))
    away = np.abs(np.subtract(*logs)) / np.log10(high / low)
    return np.where(np.isnan(away), np.isnan(one) != np.isnan(other), away)


def _farthest(number, one, other, plot):
    """Where two cases, each a fault and a cure, are seen to be farthest apart, and both values.

    In that plot if they are there, and else in one of the three that need no training.
    """

    def away(plot):
        return apart(plot, curves(number, plot, *one), curves(number, plot, *other)).round(1)

    if not plot or away(plot).max() < CLEAR:
        plot = max(list(PLOTS)[1:], key=lambda plot: away(plot).max())
    curve, point = place = np.unravel_index(away(plot).argmax(), away(plot).shape)
    where = f"step {point}" if plot == "loss" else f"layer {point + 1}"
    quantity = "E[z²]" if curve else f"the {PLOTS[plot].quantity}"
    values = (written(curves(number, plot, *case)[place]) for case in (one, other))
    return f"plot {PLOTS[plot].title[0]}: at {where} {quantity}", *values


def against(number, fault, plot=""):
    """What speaks against a wrong fault, in the open plot if that shows it."""
    mine, named = (drawn(number)[0], ""), (fault, "")
    where, found, expected = _farthest(number, mine, named, plot)
    return f"Against {fault} speaks {where} would be {expected} and is {found}."


def alike(number, plot):
    """The faults, and "" if healthy, that a plot does not tell from that of the patient."""
    kind = drawn(number)[0]
    mine = curves(number, plot, kind)
    others = [each for each in FAULTS if each != kind]
    return [o for o in others if apart(plot, mine, curves(number, plot, o)).max() < CLEAR]


def judged(number, plot, fault, cure):
    """Whether fault and cure are right, once both are named, and what is told of them."""
    if not (fault and cure):
        missing = [name for name, said in (("fault", fault), ("cure", cure)) if not said]
        return ("", ""), f"Not named yet: {' and '.join(missing)}."
    kind = drawn(number)[0]
    right = ["right" if ok else "wrong" for ok in (fault == kind, cure == FAULTS[kind].cure)]
    told = f"The fault is {right[0]}. "
    if fault == kind:
        best, sign = SIGNS[kind]
        told += f"Plot {PLOTS[best].title[0]} shows it best: {sign}."
        if plot and (same := alike(number, plot)):
            same = ", ".join(each or "healthy" for each in same)
            told += f" Plot {PLOTS[plot].title[0]} does not tell it from {same}."
    else:
        told += against(number, fault, plot)
    told += f" The cure is {right[1]}."
    if right[1] == "wrong":
        where, left, wanted = _farthest(number, (kind, cure), ("", ""), plot)
        told += f" In {where} would then be {left}; healthy is {wanted}."
    return tuple(right), told


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


@matplotlib.rc_context(plots.RC)
def new_picture():
    """A panel for the loss and one for the plots by layer: a figure and its ``draw``."""
    figure, panels = plots.new_figure(1, 2, size=(6.4, 4.0), width_ratios=[2, 3])
    figure.get_layout_engine().set(rect=(0, 0, 1, 0.93))  # the diagnosis stands above
    looks = {"healthy": "He", "patient": "too small", "patient: E[z²]": "almost constant"}
    for axes, limits in zip(panels, (LOSSES, LAYERS)):
        for name, look in looks.items():
            axes.plot([], [], label=name, **plots.STYLES[look])
        axes.axhline(1, label="reference", **plots.THEORY)
        axes.set(ylim=limits, yscale="log")
    panels[0].set(xlim=(-1, STEPS), xticks=(0, 20, 40))
    panels[0].set_yticks([0.1, 1, 10, 100], ["≤ 0.1", "1", "10", "≥ 100"])
    panels[1].set_yticks([1e-12, 1e-8, 1e-4, 1, 1e4], ["≤ 1e-12", "1e-8", "1e-4", "1", "≥ 1e4"])
    panels[1].set(xlim=(0.6, 9.4), xticks=range(1, 10))
    plots.label(panels[0], title="1 loss", xlabel="training step", ylabel="nats")
    plots.label(panels[1], title="", xlabel="layer", ylabel="what is named above (1)")
    legend(figure)
    any_asked = "2, 3, 4 by layer"
    asked = panels[1].text(0, 1.033, any_asked, transform=panels[1].transAxes, fontsize=11)
    place = {"transform": figure.transFigure, "va": "top", "fontsize": 9}
    diagnosis = [panels[0].text(x, 0.985, "", **place) for x in (0.02, 0.55)]
    level = 2 * np.mean(
        datasets.load_digits(order="file").x_train[:EXAMPLES] ** 2
    )  # of E[z²], by He
    references = {"loss": np.log(10), "signals": level, "updates": 1e-3}

    def draw(seen):
        for line in (*panels[0].lines, *panels[1].lines):
            line.set_visible(False)
        by_layer = seen.plot not in ("", "loss")
        asked.set_text(PLOTS[seen.plot].heading if by_layer else any_asked)
        if seen.plot:
            *lines, reference = panels[int(by_layer)].lines
            points = np.arange(len(seen.healthy)) + by_layer
            for line, values in zip(lines, (seen.healthy, *seen.curves)):
                line.set_data(points, np.clip(values, *line.axes.get_ylim()))
                line.set_markevery(max(1, len(points) // 8))
                line.set_visible(True)
            reference.set_ydata([references.get(seen.plot, 1)] * 2)
            reference.set_visible(seen.plot in references)
        named = f"{seen.fault} {FAULTS[seen.fault].name}" if seen.fault else "", seen.cure
        for text, what, name, right in zip(diagnosis, ("fault", "cure"), named, seen.right):
            mark = {"right": "✓ ", "wrong": "✗ "}.get(right, "")
            text.set_text(f"{what}: {name or 'not named yet'}  {mark}{right}")

    return figure, draw


def written(value):
    """Two digits of a value, or a word where there is no number."""
    if not np.isfinite(value):
        return "undefined" if np.isnan(value) else "infinite"
    short = f"{value:.2g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    return f"{float(short):.0f}" if 100 <= value < 1e5 else short


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
    patient = Explorable("The patient", controls, consulted, *new_picture(), describe, [button])

    def go_on(_):
        patient.set(number=controls["number"].value % LAST + 1, plot="", fault="", cure="")

    button.on_click(go_on)
    return patient


def the_patient():
    """Display the patient."""
    build().display()
