"""What chapters 07 and 08 say of PyTorch, Keras and JAX, against the libraries.

Their fenced code and the lines of their tables are read from the notebooks and run; what they say
of defaults is measured. The libraries are the optional extra ``frameworks``; where one is missing
its tests are skipped, and the summary says so.
"""

import copy
import math
import os

import numpy as np
import pytest

from initlib import Network, load_digits, probes, theory
from initlib.initializers import TRUNCATED_STD, he_normal
from tests.trust.fenced import LIBRARIES, blocks, defined, rows

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


def uniform(weights, bound):
    """Whether an array is uniform on ±bound, by its variance and its largest."""
    weights = np.asarray(weights, dtype=np.float64)
    within = 0.95 * bound < np.abs(weights).max() <= bound * (1 + 1e-6)
    return within and of_variance(weights, bound**2 / 3)


def is_orthogonal(W):
    W = np.asarray(W, dtype=np.float64)
    W = W if len(W) >= len(W.T) else W.T
    return np.allclose(W.T @ W, np.eye(len(W.T)), atol=1e-5)


# --- the tables of chapter 07: the starts, and what the lines are expected to draw --------------

SCALES = {  # of variance, in units of 1/fan_in
    "Xavier": 2 * FAN_IN / (FAN_IN + FAN_OUT),
    "He": 2,
    "He, $\\alpha=0.2$": 2 / 1.04,
    "LeCun": 1,
    "any scale over $n$": 2.35,
    "orthogonal": "orthogonal",
    "zeros": "zeros",
}
GIVEN = {"scale": 2.35, "n": FAN_IN}
LINES = [
    pytest.param(start, dict(zip(LIBRARIES, lines)), id=start)
    for start, *lines in rows("07", "start | PyTorch | Keras | JAX")
]
every_line = pytest.mark.parametrize("start, lines", LINES)


def draws(weights, start):
    """Whether weights, ``(fan_in, fan_out)``, are what a start asks for."""
    scale = SCALES[start]
    if scale == "orthogonal":
        return is_orthogonal(weights)
    return not weights.any() if scale == "zeros" else of_variance(weights, scale / FAN_IN)


def test_each_start_of_the_table_is_judged():
    assert {each.id for each in LINES} == set(SCALES)
    assert len(blocks("07")) >= 3


# --- PyTorch: a weight is (fan_out, fan_in) ---------------------------------------------------


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch", reason=f"torch is {MISSING}")
    torch.manual_seed(0)
    return torch


@pytest.fixture
def nn(torch):
    return torch.nn


@every_line
def test_torch_line(nn, start, lines):
    w = nn.Linear(FAN_IN, FAN_OUT).weight
    exec(lines["PyTorch"], {"nn": nn, "w": w, **GIVEN})
    assert draws(w.detach().numpy().T, start)


def test_torch_cure(nn):
    (cure,) = (code for name, code in blocks("07") if name == "PyTorch" and "layer.bias" in code)
    layer = nn.Linear(FAN_IN, FAN_OUT)
    exec(cure, {"nn": nn, "layer": layer})
    assert of_variance(layer.weight.detach().numpy(), 2 / FAN_IN)
    assert not layer.bias.any()


@pytest.mark.parametrize("kind", ["Linear", "Conv2d"])
def test_torch_default(nn, kind):
    layer = nn.Linear(FAN_IN, FAN_OUT) if kind == "Linear" else nn.Conv2d(111, 512, 3)
    fan_in = FAN_IN if kind == "Linear" else 9 * 111
    weights, biases = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    assert uniform(weights, 1 / math.sqrt(fan_in))
    assert uniform(biases, 1 / math.sqrt(fan_in))


def test_torch_recurrent_embedding_and_attention(nn):
    for name, parameter in nn.LSTM(200, 300).named_parameters():
        assert uniform(parameter.detach().numpy(), 1 / math.sqrt(300)), name
    assert of_variance(nn.Embedding(1000, 64).weight.detach().numpy(), 1)
    fused = nn.MultiheadAttention(256, 8).in_proj_weight.detach().numpy()
    assert of_variance(fused, 2 / (4 * 256))
    apart = nn.MultiheadAttention(256, 8, kdim=128, vdim=128).k_proj_weight
    assert of_variance(apart.detach().numpy(), 2 / (256 + 128))


