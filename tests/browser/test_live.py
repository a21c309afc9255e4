"""Chapters in the reader's browser, by the site's button: Python runs there, and no server.

    make test-site LIVE=all          every chapter
    make test-site LIVE="00 or 04"   some

What the site loads from Pyodide's host comes from a folder (tests/browser/pyodide.py); every other
host is out of reach, and who asks one is at fault. The seconds are told, and none is a budget. With
WAITS in the environment (`make waits`) what the cells took goes to results/waits.json, from which
the site tells readers how long they wait.
"""

import contextlib
import datetime
import itertools
import json
import os
import statistics
import time

import psutil
import pytest
from playwright.sync_api import expect

from initlib.lessons._questions import NOTED
from initlib.lessons._texts import chapter as texts_of
from tests.browser import DESK, PHONE, SCREENSHOTS, served
from tests.browser.pyodide import SITE, Host
from tests.browser.test_browser import (
    PATIENCE,
    Chapter,
    commit,
    controls,
    press,
    settled,
    sliders,
    sweep,
    turns,
)
from tests.notebooks import GUARD, NOTEBOOKS, ROOT, code_cells, read, sanitized
from tests.notebooks.writer import WIDGET
from tests.trust.stored import processor

WAITS = ROOT / "tests" / "browser" / "results" / "waits.json"
LONG = 10  # seconds: who waits longer is told before
BUTTON = "Run this chapter in your browser"
READY = "window.jupyterapp && course.panel?.context?.isReady && course.panel.sessionContext.isReady"
RUN = """async id => {
    const {content} = course.panel
    content.activeCellIndex = course.cells.findIndex(cell => cell.model.id === id)
    await jupyterapp.commands.execute("notebook:run-cell")
    await course.quiet()
}"""
# A wheel that turns while Python loads takes half of a processor that has to paint it by itself.
STILL = """addEventListener("DOMContentLoaded", () => {
    const style = document.createElement("style")
    style.textContent = "*, ::before, ::after { animation: none !important }"
    document.head.append(style)
})"""
# What a learner hands in and never ends is stopped there, too.
ENDLESS = """
from initlib.lessons._bounded import TooMuch, bounded

def deep():
    deep()

def long():
    while True:
        pass

def reason(function):
    try:
        with bounded(seconds=1):
            function()
    except TooMuch as reached:
        return str(reached)

print(reason(deep), reason(long), sep=", ")
"""
OUTPUTS = "id => course.cells.find(cell => cell.model.id === id).model.outputs.toJSON()"


every_chapter = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])


@pytest.fixture(scope="session")
def home():
    assert (SITE / "live").exists(), "make site comes first"
    with served(SITE) as home:
        yield home


@pytest.fixture(scope="session")
def host(home):
    return Host(home)


@pytest.fixture
def live(browser, home, host):
    """Opens a chapter by the button on its page; at the end the browser forgets all of it."""
    context = browser.new_context(viewport=DESK)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(path=ROOT / "tests" / "browser" / "course.js")
    context.add_init_script(STILL)
    context.route("**", host.answer)
    host.strangers.clear()

    def open_chapter(path):
        chapter = Chapter(path, context.new_page(), [], [])
        chapter.listen()
        chapter.page.on("dialog", lambda dialog: dialog.accept())  # leave, though not saved
        chapter.page.goto(f"{home}notebooks/{path.stem}.html")
        chapter.page.get_by_role("link", name=BUTTON).click()
        wait(chapter)
        return chapter

    yield open_chapter
    context.close()
    assert host.strangers == []


def wait(chapter):
    chapter.wait(READY)
    chapter.page.evaluate("course.listen()")


def run(chapter, cell):
    chapter.page.evaluate(RUN, cell.id)
    assert chapter.complaints() == []


def texts(outputs):
    """What nbval compares of a cell's outputs: their texts, by kind."""
    found = {}
    for output in outputs:
        data = output.get("data") or {output.get("name", "error"): output.get("text", "")}
        bar = WIDGET in data and "%|" in "".join(data.get("text/plain", ""))
        blank = not "".join(data.get("stderr", "?")).strip()
        if bar or blank:  # a bar is gone when its cell is done, or wiped out if it is of text
            continue
        for kind in {*data} - {WIDGET, "image/png"}:
            found[kind] = found.get(kind, "") + "".join(data[kind])
    return {kind: sanitized(text) for kind, text in found.items()}


def used():
    """The seconds of one core that the browser has used: a busy machine does not add to them."""
    seconds = 0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            seconds += times.user + times.system
    return seconds


