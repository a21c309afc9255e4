"""What a chapter may ask of a learner. The table at the end of ``make test`` shows the counts.

A chapter that was reworked keeps the limits; the others are counted and not yet held to them.
"""

import re

import nbformat
import pytest

from tests.notebooks import NOTEBOOKS, ROOT
from tests.notebooks.contract import contract, count, table

# The stems of the chapters that are held to the limits, such as "01_see_why_it_matters".
REWORKED = {
    "00_start_here",
    "01_see_why_it_matters",
    "02_break_the_symmetry",
    "03_feel_the_scale",
    "04_preserve_the_variance",
    "05_derive_xavier",
    "06_derive_he",
    "07_choose_an_initialization",
    "08_find_a_bad_start",
    "09_check_the_article",
    "10_normalize_and_skip",
    "11_attend",
    "12_stay_on_the_edge",
    "13_grow_the_width",
}

MOST = {
    "guard": 6,
    "imports": 6,
    "cells": 50,
    "words": 2000,
    "median": 4,
    "p90": 10,
    "claims": 20,
    "hidden": 0,
    "approx": 30,
    "seconds": 15,
    "minutes": 45,
    "practice": 25,
    "further": 10,
}
MOST_IN = {"06": {"seconds": 25}}
EXACTLY = {"exercises": 4, "questions": 4, "explorables": 1}
EXACTLY_IN = {
    "00": {"exercises": 1, "questions": 5, "explorables": 0},  # its quiz is the self-test
    "09": {"explorables": 0},
}
OFF = 2  # minutes by which a chapter's head may be off

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def broken(number, found):
    """The limits of chapter ``number`` that what was found there breaks, each with why."""
    for name, most in {**MOST, **MOST_IN.get(number, {})}.items():
        if getattr(found, name) > most:
            yield f"{name}: {getattr(found, name):g}, at most {most}"
    for name, wanted in {**EXACTLY, **EXACTLY_IN.get(number, {})}.items():
        if getattr(found, name) != wanted:
            yield f"{name}: {getattr(found, name)}, not {wanted}"


def clock_off(found):
    """What is wrong with the minutes that a chapter's head says, or nothing."""
    takes = (found.minutes, found.practice)
    if [abs(said - minutes) <= OFF for said, minutes in zip(found.says, takes)] != [True, True]:
        return f"its head says {found.says} minutes; it takes {takes[0]:.0f} and {takes[1]:.0f}"
    return ""


@every_notebook
def test_a_chapter_keeps_its_contract(path, record_property):
    found = contract(path)
    record_property("contract", (path.stem, found._asdict()))
    assert not clock_off(found), clock_off(found)
    breaks = list(broken(path.name[:2], found))
    assert path.stem not in REWORKED or not breaks, breaks


