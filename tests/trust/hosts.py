"""Where a link opens the course: Binder, as repo2docker reads the repository, and Colab.

    make test-hosts                 Binder, and every chapter on Colab's versions
    make test-hosts CHAPTER=02      Colab's versions and the chapter 02 alone

Named to pytest, not collected by itself: it fetches packages. Neither host is asked. What stands
for Colab is an environment with the versions that pyproject.toml lists, and a kernel whose shell
has the name of Colab's; the course comes from a clone on this machine, which git is told to take
for its address.
"""

import copy
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

from tests.notebooks import NOTEBOOKS, ROOT, address, code_cells, read
from tests.notebooks.writer import execute, forget_progress, guard
from tests.trust.conditions import assert_same, forget_what_others_say

ADDRESS = "https://github.com/someone/course"
COLAB = Path(os.environ.get("COLAB_PYTHON", ".venv-colab/bin/python")).absolute()
KERNEL = "--IPKernelApp.kernel_class=google.colab._kernel.Kernel"
STAND_IN = {
    "__init__.py": "",
    "_shell.py": """
from ipykernel.zmqshell import ZMQInteractiveShell

class Shell(ZMQInteractiveShell):
    pass
""",
    "_kernel.py": """
from google.colab._shell import Shell
from ipykernel.ipkernel import IPythonKernel
from traitlets import Type

class Kernel(IPythonKernel):
    shell_class = Type(Shell)
""",
}


def run(*command, **options):
    """What a command says, all of it; it must not fail."""
    told = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    done = subprocess.run([*map(str, command)], **told, **options)
    assert done.returncode == 0, done.stdout
    return done.stdout


def packages(python):
    """What is installed beside a Python: "numpy==2.1.3" and so on."""
    return set(run(python, "-m", "pip", "list", "--format=freeze").splitlines())


def kernel(python, *options):
    """A kernel that is another environment's Python."""
    command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}", *options]

    class Kernel(AsyncKernelManager):
        kernel_spec = KernelSpec(argv=command, language="python")

    return Kernel


def shows(folder, kernel, *sources):
    """What a notebook's cells show, of which none may fail."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    trial = nbformat.v4.new_notebook(cells=cells)
    execute(trial, folder, kernel)
    return ["".join(output.text for output in cell.outputs) for cell in trial.cells]


def assert_shows_what_is_stored(path, folder, kernel, first=None):
    """A chapter's texts are those of its file, perhaps with another first cell."""
    stored = read(path)
    fresh = copy.deepcopy(stored)
    code_cells(fresh)[0].source = first or code_cells(fresh)[0].source
    forget_progress()
    execute(fresh, folder, kernel)
    forget_what_others_say(fresh)
    assert_same(code_cells(fresh), code_cells(stored))


