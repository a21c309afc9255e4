"""The project's files agree: conda is asked for what pip is, nothing is written twice, and what
README and Makefile say is so."""

import ast
import collections
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parent.parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
PYPI_NAMES = {"matplotlib-base": "matplotlib"}  # conda's matplotlib brings Qt, which nothing uses


def floors(lines):
    requirements = map(Requirement, lines)
    return {PYPI_NAMES.get(line.name, line.name): str(line.specifier) for line in requirements}


def test_conda_and_pip_get_the_same():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    packages = floors(line for line in conda["dependencies"] if isinstance(line, str))
    assert packages.pop("python") == PROJECT["requires-python"]
    assert packages.pop("pip") == ""
    assert packages == floors(PROJECT["dependencies"])
    assert {"pip": ["-e .[test]"]} in conda["dependencies"]
    assert (conda["name"], conda["channels"]) == ("initlib", ["conda-forge"])


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_binder_gets_one_python_and_all_else_from_pyproject():
    python, pip = yaml.safe_load(read(".binder/environment.yml"))["dependencies"]
    version = re.fullmatch(r"python=(3\.\d+)", python)[1]  # which repo2docker reads only like this
    assert pip == "pip" and version in SpecifierSet(PROJECT["requires-python"])
    assert "pip install --no-cache-dir --editable .\n" in read(".binder/postBuild"), "and no extra"


def test_colab_has_all_that_the_course_needs_but_the_lab():
    """And in the versions that it needs; ipywidgets 7 is the one exception, which works."""
    colab = {
        line.name: line.specifier
        for line in map(Requirement, PYPROJECT["dependency-groups"]["colab"])
    }
    needed = {line.name: line.specifier for line in map(Requirement, PROJECT["dependencies"])}
    del needed["jupyterlab"]
    assert needed.keys() <= colab.keys()
    pinned = {name: str(wanted)[2:] for name, wanted in colab.items() if "==" in str(wanted)}
    older = [name for name in needed.keys() & pinned.keys() if pinned[name] not in needed[name]]
    assert older == ["ipywidgets"]


def test_who_cites_it_cites_what_is_here():
    cited = yaml.safe_load(read("CITATION.cff"))
    assert cited["version"] == PROJECT["version"]
    assert cited["license"] == PROJECT["license"].split(" AND ")[0]
    assert f", {cited['version']}, of {cited['date-released']}\n" in read("CHANGELOG.md")
    (digits,) = cited["references"]
    assert digits["title"] in (about := read("initlib/data/README.md")) and digits["doi"] in about


# What those who carry it on are given


PAGES = sorted(
    path.relative_to(ROOT) for path in [*ROOT.glob("*.md"), *ROOT.glob("initlib/**/*.md")]
)
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*_*.yml"))


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", read(page)):
        file = (ROOT / page).parent / target.partition("#")[0]
        assert target.startswith(("https://", "#")) or file.exists(), target


def test_the_readme_says_how_to_get_the_course_before_its_commands():
    readme = read("README.md")
    places = [readme.index(said) for said in ("*Download ZIP*", "`git clone`", "make lab")]
    assert places == sorted(places)


