"""What all tests share: their environment, and how a notebook that fails is shown."""

import difflib
import re
import sys
import textwrap
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "tests"))  # as pytest does, only before it

import notebooks

notebooks.prepare_environment()  # before numpy is imported, and inherited by workers and kernels


def pytest_ignore_collect(collection_path, config):
    """The browser's tests need an extra: --doctest-modules must not import them unasked."""
    named = {re.split("::", argument)[0].rpartition("/")[2] for argument in config.args}
    return True if collection_path.name == "browser.py" and "browser.py" not in named else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    # Chapters must not see each other's answers: which of them one worker runs is chance.
    if item.name == "Cell 0":
        notebooks.forget_progress()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Show a failed cell as a reader of the notebook knows it, and what changed as a diff."""
    report = yield
    if report.failed and type(call.excinfo.value).__name__ == "NbCellError":
        error, cell = call.excinfo.value, item.cell
        if str(error) == "Cell outputs differ":
            finding, detail = "shows something else than is stored", difference(item)
        else:
            finding, detail = "fails", error.inner_traceback or str(error)
        report.longrepr = (
            f"{item.path.name}, cell [{cell.execution_count}] {finding}\n\n"
            f"{textwrap.indent(cell.source, '    ')}\n\n{notebooks.plain(detail).strip()}\n"
        )
    return report


def difference(item):
    """Stored against fresh outputs of a cell, as a unified diff."""
    stored, fresh = (
        [line for output in outputs for line in shown(output)]
        for outputs in (item.cell.outputs, item.test_outputs)
    )
    return "\n".join(difflib.unified_diff(stored, fresh, "stored", "fresh", n=3, lineterm=""))


def shown(output):
    """The lines of an output that nbval compares, each form under its name."""
    if output.output_type == "stream":
        forms = {output.name: output.text}
    elif output.output_type == "error":
        forms = {"error": f"{output.ename}: {output.evalue}"}
    else:
        forms = {kind: str(value) for kind, value in sorted(output.data.items())}
    for kind, value in forms.items():
        if kind not in ("image/png", "image/jpeg", notebooks.WIDGET):
            yield f"[{kind}]"
            # Html comes on one long line; an element a line shows which one changed.
            yield from re.sub(r">\s*<", ">\n<", value).splitlines()


def pytest_terminal_summary(terminalreporter):
    """Say how to run a failed notebook alone, and how to accept what it shows now."""
    failed = terminalreporter.getreports("failed") + terminalreporter.getreports("error")
    names = {
        name for report in failed for name in re.findall(r"\d\d_\w+(?=\.ipynb|])", report.nodeid)
    }
    if names:
        terminalreporter.section("notebooks that failed")
    for name in sorted(names):
        terminalreporter.line(name)
        terminalreporter.line(f"  run it alone:           make test CHAPTER={name[:2]}")
        terminalreporter.line(f"  store what it shows:    make notebooks CHAPTER={name[:2]}")
