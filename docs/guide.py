"""What the teacher's pages print of the course's own files, so that they cannot say another thing.

A page of ``teaching/`` is Markdown with blocks that stand for what is written elsewhere:

- ``{misconceptions} 03``: a chapter's predictions, as its text file and its notebook have them;
- ``{clock} 03``: its sections, with the minutes of the contract;
- ``{plan} 90``: a plan of so many minutes, each line a part as ``read_part`` reads it.

Nothing here needs Sphinx: the tests read the pages by these functions, too.
"""

import functools
import itertools
import math
import re
from typing import NamedTuple

from nbformat import NotebookNode

from initlib.lessons._texts import chapter
from tests.notebooks import path_of, read
from tests.notebooks.contract import (
    A_QUESTION,
    called,
    contract,
    minutes,
    practice,
    questions,
    running,
    texts_of,
    without_further,
)

VOTE = 3  # minutes to discuss a prediction in a room, beyond the one to think that the clock counts
BLOCK = re.compile(r"^```\{(\w+)\} (\d+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TO_NOTEBOOKS = "../../notebooks/", "../notebooks/"  # in the repository, and on the site


class Part(NamedTuple):
    """A part of a plan; ``late`` says when it goes if time is short: "1st" is the first to go."""

    minutes: int
    late: str
    text: str
    cells: list  # that it takes of a chapter
    where: str  # they stand, if they are not the whole of it


def filled(page):
    """A teacher's page with its blocks filled in, and its links as they hold on the site."""
    blocks = {"misconceptions": misconceptions, "clock": clock, "plan": plan}
    page = BLOCK.sub(lambda block: blocks[block[1]](block[2], block[3]), page)
    return page.replace(*TO_NOTEBOOKS)


def anchor(heading):
    """A heading's address, as JupyterLab makes it: so one link serves in both."""
    return heading.replace(" ", "-")


# --- a chapter's notebook --------------------------------------------------------------------


@functools.cache
def cells_of(number):
    return read(path_of(number)).cells


def link(number, text, place):
    """A link to a heading, or to a cell that runs, of a chapter's page."""
    return f"[{text}](<../../notebooks/{path_of(number).name}#{place}>)"


def sections(number):
    """Pairs of what a chapter's headings say and the cells below each, but for further reading; a
    markdown cell in which a heading stands is parted there."""
    parts = []
    for cell in without_further(cells_of(number))[0]:
        pieces = re.split(r"^(?=## )", cell.source, flags=re.MULTILINE)
        for piece in pieces if cell.cell_type == "markdown" else [cell.source]:
            heading = re.match(r"##? (.*)", piece) if cell.cell_type == "markdown" else None
            if heading:
                parts.append((heading[1].strip(), []))
            if piece:
                parts[-1][1].append(NotebookNode({**cell, "source": piece}))
    return [(heading, cells) for heading, cells in parts if heading != "Further reading"]


def clock(number, _=""):
    """The table of a chapter's minutes, section by section, with the votes in each."""
    found, then, votes = contract(path_of(number)), 0.0, itertools.count(1)
    rows = ["| section | minutes | by then |", "| --- | --- | --- |"]
    for place, (heading, cells) in enumerate(sections(number)):
        then += minutes(cells)
        name = link(number, heading if place else "The question", anchor(heading))
        asked = "".join(f", vote {next(votes)}" for _ in called("predictions", cells))
        taken = f"{minutes(cells):.0f}" if minutes(cells) >= 0.5 else "< 1"
        rows.append(f"| {name}{asked} | {taken} | {then:.0f} |")
    rows.append(f"| exercises and quiz, all of them | {found.practice:.0f} | |")
    told = f"The cells compute for about {found.seconds} s on one core."
    return "\n".join([*rows, "", told])


# --- predictions -----------------------------------------------------------------------------


def misconceptions(number, _=""):
    """Each prediction of a chapter: its choices, what is behind each, and what to ask back."""
    told = []
    for nth, (key, question) in enumerate(chapter(number).predictions.items(), 1):
        name = f"{number}/{key}"
        asks = cell_that("predict", name)
        told.append(f"### Vote {nth}: {heading_above(number, asks)}")
        told.append(f"**{link(number, question.text, asks.id)}**")
        told.append("\n".join(f"{k}. {said(each)}" for k, each in enumerate(question.choices, 1)))
        told.append(f"*The experiment:* {happened(name)}")
    return "\n\n".join(told)


def said(choice):
    """A choice as an item of a list."""
    if choice.right:
        return f"**{choice.text}.** *Right:* {choice.feedback}"
    return f"**{choice.text}.** {choice.feedback}\\\n   *Ask back:* {choice.ask_back}"


def cell_that(calls, name):
    """The cell that predicts or settles what is named so."""
    (cell,) = (cell for cell in cells_of(name[:2]) if f'{calls}("{name}"' in cell.source)
    return cell


def heading_above(number, cell):
    """The section of a chapter in which a cell stands."""
    above = "Going further"
    for heading, cells in sections(number):
        if cell.id in [each.id for each in cells]:
            above = heading
    return above


def settled(name):
    """What the chapter shows when it settles a prediction, as plain text."""
    outputs = cell_that("settle", name).outputs
    texts = [output.get("data", {}).get("text/plain", "") for output in outputs]
    (text,) = (text for text in texts if "\n  Right: " in text)
    return text


def happened(name):
    """What came out, in a sentence."""
    return settled(name).split("\n")[0]


# --- plans -----------------------------------------------------------------------------------


def read_part(line):
    """A part of a plan, of a line ``what | late | text``.

    ``what`` is minutes that are no chapter's (``10 min``), a chapter (``01``), cells of it
    (``01 title..imports running-model``), or exercises and quiz (``01 practice rescue quiz``).
    """
    what, late, text = (each.strip() for each in line.split("|", 2))
    first, *rest = what.split()
    if rest == ["min"]:
        return Part(int(first), late, text, [], "")
    if rest[:1] == ["practice"]:
        return Part(math.ceil(practised(first, rest[1:])), late, text, [], "")
    cells = chosen(first, rest)
    taken = minutes(cells) + VOTE * len(called("predictions", cells))
    return Part(math.ceil(taken), late, text, cells, where(first, cells) if rest else "")


def chosen(number, ranges):
    """The cells of a chapter in some ranges, or all but those that go further."""
    cells, _ = without_further(cells_of(number))
    if not ranges:
        return cells
    places = {cell.id: place for place, cell in enumerate(cells)}
    some = []
    for each in ranges:
        ends = each.split("..")
        if strangers := [name for name in ends if name not in places]:
            raise ValueError(f"chapter {number} has no cell {strangers[0]!r}")
        some += cells[places[ends[0]] : places[ends[-1]] + 1]
    return some


def where(number, cells):
    """The sections of a chapter in which some cells stand, each with whether it is meant whole."""
    wanted, told = {cell.id for cell in cells}, []
    for place, (heading, inside) in enumerate(sections(number)):
        runs = [cell.id in wanted for cell in running(inside)]
        if any(runs):
            name = link(number, heading if place else "The question", anchor(heading))
            told.append(name if all(runs) else f"{name} (in part)")
    return ", ".join(told)


def practised(number, keys):
    """The minutes of some exercises of a chapter and perhaps of its quiz, or of all."""
    cells, exercises = cells_of(number), texts_of(number)["exercises"]
    if not keys:
        return practice(cells, exercises)
    quiz = A_QUESTION * questions(cells)
    return sum(quiz if key == "quiz" else exercises[key]["minutes"] for key in keys)


def parts_of(lines):
    return [read_part(line) for line in lines.strip().split("\n")]


def plan(length, lines):
    """The table of a plan: when each part begins, and which of them go first if time is short."""
    parts, then = parts_of(lines), 0
    rows = ["| from | minutes | what |", "| --- | --- | --- |"]
    for part in parts:
        text = part.text + f" *In the notebook:* {part.where}." * bool(part.where)
        text += f" *(If late, this goes {part.late}.)*" * bool(part.late)
        rows.append(f"| {then // 60}:{then % 60:02} | {part.minutes} | {text} |")
        then += part.minutes
    left, saved = int(length) - then, sum(part.minutes for part in parts if part.late)
    if left < 0:
        raise ValueError(f"a plan of {length} minutes takes {then}")
    told = (
        f"In all {then} minutes, with {VOTE} for the discussion of each vote. That leaves {left} "
        f"of {length} for questions, and {saved} more if all goes that may go."
    )
    return "\n".join([*rows, "", told])
