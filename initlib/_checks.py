"""Sentences for bad input: each names the argument, what came and what is allowed."""

import contextlib
import math
import numbers
import operator

import numpy as np

DTYPES = (np.dtype(np.float32), np.dtype(np.float64))


def check_number(name, value, least=-math.inf, most=math.inf):
    """``value`` as a finite float from ``least`` to ``most``."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, not {value!r}")
    if not math.isfinite(value) or not least <= value <= most:
        allowed = "finite"
        allowed += f" and at least {least}" * (least > -math.inf)
        allowed += f" and at most {most:g}" * (most < math.inf)
        raise ValueError(f"{name} must be {allowed}, not {value}")
    return float(value)


def check_array(name, values, dtype=np.float64, finite=True):
    """``values`` as an array of real numbers, none of them masked and, unless not, all finite."""
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different lengths
        array = np.array(None)
    if array.dtype.kind not in "iufb":
        raise TypeError(
            f"{name} must hold real numbers, in rows of equal length; not {_short(values)}"
        )
    if np.ma.is_masked(values):
        raise ValueError(f"{name} must hold no masked values: fill them, or leave their rows out")
    if finite:
        check_finite(name, array)
    with np.errstate(over="ignore"):
        array = array.astype(dtype, copy=False)
    if finite and not np.isfinite(array).all():
        raise ValueError(
            f"{name} must fit into {np.dtype(dtype)}; it holds numbers too large for it"
        )
    return array


def _short(value):
    text = repr(value)
    return text if len(text) < 60 else f"{text[:57]}..."


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
    try:
        known = value in tuple(options)
    except ValueError:  # an array, which equals nothing as a whole
        known = False
    if not known:
        allowed = ", ".join(map(str, options))
        raise ValueError(f"{name} must be one of {allowed}; {value!r} is not")


def check_words(**texts):
    """Each must say something, so that nothing is shown without its title or its axes' names."""
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name} must say in words what the reader sees, not {text!r}")


def check_dtype(dtype):
    with contextlib.suppress(TypeError):
        for allowed in DTYPES:
            if dtype is not None and np.dtype(dtype) == allowed:
                return allowed
    raise ValueError(f"dtype must be one of {', '.join(map(str, DTYPES))}; {dtype!r} is not")


def check_rng(rng, name="rng"):
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{name} must be a numpy.random.Generator, not {rng!r}: "
            "pass numpy.random.default_rng(0)"
        )


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
