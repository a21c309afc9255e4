import importlib
import json
import math
import re
import threading
import warnings
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from unittest.mock import patch

import ipywidgets as widgets
import nbformat
import numpy as np
import platformdirs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ipywidgets.widgets.widget import _instances

from initlib import _display, lessons
from initlib.answers import number
from initlib.lessons import (
    Choice,
    Exercise,
    Question,
    check,
    hint,
    predict,
    progress,
    quiz,
)

WIDGET = "application/vnd.jupyter.widget-view+json"
CHAPTERS = {
    key: importlib.import_module(f"initlib.chapters.chapter_{key}") for key in lessons.chapters()
}
EXERCISES = [f"{key}/{name}" for key, texts in CHAPTERS.items() for name in texts.EXERCISES]
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(autouse=True)
def progress_path(tmp_path, monkeypatch):
    path = tmp_path / "data" / "progress.jsonl"
    monkeypatch.setenv("INITLIB_PROGRESS", str(path))
    monkeypatch.setattr(lessons, "_unwritten", [])
    return path


def shown(function, *arguments):
    """The one bundle of forms, by MIME type, that a call displays."""
    with patch.object(_display, "display") as display:
        function(*arguments)
    ((bundle,), options) = display.call_args
    assert display.call_count == 1 and options == {"raw": True}
    return bundle


def said(name, answer):
    return shown(check, name, answer)["text/plain"]


@contextmanager
def chapter_with(monkeypatch, **texts):
    """Chapter 02 with other texts."""
    with monkeypatch.context() as patched:
        for kind, items in texts.items():
            patched.setattr(CHAPTERS["02"], kind, items)
        yield


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


@pytest.mark.parametrize("name", EXERCISES)
def test_check_never_raises(name, capfd):
    with warnings.catch_warnings(record=True) as warned:
        for answer in NASTY:
            answer_is_met_with_words(name, answer)
            assert not said(name, answer).startswith("Right."), answer
    assert warned == []
    assert capfd.readouterr().err == ""


@pytest.mark.filterwarnings("error")
@settings(max_examples=60)
@given(st.sampled_from(EXERCISES), anything)
def test_check_never_raises_whatever_comes(name, answer):
    answer_is_met_with_words(name, answer)


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("answer", [None, ...])
def test_not_attempted(name, answer, progress_path):
    bundle = shown(check, name, answer)
    assert bundle["text/plain"].startswith("Not attempted yet.")
    assert f'hint("{name}", 1)' in bundle["text/plain"]
    assert not progress_path.exists()


def test_check_says_right_wrong_and_why(monkeypatch):
    exercise = Exercise(
        ("a <nudge>", "the `way`", "nearly [all](https://example.org)"),
        number(4, mistakes=[(16, "the root is <asked> for.")], why="2 & 2."),
    )
    with chapter_with(monkeypatch, EXERCISES={"four": exercise}):
        right, mistaken, wrong = (shown(check, "02/four", answer) for answer in (4, 16, 5))
    assert right["text/plain"] == "Right. 2 & 2."
    assert "2 &amp; 2." in right["text/html"] and "Hint" not in right["text/html"]
    assert mistaken["text/plain"].startswith("Not yet: the root is <asked> for.\n")
    assert wrong["text/plain"].startswith("Not yet: 5 is too large.\n")
    for page in (mistaken["text/html"], wrong["text/html"]):
        assert page.count("<details>") == page.count("</details>") == 3
        assert "a &lt;nudge&gt;" in page and "<code>way</code>" in page
        assert 'href="https://example.org"' in page
    assert "&lt;asked&gt;" in mistaken["text/html"]


def test_what_an_answer_raises_is_said_and_escaped():
    bundle = shown(check, "02/merged", raises(ValueError("<script>")))
    assert "it raises ValueError: <script>" in bundle["text/plain"]
    assert "<script>" not in bundle["text/html"] and "&lt;script&gt;" in bundle["text/html"]


def test_html_is_escaped_before_it_is_marked_up():
    page = _display.to_html('`<i>` & [x"y](https://a.b/?c="d) [bad](javascript:alert(1))')
    assert "<i>" not in page and "<code>&lt;i&gt;</code> &amp;" in page
    assert page.count("<a ") == 1 and page.count("&quot;") == 2


@pytest.mark.parametrize(
    "call",
    [
        lambda: check("02/nope", 1),
        lambda: predict("02/nope"),
        lambda: hint("02/nope"),
        lambda: check("02", 1),
        lambda: check("", 1),
        lambda: check("../02", 1),
        lambda: predict("77/x"),
        lambda: quiz("77"),
        lambda: quiz(2),
    ],
)
def test_unknown_names_are_answered_with_the_known(call):
    known = [*CHAPTERS["02"].EXERCISES, *CHAPTERS["02"].PREDICTIONS, ", ".join(CHAPTERS)]
    with pytest.raises(ValueError, match=r"there (is|are) |is not there") as problem:
        call()
    assert any(name in str(problem.value) for name in known)


