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
    "pair": [*forms(0.16), "256/320*64/320", "4/25", "0.8*0.2", "16 %"],
    "decoder": [*forms(0.5**0.5), "1/sqrt(2)", "sqrt(1/2)", "0.7071", "sqrt(512/1024)", "2^-0.5"],
    "squared": [*forms((2 / 3) ** 0.5), "sqrt(2/3)", "1/sqrt(1.5)", "0.8165", "(2/3)^0.5"],
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
}

MISTAKES = {
    "pair": [
        0.25,  # equal widths
        "1/4",
        0.64,  # linear: the halves of ReLU forgotten
        1,  # He
        0.4,  # one layer
        0.5,
        4,
    ],
    "decoder": [
        np.sqrt(2),  # the inverse
        0.5,  # the variance
        2,
        1 / np.sqrt(8),  # all of the window counted
        np.sqrt(8),
        0.25,  # the share of the window
        1,  # PyTorch has counted
    ],
    "squared": [
        np.sqrt(1.5),  # the inverse
        1.5,  # E[φ²]
        2 / 3,  # the variance
        1 / np.sqrt(3),  # z² on both sides
        1 / 3,
        np.sqrt(2),  # ReLU
        2,
        1,
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
        lambda activation, shape: theory.gain(activation) / np.sqrt(np.prod(shape[1:])),  # PyTorch
        lambda activation, shape: (
            (5 / 3 if activation == "tanh" else theory.gain(activation)) / np.sqrt(fans(shape)[0])
        ),
    ],
}

OTHER_WRONG = {
    "pair": [*not_it(0.16), 0.2, 0.12, 0.1],
    "decoder": [*not_it(0.707), 0.6, 0.8],
    "squared": [*not_it(0.8165), 0.9, 0.75],
    "preserving-std": [
        *NOT_FUNCTIONS,
        lambda activation, shape: np.nan,
        lambda activation, shape: (1, 2),
        lambda activation, shape: 0.1,
        lambda activation: 0.1,
    ],
}
