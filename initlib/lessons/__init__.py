"""What talks to the learner: predictions, exercise checks, hints, quizzes, progress.

The texts stand in ``initlib/chapters``, one module a chapter, each with ``TITLE``, ``PREDICTIONS``,
``EXERCISES`` and ``QUIZ``. An item is named by its chapter and its key, as in "02/same-gradient".
"""

import contextlib
import importlib
import json
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from initlib._display import NEUTRAL, RIGHT, WRONG, card, show, to_html
from initlib.lessons.answers import Unreadable, Verdict


class Choice(NamedTuple):
    """One answer to a question and what is said to who gives it: why it is right, or the
    misconception behind it. Exactly one choice of a question is ``right``."""

    text: str
    feedback: str
    right: bool = False


class Question(NamedTuple):
    """What is asked; ``refresher`` is unfolded under a miss, for what the course presupposes."""

    text: str
    choices: tuple
    refresher: str = ""


@dataclass(frozen=True)
class Exercise:
    """``checker`` turns an answer into a Verdict; ``hints`` go from a nudge to nearly all."""

    hints: tuple
    checker: Callable


def predict(name):
    """Ask the question before the experiment; the learner commits and is told what it means."""
    question = _item(name, "PREDICTIONS")
    _ask([(name, "Predict", question)])


def quiz(chapter):
    """Ask the questions at the end of a chapter."""
    questions = _chapter(chapter).QUIZ
    _ask(
        [
            (f"{chapter}/quiz-{key}", f"Question {n} of {len(questions)}", question)
            for n, (key, question) in enumerate(questions.items(), 1)
        ]
    )


def check(name, answer):
    """Say whether ``answer`` is right or what the mistake is. Whatever the answer, never raise."""
    exercise = _item(name, "EXERCISES")
    if answer is ... or answer is None:
        colour, said = (
            NEUTRAL,
            "Not attempted yet. Put your answer in place of ... and run again.",
        )
    else:
        right, message = _verdict(exercise, answer)
        _record(name, right)
        colour, said = (RIGHT, "Right.") if right else (WRONG, "Not yet:")
        said = f"{said} {message}".strip()
    hints = "".join(
        f"<details><summary>Hint {level}</summary>{to_html(text)}</details>"
        for level, text in enumerate(exercise.hints, 1)
    )
    attempted_right = colour == RIGHT
    ask = "" if attempted_right else f'\nhint("{name}", 1) to hint("{name}", 3) help.'
    show(said + ask, card(colour, to_html(said), "" if attempted_right else hints))


def _verdict(exercise, answer):
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return exercise.checker(answer)
    except Unreadable as problem:
        return Verdict(False, f"{problem}.")
    except (Exception, SystemExit) as problem:
        said = type(problem).__name__
        with contextlib.suppress(Exception):
            said = f"{said}: {problem}"[:200]
        return Verdict(False, f"your answer could not be used; it raises {said}")


def hint(name, level=1):
    """Print one of an exercise's three hints."""
    hints = _item(name, "EXERCISES").hints
    if level not in range(1, len(hints) + 1):
        raise ValueError(f"level must be from 1 to {len(hints)}, not {level!r}")
    print(hints[level - 1])


# --- questions -------------------------------------------------------------------------------


def _ask(asked):
    """Show questions, each with the name it is remembered by and its heading."""
    import ipywidgets as widgets

    page = "".join(_question_page(heading, question) for _, heading, question in asked)
    text = "\n\n".join(_question_text(heading, question) for _, heading, question in asked)
    show(text, page, widgets.VBox([_question_widget(*each) for each in asked]))


def _question_page(heading, question):
    """Where there is no kernel each choice unfolds into its feedback."""
    choices = "".join(
        f"<details><summary>{to_html(choice.text)}</summary>{_feedback(question, choice)}</details>"
        for choice in question.choices
    )
    return card(NEUTRAL, _heading(heading, question), choices)


def _heading(heading, question):
    return f'<p style="line-height: 1.5"><b>{heading}.</b> {to_html(question.text)}</p>'


def _question_text(heading, question):
    choices = "\n".join(f"  ( ) {choice.text}" for choice in question.choices)
    return f"{heading}. {question.text}\n{choices}"


