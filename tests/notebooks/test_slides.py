"""The slides' sources: what they quote is there, and no number that a cell computes is typed."""

import re

import pytest

from initlib.lessons._texts import chapter
from tests.notebooks import NOTEBOOKS, ROOT, read
from tests.notebooks.test_prose import exact, numbers_in, printed, prose, settings

DECKS = sorted((ROOT / "docs" / "slides").glob("[0-9][0-9].md"))
STORED = {path.stem[:2]: path for path in NOTEBOOKS}
ASKED = re.compile(r"\{(prediction|settled)\} (\d\d)/([\w-]+)")
QUOTE = re.compile(
    r"^(?:`{3,}|:{3,})\{([a-z]+)-of\} (\d\d)/([\w-]+)\n(.*?)^(?:`{3,}|:{3,})$",
    re.DOTALL | re.MULTILINE,
)
FENCE = re.compile(r"^(?:`{3,}|:{3,}).*$|^:\w+:.*$", re.MULTILINE)
MOST = 20  # slides

every_deck = pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)


def test_each_chapter_has_a_deck():
    assert [path.stem for path in DECKS] == list(STORED)


@every_deck
def test_a_deck_has_its_chapters_title_and_few_slides(path):
    typed = QUOTE.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^(#+) (.+)$", typed, re.MULTILINE)
    assert headings[0] == ("#", chapter(path.stem).title)
    assert len(headings) <= MOST and {level for level, _ in headings[1:]} == {"##"}


@every_deck
def test_what_is_quoted_is_there(path):
    quotes = QUOTE.findall(path.read_text(encoding="utf-8"))
    assert len(quotes) >= 5
    for kind, number, key, content in quotes:
        (cell,) = (cell for cell in read(STORED[number]).cells if cell.id == key)
        words = [line for line in content.splitlines() if line and not line.startswith(":")]
        there = "\n".join(printed([cell])) if kind == "output" else cell.source
        assert kind != "output" or any(map(quotable, cell.outputs)), f"{number}/{key}"
        if kind != "explorable":
            assert [each for each in words if each not in there] == [], f"{number}/{key}"


def quotable(output):
    """Whether an output is a table or printed lines."""
    return output.get("text") or "<table" in output.get("data", {}).get("text/html", "")


@every_deck
def test_most_slides_have_a_picture(path):
    slides = re.split("^#+ ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    pictured = [
        each
        for each in slides
        if re.search(r"\{(figure-of|explorable-of|image|network|settled)\}", each)
    ]
    assert len(pictured) > len(slides) / 2


@every_deck
def test_each_vote_is_settled(path):
    asked = ASKED.findall(path.read_text(encoding="utf-8"))
    names = [(number, key) for kind, number, key in asked if kind == "prediction"]
    assert asked == [each for name in names for each in (("prediction", *name), ("settled", *name))]
    assert all(key in chapter(number).predictions for number, key in names)


@every_deck
def test_a_number_on_a_slide_is_one_that_the_chapter_sets(path):
    """What a cell computes is quoted, never typed: so it cannot be out of date."""
    typed = FENCE.sub("", QUOTE.sub("", path.read_text(encoding="utf-8")))
    known = numbers_in(settings(read(STORED[path.stem])))
    strangers = [each for each in exact(prose(typed)) if each[0].rstrip("%") not in known]
    assert strangers == []
