"""Every notebook under the conditions that learners, classes and CI have: ``make conditions``.

Named to pytest, not collected by itself: each condition runs the whole course once more.
"""

import copy
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from jupyter_client import KernelManager

from conftest import shown
from tests.notebooks import NOTEBOOKS, ROOT, code_cells, read
from tests.notebooks.writer import (
    PATIENCE,
    RunFailed,
    ThisInterpreter,
    execute,
    forget_progress,
)

OURS = r"[\\/](initlib|ipykernel_\d+)[\\/]"  # a file of the package, or a cell

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

# Run by each Python that starts with this folder on its path.
NO_NETWORK = """
import socket

def connect(self, address, real=socket.socket.connect):
    if isinstance(address, tuple) and not str(address[0]).startswith(("127.", "localhost", "::1")):
        raise OSError(f"the network was asked for: {address}")
    return real(self, address)

socket.socket.connect = connect
"""

STRICT = """
import warnings
for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning, EncodingWarning):
    warnings.filterwarnings("error", category=category, module="initlib|__main__")
"""


def run(notebook, folder):
    forget_progress()
    try:
        execute(notebook, folder)
    except RunFailed as failure:
        pytest.fail(str(failure), pytrace=False)


def forget_what_others_say(notebook):
    """What other packages warn of, or say of their caches, is theirs to mend."""
    for cell in code_cells(notebook):
        cell.outputs = [
            output
            for output in cell.outputs
            if output.get("name") != "stderr" or re.search(OURS, output.text)
        ]


def assert_same(cells, wanted):
    """The cells show what is stored, as far as nbval compares it."""
    for cell, other in zip(cells, wanted, strict=True):
        fresh, stored = (
            [line for output in each.outputs for line in shown(output)] for each in (cell, other)
        )
        assert fresh == stored, cell.source


@pytest.fixture(scope="session")
def accented(tmp_path_factory):
    """The Python of an environment whose path has accents; its packages are those of this one."""
    folder = tmp_path_factory.mktemp("conditions") / "environnement d'été"
    venv.create(folder, symlinks=True)
    here, there = (
        Path(sysconfig.get_path("purelib", vars={"base": base, "platbase": base}))
        for base in (sys.prefix, str(folder))
    )
    for each in here.iterdir():
        if each.name in ("numpy", "numpy.libs"):  # a library knows by which path it was loaded
            shutil.copytree(each, there / each.name, ignore=shutil.ignore_patterns("tests"))
        else:
            (there / each.name).symlink_to(each)
    (folder / "share").symlink_to(Path(sys.prefix) / "share")  # JupyterLab's extensions
    return str(folder / "bin" / "python")


@pytest.fixture
def hostile(tmp_path, monkeypatch, accented):
    """No network, no home, a locale of 1987, and the package and its environment under awkward
    names, which that locale cannot spell."""
    monkeypatch.setattr(sys, "executable", accented)  # of which ThisInterpreter makes the kernel
    awkward = tmp_path / "dossier d'été" / "le cours"
    shutil.copytree(ROOT / "initlib", awkward / "initlib")
    (awkward / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    no_home = tmp_path / "a file"
    no_home.write_text("not a folder", encoding="utf-8")
    for name in ("HOME", "USERPROFILE", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(no_home))
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "matplotlib"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    for name, value in {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", str(awkward))
    for path in awkward.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield awkward
    for path in awkward.rglob("*"):
        path.chmod(0o755)


@every_notebook
def test_in_a_hostile_place(path, hostile, tmp_path):
    notebook = read(path)
    fresh = copy.deepcopy(notebook)
    # Progress cannot be written: HOME is a file. Only an answer would say so, and none is given.
    os.environ["INITLIB_PROGRESS"] = str(tmp_path / "a file" / "progress.jsonl")
    try:
        execute(fresh, tmp_path)
    except RunFailed as failure:
        pytest.fail(str(failure), pytrace=False)
    forget_what_others_say(fresh)
    assert_same(code_cells(fresh), code_cells(notebook))


@every_notebook
def test_with_warnings_as_errors(path, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONWARNDEFAULTENCODING", "1")
    notebook = read(path)
    fresh = copy.deepcopy(notebook)
    first = code_cells(fresh)[0]
    first.source = STRICT + first.source
    run(fresh, tmp_path)
    forget_what_others_say(fresh)
    assert_same(code_cells(fresh), code_cells(notebook))


@every_notebook
def test_each_cell_run_twice_in_a_row(path, tmp_path):
    notebook = read(path)
    twice = copy.deepcopy(notebook)
    twice.cells = [copy.deepcopy(cell) for cell in code_cells(notebook) for _ in range(2)]
    run(twice, tmp_path)
    assert_same(twice.cells[1::2], code_cells(notebook))


@every_notebook
def test_run_twice_in_one_kernel(path, tmp_path):
    notebook = read(path)
    again = copy.deepcopy(notebook)
    again.cells = [copy.deepcopy(cell) for _ in range(2) for cell in code_cells(notebook)]
    run(again, tmp_path)
    assert_same(again.cells[len(again.cells) // 2 :], code_cells(notebook))


# --- stopped half-way


@pytest.fixture
def kernel():
    manager = KernelManager(kernel_spec_manager=ThisInterpreter())
    manager.start_kernel(stderr=subprocess.DEVNULL)
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE)
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def shows(client, source, heard=lambda text: None):
    """Run a cell and return what it prints and the text of what it shows; ``heard`` gets each."""
    said = []

    def hear(message):
        content = message["content"]
        said.append(content.get("text", "") or content.get("data", {}).get("text/plain", ""))
        said.append("\n".join(content.get("traceback", [])))
        heard(said[-2])

    client.execute_interactive(source, output_hook=hear, timeout=PATIENCE)
    return "".join(said)


TRAIN = """
import numpy as np
from initlib import Network, fit, he_normal, load_digits
digits = load_digits()
network = Network((64, 32, 10), "relu", he_normal(), [np.random.default_rng(0)])
looks = iter(["", "", "It trains."])
history = fit(network, *digits.train, steps=10**6, learning_rate=0.01, rng=np.random.default_rng(1),
              observe=lambda _: print(next(looks, ""), end="", flush=True), every=100)
"""


def test_a_training_that_is_interrupted_is_told_and_can_go_on(kernel):
    manager, client = kernel
    said = shows(client, TRAIN, lambda text: text == "It trains." and manager.interrupt_kernel())
    done = re.fullmatch(
        r"It trains\.Interrupted at step (\d+) of 1000000: the history so far is returned\.\n", said
    )
    assert done, said
    more = "fit(network, *digits.train, steps=9, learning_rate=0.01, rng=np.random.default_rng(2))"
    said = shows(
        client,
        "print(history.loss.shape, np.isfinite(history.loss).all(), history.stopped)\n"
        f"print({more}.loss[-1, 0] < history.loss[0, 0])",
    )
    assert said == f"({done[1]}, 1) True [None]\nTrue\n"


def test_a_kernel_that_is_killed_loses_no_answer(kernel, tmp_path):
    manager, client = kernel
    ask = f"""
import os
os.environ["INITLIB_PROGRESS"] = {str(tmp_path / "progress.jsonl")!r}
from initlib.lessons import check, progress
"""
    assert "0 of 4" in shows(client, f"{ask}progress('02')")
    assert "Right." in shows(client, "check('02/escape', 300)")
    os.kill(manager.provisioner.pid, signal.SIGKILL)
    manager.restart_kernel(now=True)
    client.wait_for_ready(timeout=PATIENCE)
    assert "1 of 4" in shows(client, f"{ask}progress('02')")
