import numpy as np

from initlib.lessons.answers import Verdict, read_words
from initlib.lessons.checkers import function

PATIENTS = (36, 37, 38)


def patient(mistakes):
    def checker(answer):
        from initlib.explorables.clinic import SIGNS, against, drawn

        words = " ".join(read_words(answer)).split()
        said = [each for word in words if word != "and" for each in word if each.isalpha()]
        if len(said) != len(PATIENTS):
            return Verdict(False, mistakes["other_number"].format(number=len(said)))
        for which, letter in zip(PATIENTS, said):
            if letter not in SIGNS:
                return Verdict(False, mistakes["no_fault"].format(letter=letter))
            if letter != drawn(which)[0]:
                return Verdict(False, f"patient {which}. {against(which, letter)}")
        return Verdict(True, "")

    return checker


def varies(z):
    return float(np.mean(np.var(z, axis=0)))


WRONG = {
    "over_units": lambda z: np.mean(np.var(z, axis=1)),
    "over_all": np.var,
    "second_moment": lambda z: np.mean(np.square(z)),
    "deviation": (
        lambda z: np.mean(np.std(z, axis=0)),
        lambda z: np.sqrt(np.mean(np.var(z, axis=0))),
    ),
    "of_means": lambda z: np.var(np.mean(z, axis=0)),
    "summed": lambda z: np.sum(np.var(z, axis=0)),
    "by_unit": lambda z: np.var(z, axis=0),
    "unbiased": lambda z: np.mean(np.var(z, axis=0, ddof=1)),
}

_draw = np.random.default_rng(8).standard_normal
CASES = [(_draw((6, 3)) + np.arange(3),), (2 * _draw((4, 5)) - 1,)]

CHECKERS = {"patient": patient, "varies": function(varies, CASES, WRONG)}
