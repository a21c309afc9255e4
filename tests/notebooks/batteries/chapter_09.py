"""Answers to the exercises of chapter 09, written from their text alone."""

import numpy as np

from tests.notebooks.batteries import forms, not_it

VERDICTS = ["false", "true", "conditions", "false", "false"]


def but(**changes):
    """The verdicts with those of some sentences changed, as in ``but(first="true")``."""
    places = ("first", "second", "third", "fourth", "fifth")
    return [changes.get(place, verdict) for place, verdict in zip(places, VERDICTS)]


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
    ],
    "smaller": ["half", "Half", "HALF", " half ", "half\n", np.str_("half"), "hALF", "\thalf"],
}

MISTAKES = {
    "rate": [0.01, 0.03, 0.1, 0.3, "0.1", "0.3"],
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
    "smaller": ["eighth", "Eighth", " EIGHTH ", np.str_("eighth"), "alike", "Alike"],
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
        *(VERDICTS[::-1], [False, True, None, False, False], ["maybe"] * 5, " ".join(VERDICTS)),
        *(set(VERDICTS), [VERDICTS], b"false"),
    ],
    "smaller": ["", "maybe", 0, 1, np.nan, ["half"], {"half"}, len, b"half", "no", "halves", -1.0],
}
