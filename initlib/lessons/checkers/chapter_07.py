import math

from initlib import theory
from initlib.initializers import fans
from initlib.lessons.answers import Unreadable, Verdict
from initlib.lessons.checkers import function

PATIENTS = (36, 37, 38)


def patient(mistakes):
    def checker(answer):
        from initlib.explorables.clinic import SIGNS, against, drawn

        if isinstance(answer, (set, frozenset)):
            raise Unreadable("the order counts, and a set has none: write a text or a list")
        try:
            said = [each for each in "".join(answer).lower() if each not in " ,;-"]
        except TypeError:
            raise Unreadable('three letters are asked for, such as "abc"') from None
        if len(said) != len(PATIENTS):
            return Verdict(False, mistakes["other_number"].format(number=len(said)))
        for which, letter in zip(PATIENTS, said):
            if letter not in SIGNS:
                return Verdict(False, mistakes["no_fault"].format(letter=letter))
            if letter != drawn(which)[0]:
                return Verdict(False, f"patient {which}. {against(which, letter)}")
        return Verdict(True, "")

    return checker


def preserving_std(phi, shape):
    return theory.gain(phi) / math.sqrt(fans(shape)[0])


WRONG = {
    "variance": lambda phi, shape: preserving_std(phi, shape) ** 2,
    "channels_alone": lambda phi, shape: theory.gain(phi) / math.sqrt(shape[-2]),
    "first_of_the_shape": lambda phi, shape: theory.gain(phi) / math.sqrt(shape[0]),
    "fan_out": lambda phi, shape: theory.gain(phi) / math.sqrt(fans(shape)[1]),
    "gain_squared": lambda phi, shape: theory.gain(phi) * preserving_std(phi, shape),
    "he": lambda phi, shape: math.sqrt(2 / fans(shape)[0]),
    "xavier": lambda phi, shape: theory.gain(phi) / math.sqrt(sum(fans(shape)) / 2),
}

CASES = [("relu", (128, 64)), ("tanh", (3, 3, 16, 32)), ("gelu", (50, 200))]

CHECKERS = {
    "patient": patient,
    "preserving-std": function(preserving_std, CASES, WRONG),
}
