"""Sentences for bad input: each names the argument, what came and what is allowed."""

import math
import numbers
import operator

import numpy as np

DTYPES = (np.dtype(np.float32), np.dtype(np.float64))


def check_number(name, value, least=-math.inf):
    """``value`` as a finite float that is at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, not {value!r}")
    if not math.isfinite(value) or value < least:
        allowed = "finite" if least == -math.inf else f"finite and at least {least}"
        raise ValueError(f"{name} must be {allowed}, not {value}")
    return float(value)


def check_count(name, value, least=1):
    """``value`` as a whole number that is at least ``least``."""
    try:
        count = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, not {value!r}") from None
    if count < least:
        raise ValueError(f"{name} must be at least {least}, not {count}")
    return count


def check_option(name, value, options):
    if value not in options:
        allowed = ", ".join(map(str, options))
        raise ValueError(f"{name} must be one of {allowed}; {value!r} is not")


def check_words(**texts):
    """Each must say something, so that nothing is shown without its title or its axes' names."""
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name} must say in words what the reader sees, not {text!r}")


def check_dtype(dtype):
    dtype = np.dtype(dtype)
    check_option("dtype", dtype, DTYPES)
    return dtype


def check_rng(rng, name="rng"):
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{name} must be a numpy.random.Generator, not {rng!r}: "
            "pass numpy.random.default_rng(0)"
        )


def check_rngs(rngs):
    """A list of generators, all different, from one or several."""
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


def check_initializers(initializers, replicas):
    """A list of one initializer a replica, from one for all or one for each."""
    if callable(initializers):
        return [initializers] * replicas
    initializers = list(initializers)
    if len(initializers) != replicas or not all(map(callable, initializers)):
        raise ValueError(
            f"initializers must be one initializer or one a replica: "
            f"{len(initializers)} came with {replicas} generators"
        )
    return initializers


def check_shape(shape):
    """``shape`` as a tuple of at least two positive whole numbers."""
    try:
        axes = tuple(operator.index(length) for length in shape)
    except TypeError:
        raise TypeError(
            f"shape must be a tuple of whole numbers such as (fan_in, fan_out), not {shape!r}"
        ) from None
    if len(axes) < 2:
        raise ValueError(f"shape must have at least two axes, (fan_in, fan_out); {axes} has not")
    if min(axes) < 1:
        raise ValueError(f"every axis of shape must be at least 1, not {axes}")
    return axes


def check_finite(name, array):
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; it contains NaN or infinity")


def check_inputs(x, network):
    """``x`` in the network's precision: ``(batch, inputs)`` or ``(R, batch, inputs)``."""
    x = np.asarray(x, dtype=network.dtype)
    inputs = network.sizes[0]
    if x.ndim not in (2, 3) or x.shape[-1] != inputs:
        raise ValueError(f"x must be (batch, {inputs}), one column an input; it is {x.shape}")
    if x.ndim == 3 and x.shape[0] != network.replicas:
        raise ValueError(f"x has {x.shape[0]} replicas and the network {network.replicas}")
    check_finite("x", x)
    return x


def check_labels(labels, batch, classes):
    """``labels`` as an array ``(batch,)`` of whole numbers from 0 to ``classes - 1``."""
    labels = np.asarray(labels)
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


def check_rates(learning_rate, network):
    """One rate a replica, ``(R, 1)``, in the network's precision."""
    if isinstance(learning_rate, numbers.Real):
        check_number("learning_rate", learning_rate, least=0)
        learning_rate = [learning_rate] * network.replicas
    rates = np.asarray(learning_rate, network.dtype)
    if rates.shape != (network.replicas,):
        raise ValueError(
            f"learning_rate must be one number or {network.replicas}, one a replica; "
            f"its shape is {rates.shape}"
        )
    check_finite("learning_rate", rates)
    return rates[:, None]
