import numpy as np
import pytest

from initlib import Network, Runs, theory
from initlib.explorables import phase as module
from initlib.explorables.phase import (
    ALIKE,
    DEPTH,
    SIGMA_B,
    SIGMA_W,
    describe,
    line_of,
    mean_square,
    next_layer,
    pair_mean,
    phase,
    reached,
    settled,
    slope,
    walked,
)
from initlib.initializers import xavier_normal


@pytest.mark.parametrize("sigma_w", [SIGMA_W[0], 1.0, SIGMA_W[-1]])
@pytest.mark.parametrize("sigma_b", [SIGMA_B[0], 0.3, SIGMA_B[-1]])
@pytest.mark.parametrize("alike", ALIKE)
def test_walked_over_its_controls(sigma_w, sigma_b, alike):
    seen = walked(sigma_w, sigma_b, alike)
    for values in (seen.alike, seen.alike_theory):
        assert values.shape == seen.layers.shape == (DEPTH + 1,)
        assert values[0] == alike and (np.abs(values) <= 1 + 1e-6).all()
    assert 0 <= seen.q < 4 and 0 < seen.chi < 1.4 and seen.length > 0


@pytest.mark.parametrize("q", [0.01, 1.0, 3.0])
def test_means_are_those_of_theory(q):
    assert mean_square(np.tanh, q) == pytest.approx(theory.second_moment("tanh", q), rel=1e-5)
    expected = theory.derivative_second_moment("tanh", q)
    assert mean_square(slope, q) == pytest.approx(expected, rel=1e-5)
    # Of two that are one, and of two that know nothing of each other.
    assert pair_mean(slope, q, 1.0) == pytest.approx(expected, rel=1e-5)
    assert pair_mean(np.tanh, q, 0.0) == pytest.approx(0, abs=1e-12)


def test_the_mean_of_a_pair_is_that_of_a_sample():
    rng = np.random.default_rng(0)
    u, other = rng.standard_normal((2, 400_000))
    v = 0.6 * u + 0.8 * other
    sample = np.tanh(1.5 * u) * np.tanh(1.5 * v)
    error = sample.std() / np.sqrt(len(sample))
    assert abs(pair_mean(np.tanh, 2.25, 0.6) - sample.mean()) < 4 * error


def test_what_is_known_of_the_diagram():
    q, chi, _ = settled(5 / 3, 0.0)
    assert (round(q, 3), round(chi, 3)) == (1.178, 1.210)
    assert settled(0.9, 0.0)[1] == pytest.approx(0.81)  # tanh is linear where q goes to 0
    assert settled(0.9, 0.0)[2] == pytest.approx(-1 / np.log(0.81))
    assert abs(settled(1.0, 0.0)[1] - 1) < 2e-3
    # More weight is more chaos, more bias is less.
    chis = np.array([[settled(w, b)[1] for w in (0.8, 1.2, 1.6, 2.0)] for b in (0.1, 0.4, 0.8)])
    assert (np.diff(chis, axis=1) > 0).all() and (np.diff(chis, axis=0) < 0).all()


def test_chi_is_the_slope_of_the_correlation_at_1():
    for sigma_w, sigma_b in ((1.0, 0.3), (1.6, 0.3)):
        q, chi, _ = settled(sigma_w, sigma_b)
        after = next_layer(q, 1 - 1e-5, sigma_w, sigma_b)[1]
        assert (1 - after) / 1e-5 == pytest.approx(chi, rel=1e-3)


def test_the_length_is_that_in_which_correlations_settle():
    sigma_w, sigma_b = 1.8, 0.4
    q, chi, length = settled(sigma_w, sigma_b)
    assert chi > 1
    c, path = 0.9, []
    for _ in range(400):
        c = next_layer(q, c, sigma_w, sigma_b)[1]
        path.append(c)
    left = np.array(path[30:50]) - path[-1]
    assert -1 / np.polyfit(range(20), np.log(left), 1)[0] == pytest.approx(length, rel=0.02)


