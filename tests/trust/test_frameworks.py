"""What chapter 07 says of PyTorch, Keras and JAX, against the libraries.

They are the optional extra ``frameworks``; where one is missing its tests are skipped.
"""

import math
import os

import numpy as np
import pytest

from initlib.initializers import TRUNCATED_STD

FAN_IN, FAN_OUT = 1000, 400
N = FAN_IN * FAN_OUT
UNIFORM, CUT = math.sqrt(3), 2 / TRUNCATED_STD  # the largest weight, in standard deviations
MISSING = "not installed: the extra `frameworks` brings it"


def of_variance(weights, expected):
    """Whether an array's variance is ``expected``, within six standard errors of a normal law."""
    weights = np.asarray(weights, dtype=np.float64)
    return math.isclose(weights.var(), expected, rel_tol=6 * math.sqrt(2 / weights.size))


def reach(weights):
    weights = np.asarray(weights, dtype=np.float64)
    return np.abs(weights).max() / weights.std()


# --- PyTorch: a weight is (fan_out, fan_in) ---------------------------------------------------


@pytest.fixture
def nn():
    torch = pytest.importorskip("torch", reason=f"torch is {MISSING}")
    torch.manual_seed(0)
    return torch.nn


@pytest.mark.parametrize("kind", ["Linear", "Conv2d"])
def test_torch_default(nn, kind):
    layer = nn.Linear(FAN_IN, FAN_OUT) if kind == "Linear" else nn.Conv2d(111, 512, 3)
    fan_in = FAN_IN if kind == "Linear" else 9 * 111
    weights, biases = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    assert of_variance(weights, 1 / (3 * fan_in))
    assert math.isclose(np.abs(weights).max(), 1 / math.sqrt(fan_in), rel_tol=1e-3)
    assert of_variance(biases, 1 / (3 * fan_in))
    assert 0.95 < np.abs(biases).max() * math.sqrt(fan_in) <= 1


@pytest.mark.parametrize(
    "name, arguments, scale",
    [
        ("xavier_normal_", {}, 2 * FAN_IN / (FAN_IN + FAN_OUT)),
        ("kaiming_normal_", {"nonlinearity": "relu"}, 2),
        ("kaiming_normal_", {"a": 0.2}, 2 / 1.04),
        ("kaiming_normal_", {"nonlinearity": "linear"}, 1),
        ("normal_", {"std": math.sqrt(2.35 / FAN_IN)}, 2.35),
    ],
)
def test_torch_lines(nn, name, arguments, scale):
    layer = nn.Linear(FAN_IN, FAN_OUT)
    getattr(nn.init, name)(layer.weight, **arguments)
    weights = layer.weight.detach().numpy()
    assert of_variance(weights, scale / FAN_IN)
    assert reach(weights) > 4  # not truncated


def test_torch_gains_and_the_rest(nn):
    gains = {"linear": 1, "relu": math.sqrt(2), "tanh": 5 / 3, "sigmoid": 1, "selu": 3 / 4}
    assert {name: nn.init.calculate_gain(name) for name in gains} == pytest.approx(gains)
    weight = nn.Linear(FAN_IN, FAN_OUT).weight
    cut_at_two = nn.init.trunc_normal_(weight, std=0.02).detach().numpy()
    assert of_variance(cut_at_two, 0.02**2)
    assert reach(cut_at_two) > 4
    W = nn.init.orthogonal_(weight).detach().numpy()
    assert np.allclose(W @ W.T, np.eye(FAN_OUT), atol=1e-5)
    assert not nn.init.zeros_(weight).any()


# --- JAX, Flax and Keras: a kernel is (fan_in, fan_out), He's and Xavier's are truncated ------

CASES = [
    ("glorot_normal", 2 * FAN_IN / (FAN_IN + FAN_OUT), CUT),
    ("he_normal", 2, CUT),
    ("lecun_normal", 1, CUT),
    ("glorot_uniform", 2 * FAN_IN / (FAN_IN + FAN_OUT), UNIFORM),
    ("he_uniform", 2, UNIFORM),
]


