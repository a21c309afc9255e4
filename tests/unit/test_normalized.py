"""The ways back that chapter 10 writes by hand, beside central differences."""

import numpy as np
import pytest

from initlib import Network, Runs
from initlib.initializers import he_normal, lecun_normal
from tests.notebooks import defined

LABELS = np.array([0, 1, 2, 1, 0, 2])


@pytest.fixture(scope="module")
def chapter():
    """The names that the chapter's cells define."""
    return defined(
        "10", "imports", "define-normalize", "define-activation", "define-block", "define-ways"
    )


def x():
    return np.random.default_rng(1).standard_normal((6, 5))


def slopes(loss, arrays, h=1e-6):
    """d loss / d each entry of arrays, by central differences."""
    for array in arrays:
        slope = np.empty_like(array)
        for place in np.ndindex(array.shape):
            ends = []
            for step in (h, -h):
                array[place] += step
                ends.append(loss())
                array[place] -= step
            slope[place] = (ends[0] - ends[1]) / (2 * h)
        yield slope


@pytest.mark.parametrize("over", [-1, -2])
def test_a_normalized_network_s_gradient(chapter, over):
    activation = chapter["normalized_relu"](over)
    network = Network((5, 7, 6, 3), activation, Runs(start=he_normal(), seed=[3]))

    def loss():
        network.forward(x())
        return network.loss(LABELS)[0]

    network.forward(x())
    dW = network.backward(LABELS).dW
    for ours, numeric in zip(dW, slopes(loss, network.W), strict=True):
        np.testing.assert_allclose(ours, numeric, atol=1e-7)


def test_a_normalized_signal(chapter):
    for over in (-1, -2):
        hat, _ = chapter["normalize"](x(), over)
        np.testing.assert_allclose(hat.mean(over), 0, atol=1e-12)
        np.testing.assert_allclose(hat.std(over), 1)


@pytest.mark.parametrize("place", [None, "before", "after"])
def test_a_residual_network_s_gradient(chapter, place):
    forward, backward = chapter["forward"], chapter["backward"]
    norms = {place: lambda x: chapter["normalize"](x, -1)} if place else {}
    W = Network((5, *[4] * 7), "linear", Runs(start=lecun_normal(), seed=[3])).W
    d = np.random.default_rng(2).standard_normal((6, 4))

    def loss():
        return np.sum(d * forward(W, x(), **norms)[0][-1])

    xs, backs = forward(W, x(), **norms)
    dxs, dW = backward(backs, np.broadcast_to(d, xs[-1].shape))
    dW = [x().T @ dxs[0], *dW]
    assert len(xs) == len(dxs) == 4 and [each.shape for each in dW] == [each.shape for each in W]
    for ours, numeric in zip(dW, slopes(loss, W), strict=True):
        np.testing.assert_allclose(ours, numeric, atol=1e-7)
