"""The project's files agree: conda is asked for what pip is, and nothing is written twice."""

import ast
import collections
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent.parent
PYPI_NAMES = {"matplotlib-base": "matplotlib"}  # conda's matplotlib brings Qt, which nothing uses


def floors(lines):
    requirements = map(Requirement, lines)
    return {PYPI_NAMES.get(line.name, line.name): str(line.specifier) for line in requirements}


def test_conda_and_pip_get_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    packages = floors(line for line in conda["dependencies"] if isinstance(line, str))
    assert packages.pop("python") == project["requires-python"]
    assert packages.pop("pip") == ""
    assert packages == floors(project["dependencies"])
    assert {"pip": ["-e .[test]"]} in conda["dependencies"]
    assert (conda["name"], conda["channels"]) == ("initlib", ["conda-forge"])


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
