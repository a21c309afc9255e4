"""Reading what a learner answered, in any reasonable form, and telling what the mistake is.

A checker is a function ``answer -> Verdict``. The makers here, ``number`` and ``function``, cover
most exercises; one that needs more is an ordinary function in its chapter.
"""

import ast
import copy
import math
import operator
import re
import unicodedata
from typing import NamedTuple

import numpy as np


class Verdict(NamedTuple):
    right: bool
    message: str


class Unreadable(ValueError):
    """The answer is not of the kind that was asked for; the message says what it is instead."""


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
        return Verdict(
            False, f"{value:.4g} is too {'large' if _finite(value) > expected else 'small'}."
        )

    return checker


def word(expected, mistakes):
    """A checker for one word, in any case; ``mistakes`` maps a wrong word to what it means."""

    def checker(answer):
        if not isinstance(answer, str):
            raise Unreadable(f'a word in quotes is asked for, such as "{next(iter(mistakes))}"')
        said = answer.strip().lower()
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
        given = [_as_array(answer(*copy.deepcopy(case))) for case in cases]
        if _same(given, reference, cases, relative):
            return Verdict(True, "")
        for wrong, meaning in mistakes:
            if _same(given, wrong, cases, relative):
                return Verdict(False, meaning)
        expected = [_as_array(reference(*case)) for case in cases]
        case, one, other = next(
            each for each in zip(cases, given, expected) if not _close(*each[1:], relative)
        )
        arguments = ", ".join(map(str, case))
        if one.shape != other.shape:
            said = f"for ({arguments}) the shape is {one.shape}, not {other.shape}."
        else:
            said = f"for ({arguments}) it gives {one}, not {other}."
        return Verdict(False, said)

    return checker


def _as_array(value):
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "iuf":
        kind = "nothing" if value is None else f"something {_kind(value)}"
        raise Unreadable(f"the function should return numbers; it returns {kind}")
    return array.astype(float)


def _same(given, wanted, cases, relative):
    expected = [_as_array(wanted(*case)) for case in cases]
    return all(_close(one, other, relative) for one, other in zip(given, expected))


def _close(one, other, relative):
    return one.shape == other.shape and np.allclose(one, other, rtol=relative, atol=1e-12)


def as_number(answer):
    """One finite number from a number, text such as "50 %" or "sqrt(2)/2", a list or array of one
    element, or a function without arguments that returns one of these."""
    return _finite(read_number(answer))


def read_number(answer):
    """The same, and inf and nan as well."""
    if callable(answer) and not isinstance(answer, np.generic):
        answer = answer()
    if isinstance(answer, str):
        return _evaluate(answer)
    if isinstance(answer, (bool, np.bool_)):
        raise Unreadable(f"a number is asked for; this is {answer}")
    if hasattr(answer, "__float__") and not isinstance(answer, (np.ndarray, np.complexfloating)):
        return float(answer)
    return _only_element(answer)


def _finite(value):
    if not math.isfinite(value):
        raise Unreadable(f"a finite number is asked for; this is {value}")
    return value


def _only_element(answer):
    try:
        array = np.asarray(answer)
    except ValueError:
        raise Unreadable(f"one number is asked for; this is {_kind(answer)}") from None
    if array.dtype.kind not in "iuf":
        raise Unreadable(f"one number is asked for; this is {_kind(answer)}")
    if array.size != 1:
        raise Unreadable(f"one number is asked for; this holds {array.size}")
    return float(array.reshape(()))


def _kind(answer):
    return "nothing" if answer is None else f"of type {type(answer).__name__}"


_OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: lambda base, power: math.pow(base, power),
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_NAMES = {"pi": math.pi, "e": math.e, "π": math.pi, "inf": math.inf, "nan": math.nan}
_FUNCTIONS = {
    "sqrt": math.sqrt,
    "log": math.log,
    "ln": math.log,
    "exp": math.exp,
    "log2": math.log2,
    "log10": math.log10,
    "ceil": math.ceil,
}
_CALL = f"({'|'.join(sorted(_FUNCTIONS, key=len, reverse=True))})"


_SIGNS = str.maketrans({"^": "**", "·": "*", "×": "*", "÷": "/", "−": "-", "√": " sqrt "})


def _evaluate(text):
    """The value of arithmetic written as text; words around it such as "nats" are dropped."""
    if len(text) > 200:
        raise Unreadable("a number is asked for; this text is too long to be one")
    text_with_powers = re.sub("[⁰¹²³⁴-⁹⁺⁻]+", r"**(\g<0>)", text)  # NFKC alone makes 32 of 3²
    plain = unicodedata.normalize("NFKC", text_with_powers).strip()
    if re.search(r"[1-9]\d{0,2},\d{3}(?!\d)", plain):
        raise Unreadable(f"write {plain!r} without a comma: it may mean two numbers")
    plain = re.sub(r"^(about\s|[≈~=])\s*", "", plain)
    plain = re.sub(r"\s+(nats?|steps?|units?|layers?|pairs?|times)$", "", plain)
    plain = re.sub(r"(?<=\d)\s*[x×]$", "", plain)
    plain = re.sub(r"\s+per ?cent$", "%", plain).translate(_SIGNS)
    plain = re.sub(r"(?<=\d),(?=\d)", ".", plain)
    percent = plain.endswith("%")
    one = r"(\d[\d.]*(?:e[+-]?\d+)?|\bpi\b|π)"  # what a function may be written before, as in ln 2
    plain = re.sub(rf"\b{_CALL}\s+{one}", r"\1(\2)", plain.rstrip("% ").lstrip())
    plain = re.sub(rf"(?<=[\d)])\s+(?={_CALL}\b)", "*", plain)
    plain = re.sub(r"(?<![\w.])(\d[\d.]*)(?=π)", r"\1*", plain)
    try:
        value = _arithmetic(ast.parse(plain, mode="eval").body)
    except (
        SyntaxError,
        ValueError,
        KeyError,
        ArithmeticError,
        RecursionError,
        MemoryError,
    ):
        raise Unreadable(f"a number is asked for; {text[:40]!r} cannot be read as one") from None
    return value / 100 if percent else value


def _arithmetic(node):
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return float(value)
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(), attr=name):
            return _NAMES[name]
        case ast.UnaryOp(op=op, operand=operand):
            return _OPERATIONS[type(op)](_arithmetic(operand))
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATIONS[type(op)](_arithmetic(left), _arithmetic(right))
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[argument]):
            return _FUNCTIONS[name.lower()](_arithmetic(argument))
    raise ValueError("not arithmetic")