def test_torch_gains_and_truncation(nn):
    gains = {"relu": math.sqrt(2), "tanh": 5 / 3, "sigmoid": 1, "selu": 3 / 4}
    assert {name: nn.init.calculate_gain(name) for name in gains} == pytest.approx(gains)
    for name in ("elu", "gelu", "silu"):
        with pytest.raises(ValueError):
            nn.init.calculate_gain(name)
    weight = nn.Linear(FAN_IN, FAN_OUT).weight
    cut_at_two = nn.init.trunc_normal_(weight, std=0.02).detach().numpy()
    assert of_variance(cut_at_two, 0.02**2)
    assert reach(cut_at_two) > 4


def test_torch_keeps_what_the_gain_promises(torch, nn):
    kept = defined("07", "PyTorch", "kept", torch=torch, nn=nn)
    prelu = nn.PReLU()
    assert prelu.weight.item() == 0.25
    assert kept(prelu, theory.gain("leaky_relu(0.25)")) == pytest.approx(1, abs=0.05)
    assert kept(nn.GLU(), theory.gain("sigmoid"), halves=2) == pytest.approx(1, abs=0.05)
    assert kept(nn.GELU(), theory.gain("gelu")) == pytest.approx(1, abs=0.05)
    assert kept(nn.GLU(), 1.0, halves=2) == pytest.approx(0.29, abs=0.02)  # not by itself


# 3×3 windows from 16 channels to 32: the terms, and what each library takes for fan_in.
TERMS = {
    row[0]: dict(zip(("terms", *LIBRARIES), map(int, row[1:])))
    for row in rows("07", "3×3, 16 to 32 channels | terms")
}
PLAIN, GROUPS, DEPTHWISE, TRANSPOSED = TERMS


def test_torch_counts_of_terms(torch, nn):
    terms = defined("07", "PyTorch", "terms", torch=torch, nn=nn, copy=copy)
    layers = {
        PLAIN: nn.Conv2d(16, 32, 3, stride=2),
        GROUPS: nn.Conv2d(16, 32, 3, groups=4),
        DEPTHWISE: nn.Conv2d(16, 16, 3, groups=16),
        TRANSPOSED: nn.ConvTranspose2d(16, 32, 3, stride=2),
    }
    for kind, layer in layers.items():
        before = copy.deepcopy(layer.state_dict())
        inner = terms(layer, 16, 33, 33)[0, :, 2:-3, 2:-3]
        assert inner.mean().item() == pytest.approx(TERMS[kind]["terms"], rel=0.05)
        assert all((before[name] == now).all() for name, now in layer.state_dict().items())
        nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
        assert of_variance(layer.weight.detach().numpy(), 1 / TERMS[kind]["PyTorch"])


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


@every_line
def test_jax_line(sample, start, lines):
    from jax.nn import initializers

    assert draws(np.asarray(sample(eval(lines["JAX"], vars(initializers) | GIVEN))), start)


@pytest.mark.parametrize("name, scale, farthest", CASES)
def test_jax_laws(sample, name, scale, farthest):
    from jax.nn import initializers

    weights = sample(getattr(initializers, name)())
    assert of_variance(weights, scale / FAN_IN)
    assert reach(weights) == pytest.approx(farthest, rel=0.01)


def test_jax_truncation(sample):
    from jax.nn import initializers

    assert of_variance(sample(initializers.he_normal(), (3, 3, 16, 512)), 2 / 144)
    assert of_variance(sample(initializers.truncated_normal(0.02)), (0.02 * TRUNCATED_STD) ** 2)


@pytest.fixture
def nnx():
    return pytest.importorskip("flax.nnx", reason=f"flax is {MISSING}")


