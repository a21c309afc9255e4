"""What nbval does not see of a notebook: its form, pictures, links, and cells that never ran.

Each test takes a path and says what is wrong there; ``make notebooks`` mends the form.
"""

import base64
import difflib
import functools
import io
import itertools
import os
import re
from urllib.parse import unquote

import nbformat
import pytest
from PIL import Image

from tests import code_lines
from tests.notebooks import GUARD, NOTEBOOKS, ROOT, code_cells, read, writer
from tests.notebooks.writer import METADATA, canonical, execute, guard, store, text

# An output that nbval does not compare is an exception: (notebook, cell id) and the reason.
IGNORED_OUTPUTS = {}

MEGABYTE = 1_000_000

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def outputs(notebook):
    """Pairs of a name for the cell and one of its outputs."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            yield f"cell [{cell.execution_count}]", output


def words(output):
    """All the text of an output; pictures inside html, and the code of solutions, left out."""
    parts = [output.get("text", ""), output.get("evalue", "")]
    parts += [
        value
        for kind, value in output.get("data", {}).items()
        if kind.startswith("text/") and isinstance(value, str)
    ]
    left_out = r"data:[\w/+.-]+;base64,[\w/+=\s]+|(?s:<pre><code>.*?</code></pre>)"
    return re.sub(left_out, "", "\n".join(parts))


def found(notebook, pattern):
    """What ``pattern`` matches in the outputs, each with its cell."""
    return [
        f"{cell}: {match[0].strip()}"
        for cell, output in outputs(notebook)
        for match in re.finditer(pattern, words(output))
    ]


def assert_none(findings):
    findings = list(findings)
    assert not findings, "\n".join(findings)


# The form


def test_the_readme_shows_what_the_notebook_shows():
    file, stem, _ = writer.PICTURE
    (path,) = [path for path in NOTEBOOKS if path.stem == stem]
    assert file.read_bytes() == writer.picture(read(path)), "make notebooks CHAPTER=06"


@every_notebook
def test_the_readme_says_the_same_seconds_as_the_chapter(path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (listed,) = re.findall(rf"^\| \[.*\]\(notebooks/{path.name}\) .* \| (\d+) \|$", readme, re.M)
    (said,) = re.findall(r"the cells compute for about (\d+|a) seconds?\b", markdown_of(path))
    assert listed == said.replace("a", "1"), "see the table at the end of make test"


def of_form(path, problem, record_property):
    """Fail; but where a learner rehearses one chapter, say what mends it, and let it pass."""
    mends = f"make notebooks CHAPTER={path.name[:2]}"
    if "REHEARSAL" not in os.environ:
        pytest.fail(f"{mends} mends this:\n{problem}", pytrace=False)
    record_property("form", f"{path.name}: only the form of the file changed; {mends} restores it")


@every_notebook
def test_file_is_canonical(path, record_property):
    stored, wanted = path.read_text(encoding="utf-8"), text(canonical(read(path)))
    if stored != wanted:
        diff = difflib.unified_diff(
            stored.splitlines(),
            wanted.splitlines(),
            "stored",
            "canonical",
            n=1,
            lineterm="",
        )
        first = "\n".join(line[:120] for line in list(diff)[:30])
        of_form(path, first, record_property)


@every_notebook
def test_file_is_a_valid_notebook(path, record_property):
    notebook = read(path)
    nbformat.validate(notebook)
    if notebook.metadata != METADATA:
        of_form(path, f"its metadata are {notebook.metadata}", record_property)


def test_a_rehearsal_passes_a_file_that_a_learner_saved(tmp_path, monkeypatch):
    """And a change of form is red where no chapter is named."""
    path, said = tmp_path / "03_saved.ipynb", []
    make(path, "x = 1")
    monkeypatch.delenv("REHEARSAL", raising=False)
    for test in test_file_is_canonical, test_file_is_a_valid_notebook:
        with pytest.raises(pytest.fail.Exception, match="make notebooks CHAPTER=03 mends this"):
            test(path, None)
    monkeypatch.setenv("REHEARSAL", "1")
    for test in test_file_is_canonical, test_file_is_a_valid_notebook:
        test(path, lambda name, value: said.append(value))
    assert len(said) == 2 and "only the form of the file changed" in said[0]


@every_notebook
def test_file_is_small(path):
    assert path.stat().st_size <= MEGABYTE


@every_notebook
def test_every_cell_ran_once_in_order(path):
    counts = [cell.execution_count for cell in code_cells(read(path))]
    assert counts == list(range(1, len(counts) + 1))


@every_notebook
def test_no_output_is_ignored_without_a_reason(path, record_property):
    notebook = read(path)
    ignored = {
        (path.stem, cell.get("id"))
        for cell in notebook.cells
        if cell.metadata.get("tags") or re.search(r"NBVAL_|PYTEST_VALIDATE", cell.source)
    }
    record_property("not compared", len(ignored))
    assert ignored == {key for key in IGNORED_OUTPUTS if key[0] == path.stem}


# What leaves a test or an output out; the brackets keep it from finding itself.
LEFT_OUT = r"\b(importor)?[s]kip(if)?\(|\b[x]fail\b|\+[S]KIP|[N]BVAL_IGNORE|nbval-[i]gnore"


@pytest.mark.parametrize(
    "path",
    [ROOT / "conftest.py", *(ROOT / "tests").rglob("*.py"), *(ROOT / "initlib").rglob("*.py")],
    ids=lambda path: path.stem,
)
def test_nothing_is_left_out_without_a_reason(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    left_out = [line for line in lines if re.search(LEFT_OUT, line)]
    assert all("reason=" in line or "says why" in line for line in left_out), left_out


@every_notebook
def test_cells_are_short(path):
    _, *cells = code_cells(read(path))  # the first is the guard
    long = {f"cell [{cell.execution_count}]": code_lines(cell.source) for cell in cells}
    long = {name: lines for name, lines in long.items() if lines > 12}
    assert not long or max(long.values()) <= 25, long
    assert len(long) <= 0.1 * len(cells), f"more than a tenth of the cells are above 12: {long}"


# What the outputs hold


@every_notebook
def test_no_error_or_warning_is_stored(path):
    notebook = read(path)
    bad = [
        f"{cell}: {words(output)}"
        for cell, output in outputs(notebook)
        if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert_none(bad + found(notebook, r"\w{0,30}Warning:[^\n]*|Traceback \(most"))


@every_notebook
def test_no_raw_object_is_shown(path):
    raw = (
        r"\b[A-Z]\w*\((?:children|value)=|interactive\(children|\b0x[0-9a-fA-F]+"
        r"|\bnp\.(?:float|int|uint|bool|str)\w*\(|\barray\("
        r"|<(?:IPython|Figure|function|module|matplotlib)\b|\bobject at\b"
    )
    assert_none(found(read(path), raw))


@every_notebook
def test_no_path_of_a_machine_is_shown(path):
    places = r"(?<![\w./:<])/(?:home|Users|root|tmp|usr|opt|var|mnt|private)/\S*|\b[A-Z]:\\\S*"
    assert_none(found(read(path), rf"{places}|{re.escape(str(ROOT))}"))


@every_notebook
def test_pictures_are_pictures_and_described(path):
    for cell, output in outputs(read(path)):
        data = output.get("data", {})
        for tag in re.findall(r"<img\b[^>]*>", str(data.get("text/html", ""))):
            assert re.search(r"\balt=([\"'])(?!\s*\1).+?\1", tag), f"{cell}: <img> without alt text"
        if "image/png" in data:
            alt = output.metadata.get("image/png", {}).get("alt", "")
            assert alt.strip(), f"{cell}: a picture without alt text: show it by figures.show"
            described = data.get("text/plain", "")
            assert described and not described.startswith("<Figure size"), f"{cell}: no description"
            picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
            assert min(picture.size) >= 100, f"{cell}: a picture of {picture.size} pixels"
            shades = picture.convert("L").getextrema()
            assert shades[0] < shades[1], f"{cell}: an empty picture"


# Headings and links


def without_code(markdown):
    """Markdown without code and formulas, in which brackets are not links."""
    markdown = re.sub(r"^(```|~~~).*?^\1", "", markdown, flags=re.DOTALL | re.MULTILINE)
    markdown = re.sub(r"`[^`\n]+`", "", markdown)
    return re.sub(r"\$\$.+?\$\$|\$[^$\n]+\$", "", markdown, flags=re.DOTALL)


def markdown_of(path):
    if path.suffix == ".ipynb":
        cells = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
        return "\n\n".join(cells)
    return path.read_text(encoding="utf-8")


def headings(path):
    """Pairs of level and text, as shown."""
    fenced = re.sub(r"^(```|~~~).*?^\1", "", markdown_of(path), flags=re.DOTALL | re.MULTILINE)
    for marks, title in re.findall(r"^(#{1,6}) +(.+?)(?: +#+)?$", fenced, flags=re.MULTILINE):
        title = re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", title)
        yield len(marks), re.sub(r"[*`]|\b_|_\b", "", title).strip()


def anchors(path):
    """What a link into the file can end in: as JupyterLab makes it, or GitHub for .md files."""
    titles = [title for _, title in headings(path)]
    if path.suffix == ".ipynb":
        slugs = {title.replace(" ", "-") for title in titles}
    else:
        slugs = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    return slugs | set(re.findall(r"<\w+[^>]*\b(?:id|name)=[\"']([^\"']+)", markdown_of(path)))


def links(path):
    """The targets of all links and pictures in the file's prose and in its html outputs."""
    prose = without_code(markdown_of(path))
    if path.suffix == ".ipynb":
        prose += "\n".join(words(output) for _, output in outputs(read(path)) if "data" in output)
    yield from re.findall(r"\]\(<?([^)\s>]+)", prose)
    yield from re.findall(r"\b(?:href|src)=[\"']([^\"']+)", prose)


