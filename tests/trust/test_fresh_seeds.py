from unittest.mock import patch

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import initlib
from initlib.lessons._texts import Choice, Question
from tests import notebooks
from tests.trust import stored
from tests.trust.fresh_seeds import Outcome, main, replicate, report, seeded_by, tally

IMPORTS = "import numpy as np\nfrom initlib import claim"
HOLDS = 'claim("always", measured=np.random.default_rng(0).random(), at_most=1, rival=9)'
# It holds in the control and in three of the first six replications, 1, 3 and 4.
HALF = 'claim("half", measured=np.random.default_rng(0).random(), at_least=0.5, rival=-9)'
RAISES = 'assert len(str(np.random.default_rng(0).random())) < 3, "too long"'


def run(*sources, seeds=6):
    """All replications of a chapter whose cells are called a, which imports, b, c, ..."""
    cells = list(zip("abcdef", (IMPORTS, *sources)))
    return [replicate(("90", cells, k)) for k in range(seeds + 1)]


def faults(replications):
    return report("90", tally(replications))


FAILS = Outcome("always", "the line", False)


def drawn(k, expression="np.random.default_rng(3).random()"):
    """The value of an expression in replication k, told by a claim that fails."""
    source = f'claim("it", measured={expression}, at_most=-9, rival=9, digits=17)'
    replication = replicate(("90", [("a", IMPORTS), ("b", source)], k))
    (outcome,) = replication.claims.values()
    return float(outcome.line.split()[-1])


# Seeds


def test_the_control_keeps_the_notebook_s_seeds():
    assert drawn(0) == np.random.default_rng(3).random()


def test_replications_and_seeds_differ_from_one_another():
    values = [drawn(k, f"np.random.default_rng({s}).random()") for k in range(5) for s in range(5)]
    assert len(set(values)) == len(values)


@pytest.mark.parametrize("seed", ["3", "np.int64(3)", "np.random.default_rng(3)"])
def test_what_shares_a_seed_still_does(seed):
    assert drawn(2, f"np.random.default_rng({seed}).random()") == drawn(2)


def test_the_package_draws_from_fresh_seeds_too():
    weights = "__import__('initlib.explorables.knob').explorables.knob._unit_weights.__wrapped__()"
    values = [drawn(k, f"{weights}[0][0, 0, 0]") for k in (0, 1, 1, 2)]
    assert values[1] == values[2] and len(set(values)) == 3


RUNS = """
from initlib import Network, Runs, he_normal, xavier_normal
runs = Runs(start={"Xavier": xavier_normal(), "He": he_normal()}, rate=(1, 2), seed=range(3))
W = Network((4, 5, 3), "relu", runs).W[0]"""


def test_every_network_of_a_runs_is_another():
    networks = []
    for k in (0, 2):
        space = {}
        with patch("numpy.random.default_rng", seeded_by(k)):
            exec(RUNS, space)
        networks.append(space["runs"].unfold(space["W"]))
    own, fresh = networks
    assert own.shape == (2, 2, 3, 4, 5)
    assert not (own == fresh).any()
    np.testing.assert_array_equal(fresh[:, 0], fresh[:, 1])  # still paired: a seed, two rates
    assert len({W.tobytes() for W in fresh[0, 0]}) == 3


def test_nothing_stays_replaced():
    before = np.random.default_rng, initlib.claim
    run(HOLDS, seeds=1)
    assert before == (np.random.default_rng, initlib.claim)


# What is reported


def test_claims_that_hold(capsys):
    assert not faults(run(HOLDS, f"{HOLDS}\n{HOLDS}"))
    expected = [["90", cell, "always", "held", "in", "6/6", "(100%)"] for cell in "bcc"]
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == expected


def test_a_claim_that_holds_on_half_of_the_seeds(capsys):
    assert faults(run(HALF, HOLDS)) == 1
    first, second, third = capsys.readouterr().out.splitlines()
    assert first.endswith("held in 3/6 (50%)  less than 95%")
    assert " ".join(second.split()) == "k = 2: half at least 0.5 measured 0.0808"
    assert third.endswith("held in 6/6 (100%)")


@pytest.mark.parametrize("failing, holds", [(1, True), (2, False)])
def test_one_seed_in_twenty_may_fail(failing, holds):
    """A claim, or a prediction; what raises anything else may not once."""
    replications = run(HOLDS, seeds=20)
    fails = {"claims": dict.fromkeys(replications[0].claims, FAILS)}
    misses = {"raised": {"b": "ClaimFailed: the prediction 90/half does not fit"}}
    raises = {"raised": {"b": "ClaimFailed: another"}}
    for changed, may in (fails, holds), (misses, holds), (raises, False):
        changed = [
            each._replace(**changed) if 1 <= each.k <= failing else each for each in replications
        ]
        assert (faults(changed) == 0) is may
    assert faults([replications[0]._replace(**misses), *replications[1:]]) == 1


def test_a_claim_that_fails_on_the_notebook_s_own_seeds(capsys):
    control, *others = run(HOLDS)
    control.claims.update(dict.fromkeys(control.claims, FAILS))
    assert faults([control, *others])
    assert "on the notebook's own seeds: the line" in capsys.readouterr().out


