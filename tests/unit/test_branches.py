import numpy as np
import pytest

from initlib.explorables import branches
from initlib.explorables.branches import DEEPEST, SCALES, _drawn, signals

PLACES = tuple(branches.NORMS.values())


@pytest.mark.parametrize("norm", PLACES)
@pytest.mark.parametrize("scale", [0.0, 0.25, SCALES[-1]])
@pytest.mark.parametrize("depth", [1, 32, DEEPEST])
def test_signals_are_finite_and_begin_at_one(scale, depth, norm):
    seen = signals(scale, depth, norm)
    for values in (seen.forward, seen.backward, seen.forward_theory, seen.backward_theory):
        assert values.shape == (depth + 1,) and np.isfinite(values).all() and (values > 0).all()
    assert seen.forward[0] == seen.backward[-1] == 1


@pytest.mark.parametrize("norm", PLACES)
@pytest.mark.parametrize("scale", [0.125, 0.5, 1.0])
def test_signals_follow_theory(scale, norm):
    seen = signals(scale, 32, norm)
    for measured, predicted in (
        (seen.forward, seen.forward_theory),
        (seen.backward, seen.backward_theory),
    ):
        assert np.abs(np.log(measured / predicted)).max() < 0.5


def test_theory_is_that_of_the_chapter():
    L = 16
    for norm, forward, backward in (
        ("none", 2 ** (L / 2), 2 ** (L / 2)),
        ("before", (1 + L) ** 0.5, (1 + L) ** 0.5),
        ("after", 1, 1),
    ):
        seen = signals(1, L, norm)
        assert seen.forward_theory[-1] == pytest.approx(forward)
        assert seen.backward_theory[0] == pytest.approx(backward)
    rooted = signals(L**-0.5, L, "none")
    assert rooted.forward_theory[-1] ** 2 == pytest.approx((1 + 1 / L) ** L)


def test_branches_that_end_in_zeros_leave_all_as_it_is():
    seen = signals(0, DEEPEST, "none")
    assert (seen.forward == 1).all() and (seen.backward == 1).all()


@pytest.mark.parametrize("norm", PLACES)
def test_the_way_back_is_that_of_the_block(norm):
    x, d, ((W1, W2), *_) = _drawn()
    places = [branches._normalize if norm == each else branches._keep for each in PLACES[1:]]
    back = branches._block(x, W1, W2, *places)[1]
    step = np.random.default_rng(0).standard_normal(x.shape)
    up, down = (branches._block(x + h * step, W1, W2, *places)[0] for h in (1e-6, -1e-6))
    assert np.sum(back(d) * step) == pytest.approx(np.sum(d * (up - down)) / 2e-6, rel=1e-5)


def test_the_question_of_the_chapter_has_its_answer():
    kept = [s for s in SCALES if max(*_ends(signals(s, DEEPEST, "none"))) <= branches.WITHIN]
    assert max(kept) == 0.25 == branches.LOUD
    assert [s for s in SCALES if branches.reached(signals(s, DEEPEST, "none"))] == [0.25]
    assert not branches.reached(signals(0.25, 32, "none"))
    assert not branches.reached(signals(0.25, DEEPEST, "before"))


def _ends(seen):
    return seen.forward[-1], seen.backward[0]


@pytest.mark.parametrize(
    "change", [{"scale": -1.0}, {"depth": 0}, {"depth": DEEPEST + 1}, {"norm": "between"}]
)
def test_signals_refuse(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        signals(**{"scale": 1.0, "depth": 10, "norm": "none", **change})


def test_the_picture_shows_what_was_computed():
    figure, draw = branches.new_picture()
    by_name = {line.get_label(): line for line in figure.axes[0].lines}
    seen = signals(0.5, 20, "before")
    draw(seen)
    for name, values in {
        "forward, x": seen.forward,
        "backward, dx": seen.backward,
        "theory of x": seen.forward_theory,
        "theory of dx": seen.backward_theory,
    }.items():
        np.testing.assert_allclose(by_name[name].get_ydata(), values)


def test_what_is_seen_is_told():
    said = branches.describe(signals(1.0, 16, "none"))
    assert "16 branches at scale 1, nothing normalized" in said and "256 and 256" in said
    said = branches.describe(signals(0.0, 16, "after"))
    assert "end in zeros, a layer normalization after the sum" in said
