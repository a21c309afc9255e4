"""One function a kind of drawing: each takes numbers, runs no network, and shows what it draws.

Title, labels and ``alt``, what the figure shows in words, are required, so that no figure is
without them. ``approx`` marks the numbers of data that another processor would draw otherwise.
"""

import warnings
from collections.abc import Mapping

import matplotlib
import numpy as np
from matplotlib.ticker import MaxNLocator, NullLocator

from initlib._checks import check_array, check_axis, check_named, check_words
from initlib._numbers import number
from initlib._tables import show_table as show_table
from initlib.figures import RC, THEORIES, label, looks, new_figure, show

LIMIT = 1e250  # of what matplotlib can put on an axis
REACH = (1e-9, 1e6)  # of the axes of by_layer, whatever is drawn on them


@matplotlib.rc_context(RC)
def curves(
    x,
    series,
    *,
    title,
    xlabel,
    ylabel,
    alt,
    theory=None,
    styles=None,
    log=False,
    logx=False,
    band="middle half of the seeds",
    approx=False,
):
    """Median over replicas against ``x``, with the middle half as a band.

    ``series`` maps a legend name to an array ``(len(x), replicas)``, or the title of a panel to
    such a mapping: the panels stand side by side on the same axes. A name that is no
    initialization's gets a neutral style, or the one whose key ``styles`` maps it to; "shades" lets
    all run from dark to light. ``theory`` maps a name to what it predicts, dashed: a number for
    all x, one an x, or a family of curves ``(len(x), k)``, from dark to light.
    """
    check_words(title=title, xlabel=xlabel, ylabel=ylabel)
    x = check_axis("x", x, logx)
    several = isinstance(series, Mapping) and all(isinstance(s, Mapping) for s in series.values())
    panels = series if several and series else {title: series}
    panels = {name: (_records(x, each), each) for name, each in panels.items()}
    heights = [_drawable(v) for records, _ in panels.values() for v in records.values()]
    if log and not any((each > 0).any() for each in heights):
        raise ValueError("series must hold a positive number to draw on a logarithmic axis")
    figure, (row,) = new_figure(1, len(panels), sharex=True, sharey=True, squeeze=False)
    row[0].set(xscale="log" if logx else "linear", yscale="log" if log else "linear")
    if logx and len(x) <= 9 and max(x) < 1e4 * min(x):  # else powers of ten do
        _tick(row[0].xaxis, x)
    for axes, (name, (records, each)) in zip(row, panels.items()):
        _draw_medians(axes, x, records, looks(each, styles))
        _draw_theory(axes, x, theory, each)
        label(axes, title=name, xlabel=xlabel, ylabel=ylabel if axes is row[0] else "")
    said = {"title": f"median; band: {band}" if band else None, "title_fontsize": 8}
    if several:
        figure.suptitle(title, x=0.02, ha="left", fontsize=11)
        drawn = row[0].get_legend_handles_labels()
        figure.legend(*drawn, loc="outside lower center", ncols=4, **said)
    else:
        row[0].legend(**said)
    show(figure, alt=alt, approx=approx)


def _records(x, series, called="series"):
    """``series`` as arrays ``(len(x), replicas)``."""
    arrays = check_named(called, series, "arrays")
    for name, values in arrays.items():
        arrays[name] = values = check_array(f"{called}[{name!r}]", values, float, finite=False)
        if values.ndim != 2 or len(values) != len(x) or not values.size:
            raise ValueError(
                f"{called} {name!r} must be ({len(x)}, replicas), a row for each x; "
                f"it is {values.shape}, and a single curve is values[:, None]"
            )
    return arrays


def _draw_medians(axes, x, records, styles):
    """A line a series, and a band where its replicas differ."""
    for name, values in records.items():
        values = _drawable(values)
        with warnings.catch_warnings(action="ignore"):  # where no run is finite
            low, middle, high = np.nanpercentile(values, [25, 50, 75], axis=1)
        every = max(1, len(x) // 8)
        (line,) = axes.plot(x, middle, label=name, **styles[name], markevery=every)
        if not np.array_equal(low, high):
            axes.fill_between(x, low, high, color=line.get_color(), alpha=0.25, linewidth=0)
    if np.asarray(x).dtype.kind == "i" and axes.get_xscale() == "linear":  # no layer 2.5
        axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))


