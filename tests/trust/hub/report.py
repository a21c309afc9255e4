"""What a class took, as Markdown, and what a class of another size needs."""

import datetime
import importlib.metadata
import math
import os
import statistics

import psutil

from tests.trust import stored

WAITS = {
    "server": "from the login to a server of one's own",
    "course": "until git has brought the course",
    "kernel": "until a kernel answers",
    "chapter": "for all cells of the chapter",
}
PARTS = "hub", "proxy", "server", "kernel"
LESSON, MANY = 45 * 60, 300  # seconds of a lesson, and learners of a large class


def report(number, chapter, load, learners, failures, uses):
    """The results as Markdown."""
    yield f"Chapter {chapter} with {number} learners at once, {machine()}."
    yield f"Load of the machine before: {load:.1f}. Failures: {len(failures)} of {number}."
    yield from ("", "| seconds | median | 95th percentile |", "| --- | --- | --- |")
    for wait, words in WAITS.items():
        took = [each.seconds[wait] for each in learners if wait in each.seconds] or [math.nan]
        most = statistics.quantiles(took * 2, n=20, method="inclusive")[-1]
        yield f"| {words} | {statistics.median(took):.1f} | {most:.1f} |"
    yield from (
        "",
        "| part | processes | MB each | peak | core-seconds |",
        "| --- |" + 4 * " --- |",
    )
    for part in PARTS:
        count, memory, peak, seconds = uses[-1][part]
        yield f"| {part} | {count} | {memory / max(count, 1):.0f} | {peak:.0f} | {seconds:.0f} |"
    yield from ("", *needs(number, *uses))


def needs(number, before, arrived, after):
    """What follows from the figures for a class of another size."""
    share = {part: memory / max(count, 1) for part, (count, memory, *_) in after.items()}
    own, common = share["server"] + share["kernel"], share["hub"] + share["proxy"]
    coming, working = (
        sum(end[part][-1] - begin[part][-1] for part in PARTS) / number
        for begin, end in ((before, arrived), (arrived, after))
    )
    hub = (arrived["hub"][-1] - before["hub"][-1]) / number
    minutes = max(2, math.ceil(MANY * hub / 60))  # the hub is one process, on one core
    cores = MANY * max(coming / (60 * minutes), working / LESSON)
    yield f"A learner takes {own:.0f} MB, {coming:.1f} core-seconds to come, of which {hub:.1f} are"
    yield f"the hub's, and {working:.1f} for the chapter. Hub and proxy take {common:.0f} MB."
    yield f"A GB holds {1000 / own:.1f} learners. A core lets {60 / coming:.1f} come in a minute,"
    yield f"and carries {LESSON / working:.0f} who run the chapter within {LESSON // 60} minutes."
    yield f"{MANY} learners need {math.ceil((MANY * own + common) / 1000)} GB, and"
    yield f"{math.ceil(cores)} cores if all are to come within {minutes} minutes. One hub lets no"
    yield f"more than {60 / hub:.0f} come in a minute."


def machine():
    names = "jupyterhub", "jupyterlab", "nbgitpuller", "numpy"
    versions = [f"{name} {importlib.metadata.version(name)}" for name in names]
    memory = psutil.virtual_memory().total / 1e9
    cores = f"{os.cpu_count()} cores, {memory:.0f} GB, Linux"
    edition = f"edition {stored.commit()}"
    return ", ".join([f"{datetime.date.today()}", stored.processor(), cores, *versions, edition])
