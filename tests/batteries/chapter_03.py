"""Answers to the exercises of chapter 03, written from their text alone."""

import math

import numpy as np

from batteries import NOT_FUNCTIONS, forms, not_it


class Balanced:
    def __call__(self, n):
        return float(np.exp(0.5 / n) * n**-0.5)


def by_logarithm(n, extra=0):
    return np.exp(1 / (2 * n) - np.log(n) / 2)


RIGHT = {
    "knob": [
        2.18,
        "2.18",
        np.float32(2.18),
        [2.18],
        "2,18",
        lambda: 2.18,
        np.array([2.18]),
        " 2.18 ",
    ],
    "layer": [*forms(30), "30", np.int64(30), "30.0", "29+1"],
    "variance": [
        *forms(np.sqrt(1.1) ** 50),
        "sqrt(1.1)^50",
        "1.1^25",
        1.1**25,
        "10.8",
        math.exp(25 * math.log(1.1)),
    ],
    "tolerance": [
        *forms(10 ** (1 / 20)),
        "10^(1/20)",
        "1.122",
        "exp(ln(10)/20)",
        "112.2 %",
    ],
    "balanced": [
        lambda n: np.exp(1 / (2 * n)) / np.sqrt(n),
        lambda n: math.exp(1 / (2 * n)) / math.sqrt(n),
        Balanced(),
        by_logarithm,
        lambda n: [np.exp(1 / (2 * n)) / np.sqrt(n)][0],
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
    ],
}

MISTAKES = {
    "knob": [2.0, "2.0", 2.38, 1.83],
    "layer": [
        15,  # each layer multiplies by n
        29,  # the last that does not
        39,  # width 100
        400,
        20,
    ],
    "variance": [
        1.1**50,  # the variance taken for the gain
        "1.1^50",
        1 + 0.1 * 50,  # added up
        1.1,
        50 * np.sqrt(1.1),
        np.sqrt(1.1),
        1.05**50,
        5,
    ],
    "tolerance": [
        10 / 20,  # divided
        0.5,
        10 ** (1 / 40),  # the variance taken
        "10^(1/40)",
        10 ** (2 / 20),  # the gain squared
        2,
        1 + 9 / 20,  # growth added up
        10,
        np.log(10) / 20,
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
    ],
}

OTHER_WRONG = {
    "knob": [
        *("hot", "", [2.18, 2.0], np.full(3, 2.18), 2.18j, np.nan, np.inf, {}, {2.18}, object()),
        *(len, lambda: None, 0.5, 1.0, 1.5, 3.0, 5.0, -2.18),
    ],
    "layer": [*not_it(30), 31, 28, 3000],
    "variance": [*not_it(10.8), 9.5, 12.5],
    "tolerance": [*not_it(1.122), 1.06, 1.2, 12],
    "balanced": [
        *NOT_FUNCTIONS,
        lambda n: np.full(3, 0.1),
        lambda n: 0.1,
        lambda n: np.nan,
        lambda n: complex(0.1, 1),
        lambda n: {},
    ],
    "narrow": [*not_it(-10), -15, -7, 3],
}
