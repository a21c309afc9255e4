"""Answers to the exercises of chapter 06, written from their text alone."""

import math

import numpy as np

from tests.notebooks.batteries import NOT_FUNCTIONS, forms, not_it


def by_gain(shape, slope):
    gain = np.sqrt(2.0 / (1.0 + slope * slope))
    return gain / np.sqrt(shape[0])


def by_initlib(shape, slope):
    fan_in, _ = shape
    variance = 2 / (1 + slope**2) / fan_in
    return variance**0.5


class Scale:
    def __call__(self, negative, positive):
        return 1 / np.mean([negative**2, positive**2])


def by_cases(negative, positive):
    if negative == 0 and positive == 1:
        return 2.0
    return 2 / (negative * negative + positive * positive)


RIGHT = {
    "lottery": [
        256,
        "256",
        256.0,
        np.int64(256),
        [256],
        "2^8",
        lambda: 256,
        np.array([256]),
        "2**8",
    ],
    "scale": [
        by_cases,
        Scale(),
        lambda negative, positive: 2 / (negative**2 + positive**2),
        lambda a, b: 1 / (0.5 * a**2 + 0.5 * b**2),
        lambda negative, positive, unused=3: np.divide(2, negative**2 + positive**2),
        lambda negative, positive: 2 / np.hypot(negative, positive) ** 2,
        lambda negative, positive: 2 * (negative**2 + positive**2) ** -1,
        lambda *slopes: 2 / sum(slope**2 for slope in slopes),
    ],
    "adam": [*forms(0.87), 0.86, 0.89, "0.85", "88 %", np.float32(0.8766), np.array([0.864]), 0.91],
    "repair": [
        by_gain,
        by_initlib,
        lambda shape, slope: np.sqrt(2 / ((1 + slope**2) * shape[0])),
        lambda shape, slope: math.sqrt(2) / math.sqrt((1 + slope**2) * shape[0]),
        lambda size, leak: (0.5 * size[0] * (1 + leak * leak)) ** -0.5,
        lambda shape, slope: np.array([np.sqrt(2 / (1 + slope**2) / shape[0])])[0],
        lambda shape, slope: np.hypot(1, slope) ** -1 * (2 / shape[0]) ** 0.5,
        lambda shape, slope, law="normal": np.array(np.sqrt(2 / (shape[0] + slope**2 * shape[0]))),
    ],
}

MISTAKES = {
    "lottery": [128, "128", 64, 512, np.int64(512), 8],
    "scale": [
        lambda negative, positive: negative**2 + positive**2,  # the inverse
        lambda negative, positive: (negative**2 + positive**2) / 2,
        lambda negative, positive: 1 / (negative**2 + positive**2),  # the half forgotten
        lambda negative, positive: 2 / (negative + positive),  # not squared
        lambda negative, positive: math.sqrt(2 / (negative**2 + positive**2)),  # the gain
        lambda negative, positive: 2 / (negative + positive) ** 2,
        lambda negative, positive: 2.0,  # ReLU whatever is asked
        lambda negative, positive: 2 / (1 + negative**2),  # leaky: the positive slope ignored
    ],
    "adam": [
        0.34,  # plain descent: adam=True forgotten
        "34 %",
        np.float32(0.3426),
        0.1,  # the race's rates, far too large for Adam
        0.4,  # momentum instead
        0.403,
        0.49,  # the same at its best rate
    ],
    "repair": [
        lambda shape, slope: np.sqrt(2 / ((1 + slope) ** 2 * shape[1])),  # nothing changed
        lambda shape, slope: np.sqrt(2 / ((1 + slope) ** 2 * shape[0])),  # one of the two mended
        lambda shape, slope: np.sqrt(2 / ((1 + slope**2) * shape[1])),  # the other
        lambda shape, slope: 2 / ((1 + slope**2) * shape[0]),  # the root lost on the way
        lambda shape, slope: np.sqrt(2 / ((1 + slope) * shape[0])),  # the square taken away
        lambda shape, slope: np.sqrt(2 / ((1 - slope**2) * shape[0])),
        lambda shape, slope: np.sqrt(2 / shape[0]),  # a ReLU's
        lambda shape, slope: np.sqrt(2 * (1 + slope**2) / shape[0]),
        lambda shape, slope: np.sqrt(2 / (1 + slope**2)) / shape[0],
        lambda shape, slope: np.sqrt(6 / ((1 + slope**2) * shape[0])),  # a bound
        lambda shape, slope: np.sqrt(4 / ((1 + slope**2) * (shape[0] + shape[1]))),  # both fans
        lambda shape, slope: np.sqrt(1 / ((1 + slope**2) * shape[0])),  # LeCun's 1
    ],
}

OTHER_WRONG = {
    "lottery": [*not_it(256), 254.7, "255.9", 257, 260, 100, 1000, 16, 200],
    "scale": [
        *NOT_FUNCTIONS,
        lambda negative, positive: np.nan,
        lambda negative, positive: (1, 2),
        lambda negative, positive: 1.0,
        lambda negative: 2.0,
    ],
    "adam": [*not_it(0.87), 0.6, 0.2, 1],
    "repair": [
        *NOT_FUNCTIONS,
        lambda shape: 0.1,
        lambda fan_in, fan_out, slope: np.sqrt(2 / ((1 + slope**2) * fan_in)),
        lambda shape, slope: np.nan,
        lambda shape, slope: (shape[0], shape[1]),
        lambda shape, slope: 0.1,
    ],
}