@pytest.mark.parametrize("chi", [0.9, 1.0, 1.1])
def test_a_line_holds_one_chi(chi):
    for sigma_w, sigma_b in np.transpose(line_of(chi))[40::60]:
        assert settled(sigma_w, sigma_b)[1] == pytest.approx(chi, rel=1e-3)


@pytest.mark.parametrize("point", [(1.0, 0.3, 0.0), (1.4, 0.3, 0.5), (1.8, 0.2, 0.9)])
def test_what_is_measured_follows_theory(point):
    seen = walked(*point)
    assert np.abs(seen.alike - seen.alike_theory).max() < 0.15


def test_its_networks_are_those_of_the_course():
    """Without biases the walk is a forward pass of the course's own network."""
    W, _, (one, other) = module._drawn()
    sizes = (module.WIDTH,) * (DEPTH + 1)
    network = Network(sizes, "tanh", Runs(start=xavier_normal(), seed=range(module.NETWORKS)))
    network.W = [1.2 * each.astype(float) for each in W]
    ends = []
    for x in (one, 0.5 * one + np.sqrt(0.75) * other):
        network.forward(x.astype(float))
        ends.append(network.z)
    measured = [module.correlation(*pair) for pair in zip(*ends)]
    # float32 and float64 part as the layers amplify their rounding
    np.testing.assert_allclose(walked(1.2, 0.0, 0.5).alike[1:], measured, atol=2e-3)


def test_the_picture_shows_the_point_and_the_curves():
    figure, draw = module.new_picture()
    seen = walked(1.2, 0.4, 0.5)
    draw(seen)
    lines = {line.get_label(): line for axes in figure.axes for line in axes.lines}
    assert [*lines["you"].get_xdata(), *lines["you"].get_ydata()] == [1.2, 0.4]
    np.testing.assert_allclose(lines["the two inputs"].get_ydata(), seen.alike)
    np.testing.assert_allclose(lines["theory"].get_ydata(), seen.alike_theory)


@pytest.mark.parametrize(
    "point, named, said",
    [
        ((1.0, 0.3, 0.5), "order", "Correlation length 2.8 layers; by the rule of six lengths, 17"),
        ((1.4, 0.3, 0.5), "the edge", "more than 1,000 layers can be trained."),
        ((1.65, 0.0, 0.5), "chaos", "the gradient is multiplied by 2.3e+02."),
        ((0.8, 0.0, 0.5), "order", "q settles at 0: the signal fades."),
        ((1.0, 0.0, 0.5), "the edge", "q settles at 0: the signal fades."),
    ],
)
def test_what_is_said(point, named, said):
    seen = walked(*point)
    assert phase(seen) == named and f": {named}. " in describe(seen) and said in describe(seen)


def test_the_invitation_asks_for_the_edge_with_biases():
    assert reached(walked(1.4, 0.3, 0.5)) and reached(walked(1.55, 0.5, 0.5))
    assert not reached(walked(1.0, 0.0, 0.5))  # no biases
    assert not reached(walked(1.0, 0.3, 0.5)) and not reached(walked(2.0, 0.3, 0.5))


def test_the_exercise_asks_for_the_only_best():
    depths = {sigma_w: walked(sigma_w, 0.5, 0.5).depth for sigma_w in SIGMA_W}
    best, second = sorted(depths, key=depths.get)[:-3:-1]
    assert best == 1.55 and depths[best] > 5 * depths[second]
    assert round(walked(1.5, 0.5, 0.5).depth) == 179  # as the hint says
    assert round(walked(1.6, 0.5, 0.5).depth) == 201


@pytest.mark.parametrize("change", [{"sigma_w": 0.0}, {"sigma_b": -0.1}, {"alike": 2.0}])
def test_walked_refuses(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        walked(**{"sigma_w": 1.0, "sigma_b": 0.3, "alike": 0.5, **change})
