"""Reading what a learner answered, in any reasonable form, and telling what the mistake is.

A checker is a function ``answer -> Verdict``. The makers here, ``number`` and ``function``, cover
most exercises; one that needs more is an ordinary function in its chapter.
"""

import contextlib
import copy
import itertools
import math
import re
from collections.abc import Iterator, Mapping, Set
from typing import NamedTuple

import numpy as np

from initlib.lessons._arithmetic import NotArithmetic, evaluate


class Verdict(NamedTuple):
    right: bool
    message: str


class Unreadable(ValueError):
    """The answer is not of the kind that was asked for; the message says what it is instead."""


MOST = 10_000  # of what an iterator gives
NAMED_WITHIN = 0.02  # a mistake is told by its name within the tolerance, and at most within this


def number(expected, *, relative=0.01, mistakes=(), why="", whole=""):
    """A checker for one number; ``mistakes`` are pairs (wrong value, what it means), of which the
    nearest to the answer counts.

    ``why`` is added to the praise; ``whole`` is said to a fraction where a whole number is asked
    for, and then the number has to be exact.
    """
    relative = 1e-6 if whole else relative
    within = min(relative, NAMED_WITHIN)

    def is_meant(value, wrong):
        both_nan = math.isnan(value) and math.isnan(wrong)
        return both_nan or math.isclose(value, wrong, rel_tol=within)

    def checker(answer):
        value = read_number(answer)
        if math.isclose(value, expected, rel_tol=relative):
            return Verdict(True, why)
        meant = [(abs(value - wrong), said) for wrong, said in mistakes if is_meant(value, wrong)]
        if meant:
            return Verdict(False, min(meant)[1])
        if whole and _finite(value) != round(value):
            return Verdict(False, whole)
        direction = "large" if _finite(value) > expected else "small"
        if not whole and math.isclose(value, float(f"{expected:.2g}"), rel_tol=1e-6):  # rounded
            return Verdict(False, f"{value:g} is right to two digits: give three.")
        return Verdict(False, f"{value:.4g} is too {direction}.")

    return checker


def word(expected, mistakes):
    """A checker for one word, in any case; ``mistakes`` maps a wrong word to what it means."""

    def checker(answer):
        said, *more = read_words(answer) or [""]
        if more:
            raise Unreadable(f'one word is asked for, such as "{next(iter(mistakes))}"')
        if said == expected:
            return Verdict(True, "")
        there = ", ".join(sorted([*mistakes, expected]))
        return Verdict(False, mistakes.get(said, f"choose one of {there}."))

    return checker


def function(reference, cases, *, relative=1e-6, mistakes=()):
    """A checker for a function: called with each of ``cases`` (tuples of arguments) it must give
    what ``reference`` gives; ``mistakes`` are pairs (wrong function, what it means)."""

    def checker(answer):
        if not callable(answer):
            raise Unreadable(f"a function is asked for; this is {_kind(answer)}")
        given = [as_array(answer(*copy.deepcopy(case))) for case in cases]
        if _same(given, reference, cases, relative):
            return Verdict(True, "")
        for wrong, meaning in mistakes:
            if _same(given, wrong, cases, relative):
                return Verdict(False, meaning)
        expected = [as_array(reference(*case)) for case in cases]
        case, one, other = next(
            each for each in zip(cases, given, expected) if not _close(*each[1:], relative)
        )
        arguments = ", ".join(map(str, case))
        if one.shape != other.shape:
            return Verdict(False, f"for ({arguments}) the shape is {one.shape}, not {other.shape}.")
        return Verdict(False, f"for ({arguments}) it gives {one}, which is not right.")

    return checker


def as_array(value):
    """What a function returned, an iterator or fractions too, as an array of floats."""
    with contextlib.suppress(TypeError, ValueError):
        if isinstance(value, Iterator):
            value = list(itertools.islice(value, MOST))
        array = np.asarray(value)
        if array.dtype.kind == "O" and not any(each is None for each in array.flat):
            array = array.astype(float)
        if array.dtype.kind in "iuf":
            return array.astype(float)
    kind = "nothing" if value is None else f"something {_kind(value)}"
    raise Unreadable(f"the function should return numbers; it returns {kind}")


def _same(given, wanted, cases, relative):
    expected = [as_array(wanted(*case)) for case in cases]
    return all(_close(one, other, relative) for one, other in zip(given, expected))


def _close(one, other, relative):
    return one.shape == other.shape and np.allclose(one, other, rtol=relative, atol=1e-12)


def as_number(answer):
    """One finite number from a number, text such as "50 %" or "sqrt(2)/2", a list, an iterator or
    an array of one number however often, or a function without arguments that returns one of these.
    """
    return _finite(read_number(answer))


def read_number(answer):
    """The same, and inf and nan as well."""
    answer = _called(answer)
    if isinstance(answer, str):
        try:
            return evaluate(answer)
        except NotArithmetic as problem:
            raise Unreadable(str(problem)) from None
    if isinstance(answer, (bool, np.bool_)):
        raise Unreadable(f"a number is asked for; this is {answer}")
    if isinstance(answer, (list, tuple, Iterator)) or np.ndim(answer):
        several = read_numbers(answer)
        if len(set(several)) != 1:
            raise Unreadable(f"one number is asked for; this holds {len(several)}")
        return several[0]
    try:
        kind = np.asarray(answer).dtype.kind
        if kind in "iuf" or (kind == "O" and hasattr(answer, "__float__")):
            return float(answer)
    except OverflowError:
        return math.inf
    except (TypeError, ValueError):  # a symbol, or what signals that it is none
        pass
    raise Unreadable(f"one number is asked for; this is {_kind(answer)}")


def read_numbers(answer):
    """A list of numbers, in any form that ``read_number`` knows, from a list, a tuple, an iterator
    or an array of any shape."""
    answer = _called(answer)
    if isinstance(answer, (list, tuple, Iterator)):
        answer = itertools.islice(answer, MOST)
    elif isinstance(answer, str | bytes | Mapping | Set) or not np.ndim(answer):
        raise Unreadable(f"a list of numbers is asked for; this is {_kind(answer)}")
    else:
        answer = np.ravel(answer)[:MOST].tolist()
    return [read_number(each) for each in answer]


def read_words(answer):
    """The words of a text, or of a list, a tuple or an iterator of texts: in small letters, without
    what stands around them."""
    answer = [answer] if isinstance(answer, str) else answer
    answer = answer.values() if isinstance(answer, Mapping) else answer
    if isinstance(answer, bytes | Set) or not np.iterable(answer):
        raise Unreadable(f"words are asked for, in quotes and in order; this is {_kind(answer)}")
    listed = [re.findall(r"\w+", str(each).lower()) for each in itertools.islice(answer, MOST)]
    return [" ".join(words).removeprefix("the ") for words in listed if words]


def _called(answer):
    return answer() if callable(answer) and not isinstance(answer, np.generic) else answer


def _finite(value):
    if not math.isfinite(value):
        raise Unreadable(f"a finite number is asked for; this is {value}")
    return value


def _kind(answer):
    return "nothing" if answer is None else f"of type {type(answer).__name__}"
