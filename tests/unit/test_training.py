import itertools
import subprocess
import sys
import threading
from decimal import Decimal

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from initlib._machine import BLAS
from initlib.initializers import constant, he_normal, normal, zeros
from initlib.network import Network
from initlib.training import History, descend, evaluate, fit, minibatches


def generators(*seeds):
    return [np.random.default_rng(seed) for seed in seeds]


def make(initializers=None, seeds=(0, 1, 2), sizes=(4, 6, 5, 3), dtype=float):
    network = Network(sizes, "relu", initializers or he_normal(), generators(*seeds), dtype)
    rng = np.random.default_rng(99)
    return network, rng.normal(size=(10, sizes[0])), rng.integers(sizes[-1], size=10)


def train(network, x, labels, steps=6, seed=5, **options):
    options = {"learning_rate": 0.1, "batch_size": 4, "quiet": True, **options}
    return fit(network, x, labels, steps=steps, rng=np.random.default_rng(seed), **options)


# --- the update -------------------------------------------------------------------------------


def test_one_step_by_hand():
    """At zero weights p = 1/2, so one example x of class 0 moves W by rate * x (1/2, -1/2)."""
    network = Network((2, 2), "relu", zeros(), generators(0))
    history = train(network, [[1.0, 2.0]], [0], steps=1, batch_size=None)
    np.testing.assert_allclose(network.W[0][0], [[0.05, -0.05], [0.1, -0.1]], rtol=1e-14)
    np.testing.assert_allclose(network.b[0][0], [0.05, -0.05], rtol=1e-14)
    np.testing.assert_allclose(history.loss, [[np.log(2)]], rtol=1e-14)


@pytest.mark.parametrize("momentum", [0, 0.9])
def test_three_steps_of_momentum_by_hand(momentum):
    network = Network((4, 3), "relu", normal(1), generators(0))
    _, x, labels = make(sizes=(4, 3))
    W, b, v, u = network.W[0][0].copy(), np.zeros(3), 0, 0
    losses = []
    for _ in range(3):
        logits = x @ W + b
        losses.append(-log_softmax(logits, axis=1)[np.arange(10), labels].mean())
        dz = (softmax(logits, axis=1) - np.eye(3)[labels]) / 10
        v, u = momentum * v + x.T @ dz, momentum * u + dz.sum(axis=0)
        W, b = W - 0.1 * v, b - 0.1 * u
    history = train(network, x, labels, steps=3, batch_size=None, momentum=momentum)
    np.testing.assert_allclose(network.W[0][0], W, rtol=1e-12)
    np.testing.assert_allclose(network.b[0][0], b, rtol=1e-12)
    np.testing.assert_allclose(history.loss[:, 0], losses, rtol=1e-12)


def test_each_replica_has_its_own_learning_rate():
    rates = [0.2, 0.0, 0.05]
    together, x, labels = make()
    start = together.W[0].copy()
    history = train(together, x, labels, learning_rate=rates, momentum=0.9)
    np.testing.assert_array_equal(together.W[0][1], start[1])
    for r, rate in enumerate(rates):
        alone, *_ = make(seeds=(r,))
        apart = train(alone, x, labels, learning_rate=rate, momentum=0.9)
        np.testing.assert_allclose(history.loss[:, r], apart.loss[:, 0], rtol=1e-9)
        for W, W_alone in zip(together.W, alone.W):
            np.testing.assert_allclose(W[r], W_alone[0], rtol=1e-9, atol=1e-12)


def test_training_learns():
    network, x, labels = make()
    history = train(network, x, labels, steps=300, batch_size=None, momentum=0.9)
    assert (history.loss[-1] < 0.1 * history.loss[0]).all()
    np.testing.assert_array_equal(evaluate(network, x, labels)[1], 1)


def test_float32_stays_float32():
    network, x, labels = make(dtype=np.float32)
    history = train(network, x, labels, learning_rate=[0.1, 0.2, 0.3], momentum=0.9)
    assert {array.dtype for array in [*network.W, *network.b, history.loss]} == {np.dtype("f4")}


