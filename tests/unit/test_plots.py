import inspect
import io
import itertools
import warnings
from unittest.mock import patch

import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from initlib import figures, plots
from initlib.figures import STYLES, THEORY, fingerprint

WORDS = {"title": "A finding", "alt": "It is seen."}
LABELS = {**WORDS, "xlabel": "step", "ylabel": "loss (nats)"}
X = np.arange(0, 50, 5)


def seeded(*shape):
    return np.random.default_rng(0).uniform(1, 2, shape)


def drawn(function, *args, **options):
    """The figure that a drawing function shows."""
    with patch.object(plots, "show") as show:
        assert function(*args, **options) is None
    (figure,), said = show.call_args
    assert show.call_count == 1
    assert said == {"alt": options["alt"], "approx": options.get("approx", False)}
    return figure


def paint(figure):
    """As small as can be, to see that it can be done."""
    figure.savefig(io.BytesIO(), format="png", dpi=20)


def some_curves(**options):
    series = {"zero": np.ones((10, 3)), "random": seeded(10, 3)}
    options = {**LABELS, "theory": {"ln 10": np.log(10)}, **options}
    return drawn(plots.curves, X, series, **options)


def some_layers(**options):
    series = {"Xavier": seeded(4, 3), "He": seeded(4, 3) / 10}
    return drawn(plots.by_layer, series, series, **{**WORDS, **options})


def some_images(**options):
    rows = {"zero": np.zeros((4, 8, 8)), "random": seeded(4, 8, 8) - 1.5}
    return drawn(plots.weight_images, rows, **{**WORDS, **options})


FIGURES = {
    some_curves: LABELS,
    some_layers: WORDS,
    some_images: WORDS,
}
every_figure = pytest.mark.parametrize("make", FIGURES, ids=lambda make: make.__name__)


def by_label(axes):
    return {line.get_label(): line for line in axes.lines}


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def title_of(figure):
    return figure.get_suptitle() or figure.axes[0].get_title(loc="left")


# Every figure


@every_figure
def test_figure_has_a_title_and_no_other_keeper(make):
    figure = make()
    assert isinstance(figure, Figure) and title_of(figure) == "A finding"
    assert matplotlib.pyplot.get_fignums() == []


@every_figure
def test_words_are_demanded(make):
    for name in set(FIGURES[make]) - {"alt"}:  # of that show takes care
        for nothing in "", " ", None:
            with pytest.raises(ValueError, match=f"{name} must say in words"):
                make(**{name: nothing})


def test_no_drawing_can_be_called_without_its_words():
    demanded = 0
    for function in vars(plots).values():
        if inspect.isfunction(function) and function.__module__ == "initlib.plots":
            known = inspect.signature(function).parameters
            if not function.__name__.startswith("_"):
                assert {"title", "alt", "approx"} <= set(known)
                words = {"title", "xlabel", "ylabel", "colour", "alt"} & set(known)
                assert all(known[w].kind == known[w].KEYWORD_ONLY for w in words)
                assert all(known[w].default is known[w].empty for w in words)
                demanded += len(words)
    assert demanded == sum(map(len, FIGURES.values()))


@every_figure
def test_figure_can_be_painted(make):
    picture = Image.open(io.BytesIO(figures.png(make())))
    assert picture.convert("L").getextrema()[0] < 128


@every_figure
def test_fingerprint_is_the_same_again_and_holds_no_noise(make):
    text = fingerprint(make())
    assert text == fingerprint(make())
    assert "e-1" not in text.replace("1e-1", ""), text  # a mean of 1e-17 is another elsewhere


def style(figure):
    """What the reader's own settings could change, ticks left out: their number depends on it."""
    sizes = []
    for axes in figure.axes:
        sizes += [(line.get_linewidth(), line.get_markersize()) for line in axes.lines]
        sizes += [axes.title.get_fontsize(), axes.xaxis.label.get_fontsize()]
        if box := axes.get_legend():
            sizes += [box.get_frame_on(), box.get_texts()[0].get_fontsize()]
    return sizes