def test_flax_defaults(nnx):
    rngs = nnx.Rngs(0)
    for layer, fan_in in (
        (nnx.Linear(FAN_IN, FAN_OUT, rngs=rngs), FAN_IN),
        (nnx.Conv(16, 256, (3, 3), rngs=rngs), 144),
    ):
        assert of_variance(layer.kernel[...], 1 / fan_in)
        assert reach(layer.kernel[...]) == pytest.approx(CUT, rel=0.01)
        assert not layer.bias[...].any()
    assert of_variance(nnx.Embed(1000, 64, rngs=rngs).embedding[...], 1 / 64)
    query = nnx.MultiHeadAttention(8, 256, decode=False, rngs=rngs).query.kernel[...]
    assert of_variance(query, 1 / 256)
    lstm = nnx.LSTMCell(200, 300, rngs=rngs)
    assert of_variance(lstm.ii.kernel[...], 1 / 200)
    assert is_orthogonal(lstm.hi.kernel[...])
    assert not lstm.hf.bias[...].any()


def test_flax_counts_of_terms(nnx):
    rngs = nnx.Rngs(0)
    layers = {
        PLAIN: nnx.Conv(16, 32, (3, 3), strides=2, rngs=rngs),
        GROUPS: nnx.Conv(16, 32, (3, 3), feature_group_count=4, rngs=rngs),
        DEPTHWISE: nnx.Conv(16, 16, (3, 3), feature_group_count=16, rngs=rngs),
        TRANSPOSED: nnx.ConvTranspose(16, 32, (3, 3), strides=(2, 2), rngs=rngs),
    }
    for kind, layer in layers.items():
        assert of_variance(layer.kernel[...], 1 / TERMS[kind]["JAX"])


@pytest.fixture
def keras(monkeypatch):
    """Keras on whichever engine is there."""
    pytest.importorskip("jax", reason=f"jax, which keras runs on here, is {MISSING}")
    if "KERAS_BACKEND" not in os.environ:
        monkeypatch.setenv("KERAS_BACKEND", "jax")
    return pytest.importorskip("keras", reason=f"keras is {MISSING}")


@every_line
def test_keras_line(keras, start, lines):
    line = eval(lines["Keras"], vars(keras.initializers) | GIVEN)
    layer = keras.layers.Dense(FAN_OUT, kernel_initializer=line)
    layer.build((None, FAN_IN))
    assert draws(np.asarray(layer.kernel), start)


@pytest.mark.parametrize("name, scale, farthest", CASES)
def test_keras_laws(keras, name, scale, farthest):
    layer = keras.layers.Dense(FAN_OUT, kernel_initializer=name)
    layer.build((None, FAN_IN))
    weights = np.asarray(layer.kernel)
    assert of_variance(weights, scale / FAN_IN)
    assert reach(weights) == pytest.approx(farthest, rel=0.01)


def test_keras_defaults_and_truncation(keras):
    for layer, inputs in (
        (keras.layers.Dense(400), (None, 1000)),
        (keras.layers.Conv2D(64, 3), (None, 8, 8, 32)),
    ):
        layer.build(inputs)
        kernel = np.asarray(layer.kernel)
        field = math.prod(kernel.shape[:-2])
        assert uniform(kernel, math.sqrt(6 / (field * sum(kernel.shape[-2:]))))
        assert not np.asarray(layer.bias).any()
    cut = keras.initializers.TruncatedNormal(stddev=0.02, seed=0)
    assert of_variance(cut((FAN_IN, FAN_OUT)), (0.02 * TRUNCATED_STD) ** 2)


def test_keras_recurrent_embedding_and_attention(keras):
    lstm = keras.layers.LSTM(300)
    lstm.build((None, 5, 200))
    kernel, again, bias = map(np.asarray, lstm.get_weights())
    assert uniform(kernel, math.sqrt(6 / (200 + 4 * 300)))
    assert is_orthogonal(again)
    assert bias.tolist() == [0] * 300 + [1] * 300 + [0] * 600  # input, forget, cell, output
    embedding = keras.layers.Embedding(1000, 64)
    embedding.build((None, 5))
    assert uniform(embedding.get_weights()[0], 0.05)
    attention = keras.layers.MultiHeadAttention(8, 32)
    attention.build((2, 5, 256), (2, 5, 256))
    assert of_variance(attention.get_weights()[0], 1 / 256)


