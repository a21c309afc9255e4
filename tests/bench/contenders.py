"""The floor of a training, its matrix products alone, and the same training in several hands.

A contender is a function without arguments that does the whole job; ``by_...(task)`` makes one. A
framework is imported when its contender is made, since only ``make bench`` brings it.
"""

import itertools
import warnings

import numpy as np

from initlib import Network, fit
from initlib.training import minibatches

RATE = 0.01


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
    import torch

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
    import jax
    import jax.numpy as jnp

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
    import sklearn.neural_network

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
