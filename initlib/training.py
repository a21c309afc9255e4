"""Gradient descent: ``fit`` trains every replica of a network and returns its history."""

import contextlib
import itertools
import operator
import os
import time
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from initlib._checks import check_count, check_number, check_rng
from initlib._machine import one_thread, silence
from initlib.network import check_inputs, check_labels, check_learning_rate


class Stop(NamedTuple):
    """Where a replica's training ended because its loss was no longer finite."""

    step: int
    layer: int  # counted from 1

    def __str__(self):
        return (
            f"its loss is not finite at step {self.step}; "
            f"layer {self.layer} is the first whose pre-activations are not"
        )


@dataclass
class History:
    """What ``fit`` saw. Each loss is the minibatch's, before that step's update, in nats."""

    loss: np.ndarray = None  # (steps, R)
    observed_steps: np.ndarray = None  # (records,)
    observed: list = field(default_factory=list)  # what ``observe(network)`` returned
    stopped: list = None  # a Stop or None, one a replica


class Evaluation(NamedTuple):
    """What a network makes of examples, replica by replica."""

    loss: np.ndarray  # (R,) mean cross-entropy in nats
    accuracy: np.ndarray  # (R,) share of the examples that it reads rightly


def minibatches(examples, batch_size, rng):
    """Index arrays without end: each epoch a new permutation, its last batch kept if short."""
    examples, batch_size = check_count("examples", examples), check_count("batch_size", batch_size)
    check_rng(rng)
    return _epochs(examples, batch_size, rng)


def _epochs(examples, batch_size, rng):
    while True:
        order = rng.permutation(examples)
        for start in range(0, examples, batch_size):
            yield order[start : start + batch_size]


def descend(
    network,
    x,
    labels,
    *,
    steps,
    learning_rate,
    rng=None,
    batch_size=64,
    momentum=0.0,
    adam=False,
    history=None,
):
    """The loop behind ``fit``: yields (step, gradients) before each step and after the last.

    ``gradients`` are those of the step before, None at first; the arguments are those of ``fit``.
    Between two steps the network may be evaluated. ``history`` is kept up to date if it is given.
    """
    x = check_inputs(x, network)
    labels = check_labels(labels, x.shape[-2], network.sizes[-1])
    steps = check_count("steps", steps, 0)
    rule = Adam() if adam else Momentum(check_number("momentum", momentum, least=0))
    if adam and momentum:
        raise ValueError(f"momentum must be 0 with adam, which has its own; it is {momentum}")
    rates = check_learning_rate(learning_rate, network)[:, None]
    batches = _batches(x.shape[-2], batch_size, rng)
    history = history or History()
    history.loss = np.full((steps, network.replicas), np.nan, network.dtype)
    history.stopped = [None] * network.replicas
    return _steps(network, x, labels, batches, rates, rule, history)


def _steps(network, x, labels, batches, rates, rule, history):
    parameters, gradients, stopped = network.parameters(), None, []
    for step, batch in zip(range(len(history.loss)), batches):
        yield step, gradients
        gradients = None  # of many networks they are the largest part of the memory
        network.forward(x.take(batch, axis=-2), check=False)
        gradients = network.backward(labels[batch], check=False)
        history.loss[step] = network.mean_loss
        if stopped or not np.isfinite(network.mean_loss).all():
            stopped = _note_stops(history, step, network)
        if len(stopped) == network.replicas:
            history.loss = history.loss[: step + 1]
            break
        with silence():
            update = rates * rule(gradients.flat)
            if stopped:
                update[stopped] = 0
            parameters -= update
    yield len(history.loss), gradients


class Momentum:
    """v = m v + dW, and the step goes along v; m = 0 is plain descent (Sutskever et al. 2013)."""

    def __init__(self, m):
        self.m, self.v = m, None

    def __call__(self, gradient):
        if not self.m:
            return gradient
        self.v = np.zeros_like(gradient) if self.v is None else self.v
        self.v *= self.m
        self.v += gradient
        return self.v


class Adam:
    """A mean of past gradients over the root of a mean of their squares (Kingma & Ba 2015, alg. 1).

    Both means forget by 0.9 and 0.999 a step and are divided by what they have of a whole one.
    """

    def __init__(self):
        self.m = self.v = self.steps = 0

    def __call__(self, gradient):
        self.steps += 1
        self.m = 0.9 * self.m + 0.1 * gradient
        self.v = 0.999 * self.v + 0.001 * gradient**2
        mean, square = self.m / (1 - 0.9**self.steps), self.v / (1 - 0.999**self.steps)
        return mean / (np.sqrt(square) + 1e-8)


