import numpy as np
import pytest

from initlib import probes
from initlib.initializers import constant, normal
from initlib.network import Network


def make(sizes=(3, 4, 5, 2), activation="relu", initializers=None):
    rngs = [np.random.default_rng(seed) for seed in range(2)]
    network = Network(sizes, activation, initializers or normal(1), rngs)
    for b in network.b:
        b[:] = np.random.default_rng(9).normal(size=b.shape)
    return network


# Two layers of different widths, two replicas, three examples: no axis can pass for another.
SIGNALS = [
    np.array([[[1.0, 3], [1, 3], [1, 3]], [[2, 2], [2, 2], [2, 2]]]),
    np.array([[[0.0], [0], [3]], [[-1], [-1], [5]]]),
]


def test_second_moment():
    np.testing.assert_allclose(probes.second_moment(SIGNALS), [[5, 4], [3, 9]])


def test_std_is_that_of_the_population():
    np.testing.assert_allclose(probes.std(SIGNALS), [[1, 0], [np.sqrt(2), np.sqrt(8)]])


@pytest.mark.parametrize("probe", [probes.second_moment, probes.std])
def test_probe_against_a_loop(probe):
    rng = np.random.default_rng(0)
    signals = [rng.normal(1, 2, size=(3, 5, units)) for units in (4, 7)]
    for layer, s in enumerate(signals):
        for r in range(3):
            flat = s[r].ravel().tolist()
            centre = sum(flat) / len(flat) if probe is probes.std else 0
            square = sum((v - centre) ** 2 for v in flat) / len(flat)
            expected = square**0.5 if probe is probes.std else square
            assert probe(signals)[layer, r] == pytest.approx(expected, rel=1e-12)


def test_saturated_share_by_construction():
    network = make(activation="tanh")
    far, near = 3.0, 0.1  # tanh' is 0.0099 and 0.99
    first, second = np.full((2, 6, 4), near), np.full((2, 6, 5), near)
    first[0, :3, 0] = far  # 3 of 24
    first[1] = -far  # all
    second[1, 0, :] = far  # 5 of 30
    network.z = [first, second, np.full((2, 6, 2), 100.0)]  # logits do not count
    np.testing.assert_allclose(probes.saturated_share(network), [[1 / 8, 1], [0, 1 / 6]])
    np.testing.assert_allclose(probes.saturated_share(network, slope=0.001), 0)
    np.testing.assert_allclose(probes.saturated_share(network, slope=1), 1)


def test_a_unit_is_dead_when_it_is_so_on_every_example():
    network = make()
    first, second = np.full((2, 6, 4), 1.0), np.full((2, 6, 5), 1.0)
    first[0, :, :2] = -1  # 2 of 4 units
    first[1, 1:, :] = -1  # alive on one example
    second[1, :, 3] = 0  # relu'(0) = 0: 1 of 5 units
    network.z = [first, second, np.full((2, 6, 2), -1.0)]
    np.testing.assert_allclose(probes.dead_share(network), [[0.5, 0], [0, 0.2]])


@pytest.mark.parametrize("activation", ["relu", "gelu", "tanh"])
def test_what_is_not_a_number_is_neither_dead_nor_saturated(activation):
    """Whatever the activation; beside it a unit that is dead, or flat, on every example."""
    network = make((3, 2, 2), activation)
    network.z = [np.full((2, 6, 2), -1e3), np.zeros((2, 6, 2))]
    dead = float(activation != "tanh" or network.activation.derivative(-1e3) == 0)
    assert probes.dead_share(network).tolist() == [[dead, dead]]
    assert probes.saturated_share(network).tolist() == [[1, 1]]
    network.z[0][0, :, 0] = np.nan
    assert probes.dead_share(network).tolist() == [[dead / 2, dead]]
    assert probes.saturated_share(network).tolist() == [[0.5, 1]]


def test_what_is_not_a_number_shows_in_the_moments():
    broken = [np.array([[[1.0, np.nan]], [[1, 1]]])]
    for probe in probes.second_moment, probes.std:
        assert np.isnan(probe(broken)).tolist() == [[True, False]]


