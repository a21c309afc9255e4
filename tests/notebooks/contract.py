"""What a chapter asks of a learner, counted: cells, words, lines, claims, minutes.

The minutes are an estimate by rule, the same for every chapter: see ``MINUTES``. Left out are the
guard, which is the same in every chapter, and what stands under "Going further".
"""

import re
import statistics
import tomllib
from typing import NamedTuple

from tests import code_lines
from tests.notebooks import ROOT, read

MINUTES = {
    "words": 1 / 150,
    "code": 1 / 12,
    "derivation": 1,  # a line of it
    "table": 0.2,  # a line of any other
    "figures": 0.5,
    "predictions": 1,
    "explorables": 3,
    "judgements": 3,
    "seconds": 1 / 60,  # that the cells compute, as the chapter's head says
}
AN_EXERCISE = 5  # minutes, where no text file says how many
A_QUESTION = 1

CALLS = {
    "predictions": r"^predict\(",
    "explorables": r"^explore\(",
    "judgements": r"^judge\(",
    "exercises": r'^check\("\d\d/([\w-]+)"',
}
APPROXIMATE = r"≈ ?-?[\d.]+"


class Contract(NamedTuple):
    """The counts of one chapter, each under the name that the limits and the table use."""

    guard: int  # code lines
    imports: int
    cells: int
    words: int
    code: int
    median: float  # code lines a cell
    p90: float
    claims: int
    hidden: int  # numbers that are not shown
    approx: int  # numbers that are shown and not compared
    predictions: int
    explorables: int
    figures: int
    exercises: int
    questions: int
    seconds: int
    minutes: float  # to read, predict and run
    practice: float  # minutes for the exercises and the quiz
    says: tuple  # the minutes that the chapter's head says: those, then these
    further: int  # cells under "Going further"


def without_further(cells):
    """The cells before and after the section "Going further", and those in it."""
    inside, outside, within = [], [], False
    for cell in cells:
        heading = re.match(r"## (.*)", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            within = heading[1].strip().lower() == "going further"
        (inside if within else outside).append(cell)
    return outside, inside


def is_guard(cell):
    return cell.cell_type == "code" and "except ModuleNotFoundError" in cell.source


def prose(source):
    """The words of a markdown cell that are read one after another, formulas as one word each."""
    text = re.sub(r"\$\$.*?\$\$", " formula ", source, flags=re.DOTALL)
    text = re.sub(r"\$[^$\n]*\$", "formula", text)
    text = re.sub(r"<!--.*?-->|</?[a-z][^<>]*>|\]\([^)\s]*\)|```\w*", " ", text, flags=re.DOTALL)
    lines = [line for line in text.split("\n") if not line.startswith("|")]
    return re.findall(r"\S*\w\S*", "\n".join(lines))


def table_lines(source):
    """How many lines of derivations and of other tables a markdown cell has, without heads."""
    derivation = other = 0
    for table in re.findall(r"(?:^\|.*\n?)+", source, re.MULTILINE):
        head, *rows = table.strip().split("\n")
        if re.search(r"\b(because|reason)\b", head):
            derivation += len(rows[1:])
        else:
            other += len(rows[1:])
    return derivation, other


def plain_text(cells, described=True):
    """What the cells show, as text, each output once; pictures by what is ``described`` of them."""
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    if not described:
        outputs = [output for output in outputs if "image/png" not in output.get("data", {})]
    return "\n".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in outputs)


def texts_of(number):
    path = ROOT / "initlib" / "lessons" / "texts" / f"{number}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def table(rows):
    """The lines of a table of chapters, each a stem and its Contract."""
    names = ("cells", "words", "code", "median", "p90", "claims", "hidden", "approx")
    names += ("minutes", "practice", "says")
    yield f"{'':<30}" + "".join(f"{name.replace('approx', '≈'):>9}" for name in names)
    for stem, row in sorted(rows):
        told = {**row, "says": "+".join(map(str, row["says"]))}
        told = [told[name] for name in names]
        cells = [value if isinstance(value, str) else f"{value:.0f}" for value in told]
        yield f"{stem:<30}" + "".join(f"{cell:>9}" for cell in cells)


