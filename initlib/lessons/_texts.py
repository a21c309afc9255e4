"""The texts of the chapters: ``texts/NN.toml``, read once; what is amiss is said with its place.

A chapter has a ``title`` and tables ``predictions``, ``quiz``, ``exercises`` and perhaps
``statements`` of items by key.

- A prediction has ``text``, ``result`` (what ``settle`` prints; ``str.format`` with ``value`` or,
  where the experiment gives a dict, with its names), ``choices`` and perhaps a ``refresher``. A
  choice has ``text``, ``feedback``, ``holds`` (a condition on the same names) and, one of them,
  ``right = true``. A choice that is not right may have ``ask_back``: the question by which a
  teacher lets those who chose it see the contradiction. Learners are not shown it; the teacher's
  pages of the site print it beside the feedback. A question of the quiz is the same without
  ``result``, ``holds`` and ``ask_back``.
- An exercise has ``minutes``, three ``hints`` and perhaps ``why`` (the praise), ``solution`` (code)
  and ``remark`` (prose after it). With ``right``, a formula as a learner may type it, it asks for
  a number, within the relative ``tolerance``, or an exact one if ``whole`` tells what is said to a
  fraction; with ``kind = "word"`` too, for that word. Each line of ``mistakes`` is ``a wrong
  formula or word: what it means``.
- A statement has ``text`` and ``verdict``: true, conditions, false or untested. ``judge`` asks the
  learner for theirs, ``verdicts`` shows both.
- An exercise without ``right`` has its checker in ``checkers/chapter_NN.py``. That module has
  ``CHECKERS = {"key": make}``, where ``make(mistakes)`` returns the checker, ``answer -> Verdict``,
  and ``mistakes`` is the dict of the text's lines: a name -> what it means.
"""

import contextlib
import dataclasses
import functools
import importlib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from initlib.lessons import _judging, answers
from initlib.lessons._conditions import parse

FOLDER = Path(__file__).with_name("texts")


@dataclass(frozen=True)
class Choice:
    """One answer to a question and what is said to who gives it: why it is right, or the
    misconception behind it. ``ask_back`` is for the teacher alone."""

    text: str
    feedback: str
    right: bool = False
    holds: str = ""
    ask_back: str = ""


@dataclass(frozen=True)
class Question:
    """What is asked; ``refresher`` is for what the course presupposes."""

    text: str
    choices: list
    refresher: str = ""
    result: str = ""


@dataclass(frozen=True)
class Exercise:
    """``checker`` turns an answer into a Verdict; ``hints`` go from a nudge to nearly all."""

    minutes: int | float
    hints: list
    right: str | int | float = ""
    kind: str = "number"
    tolerance: int | float = 0.01
    whole: str = ""
    why: str = ""
    mistakes: str = ""
    solution: str = ""
    remark: str = ""
    checker: Callable = None


@dataclass(frozen=True)
class Statement:
    """What somebody says, and whether it holds."""

    text: str
    verdict: str


@dataclass(frozen=True)
class Chapter:
    title: str
    predictions: dict = dataclasses.field(default_factory=dict)
    quiz: dict = dataclasses.field(default_factory=dict)
    exercises: dict = dataclasses.field(default_factory=dict)
    statements: dict = dataclasses.field(default_factory=dict)


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
    if not isinstance(name, str):
        raise TypeError(f'name must be text such as "02/first-step", not {name!r}')
    number, _, key = name.partition("/")
    items = getattr(chapter(number), kind)
    if key not in items:
        raise ValueError(f"{name!r} is not there; chapter {number} has {', '.join(items)}")
    return items[key]


# --- reading a file --------------------------------------------------------------------------


@functools.cache
def _load(path):
    with _place(path.name):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        texts = _read(Chapter, table)
        keys = [*texts.predictions, *texts.exercises, *texts.statements]
        if twice := {key for key in keys if keys.count(key) > 1}:
            raise ValueError(f"{min(twice)!r} names two items; rename one")
        for kind, read in (
            ("predictions", _question),
            ("quiz", _quiz_question),
            ("exercises", functools.partial(_exercise, path.stem)),
            ("statements", _statement),
        ):
            for key, table in getattr(texts, kind).items():
                with _place(f"{kind}.{key}"):
                    getattr(texts, kind)[key] = read(key, table)
    return texts


