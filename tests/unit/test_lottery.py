import numpy as np
import pytest
from matplotlib.colors import to_rgb

from initlib.explorables import lottery as module
from initlib.explorables.lottery import DEEPEST, SEEDS, WIDTHS, describe, lottery
from initlib.initializers import he_normal
from initlib.network import Network


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("depth", [1, 30, DEEPEST])
@pytest.mark.parametrize("seeds", [SEEDS[0], SEEDS[-1]])
def test_lottery_over_its_controls(width, depth, seeds):
    seen = lottery(width, depth, seeds)
    assert seen.networks.shape == (seeds, depth + 1)
    np.testing.assert_array_equal(seen.layers, np.arange(depth + 1))
    for values in (seen.networks.T, seen.mean, seen.median, seen.mean_theory, seen.median_theory):
        assert len(values) == depth + 1 and np.isfinite(values).all() and (values >= 0).all()
        np.testing.assert_array_equal(values[0], 1)
    ends = seen.networks[:, -1]
    assert seen.below == np.mean(ends < 0.1) and seen.dead == np.sum(ends == 0)
    assert np.log(seen.factor) == pytest.approx(np.ptp(np.log(ends[ends > 0])))


def test_all_settings_of_one_width_show_the_same_networks():
    most = lottery(64, DEEPEST, SEEDS[-1]).networks
    for depth, seeds in ((2, 1), (30, 20), (DEEPEST, 100)):
        few = lottery(64, depth, seeds)
        np.testing.assert_array_equal(few.networks, most[:seeds, : depth + 1])
        np.testing.assert_array_equal(few.median, np.median(few.networks, axis=0))
        np.testing.assert_array_equal(few.mean, np.mean(few.networks, axis=0))


@pytest.mark.parametrize("width", WIDTHS[2:])
def test_a_layer_has_the_mean_1_and_the_variance_that_the_chapter_derives(width):
    networks = lottery(width, DEEPEST, SEEDS[-1]).networks
    factors = (networks[:, 1:] / networks[:, :-1]).ravel()
    squares = (factors - factors.mean()) ** 2
    for values, predicted in ((factors, 1), (squares, 5 / width)):
        error = values.std() / np.sqrt(len(values))
        assert abs(values.mean() - predicted) < 4 * error
        assert error < 0.05 * predicted


@pytest.mark.parametrize("width", [128, 256, 512])
def test_mean_and_median_follow_theory_where_networks_are_wide(width):
    seen = lottery(width, DEEPEST, SEEDS[-1])
    ends = seen.networks[:, -1]
    error = ends.std() / np.sqrt(len(ends))
    assert abs(seen.mean[-1] - seen.mean_theory[-1]) < 4 * error
    error = np.sqrt(np.pi / 2) * np.log(ends).std() / np.sqrt(len(ends))
    assert abs(np.log(seen.median[-1] / seen.median_theory[-1])) < 4 * error
    assert seen.median_theory[-1] == pytest.approx(np.exp(-2.5 * DEEPEST / width))


# Weights are not drawn, so it has to be shown that networks with weights do the same.

LAYERS = 10


def logs_of_real_networks(width, count=400):
    rngs = [np.random.default_rng(seed) for seed in range(count)]
    x = np.random.default_rng(1000).standard_normal((1, 64))
    network = Network((64, *[width] * LAYERS, 10), "relu", he_normal(), rngs)
    network.forward(x)
    return np.log(np.mean(network.a[LAYERS - 1] ** 2, axis=(1, 2)) / np.mean(x**2))


def apart(one, other):
    """The distance of Kolmogorov and Smirnov, over its limit at 0.1 %."""
    both = np.concatenate([one, other])
    shares = [
        np.searchsorted(np.sort(each), both, side="right") / len(each) for each in (one, other)
    ]
    limit = np.sqrt(-np.log(0.001 / 2) / 2 * (1 / len(one) + 1 / len(other)))
    return np.abs(shares[0] - shares[1]).max() / limit


def test_networks_with_weights_have_the_same_law():
    real = logs_of_real_networks(32)
    drawn = np.log(lottery(32, LAYERS, SEEDS[-1]).networks[:, -1])
    assert len(real) >= 200
    squares = [(each - each.mean()) ** 2 * len(each) / (len(each) - 1) for each in (real, drawn)]
    for one, other in ((real, drawn), squares):
        error = np.sqrt(one.var() / len(one) + other.var() / len(other))
        assert abs(one.mean() - other.mean()) < 4 * error
    assert apart(real, drawn) < 1