def clone(folder, publish=True):
    """A clone of what is committed, in which one line says where it is published, or none does."""
    run("git", "clone", "--quiet", ROOT, folder)
    project, place = folder / "pyproject.toml", "[project.optional-dependencies]"
    text = re.sub(r"\[project\.urls\]\n(.+\n)*\n", "", project.read_text(encoding="utf-8"))
    line = f'[project.urls]\nRepository = "{ADDRESS}"\n\n' if publish else ""
    project.write_text(text.replace(place, line + place), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def outside():
    """Kernels start as on a machine that has never heard of this folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONPATH", raising=False)
        yield patch


@pytest.fixture(scope="module")
def course(outside, tmp_path_factory):
    """The published course, for whoever asks git for its address."""
    folder = clone(tmp_path_factory.mktemp("published") / "course")
    someone = "-c", "user.name=someone", "-c", "user.email=someone@example.org"
    run("git", *someone, "commit", "--quiet", "--all", "--message", "Publish", cwd=folder)
    outside.setenv("GIT_CONFIG_COUNT", "1")
    outside.setenv("GIT_CONFIG_KEY_0", f"url.{folder.as_uri()}.insteadOf")
    outside.setenv("GIT_CONFIG_VALUE_0", ADDRESS)
    return folder


# The buttons


@pytest.mark.parametrize("published", [False, True], ids=["unpublished", "published"])
def test_buttons_appear_once_the_address_is_known(published, tmp_path):
    folder, chapter = clone(tmp_path / "course", published), NOTEBOOKS[0].name
    docs, site = folder / "docs", tmp_path / "site"
    one_page = docs / "notebooks" / chapter  # is enough; conf.py copies the notebooks there
    run(sys.executable, "-m", "sphinx", "--quiet", docs, site, one_page)
    page = (site / "notebooks" / chapter).with_suffix(".html")
    links = re.findall(r'href="([^"]*)"', page.read_text(encoding="utf-8"))
    hosts = [link for link in links if re.match("https://(mybinder|colab|github)", link)]
    place = f"notebooks/{chapter}"
    assert (folder / place).exists()
    assert hosts == published * [
        f"https://mybinder.org/v2/gh/someone/course/main?urlpath=lab/tree/{place}",
        f"https://colab.research.google.com/github/someone/course/blob/main/{place}",
        ADDRESS,
    ]


# Binder


def test_binder_would_take_the_pinned_python_and_run_postbuild():
    said = run(sys.executable, "-m", "repo2docker", "--no-build", "--debug", ".", cwd=ROOT)
    asked = (ROOT / ".binder" / "environment.yml").read_text(encoding="utf-8")
    (pinned,) = re.findall(r"^  - (python=\S+)$", asked, re.MULTILINE)
    assert f"Building conda environment for {pinned}\n" in said
    assert re.findall(r'--file "(\S+)"', said) == [".binder/environment.yml"]
    assert "RUN ./.binder/postBuild" in said


def test_binder_s_postbuild_installs_a_course_that_runs(course, tmp_path):
    python = tmp_path / "there" / "bin" / "python"
    run(sys.executable, "-m", "venv", tmp_path / "there")
    path = os.pathsep.join([str(python.parent), os.environ["PATH"]])
    run("bash", ".binder/postBuild", cwd=course, env={**os.environ, "PATH": path})
    assert "pytest" not in {line.partition("==")[0] for line in packages(python)}
    assert_shows_what_is_stored(NOTEBOOKS[0], course / "notebooks", kernel(python))


# Colab


@pytest.fixture(scope="module")
def colab(outside, tmp_path_factory):
    """Colab's kernel, as it is before the course is installed."""
    folder = tmp_path_factory.mktemp("stand-in")
    for name, text in STAND_IN.items():
        (folder / "google" / "colab").mkdir(parents=True, exist_ok=True)
        (folder / "google" / "colab" / name).write_text(text, encoding="utf-8")
    outside.setenv("PYTHONPATH", str(folder))
    outside.setenv("PATH", os.pathsep.join([str(COLAB.parent), os.environ["PATH"]]))
    run(COLAB, "-m", "pip", "uninstall", "--quiet", "--yes", "initlib")
    return kernel(COLAB, KERNEL)


def test_the_first_cell_does_not_fail_where_nothing_comes_from_the_address(colab, tmp_path):
    (said,) = shows(tmp_path, colab, guard((tmp_path / "nowhere").as_uri()))
    assert said.startswith("No initlib here: Colab installs it now") and "error" in said


@pytest.fixture(scope="module")
def installed(colab, course, tmp_path_factory):
    """The kernel after the first cell; what it said, and the packages that were there before."""
    before = packages(COLAB)
    here, first = tmp_path_factory.mktemp("here"), guard(address(course))
    said = shows(here, colab, first, "from initlib.environment import summary; print(summary())")
    return colab, first, said, before


def test_the_first_cell_installs_the_course_and_nothing_else(installed, tmp_path):
    colab, first, said, before = installed
    assert said[0].startswith("No initlib here: Colab installs it now") and "error" not in said[0]
    assert said[1] == "Everything the course needs is here.\n"
    (new,) = packages(COLAB) - before
    assert new.startswith("initlib") and before < packages(COLAB)
    assert shows(tmp_path, colab, first) == [""], "once it is there, nothing is said"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_chapter_on_colab_s_versions(path, installed, tmp_path):
    colab, first, *_ = installed
    assert_shows_what_is_stored(path, tmp_path, colab, first)