# --- minibatches ------------------------------------------------------------------------------


def test_an_epoch_holds_every_example_once():
    batches = minibatches(10, 4, np.random.default_rng(0))
    epochs = [[next(batches) for _ in range(3)] for _ in range(3)]
    for epoch in epochs:
        assert [len(batch) for batch in epoch] == [4, 4, 2]
        assert sorted(np.concatenate(epoch)) == list(range(10))
    assert not np.array_equal(np.concatenate(epochs[0]), np.concatenate(epochs[1]))
    assert not np.array_equal(np.concatenate(epochs[0]), np.arange(10))
    assert len(next(minibatches(3, 64, np.random.default_rng(0)))) == 3  # a batch of all there is


def test_fit_sees_every_example_once_an_epoch():
    network, x, labels = make()
    batches = train(network, x, labels, observe=lambda n: getattr(n, "x", None)).observed[1:]
    assert [len(batch) for batch in batches] == [4, 4, 2] * 2
    for epoch in (batches[:3], batches[3:]):
        np.testing.assert_array_equal(np.sort(np.concatenate(epoch), axis=0), np.sort(x, axis=0))


@pytest.mark.parametrize("batch_size", [None, 4])
def test_inputs_and_labels_stay_together(batch_size):
    """Inputs that spell their own label cost nothing at weights 100 I, shuffled apart about 100."""
    labels = np.arange(30) % 3
    network = Network((3, 3), "relu", lambda rng, shape, dtype: 100 * np.eye(3), generators(0))
    history = train(network, np.eye(3)[labels], labels, learning_rate=0, batch_size=batch_size)
    assert (history.loss < 1e-12).all()


def test_the_seed_of_the_batches_decides():
    losses = []
    for seed in (5, 5, 6):
        network, x, labels = make()
        losses.append(train(network, x, labels, seed=seed).loss)
    np.testing.assert_array_equal(losses[0], losses[1])
    assert (losses[0] != losses[2]).any()


def test_all_examples_at_once_need_no_rng():
    network, x, labels = make()
    sizes = fit(
        network,
        x,
        labels,
        steps=2,
        learning_rate=0.1,
        batch_size=None,
        observe=lambda n: n.depth,
    )
    assert len(network.x) == 10 and sizes.loss.shape == (2, 3)


# --- what is observed -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "steps, every, seen",
    [
        (4, 1, [0, 1, 2, 3, 4]),
        (6, 3, [0, 3, 6]),
        (5, 3, [0, 3, 5]),
        (2, 9, [0, 2]),
        (0, 1, [0]),
    ],
)
def test_observed_steps(steps, every, seen):
    network, x, labels = make()
    history = train(network, x, labels, steps, observe=lambda n: n.W[0].copy(), every=every)
    assert history.observed_steps.tolist() == seen
    assert len(history.observed) == len(seen)
    assert history.loss.shape == (steps, 3)
    np.testing.assert_array_equal(history.observed[0], make()[0].W[0])
    np.testing.assert_array_equal(history.observed[-1], network.W[0])


def test_observed_nothing():
    history = train(*make())
    assert history.observed == [] and len(history.observed_steps) == 0
    assert history.stopped == [None] * 3


def test_a_short_run_is_silent(monkeypatch, capsys):
    network, x, labels = make()
    monkeypatch.setattr("time.monotonic", itertools.repeat(0.0).__next__)  # short by any clock
    train(network, x, labels, quiet=False)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "quiet, bar, disable",
    [
        (False, False, False),
        (True, False, False),
        (True, True, False),
        (False, False, True),
        (True, True, True),
    ],
)
def test_a_bar_shows_a_long_run_and_changes_nothing(quiet, bar, disable, monkeypatch, capfd):
    network, x, labels = make()
    short = train(network, x, labels)
    seconds = itertools.count()
    monkeypatch.setattr("time.monotonic", lambda: next(seconds))
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    if disable:
        monkeypatch.setenv("TQDM_DISABLE", "1")
    network, *_ = make()
    history = train(network, x, labels, quiet=quiet, bar=bar, observe=lambda n: None)
    np.testing.assert_array_equal(history.loss, short.loss)
    assert history.observed_steps.tolist() == list(range(7))
    assert ("step" in capfd.readouterr().err) is not ((quiet and not bar) or disable)
    kinds = {type(thread).__name__ for thread in threading.enumerate()}
    assert "TMonitor" not in kinds, "a browser has no thread for it"


