"""The reader of answers against values written in many forms, and against near-misses of them."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from initlib.lessons.answers import Unreadable, as_number

VALUES = [
    *(Fraction(n, d) for n, d in ((1, 2), (3, 4), (7, 8), (5, 16), (2, 3), (11, 7), (1, 64))),
    *map(Fraction, (1, 2, 3, 10, 28, 64, 100, 397, 1797)),
    *map(Fraction, ("0.1", "0.05", "2.3", "0.375", "12.5", "0.0025", "1.41", "99.9")),
    *(Fraction(round(10_000 * x), 10_000) for x in np.random.default_rng(4).uniform(0.01, 50, 40)),
]
SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
VULGAR = {Fraction(1, 2): "½", Fraction(3, 4): "¾", Fraction(7, 8): "⅞", Fraction(2, 3): "⅔"}


def decimal(value):
    return repr(float(value))


def whole(value):
    return str(value.numerator) if value.denominator == 1 else None


def ratio(value, sign="/"):
    return f"{value.numerator}{sign}{value.denominator}"


# Each form is a function of the value: the text, or None where the value has no such form.
FORMS = {
    "decimal": decimal,
    "padded": lambda v: f"  {decimal(v)} \n",
    "plus": lambda v: f"+{decimal(v)}",
    "comma": lambda v: decimal(v).replace(".", ",") if len(decimal(v).split(".")[1]) != 3 else None,
    "whole": whole,
    "exponent": lambda v: f"{float(v):.16e}",
    "capital exponent": lambda v: f"{float(v):.16E}",
    "fraction": ratio,
    "spaced fraction": lambda v: ratio(v, " / "),
    "fraction sign": lambda v: ratio(v, "÷"),
    "slash of typographers": lambda v: ratio(v, "⁄"),
    "latex": lambda v: rf"\frac{{{v.numerator}}}{{{v.denominator}}}",
    "latex in dollars": lambda v: rf"$\dfrac{{{v.numerator}}}{{{v.denominator}}}$",
    "vulgar": VULGAR.get,
    "mixed": lambda v: f"3{VULGAR[v]} - 3" if v in VULGAR else None,
    "per cent sign": lambda v: f"{decimal(100 * v)} %",
    "per cent": lambda v: f"{decimal(100 * v)}%",
    "per cent in words": lambda v: f"{decimal(100 * v)} per cent",
    "product": lambda v: f"2*{decimal(v / 2)}",
    "dot": lambda v: f"2·{decimal(v / 2)}",
    "cross": lambda v: f"2 × {decimal(v / 2)}",
    "letter x": lambda v: f"{decimal(v * 10)} x 10^-1",
    "power": lambda v: f"{decimal(v * 8)}·2^-3",
    "python power": lambda v: f"{decimal(v * 8)}*2**-3",
    "superscript": lambda v: f"{decimal(v * 1000)}·10{'-3'.translate(SUPERSCRIPT)}",
    "braces": lambda v: f"{decimal(v * 16)}*2^{{-4}}",
    "root": lambda v: f"sqrt({decimal(v * v)})",
    "root sign": lambda v: f"√({decimal(v * v)})",
    "root of a number": lambda v: f"√{decimal(v * v)}",
    "numpy root": lambda v: f"np.sqrt({decimal(v * v)})",
    "root twice": lambda v: f"√2·√({decimal(v * v / 2)})",
    "latex root": lambda v: rf"\sqrt{{{decimal(v * v)}}}",
    "logarithm": lambda v: f"ln({decimal(math.exp(v))})" if v < 40 else None,
    "logarithm of a word": lambda v: f"log {decimal(math.exp(v))}" if v < 40 else None,
    "exponential": lambda v: f"exp({decimal(math.log(v))})",
    "power of e": lambda v: f"e^({decimal(math.log(v))})",
    "with π": lambda v: f"{decimal(v / math.pi)}π",
    "with pi": lambda v: f"{decimal(v / math.pi)}*pi",
    "over π": lambda v: f"{decimal(2 * math.pi * v)}/(2π)",
    "minus": lambda v: f"−(−{decimal(v)})",
    "sum": lambda v: f"{decimal(v + 1)} - 1",
    "named": lambda v: f"std = {decimal(v)}",
    "equal": lambda v: f"= {decimal(v)}",
    "about": lambda v: f"about {decimal(v)}",
    "almost": lambda v: f"≈ {decimal(v)}",
    "nats": lambda v: f"{decimal(v)} nats",
    "steps": lambda v: f"{decimal(v)} steps",
    "times": lambda v: f"{decimal(v)} times",
    "times x": lambda v: f"{decimal(v)}x",
    "brackets": lambda v: f"(({decimal(v)}))",
}
OBJECTS = {
    "a float": float,
    "a fraction": lambda v: v,
    "numpy": lambda v: np.float64(float(v)),
    "an array": lambda v: np.array([[float(v)]]),
    "a list": lambda v: [v],
    "a tuple of text": lambda v: (decimal(v),),
    "a generator": lambda v: (each for each in [float(v)]),
    "an iterator": lambda v: iter([v]),
    "a map": lambda v: map(float, [v]),
    "a function": lambda v: lambda: float(v),
}


def test_a_value_is_read_in_every_form(record_property):
    read, forms = 0, FORMS | OBJECTS
    for (name, form), value in itertools.product(forms.items(), VALUES):
        written = form(value)
        if written is None:
            continue
        shown = written if isinstance(written, str) else name
        assert as_number(written) == pytest.approx(float(value), rel=1e-9), (name, shown)
        read += 1
    assert read >= 2000 and len(forms) >= 40


# What is nearly one of these forms, and must not be read as the value.
BROKEN = {
    "a digit more": lambda v: f"{decimal(v)}7" if len(decimal(v)) < 9 else None,
    "a digit before": lambda v: f"7{decimal(v)}",
    "two points": lambda v: f"{decimal(v)}.5",
    "two numbers": lambda v: f"{decimal(v)} {decimal(v)}",
    "a list in text": lambda v: f"{decimal(v)}; {decimal(v)}",
    "a range": lambda v: f"{decimal(v)}-{decimal(2 * v)}",
    "an open bracket": lambda v: f"({decimal(v)}",
    "a closed bracket": lambda v: f"{decimal(v)})",
    "an operator at the end": lambda v: f"{decimal(v)} *",
    "two operators": lambda v: f"{decimal(v)} */ 1",
    "an unknown name": lambda v: f"{decimal(v)} sigma",
    "an unknown function": lambda v: f"sin({decimal(v)})",
    "the other sign": lambda v: f"-{decimal(v)}",
    "upside down": lambda v: f"1/({decimal(v)})" if v != 1 else None,
    "not clear what is divided": lambda v: f"{decimal(v * 2)}/2π",
    "nor here": lambda v: f"{decimal(v)}/1√1",
    "per cent too much": lambda v: f"{decimal(v)} %",
    "a root too much": lambda v: f"√{decimal(v)}" if v != 1 else None,
    "an imaginary part": lambda v: f"{decimal(v)}j",
    "code": lambda v: f"float({decimal(v)})",
}


def test_near_misses_are_not_read_as_the_value():
    missed = 0
    for (name, form), value in itertools.product(BROKEN.items(), VALUES):
        if (text := form(value)) is None:
            continue
        missed += 1
        try:
            read = as_number(text)
        except Unreadable:
            continue
        assert not math.isclose(read, value, rel_tol=1e-9), (name, text, read)
    assert missed >= 1000


@pytest.mark.parametrize(
    "text, said",
    [
        ("1/2√50", "set brackets around what stands below the bar"),
        ("1/2π", "set brackets around"),
        ("0.1-0.2", "this looks like a range"),
        ("10,000", "without a comma, which may mean two"),
    ],
)
def test_what_may_mean_two_things_is_asked_for(text, said):
    with pytest.raises(Unreadable, match=said):
        as_number(text)
