"""The real data of the course, shipped inside the package.

The digits are the 1,797 images of the test part of the *Optical Recognition of Handwritten Digits*
data set by E. Alpaydin and C. Kaynak (1998), UCI Machine Learning Repository,
https://doi.org/10.24432/C50P49, licence CC BY 4.0. ``data/README.md`` says how they were stored.

The data set's own description says that 13 people wrote this part, none of whom wrote in the other.
The file does not name them, but its order shows where one sheet ends: the same sequence of 130
digits comes 14 times, now and then with a few left out, and ``SHEETS`` holds where it begins. We
take each sheet for one hand; one of the 13 may have filled two.
"""

import os.path
from typing import NamedTuple

import numpy as np

from initlib._checks import check_dtype, check_option

SHEETS = (0, 130, 256, 386, 516, 646, 776, 906, 1029, 1157, 1287, 1415, 1545, 1667)
LAST_HANDS = 1415  # the last three sheets, 382 digits, begin here
VALIDATION, TEST = 200, 397  # of the 1,797


class Digits(NamedTuple):
    """Handwritten digits: inputs ``(examples, 64)`` standardised, labels ``(examples,)`` 0 to 9."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

    @property
    def train(self):
        """Inputs and labels together, as in ``fit(network, *digits.train, ...)``."""
        return self.x_train, self.y_train

    @property
    def validation(self):
        """What a learning rate is chosen on: neither trained on nor tested on."""
        return self.x_validation, self.y_validation

    @property
    def test(self):
        """What nothing is chosen on."""
        return self.x_test, self.y_test


def raw_digits():
    """Pixels ``(1797, 8, 8)``, whole numbers 0 (paper) to 16 (ink), and labels ``(1797,)``."""
    path = os.path.join(os.path.dirname(__file__), "data", "digits.npz")
    with np.load(path) as arrays:
        return arrays["pixels"].reshape(-1, 8, 8), arrays["labels"].astype(int)


def load_digits(writers="together", order="dealt", dtype=np.float64):
    """The digits in three parts: 1,200 for training, 200 for validation, 397 for the test.

    Each hand's digits are dealt into all three by one fixed permutation, so that a network is
    tested on hands that it knows; within a part they are in no order. ``writers="apart"`` tests on
    the 382 digits of the last three hands instead, and deals the others into 1,215 and 200.
    ``order="file"`` is the file as it stands: 1,400, none and 397. Each pixel is standardised by
    its mean and standard deviation over the training part; one that is constant there becomes 0.

    >>> digits = load_digits()
    >>> digits.x_train.shape, digits.x_validation.shape, digits.x_test.shape
    ((1200, 64), (200, 64), (397, 64))
    """
    check_option("writers", writers, ("together", "apart"))
    check_option("order", order, ("dealt", "file"))
    pixels, labels = raw_digits()
    x, total = pixels.reshape(-1, 64).astype(np.float64), len(labels)
    if order == "file":
        if writers == "apart":
            raise ValueError('order="file" knows no writers: leave out writers="apart"')
        parts = np.split(np.arange(total), [1400, 1400])
    elif writers == "apart":
        train, validation = _dealt(LAST_HANDS, (LAST_HANDS - VALIDATION, VALIDATION))
        parts = train, validation, np.arange(LAST_HANDS, total)
    else:
        parts = _dealt(total, (total - VALIDATION - TEST, VALIDATION, TEST))
    spread = x[parts[0]].std(axis=0)
    x = (x - x[parts[0]].mean(axis=0)) / np.where(spread > 0, spread, 1)
    x[:, spread == 0] = 0
    x = x.astype(check_dtype(dtype))
    return Digits(*(each[part] for part in parts for each in (x, labels)))


def _dealt(total, sizes):
    """Index arrays of ``sizes``, each sheet among the first ``total`` digits dealt into all.

    Not every k-th of a sheet, whose digits stand in a pattern. The permutations are part of the
    data, so no seed of a lesson touches them.
    """
    rng = np.random.Generator(np.random.PCG64(0))
    ends = [*(start for start in SHEETS[1:] if start < total), total]
    parts, start = [[] for _ in sizes], 0
    for end in ends:
        dealt = start + rng.permutation(end - start)
        done = [
            [round(size * place / total) for size in np.cumsum(sizes)] for place in (start, end)
        ]
        counts = np.diff(np.subtract(done[1], done[0]), prepend=0)
        for part, some in zip(parts, np.split(dealt, np.cumsum(counts)[:-1])):
            part.extend(some)
        start = end
    return [rng.permutation(part) for part in parts]