# --- when it goes wrong -----------------------------------------------------------------------


@pytest.mark.filterwarnings("error")
def test_a_replica_that_diverges_is_told_and_harms_no_other(capsys):
    calm, x, labels = make()
    undisturbed = train(calm, x, labels, learning_rate=[0.1, 0, 0.2])
    network, *_ = make()
    history = train(network, x, labels, learning_rate=[0.1, 1e150, 0.2], quiet=False)
    assert history.stopped[0] is None and history.stopped[2] is None
    assert history.stopped[1] == (1, 3)
    np.testing.assert_array_equal(history.loss[:, [0, 2]], undisturbed.loss[:, [0, 2]])
    for W, W_calm in zip(network.W, calm.W):
        np.testing.assert_array_equal(W[[0, 2]], W_calm[[0, 2]])
    assert capsys.readouterr().out == (
        "1 of 3 networks stopped. Replica 1: its loss is not finite at step 1; "
        "layer 3 is the first whose pre-activations are not.\n"
    )


@pytest.mark.parametrize("momentum", [0, 0.9])
def test_a_replica_that_diverges_stays_as_it_was(momentum):
    until, further = make(), make()
    for steps, (network, x, labels) in ((1, until), (6, further)):
        train(network, x, labels, steps, learning_rate=[0.1, 1e150, 0.2], momentum=momentum)
    for W, W_after in zip(until[0].W + until[0].b, further[0].W + further[0].b):
        np.testing.assert_array_equal(W[1], W_after[1])
        assert not np.array_equal(W[0], W_after[0])


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_the_layer_where_it_began(layer):
    network, x, labels = make()
    network.b[layer - 1][1] = np.nan
    assert train(network, x, labels).stopped[1] == (0, layer)


def test_the_run_ends_when_all_have_stopped(capsys):
    network, x, labels = make()
    history = train(network, x, labels, steps=1000, learning_rate=1e150)
    assert history.loss.shape == (2, 3) and all(history.stopped)
    assert capsys.readouterr().out == ""


@pytest.mark.filterwarnings("error")
def test_an_infinite_loss_of_finite_logits_blames_no_layer_that_is_not_there():
    network = Network((1, 2), "relu", constant(1), generators(0))
    network.W[0][:] = [1.5e308, -1.5e308]
    stop = train(network, [[1.0]], [1], steps=1, batch_size=None).stopped[0]
    assert stop.step == 0 and stop.layer == network.depth


