"""Activation functions phi and their derivatives, by object or by name.

>>> relu(np.array([-1.0, 2.0]))
array([0., 2.])
>>> get("leaky_relu(0.2)").derivative(np.array([-1.0, 2.0]))
array([0.2, 1. ])

Each takes anything that numpy can turn into an array; float32 stays float32. Every kink is at 0.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from initlib._checks import HUGE, check_number, check_real

SQRT_2PI = math.sqrt(2 * math.pi)
# Klambauer et al. (2017), section 2: the fixed point at zero mean and unit variance.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


@dataclass(frozen=True)
class Activation:
    """phi, its derivative phi' and a name; both functions take and return arrays of one shape.

    Where phi' is simpler in terms of a = phi(z) than of z, ``slope_by_output`` is that function;
    ``even`` is phi(z) + phi(-z) for z >= 0, where the sum as it stands would lose its digits.
    """

    name: str
    function: Callable = field(compare=False)
    slope: Callable = field(compare=False)
    slope_by_output: Callable | None = None
    even: Callable | None = field(default=None, compare=False)

    def __call__(self, z):
        return self.function(_floating(z))

    def derivative(self, z, a=None):
        """phi'(z); where ``a = phi(z)`` is known and tells it, without computing phi again."""
        if a is not None and self.slope_by_output:
            return self.slope_by_output(a)
        return self.slope(_floating(z))

    def __repr__(self):
        return self.name


def _floating(z):
    z = check_real("z", z)
    return z if z.dtype.kind == "f" else z.astype(np.float64)


def _logistic(z):
    return 0.5 * (1 + np.tanh(0.5 * z))  # exp(-z) would overflow


def _logistic_slope(z):
    s = _logistic(z)
    return s * (1 - s)


_erf = np.frompyfunc(math.erf, 1, 1)


def _gaussian_cdf(z):
    return 0.5 * (1 + np.asarray(_erf(z / math.sqrt(2)), dtype=z.dtype))


def _gaussian_pdf(z):
    return np.exp(-0.5 * np.minimum(np.abs(z), 40) ** 2) / SQRT_2PI  # exp(-800) is 0


def _exponential_below(z, alpha):
    """alpha * (exp(z) - 1) for z < 0, and 0 above, where exp(z) could overflow."""
    return alpha * np.expm1(np.minimum(z, 0))


TAIL = 800  # beyond it a tail is exactly 0, and infinity times that would be NaN


def _bend(z):
    """z + exp(-z) - 1 for z >= 0, by its series where the difference would lose its digits."""
    terms = [(-1) ** k / math.factorial(k) for k in range(11, 1, -1)]
    return np.where(z < 0.1, np.polyval([*terms, 0, 0], np.minimum(z, 0.1)), z + np.expm1(-z))


linear = Activation("linear", lambda z: z.copy(), np.ones_like)
relu = Activation("relu", lambda z: z.clip(0, np.inf), lambda z: (z > 0).astype(z.dtype))
tanh = Activation("tanh", np.tanh, lambda z: 1 - np.tanh(z) ** 2, lambda a: 1 - a**2)
sigmoid = Activation("sigmoid", _logistic, _logistic_slope, lambda a: a * (1 - a))
silu = Activation(
    "silu",
    lambda z: np.maximum(z, -TAIL) * _logistic(z),
    lambda z: _logistic(z) + z.clip(-TAIL, TAIL) * _logistic_slope(z),
    even=lambda z: z * np.tanh(0.5 * z),
)
gelu = Activation(
    "gelu",
    lambda z: np.maximum(z, -TAIL) * _gaussian_cdf(z),
    lambda z: _gaussian_cdf(z) + z.clip(-TAIL, TAIL) * _gaussian_pdf(z),
    even=lambda z: z * np.asarray(_erf(z / math.sqrt(2)), dtype=z.dtype),
)
elu = Activation(
    "elu",
    lambda z: np.maximum(z, 0) + _exponential_below(z, 1.0),
    lambda z: np.exp(np.minimum(z, 0)),
    even=_bend,
)
selu = Activation(
    "selu",
    lambda z: SELU_SCALE * (np.maximum(z, 0) + _exponential_below(z, SELU_ALPHA)),
    lambda z: SELU_SCALE * np.where(z > 0, 1, SELU_ALPHA * np.exp(z.clip(max=0))).astype(z.dtype),
)


def leaky_relu(negative_slope=0.01):
    """max(z, 0) + slope * min(z, 0), named ``leaky_relu(slope)``."""
    slope = check_number("negative_slope", negative_slope, -HUGE, HUGE)
    name = f"leaky_relu({repr(slope).removesuffix('.0')})"
    if slope == 0:  # times which -infinity would be NaN
        return replace(relu, name=name)
    return Activation(
        name,
        lambda z: np.where(z > 0, z, slope * z).astype(z.dtype),
        lambda z: np.where(z > 0, 1, slope).astype(z.dtype),
    )


NAMED = {each.name: each for each in (linear, relu, tanh, sigmoid, selu, gelu, silu, elu)}


def get(activation):
    """The activation itself, or the one of that name; ``"leaky_relu"`` alone means slope 0.01."""
    if isinstance(activation, Activation):
        return activation
    if isinstance(activation, str):
        if activation in NAMED:
            return NAMED[activation]
        if leaky := re.fullmatch(r"leaky_relu(?:\((-?\d*\.?\d+(?:e[-+]?\d+)?)\))?", activation):
            return leaky_relu(float(leaky[1] or 0.01))
    allowed = ", ".join([*NAMED, "leaky_relu", "leaky_relu(0.2)"])
    raise ValueError(f"activation must be one of {allowed}; {activation!r} is not")
