"""Answers to the exercises of chapter 06, written from their text alone."""

import math

import numpy as np

from tests.notebooks.batteries import NOT_FUNCTIONS, forms, not_it

LEAKY = np.sqrt(3 * 2 / (1.04 * 100))


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
    "pair": [*forms(0.16), "256/320*64/320", "4/25", "0.8*0.2", "16 %"],
    "std": [*forms(0.1), "sqrt(2/200)", "1/10", np.sqrt(2 / 200), "10 %"],
    "bound": [*forms(LEAKY), "sqrt(6/104)", "sqrt(3)*sqrt(2/(1.04*100))", "0.24"],
    "depth": [
        *forms(2 * math.log2(1000)),
        20,
        "20",
        "2*log2(1000)",
        "ln(1000^2)/ln(2)",
        np.ceil(19.93),
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
    "spread": [*forms(20), "100/5", np.int64(20), "20"],
}

MISTAKES = {
    "lottery": [128, "128", 64, 512, np.int64(512), 8],
    "pair": [
        0.25,  # equal widths
        "1/4",
        0.64,  # linear: the halves of ReLU forgotten
        1,  # He
        0.4,  # one layer
        0.5,
        4,
    ],
    "std": [
        0.01,  # the variance
        2 / 200,
        np.sqrt(1 / 200),  # LeCun
        np.sqrt(2 / 50),  # backward
        np.sqrt(2 / 250),  # Xavier
        np.sqrt(2 / 125),  # the mean of the fans
        np.sqrt(6 / 200),  # the bound of the uniform law
        np.sqrt(4 / 250),
        2 / np.sqrt(200),
    ],
    "bound": [
        np.sqrt(6 / 100),  # slope 0
        np.sqrt(2 / 104),  # the standard deviation
        2 / 104,  # the variance
        np.sqrt(6 / (1.2 * 100)),  # the slope not squared
        6 / 104,
        np.sqrt(6 / (0.8 * 100)),
        np.sqrt(3 / 100),
        np.sqrt(2 / 100),
        np.sqrt(3 / 104),
    ],
    "depth": [
        math.log2(1000),  # the second moment
        "log2(1000)",
        10,
        2 * math.log(1000),  # base e
        500,
        1000,
        2 * math.log10(1000),
        np.log(1000),
    ],
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
    "spread": [
        500,  # multiplied
        100,
        10,
        5,
        "100/10",
        4,  # squared
        np.sqrt(20),
        40,
    ],
}

OTHER_WRONG = {
    "lottery": [*not_it(256), 100, 1000, 16, 200],
    "pair": [*not_it(0.16), 0.2, 0.12, 0.1],
    "std": [*not_it(0.1), 0.12, 0.09],
    "bound": [*not_it(0.2402), 0.2, 0.3],
    "depth": [*not_it(19.93), 25, 15],
    "scale": [
        *NOT_FUNCTIONS,
        lambda negative, positive: np.nan,
        lambda negative, positive: (1, 2),
        lambda negative, positive: 1.0,
        lambda negative: 2.0,
    ],
    "spread": [*not_it(20), 30, 15],
}