@pytest.fixture
def sample():
    jax = pytest.importorskip("jax", reason=f"jax is {MISSING}")
    return lambda initializer, shape=(FAN_IN, FAN_OUT): initializer(jax.random.key(0), shape)


@pytest.mark.parametrize("name, scale, farthest", CASES)
def test_jax_lines(sample, name, scale, farthest):
    from jax.nn import initializers

    weights = sample(getattr(initializers, name)())
    assert of_variance(weights, scale / FAN_IN)
    assert reach(weights) == pytest.approx(farthest, rel=0.01)


def test_jax_scale_and_the_rest(sample):
    from jax.nn import initializers

    weights = sample(initializers.variance_scaling(2 / 1.04, "fan_in", "normal"))
    assert of_variance(weights, 2 / 1.04 / FAN_IN)
    assert reach(weights) > 4
    assert of_variance(sample(initializers.he_normal(), (3, 3, 16, 512)), 2 / 144)
    assert of_variance(sample(initializers.truncated_normal(0.02)), (0.02 * TRUNCATED_STD) ** 2)
    Q = np.asarray(sample(initializers.orthogonal()))
    assert np.allclose(Q.T @ Q, np.eye(FAN_OUT), atol=1e-5)
    assert not sample(initializers.zeros).any()


def test_flax_default():
    nnx = pytest.importorskip("flax.nnx", reason=f"flax is {MISSING}")
    layer = nnx.Linear(FAN_IN, FAN_OUT, rngs=nnx.Rngs(0))
    assert of_variance(layer.kernel[...], 1 / FAN_IN)
    assert reach(layer.kernel[...]) == pytest.approx(CUT, rel=0.01)
    assert not layer.bias[...].any()


@pytest.fixture
def keras(monkeypatch):
    """Keras on whichever engine is there."""
    pytest.importorskip("jax", reason=f"jax, which keras runs on here, is {MISSING}")
    if "KERAS_BACKEND" not in os.environ:
        monkeypatch.setenv("KERAS_BACKEND", "jax")
    return pytest.importorskip("keras", reason=f"keras is {MISSING}")


@pytest.mark.parametrize("name, scale, farthest", CASES)
def test_keras_lines(keras, name, scale, farthest):
    layer = keras.layers.Dense(FAN_OUT, kernel_initializer=name)
    layer.build((None, FAN_IN))
    weights = np.asarray(layer.kernel)
    assert of_variance(weights, scale / FAN_IN)
    assert reach(weights) == pytest.approx(farthest, rel=0.01)


def test_keras_defaults_and_the_rest(keras):
    initializers, shape = keras.initializers, (FAN_IN, FAN_OUT)
    for layer, inputs in (
        (keras.layers.Dense(400), (None, 1000)),
        (keras.layers.Conv2D(64, 3), (None, 8, 8, 32)),
    ):
        layer.build(inputs)
        kernel = np.asarray(layer.kernel)
        field = math.prod(kernel.shape[:-2])
        assert of_variance(kernel, 2 / (field * sum(kernel.shape[-2:])))
        assert reach(kernel) == pytest.approx(UNIFORM, rel=0.01)
        assert not np.asarray(layer.bias).any()
    leaky = initializers.VarianceScaling(2 / 1.04, "fan_in", seed=0)
    assert of_variance(leaky(shape), 2 / 1.04 / FAN_IN)
    cut = initializers.TruncatedNormal(stddev=0.02, seed=0)
    assert of_variance(cut(shape), (0.02 * TRUNCATED_STD) ** 2)
    Q = np.asarray(initializers.get("orthogonal")(shape))
    assert np.allclose(Q.T @ Q, np.eye(FAN_OUT), atol=1e-5)
    assert not np.asarray(initializers.get("zeros")(shape)).any()