def test_hints_by_level(capsys):
    hints = CHAPTERS["02"].EXERCISES["merged"].hints
    hint("02/merged")
    for level in (1, 2, 3):
        hint("02/merged", level)
    assert capsys.readouterr().out.splitlines() == [hints[0], *hints]
    for level in (0, 4, -1, "1"):
        with pytest.raises(ValueError, match="from 1 to 3"):
            hint("02/merged", level)


# predict and quiz


CALLS = [(predict, f"{key}/{name}") for key, t in CHAPTERS.items() for name in t.PREDICTIONS]
CALLS += [(quiz, key) for key in CHAPTERS]
every_question = pytest.mark.parametrize(
    "ask, name", CALLS, ids=lambda value: getattr(value, "__name__", value)
)


def questions_of(ask, name):
    if ask is quiz:
        return [(f"{name}/quiz-{key}", each) for key, each in CHAPTERS[name].QUIZ.items()]
    chapter, _, key = name.partition("/")
    return [(name, CHAPTERS[chapter].PREDICTIONS[key])]


def parts(bundle):
    """The question, radio buttons, button and feedback of each question displayed."""
    return [box.children for box in _instances[bundle[WIDGET]["model_id"]].children]


def records(path):
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines if line]


@every_question
def test_learner_chooses_commits_and_is_told(ask, name, progress_path):
    asked = questions_of(ask, name)
    shown_parts = parts(shown(ask, name))
    assert len(shown_parts) == len(asked)
    for (key, question), (text, options, commit, feedback) in zip(asked, shown_parts):
        assert _display.to_html(question.text) in text.value
        assert isinstance(options, widgets.RadioButtons) and options.index is None
        assert len(options.options) == len(question.choices)
        assert commit.description == "Commit" and commit.disabled and not feedback.value
        for index, choice in enumerate(question.choices):
            options.index = index
            assert not commit.disabled and _display.to_html(choice.feedback) not in feedback.value
            commit.click()
            assert _display.to_html(choice.feedback) in feedback.value
            assert ("Right." in feedback.value) == choice.right
            assert records(progress_path)[-1] == {"item": key, "right": choice.right}


@every_question
def test_question_without_a_front_end(ask, name):
    bundle = shown(ask, name)
    assert set(bundle) == {WIDGET, "text/html", "text/plain"}
    page = bundle["text/html"]
    assert page.count("<details>") == page.count("</details>")
    hidden = re.findall(r"<summary>(.*?)</summary>(.*?)</details>", page, flags=re.DOTALL)
    for _, question in questions_of(ask, name):
        assert question.text in bundle["text/plain"]
        assert _display.to_html(question.text) in page
        for choice in question.choices:
            assert f"( ) {choice.text}" in bundle["text/plain"]
            assert any(
                _display.to_html(choice.text) == summary
                and _display.to_html(choice.feedback) in body
                for summary, body in hidden
            )
            outside = re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)
            assert _display.to_html(choice.feedback) not in outside


def test_refresher_follows_a_miss_only(monkeypatch):
    question = Question(
        "1 < 2?",
        (Choice("yes & no", "Well.", right=True), Choice("no", "Oh.")),
        "See `<`.",
    )
    with chapter_with(monkeypatch, PREDICTIONS={"less": question}):
        bundle = shown(predict, "02/less")
    ((_, options, commit, feedback),) = parts(bundle)
    for index, refreshed in ((0, False), (1, True)):
        options.index = index
        commit.click()
        assert ("<code>&lt;</code>" in feedback.value) == refreshed
    assert "1 < 2" not in bundle["text/html"] and "yes &amp; no" in bundle["text/html"]


# progress


def counts():
    """What progress says of chapter 02: predictions made, exercises solved, quiz answers right."""
    text = shown(progress)["text/plain"]
    row = next(line for line in text.splitlines() if line.startswith("02"))
    return [int(done) for done in re.findall(r"(\d+) of \d+", row)]


ITEMS = ["02/distinct", "02/merged", "02/quiz-wider"]


def test_progress_counts_what_was_answered():
    assert counts() == [0, 0, 0]
    for item in ITEMS:
        lessons._record(item, False)
    assert counts() == [
        1,
        0,
        0,
    ]  # a wrong prediction is made, a wrong exercise is not solved
    for item in [*ITEMS, *ITEMS]:
        lessons._record(item, np.True_)
    lessons._record("02/merged", False)  # solved once is solved
    lessons._record("02/no-longer-there", True)
    assert counts() == [1, 1, 1]


def test_progress_has_a_row_for_each_chapter():
    bundle = shown(progress)
    for texts in CHAPTERS.values():
        assert texts.TITLE in bundle["text/plain"] and texts.TITLE in bundle["text/html"]


