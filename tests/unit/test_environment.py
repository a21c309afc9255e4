"""Each check of ``python -m initlib`` says OK where all is well, and the mend where it is not."""

import ast
import functools
import http.server
import importlib.metadata
import json
import os
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import nbformat
import numpy as np
import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

from initlib import _machine
from initlib import environment as check
from initlib._served import MANAGER
from tests.notebooks.writer import execute

HOME = Path(check.__file__).parent
LINES = 9 + len(check.requirements())  # of a whole report


def hide(monkeypatch, *names):
    """Let packages seem not to be installed."""
    version = importlib.metadata.version
    requires = importlib.metadata.requires

    def unless_hidden(function):
        def look_up(name):
            if name in names:
                raise importlib.metadata.PackageNotFoundError(name)
            return function(name)

        return look_up

    monkeypatch.setattr(importlib.metadata, "version", unless_hidden(version))
    monkeypatch.setattr(importlib.metadata, "requires", unless_hidden(requires))


def test_all_is_well_here():
    wrong = [result for result in check.needed() + check.wanted() if result[2] is not None]
    assert wrong == []
    assert check.summary() == "Everything the course needs is here."


def test_python():
    assert check.check_python((3, 11, 0))[2] is None
    assert "3.11 or newer" in check.check_python((3, 10, 14))[2]


def test_initlib_is_found_from_anywhere(monkeypatch, tmp_path):
    assert check.check_initlib()[1] == str(Path(check.__file__).resolve().parent)
    (tmp_path / "initlib").mkdir()
    (tmp_path / "initlib" / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    _, found, mend = check.check_initlib()
    assert str(tmp_path) in found
    assert "pip install --editable" in mend


def test_initlib_is_not_found(monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    without_packages = subprocess.CompletedProcess([], 1, stdout=b"", stderr=b"")
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: without_packages)
    assert "do not find it" in check.check_initlib()[1]
    assert "pip install --editable" in check.check_initlib()[2]


def test_initlib_is_found_and_breaks(monkeypatch, tmp_path):
    (tmp_path / "numpy.py").write_text("raise OSError('a library is missing')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(HOME.parent)]))
    _, found, mend = check.check_initlib()
    assert found.endswith("which breaks: OSError: a library is missing")
    assert "pip install --editable" in mend


def test_requirements_are_those_of_pyproject(monkeypatch):
    installed = check.requirements()
    assert any(line.startswith("numpy>=") for line in installed)
    assert not any("pytest" in line for line in installed)
    hide(monkeypatch, "initlib")
    text = (HOME.parent / "pyproject.toml").read_text(encoding="utf-8")
    lines = tomllib.loads(text)["project"]["dependencies"]
    assert check.requirements() == [line.partition(";")[0] for line in lines]
    assert sorted(check.requirements()) == sorted(installed)


def test_package(monkeypatch):
    assert check.check_package("numpy>=1.0") == ("numpy", np.__version__, None)
    _, found, mend = check.check_package("numpy>=99.0")
    assert found == f"{np.__version__}, not numpy>=99.0"
    assert mend.endswith('-m pip install "numpy>=99.0"')
    hide(monkeypatch, "numpy")
    _, found, mend = check.check_package("numpy>=1.0")
    assert found == "missing"
    assert mend.endswith('-m pip install "numpy>=1.0"')


def test_package_without_packaging(monkeypatch):
    monkeypatch.setitem(sys.modules, "packaging.requirements", None)
    assert check.check_package("numpy>=1.0")[2].endswith("-m pip install packaging")


@pytest.mark.parametrize("program", ["python", "python3", "python3.12", "python.exe"])
def test_kernel_by_a_bare_name_is_this_interpreter(monkeypatch, program):
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda *_: KernelSpec(argv=[program]))
    assert check.check_kernel()[2] is None


def test_kernel_of_another_environment(monkeypatch, tmp_path):
    program = str(tmp_path / "bin" / "python")
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda *_: KernelSpec(argv=[program]))
    _, found, mend = check.check_kernel()
    assert program in found
    assert mend.endswith("-m ipykernel install --sys-prefix")