def _draw_theory(axes, x, theory, series):
    """Dashed lines, each name with a look of its own, each member of a family with its grey."""
    theory = check_named("theory", theory, "numbers", needed=False)
    if len(theory) > len(THEORIES):
        raise ValueError(f"theory must have at most {len(THEORIES)} names, not {len(theory)}")
    for look, (name, values) in zip(THEORIES, theory.items()):
        values = check_array(f"theory[{name!r}]", values, float, finite=False)
        if values.ndim > 2 or (values.ndim and len(values) != len(x)):
            raise ValueError(
                f"theory {name!r} must be a number, {len(x)} of them, one an x, or "
                f"({len(x)}, k), k curves; its shape is {values.shape}"
            )
        family = np.atleast_2d(np.broadcast_to(values.T, (*values.shape[1:], len(x))))
        named = f"{name}, theory" if name in series else name
        greys = [look["color"], *map(str, np.linspace(0.27, 0.46, len(family))[1:])]
        for k, (curve, grey) in enumerate(zip(family, greys)):
            look = look | {"color": grey, "markevery": max(1, len(x) // 8)}
            axes.plot(x, curve, label="_" * k + str(named), **look)


@matplotlib.rc_context(RC)
def by_layer(signals, gradients, *, title, alt, theory=None, approx=False):
    """Root mean squares of the signal and of the gradient by layer, on the same axes every time.

    ``signals`` and ``gradients`` map the same starts to arrays ``(layers, seeds)``, first layer
    first; ``theory`` maps a name to a pair, what it predicts for the signal and for the gradient.
    What the axes do not reach, as 0 or infinity, is drawn on their edge, where a label says so.
    """
    signals = check_named("signals", signals, "arrays (layers, seeds)")
    gradients = check_named("gradients", gradients, "arrays (layers, seeds)")
    theory = check_named("theory", theory, "pairs, for signal and gradient", needed=False)
    for name, pair in theory.items():
        theory[name] = pair = check_array(f"theory[{name!r}]", pair, float, finite=False)
        if not pair.ndim or len(pair) != 2:
            raise ValueError(f"theory[{name!r}] must be a pair, signal and gradient; not {pair}")
    if list(signals) != list(gradients):
        raise ValueError(f"gradients must be of {list(signals)}, not of {list(gradients)}")
    layers = np.arange(1, 1 + len(np.atleast_1d(next(iter(signals.values())))))
    figure, panels = new_figure(1, 2, size=(6.4, 3.8), sharex=True, sharey=True)
    for k, (called, series) in enumerate({"signals": signals, "gradients": gradients}.items()):
        axes, records = panels[k], _records(layers, series, called)
        within = {name: np.clip(values, *REACH) for name, values in records.items()}
        _draw_medians(axes, layers, within, looks(series))
        predicted = {name: np.clip(pair[k], *REACH) for name, pair in theory.items()}
        _draw_theory(axes, layers, predicted, series)
        label(axes, title=called[:-1], xlabel="layer", ylabel="" if k else "root mean square")
    ends = {REACH[0]: r"\leq", REACH[1]: r"\geq"}
    ticks = np.geomspace(*REACH, 6)
    axes.set(yscale="log", ylim=(REACH[0] / 3, REACH[1] * 3))
    axes.set_yticks(ticks, [f"${ends.get(t, '')}10^{{{np.log10(t):.0f}}}$" for t in ticks])
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    _show_panels(figure, title, alt, approx)


def _show_panels(figure, title, alt, approx):
    check_words(title=title)
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    show(figure, alt=alt, approx=approx)


def _drawable(values):
    """The same, with NaN for what no axis holds."""
    return np.where(np.abs(values) < LIMIT, values, np.nan)


def _tick(axis, values):
    """Ticks where something was measured, at most nine."""
    few = values[:: -(-len(values) // 9)]
    axis.set_ticks(few, [number(value, 2) for value in few])
    axis.set_minor_locator(NullLocator())


@matplotlib.rc_context(RC)
def weight_images(rows, *, title, alt, approx=False):
    """Incoming weights as small pictures: ``rows`` maps a name to an array (units, side, side).

    Each row has its own symmetric colour scale, from its most negative to its most positive weight.
    """
    rows = check_named("rows", rows, "arrays (units, side, side)")
    for name, images in rows.items():
        rows[name] = images = check_array(f"rows[{name!r}]", images)
        if images.ndim != 3 or not images.size:
            raise ValueError(f"rows[{name!r}] must be (units, side, side), not {images.shape}")
    columns = max(map(len, rows.values()))
    size = (6.4, 0.85 * len(rows) + 0.5)
    figure, grid = new_figure(len(rows), columns, size=size, squeeze=False)
    for axes_row, (name, images) in zip(grid, rows.items()):
        reach = np.abs(images).max() or 1.0
        for axes in axes_row[len(images) :]:
            axes.axis("off")
        for axes, image in zip(axes_row, images):
            axes.imshow(image, cmap="RdBu_r", vmin=-reach, vmax=reach)
            axes.set(xticks=[], yticks=[])
        axes_row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
    for unit, axes in enumerate(grid[-1], 1):
        axes.set_xlabel(f"unit {unit}", fontsize=8)
    _show_panels(figure, title, alt, approx)