def dead(path):
    """The links of the file that lead nowhere, each with the reason."""
    for link in links(path):
        if re.match(r"https?://|mailto:|data:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (path.parent / name).resolve() if name else path
        if name.startswith("/") or not target.is_relative_to(ROOT):
            yield f"{link} leaves the course"
        elif not target.exists():
            yield f"{link}: no such file"
        elif anchor and anchor not in anchors(target):
            yield f"{link}: no such heading; there are {', '.join(sorted(anchors(target)))}"
    for name in re.findall(r"\b\d\d_\w+\.ipynb", markdown_of(path)):
        if not (ROOT / "notebooks" / name).exists():
            yield f"{name} is named and does not exist"


@every_notebook
def test_headings_are_an_outline(path):
    levels = [level for level, _ in headings(path)]
    assert levels and levels[0] == 1 and levels.count(1) == 1, "one title, and it comes first"
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels


@pytest.mark.parametrize(
    "path",
    [*NOTEBOOKS, *(ROOT / name for name in ("README.md", "CONTRIBUTING.md"))],
    ids=lambda path: path.stem,
)
def test_no_link_is_dead(path):
    assert_none(dead(path))


@every_notebook
def test_pictures_in_the_prose_are_described(path):
    prose = without_code(markdown_of(path))
    assert re.findall(r"!\[\s*\]\([^)]*\)|<img\b(?![^>]*\balt=[\"'][^\"'])[^>]*>", prose) == []


# The first cell, where the course is not installed


def test_the_guard_is_the_same_everywhere_and_folded():
    guards = [code_cells(read(path))[0] for path in NOTEBOOKS]
    assert len({guard.source for guard in guards}) == 1
    assert all(guard.id == GUARD for guard in guards)
    assert all(guard.metadata == {"jupyter": {"source_hidden": True}} for guard in guards)


@pytest.mark.parametrize("address", ["", "https://localhost:1/course"])
def test_first_cell_says_what_to_do_without_initlib(address, tmp_path):
    """And does no more, where it does not run on Colab; tests/trust/hosts.py has it run there."""
    source = guard(address)
    block = "import sys; sys.modules['initlib'] = None"  # import initlib now finds nothing
    show = "print('install' in dir() and install)"
    cells = [nbformat.v4.new_code_cell(each) for each in (block, source, show)]
    trial = nbformat.v4.new_notebook(cells=cells)
    execute(trial, tmp_path)
    _, first, command = trial.cells
    assert [output.output_type for output in first.outputs] == ["stream"], first.outputs
    assert re.fullmatch(
        r"No initlib here: [^\n]*Colab[^\n]*make lab[^\n]*\.\n", first.outputs[0].text
    )
    assert code_lines(source) <= 6
    installs = f"pip install --quiet --no-deps git+{address}" if address else False
    assert command.outputs[0].text == f"{installs}\n"


def test_the_address_is_written_into_the_first_cell(tmp_path, monkeypatch):
    """One line of pyproject.toml: the canonical form, and so make notebooks, does the rest."""
    line = '[project.urls]\nRepository = "https://github.com/someone/course"\n'
    (tmp_path / "pyproject.toml").write_text(line, encoding="utf-8")
    monkeypatch.setattr(writer, "address", functools.partial(writer.address, tmp_path))
    (source,) = {canonical(read(path)).cells[1].source for path in NOTEBOOKS}
    assert source == guard("https://github.com/someone/course")


# The writer


def make(path, *sources):
    """A notebook that somebody left behind, with all that the canonical form removes."""
    cells = [nbformat.v4.new_markdown_cell("# Title  \n")]
    cells += [nbformat.v4.new_code_cell(source) for source in sources]
    cells[-1].metadata = {"collapsed": True, "tags": ["mine"]}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"authors": [{"name": "me"}]})
    path.write_text(nbformat.v4.writes(notebook), encoding="utf-8")


