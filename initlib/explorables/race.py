"""Chapter 01, the race: six starts train side by side, at one learning rate and one depth."""

import asyncio
import functools
import itertools
from typing import NamedTuple

import ipywidgets as widgets
import matplotlib
import numpy as np

from initlib import datasets, figures, probes
from initlib._checks import check_option
from initlib.explorables._frame import Explorable, apart, legend, slider
from initlib.initializers import constant, he_normal, normal, xavier_normal, zeros
from initlib.network import Network
from initlib.runs import Runs
from initlib.training import History, descend, evaluate

STARTS = {
    "zero": zeros(),
    "constant": constant(0.1),
    "small": normal(0.01),
    "large": normal(1.0),
    "Xavier": xavier_normal(),
    "He": he_normal(),
}
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 0.6, 1.2)
DEPTHS = (1, 2, 3, 10, 14)
WIDTH, BATCH = 64, 32
FINISH, LIMIT, EVERY = 0.6, 200, 2  # share of test digits, steps, steps from look to look
GRADIENTS = (1e-6, 1e2)  # what the colours hold; beyond is drawn as the last of them
LINE = 0.08  # of the axis, in which a name stands
BREATH = 0.01  # seconds in which the kernel may attend to others


class Lap(NamedTuple):
    """What the race has shown so far; all starts in the order of ``STARTS``."""

    rate: float
    steps: np.ndarray  # (looks,)
    read: np.ndarray  # (looks, starts) share of the test digits; nan once a loss is not finite
    gradients: np.ndarray  # (starts, layers) root mean square of dW at the last look
    arrived: np.ndarray  # (starts,) step of the first look at the finish or above, else inf
    ended: np.ndarray  # (starts,) step of the first look at a loss that is not finite, else inf

    @property
    def hidden(self):
        return self.gradients.shape[1] - 1


@functools.cache
def _digits():
    return datasets.load_digits(dtype=np.float32)


def laps(rate, hidden):
    """Yield a ``Lap`` before step 0 and after every two steps, up to step 200."""
    check_option("rate", rate, RATES)
    check_option("hidden", hidden, DEPTHS)
    sizes = (64, *[WIDTH] * hidden, 10)
    network = Network(sizes, "relu", Runs(start=STARTS, seed=[0]), dtype=np.float32)
    read, history, rng = [], History(), np.random.default_rng(100)
    options = {"learning_rate": rate, "batch_size": BATCH, "rng": rng, "history": history}
    for step, gradients in descend(network, *_digits().train, steps=LIMIT + 1, **options):
        stopped = [stop is not None for stop in history.stopped]
        if step % EVERY == 0:
            loss, share = evaluate(network, *_digits().test)
            lost = stopped | ~np.isfinite(loss)  # it may be finite where it stopped
            read.append(np.where(lost, np.nan, share))
        elif step % EVERY == 1:  # the gradients are those of the step before, which was looked at
            yield _lap(rate, read, gradients, stopped)


def _lap(rate, read, gradients, stopped):
    steps, read = EVERY * np.arange(len(read)), np.array(read, float)
    lost = np.logical_or.accumulate(np.isnan(read))
    read[lost] = np.nan
    dW = [slopes.astype(float) for slopes in gradients.dW]  # in float32 a square may underflow
    size = np.sqrt(probes.second_moment(dW)).T
    size[stopped] = np.nan
    return Lap(rate, steps, read, size, _first(steps, read >= FINISH), _first(steps, lost))


def _first(steps, happened):
    """The first step at which it has happened, for each start; inf where it has not."""
    return np.where(happened.any(axis=0), steps[happened.argmax(axis=0)], np.inf)


@functools.cache
def _start_line(hidden):
    return next(laps(RATES[0], hidden))


def start_line(rate, hidden):
    """The race before step 0, where the rate has not been used yet."""
    check_option("rate", rate, RATES)
    return _start_line(hidden)._replace(rate=rate)


