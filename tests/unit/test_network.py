import functools
import itertools
import platform
import subprocess
import sys

import numpy as np
import pytest
from scipy.special import log_softmax

from initlib import activations
from initlib.initializers import (
    constant,
    he_normal,
    normal,
    orthogonal,
    xavier_uniform,
    zeros,
)
from initlib.network import Network, cross_entropy
from initlib.runs import Runs

KINDS = ("W", "b", "z", "a")
LARGE = normal(0.8)
MIXED = [he_normal(), xavier_uniform(), orthogonal(1.5)]


def generators(seeds):
    return [np.random.default_rng(seed) for seed in seeds]


def make(sizes=(4, 5, 3), activation="tanh", initializers=LARGE, seeds=(0, 1), dtype=float):
    """A network whose biases are not zero, with a batch and labels for it."""
    network = Network(sizes, activation, initializers, generators(seeds), dtype)
    rng = np.random.default_rng(99)
    for b in network.b:
        b[:] = rng.normal(size=b.shape)
    return network, rng.normal(size=(6, sizes[0])), rng.integers(sizes[-1], size=6)


def naive_loss(network, r, x, labels, kind=None, at=None, nudge=0.0):
    """The loss of replica r written anew, with ``nudge`` added to one W, b, z or a."""

    def nudged(this, layer, value):
        return value + nudge if (this, layer) == (kind, at) else value

    a = x
    for layer, (W, b) in enumerate(zip(network.W, network.b)):
        z = nudged("z", layer, a @ nudged("W", layer, W[r]) + nudged("b", layer, b[r]))
        a = network.activation(z) if layer < len(network.W) - 1 else z
        a = nudged("a", layer, a)
    return -log_softmax(a, axis=1)[np.arange(len(labels)), labels].mean()


def central_differences(shape, loss, step=1e-5):
    slopes = np.zeros(shape)
    for index in np.ndindex(shape):
        nudge = np.zeros(shape)
        nudge[index] = step
        slopes[index] = (loss(nudge) - loss(-nudge)) / (2 * step)
    return slopes


def everything(network, gradients):
    return list(itertools.chain(network.W, network.b, network.z, network.a, *gradients))


# --- gradients --------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(4, 3), (4, 5, 3), (4, 3, 5, 2), (3, 4, 3, 4, 3)], ids=str)
@pytest.mark.parametrize("activation", [*activations.NAMED, "leaky_relu(0.2)"])
def test_gradients_by_central_differences(activation, sizes):
    network, x, labels = make(sizes, activation)
    network.forward(x)
    gradients = network.backward(labels)._asdict()
    assert all(((z > 0).any() and (z < 0).any()) for z in network.z)
    for kind in KINDS:
        for layer, value in enumerate(getattr(network, kind)):
            gradient = gradients[f"d{kind}"][layer]
            assert gradient.shape == value.shape
            numeric = central_differences(
                value[1].shape,
                lambda nudge, at=(kind, layer): naive_loss(network, 1, x, labels, *at, nudge),
            )
            np.testing.assert_allclose(gradient[1], numeric, rtol=1e-6, atol=1e-9)


def test_loss_and_logits_by_another_route():
    network, x, labels = make((4, 5, 6, 3), "gelu")
    logits = network.forward(x)
    np.testing.assert_array_equal(logits, network.z[-1])
    np.testing.assert_array_equal(logits, network.a[-1])
    expected = [naive_loss(network, r, x, labels) for r in range(2)]
    np.testing.assert_allclose(network.loss(labels), expected, rtol=1e-12)


def test_forward_keeps_z_and_a():
    network, x, _ = make((4, 5, 3), "relu")
    network.forward(x)
    z = x @ network.W[0][1] + network.b[0][1]
    np.testing.assert_allclose(network.z[0][1], z, rtol=1e-12)
    np.testing.assert_allclose(network.a[0][1], np.maximum(z, 0), rtol=1e-12)
    np.testing.assert_array_equal(network.x, x)


# --- one array for all ------------------------------------------------------------------------


