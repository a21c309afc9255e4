"""What all tests share: their environment, how a notebook that fails is shown, and the summary."""

import collections
import difflib
import os
import re
import sys
import textwrap
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, settings

from tests.notebooks import SANITIZE, sanitized, writer
from tests.notebooks.contract import table

writer.prepare_environment()  # before numpy is imported, and inherited by workers and kernels


MOST_OF_A_WORKER = 8 * 2**30  # bytes that a test process, and each that it starts, may address
SECONDS, MEGABYTES = 45, 400  # what a chapter may take of one core (told only) and of memory

# How long an example takes is the machine's affair; where a change is judged all draw the same.
settings.register_profile(
    "course",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("course")


def pytest_configure(config):
    _limit_memory()
    # Here and not in pyproject.toml: nbval opens the file from the working directory.
    config.option.nbval_sanitize_with = str(SANITIZE)


def _limit_memory():
    """A worker whose test takes all memory dies alone, and ends the run with the test's name."""
    if sys.platform == "linux" and "PYTEST_XDIST_WORKER" in os.environ:
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        wanted = MOST_OF_A_WORKER if most == resource.RLIM_INFINITY else min(MOST_OF_A_WORKER, most)
        resource.setrlimit(resource.RLIMIT_AS, (wanted, most))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    # Chapters must not see each other's answers: which of them one worker runs is chance.
    if item.name == "Cell 0":
        writer.forget_progress()
        item.parent.output_timeout = writer.PATIENCE  # nbval's own is 5 s, and no option


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """After a notebook's last cell note what its kernel has taken, and hold it to its budget."""
    kernel = getattr(item.parent, "kernel", None)
    last = kernel is not None and (nextitem is None or nextitem.parent is not item.parent)
    megabytes = 0
    if last and kernel.is_alive():
        seconds, megabytes = taken(kernel.km.provisioner.pid)
        item.user_properties.append(("notebook", (item.path.stem, seconds, megabytes)))
    yield
    if megabytes > MEGABYTES:
        pytest.fail(f"{item.path.name} took {megabytes:.0f} MB; a chapter may take {MEGABYTES}")


def taken(pid):
    """The seconds of processor time that a process has used, and its peak memory in MB."""
    process = psutil.Process(pid)
    times, memory = process.cpu_times(), process.memory_info()
    peak = getattr(memory, "peak_wset", memory.rss)  # macOS tells others only the present size
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        peak = 1024 * int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1])
    return times.user + times.system, peak / 1e6


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Show a failed cell as a reader of the notebook knows it, and what changed as a diff."""
    if call.when == "call" and not call.excinfo and hasattr(item, "cell"):
        printed = "".join(output.get("text", "") for output in item.cell.outputs)
        item.user_properties.append(("claims", len(re.findall("^agrees  ", printed, re.MULTILINE))))
    report = yield
    if report.failed and type(call.excinfo.value).__name__ == "NbCellError":
        error, cell = call.excinfo.value, item.cell
        if str(error) == "Cell outputs differ":
            finding, detail = "shows something else than is stored", difference(item)
        else:
            finding, detail = "fails", error.inner_traceback or str(error)
        report.longrepr = (
            f"{item.path.name}, cell [{cell.execution_count}] {finding}\n\n"
            f"{textwrap.indent(cell.source, '    ')}\n\n{writer.plain(detail).strip()}\n"
        )
    return report


def difference(item):
    """Stored against fresh outputs of a cell, as a unified diff."""
    stored, fresh = (
        [line for output in outputs for line in shown(output)]
        for outputs in (item.cell.outputs, item.test_outputs)
    )
    return "\n".join(difflib.unified_diff(stored, fresh, "stored", "fresh", n=3, lineterm=""))


def shown(output):
    """The lines of an output that nbval compares, each form under its name."""
    if output.output_type == "stream":
        forms = {output.name: output.text}
    elif output.output_type == "error":
        forms = {"error": f"{output.ename}: {output.evalue}"}
    else:
        forms = {kind: str(value) for kind, value in sorted(output.data.items())}
    for kind, value in forms.items():
        if kind not in ("image/png", "image/jpeg", writer.WIDGET):
            yield f"[{kind}]"
            # Html comes on one long line; an element a line shows which one changed.
            yield from re.sub(r">\s*<", ">\n<", sanitized(value)).splitlines()


def pytest_terminal_summary(terminalreporter):
    """Say what was checked and what it took; of a failed notebook, how to run it alone."""
    _say_what_was_checked(terminalreporter)
    failed = terminalreporter.getreports("failed") + terminalreporter.getreports("error")
    names = {
        name for report in failed for name in re.findall(r"\d\d_\w+(?=\.ipynb|])", report.nodeid)
    }
    if names:
        terminalreporter.section("notebooks that failed")
    for name in sorted(names):
        terminalreporter.line(name)
        terminalreporter.line(f"  run it alone:           make test CHAPTER={name[:2]}")
        terminalreporter.line(f"  store what it shows:    make notebooks CHAPTER={name[:2]}")


def _say_what_was_checked(terminalreporter):
    """Each notebook's seconds and memory, the numbers of what was checked, and what was not."""
    reports = [report for some in terminalreporter.stats.values() for report in some]
    told = collections.defaultdict(list)
    for report in reports:
        if getattr(report, "when", "") == "teardown":
            for name, value in report.user_properties:
                told[name].append(value)
    if not told:
        return
    line = terminalreporter.line
    terminalreporter.section("what was checked")
    for stem, seconds, megabytes in sorted(told["notebook"]):
        over = f"  more than {SECONDS} s" if seconds > SECONDS else ""
        line(f"{stem:<30}{seconds:6.1f} s of one core {megabytes:5.0f} MB{over}")
    for row in table(told["contract"]) if told["contract"] else ():
        line(row)
    for stem, counts in sorted(told["replica arithmetic"]):
        if any(counts.values()):
            counted = ", ".join(f"{number} {habit}" for habit, number in counts.items())
            line(f"{stem:<30}replica arithmetic: {counted}")
    for name, of_all, by_name in sorted(told["exercise"]):
        line(f"{name:<30}{by_name:>3} of {of_all} plausible mistakes are told what they are")
    for said in [*told["size"], *told["form"]]:
        line(said)
    if told["inputs"]:
        names, returned, refused = zip(*told["inputs"])
        line(
            f"{len(names)} functions called {sum(returned) + sum(refused)} times with right and "
            f"wrong arguments: {sum(returned)} returned, {sum(refused)} refused by a sentence"
        )
    passed = len(terminalreporter.getreports("passed"))
    line(
        f"{len(told['notebook'])} notebooks, {sum(told['claims'])} claims, "
        f"{len(told['exercise'])} exercises, {passed} checks; "
        f"{sum(told['not compared'])} outputs not compared"
    )
    skipped = [report.longrepr for report in terminalreporter.getreports("skipped")]
    reasons = collections.Counter(why[2] if isinstance(why, tuple) else str(why) for why in skipped)
    for reason, number in reasons.items():
        line(f"{number} left out: {reason.removeprefix('Skipped: ')}")