@pytest.mark.parametrize("at", [0, 2])
def test_an_interrupt_returns_what_was_done(at, capsys):
    network, x, labels = make()
    calls = iter(range(100))

    def observe(network):
        if next(calls) == at:
            raise KeyboardInterrupt
        return network.loss(labels[:4]) if hasattr(network, "z") else None

    history = train(network, x, labels, observe=observe)
    assert history.loss.shape == (at, 3) and np.isfinite(history.loss).all()
    assert len(history.observed) == len(history.observed_steps) == at
    assert f"Interrupted at step {at} of 6" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change, error, sentence",
    [
        ({"labels": [0] * 9}, ValueError, "labels must be 10 whole numbers"),
        ({"labels": [3] * 10}, ValueError, "labels must be from 0 to 2"),
        ({"x": np.full((10, 4), np.nan)}, ValueError, "x must be finite"),
        ({"x": np.ones((10, 5))}, ValueError, r"x must be \(batch, 4\)"),
        ({"steps": -1}, ValueError, "steps must be at least 0, not -1"),
        ({"steps": 1.5}, TypeError, "steps must be a whole number, not 1.5"),
        ({"every": 0}, ValueError, "every must be at least 1"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1"),
        ({"rng": 0}, TypeError, r"rng must be .* pass numpy.random.default_rng\(0\)"),
        ({"rng": None}, TypeError, "rng must be a numpy.random.Generator, not None"),
        ({"momentum": -0.1}, ValueError, "momentum must be finite and at least 0"),
        (
            {"learning_rate": -1},
            ValueError,
            "learning_rate must be finite and at least 0",
        ),
        ({"learning_rate": np.nan}, ValueError, "learning_rate must be finite"),
        (
            {"learning_rate": [0.1, np.inf, 0.1]},
            ValueError,
            "learning_rate must be finite",
        ),
        (
            {"learning_rate": [-1.0, 0.1, 0.1]},
            ValueError,
            "learning_rate must be at least 0, not -1",
        ),
        *(
            ({"learning_rate": rate}, TypeError, f"learning_rate must be a number, not {written}")
            for rate, written in {
                "0.1": "'0.1'",
                None: "None",
                True: "True",
                Decimal("0.1"): r"Decimal\('0.1'\)",
            }.items()
        ),
        ({"learning_rate": ["0.1"] * 3}, TypeError, "learning_rate must hold real numbers"),
        ({"x": np.ones((0, 4)), "labels": []}, ValueError, "x must hold at least one example"),
        ({"labels": [0] * 11}, ValueError, "labels must be 10 whole numbers"),
        ({"network": None}, TypeError, "network must be a Network, not None"),
        ({"observe": "loss"}, TypeError, "observe must be a function of the network, not 'loss'"),
        (
            {"learning_rate": [0.1, 0.1]},
            ValueError,
            r"learning_rate must be one number or 3, one a replica; its shape is \(2,\)",
        ),
    ],
)
def test_bad_call(change, error, sentence):
    network, x, labels = make()
    good = {"x": x, "labels": labels, "steps": 2, "learning_rate": 0.1, "batch_size": 4}
    good |= {"network": network, "rng": np.random.default_rng(0)}
    with pytest.raises(error, match=sentence):
        fit(**{**good, **change})


@pytest.mark.parametrize("batch_size", [None, 4])
def test_nothing_is_not_trained_on_for_ever(batch_size):
    network, x, _ = make()
    rng = np.random.default_rng(0)
    options = {"steps": 1, "learning_rate": 0.1, "rng": rng, "batch_size": batch_size}
    for function in fit, descend:
        with pytest.raises(ValueError, match="x must hold at least one example; it holds none"):
            function(network, x[:0], [], **options)
    with pytest.raises(ValueError, match="x must hold at least one example; it holds none"):
        evaluate(network, x[:0], [])
    with pytest.raises(ValueError, match="examples must be at least 1, not 0"):
        minibatches(0, 4, rng)


def test_inputs_of_each_replica_are_trained_on_apart():
    """As many replicas as labels, so that one axis could pass for the other."""
    network, x, labels = make()
    own = np.stack([x, 1 - x, x[::-1] * 2])[:, :3]
    history = train(network, own, labels[:3], batch_size=2)
    for r, seed in enumerate((0, 1, 2)):
        alone, *_ = make(seeds=[seed])
        assert train(alone, own[r], labels[:3], batch_size=2).loss[:, 0] == pytest.approx(
            history.loss[:, r], rel=1e-9
        )
        np.testing.assert_allclose(alone.W[0][0], network.W[0][r], rtol=1e-9)


def test_weights_put_in_place_of_others_are_trained():
    network, x, labels = make()
    other, *_ = make(seeds=(3, 4, 5))
    network.W = [W.copy() for W in other.W]
    first, second = train(network, x, labels), train(other, x, labels)
    np.testing.assert_array_equal(first.loss, second.loss)
    for one, two in zip(network.W + network.b, other.W + other.b):
        np.testing.assert_array_equal(one, two)


