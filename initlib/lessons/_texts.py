"""The texts of the chapters: ``texts/NN.toml``, read once; what is amiss is said with its place.

A chapter has a ``title`` and tables ``predictions``, ``quiz`` and ``exercises`` of items by key.

- A prediction has ``text``, ``result`` (what ``settle`` prints; ``str.format`` with ``value`` or,
  where the experiment gives a dict, with its names), ``choices`` and perhaps a ``refresher``. A
  choice has ``text``, ``feedback``, ``holds`` (a condition on the same names) and, one of them,
  ``right = true``. A question of the quiz is the same without ``result`` and ``holds``.
- An exercise has ``minutes``, three ``hints`` and perhaps ``why`` (the praise), ``solution`` (code)
  and ``remark`` (prose after it). With ``right``, a formula as a learner may type it, it asks for
  a number, within the relative ``tolerance``, or an exact one if ``whole`` tells what is said to a
  fraction; with ``kind = "word"`` too, for that word. Each line of ``mistakes`` is ``a wrong
  formula or word: what it means``.
- An exercise without ``right`` has its checker in ``checkers/chapter_NN.py``. That module has
  ``CHECKERS = {"key": make}``, where ``make(mistakes)`` returns the checker, ``answer -> Verdict``,
  and ``mistakes`` is the dict of the text's lines: a name -> what it means.
"""

import functools
import importlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from initlib.lessons import answers
from initlib.lessons._conditions import parse

FOLDER = Path(__file__).with_name("texts")


@dataclass(frozen=True)
class Choice:
    """One answer to a question and what is said to who gives it: why it is right, or the
    misconception behind it; ``holds`` is its condition on what an experiment gives."""

    text: str
    feedback: str
    right: bool = False
    holds: str = ""


@dataclass(frozen=True)
class Question:
    """What is asked; ``refresher`` is for what the course presupposes, ``result`` for predictions:
    the sentence that says what the experiment gave."""

    text: str
    choices: tuple
    refresher: str = ""
    result: str = ""


@dataclass(frozen=True)
class Exercise:
    """``checker`` turns an answer into a Verdict; ``hints`` go from a nudge to nearly all."""

    minutes: float
    hints: tuple
    checker: Callable
    why: str = ""
    solution: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Chapter:
    number: str
    title: str
    predictions: dict
    quiz: dict
    exercises: dict


def chapters():
    """The numbers of the chapters that have texts, in order, such as ["00", "02"]."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def chapter(number):
    """The texts of a chapter, such as "02"."""
    if number not in chapters():
        raise ValueError(f"there is no chapter {number!r}; there are {', '.join(chapters())}")
    return _load(FOLDER / f"{number}.toml")


def item(name, kind):
    """The one of a chapter's ``kind`` ("predictions", "exercises") that ``name`` calls for."""
    number, _, key = str(name).partition("/")
    items = getattr(chapter(number), kind)
    if key not in items:
        raise ValueError(f"{name!r} is not there; chapter {number} has {', '.join(items)}")
    return items[key]


# --- reading a file --------------------------------------------------------------------------

CHAPTER = {"title": str, "predictions": dict, "quiz": dict, "exercises": dict}
QUESTION = {"text": str, "choices": list, "refresher": str}
PREDICTION = QUESTION | {"result": str}
CHOICE = {"text": str, "feedback": str, "right": bool}
PREDICTED = CHOICE | {"holds": str}
EXERCISE = {"minutes": (int, float), "hints": list, "right": (str, int, float), "kind": str}
EXERCISE |= {"whole": str}
EXERCISE |= {"tolerance": (int, float), "why": str, "mistakes": str, "solution": str, "remark": str}


@functools.cache
def _load(path):
    number, file = path.stem, path.name
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise ValueError(f"{file} is not TOML: {problem}") from None
    _look_at(file, table, CHAPTER, ["title"])
    predictions, quiz, exercises = (
        {key: (f"{file}, {kind}.{key}", each) for key, each in table.get(kind, {}).items()}
        for kind in ("predictions", "quiz", "exercises")
    )
    if both := predictions.keys() & exercises.keys():
        raise ValueError(f"{file}: {min(both)!r} is a prediction and an exercise; rename one")
    return Chapter(
        number,
        table["title"],
        {key: _question(*each, PREDICTION, PREDICTED) for key, each in predictions.items()},
        {key: _question(*each, QUESTION, CHOICE) for key, each in quiz.items()},
        {key: _exercise(*each, number, key) for key, each in exercises.items()},
    )


