import dataclasses
from decimal import Decimal

import mpmath
import numpy as np
import pytest
from scipy import special

from initlib import activations
from initlib.activations import get, leaky_relu

SELU_SCALE, SELU_ALPHA = (
    1.0507009873554805,
    1.6732632423543772,
)  # Klambauer et al. (2017)
Z = np.array([-30.0, -5, -2.5, -1, -0.3, -1e-3, 1e-3, 0.3, 1, 2.5, 5, 30])
VALUES = {
    "linear": lambda z: z,
    "relu": lambda z: z * (z > 0),
    "leaky_relu": lambda z: z * np.where(z > 0, 1, 0.01),
    "leaky_relu(0.2)": lambda z: z * np.where(z > 0, 1, 0.2),
    "leaky_relu(-0.5)": lambda z: z * np.where(z > 0, 1, -0.5),
    "tanh": lambda z: 2 * special.expit(2 * z) - 1,
    "sigmoid": special.expit,
    "silu": lambda z: z * special.expit(z),
    "gelu": lambda z: z * special.ndtr(z),
    "elu": lambda z: np.where(z > 0, z, special.expm1(z)),
    "selu": lambda z: SELU_SCALE * np.where(z > 0, z, SELU_ALPHA * special.expm1(z)),
}
NAMES = list(VALUES)
AT_ZERO = {"linear": 1, "relu": 0, "leaky_relu(0.2)": 0.2, "tanh": 1, "sigmoid": 0.25}
AT_ZERO |= {"silu": 0.5, "gelu": 0.5, "elu": 1, "selu": SELU_SCALE * SELU_ALPHA}
each = pytest.mark.parametrize("name", NAMES)


@each
def test_values(name):
    np.testing.assert_allclose(get(name)(Z), VALUES[name](Z), rtol=1e-12, atol=1e-15)


