"""Code that stands in the notebooks as Markdown, fenced, and the lines of the tables there.

Such a block says on its first line for which library it is written: ``# PyTorch``, ``# Keras`` or
``# JAX``. ``test_frameworks.py`` runs it in that library.
"""

import re

from tests.notebooks import markdown_cells, path_of, read

LIBRARIES = ("PyTorch", "Keras", "JAX")
BLOCK = re.compile(r"^```python\n# (\w+)[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)


def markdown(number):
    return "\n\n".join(cell.source for cell in markdown_cells(read(path_of(number))))


def blocks(number):
    """The fenced code of a chapter, in order: pairs of library and code."""
    return [match.groups() for match in BLOCK.finditer(markdown(number))]


def defined(number, library, name, **given):
    """What the blocks of a library that define ``name`` define, run with the names ``given``."""
    for written_for, code in blocks(number):
        if written_for == library and re.search(rf"^(?:def|class) {name}\b", code, re.MULTILINE):
            space = dict(given)
            exec(compile(code, f"chapter {number}, {library}", "exec"), space)
            return space[name]
    raise LookupError(f"chapter {number} has no fenced {library} code that defines {name}")


def rows(number, head):
    """The rows of the table whose first line begins with ``head``: its cells, code without `."""
    text = markdown(number)
    place = text.index(f"| {head} |")
    table = text[place:].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in table]
