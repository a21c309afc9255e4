"""The experiment's answer to a prediction."""

import numpy as np

from initlib._display import NEUTRAL, RIGHT, WRONG, card, to_html
from initlib.claims import ClaimFailed
from initlib.lessons._conditions import is_true
from initlib.lessons._questions import fold, refresher


def result(name, question, value):
    """The sentence that says what happened, if exactly the choice marked right holds for it."""
    names = value if isinstance(value, dict) else {"value": value}
    names = {n: np.asarray(v) if isinstance(v, (list, tuple)) else v for n, v in names.items()}
    problems = [f"{n!r} is no name" for n in names if not (isinstance(n, str) and n.isidentifier())]
    problems += filter(None, (_problem(choice, names) for choice in question.choices))
    said = ""
    try:
        said = question.result.format(**names)
    except Exception as problem:
        problems.append(f"its result {question.result!r} cannot be told: {problem}")
    if not question.result:
        problems.append("it has no result to tell")
    if problems:
        values = ", ".join(f"{key} = {each}" for key, each in names.items())
        raise ClaimFailed(f"the prediction {name} does not fit {values}: {'; '.join(problems)}")
    return said


def _problem(choice, names):
    marked = "marked right" if choice.right else "not marked right"
    if not choice.holds:
        return f"the choice {choice.text!r}, {marked}, has no `holds`"
    try:
        true = is_true(choice.holds, names)
    except ValueError as problem:
        return str(problem)
    if true == choice.right:
        return None
    return f"{choice.holds!r} is {str(true).lower()}, and its choice {choice.text!r} is {marked}"


def told(said, question, thought):
    """The plain text and the HTML of the answer; ``thought`` is the learner's choice or None."""
    text, page = [said], [f"<p><b>{to_html(said)}</b></p>"]
    if thought:
        verdict = "It is so." if thought.right else "It is not so."
        text.append(f"You predicted: {thought.text}. {verdict}")
        page.append(f"<p>You predicted: {to_html(thought.text)}. <b>{verdict}</b></p>")
    for choice in question.choices:
        colour, mark = (RIGHT, "Right:") if choice.right else (WRONG, "Not so:")
        text.append(f"  {mark:<8} {choice.text}\n           {choice.feedback}")
        summary = f"<b>{mark}</b> {to_html(choice.text)}"
        why = card(colour, to_html(choice.feedback))
        page.append(fold(summary, why, choice.right or choice == thought))
    if not (thought and thought.right):
        page.append(refresher(question))
    return "\n".join(text), card(NEUTRAL, *page)
