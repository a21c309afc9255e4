"""The numbers in the prose are those that a cell computed.

The convention: a number with a decimal point, a percent sign or three digits and more stands in an
output of one of the code cells nearest to it, or in any cell's code as a setting; the title and the
take-aways quote the whole notebook. What comes from elsewhere is listed here with its reason. A
change of the computation that makes the prose false turns this red.
"""

import re

import nbformat
import pytest

from tests.notebooks import NOTEBOOKS, read

# (chapter, number as it is written): why no cell prints it.
GIVEN = {
    ("00", "400"): "given by the exercise",
    ("01", "1797"): "the size of the data set",
    ("04", "89700"): "300 times 299",
    ("04", "0.75"): "half of 1.5",
    ("05", "397"): "the size of the test part",
    ("05", "1.64"): "Glorot and Bengio (2010), Table 1",
    ("05", "1.76"): "Glorot and Bengio (2010), Table 1",
    ("05", "15.60"): "Glorot and Bengio (2010), Table 1",
    ("05", "27.15"): "Glorot and Bengio (2010), Table 1",
    ("08", "2.303"): "ln 10",
}

NEAREST = 8  # code cells
OF_THE_WHOLE = ("title", "take-aways")

NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?%?")
YEAR = re.compile(r"(?:19|20)\d\d")
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def prose(source):
    """The sentences of markdown: no formulas, tables, headings, code, links or solutions."""
    text = re.sub(r"<details>.*?</details>|```.*?```", "", source, flags=re.DOTALL)
    text = re.sub(r"\$\$.*?\$\$", "", text, flags=re.DOTALL)
    text = re.sub(r"\$[^$\n]*\$|`[^`\n]*`|\]\([^)\s]*\)", "", text)
    return "\n".join(line for line in text.split("\n") if not re.match(r"\||#|\*\*\d", line))


def exact(text):
    """The numbers that are no mere count, each with the words around it."""
    for match in NUMBER.finditer(text):
        number = match[0].rstrip(",").replace(",", "")
        told = "." in number or number.endswith("%") or len(number) > 2
        if told and not YEAR.fullmatch(number):
            around = text[max(0, match.start() - 40) : match.end() + 30]
            yield number, " ".join(around.split())


def quoted(notebook):
    """The numbers that the prose quotes: place of the cell, number, the words around it."""
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type != "markdown" or cell.id == "reading":
            continue
        for number, around in exact(prose(cell.source)):
            yield place, number, around


def code_cells(notebook, place):
    """The code cells whose outputs the prose at this place may quote."""
    code = [(k, cell) for k, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    if notebook.cells[place].id not in OF_THE_WHOLE:
        code = sorted(code, key=lambda each: abs(each[0] - place))[:NEAREST]
    return [cell for _, cell in code]


def printed(cells):
    outputs = [output for cell in cells for output in cell.outputs]
    return [o.get("text", "") + o.get("data", {}).get("text/plain", "") for o in outputs]


def settings(notebook):
    return [cell.source.replace("_", "") for cell in notebook.cells if cell.cell_type == "code"]


def numbers_in(texts):
    """The numbers there, a share also as the percentage that it is, and one with three decimals
    also rounded by a digit."""
    numbers = {n for text in texts for n in re.findall(r"\d+(?:\.\d+)?(?:e[-+]?\d+)?%?", text)}
    plain = {number.rstrip("%") for number in numbers}
    shares = {f"{100 * float(n):g}" for n in plain if re.fullmatch(r"0?\.\d+", n)}
    rounded = {
        f"{float(n):.{len(n) - n.index('.') - 2}f}" for n in plain if re.search(r"\.\d{3}", n)
    }
    return plain | shares | rounded


@every_notebook
def test_a_number_in_the_prose_is_one_that_a_cell_computed(path):
    notebook = read(path)
    known = {number for chapter, number in GIVEN if path.name[:2] == chapter}
    known |= numbers_in(settings(notebook))
    strangers = [
        f"{number}: ... {around} ..."
        for place, number, around in quoted(notebook)
        if number.rstrip("%") not in known | numbers_in(printed(code_cells(notebook, place)))
    ]
    assert not strangers, "no cell near by prints these:\n" + "\n".join(strangers)


def test_what_is_given_is_still_quoted():
    quotes = {
        (path.name[:2], number.rstrip("%"))
        for path in NOTEBOOKS
        for _, number, _ in quoted(read(path))
    }
    assert set(GIVEN) <= quotes, set(GIVEN) - quotes
    print(f"{len(quotes)} different numbers in the prose, {len(GIVEN)} of them given")


# What the take-aways rest on


def unsupported(notebook):
    """The take-aways that name no cell, and the names that are no code cell before them."""
    ran = set()
    for cell in notebook.cells:
        if cell.id != "take-aways":
            ran |= {cell.id} if cell.cell_type == "code" else set()
            continue
        for item in re.findall(r"^- .*", cell.source, re.MULTILINE):
            comments = re.findall(r"<!-- cells: (.*?) -->", item)
            if not comments:
                yield f"names no cell: {item}"
            for name in set(", ".join(comments).split(", ")) - ran - {""}:
                yield f"{name} is no code cell before it: {item}"
        return
    yield "there are no take-aways"


@pytest.mark.parametrize("path", NOTEBOOKS[1:], ids=lambda path: path.stem)  # 00 has none
def test_each_take_away_names_the_cells_that_it_rests_on(path):
    assert not list(unsupported(read(path)))


@pytest.mark.parametrize(
    "item, complaint",
    [
        ("- So it is. <!-- cells: one, two -->", None),
        ("- So it is. <!-- cells: one --> And more. <!-- cells: two -->", None),
        ("- So it is.", "names no cell"),
        ("- So it is. <!-- rests on: one -->", "names no cell"),
        ("- So it is. <!-- cells: one, three -->", "three is no code cell before it"),
        ("- So it is. <!-- cells: text -->", "text is no code cell before it"),
        ("- So it is. <!-- cells: later -->", "later is no code cell before it"),
        ("- So it is. <!-- cells: one -->\n- And so.", "names no cell: - And so."),
    ],
)
def test_a_take_away_without_its_cells_is_found(item, complaint):
    markdown, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    cells = [code(id="one"), markdown(id="text"), code(id="two")]
    cells += [markdown(f"## Take-aways\n\n{item}", id="take-aways"), code(id="later")]
    found = list(unsupported(nbformat.v4.new_notebook(cells=cells)))
    assert len(found) == (complaint is not None)
    assert all(said.startswith(complaint) for said in found)
