import math

import numpy as np

from initlib.lessons.checkers import function


def scale(negative, positive):
    return 2 / (negative**2 + positive**2)


WRONG = {
    "without_the_2": lambda negative, positive: scale(negative, positive) / 2,
    "share_kept": lambda negative, positive: 1 / scale(negative, positive),
    "positive_is_1": lambda negative, positive: scale(negative, 1),
    "not_squared": lambda negative, positive: 2 / (negative + positive),
    "sum_squared": lambda negative, positive: 2 / (negative + positive) ** 2,
    "always_relu": lambda negative, positive: 2.0,
    "upside_down": lambda negative, positive: 2 / scale(negative, positive),
    "gain": lambda negative, positive: math.sqrt(scale(negative, positive)),
}

CASES = [tuple(map(np.float64, each)) for each in ((0, 1), (0.2, 1), (-1, 1), (0.5, 2))]

CHECKERS = {"scale": function(scale, CASES, WRONG)}
