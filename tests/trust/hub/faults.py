"""The faults of a class, made on purpose on a real hub: ``make class-faults``.

Each prints what the learner sees, and what is there afterwards. One that loses something of the
learner's, or leaves the learner without a word, makes the drill fail. If none does, what it printed
is kept for the page in ``docs/hub``.
"""

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.notebooks import NOTEBOOKS
from tests.trust import stored
from tests.trust.hub.hub import git, running
from tests.trust.hub.learner import Failed, Learner, words
from tests.trust.hub.report import machine

NOTEBOOK = f"course/notebooks/{next(p.name for p in NOTEBOOKS if p.name.startswith('02'))}"
MINE = "# what the learner wrote"
FULL = 96  # MB of a learner's disk
RESULTS = stored.RESULTS / "class" / "faults.txt"
HOME = re.compile(r"/\S*/home/\w+")  # a folder of this run alone


class Lost(Exception):
    """What should have been there, or been said, and was not."""


def want(what, true=True, found=""):
    """One line of the drill."""
    if not true:
        raise Lost(f"{what}: {found}")
    tell(f"  {what}{': ' if found else ''}{found}")


told = []


def tell(line):
    line = textwrap.fill(HOME.sub("~", line), 88, subsequent_indent="    ")
    print(line, flush=True)
    told.append(line)


async def server_killed(learner):
    """A learner's server is killed in the middle of a cell"""
    await work(learner)
    cell = asyncio.create_task(learner.run("import time; time.sleep(600)"))
    await asyncio.sleep(1)
    for process in of(learner, "server"):
        process.kill()
    said = await seen(cell)
    want("the notebook loses its kernel", "closed" in said, said)
    await come_again(learner)
    await nothing_is_lost(learner)


async def hub_killed(learner):
    """The hub is killed in the middle of a cell, and started anew"""
    await work(learner)
    cell = asyncio.create_task(learner.run("import time; time.sleep(15); print(x)"))
    await asyncio.sleep(1)
    learner.hub.hub.kill()
    learner.hub.hub.wait()
    await asyncio.to_thread(learner.hub.start_hub)
    want("the cell runs on, and its kernel knows what it knew", (await cell)[0] == "7\n")
    await learner.page(f"{learner.server}/lab/tree/{NOTEBOOK}")
    want("the page comes again without a login")
    await nothing_is_lost(learner)


async def disk_full(learner):
    """The learner's disk is full when an answer is written and the notebook saved"""
    with small_disk(learner.home):
        await begin(learner)
        film = learner.home / "film"
        with contextlib.suppress(OSError), film.open("wb") as file:
            while True:
                file.write(bytes(2**16))
        for said in await answer(learner):
            want("the answer says", "Make room there" in said, said)
        said = await seen(write(learner, "# more"))
        want("the notebook says", "No space left" in said, said)
        film.unlink()
        said, _ = await answer(learner)
        want("once there is room the next answer says", "Not kept" not in said, said)
        kept = (learner.home / ".local/share/initlib/progress.jsonl").read_text().split("\n")
        want("and those that waited are kept", len(kept) == 5, f"{len(kept) - 1} answers")
        await nothing_is_lost(learner)


