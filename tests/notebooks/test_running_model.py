"""The rows of the running model that a chapter quotes are those that an earlier one computed.

A chapter computes its own rows in the cell ``running-model``; those of earlier chapters stand in
the table of the cell ``earlier-starts``, each with a link to its chapter.
"""

import itertools
import re

import pytest

from tests.notebooks import NOTEBOOKS, read
from tests.notebooks.contract import plain_text

ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| \[\d\d\]\(([\w.]+)\) \|$", re.M)
NUMBER = r"none|\d[\d.]*(?:e[+-]?\d+)?"
NONE = "none"


def cells_of(name, identity):
    (path,) = (path for path in NOTEBOOKS if path.name == name)
    return [cell for cell in read(path).cells if cell.id == identity]


def computed(name):
    """Start: loss at step 0, best rate, accuracy, as the chapter's cell prints them."""
    lines = plain_text(cells_of(name, "running-model")).splitlines()[2:]
    rows = {}
    for line in itertools.takewhile(lambda line: not line.startswith("agrees"), lines):
        start, cells = re.fullmatch(r"(\S+(?: \S+)*?)  +(.*)", line.strip()).groups()
        loss, rate, accuracy = re.split(r"\s{2,}(?![^(]*\))", re.sub(r"\( +", "(", cells.strip()))
        rows[start] = [re.search(NUMBER, each)[0] for each in (loss, rate, accuracy)]
    return rows


def quoted():
    """The rows that chapters quote: chapter, start, numbers, the chapter they come from."""
    for path in NOTEBOOKS:
        for cell in cells_of(path.name, "earlier-starts"):
            for start, *numbers, source in ROW.findall(cell.source):
                yield path.name, start.strip(), [each.strip() for each in numbers], source


def agree(quoted, computed):
    """Whether a number that is quoted, perhaps with fewer digits, is the one that was computed."""
    if NONE in (quoted, computed):
        return quoted == computed
    digits = len(re.sub(r"e.*|\D", "", quoted).lstrip("0")) or 1
    return float(f"{float(computed):.{digits}g}") == float(quoted.replace("≈", ""))


def test_rows_are_quoted_as_they_were_computed():
    wrong = [
        f"{chapter}: {start} is {numbers}, in {source} {computed(source).get(start)}"
        for chapter, start, numbers, source in quoted()
        if not all(map(agree, numbers, computed(source).get(start, ["-1"] * 3)))
    ]
    assert not wrong, wrong


def test_quoted_tables_have_only_rows_with_a_source():
    for path in NOTEBOOKS:
        for cell in cells_of(path.name, "earlier-starts"):
            rows = [line for line in cell.source.split("\n") if line.startswith("|")][2:]
            assert len(rows) == len(ROW.findall(cell.source)) > 0, path.name


@pytest.mark.parametrize(
    "said, found, right",
    [
        ("0.34", "0.34", True),
        ("0.3", "0.34", True),
        ("0.35", "0.34", False),
        ("2.3", "2.3", True),
        ("none", "none", True),
        ("none", "0.1", False),
        ("0.1", "none", False),
        ("3.1e11", "3.1e+11", True),
    ],
)
def test_numbers_agree_within_the_digits_that_are_quoted(said, found, right):
    assert agree(said, found) is right
