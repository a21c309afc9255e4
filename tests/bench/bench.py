"""How close the engine comes to what the processor can do, and to what else a learner would use.

    make bench                 all jobs, with one BLAS thread and then with the default number
    make bench JOB=step        those whose name holds the word, with one BLAS thread

The contenders of a job do the same work, which is checked first, and take turns. Each row is a
ratio of smallest times to the floor, with that of the medians in brackets. A job's floor is its
matrix products alone, with outputs made beforehand, or its random numbers alone.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.notebooks import writer

# Numpy reads the number of threads when it is imported: what needs it is imported where it is used.

HERE = Path(__file__).resolve().parent
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
SHARES = """\
Each operation timed alone, in shares of the step with one thread. The rest is Python, the choice of
the batch, what is checked, and what is slower in company than alone."""
LONGEST = """\
The training of each chapter that spends most on products, taken apart like the steps above:"""


def worker(threads, word):
    """Measure in a process of its own, whose threads were set before it began."""
    import torch

    from tests.bench.jobs import every_job
    from tests.bench.measuring import measure

    if threads == "1":
        torch.set_num_threads(1)
        if hasattr(os, "sched_setaffinity"):  # one core too: JAX computes in a thread of its own
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for job, times in measure(job for job in every_job() if word in job.name):
        print(json.dumps([job, times]), flush=True)


def spawned(threads, word):
    from tests.bench.report import ratio

    environment = {key: value for key, value in os.environ.items() if key not in THREADS}
    if threads == "1":
        environment |= dict.fromkeys(THREADS, "1")
        environment["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
        environment["XLA_FLAGS"] += " intra_op_parallelism_threads=1"
    command = [sys.executable, "-m", "tests.bench.bench", "--worker", threads, word]
    jobs = {}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            job, jobs[job] = json.loads(line)
            print(f"  {job:<36}" + "  ".join(f"{n} {ratio(jobs[job], n)}" for n in jobs[job]))
    if process.returncode:
        raise SystemExit(process.returncode)
    return jobs


def main(word=""):
    os.environ |= dict.fromkeys(THREADS, "1")
    writer.prepare_environment()
    from tests.bench.report import goals

    print("One BLAS thread, over the floor, minima (medians):", flush=True)
    one = spawned("1", word)
    if word:
        print("\n".join(goals(one)))
        return
    print("The default number of threads:", flush=True)
    many = spawned("default", word)
    text = "\n".join(written(one, many)) + "\n"
    (HERE / "results.md").write_text(text, encoding="utf-8")
    print(text)


def written(one, many):
    """The lines of ``results.md``; what is not measured yet is."""
    from tests.bench import anatomy, chapters
    from tests.bench.report import goal, goals, importing, machine, table

    executed, rows, trainings = [], [], {}
    for stem, time_over, share, seconds, floors in chapters.measured():
        over = ""
        if floors:
            found = seconds / sum(floors.values())
            over = f"{found:.2f}"
            rows.append(goal(f"{stem}: engine / products", found, 1.5))
            longest = chapters.longest(floors)
            trainings |= {f"{stem}: {name}": task for name, task in longest.items()}
        executed.append(f"| {stem} | {time_over:.1f} | {share:.0%} | {over} |")
        print(executed[-1], flush=True)
    yield from (f"# {machine()}", "", __doc__.split("\n\n", 2)[2].strip(), "")
    yield from ("## One BLAS thread", "", *table(one), "", "## The goals", "", *goals(one))
    yield from (goal("import initlib after numpy, ms", importing(), 20, digits=0), *rows, "")
    yield from ("## Where a step's time goes", "", SHARES, "", *anatomy.profile(), "")
    yield from ("## The default number of threads", "", *table(many), "", "## The chapters", "")
    yield "| chapter | time / empty notebook | share in the engine | engine / products |"
    yield from ("| --- | --- | --- | --- |", *executed, "", LONGEST, "")
    yield from anatomy.shares_table(trainings)
    yield from ("", "## Growth", "", "![time of a step against the sizes](growth.png)", "")
    yield from ("| replicas | peak memory / replicas, over that of one |", "| --- | --- |")
    memory = anatomy.growth(HERE)
    for replicas, peak in memory:
        yield f"| {replicas} | {peak / replicas / memory[0][1]:.2f} |"


if __name__ == "__main__":
    if "--worker" in sys.argv:
        worker(*sys.argv[2:4])
    else:
        main(*sys.argv[1:2])
