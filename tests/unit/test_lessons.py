import contextlib
import importlib
import json
import math
import os
import re
import subprocess
import sys
import threading
import tomllib
import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import ipywidgets as widgets
import nbformat
import numpy as np
import platformdirs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ipywidgets.widgets.widget import _instances

from initlib import ClaimFailed, _display, lessons
from initlib.lessons import (
    _conditions,
    _records,
    _texts,
    check,
    hint,
    judge,
    predict,
    progress,
    quiz,
    settle,
    verdicts,
)
from initlib.lessons._bounded import TooMuch, bounded
from initlib.lessons.answers import function

WIDGET = "application/vnd.jupyter.widget-view+json"
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CHAPTERS = {number: _texts.chapter(number) for number in _texts.chapters()}
EXERCISES = [f"{number}/{key}" for number, texts in CHAPTERS.items() for key in texts.exercises]

TEXT = """
title = "A chapter of the tests"

[predictions.less]
text = "Is 1 < 2?"
refresher = "See `<`."
result = "One is <less> by {value:.2f}."
[[predictions.less.choices]]
text = "yes & so"
holds = "value > 0"
feedback = "Less & less."
right = true
[[predictions.less.choices]]
text = "no"
holds = "value <= 0"
feedback = "Count."
ask_back = "Which comes first?"

[predictions.starts]
text = "Which start?"
result = "He gives ≈ {he:.1f}, Xavier ≈ {xavier:.1f}."
[[predictions.starts.choices]]
text = "Xavier"
holds = "xavier > he"
feedback = "Xavier is for tanh."
[[predictions.starts.choices]]
text = "He"
holds = "he > 0.5 and xavier < 0.5"
feedback = "He is for ReLU."
right = true

[quiz.one]
text = "Which one?"
[[quiz.one.choices]]
text = "this"
feedback = "This it is."
right = true
[[quiz.one.choices]]
text = "that"
feedback = "That is another."
[[quiz.one.choices]]
text = "neither"
feedback = "One of them."

[quiz.two]
text = "Which two?"
[[quiz.two.choices]]
text = "a"
feedback = "Not a."
[[quiz.two.choices]]
text = "b"
feedback = "Yes, b."
right = true

[exercises.four]
minutes = 2
hints = ["a <nudge>", "the `way`", "nearly [all](https://example.org)"]
right = "sqrt(16)"
why = "2 & 2."
mistakes = '''
16: the root is <asked> for.
ln 4: no logarithm: a root.
'''
solution = '''
four = 2 < 3 and [4](https://example.org)
'''
remark = "Or `2 + 2`."

[exercises.which]
minutes = 1.5
hints = ["one", "two", "three"]
right = "sigmoid"
kind = "word"
mistakes = "tanh: with tanh it is sooner."

[exercises.double]
minutes = 5
hints = ["one", "two", "three"]
mistakes = "squares: that is the square."
why = "Twice."

[statements.1a]
text = "Half & half is 1,"
verdict = "true"

[statements.1b]
text = "and so is a `third` of it."
verdict = "false"

[statements.2]
text = "More is more."
verdict = "untested"
"""


def double(mistakes):
    wrong = [(lambda x: x**2, mistakes["squares"])]
    return function(lambda x: 2 * x, [(3.0,), (4.0,)], mistakes=wrong)


