"""What talks to the learner: predictions and what settles them, exercise checks, hints, quizzes.

What is said stands in ``texts``, a file a chapter; how to write one is told in ``_texts``. An item
is named by its chapter and its key, as in "02/same-gradient".
"""

import contextlib
import html
import warnings

import numpy as np

from initlib._checks import check_count
from initlib._display import NEUTRAL, RIGHT, WRONG, card, show, to_html
from initlib._machine import one_thread
from initlib._progress import progress_file
from initlib.lessons import _judging, _questions, _settling
from initlib.lessons._bounded import TooMuch, bounded
from initlib.lessons._records import record, records
from initlib.lessons._texts import chapter, chapters, item
from initlib.lessons.answers import Unreadable, Verdict

__all__ = ["check", "hint", "judge", "predict", "progress", "progress_file"]
__all__ += ["quiz", "settle", "verdicts"]

ONE_THREAD = one_thread()  # for all that a lesson computes, from here to the kernel's end


def predict(name):
    """Ask the question before the experiment, and keep what the learner commits to."""
    question = item(name, "predictions")
    _questions.ask([(name, "Predict", question)], _questions.noted, _questions.plain)


def settle(name, value):
    """Answer the prediction with what the experiment gave: a number, an array, or a dict of named
    ones. Raise unless exactly the choice that is marked right holds for it."""
    question = item(name, "predictions")
    said = _settling.result(name, question, value)
    committed = [choice for key, _, choice in records() if key == name]
    thought = next((each for each in question.choices if [each.text] == committed[-1:]), None)
    show(*_settling.told(said, question, thought))


def judge(number):
    """Ask for a verdict on each statement of a chapter, and keep it: each click is kept at once."""
    _judging.ask(number, chapter(number).statements)


def verdicts(number):
    """Show the learner's verdicts on a chapter's statements beside those of the course."""
    _judging.tell(number, chapter(number).statements)


def quiz(number):
    """Ask the questions at the end of a chapter, and show what the learner has done in it."""
    questions = chapter(number).quiz
    _questions.ask(
        [
            (f"{number}/quiz-{key}", f"Question {n} of {len(questions)}", question)
            for n, (key, question) in enumerate(questions.items(), 1)
        ],
        _questions.feedback,
        _questions.unfolding,
    )
    progress(number)


def check(name, answer):
    """Say whether ``answer`` is right or what the mistake is. Whatever the answer, never raise."""
    exercise = item(name, "exercises")
    right, problem = False, None
    if answer is ... or answer is None:
        colour = NEUTRAL
        said = "Not attempted yet. Put your answer in place of ... and run again."
    else:
        right, message = _verdict(exercise, answer)
        problem = record(name, right)
        colour = RIGHT if right else WRONG
        said = f"Right. {message or exercise.why}" if right else f"Not yet: {message}"
    folds = [] if right else [to_html(text) for text in exercise.hints]
    folds = [_questions.fold(f"Hint {level}", page) for level, page in enumerate(folds, 1)]
    if exercise.solution:
        solution = f"<pre><code>{html.escape(exercise.solution.strip())}</code></pre>"
        folds.append(_questions.fold("Solution", solution + to_html(exercise.remark)))
    ask = "" if right else f'\nhint("{name}", 1) to hint("{name}", 3) help.'
    page = card(colour, to_html(said.strip()), *folds) + _questions.warning(problem)
    show("\n".join(filter(None, [said.strip() + ask, problem])), page)


def _verdict(exercise, answer):
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with bounded():
                return exercise.checker(answer)
    except Unreadable as problem:
        return Verdict(False, f"{problem}.")
    except TooMuch as problem:
        return Verdict(False, f"your answer could not be used: {problem}.")
    except (Exception, SystemExit) as problem:
        said = type(problem).__name__
        with contextlib.suppress(Exception):
            said = f"{said}: {problem}"[:200]
        return Verdict(False, f"your answer could not be used; it raises {said}")


def hint(name, level=1):
    """Print one of an exercise's three hints."""
    hints = item(name, "exercises").hints
    print(hints[check_count("level", level, 1, len(hints)) - 1])


def progress(*numbers):
    """Show what the learner has answered in these chapters, or in all, and what was right."""
    answered, solved = set(), set()
    for name, right, _ in records():
        answered.add(name)
        if right:
            solved.add(name)
    rows = [("", "predictions made", "exercises solved", "quiz answers right")]
    for number in numbers or chapters():
        texts = chapter(number)
        counts = [
            f"{sum(f'{number}/{start}{key}' in done for key in items)} of {len(items)}"
            if items
            else "–"
            for done, start, items in (
                (answered, "", texts.predictions),
                (solved, "", texts.exercises),
                (solved, "quiz-", texts.quiz),
            )
        ]
        rows.append((f"{number} {texts.title}", *counts))
    text = "\n".join(f"{a:<32}{b:>18}{c:>18}{d:>20}" for a, b, c, d in rows)
    cells = "".join(
        "<tr>" + "".join(f"<td>{to_html(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    show(text, f"<table>{cells}</table>")
