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

from initlib import plots
from initlib.plots import STYLES, THEORY, fingerprint

LABELS = {"title": "A finding", "xlabel": "step", "ylabel": "loss (nats)"}
X, X20 = np.arange(0, 50, 5), np.arange(20)


def seeded(*shape):
    return np.random.default_rng(0).uniform(1, 2, shape)


def some_curves(**options):
    series = {"zero": np.ones((10, 3)), "random": seeded(10, 3)}
    return plots.curves(X, series, theory={"ln 10": np.log(10)}, **{**LABELS, **options})


def some_growth():
    spreads = {epsilon: epsilon * 2.0**X20 for epsilon in (1e-3, 1e-5, 1e-7)}
    predicted = {epsilon: 1.1 * spreads[epsilon] for epsilon in (1e-3, 1e-5)}
    return plots.growth(X20, spreads, predicted, title="A finding", threshold=0.1)


def some_escape():
    epsilons, steps = [1e-2, 1e-4, 1e-6], np.array([[20, 22], [40, 44], [60, 66]])
    marks = {"no noise": (1e-9, 95), "none at all": (1e-8, 85)}
    return plots.escape(epsilons, steps, line=(3, 10), marks=marks, title="A finding")


def some_images():
    rows = {"zero": np.zeros((4, 8, 8)), "random": seeded(4, 8, 8) - 1.5}
    return plots.weight_images(rows, title="A finding")


def some_dots():
    panels = {"before": seeded(5, 2) / 100, "after": seeded(5, 2)}
    return plots.unit_dots(panels, title="A finding", reach=2.5)


def some_densities():
    panels = {"shrinks": list(seeded(3, 200) / 10), "holds": list(seeded(2, 200))}
    return plots.densities(panels, title="A finding", xlabel="z", bins=10)


def some_map(**options):
    values = np.arange(12.0).reshape(3, 4)
    labels = {**LABELS, "colour": "accuracy"}
    return plots.heat_map([1, 2, 4, 8], [1, 2, 3], values, **labels, **options)


FIGURES = [
    some_curves,
    some_growth,
    some_escape,
    some_images,
    some_dots,
    some_densities,
    some_map,
]
every_figure = pytest.mark.parametrize("make", FIGURES, ids=lambda make: make.__name__)


def by_label(axes):
    return {line.get_label(): line for line in axes.lines}


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def is_theory(line):
    dashed = line.is_dashed() and line.get_linestyle() == "--"
    return dashed and line.get_color() == THEORY["color"]


def title_of(figure):
    return figure.get_suptitle() or figure.axes[0].get_title(loc="left")


# Each figure by its objects


@every_figure
def test_figure_has_a_title_and_no_other_keeper(make):
    figure = make()
    assert isinstance(figure, Figure) and title_of(figure) == "A finding"
    assert matplotlib.pyplot.get_fignums() == []


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


def test_legend_and_lines_are_in_the_courses_style():
    (axes,) = some_curves().axes
    assert not axes.get_legend().get_frame_on()
    assert by_label(axes)["random"].get_linewidth() == plots.RC["lines.linewidth"]


def test_curves():
    (axes,) = some_curves().axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == (
        LABELS["xlabel"],
        LABELS["ylabel"],
    )
    lines = by_label(axes)
    assert list(lines) == legend(axes) == ["zero", "random", "ln 10"]
    median = np.sort(seeded(10, 3), axis=1)[:, 1]
    np.testing.assert_allclose(lines["random"].get_xydata(), np.c_[X, median])
    np.testing.assert_array_equal(lines["zero"].get_ydata(), 1)
    assert is_theory(lines["ln 10"]) and not is_theory(lines["zero"])
    np.testing.assert_allclose(lines["ln 10"].get_ydata(), np.full(10, np.log(10)))
    for name in ("zero", "random"):
        style = STYLES[name]
        assert lines[name].get_color() == style["color"]
        assert lines[name].get_marker() == style["marker"]
        assert lines[name].get_linestyle() == style["linestyle"]
    assert axes.get_yscale() == "linear"
    assert "middle half of the seeds" in axes.get_legend().get_title().get_text()


def test_curves_has_a_band_only_where_the_seeds_differ():
    (band,) = some_curves().axes[0].collections
    assert matplotlib.colors.same_color(band.get_facecolor()[0, :3], STYLES["random"]["color"])
    low, high = np.percentile(seeded(10, 3), [25, 75], axis=1)
    (path,) = band.get_paths()
    for x, bottom, top in zip(X, low, high):
        ys = path.vertices[path.vertices[:, 0] == x, 1]
        assert ys.min() == pytest.approx(bottom) and ys.max() == pytest.approx(top)