@pytest.fixture(autouse=True)
def progress_path(tmp_path, monkeypatch):
    path = tmp_path / "data" / "progress.jsonl"
    monkeypatch.setenv("INITLIB_PROGRESS", str(path))
    monkeypatch.setattr(_records, "_unwritten", [])
    return path


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write chapter 77 into a folder of texts of its own."""
    monkeypatch.setattr(_texts, "FOLDER", tmp_path)
    checkers = SimpleNamespace(CHECKERS={"double": double})
    monkeypatch.setitem(sys.modules, "initlib.lessons.checkers.chapter_77", checkers)

    def write(text):
        _texts._load.cache_clear()
        (tmp_path / "77.toml").write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def chapter(write):
    write(TEXT)
    return _texts.chapter("77")


def shown(function, *arguments):
    """The one bundle of forms, by MIME type, that a call displays; of a quiz its questions."""
    bundles = []

    def display(bundle, raw):
        assert raw is True
        bundles.append(bundle)

    with patch.object(_display, "display", display):
        function(*arguments)
    assert len(bundles) == (2 if function is quiz else 1)
    return bundles[0]


def said(name, answer):
    return shown(check, name, answer)["text/plain"]


def folds(page):
    """The summary and the body of each fold, and what is outside of them."""
    assert page.count("<details") == page.count("</details>")
    pattern = r"<details[^>]*><summary>(.*?)</summary>(.*?)</details>"
    return re.findall(pattern, page, flags=re.DOTALL), re.sub(pattern, "", page, flags=re.DOTALL)


# the loader


def test_a_chapter_is_read(chapter):
    assert chapter.title == "A chapter of the tests"
    assert list(chapter.predictions) == ["less", "starts"]
    assert [choice.right for choice in chapter.predictions["starts"].choices] == [False, True]
    assert chapter.quiz["one"].choices[2].feedback == "One of them."
    assert chapter.exercises["which"].minutes == 1.5
    assert _texts.chapter("77") is chapter  # read once


@pytest.mark.parametrize(
    "old, new, place, problem",
    [
        ("title =", "titel =", "77.toml: ", "'titel' is unknown; there may be title, pred"),
        ('title = "A chapter of the tests"', "", "77.toml: ", "there is no title"),
        ("title =", "title", "77.toml: ", "line 2"),
        ("minutes = 2\n", "", "exercises.four: ", "there is no minutes"),
        ("minutes = 2\n", "minutes = true\n", "exercises.four: ", "minutes cannot be True"),
        ("minutes = 2\n", "minute = 2\n", "exercises.four: ", "'minute' is unknown"),
        ("minutes = 2\n", "minutes = 2\nchecker = 1\n", "exercises.four: ", "'checker' is unk"),
        ('hints = ["one", "two", "three"]\nri', "ri", "exercises.which: ", "there is no hints"),
        ('"two", "three"]\nri', '"three"]\nri', "exercises.which: ", "must be three texts"),
        ('"two", "three"]\nri', '"one", "three"]\nri', "exercises.which: ", "three texts"),
        ('["one", "two", "three"]\nri', "[1, 2, 3]\nri", "exercises.which: ", "three texts"),
        (
            "16: the",
            "16 the",
            "exercises.four: ",
            "'16 the root is <asked> for.' is there twice or",
        ),
        ("ln 4: no", "16: no", "exercises.four: ", "is there twice or has no colon"),
        ("ln 4: no", "4.01: no", "exercises.four: ", "'4.01' is too near to what is right"),
        ("ln 4: no", "4²: no", "exercises.four: ", "is too near to what is right or said before"),
        ("ln 4: no", "lin 4: no", "exercises.four: ", "'lin 4' cannot be read"),
        ("sqrt(16)", "sqrt 16 16", "exercises.four: ", "cannot be read"),
        ('kind = "word"', 'kind = "text"', "exercises.which: ", "not 'text'"),
        ("[exercises.double]", "[exercises.triple]", "exercises.triple: ", "no checker 'triple'"),
        ("squares: ", "cubes: ", "exercises.double: ", "asks for a mistake 'squares'"),
        ('feedback = "One of them."', "", "quiz.one: choice 3: ", "there is no feedback"),
        ('feedback = "This it is."\nright = true', 'feedback = "!"', "quiz.one: ", "0 choices are"),
        ('That is another."', '!"\nright = true', "quiz.one: ", "2 choices are right; exactly one"),
        ('text = "that"', 'text = "this"', "quiz.one: ", "the same text"),
        ('text = "that"', 'text = " "', "quiz.one: choice 2: ", "text is empty"),
        ('text = "that"', 'words = "that"', "quiz.one: choice 2: ", "'words' is unknown"),
        ('text = "Which one?"', 'text = "?"\nresult = "!"', "quiz.one: ", "belong to predictions"),
        ('text = "that"', 'text = "that"\nholds = "1"', "quiz.one: ", "belong to predictions"),
        ('text = "that"', 'text = "that"\nask_back = "?"', "quiz.one: ", "belong to predictions"),
        ('holds = "value > 0"', 'ask_back = "?"', "predictions.less: choice 1: ", "right is not"),
        ("value <= 0", "value <=", "predictions.less: choice 2: ", "'value <=' is no condition"),
        ("value <= 0", "open(value)", "predictions.less: choice 2: ", "may not have 'open(value)'"),
        ("[exercises.four]", "[exercises.less]", "77.toml: ", "'less' names two items"),
        ('verdict = "false"', 'verdict = "wrong"', "statements.1b: ", "one of true, conditions, f"),
        ('verdict = "false"', "", "statements.1b: ", "there is no verdict"),
        ("[statements.2]", "[statements.four]", "77.toml: ", "'four' names two items"),
    ],
)
def test_what_is_amiss_in_a_text_is_said_with_its_place(write, old, new, place, problem):
    assert TEXT.count(old) == 1, old
    write(TEXT.replace(old, new))
    with pytest.raises(ValueError) as refused:
        _texts.chapter("77")
    message = str(refused.value)
    assert message.startswith("77.toml: ") and place in message and problem in message
    assert "\n" not in message


def test_a_module_that_checkers_lack_is_named(write, monkeypatch):
    name = "initlib.lessons.checkers.chapter_77"
    write(TEXT)
    with patch.object(_texts.importlib, "import_module") as load:
        load.side_effect = ModuleNotFoundError("No module named 'torch'", name="torch")
        with pytest.raises(ImportError, match="chapter 77's checkers need torch, which is not"):
            _texts.chapter("77")
        load.side_effect = ModuleNotFoundError(f"No module named '{name}'", name=name)
        with pytest.raises(ValueError, match=f"no right value, and no checker 'double' in {name}"):
            _texts.chapter("77")


@pytest.mark.parametrize(
    "call",
    [
        lambda: check("77/nope", 1),
        lambda: predict("77/nope"),
        lambda: settle("77/nope", 1),
        lambda: hint("77/nope"),
        lambda: check("77", 1),
        lambda: check("", 1),
        lambda: check("../77", 1),
        lambda: predict("78/x"),
        lambda: quiz("78"),
        lambda: quiz(77),
        lambda: progress("78"),
    ],
)
def test_unknown_names_are_answered_with_the_known(call, chapter):
    with pytest.raises(ValueError, match=r"there (is|are) |is not there") as problem:
        call()
    known = ["has four, which, double", "has less, starts", "there are 77"]
    assert any(names in str(problem.value) for names in known)


# conditions


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "condition, names, truth",
    [
        ("2.25 < value < 2.35", {"value": 2.3}, True),
        ("2.25 < value < 2.35", {"value": np.float64(2.4)}, False),
        ("value == inf", {"value": math.inf}, True),
        ("value > 1", {"value": math.nan}, False),
        ("abs(value - 1) < 0.1 or value > 5", {"value": 6}, True),
        ("all(value > 2)", {"value": np.arange(4)}, False),
        ("any(value > 2)", {"value": np.arange(4)}, True),
        ("any(value > 2) and not all(value > 2)", {"value": np.eye(3) * 3}, True),
        ("max(value) / min(value) > 2", {"value": np.array([1.0, 3])}, True),
        (
            "max(xavier, he) == he and len(losses) == 3",
            {"xavier": 1, "he": 2, "losses": [1] * 3},
            1,
        ),
        ("value[-1] < value[0] * 2 and max(value[:2]) < 3", {"value": [1, 2, 3]}, False),
        ("sqrt(value) < log(value)", {"value": -1.0}, False),
        ("value in ('He', 'Xavier')", {"value": "He"}, True),
        ("-value ** 2 % 3 == 2", {"value": 2}, True),
    ],
)
def test_a_condition_is_asked(condition, names, truth):
    assert _conditions.is_true(condition, names) is bool(truth)


@pytest.mark.parametrize(
    "condition, problem",
    [
        ("value.real > 1", "may not have 'value.real'"),
        ("().__class__", "may not have"),
        ("[x for x in value]", "may not have"),
        ("(lambda: 1)()", "may not have"),
        ("sqrt(4)(4)", "may not have"),
        ("__import__('os')", "may not have"),
        ("max(value, key=len)", "may not have"),
        ("(x := 3) > 2", "may not have"),
        ("f'{value}' == '1'", "may not have"),
        ("value = 3", "is no condition"),
        ("1 +", "is no condition"),
        ("print > 1", "cannot be asked: name 'print' is not defined"),
        ("loss > 1", "cannot be asked: name 'loss' is not defined"),
        ("value > 2", "cannot be asked|neither true nor false"),
        ("value", "neither true nor false"),
        ("1", "neither true nor false"),
    ],
)
def test_what_is_no_condition_is_refused(condition, problem):
    with pytest.raises(ValueError, match=problem) as refused:
        _conditions.is_true(condition, {"value": np.arange(3)})
    assert repr(condition) in str(refused.value)


# check


class Hostile:
    def _raise(self, *_, **__):
        raise RuntimeError("no")

    __repr__ = __str__ = __eq__ = __array__ = __float__ = __bool__ = __len__ = _raise
    __iter__ = __getitem__ = __hash__ = __format__ = __index__ = _raise


class HostileError(Exception):
    __str__ = __repr__ = Hostile._raise


def forever(*arguments, **options):
    return forever()


def raises(problem):
    def answer(*_, **__):
        raise problem

    return answer


def warns(*_, **__):
    warnings.warn("look out", stacklevel=1)
    return np.log(np.zeros(2)) * np.float64(1e308) * 10


NASTY = [
    Hostile(),
    [Hostile()],
    Hostile,
    lambda *_: Hostile(),
    lambda *_: [Hostile()],
    lambda *_: None,
    lambda *_: ...,
    lambda rng, shape, dtype: np.full(shape, "x"),
    lambda rng, shape, dtype: np.full(shape, np.nan),
    lambda rng, shape, dtype: np.zeros(3),
    lambda rng, shape, dtype: [[1], [2, 3]],
    lambda: "1/0",
    forever,
    warns,
    raises(ValueError("<b>")),
    raises(SystemExit(3)),
    raises(MemoryError()),
    raises(AssertionError()),
    raises(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")),
    raises(np.linalg.LinAlgError("singular")),
    raises(StopIteration()),
    raises(HostileError()),
    np.datetime64("2020"),
    np.timedelta64(1, "s"),
    np.array([np.nan, np.inf]),
    np.zeros((64, 100)),
    np.ma.masked,
    np.zeros(2, dtype=[("a", int)]),
    10**400,
    Fraction(10**400),
    Decimal("sNaN"),
    type,
    print,
    range(3),
    iter([1]),
    memoryview(b"1"),
    "9**9**9**9",
    "\ud800",
    "(" * 5000,
    NotImplemented,
    Exception("x"),
    __builtins__,
    math,
]

scalars = (
    st.none()
    | st.just(...)
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | st.text("0123456789+-*/^%.,() elnsqrtpi", max_size=12)
    | st.binary()
    | st.decimals()
    | st.fractions()
    | st.dates()
)
anything = st.recursive(
    scalars | st.integers(0, len(NASTY) - 1).map(lambda position: NASTY[position]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
        | inner.map(lambda value: lambda *_, **__: value)
    ),
    max_leaves=4,
)


def answer_is_met_with_words(name, answer):
    text = said(name, answer)
    assert text.startswith(("Right.", "Not yet: ", "Not attempted yet."))
    assert "Traceback" not in text and len(text) < 3000
    return text


OWN = ["77/four", "77/which", "77/double"]
every_exercise = pytest.mark.parametrize("name", OWN + EXERCISES)


@pytest.fixture
def also_own(write, monkeypatch):
    """The chapters of the course, with the tests' own beside them."""
    write(TEXT)
    own = _texts.chapter("77")
    monkeypatch.setattr(_texts, "chapter", lambda number: {"77": own, **CHAPTERS}[number])


