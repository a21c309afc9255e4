import operator
import re

import numpy as np
import pytest

from initlib.explorables import clinic
from initlib.explorables.clinic import (
    CLEAR,
    CURES,
    FASTER,
    FAULTS,
    PLOTS,
    SIGNS,
    against,
    alike,
    apart,
    curves,
    drawn,
    judged,
    written,
)

LETTERS = [letter for letter in FAULTS if letter]
FIRST = {}  # the first patient of each kind
for number in range(1, 61):
    FIRST.setdefault(drawn(number)[0], number)
PARTS = operator.attrgetter("W"), operator.attrgetter("b")
every_kind = pytest.mark.parametrize("kind", LETTERS)


def plots_of(*case):
    """The four plots of a number, a fault and maybe a cure."""
    number, *harm_and_cure = case
    return {plot: curves(number, plot, *harm_and_cure) for plot in PLOTS}


# The kinds


def test_every_kind_is_among_the_first_sixty_patients():
    assert sorted(FIRST) == LETTERS == sorted(SIGNS) and len(LETTERS) == 10
    assert {drawn(number)[1] for number in range(1, 61)} == set(range(3, 9))


def test_the_same_number_is_the_same_patient():
    before = {plot: each.copy() for plot, each in plots_of(17, drawn(17)[0]).items()}
    plots_of(17, next(letter for letter in LETTERS if letter != drawn(17)[0]))
    clinic._at_start.cache_clear()
    clinic._trained.cache_clear()
    after = plots_of(17, drawn(17)[0])
    for plot, each in before.items():
        np.testing.assert_array_equal(after[plot], each)
    assert not np.array_equal(plots_of(18, "")["signals"], plots_of(17, "")["signals"])


def harmed(kind, number=5):
    networks = [clinic._network(number, fault, "")[0] for fault in ("", kind)]
    weights, biases = ([[each[0] for each in part(n)] for n in networks] for part in PARTS)
    return weights, biases, drawn(number)[1]


@every_kind
def test_the_harm_is_what_its_name_says(kind):
    (healthy, W), (_, b), layer = harmed(kind)
    factors = {"d": 0.1, "h": 3.0}
    for place, (before, after, biases) in enumerate(zip(healthy, W, b), 1):
        fan_in, fan_out = after.shape
        wanted = {
            "a": np.zeros_like(after),
            "b": np.full_like(after, 0.1),
            "c": np.full_like(after, 0.05) if place == layer else before,
            "e": before * (2 / fan_in) / np.sqrt(2 / fan_in),
            "f": before * np.sqrt(fan_in / (fan_in + fan_out)),
            "i": before * (10 if place == layer else 1),
        }.get(kind, before * factors.get(kind, 1))
        if kind == "g":
            for part in (after, biases):
                assert 0.8 / np.sqrt(fan_in) < np.abs(part).max() <= 1 / np.sqrt(fan_in)
            assert after.var() == pytest.approx(1 / (3 * fan_in), rel=0.2)
        else:
            np.testing.assert_allclose(after, wanted, rtol=1e-12)
            assert set(biases) == {-3.0 if kind == "j" else 0.0}


def test_how_far_apart_curves_are_seen_to_be():
    undefined = np.array([1.0, np.nan, np.nan])
    assert list(apart("loss", undefined, np.array([10.0, 1.0, np.nan]))) == pytest.approx(
        [1 / 3, 1, 0]
    )
    assert apart("signals", 0.0, 1e-12) == 0 and apart("signals", 1e4, np.inf) == 0
    assert apart("updates", 1e-12, 1e4) == pytest.approx(1)


@every_kind
def test_the_plot_of_its_sign_tells_it_from_the_healthy_one_and_from_all_others(kind):
    best, _ = SIGNS[kind]
    for number in range(1, 13):
        mine = plots_of(number, kind)[best]
        for other in FAULTS:
            if other != kind:
                away = apart(best, mine, plots_of(number, other)[best]).max()
                assert away >= CLEAR, (number, other)
        # Whoever compares with another patient of the other kind sees it too.
        for other in LETTERS:
            if other != kind:
                theirs = plots_of(number % 12 + 1, other)[best]
                assert apart(best, mine, theirs).max() >= CLEAR, (number, other)


def a_layer(values, until=9):
    """The factor from layer to layer, as a geometric mean."""
    return (values[until - 1] / values[0]) ** (1 / (until - 1))


