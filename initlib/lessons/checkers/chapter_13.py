from initlib.lessons.checkers import function


def moved(m, output, rate):
    return m ** (1 + output + rate)


WRONG = {
    "unchanged": lambda m, output, rate: m**0.5 * m ** (2 * output) * m**rate,
    "squares": lambda m, output, rate: m * m ** (2 * output) * m**rate,
    "gradient": lambda m, output, rate: m**0.5 * m**output * m**rate,
    "without_rate": lambda m, output, rate: m * m**output,
    "adam": lambda m, output, rate: m * m**rate,
    "wrong_side": lambda m, output, rate: m * m**-output * m**rate,
}

CASES = [(4.0, -0.5, 0.0), (16.0, -1.0, 0.5), (9.0, -0.75, -1.0), (2.0, 0.25, 1.0)]

CHECKERS = {"repair": function(moved, CASES, WRONG)}