def _look_at(where, table, kinds, needed):
    """Refuse a table with unknown, missing, empty or mistaken entries."""
    if not isinstance(table, dict):
        raise ValueError(f"{where} must be a table, not {table!r}")
    for key, value in table.items():
        if key not in kinds:
            raise ValueError(f"{where}: {key!r} is unknown; it may have {', '.join(kinds)}")
        if not isinstance(value, kinds[key]) or isinstance(value, bool) > (kinds[key] is bool):
            raise ValueError(f"{where}: {key} cannot be {value!r}")
        if value in ([], {}) or (isinstance(value, str) and not value.strip()):
            raise ValueError(f"{where}: {key} is empty")
    for key in needed:
        if key not in table:
            raise ValueError(f"{where} has no {key}")


def _question(where, table, kinds, choice_kinds):
    _look_at(where, table, kinds, ["text", "choices"])
    for number, choice in enumerate(table["choices"], 1):
        _look_at(f"{where}, choice {number}", choice, choice_kinds, ["text", "feedback"])
        try:
            parse(choice.get("holds", "True"))
        except ValueError as problem:
            raise ValueError(f"{where}, choice {number}: {problem}") from None
    choices = tuple(Choice(**choice) for choice in table["choices"])
    if (right := sum(choice.right for choice in choices)) != 1:
        raise ValueError(f"{where}: {right} choices are right; exactly one must be")
    if len({choice.text for choice in choices}) < len(choices):
        raise ValueError(f"{where}: two choices have the same text")
    return Question(**{**table, "choices": choices})


def _exercise(where, table, number, key):
    _look_at(where, table, EXERCISE, ["minutes", "hints"])
    hints = tuple(table["hints"])
    if len(hints) != 3 or not all(isinstance(hint, str) and hint.strip() for hint in hints):
        raise ValueError(f"{where}: hints must be three texts")
    mistakes = _mistakes(where, table.get("mistakes", ""))
    make = _checker if "right" in table else _of_function
    try:
        checker = make(table, mistakes, number, key)
    except ValueError as problem:
        raise ValueError(f"{where}: {problem}") from None
    said = {name: table[name].strip() for name in ("why", "solution", "remark") if name in table}
    return Exercise(table["minutes"], hints, checker, **said)


def _mistakes(where, text):
    """The lines ``wrong: what it means`` as a dict."""
    mistakes = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        wrong, colon, meaning = line.partition(": ")
        if not colon:
            raise ValueError(f"{where}: the mistake {line!r} has no ': '")
        if wrong in mistakes:
            raise ValueError(f"{where}: the mistake {wrong!r} is there twice")
        mistakes[wrong] = meaning.strip()
    return mistakes


def _checker(table, mistakes, number, key):
    """The checker of a number or of a word."""
    right, kind = table["right"], table.get("kind", "number")
    exact = "tolerance" in table, "whole" in table, kind == "word"
    if kind not in ("number", "word") or sum(exact) > 1:
        raise ValueError('kind is "number" or "word"; of tolerance and whole a number may have one')
    if kind == "word":
        return answers.word(right, mistakes)
    expected = answers.as_number(right)
    meanings = [(answers.read_number(wrong), meaning) for wrong, meaning in mistakes.items()]
    options = {"relative": table.get("tolerance", 0.01), "whole": table.get("whole", "")}
    checker = answers.number(expected, mistakes=meanings, **options)
    for (value, meaning), wrong in zip(meanings, mistakes):
        right, said = checker(value)
        if right or meaning not in said:
            raise ValueError(f"the mistake {wrong!r} is too near to what is right or said before")
    return checker


def _of_function(table, mistakes, number, key):
    """The checker that the chapter's own module makes."""
    if odd := table.keys() & {"kind", "tolerance", "whole"}:
        raise ValueError(f"{min(odd)} goes with right, and there is none")
    module = f"initlib.lessons.checkers.chapter_{number}"
    try:
        makers = importlib.import_module(module).CHECKERS
    except ModuleNotFoundError as missing:
        if missing.name != module:
            said = f"chapter {number}'s checkers need {missing.name}, which is not installed"
            raise ImportError(said, name=missing.name) from missing
        makers = {}
    if key not in makers:
        raise ValueError(f"there is no right value, and no checker {key!r} in {module}")
    try:
        return makers[key](mistakes)
    except KeyError as missing:
        raise ValueError(f"its checker asks for a mistake {missing}") from None
