"""Run the chapters on fresh seeds and count how often each claim holds: none may rest on its own.

    python -m tests.trust.fresh_seeds 50           every chapter, on 50 sets of seeds
    python -m tests.trust.fresh_seeds 50 02 03     the chapters 02 and 03 alone

What is found of a chapter is written to ``results/claims`` as soon as all its replications are
done, so a run that was stopped goes on with the chapters that it had not reached.

In replication k the seed s becomes the pair (s, k): what shared a seed still does, and nothing
draws what it drew before. Replication 0 keeps the notebook's own seeds; it is a control, in which
every claim must hold, and is not counted.
"""

import collections
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


class Outcome(NamedTuple):
    """What a claim said in one replication."""

    statement: str
    line: str  # what it printed or raised
    holds: bool


class Replication(NamedTuple):
    """What came of one run of a chapter's cells."""

    chapter: str
    k: int
    seconds: float
    claims: dict  # (cell, place in it): the Outcome
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
        place = sum(earlier == cell for earlier, _ in claims)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            try:
                claim(statement, **said)
                outcome = statement, printed.getvalue().removeprefix("agrees  ").strip(), True
            except ClaimFailed as failure:
                outcome = statement, str(failure), False
        claims[cell, place] = Outcome(*outcome)

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


def tally(replications):
    """What is kept of a chapter: of each claim how often it held, and what its cells raised."""
    runs, claims = sorted(replications, key=lambda each: each.k), []
    for name in dict.fromkeys(name for each in runs for name in each.claims):
        statement = next(each.claims[name].statement for each in runs if name in each.claims)
        missing = Outcome(statement, "not reached", False)
        own, *others = (each.claims.get(name, missing) for each in runs)
        said, _, measured = own.line.removeprefix(own.statement).partition("  measured ")
        failures = [f"k = {k}: {each.line}" for k, each in enumerate(others, 1) if not each.holds]
        claims.append(
            {
                "cell": name[0],
                "place": name[1],
                "statement": own.statement,
                "predicted": said.strip().removeprefix("predicted "),
                "measured": measured,
                "held": len(others) - len(failures),
                "failed on its own seeds": "" if own.holds else own.line,
                "failed first": (failures or [""])[0],
            }
        )
    raised = [
        {"cell": cell, "k": each.k, "error": error}
        for each in runs
        for cell, error in each.raised.items()
    ]
    return {"seeds": len(runs) - 1, "claims": claims, "raised": raised}


def report(chapter, found):
    """Print how often each claim of a chapter held and what went wrong; how many faults it has."""
    faults, seeds = 0, found["seeds"]
    for each in found["claims"]:
        held, own, first = each["held"], each["failed on its own seeds"], each["failed first"]
        enough = held >= REQUIRED * seeds
        faults += not enough or bool(own)
        print(
            f"{chapter}  {each['cell']:<22}  {each['statement']:<46}  held in {held}/{seeds} "
            f"({held / seeds:.0%}){'' if enough else f'  less than {REQUIRED:.0%}'}"
        )
        if own:
            print(f"    on the notebook's own seeds: {own}")
        if first:
            print(f"    {first}")
    missed = collections.Counter()  # predictions that an experiment did not bear out, by cell
    for each in found["raised"]:
        print(f"{chapter}  {each['cell']:<22}  raised in replication {each['k']}: {each['error']}")
        if each["k"] and each["error"].startswith("ClaimFailed: the prediction"):
            missed[each["cell"]] += 1
        else:
            faults += 1
    return faults + sum(seeds - times < REQUIRED * seeds for times in missed.values())


def main(seeds="50", *chapters):
    from tests.notebooks import NOTEBOOKS, code_cells, read  # here, since no worker needs it
    from tests.notebooks.writer import prepare_environment
    from tests.trust import stored

    prepare_environment()
    notebooks = {path.stem[:2]: read(path) for path in NOTEBOOKS}
    if unknown := [chapter for chapter in chapters if chapter not in notebooks]:
        sys.exit(f"No notebook's name starts with {unknown[0]}_")
    if not seeds.isdecimal() or int(seeds) < 1:
        sys.exit(f"SEEDS must be a number from 1 on, not {seeds}")
    cells = {
        chapter: [(cell.id, cell.source) for cell in code_cells(notebooks[chapter])]
        for chapter in chapters or notebooks
    }
    tasks = [(chapter, cells[chapter], k) for chapter in cells for k in range(int(seeds) + 1)]
    made, done, claims, faults = stored.made(), {chapter: [] for chapter in cells}, 0, 0
    # A process for each task: nothing that one replication has drawn and kept reaches the next.
    context = multiprocessing.get_context("spawn")
    with context.Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        for number, each in enumerate(pool.imap_unordered(replicate, tasks), 1):
            failed = sum(not outcome.holds for outcome in each.claims.values())
            print(
                f"{number}/{len(tasks)}  {each.chapter} k = {each.k}: {each.seconds:.1f} s, "
                f"{len(each.claims)} claims, {failed} failed, {len(each.raised)} cells raised",
                file=sys.stderr,
                flush=True,
            )
            runs = done[each.chapter]
            runs.append(each)
            if len(runs) > int(seeds):
                found = tally(runs)
                code = stored.code(notebooks[each.chapter])
                stored.write(f"claims/{each.chapter}", made, code=code, **found)
                claims, faults = claims + len(found["claims"]), faults + report(each.chapter, found)
                median = statistics.median(run.seconds for run in runs)
                print(f"{each.chapter}  {median:.1f} s a replication, median\n", flush=True)
    verdict = f"{faults} fault{'s' * (faults > 1)}" if faults else "all hold"
    print(f"{claims} claims on {seeds} sets of seeds: {verdict}")
    return min(faults, 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