@every_exercise
def test_check_never_raises(name, also_own, capfd):
    with warnings.catch_warnings(record=True) as warned:
        for answer in NASTY:
            text = answer_is_met_with_words(name, answer)
            assert not text.startswith("Right."), answer
    assert warned == []
    assert capfd.readouterr().err == ""


@pytest.mark.filterwarnings("error")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(OWN + EXERCISES), anything)
def test_check_never_raises_whatever_comes(also_own, name, answer):
    answer_is_met_with_words(name, answer)


@every_exercise
@pytest.mark.parametrize("answer", [None, ...])
def test_not_attempted(name, answer, also_own, progress_path):
    bundle = shown(check, name, answer)
    assert bundle["text/plain"].startswith("Not attempted yet.")
    assert f'hint("{name}", 1)' in bundle["text/plain"]
    assert not progress_path.exists()


def test_check_says_right_wrong_and_why(chapter):
    right, mistaken, wrong = (shown(check, "77/four", answer) for answer in (4, 16, 5))
    assert right["text/plain"] == "Right. 2 & 2."
    assert "2 &amp; 2." in right["text/html"]
    help_ = '\nhint("77/four", 1) to hint("77/four", 3) help.'
    assert mistaken["text/plain"] == f"Not yet: the root is <asked> for.{help_}"
    assert wrong["text/plain"] == f"Not yet: 5 is too large.{help_}"
    assert "&lt;asked&gt;" in mistaken["text/html"]
    assert said("77/four", "ln 4").startswith("Not yet: no logarithm: a root.")
    assert said("77/which", "Sigmoid ") == "Right."
    assert said("77/which", "tanh").startswith("Not yet: with tanh it is sooner.\n")
    assert said("77/double", lambda x: x + x) == "Right. Twice."
    assert said("77/double", lambda x: x * x).startswith("Not yet: that is the square.\n")