@pytest.mark.parametrize("value", [0.1, -3.7, 1e-30])
def test_an_update_of_equal_weights_is_infinitely_large_and_no_matter_of_rounding(value):
    network = make(initializers=constant(value))
    network.forward(np.random.default_rng(0).normal(size=(4, 3)))
    gradients = network.backward([0, 1, 1, 0])
    ratio = probes.update_to_weight_ratio(network, gradients, 0.1)
    assert (ratio[-1] == np.inf).all() and not np.isfinite(ratio).any()
    network.W[-1][:] *= 1 + 1e-9 * np.arange(2)  # what differs by more than rounding counts
    assert np.isfinite(probes.update_to_weight_ratio(network, gradients, 0.1)[-1]).all()


@pytest.mark.parametrize(
    "probe, arguments, error, sentence",
    [
        (probes.second_moment, [[]], ValueError, "signals must hold an array a layer"),
        (probes.std, [[np.ones((2, 0, 3))]], ValueError, r"signals must .* \[\(2, 0, 3\)\]"),
        (probes.std, ["ab"], TypeError, "signals must be a list of arrays, .* not 'ab'"),
        (probes.std, [[np.ma.masked_all((2, 3))]], ValueError, "signals must hold no masked"),
        (probes.rank, [np.ones((2, 0, 3))], ValueError, r"matrices must .* not \(2, 0, 3\)"),
        (probes.rank, [np.eye(2) * np.nan], ValueError, "matrices must be finite"),
        (probes.rank, [np.eye(2), -1], ValueError, "tolerance must be .* at least 0, not -1"),
        (probes.distinct_units, [make(), 0, -1], ValueError, "tolerance .* at least 0, not -1"),
        (probes.distinct_units, [make(), 0, np.nan], ValueError, "tolerance .* not nan"),
        (probes.distinct_units, [make(), 0, "1"], TypeError, "tolerance must be a number"),
        (probes.distinct_units, [make(), 2], ValueError, "layer must be a hidden one, below 2"),
        (probes.spread, [make(), -1], ValueError, "layer must be at least 0, not -1"),
        (probes.unit_vectors, [make(), 1.0], TypeError, "layer must be a whole number, not 1.0"),
        (probes.saturated_share, [make(), -1], ValueError, "slope must be .* at least 0, not -1"),
        (probes.saturated_share, [make()], ValueError, r"no examples yet: call forward\(x\)"),
        (probes.dead_share, [make()], ValueError, r"no examples yet: call forward\(x\) first"),
        (probes.dead_share, [None], TypeError, "network must be a Network, not None"),
        (probes.spread, [[make()]], TypeError, "network must be a Network, not "),
        (probes.update_to_weight_ratio, [make(), 0, 1], TypeError, "gradients must be .*, not 0"),
    ],
)
def test_bad_probes(probe, arguments, error, sentence):
    with pytest.raises(error, match=sentence):
        probe(*arguments)


@pytest.mark.parametrize(
    "rate, error", [(-1, ValueError), ([-1, 0.1], ValueError), ([0.1] * 3, ValueError)]
)
def test_a_ratio_has_the_rates_that_fit_has(rate, error):
    network = make()
    network.forward(np.ones((4, 3)))
    with pytest.raises(error, match="learning_rate must be"):
        probes.update_to_weight_ratio(network, network.backward([0, 1, 1, 0]), rate)


def test_update_to_weight_ratio():
    network = make()
    network.forward(np.ones((4, 3)))
    gradients = network.backward([0, 1, 1, 0])
    ratio = probes.update_to_weight_ratio(network, gradients, 0.1)
    assert ratio.shape == (3, 2)
    for layer in range(3):
        for r in range(2):
            expected = 0.1 * gradients.dW[layer][r].std() / network.W[layer][r].std()
            assert ratio[layer, r] == pytest.approx(expected, rel=1e-12)
    rates = np.array([0.1, 0.2])
    np.testing.assert_allclose(
        probes.update_to_weight_ratio(network, gradients, rates), ratio * [1, 2]
    )