def test_a_claim_that_agrees_with_its_rival_does_not_hold(capsys):
    vague = 'claim("vague", measured=1.1, predicted=1, relative=0.5, rival=1.2)'
    assert faults(run(vague))
    said = capsys.readouterr().out
    assert "held in 0/6" in said and "as well with its rival 1.2: it tells nothing" in said


def test_a_claim_that_cannot_be_judged_is_a_fault_of_its_cell(capsys):
    assert faults(run('claim("a bound", measured=1, at_most=2)', seeds=1))
    said = capsys.readouterr().out
    assert "raised in replication 1: ValueError: at most 2: beside which rival=" in said


def test_a_prediction_that_the_experiment_does_not_bear_out_is_a_fault_of_its_cell(capsys):
    question = Question(
        "Is the number above a half?",
        [
            Choice("yes", "It is.", right=True, holds="value > 0.5"),
            Choice("no", "It is not.", holds="value <= 0.5"),
        ],
        result="It is {value:.2f}.",
    )
    settles = (
        "from initlib.lessons import settle\nsettle('90/half', np.random.default_rng(0).random())"
    )
    with patch("initlib.lessons.item", lambda name, kind: question):
        replications = run(settles)
    assert [each.k for each in replications if each.raised] == [2, 5, 6]
    assert faults(replications)
    assert "raised in replication 2: ClaimFailed: the prediction 90/half" in capsys.readouterr().out


def test_what_is_displayed_goes_nowhere(capfd):
    shows = (
        "from initlib import figures\nfigures.show(figures.new_figure()[0], alt='An empty figure')"
    )
    asks = "from initlib.lessons import quiz\nquiz('02')"
    assert not any(each.raised for each in run(shows, asks, seeds=1))
    assert capfd.readouterr() == ("", "")


def test_a_cell_that_raises_does_not_stop_the_others(capsys):
    assert faults(run(f"{RAISES}\n{HOLDS}", HOLDS, seeds=2))
    said = capsys.readouterr().out
    for k in range(3):
        assert f"raised in replication {k}: AssertionError: too long" in said
    assert "held in 2/2 (100%)" in said


def test_a_claim_that_is_not_reached_does_not_hold(capsys):
    stops = "assert np.random.default_rng(0).random() >= 0.5"
    assert faults(run(f"{stops}\n{HOLDS}"))
    said = capsys.readouterr().out
    assert "held in 3/6" in said and "k = 2: not reached" in said


# What is kept


def test_a_claim_is_kept_with_what_it_said_on_the_notebook_s_own_seeds():
    coin = 'claim("a coin", measured=[0.4, 0.5, 0.6], predicted=0.5, rival=1)'
    found = tally(run(f"{HALF}\n{coin}"))
    half, coin = found["claims"]
    assert found["seeds"] == 6 and found["raised"] == []
    assert half == {
        "cell": "b",
        "place": 0,
        "statement": "half",
        "predicted": "at least 0.5",
        "measured": "0.637",
        "held": 3,
        "failed on its own seeds": "",
        "failed first": f"k = 2: {'half':<46}  at least 0.5       measured 0.0808",
    }
    assert (coin["place"], coin["predicted"], coin["held"]) == (1, "0.5", 6)
    assert coin["measured"] == "0.5 ± 0.0577"


def test_a_claim_whose_words_hold_a_number_is_one_claim():
    named = (
        'x = np.random.default_rng(0).random()\nclaim(f"of {x}", measured=x, at_most=1, rival=9)'
    )
    (kept,) = tally(run(named))["claims"]
    assert kept["held"] == 6 and kept["statement"].startswith("of 0.6369")


def test_what_failed_is_kept():
    control, *others = run(HOLDS, RAISES, seeds=1)
    control.claims.update(dict.fromkeys(control.claims, FAILS))
    others[0].claims.clear()
    found = tally([control, *others])
    (kept,) = found["claims"]
    assert kept["failed on its own seeds"] == "the line" and kept["held"] == 0
    assert kept["failed first"] == "k = 1: not reached"
    error = "AssertionError: too long"
    assert found["raised"] == [{"cell": "c", "k": k, "error": error} for k in (0, 1)]


# The whole


@pytest.mark.parametrize("source, status", [(HOLDS, 0), (RAISES, 1)])
def test_chapters_are_run_in_processes_of_their_own(source, status, tmp_path, monkeypatch, capfd):
    path = tmp_path / "90_try_it.ipynb"
    cells = [new_code_cell(IMPORTS), new_markdown_cell("*"), new_code_cell(source)]
    nbformat.write(new_notebook(cells=cells), path)
    monkeypatch.setattr(notebooks, "NOTEBOOKS", [path])
    monkeypatch.setattr(stored, "RESULTS", tmp_path)
    assert main("1", "90") == status
    shown = capfd.readouterr()
    assert "2/2  90 k = " in shown.err
    verdict = "2 faults" if status else "all hold"
    assert f"{1 - status} claims on 1 sets of seeds: {verdict}" in shown.out
    kept = stored.read("claims/90")
    assert kept["seeds"] == 1 and len(kept["claims"]) == 1 - status
    assert kept["code"] == stored.code(notebooks.read(path))


@pytest.mark.parametrize("seeds, chapter", [("0", "00"), ("many", "00"), ("2", "91")])
def test_arguments_that_mean_nothing(seeds, chapter):
    with pytest.raises(SystemExit, match=r"^(SEEDS must be|No notebook's name starts)"):
        main(seeds, chapter)