def test_checks_and_commits_are_counted():
    said("02/merged", 11)
    assert counts() == [0, 0, 0]
    said("02/merged", 10)
    ((_, options, commit, _),) = parts(shown(predict, "02/distinct"))
    options.index = 0
    commit.click()
    assert counts() == [1, 1, 0]


def test_a_half_written_line_loses_itself_alone(progress_path):
    for item in ITEMS[:2]:
        lessons._record(item, True)
    whole = progress_path.read_bytes()
    last = whole.rindex(b"\n")
    for end in range(len(whole)):
        progress_path.write_bytes(whole[:end])
        assert counts()[0] == (end >= last)
        lessons._record("02/quiz-wider", True)
        assert counts()[::2] == [int(end >= last), 1]


@pytest.mark.parametrize(
    "junk",
    [
        b"\xff\xfe",
        b"\0" * 50,
        b"[1]",
        b"null",
        b"7",
        b'{"item": 1}',
        b'{"item": [1], "right": 1}',
    ],
)
def test_an_unreadable_line_loses_itself_alone(progress_path, junk):
    lessons._record("02/distinct", True)
    with progress_path.open("ab") as file:
        file.write(b"\n" + junk)
    lessons._record("02/merged", True)
    assert counts() == [1, 1, 0]


def test_two_writers_do_not_overwrite_each_other(progress_path):
    def write(writer):
        for k in range(50):
            lessons._record(f"{writer}/{k}", True)

    writers = [threading.Thread(target=write, args=[name]) for name in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len({record["item"] for record in records(progress_path)}) == 200


def test_a_file_in_place_of_the_directory(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("INITLIB_PROGRESS", str(tmp_path / "file" / "progress.jsonl"))
    assert said("02/merged", 10).startswith("Right.")
    assert counts() == [0, 1, 0]  # remembered as long as the kernel lives
    assert (tmp_path / "file").read_text() == "mine"


def test_a_directory_in_place_of_the_file(progress_path):
    progress_path.mkdir(parents=True)
    assert said("02/merged", 10).startswith("Right.")
    assert counts() == [0, 1, 0]


def test_a_directory_that_cannot_be_written(monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "read-only")

    monkeypatch.setattr(Path, "mkdir", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    assert said("02/merged", 10).startswith("Right.")
    assert counts() == [0, 1, 0]


def test_where_progress_is_kept(monkeypatch, progress_path):
    assert lessons.progress_file() == progress_path
    lessons._record("02/merged", True)
    assert progress_path.exists()
    monkeypatch.delenv("INITLIB_PROGRESS")
    home = Path(platformdirs.user_data_dir("initlib", appauthor=False))
    assert lessons.progress_file().parent == home


# The texts of the chapters


each_chapter = pytest.mark.parametrize("number", CHAPTERS)


@each_chapter
def test_questions_have_one_right_choice_and_feedback_for_each(number):
    texts = CHAPTERS[number]
    for question in [*texts.PREDICTIONS.values(), *texts.QUIZ.values()]:
        choices = question.choices
        assert question.text.strip() and 2 <= len(choices) <= 5
        assert [choice.right for choice in choices].count(True) == 1
        for field in ("text", "feedback"):
            words = {getattr(choice, field).strip() for choice in choices}
            assert "" not in words and len(words) == len(choices), question.text


@each_chapter
def test_exercises_have_three_hints(number):
    for key, exercise in CHAPTERS[number].EXERCISES.items():
        assert len(exercise.hints) == 3 == len(set(exercise.hints)), key
        assert all(isinstance(hint, str) and hint.strip() for hint in exercise.hints), key
        assert callable(exercise.checker)


@pytest.mark.parametrize("number", [number for number in CHAPTERS if number >= "01"])
def test_chapter_is_complete(number):
    texts = CHAPTERS[number]
    assert texts.TITLE and texts.PREDICTIONS
    assert len(texts.EXERCISES) >= 3 and len(texts.QUIZ) == 4


def test_each_chapter_has_a_notebook_and_the_notebook_its_title():
    titles = {
        path.name[:2]: nbformat.read(path, 4).cells[0].source.splitlines()[0]
        for path in NOTEBOOKS.glob("*.ipynb")
    }
    assert titles == {number: f"# {texts.TITLE}" for number, texts in CHAPTERS.items()}


@each_chapter
def test_notebook_asks_all_there_is_and_nothing_else(number):
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    cells = nbformat.read(path, 4).cells
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    texts = CHAPTERS[number]
    used = {
        call: re.findall(rf'\b{call}\("([^"]+)"', source) for call in ("predict", "check", "quiz")
    }
    assert sorted(used["predict"]) == sorted(f"{number}/{key}" for key in texts.PREDICTIONS)
    assert sorted(used["check"]) == sorted(f"{number}/{key}" for key in texts.EXERCISES)
    assert used["quiz"] == [number] * bool(texts.QUIZ)
