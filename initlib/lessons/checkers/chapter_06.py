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


def std(shape, slope):
    fan_in, _ = shape
    return math.sqrt(2 / ((1 + slope**2) * fan_in))


WRONG_STD = {
    "unchanged": lambda shape, slope: math.sqrt(2 / ((1 + slope) ** 2 * shape[1])),
    "slope_left": lambda shape, slope: math.sqrt(2 / ((1 + slope) ** 2 * shape[0])),
    "fan_left": lambda shape, slope: math.sqrt(2 / ((1 + slope**2) * shape[1])),
    "variance": lambda shape, slope: std(shape, slope) ** 2,
    "slope_not_squared": lambda shape, slope: math.sqrt(2 / ((1 + slope) * shape[0])),
    "slope_ignored": lambda shape, slope: math.sqrt(2 / shape[0]),
    "both_fans": lambda shape, slope: math.sqrt(4 / ((1 + slope**2) * sum(shape))),
    "without_the_2": lambda shape, slope: math.sqrt(1 / ((1 + slope**2) * shape[0])),
    "root_of_the_fan": lambda shape, slope: math.sqrt(2 / (1 + slope**2)) / shape[0],
    "bound": lambda shape, slope: math.sqrt(6 / ((1 + slope**2) * shape[0])),
    "minus": lambda shape, slope: math.sqrt(2 / ((1 - slope**2) * shape[0])),
    "slope_above": lambda shape, slope: math.sqrt(2 * (1 + slope**2) / shape[0]),
}

SHAPES = [((256, 64), 0.2), ((64, 200), 0.5), ((100, 100), 0.0), ((30, 90), 0.2)]

CHECKERS = {"scale": function(scale, CASES, WRONG), "repair": function(std, SHAPES, WRONG_STD)}