def blas_threads():
    return [each["num_threads"] for each in BLAS.info()]


@pytest.mark.skipif(not blas_threads(), reason="numpy's BLAS is one that cannot be told here")
@pytest.mark.parametrize("interrupted", [False, True])
def test_blas_has_one_thread_while_it_trains_and_then_as_many_as_before(interrupted, capsys):
    network, x, labels = make()
    seen = []

    def observe(network):
        seen.extend(blas_threads())
        if interrupted:
            raise KeyboardInterrupt

    with BLAS.limit(limits=2):
        before = blas_threads()
        train(network, x, labels, observe=observe)
        assert blas_threads() == before
    assert set(seen) == {1} and set(before) == {2}


NUMPY_S_BLAS = """
import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

def threads():
    return {{each["filepath"]: each["num_threads"] for each in threadpool_info()
            if each["user_api"] == "blas"}}

own = set(threads())
{before}
from initlib import Network, fit, he_normal
{after}
seen = []
network = Network((4, 3), "relu", he_normal(), np.random.default_rng(0))
options = dict(steps=1, learning_rate=1, batch_size=None, observe=lambda _: seen.append(threads()))
with threadpool_limits(2):
    fit(network, np.eye(4), [0, 1, 2, 0], **options)
print(*sorted({{each[file] for each in seen for file in own}}))
"""
OTHERS = "import scipy.linalg, sklearn.neighbors"  # a second BLAS, and the threads of OpenMP


@pytest.mark.skipif(not blas_threads(), reason="numpy's BLAS is one that cannot be told here")
@pytest.mark.parametrize("before, after", [("", ""), (OTHERS, ""), ("", OTHERS)])
def test_it_is_numpy_s_blas_whose_threads_are_set(before, after):
    """Whatever other threads there are, and whenever they came."""
    code = NUMPY_S_BLAS.format(before=before, after=after)
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["1"]


# --- evaluate ---------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 3, 10, 256])
def test_evaluate_is_the_direct_computation(chunk):
    network, x, labels = make()
    loss, accuracy = evaluate(network, x, labels, chunk)
    logits = network.forward(x)
    for r in range(3):
        log_p = log_softmax(logits[r], axis=1)
        np.testing.assert_allclose(loss[r], -log_p[np.arange(10), labels].mean(), rtol=1e-12)
        assert accuracy[r] == pytest.approx((log_p.argmax(axis=1) == labels).mean())


@pytest.mark.parametrize("chunk", [1, 3, 256])
def test_evaluate_reads_inputs_of_each_replica_as_forward_does(chunk):
    network, x, labels = make()
    own = np.stack([x, 1 - x, x[::-1] * 2])
    loss, accuracy = evaluate(network, own, labels, chunk)
    right = network.forward(own).argmax(axis=-1) == labels
    np.testing.assert_allclose(loss, network.loss(labels), rtol=1e-12)
    np.testing.assert_array_equal(accuracy, right.mean(axis=-1))


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"labels": [0] * 11}, r"labels must be 10 whole numbers, .* of shape \(11,\)"),
        ({"labels": [[0]] * 10}, r"labels must be 10 whole numbers, .* of shape \(10, 1\)"),
        ({"labels": [-1] * 10}, "labels must be from 0 to 2; they run from -1 to -1"),
        ({"x": np.ones((2, 10, 4))}, "x has 2 replicas and the network 3"),
        ({"chunk": 0}, "chunk must be at least 1, not 0"),
        ({"chunk": -1}, "chunk must be at least 1, not -1"),
    ],
)
def test_bad_evaluation(change, sentence):
    network, x, labels = make()
    with pytest.raises(ValueError, match=sentence):
        evaluate(**{"network": network, "x": x, "labels": labels, **change})


def test_what_is_not_finite_counts_as_wrong():
    network, x, _ = make()
    network.b[-1][:] = [0, 1e4, 0]
    network.b[-1][1, 1] = np.inf
    network.b[-1][2] = np.nan
    _, accuracy = evaluate(network, x, np.ones(10, int))
    assert accuracy.tolist() == [1, 0, 0]