def fit(
    network,
    x,
    labels,
    *,
    steps,
    learning_rate,
    observe=None,
    every=1,
    rng=None,
    batch_size=64,
    momentum=0.0,
    adam=False,
    quiet=False,
    bar=False,
):
    """Train in place by stochastic gradient descent and return the ``History``.

    All replicas see the same minibatches, which ``rng`` (a Generator) draws; ``batch_size=None``
    takes all examples at each step and needs no ``rng``. ``learning_rate`` is one number or one a
    replica. ``observe(network)`` is called before step 0, every ``every`` steps and at the end.

    With momentum m the update is v = m v + dW, W = W - learning_rate v (Sutskever et al. 2013,
    in PyTorch's form); with ``adam`` it is that of ``Adam``. A replica whose loss is no longer
    finite stops as it is; ``history.stopped`` and a printed line say where that began. Past two
    seconds a bar shows the progress. ``quiet`` is without both, unless ``bar`` asks for the bar. An
    interrupt returns the history so far. Meanwhile BLAS has one thread: on matrices this small more
    are slower, far more so beside a busy neighbour.
    """
    if not (observe is None or callable(observe)):
        raise TypeError(f"observe must be a function of the network, not {observe!r}")
    every, history, seen, step = check_count("every", every), History(), [], 0
    options = {"rng": rng, "batch_size": batch_size, "momentum": momentum, "adam": adam}
    options |= {"learning_rate": learning_rate, "history": history}
    loop = descend(network, x, labels, steps=steps, **options)
    loop = map(operator.itemgetter(0), loop)  # the step alone: the gradients are not held
    try:
        with one_thread(), silence():
            for step in _with_bar(loop, steps) if bar or not quiet else loop:
                if observe is not None and (step % every == 0 or step == len(history.loss)):
                    history.observed.append(observe(network))
                    seen.append(step)
    except KeyboardInterrupt:
        print(f"Interrupted at step {step} of {steps}: the history so far is returned.")
    history.loss = history.loss[:step]
    history.observed_steps = np.array(seen, dtype=int)
    if not quiet:
        _tell_stops(history)
    return history


@silence()
def evaluate(network, x, labels, chunk=128):
    """The ``Evaluation`` of all examples: mean loss in nats and accuracy, each ``(R,)``.

    An example whose logits are not finite counts as wrong.
    """
    x, chunk, loss, correct = check_inputs(x, network), check_count("chunk", chunk), 0.0, 0.0
    examples = x.shape[-2]
    labels = check_labels(labels, examples, network.sizes[-1])
    for start in range(0, examples, chunk):
        part = slice(start, start + chunk)
        logits = network.forward(x[..., part, :], check=False)
        loss = loss + network.loss(labels[part]) * logits.shape[1]
        right = (logits.argmax(axis=-1) == labels[part]) & np.isfinite(logits).all(axis=-1)
        correct = correct + right.sum(axis=-1)
    return Evaluation(loss / examples, correct / examples)


def _batches(examples, batch_size, rng):
    if batch_size is None:
        return itertools.repeat(np.arange(examples))
    return minibatches(examples, batch_size, rng)


def _note_stops(history, step, network):
    """Record the replicas that just lost their finite loss; return all that have so far."""
    stopped = [r for r, stop in enumerate(history.stopped) if stop]
    history.loss[step, stopped] = np.nan
    for r in np.flatnonzero(~np.isfinite(history.loss[step])):
        if history.stopped[r] is None:
            finite = [bool(np.isfinite(z[r]).all()) for z in network.z]
            history.stopped[r] = Stop(step, [*finite[:-1], False].index(False) + 1)
            stopped.append(r)
    return stopped


def _tell_stops(history):
    stopped = [(r, stop) for r, stop in enumerate(history.stopped) if stop]
    if stopped:
        r, first = min(stopped, key=lambda each: each[1])
        print(f"{len(stopped)} of {len(history.stopped)} networks stopped. Replica {r}: {first}.")


def _with_bar(loop, steps):
    """The loop, with a progress bar for what is left after two seconds."""
    begun = time.monotonic()
    for step in loop:
        yield step
        if time.monotonic() > begun + 2 and "TQDM_DISABLE" not in os.environ:
            with contextlib.suppress(ImportError):  # a training can do without
                from tqdm.auto import tqdm

                tqdm.monitor_interval = 0  # else a thread watches the bar, and a browser has none
                loop = tqdm(loop, total=steps, initial=step, leave=False, unit="step")
            yield from loop
