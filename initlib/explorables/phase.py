"""Chapter 12, the phase diagram: two numbers, and what becomes of two inputs in sixty layers."""

import functools
import math
from typing import NamedTuple

import matplotlib
import numpy as np

from initlib import figures, theory
from initlib._checks import check_number, check_option
from initlib.explorables._frame import Explorable, compared, legend, slider

SIGMA_W = tuple(np.arange(12, 41) / 20)  # 0.6 to 2
SIGMA_B = tuple(np.arange(0, 17) / 20)  # 0 to 0.8
ALIKE = (0.0, 0.5, 0.9, 0.99)
DEPTH, WIDTH, NETWORKS, PAIRS = 60, 128, 8, 4
SETTLED = 1000  # layers after which nothing is taken to change
LENGTHS = 6  # correlation lengths that can be trained (Schoenholz et al. 2017)
FAR, BIASED = 200, 0.2  # what the invitation asks for: a depth to train, biases of some size
SAME = 0.005  # of chi from 1, up to which a point lies on the edge
# The trapezoidal rule, which converges exponentially for what is smooth and ends in a normal tail.
_NODES = np.linspace(-7, 7, 57)
_WEIGHTS = np.exp(-0.5 * _NODES**2)
_WEIGHTS /= _WEIGHTS.sum()
_UPPER, _TWICE = _NODES[28:], np.r_[_WEIGHTS[28], 2 * _WEIGHTS[29:]]  # from 0 on


class Phase(NamedTuple):
    """Where a point of the diagram leads two inputs, in tanh networks at step 0."""

    sigma_w: float
    sigma_b: float
    q: float  # the variance of z after many layers
    chi: float  # by which the square of a small difference and of the gradient grow a layer
    length: float  # layers in which what correlations still have to go shrinks by e
    layers: np.ndarray  # (DEPTH + 1,) from 0, the input
    alike: np.ndarray  # (DEPTH + 1,) the correlation of the two, the mean over networks
    alike_theory: np.ndarray

    @property
    def depth(self):
        """The layers that can be trained, by the published rule."""
        return LENGTHS * self.length


def slope(z):
    """That of tanh."""
    return 1 / np.cosh(z) ** 2


def mean_square(function, q):
    """E[f(z)^2] for normal z of variance q. `theory` has it to more digits, in more time."""
    return float(function(np.sqrt(q) * _NODES) ** 2 @ _WEIGHTS)


def pair_mean(function, q, c):
    """E[f(u) f(v)] for normal u, v of variance q and correlation c, where f is odd or even: then
    -u and -v add what u and v do."""
    u = np.sqrt(q) * _UPPER
    v = c * u[:, None] + np.sqrt(q * max(0.0, 1 - c**2)) * _NODES
    return float((function(u) * _TWICE) @ function(v) @ _WEIGHTS)


def next_layer(q, c, sigma_w, sigma_b):
    """Variance and correlation of two inputs' z, one layer on (Poole et al. 2016, eq. 3 and 5)."""
    after = sigma_w**2 * mean_square(np.tanh, q) + sigma_b**2
    together = sigma_w**2 * pair_mean(np.tanh, q, c) + sigma_b**2
    return after, min(1.0, together / after)


@functools.cache
def settled(sigma_w, sigma_b):
    """q, chi and the correlation length after many layers."""
    q = limit(lambda q: sigma_w**2 * mean_square(np.tanh, q) + sigma_b**2, 1.0)
    chi = rate = sigma_w**2 * mean_square(slope, q)
    if chi > 1:  # two inputs do not end as one: the rate is that of where they end
        c = limit(lambda c: next_layer(q, c, sigma_w, sigma_b)[1], 0.5)
        rate = min(1.0, sigma_w**2 * pair_mean(slope, q, c))
    return q, chi, float(1 / max(abs(np.log(rate)), 1e-9))


def limit(step, value):
    """Where steps lead, from a value."""
    for _ in range(SETTLED):
        before, value = value, step(value)
        if abs(value - before) < 1e-9 * abs(value):
            break
    return value


@functools.cache
def _drawn():
    """Weights and biases of variance 1, drawn once, and pairs of inputs at right angles."""
    rng = np.random.default_rng(0)
    W = rng.standard_normal((DEPTH, NETWORKS, WIDTH, WIDTH), np.float32)
    W /= np.sqrt(WIDTH)  # in place: a quotient would be of twice the precision, and the size
    b = rng.standard_normal((DEPTH, NETWORKS, 1, WIDTH), np.float32)
    pairs, _ = np.linalg.qr(rng.standard_normal((PAIRS, WIDTH, 2)))
    return W, b, (np.sqrt(WIDTH) * pairs).mT.swapaxes(0, 1).astype(np.float32)


def correlation(one, other):
    """The mean over pairs and networks of the cosine between two signals."""
    length = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    return np.mean(np.sum(one * other, axis=-1) / length)