def test_weights_and_biases_are_parts_of_one_array():
    network, x, labels = make()
    everything = [part[1].ravel() for pair in zip(network.W, network.b) for part in pair]
    np.testing.assert_array_equal(network.parameters()[1], np.concatenate(everything))
    network.parameters()[:] = 7
    assert all((part == 7).all() for part in network.W + network.b)
    network.forward(x)
    gradients = network.backward(labels)
    everything = [part[1].ravel() for pair in zip(gradients.dW, gradients.db) for part in pair]
    np.testing.assert_array_equal(gradients.flat[1], np.concatenate(everything))


def test_weights_put_in_place_of_others_are_taken_up():
    network, *_ = make()
    other = np.arange(40.0).reshape(network.W[0].shape)
    kept = network.W[1].copy()
    network.W[0] = other
    parameters = network.parameters()
    assert network.W[0] is not other and network.W[0].base is parameters
    np.testing.assert_array_equal(network.W[0], other)
    np.testing.assert_array_equal(network.W[1], kept)


def test_gradients_are_not_overwritten_by_the_next():
    network, x, labels = make()
    network.forward(x)
    first = network.backward(labels)
    kept = [each.copy() for each in itertools.chain(*first)]
    network.forward(x[::-1] + 1)
    network.backward(labels)
    for before, after in zip(kept, itertools.chain(*first)):
        np.testing.assert_array_equal(before, after)


def test_backward_keeps_the_loss():
    network, x, labels = make()
    network.forward(x)
    network.backward(labels)
    np.testing.assert_array_equal(network.mean_loss, network.loss(labels))


# --- replicas ---------------------------------------------------------------------------------