@every_notebook
def test_the_readme_says_the_same_minutes_as_the_chapter(path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    row = rf"^\| \[.*\]\(notebooks/{path.name}\) .* \| (\d+) \| (\d+) \| \d+ \|$"
    assert [tuple(map(int, each)) for each in re.findall(row, readme, re.M)] == [
        contract(path).says
    ]


def test_what_is_reworked_is_there():
    assert {path.stem for path in NOTEBOOKS} >= REWORKED


# The counting, on a chapter small enough to count by hand


def code(source, *outputs):
    return nbformat.v4.new_code_cell(source, outputs=list(outputs))


def prints(text):
    return nbformat.v4.new_output("stream", text=text)


def shows(**data):
    return nbformat.v4.new_output("display_data", data=data)


DERIVATION = r"""Two words $a + b$ here.

| | line | because |
| --- | --- | --- |
| 1 | $x$ | an assumption with many words |
| 2 | $y$ | line 1 |

$$\boxed{x = y.}$$

| start | std |
| --- | --- |
| He | 1 |
"""
HEAD = """# A title

**Time**: about 12 minutes to read and 18 minutes of practice; the cells compute for about a second.
"""


@pytest.fixture
def chapter():
    markdown = nbformat.v4.new_markdown_cell
    asks = {"text/plain": "Predict. One of two?\n  ( ) one\n  ( ) two"}
    question = {"text/plain": "Question 1 of 2. What?\n\nQuestion 2 of 2. Why?"}
    return [
        markdown(HEAD),
        code("try:\n    import initlib\nexcept ModuleNotFoundError:\n    print('pip install it')"),
        code("import numpy as np\n\nfrom initlib import claim  # one line, and one\n"),
        code('predict("01/a")', shows(**asks)),
        markdown(DERIVATION),
        code(
            'claim(\n    "a",\n    measured=1,\n)\nprint(2)',
            prints("agrees  a  measured ≈ 0.8 ± 0.1\nagrees  b  measured as said\n"),
        ),
        code("curves(x)", shows(**{"image/png": "iVBO", "text/plain": "Figure. y ≈ 1e-3"})),
        code('settle("01/a", 1)', shows(**{"text/plain": "It is one."})),
        code('explore("race")'),
        markdown("## Going further\n\nMany words that are not counted."),
        code("x = 1\ny = 2\nz = 3\npredict('01/b')"),
        markdown("## Take-aways\n\n- One"),
        code('answer = ...\ncheck("01/std", answer)'),
        code('quiz("01")', shows(**question)),
        markdown(""),
    ]


def _words(text):
    return text.count(" ") + 1


def test_counts_are_those_by_hand(chapter):
    found = count(chapter, {"std": {"minutes": 7}})
    assert (found.guard, found.imports, found.further) == (4, 2, 2)
    assert (found.cells, found.code) == (12, 2 + 1 + 5 + 1 + 1 + 1 + 2 + 1)
    assert (found.median, found.p90) == (1, 2 + 0.3 * 3)
    head = "A title Time about 12 minutes to read and 18 minutes of practice "
    head += "the cells compute for about a second"
    assert found.words == _words(f"{head} Two words formula here formula Take-aways One")
    assert (found.claims, found.hidden, found.approx) == (2, 1, 1)  # not what a picture draws
    assert (found.predictions, found.explorables, found.figures) == (1, 1, 1)
    assert (found.exercises, found.questions, found.practice) == (1, 2, 9)
    assert found.says == (12, 18)
    shown = _words("Predict One of two one two It is one")
    by_hand = (found.words + shown) / 150 + found.code / 12 + 2 + 0.2 + 0.5 + 1 + 3 + 1 / 60
    assert found.minutes == pytest.approx(by_hand)


def test_an_exercise_without_a_text_takes_five_minutes(chapter):
    assert count(chapter, {}).practice == 5 + 2


@pytest.fixture
def kept(chapter):
    """Counts that keep the contract."""
    fair = {"exercises": 4, "questions": 4, "hidden": 0, "practice": 20.4}
    return count(chapter, {})._replace(**fair, minutes=44.6, says=(45, 20))


def test_a_chapter_that_keeps_the_contract_breaks_nothing(kept):
    assert list(broken("01", kept)) == []
    assert list(broken("06", kept._replace(seconds=25))) == []
    assert list(broken("09", kept._replace(explorables=0))) == []


@pytest.mark.parametrize("name", [*MOST, *EXACTLY])
def test_each_limit_turns_red(kept, name):
    more = {**MOST, **EXACTLY}[name] + 1
    breaks = broken("01", kept._replace(**{name: more}))
    assert any(said.startswith(f"{name}: {more}") for said in breaks)


@pytest.mark.parametrize("says", [(), (45,), (42, 20), (45, 23)])
def test_a_head_that_says_other_minutes_turns_red(kept, says):
    assert "head says" in clock_off(kept._replace(says=says)) and not clock_off(kept)


def test_the_table_has_a_line_for_each_chapter(kept):
    head, *lines = table([("02_b", kept._asdict()), ("01_a", kept._asdict())])
    assert [line.split()[0] for line in lines] == ["01_a", "02_b"]
    assert lines[0].split()[-3:] == ["45", "20", "45+20"]
    assert head.split()[-3:] == ["minutes", "practice", "says"]