@every_figure
def test_figure_keeps_its_style_whatever_the_readers(make):
    ours = style(make())
    loud = {"lines.linewidth": 9, "lines.markersize": 20, "font.size": 20}
    loud |= {"legend.frameon": True, "legend.fontsize": 20, "axes.titlesize": 30}
    with matplotlib.rc_context(loud):
        assert style(make()) == ours


@every_figure
def test_two_lines_with_names_never_look_alike(make):
    for axes in make().axes:
        named = [line for line in axes.lines if not line.get_label().startswith("_")]
        for one, other in itertools.combinations(named, 2):
            assert look(one) != look(other)


def look(line):
    return str(line.get_color()), line.get_marker(), str(line._dash_pattern)


# Curves


def test_curves():
    (axes,) = some_curves().axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == (LABELS["xlabel"], LABELS["ylabel"])
    lines = by_label(axes)
    assert list(lines) == legend(axes) == ["zero", "random", "ln 10"]
    median = np.sort(seeded(10, 3), axis=1)[:, 1]
    np.testing.assert_allclose(lines["random"].get_xydata(), np.c_[X, median])
    np.testing.assert_array_equal(lines["zero"].get_ydata(), 1)
    np.testing.assert_allclose(lines["ln 10"].get_ydata(), np.full(10, np.log(10)))
    for name in ("zero", "random"):
        assert lines[name].get_color() == STYLES[name]["color"]
        assert lines[name].get_marker() == STYLES[name]["marker"]
        assert lines[name].get_linestyle() == STYLES[name]["linestyle"]
    assert axes.get_yscale() == axes.get_xscale() == "linear"
    assert "middle half of the seeds" in axes.get_legend().get_title().get_text()
    assert not axes.get_legend().get_frame_on()
    assert lines["random"].get_linewidth() == figures.RC["lines.linewidth"]


def test_curves_has_a_band_only_where_the_seeds_differ():
    (band,) = some_curves().axes[0].collections
    assert matplotlib.colors.same_color(band.get_facecolor()[0, :3], STYLES["random"]["color"])
    low, high = np.percentile(seeded(10, 3), [25, 75], axis=1)
    (path,) = band.get_paths()
    for x, bottom, top in zip(X, low, high):
        ys = path.vertices[path.vertices[:, 0] == x, 1]
        assert ys.min() == pytest.approx(bottom) and ys.max() == pytest.approx(top)


def test_curves_options():
    series = {"He": seeded(10, 3)}
    options = {"log": True, "logx": True, "band": "ten seeds", **LABELS}
    (axes,) = drawn(plots.curves, X + 1, series, **options).axes
    assert axes.get_yscale() == axes.get_xscale() == "log"
    assert "ten seeds" in axes.get_legend().get_title().get_text()
    assert not some_curves(band=None).axes[0].get_legend().get_title().get_text()


def test_curves_in_panels_share_their_axes_and_one_legend():
    panels = {"10 layers": {"He": seeded(10, 3)}, "20 layers": {"He": 1e3 * seeded(10, 3)}}
    options = {"theory": {"chance": 0.1}, "logx": True} | LABELS
    figure = drawn(plots.curves, np.arange(1, 11), panels, **options)
    left, right = figure.axes
    assert figure.get_suptitle() == LABELS["title"]
    assert [axes.get_title(loc="left") for axes in (left, right)] == list(panels)
    assert left.get_ylim() == right.get_ylim() and left.get_xscale() == right.get_xscale() == "log"
    assert not left.get_legend() and not right.get_legend()
    (below,) = figure.legends
    assert [text.get_text() for text in below.get_texts()] == ["He", "chance"]
    assert left.get_ylabel() == LABELS["ylabel"] and not right.get_ylabel()
    for axes, series in zip(figure.axes, panels.values()):
        assert list(by_label(axes)) == ["He", "chance"]
        median = np.median(series["He"], axis=1)
        np.testing.assert_allclose(by_label(axes)["He"].get_ydata(), median)