def test_hints_then_the_solution_are_folds_below(chapter):
    solution = "<pre><code>four = 2 &lt; 3 and [4](https://example.org)</code></pre>"
    for answer in (..., 16):
        (*hints, last), outside = folds(shown(check, "77/four", answer)["text/html"])
        assert [summary for summary, _ in hints] == ["Hint 1", "Hint 2", "Hint 3"]
        assert [body for _, body in hints][:2] == ["a &lt;nudge&gt;", "the <code>way</code>"]
        assert 'href="https://example.org"' in hints[2][1]
        assert last == ("Solution", f"{solution}Or <code>2 + 2</code>.")
        assert "nudge" not in outside and "four =" not in outside
    (only,), _ = folds(shown(check, "77/four", 4)["text/html"])
    assert only == last
    for answer in (..., 16, 4):
        assert "four =" not in said("77/four", answer) and "nudge" not in said("77/four", answer)
    assert "Solution" not in shown(check, "77/which", ...)["text/html"]


def test_what_an_answer_raises_is_said_and_escaped(chapter):
    bundle = shown(check, "77/four", raises(ValueError("<script>")))
    assert "it raises ValueError: <script>" in bundle["text/plain"]
    assert "<script>" not in bundle["text/html"] and "&lt;script&gt;" in bundle["text/html"]


def test_html_is_escaped_before_it_is_marked_up():
    page = _display.to_html('`<i>` & [x"y](https://a.b/?c="d) [bad](javascript:alert(1))')
    assert "<i>" not in page and "<code>&lt;i&gt;</code> &amp;" in page
    assert page.count("<a ") == 1 and page.count("&quot;") == 2


def test_hints_by_level(chapter, capsys):
    hint("77/which")
    for level in (1, 2, 3):
        hint("77/which", level)
    assert capsys.readouterr().out.splitlines() == ["one", "one", "two", "three"]
    for level in (0, 4, -1):
        with pytest.raises(ValueError, match=r"level must be at (least 1|most 3), not"):
            hint("77/which", level)


# predict, settle and quiz


def parts(bundle):
    """The question, radio buttons, button and what is said of each question displayed."""
    *boxes, _ = _instances[bundle[WIDGET]["model_id"]].children
    return [box.children for box in boxes]


def commit_to(name, index):
    """Commit to a prediction's choice; what the learner is told."""
    ((_, options, commit, said),) = parts(shown(predict, name))
    options.index = index
    commit.click()
    return said.value


def records(path):
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines if line]


def line(item, right, choice):
    return {"edition": 2, "item": item, "right": right, "choice": choice}


def feedback_of(question):
    return [_display.to_html(choice.feedback) for choice in question.choices]


def test_a_prediction_is_kept_and_not_judged(chapter, progress_path):
    question = chapter.predictions["less"]
    bundle = shown(predict, "77/less")
    ((text, options, commit, notice),) = parts(bundle)
    assert _display.to_html(question.text) in text.value
    assert isinstance(options, widgets.RadioButtons) and options.index is None
    assert [label for label, _ in options.options] == ["yes & so", "no"]
    assert commit.description == "Commit" and commit.disabled and not notice.value
    for index, right in ((1, False), (0, True), (1, False)):
        options.index = index
        assert not commit.disabled and not notice.value  # said to another choice, it is gone
        commit.click()
        assert "Noted. The experiment will answer." in notice.value
        everything = repr([part.get_state() for part in (text, options, commit, notice)])
        assert not any(told in everything for told in feedback_of(question))
        assert not re.search("Right|Not so|danger|success|009E73|D55E00", everything)
        name = question.choices[index].text
        assert records(progress_path)[-1] == line("77/less", right, name)


def test_a_prediction_without_a_front_end_gives_nothing_away(chapter):
    bundle = shown(predict, "77/less")
    assert set(bundle) == {WIDGET, "text/html", "text/plain"}
    assert bundle["text/plain"] == "Predict. Is 1 < 2?\n  ( ) yes & so\n  ( ) no"
    page = bundle["text/html"]
    assert "<li>yes &amp; so</li><li>no</li>" in page and "1 &lt; 2" in page
    assert "<details" not in page
    assert not any(told in page for told in feedback_of(chapter.predictions["less"]))