def test_a_replica_is_the_network_of_its_seed_alone():
    network = Network((4, 6, 5, 3), "relu", MIXED, generators([7, 8, 9]))
    _, x, labels = make()
    network.forward(x)
    gradients = network.backward(labels)
    for r, (seed, initializer) in enumerate(zip([7, 8, 9], MIXED)):
        alone = Network((4, 6, 5, 3), "relu", initializer, np.random.default_rng(seed))
        for together, apart in zip(network.W, alone.W):
            np.testing.assert_array_equal(together[r], apart[0])
        alone.forward(x)
        pairs = zip(everything(network, gradients), everything(alone, alone.backward(labels)))
        for together, apart in pairs:
            np.testing.assert_allclose(together[r], apart[0], rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(network.loss(labels)[r], alone.loss(labels)[0], rtol=1e-12)


def test_initial_weights_are_the_initializers_draws_in_order():
    network = Network((4, 6, 3), "relu", he_normal(), generators([5]))
    rng = np.random.default_rng(5)
    for W in network.W:
        np.testing.assert_array_equal(W[0], he_normal()(rng, W.shape[1:]))
    assert all((b == 0).all() for b in network.b)


def test_replicas_do_not_leak_into_one_another():
    network, x, labels = make(seeds=(0, 1, 2))
    network.forward(x)
    before = [each.copy() for each in everything(network, network.backward(labels))]
    network.W[0][1] *= 3
    network.b[1][1] = np.nan
    network.forward(x)
    after = everything(network, network.backward(labels))
    for old, new in zip(before, after):
        np.testing.assert_array_equal(old[[0, 2]], new[[0, 2]])
    assert np.isnan(network.loss(labels)).tolist() == [False, True, False]


def test_inputs_for_each_replica():
    network, x, labels = make()
    own = np.stack([x, x[::-1] - 1])
    logits = network.forward(own).copy()
    gradients = network.backward(labels)
    for r in range(2):
        np.testing.assert_allclose(network.forward(own[r])[r], logits[r], rtol=1e-12)
        for per_replica, shared in zip(gradients.dW, network.backward(labels).dW):
            np.testing.assert_allclose(per_replica[r], shared[r], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("layer", [0, 1])
def test_the_order_of_hidden_units_is_no_matter(layer):
    network, x, labels = make((4, 6, 6, 3))
    logits = network.forward(x)
    gradients = network.backward(labels)
    order = np.random.default_rng(3).permutation(6)
    network.W[layer] = network.W[layer][:, :, order]
    network.b[layer] = network.b[layer][:, order]
    network.W[layer + 1] = network.W[layer + 1][:, order]
    np.testing.assert_allclose(network.forward(x), logits, rtol=1e-12)
    permuted = network.backward(labels)
    expected = [dW.copy() for dW in gradients.dW]
    expected[layer] = expected[layer][:, :, order]
    expected[layer + 1] = expected[layer + 1][:, order]
    for dW, dW_expected in zip(permuted.dW, expected):
        np.testing.assert_allclose(dW, dW_expected, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(permuted.db[layer], gradients.db[layer][:, order], rtol=1e-10)


# --- precision --------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", [*activations.NAMED, "leaky_relu"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_precision_throughout(activation, dtype):
    network, x, labels = make((4, 5, 3), activation, MIXED, (0, 1, 2), dtype)
    assert network.forward(x).dtype == dtype
    arrays = [
        *everything(network, network.backward(labels)),
        network.x,
        network.loss(labels),
    ]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("activation", ["linear", "relu", "tanh", "silu", "gelu", "selu"])
@pytest.mark.parametrize("dtype, size", [(np.float32, 1e30), (np.float64, 1e250)])
def test_overflow_gives_infinities_without_a_warning(activation, dtype, size):
    network, x, labels = make((4, 5, 5, 3), activation, dtype=dtype)
    for W in network.W:
        W[1] *= size
    network.forward(x)
    gradients = network.backward(labels)
    loss = network.loss(labels)
    assert np.isfinite(loss[0]) and all(np.isfinite(dW[0]).all() for dW in gradients.dW)
    if activation != "tanh":
        assert not np.isfinite(loss[1]) and not np.isfinite(network.z[-1][1]).all()


# --- cross-entropy ----------------------------------------------------------------------------


@pytest.mark.parametrize("classes", [2, 10])
def test_no_opinion_costs_log_of_the_classes(classes):
    network = Network((4, classes), "relu", zeros(), generators([0]))
    network.forward(np.ones((3, 4)))
    assert network.loss([0, 1, 1])[0] == pytest.approx(np.log(classes), rel=1e-14)


def test_cross_entropy_is_the_naive_formula():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(3, 5, 4)), rng.integers(4, size=5)
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    naive = [-np.mean([np.log(p[r, i, labels[i]]) for i in range(5)]) for r in range(3)]
    np.testing.assert_allclose(cross_entropy(logits, labels), naive, rtol=1e-12)
    np.testing.assert_allclose(cross_entropy(logits + 50, labels), naive, rtol=1e-12)


@pytest.mark.filterwarnings("error")
def test_huge_logits_stay_finite():
    logits = np.array([[[1e5, -1e5, 0.0]]])
    assert cross_entropy(logits, [0]) == 0
    assert cross_entropy(logits, [1]) == 2e5


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1e5, -1e5])
def test_huge_logits_give_finite_gradients(size):
    network = Network((1, 3), "relu", zeros(), generators([0]))
    network.b[0][0] = [size, size, size - 1e5]
    network.forward([[1.0]])
    np.testing.assert_allclose(network.backward([0]).dz[0][0, 0], [-0.5, 0.5, 0])


@pytest.mark.filterwarnings("error")
def test_an_overflowing_mean_gives_no_warning():
    logits = np.array([[[3e38, 0]] * 2], np.float32)
    assert cross_entropy(logits, [1, 1])[0] == np.inf


# --- what it says -----------------------------------------------------------------------------


def test_describes_itself():
    network, *_ = make((64, 100, 10), "relu", seeds=(0, 1, 2))
    assert repr(network) == "3 x Network(64-100-10, relu)"
    assert (network.replicas, network.depth, network.sizes) == (3, 2, (64, 100, 10))


ONE = np.random.default_rng(0)