def _feedback(question, choice):
    colour, word = (RIGHT, "Right.") if choice.right else (WRONG, "Not so.")
    more = "" if choice.right or not question.refresher else _refresher(question)
    return card(colour, f"<b>{word}</b> {to_html(choice.feedback)}{more}")


def _refresher(question):
    return f"<details><summary>Refresher</summary>{to_html(question.refresher)}</details>"


def _question_widget(name, heading, question):
    import ipywidgets as widgets

    wide = widgets.Layout(width="100%")
    text = widgets.HTML(_heading(heading, question), layout=wide)
    options = widgets.RadioButtons(
        options=[(choice.text.replace("`", ""), choice) for choice in question.choices],
        index=None,
        layout=widgets.Layout(width="auto"),
    )
    commit = widgets.Button(description="Commit", disabled=True, tooltip="Commit to this answer")
    feedback = widgets.HTML(layout=wide)

    def choose(change):
        commit.disabled = options.index is None

    def answer(_):
        _record(name, options.value.right)
        feedback.value = _feedback(question, options.value)

    options.observe(choose, "index")
    commit.on_click(answer)
    return widgets.VBox([text, options, commit, feedback])


# --- texts -----------------------------------------------------------------------------------


def _chapter(number):
    try:
        return importlib.import_module(f"initlib.chapters.chapter_{number}")
    except ModuleNotFoundError:
        raise ValueError(
            f"there is no chapter {number!r}; there are {', '.join(chapters())}"
        ) from None


def chapters():
    """The numbers of the chapters that have texts, in order, such as ["00", "02"]."""
    folder = Path(__file__).parents[1] / "chapters"
    return sorted(path.stem.removeprefix("chapter_") for path in folder.glob("chapter_*.py"))


def _item(name, kind):
    number, _, key = name.partition("/")
    items = getattr(_chapter(number), kind)
    if key not in items:
        raise ValueError(f"{name!r} is not there; chapter {number} has {', '.join(items)}")
    return items[key]


# --- progress --------------------------------------------------------------------------------
# One line of JSON for each answer, appended: a kernel that dies mid-write spoils at most that line,
# and two open notebooks cannot overwrite one another.

_unwritten = []


def progress_file():
    """Where progress is kept: the environment's INITLIB_PROGRESS, or the user's data directory."""
    if "INITLIB_PROGRESS" in os.environ:
        return Path(os.environ["INITLIB_PROGRESS"])
    import platformdirs

    return Path(platformdirs.user_data_dir("initlib", appauthor=False)) / "progress.jsonl"


def _record(name, right):
    line = json.dumps({"item": name, "right": bool(right)})
    try:
        path = progress_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n{line}")
    except OSError:  # a home that cannot be written costs nothing but the memory of it
        _unwritten.append(line)


def _records():
    try:
        lines = progress_file().read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines + _unwritten:
        try:
            record = json.loads(line)
            yield str(record["item"]), bool(record["right"])
        except (ValueError, TypeError, KeyError):
            continue


def progress(*numbers):
    """Show what the learner has answered in these chapters, or in all, and what was right."""
    answered, solved = set(), set()
    for item, right in _records():
        answered.add(item)
        if right:
            solved.add(item)
    rows = [("", "predictions made", "exercises solved", "quiz answers right")]
    for number in numbers or chapters():
        chapter = _chapter(number)
        predictions = {f"{number}/{key}" for key in chapter.PREDICTIONS}
        exercises = {f"{number}/{key}" for key in chapter.EXERCISES}
        questions = {f"{number}/quiz-{key}" for key in chapter.QUIZ}
        counts = [
            f"{len(done & items)} of {len(items)}" if items else "–"
            for done, items in (
                (answered, predictions),
                (solved, exercises),
                (solved, questions),
            )
        ]
        rows.append((f"{number} {chapter.TITLE}", *counts))
    text = "\n".join(f"{a:<32}{b:>18}{c:>18}{d:>20}" for a, b, c, d in rows)
    cells = "".join(
        "<tr>" + "".join(f"<td>{to_html(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    show(text, f"<table>{cells}</table>")
