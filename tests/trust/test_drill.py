"""Each fault of ``tests.trust.drill`` can still be planted; whether it is seen says the drill."""

import json
import tomllib
from pathlib import Path

import pytest

from tests.notebooks import NOTEBOOKS, ROOT
from tests.trust.drill import CORE, TESTED, Fault, Unfit, failed_claim, faulty, place, report, strip

SOURCE = "total = a + b\nmean = total / 2\n"
NOTEBOOK = json.dumps({"cells": []})


def source(fault):
    return (ROOT / fault.path).read_text(encoding="utf-8")


@pytest.mark.parametrize("fault", CORE + TESTED, ids=lambda fault: f"{fault.path}: {fault.name}")
def test_the_fault_fits(fault):
    text = faulty(fault, source(fault))
    assert text != source(fault)
    if fault.path.endswith(".py"):
        compile(text, fault.path, "exec")


def test_the_faults_have_names_of_their_own():
    assert len({(fault.path, fault.name) for fault in CORE + TESTED}) == len(CORE + TESTED)


def test_each_module_of_the_core_has_one_for_the_notebooks_alone():
    modules = [Path(fault.path).stem for fault in CORE]
    assert modules == [
        *("initializers", "activations", "theory", "network"),
        *("training", "probes", "claims", "datasets", "runs", "comparing"),
    ]


def test_no_module_is_planted_with_what_mutation_makes_anyway():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    mutated = settings["tool"]["cosmic-ray"]["modules"]
    assert not {Path(fault.path).stem for fault in TESTED} & set(mutated)


def test_a_fault_is_planted():
    assert (
        faulty(Fault("halved", "a.py", "/ 2", "/ 4"), SOURCE) == "total = a + b\nmean = total / 4\n"
    )
    edited = faulty(Fault("a cell", "a.ipynb", "", lambda each: each["cells"].append(1)), NOTEBOOK)
    assert json.loads(edited) == {"cells": [1]}


@pytest.mark.parametrize("old, times", [("sum", 0), ("total", 2)])
def test_code_that_does_not_stand_there_once_is_told(old, times):
    with pytest.raises(Unfit, match=rf"^wrong: a\.py holds {times} times '{old}'$"):
        faulty(Fault("wrong", "a.py", old, "x"), SOURCE)


def test_an_edit_that_changes_nothing_is_told():
    with pytest.raises(Unfit, match=r"^idle: it changes nothing in a\.ipynb$"):
        faulty(Fault("idle", "a.ipynb", "", lambda notebook: None), NOTEBOOK)


def test_stripping_leaves_only_what_runs(tmp_path):
    path = NOTEBOOKS[0]
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / path.name).write_bytes(path.read_bytes())
    strip(tmp_path)
    text = (tmp_path / "notebooks" / path.name).read_text(encoding="utf-8")
    before, after = (json.loads(each)["cells"] for each in (path.read_text("utf-8"), text))
    assert [cell["source"] for cell in before] == [cell["source"] for cell in after]
    assert any(cell.get("outputs") for cell in before)
    assert not any(cell.get("outputs") for cell in after)


@pytest.mark.parametrize(
    "said, where",
    [
        ("...\nFAILED tests/a.py::test_b - assert 1 == 2\n1 failed", "tests/a.py::test_b"),
        ("FAILED notebooks/01.ipynb::Cell 3\n1 failed", "notebooks/01.ipynb::Cell 3"),
        ("ERROR tests/a.py - SyntaxError\n", "tests/a.py"),
        ("no tests ran", "pytest itself: no tests ran"),
    ],
)
def test_the_first_failure_is_named(said, where):
    assert place(said) == where


TOLD = """\
_____ notebooks/07_choose.ipynb::Cell 3 _____
07_choose.ipynb, cell [4] fails

    np.zeros(3).reshape(2)

ValueError: cannot reshape
_____ notebooks/07_choose.ipynb::Cell 5 _____
07_choose.ipynb, cell [6] fails

    claim("ratio", measured=2, predicted=1, relative=0.1)

ClaimFailed:   ratio                   predicted 1        measured 2
"""


def test_a_claim_counts_and_no_other_error():
    assert failed_claim(TOLD) == "07_choose.ipynb, cell [6]: ratio"
    assert failed_claim(TOLD.partition("_____ notebooks/07_choose.ipynb::Cell 5")[0]) is None
    assert failed_claim("") is None


def test_what_is_kept_of_a_fault(capsys):
    fault = Fault("halved", "initlib/a.py", "/ 2", "/ 4")
    kept = report([(fault, "tests/a.py::test_b", 3.2), (fault, None, 41.0)])
    said = {"name": "halved", "path": "initlib/a.py"}
    assert kept == [said | {"seen": "tests/a.py::test_b"}, said | {"seen": None}]
    first, second = capsys.readouterr().out.splitlines()
    assert "tests/a.py::test_b" in first and "SURVIVED" in second
