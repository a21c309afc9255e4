"""The texts themselves: what is typed there can be read, each mistake is told by its own words, and
no question gives its answer away by the place or the length of a choice."""

import importlib
import math
import re
import tomllib
from itertools import combinations
from unittest.mock import patch

import numpy as np
import pytest

from initlib import _display, lessons
from initlib.lessons._texts import FOLDER, chapter, chapters
from initlib.lessons.answers import NAMED_WITHIN, read_number
from tests.notebooks import path_of, read

pytestmark = pytest.mark.usefixtures("own_progress")


def mistakes_of(exercise):
    """The pairs (formula or name, what it means)."""
    lines = filter(None, exercise.get("mistakes", "").splitlines())
    return [tuple(line.split(": ", 1)) for line in lines]


def exercises():
    for number in chapters():
        table = tomllib.loads((FOLDER / f"{number}.toml").read_text(encoding="utf-8"))
        for key, exercise in table["exercises"].items():
            yield number, key, exercise


def numeric():
    """Each exercise that asks for a number: chapter, key, its table and its mistakes."""
    return [
        pytest.param(number, key, exercise, mistakes_of(exercise), id=f"{number}/{key}")
        for number, key, exercise in exercises()
        if "right" in exercise and exercise.get("kind") != "word"
    ]


def said(name, answer):
    """The first line of what the check says."""
    with patch.object(_display, "display") as display:
        lessons.check(name, answer)
    return display.call_args.args[0]["text/plain"].splitlines()[0]


# Right values and mistakes


def confused(exercise):
    """Pairs of what the exercise names that lie so near that one may be taken for the other."""
    within = 1e-6 if "whole" in exercise else exercise.get("tolerance", 0.01)
    named = [(exercise["right"], within)]
    named += [(wrong, min(within, NAMED_WITHIN)) for wrong, _ in mistakes_of(exercise)]
    return [
        (one, other)
        for (one, near), (other, near_other) in combinations(named, 2)
        if math.isclose(read_number(one), read_number(other), rel_tol=max(near, near_other))
    ]


@pytest.mark.parametrize("number, key, exercise, mistakes", numeric())
def test_no_two_values_are_taken_for_one_another(number, key, exercise, mistakes):
    assert confused(exercise) == []


@pytest.mark.parametrize("right, wrong", [("7", "7.05"), ("1", "7: seven.\n7.05")])
def test_two_values_that_are_taken_for_one_another_are_found(right, wrong):
    assert len(confused({"right": right, "mistakes": f"{wrong}: a little more."})) == 1


@pytest.mark.parametrize("number, key, exercise, mistakes", numeric())
def test_what_is_named_is_told_by_its_own_words(number, key, exercise, mistakes):
    name = f"{number}/{key}"
    assert said(name, exercise["right"]) == f"Right. {exercise.get('why', '')}".strip()
    for wrong, meaning in mistakes:
        assert said(name, wrong) == f"Not yet: {meaning}"


# What a cell or an interactive gives, and no formula: each is named in a comment of its text.
MEASURED = {"05/least": ["0.013", "0.015", "0.026"]}
MEASURED |= {"06/adam": ["0.87", "0.34", "0.40", "0.49"]}
MEASURED |= {"12/gain": ["0.88"]}
MEASURED |= {"13/adam-lazy": ["0.14", "0.31"]}


@pytest.mark.parametrize("number, key, exercise, mistakes", numeric())
def test_no_digits_stand_where_a_formula_could(number, key, exercise, mistakes):
    for formula in [exercise["right"], *(wrong for wrong, _ in mistakes)]:
        bare = re.fullmatch(r"-?\d*\.0*(\d+)", formula)
        assert not bare or len(bare[1]) == 1 or formula in MEASURED.get(f"{number}/{key}", [])


@pytest.mark.parametrize("number", ["01", "03", "04", "05", "06", "07", "08", "10"])
def test_wrong_functions_are_told_by_their_own_words(number):
    module = importlib.import_module(f"initlib.lessons.checkers.chapter_{number}")
    tables = {key: dict(mistakes_of(exercise)) for n, key, exercise in exercises() if n == number}
    (key,) = (key for key, mistakes in tables.items() if mistakes.keys() == module.WRONG.keys())
    for name, functions in module.WRONG.items():
        for wrong in functions if isinstance(functions, tuple) else (functions,):
            assert said(f"{number}/{key}", wrong) == f"Not yet: {tables[key][name]}"


# What every item has


@pytest.mark.parametrize("number", chapters())
def test_no_record_has_the_name_of_another(number):
    texts = chapter(number)
    names = [*texts.predictions, *texts.exercises, *texts.statements]
    names += [f"quiz-{key}" for key in texts.quiz]
    assert len(set(names)) == len(names)