def contract(path):
    """The counts of the chapter whose notebook is at ``path``."""
    return count(read(path).cells, texts_of(path.name[:2]).get("exercises", {}))


def running(cells):
    """The cells that run; the guard does nothing where all is in place."""
    code = [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]
    return [cell for cell in code if not is_guard(cell)]


def markdown_of(cells):
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def called(name, cells):
    """What the calls of this name are given, in order."""
    sources = "\n".join(cell.source for cell in running(cells))
    return re.findall(CALLS[name], sources, re.MULTILINE)


def clock(cells):
    """How much of all that takes time is in some cells, under the names of ``MINUTES``."""
    code, markdown = running(cells), markdown_of(cells)
    asking = re.compile(r"^(predict|settle|judge|verdicts)\(", re.MULTILINE)
    asked = [cell for cell in code if asking.search(cell.source)]
    derivation, other = table_lines(markdown)
    said = re.search(r"compute for about (\w+) second", markdown)
    return {
        "words": len(prose(markdown)) + len(prose(plain_text(asked))),
        "code": sum(code_lines(cell.source) for cell in code),
        "derivation": derivation,
        "table": other,
        "figures": sum("image/png" in o.get("data", {}) for c in code for o in c.outputs),
        "predictions": len(called("predictions", code)),
        "explorables": len(called("explorables", code)),
        "judgements": len(called("judgements", code)),
        "seconds": int(said[1].replace("a", "1")) if said else 0,
    }


def minutes(cells):
    """The minutes to read, predict and run some cells."""
    return sum(MINUTES[name] * number for name, number in clock(cells).items())


def questions(cells):
    """How many questions the quiz asks in some cells."""
    asked = re.findall(r"^Question 1 of (\d+)\.", plain_text(running(cells)), re.MULTILINE)
    return sum(map(int, asked))


def practice(cells, exercises):
    """The minutes of the exercises and the quiz in some cells."""
    solved = [exercises.get(key, {}) for key in called("exercises", cells)]
    given = sum(exercise.get("minutes", AN_EXERCISE) for exercise in solved)
    return given + A_QUESTION * questions(cells)


def count(cells, exercises):
    """The counts of a chapter's cells; ``exercises`` says in its texts how long each takes."""
    cells, further = without_further(cells)
    guards, cells = filter(is_guard, cells), [cell for cell in cells if not is_guard(cell)]
    code, markdown, taken = running(cells), markdown_of(cells), clock(cells)
    sizes = sorted(code_lines(cell.source) for cell in code)
    shown = plain_text(code)
    head = re.search(r"^\*\*Time\*\*.*$", markdown, re.MULTILINE)
    return Contract(
        guard=sum(code_lines(cell.source) for cell in guards),
        imports=code_lines(code[0].source) if code else 0,
        cells=len(cells),
        words=len(prose(markdown)),
        code=taken["code"],
        median=statistics.median(sizes),
        p90=statistics.quantiles(sizes, n=10, method="inclusive")[-1],
        claims=len(re.findall("^agrees  ", shown, re.MULTILINE)),
        hidden=len(re.findall(r"\bmeasured as said\b|\bnot compared\b", shown)),
        approx=len(re.findall(APPROXIMATE, plain_text(code, described=False))),
        predictions=taken["predictions"],
        explorables=taken["explorables"],
        figures=taken["figures"],
        exercises=len(called("exercises", code)),
        questions=questions(cells),
        seconds=taken["seconds"],
        minutes=minutes(cells),
        practice=practice(cells, exercises),
        says=tuple(map(int, re.findall(r"(\d+) minutes?\b", head[0]))) if head else (),
        further=len(further),
    )
