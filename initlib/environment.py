"""The environment check: ``python -m initlib``.

One line for each thing that has to be right; it ends in OK, or in the one command that mends it.
Each check returns ``(what, found, mend)``, where ``mend`` is None when all is well.

It is asked when something is wrong. So it runs on Python 3.8 too and needs no package, and a check
that breaks is a line like any other.
"""

import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from initlib._progress import progress_file
from initlib._served import MANAGER, on_colab, served_widgets

OLDEST_PYTHON = (3, 11)
BROWSER = sys.platform == "emscripten"  # a Python with no program, terminal or Lab around it

# The first digits of the SHA-256 of digits.npz: a damaged or exchanged file is noticed.
DIGITS = "089d3317"


# A folder's name may have letters that the language set for the terminal does not know.
IN_ANY_FOLDER = "set the environment variable PYTHONUTF8 to 1"


def python_m(command):
    """A command for this interpreter, to be pasted into a terminal."""
    program = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    return f"{program} -m {command}"


def check_python(version=tuple(sys.version_info)):
    """Is it new enough for the course?"""
    found = ".".join(map(str, version[:3]))
    if version >= OLDEST_PYTHON:
        return "Python", found, None
    mend = "install Python 3.11 or newer from https://www.python.org/downloads/"
    return "Python", found, mend


def check_interpreter():
    """Which of the machine's Pythons speaks here: nothing to mend, but good to know."""
    return "interpreter", sys.executable, None


def check_initlib():
    """A notebook's kernel does not start in this folder; does it find and load this initlib?"""
    here = Path(__file__).resolve().parent
    mend = python_m(f'pip install --editable "{here.parent}"') if _known(here) else IN_ANY_FOLDER
    code = "import importlib.util as u, os, sys; s = u.find_spec('initlib'); "
    code += "sys.stdout.buffer.write(os.fsencode(s.origin) if s else b''); import initlib"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tempfile.gettempdir(), capture_output=True)
    elsewhere = os.fsdecode(done.stdout)
    if not elsewhere:
        return "initlib", f"{here}, but notebooks do not find it", mend
    if Path(elsewhere).resolve().parent != here:
        return "initlib", f"{here}, but notebooks find {elsewhere}", mend
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().splitlines()[-1]
        return "initlib", f"{here}, which breaks: {why}", mend
    return "initlib", str(here), None


def _known(path):
    """Whether the encoding of paths knows its letters; those that it does not are surrogates."""
    return not any("\udc80" <= letter <= "\udcff" for letter in str(path))


def requirements():
    """What the course needs, as in pyproject.toml: ["numpy>=2.0", ...]."""
    try:
        lines = importlib.metadata.requires("initlib") or []
    except importlib.metadata.PackageNotFoundError:  # a checkout that was never installed
        project = Path(__file__).resolve().parent.parent / "pyproject.toml"
        if not project.exists():
            return []
        text = project.read_text(encoding="utf-8")  # tomllib is not there before Python 3.11
        block = re.search(r"^dependencies = \[$(.*?)^\]$", text, re.MULTILINE | re.DOTALL)
        lines = re.findall(r'^ *"([^"]+)"', block[1], re.MULTILINE)
    left_out = "extra ==|emscripten" if BROWSER else "extra =="
    return [line.partition(";")[0] for line in lines if not re.search(left_out, line)]


def check_package(requirement):
    """Is what one line of the requirements asks for installed?"""
    name = re.match(r"[\w.-]+", requirement)[0]
    if on_colab() and name in ("ipywidgets", "jupyterlab"):
        return name, "Colab's own", None
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
    """A notebook runs where it runs; from elsewhere JupyterLab's kernel python3 is judged.

    On a hub the kernel python3 may be one that the course does not use.
    """
    if _in_a_kernel():
        return "kernel", "running this", None
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


