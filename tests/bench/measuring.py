"""Taking turns, and the times that come of it."""

import collections
import statistics
import time

SECONDS = 4  # about what each contender's turns take together


def measure(jobs):
    """Yield (job, {contender: [smallest, median] seconds}), once all are seen to do the same."""
    for job in jobs:
        contenders = job.ours | job.others()
        off = job.check({name: run() for name, run in contenders.items()})
        wrong = {name: share for name, share in off.items() if not share <= job.tolerance}
        if wrong:
            raise SystemExit(f"{job.name}: not the same work: {wrong}")
        turns = compete(contenders)
        yield job.name, {each: [min(t), statistics.median(t)] for each, t in turns.items()}


def compete(contenders):
    """All by turns, about ``SECONDS`` each: {name: seconds of each turn}."""
    begun = time.perf_counter()
    for run in contenders.values():
        run()
    rounds = (time.perf_counter() - begun) / len(contenders)
    turns = collections.defaultdict(list)
    for _ in range(min(40, max(3, round(SECONDS / max(rounds, 1e-3))))):
        for name, run in contenders.items():
            begun = time.perf_counter()
            finish(run())
            turns[name].append(time.perf_counter() - begun)
    return turns


def finish(result):
    """Wait for what JAX only promised."""
    if hasattr(result, "block_until_ready"):
        result.block_until_ready()


def smallest(run, seconds=0.1):
    """The least of the times of several runs."""
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        begun = time.perf_counter()
        run()
        times.append(time.perf_counter() - begun)
    return min(times)
