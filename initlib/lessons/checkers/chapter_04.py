import math

import numpy as np

from initlib import theory
from initlib.lessons.checkers import function


def inputs(phi, scale, var_b, q):
    return scale * q + var_b


def box(phi, scale, var_b, q):
    return scale * theory.second_moment(phi, q) + var_b


def recurrence(first=inputs, after=box):
    """Variances of which ``first`` gives that of layer 1, and ``after`` the next from each."""

    def variances(phi, scale, var_b, depth, q):
        found = [first(phi, scale, var_b, q)]
        while len(found) < depth:
            found.append(after(phi, scale, var_b, found[-1]))
        return np.array(found)

    return variances


signal = recurrence()


def given(change):
    """The right recurrence, given other arguments."""
    return lambda *case: signal(*change(*case))


def of_variance(phi, scale, var_b, q):
    var_a = theory.second_moment(phi, q) - theory.mean(phi, q) ** 2
    return scale * var_a + var_b


WRONG = {
    "no_biases": given(lambda phi, s, b, depth, q: (phi, s, 0, depth, q)),
    "no_biases_in_layer_1": recurrence(first=lambda phi, s, b, q: s * q),
    "a_layer_too_many": given(lambda phi, s, b, depth, q: (phi, s, b, depth + 1, q)),
    "layer_1_left_out": lambda *case: signal(*case)[1:],
    "last_layer_alone": lambda *case: signal(*case)[-1],
    "standard_deviations": lambda *case: np.sqrt(signal(*case)),
    "of_activations": lambda phi, *rest: theory.second_moment(phi, signal(phi, *rest)),
    "inputs_first": (
        recurrence(first=lambda phi, s, b, q: q),
        lambda *case: [case[-1], *signal(*case)],
        lambda *case: [case[-1], *signal(*case)[:-1]],
    ),
    "inputs_through_phi": recurrence(first=box),
    "biases_times_scale": (
        recurrence(after=lambda phi, s, b, q: box(phi, s, s * b, q)),
        given(lambda phi, s, b, depth, q: (phi, s, s * b, depth, q)),
    ),
    "no_activation": recurrence(after=inputs),
    "always_relu": recurrence(after=lambda phi, s, b, q: inputs(phi, s, b, q / 2)),
    "biases_in_layer_1_alone": recurrence(after=lambda phi, s, b, q: box(phi, s, 0, q)),
    "root_of_the_variance": recurrence(after=lambda phi, s, b, q: box(phi, s, b, math.sqrt(q))),
    "biases_at_the_end": lambda phi, s, b, depth, q: b + theory.signal(phi, s, depth, q),
    "scale_squared": (
        given(lambda phi, s, b, depth, q: (phi, s**2, b, depth, q)),
        recurrence(after=lambda phi, s, b, q: box(phi, s**2, b, q)),
    ),
    "biases_squared": given(lambda phi, s, b, depth, q: (phi, s, b**2, depth, q)),
    "q_squared": given(lambda phi, s, b, depth, q: (phi, s, b, depth, q**2)),
    "no_q": given(lambda phi, s, b, depth, q: (phi, s, b, depth, 1)),
    "from_layer_2": lambda *case: signal(*case[:3], case[3] + 1, case[4])[1:],
    "variance_of_activations": recurrence(after=of_variance),
    "root_of_var_b": given(lambda phi, s, b, depth, q: (phi, s, math.sqrt(b), depth, q)),
}

CASES = [
    ("tanh", 1.5, 0.2, 5, 0.6),
    ("relu", 1.2, 0.05, 4, 1.3),
    ("linear", 0.8, 0.0, 3, 2.0),
    ("sigmoid", 3.0, 0.1, 1, 0.5),
]

CHECKERS = {"recurrence": function(signal, CASES, WRONG)}
