from initlib import theory
from initlib.lessons.checkers import function


def chi(sigma_w, sigma_b, q):
    return sigma_w**2 * square(q)


def square(q):
    return theory.derivative_second_moment("tanh", q)


def slope(q):
    return 1 - theory.second_moment("tanh", q)


WRONG = {
    "unchanged": lambda w, b, q: w * slope(q) ** 2 + b**2,
    "gain": lambda w, b, q: w * square(q),
    "square_of_mean": lambda w, b, q: w**2 * slope(q) ** 2,
    "mean_slope": lambda w, b, q: w**2 * slope(q),
    "with_biases": (
        lambda w, b, q: w**2 * square(q) + b**2,
        lambda w, b, q: w**2 * square(q) + b,
    ),
    "gain_and_square": (lambda w, b, q: w * slope(q) ** 2, lambda w, b, q: w * slope(q)),
    "gain_and_biases": lambda w, b, q: w * square(q) + b**2,
    "square_and_biases": lambda w, b, q: w**2 * slope(q) ** 2 + b**2,
    "of_the_signal": (
        lambda w, b, q: w**2 * theory.second_moment("tanh", q),
        lambda w, b, q: w**2 * theory.second_moment("tanh", q) + b**2,
    ),
    "no_q": lambda w, b, q: w**2 * square(1.0),
    "root_of_q": lambda w, b, q: w**2 * square(q**0.5),
    "without_the_gain": lambda w, b, q: square(q),
}

CASES = [(1.3, 0.68, 1.178), (5 / 3, 0.0, 1.178), (0.9, 0.3, 0.2), (2.0, 0.5, 3.0)]

CHECKERS = {"repair": function(chi, CASES, WRONG)}