def test_keras_counts_of_terms(keras):
    law = {"kernel_initializer": "lecun_normal"}
    layers = {
        PLAIN: keras.layers.Conv2D(32, 3, strides=2, **law),
        GROUPS: keras.layers.Conv2D(32, 3, groups=4, **law),
        DEPTHWISE: keras.layers.DepthwiseConv2D(3, depthwise_initializer="lecun_normal"),
        TRANSPOSED: keras.layers.Conv2DTranspose(32, 3, strides=2, **law),
    }
    for kind, layer in layers.items():
        layer.build((None, 16, 16, 16))
        assert of_variance(layer.get_weights()[0], 1 / TERMS[kind]["Keras"])


# --- chapter 08: the four plots, of one network in three libraries -------------------------------

RATE = 0.01


@pytest.fixture
def ours():
    """A network, a batch, and by layer what varies, the std of dW and update over weight."""
    network = Network((64, 32, 32, 10), "relu", he_normal(), np.random.default_rng(0), np.float32)
    x, labels = (part[:100] for part in load_digits(dtype=np.float32).train)
    network.forward(x)
    gradients = network.backward(labels)
    varies = [math.sqrt(z.var(axis=1).mean()) for z in network.z]
    updates = probes.update_to_weight_ratio(network, gradients, RATE)[:, 0]
    looks = np.column_stack([varies, probes.std(gradients.dW)[:, 0], updates])
    return network, x, labels, looks


def test_torch_looks(torch, nn, ours):
    network, x, labels, looks = ours
    model = nn.Sequential(
        nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 10)
    )
    with torch.no_grad():
        for layer, W in zip(model[::2], network.W):
            layer.weight.copy_(torch.from_numpy(W[0].T.copy()))
            layer.bias.zero_()
    look = defined("08", "PyTorch", "look", nn=nn, F=nn.functional)
    loss, rows = look(model, torch.from_numpy(x), torch.from_numpy(labels), RATE)
    assert loss == pytest.approx(network.loss(labels)[0], rel=1e-4)
    assert [kind for kind, *_ in rows] == ["Linear"] * 3
    assert np.allclose([row[1:] for row in rows], looks, rtol=2e-3)  # PyTorch's std has n - 1
    assert not any(layer._forward_hooks for layer in model) and model[0].weight.grad is None


def test_keras_looks(keras, ours):
    import jax

    network, x, labels, looks = ours
    dense, relu = keras.layers.Dense, keras.layers.ReLU
    layers = [keras.Input((64,)), dense(32), relu(), dense(32), relu(), dense(10)]
    model = keras.Sequential(layers)
    model.set_weights([part[0] for pair in zip(network.W, network.b) for part in pair])
    look = defined("08", "Keras", "look", keras=keras, jax=jax)
    rows = list(look(model, x, labels, RATE))
    assert len({name for name, *_ in rows}) == 3
    assert np.allclose([row[1:] for row in rows], looks, rtol=1e-3)


def test_jax_looks(ours):
    jax = pytest.importorskip("jax", reason=f"jax is {MISSING}")
    network, x, labels, looks = ours
    look = defined("08", "JAX", "look", jax=jax, jnp=jax.numpy)
    parameters = [(W[0], b[0]) for W, b in zip(network.W, network.b)]
    assert np.allclose(list(look(parameters, x, labels, RATE)), looks, rtol=1e-3)


def test_torch_adam_steps_as_ours(torch, ours):
    """Chapter 08 writes Adam by hand; PyTorch's takes the same steps."""
    from initlib.training import Adam

    gradients, rule = np.random.default_rng(0).standard_normal((3, 1, 50)), Adam()
    w = torch.zeros(1, 50, dtype=torch.float64, requires_grad=True)
    optimizer, moved = torch.optim.Adam([w], lr=0.001), np.zeros((1, 50))
    for g in gradients:
        w.grad = torch.from_numpy(g)
        optimizer.step()
        moved -= 0.001 * rule(g)
    assert np.allclose(w.detach().numpy(), moved, atol=1e-12)
