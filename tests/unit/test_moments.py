import numpy as np
import pytest

from initlib import Network, load_digits, probes, theory
from initlib.explorables import moments as module
from initlib.explorables.moments import ACTIVATIONS, DEPTH, FACTORS, LIMITS, QUANTITIES, moments
from initlib.initializers import variance_scaling


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("factor", [FACTORS[0], 1.0, FACTORS[-1]])
def test_moments_are_finite_and_follow_theory(activation, quantity, factor):
    seen = moments(activation, quantity, factor)
    assert seen.measured.shape == seen.predicted.shape == (3, DEPTH)
    assert seen.believed.shape == (DEPTH,)
    assert np.isfinite(seen.measured).all() and (seen.measured >= 0).all()
    # Ten networks of width 128: a layer strays by some per cent, and the straying adds up.
    assert np.abs(np.log(seen.measured / seen.predicted)).max() < 0.4
    assert seen.measured[0, 0] == pytest.approx(1, rel=0.1) and seen.predicted[0, 0] == 1


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_layers_are_those_of_networks_drawn_with_that_scale(activation):
    seen = moments(activation, "Var(a)", 0.77)
    rngs = [np.random.default_rng(seed) for seed in range(module.NETWORKS)]
    scaled = variance_scaling(seen.scale, "fan_in", "normal")
    network = Network((64, *[module.WIDTH] * DEPTH), activation, scaled, rngs)
    x = load_digits().x_train[:1]
    network.forward(x / np.sqrt(np.mean(x**2) * seen.scale))  # layer 1 is not scaled
    np.testing.assert_allclose(seen.measured[0], probes.second_moment(network.z).mean(axis=1))
    a = [network.activation(z) for z in network.z]
    np.testing.assert_allclose(seen.measured[1], probes.second_moment(a).mean(axis=1))
    np.testing.assert_allclose(seen.measured[2], (probes.std(a) ** 2).mean(axis=1))


def test_a_variance_is_a_mean_square_less_a_squared_mean():
    for activation in ACTIVATIONS:
        q = np.array([0.3, 1.0, 4.0])
        one, two, three = (module.quantity_at(each, activation, q) for each in QUANTITIES)
        np.testing.assert_array_equal(one, q)
        np.testing.assert_allclose(two, theory.second_moment(activation, q))
        np.testing.assert_allclose(two - three, theory.mean(activation, q) ** 2, atol=1e-15)
    assert module.quantity_at("E[a²]", "relu", 1.0) == pytest.approx(1 / 2)
    assert module.quantity_at("Var(a)", "relu", 1.0) == pytest.approx((1 - 1 / np.pi) / 2)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_only_the_mean_square_holds_every_activation(activation):
    ends = {name: moments(activation, name).predicted[0, -1] for name in QUANTITIES}
    assert ends["E[a²]"] == pytest.approx(1)
    kept = {name for name, end in ends.items() if end == pytest.approx(1, rel=1e-6)}
    by_hand = {"linear": set(QUANTITIES), "tanh": {"E[a²]", "Var(a)"}}
    assert kept == by_hand.get(activation, {"E[a²]"})
    # The networks say it as clearly, so that the answer to the exercise is not a matter of luck.
    for name in QUANTITIES:
        off = abs(np.log(moments(activation, name).measured[0, -1]))
        assert off < np.log(1.2) if name in kept else off > np.log(3)


def test_the_answer_of_the_exercise():
    ends = [moments(phi, name).measured[0, -1] for phi in ACTIVATIONS for name in QUANTITIES]
    assert sum(0.8 < end < 1.2 for end in ends) == 7


def test_relu_by_hand():
    assert moments("relu", "Var(z)").predicted[0, -1] == pytest.approx(2.0**-9)
    assert moments("relu", "Var(a)").predicted[0, -1] == pytest.approx((np.pi / (np.pi - 1)) ** 9)
    assert moments("relu", "E[a²]", 0.5).predicted[0, -1] == pytest.approx(0.5**9)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_belief_predicts_what_it_believes(quantity):
    np.testing.assert_allclose(moments("sigmoid", quantity).believed, 1)
    np.testing.assert_allclose(moments("linear", quantity, 0.5).believed, 0.5 ** np.arange(DEPTH))
    right = moments("tanh", "E[a²]", 1.5)
    np.testing.assert_allclose(right.believed, right.predicted[0])


@pytest.mark.parametrize(
    "change, word",
    [
        ({"quantity": "E[a]"}, "quantity"),
        ({"factor": -1.0}, "factor"),
        ({"activation": "x"}, "act"),
    ],
)
def test_moments_refuse(change, word):
    with pytest.raises(ValueError, match=word):
        moments(**{"activation": "relu", "quantity": "E[a²]", "factor": 1.0, **change})


def test_the_picture_shows_the_numbers():
    figure, draw = module.new_picture()
    (axes,) = figure.axes
    for quantity in QUANTITIES:
        seen = moments("relu", quantity, 1.19)
        draw(seen)
        by_name = {line.get_label(): line for line in axes.lines}
        for k, name in enumerate(QUANTITIES):
            np.testing.assert_allclose(by_name[name].get_ydata(), seen.measured[k])
        np.testing.assert_allclose(by_name["theory of Var(z)"].get_ydata(), seen.predicted[0])
        np.testing.assert_allclose(by_name["theory of E[a²]"].get_ydata(), seen.predicted[1])
        np.testing.assert_allclose(by_name["theory of Var(a)"].get_ydata(), seen.predicted[2])
        np.testing.assert_allclose(by_name["Var(z) by the belief"].get_ydata(), seen.believed)
    assert axes.get_yscale() == "log" and axes.get_xlabel() == "layer"
    assert axes.get_ylim() == LIMITS


def test_words_for_what_is_seen():
    seen = moments("relu", "Var(a)")
    said = module.describe(seen)
    assert said.startswith("relu, n Var(w) = 2.9. If the next layer's Var(z) is n Var(w) times Var")
    assert "it is 1 at layer 10; " in said and "The plot ends" not in said
    z, mean_square, variance = (f"{number:.2g}" for number in seen.measured[:, -1])
    assert f"measured {z}, where theory says {seen.predicted[0, -1]:.2g}" in said
    assert said.endswith(f"There E[a²] is {mean_square} and Var(a) {variance}.")


@pytest.mark.parametrize("factor, believed", [(0.5, "0.002"), (2.0, "512")])
def test_curves_beyond_the_plot_are_told(factor, believed):
    quantity = "Var(z)" if factor < 1 else "Var(a)"
    seen = moments("relu", quantity, factor)
    z = seen.measured[0, -1]
    said = module.describe(seen)
    assert "The plot ends at 0.0001 and 10,000." in said
    assert (f"measured {z:.2g}," if z < 1 else f"measured {z:,.0f},") in said
    assert f"it is {believed} at layer" in module.describe(moments("linear", "Var(z)", factor))
