"""What no cell shows: how the library lays networks side by side. ``Runs`` has names for it.

Four habits are counted in the syntax tree of the code cells: generators made in a row, arrays cut
into the shape of the replicas, rates repeated for each seed, and options that are juggled.
"""

import ast

import pytest

from tests.notebooks import NOTEBOOKS, code_cells, read

# (chapter, call as ast writes it): why it has nothing to do with replicas.
ALLOWED = {
    ("02", "W[0].T[:8].reshape(8, 8, 8)"): "the weights of a unit, shown as a picture",
    ("07", "raw_digits()[0][:256].reshape(256, 64)"): "pictures as rows of pixels",
}

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def name_of(node):
    """The last part of what is named: "reshape" of both np.reshape and losses.reshape."""
    return getattr(node, "attr", getattr(node, "id", ""))


def makes_generators(node):
    """[default_rng(seed) for seed in seeds], or the same by map; of nested ones the inner."""
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        inside = list(ast.walk(node.value if isinstance(node, ast.DictComp) else node.elt))
        nested = any(map(makes_generators, inside))
        return not nested and any(name_of(each) == "default_rng" for each in inside)
    if isinstance(node, ast.Call) and name_of(node.func) == "map":
        return name_of(node.args[0]) == "default_rng"
    return False


def calls(*names):
    return lambda node: isinstance(node, ast.Call) and name_of(node.func) in names


HABITS = {
    "generators": makes_generators,
    "reshapes": calls("reshape"),
    "repeats": calls("repeat", "tile"),
    "options": lambda node: isinstance(node, ast.AugAssign) and isinstance(node.op, ast.BitOr),
}


def found(sources, chapter=""):
    """For each habit the places in a chapter's cells, as code; without those that are allowed."""
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    return {
        habit: [
            text
            for text in map(ast.unparse, filter(is_one, nodes))
            if (chapter, text) not in ALLOWED
        ]
        for habit, is_one in HABITS.items()
    }


def sources(path):
    return [cell.source for cell in code_cells(read(path))]


@every_notebook
def test_no_cell_does_the_library_s_arithmetic(path, record_property):
    places = found(sources(path), path.name[:2])
    counts = {habit: len(each) for habit, each in places.items()}
    record_property("replica arithmetic", (path.stem, counts))
    assert not any(counts.values()), places


def test_what_is_allowed_is_still_there():
    there = {
        (path.name[:2], text)
        for path in NOTEBOOKS
        for places in found(sources(path)).values()
        for text in places
    }
    assert set(ALLOWED) <= there, set(ALLOWED) - there


@pytest.mark.parametrize(
    "source, counts",
    [
        ("rngs = [np.random.default_rng(seed) for _ in names for seed in seeds]", (1, 0, 0, 0)),
        ("rngs = [[default_rng(s) for s in range(3)] for _ in names]", (1, 0, 0, 0)),
        ("rngs = {s: default_rng(s) for s in range(3)}", (1, 0, 0, 0)),
        ("draws = [default_rng(k).normal(size=3) for k in range(3)]", (1, 0, 0, 0)),
        ("rngs = list(map(np.random.default_rng, seeds))", (1, 0, 0, 0)),
        ("rng = np.random.default_rng(0)\nx = [draw(rng) for _ in seeds]", (0, 0, 0, 0)),
        ("def by_start(a):\n    return a.reshape(-1, 4, TRIALS)", (0, 1, 0, 0)),
        ("np.reshape(memory, (len(GAINS), -1)).reshape(3, 2)", (0, 2, 0, 0)),
        ("rates = np.repeat(RATES, TRIALS) + np.tile(RATES, 3)", (0, 0, 2, 0)),
        ("options |= dict(steps=3)\nx = options | {}", (0, 0, 0, 1)),
    ],
)
def test_each_habit_is_seen(source, counts):
    assert tuple(map(len, found([source]).values())) == counts
