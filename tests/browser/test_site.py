"""The site in a real browser: every page, light and dark, on a desk and on a phone.

    make test-site                           all pages
    make test-site CHAPTER="index or 02"     some

pytest collects this file only where it is named. ``make site`` has made the pages before. All
connections stay on this machine, and a page that asks for another is at fault.
"""

import functools
import re
from importlib import metadata
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from handouts import READY
from playwright.sync_api import expect

from tests.browser import DESK, NAMELESS, PHONE, SCREENSHOTS, served, visiting
from tests.notebooks import NOTEBOOKS, ROOT, code_cells, read

SITE = ROOT / "site"
PATIENCE = 120_000  # milliseconds until what does not come is given up: a guard, not a budget
MOST = 40e6  # bytes of the whole site
TEACHING = sorted((ROOT / "docs" / "teaching").glob("*.md"))
PAGES = {"index": "index.html", **{p.stem[:2]: f"notebooks/{p.stem}.html" for p in NOTEBOOKS}}
PAGES |= {"evidence": "evidence.html"}
PAGES |= {f"teaching-{p.stem}": f"teaching/{p.stem}.html" for p in TEACHING}
STORED = {path.stem[:2]: path for path in NOTEBOOKS}
WORD = "telescoping"  # in one chapter at least

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = """async rules => {
    const found = await axe.run({runOnly: rules, preload: false});
    return found.violations.map(rule =>
        `${rule.id}: ${rule.nodes.length} times, first ${rule.nodes[0].html.slice(0, 200)}`);
}"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LINKS = "[...document.querySelectorAll('a[href]')].map(each => each.href)"
AT_THE_END = """each =>
    each.options ? each.selectedIndex === each.options.length - 1 : each.value === each.max"""


@pytest.fixture(scope="session")
def home():
    assert (SITE / "index.html").exists(), "make site comes first"
    with served(SITE) as home:
        yield home


@pytest.fixture
def visit(browser, home):
    with visiting(browser, home, PATIENCE) as open_page:
        yield lambda place, scheme="light", size=DESK: open_page(place, scheme, size)


every_page = pytest.mark.parametrize("name", PAGES)
every_chapter = pytest.mark.parametrize("name", STORED)


@every_page
@pytest.mark.parametrize(
    "scheme, size", [("light", PHONE), ("dark", DESK)], ids=["light-phone", "dark-desk"]
)
def test_page(visit, name, scheme, size):
    page = visit(PAGES[name], scheme, size)
    page.evaluate(READY)
    assert page.evaluate(TOO_WIDE) <= 0, "the page scrolls sideways"
    assert page.evaluate(NAMELESS) == [], "pictures without an alternative text"
    page.screenshot(path=SCREENSHOTS / f"site-{name}-{scheme}-{size['width']}.png")
    (axe,) = (f for f in metadata.files("axe-playwright-python") if f.name == "axe.min.js")
    page.add_script_tag(path=axe.locate())
    assert page.evaluate(AXE, RULES) == []


@every_page
def test_links(visit, name):
    """Each leads to a file of the site, and to a place in it."""
    page = visit(PAGES[name])
    links = {link for link in page.evaluate(LINKS) if urlsplit(link).netloc[:9] == "127.0.0.1"}
    assert len(links) > len(NOTEBOOKS)
    offered = any("/_sources/" in link for link in links)
    assert offered == (name in STORED), "a notebook is there to be downloaded, a template is not"
    assert [link for link in sorted(links) if not leads_somewhere(link)] == []


def leads_somewhere(link):
    address, place = urldefrag(link)
    path = SITE / unquote(urlsplit(address).path).lstrip("/")
    path = path / "index.html" if path.is_dir() else path
    return path.is_file() and (not place or unquote(place) in ids(path))


@functools.cache
def ids(path):
    return set(re.findall(r'\bid="([^"]+)"', path.read_text(encoding="utf-8")))


@every_chapter
def test_figures_say_what_is_stored(visit, name):
    page = visit(PAGES[name])
    alts = page.evaluate("[...document.images].map(each => each.alt)")
    outputs = [output for cell in code_cells(read(STORED[name])) for output in cell.outputs]
    stored = [o.metadata["image/png"]["alt"] for o in outputs if "image/png" in o.get("data", {})]
    assert [" ".join(alt.split()) for alt in stored if alt not in alts] == []


@every_chapter
def test_folds(visit, name):
    """Hints and solutions, and the answers of a quiz, unfold; and before that none is seen."""
    page = visit(PAGES[name])
    boxes = page.locator(".cell_output .text_html", has=page.locator("summary", has_text="Hint 1"))
    asked = sum(cell.source.count("\ncheck(") for cell in code_cells(read(STORED[name])))
    assert boxes.count() == asked
    for box in boxes.all():
        folds = box.locator("details")
        assert folds.last.locator("summary").inner_text() == "Solution"
        for fold in folds.all():
            assert fold.get_attribute("open") is None
            fold.locator("summary").click()
            assert fold.get_attribute("open") is not None


@every_chapter
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_explorables(visit, name, size):
    """By mouse and by keyboard: the picture and the sentence follow, and so does what is told."""
    page = visit(PAGES[name], size=size)
    boxes = page.locator(".explorable")
    explored = sum("explore(" in cell.source for cell in code_cells(read(STORED[name])))
    assert boxes.count() == explored
    for box in boxes.all():
        for control in box.locator("input, select").all():
            if is_slider(control):
                move(box, drag, control)
            move(box, press, control)
        box.screenshot(path=SCREENSHOTS / f"site-explorable-{name}-{size['width']}.png")


def move(box, act, control):
    """Move a control until all has changed: two pictures of one step may be told in equal words."""
    begin, same = seen(box), {"picture", "alternative text", "sentence"}
    for _ in range(3):
        act(control)
        same -= {part for part, now in seen(box).items() if now != begin[part]}
        if not same:
            return
    raise AssertionError(f"{begin['alternative text']}: {act.__name__} does not change {same}")


def press(control):
    forth, back = ("ArrowRight", "ArrowLeft") if is_slider(control) else ("ArrowDown", "ArrowUp")
    control.focus()
    control.page.keyboard.press(back if control.evaluate(AT_THE_END) else forth)


def seen(box):
    """The picture once it has come, its alternative text, and the sentence."""
    picture = box.locator("img")
    picture.scroll_into_view_if_needed()
    picture.evaluate("each => each.decode()")
    width = picture.evaluate("each => each.naturalWidth")
    assert width > 300
    return {
        "picture": picture.get_attribute("src"),
        "alternative text": picture.get_attribute("alt"),
        "sentence": box.locator(".explorable-sentence").inner_text(),
    }


def is_slider(control):
    return control.get_attribute("type") == "range"


def drag(slider):
    """Take the handle to a third or to four fifths of its way, where it is not."""
    share = int(slider.input_value()) / int(slider.get_attribute("max"))
    slider.scroll_into_view_if_needed()
    x, y, width, height = slider.bounding_box().values()
    mouse = slider.page.mouse
    mouse.move(x + 8 + share * (width - 16), y + height / 2)
    mouse.down()
    mouse.move(x + (0.33 if share > 0.5 else 0.8) * width, y + height / 2, steps=5)
    mouse.up()


@pytest.mark.parametrize("name", ["index"])
def test_search(visit, name):
    page = visit(PAGES[name])
    page.goto(page.url.replace("index.html", f"search.html?q={WORD}"))
    found = page.locator("#search-results a[href*='notebooks/']").first
    expect(found).to_be_visible()


@pytest.mark.parametrize("name", ["index"])
def test_size(name):
    assert sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file()) <= MOST