# --- units ------------------------------------------------------------------------------------


def test_a_unit_is_its_weights_in_and_out_and_its_bias():
    network = make()
    points = probes.unit_vectors(network, 1)
    assert points.shape == (2, 5, 4 + 1 + 2)
    for unit in range(5):
        W, b, out = (
            network.W[1][1, :, unit],
            network.b[1][1, unit],
            network.W[2][1, unit],
        )
        np.testing.assert_array_equal(points[1, unit], [*W, b, *out])


def equal_units():
    """Replica 0 and 1 with hidden units that are all one, and a largest weight of 2."""
    network = make((3, 4, 2), initializers=constant(2))
    network.b[0][:] = 0
    return network


@pytest.mark.parametrize(
    "difference, distinct", [(0, 1), (1.9e-6, 1), (2.1e-6, 2), (-2.1e-6, 2), (1, 2)]
)
@pytest.mark.parametrize("where", ["incoming", "bias", "outgoing"])
def test_distinct_units_within_tolerance(where, difference, distinct):
    """The tolerance is 1e-6 of the largest weight, which is 2."""
    network = equal_units()
    if where == "incoming":
        network.W[0][1, 2, 3] -= difference
    elif where == "bias":
        network.b[0][1, 3] -= difference
    else:
        network.W[1][1, 3, 0] -= difference
    assert probes.distinct_units(network).tolist() == [1, distinct]


def test_distinct_units_all_different():
    assert probes.distinct_units(make(), 0).tolist() == [4, 4]
    assert probes.distinct_units(make(), 1).tolist() == [5, 5]


def test_a_unit_with_nan_is_like_no_other():
    network = equal_units()
    network.W[0][0, 1, :2] = np.nan
    network.W[0][1, 1, :] = np.nan
    assert probes.distinct_units(network).tolist() == [3, 4]
    network.W[0][1, 1, :] = np.inf  # and infinite ones are like each other
    assert probes.distinct_units(network).tolist() == [3, 1]


def test_distinct_units_in_pairs():
    network = equal_units()
    network.W[0][0, 0] = [1, 2, 2, 1]
    assert probes.distinct_units(network).tolist() == [2, 1]
    network.W[0][0, 0] = [1, 1.5, 2, 1]
    assert probes.distinct_units(network).tolist() == [3, 1]
    assert probes.distinct_units(network, tolerance=0.3).tolist() == [2, 1]


def test_units_of_zero_weights_are_one():
    network = make((3, 4, 2), initializers=constant(0))
    network.b[0][:] = 0
    assert probes.distinct_units(network).tolist() == [1, 1]
    assert probes.spread(network).tolist() == [0, 0]


def test_spread():
    network = equal_units()
    network.W[0][1, :, 0] += [4, 0, 0]  # the mean moves by 1: distances 3, 1, 1, 1
    assert probes.spread(network).tolist() == pytest.approx([0, np.sqrt((9 + 1 + 1 + 1) / 4)])
    network.W[0][1, 2, 0] += 4  # in two directions at once
    assert probes.spread(network)[1] == pytest.approx(np.sqrt(2 * 3))


def test_rank_by_construction():
    rng = np.random.default_rng(0)
    made = [rng.normal(size=(6, k)) @ rng.normal(size=(k, 5)) for k in (1, 2, 3, 4, 5)]
    assert probes.rank(np.array([*made, np.zeros((6, 5))])).tolist() == [
        1,
        2,
        3,
        4,
        5,
        0,
    ]


def test_rank_is_relative_to_the_largest_singular_value():
    matrices = 1e9 * np.array([np.diag([1, 1e-5]), np.diag([1, 1e-7])])
    assert probes.rank(matrices).tolist() == [2, 1]
    assert probes.rank(matrices, tolerance=1e-8).tolist() == [2, 2]
