"""What a learner hands in runs under a bound of ours, so deep and so long and no further.

Python's own limit does not hold everywhere: some releases of 3.13 and 3.14 follow an endless
recursion through ``*args`` and keywords until all memory is gone (python/cpython 132744, 137883).
"""

import contextlib
import sys
import time

DEPTH = 400  # calls inside one another
SECONDS = 60  # of the processor's time


class TooMuch(BaseException):
    """Not an Exception, so that no ``except Exception`` of the learner's goes on after it."""


@contextlib.contextmanager
def bounded(depth=DEPTH, seconds=SECONDS):
    """Raise ``TooMuch``, which says why, when what runs inside goes too deep or takes too long."""
    if sys.gettrace() is not None:  # a debugger or a coverage tool is at work: let it
        yield
        return
    now, end = 0, time.process_time() + seconds

    def enter(frame, event, arg):
        nonlocal now
        now += 1
        if now > depth:
            raise TooMuch("it calls itself without end")
        frame.f_trace_lines = _is_the_learner_s(frame)
        return inside

    def inside(frame, event, arg):
        nonlocal now
        now -= event == "return"
        if time.process_time() > end:
            raise TooMuch(f"it is not done after {seconds} seconds")
        return inside

    sys.settrace(enter)
    try:
        yield
    finally:
        sys.settrace(None)


def _is_the_learner_s(frame):
    """Whether each line is watched: those of the course and of packages come to an end."""
    name = frame.f_globals.get("__name__") or ""
    return name == "__main__" or not (
        name.startswith("initlib") or "site-packages" in frame.f_code.co_filename
    )