def test_the_experiment_answers_a_prediction(chapter):
    bundle = shown(settle, "77/less", 0.126)
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"].splitlines() == [
        "One is <less> by 0.13.",
        "  Right:   yes & so",
        "           Less & less.",
        "  Not so:  no",
        "           Count.",
    ]
    page = bundle["text/html"]
    (right, wrong, refresher), outside = folds(page)
    assert "One is &lt;less&gt; by 0.13." in outside and "predicted" not in outside
    assert right[0] == "<b>Right:</b> yes &amp; so" and "Less &amp; less." in right[1]
    assert wrong[0] == "<b>Not so:</b> no" and "Count." in wrong[1]
    assert refresher == ("Refresher", "See <code>&lt;</code>.")
    assert page.count("<details open>") == 1  # why the right one holds


def test_what_a_teacher_asks_back_is_not_told_to_the_learner(chapter):
    asked = chapter.predictions["less"].choices[1].ask_back
    shows = [repr(shown(predict, "77/less"))]
    commit_to("77/less", 1)
    shows += [repr(shown(settle, "77/less", 1)), repr(shown(quiz, "77"))]
    assert asked and not any(asked in told for told in shows)


def test_the_learner_reads_what_they_predicted(chapter):
    for index, words, shows, unfolded in (
        (1, "You predicted: no. It is not so.", True, 2),
        (0, "You predicted: yes & so. It is so.", False, 1),  # the last one counts
    ):
        commit_to("77/less", index)
        bundle = shown(settle, "77/less", 1)
        assert bundle["text/plain"].splitlines()[1] == words
        assert bundle["text/html"].count("<details open>") == unfolded
        assert ("Refresher" in bundle["text/html"]) is shows
    assert "predicted" not in shown(settle, "77/starts", {"he": 0.9, "xavier": 0.2})["text/plain"]


@pytest.mark.parametrize("choice", ["no longer there", None, 7, ["no"]])
def test_a_choice_that_is_not_there_is_no_prediction(chapter, choice):
    before = shown(settle, "77/less", 1)
    _records.record("77/less", False, choice)
    assert shown(settle, "77/less", 1) == before
    _records.record("77/starts", False, "no")  # another prediction's
    assert shown(settle, "77/less", 1) == before


def test_what_an_experiment_gives_may_have_names(chapter):
    text = shown(settle, "77/starts", {"he": np.float64(0.91), "xavier": 0.2})["text/plain"]
    assert text.startswith("He gives ≈ 0.9, Xavier ≈ 0.2.\n")


@pytest.mark.parametrize("values", [[3, 4.5], (3, 4.5), np.array([3, 4.5])])
def test_what_an_experiment_gives_may_be_an_array(write, values):
    text = TEXT.replace("value > 0", "all(value > 2)").replace("value <= 0", "any(value < 2)")
    write(text.replace("{value:.2f}", "{value[1]:.2f}"))
    assert shown(settle, "77/less", values)["text/plain"].startswith("One is <less> by 4.50.")


@pytest.mark.parametrize(
    "old, new, name, value, problems",
    [
        (
            "",
            "",
            "less",
            -1,
            ["'value > 0' is false", "'value <= 0' is true", "'no' is not marked"],
        ),
        ("", "", "less", math.nan, ["value = nan", "'value > 0' is false", "is marked right"]),
        ("value <= 0", "value < 9", "less", 1, ["value = 1", "'value < 9' is true"]),
        ("value > 0", "value > 9", "less", 1, ["'value > 9' is false, and its choice 'yes & so'"]),
        ('holds = "value > 0"\n', "", "less", 1, ["'yes & so', marked right, has no `holds`"]),
        ('holds = "value <= 0"\n', "", "less", 1, ["'no', not marked right, has no `holds`"]),
        ("value <= 0", "loss <= 0", "less", 1, ["'loss <= 0' cannot be asked: name 'loss'"]),
        ("", "", "less", [1, 2], ["'value > 0' is array(", "cannot be told: unsupported format"]),
        ("", "", "less", {"he": 1}, ["he = 1", "name 'value' is not", "cannot be told: 'value'"]),
        ("", "", "starts", 1, ["value = 1", "name 'he' is not defined"]),
        (
            "",
            "",
            "starts",
            {"he": 0.9, "xavier": 0.95},
            ["he = 0.9, xavier = 0.95", "'xavier > he'"],
        ),
        ("", "", "starts", {"he": 0.9, "x y": 0.2}, ["'x y' is no name"]),
        ("", "", "less", "1", ["cannot be asked"]),
        ("{value:.2f}", "{loss:.2f}", "less", 1, ["cannot be told: 'loss'"]),
        ('result = "One is <less> by {value:.2f}."', "", "less", 1, ["it has no result to tell"]),
    ],
)
def test_a_prediction_that_the_experiment_does_not_answer(write, old, new, name, value, problems):
    write(TEXT.replace(old, new) if old else TEXT)
    with pytest.raises(ClaimFailed) as failed, patch.object(_display, "display") as display:
        settle(f"77/{name}", value)
    assert display.call_count == 0
    assert str(failed.value).startswith(f"the prediction 77/{name} does not fit ")
    for problem in problems:
        assert problem in str(failed.value)


def judged(index, verdict):
    """Give a statement of the chapter a verdict; what the form says of all."""
    *rows, said = _instances[shown(judge, "77")[WIDGET]["model_id"]].children
    rows[index].children[1].value = verdict
    return said.value


def test_statements_are_judged_and_each_verdict_is_kept_at_once(chapter, progress_path):
    assert "1 of 3 judged, and kept." in judged(0, "false")
    assert "1 of 3" in judged(0, "true") and "2 of 3" in judged(1, "true")
    assert records(progress_path) == [
        line("77/1a", False, "false"),
        line("77/1a", True, "true"),
        line("77/1b", False, "true"),
    ]