@each
def test_derivative_is_the_slope(name):
    step = 1e-5
    slope = (VALUES[name](Z + step) - VALUES[name](Z - step)) / (2 * step)
    np.testing.assert_allclose(get(name).derivative(Z), slope, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name, slope", AT_ZERO.items())
def test_derivative_at_zero(name, slope):
    assert get(name).derivative(0.0) == pytest.approx(slope)
    assert get(name).derivative(-0.0) == pytest.approx(slope)


@each
def test_value_at_zero(name):
    assert get(name)(0.0) == (0.5 if name == "sigmoid" else 0)


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_signals_give_no_warning(name, dtype, recwarn):
    z = np.array([-1e30, -1e6, -800, -90, 90, 800, 1e6, 1e30], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, slope = get(name)(z), get(name).derivative(z)
    np.testing.assert_allclose(value, VALUES[name](z.astype(float)), rtol=1e-6, atol=1e-6)
    assert np.isfinite(slope).all()
    assert not recwarn.list


LIMITS = {"linear": -np.inf, "leaky_relu": -np.inf, "leaky_relu(0.2)": -np.inf, "tanh": -1}
LIMITS |= {"leaky_relu(-0.5)": np.inf, "elu": -1, "selu": -SELU_SCALE * SELU_ALPHA}


@pytest.mark.parametrize("name", [*NAMES, "leaky_relu(0)"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_and_slopes_at_infinity(name, dtype):
    z = np.array([-np.inf, np.inf], dtype)
    with np.errstate(invalid="raise"):
        (left, right), slopes = get(name)(z), get(name).derivative(z)
    assert left == pytest.approx(LIMITS.get(name, 0))
    assert right == {"tanh": 1, "sigmoid": 1}.get(name, np.inf)
    np.testing.assert_array_equal(slopes, get(name).derivative(np.array([-1e3, 1e3], dtype)))


@each
def test_what_is_not_a_number_stays_so(name):
    z = np.array([np.nan, 1.0])
    assert np.isnan(get(name)(z)).tolist() == [True, False]


@each
def test_far_slopes_are_flat_or_straight(name):
    left, right = get(name).derivative([-1e3, 1e3])
    expected_left = {"linear": 1, "leaky_relu": 0.01, "leaky_relu(0.2)": 0.2}
    expected_left["leaky_relu(-0.5)"] = -0.5
    expected_right = {"tanh": 0, "sigmoid": 0, "selu": SELU_SCALE}
    assert left == expected_left.get(name, 0)
    assert right == expected_right.get(name, 1)


@each
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_slope_by_the_activation_at_hand(name, dtype):
    z = np.linspace(-6, 6, 41, dtype=dtype)
    slope = get(name).derivative(z, get(name)(z))
    np.testing.assert_array_equal(slope, get(name).derivative(z))
    assert slope.dtype == dtype


@each
def test_float32_stays_float32(name):
    z = np.linspace(-6, 6, 41, dtype=np.float32)
    for function in (get(name), get(name).derivative):
        assert function(z).dtype == np.float32
        assert function(z[3]).dtype == np.float32
        np.testing.assert_allclose(function(z), function(z.astype(float)), rtol=1e-4, atol=1e-6)


@each
def test_takes_what_numpy_takes(name):
    for function in (get(name), get(name).derivative):
        expected = function(np.array([-2.0, 0.0, 3.0]))
        assert expected.dtype == np.float64
        for z in ([-2, 0, 3], (-2.0, 0.0, 3.0), np.array([-2, 0, 3])):
            np.testing.assert_array_equal(function(z), expected)
        np.testing.assert_array_equal(function([True, False]), function([1.0, 0.0]))
        assert function(3) == expected[2]
        assert np.shape(function(np.array(3.0))) == ()
        assert function(np.ones((2, 1, 4))).shape == (2, 1, 4)
        assert function(np.ones((0, 4))).shape == (0, 4)


@each
@pytest.mark.parametrize("z", ["1", None, 1j, [1, "a"], [[1], [1, 2]], {}, [Decimal(1)]])
def test_bad_signals(name, z):
    for function in (get(name), get(name).derivative):
        with pytest.raises(TypeError, match="z must hold real numbers, in rows of equal length"):
            function(z)


@each
def test_masked_signals_do_not_lose_their_mask(name):
    with pytest.raises(ValueError, match="z must hold no masked values"):
        get(name)(np.ma.masked_less(Z, 0))


@each
def test_input_is_left_alone(name):
    z = Z.copy()
    for function in (get(name), get(name).derivative):
        out = function(z)
        out[:] = 7
        np.testing.assert_array_equal(z, Z)


def test_get_by_name_and_object():
    for name in ("linear", "relu", "tanh", "sigmoid", "selu", "gelu", "silu", "elu"):
        assert get(name) is getattr(activations, name)
        assert get(get(name)) is get(name)
        assert get(name).name == repr(get(name)) == name


@pytest.mark.parametrize(
    "activation, name",
    [
        (leaky_relu(), "leaky_relu(0.01)"),
        (leaky_relu(0.2), "leaky_relu(0.2)"),
        (leaky_relu(0), "leaky_relu(0)"),
        (get("leaky_relu"), "leaky_relu(0.01)"),
        (get("leaky_relu(0.2)"), "leaky_relu(0.2)"),
        (get("leaky_relu(1e-3)"), "leaky_relu(0.001)"),
        (get("leaky_relu(-1)"), "leaky_relu(-1)"),
    ],
)
def test_leaky_relu_is_named_with_its_slope(activation, name):
    assert activation.name == repr(activation) == name
    assert get(activation) is activation


@pytest.mark.parametrize("slope", [0.2, 1e-7, -3, 1e6, 1 / 3])
def test_a_name_finds_the_same_slope(slope):
    assert get(leaky_relu(slope).name).derivative(-1.0) == slope


@pytest.mark.parametrize(
    "name, phi",
    {
        "silu": lambda z: z / (1 + mpmath.exp(-z)),
        "gelu": lambda z: z * mpmath.ncdf(z),
        "elu": lambda z: z if z > 0 else mpmath.expm1(z),
    }.items(),
)
def test_the_even_part_keeps_its_digits(name, phi):
    """Also where phi(z) and phi(-z) nearly cancel."""
    z = [1e-12, 1e-8, 1e-3, 0.05, 0.0999, 0.1001, 0.11, 0.5, 1.5, 10, 30]
    with mpmath.workdps(50):
        exact = [float(phi(mpmath.mpf(each)) + phi(-mpmath.mpf(each))) for each in z]
    np.testing.assert_allclose(get(name).even(np.array(z)), exact, rtol=3e-14)
    assert get(name).even(np.zeros(1)) == 0


def test_an_activation_is_a_constant():
    assert get("leaky_relu(0.2)") == leaky_relu(0.2) != leaky_relu(0.3)
    assert len({get("leaky_relu(0.2)"), leaky_relu(0.2), get("relu")}) == 2
    assert get("elu") == dataclasses.replace(get("elu"), even=None)  # its name tells it
    with pytest.raises(AttributeError):
        get("relu").name = "tanh"


@pytest.mark.parametrize(
    "bad",
    [
        "relu6",
        "ReLU",
        "",
        "leaky_relu()",
        "leaky_relu(e)",
        "leaky_relu(a)",
        None,
        3,
        np.tanh,
    ],
)
def test_unknown_activation(bad):
    with pytest.raises((TypeError, ValueError), match=r"activation must be one of linear, relu,"):
        get(bad)


@pytest.mark.parametrize(
    "slope, error",
    [(np.nan, ValueError), (np.inf, ValueError), (1e200, ValueError), ("0.2", TypeError)],
)
def test_bad_slope(slope, error):
    with pytest.raises(error, match="negative_slope must be"):
        leaky_relu(slope)
