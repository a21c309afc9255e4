"""Each check of ``python -m initlib`` says OK where all is well, and the mend where it is not."""

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel

from initlib import __main__ as check
from initlib import datasets


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
    without_packages = subprocess.CompletedProcess([], 0, stdout=b"")
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: without_packages)
    assert "do not find it" in check.check_initlib()[1]
    assert "pip install --editable" in check.check_initlib()[2]


def test_requirements_are_those_of_pyproject(monkeypatch):
    installed = check.requirements()
    assert any(line.startswith("numpy>=") for line in installed)
    assert not any("pytest" in line for line in installed)
    hide(monkeypatch, "initlib")
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


def change_one(pixels):
    pixels[0, 0, 0] += 1
    return pixels


@pytest.mark.parametrize("change", [change_one, lambda pixels: pixels[1:]])
def test_digits_that_are_not_those_of_the_course(monkeypatch, change):
    pixels, labels = datasets.raw_digits()
    monkeypatch.setattr(datasets, "raw_digits", lambda: (change(pixels), labels))
    assert "not those of the course" in check.check_digits()[1]
    assert "git checkout" in check.check_digits()[2]


def test_digits_that_cannot_be_read(monkeypatch):
    def damaged():
        raise ValueError("not a zip file")

    monkeypatch.setattr(datasets, "raw_digits", damaged)
    assert "not readable" in check.check_digits()[1]
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


def test_exit_status(monkeypatch, capsys):
    assert check.main() == 0
    monkeypatch.setattr(check, "check_digits", lambda: ("digits", "none", "do this"))
    assert check.main() == 1
    assert "to mend: do this" in capsys.readouterr().out


def test_command_runs():
    run = subprocess.run([sys.executable, "-m", "initlib"], capture_output=True, encoding="utf-8")
    assert run.returncode == 0, run.stdout + run.stderr
    assert all(line.endswith("  OK") for line in run.stdout.splitlines())
