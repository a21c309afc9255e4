import inspect
import itertools
import math
import re
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from initlib import initializers
from initlib.initializers import (
    TRUNCATED_STD,
    constant,
    fans,
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    normal,
    orthogonal,
    truncated_normal,
    uniform,
    variance_scaling,
    xavier_normal,
    xavier_uniform,
    zeros,
)

SHAPE = (
    64,
    256,
)  # unequal fans, so that the wrong mode is a factor sqrt(2) or more off
STANDARD_ERRORS = 5
NORMAL, UNIFORM = (
    math.sqrt(1 / 2),
    math.sqrt(0.2),
)  # relative error of a std, times sqrt(N)
DISTRIBUTIONS = ("normal", "uniform", "truncated_normal")
laws = settings(  # all that conftest.py sets, too: mutation runs this file without it
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
shapes = st.lists(st.integers(1, 7), min_size=2, max_size=4).map(tuple)
gains = st.floats(0, 8)
EVERY = [
    constant(0.1),
    zeros(),
    normal(0.3),
    uniform(0.3),
    truncated_normal(0.3),
    variance_scaling(1.5, "fan_out", "truncated_normal"),
    lecun_normal(),
    lecun_uniform(),
    xavier_normal(),
    xavier_uniform(2),
    he_normal(),
    he_uniform(0.2),
    orthogonal(),
]
RANDOM = EVERY[2:]


def draw(init, shape=SHAPE, seed=0, **options):
    return init(np.random.default_rng(seed), shape, **options)


def agrees(measured_std, std, samples, relative_error=NORMAL):
    """The std of ``samples`` draws against the claimed one, within the standard error."""
    return abs(measured_std / std - 1) < STANDARD_ERRORS * relative_error / math.sqrt(samples)


# --- the named cases --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "named, scale, mode, distribution",
    [
        (he_normal(), 2, "fan_in", "normal"),
        (he_uniform(), 2, "fan_in", "uniform"),
        (he_normal(mode="fan_out"), 2, "fan_out", "normal"),
        (he_uniform(mode="fan_out"), 2, "fan_out", "uniform"),
        (he_normal(mode="fan_avg"), 2, "fan_avg", "normal"),
        (he_normal(0.5), 1.6, "fan_in", "normal"),
        (he_uniform(0.5), 1.6, "fan_in", "uniform"),
        (he_normal(-0.5), 1.6, "fan_in", "normal"),
        (he_normal(1), 1, "fan_in", "normal"),
        (lecun_normal(), 1, "fan_in", "normal"),
        (lecun_uniform(), 1, "fan_in", "uniform"),
        (xavier_normal(), 1, "fan_avg", "normal"),
        (xavier_uniform(), 1, "fan_avg", "uniform"),
        (xavier_normal(3), 9, "fan_avg", "normal"),
        (xavier_uniform(gain=0.5), 0.25, "fan_avg", "uniform"),
    ],
    ids=repr,
)
def test_named_case_is_the_law(named, scale, mode, distribution):
    law = variance_scaling(scale, mode, distribution)
    np.testing.assert_array_equal(draw(named), draw(law))
    np.testing.assert_array_equal(draw(named, (3, 5, 4, 8)), draw(law, (3, 5, 4, 8)))


@pytest.mark.parametrize("law", ["normal", "uniform"])
def test_other_names_are_the_same_objects(law):
    named = vars(initializers)
    assert named[f"glorot_{law}"] is named[f"xavier_{law}"]
    assert named[f"kaiming_{law}"] is named[f"he_{law}"]