@pytest.mark.parametrize("width, layers", [(16, LAYERS), (64, LAYERS), (32, LAYERS // 2)])
def test_another_law_would_be_noticed(width, layers):
    other = np.log(lottery(width, layers, SEEDS[-1]).networks[:, -1])
    assert apart(logs_of_real_networks(32), other) > 1


# The exercise: of 200 networks of 50 layers, the smallest width of which fewer than 10 % fail


def test_the_answer_of_the_exercise_is_the_only_one_and_stable():
    below = [lottery(width, DEEPEST, 200).below for width in WIDTHS]
    assert below == sorted(below, reverse=True)
    assert WIDTHS[np.argmax(np.array(below) < 0.1)] == 256
    # Other seeds too: X is 2/n times a chi-squared of as many degrees as units are on.
    rng = np.random.default_rng(1)
    for width, right in ((128, False), (256, True)):
        on = rng.binomial(width, 0.5, (200, 200, DEEPEST))
        ends = np.log(2 / width * rng.chisquare(on)).sum(axis=-1)
        assert np.mean((np.mean(ends < np.log(0.1), axis=1) < 0.1) == right) > 0.98


# The picture and its words


@pytest.mark.parametrize(
    "setting", [(64, 30, 200), (8, DEEPEST, 100), (512, 2, 1)], ids=lambda s: "-".join(map(str, s))
)
def test_the_picture_shows_the_numbers(setting):
    figure, draw = module.new_picture()
    (axes,) = figure.axes
    seen = lottery(*setting)
    draw(seen)
    (thin,) = axes.collections
    segments = np.array(thin.get_segments())
    np.testing.assert_array_equal(segments[..., 0], np.tile(seen.layers, (len(seen.networks), 1)))
    np.testing.assert_allclose(segments[..., 1], seen.networks, atol=1e-29)
    by_name = {line.get_label(): line for line in axes.lines}
    grey = thin.get_color()[0, :3]
    np.testing.assert_allclose(to_rgb(by_name["one network"].get_color()), grey)
    for name, values in (
        ("their mean", seen.mean),
        ("their median", seen.median),
        ("theory of the mean", seen.mean_theory),
        ("theory of the median", seen.median_theory),
    ):
        np.testing.assert_array_equal(by_name[name].get_xdata(), seen.layers)
        np.testing.assert_allclose(by_name[name].get_ydata(), values, atol=1e-29)
    assert set(by_name["a tenth"].get_ydata()) == {0.1}
    assert (
        axes.get_yscale() == "log" and axes.get_ylabel() == "second moment of a over that of x (1)"
    )
    assert axes.get_xlabel() == "layer"
    assert axes.get_title(loc="left") == "He networks that differ in nothing but the seed"
    (legend,) = figure.legends
    names = [text.get_text() for text in legend.get_texts()]
    theories = {"theory of the mean", "theory of the median"}
    assert set(names) == {"one network", "their mean", "their median", *theories, "a tenth"}


def test_the_sentence_has_the_share_the_middles_and_the_factor():
    seen = lottery(64, 30, 200)._replace(below=0.125, factor=12345.0)
    assert module.describe(seen) == (
        "200 networks of 30 layers of 64 units: 12% end below a tenth. "
        f"Their mean is {seen.mean[-1]:.2g} and their median {seen.median[-1]:.2g}; "
        "theory has a mean of 1 and a median of 0.31. The largest is 12,000 times the smallest."
    )
    assert describe(seen._replace(factor=3.44)).endswith("The largest is 3.4 times the smallest.")


def test_dead_networks_are_told_and_not_divided_by():
    seen = lottery(8, DEEPEST, 200)
    assert 0 < seen.dead == np.sum(seen.networks[:, -1] == 0) < 200
    said = (
        f"{seen.dead} of them end at 0, as all units of a layer are off. Of the others the largest"
    )
    assert said in describe(seen) and "inf" not in describe(seen)


def test_one_network_is_not_spoken_of_as_many():
    seen = lottery(16, 50, 1)
    said = (
        f"One network of 50 layers of 16 units. It ends at {seen.networks[0, -1]:.2g}: theory has"
    )
    assert describe(seen).startswith(said)
    dead = seen._replace(dead=1)
    assert "It ends at 0, as all units of a layer are off: theory" in describe(dead)


@pytest.mark.parametrize(
    "change", [{"width": 100}, {"depth": 0}, {"depth": DEEPEST + 1}, {"seeds": 3}]
)
def test_lottery_refuses(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        lottery(**{"width": 64, "depth": 30, "seeds": 200, **change})
