"""What the long checks found, as it is kept in ``results/`` for the site's page of evidence.

These files are the one exception to the rule that nothing generated stands in git: they come of
hours of computing. Each says when and on what it was made. Claims are known by their chapter, their
cell and their place in it, never by their words.
"""

import datetime
import hashlib
import importlib.metadata
import json
import platform
import re
import subprocess
from pathlib import Path

from tests.notebooks import GUARD, ROOT, code_cells

RESULTS = Path(__file__).parent / "results"
COURSE = "initlib", "notebooks"
AGREES = re.compile(r"^agrees  (.*)$", re.MULTILINE)


def made():
    """The versions and the processor that a run is made with; to be asked before it begins."""
    return {
        "initlib": commit(),
        "python": platform.python_version(),
        "numpy": importlib.metadata.version("numpy"),
        "system": platform.system(),
        "processor": processor(),
    }


def commit():
    """The last that changed the course, "+" where it was changed since; "" without a history."""
    try:
        last = _git("log", "-1", "--format=%h", "--abbrev=12", "--", *COURSE).strip()
        return last + "+" * bool(_git("status", "--porcelain", "--", *COURSE))
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*arguments):
    return subprocess.check_output(
        ["git", *arguments], cwd=ROOT, text=True, stderr=subprocess.DEVNULL
    )


def processor():
    """Its kind, as the system names it."""
    cpu = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.*)", cpu.read_text()) if cpu.exists() else []
    return names[0] if names else platform.processor() or platform.machine()


def write(name, made, **found):
    path = RESULTS / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {"date": str(datetime.date.today()), "made": made, **found}
    path.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(name):
    """What was found; None if nothing was kept."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def code(notebook):
    """A sum of the notebook's code: another one means that a result is older than its chapter."""
    cells = [cell for cell in code_cells(notebook) if cell.id != GUARD]  # it computes nothing
    return checksum([[cell.id, cell.source] for cell in cells])


def checksum(texts):
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()


def claimed(notebook):
    """{(cell, place in it): the line} of each claim that the stored outputs tell."""
    return {
        (cell.id, place): line
        for cell in code_cells(notebook)
        for place, line in enumerate(AGREES.findall(printed(cell)))
    }


def printed(cell):
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")
