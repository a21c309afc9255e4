"""Answers to the exercises of chapter 04, written from their text alone."""

import numpy as np

from initlib import theory
from tests.notebooks.batteries import NOT_FUNCTIONS, forms, not_it

PI = np.pi


def by_loop(activation, scale, var_b, depth, q):
    variances = np.empty(depth)
    for layer in range(depth):
        size = theory.second_moment(activation, variances[layer - 1]) if layer else q
        variances[layer] = scale * size + var_b
    return variances


def recursive(activation, scale, var_b, depth, q):
    first = scale * q + var_b
    if depth == 1:
        return [first]
    after = theory.second_moment(activation, first)
    return [first, *recursive(activation, scale, var_b, depth - 1, float(after))]


class Recurrence:
    def __call__(self, activation, scale, var_b, depth, q, unused=None):
        return tuple(by_loop(activation, scale, var_b, depth, q))


def inputs_through_phi(activation, scale, var_b, depth, q):
    start = scale * theory.second_moment(activation, q) + var_b
    return changed(first=lambda *_: start)(activation, scale, var_b, depth, q)


def biases_times_scale(activation, scale, var_b, depth, q):
    return by_loop(activation, scale, scale * var_b, depth, q)


def changed(first=None, bias=lambda b: b, moment=theory.second_moment, drop=0, scales=lambda s: s):
    """The recurrence with one thing wrong."""

    def answer(activation, scale, var_b, depth, q):
        variances = [scale * q + bias(var_b)] if first is None else [first(scale, var_b, q)]
        while len(variances) < depth + drop:
            variances.append(scales(scale) * moment(activation, variances[-1]) + bias(var_b))
        return np.array(variances[drop:])

    return answer


RIGHT = {
    "kept": [*forms(7), "3+1+2+1", np.int64(7), "7 pairs", "4 + 2 + 1"],
    "uniform-layer": [
        *forms(256 * 0.01 / 3 * 0.5 + 0.04),
        "256*0.1^2/3*0.5 + 0.2^2",
        "0.4667",
        "7/15",
        0.47,
        "128·0.1²/3 + 0.2²",
        256 * 0.2**2 / 12 / 2 + 0.2**2,
        "46.7 %",
    ],
    "recurrence": [
        by_loop,
        recursive,
        Recurrence(),
        changed(),
        lambda activation, scale, var_b, depth, q: by_loop(activation, scale, var_b, depth, q),
        lambda *given: by_loop(*given).astype(np.longdouble),
        lambda *given: list(by_loop(*given)),
        lambda *given: [float(each) for each in by_loop(*given)],
        lambda *given: np.float32(by_loop(*given)),
        lambda activation, scale, var_b, depth, q=1.0: by_loop(activation, scale, var_b, depth, q),
    ],
    "over-examples": [
        *forms(1 - 1 / PI),
        "1 - 1/pi",
        "0.68",
        "68 %",
        0.5 * (1 - 1 / PI) / 0.5,
        "(pi - 1)/pi",
        "1 - 1/π",
        "1 - 1/np.pi",
        0.69,  # a measurement
        0.67,
    ],
}

MISTAKES = {
    "kept": [
        4,  # E[a²] alone
        12,  # all
        3,  # the beliefs
        9,
        10,
        7 / 12,  # a share
        8,  # sigmoid with Var(a) too, or tanh thrice
        6,
        5,
    ],
    "uniform-layer": [
        256 * 0.01 / 3 * 0.5,  # without the biases
        256 * 0.01 / 3 * 1 + 0.04,  # the half forgotten
        256 * 0.01 * 0.5 + 0.04,  # without the third
        256 * 0.01 / 3 * 0.5 + 0.2,  # the standard deviation of the biases added
        0.01 / 3 * 0.5 + 0.04,  # without the sum over inputs
        256 * 0.04 / 12 * 0.5 * (1 - 1 / PI) + 0.04,  # a variance of 0.34 is near
        256 * 0.01 / 3 * (0.5 - 1 / (2 * PI)) + 0.04,  # Var(a)
        256 * 0.01 / 12 * 0.5 + 0.04,  # the width taken as 0.1
        np.sqrt(256 * 0.01 / 3 * 0.5 + 0.04),  # the standard deviation
        256 * 0.01 / 3 / (2 * PI) + 0.04,  # the squared mean
        256 * 0.01 / 3 / np.sqrt(2 * PI) + 0.04,  # the mean
        256 * 0.1 / np.sqrt(3) * 0.5 + 0.04,  # the weights' standard deviation
        256 * 0.1 * 0.5 + 0.04,  # 0.1 taken for the variance
        256 * 0.04 / 3 * 0.5 + 0.04,  # the whole width for the half
        256 * 0.01 / 3 * 0.5 + 0.04 / 3,  # uniform biases
        256 * 0.01 / 3,
        1.32 - 0.04 + 0.2,  # two at once
    ],
    "recurrence": [
        changed(bias=lambda b: 0),  # without biases
        changed(bias=np.sqrt),  # the standard deviation added
        changed(first=lambda scale, var_b, q: scale * q),  # none in layer 1
        changed(moment=lambda phi, q: q),  # the activation left out
        changed(moment=lambda phi, q: 0.5 * q),  # any activation taken for ReLU
        changed(first=lambda scale, var_b, q: q),  # the inputs counted as layer 1
        changed(drop=1),  # layer 1 left out
        changed(bias=np.square),
        changed(scales=np.square),
        changed(moment=lambda phi, q: theory.second_moment(phi, np.sqrt(q))),
        changed(first=lambda scale, var_b, q: q**2 * scale + var_b),
        changed(first=lambda scale, var_b, q: scale + var_b),  # q left out
        lambda *given: by_loop(*given)[-1],
        lambda *given: np.sqrt(by_loop(*given)),
        lambda *given: [given[-1], *by_loop(*given)],
        lambda *given: [given[-1], *by_loop(*given)[:-1]],
        lambda *given: theory.second_moment(given[0], by_loop(*given)),  # E[a²]
        lambda *given: theory.signal(given[0], given[1], given[3], given[4]) + given[2],
        inputs_through_phi,
        biases_times_scale,
    ],
    "over-examples": [
        1,  # the same over examples as over networks
        0.5,  # the half of ReLU
        1 / PI,  # what is missing
        "1/pi",
        (1 - 1 / PI) / 2,  # Var(a) itself
        PI / (PI - 1),  # the inverse
        np.sqrt(1 - 1 / PI),
        1 / (2 * PI),  # E[a]²
        0,
    ],
}

OTHER_WRONG = {
    "kept": [*not_it(7), 6.965, "7.02", 2, 11, -7, 7.1, "7 of 12"],
    "uniform-layer": [*not_it(0.46667), 0.4, 0.45, 0.475, 0.6],
    "recurrence": [
        *NOT_FUNCTIONS,
        lambda activation, scale, var_b, depth, q: np.ones(depth),
        lambda activation, scale, var_b, depth, q: by_loop(activation, scale, var_b, depth + 1, q),
        lambda activation, scale, var_b, depth, q: by_loop(activation, scale, var_b, depth, q)[
            ::-1
        ],
        lambda activation, scale, var_b, depth, q: np.full(depth, np.nan),
    ],
    "over-examples": [*not_it(0.6817), 0.6, 0.64, 0.72, 0.8],
}
