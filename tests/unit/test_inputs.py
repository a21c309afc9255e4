"""Every public function of floors 0 to 3 against right and wrong arguments, mixed at random.

Each call either returns finite numbers of the documented shape, or what its documentation names as
infinite, or raises ValueError or TypeError with a sentence that names the argument. ``INPUT_CASES``
in the environment says how many calls a function gets.
"""

import contextlib
import inspect
import io
import os
import random
import re
from collections import Counter
from decimal import Decimal
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from initlib import (
    ClaimFailed,
    Network,
    Runs,
    activations,
    comparing,
    datasets,
    figures,
    initializers,
    plots,
    probes,
    theory,
    training,
)
from initlib._numbers import approx, number
from initlib.claims import claim
from initlib.datasets import load_digits
from initlib.lessons import _bounded
from initlib.network import cross_entropy

CASES = int(os.environ.get("INPUT_CASES", 110))
FLAGS = {"log", "logx"}  # anything is true or false
ENOUGH = 20  # returned, and refused, calls of each function

X, LABELS = np.random.default_rng(0).normal(size=(6, 4)), np.array([0, 1, 2, 0, 1, 2])
DIGITS = load_digits()._replace(x_train=X, y_train=LABELS, x_validation=X, y_validation=LABELS)
DIGITS = DIGITS._replace(x_test=X, y_test=LABELS)
JUNK = [
    *(None, ..., "text", "0.1", "", b"1", True, object(), {}, {"a": "b"}, {1}, print, 1j),
    *(np.nan, np.inf, -np.inf, -1, -0.5, 2.5, 1e300, 10**30, Decimal(1), np.str_("relu")),
    *(
        [],
        [1, "a"],
        [[1, 2], [3]],
        (),
        [np.nan],
        [-1.0, 0.1],
        np.empty((0, 4)),
        np.ones((2, 2, 2, 2)),
    ),
    *(np.array(["a"]), np.array(1j), np.full((6, 4), np.nan), np.ma.masked_less(X, 0), X * 1e300),
    *(np.array([None]), np.array([0, 1, 2, 0, 1, -1]), np.array([[0], [1], [2], [0], [1], [2]])),
]


def rng():
    return np.random.default_rng(1)


RUNS = Runs(start=initializers.he_normal(), rate=(0.1, 0.2, 0.3), seed=range(2))
A_NETWORK = object()  # stands for a fresh one in each call


def network(seen=True):
    made = Network((4, 5, 3), "tanh", Runs(start=initializers.he_normal(), seed=range(2)))
    if seen:
        made.forward(X)
        made.gradients = made.backward(LABELS)
    return made


def drawn(**arguments):
    """A law is refused when it is made or when it is drawn from."""
    law, shape, dtype = (arguments.pop(name) for name in ("law", "shape", "dtype"))
    return law(**arguments)(rng(), shape, dtype)


def of(function):
    """The same, called with a network of its own."""

    def with_network(**given):
        if given["network"] is A_NETWORK:
            given = {**given, "network": network()}
        return function(**given)

    return with_network


def of_shape(shape):
    return lambda got, given: np.shape(got) == shape and bool(np.isfinite(got).all())


def finite(got, given):
    return bool(np.isfinite(np.asarray(got, dtype=float)).all())


def anything(got, given):
    return True


def like_z(got, given):
    return np.shape(got) == np.shape(given["z"])


SHAPES = {"shape": [(4, 3), (2, 2, 4, 3), [3, 1]], "dtype": [np.float32, np.float64, "float32"]}
GROUPS = {"groups": [1, 1, 1]}
SCALE = {"gain": [0, 1, 2.5, np.float32(0.5)], **GROUPS, **SHAPES}
SLOPE = {
    "negative_slope": [0, 0.1, -1],
    "mode": ["fan_in", "fan_out", "fan_avg"],
    **GROUPS,
    **SHAPES,
}
PHI = {"activation": [*activations.NAMED, "leaky_relu(0.2)", activations.leaky_relu(0.3)]}
Z = {"z": [0, -1.5, [1.0, -2.0], X, X.astype(np.float32), [-np.inf, np.nan]]}
Q = {"q": [0, 1.0, 1e-34, 1e30, [0.5, 2.0], np.ones((2, 3))]}
TRAIN = {
    "x": [X, X[:1].repeat(6, 0), np.stack([X, X]), X.tolist()],
    "labels": [LABELS, LABELS.tolist(), np.zeros(6, np.int8)],
    "steps": [0, 1, 3],
    "learning_rate": [0, 0.1, [0.1, 0.2], np.float32(1)],
    "batch_size": [None, 1, 4, 100],
    "momentum": [0, 0.9],
    "rng": [rng()],
}
PLOT = {"title": ["A title"], "alt": ["What it shows."]}
AXES = {"xlabel": ["x"], "ylabel": ["y"], **PLOT}
SERIES = {"He": np.ones((3, 2)), "other": [[1, 2], [3, np.nan], [5, 6]]}
LAYERS = [{"He": np.ones((3, 2))}, {"He": np.full((3, 1), 1e-30)}]
NETWORK = {"network": [A_NETWORK]}
SIGNALS = {"signals": [[X], [X[None], X[None] * 2], (np.float32(X),)]}


