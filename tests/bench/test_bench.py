"""What the benchmark compares is the same work; nothing is timed here."""

import subprocess
import sys

import numpy as np
import pytest

from tests.bench import measuring, report
from tests.bench.chapters import longest
from tests.bench.contenders import Task, by_initlib, by_notebook, products
from tests.bench.jobs import apart, sampling, spread
from tests.notebooks import ROOT


def small_task(phi="tanh"):
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((30, 6)), rng.integers(3, size=30)
    starts = [lambda rng, shape, dtype: rng.standard_normal(shape, dtype) / 2] * 2
    return Task((6, 5, 4, 3), phi, 8, 9, starts, [0, 1], x, labels, np.float64)


def test_importing_it_brings_no_framework_and_leaves_the_threads_open():
    rest = "anatomy, chapters, contenders, jobs, measuring, report"
    code = f"""
import sys
import tests.bench.bench
assert "numpy" not in sys.modules  # it would have read the number of threads
from tests.bench import {rest}
assert not {{"jax", "sklearn", "torch"}} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_what_is_drawn_is_the_floor_s_numbers_scaled():
    job = next(sampling())
    weights, numbers = job.ours["initlib"](), job.ours["floor"]()
    assert job.name == "sample He normal, float32"
    np.testing.assert_array_equal(weights, numbers * np.float32((2 / 1024) ** 0.5))
    assert job.check({"floor": numbers, "initlib": weights})["initlib"] <= job.tolerance


@pytest.mark.parametrize("phi", ["tanh", "relu"])
def test_the_notebook_trains_what_the_engine_trains(phi):
    task = small_task(phi)
    results = {"initlib": by_initlib(task)(), "notebook": by_notebook(task)(), "floor": None}
    assert apart(results)["notebook"] < 1e-12


def test_each_turn_begins_anew():
    run = by_initlib(small_task())
    assert run() == run()


def test_the_products_are_those_of_a_step(monkeypatch):
    counted = []
    real = np.matmul
    monkeypatch.setattr(np, "matmul", lambda a, b, out: counted.append(a.shape) or real(a, b, out))
    forward, backward = products((6, 5, 4, 3), 8, 2, np.float64)
    forward()
    assert counted == [(2, 8, 6), (2, 8, 5), (2, 8, 4)]
    backward()
    assert len(counted) == 3 + 3 + 2  # the gradient of the inputs is not asked for


def test_work_that_is_not_the_same_is_refused():
    check, tolerance = spread(1.0)
    job = next(sampling())._replace(
        name="half",
        ours={"floor": lambda: 0, "initlib": lambda: [0.5, -0.5]},
        others=dict,
        check=check,
        tolerance=tolerance,
    )
    with pytest.raises(SystemExit, match=r"^half: not the same work: \{'initlib': 0\.5\}$"):
        next(measuring.measure([job]))


def test_goals_say_what_is_missed():
    jobs = {"sample He normal, float32": {"initlib": [1.2, 2.0], "floor": [1.0, 1.0]}}
    *_, row = report.goals(jobs)
    assert row == "| sample He normal, float32: initlib / floor | 1.10 | 1.20 | missed |"
    *_, row = report.table(jobs)
    assert row == "| sample He normal, float32 | 1.20 (2.00) |  |  |  |  |"


def test_the_longest_training_of_a_chapter_if_it_trains():
    shapes = [((6, 5, 4), 8, replicas, np.float64, "tanh") for replicas in (1, 3)]
    forward = {("forward", shape): 9.0 for shape in shapes}
    assert longest(forward) == {}
    ((name, task),) = longest(
        forward | {("backward", shape): each for shape, each in zip(shapes, (1.0, 2.0))}
    ).items()
    assert name.startswith("3 of 6-5x1-4, batch 8, tanh") and task.sizes == (6, 5, 4)