def _in_a_kernel():
    """Whether a notebook asks; IPython's shell has a kernel there, and none in a terminal."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and getattr(ipython.get_ipython(), "kernel", None) is not None


def check_widgets(folders=None):
    """ipywidgets draws through an extension of JupyterLab, which comes as a second package."""
    what = "widgets in Lab"
    mend = python_m("pip install --force-reinstall --no-deps ipywidgets jupyterlab_widgets")
    try:
        lines = importlib.metadata.requires("ipywidgets") or []
    except importlib.metadata.PackageNotFoundError:
        return what, "ipywidgets is missing", python_m("pip install ipywidgets")
    served = served_widgets() if folders is None else None
    if served:
        return (what, *served)
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
    extension = Path(folder, MANAGER)
    try:
        package = json.loads((extension / "package.json").read_text(encoding="utf-8"))
        return (extension / package["jupyterlab"]["_build"]["load"]).is_file()
    except (OSError, ValueError, KeyError):
        return False


def check_workspace():
    """Can a notebook be saved where it was opened?"""
    folder = os.getcwd()
    if _writable(folder):
        return "workspace", folder, None
    return "workspace", f"{folder} is read-only", "copy the course to a folder of your own"


def check_progress():
    """Can the learner's answers be kept?"""
    what = "progress"
    try:
        path = progress_file()
    except ImportError as missing:
        return what, f"{missing.name} is missing", python_m(f"pip install {missing.name}")
    except RuntimeError:
        return what, "there is no home folder", "set INITLIB_PROGRESS to a file you can write"
    # Its folder is made when there is something to keep: in the nearest one that is there.
    folder = next(filter(os.path.exists, path.parents), None)
    there = os.path.exists(path)
    if folder and _writable(folder) and (not there or os.access(path, os.W_OK)):
        return what, str(path), None
    return what, f"{path} cannot be written", "set INITLIB_PROGRESS to a file you can write"


def check_threads():
    """Can numpy be told to use one thread? Else lessons take longer beside a busy neighbour."""
    try:
        from initlib._machine import BLAS
    except ImportError as missing:  # of which another line says how to get it
        return "threads", f"{missing.name} is missing", None
    if BLAS is not None:
        return "threads", "limited" if BLAS else "nothing to limit", None
    return "threads", "cannot be limited, so lessons may take longer", IN_ANY_FOLDER


def _writable(folder):
    """By trying: permissions say little about network drives and Windows."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def check_digits():
    """Is the data file whole? Read as bytes, so that numpy may be missing."""
    what, mend = "digits", "git checkout -- initlib/data/digits.npz"
    path = Path(__file__).resolve().parent / "data" / "digits.npz"
    try:
        checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return what, f"not readable ({type(error).__name__})", mend
    if checksum.startswith(DIGITS):
        return what, "those of the course", None
    return what, f"{path} is not that of the course", mend


def attempt(check, *arguments):
    """What a check says, or that it broke: a half-removed package breaks in many ways."""
    try:
        return check(*arguments)
    except Exception as error:
        what = arguments[0] if arguments else check.__name__.replace("check_", "")
        folder = Path(__file__).resolve().parent.parent
        mend = python_m(f'pip install --force-reinstall --editable "{folder}"')
        return what, f"cannot be checked: {type(error).__name__}: {error}", mend


def needed():
    """The results without which the course does not run."""
    results = [check_python(), check_interpreter()]
    if check_python()[2]:  # all the rest is to be had with another Python, and not with this one
        return results
    results += [] if BROWSER else [attempt(check_initlib)]
    results += [attempt(check_package, requirement) for requirement in requirements()]
    around = [] if BROWSER else [check_kernel, check_widgets]  # which the page brings
    return results + [attempt(check) for check in (*around, check_digits)]


def wanted():
    """The results without which it runs, but does not keep what the learner does."""
    if BROWSER or check_python()[2]:  # what is kept in a browser, its page keeps
        return []
    return [attempt(check) for check in (check_workspace, check_progress, check_threads)]


def report(results=None):
    """One aligned line a check: what it is about, what was found, and OK or the mend."""
    results = needed() + wanted() if results is None else results
    first = max(len(what) for what, _, _ in results)
    second = min(60, max(len(found) for _, found, _ in results))
    return [
        f"{what:{first}}  {found:{second}}  " + ("OK" if mend is None else f"to mend: {mend}")
        for what, found, mend in results
    ]


def summary():
    """The same sentence on every machine where the course runs, or the lines that say why not."""
    wrong = [result for result in needed() if result[2] is not None]
    return "\n".join(report(wrong)) if wrong else "Everything the course needs is here."


def main():
    """Print the report; 1 if there is something to mend, for whoever calls this from a script."""
    results = needed() + wanted()
    print("\n".join(report(results)))
    return 1 if any(mend for _, _, mend in results) else 0
