"""Answers to the exercises of chapter 02, written from their text alone."""

import numpy as np


def columns(values, dtype=np.float64):
    """A start whose units have the given values."""
    return lambda rng, shape, dtype=dtype: np.tile(values, (shape[0], 1)).astype(dtype)


def start_by_loop(rng, shape, dtype):
    W = np.zeros(shape, dtype)
    for unit in range(shape[1]):
        W[:, unit] = 0.1 + 0.0001 * unit
    return W


class Start:
    def __call__(self, rng, shape, dtype):
        return 0.1 + 0.005 * np.cos(np.arange(np.prod(shape)).reshape(shape))


RIGHT = {
    "escape": [
        300,
        300.0,
        np.int32(300),
        "300 steps",
        "300",
        "140 + 8*20",
        "3e2",
        np.array([300]),
        lambda: 140 + 160,
        "3*10^2",
    ],
    "distinct-start": [
        start_by_loop,
        Start(),
        lambda rng, shape, dtype: np.tile(np.linspace(0.09, 0.11, shape[1]), (shape[0], 1)),
        lambda rng, shape, dtype: (
            np.full(shape, 0.1, "f") + np.linspace(0, 0.01, shape[1], dtype="f")
        ),
        lambda rng, shape, dtype: np.full(shape, 0.1) - np.linspace(0, 0.01, shape[1]),
        lambda rng, shape, dtype: (0.1 + np.arange(shape[1]) / 1e6 * np.ones(shape)).tolist(),
        lambda *arguments: np.linspace(0.09, 0.11, np.prod(arguments[1])).reshape(arguments[1]),
        lambda rng, shape, dtype=None: 0.1 + 0.01 * np.sin(np.indices(shape)[1]),
        lambda rng, shape, dtype: np.random.default_rng(7).uniform(0.09, 0.11, shape),
        lambda rng, shape, dtype: (
            np.pad(
                np.full((shape[0] - 1, shape[1]), 0.1),
                ((1, 0), (0, 0)),
                constant_values=0.1,
            )
            + np.outer(np.eye(shape[0])[0], np.arange(shape[1]) * 1e-5)
        ),
    ],
    "two-groups": [
        2,
        2.0,
        np.int64(2),
        np.array([2]),
        np.array(2),
        [2],
        "2",
        "2 units",
        np.full(10, 2.0),  # the same in each of ten networks
        [2, 2, 2],
        lambda: 2,
        len({0.1, -0.1}),
    ],
    "longest": [
        "sigmoid",
        "Sigmoid",
        " SIGMOID ",
        "sigmoid\n",
        "sigMoid",
        str(np.str_("sigmoid")),
        np.str_("sigmoid"),
        "\tsigmoid",
        "Sigmoid.",
        "the sigmoid",
        '"sigmoid"',
        ["sigmoid"],
    ],
}

MISTAKES = {
    "escape": [280, 220, 160, 220.4, 140 * 2, 14_000_000_000, 140e4, 20, 320],
    "distinct-start": [
        lambda rng, shape, dtype: np.full(shape, 0.1),
        lambda rng, shape, dtype: rng.uniform(0.09, 0.11, shape),
        lambda rng, shape, dtype: 0.1 + 0.01 * rng.standard_normal(shape),
        lambda rng, shape, dtype: np.linspace(0.09, 0.11, shape[0])[:, None] * np.ones(shape),
        lambda rng, shape, dtype: np.linspace(0.09, 0.11, shape[1]),
        lambda rng, shape, dtype: np.tile(np.linspace(0.09, 0.11, shape[0]), (shape[1], 1)),
        columns(np.arange(100) / 100),
        columns(np.tile([0.09, 0.11], 50)),
        columns(np.linspace(-0.01, 0.01, 100)),
        columns(np.linspace(0.08, 0.12, 100)),
        lambda rng, shape, dtype: None,
        np.linspace(0.09, 0.11, 100),
        lambda rng, shape, dtype: np.full(shape, np.nan),
        lambda shape: np.linspace(0.09, 0.11, shape[1]) * np.ones(shape),
        lambda: np.zeros((64, 100)),
        lambda rng, shape, dtype: 0.1 + 0.01 * np.random.default_rng().uniform(-1, 1, shape),
    ],
    "two-groups": [1, 50, 100, "100", np.array([50])],
    "longest": ["tanh", "Tanh", " tanh ", "relu", "ReLU", "RELU"],
}

OTHER_WRONG = {
    "escape": [
        140,
        60,
        80,
        240,
        250,
        400,
        1e16,
        "300 thousand",
        "3000",
        -300,
        [140, 300],
    ],
    "distinct-start": [0.1, "np.linspace", columns(np.full(100, 0.1)), lambda *_: "x"],
    "two-groups": [
        0,
        5,
        3,
        10,
        64,
        2.01,
        1.99,
        -2,
        "20",
        "2,2",
        np.array([2, 1]),
        np.arange(2),
        {1, 2},
    ],
    "longest": [
        "",
        "sig",
        "sigmoid tanh",
        "linear",
        "gelu",
        3,
        240,
        ["sigmoid", "tanh"],
        {"sigmoid"},
        len,
        np.nan,
        b"sigmoid",
    ],
}