@pytest.mark.filterwarnings("error")
def test_a_loss_too_large_for_the_precision_is_infinite_without_a_warning():
    network = Network((4, 3), "relu", zeros(), np.random.default_rng(0), np.float32)
    network.b[-1][:] = [3e38, 0, 0]
    loss, accuracy = evaluate(network, np.ones((10, 4)), np.ones(10, int))
    assert loss.tolist() == [np.inf] and accuracy.tolist() == [0]


# --- the loop ---------------------------------------------------------------------------------


def test_descend_is_what_fit_drains():
    network, x, labels = make()
    fitted = train(network, x, labels, momentum=0.9)
    alone, *_ = make()
    rng, history = np.random.default_rng(5), History()
    options = {"learning_rate": 0.1, "batch_size": 4, "momentum": 0.9, "history": history}
    steps, gradients = zip(*descend(alone, x, labels, steps=6, rng=rng, **options))
    np.testing.assert_array_equal(history.loss, fitted.loss)
    np.testing.assert_array_equal(alone.W[0], network.W[0])
    assert steps == tuple(range(7)) and gradients[0] is None
    assert gradients[1].dW[0].shape == alone.W[0].shape


def test_the_gradients_of_a_stopped_replica_are_those_that_stopped_it():
    network, x, labels = make()
    options = {"learning_rate": [0.1, 1e150, 0.2], "batch_size": None}
    *_, (_, gradients) = descend(network, x, labels, steps=3, **options)
    assert not np.isfinite(gradients.dW[-1][1]).all() and np.isfinite(gradients.dW[-1][0]).all()


def test_a_network_may_be_evaluated_between_two_steps():
    network, x, labels = make()
    undisturbed = train(network, x, labels)
    other, *_ = make()
    watched = train(other, x, labels, observe=lambda n: evaluate(n, 2 * x, labels))
    np.testing.assert_array_equal(undisturbed.loss, watched.loss)
    assert all(each.loss.shape == each.accuracy.shape == (3,) for each in watched.observed)


def test_a_bad_argument_is_told_before_the_first_step():
    network, x, labels = make()
    with pytest.raises(ValueError, match="steps must be at least 0"):
        descend(network, x, labels, steps=-1, learning_rate=1, rng=np.random.default_rng(0))


# --- Adam -------------------------------------------------------------------------------------


def test_three_steps_of_adam_by_hand():
    """Algorithm 1 of Kingma and Ba, one weight at a time, beside ``fit``."""
    x, labels = np.random.default_rng(1).normal(size=(6, 3)), np.array([0, 1, 2, 0, 1, 2])
    network, other = (
        Network((3, 4, 3), "tanh", normal(0.5), np.random.default_rng(2)) for _ in range(2)
    )
    fit(network, x, labels, steps=3, learning_rate=0.01, batch_size=None, adam=True, quiet=True)
    theta = other.parameters()
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for t in (1, 2, 3):
        other.forward(x)
        g = other.backward(labels).flat
        m, v = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g * g
        theta -= 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    np.testing.assert_allclose(network.parameters(), theta, rtol=1e-12)


def test_adam_scales_a_small_signal_and_has_no_momentum_of_ours():
    """Its first step is as long as the rate, whatever the gradient's size."""
    x, labels = np.random.default_rng(1).normal(size=(6, 3)), np.array([0, 1, 2, 0, 1, 2])
    network = Network((3, 4, 3), "tanh", normal(1e-3), np.random.default_rng(2))
    before = network.parameters().copy()
    fit(network, x, labels, steps=1, learning_rate=0.01, batch_size=None, adam=True, quiet=True)
    step = np.abs(network.parameters() - before)
    assert np.median(step) == pytest.approx(0.01, rel=1e-2)
    with pytest.raises(ValueError, match="momentum must be 0 with adam"):
        train(network, x, labels, learning_rate=0.01, adam=True, momentum=0.9)
