"""Comparing starts fairly: each at its own best rate, chosen on digits kept apart for that.

A best rate at the edge of its grid is refused, since a better one may lie beyond; what happens to
no network is infinitely late, not at step 0; and the seeds that choose a rate do not report.
"""

import functools
import math
from typing import NamedTuple

import numpy as np

from initlib._checks import (
    check_array,
    check_count,
    check_list,
    check_number,
    check_real,
    check_seeds,
)
from initlib.datasets import Digits
from initlib.network import Network
from initlib.runs import Runs, check_starts
from initlib.training import evaluate, fit

# The network that the chapters repair, one idea after another, and how each start is tried on it.
RUNNING_MODEL = {"sizes": (64, *[64] * 14, 10), "activation": "relu"}
TRIAL = {
    "rates": (0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    "steps": 200,
    "batch_size": 32,
    "choosing": (0, 1),
    "fresh": (10, 11, 12),
    "chance": 0.15,
    "dtype": np.float32,
}


class Tuned(NamedTuple):
    """Each start at its best rate; accuracies by start, in the order of the starts."""

    rates: dict  # start: its best learning rate
    validation: np.ndarray  # (starts, rates, choosing seeds) accuracy on the validation digits
    test: np.ndarray  # (starts, fresh seeds) accuracy on the test digits, at the best rates


def first_step(happened, every=1):
    """The first step at which it ``happened``, by network; infinite for what never does.

    ``happened`` is ``(looks, ...)`` of truth values, and there are ``every`` steps between looks.

    >>> print(first_step([[False, False], [True, False], [True, False]], every=10))
    [10. inf]
    """
    happened, every = check_real("happened", happened), check_count("every", every)
    if happened.dtype != bool or happened.ndim < 1 or not len(happened):
        raise ValueError(
            "happened must hold True or False, one row a look and at least one; it is "
            f"{happened.dtype} of shape {happened.shape}"
        )
    return np.where(happened.any(axis=0), every * happened.argmax(axis=0), math.inf)


def best_rates(scores, rates, starts, chance=None):
    """The rate of the best median score of each start: ``{start: rate}``.

    ``scores`` is ``(starts, rates, seeds)``, larger is better, and ``rates`` rise. Of equal medians
    the better mean decides. The best must have a neighbour on both sides that is no better, unless
    its median is at most ``chance``, if that is given: then no rate serves that start, and any says
    so.
    """
    rates, scores = check_rates(rates), check_array("scores", scores)
    chance = -math.inf if chance is None else check_number("chance", chance)
    starts = list(starts) if isinstance(starts, str) else check_list("starts", starts, "names")
    if scores.ndim != 3 or scores.shape[:2] != (len(starts), len(rates)) or not scores.size:
        expected = f"({len(starts)}, {len(rates)}, seeds)"
        raise ValueError(f"scores must be {expected}, by start and rate; they are {scores.shape}")
    chosen = {}
    for start, of_start in zip(starts, scores):
        ranked = list(zip(np.median(of_start, axis=1), of_start.mean(axis=1)))
        best = max(range(len(rates)), key=ranked.__getitem__)
        if best in (0, len(rates) - 1) and ranked[best][0] > chance:
            side, beyond = ("smallest", "smaller") if best == 0 else ("largest", "larger")
            raise ValueError(
                f"the best rate of {start} is the {side} of the grid, {rates[best]:g}: a better "
                f"one may lie beyond it, so add {beyond} rates"
            )
        chosen[start] = rates[best]
    return chosen


def check_rates(rates):
    """A grid of learning rates, from the smallest to the largest."""
    rates = check_list("rates", rates, "learning rates")
    if not len(rates) or not (np.diff(check_array("rates", rates), prepend=0) > 0).all():
        raise ValueError(f"rates must rise, and be above 0; they are {rates}")
    return rates


def tune(sizes, activation, starts, digits, *, rates, choosing, fresh, rng, chance=None, **options):
    """Find the best rate of each start on the validation digits; report on fresh seeds.

    ``starts`` is what ``Runs`` takes as ``start``; ``rates`` is one grid for all of them. The
    networks of the seeds ``choosing`` are trained at each rate and choose by their accuracy; those
    of the seeds ``fresh``, all others, are trained at the best and tested. ``rng()`` makes the
    generator of the minibatches; ``dtype``, ``steps`` and the other ``options`` of ``fit`` may
    follow.
    """
    choosing, fresh = check_seeds("choosing", choosing), check_seeds("fresh", fresh)
    rates, _ = check_rates(rates), check_number("chance", 0 if chance is None else chance)
    if not isinstance(digits, Digits) or not callable(rng):
        raise TypeError(
            "digits must be what load_digits() returns, and rng a function that makes a generator; "
            f"they are {type(digits).__name__} and {rng!r}"
        )
    starts = check_starts("starts", starts)
    if both := set(choosing) & set(fresh):
        raise ValueError(f"fresh must hold seeds that did not choose; {sorted(both)} did")
    runs = Runs(start=starts, rate=rates, seed=choosing)
    train = {"rng": rng, **options}
    network = _trained(sizes, activation, runs, digits, runs.rate, **train)
    validation = runs.unfold(evaluate(network, *digits.validation).accuracy)
    best = best_rates(validation, rates, runs.labels("start"), chance)
    runs = Runs(start=starts, seed=fresh)
    own = runs.along("start", best.values())
    network = _trained(sizes, activation, runs, digits, own, **train)
    return Tuned(best, validation, runs.unfold(evaluate(network, *digits.test).accuracy))


def running_model(starts, digits):
    """Try starts on the course's running model: a row each, for ``show_table``.

    Fifteen ReLU layers learn by plain descent, 200 steps of 32 digits, at the best of six rates.
    A row holds the loss at step 0 and the accuracy, of three fresh seeds on the test digits, and
    between them the rate: NaN where no rate brought the validation digits above 15 %.
    """
    runs = Runs(start=starts, seed=TRIAL["fresh"])
    untrained = Network(**RUNNING_MODEL, initializers=runs, dtype=TRIAL["dtype"])
    loss = runs.unfold(evaluate(untrained, *digits.test).loss)
    order = functools.partial(np.random.default_rng, 100)
    tuned = tune(**RUNNING_MODEL, starts=starts, digits=digits, rng=order, **TRIAL)
    reached = np.median(tuned.validation, axis=2).max(axis=1) > TRIAL["chance"]
    rates = np.where(reached, list(tuned.rates.values()), math.nan)
    return {name: row for name, *row in zip(starts, loss, rates, tuned.test)}


def _trained(sizes, activation, runs, digits, rate, *, rng, dtype=np.float64, **options):
    network = Network(sizes, activation, runs, dtype=dtype)
    fit(network, *digits.train, learning_rate=rate, rng=rng(), quiet=True, bar=True, **options)
    return network