def test_what_was_judged_is_there_again_after_a_reload(chapter):
    judged(1, "conditions")
    *rows, said = _instances[shown(judge, "77")[WIDGET]["model_id"]].children
    assert [row.children[1].value for row in rows] == [None, "conditions", None]
    assert "1 of 3" in said.value


def test_statements_without_a_front_end_give_no_verdict_away(chapter):
    judged(1, "false")
    bundle = shown(judge, "77")
    assert bundle["text/plain"].splitlines()[1] == "1b. and so is a `third` of it."
    assert "Half &amp; half" in bundle["text/html"] and "<code>third</code>" in bundle["text/html"]
    *rows, _ = _instances[bundle[WIDGET]["model_id"]].children
    everything = repr([part.get_state() for row in rows for part in row.children])
    for told in (bundle["text/html"], bundle["text/plain"], everything):
        assert not re.search("not tested|Right|Not so|danger|success|009E73|D55E00", told)


def test_both_verdicts_stand_side_by_side(chapter):
    bundle = shown(verdicts, "77")
    assert set(bundle) == {"text/html", "text/plain"}
    assert "You judged 0 of 3 statements" in bundle["text/plain"]
    assert "<details>" in bundle["text/html"]  # folded, until there is something to compare
    judged(0, "true"), judged(1, "conditions")
    bundle = shown(verdicts, "77")
    assert [row.split() for row in bundle["text/plain"].splitlines()[2:]] == [
        ["1a", "true", "true"],
        ["1b", "under", "conditions", "false"],
        ["2", "–", "not", "tested"],
    ]
    assert "2 of 3 statements, 1 of them as we do" in bundle["text/plain"]
    page = bundle["text/html"]
    assert "<details open>" in page and "✓ true" in page and "≠ under conditions" in page


@pytest.mark.parametrize("choice", ["maybe", 3, None, ["true"], {"true": 1}])
def test_what_is_no_verdict_counts_for_none(chapter, progress_path, choice):
    progress_path.parent.mkdir(parents=True)
    progress_path.write_text(json.dumps(line("77/1a", True, choice)), encoding="utf-8")
    assert "You judged 0 of 3" in shown(verdicts, "77")["text/plain"]


def test_a_quiz_says_at_once_what_is_right(chapter, progress_path):
    shown_parts = parts(shown(quiz, "77"))
    assert len(shown_parts) == 2
    for (key, question), (text, options, commit, feedback) in zip(
        chapter.quiz.items(), shown_parts
    ):
        assert _display.to_html(question.text) in text.value
        assert commit.disabled and not feedback.value
        for index, choice in enumerate(question.choices):
            options.index = index
            assert not commit.disabled and not feedback.value
            commit.click()
            assert _display.to_html(choice.feedback) in feedback.value
            assert ("Right." in feedback.value) == choice.right
            assert ("Not so." in feedback.value) != choice.right
            wanted = line(f"77/quiz-{key}", choice.right, choice.text)
            assert records(progress_path)[-1] == wanted


def test_under_a_quiz_stands_what_was_done(chapter):
    with patch.object(_display, "display") as display:
        quiz("77")
        progress("77")
    _, (under, _), (alone, _) = display.call_args_list
    assert under == alone


def test_a_quiz_without_a_front_end(chapter):
    bundle = shown(quiz, "77")
    assert set(bundle) == {WIDGET, "text/html", "text/plain"}
    hidden, outside = folds(bundle["text/html"])
    for number, question in enumerate(chapter.quiz.values(), 1):
        assert f"Question {number} of 2. {question.text}" in bundle["text/plain"]
        assert _display.to_html(question.text) in outside
        for choice in question.choices:
            assert f"( ) {choice.text}" in bundle["text/plain"]
            told = [body for summary, body in hidden if summary == _display.to_html(choice.text)]
            assert any(choice.feedback in body for body in told)
            assert choice.feedback not in outside


def test_a_refresher_follows_a_miss_only(write):
    write(TEXT.replace('text = "Which one?"', 'text = "Which one?"\nrefresher = "See `<`."'))
    _, options, commit, feedback = parts(shown(quiz, "77"))[0]
    for index, refreshed in ((0, False), (1, True)):
        options.index = index
        commit.click()
        assert ("<code>&lt;</code>" in feedback.value) == refreshed


# progress


def counts():
    """What progress says of chapter 77: predictions made, exercises solved, quiz answers right."""
    text = shown(progress)["text/plain"]
    row = next(line for line in text.splitlines() if line.startswith("77"))
    return [int(done) for done in re.findall(r"(\d+) of \d+", row)]


ITEMS = ["77/less", "77/four", "77/quiz-one"]


def test_progress_counts_what_was_answered(chapter):
    assert counts() == [0, 0, 0]
    for item in ITEMS:
        _records.record(item, False)
    assert counts() == [1, 0, 0]  # a wrong prediction is made, a wrong exercise is not solved
    for item in [*ITEMS, *ITEMS]:
        _records.record(item, np.True_)
    _records.record("77/four", False)  # solved once is solved
    _records.record("77/no-longer-there", True)
    assert counts() == [1, 1, 1]


def test_progress_has_a_row_for_each_chapter(chapter, tmp_path):
    (tmp_path / "78.toml").write_text('title = "Another"', encoding="utf-8")
    *_, own, other = shown(progress)["text/plain"].splitlines()
    assert own.split() == [
        "77",
        "A",
        "chapter",
        "of",
        "the",
        "tests",
        "0",
        "of",
        "2",
        "0",
        "of",
        "3",
        "0",
        "of",
        "2",
    ]
    assert other.split() == ["78", "Another", "–", "–", "–"]
    assert "<td>78 Another</td>" in shown(progress)["text/html"]
    assert shown(progress, "77")["text/plain"].splitlines()[1:] == [own]


