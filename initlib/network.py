"""The multilayer perceptron, forward beside backward, R networks of one shape at once.

Every array has a leading replica axis: weights ``(R, fan_in, fan_out)``, biases ``(R, fan_out)``,
signals ``(R, batch, units)``. Layer ``l`` of ``L`` computes

    z[l] = a[l-1] @ W[l] + b[l]        a[l] = phi(z[l])        with a[-1 before the first] = x,

except that the last layer is linear: its ``a`` is its ``z``, the logits. ``dz, da, dW, db`` are
d(mean loss)/d(that thing), each of that thing's shape. All ``W`` and ``b`` are parts of one array
``(R, parameters)``, and so are their gradients, so that one subtraction updates them all.
"""

from typing import NamedTuple

import numpy as np

from initlib import activations
from initlib._checks import (
    MOST,
    check_array,
    check_count,
    check_dtype,
    check_number,
    check_real,
    check_rng,
)
from initlib._machine import silence
from initlib.runs import Runs


class Gradients(NamedTuple):
    """d(mean loss)/d(each thing), one array a layer, first layer first."""

    dz: list
    da: list
    dW: list
    db: list

    @property
    def flat(self):
        """The array ``(R, parameters)`` of which all dW and db are parts."""
        return self.dW[0].base


class Network:
    """R multilayer perceptrons of the same ``sizes``: (inputs, hidden units..., classes).

    ``initializers`` is a ``Runs``, which names the replicas. Or it is one initializer for all, or
    one a replica, and ``rngs`` holds one Generator a replica; any function ``(rng, shape, dtype) ->
    array`` will do as initializer. Biases start at zero. Replica r is, to rounding, the network
    that its initializer and its generator give alone.

    >>> from initlib.initializers import he_normal
    >>> network = Network((64, 100, 10), "relu", Runs(start=he_normal(), seed=range(3)))
    >>> network.forward(np.ones((5, 64))).shape
    (3, 5, 10)
    """

    def __init__(self, sizes, activation, initializers, rngs=None, dtype=np.float64):
        self.sizes = check_sizes(sizes)
        self.activation = activations.get(activation)
        self.dtype = check_dtype(dtype)
        if isinstance(initializers, Runs):
            if rngs is not None:
                raise ValueError("rngs must be left out where a Runs is given: it has its seeds")
            initializers, rngs = initializers.initializers, initializers.rngs()
        rngs = check_rngs(rngs)
        self.initializers = check_initializers(initializers, rngs)
        self.replicas, self.depth = len(rngs), len(self.sizes) - 1  # layers with weights
        self._shapes = list(zip(self.sizes, self.sizes[1:]))
        count = sum((fan_in + 1) * fan_out for fan_in, fan_out in self._shapes)
        check_count("the number of weights that sizes ask for", self.replicas * count, most=MOST)
        self._parameters = np.zeros((self.replicas, count), self.dtype)
        self.W, self.b = self._parts(self._parameters)
        for r, (initializer, rng) in enumerate(zip(self.initializers, rngs)):
            for W in self.W:
                W[r] = check_weights(initializer(rng, W.shape[1:], self.dtype), initializer, W[r])

    def _parts(self, flat):
        """The weights and the biases that lie in ``flat``, as two lists of views."""
        W, b, start = [], [], 0
        for fan_in, fan_out in self._shapes:
            middle = start + fan_in * fan_out
            W.append(flat[:, start:middle].reshape(self.replicas, fan_in, fan_out))
            b.append(flat[:, middle : middle + fan_out])
            start = middle + fan_out
        return W, b

    def parameters(self):
        """All weights and biases as one array; what was put in place of one is copied into it."""
        W, b = self._parts(self._parameters)
        for part, own in zip(W + b, self.W + self.b):
            part[:] = own
        self.W, self.b = W, b
        return self._parameters

    def __repr__(self):
        return f"{self.replicas} x Network({'-'.join(map(str, self.sizes))}, {self.activation})"

    @silence()
    def forward(self, x, check=True):
        """Logits ``(R, batch, classes)`` of inputs ``(batch, inputs)`` or ``(R, batch, inputs)``.

        Keeps ``x`` and each layer's ``z`` and ``a``. Overflow gives infinities, not a warning.
        ``check=False`` trusts ``x`` to be what ``check_inputs`` returned.
        """
        self.x = a = check_inputs(x, self) if check else x
        self.z, self.a = [], []
        for layer, (W, b) in enumerate(zip(self.W, self.b)):
            z = a @ W
            z += b[:, None]
            a = self.activation(z) if layer < self.depth - 1 else z
            self.z.append(z)
            self.a.append(a)
        return a

    def hidden(self):
        """The hidden layers' z of the last ``forward``, a list of ``(R, batch, units)``."""
        self._logits()
        return self.z[:-1]

    @silence()
    def backward(self, labels, check=True):
        """Gradients of the mean cross-entropy of the last ``forward``, kept as ``mean_loss``."""
        logits, dz, da = self._logits(), [None] * self.depth, [None] * self.depth
        labels = check_labels(labels, *logits.shape[1:]) if check else labels
        self.mean_loss, dz[-1] = _loss_and_slope(logits, labels)
        da[-1] = dz[-1]
        dW, db = self._parts(np.empty_like(self._parameters))
        ones = np.ones(len(labels), self.dtype)
        for layer in reversed(range(self.depth)):
            if layer < self.depth - 1:
                da[layer] = dz[layer + 1] @ self.W[layer + 1].mT
                dz[layer] = da[layer] * self.activation.derivative(self.z[layer], self.a[layer])
            a_before = self.a[layer - 1] if layer else self.x
            np.matmul(a_before.mT, dz[layer], out=dW[layer])
            np.matmul(ones, dz[layer], out=db[layer])  # a sum over the examples
        return Gradients(dz, da, dW, db)

    def loss(self, labels):
        """Mean cross-entropy ``(R,)`` in nats, of the last ``forward``."""
        return cross_entropy(self._logits(), labels)

    def _logits(self):
        if not hasattr(self, "z"):
            raise ValueError("the network has seen no examples yet: call forward(x) first")
        return self.z[-1]


