"""What holds of the package as a whole: its floors, its size, its names and its price."""

import ast
import graphlib
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

import initlib
from tests import code_lines, function_lines

HOME = Path(initlib.__file__).parent

# A module knows those of lower floors. The private rooms of floor -1, and the modules of a package,
# may know one another too, as long as nothing goes round in a circle.
FLOORS = {
    "_checks": -1,
    "_display": -1,
    "_machine": -1,
    "_numbers": -1,
    "_progress": -1,
    "_tables": -1,
    "initializers": 0,
    "activations": 0,
    "datasets": 0,
    "runs": 0,
    "network": 1,
    "theory": 1,
    "figures": 2,
    "training": 2,
    "probes": 2,
    "claims": 2,
    "plots": 3,
    "comparing": 3,
    "__init__": 3,
    "lessons": 4,
    "explorables": 4,
    "explorables.clinic": 3,  # what is known of patients: a check asks for it, too
    "_served": 4,
    "environment": 5,
    "update": 4,
    "__main__": 6,
}
PACKAGES = {"lessons", "explorables"}
MODULES = {  # by the name in "initlib.name"; a package's own file has the package's name
    ".".join(path.relative_to(HOME).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(HOME.rglob("*.py"))
}
CHAPTERS = "chapters", "lessons.checkers"  # the Python of the texts

MOST_LINES = 1700  # of all that one reads: floors 0 to 3, with the private rooms below them
MOST_LINES_OF_CHAPTERS = 900
MOST_LINES_OF_A_MODULE = 200
MOST_LINES_OF_A_FUNCTION = 40


def source(module):
    return MODULES[module].read_text(encoding="utf-8")


def tree(module):
    return ast.parse(source(module))


def run(code):
    """The output of ``code`` in a fresh interpreter that finds this initlib."""
    environment = {**os.environ, "PYTHONPATH": str(HOME.parent)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "initlib" not in done.stderr  # what others say there is theirs
    return done.stdout


def imported_from_the_package(module):
    """The modules of initlib that one imports, wherever in the file, also by their names as text;
    what is no module counts for the one it comes from."""
    for node in ast.walk(tree(module)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "an import says in full where it comes from"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            package, _, name = name.partition(".")
            if package == "initlib":
                yield name if name in MODULES else name.rpartition(".")[0] or name or "__init__"
        if isinstance(node, ast.Constant) and str(node.value).startswith("initlib."):
            start = node.value.removeprefix("initlib.")
            yield from (name for name in MODULES if start and name.startswith(start))


def floor(module):
    return FLOORS.get(module, FLOORS.get(module.partition(".")[0], 99))


@pytest.mark.parametrize("module", MODULES)
def test_a_floor_knows_only_those_below(module):
    room = module.partition(".")[0]
    assert room in FLOORS, "give the new module its floor, here and in the documentation"
    for known in imported_from_the_package(module):
        neighbours = floor(module) == -1 == floor(known)
        neighbours |= room == known.partition(".")[0] in PACKAGES
        assert floor(known) < floor(module) or neighbours, f"it must not know {known}"


def test_every_floor_is_there():
    rooms = {module.partition(".")[0] for module in MODULES}
    assert rooms == {room for room in FLOORS if room not in MODULES or "." not in room}


def test_no_import_goes_round_in_a_circle():
    graph = {module: {*imported_from_the_package(module)} - {module} for module in MODULES}
    tuple(graphlib.TopologicalSorter(graph).static_order())  # raises, and names the circle


# The size


def lines_of(wanted):
    return sum(code_lines(source(module)) for module in MODULES if wanted(module))


def test_the_package_reads_in_one_sitting(record_property):
    chapters = lines_of(lambda module: module.startswith(CHAPTERS))
    learner = lines_of(lambda module: FLOORS.get(module.partition(".")[0], 4) > 3) - chapters
    read = lines_of(lambda module: True) - chapters - learner
    record_property(
        "size",
        f"initlib: {read} code lines in floors 0 to 3 and below (at most {MOST_LINES}), "
        f"{learner} in what talks to the learner, "
        f"{chapters} in the chapters' Python (at most {MOST_LINES_OF_CHAPTERS})",
    )
    assert 300 < read <= MOST_LINES
    assert chapters <= MOST_LINES_OF_CHAPTERS


@pytest.mark.parametrize("module", MODULES)
def test_a_module_and_its_functions_are_short(module):
    assert code_lines(source(module)) <= MOST_LINES_OF_A_MODULE
    sizes = dict(function_lines(source(module)))
    assert {n: size for n, size in sizes.items() if size > MOST_LINES_OF_A_FUNCTION} == {}


@pytest.mark.parametrize(
    "code, lines, functions",
    [
        ("", 0, []),
        ('"""Doc.\n\nMore."""\nx = 1  # one\n\n# none\n', 1, []),
        ('def f(\n    a,\n):\n    """Doc."""\n\n    return a\n', 4, [("f", 4)]),
        ('text = """two\nlines"""', 2, []),
        ("class C:\n    def m(self):\n        # none\n        pass\n", 3, [("m", 2)]),
    ],
)
def test_lines_of_code_are_counted_without_comments_and_docstrings(code, lines, functions):
    assert (code_lines(code), list(function_lines(code))) == (lines, functions)


# The names


@pytest.mark.parametrize("module", [m for m in MODULES if "_" not in m])
def test_what_is_public_has_a_docstring(module):
    assert ast.get_docstring(tree(module)), module
    for node in tree(module).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{module}.{node.name}"


@pytest.mark.parametrize("module", ["initlib", "initlib.initializers"])
def test_public_names_exist_once(module):
    module = importlib.import_module(module)
    assert all(hasattr(module, name) for name in module.__all__)
    assert len(set(module.__all__)) == len(module.__all__)


@pytest.mark.parametrize(
    "module, names",
    [
        (
            "initlib",
            "Network fit evaluate claim ClaimFailed load_digits he_normal kaiming_uniform",
        ),
        (
            "initlib.initializers",
            "fans variance_scaling constant zeros normal uniform orthogonal",
        ),
        (
            "initlib.activations",
            "linear relu tanh sigmoid selu gelu silu elu leaky_relu get",
        ),
        ("initlib.theory", "second_moment mean derivative_second_moment gain"),
        ("initlib.network", "Network"),
        ("initlib.training", "fit"),
        ("initlib.claims", "claim ClaimFailed"),
    ],
)
def test_names_of_the_contract(module, names):
    module = importlib.import_module(module)
    assert all(callable(getattr(module, name)) for name in names.split())


def test_importing_costs_numpy_and_nothing_more():
    code = "import initlib, sys; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = set(run(code).split())
    assert "numpy" in loaded
    assert not loaded & {
        "matplotlib",
        "ipywidgets",
        "tqdm",
        "IPython",
        "scipy",
        "platformdirs",
    }


IMPORT = """
from time import process_time
times = [process_time()]
import numpy
times.append(process_time())
import initlib
times.append(process_time())
print((times[2] - times[1]) / (times[1] - times[0]))
"""


def test_importing_takes_little_time():
    """A quarter of numpy's own import is usual; all of it, at best of five, is too much."""
    best = min(float(run(IMPORT)) for _ in range(5))
    print(f"import initlib: {best:.2f} of numpy's processor time")
    assert best < 1
