"""Gradient descent: ``fit`` trains every replica of a network and returns its history."""

import itertools
import os
import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from threadpoolctl import ThreadpoolController

from initlib._checks import (
    check_count,
    check_inputs,
    check_labels,
    check_number,
    check_rates,
    check_rng,
)

BLAS = ThreadpoolController().select(user_api="blas")


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

    loss: np.ndarray  # (steps, R)
    observed_steps: np.ndarray  # (records,)
    observed: list  # what ``observe(network)`` returned, one entry a record
    stopped: list  # a Stop or None, one a replica


def minibatches(examples, batch_size, rng):
    """Index arrays without end: each epoch a new permutation, its last batch kept if short."""
    while True:
        order = rng.permutation(examples)
        for start in range(0, examples, batch_size):
            yield order[start : start + batch_size]


def fit(
    network,
    x,
    labels,
    *,
    steps,
    learning_rate,
    rng=None,
    batch_size=64,
    momentum=0.0,
    observe=None,
    every=1,
    quiet=False,
):
    """Train in place by stochastic gradient descent and return the ``History``.

    All replicas see the same minibatches, which ``rng`` (a Generator) draws; ``batch_size=None``
    takes all examples at each step and needs no ``rng``. ``learning_rate`` is one number or one a
    replica. ``observe(network)`` is called before step 0, every ``every`` steps and at the end.

    With momentum m the update is v = m v + dW, W = W - learning_rate v (Sutskever et al. 2013,
    in PyTorch's form). A replica whose loss is no longer finite stops as it is;
    ``history.stopped`` and a printed line say where that began. Past two seconds a bar shows the
    progress; ``quiet`` is without both. An interrupt returns the history so far. Meanwhile BLAS
    has one thread: on matrices this small more are slower, far more so beside a busy neighbour.
    """
    x = check_inputs(x, network)
    labels = check_labels(labels, len(x), network.sizes[-1])
    steps, every = check_count("steps", steps, 0), check_count("every", every)
    momentum = check_number("momentum", momentum, least=0)
    rates = check_rates(learning_rate, network)
    batches = _batches(len(x), batch_size, rng)

    parameters = network.parameters()
    velocity = np.zeros_like(parameters)
    losses = np.full((steps, network.replicas), np.nan, network.dtype)
    history = History(losses, None, [], [None] * network.replicas)
    seen, stopped = [], []

    def look(step):
        if observe is not None:
            history.observed.append(observe(network))
            seen.append(step)

    done = 0
    try:
        with BLAS.limit(limits=1), np.errstate(over="ignore", invalid="ignore"):
            for step in range(steps) if quiet else _with_bar(steps):
                if step % every == 0:
                    look(step)
                batch = next(batches)
                network.forward(x.take(batch, axis=0), check=False)
                gradient = network.backward(labels[batch], check=False).flat
                losses[step] = network.mean_loss
                done = step + 1
                if stopped or not np.isfinite(network.mean_loss).all():
                    stopped = _note_stops(history, step, network)
                if len(stopped) == network.replicas:
                    break
                velocity = momentum * velocity + gradient if momentum else gradient
                if stopped:
                    velocity[stopped] = 0
                parameters -= rates * velocity
            look(done)
    except KeyboardInterrupt:
        print(f"Interrupted at step {done} of {steps}: the history so far is returned.")
    history.loss = losses[:done]
    history.observed_steps = np.array(seen, dtype=int)
    if not quiet:
        _tell_stops(history)
    return history


@np.errstate(over="ignore", invalid="ignore")
def evaluate(network, x, labels, chunk=128):
    """Mean loss in nats and accuracy, each ``(R,)``, over all examples.

    An example whose logits are not finite counts as wrong.
    """
    loss, correct = 0.0, 0.0
    for start in range(0, len(x), chunk):
        part = slice(start, start + chunk)
        logits = network.forward(x[part])
        loss = loss + network.loss(labels[part]) * logits.shape[1]
        right = (logits.argmax(axis=-1) == labels[part]) & np.isfinite(logits).all(axis=-1)
        correct = correct + right.sum(axis=-1)
    return loss / len(x), correct / len(x)


def _batches(examples, batch_size, rng):
    if batch_size is None:
        return itertools.repeat(np.arange(examples))
    check_rng(rng)
    return minibatches(examples, check_count("batch_size", batch_size), rng)


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


def _with_bar(steps):
    """``range(steps)``, with a progress bar for what is left after two seconds."""
    begun = time.monotonic()
    for step in range(steps):
        if time.monotonic() > begun + 2 and "TQDM_DISABLE" not in os.environ:
            from tqdm.auto import tqdm

            yield from tqdm(range(step, steps), total=steps, initial=step, leave=False, unit="step")
            return
        yield step