def measured():
    return json.loads(WAITS.read_text(encoding="utf-8")) if WAITS.exists() else {}


@every_chapter
def test_what_is_opened(path):
    """All code; what is stored only where a cell takes long, and that is said before."""
    there = json.loads((SITE / "live" / "files" / path.name).read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in there if cell["cell_type"] == "code"]
    assert ["".join(cell["source"]) for cell in code] == [c.source for c in code_cells(read(path))]
    seconds = measured().get(path.stem[:2], {}).get("seconds", {})
    long = {key for key, value in seconds.items() if value > LONG}
    for before, cell in itertools.pairwise(there):
        warned = "The next cell takes about" in before["source"]
        assert warned == (cell["id"] in long)
        assert warned or not cell.get("outputs")


@pytest.mark.parametrize("path", NOTEBOOKS[:1], ids=["00"])
def test_a_prediction_from_the_button_and_after_a_reload(live, path, tell):
    begin, idle = time.monotonic(), used()
    chapter = live(path)
    told = {"page": time.monotonic() - begin}
    with chapter.explained():
        (question,) = texts_of("00").predictions.values()
        cells = code_cells(read(path))
        asking = next(k for k, cell in enumerate(cells) if cell.source.startswith("predict("))
        for cell in cells[: asking + 1]:
            run(chapter, cell)
            told.setdefault("first", time.monotonic() - begin - told["page"])
        chapter.page.get_by_role("button", name="Commit").last.wait_for()
        told |= {"predict": time.monotonic() - begin, "core": used() - idle}
        assert NOTED in commit(chapter.page, question, question.choices[0])
        for name, size in ("phone", PHONE), ("desk", DESK):
            chapter.page.set_viewport_size(size)
            chapter.page.screenshot(path=SCREENSHOTS / f"live-{name}.png")
        chapter.page.reload()
        wait(chapter)
        for cell in cells[: asking + 1]:
            run(chapter, cell)
        chapter.page.evaluate("source => course.below(course.cells[0].node, source)", ENDLESS)
        said = "it calls itself without end, it is not done after 1 seconds"
        chapter.page.get_by_text(said).wait_for()
        progress = chapter.page.get_by_role("row", name="00 Start here").first
        expect(progress).to_contain_text("1 of 1")
    tell("00: a prediction", **told)


@every_chapter
def test_the_whole_chapter(live, path, tell, host):
    begin = time.monotonic()
    chapter = live(path)
    told = {"page": time.monotonic() - begin}
    seconds, differ = {}, []
    with chapter.explained():
        for cell in code_cells(read(path)):
            start, before = time.monotonic(), used()
            run(chapter, cell)
            seconds[cell.id] = used() - before
            told.setdefault("first", time.monotonic() - start)
            told["cells"] = told.get("cells", 0) + time.monotonic() - start
            fresh, stored = texts(chapter.page.evaluate(OUTPUTS, cell.id)), texts(cell.outputs)
            if fresh != stored:
                differ.append((cell.source, stored, fresh))
        told |= {"core": sum(seconds.values()), "longest": max(seconds.values())}
        for box in chapter.page.locator(".initlib-explorable").all():
            told["repaint"] = played(box)
            box.screenshot(path=SCREENSHOTS / f"live-{path.stem[:2]}.png")
        tell(path.stem, **told)
        assert differ == []
    if "WAITS" in os.environ:
        del seconds[GUARD]  # it waits for Python, which is said once for all
        store(path, seconds, f"Pyodide {host.version} in Chromium, on {processor()}")


def played(box):
    """The picture and the sentence follow the first control; the median repaint after the first."""
    for kind, control in controls(box):  # what is seen can hang on one
        if kind == "toggle":
            control.click()
    before = settled(box)
    moves = sweep(sliders(box)[0]) if sliders(box) else turns(box)
    _, *times = press(box, moves, 11)  # an odd number never ends where it began
    picture, sentence = settled(box)
    assert picture != before[0] and sentence != before[1]
    return statistics.median(times)


def store(path, seconds, where):
    known = measured()
    known[path.stem[:2]] = {
        "date": datetime.date.today().isoformat(),
        "where": where,
        "seconds": {key: round(value, 1) for key, value in seconds.items()},
    }
    WAITS.parent.mkdir(exist_ok=True)
    told = json.dumps(known, indent=1, sort_keys=True)
    WAITS.write_text(told + "\n", encoding="utf-8", newline="\n")
