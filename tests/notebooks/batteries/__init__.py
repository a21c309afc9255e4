"""What learners answer: a module a chapter, written from the exercises' text, not their checkers.

Each has ``RIGHT``, right answers in usual and unusual forms; ``MISTAKES``, wrong answers that a
learner reaches by a known mistake, which have to be told what it is; and ``OTHER_WRONG``, those
whose reason nobody can guess. All are by the exercise's key.
"""

import decimal
import fractions

import numpy as np


def forms(value):
    """One number as learners hand it in."""
    return [
        value,
        float(value),
        np.float32(value),
        np.array(value, float),
        [value],
        np.array([[value]]),
        f"{value!s}",
        f" {float(value):.6g} ",
        f"{float(value):.6g}".replace(".", ","),
        lambda: value,
        fractions.Fraction(float(value)),
        decimal.Decimal(float(value)),
    ]


def not_it(value):
    """What is no number, or another one whose reason nobody can guess."""
    return [
        "no idea",
        "",
        [value, value + 1],
        np.linspace(0, 1, 3) * value,
        complex(value, 1),
        float("nan"),
        float("inf"),
        {},
        {value},
        object(),
        len,
        lambda: None,
        b"1",
        f"{value} apples",
        1.23 * value + 0.017,
        -0.77 * value - 0.013,
    ]


def raises(*arguments, **options):
    raise RuntimeError("it is broken")


# What a learner may hand in where a function is asked for.
NOT_FUNCTIONS = [3, "lambda n: n", [1, 2], {}, raises, lambda: 1, lambda *_: None, lambda *_: "x"]
