"""What a layer's signals, gradients and weights look like: plain arrays, layer by layer.

Signals are lists of ``(R, batch, units)``, one a layer; what comes back is ``(layers, R)`` unless
it says otherwise. Nothing here draws.
"""

import numpy as np

from initlib._checks import check_array, check_count, check_number
from initlib._machine import silence
from initlib.network import Gradients, check_learning_rate, check_network


@silence()
def second_moment(signals):
    """Mean of the squares of each layer's signals, over the batch and the units."""
    return np.array([np.mean(s**2, axis=(-2, -1)) for s in _signals(signals)])


@silence()
def std(signals):
    """Standard deviation of each layer's signals, over the batch and the units."""
    return np.array([np.std(s, axis=(-2, -1)) for s in _signals(signals)])


def _signals(signals):
    """A list of one array a layer, ``(R, batch, units)``, none of them empty."""
    if isinstance(signals, str) or not np.iterable(signals):
        raise TypeError(f"signals must be a list of arrays, one a layer; not {signals!r}")
    arrays = [check_array("each of signals", layer, finite=False) for layer in signals]
    if not arrays or any(s.ndim < 2 or not s.size for s in arrays):
        shapes = [s.shape for s in arrays]
        raise ValueError(f"signals must hold an array a layer, (R, batch, units); not {shapes}")
    return arrays


def saturated_share(network, slope=0.05):
    """Share of each hidden layer's signals where |phi'(z)| is below ``slope``; NaN is not."""
    slope = check_number("slope", slope, least=0)
    slopes = [np.abs(_slope(network, z)) for z in check_network(network).hidden()]
    return np.array([(each < slope).mean((-2, -1)) for each in slopes])


def dead_share(network):
    """Share of each hidden layer's units whose phi'(z) is 0 on every example; NaN is not."""
    slopes = [_slope(network, z) for z in check_network(network).hidden()]
    return np.array([(slope == 0).all(axis=-2).mean(axis=-1) for slope in slopes])


@silence()
def _slope(network, z):
    return np.where(np.isnan(z), np.nan, network.activation.derivative(z))


def update_to_weight_ratio(network, gradients, learning_rate):
    """std(learning_rate dW) / std(W) of each layer; about 1e-3 is healthy (Karpathy 2015).

    Infinite where all weights of a layer are the same, and NaN where its gradients are so too.
    """
    if not isinstance(gradients, Gradients):
        raise TypeError(f"gradients must be what network.backward returns, not {gradients!r}")
    rates = check_learning_rate(learning_rate, network)
    with np.errstate(all="ignore"):
        # Less the first of them, equal numbers are 0 to the last bit, and so is their deviation.
        W, dW = ([M - M[:, :1, :1] for M in each] for each in (network.W, gradients.dW))
        return rates * std(dW) / std(W)


def unit_vectors(network, layer=0):
    """A hidden layer's units as points ``(R, units, fan_in + 1 + fan_out)``.

    A unit is its incoming weights, its bias and its outgoing weights: two units are the same
    exactly when these are.
    """
    layer = check_count("layer", layer, 0)
    if layer > check_network(network).depth - 2:
        raise ValueError(
            f"layer must be a hidden one, below {network.depth - 1} and counted from 0; not {layer}"
        )
    parts = network.W[layer].mT, network.b[layer][:, :, None], network.W[layer + 1]
    return np.concatenate(parts, axis=2)


def distinct_units(network, layer=0, tolerance=1e-6):
    """Number ``(R,)`` of a hidden layer's units that differ from one another.

    Two units count as one when no weight of theirs differs by more than ``tolerance`` times the
    largest weight of the layer. A unit with a NaN is like no other.
    """
    tolerance = check_number("tolerance", tolerance, least=0)
    return np.array([_count_distinct(units, tolerance) for units in unit_vectors(network, layer)])


def _count_distinct(points, tolerance):
    largest = np.abs(points[np.isfinite(points)]).max(initial=0)
    count = 0
    while len(points):
        first, points = points[0], points[1:]
        with silence():
            near = (points == first) | (np.abs(points - first) <= tolerance * largest)
        points = points[~near.all(axis=1)]
        count += 1
    return count


def spread(network, layer=0):
    """How far a hidden layer's units are from being one ``(R,)``: 0 when all are equal.

    The root mean square, over units, of the distance to the mean unit.
    """
    units = unit_vectors(network, layer)
    units = units - units[:, :1]  # equal units are 0 to the last bit, and so is their mean
    deviation = units - units.mean(axis=1, keepdims=True)
    return np.sqrt(np.mean(np.sum(deviation**2, axis=2), axis=1))


def rank(matrices, tolerance=1e-6):
    """Numerical rank ``(R,)``: singular values above ``tolerance`` times the largest."""
    matrices = check_array("matrices", matrices)
    tolerance = check_number("tolerance", tolerance, least=0)
    if matrices.ndim < 2 or not matrices.size:
        raise ValueError(f"matrices must be (R, rows, columns), none empty, not {matrices.shape}")
    values = np.linalg.svd(matrices, compute_uv=False)
    return (values > tolerance * values[..., :1]).sum(axis=-1)