@matplotlib.rc_context(figures.RC)
def new_picture():
    """Digits read against steps, above the gradients by layer: a figure and its ``draw``."""
    figure, (course, strip) = figures.new_figure(2, 1, size=(5.4, 4.8), height_ratios=(3, 2))
    looks = {"markevery": 12, "clip_on": False, "in_layout": False}  # whole where it meets an edge
    styles = figures.looks(STARTS)
    lines = [course.plot([], [], label=name, **styles[name], **looks)[0] for name in STARTS]
    course.axhline(0.1, label="chance", **figures.THEORY)
    course.axhline(FINISH, color="#000000", linewidth=0.9, linestyle=":", label="the finish")
    course.set(xlim=(0, LIMIT), ylim=(0, 1))
    ends = [course.text(0, 0, name, fontsize=9, va="center") for name in STARTS]
    caption = course.text(1, 1.02, "", transform=course.transAxes, ha="right", va="bottom")
    figures.label(course, title="six starts", xlabel="training step", ylabel="test digits read")

    blank = np.full((len(STARTS), DEPTHS[-1] + 1), np.nan)
    low, high = np.log10(GRADIENTS)
    edges = (np.arange(n + 1) for n in blank.shape[::-1])
    mesh = strip.pcolormesh(*edges, blank, cmap="viridis", vmin=low, vmax=high)
    strip.set_xticks(np.array([1, 5, 10, 15]) - 0.5, [1, 5, 10, 15])
    strip.set_yticks(np.arange(len(STARTS)) + 0.5, STARTS)
    strip.invert_yaxis()
    strip.grid(False)
    title = "size of the gradient dW by layer (blank: not finite)"
    figures.label(strip, title=title, xlabel="layer", ylabel="")
    scale = figure.colorbar(mesh, ax=strip, ticks=[-6, -4, -2, 0, 2], label="root mean square")
    scale.set_ticklabels(["≤ 1e-6", "1e-4", "0.01", "1", "≥ 100"])
    legend(figure)

    def draw(seen):
        for line, read, end in zip(lines, seen.read.T, ends):
            line.set_data(seen.steps, read)
            end.set_visible(False)
        for k, step, height in _beside(seen) if seen.steps[-1] else ():
            ends[k].set(x=step + 3, y=height, visible=True)
        sizes = blank.copy()
        sizes[:, : seen.hidden + 1] = np.log10(np.clip(seen.gradients, *GRADIENTS))
        mesh.set_array(sizes)
        caption.set_text(f"rate {seen.rate:g}, {seen.hidden} hidden layers, step {seen.steps[-1]}")

    return figure, draw


def _beside(seen):
    """A place for each curve's name, beside its end and clear of others: (start, step, height)."""
    finite = np.isfinite(seen.read)
    last = len(finite) - 1 - finite[::-1].argmax(axis=0)
    for look in np.unique(last):
        (starts,) = np.nonzero(last == look)
        for k, height in zip(starts, apart(seen.read[look, starts], LINE)):
            yield k, seen.steps[look], height


def describe(seen):
    """Who has arrived and when, who has not, and whose loss is no longer finite."""
    step = seen.steps[-1]
    setting = f"learning rate {seen.rate:g}, {seen.hidden} hidden layers"
    if step == 0:
        return (
            f"The start line: {setting}. Of the test digits are read: {_read(seen, STARTS)}. "
            f"Press Race to train for {LIMIT} steps."
        )
    arrived, ended = _when(seen.arrived), _when(seen.ended)
    running = np.isinf(seen.arrived) & np.isinf(seen.ended)
    late = _read(seen, itertools.compress(STARTS, running))
    told = f"Step {step} of {LIMIT}: {setting}. Arrived at {FINISH:.0%}: {arrived or 'none'}."
    told += f" Not arrived, and reading now: {late}." if late else ""
    return told + (f" Diverged to a loss that is not finite: {ended}." if ended else "")


def _read(seen, names):
    """What these starts read at the last look."""
    shares = dict(zip(STARTS, seen.read[-1]))
    return ", ".join(f"{name} {shares[name]:.0%}" for name in names)


def _when(steps):
    """The starts that have a step here, the earliest first."""
    order = sorted(zip(steps, STARTS))
    return ", ".join(f"{name} at step {step:.0f}" for step, name in order if step < np.inf)


class Driver:
    """Runs a race in the kernel's event loop, lap by lap, so that no other cell has to wait long.

    It keeps the newest lap of each setting, of which there are only as many as the controls have.
    """

    def __init__(self):
        self.seen, self.task = {}, None

    def newest(self, rate, hidden):
        """What was seen of the race, or its start line."""
        return self.seen.get((rate, hidden)) or start_line(rate, hidden)

    def start(self, explorable):
        self.stop()
        self.task = asyncio.get_running_loop().create_task(self._run(explorable))
        self.task.add_done_callback(functools.partial(_tell, explorable))

    def stop(self, _=None):
        if self.task is not None:
            self.task.cancel()

    def forget(self):
        self.stop()
        self.seen.clear()

    async def _run(self, explorable):
        controls = explorable.values()
        for lap in laps(**controls):
            self.seen[tuple(controls.values())] = lap
            explorable.show_seen(lap)
            await asyncio.sleep(BREATH)


def _tell(explorable, task):
    """An error in a task would be silent: it goes into the sentence and to the kernel's log."""
    if not task.cancelled() and (error := task.exception()):
        explorable.say(f"The race has stopped: {error!r}")
        raise error


def reached(seen):
    """Whether exactly one start has arrived when all steps are run."""
    return bool(seen.steps[-1] == LIMIT and np.isfinite(seen.arrived).sum() == 1)


def build():
    """Controls for the rate and the depth, and the button that starts the race."""
    controls = {
        "rate": slider("learning rate η", RATES, 0.3),
        "hidden": slider("hidden layers", DEPTHS, 2, "{}"),
    }
    driver = Driver()
    button = widgets.Button(description="Race", icon="flag-checkered")
    button.tooltip = f"Train for {LIMIT} steps; press again to start anew"
    picture = new_picture()
    explorable = Explorable(
        "The race",
        "Choose a rate and a depth at which only one of the six starts arrives, and race.",
        reached,
        controls,
        driver.newest,
        *picture,
        describe,
        [button],
        forget=driver.forget,
    )
    for control in controls.values():
        control.observe(driver.stop, "value")
    button.on_click(lambda _: driver.start(explorable))
    return explorable
