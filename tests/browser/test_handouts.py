"""The printed chapters: tagged, and the learner's without what the teacher's has.

    make test-handouts CHAPTER=03

pytest collects this file only where it is named. ``make handouts`` has printed them before.
"""

import re
import unicodedata

import pypdf
import pytest

from initlib.lessons._texts import chapter
from tests.notebooks import ROOT

HANDOUTS = ROOT / "handouts"
NUMBERS = sorted({path.name[:2] for path in HANDOUTS.glob("*.pdf")})
A4 = pytest.approx((595, 842), abs=1)

every_chapter = pytest.mark.parametrize("number", NUMBERS)


def letters(text):
    """What is left of a text on paper, where lines break anywhere and fi is one sign."""
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", text))


@pytest.fixture(scope="module")
def papers():
    return {path.stem: pypdf.PdfReader(path) for path in HANDOUTS.glob("*.pdf")}


@pytest.fixture
def texts(papers, number):
    """What each reader's version says, as letters, without the lines at the foot of the pages."""
    said = {}
    for reader in ("learner", "teacher"):
        pages = [letters(page.extract_text()) for page in papers[f"{number}-{reader}"].pages]
        foot = rf"{letters(chapter(number).title)}Initialweights{reader}sversionpage\d+"
        said[reader] = re.sub(foot, "", "".join(pages))
    return said


def test_there_are_some():
    assert NUMBERS, "make handouts comes first"


@every_chapter
@pytest.mark.parametrize("reader", ["learner", "teacher"])
def test_form(papers, number, reader):
    """Tagged and with an outline, of A4; no link leads to a place on this machine."""
    paper = papers[f"{number}-{reader}"]
    root = paper.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root and root["/Lang"] == "en"
    assert paper.outline and chapter(number).title in paper.metadata.title
    for page in paper.pages:
        assert page.mediabox[2:] == A4
        actions = [note.get_object().get("/A", {}) for note in page.get("/Annots", [])]
        addresses = [action["/URI"] for action in actions if "/URI" in action]
        assert [each for each in addresses if not each.startswith("http")] == []


@every_chapter
def test_the_task_is_there_and_the_solution_is_the_teachers(texts, number):
    for name, exercise in chapter(number).exercises.items():
        assert letters(f"{number}/{name}") in texts["learner"]
        for said in (exercise.solution, *exercise.hints):
            assert letters(said) in texts["teacher"], said
            assert letters(said) not in texts["learner"], said


@every_chapter
@pytest.mark.parametrize("kind", ["predictions", "quiz"])
def test_the_questions_are_there_and_what_is_right_is_the_teachers(texts, number, kind):
    for question in getattr(chapter(number), kind).values():
        for choice in question.choices:
            assert letters(choice.text) in texts["learner"]
            assert letters(choice.feedback) in texts["teacher"]
            assert letters(choice.feedback) not in texts["learner"]
