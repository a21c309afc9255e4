import numpy as np
import pytest

from initlib import Network, Runs, evaluate, fit, load_digits
from initlib.comparing import TRIAL, best_rates, first_step, running_model, tune
from initlib.initializers import he_normal, normal, zeros

STARTS = {"He": he_normal(), "small": normal(0.05)}
RATES = (0.001, 0.03, 0.3, 3.0, 30.0)
OPTIONS = {"steps": 30, "choosing": range(2), "fresh": (5, 6, 7), "batch_size": 32}


def order():
    return np.random.default_rng(9)


def tuned(**options):
    given = {"starts": STARTS, "rates": RATES, "rng": order, **OPTIONS, **options}
    return tune((64, 16, 10), "relu", digits=load_digits(), **given)


# --- first_step -------------------------------------------------------------------------------


def test_the_first_look_at_which_it_happened():
    happened = np.array([[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 1, 0], [1, 0, 1, 1]], bool)
    assert first_step(happened).tolist() == [1, np.inf, 0, 3]
    assert first_step(happened, every=5).tolist() == [5, np.inf, 0, 15]
    assert first_step(happened.reshape(4, 4, 1)).shape == (4, 1)
    assert first_step([False, True]) == 1


def test_never_is_not_zero():
    """What ``argmax`` alone says of a network to which it never happened."""
    assert first_step(np.zeros((5, 2), bool)).tolist() == [np.inf, np.inf]


@pytest.mark.parametrize("happened", [[0, 1], [], True, [[0.5]], np.ones(3)])
def test_bad_looks(happened):
    with pytest.raises(ValueError, match="happened must hold True or False, one row a look"):
        first_step(happened)


# --- best_rates -------------------------------------------------------------------------------


def scores(*rows):
    return np.array(rows, float)[:, :, None] + [-0.1, 0, 0.1]


def test_the_best_median_chooses():
    found = best_rates(scores([1, 3, 2], [0, 1, 0.5]), (0.1, 0.2, 0.4), "ab")
    assert found == {"a": 0.2, "b": 0.2}
    lucky = scores([1, 3, 2, 1])
    lucky[0, 2] = [0, 0, 9]  # the mean of one lucky seed is 3, its median 0
    assert best_rates(lucky, (1, 2, 3, 4), "a") == {"a": 2}


def test_of_equal_medians_the_mean_decides():
    equal = np.array([[[0, 0, 0], [0, 1, 1], [1, 1, 1], [0, 0, 0]]])
    assert best_rates(equal, (1, 2, 3, 4), "a") == {"a": 3}


@pytest.mark.parametrize(
    "change, error, sentence",
    [
        ({"scores": scores([np.nan, 3, 2])}, ValueError, "scores must be finite; it contains NaN"),
        ({"scores": scores([1, 3, np.nan])}, ValueError, "scores must be finite; it contains NaN"),
        (
            {"scores": np.ones((1, 3, 0))},
            ValueError,
            r"scores must be .* are \(1, 3, 0\)",
        ),
        ({"chance": np.nan}, ValueError, "chance must be finite, not nan"),
        ({"rates": (-0.1, 0.1, 1)}, ValueError, "rates must rise, and be above 0"),
        ({"rates": (0.1, np.nan, 1)}, ValueError, "rates must be finite"),
        ({"rates": (0.1, 1, "2")}, TypeError, "rates must hold real numbers"),
        ({"rates": 0.1}, TypeError, "rates must be a list of learning rates, not 0.1"),
    ],
)
def test_bad_scores(change, error, sentence):
    good = {"scores": scores([1, 3, 2]), "rates": (0.1, 0.2, 0.4), "starts": "a"}
    assert best_rates(**good) == {"a": 0.2}
    with pytest.raises(error, match=sentence):
        best_rates(**{**good, **change})


@pytest.mark.parametrize(
    "row, side", [([3, 2, 1], "smallest of the grid, 1: .*smaller"), ([1, 2, 3], "largest")]
)
def test_a_best_rate_at_the_edge_is_refused(row, side):
    with pytest.raises(ValueError, match=f"the best rate of He is the {side}"):
        best_rates(scores(row), (1, 2, 3), ["He"])


def test_at_chance_no_rate_is_best_and_none_is_refused():
    assert best_rates(scores([0.1, 0.1, 0.1]), (1, 2, 3), ["zero"], chance=0.1) == {"zero": 1}
    with pytest.raises(ValueError, match="the best rate of zero is the smallest"):
        best_rates(scores([0.2, 0.1, 0.1]), (1, 2, 3), ["zero"], chance=0.1)


@pytest.mark.parametrize("score", [-5, -1, 0, 1])
def test_where_no_chance_is_named_every_edge_is_refused(score):
    """Also where scores are losses, turned round."""
    with pytest.raises(ValueError, match="the best rate of He is the smallest"):
        best_rates(scores([score, score - 1, score - 2]), (1, 2, 3), ["He"])


