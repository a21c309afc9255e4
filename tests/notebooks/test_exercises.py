"""The exercises as the notebooks pose them: the solution in the text passes its check, and each
check meets answers that nobody who wrote it had in mind."""

import ast
import builtins
import contextlib
import importlib
import io
import math
import re
import symtable
from pathlib import Path
from unittest.mock import patch

import nbformat
import numpy as np
import pytest

from initlib import _display
from initlib.lessons._texts import chapter, item
from initlib.lessons.answers import read_number
from tests.notebooks import NOTEBOOKS
from tests.notebooks.test_texts import numeric, said

pytestmark = pytest.mark.usefixtures("own_progress")
CHECK = re.compile(r'^check\("([\w/-]+)", (\w+)\)$', re.MULTILINE)


# The solutions


def exercises():
    """Each exercise cell of each notebook, with the cells before it."""
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        for position, cell in enumerate(cells):
            if cell.cell_type == "code" and (posed := CHECK.search(cell.source)):
                before = [c.source for c in cells[:position] if c.cell_type == "code"]
                yield pytest.param(*posed.groups(), cell.source, before, id=posed[1])


every_exercise = pytest.mark.parametrize("name, variable, source, before", list(exercises()))


def names(source):
    """The global names that code defines, and those it needs from elsewhere."""
    table = symtable.symtable(source, "cell", "exec")
    defined = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    tables, used = [table], set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        used |= {
            s.get_name()
            for s in table.get_symbols()
            if s.is_referenced() and (s.is_global() or table.get_type() == "module")
        }
    return defined, used - defined - set(dir(builtins))


def needed(source, cells):
    """Those of the cells, in order, that define what the code uses, directly or through others."""
    chosen, (_, wanted) = [], names(source)
    for cell in reversed(cells):
        defined, used = names(cell)
        if defined & wanted:
            chosen.insert(0, cell)
            wanted = wanted - defined | used
    assert not wanted, f"nothing before defines {wanted}"
    return chosen


def run(*sources):
    """The names that the code leaves, run as cells of a notebook whose displays nobody sees."""
    space = {"__name__": "__main__"}
    with (
        contextlib.redirect_stdout(io.StringIO()),
        patch.object(_display, "display"),
        patch("initlib.figures.display"),
    ):
        for source in sources:
            exec(compile(source, "a cell", "exec"), space)
    return space


@every_exercise
def test_exercise_is_stored_unanswered(name, variable, source, before):
    first, *_ = ast.parse(source).body
    assert ast.unparse(first) == f"{variable} = ..."
    assert not any(variable in names(cell)[0] for cell in before)


@every_exercise
def test_solution_passes_its_check(name, variable, source, before):
    solution = item(name, "exercises").solution
    space = run(*needed(solution, before), solution)
    assert said(name, space[variable]).startswith("Right.")


def test_each_exercise_is_found():
    calls = sum(
        cell.source.count("check(")
        for path in NOTEBOOKS
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
    )
    assert len(list(exercises())) == calls > 0


# The checks against answers that nobody who wrote them had in mind

BATTERIES = {
    path.stem[-2:]: importlib.import_module(f"tests.notebooks.batteries.{path.stem}")
    for path in sorted((Path(__file__).parent / "batteries").glob("chapter_*.py"))
}


def cases(*kinds):
    return [
        pytest.param(f"{chapter}/{key}", answer, id=f"{chapter}/{key}-{kind.lower()}-{position}")
        for chapter, battery in BATTERIES.items()
        for kind in kinds
        for key, answers in getattr(battery, kind).items()
        for position, answer in enumerate(answers)
    ]


@pytest.mark.parametrize("name, answer", cases("RIGHT"))
def test_right_answers_in_any_form(name, answer):
    assert said(name, answer).startswith("Right.")


@pytest.mark.parametrize("name, answer", cases("MISTAKES", "OTHER_WRONG"))
def test_wrong_answers_are_not_accepted(name, answer):
    assert said(name, answer).startswith("Not yet: ")


UNTOLD = re.compile(
    r"Not yet: (\S+ is too (large|small)|your answer could not be used|a number is asked for"
    r"|for \(.*\) (it gives|the shape is))"
)


@pytest.mark.parametrize("name", [f"{n}/{key}" for n in BATTERIES for key in BATTERIES[n].MISTAKES])
def test_plausible_mistakes_are_told(name, record_property):
    number, key = name.split("/")
    answers = [said(name, answer) for answer in BATTERIES[number].MISTAKES[key]]
    untold = [answer for answer in answers if UNTOLD.match(answer)]
    record_property("exercise", (name, len(answers), len(answers) - len(untold)))
    assert not untold, untold


def values(answers):
    """The numbers among what learners hand in."""
    for answer in answers:
        with contextlib.suppress(Exception):
            yield read_number(answer)


@pytest.mark.parametrize("name, key, _, mistakes", numeric())
def test_a_mistake_that_has_a_name_is_told_by_its_own(name, key, _, mistakes):
    for value in values(BATTERIES[name].MISTAKES[key]):
        for wrong, meaning in mistakes:
            if math.isclose(value, read_number(wrong), rel_tol=1e-9):
                assert said(f"{name}/{key}", value) == f"Not yet: {meaning}"


@pytest.mark.parametrize("number", BATTERIES)
def test_the_battery_is_a_battery(number):
    battery = BATTERIES[number]
    assert set(battery.RIGHT) == set(chapter(number).exercises)
    for key in battery.RIGHT:
        assert len(battery.RIGHT[key]) >= 8, key
        assert len(battery.MISTAKES[key]) + len(battery.OTHER_WRONG[key]) >= 15, key


@pytest.mark.parametrize("std", [0.5, 5e5, 1e200])
def test_a_signal_that_overflows_is_not_called_weak(std):
    assert "the signal grows from layer to layer" in said("01/std", std)


# The one check that an answer's chance could mislead, over many seeds. Each family maps a seed to
# an answer: the first two are right, the others are mistakes that the check names.

SEEDS = 2_000


def a_value_a_unit(seed):
    values = np.random.default_rng(seed).uniform(0.09, 0.11, 100)
    return lambda rng, shape, dtype: np.tile(values[: shape[1]], (shape[0], 1))


def a_value_a_weight(seed):
    values = np.random.default_rng(seed).uniform(0.09, 0.11, 6400).astype(np.float32)
    return lambda rng, shape, dtype: values[: shape[0] * shape[1]].reshape(shape)


def two_units_alike(seed):
    one, other = np.random.default_rng(seed).choice(10, 2, replace=False)

    def answer(rng, shape, dtype):
        W = np.tile(np.linspace(0.09, 0.11, shape[1]), (shape[0], 1))
        W[:, one] = W[:, other]
        return W

    return answer


def drawn_from_rng(seed):
    return lambda rng, shape, dtype: 0.1 + 0.01 * rng.uniform(-1, 1, shape) * (1 - seed / 1e6)


def too_far(seed):
    far = np.random.default_rng(seed).uniform(0.0101, 0.1)
    return lambda rng, shape, dtype: np.tile(0.1 + np.linspace(0, far, shape[1]), (shape[0], 1))


@pytest.mark.parametrize(
    "family, right",
    [
        (a_value_a_unit, True),
        (a_value_a_weight, True),
        (two_units_alike, False),
        (drawn_from_rng, False),
        (too_far, False),
    ],
)
def test_chance_hardly_misleads_the_check_of_a_start(family, right):
    check = item("02/distinct-start", "exercises").checker
    misled = sum(check(family(seed)).right is not right for seed in range(SEEDS))
    assert misled < SEEDS / 1000