@pytest.mark.parametrize(
    "change, error, sentence",
    [
        ({"sizes": (4,)}, ValueError, "sizes must be .* at least two"),
        ({"sizes": (4, 0, 3)}, ValueError, "each of sizes must be at least 1, not 0"),
        (
            {"sizes": (4, 2.5)},
            TypeError,
            "each of sizes must be a whole number, not 2.5",
        ),
        ({"activation": "relu6"}, ValueError, "activation must be one of"),
        ({"dtype": int}, ValueError, "dtype must be one of float32, float64"),
        (
            {"rngs": 0},
            TypeError,
            r"rngs must be .* not 0: pass numpy.random.default_rng\(0\)",
        ),
        (
            {"rngs": [0, 1]},
            TypeError,
            "each of rngs must be a numpy.random.Generator, not 0",
        ),
        ({"rngs": []}, ValueError, "rngs must be different generators"),
        (
            {"rngs": [ONE, ONE]},
            ValueError,
            "rngs must be different generators, one a replica",
        ),
        (
            {"initializers": [zeros()]},
            ValueError,
            "one a replica: 1 came with 2 generators",
        ),
        (
            {"initializers": [zeros()] * 3},
            ValueError,
            "one a replica: 3 came with 2 generators",
        ),
        *(
            (
                {"initializers": initializers},
                TypeError,
                rf"initializers must be one initializer, such as he_normal\(\), .*; not {written}",
            )
            for initializers, written in {
                (zeros(), 3): r"\(zeros\(\), 3\)",
                "he_normal": "'he_normal'",
                None: "None",
                3: "3",
            }.items()
        ),
        ({"initializers": {"He": zeros()}}, TypeError, "initializers must be .* not {'He': zeros"),
        ({"initializers": he_normal}, TypeError, r"call it, he_normal\(\.\.\.\)"),
        ({"initializers": [normal, zeros()]}, TypeError, r"call it, normal\(\.\.\.\)"),
        (
            {"initializers": Runs(start={"He": he_normal}, seed=[0]), "rngs": None},
            TypeError,
            "initializers must be what he_normal returns: call it",
        ),
        (
            {"rngs": [np.random.Generator(ONE.bit_generator), ONE]},
            ValueError,
            "rngs must be different generators, one a replica",
        ),
        ({"sizes": 5}, TypeError, r"sizes must be whole numbers, \(inputs, .*, not 5"),
        ({"sizes": "64"}, TypeError, "sizes must be whole numbers, .*, not '64'"),
        ({"sizes": (10**6, 10**6)}, ValueError, "weights that sizes ask for must be at most"),
        ({"dtype": "bfloat16"}, ValueError, "dtype must be one of .*; 'bfloat16' is not"),
        ({"dtype": None}, ValueError, "dtype must be one of .*; None is not"),
    ],
)
def test_bad_network(change, error, sentence):
    good = {
        "sizes": (4, 5, 3),
        "activation": "relu",
        "initializers": constant(1),
        "rngs": generators([0, 1]),
    }
    with pytest.raises(error, match=sentence):
        Network(**{**good, **change})


@pytest.mark.parametrize(
    "weights, error, sentence",
    [
        (None, TypeError, "must hold real numbers, .*; not None"),
        (np.full((4, 5), "0.1"), TypeError, "must hold real numbers"),
        (0.1, ValueError, r"must have the shape \(4, 5\); .* has \(\)"),
        (np.ones(5), ValueError, r"must have the shape \(4, 5\); .* has \(5,\)"),
        (np.ones((1, 5)), ValueError, r"must have the shape \(4, 5\); .* has \(1, 5\)"),
        (np.ones((5, 4)), ValueError, r"must have the shape \(4, 5\); .* has \(5, 4\)"),
        (np.full((4, 5), np.nan), ValueError, "must be finite; it contains NaN"),
        (np.full((4, 5), np.inf), ValueError, "must be finite; it contains NaN or infinity"),
        (np.full((4, 5), 1e60), ValueError, "must fit into float32"),
        (np.ma.masked_less(np.eye(4, 5), 1), ValueError, "must hold no masked values"),
    ],
)
def test_what_an_initializer_returns_is_used_as_it_is_or_refused(weights, error, sentence):
    for starts in (lambda *_: weights), Runs(start=lambda *_: weights, seed=[0]):
        rngs = None if isinstance(starts, Runs) else generators([0])
        with pytest.raises(error, match=f"what initializers return {sentence}"):
            Network((4, 5, 3), "relu", starts, rngs, np.float32)


