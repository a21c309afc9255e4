"""The course running in the reader's browser: JupyterLite and the notebooks, in live/ of the site.

``jupyterlite/pyodide.mjs`` says where Python comes from. `import initlib` fetches what a chapter
needs: the course and what else Pyodide lacks lie in live/wheels/, with a list like Pyodide's own.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).parent
ROOT = HERE.parent
WAITS = ROOT / "tests" / "browser" / "results" / "waits.json"  # by `make waits`

BESIDE = (  # what the course needs and Pyodide does not have
    "comm",
    "ipywidgets",
    "threadpoolctl",  # it has one, whose 3.6 warns of what is deprecated there
)
LEFT_OUT = "jupyterlab-widgets"  # what ipywidgets asks for and JupyterLite brings
THERE = {"sys_platform": "emscripten", "extra": ""}

DIAGRAMS = re.compile(rb"mermaidAPI|langium|cytoscape|org\.eclipse\.elk")  # 3 MB

LONG = 10  # seconds: who waits longer is told before
PAGE = """<div class="live" hidden>
<p><a href="../live/notebooks/index.html?path={name}">Run this chapter in your browser</a></p>
<p>Nothing is installed: your browser fetches Python, which takes up to half a minute, and computes
by itself. {minutes} The results stand on this page, and your answers stay in your browser.</p>
</div>"""
MINUTES = "That is many times slower: all cells of this chapter together take about {}."
HEAD = """> This chapter runs in your browser. Run a cell by Shift and Enter; the first waits until
> Python is there, up to half a minute. {minutes} Your answers and changes stay in this browser."""
BEFORE = "> The next cell takes about {} in a browser. What stands below it is the stored result."


def notebooks():
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def waits(path):
    """The seconds that the cells of a chapter take in a browser, by their ids, as measured."""
    known = json.loads(WAITS.read_text(encoding="utf-8")) if WAITS.exists() else {}
    return known.get(path.stem[:2], {"seconds": {}})["seconds"]


def told(seconds):
    """A time as it is said: to ten seconds, or to minutes."""
    if seconds < 95:
        return f"{max(10, 10 * round(seconds / 10))} seconds"
    return f"{round(seconds / 60)} minutes"


def in_all(path):
    seconds = sum(waits(path).values())
    return MINUTES.format(told(seconds)) if seconds else ""


def markdown(source, key):
    return {"cell_type": "markdown", "id": key, "metadata": {}, "source": source}


def invite(app, page, source):
    """Below each chapter's title stands the way to the chapter that runs."""
    path = ROOT / f"{page}.ipynb"
    if path in notebooks():
        notebook = json.loads(source[0])
        said = PAGE.format(name=path.name, minutes=in_all(path))
        head = notebook["cells"][0]
        title, _, rest = "".join(head["source"]).partition("\n")
        head["source"] = f"{title}\n\n{said}\n\n{rest}"
        source[0] = json.dumps(notebook)


def prepared(path):
    """A chapter's notebook as it is opened: with the waits, and only the results that need one."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    title, *cells = notebook["cells"]
    ready = [title, markdown(HEAD.format(minutes=in_all(path)), "live")]
    for cell in cells:
        seconds = waits(path).get(cell["id"], 0)
        if seconds > LONG:
            ready.append(markdown(BEFORE.format(told(seconds)), f"{cell['id']}-wait"))
        elif cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
        ready.append(cell)
    kernel = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    return {**notebook, "cells": ready, "metadata": {"kernelspec": kernel}}


def make_wheels(folder):
    """The course, and what it needs that Pyodide does not have."""
    shutil.rmtree(ROOT / "build" / "lib", ignore_errors=True)  # else old modules come along
    needed = [f"{name}=={metadata.version(name)}" for name in BESIDE]
    run("pip", "wheel", "--no-deps", "--wheel-dir", folder, ROOT, *needed)


def listed(wheel, folder):
    """A wheel's name, and its entry in the list that tells Pyodide what to fetch for an import."""
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
        (place,) = {name.split("/")[0] for name in names if ".dist-info/" in name}
        said = metadata.PathDistribution(zipfile.Path(file, f"{place}/"))
        name, version = canonicalize_name(said.name), said.version
        needed = [each.name for each in map(Requirement, said.requires or []) if applies(each)]
    modules = {each.split("/")[0].removesuffix(".py") for each in names if each.endswith(".py")}
    return name, {
        "name": name,
        "version": version,
        "file_name": Path(os.path.relpath(wheel, folder)).as_posix(),
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "depends": [canonicalize_name(each) for each in needed],
        "imports": sorted(modules),
        "install_dir": "site",
        "package_type": "package",
        "unvendored_tests": False,
    }


def applies(requirement):
    if canonicalize_name(requirement.name) == LEFT_OUT:
        return False
    return requirement.marker is None or requirement.marker.evaluate(THERE)


def begin(app):
    """It is built beside the pages, which need nothing of it."""
    app.live = concurrent.futures.ThreadPoolExecutor(1).submit(build, Path(app.outdir))


def end(app, failed):
    app.live.result()


def build(site):
    """JupyterLite with the notebooks, the wheels and their list."""
    lite, live = site.with_name("live"), site / "live"
    shutil.rmtree(lite, ignore_errors=True)
    shutil.copytree(HERE / "jupyterlite", lite)
    (lite / "files").mkdir()
    for path in notebooks():
        (lite / "files" / path.name).write_text(json.dumps(prepared(path)), encoding="utf-8")
    run("jupyterlite_core", "build", "--output-dir", live, where=lite)
    shutil.copy(lite / "pyodide.mjs", live)
    make_wheels(live / "wheels")
    wheels = [*live.glob("wheels/*.whl"), *sorted(live.glob("extensions/**/pypi/*.whl"))]
    lock = {"packages": dict(listed(wheel, live / "wheels") for wheel in wheels)}
    (live / "wheels" / "lock.json").write_text(json.dumps(lock, indent=1), encoding="utf-8")
    drop_unused(live)


def drop_unused(live):
    """Leave out what is fetched by no chapter: old forms of fonts, and what draws diagrams."""
    for font in live.rglob("*.woff2"):
        for old in ".eot", ".svg", ".ttf", ".woff":
            font.with_suffix(old).unlink(missing_ok=True)
    for script in live.glob("build/*.js"):
        if DIAGRAMS.search(script.read_bytes()):
            script.unlink()


def run(module, *arguments, where=None):
    """Run a module of this Python; what it says is shown when it fails."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = subprocess.run(command, cwd=where, **said)
    if done.returncode:
        raise RuntimeError(f"{module} fails:\n{done.stdout}")


def setup(app):
    app.connect("source-read", invite, priority=600)  # after pages.prepare
    app.connect("builder-inited", begin)
    app.connect("build-finished", end)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
