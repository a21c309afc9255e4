"""A number marked ≈ is not compared, and nothing else is left out with it: in the real nbval."""

import os
import re
import subprocess
import sys

import nbformat
import pytest

from conftest import shown
from tests.notebooks import ROOT, SANITIZE

# What is stored, what the cell shows now, and whether nbval must take them for the same.
CASES = [
    ("≈ 0.84", "≈ 0.91", True),
    ("≈ 0.842 ± 0.01 nats", "≈ 0.9 ± 0.0123 nats", True),
    ("≈ -1.2e-05", "≈ 3.41e+10", True),
    ("≈ 84% of 10", "≈ 9% of 10", True),
    ("≈ 0.842 | x", "≈ 0.8   | x", True),
    ("(≈ 0.1 to ≈ 0.25)", "(≈ 0.12 to ≈ 0.3)", True),
    ("depth   He\n   10   ≈ 0.842   x", "depth       He\n   10   ≈ 1.84e-07   x", True),
    ("0.84", "0.91", False),
    ("≈ 0.84", "0.84", False),
    ("0.84", "≈ 0.84", False),
    ("≈ 0.84", "≈ nan", False),
    ("≈ 0.84", "≈ inf", False),
    ("≈ 0.84 ± 0.01", "≈ 0.84 ± nan", False),
    ("≈ 0.84 ± 0.01", "≈ 0.84", False),
    ("≈ 0.84 at 10", "≈ 0.84 at 20", False),
    ("≈ 0.84", "≈ 0.84.1", False),
    ("He ≈ 0.84", "Xavier ≈ 0.84", False),
]


def output(kind, text):
    if kind == "stream":
        return nbformat.v4.new_output("stream", name="stdout", text=f"{text}\n")
    page = {"text/html": f"<td>{text}</td>"} if kind == "text/html" else {}
    return nbformat.v4.new_output("display_data", data={**page, "text/plain": "≈ 1 " + text})


def source(kind, text):
    if kind == "stream":
        return f"print({text!r})"
    data = dict(output(kind, text).data)
    return f"from IPython.display import display\ndisplay({data}, raw=True)"


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """For each kind of output, what nbval says of each case, run as ``make test`` runs it."""
    path = tmp_path_factory.mktemp("sanitize") / "trial.ipynb"
    kinds = ("stream", "text/plain", "text/html")
    cells = [
        nbformat.v4.new_code_cell(source(kind, now), outputs=[output(kind, stored)])
        for kind in kinds
        for stored, now, _ in CASES
    ]
    for count, cell in enumerate(cells, 1):
        cell.execution_count = count
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    options = ["-c", ROOT / "pyproject.toml", "-p", "conftest", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-n0", "-rA", "--tb=no", path],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
    )
    said = re.findall(r"^(PASSED|FAILED) .*::Cell (\d+)", done.stdout, re.MULTILINE)
    passed = [word == "PASSED" for word, _ in sorted(said, key=lambda each: int(each[1]))]
    assert len(passed) == len(cells), done.stdout + done.stderr
    return {kind: passed[k * len(CASES) :][: len(CASES)] for k, kind in enumerate(kinds)}


@pytest.mark.parametrize("kind", ["stream", "text/plain", "text/html"])
def test_only_the_marked_numbers_are_not_compared(outcomes, kind):
    wrong = [case for case, passed in zip(CASES, outcomes[kind]) if passed != case[2]]
    assert wrong == []


@pytest.mark.parametrize("stored, now, same", CASES)
@pytest.mark.parametrize("kind", ["stream", "text/plain", "text/html"])
def test_our_own_comparison_finds_the_same(kind, stored, now, same):
    one, other = (list(shown(output(kind, text))) for text in (stored, now))
    assert (one == other) == same


def test_any_locale_can_read_the_file():
    assert SANITIZE.read_bytes().isascii()