async def new_edition(learner):
    """A new edition comes by the link after the learner has worked in a chapter"""
    await work(learner)
    author = learner.hub.folder / "author"
    git(learner.hub.folder, "clone", "--quiet", "course.git", author)
    for path in author.glob("notebooks/0[23]*"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["cells"].append(notebook["cells"][0] | {"id": "new"})
        path.write_text(json.dumps(notebook, indent=1), encoding="utf-8")
    with (author / "initlib" / "__init__.py").open("a") as file:
        file.write("NEW = True\n")
    git(author, "commit", "--quiet", "--all", "--message", "a new edition")
    git(author, "push", "--quiet", "origin", "HEAD:main")
    await open_chapter(learner)
    await nothing_is_lost(learner)
    ids = [cell.get("id") for cell in (await learner.read(NOTEBOOK))["cells"]]
    want("the chapter is the learner's, whole", "new" not in ids)
    other = next(Path(learner.home, "course", "notebooks").glob("03*")).read_text(encoding="utf-8")
    want("a chapter that the learner has not touched is the new one", '"id": "new"' in other)
    await learner.api(f"kernels/{learner.kernel}/restart", "POST")
    await learner.connect()
    said, _ = await learner.run("import initlib; print(initlib.NEW)")
    want("the kernel, restarted, has the package of the new edition", said == "True\n")


async def widgets_missing(learner):
    """The learner's server lacks the extension for the widgets, which the kernel's Python has"""
    check = "from initlib.environment import summary; print(summary())"
    async with Learner(learner.hub, "healthy") as healthy:
        await work(healthy)
        said, _ = await healthy.run(check)
        want("on a server that has it the check says", "Everything" in said, said.strip())
    config = learner.home / ".jupyter" / "jupyter_server_config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"LabApp": {"labextensions_path": []}}))
    await work(learner)
    said, _ = await learner.run(check)
    want("the check says", "the hub's server lacks the extension" in said, said.strip())


async def idle(learner):
    """A learner goes to lunch, and the idle culler ends the server"""
    await work(learner)
    culler = learner.hub.run(
        *(sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=1", "--cull-every=1"),
        f"--url=http://127.0.0.1:{learner.hub.ports[1]}/hub/api",
        JUPYTERHUB_API_TOKEN=learner.hub.token,
    )
    while of(learner, "server"):
        await asyncio.sleep(1)
    culler.terminate()
    culler.wait()
    await come_again(learner)
    await nothing_is_lost(learner)


# --- what the faults share


async def begin(learner):
    """The learner has saved a cell of the chapter."""
    await learner.log_in()
    await open_chapter(learner)
    await learner.run("from initlib.lessons import check, predict; x = 7")
    await write(learner, MINE)


async def answer(learner):
    """Answer a prediction and an exercise; what is said to each."""
    _, widgets = await learner.run("predict('02/almost')")
    committed = words(await learner.commit(widgets))
    checked, _ = await learner.run("check('02/escape', 300)")
    return committed, " ".join(checked.split())


async def work(learner):
    await begin(learner)
    await answer(learner)


async def open_chapter(learner):
    await learner.arrive(NOTEBOOK)
    await learner.pull()
    await learner.start_kernel(NOTEBOOK)


async def come_again(learner):
    """The page says what to do once the hub has noticed that the server is gone; it helps."""
    said = ""
    while "Launch Server" not in said:
        await asyncio.sleep(1)
        said = await seen(learner.page(f"{learner.server}/lab"))
    want("the page says", found=said)
    await open_chapter(learner)


async def write(learner, text):
    content = await learner.read(NOTEBOOK)
    content["cells"][2]["source"] = text
    await learner.save(NOTEBOOK, content)


async def nothing_is_lost(learner):
    content = await learner.read(NOTEBOOK)
    want("the cell that was saved is there", content["cells"][2]["source"] == MINE)
    done, _ = await learner.run("from initlib.lessons import progress; progress('02')")
    done = " ".join(done.splitlines()[1].split())
    want("the answers are there", " 1 of 3 1 of 4 " in done, done)


async def seen(doing):
    """What a learner sees go wrong."""
    try:
        await doing
    except Failed as failed:
        return str(failed)
    return ""


def of(learner, part):
    """The processes of this learner's part of the hub."""
    processes = (process for kind, process in learner.hub.processes() if kind == part)
    return [process for process in processes if process.environ()["HOME"] == str(learner.home)]


@contextlib.contextmanager
def small_disk(folder):
    """The folder is a disk of its own, of ``FULL`` MB; that takes the rights of root."""
    folder.mkdir(parents=True)
    sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    options = f"size={FULL}m,mode=1777"
    subprocess.run([*sudo, "mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run([*sudo, "umount", "--lazy", folder], check=True)


FAULTS = server_killed, hub_killed, disk_full, new_edition, widgets_missing, idle


async def drill(hub, chosen):
    failed = 0
    for fault in FAULTS:
        if not fault.__name__.startswith(chosen):
            continue
        tell(fault.__doc__)
        async with Learner(hub, fault.__name__.replace("_", "")) as learner:
            try:
                await fault(learner)
            except (Lost, Failed, OSError, subprocess.CalledProcessError) as problem:
                failed += 1
                tell(f"  FAILED {problem}")
    return failed


def main(chosen=""):
    tell(f"{machine()}.")
    with running() as hub:
        failed = asyncio.run(drill(hub, chosen))
    if not (failed or chosen):
        RESULTS.write_text("\n".join(told) + "\n", encoding="utf-8")
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
