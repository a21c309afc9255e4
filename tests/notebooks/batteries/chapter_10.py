"""Answers to the exercises of chapter 10, written from their text alone."""

import math
from fractions import Fraction

import numpy as np

from tests.notebooks.batteries import NOT_FUNCTIONS, forms, not_it


def mean(values):
    return values.mean(axis=1)[:, None]


def by_jacobian(hat, s, d):
    """Each example's matrix, written out."""
    rows = []
    for one, scale, slope in zip(hat, s, d):
        n = len(one)
        J = (np.eye(n) - np.ones((n, n)) / n - np.outer(one, one) / n) / scale
        rows.append(slope @ J)
    return np.array(rows)


def by_sums(hat, s, d):
    n = hat.shape[-1]
    along = (hat * d).sum(-1, keepdims=True) / n
    return (d - d.sum(-1, keepdims=True) / n - hat * along) / s


def by_einsum(hat, s, d):
    n = d.shape[1]
    d = d - np.einsum("ij,ij->i", hat, d)[:, None] * hat / n
    d = d - d.mean(1)[:, None]
    return np.divide(d, s)


class Back:
    def __call__(self, hat, s, d, axis=-1):
        centred = d - np.average(d, axis=axis)[..., None]
        return (centred - hat * np.average(hat * centred, axis=axis)[..., None]) * s**-1


RIGHT = {
    "loudest": [*forms(0.25), "1/4", 1 / 4, "2**-2", "25 %"],
    "rate": [*forms(1 / 60), "0.1/6", "1/60", Fraction(1, 60), 0.0167],
    "back": [
        by_jacobian,
        by_sums,
        by_einsum,
        Back(),
        lambda hat, s, d: (d - mean(d) - hat * mean(hat * d)) / s,
        lambda z, std, grad: (grad - mean(grad)) / std - z * mean(z * grad) / std,
        lambda hat, s, d: (d - mean(d) - hat * mean(hat * (d - mean(d)))) / s,
        lambda *three: by_sums(*three).tolist(),
    ],
    "adam": [*forms(10), "sqrt(100)", 10.05],
}

MISTAKES = {
    "loudest": [0.125, "1/8", "1/64", 0.177, 0.354, 1, "1", 0, np.float32(0.125)],
    "rate": [
        0.6,  # the wrong way round
        "0.1*6",
        0.1 / math.sqrt(6),  # c instead of its square
        "0.1*sqrt(6)",
        0.1,  # as if a normalization took the scale out of a step, too
        "0.1/3",  # LeCun instead of He
        "0.1/36",
    ],
    "back": [
        lambda hat, s, d: d / s,  # nothing changed
        lambda hat, s, d: (d - mean(d)) / s,  # the mean alone
        lambda hat, s, d: (d - hat * mean(hat * d)) / s,  # s alone
        lambda hat, s, d: (d - d.mean(axis=0) - hat * (hat * d).mean(axis=0)) / s,
        lambda hat, s, d: d - mean(d) - hat * mean(hat * d),
        lambda hat, s, d: (d - mean(d) - hat * mean(hat * d)) * s,
        lambda hat, s, d: (d + mean(d) + hat * mean(hat * d)) / s,
        lambda hat, s, d: (d - mean(d) - hat * (hat * d).sum(1)[:, None]) / s,
    ],
    "adam": [100, "100", 1, 0.1, "1/10", 0.01, "sqrt(10)"],
}

OTHER_WRONG = {
    "loudest": [*not_it(0.25), 0.3, 0.2, 0.5, 2, 64],
    "rate": [*not_it(0.1 / 6), 0.05, 0.02, 1, 6],
    "back": [
        *NOT_FUNCTIONS,
        lambda hat, s: hat / s,
        lambda hat, s, d: np.nan,
        lambda hat, s, d: np.zeros_like(d),
        lambda hat, s, d: hat,
        lambda hat, s, d: d.sum(),
    ],
    "adam": [*not_it(10), 9, 20, 1000, 5],
}
