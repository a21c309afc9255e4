"""The tables of ``results.md``, and what was aimed at."""

import datetime
import importlib.metadata
import os
import platform
import subprocess
import sys

from tests.bench.jobs import STEPS
from tests.trust import stored

NAMES = ("initlib", "notebook", "PyTorch", "JAX", "scikit-learn")
STEP_GOALS = (1.5, 0.95, 0.4), (1.1, 1.03, 0.8), (1.38, 1.0, 0.5), (1.15, 1.05, 0.75)
GOALS = [  # job, contender, what it is compared with, at most
    ("sample He normal, float32", "initlib", "floor", 1.1),
    ("sample He normal, float64", "initlib", "floor", 1.1),
    ("sample Xavier uniform, float32", "initlib", "floor", 1.2),
    ("sample Xavier uniform, float64", "initlib", "floor", 1.2),
    ("sample orthogonal (784, 256)", "initlib", "floor", 1.15),
    ("sample orthogonal (1024, 1024)", "initlib", "floor", 1.15),
    *(
        (f"{name}, tanh", "initlib", other, most)
        for name, goals in zip(STEPS, STEP_GOALS)
        for other, most in zip(("floor", "JAX", "PyTorch"), goals)
    ),
    ("the course's job, float32", "initlib", "floor", 1.25),
    ("the course's job, float32", "initlib", "JAX", 0.9),
    ("the course's job, float32", "initlib", "PyTorch", 0.32),
    ("the course's job, float64", "initlib", "floor", 1.35),
    ("propagation, one of 20 scales", "initlib", "floor", 1.2),
]


def ratio(times, name, other="floor"):
    return " (".join(f"{mine / its:.2f}" for mine, its in zip(times[name], times[other])) + ")"


def table(jobs):
    yield "| job | " + " | ".join(NAMES) + " |"
    yield "| --- |" + " --- |" * len(NAMES)
    for job, times in jobs.items():
        cells = [ratio(times, name) if name in times else "" for name in NAMES]
        yield f"| {job} | " + " | ".join(cells) + " |"


def goals(jobs):
    yield "| goal | at most | measured | |"
    yield "| --- | --- | --- | --- |"
    for job, name, other, most in GOALS:
        if job in jobs:
            found = jobs[job][name][0] / jobs[job][other][0]
            yield goal(f"{job}: {name} / {other}", found, most)


def goal(what, found, most, digits=2):
    missed = "" if found <= most else "missed"
    return f"| {what} | {most:.{digits}f} | {found:.{digits}f} | {missed} |"


def machine():
    versions = [
        f"{name} {importlib.metadata.version(name)}"
        for name in ("numpy", "torch", "jax", "scikit-learn")
    ]
    return (
        f"{datetime.date.today()}, {stored.processor()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, {', '.join(versions)}, edition {stored.commit()}"
    )


def importing():
    """Milliseconds that ``import initlib`` takes after numpy, the least of twenty."""
    code = (
        "import time, numpy; begun = time.perf_counter(); import initlib; "
        "print(time.perf_counter() - begun)"
    )
    run = [sys.executable, "-c", code]
    return 1000 * min(float(subprocess.check_output(run)) for _ in range(20))