def test_checks_and_commits_are_counted(chapter):
    said("77/four", 11)
    assert counts() == [0, 0, 0]
    said("77/four", 4)
    commit_to("77/less", 1)
    assert counts() == [1, 1, 0]


def test_a_half_written_line_loses_itself_alone(chapter, progress_path):
    for item in ITEMS[:2]:
        _records.record(item, True)
    whole = progress_path.read_bytes()
    last = whole.rindex(b"\n")
    for end in range(len(whole)):
        progress_path.write_bytes(whole[:end])
        assert counts()[0] == (end >= last)
        _records.record("77/quiz-one", True)
        assert counts()[::2] == [int(end >= last), 1]


@pytest.mark.parametrize(
    "junk",
    [
        b"\xff\xfe",
        b"\0" * 50,
        b"[1]",
        b"null",
        b"7",
        b'{"edition": 2, "item": 1}',
        b'{"edition": 2, "item": [1], "right": 1}',
        b'{"item": "77/quiz-one", "right": true}',
        b'{"edition": 1, "item": "77/quiz-one", "right": true}',
    ],
)
def test_a_line_that_is_unreadable_or_of_another_edition_is_left_out(chapter, progress_path, junk):
    _records.record("77/less", True)
    with progress_path.open("ab") as file:
        file.write(b"\n" + junk)
    _records.record("77/four", True)
    assert counts() == [1, 1, 0]


