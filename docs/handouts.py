"""The chapters on paper: each page of the site printed twice by Chromium, as tagged PDF.

    python docs/handouts.py site handouts 02 03

A learner's version leaves out hints, solutions, which prediction was right and what else is folded;
a teacher's has all of it.
"""

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PATIENCE = 600_000  # milliseconds: a guard for a busy machine, not a budget
READERS = {"learner": False, "teacher": True}
READY = "Promise.all([window.MathJax?.startup.promise, document.fonts.ready]).then(() => true)"
UNFOLD = """unfolded => {
    for (const fold of document.querySelectorAll("article details")) {
        const name = fold.querySelector("summary").textContent;
        if (unfolded) {
            fold.open = true;
        } else if (/^(Hint|Solution|Right:|Not so:)/.test(name)) {
            fold.remove();
        } else if (!fold.open) {
            fold.replaceChildren(fold.querySelector("summary"));
        }
    }
}"""
# On paper a link to another page of the site would lead to a place on this machine.
UNLINK = """() => document.querySelectorAll("a[href]").forEach(link => {
    if (!/^(https?:|#)/.test(link.getAttribute("href"))) link.replaceWith(...link.childNodes);
})"""
FIT = """() => document.querySelectorAll("mjx-container[display=true]").forEach(each => {
    const share = each.parentElement.clientWidth / each.scrollWidth;
    if (share < 1) each.style.fontSize = `${Math.floor(100 * share)}%`;
})"""
FOOT = (
    '<div style="width: 100%; font-size: 8pt; text-align: center">'
    '<span class="title"></span>, {}’s version, page <span class="pageNumber"></span></div>'
)
SCALE = 0.8
COLUMN = {"width": int((210 - 2 * 16) / 25.4 * 96 / SCALE), "height": 1200}  # pixels, of A4
PAPER = {
    "format": "A4",
    "margin": {"top": "16mm", "bottom": "18mm", "left": "16mm", "right": "16mm"},
    "scale": SCALE,
    "print_background": True,
    "display_header_footer": True,
    "header_template": "<span></span>",
    "tagged": True,
    "outline": True,
}


def printed(browser, path, folder):
    """Print a page for both readers."""
    for reader, unfolded in READERS.items():
        page = browser.new_page(color_scheme="light", viewport=COLUMN)
        page.set_default_timeout(PATIENCE)
        page.emulate_media(media="print")
        page.goto(path.resolve().as_uri())
        page.evaluate(READY)
        page.evaluate(UNFOLD, unfolded)
        page.evaluate(UNLINK)
        page.evaluate(FIT)
        page.pdf(
            path=folder / f"{path.stem[:2]}-{reader}.pdf",
            **PAPER,
            footer_template=FOOT.format(reader),
        )
        page.close()


def main(site, folder, *numbers):
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"])
        for path in sorted(Path(site, "notebooks").glob("*.html")):
            if not numbers or path.stem[:2] in numbers:
                printed(browser, path, folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
