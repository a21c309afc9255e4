"""Tables that say the same on a web page, in a terminal, and to the tests."""

import html

import numpy as np

from initlib import _display, _numbers
from initlib._checks import check_array, check_list, check_named, check_words

FORMS = {1: "{}", 3: "{} ({} to {})"}  # of a cell that holds one value, and several


def show_table(values, *, rows, columns, title, approx=False, digits=3):
    """A table: ``values`` maps the label of a row to its cells, one a column.

    A cell is a number, or several of which it shows the median and, in brackets, the lowest and the
    highest; NaN is shown as none. ``rows`` says what the labels of the rows are and ``columns``
    holds those of the columns. ``approx`` marks what another processor would compute otherwise.
    """
    check_words(rows=rows, title=title)
    number = _numbers.approx if approx else _numbers.number
    table, counts = {}, set()
    columns = check_list("columns", columns, "words")
    for name, cells in check_named("values", values, "a cell for each of the columns").items():
        cells = cells if np.iterable(cells) else [cells]
        cells = [check_array(f"values[{name!r}]", cell, float, False).ravel() for cell in cells]
        if len(cells) != len(columns) or not all(map(len, cells)):
            raise ValueError(
                f"values[{name!r}] must hold a cell for each of the columns {list(columns)}, "
                f"none of them empty; it holds {len(cells)}"
            )
        counts.update(map(len, cells))
        table[str(name)] = [
            ["none" if v != v else number(v, digits) for v in _summary(cell)] for cell in cells
        ]
    if not counts:
        raise ValueError(f"columns must not be empty; they are {columns}")
    if max(counts) > 1:
        up_to = "up to " * (len(counts) > 1)
        title = f"{title}: median (lowest to highest) of {up_to}{max(counts)}"
    heads = [rows, *map(str, columns)]
    text = _as_text(title, heads, table, digits + 4 if approx else 0)
    _display.show(text, _as_page(title, heads, table))


def _summary(cell):
    return [np.median(cell), cell.min(), cell.max()] if len(cell) > 1 else cell


def _as_text(title, heads, table, width):
    """Columns of one width, which no number marked ≈ changes: what is compared leaves these out."""
    cells = [cell for cells in table.values() for cell in cells]
    width = width or max(len(number) for cell in cells for number in cell)
    wide = max(len(FORMS[len(cell)]) + len(cell) * (width - 2) for cell in cells)
    wide = max(wide, *map(len, heads[1:]))
    first = max(map(len, (heads[0], *table)))
    lines = [title, "  ".join([heads[0].ljust(first), *(head.rjust(wide) for head in heads[1:])])]
    for name, cells in table.items():
        texts = [FORMS[len(cell)].format(*(n.rjust(width) for n in cell)) for cell in cells]
        lines.append("  ".join([name.ljust(first), *(text.rjust(wide) for text in texts)]))
    return "\n".join(lines)


def _as_page(title, heads, table):
    """The same in HTML, in the colours of the page, be it light or dark."""
    across = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in heads)
    page = f"<table><caption>{html.escape(title)}</caption><tr>{across}</tr>"
    for name, cells in table.items():
        page += f'<tr><th scope="row">{html.escape(name)}</th>'
        page += "".join(f"<td>{FORMS[len(cell)].format(*cell)}</td>" for cell in cells) + "</tr>"
    return f"{page}</table>"
