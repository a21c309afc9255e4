import io
import itertools
import re
from unittest.mock import patch

import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest
from PIL import Image

from initlib import figures
from initlib.figures import NEUTRAL, STYLES, THEORIES, THEORY, fingerprint, looks
from tests.unit.test_numbers import NOT_COMPARED

LABELS = {"title": "A finding", "xlabel": "step", "ylabel": "loss (nats)"}
X = np.arange(0, 50, 5)


def seeded(*shape):
    return np.random.default_rng(0).uniform(1, 2, shape)


def some_figure(by=1, *, what="line"):
    """Two lines, a band, dots and an image, of which one is ``by`` times as large."""
    factor = dict.fromkeys(("line", "band", "dots", "image", "colours"), 1) | {what: by}
    figure, axes = figures.new_figure()
    axes.plot(X, np.ones(10), label="level")
    axes.plot(X, seeded(10) * factor["line"], label="noise", **STYLES["He"])
    axes.fill_between(X, 0, seeded(10) * factor["band"])
    axes.scatter(*seeded(2, 5) * factor["dots"])
    axes.imshow(seeded(3, 3) * factor["image"])
    axes.pcolormesh([1, 2], [1, 2], seeded(2, 2) * factor["colours"])
    figures.label(axes, **LABELS)
    return figure


# The palette


def test_styles_are_told_apart_without_colour_and_by_it():
    okabe_ito = ["000000", "E69F00", "56B4E9", "009E73", "F0E442", "0072B2", "D55E00", "CC79A7"]
    assert STYLES["random"] == STYLES["Xavier"]  # until a scheme has a name
    styles = {name: style for name, style in STYLES.items() if name != "random"}
    for one, other in itertools.combinations(styles.values(), 2):
        assert one["color"] != other["color"] and one["marker"] != other["marker"]
    for name, style in styles.items():
        assert (style["color"][1:] in okabe_ito) == (name not in NEUTRAL)
    assert THEORY["color"] not in {style["color"] for style in styles.values()}


def test_theories_are_told_apart_by_their_dashes_and_markers():
    assert THEORIES[0] == THEORY
    for one, other in itertools.combinations(THEORIES, 2):
        assert one["linestyle"] != other["linestyle"] and one.get("marker") != other.get("marker")
    for look in THEORIES:
        _, (dash, gap, *_) = look["linestyle"]
        assert dash > 0 and gap > 0 and look["color"] == THEORY["color"]


def test_a_series_looks_like_its_name_or_its_key_or_is_neutral():
    names = ["He", "gain 1", 0.5, "blue", "zero", "more"]
    seen = looks(names, {"blue": "Xavier", "more": "second", "not drawn": "He"})
    keys = ["He", "first", "third", "Xavier", "zero", "second"]
    assert seen == {name: STYLES[key] for name, key in zip(names, keys)}
    assert looks(["a", "b", "c", "d"]) == dict(zip("abcd", (STYLES[key] for key in NEUTRAL)))


def test_shades_run_from_dark_to_light():
    seen = looks(range(8), "shades")
    light = [np.dot(style["color"][:3], [0.2126, 0.7152, 0.0722]) for style in seen.values()]
    assert list(seen) == list(range(8)) and (np.diff(light) > 0.03).all()


@pytest.mark.parametrize(
    "names, styles, sentence",
    [
        (["a"], {"a": "blue"}, r"styles\['a'\] must be one of zero, .*, fourth; 'blue' is not"),
        (["a"], {"a": {"color": "r"}}, r"styles\['a'\] must be one of zero"),
        (["a", "He"], {"a": "He"}, "'a' and 'He' would look alike"),
        (["random", "Xavier"], None, "'random' and 'Xavier' would look alike"),
        (["first", "a", "b", "c", "d"], None, "4 that are no initialization, and 'd' is one more"),
    ],
)
def test_bad_looks(names, styles, sentence):
    with pytest.raises(ValueError, match=sentence):
        looks(names, styles)


# A figure


def test_a_figure_is_kept_by_nobody_else():
    figure, axes = figures.new_figure(2, 3, size=(4, 3), sharex=True)
    assert axes.shape == (2, 3) and figure.get_size_inches().tolist() == [4, 3]
    assert matplotlib.pyplot.get_fignums() == []


def test_labels_are_demanded():
    _, axes = figures.new_figure()
    for missing in LABELS:
        with pytest.raises(TypeError, match=missing):
            figures.label(axes, **{name: text for name, text in LABELS.items() if name != missing})


# show


def shown(figure, **options):
    with patch.object(figures, "display") as display:
        figures.show(figure, **options)
    ((bundle,), rest) = display.call_args
    assert display.call_count == 1 and rest["raw"] is True
    return bundle, rest["metadata"]


def test_show_gives_the_picture_its_words():
    figure = some_figure()
    bundle, metadata = shown(figure, alt="Two  curves\nfall.")
    assert set(bundle) == {"image/png", "text/plain"}
    picture = Image.open(io.BytesIO(bundle["image/png"]))
    assert picture.format == "PNG" and picture.convert("L").getextrema()[0] < 128
    about = metadata["image/png"]
    assert about["alt"] == "Two curves fall."
    assert picture.width == pytest.approx(2 * about["width"], abs=2)
    assert picture.height == pytest.approx(2 * about["height"], abs=2)
    assert bundle["text/plain"] == f"Two curves fall.\n{fingerprint(figure)}"


def test_show_hands_to_the_fingerprint_that_numbers_are_approximate():
    figure = some_figure()
    bundle, _ = shown(figure, alt="x", approx=True)
    assert bundle["text/plain"] == f"x\n{fingerprint(figure, approx=True)}"


