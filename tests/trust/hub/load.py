"""A class at once on a real hub: ``make class LEARNERS=10 CHAPTER=02``.

All log in and follow the link to the chapter. When the last of them has a kernel, all run it and
answer its predictions. What that took is printed, and written for the page in ``docs/hub``.
"""

import asyncio
import contextlib
import os
import sys

import psutil

from conftest import taken
from tests.notebooks import NOTEBOOKS
from tests.trust import stored
from tests.trust.hub.hub import running
from tests.trust.hub.learner import Failed, Learner
from tests.trust.hub.report import PARTS, report

RESULTS = stored.RESULTS / "class"  # a file for each number of learners


async def come(learner, notebook):
    """What a teacher waits for before the first word."""
    await learner.log_in()
    await learner.timed("server", learner.arrive(notebook))
    await learner.timed("course", learner.pull())
    await learner.timed("kernel", learner.start_kernel(notebook))


async def work(learner, notebook):
    content = await learner.read(notebook)
    await learner.timed("chapter", run(learner, content["cells"]))
    await learner.save(notebook, content)


async def run(learner, cells):
    """Run the cells and answer each prediction, so that what settles it has to know the answer."""
    shown = ""
    for cell in cells:
        if cell["cell_type"] == "code":
            said, widgets = await learner.run(cell["source"])
            shown += said
            if cell["source"].startswith("predict("):
                await learner.commit(widgets)
    if "You predicted: " not in shown:
        raise Failed("the chapter does not know what was predicted")


async def measure(hub, number, notebook):
    """The learners, what went wrong with whom, and what the parts took after each of the phases."""
    failures, uses = {}, [use(hub)]
    async with contextlib.AsyncExitStack() as stack:
        names = [f"learner{k}" for k in range(number)]
        learners = [await stack.enter_async_context(Learner(hub, name)) for name in names]
        for phase in (come, work):
            there = [learner for learner in learners if learner.name not in failures]
            doing = [phase(learner, notebook) for learner in there]
            ends = await asyncio.gather(*doing, return_exceptions=True)
            failures |= {each.name: end for each, end in zip(there, ends) if end is not None}
            uses.append(use(hub))
    return learners, failures, uses


def use(hub):
    """{part: [how many processes, their MB, the highest peak in MB, their core-seconds]}."""
    used = {part: [0, 0, 0, 0] for part in PARTS}
    for part, process in hub.processes():
        with contextlib.suppress(psutil.NoSuchProcess, KeyError):
            count, memory, peak, seconds = used[part]
            memory += process.memory_full_info().pss / 1e6
            seconds += sum(process.cpu_times()[:4])  # with those of its children, as git
            used[part] = [count + 1, memory, max(peak, taken(process.pid)[1]), seconds]
    return used


def main(number, chapter):
    (notebook,) = (f"course/notebooks/{p.name}" for p in NOTEBOOKS if p.name.startswith(chapter))
    load = os.getloadavg()[0]
    with running() as hub:
        learners, failures, uses = asyncio.run(measure(hub, int(number), notebook))
    text = "\n".join(report(int(number), chapter, load, learners, failures, uses)) + "\n"
    print(text)
    for name, failure in failures.items():
        print(f"{name}: {failure!r}")
    if failures:
        return 1
    RESULTS.joinpath(f"{number}.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
