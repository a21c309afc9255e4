"""Chapter 08, the clinic: what is known of the patients, without a picture of any.

All patients are one network of eight hidden ReLU layers with He's start, harmed in one of ten ways.
``SIGNS`` names for each way the plot in which it stands apart from the healthy network and from the
other nine, and says by what. In other plots some of the ways look alike.
"""

import functools
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from initlib import datasets, probes
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


def examples():
    """Inputs and labels of the digits that plots 2 to 4 are taken with."""
    return tuple(part[:EXAMPLES] for part in datasets.load_digits(order="file").train)


@functools.lru_cache(maxsize=256)
def _at_start(number, fault, cure):
    """Plots 2 to 4, by key of PLOTS: a forward and a backward pass."""
    network, rate = _network(number, fault, cure)
    x, labels = examples()
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
    digits, rng = datasets.load_digits(order="file"), np.random.default_rng(number)
    options = {"momentum": 0.9, "batch_size": 32, "rng": rng, "quiet": True}
    history = fit(network, *digits.train, steps=STEPS, learning_rate=rate, **options)
    loss = np.full((1, STEPS), np.inf)
    loss[:, : len(history.loss)] = np.nan_to_num(history.loss.T, nan=np.inf)
    return loss


def curves(number, plot, fault, cure=""):
    """What a plot shows of that number's network with a fault, after a cure: (1 or 2, points)."""
    case = number, fault, cure
    return _trained(*case) if plot == "loss" else _at_start(*case)[plot]


def written(value):
    """Two digits of a value, or a word where there is no number."""
    if not np.isfinite(value):
        return "undefined" if np.isnan(value) else "infinite"
    short = f"{value:.2g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    return f"{float(short):.0f}" if 100 <= value < 1e5 else short


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
