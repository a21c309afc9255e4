"""Chapter 02, the symmetry breaker: hidden units as dots, glued, then parting as they train."""

import functools
from typing import NamedTuple

import ipywidgets as widgets
import matplotlib
import numpy as np

from initlib import datasets, figures, probes
from initlib._checks import check_count, check_number
from initlib.explorables._frame import Explorable, choice, legend, slider, whole
from initlib.network import Network
from initlib.runs import Runs
from initlib.training import evaluate, fit

EPSILONS = (0.0, 1e-15, 1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1)
WIDTHS = (2, 64)
ACTIVATIONS = ("tanh", "relu", "sigmoid")
STEPS, EVERY = 450, 10
TINY = 1e-13  # the noise of the run that shows how differences grow while they are small


class Separation(NamedTuple):
    """Hidden units while their network trains; frame f is what was seen at ``steps[f]``."""

    steps: np.ndarray  # (frames,)
    positions: np.ndarray  # (frames, width, 2), in the plane where the units end up widest apart
    distinct: np.ndarray  # (frames,) number of units that differ by more than 0.1 %
    accuracy: np.ndarray  # (frames,) share of the test digits
    reach: float  # the largest coordinate
    spread: np.ndarray  # (frames,) root mean square distance of the units from their mean
    predicted: np.ndarray  # (frames,) the same by linear theory, epsilon times the growth so far


def watched(size, width, activation, look):
    """The history of one network that learns the digits from weights 0.1 + size * noise."""

    def almost_constant(rng, shape, dtype):
        return 0.1 + size * rng.standard_normal(shape, dtype)

    network = Network((64, width, 10), activation, Runs(start=almost_constant, seed=[0]))
    return fit(
        network,
        *datasets.load_digits().train,
        steps=STEPS,
        learning_rate=0.3,
        rng=np.random.default_rng(100),
        observe=look,
        every=EVERY,
        quiet=True,
    )


@functools.lru_cache(maxsize=64)
def growth_of_tiny(width, activation):
    """By what factor units that differ by ``TINY`` have come apart, frame by frame."""
    return np.ravel(watched(TINY, width, activation, probes.spread).observed) / TINY


@functools.lru_cache(maxsize=64)
def separation(epsilon, width, activation):
    """Train one network on the digits from weights 0.1 + epsilon * noise and watch its units.

    A second network with the same noise, only ``TINY``, shows what linear theory predicts.
    """
    check_number("epsilon", epsilon, least=0)
    check_count("width", width)
    x, labels = datasets.load_digits().test

    def look(network):
        (units,) = probes.unit_vectors(network)
        (distinct,) = probes.distinct_units(network, tolerance=1e-3)
        (accuracy,) = evaluate(network, x, labels, chunk=len(x)).accuracy
        return units, distinct, accuracy, *probes.spread(network)

    history = watched(epsilon, width, activation, look)
    units, distinct, accuracy, spread = map(np.array, zip(*history.observed))
    deviations = units - units.mean(axis=1, keepdims=True)
    axes = np.linalg.svd(deviations[-1], full_matrices=False)[2][:2]
    axes *= np.sign(axes[[0, 1], np.abs(axes).argmax(axis=1)])[:, None]  # else it may flip
    positions = deviations @ axes.T
    reach = max(float(np.abs(positions).max()), 0.1) * 1.1
    predicted = epsilon * growth_of_tiny(width, activation)
    return Separation(
        history.observed_steps, positions, distinct, accuracy, reach, spread, predicted
    )


def at_step(epsilon, width, activation, step):
    """A separation and the frame of it to be shown."""
    return separation(epsilon, width, activation), step // EVERY


@matplotlib.rc_context(figures.RC)
def new_picture():
    """The units of one frame as dots, beside their spread up to it: a figure and its ``draw``."""
    figure, (plane, growth) = figures.new_figure(1, 2, size=(5.4, 3.5))
    figures.draw_dots(plane, np.zeros((1, 2)), 1)
    plane.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    along = {"xlabel": "first direction (1: the farthest dot)", "ylabel": ""}
    figures.label(plane, title="the hidden units", **along)
    (spread,) = growth.plot(
        [], [], color=figures.STYLES["almost constant"]["color"], label="spread"
    )
    (linear,) = growth.plot([], [], label="linear theory", **figures.THEORY)
    growth.set(xlim=(0, STEPS), ylim=(1e-18, 10), yscale="log")
    figures.label(growth, title="how far they are apart", xlabel="training step", ylabel="")
    legend(figure)
    (dots,) = plane.collections
    dots.set_clim(0, 1)
    told = plane.text(-0.96, 0.96, "", va="top")

    def draw(seen):
        separated, frame = seen
        dots.set_offsets(separated.positions[frame] / separated.reach)
        width, distinct = separated.positions.shape[1], separated.distinct[frame]
        dots.set_array(np.linspace(0, 0.9, width))
        told.set_text("all on one dot" if distinct == 1 else f"{distinct} of {width} apart")
        for line, values in ((spread, separated.spread), (linear, separated.predicted)):
            line.set_data(separated.steps[: frame + 1], np.maximum(values[: frame + 1], 1e-30))

    return figure, draw


def describe(seen):
    """One sentence for the picture, for who cannot see it."""
    separated, frame = seen
    width, distinct = separated.positions.shape[1], separated.distinct[frame]
    state = (
        f"all {width} dots lie on one another"
        if distinct == 1
        else f"{distinct} of {width} units can be told apart"
        if distinct < width
        else f"all {width} units differ"
    )
    return (
        f"Step {separated.steps[frame]}: {state}, their distance from the mean is "
        f"{separated.spread[frame]:.0e}, "
        f"and the network reads {separated.accuracy[frame]:.0%} of the test digits."
    )


def reached(seen):
    """Whether all units have parted."""
    separated, frame = seen
    return bool(separated.distinct[frame] == separated.positions.shape[1])


def build():
    """Controls for epsilon, width and activation, and a player for the training steps."""
    controls = {
        "epsilon": slider("noise ε", EPSILONS, 1e-6, "{:.0e}"),
        "width": whole("width (units)", *WIDTHS, 32),
        "activation": choice("activation φ", ACTIVATIONS, "tanh"),
        "step": whole("training step", 0, STEPS, 0, EVERY),
    }
    play = widgets.Play(max=STEPS, step=EVERY, interval=150)
    widgets.jslink((play, "value"), (controls["step"], "value"))
    return Explorable(
        "The symmetry breaker",
        "Let it train, and change the noise until every unit goes its own way.",
        reached,
        controls,
        at_step,
        *new_picture(),
        describe,
        [play],
    )
