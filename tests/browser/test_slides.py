"""The slides in a real browser: every slide of every deck, as it is projected.

    make test-slides                     all decks
    make test-slides CHAPTER="03 or 06"  some

pytest collects this file only where it is named. ``make slides`` has made the decks before.
"""

import subprocess
import sys
from io import BytesIO

import pypdf
import pytest
from handouts import READY

from tests.browser import NAMELESS, SCREENSHOTS, served, visiting
from tests.notebooks import NOTEBOOKS, ROOT

SLIDES = ROOT / "slides"
PATIENCE = 120_000  # milliseconds until what does not come is given up: a guard, not a budget
PROJECTOR = {"width": 1280, "height": 720}
MOST = 20  # slides of a chapter
HANDS = ["7", "12", "9", "2"]

PLACE = "Reveal.getIndices().h"
TYPING = "document.activeElement.matches('.vote input')"
VOTING = "Reveal.getCurrentSlide().querySelector('.vote') !== null"
SHOW = "k => Reveal.slide(k, 0, 99)"  # with all that a slide has to show
TITLE = "Reveal.getCurrentSlide().querySelector('h1, h2').textContent.trim()"
TITLES = "Reveal.getSlides().map(each => each.querySelector('h1, h2').textContent.trim())"
PICTURED = """Reveal.getSlides().filter(each => each.querySelector('img, .told')).length"""
# What is drawn beyond the slide's edge, is cut because its box is too small, or is a picture that
# the rest of its slide leaves no room.
SPILT = """() => [...Reveal.getCurrentSlide().querySelectorAll(":not(aside, mjx-assistive-mml *)")]
    .filter(each => {
        const {left, right, top, bottom, width} = each.getBoundingClientRect();
        const cut = each.matches("pre, table, div") && each.scrollWidth > each.clientWidth + 1;
        const lost = each.matches("img") && width && each.clientHeight < 160;
        return cut || lost || width && (left < 0 || right > 1281 || top < 0 || bottom > 721);
    })
    .map(each => `${each.tagName} ${each.textContent.trim().slice(0, 40)}`)
    .slice(0, 3)"""
FILL = """hands => document.querySelectorAll(".vote").forEach(vote =>
    vote.querySelectorAll("input").forEach((box, k) => {
        box.value = hands[k];
        box.dispatchEvent(new Event("input", {bubbles: true}));
    }))"""

every_deck = pytest.mark.parametrize("name", [path.stem[:2] for path in NOTEBOOKS])
two_decks = pytest.mark.parametrize("name", ["00", "03"])  # all share one script


@pytest.fixture(scope="session")
def home():
    assert (SLIDES / "00.html").exists(), "make slides comes first"
    with served(SLIDES) as home:
        yield home


@pytest.fixture
def deck(browser, home):
    """Opens a chapter's slides; what they complain of, or ask of others, fails the test."""
    with visiting(browser, home, PATIENCE) as open_page:

        def open_deck(name):
            page = open_page(f"{name}.html", "light", PROJECTOR)
            page.wait_for_function("Reveal.isReady()")
            page.evaluate(READY)
            return page

        yield open_deck


@pytest.mark.parametrize(
    "typed, complaint",
    [
        ("{figure-of} 03/figure-run", "there is no such cell; there are title, "),
        ("{passage-of} 03/derive\nnobody writes this", "0 parts have 'nobody writes this'"),
        ("{settled} 03/overflows", "no stored output settles it"),
    ],
    ids=["03-cell", "03-words", "03-vote"],
)
def test_what_is_not_in_the_course_stops_the_build(tmp_path, typed, complaint):
    (tmp_path / "00.md").write_text(f"# Start here\n\n```{typed}\n```\n", encoding="utf-8")
    options = "-b", "revealjs", "-c", ROOT / "docs" / "slides"
    command = [sys.executable, "-m", "sphinx", *options, tmp_path, tmp_path / "built"]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode and complaint in built.stderr


@every_deck
def test_slides(deck, name):
    """Each has a title and keeps within its edges, also with the room's counts on it."""
    page = deck(name)
    page.evaluate(FILL, HANDS)
    assert page.evaluate(NAMELESS) == [], "pictures without an alternative text"
    count = page.evaluate("Reveal.getTotalSlides()")
    assert count <= MOST
    assert page.evaluate(PICTURED) > count / 2
    for k in range(count):
        page.evaluate(SHOW, k)
        title = page.evaluate(TITLE)
        assert title
        page.screenshot(path=SCREENSHOTS / f"slide-{name}-{k:02}.png")
        assert page.evaluate(SPILT) == [], title


def go_to_vote(page, key):
    """The first vote of a deck, once its slide is shown, and the slide's place."""
    while not page.evaluate(VOTING):
        page.keyboard.press("Tab")
        assert not page.evaluate(TYPING), "Tab leads to a slide that is not shown"
        page.keyboard.press(key)
    return page.locator(".vote").first, page.evaluate(PLACE)


@two_decks
def test_vote(deck, name):
    """All by keyboard: what is typed turns no page, and stands as bars where it is settled."""
    page = deck(name)
    vote, asked = go_to_vote(page, "ArrowRight")
    key, choices = vote.get_attribute("data-vote"), vote.locator("input").count()
    page.keyboard.press("c")
    for hands in HANDS[:choices]:
        page.keyboard.type(hands)
        page.keyboard.press("Enter")
    assert page.evaluate(PLACE) == asked
    page.keyboard.press("ArrowRight")
    told = page.locator(f'.told[data-vote="{key}"]')
    assert told.locator(".bar").all_inner_texts() == HANDS[:choices]
    widths = [bar.bounding_box()["width"] for bar in told.locator(".bar").all()]
    assert widths[1] == max(widths) > widths[0] > 0
    assert told.locator(".why.visible").count() == 0
    page.keyboard.press("ArrowRight")
    assert page.evaluate(PLACE) == asked + 1
    assert told.locator(".why.right.visible").count() == 1
    assert page.locator(".said.visible, .visible .said").count() == 1


@pytest.mark.parametrize("name", ["03"])
def test_print(deck, name):
    """With ?print-pdf in its address a deck is printed a slide a page."""
    page = deck(name)
    titles = page.evaluate(TITLES)
    page.goto(page.url.partition("#")[0] + "?print-pdf")
    page.wait_for_selector(".pdf-page >> nth=-1", state="attached")
    page.evaluate(READY)
    printed = pypdf.PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    assert len(printed.pages) == len(titles)
    for sheet, title in zip(printed.pages, titles):
        assert sheet.mediabox[2:] == pytest.approx((960, 540), abs=1)
        assert title in sheet.extract_text()


@two_decks
def test_a_remote_control_leads_out_of_a_box(deck, name):
    page = deck(name)
    vote, asked = go_to_vote(page, "PageDown")
    vote.locator("input").first.focus()
    page.keyboard.press("PageDown")
    assert page.evaluate(PLACE) == asked + 1
