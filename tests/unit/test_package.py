"""What holds of the package as a whole: its floors, its size, its names and its price."""

import ast
import importlib
import io
import os
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

import initlib

HOME = Path(initlib.__file__).parent
FLOORS = {
    "_checks": -1,
    "_display": -1,
    "_machine": -1,
    "_numbers": -1,
    "runs": 0,
    "initializers": 0,
    "activations": 0,
    "datasets": 0,
    "network": 1,
    "theory": 1,
    "plots": 2,
    "training": 2,
    "probes": 2,
    "claims": 2,
    "comparing": 3,
    "explorables": 3,
    "lessons": 3,
    "__main__": 4,
}
MODULES = sorted(path.stem for path in HOME.glob("*.py") if path.stem != "__init__")
PACKAGES = "explorables", "lessons", "lessons/checkers"
MODULES += sorted(
    f"{package}.{path.stem}".replace("/", ".")
    for package in PACKAGES
    for path in HOME.glob(f"{package}/*.py")
)
MOST_LINES = 1500
NOISE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
}


def tree(module):
    return ast.parse((HOME / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))


def run(code):
    """The output of ``code`` in a fresh interpreter that finds this initlib."""
    environment = {**os.environ, "PYTHONPATH": str(HOME.parent)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def imported_from_the_package(module):
    """The modules of initlib that one imports, wherever in the file the import stands."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{'initlib.' * (node.level > 0)}{node.module or ''}".rstrip(".")]
            if names == ["initlib"]:
                names = [f"initlib.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("initlib."))


@pytest.mark.parametrize("module", MODULES)
def test_a_floor_knows_only_those_below(module):
    floor = module.split(".")[0]
    assert floor in FLOORS, "give the new module its floor, here and in the documentation"
    for known in imported_from_the_package(module):
        below = FLOORS.get(known, 99) < FLOORS[floor]
        assert below or known == floor in PACKAGES, f"{module} must not know {known}"


def code_lines(path):
    """Lines that hold code: neither blank, nor a comment, nor part of a docstring."""
    source = path.read_text(encoding="utf-8")
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NOISE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, node.end_lineno + 1))
    return len(lines)


def test_the_package_reads_in_one_sitting():
    sizes = {path.stem: code_lines(path) for path in HOME.glob("*.py")}
    assert 300 < sum(sizes.values()) <= MOST_LINES, sizes


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


def test_importing_takes_no_time():
    """At most 40 ms on top of numpy's own import, at best of five."""
    code = "import numpy, time; t = time.perf_counter(); import initlib; "
    code += "print(time.perf_counter() - t)"
    best = min(float(run(code)) for _ in range(5))
    print(f"import initlib: {1000 * best:.0f} ms after numpy")
    assert best < 0.040