@silence()
def cross_entropy(logits, labels):
    """Mean of -log softmax(logits)[label] over the batch: ``(R, batch, C) -> (R,)``, in nats.

    >>> print(f"{cross_entropy(np.zeros((1, 4, 10)), [0, 1, 2, 3])[0]:.4f}")
    2.3026
    """
    logits = check_array("logits", logits, finite=False)
    if logits.ndim != 3 or not logits.size:
        raise ValueError(f"logits must be (R, batch, classes), none empty; they are {logits.shape}")
    return _loss_and_slope(logits, check_labels(labels, *logits.shape[1:]))[0]


def _loss_and_slope(logits, labels):
    """The mean cross-entropy and its slope by the logits, (softmax - one-hot) / batch.

    Here the examples are the last axis, as numpy is faster along them than along ten classes.
    """
    of_label = slice(None), labels, np.arange(len(labels))
    logits = np.ascontiguousarray(logits.mT)
    shifted = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    total = p.sum(axis=1, keepdims=True)
    loss = (np.log(total[:, 0]) - shifted[of_label]).sum(axis=-1) / len(labels)
    p /= total * len(labels)
    p[of_label] -= 1 / len(labels)
    return loss, p.mT


# --- what comes in ------------------------------------------------------------------------------


def check_rngs(rngs):
    """A list of generators, all different, from one or several."""
    rngs = list(rngs) if np.iterable(rngs) else [rngs]
    for rng in rngs:
        check_rng(rng, "each of rngs")
    if len({id(rng.bit_generator) for rng in rngs}) != len(rngs) or not rngs:
        raise ValueError("rngs must be different generators, one a replica, and at least one")
    return rngs


def check_initializers(initializers, rngs):
    """A list of one initializer a replica, from one for all or one for each."""
    several = [initializers] * len(rngs) if callable(initializers) else initializers
    several = list(several) if np.iterable(several) else [several]
    if not all(map(callable, several)):
        what = "one initializer, such as he_normal(), or a list of one a replica, or a Runs"
        raise TypeError(f"initializers must be {what}; not {initializers!r}")
    for each in several:
        if getattr(each, "is_factory", False):
            name = each.__name__
            raise TypeError(f"initializers must be what {name} returns: call it, {name}(...)")
    if len(several) != len(rngs):
        raise ValueError(
            f"initializers must be one initializer or one a replica: "
            f"{len(several)} came with {len(rngs)} generators"
        )
    return several


def check_weights(weights, initializer, like):
    """What an initializer returned, if it can stand in a layer of the shape of ``like``."""
    weights = check_array("what initializers return", weights, like.dtype)
    if weights.shape != like.shape:
        raise ValueError(
            f"what initializers return must have the shape {like.shape}; that of {initializer!r} "
            f"has {weights.shape}"
        )
    return weights


def check_sizes(sizes):
    """``sizes`` as a tuple of at least two whole numbers."""
    if isinstance(sizes, str) or not np.iterable(sizes):
        raise TypeError(f"sizes must be whole numbers, (inputs, ..., classes), not {sizes!r}")
    sizes = tuple(check_count("each of sizes", size) for size in sizes)
    if len(sizes) < 2:
        raise ValueError(f"sizes must be (inputs, ..., classes), at least two; not {sizes}")
    return sizes


def check_network(network):
    """``network``, which must be one."""
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, not {network!r}")
    return network


def check_inputs(x, network):
    """``x`` in the network's precision: ``(batch, inputs)`` or ``(R, batch, inputs)``."""
    x = check_array("x", x, check_network(network).dtype)
    inputs = network.sizes[0]
    if x.ndim not in (2, 3) or x.shape[-1] != inputs:
        raise ValueError(f"x must be (batch, {inputs}), one column an input; it is {x.shape}")
    if x.ndim == 3 and x.shape[0] != network.replicas:
        raise ValueError(f"x has {x.shape[0]} replicas and the network {network.replicas}")
    if not x.shape[-2]:
        raise ValueError("x must hold at least one example; it holds none")
    return x


def check_learning_rate(rates, network):
    """One rate a replica, ``(R,)``, in the network's precision, from one number or as many."""
    replicas = check_network(network).replicas
    if np.isscalar(rates) or not np.iterable(rates):
        rates = [check_number("learning_rate", rates, least=0)] * replicas
    rates = check_array("learning_rate", rates, network.dtype)
    if rates.shape != (replicas,):
        raise ValueError(
            f"learning_rate must be one number or {replicas}, one a replica; "
            f"its shape is {rates.shape}"
        )
    if (rates < 0).any():
        raise ValueError(f"learning_rate must be at least 0, not {rates.min():g}")
    return rates


def check_labels(labels, batch, classes):
    """``labels`` as an array ``(batch,)`` of whole numbers from 0 to ``classes - 1``."""
    labels = check_real("labels", labels)
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
