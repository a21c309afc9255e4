"""The page of evidence, made of results that are written here."""

import importlib.util

import pytest

from tests.notebooks import NOTEBOOKS, ROOT, read
from tests.trust import drill, mutation, stored

MADE = {
    "initlib": "0123456789ab",
    "python": "3.11.7",
    "numpy": "2.4.6",
    "system": "Linux",
    "processor": "AMD EPYC",
}
CLAIM = {
    "cell": "claim",
    "place": 1,
    "statement": "the box|",
    "predicted": "0.01",
    "measured": "0.0109 ± 0.000487",
    "held": 49,
    "failed on its own seeds": "",
    "failed first": "k = 7: the box, measured 0.02",
}


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Makes the page of what a test has written."""
    monkeypatch.setattr(stored, "RESULTS", tmp_path)
    path = ROOT / "docs" / "evidence.py"
    spec = importlib.util.spec_from_file_location("evidence", path)
    evidence = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(evidence)
    template = path.with_suffix(".md").read_text(encoding="utf-8")
    return lambda: evidence.render(template).splitlines()


def write(claim, **changes):
    kept = {"code": stored.code(read(NOTEBOOKS[0])), "seeds": 50, "raised": [], **changes}
    stored.write("claims/00", MADE, claims=[claim], **kept)


def row(lines, start):
    """The cells of the first row that begins like this."""
    line = next(line for line in lines if line.startswith(f"| {start}"))
    return [each.strip() for each in line.strip("|").split(" | ")]


def test_without_results_each_claim_fault_and_module_is_there_and_says_so(page):
    lines = page()
    claims = sum(len(stored.claimed(read(path))) for path in NOTEBOOKS)
    assert sum("| not counted |" in line for line in lines) == claims
    assert sum("| not planted yet |" in line for line in lines) == len(drill.CORE + drill.TESTED)
    assert sum("| not yet |" in line for line in lines) == len(mutation.CONFIG["modules"])
    assert "Not counted yet: `make claims CHAPTER=00` does it." in lines


def test_a_claim_leads_to_its_cell(page):
    write(CLAIM)
    lines = page()
    assert any(
        line.startswith("50 sets of fresh seeds: ")
        and line.endswith("edition 0123456, AMD EPYC, Linux, Python 3.11.7, numpy 2.4.6.")
        for line in lines
    )
    (line,) = (line for line in lines if "| 49/50 |" in line)
    link, *said, _ = line.strip("| ").split(" | ")
    assert link == "[the box\\|](notebooks/00_start_here.ipynb#claim)"
    assert said == ["0.01", "0.0109 ± 0.000487"]
    assert "- *the box\\|* fails first with k = 7: the box, measured 0.02" in lines
    assert not any("Older" in line for line in lines)


def test_a_result_that_is_older_than_its_chapter_says_so(page):
    write(CLAIM, code="another")
    assert any(line.startswith("**Older than its chapter:**") for line in page())


def test_what_went_wrong_is_shown(page):
    wrong = CLAIM | {"failed on its own seeds": "measured 9"}
    write(wrong, raised=[{"cell": "claim", "k": 3, "error": "ValueError: *"}])
    lines = page()
    assert "- *the box\\|* fails on the notebook's own seeds: measured 9" in lines
    assert "- The cell claim raises in replication 3: ValueError: \\*" in lines


@pytest.mark.parametrize(
    "measured, counts",
    [
        ("0.0109 ± 0.000487", ["1", "0", "0"]),
        ("≈ 0.0109", ["0", "1", "0"]),
        ("0.0108 ± 0.000487", ["0", "0", "1"]),
    ],
)
def test_the_stored_digits_are_compared(page, measured, counts):
    write(CLAIM | {"measured": measured})
    versions = "Linux, Python 3.11.7, numpy 2.4.6"
    assert row(page(), "AMD EPYC") == ["AMD EPYC", versions, "1", *counts]


def test_the_workflows_that_compare_are_listed(page):
    lines = page()
    systems = "ubuntu-latest, macos-latest, windows-latest"
    assert row(lines, "each push") == ["each push", "make test", systems, "3.11, 3.14"]
    assert row(lines, "each push | make test-oldest")[-1] == "3.11"
    assert row(lines, "each week | make test-newest")[-1] == "3.x"
    compares = [line for line in lines if line.startswith("| each push | make test |")]
    assert len(compares) == 1  # and the job that works the interactives in a browser does not


def test_faults_and_what_caught_them(page):
    core, tested = drill.CORE[0], drill.TESTED[0]
    seen = {"name": core.name, "path": core.path, "seen": "06_derive_he.ipynb, cell [7]: *"}
    survived = {"name": tested.name, "path": tested.path, "seen": None}
    stored.write("drill", MADE, claims=[seen], tests=[survived])
    lines = page()
    assert row(lines, core.name)[-1] == "06\\_derive\\_he.ipynb, cell \\[7\\]: \\*"
    assert row(lines, tested.name)[-1] == "**nothing**"
    assert row(lines, drill.TESTED[1].name)[-1] == "not planted yet"


@pytest.mark.parametrize("old", [False, True])
def test_mutants(page, old):
    counts = {"mutants": 115, "messages": 8, "equivalent": 4, "killed": 102, "score": 102 / 103}
    code = "another" if old else mutation.code("runs")
    stored.write("mutation/runs", MADE, code=code, **counts, wrong=["it survives"])
    found = row(page(), "runs")
    assert found[:-1] == ["runs", "99.0%", "115", "102", "1", "4", "8"]
    assert found[-1].endswith(", edition 0123456" + old * ", older than its code")


def test_the_benchmark_is_there(page):
    lines = page()
    assert row(lines, "the course's job, float32 |")[1:]
    assert row(lines, "the course's job, float32: initlib / floor |")[1:]
