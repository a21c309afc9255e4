"""Answers to the exercise of chapter 00, written from its text alone."""

import numpy as np

from tests.notebooks.batteries import forms, not_it

RIGHT = {
    "standard-error": [
        *forms(0.1),
        2 / np.sqrt(400),
        "2/sqrt(400)",
        "2/20",
        "2/√400",
        "2·400^-0.5",
        "sqrt(4/400)",
        "≈ 0.1",
        "10 per cent",
        0.2 / 2,
        np.float16(0.1),
        2 / np.sqrt(399),  # n − 1 for n
        "10 %",
        "1e-1",
        np.std([2, -2] * 200) / 400**0.5,
    ],
}

MISTAKES = {
    "standard-error": [
        2 / 400,  # divided by the number, not its root
        "2/400",
        2,  # the mean is taken to scatter as one number does
        40,  # times the root: the sum
        "2*sqrt(400)",
        0.01,  # the variance
        800,  # times the number
        np.sqrt(2 / 400),  # the root of all
        4 / np.sqrt(400),  # the variance for its root
        1 / np.sqrt(400),  # numbers of standard deviation 1
        1 / 400,
        np.sqrt(400),
        np.sqrt(400) / 2,  # upside down
    ],
}

OTHER_WRONG = {"standard-error": [*not_it(0.1), 0.0, "0.1 0.1", 0.12, 1, 4, 400, "0,1,2"]}
