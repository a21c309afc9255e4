"""The interactives: a pure function that computes, one that draws, and thin controls around them.

None uses an Output widget (a stored notebook could not be compared): one reused figure feeds an
image, and a sentence below says in words what is seen now.
"""

import functools
from typing import NamedTuple

import numpy as np

from initlib import datasets, plots, probes
from initlib._checks import check_count, check_number
from initlib._display import NEUTRAL, card, show, to_html
from initlib.network import Network
from initlib.training import evaluate, fit

# --- chapter 02: the symmetry breaker ----------------------------------------------------------

EPSILONS = (0.0, 1e-15, 1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1)
WIDTHS = (2, 64)
ACTIVATIONS = ("tanh", "relu", "sigmoid")
STEPS, EVERY = 450, 10


class Separation(NamedTuple):
    """Hidden units while their network trains; frame f is what was seen at ``steps[f]``."""

    steps: np.ndarray  # (frames,)
    positions: np.ndarray  # (frames, width, 2), in the plane where the units end up widest apart
    distinct: np.ndarray  # (frames,) number of units that differ by more than 0.1 %
    accuracy: np.ndarray  # (frames,) share of the test digits
    reach: float  # the largest coordinate


@functools.lru_cache(maxsize=64)
def separation(epsilon, width, activation):
    """Train one network on the digits from weights 0.1 + epsilon * noise and watch its units."""
    check_number("epsilon", epsilon, least=0)
    check_count("width", width)

    def almost_constant(rng, shape, dtype):
        return 0.1 + epsilon * rng.standard_normal(shape, dtype)

    def look(network):
        units = probes.unit_vectors(network)[0]
        distinct = probes.distinct_units(network, tolerance=1e-3)[0]
        return units, distinct, evaluate(network, *digits.test)[1][0]

    digits = datasets.load_digits()
    network = Network((64, width, 10), activation, almost_constant, np.random.default_rng(0))
    history = fit(
        network,
        *digits.train,
        steps=STEPS,
        learning_rate=0.3,
        rng=np.random.default_rng(100),
        observe=look,
        every=EVERY,
        quiet=True,
    )
    units, distinct, accuracy = map(np.array, zip(*history.observed))
    deviations = units - units.mean(axis=1, keepdims=True)
    axes = np.linalg.svd(deviations[-1], full_matrices=False)[2][:2]
    axes *= np.sign(axes[[0, 1], np.abs(axes).argmax(axis=1)])[:, None]  # else it may flip
    positions = deviations @ axes.T
    reach = max(float(np.abs(positions).max()), 0.1) * 1.1
    return Separation(history.observed_steps, positions, distinct, accuracy, reach)


def draw_separation(axes, seen, frame):
    """The units of one frame as dots, in axes that do not change from frame to frame."""
    axes.clear()
    plots.draw_dots(axes, seen.positions[frame], seen.reach)
    plots.label(
        axes,
        title=f"step {seen.steps[frame]}: {describe_count(seen.distinct[frame])}",
        xlabel="first direction in which the units end up apart",
        ylabel="second direction",
    )


def describe_count(distinct):
    """As in "12 distinct hidden units"."""
    return "1 distinct hidden unit" if distinct == 1 else f"{distinct} distinct hidden units"


def describe_separation(seen, frame):
    """One sentence for the picture, for who cannot see it."""
    width, distinct = seen.positions.shape[1], seen.distinct[frame]
    state = (
        f"all {width} dots lie on one another"
        if distinct == 1
        else f"{distinct} of {width} units can be told apart"
        if distinct < width
        else f"all {width} units differ"
    )
    return (
        f"Step {seen.steps[frame]}: {state}, "
        f"and the network reads {seen.accuracy[frame]:.0%} of the test digits."
    )


def symmetry_breaker():
    """Controls for epsilon, width and activation, and a player for the training steps."""
    import ipywidgets as widgets

    figure, axes = plots.new_figure(size=(5.2, 4.2))
    row = {
        "style": {"description_width": "9em"},
        "layout": widgets.Layout(width="32em"),
    }
    epsilon = widgets.SelectionSlider(
        options=[("0 (rounding alone)", 0.0), *((f"{e:.0e}", e) for e in EPSILONS[1:])],
        description="noise ε",
        **row,
    )
    width = widgets.IntSlider(min=WIDTHS[0], max=WIDTHS[1], description="width (units)", **row)
    activation = widgets.Dropdown(options=ACTIVATIONS, description="activation φ", **row)
    step = widgets.IntSlider(max=STEPS, step=EVERY, description="training step", **row)
    play = widgets.Play(max=STEPS, step=EVERY, interval=150)
    reset = widgets.Button(description="Reset", tooltip="All controls as they were at first")
    image = widgets.Image(format="png", layout=widgets.Layout(width="375px", height="302px"))
    sentence = widgets.HTML()

    def start(_=None):
        epsilon.value, width.value, activation.value, step.value = 1e-6, 32, "tanh", 0

    def paint(_=None):
        seen = separation(epsilon.value, width.value, activation.value)
        frame = step.value // EVERY
        draw_separation(axes, seen, frame)
        image.value = plots.png(figure)
        sentence.value = to_html(describe_separation(seen, frame))

    start()
    paint()
    figure.set_layout_engine("none")  # laid out once: the axes stay put, and a repaint is faster
    widgets.jslink((play, "value"), (step, "value"))
    for control in (epsilon, width, activation, step):
        control.observe(paint, "value")
    reset.on_click(start)
    rows = [
        epsilon,
        width,
        activation,
        step,
        widgets.HBox([play, reset]),
        image,
        sentence,
    ]
    show_explorable(widgets.VBox(rows), "The symmetry breaker")


def show_explorable(box, name):
    """Where there is no kernel one sentence stands for the interactive, not a hole."""
    text = f"{name}: run this notebook to play; the figure above shows the same at fixed settings."
    show(text, card(NEUTRAL, to_html(text)), box)