def test_curves_options():
    x, values = np.arange(3), np.array([[1.0, 2], [10, 20], [100, 200]])
    figure = plots.curves(
        x,
        {"ReLU": values},
        styles={"ReLU": "He"},
        theory={"by hand": [1, 10, 100]},
        log=True,
        band="ten seeds",
        **LABELS,
    )
    (axes,) = figure.axes
    lines = by_label(axes)
    assert axes.get_yscale() == "log" and axes.get_xscale() == "linear"
    assert some_curves(logx=True).axes[0].get_xscale() == "log"
    assert lines["ReLU"].get_color() == STYLES["He"]["color"]
    assert lines["by hand"].get_ydata().tolist() == [1, 10, 100]
    assert "ten seeds" in axes.get_legend().get_title().get_text()


def test_curves_of_runs_that_diverge_come_without_a_warning():
    values = seeded(10, 3)
    values[5:] = np.inf
    values[8:] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plots.png(plots.curves(X, {"too large": values}, **LABELS))


def test_growth():
    (axes,) = some_growth().axes
    assert axes.get_yscale() == "log" and axes.get_xscale() == "linear"
    assert axes.get_xlabel() == "training step" and "distance" in axes.get_ylabel()
    assert legend(axes) == ["ε = 1e-03", "ε = 1e-05", "ε = 1e-07", "linear theory"]
    measured, theory = axes.lines[:3], [line for line in axes.lines if is_theory(line)]
    assert len(axes.lines) == 6 and len(theory) == 2
    assert len({tuple(line.get_color()) for line in measured}) == 3
    np.testing.assert_allclose(measured[1].get_xydata().T, [X20, 1e-5 * 2.0**X20])
    np.testing.assert_allclose(theory[1].get_ydata(), 1.1e-5 * 2.0**X20)
    assert set(axes.lines[-1].get_ydata()) == {0.1}


def test_escape():
    (axes,) = some_escape().axes
    assert axes.get_xscale() == "log" and axes.get_yscale() == "linear"
    assert axes.xaxis_inverted() and "smaller to the right" in axes.get_xlabel()
    assert axes.get_ylabel().startswith("steps")
    lines = by_label(axes)
    assert legend(axes) == [
        "measured, 2 seeds each",
        "straight line",
        "no noise",
        "none at all",
    ]
    dots = lines["measured, 2 seeds each"]
    assert dots.get_xydata().tolist()[:3] == [[1e-2, 20], [1e-2, 22], [1e-4, 40]]
    assert dots.get_linestyle() == "None"
    x, y = lines["straight line"].get_data()
    assert is_theory(lines["straight line"])
    np.testing.assert_allclose(y, 3 - 10 * np.log10(x))
    assert max(x) == pytest.approx(1e-2) and min(x) < 1e-9
    assert lines["no noise"].get_xydata().tolist() == [[1e-9, 95]]
    assert lines["no noise"].get_marker() != lines["none at all"].get_marker()


def test_weight_images():
    axes = some_images().axes
    assert len(axes) == 8 and all(len(each.images) == 1 for each in axes)
    assert [axes[0].get_ylabel(), axes[4].get_ylabel()] == ["zero", "random"]
    assert [each.get_xlabel() for each in axes[4:]] == [f"unit {k}" for k in (1, 2, 3, 4)]
    drawn = [each.images[0] for each in axes]
    np.testing.assert_array_equal(drawn[5].get_array(), seeded(4, 8, 8)[1] - 1.5)
    limits = {image.get_clim() for image in drawn[4:]}
    reach = np.abs(seeded(4, 8, 8) - 1.5).max()
    assert limits == {(-reach, reach)}  # one symmetric scale a row


def test_weight_images_leaves_no_empty_axes():
    rows = {"one": seeded(1, 8, 8), "three": seeded(3, 8, 8)}
    axes = plots.weight_images(rows, title="A finding").axes
    assert all(each.images or not each.axison for each in axes)


def test_unit_dots():
    figure = some_dots()
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["before", "after"]
    assert all(axes.get_xlabel() == "first direction" for axes in figure.axes)
    assert figure.axes[0].get_ylabel() == "second direction"
    for axes, positions in zip(figure.axes, (seeded(5, 2) / 100, seeded(5, 2))):
        (dots,) = axes.collections
        np.testing.assert_allclose(dots.get_offsets(), positions)
        assert axes.get_xlim() == axes.get_ylim() == (-2.5, 2.5)