def test_a_command_that_a_page_names_is_there():
    targets = set(re.findall(r"^([a-z-]+):.*##", read("Makefile"), re.MULTILINE))
    pages = [ROOT / page for page in PAGES] + [
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob(".github/*.md"),
    ]
    texts = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    named = set(re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", texts, re.MULTILINE))
    assert {one or other for one, other in named} - targets == set()


FIELDS = {"dropdown": {"options"}, "checkboxes": {"options"}, "textarea": set(), "input": set()}


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_is_one_that_github_can_show(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert form.keys() == {"name", "description", "title", "labels", "body"}
    asked = [field for field in form["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in asked}) == len(asked) < len(form["body"])
    for field in asked:
        given = field["attributes"]
        assert {"label", *FIELDS[field["type"]]} <= given.keys() and given["label"]
        options = [o["label"] if isinstance(o, dict) else o for o in given.get("options", [])]
        assert all(isinstance(option, str) for option in options)
        assert len(set(options)) == len(options)


def test_a_form_can_name_every_chapter():
    chapters = [path.name[:2] for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    for name in ("wrong_number", "confusing_passage"):
        form = yaml.safe_load(read(f".github/ISSUE_TEMPLATE/{name}.yml"))
        (options,) = (f["attributes"]["options"] for f in form["body"] if f.get("id") == "chapter")
        assert options[:-1] == chapters
    assert len(FORMS) == 3


SAME = 10  # lines that may not stand in two places
DATA = ROOT / "tests" / "notebooks" / "batteries"  # tables of answers, and no code


def lines(source):
    """Pairs of number and text of the lines that say something: no blank, comment or import."""
    imports = {
        number
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for number in range(node.lineno, node.end_lineno + 1)
    }
    stripped = [(number, line.strip()) for number, line in enumerate(source.split("\n"), 1)]
    return [
        (number, line)
        for number, line in stripped
        if line and not line.startswith("#") and number not in imports
    ]


def written_twice(sources):
    """The places of ``SAME`` equal lines, from a dict of name and source: pairs of name:line."""
    places = collections.defaultdict(list)
    for name, source in sources.items():
        said = lines(source)
        for k in range(len(said) - SAME + 1):
            places[tuple(line for _, line in said[k : k + SAME])].append((name, k, said[k][0]))
    pairs = {}  # by how far apart two places are, so that a longer passage is told once
    for first, *others in places.values():
        for other in others:
            if first[0] != other[0] or other[1] - first[1] >= SAME:
                shift = (first[0], other[0], other[1] - first[1])
                pairs.setdefault(shift, f"{first[0]}:{first[2]} and {other[0]}:{other[2]}")
    return list(pairs.values())


def test_nothing_is_written_twice():
    paths = [ROOT / "conftest.py", *ROOT.glob("initlib/**/*.py"), *ROOT.glob("tests/**/*.py")]
    sources = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(paths)
        if DATA not in path.parents
    }
    assert "initlib/network.py" in sources and written_twice(sources) == []


def test_what_is_written_twice_is_seen():
    ten = "".join(f"a{k} = {k}\n" for k in range(10))
    indented = "def f():\n" + "".join(f"    a{k} = {k}  \n\n    # b{k}\n" for k in range(12))
    assert written_twice({"one": f"import os\n{ten}", "two": indented}) == ["one:2 and two:2"]
    assert written_twice({"one": ten + "b = 1\n" + ten}) == ["one:1 and one:12"]
    assert written_twice({"one": ten.replace("a5", "b"), "two": ten}) == []
    assert written_twice({"one": "a = 1\n" * 19}) == []
    assert written_twice({"one": "import os\n" * 12, "two": "import os\n" * 12}) == []


# What keeps a test from taking the machine with it


def test_releases_that_follow_an_endless_recursion_are_tried_each_week():
    weekly = (ROOT / ".github" / "workflows" / "weekly.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(weekly)["jobs"]
    tried = jobs["recursion"]["strategy"]["matrix"]["python"]
    assert tried == [f"3.13.{patch}" for patch in range(8)]
    assert {"run": "make test"} in jobs["recursion"]["steps"]


def test_an_environment_lists_its_fonts_whatever_list_is_there(tmp_path):
    """An environment that was removed while it ran leaves a list without matplotlib's own fonts."""
    (step,) = re.findall(r"define FONTS\n(.*?)^endef", read("Makefile"), re.MULTILINE | re.DOTALL)
    environment = {**os.environ, "MPLCONFIGDIR": str(tmp_path)}
    names = "print({font.name for font in matplotlib.font_manager.fontManager.ttflist})"
    for _ in range(2):
        command = [sys.executable, "-c", step + names]
        assert "STIXGeneral" in subprocess.check_output(command, env=environment, text=True)
        (fonts,) = tmp_path.glob("fontlist*.json")
        fonts.write_text(fonts.read_text().replace("STIXGeneral", "another"))


GREEDY = """
import os, sys
import pytest
import conftest

@pytest.mark.skipif(sys.platform != "linux", reason="a limit that is enforced there alone")
def test_takes_all_memory():
    with pytest.raises(MemoryError):
        bytearray(conftest.MOST_OF_A_WORKER + 1)

def test_kills_its_worker():
    os._exit(3)

def test_comes_after():
    pass
"""


def test_a_worker_that_dies_ends_the_run_with_the_name_of_its_test(tmp_path):
    """And a test that asks for all memory is refused it."""
    (tmp_path / "test_greedy.py").write_text(GREEDY, encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (options,) = re.findall(r"^PYTEST = .* -m pytest -n auto (--\S+)", makefile, re.MULTILINE)
    command = [sys.executable, "-m", "pytest", "-v", "-n", "1", options, "-p", "conftest"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "test_greedy.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "crashed while running 'test_greedy.py::test_kills_its_worker'" in done.stdout
    assert "PASSED test_greedy.py::test_takes_all_memory" in done.stdout or sys.platform != "linux"
    assert "test_comes_after" not in done.stdout