def test_kernel_that_is_not_registered(monkeypatch):
    def nothing(self, name):
        raise NoSuchKernel(name)

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", nothing)
    assert check.check_kernel()[1] == "not registered"
    assert check.check_kernel()[2].endswith("-m ipykernel install --sys-prefix")


def test_in_a_notebook_its_own_kernel_is_judged(monkeypatch, tmp_path):
    spec = tmp_path / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    other = {"argv": ["/another/python", "-m", "ipykernel_launcher"], "display_name": "another"}
    spec.write_text(json.dumps(other | {"language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    assert check.check_kernel()[1] == "another interpreter, /another/python"
    ask = "from initlib.environment import check_kernel, summary\nprint(check_kernel(), summary())"
    trial = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(ask)])
    monkeypatch.setenv("PYTHONPATH", str(HOME.parent))
    execute(trial, tmp_path)
    said = "('kernel', 'running this', None) Everything the course needs is here.\n"
    assert trial.cells[0].outputs[0].text == said


def test_kernel_without_ipykernel(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel", None)
    assert "ipykernel is missing" in check.check_kernel()[1]
    assert check.check_kernel()[2].endswith("-m pip install jupyterlab")


def test_widgets_need_the_extension_and_its_files(tmp_path):
    extension = tmp_path / "@jupyter-widgets" / "jupyterlab-manager"
    extension.mkdir(parents=True)
    package = {"jupyterlab": {"_build": {"load": "entry.js"}}}
    (extension / "package.json").write_text(json.dumps(package))
    assert "files are missing" in check.check_widgets([tmp_path])[1]
    assert "--force-reinstall" in check.check_widgets([tmp_path])[2]
    (extension / "entry.js").touch()
    assert check.check_widgets([tmp_path])[2] is None
    (extension / "package.json").write_text("{")
    assert "files are missing" in check.check_widgets([tmp_path])[1]


def test_widgets_need_their_pair(monkeypatch):
    requires = importlib.metadata.requires
    newer = ["traitlets", "jupyterlab_widgets~=99.0"]
    monkeypatch.setattr(
        importlib.metadata,
        "requires",
        lambda name: newer if name == "ipywidgets" else requires(name),
    )
    assert '"jupyterlab_widgets~=99.0"' in check.check_widgets()[2]
    monkeypatch.undo()
    hide(monkeypatch, "jupyterlab_widgets", "jupyterlab-widgets")
    assert check.check_widgets()[1].endswith("widgets missing")
    hide(monkeypatch, "ipywidgets")
    assert check.check_widgets()[2].endswith("-m pip install ipywidgets")


class Served(http.server.SimpleHTTPRequestHandler):
    """A server that gives to its own learner alone, and keeps no log."""

    def do_GET(self):
        if self.headers["Authorization"] == "token mine":
            super().do_GET()
        else:
            self.send_error(403)

    def log_message(self, *_):
        pass


@pytest.fixture
def of_a_hub(tmp_path, monkeypatch):
    """The extension's folder of a server, which a hub tells its kernels to be theirs."""
    extension = tmp_path / "lab" / "extensions" / MANAGER
    extension.mkdir(parents=True)
    handler = functools.partial(Served, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "mine")
        yield extension
        server.shutdown()


def test_on_a_hub_the_widgets_are_those_of_its_server(of_a_hub, monkeypatch):
    lacks = ("widgets in Lab", "the hub's server lacks the extension")
    assert check.check_widgets()[:2] == lacks and "ask whoever" in check.check_widgets()[2]
    package = {"jupyterlab": {"_build": {"load": "entry.js"}}}
    for version, found in ("5.0.16", lacks[1]), ("3.1.9", "the hub's server has 3.1.9 of"):
        (of_a_hub / "package.json").write_text(json.dumps(package | {"version": version}))
        assert check.check_widgets()[1].startswith(found)
        (of_a_hub / "entry.js").touch()
    (of_a_hub / "package.json").write_text(json.dumps(package | {"version": "5.0.16"}))
    assert check.check_widgets() == ("widgets in Lab", "paired with the hub's server", None)
    hide(monkeypatch, "jupyterlab_widgets")  # the page never sees the kernel's
    assert check.check_widgets()[2] is None


@pytest.mark.parametrize("token, page", [("another's", "{}"), ("mine", "{"), ("mine", "{}")])
def test_a_hub_that_does_not_tell_is_no_fault(of_a_hub, monkeypatch, token, page):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", token)
    (of_a_hub / "package.json").write_text(page)
    assert check.check_widgets() == ("widgets in Lab", "paired", None)


def test_a_hub_that_is_not_there_is_no_fault(of_a_hub, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_SERVICE_URL", "http://127.0.0.1:9/")
    assert check.check_widgets()[2] is None


def test_widgets_without_jupyter(monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyter_core.paths", None)
    assert check.check_widgets()[2].endswith("-m pip install jupyterlab")


def test_workspace(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert check.check_workspace() == ("workspace", str(tmp_path), None)
    monkeypatch.setattr(check, "_writable", lambda folder: False)  # root may write anywhere
    assert "read-only" in check.check_workspace()[1]
    assert "copy the course" in check.check_workspace()[2]


def test_progress(monkeypatch, tmp_path):
    path = tmp_path / "not" / "yet" / "progress.jsonl"
    monkeypatch.setenv("INITLIB_PROGRESS", str(path))
    assert check.check_progress() == ("progress", str(path), None)
    assert not path.parent.exists(), "a check leaves nothing behind"
    (tmp_path / "not").write_text("a file where a folder should be")
    assert "cannot be written" in check.check_progress()[1]
    assert "INITLIB_PROGRESS" in check.check_progress()[2]


def test_progress_without_platformdirs(monkeypatch):
    monkeypatch.delenv("INITLIB_PROGRESS")
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    assert check.check_progress()[2].endswith("-m pip install platformdirs")


def test_progress_without_a_home(monkeypatch):
    """No folder named ~ is made, whichever way the home would be asked for."""
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    for wanted in "~/p.jsonl", "~nobody/p.jsonl", None:
        monkeypatch.delenv("INITLIB_PROGRESS", raising=False)
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        if wanted:
            monkeypatch.setenv("INITLIB_PROGRESS", wanted)
        what, found, mend = check.check_progress()
        assert (what, found) == ("progress", "there is no home folder")
        assert mend == "set INITLIB_PROGRESS to a file you can write"


def test_threads(monkeypatch):
    assert check.check_threads()[1:] in [("limited", None), ("nothing to limit", None)]
    monkeypatch.setattr(_machine, "BLAS", None)
    assert check.check_threads() == (
        *("threads", "cannot be limited, so lessons may take longer"),
        "set the environment variable PYTHONUTF8 to 1",
    )


# As where a path has letters that the locale's encoding does not know.
HALTED = """
import sys, types
sys.modules["threadpoolctl"] = types.ModuleType("threadpoolctl")
sys.modules["threadpoolctl"].ThreadpoolController = lambda: "é".encode("ascii")
"""
DISPENSABLE = ["threadpoolctl", "platformdirs", "tqdm"]
LACKING = [f"import sys; sys.modules['{name}'] = None" for name in DISPENSABLE]


@pytest.mark.parametrize("lacking", [*LACKING, HALTED])
def test_what_a_lesson_can_do_without_does_not_keep_it_from_starting(lacking):
    lesson = f"""
import os, time
{lacking}
os.environ.pop("INITLIB_PROGRESS"), os.environ.pop("TQDM_DISABLE", None)
clock = iter(range(0, 10**6, 3))
time.monotonic = lambda: next(clock)
import numpy as np
from initlib import Network, fit, he_normal
from initlib.lessons import check, progress
check("00/standard-error", 0.1)
progress("00")
network = Network((4, 3), "relu", he_normal(), np.random.default_rng(0))
print(fit(network, np.eye(4), [0, 1, 2, 0], steps=5, learning_rate=1, batch_size=None).loss.shape)
"""
    environment = {**os.environ, "HOME": os.devnull}
    command = [sys.executable, "-c", lesson]
    done = subprocess.run(command, cwd=HOME.parent, capture_output=True, text=True, env=environment)
    assert "Right." in done.stdout and "1 of 1" in done.stdout, done.stderr
    assert done.stdout.endswith("(5, 1)\n"), done.stderr


@pytest.mark.parametrize("path", ["/nowhere/at/all.jsonl", "all.jsonl"])
def test_progress_where_no_folder_of_the_path_exists(monkeypatch, path):
    """As on a drive that is not there, whose top has itself for a parent."""
    monkeypatch.setenv("INITLIB_PROGRESS", path)
    monkeypatch.setattr(os.path, "exists", lambda path: False)
    assert "cannot be written" in check.check_progress()[1]


def test_digits_that_are_not_those_of_the_course(monkeypatch, tmp_path):
    data = (HOME / "data" / "digits.npz").read_bytes()
    monkeypatch.setattr(check, "__file__", str(tmp_path / "initlib" / "environment.py"))
    assert check.check_digits()[1] == "not readable (FileNotFoundError)"
    file = tmp_path / "initlib" / "data" / "digits.npz"
    file.parent.mkdir(parents=True)
    file.write_bytes(data)
    assert check.check_digits()[2] is None
    file.write_bytes(data[:-1] + b"?")
    assert "is not that of the course" in check.check_digits()[1]
    assert "git checkout" in check.check_digits()[2]


def test_report_is_aligned():
    results = [("a", "1", None), ("long name", "2.0", "do this")]
    assert check.report(results) == [
        "a          1    OK",
        "long name  2.0  to mend: do this",
    ]


def test_summary_says_what_is_wrong_and_nothing_else(monkeypatch):
    monkeypatch.setattr(check, "check_digits", lambda: ("digits", "none", "do this"))
    assert check.summary() == "digits  none  to mend: do this"


def test_summary_is_the_same_in_a_read_only_folder(monkeypatch):
    monkeypatch.setattr(check, "_writable", lambda folder: False)
    assert check.summary() == "Everything the course needs is here."


def test_on_colab_its_own_page_and_widgets_will_do(monkeypatch):
    """tests/trust/hosts.py asks there for the whole report."""
    hide(monkeypatch, "jupyterlab", "jupyterlab_widgets", "jupyterlab-widgets")
    there = "jupyterlab>=4.2", "ipywidgets>=99"
    assert all(check.check_package(each)[2] for each in there) and check.check_widgets()[2]
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    for _, found, mend in [*map(check.check_package, there), check.check_widgets()]:
        assert (found, mend) == ("Colab's own", None)
    hide(monkeypatch, "tqdm")
    assert check.check_package("tqdm>=4.66")[1] == "missing"


def test_in_a_browser_nothing_is_asked_of_what_is_not_there(monkeypatch):
    """A chapter asks there, too, in tests/browser/test_live.py; here the rest of the report."""
    hide(monkeypatch, "initlib")  # so that pyproject.toml says what is needed
    everywhere = {what for what, _, _ in check.needed() + check.wanted()}
    monkeypatch.setattr(check, "BROWSER", True)
    there = {what for what, _, _ in check.needed() + check.wanted()}
    assert there < everywhere
    needed = {"initlib", "jupyterlab", "kernel python3", "widgets in Lab"}
    assert everywhere - there == needed | {"workspace", "progress", "threads"}


def test_exit_status(monkeypatch, capsys):
    assert check.main() == 0
    monkeypatch.setattr(check, "check_digits", lambda: ("digits", "none", "do this"))
    assert check.main() == 1
    assert "to mend: do this" in capsys.readouterr().out


# Where little is there: an older Python, no packages, a package that breaks.


@pytest.mark.parametrize("module", ["__init__", "__main__", "environment", "_progress", "_served"])
def test_an_older_python_can_read_it(module):
    tree = ast.parse((HOME / f"{module}.py").read_text("utf-8"), feature_version=(3, 8))
    there = {*sys.stdlib_module_names, "initlib"} - {"graphlib", "tomllib", "zoneinfo"}
    for node in tree.body:
        if isinstance(node, ast.Import):
            assert {each.name.split(".")[0] for each in node.names} <= there
        if isinstance(node, ast.ImportFrom):
            assert node.module.split(".")[0] in there


def ask(*options, before=""):
    """The exit status and the lines of ``python -m initlib`` in a Python that lacks something."""
    code = f"import runpy, sys; sys.argv = ['-m']; {before}\nrunpy.run_module('initlib', "
    command = [sys.executable, *options, "-c", f"{code}run_name='__main__', alter_sys=True)"]
    done = subprocess.run(command, cwd=HOME.parent, capture_output=True, encoding="utf-8")
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_an_older_python_is_told_what_to_install_and_nothing_else():
    old = "sys.version_info = (3, 9, 2, 'final', 0); sys.modules['tomllib'] = None"
    status, lines = ask("-S", before=old)
    assert status == 1
    assert [line.split()[0] for line in lines] == ["Python", "interpreter"]
    assert "to mend: install Python 3.11 or newer" in lines[0]


def test_without_any_package_each_is_a_line_with_its_mend(monkeypatch):
    monkeypatch.delenv("INITLIB_PROGRESS")
    status, lines = ask("-S")
    assert status == 1
    for requirement in check.requirements():
        name = requirement.split(">")[0]
        (line,) = [line for line in lines if line.split()[:2] == [name, "missing"]]
        assert line.endswith(f'-m pip install "{requirement}"')
    assert any("platformdirs is missing" in line for line in lines if line.startswith("progress"))
    assert any(line.endswith("OK") for line in lines if line.startswith("digits"))


@pytest.mark.parametrize(
    "name", ["IPython", "jupyter_client", "numpy", "platformdirs", "threadpoolctl"]
)
def test_without_one_package_the_report_is_whole(name):
    _, lines = ask(before=f"sys.modules[{name!r}] = None")
    assert len(lines) == LINES


def test_an_initlib_that_breaks_does_not_break_its_check():
    broken = "sys.modules['numpy'] = type(sys)('numpy')  # as after a removal half done"
    _, lines = ask(before=broken)
    assert len(lines) == LINES


def test_who_imports_an_initlib_that_breaks_is_told():
    code = "import sys; sys.modules['numpy'] = None; import initlib"
    done = subprocess.run([sys.executable, "-c", code], cwd=HOME.parent, capture_output=True)
    assert b"ModuleNotFoundError: import of numpy halted" in done.stderr


def test_a_check_that_breaks_is_a_line(monkeypatch):
    def check_widgets():
        raise AttributeError("a package is half removed")

    monkeypatch.setattr(check, "check_widgets", check_widgets)
    (line,) = [line for line in check.report() if line.startswith("widgets ")]
    assert "cannot be checked: AttributeError: a package is half removed" in line
    assert "-m pip install --force-reinstall" in line


def test_command_runs():
    run = subprocess.run([sys.executable, "-m", "initlib"], capture_output=True, encoding="utf-8")
    assert run.returncode == 0, run.stdout + run.stderr
    assert all(line.endswith("  OK") for line in run.stdout.splitlines())
