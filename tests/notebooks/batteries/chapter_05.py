"""Answers to the exercises of chapter 05, written from their text alone."""

import itertools
import math

import numpy as np

from tests.notebooks.batteries import NOT_FUNCTIONS, forms, not_it

LEAST = (4 * 8 * 256 / 264**2) ** 2


def by_loop(widths):
    forward = back = 1.0
    for fan_in, fan_out in itertools.pairwise(widths):
        forward *= 2 * fan_in / (fan_in + fan_out)
        back *= 2 * fan_out / (fan_in + fan_out)
    return forward, back


class Factors:
    def __call__(self, widths):
        return list(by_loop(tuple(widths)))


def wrong(variance, forward=lambda i, o: i, back=lambda i, o: o):
    """The factors with another variance, or with other fans."""

    def answer(widths):
        pairs = list(itertools.pairwise(widths))
        return (
            math.prod(forward(i, o) * variance(i, o) for i, o in pairs),
            math.prod(back(i, o) * variance(i, o) for i, o in pairs),
        )

    return answer


def xavier(fan_in, fan_out):
    return 2 / (fan_in + fan_out)


RIGHT = {
    "least": [*forms(LEAST), "(4*8*256/264^2)^2", "0.01382", (4 / 32 / (33 / 32) ** 2) ** 2],
    "bound": [*forms(np.sqrt(6 / 400)), "sqrt(6/400)", "sqrt(6)/20", "sqrt(3)*sqrt(2/400)"],
    "through": [
        by_loop,
        Factors(),
        wrong(xavier),
        lambda widths: by_loop(widths),
        lambda widths, unused=None: np.array(by_loop(widths)),
        lambda widths: [by_loop(widths)[0], by_loop(widths)[1]],
        lambda widths: tuple(np.float64(each) for each in by_loop(list(widths))),
        lambda widths: np.exp(np.log(by_loop(widths))),
    ],
    "weights": [*forms(1), "1", "(1/3)^3/(1/3)^3", "3^0", "100 %"],
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
    "through": [
        wrong(lambda i, o: 1 / i),  # LeCun
        wrong(lambda i, o: 1 / o),
        wrong(lambda i, o: 1 / (i + o)),  # the 2 forgotten
        wrong(xavier, lambda i, o: o, lambda i, o: i),  # the two exchanged
        wrong(lambda i, o: math.sqrt(xavier(i, o))),  # the standard deviation
        wrong(lambda i, o: 2 / i),  # He
        lambda widths: [2 * i / (i + o) for i, o in itertools.pairwise(widths)],  # layer by layer
        lambda widths: by_loop(widths)[0],  # the signal alone
    ],
    "weights": [
        27,  # the signal alone
        1 / 27,
        "1/27",
        3,
        9,
        (1 / 3) ** 6,  # both fall together
        729,
        81,
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
    "through": [
        *NOT_FUNCTIONS,
        lambda widths: (1.0, 1.0),
        lambda widths: (0.5, np.nan),
        lambda widths: (*by_loop(widths), 1.0),
        lambda widths: ("a", "b"),
    ],
    "weights": [*not_it(1), 1.1, 0.9, 2],
    "depth": [*not_it(53), 54, 60, 5, 10, 99],
}
