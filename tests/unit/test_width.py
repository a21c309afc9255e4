import numpy as np
import pytest

from initlib import Network, Runs, load_digits
from initlib.explorables import width as module
from initlib.explorables.width import OUTPUTS, WIDTHS, describe, level, moved, reached, theory
from initlib.initializers import he_normal

USUAL, SMALL = OUTPUTS.values()
MUP = {"SGD": (SMALL, 1.0, 0.0, -1.0), "Adam": (SMALL, 0.0, -1.0, -1.0)}


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize("output", [USUAL, SMALL])
def test_each_layer_moves_by_its_power_of_the_width(optimizer, output):
    seen = moved(512, optimizer, output, 0.0, 0.0, 0.0)
    grown = np.log(seen.moved[-1]) / np.log(WIDTHS[-1] / WIDTHS[0])
    np.testing.assert_allclose(grown[:3], seen.powers[:3], atol=0.15)
    # All three together are a sum, which only the widest of networks let one term rule.
    late = np.log(seen.moved[-1, 3] / seen.moved[-2, 3]) / np.log(2)
    assert abs(late - seen.powers[3]) < 0.5


def test_the_powers_are_those_of_the_chapter():
    assert theory("SGD", USUAL, (0, 0, 0)) == (-0.5, 0.5, 1, 1)
    assert theory("Adam", USUAL, (0, 0, 0)) == (0, 1, 1, 1.5)
    for optimizer, (output, *rates) in MUP.items():
        assert theory(optimizer, output, rates) == (0, 0, 0, 0)


def test_a_rate_multiplies_its_layer_exactly():
    one, other = (moved(512, "SGD", USUAL, power, 0.0, 0.0).moved for power in (0.0, 0.5))
    np.testing.assert_allclose(other[:, 0] / one[:, 0], (np.array(WIDTHS) / 32) ** 0.5)
    np.testing.assert_allclose(other[:, 1:3], one[:, 1:3])


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_its_parts_are_those_of_a_real_small_step(optimizer):
    digits, rate = load_digits(), 1e-6
    runs = Runs(start=he_normal(), seed=range(module.NETWORKS))
    network = Network((64, 64, 64, 10), "relu", runs)
    network.W[2] *= 2 ** (SMALL + 0.5)
    before = network.forward(digits.x_train[:1])
    for W, dW in zip(network.W, network.backward(digits.y_train[:1]).dW):
        W += rate * (dW if optimizer == "SGD" else np.sign(dW))
    real = (network.forward(digits.x_train[:1]) - before)[:, 0] / rate
    ends = [end for _, end in module.parts(optimizer, SMALL, 64)]
    np.testing.assert_allclose(sum(ends), real, atol=1e-3 * np.abs(real).max())


def test_the_picture_shows_what_moved():
    figure, draw = module.new_picture()
    seen = moved(128, "Adam", USUAL, 0.0, -1.0, -0.5)
    draw(seen)
    lines = {line.get_label(): line for axes in figure.axes for line in axes.lines}
    for name, way in zip(module.NAMES, seen.moved.T):
        np.testing.assert_allclose(lines[name].get_ydata(), way)
    assert list(lines["your width"].get_xdata()) == [128, 128]


def test_what_is_said():
    said = describe(moved(512, "SGD", USUAL, 1.0, -0.5, -1.0))
    assert said.startswith("One small step of SGD at width 512, beside width 32. Layer 1: ")
    assert "(theory n^-1)" not in said and said.endswith("times (theory n^1).")


def test_only_the_published_powers_are_level():
    for optimizer, (output, *rates) in MUP.items():
        assert level(moved(512, optimizer, output, *rates))
        assert reached(moved(512, optimizer, output, *rates)) == (optimizer == "Adam")
        assert not level(moved(512, optimizer, USUAL, *rates))
    assert not level(moved(512, "Adam", SMALL, 0.5, -1.0, -1.0))


def test_the_exercise_has_its_answer():
    """Hidden layers and last layer level at the usual start: the logits move by n^(1/2)."""
    seen = moved(512, "SGD", USUAL, 0.5, -0.5, -1.0)
    assert seen.powers == (0, 0, 0, 0.5)
    assert np.abs(np.log(seen.moved[-1, :3])).max() < np.log(1.5)
    assert "the logits, by all three: " in describe(seen) and "(theory n^1/2)." in describe(seen)


@pytest.mark.parametrize("change", [{"width": 33}, {"optimizer": "Lion"}, {"first": 0.3}])
def test_moved_refuses(change):
    given = dict(width=32, optimizer="SGD", output=USUAL, first=0.0, second=0.0, last=0.0)
    with pytest.raises(ValueError):
        moved(**given | change)