@functools.cache
def walked(sigma_w, sigma_b, alike):
    """Send pairs of inputs that are so much alike through sixty tanh layers."""
    check_number("sigma_w", sigma_w, least=0.1)
    check_number("sigma_b", sigma_b, least=0)
    check_option("alike", alike, ALIKE)
    W, b, (one, other) = _drawn()
    a = np.concatenate([one, alike * one + math.sqrt(1 - alike**2) * other])
    measured, predicted, q = [alike], [alike], 1.0
    for layer in range(DEPTH):
        z = np.float32(sigma_w) * (a @ W[layer]) + np.float32(sigma_b) * b[layer]
        measured.append(correlation(z[..., :PAIRS, :], z[..., PAIRS:, :]))
        a = np.tanh(z)
    first = sigma_w**2 + sigma_b**2  # inputs of second moment 1 pass no tanh
    q, c = first, (sigma_w**2 * alike + sigma_b**2) / first
    for _ in range(DEPTH):
        predicted.append(c)
        q, c = next_layer(q, c, sigma_w, sigma_b)
    ways = np.arange(DEPTH + 1), np.array(measured, float), np.array(predicted)
    return Phase(float(sigma_w), float(sigma_b), *settled(sigma_w, sigma_b), *ways)


def line_of(chi):
    """The points at which chi has one value, by the q that settles there: sigma_w and sigma_b."""
    q = np.geomspace(1e-6, 30, 400)
    sigma_w = np.sqrt(chi / theory.derivative_second_moment("tanh", q))
    square = q - sigma_w**2 * theory.second_moment("tanh", q)
    return sigma_w[square >= 0], np.sqrt(square[square >= 0])


@matplotlib.rc_context(figures.RC)
def new_picture():
    """The diagram with the learner on it, and correlation by layer: a figure and its ``draw``."""
    figure, (diagram, axes) = figures.new_figure(1, 2, size=(7.6, 4.0))
    diagram.set(xlim=(SIGMA_W[0], SIGMA_W[-1]), ylim=(-0.03, SIGMA_B[-1]))
    edge = line_of(1.0)
    low, high = SIGMA_W[0], SIGMA_W[-1]
    diagram.fill_betweenx(edge[1], low, edge[0], color="#DCE9F5", zorder=0)
    diagram.fill_betweenx(edge[1], edge[0], high, color="#F8E3DA", zorder=0)
    diagram.plot(*edge, color="#000000", label="the edge, χ₁ = 1")
    for k, chi in enumerate((np.exp(-0.1), np.exp(0.1))):
        name = "_" * k + "ten layers to a factor of e"
        diagram.plot(*line_of(chi), color="#000000", linestyle=":", label=name)
    diagram.text(0.7, 0.7, "order")
    diagram.text(1.78, 0.12, "chaos")
    (here,) = diagram.plot([1], [0], "o", color="#CC79A7", markersize=9, label="you")
    figures.label(diagram, title="where you are", xlabel="σ_w", ylabel="σ_b")
    axes.set(xlim=(0, DEPTH), ylim=(-0.3, 1.05))
    lines = compared(axes, {"the two inputs": "theory"}, x=range(DEPTH + 1))
    title = "how alike two inputs are"
    figures.label(axes, title=title, xlabel="layer", ylabel="correlation (1)")
    legend(figure, columns=3)

    def draw(seen):
        here.set_data([seen.sigma_w], [seen.sigma_b])
        for line, values in zip(lines, (seen.alike, seen.alike_theory)):
            line.set_data(seen.layers, values)
            line.set_markevery(8)

    return figure, draw


def phase(seen):
    """The name of where a point lies."""
    if abs(seen.chi - 1) <= SAME:
        return "the edge"
    return "order" if seen.chi < 1 else "chaos"


def describe(seen):
    """Where the point lies, where q settles, and how deep that leads."""
    q = "0: the signal fades" if seen.q < 2 / SETTLED else f"{seen.q:.2f}"
    grown = seen.chi ** ((DEPTH - 1) / 2)
    reach = f"{seen.depth:.0f}" if seen.depth < 1000 else "more than 1,000"
    return (
        f"σ_w = {seen.sigma_w:g}, σ_b = {seen.sigma_b:g}: {phase(seen)}. q settles at {q}. "
        f"χ₁ is {seen.chi:.3f}: from layer {DEPTH} back to layer 1 the gradient is multiplied by "
        f"{grown:.2g}. The correlation of the two inputs goes from {seen.alike[0]:g} to "
        f"{seen.alike[-1]:.2f} at layer {DEPTH} (theory {seen.alike_theory[-1]:.2f}). "
        f"Correlation length {_layers(seen.length)}; "
        f"by the rule of six lengths, {reach} layers can be trained."
    )


def _layers(length):
    return f"{length:.1f} layers" if length < 1000 else "more than 1,000 layers"


def reached(seen):
    """Whether with biases of some size a deep network can be trained, by the rule."""
    return bool(seen.sigma_b >= BIASED and seen.depth >= FAR)


def build():
    """Two sliders to walk by, and how much alike the inputs are at first."""
    controls = {
        "sigma_w": slider("σ_w of the weights", SIGMA_W, 1.0, "{:.2f}"),
        "sigma_b": slider("σ_b of the biases", SIGMA_B, 0.3, "{:.2f}"),
        "alike": slider("alike at first", ALIKE, 0.5, "{:g}"),
    }
    return Explorable(
        "The phase diagram",
        f"Walk to a point with σ_b of at least {BIASED:g} from which {FAR} layers can be trained.",
        reached,
        controls,
        walked,
        *new_picture(),
        describe,
    )
