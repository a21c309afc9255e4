import numpy as np
import pytest

from initlib import theory
from initlib.explorables import knob
from initlib.explorables.knob import DEEPEST, GAINS, NEVER, signals


@pytest.mark.parametrize("activation", knob.ACTIVATIONS)
@pytest.mark.parametrize("gain", [GAINS[0], 1.0, GAINS[-1]])
@pytest.mark.parametrize("depth", [2, 30, DEEPEST])
def test_signals_are_finite_and_begin_at_one(gain, depth, activation):
    seen = signals(gain, depth, activation)
    for values in (seen.forward, seen.backward, seen.forward_theory, seen.backward_theory):
        assert values.shape == (depth,) and np.isfinite(values).all() and (values >= 0).all()
    assert seen.forward[0] == seen.backward[-1] == 1


def test_signals_follow_theory():
    for gain, activation in ((np.sqrt(2), "relu"), (1.0, "linear"), (0.5, "relu"), (1.0, "tanh")):
        seen = signals(gain, 12, activation)
        for measured, predicted in (
            (seen.forward, seen.forward_theory),
            (seen.backward, seen.backward_theory),
        ):
            assert np.abs(np.log(measured / predicted)).max() < 0.6


def test_theory_of_the_knob_is_that_of_the_course():
    seen = signals(0.5, 10, "relu")
    np.testing.assert_allclose(seen.forward_theory, np.sqrt(0.125) ** np.arange(10))
    np.testing.assert_allclose(seen.backward_theory, np.sqrt(0.125) ** np.arange(9, -1, -1))
    q = theory.signal("tanh", 4.0, 2, q=1.0)
    assert q[1] == pytest.approx(4 * theory.second_moment("tanh", 4.0))


def test_the_layer_at_which_the_signal_is_lost():
    seen = signals(0.5, 40, "linear")
    assert seen.lost == 1 + np.argmax(seen.forward < 1e-3)
    assert abs(seen.lost - 11) <= 1  # ten halvings are a factor of 1024
    up = signals(4.0, 40, "linear")
    assert abs(up.lost - 6) <= 1
    assert signals(np.sqrt(2), 20, "relu").lost == NEVER
    # Deeper is never earlier, and the ridge narrows: fewer gains keep the signal.
    kept = [sum(signals(g, d, "relu").lost == NEVER for g in GAINS) for d in (5, 20, 60)]
    assert kept == sorted(kept, reverse=True) and kept[0] > 2 * kept[-1] > 0


@pytest.mark.parametrize("change", [{"gain": -1.0}, {"depth": 1}, {"depth": DEEPEST + 1}])
def test_signals_refuse(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        signals(**{"gain": 1.0, "depth": 10, "activation": "relu", **change})


def test_nothing_is_shown_before_the_guess_is_locked():
    figure, draw = knob.new_picture()
    (axes,) = figure.axes
    by_name = {line.get_label(): line for line in axes.lines}
    draw(signals(0.5, 30, "linear", guess=14, locked=False))
    shown = {name for name, line in by_name.items() if line.get_visible()}
    assert shown == {"your guess"} and list(by_name["your guess"].get_xdata()) == [14, 14]
    seen = signals(0.5, 30, "linear", guess=14, locked=True)
    draw(seen)
    assert all(line.get_visible() for line in by_name.values())
    np.testing.assert_allclose(by_name["forward, z"].get_ydata(), seen.forward)
    np.testing.assert_allclose(by_name["backward, dz"].get_ydata(), seen.backward)
    np.testing.assert_allclose(by_name["theory of z"].get_ydata(), seen.forward_theory)
    np.testing.assert_allclose(by_name["theory of dz"].get_ydata(), seen.backward_theory)
    assert list(by_name["lost here"].get_xdata()) == [seen.lost] * 2


@pytest.mark.parametrize(
    "guess, locked, said",
    [
        (14, False, "Your guess: layer 14. Lock it"),
        (14, True, "lost at layer 11; your guess, layer 14, is 3 off."),
        (11, True, "lost at layer 11; as you guessed."),
        (NEVER, True, "lost at layer 11; you guessed that it stays."),
    ],
)
def test_the_error_of_the_guess_is_told(guess, locked, said):
    seen = signals(0.5, 30, "linear", guess, locked)._replace(lost=11)
    assert said in knob.describe(seen)


def test_a_signal_that_stays_is_told():
    seen = signals(np.sqrt(2), 20, "relu", guess=NEVER)
    assert "not lost in 20 layers; as you said." in knob.describe(seen)
    assert "your guess was layer 7." in knob.describe(seen._replace(guess=7))
