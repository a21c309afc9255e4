"""The one list of the course's notebooks, and the one reader of their cells."""

import functools
import re
import tomllib
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
GUARD = "guard"  # the id of the first code cell, which is folded, and the same in every chapter
SANITIZE = ROOT / "tests" / "notebooks" / "sanitize.cfg"


def address(folder=ROOT):
    """Where the course is published, as its pyproject.toml says; "" where that says nothing."""
    text = (folder / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"].get("urls", {}).get("Repository", "")


def read(path):
    # Not nbformat.read, which mends what it reads; what is wrong shall be seen.
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def code_cells(notebook):
    """The cells that run, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def path_of(number):
    """The path of the one notebook with that number."""
    (path,) = (path for path in NOTEBOOKS if path.name.startswith(f"{number}_"))
    return path


def defined(number, *beginnings):
    """The names that those code cells of a chapter define whose ids begin in one of these ways."""
    names = {}
    for cell in code_cells(read(path_of(number))):
        if cell.id.startswith(beginnings):
            exec(compile(cell.source, cell.id, "exec"), names)
    return names


@functools.cache
def _replacements():
    from nbval.plugin import get_sanitize_patterns

    return get_sanitize_patterns(SANITIZE.read_text(encoding="ascii"))


def sanitized(text):
    """What nbval compares of a text: numbers that another processor may change are all one."""
    for pattern, replacement in _replacements():
        text = re.sub(pattern, replacement, text)
    return text