def test_writer_runs_and_stores_the_same_again(tmp_path):
    path = tmp_path / "00_é.ipynb"
    widget = "import ipywidgets\nipywidgets.IntSlider()  "
    make(path, "import os\nprint(os.getcwd() == os.environ['HERE'])", "", widget, "", " ")
    before = read(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HERE", str(tmp_path))
        assert store(path)
        assert not store(path)
    notebook = read(path)
    assert path.read_text(encoding="utf-8") == text(canonical(notebook))
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in before.cells[:4]]
    assert [cell.get("execution_count") for cell in notebook.cells] == [
        None,
        1,
        None,
        2,
    ]
    assert notebook.cells[1].outputs[0].text == "True\n"
    assert list(notebook.cells[3].outputs[0].data) == ["text/plain"]
    assert notebook.cells[3].source == widget.strip()
    assert notebook.cells[0].source == "# Title"
    assert all(cell.metadata == {} for cell in notebook.cells) and notebook.metadata == METADATA
    assert list(tmp_path.iterdir()) == [path]


def test_writer_stores_nothing_when_a_cell_fails(tmp_path, monkeypatch, capsys):
    path = tmp_path / "00_fails.ipynb"
    make(path, "x = 1", "raise ValueError('no such thing')")
    before = path.read_bytes()
    monkeypatch.setattr(writer, "NOTEBOOKS", [path])
    assert writer.main() == 1
    said = capsys.readouterr().out
    assert "cell [2] failed" in said and "ValueError: no such thing" in said
    assert path.read_bytes() == before


