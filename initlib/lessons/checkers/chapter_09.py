import re

import numpy as np

from initlib.lessons.answers import Unreadable, Verdict, read_numbers, read_words
from initlib.lessons.checkers import function

WORDS = ("true", "conditions", "false")
ALSO = {"under conditions": "conditions", "yes": "true", "no": "false"}


def sort(mistakes):
    """Of the text's lines, each is named by a sentence's place and its right word."""
    right = [name.split()[-1] for name in mistakes]

    def checker(answer):
        if isinstance(answer, str):
            answer = re.findall(r"under conditions|\w+", answer.lower())
        said = [ALSO.get(each, each) for each in read_words(answer)]
        if len(said) != len(right):
            return Verdict(False, f"there are five sentences; your list holds {len(said)}.")
        for each in said:
            if each not in WORDS:
                return Verdict(False, f'"{each}" is none of "true", "conditions" and "false".')
        for place, (word, meant, reason) in enumerate(zip(said, right, mistakes.values()), 1):
            if word != meant:
                return Verdict(False, f"sentence {place}: {reason}")
        return Verdict(True, "")

    return checker


# --- the colleague's report ----------------------------------------------------------------------


def medians(accuracies):
    return np.median(accuracies, axis=2)


def at(accuracies, rates):
    return accuracies[np.arange(len(rates)), rates]


def reported(validation, test):
    return at(medians(test), medians(validation).argmax(axis=1))


def one_rate(validation, test):
    return medians(test)[:, medians(validation).mean(axis=0).argmax()]


WRONG = {
    "on_test": (
        lambda v, t: medians(t).max(axis=1),
        lambda v, t: t.max(axis=(1, 2)),
        lambda v, t: at(medians(v), medians(t).argmax(axis=1)),
    ),
    "on_validation": (lambda v, t: medians(v).max(axis=1), lambda v, t: v.max(axis=(1, 2))),
    "one_rate": (one_rate, lambda v, t: medians(t)[:, v.mean(axis=(0, 2)).argmax()]),
    "best_seed": lambda v, t: at(medians(t), v.max(axis=2).argmax(axis=1)),
    "best_report": lambda v, t: at(t.max(axis=2), medians(v).argmax(axis=1)),
    "worst_rate": lambda v, t: at(medians(t), medians(v).argmin(axis=1)),
    "table": (
        lambda v, t: medians(t)[:, medians(v).argmax(axis=1)],
        lambda v, t: medians(t),
        lambda v, t: at(t, medians(v).argmax(axis=1)),
    ),
    "one_number": (
        lambda v, t: medians(t).max(),
        lambda v, t: reported(v, t).max(),
        lambda v, t: np.median(t),
        lambda v, t: medians(t).ravel()[medians(v).argmax()],
    ),
    "means": (
        lambda v, t: at(t.mean(axis=2), v.mean(axis=2).argmax(axis=1)),
        lambda v, t: at(t.mean(axis=2), medians(v).argmax(axis=1)),
        lambda v, t: at(medians(t), v.mean(axis=2).argmax(axis=1)),
    ),
    "rates": lambda v, t: medians(v).argmax(axis=1),
}


def races():
    """Made-up accuracies of 3 starts, 5 rates and 5 seeds, on which every mistake shows."""
    rng = np.random.default_rng(9)
    height = rng.uniform(0.3, 0.8, (4, 3, 5, 1))
    return [tuple(h + rng.uniform(-0.2, 0.2, (2, 3, 5, 5))) for h in height]


def report(mistakes):
    judge = function(reported, races(), WRONG)(mistakes)

    def checker(answer):
        right, said = judge(answer)
        if said.startswith("for ("):  # which would give the arrays and what is right
            said = "on made-up accuracies it gives something else, by no mistake that we know."
        return Verdict(right, said)

    return checker


# --- smaller than a half -------------------------------------------------------------------------

KNOWN, UNKNOWN, VALIDATION, FEW = 415, 382, 200, 100


def shares_of(count, differences):
    """Whether all are differences of two shares of ``count`` digits."""
    return bool(np.allclose(differences * count, np.round(differences * count), atol=0.02))


def smaller(mistakes):
    def fault(ahead):
        if ahead.size != 10:
            return "ten"
        middle = np.median(ahead)
        if np.abs(ahead).max() > 1:
            return "points"
        if middle > 0.5:
            return "accuracies"
        if np.mean(ahead == 0) > 0.5:
            return "training" if np.any(ahead) and shares_of(FEW, ahead) else "same"
        if not shares_of(KNOWN, ahead):
            parts = {"validation": VALIDATION, "unknown": UNKNOWN}
            return next((p for p, n in parts.items() if shares_of(n, ahead)), "no_shares")
        if middle < 0:
            return "sign"
        return "close" if middle < 0.01 else "rate" if middle > 0.08 else None

    def checker(answer):
        ahead = np.array(read_numbers(answer))
        if not np.isfinite(ahead).all():
            raise Unreadable("ten finite numbers are asked for")
        found = fault(ahead)
        return Verdict(not found, mistakes[found] if found else "")

    return checker


CHECKERS = {"sort": sort, "reported": report, "smaller": smaller}