@pytest.mark.parametrize(
    "init, text",
    [
        (zeros(), "zeros()"),
        (constant(1), "constant(value=1.0)"),
        (normal(0.01), "normal(std=0.01)"),
        (uniform(0.05), "uniform(bound=0.05)"),
        (truncated_normal(std=np.float64(0.02)), "truncated_normal(std=0.02)"),
        (
            variance_scaling(2, "fan_in", "normal"),
            "variance_scaling(scale=2.0, mode='fan_in', distribution='normal')",
        ),
        (lecun_normal(), "lecun_normal()"),
        (lecun_uniform(), "lecun_uniform()"),
        (xavier_normal(), "xavier_normal()"),
        (xavier_normal(1), "xavier_normal()"),
        (xavier_uniform(5 / 3), "xavier_uniform(gain=1.6666666666666667)"),
        (he_normal(), "he_normal()"),
        (he_normal(0.0, "fan_in"), "he_normal()"),
        (he_normal(mode="fan_out"), "he_normal(mode='fan_out')"),
        (
            he_normal(0.2, mode="fan_out"),
            "he_normal(negative_slope=0.2, mode='fan_out')",
        ),
        (he_uniform(negative_slope=0.2), "he_uniform(negative_slope=0.2)"),
        (orthogonal(), "orthogonal()"),
        (orthogonal(2), "orthogonal(gain=2.0)"),
        (he_normal(groups=np.int64(4)), "he_normal(groups=4)"),
        (
            variance_scaling(np.float32(2), np.str_("fan_in"), np.str_("normal"), groups=2),
            "variance_scaling(scale=2.0, mode='fan_in', distribution='normal', groups=2)",
        ),
        (initializers.kaiming_normal(), "he_normal()"),
        (initializers.glorot_uniform(), "xavier_uniform()"),
    ],
)
def test_prints_as_the_call_that_made_it(init, text):
    assert repr(init) == text
    assert init.name == text.removesuffix("()")


def test_a_factory_says_that_it_is_one():
    """A network is then told to call it, and never takes it for an initializer."""
    assert he_normal.is_factory and not hasattr(he_normal(), "is_factory")


def test_help_knows_the_law_by_its_name():
    assert (he_normal.__name__, str(inspect.signature(he_normal))) == (
        "he_normal",
        "(negative_slope=0.0, mode='fan_in', groups=1)",
    )
    assert all(vars(initializers)[name].__doc__ for name in initializers.__all__)


@pytest.mark.parametrize("init", [*EVERY, he_normal(0.1, groups=2)], ids=repr)
def test_its_print_makes_it_again(init):
    again = eval(repr(init), vars(initializers))
    np.testing.assert_array_equal(draw(init), draw(again))


# --- size -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape, expected",
    [
        ((784, 256), (784, 256)),
        ((1, 1), (1, 1)),
        ((3, 3, 16, 32), (144, 288)),
        ((5, 16, 32), (80, 160)),
        ((2, 3, 4, 5, 6), (120, 144)),
        ([7, np.int64(9)], (7, 9)),
    ],
)
def test_fans(shape, expected):
    assert fans(shape) == expected


@pytest.mark.parametrize(
    "shape, groups, expected",
    [
        ((3, 3, 1, 4), 1, (9, 36)),  # one channel, or
        ((3, 3, 1, 4), 4, (9, 9)),  # depthwise: each input reaches its own output alone
        ((3, 3, 1, 8), 4, (9, 18)),
        ((3, 3, 8, 32), 2, (72, 144)),
        ((16, 64), 4, (16, 16)),
    ],
)
def test_fans_of_groups(shape, groups, expected):
    assert fans(shape, groups) == expected
    for law in he_normal, he_uniform, lecun_normal, lecun_uniform, xavier_normal, xavier_uniform:
        fan_in, fan_out = expected
        n = (fan_in + fan_out) / 2 if "xavier" in law.__name__ else fan_in
        ratio = draw(law(groups=groups), shape) / draw(law(), shape)
        plain_in, plain_out = fans(shape)
        plain = (plain_in + plain_out) / 2 if "xavier" in law.__name__ else plain_in
        np.testing.assert_allclose(ratio, math.sqrt(plain / n), rtol=1e-9)
    ratio = draw(he_normal(mode="fan_out", groups=groups), shape) / draw(he_normal(), shape)
    np.testing.assert_allclose(ratio, math.sqrt(expected[0] / expected[1]), rtol=1e-9)


@pytest.mark.parametrize(
    "groups, error, sentence",
    [
        (3, ValueError, "groups must divide the 4 outputs; 3 does not"),
        (0, ValueError, "groups must be at least 1, not 0"),
        (2.0, TypeError, "groups must be a whole number, not 2.0"),
    ],
)
def test_bad_groups(groups, error, sentence):
    for use in fans, lambda shape, groups: draw(he_normal(groups=groups), shape):
        with pytest.raises(error, match=sentence):
            use((3, 3, 1, 4), groups)


N_OF = {"fan_in": 64, "fan_out": 256, "fan_avg": 160}
MODES_AND_LAWS = list(itertools.product(N_OF, DISTRIBUTIONS))