def law(name, arguments):
    return drawn, {"law": [getattr(initializers, name)], **arguments}, finite


def fitted(network, **arguments):
    return training.fit(network, quiet=True, **arguments).loss


def descended(network, **arguments):
    return [step for step, _ in training.descend(network, **arguments)]


def ratios(network, gradients, learning_rate):
    if gradients is A_NETWORK:
        gradients = getattr(network, "gradients", None)
    return probes.update_to_weight_ratio(network, gradients, learning_rate)


def has_rates(got, given):
    return len(got) == 2


# name: the call, the right values of each argument, and what must hold of what it returns
FUNCTIONS = {
    "fans": (initializers.fans, {"shape": [(4, 3), (3, 3, 2, 4)], "groups": [1, 1]}, finite),
    "constant": law("constant", {"value": [0, 1, -2.5], **SHAPES}),
    "zeros": law("zeros", SHAPES),
    "normal": law("normal", {"std": [0, 1, 0.5], **SHAPES}),
    "uniform": law("uniform", {"bound": [0, 1, 0.5], **SHAPES}),
    "truncated_normal": law("truncated_normal", {"std": [0, 1, 0.5], **SHAPES}),
    "variance_scaling": law(
        "variance_scaling",
        {
            "scale": [0, 1, 2.0],
            "mode": list(initializers.MODES),
            "distribution": list(initializers.DISTRIBUTIONS),
            **GROUPS,
            **SHAPES,
        },
    ),
    "lecun_normal": law("lecun_normal", {**GROUPS, **SHAPES}),
    "lecun_uniform": law("lecun_uniform", {**GROUPS, **SHAPES}),
    "xavier_normal": law("xavier_normal", SCALE),
    "xavier_uniform": law("xavier_uniform", SCALE),
    "he_normal": law("he_normal", SLOPE),
    "he_uniform": law("he_uniform", SLOPE),
    "orthogonal": law("orthogonal", {"gain": [0, 1, 2.5], **SHAPES}),
    "activations.get": (activations.get, PHI, anything),
    "an activation": (lambda activation, z: activations.get(activation)(z), {**PHI, **Z}, like_z),
    "a derivative": (
        lambda activation, z: activations.get(activation).derivative(z),
        {**PHI, **Z},
        like_z,
    ),
    "leaky_relu": (activations.leaky_relu, {"negative_slope": [0, 0.1, -2]}, anything),
    "second_moment": (theory.second_moment, {**PHI, **Q}, finite),
    "mean": (theory.mean, {**PHI, **Q}, finite),
    "derivative_second_moment": (theory.derivative_second_moment, {**PHI, **Q}, finite),
    "gain": (theory.gain, PHI, finite),
    "signal": (
        theory.signal,
        {**PHI, "scale": [0, 1, 2.0], "depth": [1, 3], "q": [0.5, 1, [1.0, 2.0]]},
        lambda got, given: len(got) == given["depth"] and finite(got, given),
    ),
    "load_digits": (
        load_digits,
        {"writers": ["together", "apart"], "order": ["dealt"], "dtype": [np.float32, "float64"]},
        lambda got, given: finite(got.x_train, given) and len(got.x_train) == len(got.y_train),
    ),
    "Runs": (
        Runs,
        {
            "start": [initializers.zeros(), {"He": initializers.he_normal()}],
            "seed": [range(2), [5]],
        },
        lambda got, given: len(got.rngs()) == len(got),
    ),
    "along": (
        RUNS.along,
        {"name": ["rate"], "values": [[1, 2, 3], range(3)]},
        of_shape((6,)),
    ),
    "labels": (RUNS.labels, {"name": ["rate", "seed", "start"]}, anything),
    "unfold": (
        RUNS.unfold,
        {"array": [range(6), np.ones((2, 6))], "axis": [None, -1]},
        lambda got, given: np.size(got) == np.size(given["array"]),
    ),
    "by": (
        lambda **given: list(RUNS.by(**given)),
        {"name": ["rate"], "array": [range(6), np.ones((2, 6))], "axis": [None, -1]},
        lambda got, given: len(got) == 3,
    ),
    "Network": (
        Network,
        {
            "sizes": [(4, 3), [4, 5, 3]],
            "activation": PHI["activation"],
            "initializers": [initializers.zeros(), [initializers.he_normal()]],
            "rngs": [rng(), [rng()]],
            "dtype": SHAPES["dtype"],
        },
        lambda got, given: finite(got.parameters(), given),
    ),
    "forward": (
        lambda x: network(seen=False).forward(x),
        {"x": TRAIN["x"]},
        of_shape((2, 6, 3)),
    ),
    "backward": (
        lambda labels: network().backward(labels).flat,
        {"labels": TRAIN["labels"]},
        of_shape((2, 43)),
    ),
    "loss": (lambda labels: network().loss(labels), {"labels": TRAIN["labels"]}, of_shape((2,))),
    "cross_entropy": (
        cross_entropy,
        {"logits": [np.zeros((1, 6, 3)), network().z[-1]], "labels": TRAIN["labels"]},
        finite,
    ),
    "fit": (
        of(fitted),
        {**NETWORK, **TRAIN, "observe": [None, repr], "every": [1, 2]},
        finite,
    ),
    "descend": (
        of(descended),
        {**NETWORK, **TRAIN},
        lambda got, given: got == list(range(given["steps"] + 1)),
    ),
    "evaluate": (
        of(training.evaluate),
        {**NETWORK, "x": TRAIN["x"], "labels": TRAIN["labels"], "chunk": [1, 4, 128]},
        lambda got, given: finite(got, given) and np.all(got.accuracy <= 1),
    ),
    "minibatches": (
        lambda **given: next(training.minibatches(**given)),
        {"examples": [1, 10], "batch_size": [1, 4], "rng": [rng()]},
        finite,
    ),
    "probes.second_moment": (probes.second_moment, SIGNALS, finite),
    "probes.std": (probes.std, SIGNALS, finite),
    "saturated_share": (
        of(probes.saturated_share),
        {**NETWORK, "slope": [0, 0.05, 2]},
        of_shape((1, 2)),
    ),
    "dead_share": (of(probes.dead_share), NETWORK, of_shape((1, 2))),
    "update_to_weight_ratio": (
        of(ratios),
        {**NETWORK, "gradients": [A_NETWORK], "learning_rate": [0, 0.1, np.array([0.1, 0.2])]},
        of_shape((2, 2)),
    ),
    "unit_vectors": (of(probes.unit_vectors), {**NETWORK, "layer": [0]}, of_shape((2, 5, 8))),
    "distinct_units": (
        of(probes.distinct_units),
        {**NETWORK, "layer": [0], "tolerance": [0, 1e-6, 1]},
        of_shape((2,)),
    ),
    "spread": (of(probes.spread), {**NETWORK, "layer": [0]}, of_shape((2,))),
    "rank": (
        probes.rank,
        {"matrices": [X, np.zeros((2, 3, 4)), np.eye(3)], "tolerance": [0, 1e-6]},
        finite,
    ),
    "claim": (
        claim,
        {
            "statement": ["it is so"],
            "measured": [1.0, np.array([1.0])],
            "predicted": [1, 1.0],
            "relative": [0.1, 1e-3],
            "rival": [None, 2, [2.0, 3.0]],
        },
        anything,
    ),
    "a sample": (
        claim,
        {
            "statement": ["it is so"],
            "measured": [[0.9, 1.0, 1.2], np.array([1.05, 0.9])],
            "predicted": [1, 1.0],
            "standard_error": [None, 0.1],
            "allow": [None, {"width": 0.01}, {}],
            "rival": [9, [-9.0, 9.0]],
            "resolution": [None, 2],
            "digits": [2, 3],
        },
        anything,
    ),
    "a bound": (
        claim,
        {
            "statement": ["it is so"],
            "measured": [3.0, [3.0, 4.0]],
            "at_least": [2, 2.5],
            "rival": [1, [0.0, 1.0]],
        },
        anything,
    ),
    "number": (
        number,
        {"x": [0, 1.5, 1e300, np.inf, np.nan, np.float32(2)], "digits": [1, 3]},
        anything,
    ),
    "approx": (
        approx,
        {"x": [0, 1.5, 1e300, np.inf], "digits": [1, 3], "error": [None, 0.1]},
        anything,
    ),
    "first_step": (
        comparing.first_step,
        {"happened": [[[False, True], [True, True]], np.zeros((2, 3), bool)], "every": [1, 5]},
        lambda got, given: not np.isnan(got).any(),
    ),
    "best_rates": (
        comparing.best_rates,
        {
            "scores": [np.array([[[1], [3], [2]], [[0], [2], [1]]])],
            "rates": [(0.1, 0.2, 0.3)],
            "starts": ["ab", ["a", "b"]],
        },
        has_rates,
    ),
    "tune": (
        lambda **given: comparing.tune((4, 5, 3), "tanh", **given).rates,
        {
            "starts": [{"a": initializers.zeros(), "b": initializers.zeros()}],
            "digits": [DIGITS],
            "rates": [(0.1, 0.2, 0.3)],
            "steps": [1, 2],
            "choosing": [range(2)],
            "fresh": [(5,), [6, 7]],
            "rng": [rng],
            "chance": [1.0],
        },
        has_rates,
    ),
    "show_table": (
        plots.show_table,
        {
            "values": [{"a": [1, 2]}, {"a": [[1, 2], 3], "b": [np.nan, np.inf]}],
            "rows": ["row"],
            "columns": [("one", "two"), ["one", "two"]],
            "title": ["A title"],
            "digits": [2, 3],
        },
        anything,
    ),
    "curves": (
        plots.curves,
        {
            "x": [[1, 2, 3], np.arange(3) + 1],
            "series": [SERIES],
            "theory": [None, {}, {"kept": 1}, {"kept": [1, 2, np.nan]}],
            "styles": [None, {"other": "second"}, "shades"],
            "log": [False, True],
            "logx": [False, True],
            **AXES,
        },
        anything,
    ),
    "by_layer": (
        plots.by_layer,
        {
            "signals": LAYERS,
            "gradients": LAYERS,
            "theory": [None, {}, {"kept": (np.ones(3), np.ones(3))}],
            **PLOT,
        },
        anything,
    ),
    "weight_images": (
        plots.weight_images,
        {"rows": [{"He": np.ones((2, 3, 3))}], **PLOT},
        anything,
    ),
}


