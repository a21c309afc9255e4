import numpy as np

from initlib.datasets import load_digits
from initlib.initializers import normal
from initlib.lessons.answers import Verdict, as_number
from initlib.network import Network
from initlib.runs import Runs
from initlib.training import evaluate, fit


def arrivals(std):
    """Arrival at 1 nat of three seeds at rate 0.3 within 16 steps, and their first loss."""
    digits = load_digits(order="file")  # as in the notebook
    network = Network((64, 64, 64, 10), "relu", Runs(start=normal(std), seed=range(3)))
    watch = {"observe": lambda each: evaluate(each, *digits.test).loss, "every": 2, "quiet": True}
    order = np.random.default_rng(100)
    history = fit(network, *digits.train, steps=16, learning_rate=0.3, rng=order, **watch)
    losses = np.array(history.observed)
    return (losses <= 1).any(axis=0).sum(), losses[0].mean()


def std(mistakes):
    def checker(answer):
        std = as_number(answer)
        if std <= 0:
            return Verdict(False, mistakes["not_positive"])
        arrived, first = arrivals(std)
        name = "arrives" if arrived == 3 else "too_wide" if first > 4 else "too_weak"
        return Verdict(arrived == 3, mistakes[name].format(arrived=arrived, first=first))

    return checker


CHECKERS = {"std": std}