def test_densities():
    above, below = some_densities().axes
    assert [above.get_title(loc="left"), below.get_title(loc="left")] == [
        "shrinks",
        "holds",
    ]
    assert [above.get_xlabel(), below.get_xlabel()] == ["", "z"]
    assert above.get_ylabel() == below.get_ylabel() == "density"
    assert list(by_label(above)) == legend(above) == ["layer 1", "layer 2", "layer 3"]
    assert above.get_xlim() == below.get_xlim() and above.get_ylim() == below.get_ylim()
    for line in (*above.lines, *below.lines):
        x, density = line.get_data()
        assert len(x) == 10 and density.sum() * (x[1] - x[0]) == pytest.approx(1)
    assert len({tuple(line.get_color()) for line in above.lines}) == 3


def test_heat_map():
    axes, bar = some_map(ridge=[1, 2, 3], logx=True).axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == (
        LABELS["xlabel"],
        LABELS["ylabel"],
    )
    assert bar.get_ylabel() == "accuracy" and axes.get_xscale() == "log"
    (mesh,) = axes.collections
    np.testing.assert_array_equal(np.reshape(mesh.get_array(), (3, 4)), np.arange(12).reshape(3, 4))
    (ridge,) = axes.lines
    assert ridge.get_xydata().tolist() == [[1, 1], [2, 2], [3, 3]] and ridge.is_dashed()
    assert legend(axes) == [ridge.get_label()]
    assert not some_map().axes[0].lines


def test_styles_are_told_apart_without_colour_and_by_it():
    okabe_ito = [
        "000000",
        "E69F00",
        "56B4E9",
        "009E73",
        "F0E442",
        "0072B2",
        "D55E00",
        "CC79A7",
    ]
    assert STYLES["random"] == STYLES["Xavier"]  # until a scheme has a name
    styles = [style for name, style in STYLES.items() if name != "random"]
    for one, other in itertools.combinations(styles, 2):
        assert one["color"] != other["color"] and one["marker"] != other["marker"]
    assert {style["color"] for style in styles} <= {f"#{code}" for code in okabe_ito}
    assert THEORY["color"] not in {style["color"] for style in styles}


# show


def shown(figure, **options):
    with patch.object(plots, "display") as display:
        plots.show(figure, **options)
    ((bundle,), rest) = display.call_args
    assert display.call_count == 1 and rest["raw"] is True
    return bundle, rest["metadata"]


@every_figure
def test_show_gives_the_picture_its_words(make):
    figure = make()
    bundle, metadata = shown(figure, alt="Two  curves\nfall.")
    assert set(bundle) == {"image/png", "text/plain"}
    picture = Image.open(io.BytesIO(bundle["image/png"]))
    assert picture.format == "PNG" and picture.convert("L").getextrema()[0] < 128
    about = metadata["image/png"]
    assert about["alt"] == "Two curves fall."
    assert picture.width == pytest.approx(2 * about["width"], abs=2)
    assert picture.height == pytest.approx(2 * about["height"], abs=2)
    assert bundle["text/plain"] == f"Two curves fall.\n{fingerprint(figure)}"


def test_show_hands_its_digits_to_the_fingerprint():
    figure = some_curves()
    for digits in (0, 2):
        bundle, _ = shown(figure, alt="x", digits=digits)
        assert bundle["text/plain"] == f"x\n{fingerprint(figure, digits)}"


@pytest.mark.parametrize("options", [{}, {"alt": ""}, {"alt": " \n"}])
def test_show_demands_alt_text(options):
    with pytest.raises((TypeError, ValueError), match="alt"):
        shown(some_curves(), **options)


def test_labels_are_demanded():
    _, axes = plots.new_figure()
    for missing in LABELS:
        with pytest.raises(TypeError, match=missing):
            plots.label(axes, **{name: text for name, text in LABELS.items() if name != missing})


# fingerprint


