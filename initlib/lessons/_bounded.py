"""What a learner hands in runs under a bound of ours, so deep and so long and no further.

Python's own limit does not hold everywhere: some releases of 3.13 and 3.14 follow an endless
recursion through ``*args`` and keywords until all memory is gone (python/cpython 132744, 137883).
"""

import contextlib
import sys
import sysconfig
import time
from pathlib import Path

DEPTH = 400  # calls inside one another
SECONDS = 60  # of the processor's time
# Whose functions come to an end by themselves: the course's, Python's, and the installed packages'.
OURS = str(Path(__file__).parents[1])
OTHERS = (sysconfig.get_path("stdlib"), "<frozen ")
INSTALLED = ("site-packages", "dist-packages")


class TooMuch(BaseException):
    """Not an Exception, so that no ``except Exception`` of the learner's goes on after it."""


@contextlib.contextmanager
def bounded(depth=DEPTH, seconds=SECONDS):
    """Raise ``TooMuch``, which says why, when what runs inside goes too deep or takes too long."""
    if sys.gettrace() is not None:  # a debugger or a coverage tool is at work: let it
        yield
        return
    now, seen, end = 0, 0, time.process_time() + seconds

    def enter(frame, event, arg):
        nonlocal now
        if not _is_the_learner_s(frame):
            return None
        now += 1
        if now > depth:
            raise TooMuch("it calls itself without end")
        return inside

    def inside(frame, event, arg):
        nonlocal now, seen
        now -= event == "return"
        seen += 1
        if seen % 1000 == 0 and time.process_time() > end:
            raise TooMuch(f"it is not done after {seconds} seconds")
        return inside

    sys.settrace(enter)
    try:
        yield
    finally:
        sys.settrace(None)


def _is_the_learner_s(frame):
    """Whether it is of a notebook, or of a module that stands beside it."""
    file = frame.f_code.co_filename
    return not file.startswith((OURS, *OTHERS)) and not any(name in file for name in INSTALLED)
