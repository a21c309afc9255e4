"""What a layer's signals, gradients and weights look like: plain arrays, layer by layer.

Signals are lists of ``(R, batch, units)``, one a layer; what comes back is ``(layers, R)`` unless
it says otherwise. Nothing here draws.
"""

import numpy as np


def second_moment(signals):
    """Mean of the squares of each layer's signals, over the batch and the units."""
    return np.array([np.mean(s**2, axis=(-2, -1)) for s in signals])


def std(signals):
    """Standard deviation of each layer's signals, over the batch and the units."""
    return np.array([np.std(s, axis=(-2, -1)) for s in signals])


def saturated_share(network, slope=0.05):
    """Share of each hidden layer's signals where |phi'(z)| is below ``slope``."""
    return np.array(
        [(np.abs(network.activation.derivative(z)) < slope).mean((-2, -1)) for z in network.z[:-1]]
    )


def dead_share(network):
    """Share of each hidden layer's units whose phi'(z) is 0 on every example of the batch."""
    return np.array(
        [(network.activation.derivative(z) == 0).all(axis=-2).mean(axis=-1) for z in network.z[:-1]]
    )


def update_to_weight_ratio(network, gradients, learning_rate):
    """std(learning_rate dW) / std(W) of each layer; about 1e-3 is healthy (Karpathy 2015)."""
    return learning_rate * std(gradients.dW) / std(network.W)


def unit_vectors(network, layer=0):
    """A hidden layer's units as points ``(R, units, fan_in + 1 + fan_out)``.

    A unit is its incoming weights, its bias and its outgoing weights: two units are the same
    exactly when these are.
    """
    outgoing = network.W[layer + 1]
    return np.concatenate(
        [np.swapaxes(network.W[layer], 1, 2), network.b[layer][:, :, None], outgoing],
        axis=2,
    )


def distinct_units(network, layer=0, tolerance=1e-6):
    """Number ``(R,)`` of a hidden layer's units that differ from one another.

    Two units count as one when no weight of theirs differs by more than ``tolerance`` times the
    largest weight of the layer.
    """
    return np.array([_count_distinct(units, tolerance) for units in unit_vectors(network, layer)])


def _count_distinct(points, tolerance):
    reach = tolerance * np.abs(points).max()
    count = 0
    while len(points):
        points = points[(np.abs(points - points[0]) > reach).any(axis=1)]
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
    values = np.linalg.svd(matrices, compute_uv=False)
    return (values > tolerance * values[..., :1]).sum(axis=-1)