def test_two_writers_do_not_overwrite_each_other(chapter, progress_path):
    def write(writer):
        for k in range(50):
            _records.record(f"{writer}/{k}", True)

    writers = [threading.Thread(target=write, args=[name]) for name in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len({record["item"] for record in records(progress_path)}) == 200


def test_a_file_in_place_of_the_directory(chapter, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("INITLIB_PROGRESS", str(tmp_path / "file" / "progress.jsonl"))
    assert said("77/four", 4).startswith("Right.")
    assert counts() == [0, 1, 0]  # remembered as long as the kernel lives
    assert (tmp_path / "file").read_text() == "mine"


def test_a_directory_in_place_of_the_file(chapter, progress_path):
    progress_path.mkdir(parents=True)
    assert said("77/four", 4).startswith("Right.")
    assert counts() == [0, 1, 0]


def test_a_directory_that_cannot_be_written(chapter, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "read-only")

    monkeypatch.setattr(Path, "mkdir", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    assert said("77/four", 4).startswith("Right.")
    assert counts() == [0, 1, 0]


@pytest.fixture
def no_room(progress_path):
    """A disk that is full; what it gives back is for the time when it no longer is."""
    if not Path("/dev/full").exists():
        pytest.skip(reason="only Linux has a disk that is always full")
    progress_path.parent.mkdir()
    progress_path.symlink_to("/dev/full")
    return progress_path.unlink


def test_on_a_full_disk_the_learner_is_told_and_answers_wait_for_room(
    chapter, progress_path, no_room
):
    told = f"{progress_path} cannot be written (No space left on device). Make room there; then "
    lines = said("77/four", 4).splitlines()
    assert lines[0].startswith("Right.") and told in lines[-1]
    page = shown(check, "77/four", 5)["text/html"]
    assert told in page and page.index("Solution") < page.index(told)
    assert told in commit_to("77/less", 0)
    notice = judged(0, "true")
    assert told in notice and "1 of 3 judged.<" in notice
    assert counts() == [1, 1, 0]
    no_room()
    assert "cannot be written" not in commit_to("77/less", 1)
    items = ["77/four", "77/four", "77/less", "77/1a", "77/less"]
    assert [each["item"] for each in records(progress_path)] == items
    assert said("77/four", 4).count("\n") == 0
    assert len(records(progress_path)) == 6


def test_what_a_disk_takes_in_part_is_written_again(chapter, progress_path):
    resource = pytest.importorskip("resource", reason="Windows limits no file's size")
    said("77/four", 4)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (progress_path.stat().st_size + 21, hard))
    try:
        assert "cannot be written" in commit_to("77/less", 0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert progress_path.read_text(encoding="utf-8").endswith('\n{"edition": 2, "item')
    assert "cannot be written" not in judged(0, "true")
    assert counts() == [1, 1, 0] and "1 of 3" in judged(0, "true")


@pytest.mark.parametrize("problem", [RuntimeError("no home"), ImportError("no platformdirs")])
def test_without_a_place_the_learner_is_told_where_to_ask(chapter, monkeypatch, problem):
    def refuse():
        raise problem

    monkeypatch.setattr(_records, "progress_file", refuse)
    last = said("77/four", 4).splitlines()[-1]
    assert f"your home cannot be written ({problem}). `python -m initlib` in a terminal" in last


@pytest.mark.parametrize("wanted", ["~/p.jsonl", None])
def test_without_a_home_no_folder_of_that_name_is_made(chapter, tmp_path, monkeypatch, wanted):
    """The home directory of a user whom the machine does not know is written ~ still."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("INITLIB_PROGRESS")
    if wanted:
        monkeypatch.setenv("INITLIB_PROGRESS", wanted)
    assert said("77/four", 4).startswith("Right.")
    assert counts() == [0, 1, 0] and not (tmp_path / "~").exists()


def test_a_home_is_known_by_its_sign(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("INITLIB_PROGRESS", "~/p.jsonl")
    _records.record("77/four", True)
    assert lessons.progress_file() == tmp_path / "p.jsonl" and (tmp_path / "p.jsonl").exists()


def test_where_progress_is_kept(chapter, monkeypatch, progress_path):
    assert lessons.progress_file() == progress_path
    _records.record("77/four", True)
    assert progress_path.exists()
    monkeypatch.delenv("INITLIB_PROGRESS")
    home = Path(platformdirs.user_data_dir("initlib", appauthor=False))
    assert lessons.progress_file().parent == home


# The texts of the chapters


each_chapter = pytest.mark.parametrize("number", CHAPTERS)


@each_chapter
def test_questions_have_a_few_choices_with_feedback_of_their_own(number):
    texts = CHAPTERS[number]
    for question in [*texts.predictions.values(), *texts.quiz.values()]:
        assert 2 <= len(question.choices) <= 5, question.text
        assert len(set(feedback_of(question))) == len(question.choices), question.text


@pytest.mark.parametrize("number", [number for number in CHAPTERS if number >= "01"])
def test_chapter_is_complete(number):
    texts = CHAPTERS[number]
    assert texts.predictions and len(texts.exercises) >= 3 and len(texts.quiz) == 4


def test_each_chapter_has_a_notebook_and_the_notebook_its_title():
    titles = {
        path.name[:2]: nbformat.read(path, 4).cells[0].source.splitlines()[0]
        for path in NOTEBOOKS.glob("*.ipynb")
    }
    assert titles == {number: f"# {texts.title}" for number, texts in CHAPTERS.items()}


@each_chapter
def test_notebook_asks_all_there_is_and_nothing_else(number):
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    cells = nbformat.read(path, 4).cells
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    texts = CHAPTERS[number]
    calls = ("predict", "check", "quiz", "judge", "verdicts")
    used = {call: re.findall(rf'\b{call}\("([^"]+)"', source) for call in calls}
    assert sorted(used["predict"]) == sorted(f"{number}/{key}" for key in texts.predictions)
    assert sorted(used["check"]) == sorted(f"{number}/{key}" for key in texts.exercises)
    assert used["quiz"] == [number] * bool(texts.quiz)
    assert used["judge"] == used["verdicts"] == [number] * bool(texts.statements)


def test_the_texts_are_shipped():
    with open(NOTEBOOKS.parent / "pyproject.toml", "rb") as file:
        setuptools = tomllib.load(file)["tool"]["setuptools"]
    folders = {path.parent for path in (NOTEBOOKS.parent / "initlib").rglob("*.py")}
    packages = {".".join(each.relative_to(NOTEBOOKS.parent).parts) for each in folders}
    assert packages == set(setuptools["packages"])
    assert "texts/*.toml" in setuptools["package-data"]["initlib.lessons"]


@pytest.mark.parametrize(
    "call", [lambda: check(None, 1), lambda: check(2, 1), lambda: hint(2), lambda: predict(None)]
)
def test_a_name_is_text(call):
    with pytest.raises(TypeError, match='name must be text such as "02/first-step", not'):
        call()


@pytest.mark.parametrize("level", [1.0, "1", None])
def test_a_level_is_a_whole_number(level, chapter):
    with pytest.raises(TypeError, match="level must be a whole number, not"):
        hint("77/four", level)


THREADS = """
import numpy as np
from threadpoolctl import threadpool_info
{lesson}
print([each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"])
"""


def test_all_that_a_lesson_computes_has_one_thread():
    """Not fit alone: forward, backward and svd too, from the first import to the kernel's end."""

    def threads(lesson):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
        command = [sys.executable, "-c", THREADS.format(lesson=lesson)]
        return subprocess.check_output(command, text=True, env=environment).strip()

    before = threads("")
    if before != "[2]":
        pytest.skip(reason="numpy's BLAS is one that cannot be told here")
    assert threads("import initlib") == "[2]"
    assert threads("import initlib.lessons") == "[1]"
    lesson = "from initlib import *; from initlib.lessons import check; import numpy as np\n"
    lesson += "n = Network((4, 3), 'relu', he_normal(), np.random.default_rng(0))\n"
    lesson += "fit(n, np.eye(4), [0, 1, 2, 0], steps=1, learning_rate=1, batch_size=None)"
    assert threads(lesson) == "[1]"  # as before once more


# The bound under which an answer runs


def endless(*args, **keywords):
    return endless()


def turns_for_ever():
    while True:
        pass


def stubborn():
    while True:
        with contextlib.suppress(Exception):
            stubborn()


@pytest.mark.parametrize("answer", [endless, stubborn, lambda: endless(1, a=2)])
def test_what_calls_itself_without_end_is_told(answer, chapter):
    assert said("77/four", answer).startswith(
        "Not yet: your answer could not be used: it calls itself without end."
    )
    assert sys.gettrace() is None


def test_what_stands_in_a_module_of_the_learner_s_is_bounded_too(chapter, tmp_path, monkeypatch):
    (tmp_path / "my_answers.py").write_text("def endless(*a, **k):\n    return endless()\n")
    monkeypatch.syspath_prepend(tmp_path)
    own = importlib.import_module("my_answers").endless
    assert "it calls itself without end" in said("77/four", own)
    assert "it calls itself without end" in said("77/four", [own])


def test_what_does_not_end_is_told():
    with pytest.raises(TooMuch, match=r"it is not done after 0\.2 seconds"), bounded(seconds=0.2):
        turns_for_ever()
    assert sys.gettrace() is None


def test_the_bound_lets_deep_and_ordinary_answers_pass():
    def deep(n):
        return deep(n - 1) + 1 if n else 0

    with bounded():
        assert deep(200) == 200 and np.linalg.svd(np.eye(50))[1].sum() == 50
        assert sum(x for x in range(1000)) == 499_500
