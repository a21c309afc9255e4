"""What a page quotes of the course: stored figures, outputs, code and passages, by cell id.

A directive names a cell by its chapter and its id, as in ``{figure-of} 03/figure-walk``. Each line
of its content picks, by words that it holds, a part of what the cell has: a line of an output, a
block or a list's item of a text. So nothing is typed twice. A name or words that are not there
stop the build.
"""

import html
import importlib
import re
from base64 import b64encode
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from guide import cells_of
from pages import EXPLORE
from played import FIXED, show_the_end
from sphinx.errors import SphinxError
from sphinx.util.docutils import SphinxDirective

CLAIM = re.compile(r"agrees  (.+?)  +(\S.+?)  +measured (.+)")
BLOCK = re.compile(r"\n\n+|\n(?=- )")  # what ends one: an empty line, or the next item of a list
CHAPTER = re.compile(r"\]\((\d\d)_\w+\.ipynb(?:#[^)]*)?\)")  # a link to a notebook
PLACE = re.compile(r"\[([^]]+)\]\(#[^)]*\)")  # a link to a place in the same one


class Absent(SphinxError):
    category = "Not in the course"


def close(text):
    """A number stays on the line of its mark."""
    return text.replace("≈ ", "≈\u202f")


def raw(page):
    return nodes.raw("", page, format="html")


class Quote(SphinxDirective):
    """The base of all: a cell's name, and words that pick parts of it."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"width": directives.length_or_percentage_or_unitless}

    @property
    def cell(self):
        number, _, key = self.arguments[0].partition("/")
        try:
            cells = {cell.id: cell for cell in cells_of(number)}
        except ValueError:
            self.fail("there is no such chapter")
        if key not in cells:
            self.fail(f"there is no such cell; there are {', '.join(cells)}")
        return cells[key]

    def fail(self, why):
        raise Absent(f"{self.get_location()}: {self.name} {self.arguments[0]}: {why}")

    def pick(self, parts):
        """The parts that the content's lines name, in this order; without content all."""
        picked = []
        for words in self.content:
            found = [part for part in parts if words in part]
            if len(found) != 1:
                self.fail(f"{len(found)} parts have {words!r}; one should")
            picked += found
        return picked or parts

    def parsed(self, markdown):
        """Markdown as nodes, with links to chapters leading to pages of their numbers."""
        parent = nodes.Element()
        lines = PLACE.sub(r"\1", CHAPTER.sub(r"](\1.md)", markdown)).split("\n")
        self.state.nested_parse(StringList(lines, self.get_location()), 0, parent)
        return parent.children

    def image(self, data, kind, alt):
        """A picture that is part of the page."""
        uri = f"data:image/{kind};base64,{data}"
        alt = " ".join(alt.split())
        return nodes.image(uri=uri, alt=alt, classes=["no-scaled-link"], **self.options)


class FigureOf(Quote):
    """A cell's figure, with its alternative text."""

    def run(self):
        for output in self.cell.get("outputs", []):
            if picture := output.get("data", {}).get("image/png"):
                alt = output.metadata["image/png"]["alt"]
                return [self.image(picture.replace("\n", ""), "png", alt)]
        self.fail("its outputs have no figure")


class ExplorableOf(Quote):
    """A cell's interactive as it begins, but for the controls that the content sets."""

    def run(self):
        name = EXPLORE.search(self.cell.source)[1]
        explorable = importlib.import_module(f"initlib.explorables.{name}").build()
        pairs = map(str.split, self.content)
        moved = {key: int(value) if value.isdigit() else value for key, value in pairs}
        explorable.set(**FIXED.get(name, {}), **moved)
        show_the_end(name, explorable)
        return [self.image(b64encode(explorable.image.value).decode(), "png", explorable.name)]


class OutputOf(Quote):
    """A cell's tables and printed lines, its claims as a table, too; or the lines picked."""

    def run(self):
        tables, lines = [], []
        for output in self.cell.get("outputs", []):
            page = output.get("data", {}).get("text/html", "")
            tables += [close(page)] * ("<table" in page and not self.content)
            lines += output.get("text", "").strip().splitlines()
        lines = self.pick(lines)
        if claims := [match.groups() for match in map(CLAIM.fullmatch, lines) if match]:
            tables.append(as_table(claims))
        if printed := [html.escape(line) for line in lines if not CLAIM.fullmatch(line)]:
            tables.append("<pre>{}</pre>".format("\n".join(printed)))
        if not tables:
            self.fail("it prints nothing")
        return [raw("".join(tables))]


def as_table(claims):
    """Claims as name, what was said, and what was measured."""
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("", "said", "measured"))
    rows = ("".join(f"<td>{html.escape(cell)}</td>" for cell in claim) for claim in claims)
    return f"<table><tr>{heads}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


class CodeOf(Quote):
    """A cell's code."""

    def run(self):
        source = "\n\n".join(self.pick(re.split(r"\n\n+", self.cell.source)))
        return [nodes.literal_block(source, source)]


class PassageOf(Quote):
    """Blocks of a text: paragraphs, items of a list, a table, an equation."""

    def run(self):
        blocks = self.pick(BLOCK.split(self.cell.source.rstrip()))
        return self.parsed("\n\n".join(blocks))


def setup(app):
    app.add_directive("figure-of", FigureOf)
    app.add_directive("explorable-of", ExplorableOf)
    app.add_directive("output-of", OutputOf)
    app.add_directive("code-of", CodeOf)
    app.add_directive("passage-of", PassageOf)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
