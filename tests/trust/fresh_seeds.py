"""Run the chapters on fresh seeds and count how often each claim holds: none may rest on its own.

    python -m tests.trust.fresh_seeds 50        every chapter, on 50 sets of seeds
    python -m tests.trust.fresh_seeds 50 02     the chapter 02 alone

In replication k the seed s becomes the pair (s, k): what shared a seed still does, and nothing
draws what it drew before. Replication 0 keeps the notebook's own seeds; it is a control, in which
every claim must hold, and is not counted.
"""

import contextlib
import io
import multiprocessing
import os
import statistics
import sys
import time
from typing import NamedTuple
from unittest.mock import patch

import numpy as np

from initlib.claims import ClaimFailed, claim

REQUIRED = 0.95  # the share of the replications in which a claim has to hold


class Replication(NamedTuple):
    """What came of one run of a chapter's cells."""

    chapter: str
    k: int
    seconds: float
    claims: dict  # (cell, position in it, statement): the line of a claim that failed, else ""
    raised: dict  # cell: what it raised


def seeded_by(k, default_rng=np.random.default_rng):
    """``default_rng`` as replication k has it."""

    def fresh(seed=None):
        return default_rng([seed, k] if k and isinstance(seed, int | np.integer) else seed)

    return fresh


def replicate(task):
    """Run the cells [(id, source)] of a chapter in order, whatever they raise or fail to show.

    Nothing else is replaced: without a notebook, what a cell displays is printed, and thrown away.
    """
    chapter, cells, k = task
    claims, raised, space = {}, {}, {"__name__": "__main__"}

    def record(statement, **said):
        name = cell, sum(earlier[0] == cell for earlier in claims), statement
        try:
            claim(statement, **said)
            claims[name] = ""
        except ClaimFailed as failure:
            claims[name] = str(failure)

    start = time.perf_counter()
    with contextlib.ExitStack() as stack:
        for function in "initlib.claim", "initlib.claims.claim":
            stack.enter_context(patch(function, record))
        stack.enter_context(patch("numpy.random.default_rng", seeded_by(k)))
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        for cell, source in cells:
            try:
                exec(compile(source, f"<cell {cell}>", "exec"), space)
            except Exception as error:
                raised[cell] = f"{type(error).__name__}: {error}"
    return Replication(chapter, k, time.perf_counter() - start, claims, raised)


def report(replications, seeds):
    """Print how often each claim held, what went wrong, and the times; whether all is well."""
    replications = sorted(replications, key=lambda each: (each.chapter, each.k))
    faults, total = 0, 0
    for chapter in dict.fromkeys(each.chapter for each in replications):
        runs = [each for each in replications if each.chapter == chapter]
        for name in dict.fromkeys(name for each in runs for name in each.claims):
            faults += not _report_claim(name, runs, seeds)
            total += 1
        for each in runs:
            for cell, error in each.raised.items():
                print(f"{chapter}  {cell:<22}  raised in replication {each.k}: {error}")
                faults += 1
        median = statistics.median(each.seconds for each in runs)
        print(f"{chapter}  {median:.1f} s a replication, median\n")
    verdict = f"{faults} fault{'s' * (faults > 1)}" if faults else "all hold"
    print(f"{total} claims on {seeds} sets of seeds: {verdict}")
    return not faults


def _report_claim(name, runs, seeds):
    """Print one claim's line, and below it the first time that it failed."""
    lines = {each.k: each.claims.get(name, "not reached") for each in runs}
    control = lines.pop(0)
    failed = {k: line for k, line in lines.items() if line}
    held = seeds - len(failed)
    enough = held >= REQUIRED * seeds
    cell, _, statement = name
    print(
        f"{runs[0].chapter}  {cell:<22}  {statement:<46}  held in {held}/{seeds} "
        f"({held / seeds:.0%}){'' if enough else f'  less than {REQUIRED:.0%}'}"
    )
    if control:
        print(f"    on the notebook's own seeds: {control}")
    for k, line in list(failed.items())[:1]:
        print(f"    k = {k}: {line}")
    return enough and not control


def main(seeds="50", chapter=""):
    from tests.notebooks import NOTEBOOKS, code_cells, read  # here, since no worker needs it
    from tests.notebooks.writer import prepare_environment

    prepare_environment()
    start = f"{chapter}_" if chapter else ""
    cells = {
        path.stem[:2]: [(cell.id, cell.source) for cell in code_cells(read(path))]
        for path in NOTEBOOKS
        if path.stem.startswith(start)
    }
    if not cells:
        sys.exit(f"No notebook's name starts with {start}")
    if not seeds.isdecimal() or int(seeds) < 1:
        sys.exit(f"SEEDS must be a number from 1 on, not {seeds}")
    tasks = [(name, cells[name], k) for k in range(int(seeds) + 1) for name in cells]
    done = []
    # A process for each task: nothing that one replication has drawn and kept reaches the next.
    context = multiprocessing.get_context("spawn")
    with context.Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        for each in pool.imap_unordered(replicate, tasks):
            done.append(each)
            failed = sum(map(bool, each.claims.values()))
            print(
                f"{len(done)}/{len(tasks)}  {each.chapter} k = {each.k}: {each.seconds:.1f} s, "
                f"{len(each.claims)} claims, {failed} failed, {len(each.raised)} cells raised",
                file=sys.stderr,
                flush=True,
            )
    return 0 if report(done, int(seeds)) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
