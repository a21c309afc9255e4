"""Chapter 03, the knob: one scale for all weights, and the layer at which the signal is lost."""

import functools
from typing import NamedTuple

import ipywidgets as widgets
import matplotlib
import numpy as np

from initlib import datasets, figures, probes, theory
from initlib._checks import check_count, check_number
from initlib.explorables._frame import Explorable, choice, compared, legend, slider, whole
from initlib.initializers import normal, zeros
from initlib.network import Network
from initlib.runs import Runs

GAINS = tuple(2.0 ** np.arange(-2, 2.01, 0.125))
DEEPEST, WIDTH, NETWORKS, EXAMPLES = 60, 64, 4, 16
ACTIVATIONS = ("linear", "relu", "tanh")
DEEP = 50  # layers that signal and gradient are to survive
LOST = 1000  # times larger or smaller than at the first layer
NEVER = DEEPEST + 1  # the guess that the signal stays


class Signals(NamedTuple):
    """Root mean squares by layer, of networks at step 0; medians over networks."""

    layers: np.ndarray  # (depth,) 1 to depth, without the layer of the logits
    forward: np.ndarray  # (depth,) of z, over that of layer 1
    backward: np.ndarray  # (depth,) of dz, over that of the last of these layers
    forward_theory: np.ndarray  # (depth,) the same predicted
    backward_theory: np.ndarray
    lost: int  # the first layer at which forward is LOST times off, or NEVER
    guess: int
    locked: bool


@functools.cache
def _unit_weights():
    """Weights of gain 1 for the deepest networks and, last, for their logits."""
    runs = Runs(start=normal(1 / np.sqrt(WIDTH)), seed=range(NETWORKS))
    return Network((WIDTH,) * (DEEPEST + 1) + (10,), "linear", runs).W


def signals(gain, depth, activation, guess=NEVER, locked=True):
    """Send digits through ``depth`` hidden layers of that gain, and their errors back."""
    check_number("gain", gain, least=0)
    if check_count("depth", depth, least=2) > DEEPEST:
        raise ValueError(f"depth must be at most {DEEPEST}, not {depth}")
    x, labels = (part[:EXAMPLES] for part in datasets.load_digits().train)
    runs = Runs(start=zeros(), seed=range(NETWORKS))
    network = Network((WIDTH,) * (depth + 1) + (10,), activation, runs)
    network.W = [gain * W for W in (*_unit_weights()[:depth], _unit_weights()[-1])]
    network.forward(x)
    dz = network.backward(labels).dz

    forward, backward = (np.sqrt(probes.second_moment(s[:-1])) for s in (network.z, dz))
    with np.errstate(divide="ignore", invalid="ignore"):
        forward = np.median(forward / forward[0], axis=1)
        backward = np.median(backward / backward[-1], axis=1)
    q = theory.signal(activation, gain**2, depth, np.mean(x**2))
    factors = gain**2 * theory.derivative_second_moment(activation, q[:-1])
    back = np.concatenate([np.cumprod(factors[::-1])[::-1], [1.0]])
    off = np.abs(np.log10(forward)) > np.log10(LOST)
    lost = int(1 + off.argmax()) if off.any() else NEVER
    layers = np.arange(1, depth + 1)
    ways = forward, backward, np.sqrt(q / q[0]), np.sqrt(back)
    return Signals(layers, *ways, lost, guess, locked)


@matplotlib.rc_context(figures.RC)
def new_picture():
    """Forward and backward by layer, the guess as a vertical line: a figure and its ``draw``."""
    figure, axes = figures.new_figure(size=(5.4, 3.6))
    lines = compared(axes, {"forward, z": "theory of z", "backward, dz": "theory of dz"})
    guessed = axes.axvline(1, color="#CC79A7", linewidth=2, label="your guess")
    found = axes.axvline(1, color="#000000", linestyle=":", label="lost here")
    axes.set(xlim=(0, DEEPEST + 1), ylim=(1e-9, 1e9), yscale="log")
    axes.axhspan(1 / LOST, LOST, color="#EEEEEE", zorder=0)
    ylabel = "root mean square,\nwhere it enters: 1"
    figures.label(axes, title="the signal and the gradient by layer", xlabel="layer", ylabel=ylabel)
    legend(figure, columns=3)

    def draw(seen):
        curves = seen.forward, seen.backward, seen.forward_theory, seen.backward_theory
        for line, values in zip(lines, curves):
            line.set_data(seen.layers, np.clip(values, 1e-30, 1e30))
            line.set_visible(seen.locked)
            line.set_markevery(max(1, len(seen.layers) // 8))
        guessed.set_xdata([seen.guess] * 2)
        found.set_xdata([seen.lost] * 2)
        found.set_visible(seen.locked and seen.lost != NEVER)

    return figure, draw


def describe(seen):
    """What is seen, in words; before the guess is locked, what is asked."""
    depth = len(seen.layers)
    guess = f"layer {seen.guess}" if seen.guess < NEVER else "it is not lost"
    if not seen.locked:
        return (
            f"{depth} layers. At which layer will the signal be {LOST} times larger or smaller "
            f"than at the first? Your guess: {guess}. Lock it to see."
        )
    end = f"At layer {depth} the signal is {seen.forward[-1]:.0e} times that of layer 1, "
    end += f"and at layer 1 the gradient is {seen.backward[0]:.0e} times that of layer {depth}."
    if seen.lost == NEVER:
        told = f"The signal is not lost in {depth} layers"
        off = "as you said." if seen.guess > depth else f"your guess was {guess}."
    else:
        told = f"The signal is lost at layer {seen.lost}"
        away = abs(seen.guess - seen.lost)
        off = (
            "as you guessed."
            if not away
            else "you guessed that it stays."
            if seen.guess == NEVER
            else f"your guess, {guess}, is {away} off."
        )
    return f"{told}; {off} {end}"


def reached(seen):
    """Whether neither is lost on its way through at least ``DEEP`` layers."""
    kept = np.abs(np.log10(seen.backward[0])) < np.log10(LOST)
    return bool(seen.locked and len(seen.layers) >= DEEP and seen.lost == NEVER and kept)


def build():
    """Controls for gain, depth and activation, a guess, and the button that locks it."""
    guesses = [(str(layer), layer) for layer in range(2, NEVER)] + [("not lost", NEVER)]
    controls = {
        "gain": slider("gain of a layer", GAINS, 2**-0.5, "{:.2f}"),
        "depth": whole("layers", 2, DEEPEST, 30),
        "activation": choice("activation φ", ACTIVATIONS, "relu"),
        "guess": slider("guess: lost at layer", [each for _, each in guesses], 20),
        "locked": widgets.ToggleButton(False, description="Lock the guess", icon="lock"),
    }
    controls["guess"].options, controls["guess"].value = guesses, 20
    rows = [control for name, control in controls.items() if name != "locked"]
    buttons = [controls["locked"]]
    return Explorable(
        "The knob",
        f"Turn the gain until signal and gradient survive {DEEP} layers.",
        reached,
        controls,
        signals,
        *new_picture(),
        describe,
        buttons,
        rows,
    )
