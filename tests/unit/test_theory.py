import math

import mpmath as mp
import numpy as np
import pytest

from initlib import activations
from initlib.theory import derivative_second_moment, gain, mean, second_moment, signal

mp.mp.dps = 20
SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772


def logistic(z):
    return 1 / (1 + mp.exp(-z))


def cdf(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2


def pdf(z):
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


# phi and phi' once more, at twenty digits
PHI = {
    "linear": (lambda z: z, lambda z: 1),
    "relu": (lambda z: max(z, 0), lambda z: int(z > 0)),
    "leaky_relu(0.25)": (
        lambda z: max(z, z / 4),
        lambda z: 1 if z > 0 else mp.mpf(0.25),
    ),
    "tanh": (mp.tanh, lambda z: mp.sech(z) ** 2),
    "sigmoid": (logistic, lambda z: logistic(z) * logistic(-z)),
    "silu": (
        lambda z: z * logistic(z),
        lambda z: logistic(z) * (1 + z * logistic(-z)),
    ),
    "gelu": (lambda z: z * cdf(z), lambda z: cdf(z) + z * pdf(z)),
    "elu": (lambda z: z if z > 0 else mp.expm1(z), lambda z: 1 if z > 0 else mp.exp(z)),
    "selu": (
        lambda z: SCALE * (z if z > 0 else ALPHA * mp.expm1(z)),
        lambda z: SCALE * (1 if z > 0 else ALPHA * mp.exp(z)),
    ),
}
ODD = {"linear", "tanh"}
each = pytest.mark.parametrize("name", PHI)


def expectation(function, q):
    """E[function(sqrt(q) z)], split at 0, in pieces as fine as phi (1/sqrt(q)) and as z (1)."""
    s = mp.sqrt(q)
    ends = {2.0**k / s for k in range(-1, 6)} | {1.0, 2.0, 4.0, 7.0, 10.0}
    pieces = [0, *sorted(end for end in ends if end < 13), 13]

    def integrand(z):
        return (function(s * z) + function(-s * z)) * pdf(z)

    return float(mp.quad(integrand, pieces, method="gauss-legendre", maxdegree=4))


@pytest.mark.parametrize("q", [1e-12, 1e-3, 1, 10, 1e4, 1e8])
@each
def test_quadrature(name, q):
    phi, slope = PHI[name]
    assert second_moment(name, q) == pytest.approx(
        expectation(lambda z: phi(z) ** 2, q), rel=1e-9, abs=0
    )
    assert derivative_second_moment(name, q) == pytest.approx(
        expectation(lambda z: slope(z) ** 2, q), rel=1e-9, abs=0
    )
    if name in ODD or (name, q) == (
        "selu",
        1,
    ):  # zero, and zero to the digits of SELU's constants
        assert abs(mean(name, q)) < 1e-12 * math.sqrt(q)
    else:
        assert mean(name, q) == pytest.approx(expectation(phi, q), rel=1e-9, abs=0)


@pytest.mark.parametrize("q", [1e-17, 1e-34, 1e-200, 1e-300])
def test_a_mean_keeps_its_digits_however_small_the_variance(q):
    assert mean("gelu", q) == pytest.approx(q / math.sqrt(2 * math.pi * (1 + q)), rel=1e-9, abs=0)
    for name in "silu", "elu":
        assert mean(name, q) == pytest.approx(q / 4, rel=1e-8, abs=0)
    selu = SCALE * (1 - ALPHA) * math.sqrt(q / (2 * math.pi)) + SCALE * ALPHA * q / 4
    assert mean("selu", q) == pytest.approx(selu, rel=1e-8, abs=0)
    assert mean("relu", q) == pytest.approx(math.sqrt(q / (2 * math.pi)), rel=1e-9, abs=0)


@pytest.mark.parametrize("q", [1e12, 1e20, 3e33])
def test_a_slope_however_narrow_is_found(q):
    """For large q, E[tanh'(sqrt(q) z)**2] is the integral of tanh'**2, 4/3, over sqrt(2 pi q)."""
    expected = 4 / 3 / math.sqrt(2 * math.pi * q)
    assert derivative_second_moment("tanh", q) == pytest.approx(expected, rel=1e-9, abs=0)


@each
def test_at_q_zero_there_is_only_phi_of_zero(name):
    phi, slope = (float(function(mp.mpf(0))) for function in PHI[name])
    assert second_moment(name, 0) == pytest.approx(phi**2, abs=1e-15)
    assert mean(name, 0) == pytest.approx(phi, abs=1e-15)
    assert derivative_second_moment(name, 0) == pytest.approx(slope**2)


@pytest.mark.parametrize("q", [0.25, 1, 9])
@pytest.mark.parametrize("a", [0, 0.01, 0.5, -1])
def test_leaky_relu_in_closed_form(a, q):
    phi = activations.leaky_relu(a)
    assert second_moment(phi, q) == pytest.approx(q * (1 + a**2) / 2, rel=1e-12)
    assert derivative_second_moment(phi, q) == pytest.approx((1 + a**2) / 2, rel=1e-12)
    assert mean(phi, q) == pytest.approx((1 - a) * math.sqrt(q / (2 * math.pi)), rel=1e-12)
    assert gain(phi) == pytest.approx(math.sqrt(2 / (1 + a**2)), rel=1e-12)


def test_known_numbers():
    assert mean("relu") == pytest.approx(1 / math.sqrt(2 * math.pi), rel=1e-12)
    assert math.sqrt(second_moment("relu") - mean("relu") ** 2) == pytest.approx(0.58382, abs=5e-6)
    assert second_moment("tanh") == pytest.approx(0.394294, abs=5e-7)
    assert gain("tanh") == pytest.approx(1.592537, abs=5e-7)
    assert mean("sigmoid", 7.0) == pytest.approx(0.5, rel=1e-12)


def test_selu_keeps_zero_mean_and_unit_variance():
    assert mean("selu") == pytest.approx(0, abs=1e-12)
    assert second_moment("selu") == pytest.approx(1, rel=1e-9)
    assert gain("selu") == pytest.approx(1, rel=1e-9)


@each
def test_gain_gives_back_what_phi_takes(name):
    assert gain(name) ** 2 * second_moment(name) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("function", [second_moment, mean, derivative_second_moment])
def test_the_variance_is_one_unless_given(function):
    assert function("silu") == function("silu", 1) != function("silu", 2)


@pytest.mark.parametrize("scale, q", [(2, 1), (2, 3), (0.5, 4), (3, 0.1)])
def test_signal_in_closed_form(scale, q):
    """Linear layers multiply the variance by the scale; under ReLU all but the first by half."""
    layers = np.arange(1, 6)
    assert signal("linear", scale, 5, q) == pytest.approx(q * scale**layers, rel=1e-9)
    relu = q * scale * (scale / 2) ** (layers - 1)
    assert signal("relu", scale, 5, q) == pytest.approx(relu, rel=1e-9)
    assert signal("relu", scale, 1, q) == pytest.approx([scale * q])


@pytest.mark.parametrize("q", [0.2, 1, 7])
def test_each_variance_of_a_signal_follows_from_the_one_before(q):
    variances = signal("tanh", 1.7, 6, q)
    np.testing.assert_allclose(variances[1:], 1.7 * second_moment("tanh", variances[:-1]))


@pytest.mark.parametrize("function", [second_moment, mean, derivative_second_moment])
def test_q_of_any_shape(function):
    q = np.array([[0, 0.5, 1], [2, 30, 1e4]])
    expected = [[function("silu", each) for each in row] for row in q]
    np.testing.assert_allclose(function("silu", q), expected, rtol=1e-12)
    np.testing.assert_allclose(function("silu", q.tolist()), expected, rtol=1e-12)
    assert function("silu", np.ones((2, 1, 3))).shape == (2, 1, 3)
    assert function("silu", []).shape == (0,)
    assert np.ndim(function("silu", 2)) == 0


@pytest.mark.parametrize("scale, q", [(2, [1.0, 2.0]), (0.5, [[1.0, 3.0, 0.0]]), (1, np.ones(0))])
def test_a_list_of_variances_is_scaled_and_not_repeated(scale, q):
    for name in "relu", "tanh":
        of_each = [signal(name, scale, 3, each) for each in np.ravel(q)]
        expected = np.transpose(of_each).reshape(3, *np.shape(q))
        np.testing.assert_allclose(signal(name, scale, 3, q), expected, rtol=1e-12)
    np.testing.assert_allclose(signal("relu", 2, 3, [1.0, 2.0]), [[2, 4]] * 3, rtol=1e-9)


@pytest.mark.parametrize(
    "scale, depth, q, error, sentence",
    [
        ("2", 3, 1, TypeError, "scale must be a number, not '2'"),
        (-1, 3, 1, ValueError, "scale must be finite and at least 0, not -1"),
        (math.nan, 3, 1, ValueError, "scale must be finite and at least 0, not nan"),
        (2, 0, 1, ValueError, "depth must be at least 1, not 0"),
        (2, 2.5, 1, TypeError, "depth must be a whole number, not 2.5"),
        (2, "3", 1, TypeError, "depth must be a whole number, not '3'"),
        (2, 10**9, 1, ValueError, "depth must be at most 10000"),
        (2, 3, "1", TypeError, "q must hold real numbers"),
        (2, 3, [1, -1], ValueError, "q is a variance: at least 0"),
        (20, 1000, 1, ValueError, r"depth must be smaller: with scale 20 layer 231 exceeds 1e.300"),
        (1e9, 999, [1, 0], ValueError, "depth must be smaller: with scale 1e.09 layer 34 exceeds"),
        (1e200, 1, 1e200, ValueError, "depth must be smaller: with scale 1e.200 layer 1 exceeds"),
    ],
)
def test_bad_signals(scale, depth, q, error, sentence):
    with pytest.raises(error, match=sentence):
        signal("linear", scale, depth, q)


@pytest.mark.filterwarnings("error")
def test_what_is_too_large_for_float64_is_infinite_without_a_warning():
    assert second_moment("linear", 1e300) == pytest.approx(1e300, rel=1e-9)
    assert second_moment("leaky_relu(1e100)", 1e200) == math.inf


@pytest.mark.filterwarnings("error")
def test_a_signal_may_just_reach_the_largest_variance_and_ends_with_a_sentence():
    assert signal("linear", 1e300, 1) == 1e300
    with pytest.raises(ValueError, match="layer 2 exceeds"):
        signal("linear", 1e300, 2)


@pytest.mark.parametrize("q", [-1, -1e-300, 1e301, math.nan, math.inf, [1, -1], [[1.0, math.nan]]])
@pytest.mark.parametrize("function", [second_moment, mean, derivative_second_moment])
def test_a_variance_is_finite_and_not_negative(function, q):
    with pytest.raises(ValueError, match=r"q is a variance: at least 0 and at most 1e\+300, not"):
        function("relu", q)


@pytest.mark.parametrize("q", ["1", None, 1j, [1, "a"], [[1], [1, 2]]])
def test_a_variance_is_a_number(q):
    with pytest.raises(TypeError, match="q must hold real numbers"):
        mean("relu", q)


def test_a_masked_variance_is_not_taken_for_one():
    for masked in np.ma.masked_less([1.0, 2.0], 2), [np.ma.masked_less([1.0, 2.0], 2)]:
        with pytest.raises(ValueError, match="q must hold no masked values"):
            mean("relu", masked)


@pytest.mark.parametrize("function", [second_moment, mean, derivative_second_moment, gain])
def test_activation_by_object_or_name(function):
    assert function("leaky_relu") == function(activations.leaky_relu(0.01))
    assert function("gelu") == function(activations.gelu)
    with pytest.raises(ValueError, match="activation must be one of"):
        function("relu6")