@pytest.mark.parametrize("shape", [(1, 2, 3), (1, 4, 3), (2, 3, 3), (1, 3), (1, 3, 3, 1)])
def test_scores_of_another_shape(shape):
    with pytest.raises(ValueError) as told:
        best_rates(np.zeros(shape), (1, 2, 3), ["He"])
    said = "scores must be (1, 3, seeds), by start and rate; they are "
    assert str(told.value) == f"{said}{shape}"


@pytest.mark.parametrize("rates", [[1, 3, 2], [1, 2, 2], [0.1, 0.3, 0.2]])
def test_rates_that_do_not_rise(rates):
    with pytest.raises(ValueError) as told:
        best_rates(scores([1, 3, 2]), rates, ["He"])
    assert str(told.value) == f"rates must rise, and be above 0; they are {rates}"


# --- tune -------------------------------------------------------------------------------------


def test_tune_is_two_trainings_and_a_choice_between():
    result, digits = tuned(), load_digits()
    assert list(result.rates) == list(STARTS)
    assert result.validation.shape == (2, 5, 2) and result.test.shape == (2, 3)
    for row, (name, start) in enumerate(STARTS.items()):
        for column, rate in enumerate(RATES):
            network = Network((64, 16, 10), "relu", Runs(start=start, seed=range(2)))
            fit(network, *digits.train, steps=30, learning_rate=rate, rng=order(), batch_size=32)
            accuracy = evaluate(network, *digits.validation).accuracy
            np.testing.assert_allclose(result.validation[row, column], accuracy)
        network = Network((64, 16, 10), "relu", Runs(start=start, seed=(5, 6, 7)))
        options = {"learning_rate": result.rates[name], "rng": order(), "batch_size": 32}
        fit(network, *digits.train, steps=30, **options)
        np.testing.assert_allclose(result.test[row], evaluate(network, *digits.test).accuracy)


def test_tune_refuses_an_edge():
    with pytest.raises(ValueError, match=r"is the largest of the grid, 0\.03"):
        tuned(rates=(0.001, 0.01, 0.03))


def test_the_test_digits_do_not_choose():
    """With other test digits the same rates are chosen."""
    digits = load_digits()
    other = digits._replace(x_test=digits.x_test * 0, y_test=digits.y_test * 0)
    options = {"rates": RATES, "rng": order, **OPTIONS}
    result = tune((64, 16, 10), "relu", STARTS, other, **options)
    assert result.rates == tuned().rates
    np.testing.assert_array_equal(result.validation, tuned().validation)


def test_seeds_that_chose_do_not_report():
    with pytest.raises(ValueError, match=r"fresh must hold seeds that did not choose; \[1\] did"):
        tuned(fresh=(1, 8))


def test_starts_are_refused_by_their_name():
    with pytest.raises(TypeError, match="starts must map names to initializers"):
        tuned(starts={"He": "he_normal"})


@pytest.mark.parametrize("change", [{"digits": np.zeros((9, 64))}, {"rng": order()}])
def test_digits_and_what_makes_their_order(change):
    given = {"digits": load_digits(), "rng": order, "rates": RATES, **OPTIONS, **change}
    with pytest.raises(TypeError, match=r"digits must be what load_digits\(\) returns, and rng a "):
        tune((64, 16, 10), "relu", STARTS, **given)


@pytest.mark.parametrize("chance, error", [(np.nan, ValueError), ("", TypeError)])
def test_chance_is_checked_before_anything_is_trained(chance, error):
    with pytest.raises(error, match="chance must be"):
        tuned(chance=chance, starts={"He": "no initializer, which training would say"})


def test_float32():
    assert tuned(dtype=np.float32).rates


def test_tune_is_silent(capsys):
    with pytest.raises(ValueError, match="the best rate of huge"):
        tuned(starts={"huge": normal(1e200)})  # no network has a finite loss
    assert capsys.readouterr() == ("", "")


# --- the running model ------------------------------------------------------------------------


def test_the_running_model():
    """He learns at a rate of its own; no rate serves a network whose weights are 0."""
    digits, sizes = load_digits(dtype=np.float32), (*[64] * 15, 10)
    table = running_model({"zero": zeros(), "He": he_normal()}, digits)
    loss, rate, accuracy = table["He"]
    assert 0.003 < rate < 1 and accuracy.min() > 0.5
    runs = Runs(start=he_normal(), seed=(10, 11, 12))
    network = Network(sizes, "relu", runs, dtype=np.float32)
    np.testing.assert_allclose(loss, evaluate(network, *digits.test).loss)
    rng = np.random.default_rng(100)
    fit(network, *digits.train, steps=200, learning_rate=rate, batch_size=32, rng=rng)
    np.testing.assert_allclose(accuracy, evaluate(network, *digits.test).accuracy)
    loss, rate, accuracy = table["zero"]
    assert loss == pytest.approx(np.log(10)) and np.isnan(rate) and accuracy.max() < 0.15


def test_what_each_start_is_tried_with():
    assert TRIAL["rates"] == (0.003, 0.01, 0.03, 0.1, 0.3, 1)
    assert TRIAL["choosing"] == (0, 1)
