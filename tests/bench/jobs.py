"""What is timed: drawing weights, training steps, the course's own race, a signal in the depth."""

import itertools
import statistics
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from initlib import Network, load_digits
from initlib.initializers import (
    constant,
    he_normal,
    normal,
    orthogonal,
    xavier_normal,
    xavier_uniform,
    zeros,
)
from tests.bench.contenders import (
    Task,
    by_initlib,
    by_jax,
    by_notebook,
    by_products,
    by_sklearn,
    by_torch,
)

STEPS = {  # sizes, examples in a batch (None is all), steps in a turn
    "step 64-128-128-10, batch 64": ((64, 128, 128, 10), 64, 203),
    "step 784-256x3-10, batch 128": ((784, 256, 256, 256, 10), 128, 30),
    "step 64-64x30-10, batch 128": ((64, *[64] * 30, 10), 128, 30),
    "step 64-100x5-10, all 1,797": ((64, *[100] * 5, 10), None, 10),
}


class Job(NamedTuple):
    """Contenders by name: the floor and what needs numpy alone, then ``others()``, which need more.

    ``check`` says of results by name how far each is off, which must stay within ``tolerance``.
    """

    name: str
    ours: dict
    others: Callable
    check: Callable
    tolerance: float


def every_job():
    return itertools.chain(sampling(), steps(), course(), propagation())


def sampling():
    shape = (1024, 1024)
    for dtype in (np.float32, np.float64):
        yield Job(
            f"sample He normal, {np.dtype(dtype)}",
            drawn(lambda rng, d=dtype: rng.standard_normal(shape, d), he_normal(), shape, dtype),
            lambda d=dtype: drawn_elsewhere("kaiming_normal_", "he_normal", shape, d),
            *spread((2 / 1024) ** 0.5),
        )
        yield Job(
            f"sample Xavier uniform, {np.dtype(dtype)}",
            drawn(lambda rng, d=dtype: rng.random(shape, d), xavier_uniform(), shape, dtype),
            lambda d=dtype: drawn_elsewhere("xavier_uniform_", "xavier_uniform", shape, d),
            *spread(1024**-0.5),
        )
    for sides in ((784, 256), (1024, 1024)):
        yield Job(
            f"sample orthogonal {sides}",
            drawn(
                lambda rng, sides=sides: np.linalg.qr(rng.standard_normal(sides, "f"))[0],
                orthogonal(),
                sides,
                np.float32,
            ),
            lambda sides=sides: drawn_elsewhere("orthogonal_", "orthogonal", sides, np.float32),
            *spread(max(sides) ** -0.5),
        )


def drawn(floor, initializer, shape, dtype):
    """Both from the same seed, each with a generator of its own."""
    first, second = (np.random.default_rng(0) for _ in range(2))
    return {
        "floor": lambda: floor(first),
        "initlib": lambda: initializer(second, shape, dtype),
    }


def drawn_elsewhere(in_torch, in_jax, shape, dtype):
    import jax
    import torch

    options = {"nonlinearity": "relu"} if in_torch == "kaiming_normal_" else {}
    tensor = torch.empty(shape, dtype=getattr(torch, np.dtype(dtype).name))
    others = {"PyTorch": lambda: getattr(torch.nn.init, in_torch)(tensor, **options)}
    if dtype == np.float32:  # JAX has no other unless it is told
        draw, key = getattr(jax.nn.initializers, in_jax)(), jax.random.key(0)
        others["JAX"] = lambda: draw(key, shape)
    return others


def spread(expected):
    """A check: all samples have this standard deviation, within 1 %; the floor's are not scaled."""

    def check(results):
        return {
            name: abs(float(np.std(np.asarray(weights))) / expected - 1)
            for name, weights in results.items()
            if name != "floor"
        }

    return check, 0.01


def apart(results):
    """How far the losses of the others lie from initlib's, relative to it."""
    return {
        name: abs(loss / results["initlib"] - 1)
        for name, loss in results.items()
        if name != "floor"
    }