@pytest.mark.parametrize("mode, distribution", MODES_AND_LAWS)
def test_variance_follows_its_fan_and_no_other(mode, distribution):
    measured = draw(variance_scaling(1.7, mode, distribution)).std()
    error = UNIFORM if distribution == "uniform" else NORMAL
    fits = [m for m, n in N_OF.items() if agrees(measured, math.sqrt(1.7 / n), 2**14, error)]
    assert fits == [mode]


@pytest.mark.parametrize(
    "init, variance",
    [
        (he_normal(), 2 / 64),
        (he_normal(mode="fan_out"), 2 / 256),
        (he_normal(0.5), 2 / 1.25 / 64),
        (he_uniform(), 2 / 64),
        (xavier_normal(), 2 / 320),
        (xavier_uniform(), 2 / 320),
        (xavier_normal(2), 8 / 320),
        (lecun_normal(), 1 / 64),
        (lecun_uniform(), 1 / 64),
        (normal(0.3), 0.09),
        (uniform(0.3), 0.03),
        (truncated_normal(0.3), 0.09),
    ],
    ids=repr,
)
def test_variance_of_the_named_cases(init, variance):
    weights = draw(init)
    assert agrees(weights.std(), math.sqrt(variance), weights.size)
    assert abs(weights.mean()) < STANDARD_ERRORS * math.sqrt(variance / weights.size)


def test_variance_of_a_kernel_counts_its_area():
    kernel = draw(he_normal(), (3, 5, 16, 64))
    assert agrees(kernel.std(), math.sqrt(2 / 240), kernel.size)
    assert not agrees(kernel.std(), math.sqrt(2 / 16), kernel.size)


@pytest.mark.parametrize("shape", [(2, 3), (9, 4), (3, 3, 1, 2)])
def test_the_mean_of_the_fans_may_end_in_a_half(shape):
    """From one seed the laws draw the same numbers, so their stds are compared exactly."""
    fixed = normal(math.sqrt(2 / sum(fans(shape))))
    np.testing.assert_allclose(draw(xavier_normal(), shape), draw(fixed, shape), rtol=1e-12)


@pytest.mark.parametrize(
    "init, bound",
    [
        (uniform(0.3), 0.3),
        (he_uniform(), math.sqrt(6 / 64)),
        (he_uniform(mode="fan_out"), math.sqrt(6 / 256)),
        (xavier_uniform(), math.sqrt(6 / (64 + 256))),
        (lecun_uniform(), math.sqrt(3 / 64)),
        (truncated_normal(0.3), 2 * 0.3 / 0.8796256610342398),
    ],
    ids=repr,
)
def test_bounds_are_kept_and_reached(init, bound):
    weights = draw(init)
    assert 0.99 * bound < weights.max() <= bound * (1 + 1e-12)
    assert 0.99 * bound < -weights.min() <= bound * (1 + 1e-12)


# --- law --------------------------------------------------------------------------------------

LAWS = {
    "normal": stats.norm(scale=0.3),
    "uniform": stats.uniform(-0.3 * math.sqrt(3), 0.6 * math.sqrt(3)),
    "truncated_normal": stats.truncnorm(-2, 2, scale=0.3 / 0.8796256610342398),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_kolmogorov_smirnov_knows_the_law(distribution, dtype):
    weights = draw(variance_scaling(0.09 * 64, "fan_in", distribution), dtype=dtype).ravel()
    fits = [name for name, law in LAWS.items() if stats.kstest(weights, law.cdf).pvalue > 1e-3]
    assert fits == [distribution]


def test_the_std_of_a_truncated_normal_is_what_comes_out():
    weights = draw(truncated_normal(0.3), (500, 400))
    assert agrees(weights.std(), 0.3, weights.size)
    assert stats.truncnorm.std(-2, 2) == pytest.approx(TRUNCATED_STD, rel=1e-12)
    assert f"{TRUNCATED_STD:.4f}" == "0.8796"


def test_constants():
    assert (draw(zeros()) == 0).all()
    assert (draw(constant(-0.5)) == -0.5).all()
    assert (draw(normal(0)) == 0).all()


# --- orthogonal -------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype, tolerance", [(np.float64, 1e-12), (np.float32, 1e-5)])
@pytest.mark.parametrize("shape", [(6, 6), (9, 4), (4, 9), (3, 3, 2, 8), (2, 2, 3, 20), (5, 1)])
def test_orthogonal_rows_or_columns(shape, dtype, tolerance):
    Q = draw(orthogonal(1.5), shape, dtype=dtype)
    assert Q.shape == shape
    Q = Q.reshape(-1, shape[-1]) / 1.5
    gram = Q.T @ Q if Q.shape[0] >= Q.shape[1] else Q @ Q.T
    np.testing.assert_allclose(gram, np.eye(min(Q.shape)), atol=tolerance)


@pytest.mark.parametrize("shape", [(3, 3), (3, 5), (5, 3)])
def test_orthogonal_prefers_no_direction(shape):
    """Every entry of a uniform Q has mean 0; QR without the sign fix prefers one sign."""
    rng, init = np.random.default_rng(0), orthogonal()
    draws = np.array([init(rng, shape) for _ in range(1000)])
    standard_error = 1 / math.sqrt(max(shape) * len(draws))
    assert np.abs(draws.mean(axis=0)).max() < STANDARD_ERRORS * standard_error


def test_orthogonal_is_a_reflection_half_of_the_time():
    rng, init = np.random.default_rng(0), orthogonal()
    signs = np.sign([np.linalg.det(init(rng, (3, 3))) for _ in range(1000)])
    assert abs(signs.mean()) < STANDARD_ERRORS / math.sqrt(1000)


# --- seeds and types --------------------------------------------------------------------------


@pytest.mark.parametrize("init", EVERY, ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, "float32"])
def test_dtype_and_shape_as_asked(init, dtype):
    weights = draw(init, (3, 2, 5), dtype=dtype)
    assert weights.dtype == np.dtype(dtype)
    assert weights.shape == (3, 2, 5)


