"""The judge of ``tests.trust.mutation``, without the mutants: those are for ``make mutation``."""

import pytest

from tests.trust.mutation import (
    EQUIVALENT,
    Mutant,
    change,
    is_the_change,
    raised,
    read,
    report,
    tally,
)

SOURCE = """\
def root(x):
    if x < 0:
        raise ValueError(
            f"{x - 1} is too small"
        )
    return x**0.5
"""


@pytest.mark.parametrize("module", EQUIVALENT)
def test_what_is_listed_stands_once_in_its_module(module):
    for old, new, reason in EQUIVALENT[module]:
        assert read(module).count(old) == 1
        assert old != new and reason


def test_change_shows_the_lines_that_differ():
    assert change(SOURCE, SOURCE.replace("<", ">")) == ("if x < 0:", "if x > 0:")
    assert change(SOURCE, SOURCE.replace("    return x**0.5\n", "")) == ("return x**0.5", "")


def test_a_message_is_what_lies_within_a_raise_statement():
    assert raised(SOURCE) == [((3, 8), (5, 9))]
    assert raised(SOURCE.replace("raise ValueError", "print")) == []


def mutant(after, message=False):
    return Mutant("root", 6, ("return x**0.5", after), message, after)


def test_an_equivalent_is_known_by_its_change():
    assert is_the_change("x**0", "x** 0", mutant("return x** 0.5"))
    assert not is_the_change("x**0", "x** 0", mutant("return x** 1.5"))
    assert not is_the_change("x + 1", "x", mutant("return x**0.5"))


KILLED = (mutant("return x*0.5"), True)
SURVIVES = (mutant("return x**+0.5"), False)
MESSAGE = (mutant("return x**1.5", message=True), False)
LISTED = [("x**0", "x**+0", "a plus does nothing")]


@pytest.mark.parametrize(
    "judged, equivalent, wrong",
    [
        ([KILLED], [], ""),
        ([KILLED, MESSAGE], [], ""),
        ([KILLED, SURVIVES], LISTED, ""),
        ([KILLED] * 99 + [SURVIVES], [], "root.py:6 survives\n- return x**0.5\n+ return x**+0.5"),
        ([KILLED, SURVIVES], [], "the score is below 95%"),
        ([KILLED], LISTED, "x**0 -> x**+0 is listed, but killed or no longer made"),
        ([], [], "the score is below 95%"),
    ],
)
def test_report_finds_what_is_wrong(judged, equivalent, wrong, capsys):
    assert report({"root": tally("root", judged, equivalent)}) == (not wrong)
    assert wrong in capsys.readouterr().out


def test_the_table_counts_each_mutant_once(capsys):
    report({"root": tally("root", [KILLED] * 3 + [MESSAGE, SURVIVES], LISTED)})
    row = capsys.readouterr().out.splitlines()[1]
    assert row.split() == ["root", "5", "1", "1", "3", "100.0%"]
