import math

from initlib.lessons.checkers import function


def balanced(n):
    return math.exp(1 / (2 * n)) / math.sqrt(n)


WRONG = {
    "uncorrected": lambda n: 1 / math.sqrt(n),
    "other_sign": lambda n: math.exp(-1 / (2 * n)) / math.sqrt(n),
    "twice_the_exponent": lambda n: math.exp(1 / n) / math.sqrt(n),
    "uncorrected_variance": lambda n: 1 / n,
    "without_root": lambda n: math.exp(1 / (2 * n)) / n,
    "gain": lambda n: math.exp(1 / (2 * n)),
    "root_multiplies": lambda n: math.exp(1 / (2 * n)) * math.sqrt(n),
    "correction_added": lambda n: 1 / math.sqrt(n) + 1 / (2 * n),
    "brackets_missing": lambda n: math.exp(n / 2) / math.sqrt(n),
    "logarithm": lambda n: math.log(balanced(n)),
    "speed": lambda n: math.log(math.sqrt(n)) - 1 / (2 * n),
    "for_relu": lambda n: math.sqrt(2 / n),
    "for_100_units": lambda n: 0.1,
    "variance": lambda n: math.exp(1 / n) / n,
}

CHECKERS = {"balanced": function(balanced, [(100,), (50,), (20,)], WRONG, relative=2e-3)}
