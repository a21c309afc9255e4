"""Answers to the exercises of chapter 07, written from their text alone."""

import numpy as np

from initlib import theory
from initlib.initializers import fans
from tests.notebooks.batteries import NOT_FUNCTIONS, forms, not_it


class Std:
    def __call__(self, activation, shape):
        *kernel, inputs, _ = shape
        return theory.gain(activation) * (np.prod(kernel) * inputs) ** -0.5


def by_hand(activation, shape):
    fan_in = 1
    for length in shape[:-1]:
        fan_in *= length
    return float(theory.gain(activation)) / fan_in**0.5


RIGHT = {
    "patient": [
        "dbc",
        "DBC",
        "d, b, c",
        " d b c ",
        ["d", "b", "c"],
        ("D", "B", "C"),
        np.array(["d", "b", "c"]),
        "d,b,c",
        "d-b-c",
    ],
    "kernel-std": [*forms(0.1), "sqrt(2/(5*5*8))", "sqrt(2/200)", "1/10"],
    "preserving-std": [
        by_hand,
        Std(),
        lambda activation, shape: theory.gain(activation) / np.sqrt(fans(shape)[0]),
        lambda activation, shape: np.sqrt(theory.gain(activation) ** 2 / fans(shape)[0]),
        lambda activation, shape: theory.gain(activation) * fans(shape)[0] ** -0.5,
        lambda activation, shape: (
            1 / np.sqrt(theory.second_moment(activation, 1.0) * fans(shape)[0])
        ),
        lambda phi, shape, unused=None: theory.gain(phi) / np.sqrt(np.prod(shape[:-1])),
        lambda activation, shape: [by_hand(activation, shape)][0],
    ],
    "cure": [*forms(np.sqrt(6)), "sqrt(6)", "6^0.5", "2.449", np.sqrt(2) * np.sqrt(3)],
}

MISTAKES = {
    "patient": ["ebc", "dhc", "dbh", "cbd", "bcd", "dbe", "ehc"],
    "kernel-std": [
        np.sqrt(2 / 8),  # the channels alone
        np.sqrt(2 / 25),  # the window alone
        np.sqrt(2 / (25 * 32)),  # backward
        2 / 200,  # the variance
        np.sqrt(1 / 200),  # LeCun
        np.sqrt(2 / 40),  # 5·8
        np.sqrt(2 / (200 + 800)),  # Xavier
        np.sqrt(2 / 500),  # the mean of the fans
        np.sqrt(6 / 200),  # the bound
    ],
    "preserving-std": [
        lambda activation, shape: np.sqrt(2 / fans(shape)[0]),  # He whatever comes
        lambda activation, shape: theory.gain(activation) / np.sqrt(shape[-2]),  # channels alone
        lambda activation, shape: theory.gain(activation) / np.sqrt(fans(shape)[1]),  # fan_out
        lambda activation, shape: theory.gain(activation) / fans(shape)[0],  # the root forgotten
        lambda activation, shape: theory.gain(activation) ** 2 / fans(shape)[0],  # the variance
        lambda activation, shape: theory.gain(activation) * np.sqrt(2 / sum(fans(shape))),  # Xavier
        lambda activation, shape: 1 / np.sqrt(fans(shape)[0]),  # the gain forgotten
        lambda activation, shape: theory.gain(activation) / np.sqrt(shape[0]),
    ],
    "cure": [
        6,  # the root forgotten
        3,
        np.sqrt(3),  # back to 1/fan_in
        np.sqrt(2),  # He from 1/fan_in
        2,
        1 / np.sqrt(6),  # the inverse
        1 / 6,
        36,
    ],
}

OTHER_WRONG = {
    "patient": [
        *("", "xyz", "d", "dbcd", 3, ["d"], {"d", "b", "c"}, np.nan, len, lambda: None, b"dbc"),
        *("aaa", ["d", 2, "c"], "the first is d"),
    ],
    "kernel-std": [*not_it(0.1), 0.12, 0.08],
    "preserving-std": [
        *NOT_FUNCTIONS,
        lambda activation, shape: np.nan,
        lambda activation, shape: (1, 2),
        lambda activation, shape: 0.1,
        lambda activation: 0.1,
    ],
    "cure": [*not_it(2.449), 2.2, 2.7],
}
