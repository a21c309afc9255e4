"""Answers to the exercises of chapter 05, written from their text alone."""

import functools

import numpy as np

from initlib.initializers import variance_scaling, xavier_normal, xavier_uniform
from tests.notebooks.batteries import NOT_FUNCTIONS, forms, not_it

LEAST = (4 * 8 * 256 / 264**2) ** 2


def drawn(std):
    """A start of normal weights, their standard deviation a function of both fans."""

    def answer(rng, shape):
        return rng.normal(0, std(*shape), shape)

    return answer


def between(bound):
    """A start of uniform weights on ± a function of both fans."""

    def answer(rng, shape):
        return rng.uniform(-bound(*shape), bound(*shape), shape)

    return answer


class Start:
    def __call__(self, rng, shape):
        return rng.standard_normal(shape) * np.sqrt(2 / sum(shape))


def with_options(rng, shape, dtype=np.float64, gain=1.0):
    fan_in, fan_out = shape
    return (gain * np.sqrt(2 / (fan_in + fan_out)) * rng.standard_normal(shape)).astype(dtype)


def a_loop(rng, shape):
    fan_in, fan_out = shape
    return [[rng.normal(0, (2 / (fan_in + fan_out)) ** 0.5) for _ in range(fan_out)]] + [
        rng.normal(0, (2 / (fan_in + fan_out)) ** 0.5, fan_out) for _ in range(fan_in - 1)
    ]


def out_of_itself(rng, shape):
    return np.random.default_rng(0).normal(0, np.sqrt(2 / sum(shape)), shape)


def returns_nothing(rng, shape):
    fan_in, fan_out = shape
    variance = 2 / (fan_in + fan_out)
    rng.normal(0, np.sqrt(variance), shape)


def raises_inside(rng, shape):
    return rng.normal(0, np.sqrt(varience), shape)  # noqa: F821


RIGHT = {
    "least": [*forms(LEAST), "(4*8*256/264^2)^2", "0.01382", (4 / 32 / (33 / 32) ** 2) ** 2],
    "bound": [*forms(np.sqrt(6 / 400)), "sqrt(6/400)", "sqrt(6)/20", "sqrt(3)*sqrt(2/400)"],
    "mended": [
        drawn(lambda i, o: np.sqrt(2 / (i + o))),
        drawn(lambda i, o: (2 / (i + o)) ** 0.5),
        drawn(lambda i, o: np.sqrt(1 / ((i + o) / 2))),
        between(lambda i, o: np.sqrt(6 / (i + o))),
        between(lambda i, o: np.sqrt(3) * np.sqrt(2 / (i + o))),
        xavier_normal(),
        xavier_uniform(),
        variance_scaling(1.0, "fan_avg", "truncated_normal"),
        Start(),
        with_options,
        functools.partial(with_options, dtype=np.float32),
        a_loop,
        lambda rng, shape: np.sqrt(2 / sum(shape)) * rng.choice([-1, 1], shape),
        lambda rng, shape: rng.normal(scale=np.sqrt(2 / sum(shape)), size=shape),
    ],
    "depth": [*forms(53), np.int64(53), "53", "52+1"],
}

MISTAKES = {
    "least": [
        4 * 8 * 256 / 264**2,  # one waist
        1,  # with 1/fan_in
        (2 * 8 / 264) ** 2,
        8 / 256,
        2 * 8 / 264,  # the narrowing or widening half alone
        (8 / 256) ** 2,  # the half as well
        0.57,  # the hourglass at the start
        0,
    ],
    "bound": [
        6 / 400,  # without the root
        np.sqrt(2 / 400),  # the standard deviation
        2 / 400,  # the variance
        np.sqrt(3 / 400),
        np.sqrt(6 / 300),  # He
        np.sqrt(3 / 300),  # LeCun
        np.sqrt(3 / 100),  # the gradient's wish
        1 / np.sqrt(300),  # the standard start
        np.sqrt(6 / 200),  # the mean of the fans
    ],
    "mended": [
        drawn(lambda i, o: 2 / (i + o)),  # as it was
        drawn(lambda i, o: (2 / (i + o)) ** 2),  # squared in the place of the root
        drawn(lambda i, o: (2 / (i + o)) ** 0.25),
        drawn(lambda i, o: np.sqrt(1 / i)),
        drawn(lambda i, o: np.sqrt(1 / o)),
        drawn(lambda i, o: np.sqrt(2 / i)),
        drawn(lambda i, o: np.sqrt(2 / o)),
        drawn(lambda i, o: np.sqrt(1 / (i + o))),
        drawn(lambda i, o: np.sqrt(4 / (i + o))),
        drawn(lambda i, o: np.sqrt(6 / (i + o))),
        between(lambda i, o: np.sqrt(2 / (i + o))),
        between(lambda i, o: 2 / (i + o)),
        between(lambda i, o: 6 / (i + o)),  # the bound without its root
        lambda rng, shape: rng.uniform(0, np.sqrt(6 / sum(shape)), shape),
        lambda rng, shape: rng.normal(1, np.sqrt(2 / sum(shape)), shape),
        lambda rng, shape: rng.normal(0, np.sqrt(2 / sum(shape)), shape[::-1]),
        lambda rng, shape: rng.normal(0, np.sqrt(2 / sum(shape))),  # one weight
        lambda rng, shape: np.sqrt(2 / sum(shape)),
        out_of_itself,
        returns_nothing,
    ],
    "depth": [
        50,  # 1/(2l) alone
        52,  # counted from 0
        100,  # 1/l
    ],
}

OTHER_WRONG = {
    "least": [*not_it(LEAST), 0.02, 0.01],
    "bound": [*not_it(0.12247), 0.11, 0.14],
    "mended": [
        *NOT_FUNCTIONS,
        raises_inside,
        np.sqrt(2 / 400),
        lambda rng, shape: np.full(shape, np.nan),
        lambda rng, shape: np.zeros(shape),
        lambda rng, shape: "weights",
        lambda rng, shape: rng.normal(0, 0.05, shape),
        lambda rng, shape: rng.normal(0, 0.1, shape),
    ],
    "depth": [*not_it(53), 54, 60, 5, 10, 99],
}
