"""What numbers the weights have before the first training step: one law and its named cases.

A factory configures and the initializer that it returns samples:

>>> init = he_normal()
>>> init
he_normal()
>>> init(np.random.default_rng(0), (3, 2)).shape
(3, 2)

Shapes are said here once for the whole course. A dense ``W`` is ``(fan_in, fan_out)`` and a layer
is ``x @ W + b``. A convolution kernel is ``(k, k, c_in, c_out)``: each output sums ``k*k*c_in``
inputs, and each input reaches ``k*k*c_out`` outputs.

One meaning a word: ``scale`` multiplies variances, ``gain`` multiplies standard deviations.
"""

import functools
import inspect
import math

import numpy as np

from initlib._checks import (
    HUGE,
    check_count,
    check_dtype,
    check_number,
    check_option,
    check_rng,
    check_shape,
)

__all__ = [
    "constant",
    "fans",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "orthogonal",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]

MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("normal", "uniform", "truncated_normal")

# The standard deviation of N(0, 1) cut at +-2:  sqrt(1 - 4 pdf(2) / (2 cdf(2) - 1)).
TRUNCATED_STD = math.sqrt(1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2)))


class Initializer:
    """A configured law: call it with ``(rng, shape)`` to sample an array of weights.

    It prints as the call that made it, defaults left out; ``name`` is the same for a legend.
    """

    def __init__(self, sample, call):
        self._sample = sample
        self._call = call

    def __call__(self, rng, shape, dtype=np.float64):
        """Sample an array of ``shape``: at least two axes, the last two ``(fan_in, fan_out)``.

        ``rng`` is a ``numpy.random.Generator`` and ``dtype`` is float32 or float64.
        """
        check_rng(rng)
        shape, dtype = check_shape(shape), check_dtype(dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            weights = self._sample(rng, shape, dtype)
        if not np.isfinite(weights).all():
            raise ValueError(f"{self} gives weights that are too large for {dtype}")
        return weights

    def __repr__(self):
        return self._call

    @property
    def name(self):
        return self._call.removesuffix("()")


def _factory(configure):
    """Let ``configure(...)``, a law or ``sample(rng, shape, dtype)``, be named by its own call."""
    signature = inspect.signature(configure)

    @functools.wraps(configure)
    def factory(*args, **kwargs):
        sample = configure(*args, **kwargs)
        given = signature.bind(*args, **kwargs).arguments
        changed = ", ".join(
            f"{name}={_plain(name, value)!r}"
            for name, value in given.items()
            if value != signature.parameters[name].default
        )
        return Initializer(getattr(sample, "_sample", sample), f"{configure.__name__}({changed})")

    factory.is_factory = True  # an initializer is what it returns
    return factory


def _plain(name, value):
    """A number as a float, so that ``2``, ``2.0`` and ``np.float64(2)`` print alike."""
    kind = int if name == "groups" else str if isinstance(value, str) else float
    return kind(value)


def fans(shape, groups=1):
    """The numbers of inputs that one output sums and of outputs that one input reaches.

    A grouped kernel is ``(k, k, c_in/groups, c_out)``, a depthwise one has as many groups as
    inputs: each input reaches the outputs of its own group alone, which the shape does not say.
    With stride s an input reaches about 1/s**2 of these, and under a transposed kernel the two
    numbers change places and an output sums about 1/s**2 of its own.

    >>> fans((784, 256))
    (784, 256)
    >>> fans((3, 3, 16, 32))
    (144, 288)
    >>> fans((3, 3, 1, 4)), fans((3, 3, 1, 4), groups=4)
    ((9, 36), (9, 9))
    """
    *kernel, inputs, outputs = check_shape(shape)
    groups, receptive_field = check_count("groups", groups), math.prod(kernel)
    if outputs % groups:
        raise ValueError(f"groups must divide the {outputs} outputs; {groups} does not")
    return receptive_field * inputs, receptive_field * outputs // groups


# --- laws of a given size ---------------------------------------------------------------------


@_factory
def constant(value):
    """Every weight is ``value``: each layer starts, and stays, a crowd of equal units."""
    value = check_number("value", value)
    return lambda rng, shape, dtype: np.full(shape, value, dtype)


@_factory
def zeros():
    """Every weight is 0: right for biases, wrong for hidden layers."""
    return lambda rng, shape, dtype: np.zeros(shape, dtype)


@_factory
def normal(std):
    """N(0, std**2), whatever the shape."""
    std = check_number("std", std, least=0)
    return functools.partial(_normal, std)


@_factory
def uniform(bound):
    """U(-bound, bound), whatever the shape; its variance is bound**2 / 3."""
    bound = check_number("bound", bound, least=0)
    return lambda rng, shape, dtype: _uniform(bound / math.sqrt(3), rng, shape, dtype)


@_factory
def truncated_normal(std):
    """A normal law cut at two standard deviations of its parent; ``std`` is what comes out."""
    std = check_number("std", std, least=0)
    return functools.partial(_truncated_normal, std)


def _normal(std, rng, shape, dtype):
    weights = rng.standard_normal(shape, dtype)
    weights *= std
    return weights


def _uniform(std, rng, shape, dtype):
    bound = math.sqrt(3) * std
    weights = rng.random(shape, dtype)
    weights *= 2 * bound
    weights -= bound
    return weights


def _truncated_normal(std, rng, shape, dtype):
    weights = rng.standard_normal(shape, dtype)
    while (outside := np.abs(weights) > 2).any():
        weights[outside] = rng.standard_normal(np.count_nonzero(outside), dtype)
    weights *= std / TRUNCATED_STD
    return weights


_SAMPLE = {"normal": _normal, "uniform": _uniform, "truncated_normal": _truncated_normal}


# --- the law: a variance that knows the fans, and its named cases -----------------------------


@_factory
def variance_scaling(scale, mode, distribution, groups=1):
    """Zero mean and Var(w) = scale / n, where n is fan_in, fan_out or their mean.

    ``mode`` is "fan_in", "fan_out" or "fan_avg"; ``distribution`` is "normal", "uniform" or
    "truncated_normal"; ``groups`` are those of ``fans``. All the named cases below are this law.

    >>> W = variance_scaling(2.0, "fan_in", "normal")(np.random.default_rng(0), (400, 300))
    >>> print(f"{W.var() * 400:.2f}")
    2.00
    """
    scale = check_number("scale", scale, least=0)
    check_option("mode", mode, MODES)
    check_option("distribution", distribution, DISTRIBUTIONS)
    groups = check_count("groups", groups)

    def sample(rng, shape, dtype):
        fan_in, fan_out = fans(shape, groups)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
        return _SAMPLE[distribution](math.sqrt(scale / n), rng, shape, dtype)

    return sample


@_factory
def lecun_normal(groups=1):
    """N(0, 1/fan_in). LeCun, Bottou, Orr & Muller (1998), "Efficient BackProp", eq. 16."""
    return variance_scaling(1.0, "fan_in", "normal", groups)


@_factory
def lecun_uniform(groups=1):
    """U(+-sqrt(3/fan_in)): the uniform law of variance 1/fan_in."""
    return variance_scaling(1.0, "fan_in", "uniform", groups)


@_factory
def xavier_normal(gain=1.0, groups=1):
    """N(0, gain**2 * 2/(fan_in + fan_out)). Glorot & Bengio (2010), eq. 12. Not truncated."""
    return variance_scaling(check_number("gain", gain, 0, HUGE) ** 2, "fan_avg", "normal", groups)


@_factory
def xavier_uniform(gain=1.0, groups=1):
    """U(+-gain * sqrt(6/(fan_in + fan_out))). Glorot & Bengio (2010), eq. 16."""
    return variance_scaling(check_number("gain", gain, 0, HUGE) ** 2, "fan_avg", "uniform", groups)


def _he_scale(negative_slope):
    """2/(1 + slope**2): what a (leaky) ReLU takes from the second moment, given back."""
    return 2 / (1 + check_number("negative_slope", negative_slope, -HUGE, HUGE) ** 2)


@_factory
def he_normal(negative_slope=0.0, mode="fan_in", groups=1):
    """N(0, 2/((1 + slope**2) fan_in)). He et al. (2015), eq. 10, 14 and 15. Not truncated.

    ``mode="fan_in"`` keeps the forward signal (eq. 10), ``"fan_out"`` the gradient (eq. 14).
    """
    return variance_scaling(_he_scale(negative_slope), mode, "normal", groups)


@_factory
def he_uniform(negative_slope=0.0, mode="fan_in", groups=1):
    """U(+-sqrt(6/((1 + slope**2) fan_in))): the uniform law of he_normal's variance."""
    return variance_scaling(_he_scale(negative_slope), mode, "uniform", groups)


glorot_normal, glorot_uniform = xavier_normal, xavier_uniform
kaiming_normal, kaiming_uniform = he_normal, he_uniform


@_factory
def orthogonal(gain=1.0):
    """``gain`` times a uniformly random matrix with orthonormal rows or columns.

    Kernel axes are flattened into the first; a matrix that is not square is not rescaled.
    Saxe, McClelland & Ganguli (2014). QR alone is not uniform: Q is unique only once
    the diagonal of R is made positive (Mezzadri 2007, "A correct and efficient algorithm").

    >>> Q = orthogonal()(np.random.default_rng(0), (3, 2))
    >>> bool(np.allclose(Q.T @ Q, np.eye(2)))
    True
    """
    gain = check_number("gain", gain, least=0)

    def sample(rng, shape, dtype):
        *kernel, inputs, outputs = shape
        rows = math.prod(kernel) * inputs
        tall = rng.standard_normal((max(rows, outputs), min(rows, outputs)), dtype)
        Q, R = np.linalg.qr(tall)
        Q *= gain * np.where(np.diagonal(R) < 0, -1, 1).astype(dtype)
        return (Q if rows >= outputs else Q.T).reshape(shape)

    return sample
