"""Run the notebooks and store them in their canonical form: the one writer of notebooks/*.ipynb.

    python -m tests.notebooks.writer          every chapter
    python -m tests.notebooks.writer 02       the chapter 02 alone

A notebook in canonical form depends on nothing but its cells and what they show, so running it
again gives an empty diff. The tests take the form, and the environment of a run, from here.
"""

import base64
import copy
import functools
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import time
import uuid

import nbformat
from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from traitlets import default

from tests.notebooks import GUARD, NOTEBOOKS, ROOT, address, read

PATIENCE = 600  # seconds until a kernel that says nothing is given up, here and in pyproject.toml

METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}

# The README's picture is what a cell shows: (file, notebook, cell id).
PICTURE = (
    ROOT / ".github" / "central-result.png",
    "06_derive_he",
    "figure-race",
)

# The cell tags that mean something in this course; all other cell metadata is dropped.
TAGS = {
    "nbval-ignore-output": "the output differs from run to run; test_notebooks.py says why",
}

WIDGET = "application/vnd.jupyter.widget-view+json"


def prepare_environment():
    """Set what kernels and tests inherit. To be called before numpy is imported."""
    # Two processes that run two BLAS threads each on two cores take three times as long.
    for threads in "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS":
        os.environ.setdefault(threads, "1")
    # A progress bar shows the seconds it took, which no second run repeats.
    os.environ.setdefault("TQDM_DISABLE", "1")
    forget_progress()


def forget_progress():
    """Begin as a learner who has done nothing; the real learner's file is never read or written."""
    folder = tempfile.mkdtemp(dir=_scratch().name)
    os.environ["INITLIB_PROGRESS"] = os.path.join(folder, "progress.json")


@functools.cache
def _scratch():
    return tempfile.TemporaryDirectory(prefix="initlib-", ignore_cleanup_errors=True)


def guard(address):
    """The source of the first code cell, which on Colab installs the course from its address.

    Colab's own packages fit, though pip would exchange them: hence --no-deps.
    """
    colab = "Colab installs it now" if address else "on Colab see the README"
    lines = [
        "# Folded: it says what to do where the course is not installed.",
        "try:",
        "    import initlib  # noqa: F401",
        "except ModuleNotFoundError as missing:",
        f'    print(f"No {{missing.name}} here: {colab}, elsewhere run `make lab`.")',
    ]
    if address:
        lines += [
            f'    install = "pip install --quiet --no-deps git+{address}"',
            '    "google.colab" in str(get_ipython()) and get_ipython().system(install)',
        ]
    return "\n".join(lines)


def canonical(notebook):
    """A copy without anything that depends on who ran it, where and when."""
    cells = [_canonical_cell(cell) for cell in notebook.cells]
    while cells and not cells[-1].source:
        cells.pop()
    seen = set()
    for cell in cells:
        if cell.get("id") in seen | {None}:
            cell.id = uuid.uuid4().hex[:8]
        seen.add(cell.id)
    return nbformat.from_dict(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": METADATA, "cells": cells}
    )


def _canonical_cell(cell):
    cell = copy.deepcopy(cell)
    tags = [tag for tag in cell.metadata.get("tags", []) if tag in TAGS]
    kept = {"tags": tags}
    if cell.get("id") == GUARD:
        kept["jupyter"] = {"source_hidden": True}
        cell.source = guard(address())
    cell.metadata = nbformat.from_dict({name: value for name, value in kept.items() if value})
    cell.source = "\n".join(line.rstrip() for line in cell.source.split("\n")).strip("\n")
    if cell.cell_type == "code":
        for output in cell.outputs:
            # A widget lives in a kernel. Where there is none, the html and the text stored beside
            # it are what is seen.
            output.get("data", {}).pop(WIDGET, None)
        cell.outputs = [output for output in cell.outputs if output.get("data") != {}]
    return cell


def text(notebook):
    """The notebook as it stands in its file."""
    return nbformat.v4.writes(notebook).rstrip("\n") + "\n"


class RunFailed(Exception):
    """A notebook that does not run to its end; the message says where and why."""


class ThisInterpreter(KernelSpecManager):
    """The kernel is the Python that runs this, whatever kernels are installed."""

    def get_kernel_spec(self, kernel_name):
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


class KernelOfThisInterpreter(AsyncKernelManager):
    @default("kernel_spec_manager")
    def _kernel_spec_manager(self):
        return ThisInterpreter(parent=self)


def execute(notebook, folder, kernel=KernelOfThisInterpreter, **options):
    """Run all cells of ``notebook`` in place, in a fresh kernel whose working place is folder."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    begun = []
    client = NotebookClient(
        notebook,
        timeout=PATIENCE,
        startup_timeout=PATIENCE,
        iopub_timeout=PATIENCE,
        kernel_manager_class=kernel,
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        on_cell_execute=lambda cell, cell_index: begun.append(cell),
        **options,
    )
    try:
        client.execute(stderr=subprocess.DEVNULL)  # the kernel's own log, not what cells print
    except CellExecutionError as error:
        shown = [output for output in begun[-1].outputs if output.output_type == "error"]
        why = plain("\n".join(shown[-1].traceback)) if shown else str(error)
    except CellTimeoutError:
        why = f"It took more than {PATIENCE} seconds."
    except DeadKernelError:
        why = "Its kernel died."
    else:
        return
    source = textwrap.indent(begun[-1].source, "    ")
    raise RunFailed(f"cell [{len(begun)}] failed, so nothing is stored:\n\n{source}\n\n{why}\n")


def plain(colored):
    """A kernel's traceback without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", colored)


def picture(notebook):
    """The bytes of the README's picture, as the cell of ``notebook`` shows it."""
    (cell,) = [cell for cell in notebook.cells if cell.id == PICTURE[2]]
    (shown,) = [output.data["image/png"] for output in cell.outputs if "image/png" in output.data]
    return base64.b64decode(shown)


def store(path):
    """Run the notebook at ``path`` and store it if that changes it; True if so."""
    forget_progress()
    notebook = canonical(read(path))
    execute(notebook, path.parent)
    if path.stem == PICTURE[1]:
        PICTURE[0].write_bytes(picture(notebook))
    fresh = text(canonical(notebook))
    if fresh == path.read_text(encoding="utf-8"):
        return False
    # Written aside and moved: an interrupt leaves the old notebook or the new one, not a half.
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(fresh, encoding="utf-8", newline="\n")
    os.replace(aside, path)
    return True


def main(chapter=""):
    chosen = [path for path in NOTEBOOKS if path.stem.startswith(f"{chapter}_" if chapter else "")]
    if not chosen:
        sys.exit(
            f"No notebook's name starts with {chapter}_: there is "
            + ", ".join(path.stem for path in NOTEBOOKS)
        )
    failures = 0
    width = max(len(path.stem) for path in chosen)
    for path in chosen:
        start = time.perf_counter()
        try:
            outcome = "written" if store(path) else "unchanged"
        except RunFailed as failure:
            outcome = str(failure)
            failures += 1
        print(
            f"{path.stem:{width}} {time.perf_counter() - start:6.1f} s  {outcome}",
            flush=True,
        )
    return 1 if failures else 0


if __name__ == "__main__":
    prepare_environment()
    sys.exit(main(*sys.argv[1:2]))
