"""Answers to the exercises of chapter 01, written from their text alone."""

import numpy as np

from initlib.comparing import first_step
from tests.notebooks.batteries import NOT_FUNCTIONS, forms, not_it


def by_hand(losses, finish, every):
    steps = []
    for curve in losses.T:
        there = [look for look, loss in enumerate(curve) if loss <= finish]
        steps.append(every * there[0] if there else float("inf"))
    return sorted(steps)[len(steps) // 2] if len(steps) % 2 else np.median(steps)


def with_where(losses, finish, every):
    arrived = losses <= finish
    return np.median(np.where(arrived.any(axis=0), every * arrived.argmax(axis=0), np.inf))


def with_a_last_row(losses, finish, every):
    """A row of True after the last look, and infinity for who needs it."""
    arrived = np.vstack([losses <= finish, np.ones(losses.shape[1], bool)])
    looks = arrived.argmax(axis=0).astype(float)
    looks[looks == len(losses)] = np.inf
    return np.median(every * looks)


def masked(losses, finish, every):
    arrived = losses <= finish
    steps = every * arrived.argmax(axis=0).astype(float)
    steps[~arrived.any(axis=0)] = np.inf
    return float(np.percentile(steps, 50, method="lower"))


def as_it_was(losses, finish, every):
    arrived = losses <= finish
    return np.median(every * arrived.argmax(axis=0))


def only_who_arrive(losses, finish, every):
    arrived = losses <= finish
    return np.median((every * arrived.argmax(axis=0))[arrived.any(axis=0)])


def nan_for_never(losses, finish, every):
    arrived = losses <= finish
    return np.median(np.where(arrived.any(axis=0), every * arrived.argmax(axis=0), np.nan))


def nanmedian(losses, finish, every):
    arrived = losses <= finish
    return np.nanmedian(np.where(arrived.any(axis=0), every * arrived.argmax(axis=0), np.nan))


def never_is(late):
    """What does not arrive counts as so many steps."""

    def answer(losses, finish, every):
        arrived = losses <= finish
        steps = np.where(arrived.any(axis=0), every * arrived.argmax(axis=0), late(losses, every))
        return np.median(steps)

    return answer


def last_rise(losses, finish, every):
    """The look after the last one above the finish."""
    above = losses > finish
    return np.median(every * above.sum(axis=0))


RIGHT = {
    "never": [
        lambda losses, finish, every: np.median(first_step(losses <= finish, every)),
        lambda losses, finish, every: every * np.median(first_step(losses <= finish)),
        lambda losses, finish, every: float(np.median(first_step(losses <= finish, every))),
        lambda losses, finish, every: np.array(np.median(first_step(losses <= finish, every))),
        *(by_hand, with_where, with_a_last_row, masked),
    ],
    "std": [
        *(0.17, "0.17", 0.18, 0.19, 0.16, 0.2, np.sqrt(2 / 64), "sqrt(2/64)", "√(2/64)"),
        *([0.18], np.float32(0.18), lambda: 0.18, "18 %", np.array([[0.18]]), "√2/8"),
        np.sqrt(2 / 74),
    ],
    "rescue": [
        *forms(10),
        *(0.1 / 0.01, "0.1/0.01", "10^1", np.int64(10), "10 times", "10x", "0.1 ÷ 0.01"),
    ],
    "fair": [
        *forms(0.7),
        35 / 50,
        "35/50",
        "70 %",
        "7/10",
        "0.7 times",
        "0.7×",
        np.min([400, 60, 35]) / np.min([90, 50, 210]),
    ],
}

MISTAKES = {
    "never": [
        *(as_it_was, only_who_arrive, nan_for_never, nanmedian, last_rise),
        never_is(lambda losses, every: every * (len(losses) - 1)),
        never_is(lambda losses, every: every * len(losses)),
        never_is(lambda losses, every: 0),
        lambda losses, finish, every: np.median(first_step(losses <= finish)),
        lambda losses, finish, every: np.median(every * (first_step(losses <= finish) + 1)),
        lambda losses, finish, every: np.mean(first_step(losses <= finish, every)),
        lambda losses, finish, every: np.median(first_step(losses < finish, every)),
        lambda losses, finish, every: first_step(losses <= finish, every),
    ],
    "std": [
        *(0.01, 1, 0.1, 0.125, 0.4, 0, -0.18, "0.01", 0.3, 0.05, 8, 0.25),
        2 / 64,  # the variance
        1 / 64,
        np.sqrt(2 / 32),
    ],
    "rescue": [
        0.1,  # He over Xavier, or the rate itself
        0.01,
        1,  # no difference
        "1/10",
        3,  # neighbouring rates of the slider
        0.1 / 0.03,
        0.3 / 0.01,
        0.1 / 0.003,
        0.1 - 0.01,  # the difference
        0.01 - 0.1,
        np.sqrt(2),  # the ratio of the standard deviations
        2,  # and of the variances
        np.float32(0.1),
    ],
    "fair": [
        50 / 35,  # the other way round
        400 / 90,  # at the smallest rate
        60 / 50,  # at a shared rate
        35 / 210,
        1.2,
        np.median([400, 60, 35]) / np.median([90, 50, 210]),  # medians over the rates
        35 / 90,
        np.mean([400, 60, 35]) / np.mean([90, 50, 210]),
        np.mean([400 / 90, 60 / 50, 35 / 210]),  # the mean of the ratios
        35 - 50,  # the difference
        50 - 35,
        1 - 35 / 50,  # the share that is saved
        "30 %",
    ],
}

OTHER_WRONG = {
    "never": [
        *NOT_FUNCTIONS,
        *(0, np.inf, "first_step", np.median),
        lambda losses, finish, every: np.min(first_step(losses <= finish, every)),
        lambda losses, finish, every: np.median(losses),
    ],
    "std": [
        *("narrow", "", [0.17, 0.18], 0.18j, np.nan, np.inf, {}, {0.18}),
        *(object(), len, lambda: None, 10, 1e-6, 1e9, "0.16 to 0.2", (0.16, 0.2)),
    ],
    "rescue": [*not_it(10), 9, 11, 100, "10 20", "10:1", 10.2],
    "fair": [*not_it(0.7), 0.6, 0.8, 7, 35, 1],
}
