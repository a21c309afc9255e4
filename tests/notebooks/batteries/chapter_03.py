"""Answers to the exercises of chapter 03, written from their text alone."""

import functools
import math

import mpmath
import numpy as np

from tests.notebooks.batteries import NOT_FUNCTIONS, forms, not_it


class Balanced:
    def __call__(self, n):
        return float(np.exp(0.5 / n) * n**-0.5)


def by_logarithm(n, extra=0):
    return np.exp(1 / (2 * n) - np.log(n) / 2)


def exact(n):
    """Without the chapter's A4, by the digamma function of its further reading."""
    return float(mpmath.exp(-(mpmath.log(2) + mpmath.digamma(n / 2)) / 2))


RIGHT = {
    "knob": [*forms(2.18), 2.2, 2 ** (9 / 8), "2^(9/8)", "≈ 2.18"],
    "variance": [
        *forms(np.sqrt(1.1) ** 50),
        "sqrt(1.1)^50",
        "1.1^25",
        1.1**25,
        "10.8",
        math.exp(25 * math.log(1.1)),
        "(√1.1)^50",
        "10.8 times",
        "1083 %",
        np.prod([np.sqrt(1.1)] * 50),
    ],
    "balanced": [
        lambda n: np.exp(1 / (2 * n)) / np.sqrt(n),
        lambda n: math.exp(1 / (2 * n)) / math.sqrt(n),
        Balanced(),
        by_logarithm,
        exact,
        functools.partial(by_logarithm, extra=1),
        lambda n: np.array(np.exp(1 / (2 * n)) / np.sqrt(n)),
        lambda n=64: np.float32(np.exp(1 / (2 * n)) / np.sqrt(n)),
        lambda n: (1 + 1 / (2 * n)) / np.sqrt(n),  # to the order that A4 keeps
        lambda n, *_: np.sqrt(np.exp(1 / n) / n),
        lambda n: (math.e ** (1 / n) / n) ** 0.5,
        lambda width: np.float64(np.exp(0.5 / width) * width**-0.5),
    ],
    "narrow": [
        *forms(-10),
        -199 / 20,
        "-199/20",
        -9.95,
        "-9.95",
        "-ln(22026)",
        -9.7,
        np.float64(-10.1),
        -10.28,  # the exact mean
        -10.5,  # 1,000 networks
        "−10",
        "ln(4.77e-5)",
    ],
}

MISTAKES = {
    "knob": [
        *(2.0, "2.0", 2.38, 1.83),  # neighbouring stops
        *(2.59, 2.83),
        4.0,  # the last stop
        2**0.5,  # where ReLU keeps its signal
        1.68,  # a hundred
        10 ** (4 / 59),  # linear networks
        10 ** (4 / 60),
        1,
    ],
    "variance": [
        1.1**50,  # the variance taken for the gain
        "1.1^50",
        1 + 0.1 * 50,  # added up
        1.1,
        50 * np.sqrt(1.1),
        np.sqrt(1.1),
        1.05**50,  # half the per cent
        5,
        50 * 1.1,
        1 + 50 * (np.sqrt(1.1) - 1),
        1.1**12.5,  # a root too many
        1.1**25 - 1,  # the excess
        1.1**-25,
        1.21**50,
    ],
    "balanced": [
        lambda n: 1 / np.sqrt(n),  # without the correction
        lambda n: np.exp(1 / n) / np.sqrt(n),
        lambda n: np.exp(-1 / (2 * n)) / np.sqrt(n),  # the sign
        lambda n: np.exp(1 / (2 * n)) / n,  # the variance for its root
        lambda n: np.exp(1 / n) / n,
        lambda n: (1 + 1 / (2 * n)) * np.sqrt(n),
        lambda n: np.sqrt(2 / n),
        lambda n: 1 / n,
        lambda n: np.exp(1 / (2 * n)),  # the gain
        lambda n: np.exp(1 / (2 * n)) * np.sqrt(n),
        lambda n: 1 / np.sqrt(n) + 1 / (2 * n),  # the logarithm forgotten
        lambda n: np.exp(1 / 2 * n) / np.sqrt(n),  # the brackets
        lambda n: 1 / (2 * n) - np.log(n) / 2,  # its logarithm
        lambda n: np.log(np.sqrt(n)) - 1 / (2 * n),  # the speed
        lambda n: 0.1,
    ],
    "narrow": [
        0,  # since the mean stays
        10,  # the sign
        9.95,
        -1,  # width 100
        -199 / 10,  # the squared length
        -20,
        -5,
        np.exp(-10),  # the factor, not its logarithm
        1 / 20_000,
        20_000,
        -9.95 / np.log(10),  # to the base 10
        -0.05,  # one layer
    ],
}

OTHER_WRONG = {
    "knob": [*not_it(2.18), 0.5, 1.5, 2.1, 2.25, 3.0, 5.0],
    "variance": [*not_it(10.8), 9.5, 11, 12.5, "10 %"],
    "balanced": [
        *NOT_FUNCTIONS,
        lambda n: np.full(3, 0.1),
        lambda n: np.exp(1 / (2 * n)) / np.sqrt(n) + 0.001,
        lambda n: np.nan,
        lambda n: complex(0.1, 1),
        lambda n: {},
    ],
    "narrow": [*not_it(-10), -15, -9, -11, -7, 3],
}