def test_the_signs_say_what_is_measured():
    numbers = range(1, 9)
    seen = {k: [plots_of(number, k) for number in numbers] for k in LETTERS}
    assert all(not each["signals"].any() for each in seen["a"])
    for each in seen["b"]:
        assert not each["gradients"][0, :8].any() and each["gradients"][0, 8] > 1
    for number, each in zip(numbers, seen["c"]):
        gone = np.flatnonzero(np.isnan(each["updates"][0])) + 1
        assert list(gone) == [drawn(number)[1]]
    said = {
        kind: re.search(r"falls by (?:n/2 = |about )?(\d+) a layer", SIGNS[kind][1])
        for kind in "defg"
    }
    for kind, curve in {"d": 1, "e": 1, "f": 1, "g": 0}.items():
        falls = [1 / a_layer(each["signals"][curve], until=8) for each in seen[kind]]
        assert np.exp(np.mean(np.log(falls))) == pytest.approx(int(said[kind][1]), rel=0.2)
    assert all(each["signals"][1, 8] > 0.3 * each["signals"][1, 4] for each in seen["g"])
    for each in seen["h"]:
        assert each["loss"][0, 0] > 1000 * np.log(10) and np.isinf(each["loss"][0, -1])
    for number, each in zip(numbers, seen["i"]):
        factors = each["signals"][1, 1:] / each["signals"][1, :-1]
        layer = drawn(number)[1]
        assert 30 < factors[layer - 2] < 300 and np.delete(factors, layer - 2).max() < 5
    for each in seen["j"]:
        assert each["signals"][1] == pytest.approx(9, rel=0.4) and each["signals"][0, -1] == 0


@every_kind
def test_one_cure_heals_and_the_others_do_not(kind):
    number, heals = FIRST[kind], []
    healthy = plots_of(number, "")
    for cure in filter(None, CURES):
        after = plots_of(number, kind, cure)
        away = [apart(plot, after[plot], healthy[plot]).max() for plot in list(PLOTS)[1:]]
        if max(away) < CLEAR:
            heals.append(cure)
    assert heals == [FAULTS[kind].cure]


def test_a_larger_rate_lifts_the_ratio_alone():
    number = FIRST["d"]
    before, after = plots_of(number, "d"), plots_of(number, "d", FASTER)
    np.testing.assert_allclose(after["updates"], 10 * before["updates"])
    np.testing.assert_allclose(after["signals"], before["signals"])


# The verdict


@every_kind
def test_right_and_wrong_are_told(kind):
    number, (best, sign) = FIRST[kind], SIGNS[kind]
    wrong_cure = "weights × 2"
    for fault in LETTERS:
        right, told = judged(number, "", fault, FAULTS[kind].cure)
        assert right == ("right" if fault == kind else "wrong", "right")
        assert told.endswith("The cure is right.")
        if fault == kind:
            assert f"fault is right. Plot {PLOTS[best].title[0]} shows it best: {sign}." in told
        else:
            assert f"fault is wrong. Against {fault} speaks plot " in told and sign not in told
    right, told = judged(number, "", kind, wrong_cure)
    assert right == ("right", "wrong") and "The cure is wrong. In plot " in told


def test_what_speaks_against_a_fault_is_what_the_plots_show():
    number = FIRST["d"]
    expected, found = plots_of(number, "f")["signals"], plots_of(number, "d")["signals"]
    said = re.fullmatch(
        r"Against f speaks plot 2: at layer (\d) the variance over examples "
        r"would be (\S+) and is (\S+)\.",
        against(number, "f", "signals"),
    )
    layer = int(said[1])
    assert said[2] == written(expected[0, layer - 1]) and said[3] == written(found[0, layer - 1])
    away = apart("signals", expected, found)
    assert away[0, layer - 1] > away.max() - 0.1


def test_the_open_plot_speaks_if_it_can():
    number = FIRST["d"]
    assert "plot 3: at layer" in against(number, "f", "gradients")
    assert "plot 1" not in against(number, "e", "loss")  # both stay at ln 10
    where = judged(number, "signals", "d", "weights × √2")[1]
    left = plots_of(number, "d", "weights × √2")["signals"]
    values = re.search(r"In plot 2: at layer (\d) (.*) would then be (\S+); healthy is", where)
    curve = 1 if values[2] == "E[z²]" else 0
    assert values[3] == written(left[curve, int(values[1]) - 1])


def test_what_the_open_plot_cannot_tell_apart_is_told():
    number = FIRST["d"]
    same = alike(number, "loss")
    assert {"a", "e", "j"} <= set(same) and not {"", "b", "h", "i"} & set(same)
    told = judged(number, "loss", "d", "weights × 10")[1]
    assert f"Plot 1 does not tell it from {', '.join(same)}." in told
    assert "does not tell" not in judged(number, "signals", "d", "weights × 10")[1]
    looks_well = judged(FIRST["c"], "signals", "c", FAULTS["c"].cure)[1]
    assert "Plot 2 does not tell it from healthy" in looks_well


def test_nothing_is_told_before_fault_and_cure_are_named():
    for number in FIRST.values():
        assert judged(number, "loss", "", "")[1] == "Not named yet: fault and cure."
        right, told = judged(number, "loss", drawn(number)[0], "")
        assert right == ("", "") and told == "Not named yet: cure."
        assert judged(number, "", "", FASTER) == (("", ""), "Not named yet: fault.")


WORDS = {0: "0", 1.26: "1.3", 290.4: "290", 1234: "1200", 4.9e5: "4.9e5", 3e-9: "3e-9"}
WORDS |= {1e12: "1e12", np.nan: "undefined", np.inf: "infinite"}


@pytest.mark.parametrize("value, words", WORDS.items())
def test_numbers_in_words(value, words):
    assert written(value) == words