@pytest.mark.parametrize("init", EVERY, ids=repr)
def test_float64_unless_asked(init):
    assert draw(init).dtype == np.float64


@pytest.mark.parametrize("init", RANDOM, ids=repr)
def test_the_seed_decides(init):
    np.testing.assert_array_equal(draw(init, seed=1), draw(init, seed=1))
    assert (draw(init, seed=1) != draw(init, seed=2)).mean() > 0.99
    rng = np.random.default_rng(1)
    assert (init(rng, SHAPE) != init(rng, SHAPE)).mean() > 0.99


@laws
@given(shapes, st.sampled_from(EVERY), st.sampled_from([np.float32, np.float64]))
def test_any_shape_gives_finite_weights(shape, init, dtype):
    weights = draw(init, shape, dtype=dtype)
    assert weights.shape == shape and weights.dtype == dtype and np.isfinite(weights).all()


@laws
@given(shapes, gains, st.sampled_from([xavier_normal, xavier_uniform, orthogonal]))
def test_gain_multiplies_the_weights(shape, gain, factory):
    np.testing.assert_allclose(
        draw(factory(gain), shape), gain * draw(factory(), shape), rtol=1e-9, atol=1e-12
    )


@laws
@given(shapes, gains, st.sampled_from(list(N_OF)), st.sampled_from(DISTRIBUTIONS))
def test_scale_multiplies_the_variance(shape, gain, mode, distribution):
    unit, scaled = (variance_scaling(s, mode, distribution) for s in (1, gain**2))
    np.testing.assert_allclose(draw(scaled, shape), gain * draw(unit, shape), rtol=1e-9, atol=1e-12)


@laws
@given(shapes)
def test_swapping_inputs_and_outputs_swaps_the_fans(shape):
    *kernel, inputs, outputs = shape
    assert fans((*kernel, outputs, inputs)) == fans(shape)[::-1]
    assert fans(shape)[0] * outputs == math.prod(shape) == fans(shape)[1] * inputs


@laws
@given(shapes, gains)
def test_orthogonal_keeps_every_singular_value_at_its_gain(shape, gain):
    values = np.linalg.svd(draw(orthogonal(gain), shape).reshape(-1, shape[-1]), compute_uv=False)
    np.testing.assert_allclose(values, gain, atol=1e-12 * (1 + gain))


