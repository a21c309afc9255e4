"""The multilayer perceptron, forward beside backward, R networks of one shape at once.

Every array has a leading replica axis: weights ``(R, fan_in, fan_out)``, biases ``(R, fan_out)``,
signals ``(R, batch, units)``. Layer ``l`` of ``L`` computes

    z[l] = a[l-1] @ W[l] + b[l]        a[l] = phi(z[l])        with a[-1 before the first] = x,

except that the last layer is linear: its ``a`` is its ``z``, the logits. ``dz, da, dW, db`` are
d(mean loss)/d(that thing), each of that thing's shape.
"""

from typing import NamedTuple

import numpy as np

from initlib import activations
from initlib._checks import DTYPES, check_count, check_finite, check_option, check_rng


class Gradients(NamedTuple):
    """d(mean loss)/d(each thing), one array a layer, first layer first."""

    dz: list
    da: list
    dW: list
    db: list


class Network:
    """R multilayer perceptrons of the same ``sizes``: (inputs, hidden units..., classes).

    ``rngs`` holds one Generator a replica, and ``initializers`` is one initializer for all or one
    a replica; any function ``(rng, shape, dtype) -> array`` will do. Biases start at zero.
    Replica r is, to rounding, the network that its generator gives alone.

    >>> from initlib.initializers import he_normal
    >>> rngs = [np.random.default_rng(seed) for seed in range(3)]
    >>> network = Network((64, 100, 10), "relu", he_normal(), rngs)
    >>> network.forward(np.ones((5, 64))).shape
    (3, 5, 10)
    """

    def __init__(self, sizes, activation, initializers, rngs, dtype=np.float64):
        self.sizes = tuple(check_count("each of sizes", size) for size in sizes)
        if len(self.sizes) < 2:
            raise ValueError(f"sizes must be (inputs, ..., classes), at least two; not {sizes}")
        self.activation = activations.get(activation)
        self.dtype = np.dtype(dtype)
        check_option("dtype", self.dtype, DTYPES)
        rngs = _generators(rngs)
        self.initializers = _one_a_replica(initializers, len(rngs))
        self.W = [np.empty((len(rngs), *shape), self.dtype) for shape in self._shapes()]
        self.b = [np.zeros((len(rngs), fan_out), self.dtype) for _, fan_out in self._shapes()]
        for r, (initializer, rng) in enumerate(zip(self.initializers, rngs)):
            for W in self.W:
                W[r] = initializer(rng, W.shape[1:], self.dtype)

    def _shapes(self):
        return list(zip(self.sizes, self.sizes[1:]))

    @property
    def replicas(self):
        return len(self.initializers)

    @property
    def depth(self):
        """The number of layers with weights."""
        return len(self.W)

    def __repr__(self):
        return f"{self.replicas} x Network({'-'.join(map(str, self.sizes))}, {self.activation})"

    def forward(self, x):
        """Logits ``(R, batch, classes)`` of inputs ``(batch, inputs)`` or ``(R, batch, inputs)``.

        Keeps ``x`` and each layer's ``z`` and ``a``. Overflow gives infinities, not a warning.
        """
        self.x = a = self._inputs(x)
        self.z, self.a = [], []
        with np.errstate(over="ignore", invalid="ignore"):
            for layer, (W, b) in enumerate(zip(self.W, self.b)):
                z = a @ W + b[:, None]
                a = self.activation(z) if layer < self.depth - 1 else z
                self.z.append(z)
                self.a.append(a)
        return a

    def backward(self, labels):
        """Gradients of the mean cross-entropy of the last ``forward``, for labels ``(batch,)``."""
        dz = _softmax_minus_one_hot(self._logits(), self._labels(labels)) / self.x.shape[-2]
        da = dz
        gradients = Gradients([], [], [], [])
        with np.errstate(over="ignore", invalid="ignore"):
            for layer in reversed(range(self.depth)):
                if layer < self.depth - 1:
                    dz = da * self.activation.derivative(self.z[layer])
                a_before = self.a[layer - 1] if layer else self.x
                dW = np.swapaxes(a_before, -1, -2) @ dz
                for grads, grad in zip(gradients, (dz, da, dW, dz.sum(axis=1))):
                    grads.insert(0, grad)
                if layer:
                    da = dz @ np.swapaxes(self.W[layer], -1, -2)
        return gradients

    def loss(self, labels):
        """Mean cross-entropy ``(R,)`` in nats, of the last ``forward``."""
        return cross_entropy(self._logits(), self._labels(labels))

    def _logits(self):
        if not hasattr(self, "z"):
            raise ValueError("there is nothing to go back through yet: call forward(x) first")
        return self.z[-1]

    def _inputs(self, x):
        x = np.asarray(x, dtype=self.dtype)
        if x.ndim not in (2, 3) or x.shape[-1] != self.sizes[0]:
            raise ValueError(
                f"x must be (batch, {self.sizes[0]}), one column an input; it is {x.shape}"
            )
        if x.ndim == 3 and x.shape[0] != self.replicas:
            raise ValueError(f"x has {x.shape[0]} replicas and the network {self.replicas}")
        check_finite("x", x)
        return x

    def _labels(self, labels):
        labels, batch, classes = np.asarray(labels), self.x.shape[-2], self.sizes[-1]
        if labels.shape != (batch,) or labels.dtype.kind not in "iu":
            raise ValueError(
                f"labels must be {batch} whole numbers, one an example; "
                f"they are {labels.dtype} of shape {labels.shape}"
            )
        if batch and not (0 <= labels.min() and labels.max() < classes):
            raise ValueError(
                f"labels must be from 0 to {classes - 1}; "
                f"they run from {labels.min()} to {labels.max()}"
            )
        return labels


def cross_entropy(logits, labels):
    """Mean of -log softmax(logits)[label] over the batch: ``(R, batch, C) -> (R,)``, in nats.

    >>> print(f"{cross_entropy(np.zeros((1, 4, 10)), [0, 1, 2, 3])[0]:.4f}")
    2.3026
    """
    with np.errstate(over="ignore", invalid="ignore"):
        shifted = logits - logits.max(axis=-1, keepdims=True)
        log_total = np.log(np.exp(shifted).sum(axis=-1))
        return (log_total - shifted[:, np.arange(len(labels)), labels]).mean(axis=-1)


def _softmax_minus_one_hot(logits, labels):
    """d(cross-entropy)/d(logits) of each example."""
    with np.errstate(over="ignore", invalid="ignore"):
        p = np.exp(logits - logits.max(axis=-1, keepdims=True))
        p /= p.sum(axis=-1, keepdims=True)
    p[:, np.arange(len(labels)), labels] -= 1
    return p


def _generators(rngs):
    rngs = [rngs] if isinstance(rngs, np.random.Generator) else rngs
    try:
        rngs = list(rngs)
    except TypeError:
        check_rng(rngs, "rngs")
    for rng in rngs:
        check_rng(rng, "each of rngs")
    if len(set(map(id, rngs))) != len(rngs) or not rngs:
        raise ValueError("rngs must be different generators, one a replica, and at least one")
    return rngs


def _one_a_replica(initializers, replicas):
    if callable(initializers):
        return [initializers] * replicas
    initializers = list(initializers)
    if len(initializers) != replicas or not all(map(callable, initializers)):
        raise ValueError(
            f"initializers must be one initializer or one a replica: "
            f"{len(initializers)} came with {replicas} generators"
        )
    return initializers
