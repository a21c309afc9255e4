"""Answers to the exercises of chapter 08, written from their text alone."""

import numpy as np

from tests.notebooks.batteries import NOT_FUNCTIONS, forms, not_it


class Signal:
    def __call__(self, z):
        return ((z - z.mean(axis=0)) ** 2).mean()


def by_hand(z):
    total = 0.0
    for unit in z.T:
        total += sum((each - sum(unit) / len(unit)) ** 2 for each in unit) / len(unit)
    return total / z.shape[1]


RIGHT = {
    "patient": [
        "dbc",
        "DBC",
        "d, b, c",
        " d b c ",
        ["d", "b", "c"],
        ("D", "B", "C"),
        np.array(["d", "b", "c"]),
        "d,b,c",
        "d-b-c",
        "d/b/c",
        "d\nb\nc\n",
        "D. B. C.",
        "d → b → c",
        "d, b and c",
        "36: d, 37: b, 38: c",
    ],
    "first-step": [*forms(0.0048), "0.0003/sqrt(2/512)", "0.0003*16", "3e-4*16"],
    "varies": [
        by_hand,
        Signal(),
        lambda z: np.mean(z.var(axis=0)),
        lambda z: z.var(0).mean(),
        lambda z: np.var(z, axis=-2).mean(axis=-1),
        lambda z: np.mean(z**2 - z.mean(axis=0) ** 2),
        lambda z, unused=None: np.square(np.std(z, axis=0)).mean(),
        lambda z: [z.var(axis=0).mean()][0],
    ],
    "cure": [*forms(np.sqrt(6)), "sqrt(6)", "6^0.5", "2.449", np.sqrt(2) * np.sqrt(3)],
}

MISTAKES = {
    "patient": ["ebc", "dhc", "dbh", "cbd", "bcd", "dbe", "ehc"],
    "first-step": [
        0.0003 * 256,  # the variance of the weights
        0.0003,  # not beside the weights
        0.0003 * np.sqrt(512),  # LeCun
        0.0003 / 16,  # multiplied
        1 / 16,
        16 / 0.3 * 1000 / 256,  # upside down
        0.001,  # the rule of thumb
        0.0003 / np.sqrt(6 / 512),
    ],
    "varies": [
        lambda z: np.mean(z.var(axis=1)),  # the colleague's
        lambda z: z.var(),
        lambda z: np.mean(z**2),
        lambda z: np.mean(z.std(axis=0)),
        lambda z: np.sqrt(np.mean(z.var(axis=0))),
        lambda z: z.mean(axis=0).var(),
        lambda z: z.var(axis=0).sum(),
        lambda z: z.var(axis=0),
        lambda z: z.var(axis=0, ddof=1).mean(),
    ],
    "cure": [
        6,  # the root forgotten
        3,
        np.sqrt(3),  # back to 1/fan_in
        np.sqrt(2),  # He from 1/fan_in
        2,
        1 / np.sqrt(6),  # the inverse
        1 / 6,
        36,
    ],
}

OTHER_WRONG = {
    "patient": [
        *("", "xyz", "d", "dbcd", 3, ["d"], {"d", "b", "c"}, np.nan, len, lambda: None, b"dbc"),
        *("aaa", ["d", 2, "c"], "the first is d"),
    ],
    "first-step": [*not_it(0.0048), 0.004, 0.0055],
    "varies": [
        *NOT_FUNCTIONS,
        lambda z: np.nan,
        lambda z: (1, 2),
        lambda z: 0.1,
        lambda: 0.1,
    ],
    "cure": [*not_it(2.449), 2.2, 2.7],
}