def step_task(name, phi):
    sizes, batch, count = STEPS[name]
    digits, rng = load_digits(order="file", dtype=np.float32), np.random.default_rng(0)
    x = np.concatenate([digits.x_train, digits.x_test])
    labels = np.concatenate([digits.y_train, digits.y_test])
    if sizes[0] != 64:
        x = rng.standard_normal((len(x), sizes[0]), np.float32)
    start = he_normal() if phi == "relu" else xavier_normal()
    return Task(sizes, phi, batch, count, [start], [0], x, labels, np.float32)


def steps():
    for name in STEPS:
        for phi in ("tanh", "relu"):
            task = step_task(name, phi)
            yield Job(
                f"{name}, {phi}",
                {
                    "floor": by_products(task.sizes, len(task.first_x), 1, task.steps, np.float32),
                    "initlib": by_initlib(task),
                    "notebook": by_notebook(task),
                },
                lambda task=task: trained_elsewhere(task),
                apart,
                0.02,
            )


def trained_elsewhere(task):
    others = {"PyTorch": by_torch(task), "JAX": by_jax(task)}
    if len(task.W[0]) == 1 and task.steps % task.epoch == 0 and task.size:
        others["scikit-learn"] = by_sklearn(task)
    return others


def course_task(dtype):
    starts = [zeros(), constant(0.1), normal(0.01), normal(0.4), xavier_normal(), he_normal()]
    sizes, count = (64, *[100] * 4, 10), 30 * 22
    return Task(sizes, "tanh", 64, count, starts, range(5), *load_digits(order="file").train, dtype)


def course():
    for dtype in (np.float32, np.float64):
        task, single = course_task(dtype), dtype == np.float32
        five = by_products(task.sizes, 64, 5, task.steps, dtype)
        ours = {
            "floor": lambda five=five, task=task: [five() for _ in task.networks] and None,
            "initlib": by_initlib(task),
        }
        if single:
            ours["notebook"] = by_notebook(task)
        yield Job(
            f"the course's job, {np.dtype(dtype)}",
            ours,
            lambda task=task, single=single: trained_elsewhere(task) if single else {},
            apart,
            0.02,
        )


def propagation():
    depth, width, batch, seeds, std = 100, 256, 128, 10, 1.5 / 16
    x = np.random.default_rng(0).standard_normal((batch, width), np.float32)
    W = np.empty((seeds, width, width), np.float32)
    a, z = (np.ones((seeds, batch, width), np.float32) for _ in range(2))
    rngs = [np.random.default_rng(s) for s in range(seeds)]

    def floor():
        for _ in range(depth):
            for rng, each in zip(rngs, W):
                rng.standard_normal(out=each, dtype=np.float32)
            np.matmul(a, W, out=z)

    def initlib():
        generators = [np.random.default_rng(s) for s in range(seeds)]
        network = Network([width] * (depth + 1), "tanh", normal(std), generators, np.float32)
        return float((network.forward(x) ** 2).mean())

    yield Job(
        "propagation, one of 20 scales",
        {"floor": floor, "initlib": initlib},
        lambda: propagated_elsewhere(x, depth, width, seeds, std),
        apart,
        0.1,
    )


def propagated_elsewhere(x, depth, width, seeds, std):
    import jax
    import jax.numpy as jnp
    import torch

    inputs = torch.from_numpy(x)

    def in_torch():
        means = []
        with torch.no_grad():
            for _ in range(seeds):
                z = inputs
                for layer in range(depth):
                    z = (torch.tanh(z) if layer else z) @ (std * torch.randn(width, width))
                means.append(float((z**2).mean()))
        return statistics.mean(means)

    @jax.jit
    def in_jax(key):
        def layer(z, key):
            return jnp.tanh(z) @ (std * jax.random.normal(key, (width, width))), None

        def network(key):
            return jax.lax.scan(layer, jnp.asarray(x), jax.random.split(key, depth))[0]

        return (jax.vmap(network)(jax.random.split(key, seeds)) ** 2).mean()

    return {"PyTorch": in_torch, "JAX": lambda: float(in_jax(jax.random.key(0)))}
