import functools

import numpy as np

from initlib.comparing import RUNNING_MODEL, TRIAL, first_step
from initlib.datasets import load_digits
from initlib.initializers import normal
from initlib.lessons.answers import Unreadable, Verdict, as_array, as_number
from initlib.network import Network
from initlib.runs import Runs
from initlib.training import evaluate, fit

inf = np.inf

# Losses by look and network, the finish, and the steps between looks.
CASES = [
    ([[3, 3, 3, 0.5, 3], [3, 1, 3, 2, 3], [2, 3, 3, 2, 3], [0.9, 3, 3, 2, 1.5]], 1.0, 10),
    ([[3, 3, 3], [3, 3, 3], [3, 0.7, 3], [2, 0.8, 3], [2, 0.9, 3]], 1.0, 4),
    ([[2, 2, 2, 0.4, 2], [0.4, 2, 0.3, 2, 2], [2, 0.5, 2, 2, 2], [2, 2, 2, 2, inf]], 0.5, 7),
    ([[2, 2, 2], [1.5, 1.2, np.nan], [1.5, 1.2, np.nan]], 1.0, 5),
    ([[2, 2, 2], [1.0, 2, 0.5], [0.4, 2, 0.6], [0.4, 0.3, 0.2]], 1.0, 3),
]


def median_arrival(losses, finish, every):
    return np.median(first_step(losses <= finish, every))


def _at(late):
    """Those that never arrive counted as ``late(looks)`` looks."""

    def wrong(losses, finish, every):
        looks = first_step(losses <= finish)
        return every * np.median(np.where(np.isinf(looks), late(len(losses)), looks))

    return wrong


def _dropped(losses, finish, every):
    steps = first_step(losses <= finish, every)
    return np.median(steps[np.isfinite(steps)])


def _from_one(losses, finish, every):
    return median_arrival(losses, finish, every) + every


def _above(losses, finish, every):
    above = ~(losses <= finish)
    return np.median(every * above.sum(axis=0))


def _above_or_never(losses, finish, every):
    above = ~(losses <= finish)
    return np.median(np.where(above.all(axis=0), inf, every * above.sum(axis=0)))


WRONG = {
    "unrepaired": _at(lambda looks: 0),
    "dropped": _dropped,
    "at_the_end": (_at(lambda looks: looks - 1), _at(lambda looks: looks)),
    "not_a_number": _at(lambda looks: np.nan),
    "unscaled": lambda losses, finish, every: median_arrival(losses, finish, 1),
    "from_one": _from_one,
    "mean": lambda losses, finish, every: np.mean(first_step(losses <= finish, every)),
    "above": (_above, _above_or_never),
    "below": lambda losses, finish, every: np.median(first_step(losses < finish, every)),
    "by_network": lambda losses, finish, every: first_step(losses <= finish, every),
}


def _given(function):
    """What a function gives for each case."""
    cases = [(np.array(losses, float), *rest) for losses, *rest in CASES]
    return [as_array(function(*case)) for case in cases]


def _same(one, other):
    return all(a.shape == b.shape and np.allclose(a, b, equal_nan=True) for a, b in zip(one, other))


def never(mistakes):
    def checker(answer):
        if not callable(answer):
            raise Unreadable("a function of losses, finish and every is asked for")
        given = _given(answer)
        if _same(given, _given(median_arrival)):
            return Verdict(True, "")
        for name, functions in WRONG.items():
            for wrong in functions if isinstance(functions, tuple) else (functions,):
                if _same(given, _given(wrong)):
                    return Verdict(False, mistakes[name])
        return Verdict(False, "try it on three networks of which one never arrives.")

    return checker


WIDEST = 1e30  # whose weights float32 holds, and with which no signal is finite


@functools.lru_cache(maxsize=64)
def learners(std):
    """How many of three seeds of the running model learn at rate 0.03, and their first loss."""
    digits = load_digits(dtype=TRIAL["dtype"])
    runs = Runs(start=normal(std), seed=range(3))
    network = Network(**RUNNING_MODEL, initializers=runs, dtype=TRIAL["dtype"])
    first = evaluate(network, *digits.test).loss.mean()
    options = {"steps": TRIAL["steps"], "batch_size": TRIAL["batch_size"], "quiet": True}
    order = np.random.default_rng(100)
    fit(network, *digits.train, learning_rate=0.03, rng=order, **options)
    return np.sum(evaluate(network, *digits.test).accuracy >= 0.6), first


def std(mistakes):
    def checker(answer):
        std = as_number(answer)
        if std <= 0:
            return Verdict(False, mistakes["not_positive"])
        learned, first = learners(min(std, WIDEST))
        name = "learns" if learned == 3 else "too_weak" if first < 4 else "too_wide"
        return Verdict(learned == 3, mistakes[name].format(learned=learned, first=first))

    return checker


CHECKERS = {"never": never, "std": std}
