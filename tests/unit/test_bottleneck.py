import itertools

import numpy as np
import pytest

from initlib.explorables import bottleneck
from initlib.explorables.bottleneck import HOURGLASS, MODES, WIDTHS, flows
from initlib.initializers import variance_scaling
from initlib.lessons._texts import item


def of(mode, widths=HOURGLASS):
    return flows(mode, **{f"layer_{k}": width for k, width in enumerate(widths)})


@pytest.mark.parametrize("mode", MODES.values())
@pytest.mark.parametrize(
    "widths", [HOURGLASS, WIDTHS[:5], WIDTHS[:0:-1], (8,) * 5, (256, 8, 256, 8, 256)]
)
def test_flows_enter_as_one_and_follow_theory(mode, widths):
    seen = of(mode, widths)
    assert seen.forward[0] == seen.backward[-1] == 1
    # Twenty networks of one signal each: through eight units the straying is largest.
    for way, theory in (
        (seen.forward, seen.forward_theory),
        (seen.backward, seen.backward_theory),
    ):
        assert way.shape == theory.shape == (5,) and np.isfinite(way).all()
        assert np.abs(np.log(way / theory)).max() < 0.7


def test_theory_by_hand():
    up = of("fan_in", (32, 64, 128, 64, 8))
    np.testing.assert_allclose(up.forward_theory, 1)
    np.testing.assert_allclose(up.backward_theory, 8 / np.array([32, 64, 128, 64, 8]))
    down = of("fan_out", (32, 64, 128, 64, 8))
    np.testing.assert_allclose(down.backward_theory, 1)
    np.testing.assert_allclose(down.forward_theory, 32 / np.array([32, 64, 128, 64, 8]))
    r = 1 / 32
    ends = of("fan_avg", (256, 8, 256, 8, 256))
    assert ends.forward_theory[-1] == pytest.approx((4 * r / (1 + r) ** 2) ** 2)
    assert ends.backward_theory[0] == pytest.approx(ends.forward_theory[-1])


def test_the_variance_is_that_of_the_law():
    for mode, (fan_in, fan_out) in itertools.product(MODES.values(), [(64, 256), (8, 32)]):
        law = variance_scaling(1.0, mode, "normal")
        W = np.stack([law(np.random.default_rng(s), (fan_in, fan_out)) for s in range(40)])
        expected = bottleneck.variance(mode, fan_in, fan_out)
        assert np.mean(W**2) == pytest.approx(expected, rel=5 * np.sqrt(2 / W.size))


def test_a_width_moves_its_own_layer_alone():
    narrow = of("fan_in", (64, 8, 64, 64, 64))
    np.testing.assert_array_equal(narrow.widths, [64, 8, 64, 64, 64])
    np.testing.assert_allclose(narrow.backward_theory, [1, 8, 1, 1, 1])


@pytest.mark.parametrize(
    "mode, widths, word",
    [
        ("fan", HOURGLASS, "mode"),
        ("fan_in", (64, 0, 8), "layer_1 must be at least 1"),
        ("fan_in", (64, 8, 512), "layer_2 must be at most 256"),
    ],
)
def test_flows_refuse(mode, widths, word):
    with pytest.raises(ValueError, match=word):
        of(mode, widths)


def test_the_picture_shows_the_numbers():
    figure, draw = bottleneck.new_picture()
    axes, outline = figure.axes
    for mode in MODES.values():
        seen = of(mode, (16, 64, 8, 32, 256))
        draw(seen)
        lines = {line.get_label(): line.get_ydata() for line in axes.lines}
        np.testing.assert_allclose(lines["forward"], seen.forward)
        np.testing.assert_allclose(lines["backward"], seen.backward)
        np.testing.assert_allclose(lines["theory forward"], seen.forward_theory)
        np.testing.assert_allclose(lines["theory backward"], seen.backward_theory)
    assert [text.get_text() for text in outline.texts] == ["16", "64", "8", "32", "256"]
    upper, lower = (line.get_ydata() for line in outline.lines)
    np.testing.assert_array_equal(upper, -lower)
    assert list(np.argsort(upper)) == [2, 0, 3, 1, 4]
    assert axes.get_yscale() == "log" and outline.get_xlabel() == "layer"
    assert axes.get_ylabel() == "second moment,\nentering as 1"


def test_no_flow_leaves_the_axes():
    figure, _ = bottleneck.new_picture()
    low, high = figure.axes[0].get_ylim()
    for mode, ends in itertools.product(MODES.values(), itertools.product((8, 256), repeat=5)):
        seen = of(mode, ends)
        ways = np.concatenate([seen.forward, seen.backward, seen.forward_theory])
        assert low < ways.min() and ways.max() < high, (mode, ends)


def test_the_answer_of_the_exercise():
    """The least that leaves between two ends of 256; and what the sentence says there."""
    ends = {
        inner: of("fan_avg", (256, *inner, 256)).forward_theory[-1]
        for inner in itertools.product(WIDTHS, repeat=3)
    }
    best, second = sorted(ends, key=ends.get)[:2]
    assert best == (8, 256, 8) and ends[second] > 1.5 * ends[best]
    checker = item("05/least", "exercises").checker
    assert checker(round(ends[best], 3)).right
    said = bottleneck.describe(of("fan_avg", (256, *best, 256)))
    for measured in ("signal leaves at 0.013", "gradient at 0.015"):
        assert measured in said
        assert "measured" in checker(float(measured.split()[-1])).message


def test_words_for_what_is_seen():
    seen = of("fan_in")
    said = bottleneck.describe(seen)
    assert said.startswith("Widths 256, 64, 32, 64, 256 with 1/fan_in (LeCun)")
    assert f"the signal leaves at {seen.forward[-1]:.2g} (theory 1)" in said
    assert f"the gradient at {seen.backward[0]:.2g} (theory 1)" in said
    assert f"and {seen.backward.max():.2g}." in said
    for mode, lowest in (("fan_in", "backward"), ("fan_avg", "backward"), ("fan_out", "forward")):
        widths = HOURGLASS[2:] if mode == "fan_out" else WIDTHS[::-1]
        seen = of(mode, widths)
        assert f"lie between {getattr(seen, lowest).min():.2g} and" in bottleneck.describe(seen)
