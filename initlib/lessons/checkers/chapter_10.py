import numpy as np

from initlib.lessons.checkers import function


def mean(values):
    return np.mean(values, axis=1, keepdims=True)


def back(hat, s, d):
    return (d - mean(d) - hat * mean(hat * d)) / s


WRONG = {
    "constants": lambda hat, s, d: d / s,
    "no_stretch": lambda hat, s, d: (d - mean(d)) / s,
    "no_shift": lambda hat, s, d: (d - hat * mean(hat * d)) / s,
    "over_examples": lambda hat, s, d: (d - d.mean(0) - hat * (hat * d).mean(0)) / s,
    "sums": lambda hat, s, d: (d - mean(d) - hat * np.sum(hat * d, 1, keepdims=True)) / s,
    "not_divided": lambda hat, s, d: back(hat, 1, d),
    "times_s": lambda hat, s, d: back(hat, 1 / s, d),
    "added": lambda hat, s, d: (d + mean(d) + hat * mean(hat * d)) / s,
}


def case(seed, examples, units):
    """A normalized signal, its s, and a gradient to send back."""
    rng = np.random.default_rng(seed)
    z, d = rng.normal(1, 3, (2, examples, units))
    z, d = z - mean(z), d + rng.normal(size=(examples, 1))
    s = np.sqrt(mean(z**2))
    return z / s, s, d


CASES = [case(0, 4, 7), case(1, 6, 3)]
CHECKERS = {"back": function(back, CASES, WRONG)}