def test_curves_gives_what_is_no_initialization_a_style():
    series = {"gain 1": seeded(10, 3), "He": seeded(10, 3), "ReLU": seeded(10, 3)}
    figure = drawn(plots.curves, X, series, styles={"ReLU": "too small"}, **LABELS)
    colours = [line.get_color() for line in figure.axes[0].lines]
    assert colours == [STYLES[key]["color"] for key in ("first", "He", "too small")]
    figure = drawn(plots.curves, X, series, styles="shades", **LABELS)
    light = [sum(line.get_color()[:3]) for line in figure.axes[0].lines]
    assert light == sorted(light)


def test_a_layer_is_a_whole_number():
    for x, whole in (range(1, 5), True), (np.linspace(1, 4, 4), False):
        figure = drawn(plots.curves, x, {"He": seeded(4, 3)}, **LABELS)
        ticks = figure.axes[0].get_xticks()
        assert all(ticks == np.rint(ticks)) == whole


def test_curves_of_runs_that_diverge_come_without_a_warning():
    values = seeded(10, 3)
    values[5:] = np.inf
    values[8:] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures.png(drawn(plots.curves, X, {"too large": values}, **LABELS))


# Theory


def test_each_theory_is_dashed_and_told_apart():
    theory = {"a half": 0.5, "falls": 1 / (X + 1), "rises": X, "He": np.ones(10)}
    series = {"Xavier": seeded(10, 3), "He": seeded(10, 3)}
    figure = drawn(plots.curves, X, series, theory=theory, **LABELS)
    lines = figure.axes[0].lines[2:]
    assert legend(figure.axes[0])[2:] == ["a half", "falls", "rises", "He, theory"]
    for line, values in zip(lines, theory.values()):
        np.testing.assert_array_equal(line.get_ydata(), np.broadcast_to(values, 10))
        assert line.is_dashed() and line.get_color() == THEORY["color"]
    assert len({look(line) for line in lines}) == 4
    assert len({line.get_marker() for line in lines}) == 4


def test_a_family_of_one_theory_is_named_once_and_runs_from_dark_to_light():
    family = np.outer(X, [1, 2, 3])
    (axes,) = some_curves(theory={"linear theory": family, "ln 10": np.log(10)}).axes
    assert legend(axes) == ["zero", "random", "linear theory", "ln 10"]
    lines = axes.lines[2:5]
    np.testing.assert_array_equal([line.get_ydata() for line in lines], family.T)
    greys = [matplotlib.colors.to_rgb(line.get_color())[0] for line in lines]
    assert greys == sorted(set(greys)) and lines[0].get_color() == THEORY["color"]
    assert len({line.get_linestyle() for line in lines}) == 1
    assert look(axes.lines[5]) != look(lines[0])


def test_no_theory_is_no_line():
    for nothing in None, {}:
        assert len(some_curves(theory=nothing).axes[0].lines) == 2


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("log", [False, True])
def test_one_value_that_no_axis_holds_empties_no_curve(log):
    values = 1.0 + np.arange(3 * 10_000).reshape(10_000, 3)
    values[7, 1], values[5000], values[9000] = np.nan, np.inf, 1e308
    figure = drawn(plots.curves, np.arange(10_000), {"He": values}, log=log, **LABELS)
    heights = figure.axes[0].lines[0].get_ydata()
    assert np.flatnonzero(np.isnan(heights)).tolist() == [5000, 9000]
    assert heights[7] == 23 and heights[8] == 26  # the median of two, of three
    paint(figure)


def some_values(value, **options):
    return drawn(plots.curves, X, {"He": np.full((10, 3), value)}, **LABELS, **options)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [1, 0, -3, 1e-300, 1e200])
