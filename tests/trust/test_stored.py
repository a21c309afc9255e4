"""What is kept of the long checks: how claims are known, and that none is missing."""

import copy
import datetime

import pytest

from tests.notebooks import GUARD, NOTEBOOKS, read
from tests.trust import stored


def test_what_is_written_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "RESULTS", tmp_path)
    assert stored.read("claims/90") is None
    made = stored.made()
    stored.write("claims/90", made, claims=["φ"])
    kept = stored.read("claims/90")
    assert datetime.date.fromisoformat(kept.pop("date"))
    assert kept == {"made": made, "claims": ["φ"]}
    assert made["python"] and made["numpy"] and made["processor"]


def test_only_a_change_of_the_code_makes_a_result_old():
    notebook = read(NOTEBOOKS[2])
    changed = copy.deepcopy(notebook)
    for cell in changed.cells:
        if cell.cell_type == "code":
            cell.outputs = []
        if cell.cell_type != "code" or cell.id == GUARD:
            cell.source += " and more"
    assert stored.code(changed) == stored.code(notebook)
    next(cell for cell in changed.cells if cell.id == "claim-slope").source += "\n"
    assert stored.code(changed) != stored.code(notebook)


def test_claims_are_known_by_their_cell_and_place():
    claims = stored.claimed(read(NOTEBOOKS[2]))
    places = [place for cell, place in claims if cell == "claim-slope"]
    assert places == [0, 1, 2, 3, 4]
    assert all("  measured " in line for line in claims.values())


def missing(path):
    """The claims of a chapter that have no result."""
    kept = stored.read(f"claims/{path.stem[:2]}") or {"claims": []}
    known = {(each["cell"], each["place"]) for each in kept["claims"]}
    return stored.claimed(read(path)).keys() - known


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_claim_is_missing(path):
    unknown = ", ".join(f"{place + 1} of {cell}" for cell, place in sorted(missing(path)))
    assert not unknown, f"make claims CHAPTER={path.stem[:2]} was not run for the claims {unknown}"
