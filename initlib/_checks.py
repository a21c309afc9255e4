"""Sentences for bad input: each names the argument, what came and what is allowed."""

import contextlib
import math
import numbers
import operator
from collections.abc import Mapping

import numpy as np

MOST = 2**28  # weights of one layer, which take 2 GB in float64
HUGE = 1e100  # the square of a gain or of a slope has to be a number
DTYPES = (np.dtype(np.float32), np.dtype(np.float64))


def check_number(name, value, least=-math.inf, most=math.inf):
    """``value`` as a finite float from ``least`` to ``most``."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, not {value!r}")
    with contextlib.suppress(OverflowError):  # of a whole number without end
        value = float(value)
    if not (isinstance(value, float) and math.isfinite(value) and least <= value <= most):
        allowed = "finite"
        allowed += f" and at least {least}" * (least > -math.inf)
        allowed += f" and at most {most:g}" * (most < math.inf)
        raise ValueError(f"{name} must be {allowed}, not {value}")
    return value


def check_real(name, values):
    """``values`` as an array of real numbers, in their own precision, none of them masked."""
    try:
        kept = values if isinstance(values, np.ndarray) else np.ma.asarray(values)
    except ValueError:  # rows of different lengths
        kept = np.array(None)
    array = np.asarray(kept)
    if array.dtype.kind not in "iufb":
        allowed = "real numbers, in rows of equal length"
        raise TypeError(f"{name} must hold {allowed}; not {_short(values)}")
    if np.ma.is_masked(kept):  # itself, or a row of it
        raise ValueError(f"{name} must hold no masked values: fill them, or leave their rows out")
    return array


def check_array(name, values, dtype=None, finite=True):
    """``values`` as an array of ``dtype``, or of their own if it is floating; finite unless not."""
    array = check_real(name, values)
    dtype = dtype or (array.dtype if array.dtype.kind == "f" else np.float64)
    if finite:
        check_finite(name, array)
    with np.errstate(over="ignore"):
        array = array.astype(dtype, copy=False)
    if finite and not np.isfinite(array).all():
        raise ValueError(
            f"{name} must fit into {np.dtype(dtype)}; it holds numbers too large for it"
        )
    return array


def check_list(name, values, of):
    """``values`` as a list of what ``of`` says, which a dictionary could have as keys."""
    try:
        listed = None if isinstance(values, str | bytes) else list(values)
        hash(tuple(listed))
    except TypeError:
        raise TypeError(f"{name} must be a list of {of}, not {_short(values)}") from None
    return listed


def check_named(name, values, of, needed=True):
    """``values`` as a dictionary of legend names and what ``of`` says, at least one if needed."""
    values = {} if values is None and not needed else values
    if not isinstance(values, Mapping):
        raise TypeError(f"{name} must map names to {of}, not {_short(values)}")
    if needed and not values:
        raise ValueError(f"{name} must hold something to draw; it is empty")
    for key in values:
        if str(key).strip()[:1] in ("", "_"):
            raise ValueError(f"{name} must have names that a legend shows, not {key!r}")
    return dict(values)


def check_axis(name, values, log=False):
    """``values`` as an array of finite numbers in a row, at least one; above 0 if ``log``."""
    values = check_real(name, values)
    if values.ndim != 1 or not values.size:
        raise ValueError(f"{name} must hold numbers in a row, and one at least; not {values.shape}")
    check_finite(name, values)
    if log and values.min() <= 0:
        raise ValueError(f"{name} must be above 0 on a logarithmic axis, not {values.min()}")
    return values


def check_seeds(name, seeds):
    """``seeds`` as a list of whole numbers, none of them twice."""
    seeds = check_list(name, seeds, "whole numbers, such as range(3)")
    if not all(isinstance(seed, int | np.integer) for seed in seeds):
        raise TypeError(f"{name} must hold whole numbers, such as range(3); it is {_short(seeds)}")
    if not seeds or len(set(seeds)) != len(seeds) or min(seeds) < 0:
        raise ValueError(f"{name} must hold different seeds of at least 0, and one; not {seeds}")
    return seeds


def _short(value):
    text = " ".join(repr(value).split())
    return text if len(text) < 60 else f"{text[:57]}..."


def check_count(name, value, least=1, most=10_000_000):
    """``value`` as a whole number from ``least`` to ``most``."""
    try:
        count = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, not {value!r}") from None
    if not least <= count <= most:
        limit = f"at least {least}" if count < least else f"at most {most}"
        raise ValueError(f"{name} must be {limit}, not {count}")
    return count


def check_option(name, value, options):
    """``value`` must be one of the words or numbers ``options``."""
    if not any(isinstance(value, type(each)) and value == each for each in options):
        allowed = ", ".join(map(str, options))
        raise ValueError(f"{name} must be one of {allowed}; {value!r} is not")


def check_words(**texts):
    """Each must say something, so that nothing is shown without its title or its axes' names."""
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{name} must say in words what the reader sees, not {text!r}")


def check_dtype(dtype):
    with contextlib.suppress(TypeError, ValueError):
        if dtype is not None and np.dtype(dtype) in DTYPES:  # None would be float64
            return np.dtype(dtype)
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
    if math.prod(axes) > MOST:
        raise ValueError(f"shape must be of at most {MOST} weights; {axes} has more")
    if min(axes) < 1:
        raise ValueError(f"every axis of shape must be at least 1, not {axes}")
    return axes


def check_finite(name, array):
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; it contains NaN or infinity")
