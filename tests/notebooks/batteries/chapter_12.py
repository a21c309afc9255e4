"""Answers to the exercises of chapter 12, written from their text alone."""

import numpy as np

from initlib import theory
from tests.notebooks.batteries import NOT_FUNCTIONS, forms, not_it


def by_box(sigma_w, sigma_b, q):
    return sigma_w**2 * theory.derivative_second_moment("tanh", q)


def by_quadrature(sigma_w, sigma_b, q):
    z = np.linspace(-9, 9, 2001)
    weight = np.exp(-(z**2) / 2)
    slope = 1 - np.tanh(np.sqrt(q) * z) ** 2
    return sigma_w**2 * np.sum(weight * slope**2) / np.sum(weight)


def of_the_bend(q):
    return 1 - theory.second_moment("tanh", q)


RIGHT = {
    "phase": [*forms(1.55), "1.55", np.float64(1.55), "31/20"],
    "alike": [13, "13", 13.0, np.int64(13), [13], "26/2", lambda: 13, np.array([13])],
    "repair": [
        by_box,
        by_quadrature,
        lambda w, b, q: theory.derivative_second_moment("tanh", q) * w * w,
        lambda w, b, q, unused=1: np.square(w) * theory.derivative_second_moment("tanh", q),
        lambda *a: a[0] ** 2 * theory.derivative_second_moment("tanh", a[2]),
        lambda w, b, q: sum([w**2 * theory.derivative_second_moment("tanh", q)]),
        lambda gain, bias, variance: gain**2 * theory.derivative_second_moment("tanh", variance),
        lambda w, b, q: np.array([w**2 * theory.derivative_second_moment("tanh", q)])[0],
    ],
    "gain": [*forms(0.8), 0.79, 0.82, "80 %", np.float32(0.8035), np.array([0.785])],
}

MISTAKES = {
    "phase": [
        1,  # the edge without biases
        "1.0",
        1.4,  # a smaller bias
        1.3,
        1.5,  # a step too few
        1.6,
        "5/3",  # PyTorch's
    ],
    "alike": [
        12,  # just below
        14,  # counting the first layer
        "12",
        "1/pi",  # the correlation after one
        1 / np.pi,
    ],
    "repair": [
        lambda w, b, q: w * of_the_bend(q) ** 2 + b**2,  # nothing changed
        lambda w, b, q: w * of_the_bend(q) ** 2,  # only the biases
        lambda w, b, q: w**2 * of_the_bend(q) ** 2 + b**2,  # only the gain
        lambda w, b, q: w * theory.derivative_second_moment("tanh", q) + b**2,
        lambda w, b, q: w**2 * of_the_bend(q) ** 2,  # all but the mean of the square
        lambda w, b, q: w**2 * of_the_bend(q),
        lambda w, b, q: w**2 * theory.derivative_second_moment("tanh", q) + b**2,
        lambda w, b, q: w * theory.derivative_second_moment("tanh", q),
        lambda w, b, q: w**2 * theory.second_moment("tanh", q),  # the signal's
        lambda w, b, q: w**2 * theory.derivative_second_moment("tanh", np.sqrt(q)),
        lambda w, b, q: w**2 * theory.derivative_second_moment("tanh"),  # q left out
    ],
    "gain": [
        -0.8,  # the other way round
        0.88,  # one of the two
        "88 %",
        0.08,
        0.6,  # the chapter's pair
    ],
}

OTHER_WRONG = {
    "phase": [*not_it(1.55), 1.56, 1.54, 2, 0.6, 0.5],
    "alike": [*not_it(13), 12.5, "12.9", 20, 60, 1],
    "repair": [
        *NOT_FUNCTIONS,
        lambda w, b, q: np.nan,
        lambda w, q: w**2,
        lambda w, b, q: (w, q),
        lambda w, b, q: 1.0,
    ],
    "gain": [*not_it(0.8), 0.5, 1, 0.3],
}
