"""What docs/hub tells a hub agrees with itself and with the measured class; no hub is started."""

import re
import shlex
import shutil
import subprocess

import pytest
import yaml

from conftest import MEGABYTES
from tests.notebooks import ROOT
from tests.trust import stored
from tests.trust.hub import report

PAGE = ROOT / "docs" / "hub"
TEXT = (PAGE / "index.md").read_text(encoding="utf-8")
RESULTS = stored.RESULTS / "class"
CLASSES = {
    number: (RESULTS / f"{number}.md").read_text(encoding="utf-8")
    for number in re.findall(r"results/class/(\d+)\.md", TEXT)
}
FAULTS = (ROOT / "tests" / "trust" / "hub" / "faults.py").read_text(encoding="utf-8")
MINE = "server", "kernel"  # what each learner has of a hub's parts
MADE = r"\d{4}-\d\d-\d\d, .+, \d+ cores, \d+ GB, Linux, jupyterhub .+, edition [0-9a-f]{12}\."
VALUES = yaml.safe_load((PAGE / "values.yaml").read_text(encoding="utf-8"))
COMMANDS = [
    shlex.split(line, comments=True)
    for line in (PAGE / "tljh.sh").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
]
SETTINGS = {line[2]: line[3] for line in COMMANDS if line[:2] == ["tljh-config", "set"]}


def megabytes(text):
    return int(text[:-1]) * {"M": 1, "G": 1000}[text[-1]]


def measured(part, result):
    """The memory and the peak of a part, in MB."""
    row = re.search(rf"^\| {part} \| \d+ \| (\d+) \| (\d+) \|", result, re.MULTILINE)
    return [int(number) for number in row.groups()]


def test_the_page_shows_what_a_class_took():
    assert CLASSES
    for number, result in CLASSES.items():
        assert re.match(rf"Chapter \d\d with {number} learners at once, {MADE}\n", result)
        assert f"Failures: 0 of {number}." in result
    reserved = report.MANY * megabytes(VALUES["singleuser"]["memory"]["guarantee"])
    assert f"{reserved / 1000:.0f} GB for three hundred" in TEXT


def test_the_page_shows_what_became_of_each_fault():
    """The drill needs packages of its own, so it is read here and not imported."""
    said = (RESULTS / "faults.txt").read_text(encoding="utf-8")
    assert re.match(MADE, " ".join(said.split())) and "FAILED" not in said
    named = dict(re.findall(r'^async def (\w+)\(\w+\):\n    """(.+)"""$', FAULTS, re.MULTILINE))
    (drilled,) = re.findall(r"^FAULTS = (.+)$", FAULTS, re.MULTILINE)
    begun = [line for line in said.splitlines()[1:] if not line.startswith(" ")]
    assert begun == [named[name] for name in drilled.split(", ")]


@pytest.mark.parametrize("number", CLASSES)
def test_the_memory_of_a_learner_is_as_measured(number):
    """For one chapter, whichever, and at most for two that are open."""
    (server, most), (kernel, peak) = (measured(part, CLASSES[number]) for part in MINE)
    memory = VALUES["singleuser"]["memory"]
    assert peak <= MEGABYTES
    assert server + kernel < megabytes(memory["guarantee"]) <= server + MEGABYTES
    assert most + 2 * MEGABYTES <= megabytes(memory["limit"])


@pytest.mark.parametrize("number", CLASSES)
def test_the_processor_of_a_learner_is_as_measured(number):
    (working,) = re.findall(r"and ([\d.]+) for the chapter", CLASSES[number])
    cpu = VALUES["singleuser"]["cpu"]
    assert float(working) / (45 * 60) < cpu["guarantee"] < cpu["limit"] == 1


def test_both_hubs_are_told_the_same():
    learner, cull = VALUES["singleuser"], VALUES["cull"]
    assert SETTINGS.pop("user_environment.default_app") == "jupyterlab"
    assert learner["defaultUrl"] == "/lab" and cull["enabled"]
    assert SETTINGS == {
        "limits.memory": learner["memory"]["limit"],
        "limits.cpu": str(learner["cpu"]["limit"]),
        "services.cull.timeout": str(cull["timeout"]),
        "services.cull.every": str(cull["every"]),
    }
    environment = learner["extraEnv"]
    (kernel,) = [line for line in COMMANDS if "ipykernel" in line]
    told = kernel[kernel.index("--env") :]
    assert told[::3] == ["--env"] * len(told[::3])
    told = dict(zip(told[1::3], told[2::3]))
    assert told.pop("PYTHONPATH").replace("${HOME}", "/home/jovyan") == environment["PYTHONPATH"]
    assert told.items() <= environment.items() and set(told.values()) == {"1"}
    config = ["git", "config", "--system", environment["GIT_CONFIG_KEY_0"]]
    assert [*config, environment["GIT_CONFIG_VALUE_0"]] in COMMANDS


def test_the_commands_are_a_script():
    if not shutil.which("bash"):
        pytest.skip(reason="bash is not installed")
    subprocess.run(["bash", "-n", PAGE / "tljh.sh"], check=True)


def test_no_address_is_made_up():
    """Of the course's repository and image none is known."""
    text = "".join(path.read_text(encoding="utf-8") for path in PAGE.iterdir())
    hosts = set(re.findall(r"(?:https?://|name: |git\+)([\w.-]+\.\w+)/", text))
    assert hosts - {"example.org"} <= {
        "jupyterhub.readthedocs.io",
        "tljh.jupyter.org",
        "z2jh.jupyter.org",
        "nbgitpuller.readthedocs.io",
    }


def test_what_many_need_follows_from_what_some_took():
    phases = [
        {"hub": [1, 100, 120, hub], "proxy": [1, 50, 60, proxy]}
        | {"server": [10, 1000, 120, server], "kernel": [10, 3000, 320, kernel]}
        for hub, proxy, server, kernel in ((5, 1, 0, 0), (20, 2, 64, 20), (22, 2, 90, 292))
    ]
    assert " ".join(report.needs(10, *phases)) == (
        "A learner takes 400 MB, 10.0 core-seconds to come, of which 1.5 are the hub's, and 30.0 "
        "for the chapter. Hub and proxy take 150 MB. "
        "A GB holds 2.5 learners. A core lets 6.0 come in a minute, and carries 90 who run the "
        "chapter within 45 minutes. "
        "300 learners need 121 GB, and 7 cores if all are to come within 8 minutes. One hub lets "
        "no more than 40 come in a minute."
    )