@pytest.mark.parametrize(
    "x, sentence",
    [
        (np.ones((0, 4)), "x must hold at least one example; it holds none"),
        (np.ma.masked_less(np.ones((6, 4)), 2), "x must hold no masked values"),
        ([np.ma.masked_less(np.ones(4), 2)], "x must hold no masked values"),
        (
            np.ones((6, 5)),
            r"x must be \(batch, 4\), one column an input; it is \(6, 5\)",
        ),
        (np.ones((6, 3)), r"x must be \(batch, 4\), .* it is \(6, 3\)"),
        (np.ones(4), r"x must be \(batch, 4\)"),
        (np.ones((1, 2, 6, 4)), r"x must be \(batch, 4\)"),
        (np.ones((3, 6, 4)), "x has 3 replicas and the network 2"),
        (np.ones((1, 6, 4)), "x has 1 replicas and the network 2"),
        (np.full((6, 4), np.nan), "x must be finite; it contains NaN or infinity"),
        (np.full((6, 4), np.inf), "x must be finite"),
    ],
)
def test_bad_x(x, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()[0].forward(x)


def test_what_is_too_large_for_float32_is_not_called_infinite():
    network, x, _ = make(dtype=np.float32)
    with pytest.raises(ValueError, match="x must fit into float32; it holds numbers too large for"):
        network.forward(1e60 * x)


@pytest.mark.parametrize(
    "labels, sentence",
    [
        (
            [0] * 5,
            r"labels must be 6 whole numbers, one an example; they are int64 of shape \(5,\)",
        ),
        (np.zeros((6, 3), int), "labels must be 6 whole numbers"),
        (np.zeros(6), "they are float64"),
        ([0, 1, 2, 3, 0, 0], "labels must be from 0 to 2; they run from 0 to 3"),
        ([0, 1, 2, 4, 0, 0], "labels must be from 0 to 2; they run from 0 to 4"),
        ([0, 1, -1, 0, 0, 0], "labels must be from 0 to 2; they run from -1 to 1"),
        (np.zeros((6, 1), int), r"labels must be 6 whole numbers, .* of shape \(6, 1\)"),
        ([0] * 7, r"labels must be 6 whole numbers, .* of shape \(7,\)"),
        ([], r"labels must be 6 whole numbers, .* of shape \(0,\)"),
        (np.ma.masked_equal([0, 1, 2, 0, 1, 2], 2), "labels must hold no masked values"),
    ],
)
@pytest.mark.parametrize("method", ["loss", "backward", "cross_entropy"])
def test_bad_labels(method, labels, sentence):
    network, x, _ = make()
    logits = network.forward(x)
    of_logits = functools.partial(cross_entropy, logits)
    with pytest.raises(ValueError, match=sentence):
        getattr(network, method, of_logits)(labels)


@pytest.mark.parametrize("shape", [(1, 0, 3), (0, 6, 3), (1, 6, 0), (6, 3)])
def test_bad_logits(shape):
    with pytest.raises(ValueError, match=r"logits must be \(R, batch, classes\), none empty; they"):
        cross_entropy(np.zeros(shape), [0] * 6)


def test_a_batch_may_lack_a_class():
    """Zero logits cost log 3 whatever the labels, and each gradient row is 1/3 less its one-hot."""
    network = Network((4, 3), "relu", zeros(), generators([0]))
    network.forward(np.ones((2, 4)))
    for label in range(3):
        assert network.loss([label, label])[0] == pytest.approx(np.log(3), rel=1e-14)
        one_hot = np.eye(3)[[label, label]]
        np.testing.assert_allclose(network.backward([label] * 2).dz[0][0], (1 / 3 - one_hot) / 2)


@pytest.mark.parametrize("method", ["loss", "backward"])
def test_nothing_to_go_back_through(method):
    with pytest.raises(ValueError, match=r"call forward\(x\) first"):
        getattr(make()[0], method)([0])


FAULTS = """
import resource
import numpy as np
from initlib import Network, fit
from initlib.initializers import he_normal

x, labels, sizes = np.ones((1800, 64)), np.zeros(1800, int), (64, 100, 100, 100, 10)
network = Network(sizes, "relu", he_normal(), np.random.default_rng(0))
for steps in 5, 20:  # the first ones fetch what the others need
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    fit(network, x, labels, steps=steps, learning_rate=0.01, batch_size=None, quiet=True)
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / steps)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is of Linux's C library alone")
def test_a_step_fetches_no_memory_anew():
    """Else it would fetch thousands of pages, and take half as long again."""
    pages = subprocess.check_output([sys.executable, "-c", FAULTS], text=True)
    print(f"{pages.strip()} pages a step")
    assert float(pages) < 20
