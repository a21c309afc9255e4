"""The one list of the course's notebooks, and the one reader of their cells."""

from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def read(path):
    # Not nbformat.read, which mends what it reads; what is wrong shall be seen.
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def code_cells(notebook):
    """The cells that run, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]
