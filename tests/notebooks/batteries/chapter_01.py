"""Answers to the exercises of chapter 01, written from their text alone."""

import numpy as np

from tests.notebooks.batteries import forms, not_it

H = np.log(1000)

RIGHT = {
    "rescue": [
        *forms(10),
        *(0.1 / 0.01, "0.1/0.01", "10^1", np.int64(10), "10 times", "10x", "0.1 ÷ 0.01"),
    ],
    "classes": [
        *forms(H),
        *("ln 1000", "log(1000)", "3*ln(10)", "3 ln 10", "6.91 nats", "-ln(1/1000)"),
        *("-ln 0.001", "np.log(1000)", "LN(1000)", "ln(10³)", 6.9),
    ],
    "spread": [
        *forms(60),
        *(92 / 1.54, "92/1.54", 57, 59, 61, "59.7", "about 60", "60 nats"),
        (92 - np.log(10)) / 1.54,  # the excess over ln 10 does as well within 5%
    ],
    "median": [
        *forms(58),
        np.median([40, 44, 50, 52, 55, 61, 70, 1e9, 1e9, 1e9]),
        "(55+61)/2",
        "58 steps",
        np.int64(58),
        np.median([40, 44, 50, 52, 55, 61, 70, np.inf, np.inf, np.inf]),
        "55/2 + 61/2",
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
    "std": [
        0.15,
        "0.15",
        0.2,
        0.177,
        np.sqrt(2 / 64),
        "sqrt(2/64)",
        "1/8",
        [0.2],
        np.float32(0.18),
        lambda: 0.16,
        "15 %",
        np.array([[0.2]]),
        "√(2/64)",
        0.13,
        0.25,
    ],
}

MISTAKES = {
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
    "classes": [
        np.log(10),  # the digits' classes
        "ln 10",
        1000,  # the number of classes
        3,  # decimal logarithm
        np.log10(1000),
        np.log2(1000),  # bits
        -H,  # sign
        1 / 1000,  # the probability
        0,
        np.log(1000) / 1000,
        100 * np.log(10),  # in proportion to the classes
        1 - 1 / 1000,  # the share of wrong guesses
    ],
    "spread": [
        92,  # the loss itself
        92 * 1.54,  # multiplied
        92 - np.log(10),  # the excess over ln 10
        np.sqrt(92),
        92 / 10,
        92**2,
        (92 / 1.54) ** 2,  # the variance
        np.log(92),
        92 / np.log(10),
        40 / 1.54,  # the text's example
        np.sqrt(92 / 1.54),
    ],
    "median": [
        52,  # of the seven that arrived
        np.mean([40, 44, 50, 52, 55, 61, 70]),  # their mean
        np.mean([40, 44, 50, 52, 55, 61, 70, 200, 200, 200]),  # 200 for who did not arrive
        55,  # the fifth
        61,  # the sixth
        200,
        np.mean([40, 44, 50, 52, 55, 61, 70, np.inf, np.inf, np.inf]),
        np.median([40, 44, 50, 52, 55, 61, 70, np.nan, np.nan, np.nan]),
        np.median([40, 44, 50, 52, 55, 61, 70, 0, 0, 0]),  # 0 for who did not arrive
        np.mean([40, 44, 50, 52, 55, 61, 70, 0, 0, 0]),
        (52 + 55) / 2,
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
    "std": [
        0.01,  # too small
        0.4,  # too large
        0,
        -0.15,
        0.03,
        1,
        "0.01",
        2 / 64,  # the variance of He
        1 / 64,
        8,  # the root of the width
        0.05,
    ],
}

OTHER_WRONG = {
    "rescue": [*not_it(10), 9, 11, 100, "10 20", "10:1", 10.2],
    "classes": [*not_it(6.9078), 6.5, 7.3, "ln(1000) bits", 500, "ln(1,000)"],
    "spread": [*not_it(60), 50, 56.5, 63, 70, "sixty"],
    "median": [*not_it(58), 57, 60, 58.5, "58th", "never"],
    "fair": [*not_it(0.7), 0.6, 0.8, 7, 35, 1],
    "std": [
        *("wide", "", [0.15, 0.2], np.full(3, 0.15), 0.15j, np.nan, np.inf, {}, {0.15}),
        *(object(), len, lambda: None, 10, 0.8, 1e-6, 1e9, "0.12 to 0.3", (0.12, 0.3)),
    ],
}