def test_writer_says_which_chapters_there_are(monkeypatch, tmp_path):
    monkeypatch.setattr(writer, "NOTEBOOKS", [tmp_path / "00_one.ipynb"])
    with pytest.raises(SystemExit, match=r"starts with 07_.*00_one"):
        writer.main("07")


# The glossary


def glossary():
    """Each term of chapter 00's glossary, with the number of the chapter that explains it."""
    (cell,) = [cell for cell in read(NOTEBOOKS[0]).cells if cell.id == "glossary"]
    rows = re.findall(
        r"^\| (.+?) \| .+ \| \[?(\d\d)\]?(?:\(\1?[^)]*\))? \|$", cell.source, re.MULTILINE
    )
    return [pytest.param(*row, id=row[0]) for row in rows]


@pytest.mark.parametrize("term, chapter", glossary())
def test_a_term_of_the_glossary_is_explained_where_it_says(term, chapter):
    (path,) = [path for path in NOTEBOOKS if path.name.startswith(chapter)]
    cells = [cell.source for cell in read(path).cells if cell.cell_type == "markdown"]
    own = " ".join(cell for cell in cells if not cell.startswith("## Glossary"))
    words = re.split(r",? ", term.lower())
    assert all(word in re.sub(r"[*`$\\]", "", own.lower()) for word in words)


def test_the_glossary_is_in_order_and_whole():
    terms = [row.id.lower() for row in glossary()]
    assert terms == sorted(terms) and len(set(terms)) == len(terms) > 25
