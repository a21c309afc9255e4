"""What a step is made of, each operation timed alone, and how its cost grows with each size."""

import tracemalloc
from functools import partial

import numpy as np

from initlib import Network, figures, fit
from initlib.initializers import he_normal, normal
from initlib.network import _loss_and_slope
from tests.bench.contenders import RATE, by_initlib, products
from tests.bench.jobs import STEPS, course_task, step_task
from tests.bench.measuring import finish, smallest


def shares(task):
    """{what: its share of a step}, each operation timed alone on the arrays of a real step."""
    network, x, labels = task.networks[0], task.first_x, task.first_labels
    network.forward(x)
    logits, gradients, flat = network.z[-1], network.backward(labels), network.parameters()
    ones, rates = np.ones(len(x), task.dtype), np.full((network.replicas, 1), RATE, task.dtype)
    phi, hidden = network.activation, list(zip(network.z, network.a, gradients.da))[:-1]
    alone = {
        "products": products(task.sizes, len(x), network.replicas, task.dtype),
        "biases": [partial(np.add, z, b[:, None], out=z) for z, b in zip(network.z, network.b)],
        "φ": [partial(phi, z) for z, _, _ in hidden],
        "φ'": [lambda z=z, a=a, da=da: da * phi.derivative(z, a) for z, a, da in hidden],
        "db": [partial(np.matmul, ones, dz) for dz in gradients.dz],
        "loss": [lambda: _loss_and_slope(logits, labels)],
        "update": [lambda: np.subtract(flat, rates * gradients.flat, out=flat)],
    }
    step = smallest(by_initlib(task), 2) / task.steps / len(task.networks)
    parts = {what: sum(map(smallest, runs)) / step for what, runs in alone.items()}
    return {**parts, "the rest": 1 - sum(parts.values())}


def shares_table(tasks):
    rows = {job: shares(task) for job, task in tasks.items()}
    heads = list(next(iter(rows.values())))
    yield f"| job | {' | '.join(heads)} |"
    yield "| --- |" + " --- |" * len(heads)
    for job, parts in rows.items():
        yield f"| {job} | {' | '.join(f'{share:.0%}' for share in parts.values())} |"


def profile():
    """The lines of a table of shares, and one of what drawing costs in the propagation."""
    import jax

    tasks = {f"{name}, {phi}": step_task(name, phi) for name in STEPS for phi in ("tanh", "relu")}
    tasks |= {f"the course's job, {np.dtype(d)}": course_task(d) for d in (np.float32, np.float64)}
    yield from shares_table(tasks)
    shape, rng, x = (10, 256, 256), np.random.default_rng(0), np.ones((128, 256), np.float32)

    def make():
        rngs = [np.random.default_rng(s) for s in range(10)]
        return Network([256] * 101, "tanh", normal(1.5 / 16), rngs, np.float32)

    by_jax = jax.jit(lambda key: jax.random.normal(key, shape))
    jax_draws = smallest(lambda: finish(by_jax(jax.random.key(0))))
    draws = smallest(lambda: rng.standard_normal(shape, np.float32))
    network, makes = make(), smallest(make, 1)
    whole = makes + smallest(lambda: network.forward(x), 1)
    yield ""
    yield (
        f"In the propagation numpy's random numbers are {100 * draws / whole:.0%} of initlib's "
        f"time, scaling and storing them as weights {makes / whole - 100 * draws / whole:.0%}, the "
        f"forward pass, which keeps each layer's z and a, {1 - makes / whole:.0%}. JAX keeps no "
        f"layer and draws in {jax_draws / draws:.2f} of numpy's time."
    )


def growth(folder):
    """Draw the time of a step against each size, beside its products; return (R, bytes) pairs."""
    figure, panels = figures.new_figure(1, 4, size=(10, 3))
    usual = {"width": 64, "hidden layers": 4, "batch": 64, "replicas": 1}
    ranges = {
        "width": [2**k for k in range(4, 11)],
        "hidden layers": [2**k for k in range(7)],
        "batch": [2**k for k in range(4, 12)],
        "replicas": [2**k for k in range(7)],
    }
    for axes, (what, values) in zip(panels.flat, ranges.items()):
        times = [_one_step({**usual, what: value}) for value in values]
        axes.plot(values, [1e3 * t for t, _ in times], **figures.STYLES["He"], label="a step")
        axes.plot(values, [1e3 * f for _, f in times], label="its products", **figures.THEORY)
        axes.set(xscale="log", yscale="log")
        figures.label(axes, title="", xlabel=what, ylabel="milliseconds" if what == "width" else "")
    panels.flat[0].legend()
    figure.savefig(folder / "growth.png", dpi=100)
    return [(R, _peak(R)) for R in (1, 2, 4, 8, 16, 32)]


def _network(size):
    sizes = (64, *[size["width"]] * size["hidden layers"], 10)
    rngs = [np.random.default_rng(s) for s in range(size["replicas"])]
    x, labels = np.zeros((size["batch"], 64), np.float32), np.zeros(size["batch"], int)
    return Network(sizes, "relu", he_normal(), rngs, np.float32), x, labels


def _one_step(size):
    network, x, labels = _network(size)
    options = {"steps": 20, "learning_rate": RATE, "batch_size": None, "quiet": True}
    step = smallest(lambda: fit(network, x, labels, **options)) / 20
    both = products(network.sizes, len(x), network.replicas, np.float32)
    return step, sum(map(smallest, both))


def _peak(replicas):
    """Bytes at the peak of making and training a network of so many replicas."""
    tracemalloc.start()
    size = {"width": 256, "hidden layers": 4, "batch": 64, "replicas": replicas}
    network, x, labels = _network(size)
    fit(network, x, labels, steps=2, learning_rate=RATE, batch_size=None, quiet=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
