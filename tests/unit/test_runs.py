import itertools

import numpy as np
import pytest

from initlib import Network, Runs, evaluate, fit
from initlib.initializers import he_normal, xavier_normal

STARTS = {"Xavier": xavier_normal(), "He": he_normal()}
SIZES = (4, 6, 3)


def runs(**axes):
    return Runs(**{"start": STARTS, "rate": (0.1, 0.2), "seed": range(3), **axes})


def by_hand():
    """The networks of ``runs()``, counted out as a lesson without names has to."""
    combinations = list(itertools.product(STARTS, (0.1, 0.2), range(3)))
    starts = [STARTS[name] for name, _, _ in combinations]
    rngs = [np.random.default_rng(seed) for _, _, seed in combinations]
    return Network(SIZES, "relu", starts, rngs), [rate for _, rate, _ in combinations]


def test_a_network_of_runs_is_the_one_counted_out_by_hand():
    network, (other, rates) = Network(SIZES, "relu", runs()), by_hand()
    for W, W_other in zip(network.W, other.W):
        np.testing.assert_array_equal(W, W_other)
    np.testing.assert_array_equal(runs().rate, rates)
    rng = np.random.default_rng(9)
    x, labels = rng.normal(size=(10, 4)), rng.integers(3, size=10)
    for each, rate in (network, runs().rate), (other, rates):
        fit(each, x, labels, steps=5, learning_rate=rate, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(*(evaluate(each, x, labels).loss for each in (network, other)))


def test_the_last_axis_changes_fastest():
    assert runs().seed.tolist() == [0, 1, 2] * 4
    assert runs().rate.tolist() == ([0.1] * 3 + [0.2] * 3) * 2
    assert runs().initializers == [STARTS["Xavier"]] * 6 + [STARTS["He"]] * 6
    turned = Runs(seed=range(3), start=STARTS)
    assert turned.seed.tolist() == [0, 0, 1, 1, 2, 2]
    assert len(runs()) == 12 and runs().shape == (2, 2, 3) and turned.shape == (3, 2)


def test_labels_and_along():
    assert runs().labels("start") == ["Xavier", "He"] and runs().labels("rate") == [0.1, 0.2]
    own = runs().along("start", [3.0, 5.0])
    assert own.tolist() == [3.0] * 6 + [5.0] * 6
    for count in (1, 3):
        with pytest.raises(ValueError, match=rf"one for each of 2 on 'start'; there are {count}"):
            runs().along("start", range(count))


def test_any_other_axis_holds_what_it_is_given():
    own = runs(width=(0.5, 1.5))  # after "start" in the alphabet, which is no order of axes
    assert own.labels("width") == [0.5, 1.5] and own.width.tolist() == [0.5, 1.5] * 12


@pytest.mark.parametrize("before, after", [((), ()), ((7,), ()), ((), (5, 20)), ((7,), (5,))])
def test_unfold_gives_the_replica_axis_its_shape(before, after):
    array = np.arange(np.prod((*before, 12, *after))).reshape(*before, 12, *after)
    unfolded = runs().unfold(array)
    assert unfolded.shape == (*before, 2, 2, 3, *after)
    np.testing.assert_array_equal(unfolded.reshape(array.shape), array)


def test_by_yields_each_label_with_its_part():
    array = np.arange(2 * 12).reshape(2, 12)
    parts = dict(runs().by("rate", array))
    assert list(parts) == [0.1, 0.2]
    for k, part in enumerate(parts.values()):
        np.testing.assert_array_equal(part, array.reshape(2, 2, 2, 3)[:, :, k])


def test_an_axis_that_could_be_two_is_asked_for():
    square = np.arange(144).reshape(12, 12)
    with pytest.raises(ValueError, match=r"one axis of length 12.*\(12, 12\); say which by axis="):
        runs().unfold(square)
    assert runs().unfold(square, axis=1).shape == (12, 2, 2, 3)
    assert runs().unfold(square, axis=-1).shape == (12, 2, 2, 3)
    assert {part.shape for _, part in runs().by("start", square, axis=0)} == {(2, 3, 12)}
    with pytest.raises(ValueError, match=r"one axis of length 12, .* its shape is \(3,\)$"):
        runs().unfold(np.zeros(3))
    for length in (3, 13):
        with pytest.raises(ValueError, match=f"axis 0 of array must have 12 places, not {length}"):
            runs().unfold(np.zeros((length, 12)), axis=0)


def test_a_start_may_come_without_a_name():
    assert Runs(start=he_normal(), seed=[4]).labels("start") == ["he_normal"]
    both = Runs(start=[he_normal(), he_normal(0.2)], seed=[4])
    assert both.labels("start") == ["he_normal", "he_normal(negative_slope=0.2)"]


def test_each_network_gets_fresh_generators(monkeypatch):
    seeds = []
    real = np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda seed: seeds.append(seed) or real(seed))
    first, second = (Network(SIZES, "relu", runs()) for _ in range(2))
    np.testing.assert_array_equal(first.W[0], second.W[0])
    assert seeds == [0, 1, 2] * 8 and all(type(seed) is int for seed in seeds)


def test_describes_itself():
    assert repr(runs()) == "2 starts x 2 rates x 3 seeds"
    assert repr(Runs(start=he_normal(), seed=[1])) == "1 start x 1 seed"


@pytest.mark.parametrize(
    "axes, error, sentence",
    [
        ({"seed": [0, 1, 0]}, ValueError, r"seed must hold different seeds.*\[0, 1, 0\]"),
        ({"seed": 3}, TypeError, "seed must be a list of whole numbers"),
        ({"seed": [0.5]}, TypeError, r"seed must hold whole numbers, such as range\(3\)"),
        ({"rate": []}, ValueError, "rate must hold different values, and at least one"),
        ({"rate": (0.1, 0.1)}, ValueError, "rate must hold different values"),
        ({"rate": 0.1}, TypeError, "rate must be a list of values"),
        ({"shape": [1]}, ValueError, "shape must be called otherwise: Runs uses that name"),
        ({"start": 3}, TypeError, "start must map names to initializers.*, not 3"),
        ({"start": "he"}, TypeError, "start must map names to initializers.*, not 'he'"),
        ({"start": {}}, TypeError, "start must map names to initializers"),
        ({"start": {"He": "he_normal"}}, TypeError, "start must map names to initializers"),
        ({"start": [he_normal(), he_normal()]}, ValueError, "start must hold different starts"),
    ],
)
def test_bad_axes(axes, error, sentence):
    with pytest.raises(error, match=sentence):
        runs(**axes)


def test_what_is_not_there():
    with pytest.raises(ValueError, match=r"needs start=\.\.\. and seed=\.\.\.; it got rate"):
        Runs(rate=[1])
    with pytest.raises(AttributeError, match="no gain; they have start, rate, seed"):
        runs().gain  # noqa: B018
    with pytest.raises(ValueError, match="name must be one of start, rate, seed; 'gain' is"):
        runs().labels("gain")
    with pytest.raises(TypeError, match="values must be a list of one for each place, not 3"):
        runs().along("seed", 3)
    with pytest.raises(ValueError, match="values must hold one for each of 3 on 'seed'; there are"):
        runs().along("seed", [1, 2])
    with pytest.raises(ValueError, match="axis must be at most 0, not 1"):
        runs().unfold(np.zeros(12), axis=1)
    with pytest.raises(ValueError, match="rngs must be left out where a Runs is given"):
        Network(SIZES, "relu", runs(), np.random.default_rng(0))