# --- bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call, error, sentence",
    [
        (lambda: normal(-1), ValueError, "std must be finite and at least 0, not -1"),
        (lambda: normal(math.nan), ValueError, "std must be finite"),
        (lambda: normal(math.inf), ValueError, "std must be finite"),
        (lambda: normal("big"), TypeError, "std must be a number, not 'big'"),
        (lambda: normal(True), TypeError, "std must be a number"),
        (
            lambda: truncated_normal(-0.1),
            ValueError,
            "std must be finite and at least 0",
        ),
        (lambda: uniform(-1), ValueError, "bound must be finite and at least 0"),
        (lambda: constant(math.inf), ValueError, "value must be finite, not inf"),
        (lambda: constant([1]), TypeError, "value must be a number"),
        (lambda: xavier_normal(-1), ValueError, "gain must be finite and at least 0"),
        (lambda: xavier_uniform(-1), ValueError, "gain must be finite and at least 0"),
        (
            lambda: xavier_uniform("relu"),
            TypeError,
            "gain must be a number, not 'relu'",
        ),
        (lambda: orthogonal(-1), ValueError, "gain must be finite and at least 0"),
        (lambda: xavier_normal(10**400), ValueError, "gain must be .* at most 1e.100, not 10000"),
        (lambda: xavier_uniform(1e200), ValueError, "gain must be .* at most 1e.100, not 1e.200"),
        (lambda: he_normal(1e200), ValueError, "negative_slope must be .* not 1e.200"),
        (lambda: he_uniform(-1e200), ValueError, "negative_slope must be .* not -1e.200"),
        (lambda: he_normal(mode=["fan_in"]), ValueError, r"mode must be .*; \['fan_in'\] is not"),
        (lambda: he_normal(None), TypeError, "negative_slope must be a number, not None"),
        (lambda: normal(Decimal(1)), TypeError, r"std must be a number, not Decimal\('1'\)"),
        (lambda: he_normal(math.nan), ValueError, "negative_slope must be finite"),
        (
            lambda: he_normal(mode="fan"),
            ValueError,
            "mode must be one of fan_in, fan_out, fan_avg",
        ),
        (lambda: he_uniform("fan_out"), TypeError, "negative_slope must be a number"),
        (
            lambda: variance_scaling(-1, "fan_in", "normal"),
            ValueError,
            "scale must be finite and at least 0",
        ),
        (
            lambda: variance_scaling(1, "fan_sum", "normal"),
            ValueError,
            "fan_avg; 'fan_sum' is not",
        ),
        (
            lambda: variance_scaling(1, "fan_in", "gaussian"),
            ValueError,
            "distribution must be one of normal, uniform, truncated_normal; 'gaussian' is not",
        ),
    ],
)
def test_bad_configuration(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()


@pytest.mark.parametrize("rng", [0, None, np.random, np.random.RandomState(0)])
def test_bad_rng(rng):
    with pytest.raises(TypeError, match=r"rng must be .* pass numpy.random.default_rng\(0\)"):
        he_normal()(rng, (3, 2))


@pytest.mark.parametrize(
    "shape, error, sentence",
    [
        ((5,), ValueError, r"at least two axes, \(fan_in, fan_out\); \(5,\) has not"),
        ((), ValueError, "at least two axes"),
        ((3, 0), ValueError, r"every axis of shape must be at least 1, not \(3, 0\)"),
        ((-1, 3), ValueError, "every axis of shape must be at least 1"),
        (
            5,
            TypeError,
            r"shape must be a tuple of whole numbers such as \(fan_in, fan_out\)",
        ),
        ((2.5, 3), TypeError, "shape must be a tuple of whole numbers"),
        ((10**6, 10**6), ValueError, "shape must be of at most 268435456 weights"),
        ("ab", TypeError, "shape must be a tuple of whole numbers"),
    ],
)
@pytest.mark.parametrize("use", [fans, lambda shape: draw(zeros(), shape)], ids=["fans", "draw"])
def test_bad_shape(use, shape, error, sentence):
    with pytest.raises(error, match=sentence):
        use(shape)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "init",
    [
        *(constant(1e39), normal(1e39), uniform(1e39), truncated_normal(1e39), orthogonal(1e39)),
        *(variance_scaling(1e78, "fan_in", law) for law in DISTRIBUTIONS),
        *(xavier_normal(1e40), xavier_uniform(1e40)),
    ],
    ids=repr,
)
def test_weights_too_large_for_float32_are_refused_without_a_warning(init):
    assert np.isfinite(draw(init, (3, 2))).all()
    with pytest.raises(ValueError, match=rf"{re.escape(repr(init))} gives weights that are too"):
        draw(init, (3, 2), dtype=np.float32)


@pytest.mark.parametrize("dtype", [int, np.float16, complex, None, "bfloat16", "x", [1], ">f8"])
def test_bad_dtype(dtype):
    with pytest.raises(ValueError, match="dtype must be one of float32, float64"):
        draw(normal(1), dtype=dtype)
