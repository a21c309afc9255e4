import numpy as np
import pytest

from initlib.explorables import attention
from initlib.explorables.attention import DEEPEST, GAINS, TOKENS, WIDTHS, tokens

SKIPS = tuple(attention.SKIPS.values())


@pytest.mark.parametrize("skip", SKIPS)
@pytest.mark.parametrize("gain", [GAINS[0], 1.0, GAINS[-1]])
@pytest.mark.parametrize("depth", [1, DEEPEST])
def test_what_is_seen_is_finite_and_within_its_bounds(gain, depth, skip):
    seen = tokens(WIDTHS[0], gain, depth, skip)
    assert seen.apart.shape == (depth + 1,) and seen.heard.shape == (depth,)
    assert (seen.apart >= 0).all() and (seen.apart <= 1.01).all()
    assert (seen.heard >= 0.99).all() and (seen.heard <= TOKENS + 0.01).all()


@pytest.mark.parametrize("width", WIDTHS)
def test_with_soft_scores_as_many_are_heard_as_theory_says(width):
    for gain in GAINS[:4]:
        seen = tokens(width, gain, 1, "none")
        assert seen.heard[0] == pytest.approx(seen.heard_theory, rel=0.1)


def test_the_width_does_not_make_the_softmax_sharper():
    heard = [tokens(width, 1.0, 1, "none").heard[0] for width in WIDTHS]
    assert max(heard) < 1.2 * min(heard)


def test_what_differs_goes_with_its_cube_until_rounding():
    falls = np.log(tokens(64, 1.0, 4, "none").apart)
    assert (falls[4] - falls[3]) / (falls[3] - falls[2]) == pytest.approx(3, rel=0.15)
    assert tokens(64, 1.0, 8, "none").apart[-1] < attention.ROUNDING


def test_a_way_past_keeps_the_tokens_apart():
    alone, past = (tokens(64, 1.0, 8, skip).apart[-1] for skip in SKIPS)
    assert alone < 1e-14 and past > 0.5


def test_the_question_of_the_chapter_has_its_answer():
    kept = [g for g in GAINS if tokens(64, g, 8, "none").apart[-1] >= attention.APART]
    assert kept == [2**1.5] == [g for g in GAINS if attention.reached(tokens(64, g, 8, "none"))]
    assert not attention.reached(tokens(64, 2**1.5, 7, "none"))
    assert not attention.reached(tokens(64, 2**1.5, 8, "skip"))


@pytest.mark.parametrize(
    "change", [{"width": 20}, {"gain": -1.0}, {"depth": 0}, {"depth": 13}, {"skip": "half"}]
)
def test_tokens_refuses(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        tokens(**{"width": 64, "gain": 1.0, "depth": 4, "skip": "none", **change})


def test_the_picture_shows_what_was_computed():
    figure, draw = attention.new_picture()
    seen = tokens(64, 0.5, 3, "skip")
    draw(seen)
    drawn = {line.get_label(): line.get_ydata() for axes in figure.axes for line in axes.lines}
    np.testing.assert_allclose(drawn["how far apart"], seen.apart)
    np.testing.assert_allclose(drawn["heard by one"], seen.heard)
    np.testing.assert_allclose(drawn["theory for many tokens"], seen.heard_theory)


def test_what_is_seen_is_told():
    said = attention.describe(tokens(64, 2.0, 8, "skip"))
    assert "8 layers of attention, 64 wide, gain 2, a way past each" in said
    assert "standard deviation is about 4" in said
    assert "differ by 0 of" in attention.describe(tokens(64, 1.0, 8, "none"))
