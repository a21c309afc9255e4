"""Answers to the exercises of chapter 13, written from their text alone."""

import numpy as np

from tests.notebooks.batteries import NOT_FUNCTIONS, forms, not_it


def by_factors(m, output, rate):
    squares = m
    gradient = m**output
    return squares * gradient * m**rate


RIGHT = {
    "width": [*forms(0.5), "1/2", np.float64(0.5), [0.5]],
    "transfer": [*forms(1 / 8192), "1/8192", 1 / 512 / 16, 2**-13, np.float32(1 / 8192)],
    "repair": [
        by_factors,
        lambda m, output, rate: m ** (1 + output + rate),
        lambda m, o, r, unused=1: np.exp(np.log(m) * (1 + o + r)),
        lambda *a: a[0] * a[0] ** a[1] * a[0] ** a[2],
        lambda m, o, r: np.array([m * m**o * m**r])[0],
        lambda m, output=0, rate=0: m * np.power(m, output + rate),
        lambda width, start, eta: width * width**start * width**eta,
        lambda m, o, r: np.sqrt(m) ** 2 * m**o * m**r,
    ],
    "adam-lazy": [*forms(0.31), 0.3, 0.33, "31 %", np.float32(0.3108), np.array([0.29])],
}

MISTAKES = {
    "width": [
        0,  # of the last layer alone
        1,  # one rate
        "3/2",  # Adam
        -0.5,
    ],
    "transfer": [
        1 / 512,  # unchanged
        "1/512",
        16 / 512,  # the wrong way
        1 / 2048,  # the root
        1 / 512 / 256,  # twice
    ],
    "repair": [
        lambda m, o, r: np.sqrt(m) * m ** (2 * o) * m**r,  # nothing changed
        lambda m, o, r: m * m ** (2 * o) * m**r,  # only the squares
        lambda m, o, r: np.sqrt(m) * m**o * m**r,  # only the gradient
        lambda m, o, r: m ** (1 + o),  # the rate forgotten
        lambda m, o, r: m ** (1 + r),  # Adam
        lambda m, o, r: m ** (1 - o + r),
    ],
    "adam-lazy": [
        0.25,  # as with SGD
        "1/16",
        16,
        1,  # by its own step
        0.14,  # the chapter's SGD
    ],
}

OTHER_WRONG = {
    "width": [*not_it(0.5), 2, 0.25, -1],
    "transfer": [*not_it(1 / 8192), 512, 8192, 1 / 4096],
    "repair": [
        *NOT_FUNCTIONS,
        lambda m, o, r: np.nan,
        lambda m, o: m,
        lambda m, o, r: (m, o),
        lambda m, o, r: 1.0,
    ],
    "adam-lazy": [*not_it(0.31), 0.5, 2, 4],
}