@pytest.mark.parametrize("log", [False, True])
def test_constants_are_drawn(value, log):
    if log and value <= 0:
        with pytest.raises(ValueError, match="series must hold a positive number to draw on a log"):
            some_values(value, log=log)
        return
    figure = some_values(value, log=log)
    (line,), (low, high) = figure.axes[0].lines, figure.axes[0].get_ylim()
    assert line.get_ydata().tolist() == [value] * 10 and low < value < high
    paint(figure)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e308])
def test_nothing_finite_is_no_curve(value):
    with pytest.raises(ValueError, match="series must hold a positive number to draw on a log"):
        some_values(value, log=True)
    paint(some_values(value))


@pytest.mark.parametrize(
    "options, error, sentence",
    [
        ({"logx": True}, ValueError, "x must be above 0 on a logarithmic axis, not 0"),
        ({"x": np.full(10, np.nan)}, ValueError, "x must be finite"),
        ({"x": list("abcdefghij")}, TypeError, "x must hold real numbers"),
        ({"series": None}, TypeError, "series must map names to arrays, not None"),
        ({"series": {"He": "text"}}, TypeError, r"series\['He'\] must hold real numbers"),
        ({"series": {"He": np.ma.masked_all((10, 3))}}, ValueError, r"series\['He'\] .* no masked"),
        ({"styles": 3}, TypeError, "styles must map names to styles, not 3"),
        ({"styles": ["He"]}, TypeError, r"styles must map names to styles, not \['He'\]"),
        ({"theory": [1, 2]}, TypeError, "theory must map names to numbers"),
        ({"theory": {"kept": "1"}}, TypeError, r"theory\['kept'\] must hold real numbers"),
    ],
)
def test_bad_options(options, error, sentence):
    given = {"x": X, "series": {"He": seeded(10, 3)}, **LABELS, **options}
    with pytest.raises(error, match=sentence):
        drawn(plots.curves, **given)


@pytest.mark.parametrize(
    "theory, sentence",
    [
        ({"gain": np.ones(9)}, r"theory 'gain' must be a number, 10 of them, .* shape is \(9,\)"),
        ({"gain": np.ones((10, 2, 2))}, r"theory 'gain' must be .* shape is \(10, 2, 2\)"),
        ({"_": np.ones(10)}, "theory must have names that a legend shows, not '_'"),
        (dict.fromkeys("abcde", 1), "theory must have at most 4 names, not 5"),
    ],
)
def test_bad_theories(theory, sentence):
    with pytest.raises(ValueError, match=sentence):
        some_curves(theory=theory)


@pytest.mark.parametrize(
    "x, series, styles, sentence",
    [
        (X, {"He": np.ones(10)}, None, r"series 'He' must be \(10, replicas\).* it is \(10,\)"),
        (X, {"He": np.ones((9, 3))}, None, r"series 'He' must be \(10, replicas\).* \(9, 3\)"),
        (X, {"He": np.ones((10, 0))}, None, r"series 'He' must be \(10, replicas\).* \(10, 0\)"),
        (X, {}, None, "series must hold something to draw; it is empty"),
        ([], {"He": np.ones((0, 3))}, None, "x must hold numbers in a row"),
        (X, {"": seeded(10, 3)}, None, "series must have names that a legend shows, not ''"),
        (X, {"_He": seeded(10, 3)}, None, "series must have names that a legend shows"),
        (X, {"a": seeded(10, 3)}, {"a": "Hee"}, r"styles\['a'\] must be one of .*; 'Hee' is not"),
        (X, dict.fromkeys("abcde", seeded(10, 3)), None, "and 'e' is one more"),
        (X, dict.fromkeys(("random", "Xavier"), seeded(10, 3)), None, "would look alike"),
    ],
)
def test_bad_series(x, series, styles, sentence):
    with pytest.raises(ValueError, match=sentence):
        drawn(plots.curves, x, series, styles=styles, **LABELS)


# Signal and gradient by layer


