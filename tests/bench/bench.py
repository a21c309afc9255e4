"""How close the engine comes to what the processor can do, and to what else a learner would use.

    make bench                 all jobs, with one BLAS thread and then with the default number
    make bench JOB=step        those whose name holds the word, with one BLAS thread

The contenders of a job do the same work, which is checked first, and take turns. Each row is a
ratio of smallest times to the floor, with that of the medians in brackets. A job's floor is its
matrix products alone, with outputs made beforehand, or its random numbers alone.
"""

import collections
import contextlib
import copy
import datetime
import importlib.metadata
import io
import itertools
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
import warnings
from functools import partial
from pathlib import Path
from unittest.mock import patch

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
SECONDS = 4  # about what each contender's turns take together
RATE = 0.01
STEPS = {  # sizes, examples in a batch (None is all), steps in a turn
    "step 64-128-128-10, batch 64": ((64, 128, 128, 10), 64, 203),
    "step 784-256x3-10, batch 128": ((784, 256, 256, 256, 10), 128, 30),
    "step 64-64x30-10, batch 128": ((64, *[64] * 30, 10), 128, 30),
    "step 64-100x5-10, all 1,797": ((64, *[100] * 5, 10), None, 10),
}
SMALL = [name for name in STEPS if "64-128" in name or "64x30" in name]
SHARES = """\
Each operation timed alone, in shares of the step with one thread. The rest is Python, the choice of
the batch, what is checked, and what is slower in company than alone."""
LONGEST = """\
The training of each chapter that spends most on products, taken apart like the steps above:"""
GOALS = [  # job, contender, what it is compared with, at most
    ("sample He normal, float32", "initlib", "floor", 1.1),
    ("sample He normal, float64", "initlib", "floor", 1.1),
    ("sample Xavier uniform, float32", "initlib", "floor", 1.2),
    ("sample Xavier uniform, float64", "initlib", "floor", 1.2),
    ("sample orthogonal (784, 256)", "initlib", "floor", 1.15),
    ("sample orthogonal (1024, 1024)", "initlib", "floor", 1.15),
    *(
        (f"{name}, {phi}", "initlib", other, most)
        for name, floor, torch in zip(STEPS, (1.7, 1.25, 1.6, 1.4), (2.5, 1.2, 2, 1.2))
        for phi in ("tanh", "relu")
        for other, most in (("floor", floor), ("PyTorch", 1 / torch), ("JAX", 1))
        if other != "JAX" or name in SMALL
    ),
    ("the course's job, float32", "initlib", "floor", 1.4),
    ("the course's job, float32", "initlib", "JAX", 1),
    ("the course's job, float32", "initlib", "PyTorch", 1 / 3),
    ("the course's job, float64", "initlib", "floor", 1.4),
    ("propagation, one of 20 scales", "initlib", "floor", 1.4),
    ("propagation, one of 20 scales", "initlib", "JAX", 1),
]


# --- what a step costs without Python, and in other hands -----------------------------------------


def products(sizes, batch, replicas, dtype):
    """The matrix products of a forward and of a backward pass, and nothing else."""
    rng = np.random.default_rng(0)

    def draw(*shape, scale=1.0):
        return (scale * rng.standard_normal((replicas, *shape))).astype(dtype)

    W = [draw(n, m, scale=n**-0.5) for n, m in itertools.pairwise(sizes)]
    a, dz = ([draw(batch, size) for size in sizes] for _ in range(2))
    dW = [np.empty_like(each) for each in W]

    def forward():
        for layer, each in enumerate(W):
            np.matmul(a[layer], each, out=a[layer + 1])

    def backward():
        for layer in reversed(range(len(W))):
            np.matmul(a[layer].mT, dz[layer + 1], out=dW[layer])
            if layer:
                np.matmul(dz[layer + 1], W[layer].mT, out=dz[layer])

    return forward, backward


