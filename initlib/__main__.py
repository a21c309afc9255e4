"""The environment check: ``python -m initlib``.

One line for each thing that has to be right; it ends in OK, or in the one command that mends it.
Each check returns ``(what, found, mend)``, where ``mend`` is None when all is well.
"""

import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

OLDEST_PYTHON = (3, 11)

# The first digits of the SHA-256 of the pixels: a damaged or exchanged data file is noticed.
PIXELS = "8f26b2bd"


def python_m(command):
    """A command for this interpreter, to be pasted into a terminal."""
    program = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    return f"{program} -m {command}"


def check_python(version=tuple(sys.version_info)):
    found = ".".join(map(str, version[:3]))
    if version >= OLDEST_PYTHON:
        return "Python", found, None
    return (
        "Python",
        found,
        "install Python 3.11 or newer from https://www.python.org/downloads/",
    )


def check_interpreter():
    return "interpreter", sys.executable, None


def check_initlib():
    """A notebook's kernel does not start in this folder; does it find this initlib?"""
    here = Path(__file__).resolve().parent
    code = "import importlib.util as u, os, sys; s = u.find_spec('initlib'); "
    code += "sys.stdout.buffer.write(os.fsencode(s.origin) if s else b'')"
    elsewhere = os.fsdecode(
        subprocess.run(
            [sys.executable, "-c", code], cwd=tempfile.gettempdir(), capture_output=True
        ).stdout
    )
    if elsewhere and Path(elsewhere).resolve().parent == here:
        return "initlib", str(here), None
    finds = f"find {elsewhere}" if elsewhere else "do not find it"
    found = f"{here}, but notebooks {finds}"
    return "initlib", found, python_m(f'pip install --editable "{here.parent}"')


def requirements():
    """What the course needs, as in pyproject.toml: ["numpy>=2.0", ...]."""
    try:
        lines = importlib.metadata.requires("initlib") or []
    except importlib.metadata.PackageNotFoundError:  # a checkout that was never installed
        project = Path(__file__).resolve().parent.parent / "pyproject.toml"
        if not project.exists():
            return []
        return tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    return [line for line in lines if "extra ==" not in line]


def check_package(requirement):
    name = re.match(r"[\w.-]+", requirement)[0]
    try:
        found = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return name, "missing", python_m(f'pip install "{requirement}"')
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return name, f"{found}, but not compared", python_m("pip install packaging")
    if Requirement(requirement).specifier.contains(found, prereleases=True):
        return name, found, None
    return name, f"{found}, not {requirement}", python_m(f'pip install "{requirement}"')


def check_kernel():
    """JupyterLab starts notebooks in the kernel python3, which has to be this interpreter."""
    what = "kernel python3"
    try:
        import ipykernel  # noqa: F401  (without it the kernel may be registered but cannot start)
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError as missing:
        return what, f"{missing.name} is missing", python_m("pip install jupyterlab")
    mend = python_m("ipykernel install --sys-prefix")
    try:
        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except (NoSuchKernel, OSError, ValueError, IndexError):
        return what, "not registered", mend
    # A bare name stands for the interpreter that JupyterLab itself runs in. A path is compared by
    # its folder, because the programs of two environments may be links to one file.
    bare = re.fullmatch(r"python(3(\.\d+)?)?(\.exe)?", program)
    if bare or Path(program).parent.resolve() == Path(sys.executable).parent.resolve():
        return what, "this interpreter", None
    return what, f"another interpreter, {program}", mend


def check_widgets(folders=None):
    """ipywidgets draws through an extension of JupyterLab, which comes as a second package."""
    what = "widgets in Lab"
    mend = python_m("pip install --force-reinstall --no-deps ipywidgets jupyterlab_widgets")
    try:
        lines = importlib.metadata.requires("ipywidgets") or []
    except importlib.metadata.PackageNotFoundError:
        return what, "ipywidgets is missing", python_m("pip install ipywidgets")
    for line in lines:
        if re.match("jupyterlab[-_]widgets", line):
            name, found, unpaired = check_package(line)
            if unpaired:
                return what, f"{name} {found}", unpaired
    if folders is None:
        try:
            from jupyter_core.paths import jupyter_path
        except ImportError:
            return what, "jupyter_core is missing", python_m("pip install jupyterlab")
        folders = jupyter_path("labextensions")
    if any(map(_holds_extension, folders)):
        return what, "paired", None
    return what, "the extension's files are missing", mend


def _holds_extension(folder):
    extension = Path(folder, "@jupyter-widgets", "jupyterlab-manager")
    try:
        package = json.loads((extension / "package.json").read_text(encoding="utf-8"))
        return (extension / package["jupyterlab"]["_build"]["load"]).is_file()
    except (OSError, ValueError, KeyError):
        return False


def check_workspace():
    folder = os.getcwd()
    if _writable(folder):
        return "workspace", folder, None
    return (
        "workspace",
        f"{folder} is read-only",
        "copy the course to a folder of your own",
    )


def check_progress():
    what = "progress"
    try:
        from initlib.lessons import progress_file

        path = Path(progress_file())
    except ImportError as missing:
        return (
            what,
            f"{missing.name} is missing",
            python_m(f"pip install {missing.name}"),
        )
    folder = path.parent
    while not folder.exists():  # it is made when there is something to keep
        folder = folder.parent
    if _writable(folder) and (not path.exists() or os.access(path, os.W_OK)):
        return what, str(path), None
    return (
        what,
        f"{path} cannot be written",
        "set INITLIB_PROGRESS to a file you can write",
    )


def _writable(folder):
    """By trying: permissions say little about network drives and Windows."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def check_digits():
    what, mend = "digits", "git checkout -- initlib/data/digits.npz"
    try:
        from initlib.datasets import raw_digits

        pixels, labels = raw_digits()
        found = f"{len(labels)} pictures, {pixels.shape[1]} x {pixels.shape[2]} pixels"
        checksum = hashlib.sha256(pixels.astype("uint8").tobytes()).hexdigest()
    except Exception as error:  # a damaged file fails in many ways; the mend is one
        return what, f"not readable ({type(error).__name__})", mend
    if pixels.shape == (1797, 8, 8) and checksum.startswith(PIXELS):
        return what, found, None
    return what, f"{found}, but not those of the course", mend


def needed():
    """The results without which the course does not run."""
    return [
        check_python(),
        check_interpreter(),
        check_initlib(),
        *map(check_package, requirements()),
        check_kernel(),
        check_widgets(),
        check_digits(),
    ]


def wanted():
    """The results without which it runs, but does not keep what the learner does."""
    return [check_workspace(), check_progress()]


def report(results=None):
    """One aligned line a check: what it is about, what was found, and OK or the mend."""
    results = needed() + wanted() if results is None else results
    first = max(len(what) for what, _, _ in results)
    second = min(60, max(len(found) for _, found, _ in results))
    return [
        f"{what:{first}}  {found:{second}}  {'OK' if mend is None else f'to mend: {mend}'}"
        for what, found, mend in results
    ]


def summary():
    """The same sentence on every machine where the course runs, or the lines that say why not."""
    wrong = [result for result in needed() if result[2] is not None]
    return "\n".join(report(wrong)) if wrong else "Everything the course needs is here."


def main():
    results = needed() + wanted()
    print("\n".join(report(results)))
    return 1 if any(mend for _, _, mend in results) else 0


if __name__ == "__main__":
    sys.exit(main())