@pytest.mark.parametrize("options", [{}, {"alt": ""}, {"alt": " \n"}, {"alt": None}])
def test_show_demands_alt_text(options):
    with pytest.raises((TypeError, ValueError), match="alt"):
        shown(some_figure(), **options)


# fingerprint


def test_fingerprint_is_written_as_it_is_stored():
    figure, axes = figures.new_figure()
    axes.plot([0, 1, 2], [1000.4, 2, np.nan], label="loss")
    axes.scatter([1], [2])
    figures.label(axes, **LABELS)
    assert fingerprint(figure).splitlines() == [
        "[A finding]",
        "  step (linear)",
        "  against loss (nats) (linear)",
        "  line 'loss' 3 points, x 0 … 2, 0 to 2, mean 1; y 1e+03 … 2, 2 to 1e+03, mean 501",
        "  area 1 points, x 1 … 1, 1 to 1, mean 1; y 2 … 2, 2 to 2, mean 2",
    ]
    assert fingerprint(figure, approx=True).splitlines()[3:] == [
        "  line 'loss' 3 points, x ≈ 0 … ≈ 2, ≈ 0 to ≈ 2, mean ≈ 1; "
        "y ≈ 1000 … ≈ 2, ≈ 2 to ≈ 1000, mean ≈ 501",
        "  area ≈ 1 points, x ≈ 1 … ≈ 1, ≈ 1 to ≈ 1, mean ≈ 1; y ≈ 2 … ≈ 2, ≈ 2 to ≈ 2, mean ≈ 2",
    ]


CHANGES = {
    "title": lambda axes: axes.set_title("Another", loc="left"),
    "title of the figure": lambda axes: axes.figure.suptitle("Above"),
    "x label": lambda axes: axes.set_xlabel("epoch"),
    "y label": lambda axes: axes.set_ylabel("bits"),
    "y scale": lambda axes: axes.set_yscale("log"),
    "x scale": lambda axes: axes.set_xscale("symlog"),
    "one line more": lambda axes: axes.plot([0], [1]),
    "one line less": lambda axes: axes.lines[0].remove(),
    "name of a line": lambda axes: axes.lines[0].set_label("another"),
    "text": lambda axes: axes.text(0, 1, "look"),
    "dots": lambda axes: axes.scatter([1, 2], [3, 4]),
    "image": lambda axes: axes.imshow(np.eye(2)),
    "no band": lambda axes: axes.collections[0].remove(),
    "one panel more": lambda axes: axes.figure.add_axes((0, 0, 1, 1)),
}


@pytest.mark.parametrize("approx", [False, True])
@pytest.mark.parametrize("change", CHANGES)
def test_fingerprint_sees_the_change(change, approx):
    figure = some_figure()
    before = NOT_COMPARED.sub("~N", fingerprint(figure, approx))
    CHANGES[change](figure.axes[0])
    assert NOT_COMPARED.sub("~N", fingerprint(figure, approx)) != before


def test_fingerprint_sees_a_line_from_right_to_left():
    figure = some_figure()
    before, line = fingerprint(figure), figure.axes[0].lines[1]
    line.set_ydata(line.get_ydata()[::-1])
    assert fingerprint(figure) != before


@pytest.mark.parametrize("factor, seen", [(1.05, True), (1 + 1e-9, False)])
@pytest.mark.parametrize("what", ["line", "band", "dots", "image", "colours"])
def test_fingerprint_sees_each_number_unless_it_is_approximate(what, factor, seen):
    one, other = some_figure(), some_figure(factor, what=what)
    assert (fingerprint(one) != fingerprint(other)) == seen
    one, other = (fingerprint(figure, approx=True) for figure in (one, other))
    assert (one != other) == seen  # shown all the same
    assert NOT_COMPARED.sub("~N", one) == NOT_COMPARED.sub("~N", other)


@pytest.mark.parametrize("point", range(10))
@pytest.mark.parametrize("factor, seen", [(1.05, True), (1 + 1e-9, False)])
def test_fingerprint_sees_each_point_of_a_line(point, factor, seen):
    figure = some_figure()
    before, line = fingerprint(figure), figure.axes[0].lines[1]
    y = line.get_ydata()
    y[point] *= factor
    line.set_ydata(y)
    assert (fingerprint(figure) != before) == seen


def test_the_outline_of_a_band_that_breaks_off_elsewhere_is_approximate():
    def until(end):
        figure, axes = figures.new_figure()
        axes.fill_between(X, 0, np.where(end > X, 1.0, np.nan))
        return NOT_COMPARED.sub("~N", fingerprint(figure, approx=True))

    assert until(20) == until(40)


def test_fingerprint_does_not_see_the_rounding_of_a_zero_mean():
    def text(last):
        figure, axes = figures.new_figure()
        axes.scatter([0.1, 0.2, last], [0.1, 0.2, last])
        return fingerprint(figure)

    assert 0.1 + 0.2 - 0.3 != 0  # 6e-17 here, perhaps not on another processor
    assert text(-0.3) == text(-(0.1 + 0.2))


@pytest.mark.parametrize("approx", [False, True])
def test_fingerprint_of_what_is_not_finite(approx):
    figure = some_figure()
    figure.axes[0].lines[0].set_ydata(np.full(10, np.nan))
    assert re.search("'level' 10 points, x .*; y not finite\n", fingerprint(figure, approx))


# Dots


def test_draw_dots():
    _, axes = figures.new_figure()
    figures.draw_dots(axes, seeded(5, 2), 2.5)
    (dots,) = axes.collections
    np.testing.assert_allclose(dots.get_offsets(), seeded(5, 2))
    assert axes.get_xlim() == axes.get_ylim() == (-2.5, 2.5)
    assert len(set(dots.get_array())) == 5
