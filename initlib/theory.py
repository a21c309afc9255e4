"""What the mathematics predicts: moments of an activation under a Gaussian pre-activation.

Throughout, z ~ N(0, 1) and q is the variance of the pre-activation, so sqrt(q) * z is what a wide
layer at initialization feeds to phi. In units: phi's output, squared for a second moment.
"""

import numpy as np

from initlib import activations
from initlib._checks import check_array, check_count, check_number
from initlib._machine import silence

LARGEST = 1e300  # variance, of which the quadrature's last nodes may take the square

# Quadrature of E[f(z)] over the half line with z = exp(t): the trapezoidal rule in t converges
# exponentially (Trefethen & Weideman 2014, section 14), resolves a step at 0 as sharp as exp(-60)
# and never straddles a kink there.
_STEP = 1 / 16
_NODES = np.exp(np.arange(-60, 3, _STEP))
_WEIGHTS = _STEP * _NODES * np.exp(-0.5 * _NODES**2) / np.sqrt(2 * np.pi)


@silence()
def _gaussian_expectation(function, q, even=None):
    """E[function(sqrt(q) z)] for each q, relative error at most 1e-9 for q up to 3e33.

    It is infinite where the function's values are too large for float64.

    ``even(z)`` is function(z) + function(-z), where the sum as it stands would lose its digits.
    """
    q = check_variances("q", q)
    z = np.sqrt(q)[..., None] * _NODES
    both = even(z) if even else function(z) + function(-z)
    return (both @ _WEIGHTS)[()]


def check_variances(name, q):
    """``q`` as an array of numbers from 0 to ``LARGEST``."""
    q = check_array(name, q, np.float64, finite=False)
    if not ((q >= 0) & (q <= LARGEST)).all():
        raise ValueError(f"{name} is a variance: at least 0 and at most {LARGEST}, not {q}")
    return q


def second_moment(activation, q=1.0):
    """E[phi(sqrt(q) z)**2], which the next layer's pre-activations are proportional to.

    >>> print(f"{second_moment('relu'):.6f} {second_moment('tanh'):.6f}")
    0.500000 0.394294
    """
    phi = activations.get(activation)
    return _gaussian_expectation(lambda z: phi(z) ** 2, q)


def mean(activation, q=1.0):
    """E[phi(sqrt(q) z)].

    >>> print(f"{mean('relu'):.6f}")
    0.398942
    """
    phi = activations.get(activation)
    return _gaussian_expectation(phi, q, phi.even)


def derivative_second_moment(activation, q=1.0):
    """E[phi'(sqrt(q) z)**2]: what a layer does to the second moment of the gradient."""
    phi = activations.get(activation)
    return _gaussian_expectation(lambda z: phi.derivative(z) ** 2, q)


@silence()
def signal(activation, scale, depth, q=1.0):
    """Pre-activation variances ``(depth,)`` of layers 1 to ``depth`` of a wide network.

    Weights have the variance scale / fan_in and biases are 0, so the first layer's variance is
    scale * q for inputs of second moment q, and each next one is scale * E[phi(z)**2] (Poole et al.
    2016, eq. 3, without biases). Of several q it gives ``(depth, *q.shape)``.

    >>> print(signal("relu", 2.0, 3), signal("relu", 1.0, 3))
    [2. 2. 2.] [1.   0.5  0.25]
    """
    scale = check_number("scale", scale, least=0)
    depth, q = check_count("depth", depth, most=10_000), check_variances("q", q)
    variances = []
    for layer in range(1, depth + 1):
        q = scale * (second_moment(activation, q) if variances else q)
        if not (q <= LARGEST).all():
            raise ValueError(
                f"depth must be smaller: with scale {scale:g} layer {layer} exceeds {LARGEST}"
            )
        variances.append(q)
    return np.array(variances)


def gain(activation):
    """The weight gain that keeps unit pre-activation variance, 1/sqrt(E[phi(z)**2]).

    >>> print(f"{gain('relu'):.6f} {gain('tanh'):.6f}")
    1.414214 1.592537
    """
    return 1 / np.sqrt(second_moment(activation))
