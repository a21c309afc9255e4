from itertools import pairwise

import numpy as np

from initlib.lessons.checkers import function


def factors(variance):
    """The function of the widths that gives both factors, for a variance of the two fans."""

    def both(widths):
        n = np.asarray(widths, dtype=float)
        var = variance(n[:-1], n[1:])
        return np.prod(n[:-1] * var), np.prod(n[1:] * var)

    return both


through = factors(lambda m, n: 2 / (m + n))

WRONG = {
    "exchanged": lambda widths: through(widths)[::-1],
    "of_standard_deviations": lambda widths: np.sqrt(through(widths)),
    "lecun": factors(lambda m, n: 1 / m),
    "ends_alone": lambda widths: through((widths[0], widths[-1])),
    "added": lambda widths: np.sum([through(pair) for pair in pairwise(widths)], axis=0),
    "fan_out": factors(lambda m, n: 1 / n),
    "he": factors(lambda m, n: 2 / m),
    "root_of_the_variance": factors(lambda m, n: np.sqrt(2 / (m + n))),
    "forward_alone": lambda widths: through(widths)[0],
    "layer_by_layer": lambda widths: [2 * m / (m + n) for m, n in pairwise(widths)],
    "without_the_2": factors(lambda m, n: 1 / (m + n)),
}

CASES = [((512, 256, 64),), ((10, 30, 20, 100),), ((64, 256, 64),)]

CHECKERS = {"through": function(through, CASES, WRONG)}
