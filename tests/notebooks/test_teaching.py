"""The teacher's pages: what they name is there, what they count is right, and what they print of
the chapters is what the chapters say."""

import functools
import re

import guide
import pytest

from initlib.lessons._texts import chapter, chapters
from tests.notebooks import NOTEBOOKS, ROOT, code_cells, markdown_cells, path_of, read
from tests.notebooks.contract import contract
from tests.notebooks.test_contract import OFF
from tests.notebooks.test_prose import exact, numbers_in, printed, prose, settings

HOME = ROOT / "docs" / "teaching"
PAGES = sorted(HOME.glob("*.md"))
LINK = re.compile(r"\]\(<?([^)>\s]+)>?\)")
NAMED = re.compile(r"\b[Vv]ote (\d) of (?:\[)?chapter (\d\d)")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
every_chapter = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def text_of(page):
    return page.read_text(encoding="utf-8")


def own_page(path):
    """The text of the page on how to teach the chapter at ``path``."""
    return text_of(HOME / f"{path.name[:2]}.md")


def predictions():
    return [
        pytest.param(number, key, question, id=f"{number}_{key}")
        for number in chapters()
        for key, question in chapter(number).predictions.items()
    ]


def plans():
    """Each plan: its length and its lines."""
    blocks = [block for page in PAGES for block in guide.BLOCK.finditer(text_of(page))]
    return [(int(block[2]), block[3]) for block in blocks if block[1] == "plan"]


# What to ask back


@pytest.mark.parametrize("number, key, question", predictions())
def test_each_wrong_choice_is_asked_back(number, key, question):
    for choice in question.choices:
        asked = choice.ask_back
        assert choice.right or re.fullmatch(r"[^?\n]{20,200}\?", asked), f"{choice.text}: {asked}"
        assert not re.search(r"[a-z)\d][.!] [A-Z]", asked), f"one sentence: {asked}"


def test_nobody_is_asked_the_same_as_another():
    asked = [c.ask_back for p in predictions() for c in p.values[2].choices if not c.right]
    assert len(set(asked)) == len(asked) > 80


@pytest.mark.parametrize("number, key, question", predictions())
def test_a_chapters_page_prints_its_misconceptions(number, key, question):
    path = path_of(number)
    page, asks = guide.filled(own_page(path)), guide.cell_that("predict", f"{number}/{key}")
    assert f"{path.name}#{asks.id}" in page and guide.happened(f"{number}/{key}") in page
    for said in (question, *question.choices):
        assert said.text in page and said.text in asks.outputs[-1].data["text/plain"]
    for choice in question.choices:
        assert choice.feedback in page and choice.ask_back in page


# What the pages name


@every_page
def test_links_lead_to_a_page_or_to_a_cell_or_heading(page):
    for target in LINK.findall(guide.BLOCK.sub(lambda block: block[3], text_of(page))):
        name, _, place = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.is_file(), target
        assert not place or place in places(file), target


@functools.cache
def places(file):
    """What a link may lead to in a page, or in a notebook: cells that run, and headings."""
    if file.suffix == ".md":
        return headings(text_of(file))
    notebook = read(file)
    found = [heading for cell in markdown_cells(notebook) for heading in headings(cell.source)]
    return [*found, *(cell.id for cell in code_cells(notebook))]


def headings(text):
    return [guide.anchor(heading) for heading in re.findall(r"^#+ (.*)", text, re.MULTILINE)]


@every_page
def test_every_block_is_filled(page):
    page = guide.filled(text_of(page))
    assert "```" not in page
    assert "../../" not in page  # as on the site


def test_the_first_page_leads_to_the_others():
    listed = {HOME / target for target in LINK.findall(text_of(HOME / "index.md"))}
    assert set(PAGES) - listed == {HOME / "index.md"}


@every_chapter
def test_each_chapter_has_its_page(path):
    page, number = own_page(path), path.name[:2]
    assert page.startswith(f"# Teach {number}: {chapter(number).title}\n\n**The one idea:** ")
    assert [block[1:3] for block in re.findall(r"((```\{\w+\}) (\d\d)\n)", page)] == [
        ("```{clock}", number),
        ("```{misconceptions}", number),
    ]
    for heading in ("Type live, show ready", "Where to stop", "If somebody asks"):
        assert f"\n## {heading}\n" in page


@every_chapter
def test_a_number_on_the_page_is_one_that_the_chapter_prints(path):
    notebook, text = read(path), guide.BLOCK.sub("", own_page(path))
    known = numbers_in(printed(code_cells(notebook))) | numbers_in(settings(notebook))
    assert [each for each in exact(prose(text)) if each[0].rstrip("%") not in known] == []


# Minutes


@pytest.mark.parametrize("length, lines", plans())
def test_a_plan_fits_into_its_time(length, lines):
    parts = guide.parts_of(lines)
    assert 0.8 * length <= sum(part.minutes for part in parts) <= length
    late = sorted(part.late for part in parts if part.late)
    assert late == ["1st", "2nd", "3rd", "4th", "5th"][: len(late)] and late


@pytest.mark.parametrize("length, lines", plans())
def test_a_plan_names_votes_where_their_cells_are(length, lines):
    for part in guide.parts_of(lines):
        for nth, number in NAMED.findall(part.text):
            key = list(chapter(number).predictions)[int(nth) - 1]
            assert guide.cell_that("predict", f"{number}/{key}") in part.cells, part.text


def test_there_are_plans():
    assert [length for length, _ in plans()] == [90, 210, 480, 480]


@pytest.mark.parametrize(
    "line, minutes",
    [
        ("10 min | | Break.", 10),
        ("01 practice fair never | | Two exercises.", 3 + 5),
        ("01 practice quiz | | Four questions.", 4),
        ("03 predict-overflow..settle-overflow | | A vote.", 2.75 + guide.VOTE),
    ],
)
def test_minutes_of_a_part_are_those_by_hand(line, minutes):
    assert minutes <= guide.read_part(line).minutes < minutes + 1


def test_a_whole_chapter_takes_what_the_contract_says():
    for path in NOTEBOOKS:
        found, part = contract(path), guide.read_part(f"{path.name[:2]} | | All of it.")
        votes = guide.VOTE * found.predictions
        assert abs(part.minutes - found.minutes - votes) < 1
        practised = guide.read_part(f"{path.name[:2]} practice | | All of it.").minutes
        assert practised == found.practice
        (*_, then) = re.findall(r"\| (\d+) \|$", guide.clock(path.name[:2]), re.MULTILINE)
        assert abs(int(then) - found.minutes) <= OFF


def test_a_plan_that_takes_longer_is_refused():
    lines = "60 min | | One.\n31 min | 1st | Two.\n"
    with pytest.raises(ValueError, match="a plan of 90 minutes takes 91"):
        guide.plan("90", lines)
    table = guide.plan("100", lines)
    assert "| 1:00 | 31 | Two. *(If late, this goes 1st.)* |" in table
    assert "That leaves 9 of 100 for questions, and 31 more" in table


def test_a_plan_with_a_cell_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="chapter 01 has no cell 'titel'"):
        guide.read_part("01 titel..imports | | Typed wrongly.")