def by_products(sizes, batch, replicas, steps, dtype):
    forward, backward = products(sizes, batch, replicas, dtype)

    def run():
        for _ in range(steps):
            forward()
            backward()

    return run


class Task:
    """The same training for all: data, batches and first weights, in one precision."""

    def __init__(self, sizes, phi, batch, steps, starts, seeds, x, labels, dtype):
        self.sizes, self.phi, self.steps, self.dtype = sizes, phi, steps, dtype
        self.x, self.labels, self.size = x.astype(dtype), labels, batch
        self.batches = [slice(None)] * steps
        if batch is not None:
            drawn = minibatches(len(x), batch, np.random.default_rng(1))
            self.batches = list(itertools.islice(drawn, steps))
        self.first_x, self.first_labels = x[self.batches[0]].astype(dtype), labels[self.batches[0]]
        self.epoch = min(steps, -(-len(x) // (batch or len(x))))
        self.networks = [
            Network(sizes, phi, start, [np.random.default_rng(s) for s in seeds], dtype)
            for start in starts
        ]
        self.first = [network.parameters().copy() for network in self.networks]
        self.W, self.b = (
            [np.concatenate(parts) for parts in zip(*(getattr(n, kind) for n in self.networks))]
            for kind in ("W", "b")
        )

    def end(self, losses):
        """The mean loss over the last epoch, a number a network; the median is compared."""
        return float(np.median(np.mean(np.asarray(losses)[-self.epoch :], axis=0)))


def by_initlib(task):
    def run():
        losses = []
        for network, first in zip(task.networks, task.first):
            network.parameters()[:] = first
            options = {"steps": task.steps, "learning_rate": RATE, "quiet": True}
            options |= {"batch_size": task.size, "rng": np.random.default_rng(1)}
            losses.append(fit(network, task.x, task.labels, **options).loss)
        return task.end(np.concatenate(losses, axis=1))

    return run


def by_notebook(task):
    """As a lesson's script has it: a list of layers, one network after another."""
    phi, slope = {
        "relu": (lambda z: np.maximum(0, z), lambda z: (z > 0).astype(z.dtype)),
        "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    }[task.phi]

    def train(W, b):
        losses = []
        for batch in task.batches:
            x, labels = task.x[batch], task.labels[batch]
            z, a = [], [x]
            for layer in range(len(W)):
                z.append(a[-1] @ W[layer] + b[layer])
                a.append(phi(z[-1]) if layer < len(W) - 1 else z[-1])
            p = np.exp(a[-1] - a[-1].max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            losses.append(-np.log(p[np.arange(len(labels)), labels]).mean())
            dz = (p - np.eye(p.shape[1], dtype=task.dtype)[labels]) / len(labels)
            for layer in reversed(range(len(W))):
                dW, db = a[layer].T @ dz, dz.sum(axis=0)
                if layer:
                    dz = (dz @ W[layer].T) * slope(z[layer - 1])
                W[layer] -= task.dtype(RATE) * dW
                b[layer] -= task.dtype(RATE) * db
        return losses

    def run():
        each = [
            train([W[r].copy() for W in task.W], [b[r].copy() for b in task.b])
            for r in range(len(task.W[0]))
        ]
        return task.end(np.transpose(each))

    return run


def by_torch(task):
    phi = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[task.phi]
    x, labels = torch.from_numpy(task.x), torch.from_numpy(task.labels)
    batches = [b if isinstance(b, slice) else torch.from_numpy(b) for b in task.batches]

    def train(r):
        layers = []
        for W, b in zip(task.W, task.b):
            linear = torch.nn.utils.skip_init(torch.nn.Linear, *W.shape[1:], dtype=x.dtype)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(W[r].T.copy()))
                linear.bias.copy_(torch.from_numpy(b[r]))
            layers += [linear, phi()]
        model = torch.nn.Sequential(*layers[:-1])
        descent, losses = torch.optim.SGD(model.parameters(), lr=RATE), []
        for batch in batches:
            loss = torch.nn.functional.cross_entropy(model(x[batch]), labels[batch])
            descent.zero_grad()
            loss.backward()
            descent.step()
            losses.append(loss.detach())
        return torch.stack(losses).numpy()

    return lambda: task.end(np.transpose([train(r) for r in range(len(task.W[0]))]))


def by_jax(task):
    phi = {"relu": jax.nn.relu, "tanh": jnp.tanh}[task.phi]

    def loss_of(parameters, x, labels):
        for W, b in parameters[:-1]:
            x = phi(x @ W + b)
        W, b = parameters[-1]
        log_p = jax.nn.log_softmax(x @ W + b)
        return -jnp.take_along_axis(log_p, labels[:, None], axis=1).mean()

    def descend(parameters, x, labels):
        loss, gradient = jax.value_and_grad(loss_of)(parameters, x, labels)
        return jax.tree.map(lambda p, g: p - RATE * g, parameters, gradient), loss

    @jax.jit
    def step(parameters, index):
        return jax.vmap(descend, (0, None, None))(parameters, x[index], labels[index])

    x, labels = jnp.asarray(task.x), jnp.asarray(task.labels)
    everything = np.arange(len(task.x))
    batches = [everything if isinstance(b, slice) else b for b in task.batches]

    def run():
        parameters, losses = [(jnp.asarray(W), jnp.asarray(b)) for W, b in zip(task.W, task.b)], []
        for index in batches:
            parameters, loss = step(parameters, index)
            losses.append(loss)
        return task.end(jnp.stack(losses))

    return run


def by_sklearn(task):
    """Its order of the examples is its own, and so is the first epoch, before our weights go in."""
    model = sklearn.neural_network.MLPClassifier(
        task.sizes[1:-1],
        activation=task.phi,
        solver="sgd",
        alpha=0,
        batch_size=task.size,
        learning_rate_init=RATE,
        max_iter=1,
        momentum=0,
        n_iter_no_change=10**6,
        random_state=0,
        warm_start=True,
    )
    warnings.simplefilter("ignore", sklearn.exceptions.ConvergenceWarning)
    model.fit(task.x, task.labels)
    model.max_iter = task.steps // task.epoch

    def run():
        model.coefs_, model.intercepts_ = [W[0].copy() for W in task.W], [b[0] for b in task.b]
        model.intercepts_ = [b.copy() for b in model.intercepts_]
        model.loss_curve_ = []
        model.fit(task.x, task.labels)
        return float(model.loss_curve_[-1])

    return run


# --- the jobs -------------------------------------------------------------------------------------


def sampling():
    key, shape = jax.random.key(0), (1024, 1024)
    init = torch.nn.init
    for dtype in (np.float32, np.float64):
        rng = np.random.default_rng(0)
        tensor = torch.empty(shape, dtype=getattr(torch, np.dtype(dtype).name))
        contenders = {
            "floor": lambda d=dtype, rng=rng: rng.standard_normal(shape, d),
            "initlib": lambda d=dtype, rng=rng: he_normal()(rng, shape, d),
            "PyTorch": lambda tensor=tensor: init.kaiming_normal_(tensor, nonlinearity="relu"),
        }
        if dtype == np.float32:
            contenders["JAX"] = lambda: jax.nn.initializers.he_normal()(key, shape)
        yield f"sample He normal, {np.dtype(dtype)}", contenders, spread((2 / 1024) ** 0.5)
        contenders = {
            "floor": lambda d=dtype, rng=rng: rng.random(shape, d),
            "initlib": lambda d=dtype, rng=rng: xavier_uniform()(rng, shape, d),
            "PyTorch": lambda tensor=tensor: init.xavier_uniform_(tensor),
        }
        if dtype == np.float32:
            contenders["JAX"] = lambda: jax.nn.initializers.xavier_uniform()(key, shape)
        yield f"sample Xavier uniform, {np.dtype(dtype)}", contenders, spread(1024**-0.5)
    for sides in ((784, 256), (1024, 1024)):
        rng, tensor = np.random.default_rng(0), torch.empty(sides)
        contenders = {
            "floor": lambda sides=sides, rng=rng: np.linalg.qr(rng.standard_normal(sides, "f"))[0],
            "initlib": lambda sides=sides, rng=rng: orthogonal()(rng, sides, np.float32),
            "PyTorch": lambda tensor=tensor: init.orthogonal_(tensor),
            "JAX": lambda sides=sides: jax.nn.initializers.orthogonal()(key, sides),
        }
        yield f"sample orthogonal {sides}", contenders, spread(max(sides) ** -0.5)


def spread(expected):
    """A check of the results of a job: all samples have this standard deviation, within 1 %."""

    def check(results):
        results.pop("floor")
        return {
            name: abs(float(np.std(np.asarray(w))) / expected - 1) for name, w in results.items()
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
            contenders = {
                "floor": by_products(task.sizes, len(task.first_x), 1, task.steps, np.float32),
                "initlib": by_initlib(task),
                "notebook": by_notebook(task),
                "PyTorch": by_torch(task),
                "JAX": by_jax(task),
            }
            if task.steps % task.epoch == 0 and task.size:
                contenders["scikit-learn"] = by_sklearn(task)
            yield f"{name}, {phi}", contenders, (apart, 0.02)


def course_task(dtype):
    starts = [zeros(), constant(0.1), normal(0.01), normal(0.4), xavier_normal(), he_normal()]
    sizes, count = (64, *[100] * 4, 10), 30 * 22
    return Task(sizes, "tanh", 64, count, starts, range(5), *load_digits(order="file").train, dtype)


def course():
    for dtype in (np.float32, np.float64):
        task = course_task(dtype)
        five = by_products(task.sizes, 64, 5, task.steps, dtype)
        contenders = {
            "floor": lambda five=five, task=task: [five() for _ in task.networks] and None,
            "initlib": by_initlib(task),
        }
        if dtype == np.float32:
            contenders |= {"PyTorch": by_torch(task), "JAX": by_jax(task)}
            contenders["notebook"] = by_notebook(task)
        yield f"the course's job, {np.dtype(dtype)}", contenders, (apart, 0.02)


def propagation():
    depth, width, batch, seeds, std = 100, 256, 128, 10, 1.5 / 16
    x = np.random.default_rng(0).standard_normal((batch, width), np.float32)
    W = np.empty((seeds, width, width), np.float32)
    a, z = (np.ones((seeds, batch, width), np.float32) for _ in range(2))

    def floor():
        for _ in range(depth):
            for rng, each in zip(rngs, W):
                rng.standard_normal(out=each, dtype=np.float32)
            np.matmul(a, W, out=z)

    def initlib():
        generators = [np.random.default_rng(s) for s in range(seeds)]
        network = Network([width] * (depth + 1), "tanh", normal(std), generators, np.float32)
        return float((network.forward(x) ** 2).mean())

    def by_torch():
        means = []
        with torch.no_grad():
            for _ in range(seeds):
                z = inputs
                for layer in range(depth):
                    z = (torch.tanh(z) if layer else z) @ (std * torch.randn(width, width))
                means.append(float((z**2).mean()))
        return statistics.mean(means)

    @jax.jit
    def by_jax(key):
        def layer(z, key):
            return jnp.tanh(z) @ (std * jax.random.normal(key, (width, width))), None

        def network(key):
            return jax.lax.scan(layer, jnp.asarray(x), jax.random.split(key, depth))[0]

        return (jax.vmap(network)(jax.random.split(key, seeds)) ** 2).mean()

    rngs = [np.random.default_rng(s) for s in range(seeds)]
    inputs = torch.from_numpy(x)
    contenders = {
        "floor": floor,
        "initlib": initlib,
        "PyTorch": by_torch,
        "JAX": lambda: float(by_jax(jax.random.key(0))),
    }
    yield "propagation, one of 20 scales", contenders, (apart, 0.1)


# --- measuring ------------------------------------------------------------------------------------


def compete(contenders):
    """All by turns, about ``SECONDS`` each: {name: seconds of each turn}."""
    begun = time.perf_counter()
    for run in contenders.values():
        run()
    rounds = (time.perf_counter() - begun) / len(contenders)
    turns = collections.defaultdict(list)
    for _ in range(min(40, max(3, round(SECONDS / max(rounds, 1e-3))))):
        for name, run in contenders.items():
            begun = time.perf_counter()
            finish(run())
            turns[name].append(time.perf_counter() - begun)
    return turns


def finish(result):
    """Wait for what JAX only promised."""
    if hasattr(result, "block_until_ready"):
        result.block_until_ready()


def measure(word):
    """Yield (job, {contender: [smallest, median] seconds}) for the jobs whose name has ``word``."""
    for name, contenders, (check, tolerance) in itertools.chain(
        sampling(), steps(), course(), propagation()
    ):
        if word in name:
            off = check({each: run() for each, run in contenders.items()})
            wrong = {each: share for each, share in off.items() if not share <= tolerance}
            if wrong:
                raise SystemExit(f"{name}: not the same work: {wrong}")
            turns = compete(contenders)
            yield name, {each: [min(t), statistics.median(t)] for each, t in turns.items()}


# --- what a step is made of -----------------------------------------------------------------------


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


# --- the chapters, the import, and how the cost grows ---------------------------------------------


class Meter:
    """The seconds that cells spend in fit, forward and backward, and the calls of the last two."""

    def __init__(self):
        self.seconds, self.inside, self.calls = 0.0, False, collections.Counter()

    def timed(self, function, kind=""):
        def wrapper(*args, **kwargs):
            if kind:
                network = args[0]
                batch = np.shape(args[1])[-2] if kind == "forward" else network.x.shape[-2]
                shape = network.sizes, batch, network.replicas, network.dtype
                self.calls[kind, (*shape, network.activation)] += 1
            elif kwargs.get("observe"):
                kwargs["observe"] = self.apart(kwargs["observe"])
            return self.spend(function, True, *args, **kwargs)

        return wrapper

    def apart(self, observe):
        """What a lesson computes while it watches a training is not the engine's."""
        return lambda network: self.spend(observe, False, network)

    def spend(self, function, inside, *args, **kwargs):
        changes, self.inside = self.inside != inside, inside
        begun = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            if changes:
                elapsed = time.perf_counter() - begun
                self.seconds += elapsed if inside else -elapsed
                self.inside = not inside

    def floors(self):
        """{(kind, shape): the seconds that the products of all its calls take alone}"""
        kinds = "forward", "backward"
        return {
            (kind, shape): self.calls[kind, shape] * smallest(run)
            for shape in {shape for _, shape in self.calls}
            for kind, run in zip(kinds, products(*shape[:-1]))
            if self.calls[kind, shape]
        }


def longest(floors):
    """(name, task): one like the training whose products took longest."""
    steps = {shape: t for (kind, shape), t in floors.items() if kind == "backward"}
    sizes, batch, replicas, dtype, phi = max(steps, key=steps.get)
    x = np.random.default_rng(0).standard_normal((batch, sizes[0]))
    data = x, np.zeros(batch, int)
    task = Task(sizes, phi, batch, 20, [he_normal()], range(replicas), *data, dtype)
    layers = f"{sizes[0]}-{sizes[1]}x{len(sizes) - 2}-{sizes[-1]}"
    return f"{replicas} of {layers}, batch {batch}, {phi}, {dtype}", task


def smallest(run, seconds=0.1):
    """The least of the times of several runs."""
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        begun = time.perf_counter()
        run()
        times.append(time.perf_counter() - begun)
    return min(times)


def chapters():
    """Yield (chapter, its time over that of an empty notebook, the engine's share of its time and
    the engine's seconds, its ``floors``)."""
    blank = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    empty = smallest(lambda: writer.execute(blank, ROOT), 10)
    for path in NOTEBOOKS:
        notebook = read(path)
        begun = time.perf_counter()
        writer.execute(copy.deepcopy(notebook), path.parent)
        executed = time.perf_counter() - begun
        meter, space = Meter(), {"__name__": "__main__"}
        with contextlib.ExitStack() as stack:
            for name in "forward", "backward":
                timed = meter.timed(getattr(Network, name), name)
                stack.enter_context(patch.object(Network, name, timed))
            for place in "initlib.fit", "initlib.training.fit":
                stack.enter_context(patch(place, meter.timed(fit)))
            for display in fresh_seeds.DISPLAYS:
                stack.enter_context(patch(display))
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            begun = time.perf_counter()
            for cell in code_cells(notebook):
                exec(compile(cell.source, cell.id, "exec"), space)
            whole = time.perf_counter() - begun
        share = meter.seconds / whole
        yield path.stem, executed / empty, share, meter.seconds, meter.floors()


def importing():
    """Milliseconds that ``import initlib`` takes after numpy, the least of twenty."""
    code = (
        "import time, numpy; begun = time.perf_counter(); import initlib; "
        "print(time.perf_counter() - begun)"
    )
    run = [sys.executable, "-c", code]
    return 1000 * min(float(subprocess.check_output(run)) for _ in range(20))


def growth(folder):
    """Draw the time of a step against each size, beside its products; return (R, bytes) pairs."""
    from initlib import plots

    figure, panels = plots.new_figure(1, 4, size=(10, 3))
    usual = {"width": 64, "hidden layers": 4, "batch": 64, "replicas": 1}
    ranges = {
        "width": [2**k for k in range(4, 11)],
        "hidden layers": [2**k for k in range(7)],
        "batch": [2**k for k in range(4, 12)],
        "replicas": [2**k for k in range(7)],
    }
    for axes, (what, values) in zip(panels.flat, ranges.items()):
        times = [_one_step({**usual, what: value}) for value in values]
        axes.plot(values, [1e3 * t for t, _ in times], **plots.STYLES["He"], label="a step")
        axes.plot(values, [1e3 * f for _, f in times], label="its products", **plots.THEORY)
        axes.set(xscale="log", yscale="log")
        plots.label(axes, title="", xlabel=what, ylabel="milliseconds" if what == "width" else "")
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


# --- the report -----------------------------------------------------------------------------------

NAMES = ("initlib", "notebook", "PyTorch", "JAX", "scikit-learn")


def ratio(times, name, other="floor"):
    return " (".join(f"{mine / its:.2f}" for mine, its in zip(times[name], times[other])) + ")"


def table(jobs):
    yield "| job | " + " | ".join(NAMES) + " |"
    yield "| --- |" + " --- |" * len(NAMES)
    for job, times in jobs.items():
        cells = [ratio(times, name) if name in times else "" for name in NAMES]
        yield f"| {job} | " + " | ".join(cells) + " |"


def goals(jobs):
    yield "| goal | at most | measured | |"
    yield "| --- | --- | --- | --- |"
    for job, name, other, most in GOALS:
        if job in jobs:
            found = jobs[job][name][0] / jobs[job][other][0]
            yield goal(f"{job}: {name} / {other}", found, most)


def goal(what, found, most, digits=2):
    missed = "" if found <= most else "missed"
    return f"| {what} | {most:.{digits}f} | {found:.{digits}f} | {missed} |"


def machine():
    cpu = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.*)", cpu.read_text()) if cpu.exists() else []
    versions = [
        f"{name} {importlib.metadata.version(name)}"
        for name in ("numpy", "torch", "jax", "scikit-learn")
    ]
    return (
        f"{datetime.date.today()}, {names[0] if names else platform.processor()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, " + ", ".join(versions)
    )


def worker(threads, word):
    """Measure in a process of its own, whose threads were set before numpy was imported."""
    if threads == "1":
        torch.set_num_threads(1)
        if hasattr(os, "sched_setaffinity"):  # one core too: JAX computes in a thread of its own
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for job, times in measure(word):
        print(json.dumps([job, times]), flush=True)


def spawned(threads, word):
    environment = {key: value for key, value in os.environ.items() if key not in THREADS}
    if threads == "1":
        environment |= dict.fromkeys(THREADS, "1")
        environment["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
        environment["XLA_FLAGS"] += " intra_op_parallelism_threads=1"
    command = [sys.executable, "-m", "tests.bench.bench", "--worker", threads, word]
    jobs = {}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            job, jobs[job] = json.loads(line)
            print(f"  {job:<36}" + "  ".join(f"{n} {ratio(jobs[job], n)}" for n in jobs[job]))
    if process.returncode:
        raise SystemExit(process.returncode)
    return jobs


def main(word=""):
    print("One BLAS thread, over the floor, minima (medians):", flush=True)
    one = spawned("1", word)
    if word:
        print("\n".join(goals(one)))
        return
    print("The default number of threads:", flush=True)
    many = spawned("default", word)
    executed, rows, trainings = [], [], {}
    for stem, time_over, share, seconds, floors in chapters():
        over = ""
        if floors:
            found = seconds / sum(floors.values())
            over = f"{found:.2f}"
            rows.append(goal(f"{stem}: engine / products", found, 1.6))
            name, task = longest(floors)
            trainings[f"{stem}: {name}"] = task
        executed.append(f"| {stem} | {time_over:.1f} | {share:.0%} | {over} |")
        print(executed[-1], flush=True)
    lines = [f"# {machine()}", "", __doc__.split("\n\n", 2)[2].strip(), ""]
    lines += ["## One BLAS thread", "", *table(one), "", "## The goals", "", *goals(one)]
    lines += [goal("import initlib after numpy, ms", importing(), 20, digits=0), *rows, ""]
    lines += ["## Where a step's time goes", "", SHARES, "", *profile(), ""]
    lines += ["## The default number of threads", "", *table(many), "", "## The chapters", ""]
    lines += ["| chapter | time / empty notebook | share in the engine | engine / products |"]
    lines += ["| --- | --- | --- | --- |", *executed, "", LONGEST, "", *shares_table(trainings)]
    memory = growth(HERE)
    lines += ["", "## Growth", "", "![time of a step against the sizes](growth.png)", ""]
    lines += ["| replicas | peak memory / replicas, over that of one |", "| --- | --- |"]
    lines += [f"| {R} | {peak / R / memory[0][1]:.2f} |" for R, peak in memory]
    text = "\n".join(lines) + "\n"
    (HERE / "results.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    if "--worker" not in sys.argv:
        os.environ |= {**dict.fromkeys(THREADS, "1"), "TQDM_DISABLE": "1"}
    import tracemalloc

    import jax
    import jax.numpy as jnp
    import nbformat
    import numpy as np
    import sklearn.neural_network
    import torch

    from initlib import Network, fit, load_digits
    from initlib.initializers import (
        constant,
        he_normal,
        normal,
        orthogonal,
        xavier_normal,
        xavier_uniform,
        zeros,
    )
    from initlib.network import _loss_and_slope
    from initlib.training import minibatches
    from tests.notebooks import NOTEBOOKS, code_cells, read, writer
    from tests.trust import fresh_seeds

    if "--worker" in sys.argv:
        worker(*sys.argv[2:4])
    else:
        main(*sys.argv[1:2])
