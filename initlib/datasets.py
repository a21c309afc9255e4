"""The real data of the course, shipped inside the package.

The digits are the 1,797 images of the test part of the *Optical Recognition of Handwritten Digits*
data set by E. Alpaydin and C. Kaynak (1998), UCI Machine Learning Repository,
https://doi.org/10.24432/C50P49, licence CC BY 4.0. ``data/README.md`` says how they were stored.
"""

import os.path
from typing import NamedTuple

import numpy as np

from initlib._checks import check_count, check_dtype, check_rng


class Digits(NamedTuple):
    """Handwritten digits: inputs ``(examples, 64)`` standardised, labels ``(examples,)`` 0 to 9."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

    @property
    def train(self):
        """Inputs and labels together, as in ``fit(network, *digits.train, ...)``."""
        return self.x_train, self.y_train

    @property
    def test(self):
        return self.x_test, self.y_test


def raw_digits():
    """Pixels ``(1797, 8, 8)``, whole numbers 0 (paper) to 16 (ink), and labels ``(1797,)``."""
    path = os.path.join(os.path.dirname(__file__), "data", "digits.npz")
    with np.load(path) as arrays:
        return arrays["pixels"].reshape(-1, 8, 8), arrays["labels"].astype(int)


def load_digits(train=1400, rng=None, dtype=np.float64):
    """The digits in two parts: the first ``train`` examples, and the rest for the test.

    The order is the file's, or shuffled by ``rng``. Each pixel is standardised by its mean and
    standard deviation over the training part; one that is constant there becomes 0.

    >>> digits = load_digits()
    >>> digits.x_train.shape, digits.x_test.shape
    ((1400, 64), (397, 64))
    """
    pixels, labels = raw_digits()
    train = check_count("train", train)
    dtype = check_dtype(dtype)
    if train >= len(labels):
        raise ValueError(f"train must be below {len(labels)}, the number of digits, not {train}")
    if rng is not None:
        check_rng(rng)
        order = rng.permutation(len(labels))
        pixels, labels = pixels[order], labels[order]
    x = pixels.reshape(-1, 64).astype(np.float64)
    spread = x[:train].std(axis=0)
    x = (x - x[:train].mean(axis=0)) / np.where(spread > 0, spread, 1)
    x[:, spread == 0] = 0
    x = x.astype(dtype)
    return Digits(x[:train], labels[:train], x[train:], labels[train:])
