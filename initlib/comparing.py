"""Comparing starts fairly: each at its own best rate, chosen on digits kept apart for that.

A best rate at the edge of its grid is refused, since a better one may lie beyond; what happens to
no network is infinitely late, not at step 0; and the seeds that choose a rate do not report.
"""

import math
from typing import NamedTuple

import numpy as np

from initlib._checks import check_count
from initlib.network import Network
from initlib.runs import Runs
from initlib.training import evaluate, fit


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
    happened, every = np.asarray(happened), check_count("every", every)
    if happened.dtype != bool or happened.ndim < 1 or not len(happened):
        raise ValueError(
            "happened must hold True or False, one row a look and at least one; it is "
            f"{happened.dtype} of shape {happened.shape}"
        )
    return np.where(happened.any(axis=0), every * happened.argmax(axis=0), math.inf)


def best_rates(scores, rates, starts):
    """The rate of the best median score of each start: ``{start: rate}``.

    ``scores`` is ``(starts, rates, seeds)``, larger is better, and ``rates`` rise. Of equal medians
    the better mean decides. The best must have a neighbour on both sides that is no better.
    """
    scores, rates, starts = np.asarray(scores, float), list(rates), list(starts)
    if scores.ndim != 3 or scores.shape[:2] != (len(starts), len(rates)):
        expected = f"({len(starts)}, {len(rates)}, seeds)"
        raise ValueError(f"scores must be {expected}, by start and rate; they are {scores.shape}")
    if (np.diff(rates) <= 0).any():
        raise ValueError(f"rates must rise; they are {rates}")
    chosen = {}
    for start, of_start in zip(starts, scores):
        ranked = list(zip(np.median(of_start, axis=1), of_start.mean(axis=1)))
        best = max(range(len(rates)), key=ranked.__getitem__)
        if best in (0, len(rates) - 1):
            side, beyond = ("smallest", "smaller") if best == 0 else ("largest", "larger")
            raise ValueError(
                f"the best rate of {start} is the {side} of the grid, {rates[best]:g}: a better "
                f"one may lie beyond it, so add {beyond} rates"
            )
        chosen[start] = rates[best]
    return chosen


def tune(sizes, activation, starts, digits, *, rates, steps, choosing, fresh, rng, **options):
    """Find the best rate of each start on the validation digits; report on fresh seeds.

    ``starts`` maps names to initializers; ``rates`` is one grid for all of them. The networks of
    the seeds ``choosing`` are trained at each rate and choose by their accuracy; those of the seeds
    ``fresh``, all others, are trained at the best and tested. ``rng()`` makes the generator of the
    minibatches, ``dtype`` and the other ``options`` of ``fit`` may follow.
    """
    choosing, fresh = list(choosing), list(fresh)
    if both := set(choosing) & set(fresh):
        raise ValueError(f"fresh must hold seeds that did not choose; {sorted(both)} did")
    runs = Runs(start=starts, rate=rates, seed=choosing)
    train = {"steps": steps, "rng": rng, **options}
    network = _trained(sizes, activation, runs, digits, runs.rate, **train)
    validation = runs.unfold(evaluate(network, *digits.validation).accuracy)
    best = best_rates(validation, rates, runs.labels("start"))
    runs = Runs(start=starts, seed=fresh)
    own = runs.along("start", best.values())
    network = _trained(sizes, activation, runs, digits, own, **train)
    return Tuned(best, validation, runs.unfold(evaluate(network, *digits.test).accuracy))


def _trained(sizes, activation, runs, digits, rate, *, rng, dtype=np.float64, **options):
    network = Network(sizes, activation, runs, dtype=dtype)
    fit(network, *digits.train, learning_rate=rate, rng=rng(), quiet=True, **options)
    return network