def test_by_layer():
    signals = {"Xavier": seeded(4, 3), "He": seeded(4, 3) * 10}
    gradients = {"Xavier": seeded(4, 3) / 100, "He": seeded(4, 3)}
    theory = {"kept": (np.ones(4), 0.1 * np.ones(4))}
    figure = drawn(plots.by_layer, signals, gradients, theory=theory, **WORDS)
    for axes, series in zip(figure.axes, (signals, gradients)):
        lines = by_label(axes)
        assert list(lines) == ["Xavier", "He", "kept"]
        for name, values in series.items():
            median = np.sort(values, axis=1)[:, 1]
            np.testing.assert_allclose(lines[name].get_xydata(), np.c_[1:5, median])
            assert lines[name].get_color() == STYLES[name]["color"]
        assert axes.get_xlabel() == "layer" and axes.get_yscale() == "log"
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["signal", "gradient"]
    assert figure.axes[0].get_ylabel() == "root mean square"
    np.testing.assert_array_equal(by_label(figure.axes[1])["kept"].get_ydata(), 0.1)
    (box,) = figure.legends
    assert [text.get_text() for text in box.get_texts()] == ["Xavier", "He", "kept"]


def test_by_layer_has_the_same_axes_whatever_is_drawn():
    small = {"zero": np.full((4, 3), 1e-3)}
    one = drawn(plots.by_layer, small, small, **WORDS)
    limits = {axes.get_ylim() for figure in (one, some_layers()) for axes in figure.axes}
    assert limits == {(plots.REACH[0] / 3, plots.REACH[1] * 3)}


def test_what_by_layer_cannot_reach_is_drawn_on_the_edge_that_says_so():
    values = np.array([[0.0], [1e-30], [1.0], [np.inf], [np.nan]])
    figure = drawn(plots.by_layer, {"He": values}, {"He": values}, **WORDS)
    low, high = plots.REACH
    for axes in figure.axes:
        np.testing.assert_array_equal(axes.lines[0].get_ydata(), [low, low, 1, high, np.nan])
        bottom, top = axes.get_ylim()
        assert bottom < low and high < top
    texts = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert texts[0] == r"$\leq10^{-9}$" and texts[-1] == r"$\geq10^{6}$"
    assert texts[1:-1] == [f"$10^{{{k}}}$" for k in (-6, -3, 0, 3)]


@pytest.mark.parametrize(
    "signals, gradients, sentence",
    [
        ({"He": seeded(4, 3)}, {"Xavier": seeded(4, 3)}, r"gradients must be of \['He'\], not of"),
        ({"He": seeded(4)}, {"He": seeded(4)}, r"signals 'He' must be \(4, replicas\)"),
        ({"He": seeded(4, 3)}, {"He": seeded(3, 3)}, r"gradients 'He' must be \(4, replicas\)"),
        ({}, {}, "must hold something to draw"),
    ],
)
def test_bad_layers(signals, gradients, sentence):
    with pytest.raises(ValueError, match=sentence):
        drawn(plots.by_layer, signals, gradients, **WORDS)


# Arrivals


# The others


def test_weight_images():
    axes = some_images().axes
    assert len(axes) == 8 and all(len(each.images) == 1 for each in axes)
    assert [axes[0].get_ylabel(), axes[4].get_ylabel()] == ["zero", "random"]
    assert [each.get_xlabel() for each in axes[4:]] == [f"unit {k}" for k in (1, 2, 3, 4)]
    images = [each.images[0] for each in axes]
    np.testing.assert_array_equal(images[5].get_array(), seeded(4, 8, 8)[1] - 1.5)
    limits = {image.get_clim() for image in images[4:]}
    reach = np.abs(seeded(4, 8, 8) - 1.5).max()
    assert limits == {(-reach, reach)}  # one symmetric scale a row


def test_weight_images_leaves_no_empty_axes():
    rows = {"one": seeded(1, 8, 8), "three": seeded(3, 8, 8)}
    axes = drawn(plots.weight_images, rows, **WORDS).axes
    assert all(each.images or not each.axison for each in axes)


def test_nothing_to_draw():
    with pytest.raises(ValueError, match="rows must hold something to draw; it is empty"):
        drawn(plots.weight_images, {}, **WORDS)
