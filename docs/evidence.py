"""The page of evidence: what the long checks wrote, set beside what the course holds today."""

import collections
import datetime
import re

import jinja2
import yaml

from tests.notebooks import NOTEBOOKS, ROOT, read
from tests.trust import drill, mutation, stored

BENCH = ROOT / "tests" / "bench" / "results.md"
WORKFLOWS = ROOT / ".github" / "workflows"
COMPARES = re.compile(r"^make (test(?:-oldest|-newest)?)$", re.MULTILINE)


def render(template):
    """The page's text, from a template that holds all of its prose."""
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"cell": cell, "day": day, "made": made}
    found = list(map(chapter, NOTEBOOKS))
    return environment.from_string(template).render(
        chapters=found,
        compared=compared(found),
        repeated=list(repeated()),
        drill=drilled(),
        mutation=mutated(),
        bench=benchmark(),
    )


def cell(text):
    """A text as a cell of a table in Markdown shows it."""
    return re.sub(r"([\\`*_{}\[\]<>|$#~])", r"\\\1", " ".join(str(text).split()))


def made(kept):
    """When something was found, by which edition of the course, and on what."""
    said = kept["made"]
    return f"{day(kept)}, {said['processor']}, {versions(said)}"


def day(kept):
    date = datetime.date.fromisoformat(kept["date"])
    edition = kept["made"]["initlib"].removesuffix("+")[:7]
    changed = " and changes" * kept["made"]["initlib"].endswith("+")
    return f"{date.day} {date:%B %Y}" + (f", edition {edition}{changed}" if edition else "")


def versions(said):
    return f"{said['system']}, Python {said['python']}, numpy {said['numpy']}"


def title(path):
    """A chapter's title with its number, under which its claims stand on the page."""
    return f"{path.stem[:2]} {read(path).cells[0].source.splitlines()[0].strip('# ')}"


def chapter(path):
    """The claims that a chapter makes, each with what was kept of it."""
    notebook, kept = read(path), stored.read(f"claims/{path.stem[:2]}")
    found = {(each["cell"], each["place"]): each for each in kept["claims"]} if kept else {}
    sections, claims = dict(headings(notebook)), []
    for (name, place), line in stored.claimed(notebook).items():
        row = {"cell": name, "section": sections[name], "line": line}
        claims.append(row | found.get((name, place), {"statement": line.partition("  ")[0]}))
    return {
        "number": path.stem[:2],
        "title": title(path),
        "page": f"notebooks/{path.name}",
        "kept": kept,
        "old": bool(kept) and kept["code"] != stored.code(notebook),
        "claims": claims,
    }


def headings(notebook):
    """(cell, the heading that it stands under) of each cell."""
    heading = ""
    for each in notebook.cells:
        if each.cell_type == "markdown":
            for line in re.findall(r"^#{2,3} (.*)", each.source, re.MULTILINE):
                heading = line
        yield each.id, heading


def compared(chapters):
    """On what the claims ran, and how many of them measured there what is stored."""
    places = collections.defaultdict(collections.Counter)
    for each in chapters:
        if each["kept"] and not each["old"]:
            said = each["kept"]["made"]
            counts = places[said["processor"], versions(said)]
            counts.update(digits(claim) for claim in each["claims"] if "measured" in claim)
    return places


def digits(claim):
    """Whether a claim measured what the chapter has stored, to the last digit shown."""
    if claim["line"].endswith(f"  measured {claim['measured']}"):
        return "equal"
    return "marked" if "≈" in claim["measured"] else "different"


def repeated():
    """Where every stored output is compared with a fresh one, as the workflows have it."""
    for name in "test", "weekly":
        workflow = yaml.safe_load((WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8"))
        for job in workflow["jobs"].values():
            matrix = job.get("strategy", {}).get("matrix", {})
            steps = [step.get("with", {}).get("python-version") for step in job["steps"]]
            runs = "\n".join(step.get("run", "") for step in job["steps"])
            for command in COMPARES.findall(runs):
                yield {
                    "when": {"test": "each push", "weekly": "each week"}[name],
                    "command": command,
                    "systems": matrix.get("os", [job["runs-on"]]),
                    "pythons": matrix.get("python", [each for each in steps if each]),
                }


def drilled():
    """Each fault of the drill with what saw it: "" if it was not planted, None if nothing did."""
    kept = stored.read("drill")
    found = kept["claims"] + kept["tests"] if kept else []
    seen = {(each["path"], each["name"]): each["seen"] for each in found}
    kinds = {"claims": drill.CORE, "tests": drill.TESTED}
    rows = {
        kind: [(fault.name, fault.path, seen.get((fault.path, fault.name), "")) for fault in faults]
        for kind, faults in kinds.items()
    }
    return {"kept": kept, **rows}


def mutated():
    for module in mutation.CONFIG["modules"]:
        kept = stored.read(f"mutation/{module}")
        yield {
            "module": module,
            "kept": kept,
            "old": bool(kept) and kept["code"] != mutation.code(module),
        }


def benchmark():
    """The parts of the benchmark's own page."""
    head, *parts = BENCH.read_text(encoding="utf-8").split("\n## ")
    made, said = head.lstrip("# ").split("\n", 1)
    return {"made": made, "said": said, **dict(part.split("\n", 1) for part in parts)}
