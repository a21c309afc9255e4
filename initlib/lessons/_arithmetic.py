"""Arithmetic as people write it: ``1/(2π)``, ``2^{-28}``, ``√50``, ``½``, ``1 x 10^-1``, ``50 %``.

    sum      one or more products, added or subtracted
    product  factors with * or / between them, or side by side, as in 2π
    factor   a sign and a power
    power    an atom, perhaps raised to a factor, perhaps with per cent
    atom     a number, a constant, a function of an atom, or a sum in brackets

Side by side after a division is refused: 1/2π may mean 1/(2π) or π/2, and people mean either.
"""

import math
import re
import unicodedata

CONSTANTS = {"pi": math.pi, "π": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan}
FUNCTIONS = {
    "sqrt": math.sqrt,
    "√": math.sqrt,
    "log": math.log,
    "ln": math.log,
    "exp": math.exp,
    "log2": math.log2,
    "log10": math.log10,
    "ceil": math.ceil,
}
LONGEST = 200  # characters
TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<word>(?:(?:np|numpy|math)\.)?(?:log10|log2|[A-Za-z]+)|[π√])"
    r"|(?P<sign>\*\*|[-+*/^()%]))"
)
SIGNS = {"·": "*", "⋅": "*", "×": "*", "∗": "*", "÷": "/", "∕": "/", "⁄": "/", "−": "-", "–": "-"}
SIGNS |= {"{": "(", "}": ")"}
LATEX = {r"\\d?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}": r"((\1)/(\2))", r"\\(?:cdot|times)": "*"}
LATEX |= {r"\\left|\\right|\$|\\,": "", r"\\(?=[a-z])": ""}
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
UNITS = r"nats?|steps?|units?|layers?|pairs?|times|bits?"


class NotArithmetic(ValueError):
    """The text is not a number, nor a formula; a message, if any, says what to write instead."""


def evaluate(text):
    """The value of a number or a formula in ``text``; a name before it and a unit after it go."""
    if len(text) > LONGEST:
        raise NotArithmetic("a number is asked for; this text is too long to be one")
    try:
        return _Reader(_plain(text)).value()
    except (ArithmeticError, ValueError, KeyError, RecursionError) as problem:
        said = str(problem) if isinstance(problem, NotArithmetic) else ""
        said = said or f"a number is asked for; {text[:40]!r} cannot be read as one"
        raise NotArithmetic(said) from None


def _plain(text):
    """The text in the signs that the reader knows."""
    text = re.sub(rf"[{SUPERSCRIPTS}]+", lambda power: f"^({_normal(power[0])})", text)
    text = re.sub(r"(?<=\d)(?=[¼-¾⅐-⅞])", "+", text)  # 1½ is a sum
    text = re.sub(r"[¼-¾⅐-⅞]", lambda each: f"({_normal(each[0])})", text)
    text = _normal(text).strip()
    for pattern, plain in LATEX.items():
        text = re.sub(pattern, plain, text)
    text = re.sub(r"(?<=[\d)])\s*[x×]$", "", text)  # 3 x is three times
    text = text.translate(str.maketrans(SIGNS))
    if re.search(r"[1-9]\d{0,2},\d{3}(?!\d)", text):
        raise NotArithmetic(
            f"a number is asked for; write {text!r} without a comma, which may mean two"
        )
    found = re.fullmatch(r"(\d+\.?\d*)-(\d+\.?\d*)", text)
    if found and float(found[1]) < float(found[2]):
        raise NotArithmetic("one number is asked for; this looks like a range")
    text = re.sub(r"^(?:about|approximately|circa)\s+|^[≈~≃]\s*", "", text)
    text = re.sub(r"^(?:[^\W\d]\w*)?\s*[=≈~]\s*", "", text)  # std = 0.1
    text = re.sub(rf"\s+(?:{UNITS})\.?$", "", text)
    text = re.sub(r"\s*per ?cent$", "%", text)
    text = re.sub(r"(?<=[\d)])\s*x\s*(?=[\d(.])", "*", text)
    return re.sub(r"(?<=\d),(?=\d)", ".", text)


def _normal(text):
    return unicodedata.normalize("NFKC", text).replace("⁄", "/")


class _Reader:
    """Reads the tokens of a text from left to right."""

    def __init__(self, text):
        self._tokens, place = [], 0
        while place < len(text.rstrip()):
            found = TOKEN.match(text, place)
            if not found:
                raise NotArithmetic
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            place = found.end()
        self._tokens.append(("end", ""))
        self._tokens.reverse()

    def _next(self, *signs):
        """The kind and the text of what comes next; with ``signs``, whether it is one, taken."""
        if not signs:
            return self._tokens[-1]
        return self._tokens[-1] in [("sign", sign) for sign in signs] and self._tokens.pop()[1]

    def value(self):
        total = self._sum()
        if self._next()[0] != "end":
            raise NotArithmetic
        return float(total)

    def _sum(self):
        total = self._product()
        while sign := self._next("+", "-"):
            total += self._product() if sign == "+" else -self._product()
        return total

    def _product(self):
        result, divided = self._factor(), False
        while True:
            if sign := self._next("*", "/"):
                divided = sign == "/"
                result = result / self._factor() if divided else result * self._factor()
            elif self._next()[0] == "word" or self._next() == ("sign", "("):
                if divided:
                    raise NotArithmetic(
                        "a number is asked for; set brackets around what stands below the bar"
                    )
                result *= self._power()
            else:
                return result

    def _factor(self):
        sign = self._next("+", "-")
        if sign:
            return self._factor() if sign == "+" else -self._factor()
        return self._power()

    def _power(self):
        base = self._atom()
        if self._next("^", "**"):
            base = math.pow(base, self._factor())
        return base / 100 if self._next("%") else base

    def _atom(self):
        kind, text = self._tokens.pop()
        if kind == "number":
            return float(text)
        if (kind, text) == ("sign", "("):
            inner = self._sum()
            if not self._next(")"):
                raise NotArithmetic
            return inner
        name = text.split(".")[-1]
        if name.lower() in FUNCTIONS:
            return self._applied(FUNCTIONS[name.lower()])
        if kind != "word":
            raise NotArithmetic
        return CONSTANTS[name if name == "e" else name.lower()]

    def _applied(self, function):
        """A function of what follows: ``ln 10``, ``√π``, ``sqrt(2)``, and ``ln 2^3``."""
        bracket = self._next() == ("sign", "(")
        argument = function(self._atom()) if bracket else None
        return argument if bracket else function(self._power())
