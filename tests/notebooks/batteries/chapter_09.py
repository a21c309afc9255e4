"""Answers to the exercises of chapter 09, written from their text alone."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
from mpmath import mpf

from tests.notebooks.batteries import NOT_FUNCTIONS, forms, not_it

VERDICTS = ["false", "true", "conditions", "false", "false"]


def but(**changes):
    """The verdicts with those of some sentences changed, as in ``but(first="true")``."""
    places = ("first", "second", "third", "fourth", "fifth")
    return [changes.get(place, verdict) for place, verdict in zip(places, VERDICTS)]


# The fair report, as people write it; arrays are by start, rate and seed.


def in_two_steps(validation, test):
    best = np.argmax(np.median(validation, axis=2), axis=1)
    return np.median(test, axis=2)[np.arange(len(best)), best]


def in_a_loop(validation, test):
    report = []
    for of_validation, of_test in zip(validation, test):
        place = np.median(of_validation, axis=1).argmax()
        report.append(np.median(of_test[place]))
    return report


def by_take(validation, test):
    best = np.median(validation, axis=-1).argmax(axis=-1)[:, None]
    return np.take_along_axis(np.median(test, axis=-1), best, axis=1)[:, 0]


def by_diagonal(validation, test):
    best = np.median(validation, axis=2).argmax(axis=1)
    return np.median(test, axis=2)[:, best].diagonal()


def by_quantile(validation, test):
    best = np.quantile(validation, 0.5, axis=2).argmax(1)
    return np.array([np.quantile(t[b], 0.5) for t, b in zip(test, best)])


def by_sorting(validation, test):
    best = np.median(validation, axis=2).argsort(axis=1)[:, -1]
    return tuple(np.median(test[np.arange(len(best)), best], axis=1))


def by_mask(validation, test):
    middle = np.median(validation, axis=2)
    return np.median(test, axis=2)[middle == middle.max(axis=1, keepdims=True)]


def by_statistics(validation, test):
    def middle(values):
        return sorted(values)[len(values) // 2] if len(values) % 2 else np.median(values)

    best = [max(range(len(v)), key=lambda k: middle(v[k])) for v in validation]
    return np.array([middle(list(t[k])) for t, k in zip(test, best)], dtype=np.float64)


def median(accuracies):
    return np.median(accuracies, axis=2)


def at(table, places):
    return table[np.arange(len(places)), places]


# Ten differences of shares of 415 digits, as one finds when a half is ahead by some four points.
COUNTS = np.array([17, 23, 9, 30, 14, 19, 12, 26, 20, 5])
AHEAD = COUNTS / 415

RIGHT = {
    "rate": [*forms(1.0), 1, "1", "1e0", "10^0", np.int64(1)],
    "sort": [
        VERDICTS,
        tuple(VERDICTS),
        np.array(VERDICTS),
        [verdict.upper() for verdict in VERDICTS],
        [f" {verdict} " for verdict in VERDICTS],
        [verdict.capitalize() for verdict in VERDICTS],
        [np.str_(verdict) for verdict in VERDICTS],
        dict(enumerate(VERDICTS, 1)).values(),
        dict(enumerate(VERDICTS, 1)),
        ["No.", "Yes.", "under conditions", "no", "False."],
        [False, True, "Under conditions.", False, False],
        ", ".join(VERDICTS),
        " ".join(VERDICTS),
        "false\ntrue\nunder conditions\nfalse\nfalse\n",
    ],
    "reported": [
        in_two_steps,
        in_a_loop,
        by_take,
        by_diagonal,
        by_quantile,
        by_sorting,
        by_mask,
        by_statistics,
        lambda v, t: at(median(t), median(v).argmax(axis=1)),
    ],
    "smaller": [
        AHEAD,
        AHEAD.tolist(),
        tuple(AHEAD),
        AHEAD.reshape(5, 2),
        AHEAD.astype(np.float32),
        AHEAD[::-1],
        AHEAD[None],
        (COUNTS - 8) / 415,
        np.float64(330 + COUNTS) / 415 - np.float64(330) / 415,
        (350 + COUNTS).astype(np.float32) / np.float32(415) - np.float32(350 / 415),
        [Fraction(int(count), 415) for count in COUNTS],
        tuple(Decimal(int(count)) / 415 for count in COUNTS),
        np.array([mpf(int(count)) / 415 for count in COUNTS]),
        [f"{count}/415" for count in COUNTS],
    ],
}

MISTAKES = {
    "rate": [0.003, 0.01, 0.03, 0.1, 0.3, "0.1", "0.3", "3e-3"],
    "sort": [
        but(first="true"),  # the article's claim
        but(first="conditions"),
        but(second="false"),
        but(second="conditions"),
        but(third="true"),
        but(third="false"),
        but(fourth="true"),
        but(fourth="conditions"),
        but(fifth="true"),
        but(fifth="conditions"),
    ],
    "reported": [
        lambda validation, test: np.median(test, axis=2).max(axis=1),  # the colleague's
        lambda v, t: t.max(axis=(1, 2)),
        lambda v, t: median(v).max(axis=1),
        lambda v, t: at(median(v), median(t).argmax(axis=1)),  # the two exchanged
        lambda v, t: median(t)[:, median(v).mean(axis=0).argmax()],
        lambda v, t: at(median(t), v.max(axis=2).argmax(axis=1)),
        lambda v, t: at(t.max(axis=2), median(v).argmax(axis=1)),
        lambda v, t: at(median(t), median(v).argmin(axis=1)),
        lambda v, t: median(t)[:, median(v).argmax(axis=1)],  # every pair of starts
        lambda v, t: median(t),
        lambda v, t: median(t).max(),
        lambda v, t: np.median(t),
        lambda v, t: at(t.mean(axis=2), v.mean(axis=2).argmax(axis=1)),
        lambda v, t: at(t.mean(axis=2), median(v).argmax(axis=1)),
        lambda v, t: median(v).argmax(axis=1),
        lambda v, t: at(t, median(v).argmax(axis=1)),
    ],
    "smaller": [
        AHEAD[:5],
        np.median(AHEAD),
        [0.04],
        np.append(AHEAD, 0.02),
        100 * AHEAD,
        COUNTS,
        -AHEAD,
        np.zeros(10),
        (350 + COUNTS) / 415,
        np.array([8, 11, 4, 15, 7, 9, 6, 13, 10, 3]) / 200,  # validation digits
        np.array([16, 21, 9, 28, 13, 17, 11, 24, 19, 5]) / 382,  # unknown hands
        np.array([0, 0, 1, 0, 0, 0, 0, 0, 2, 0]) / 100,  # training digits
        np.linspace(0.0213, 0.0717, 10),  # losses, or invented
        AHEAD.round(2),
        (COUNTS + 90) / 415,  # both at the rate of the half
        (COUNTS - 18) / 415,
    ],
}

OTHER_WRONG = {
    "rate": [*not_it(1.0), 3, 10, 0.5],
    "sort": [
        *(
            "false",
            5,
            np.nan,
            {},
            len,
            lambda: None,
            VERDICTS[:4],
            [*VERDICTS, "true"],
            [0, 1, 2, 0, 0],
        ),
        *(VERDICTS[::-1], [False, True, None, False, False], ["maybe"] * 5, " ".join(VERDICTS[1:])),
        *(set(VERDICTS), [VERDICTS], b"false"),
    ],
    "reported": [*NOT_FUNCTIONS, np.median, lambda v, t: 0.8, lambda v, t: np.zeros(3)],
    "smaller": [
        *("half", "eighth", {}, len, lambda: None, [], [None] * 10, ["a"] * 10, b"1"),
        *([np.nan] * 10, [np.inf] * 10, {0.01, 0.02}, [[1, 2], [3]], object(), complex(1, 1)),
    ],
}