@every_figure
def test_fingerprint_is_the_same_again_and_holds_no_noise(make):
    text = fingerprint(make())
    assert text == fingerprint(make())
    assert "e-1" not in text.replace("1e-1", ""), text  # a mean of 1e-17 is another elsewhere


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
    "line from right to left": lambda axes: axes.lines[1].set_ydata(
        axes.lines[1].get_ydata()[::-1]
    ),
    "text": lambda axes: axes.text(0, 1, "look"),
    "dots": lambda axes: axes.scatter([1, 2], [3, 4]),
    "image": lambda axes: axes.imshow(np.eye(2)),
    "no band": lambda axes: axes.collections[0].remove(),
    "one panel more": lambda axes: axes.figure.add_axes((0, 0, 1, 1)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_fingerprint_sees_the_change(change):
    figure = some_curves()
    before = fingerprint(figure)
    CHANGES[change](figure.axes[0])
    assert fingerprint(figure) != before


@pytest.mark.parametrize("curve", ["zero", "random", "ln 10"])
@pytest.mark.parametrize("factor, seen", [(1.05, True), (1 + 1e-9, False)])
def test_fingerprint_sees_each_value_to_its_digits(curve, factor, seen):
    for point in range(10):
        figure = some_curves()
        before, without_numbers = fingerprint(figure), fingerprint(figure, 0)
        line = by_label(figure.axes[0])[curve]
        y = np.array(line.get_ydata(), dtype=float)
        y[point] *= factor
        line.set_ydata(y)
        assert (fingerprint(figure) != before) == seen
        assert fingerprint(figure, 0) == without_numbers


@pytest.mark.parametrize("factor, seen", [(1.05, True), (1 + 1e-9, False)])
def test_fingerprint_sees_dots_images_and_bands(factor, seen):
    def dots(by):
        return plots.unit_dots({"a": seeded(5, 2) * by}, title="t", reach=1)

    def image(by):
        return plots.weight_images({"a": seeded(2, 3, 3) * by}, title="t")

    def band(by):
        return plots.curves(X, {"He": [1, 1, 1] + (seeded(10, 3) - 1) * [-by, 0, by]}, **LABELS)

    def heat(by):
        return plots.heat_map([1, 2], [1, 2], seeded(2, 2) * by, **LABELS, colour="accuracy")

    for make in (dots, image, band, heat):
        assert (fingerprint(make(factor)) != fingerprint(make(1))) == seen
        assert fingerprint(make(factor), 0) == fingerprint(make(1), 0)


def test_fingerprint_sees_where_a_single_dot_is():
    def one(x):
        return fingerprint(plots.unit_dots({"a": np.array([[x, 0.5]])}, title="t", reach=1))

    assert one(0.1) != one(0.2)


def test_fingerprint_does_not_see_the_rounding_of_a_zero_mean():
    def text(last):
        positions = np.array([[0.1, 0.1], [0.2, 0.2], [last, last]])
        return fingerprint(plots.unit_dots({"a": positions}, title="t", reach=1))

    assert 0.1 + 0.2 - 0.3 != 0  # 6e-17 here, perhaps not on another processor
    assert text(-0.3) == text(-(0.1 + 0.2))


def test_fingerprint_of_what_is_not_finite():
    figure = plots.curves(X, {"zero": np.ones((10, 2))}, **LABELS)
    figure.axes[0].lines[0].set_ydata(np.full(10, np.nan))
    assert "not finite" in fingerprint(figure)


def test_densities_on_a_log_axis_leave_gaps_where_nothing_is():
    layers = [np.array([0.0, 0.1, 2.9, 3.0]), np.linspace(0, 3, 50)]
    figure = plots.densities({"a": layers}, title="t", xlabel="z", bins=3, log=True)
    (axes,) = figure.axes
    assert axes.get_yscale() == "log"
    assert np.isnan(axes.lines[0].get_ydata()).tolist() == [False, True, False]
    assert np.isfinite(axes.lines[1].get_ydata()).all()


def test_arrivals_shows_what_never_arrived():
    steps = np.array([[10.0, 20.0, np.inf], [np.inf, np.inf, 30.0]])
    series = {"Xavier": steps, "He": np.full((2, 3), 15.0)}
    figure = plots.arrivals([1, 2], series, limit=100, logx=True, **LABELS)
    (axes,) = figure.axes
    median, dots, *_ = (line.get_ydata() for line in axes.lines)
    assert median[0] == 20 and median[1] > 100
    assert sorted(dots > 100) == [False] * 3 + [True] * 3
    assert dots.max() < axes.get_ylim()[1]
    assert "100 steps" in axes.texts[0].get_text()


def test_a_logarithmic_map_marks_its_columns_with_plain_numbers():
    axes, _ = some_map(logx=True).axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1", "2", "4", "8"]
    assert not axes.get_xticks(minor=True).size
    wide = np.geomspace(0.1, 10, 33)
    axes, _ = plots.heat_map(wide, [1, 2], np.ones((2, 33)), **LABELS, colour="c", logx=True).axes
    assert len(axes.get_xticks()) <= 9 and axes.get_xticklabels()[0].get_text() == "0.1"