@contextlib.contextmanager
def _place(place):
    """Say where in the texts something is amiss."""
    try:
        yield
    except ValueError as problem:
        raise ValueError(f"{place}: {problem}") from None


def _read(kind, table):
    """A table as one of the kinds above; nothing in it may be unknown, missing or empty."""
    if not isinstance(table, dict):
        raise ValueError(f"a table is needed, not {table!r}")
    fields = {field.name: field for field in dataclasses.fields(kind) if field.name != "checker"}
    for key, value in table.items():
        if key not in fields:
            raise ValueError(f"{key!r} is unknown; there may be {', '.join(fields)}")
        wanted = fields[key].type
        if not isinstance(value, wanted) or isinstance(value, bool) > (wanted is bool):
            raise ValueError(f"{key} cannot be {value!r}")
        if value in ([], {}) or (isinstance(value, str) and not value.strip()):
            raise ValueError(f"{key} is empty")
    for key, field in fields.items():
        optional = (field.default, field.default_factory) != (dataclasses.MISSING,) * 2
        if key not in table and not optional:
            raise ValueError(f"there is no {key}")
    return kind(**table)


def _question(key, table):
    question = _read(Question, table)
    choices = []
    for number, choice in enumerate(question.choices, 1):
        with _place(f"choice {number}"):
            choices.append(_read(Choice, choice))
            parse(choices[-1].holds or "True")
            if choices[-1].right and choices[-1].ask_back:
                raise ValueError("who is right is not asked back")
    if (right := sum(choice.right for choice in choices)) != 1:
        raise ValueError(f"{right} choices are right; exactly one must be")
    if len({choice.text for choice in choices}) < len(choices):
        raise ValueError("two choices have the same text")
    return dataclasses.replace(question, choices=choices)


def _quiz_question(key, table):
    question = _question(key, table)
    if question.result or any(choice.holds or choice.ask_back for choice in question.choices):
        raise ValueError("result, holds and ask_back belong to predictions")
    return question


def _statement(key, table):
    statement = _read(Statement, table)
    allowed = {**_judging.WORDS, **_judging.UNTESTED}
    if statement.verdict not in allowed:
        raise ValueError(f"verdict is one of {', '.join(allowed)}, not {statement.verdict!r}")
    return statement


def _exercise(number, key, table):
    exercise = _read(Exercise, table)
    hints = {hint for hint in exercise.hints if isinstance(hint, str) and hint.strip()}
    if not len(hints) == len(exercise.hints) == 3:
        raise ValueError("hints must be three texts")
    mistakes = {}
    for line in filter(None, map(str.strip, exercise.mistakes.splitlines())):
        wrong, colon, meaning = line.partition(": ")
        if not colon or wrong in mistakes:
            raise ValueError(f"the mistake {line!r} is there twice or has no colon and space")
        mistakes[wrong] = meaning.strip()
    make = _of_answer if "right" in table else functools.partial(_of_function, number, key)
    return dataclasses.replace(exercise, checker=make(exercise, mistakes))


def _of_answer(exercise, mistakes):
    """The checker of a number or of a word."""
    if exercise.kind == "word":
        return answers.word(exercise.right, mistakes)
    if exercise.kind != "number":
        raise ValueError(f'kind is "number" or "word", not {exercise.kind!r}')
    values = {wrong: answers.read_number(wrong) for wrong in mistakes}
    checker = answers.number(
        answers.as_number(exercise.right),
        mistakes=[(value, mistakes[wrong]) for wrong, value in values.items()],
        relative=exercise.tolerance,
        whole=exercise.whole,
    )
    for wrong, value in values.items():
        right, said = checker(value)
        if right or mistakes[wrong] not in said:
            raise ValueError(f"the mistake {wrong!r} is too near to what is right or said before")
    return checker


def _of_function(number, key, exercise, mistakes):
    """The checker that the chapter's own module makes."""
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