# What is called by these alone, or by authors with what these return.
WITHIN = {
    *("check_rngs", "check_initializers", "check_weights", "check_sizes", "check_network"),
    *("check_inputs", "check_learning_rate", "check_labels", "check_variances", "check_rates"),
    *("raw_digits", "shades", "new_figure", "label", "draw_dots", "png", "show", "fingerprint"),
    "looks",  # of names that curves has checked
    "running_model",  # whose arguments are those of tune, and which trains for a minute
}


def test_no_public_function_is_left_out():
    known = {name.rpartition(".")[2] for name in FUNCTIONS} | WITHIN
    rooms = (activations, comparing, datasets, figures, initializers, plots, probes, theory)
    for room in (*rooms, training):
        for name, function in vars(room).items():
            public = inspect.isfunction(function) and not name.startswith("_")
            if public and function.__module__ == room.__name__:
                assert function.__name__ in known, f"{room.__name__}.{name}"


def call(arguments, chance):
    """Arguments, all right in about half of the calls, one or two of them wrong in the others."""
    names = sorted(arguments.keys() - FLAGS - {"law"})
    wrong = chance.sample(names, min(len(names), chance.choice([0, 0, 1, 2])))
    return {
        name: right[0] if name == "law" else chance.choice(JUNK if name in wrong else right)
        for name, right in arguments.items()
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_comes_in_is_used_or_refused_by_name(name, record_property, monkeypatch):
    monkeypatch.setattr(figures, "DPI", 20)  # nobody looks at the pictures
    function, arguments, holds = FUNCTIONS[name]
    outcomes = Counter()

    cases = 2 * CASES // 5 if "alt" in arguments else CASES  # a picture takes its time

    @settings(max_examples=cases, deadline=None, database=None)
    @given(st.integers(0, 2**32))  # drawing each argument would take most of the time
    def check(seed):
        given = call(arguments, random.Random(seed))
        outcome = called(function, given)
        if isinstance(outcome, Exception):
            outcomes["refused"] += 1
            names = "|".join(map(re.escape, (*arguments, "what initializers return")))
            assert isinstance(outcome, ValueError | TypeError | ClaimFailed), repr(outcome)
            assert re.search(rf"\b({names})\b", str(outcome)) or isinstance(outcome, ClaimFailed), (
                f"{outcome!r} names none of its arguments: {given}"
            )
        else:
            outcomes["returned"] += 1
            assert holds(outcome[0], given), (given, outcome)

    check()
    record_property("inputs", (name, outcomes["returned"], outcomes["refused"]))
    assert min(outcomes["returned"], outcomes["refused"]) >= (name != "zeros") * min(
        ENOUGH, cases // 5
    ), outcomes


def called(function, given):
    """What a call returns, in a tuple, or the exception that it raises."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        patch("initlib.plots.show"),
        patch("initlib._display.display"),
        patch.object(_bounded, "OURS", "nowhere"),  # so the library's steps are watched: none hangs
        _bounded.bounded(seconds=20),
    ):
        try:
            return (function(**given),)
        except Exception as problem:
            return problem
