"""What the learner answered: one line of JSON each, appended. A kernel that dies mid-write spoils
at most that line, and two open notebooks cannot overwrite one another."""

import json

from initlib._progress import progress_file

EDITION = 2  # what was answered in another edition belongs to chapters of other numbers

# A home that cannot be written or is not there, or a package that does not say where it is.
NO_HOME = (OSError, RuntimeError, ImportError)

_unwritten = []


def record(name, right, choice=None):
    """Remember that the item was answered, whether rightly, and of a question which choice."""
    line = {"edition": EDITION, "item": name, "right": bool(right)}
    if choice is not None:
        line["choice"] = choice
    line = json.dumps(line)
    try:
        path = progress_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n{line}")
    except NO_HOME:  # it costs nothing but the memory of it
        _unwritten.append(line)


def records():
    """What was answered in this edition, oldest first, as triples (item, right, choice)."""
    try:
        lines = progress_file().read_text(encoding="utf-8", errors="replace").splitlines()
    except NO_HOME:
        lines = []
    for line in lines + _unwritten:
        try:
            found = json.loads(line)
            if found["edition"] == EDITION:
                yield str(found["item"]), bool(found["right"]), found.get("choice")
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
