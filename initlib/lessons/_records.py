"""What the learner answered: one line of JSON each, appended. A kernel that dies mid-write spoils
at most that line, and two open notebooks cannot overwrite one another. What cannot be written
waits in the kernel, and is written with the next answer."""

import contextlib
import errno
import json
import threading

from initlib._progress import progress_file

EDITION = 2  # what was answered in another edition belongs to chapters of other numbers

# A home that cannot be written or is not there, or a package that does not say where it is.
NO_HOME = (OSError, RuntimeError, ImportError)

_unwritten = []
_writing = threading.Lock()


def record(name, right, choice=None):
    """Remember that the item was answered, whether rightly, and of a question which choice.

    Return nothing, or the sentence for a learner whose answer could not be written."""
    line = {"edition": EDITION, "item": name, "right": bool(right)}
    if choice is not None:
        line["choice"] = choice
    with _writing:
        _unwritten.append(json.dumps(line))
        try:
            path = progress_file()
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write("".join(f"\n{line}" for line in _unwritten))
        except NO_HOME as problem:
            return _told(problem)
        _unwritten.clear()
    return None


def _told(problem):
    """What a learner does about it."""
    place, full = "your home", getattr(problem, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
    with contextlib.suppress(*NO_HOME):
        place = progress_file()
    mend = "Make room there" if full else "`python -m initlib` in a terminal says what to do"
    return (
        f"Not kept yet: {place} cannot be written ({getattr(problem, 'strerror', problem)}). "
        f"{mend}; then answer again, and all that waits in this notebook's kernel is kept."
    )


def records():
    """What was answered in this edition, oldest first, as triples (item, right, choice)."""
    try:
        path = progress_file()
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        lines = text.splitlines()
    except NO_HOME:
        lines = []
    for line in lines + _unwritten:
        try:
            found = json.loads(line)
            if found["edition"] == EDITION:
                yield str(found["item"]), bool(found["right"]), found.get("choice")
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