def test_the_table_of_verdicts_says_what_the_texts_say():
    (table,) = (cell.source for cell in read(path_of("09")).cells if cell.id == "table")
    assert table.startswith("<details>")  # nobody reads it by accident
    rows = re.findall(r"^\| (\d+[ab]?) \| ([\w ]+) \| \S.* \| (.*) \|$", table, re.M)
    words = {"true": "true", "false": "false", "conditions": "conditions", "untested": "not tested"}
    statements = chapter("09").statements
    assert [row[:2] for row in rows] == [(n, words[s.verdict]) for n, s in statements.items()]
    unearned = [n for n, _, earned in rows if not re.search(r"\]\([\w.]*(?:ipynb|#)", earned)]
    assert unearned == [n for n, s in statements.items() if s.verdict == "untested"]


@pytest.mark.parametrize("number", chapters())
def test_each_item_is_whole(number):
    texts = chapter(number)
    for prediction in texts.predictions.values():
        assert prediction.result and all(choice.holds for choice in prediction.choices)
    for exercise in texts.exercises.values():
        assert exercise.solution and exercise.remark and 2 <= exercise.minutes <= 8


@pytest.mark.parametrize("number", chapters())
def test_no_text_is_markdown(number):
    """Cells show it as it is: who reads them would see dollars, stars and links to notebooks."""
    text = (FOLDER / f"{number}.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?s)solution  = '''.*?'''|`[^`]*`", "", text)
    assert not re.findall(r"\$|(?<!\*)\*\w[^*\n]*\w\*|\]\((?!https:)[^)]*\)", text)


# Cues. A learner who knows nothing finds the right one of k choices with the chance 1/k. The number
# found by a rule such as "take the longest" then has a known law, and may not stand out from it.

CHANCE = 0.001


def law(chances):
    """P(n are found) for n = 0, 1, …, if each is found with its own chance."""
    found = np.ones(1)
    for chance in chances:
        found = np.convolve(found, [1 - chance, chance])
    return found


def usual(chances):
    """The least and the most that chance finds, each but for one time in a thousand."""
    below = np.cumsum(law(chances))
    return int(np.argmax(below > CHANCE)), int(np.argmax(below >= 1 - CHANCE))


def place(question):
    return [choice.right for choice in question.choices].index(True)


def stands_out(question, measure):
    """Whether the right choice alone is the longest, or by another measure the most."""
    lengths = [measure * len(choice.text) for choice in question.choices]
    return lengths.count(max(lengths)) == 1 and lengths.index(max(lengths)) == place(question)


def cues(questions):
    """What gives the right choices away; each rule with how many it finds and how many it may."""
    chances = [1 / len(question.choices) for question in questions]
    told = []
    for rule, measure in (("longest", 1), ("shortest", -1)):
        found, (_, most) = sum(stands_out(q, measure) for q in questions), usual(chances)
        told += [(rule, found, most)] * (found > most)
    for nth in range(-2, 3):
        there = [(q, c) for q, c in zip(questions, chances) if -len(q.choices) <= nth < 1 / c]
        found = sum(place(q) in (nth, nth + len(q.choices)) for q, _ in there)
        least, most = usual([chance for _, chance in there])
        told += [(f"place {nth}", found, least, most)] * (not least <= found <= most)
    return told


def questions(*kinds):
    return [
        question
        for number in chapters()
        for kind in kinds
        for question in getattr(chapter(number), kind).values()
    ]


@pytest.mark.parametrize("kinds", [["predictions"], ["quiz"], ["predictions", "quiz"]])
def test_neither_place_nor_length_gives_the_right_choice_away(kinds):
    assert cues(questions(*kinds)) == []


@pytest.mark.parametrize("number", [number for number in chapters() if number != "00"])
def test_within_a_chapter_the_right_choice_changes_its_place(number):
    for items in (chapter(number).predictions, chapter(number).quiz):
        places = [place(question) for question in items.values()]
        assert max(map(places.count, places)) <= len(places) / 2


def asked(right, texts):
    choices = [lessons._texts.Choice(text, "", n == right) for n, text in enumerate(texts)]
    return lessons._texts.Question("?", tuple(choices))


@pytest.mark.parametrize(
    "planted, rule",
    [
        ([asked(n % 4, ["yes"] * 4) for n in range(40)], None),
        ([asked(1 + n % 3, ["yes"] * 4) for n in range(40)], "place 0"),
        ([asked(n % 3, ["yes"] * 4) for n in range(40)], "place -1"),
        (
            [asked(n % 4, np.roll(["a long one", "no", "no", "no"], n)) for n in range(40)],
            "longest",
        ),
        ([asked(n % 4, np.roll(["no", "yes", "yes", "yes"], n)) for n in range(40)], "shortest"),
    ],
)
def test_a_cue_is_found(planted, rule):
    assert [each[0] for each in cues(planted)][:1] == [rule][: rule is not None]


@pytest.mark.parametrize("number", chapters())
def test_praise_says_why(number):
    assert all(len(exercise.why) > 20 for exercise in chapter(number).exercises.values())
