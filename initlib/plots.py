"""One function a figure: each takes numbers, runs no network, and returns a labelled figure.

``show`` displays one: the picture for the eye, its alt text for the ear, and as plain text a
description with a fingerprint of the drawn data, which is what the tests compare (they cannot see
a picture).
"""

import io
import warnings

import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

# One colour for each initialization across the whole course, from the palette of Okabe and Ito
# (2008), with a marker and a line style beside it so that nothing rests on hue.
STYLES = {
    "zero": {"color": "#000000", "linestyle": ":", "marker": "s"},
    "constant": {"color": "#E69F00", "linestyle": "-.", "marker": "D"},
    "almost constant": {"color": "#CC79A7", "linestyle": "--", "marker": "^"},
    "too small": {"color": "#56B4E9", "linestyle": "--", "marker": "v"},
    "too large": {"color": "#D55E00", "linestyle": "-.", "marker": "X"},
    "random": {
        "color": "#0072B2",
        "linestyle": "-",
        "marker": "o",
    },  # where no scheme is named yet
    "Xavier": {"color": "#0072B2", "linestyle": "-", "marker": "o"},
    "He": {"color": "#009E73", "linestyle": "-", "marker": "P"},
}
THEORY = {"color": "#444444", "linestyle": (0, (5, 3)), "linewidth": 1.2}

RC = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "legend.frameon": False,
    "legend.fontsize": 9,
}
SIZE = (6.4, 3.6)  # inches
DPI = 144  # twice what a page shows, so that it is crisp on any screen


@matplotlib.rc_context(RC)
def new_figure(rows=1, columns=1, *, size=SIZE, **subplots):
    """A figure in the course's style and its axes. It is not kept by pyplot, so none piles up."""
    figure = Figure(figsize=size, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, **subplots)


@matplotlib.rc_context(RC)
def label(axes, *, title, xlabel, ylabel):
    """Title, axis labels; all required, so that an unlabelled figure cannot be drawn."""
    axes.set_title(title)
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)


def png(figure):
    """The figure as the bytes of a PNG."""
    with io.BytesIO() as file, matplotlib.rc_context(RC):
        figure.savefig(file, format="png", dpi=DPI)
        return file.getvalue()


def show(figure, *, alt, digits=3):
    """Display ``figure`` with its alt text and, for the tests, a fingerprint of what it draws.

    ``digits`` significant digits of the data are compared; 0 leaves the numbers out, for data that
    training amplified from rounding and another processor would draw otherwise.
    """
    alt = " ".join(alt.split())
    if not alt:
        raise ValueError("alt must say in words what the figure shows")
    width, height = (int(72 * inches) for inches in figure.get_size_inches())
    display(
        {
            "image/png": png(figure),
            "text/plain": f"{alt}\n{fingerprint(figure, digits)}",
        },
        metadata={"image/png": {"alt": alt, "width": width, "height": height}},
        raw=True,
    )


def fingerprint(figure, digits=3):
    """What is drawn, line by line: labels, scales, and of each curve its count and its spread."""
    lines = [figure.get_suptitle()] if figure.get_suptitle() else []
    for axes in figure.axes:
        lines.append(f"[{axes.get_title(loc='left') or axes.get_title()}]")
        lines.append(f"  {axes.get_xlabel()} ({axes.get_xscale()})")
        lines.append(f"  against {axes.get_ylabel()} ({axes.get_yscale()})")
        for line in axes.lines:
            lines.append(f"  line {_summary(line.get_label(), line.get_xydata(), digits)}")
        for area in axes.collections:
            lines += [f"  area {_summary(area.get_label(), p, digits)}" for p in _drawn(area)]
            if area.get_array() is not None:
                colours = np.asarray(area.get_array(), dtype=float)
                lines.append(f"  colours {colours.shape} {_range(colours, digits)}")
        for image in axes.images:
            values = np.asarray(image.get_array(), dtype=float)
            lines.append(f"  image {values.shape} {_range(values, digits)}")
        lines += [f"  text {text.get_text()!r}" for text in axes.texts]
    return "\n".join(lines)


def _drawn(area):
    """The points of dots or of the outline of a band, as a list of at most one array."""
    if isinstance(area, PathCollection):
        return [np.asarray(area.get_offsets())]
    paths = [path.vertices for path in area.get_paths()]
    return [np.concatenate(paths)] if paths else []


def _summary(name, points, digits):
    name = "" if str(name).startswith("_") else f"{name!r} "
    return f"{name}{len(points)} points, " + "; ".join(
        f"{axis} {_range(values, digits)}" for axis, values in zip("xy", points.T)
    )


def _range(values, digits):
    finite = values[np.isfinite(values)]
    if not digits or not len(finite):
        return "not compared" if len(finite) else "not finite"
    mean = finite.mean()
    if abs(mean) < 1e-9 * np.abs(finite).max():
        mean = 0  # what is left where numbers cancel is rounding
    low, high, first, last = finite.min(), finite.max(), *finite.ravel()[[0, -1]]
    first, last, low, high, mean = (
        f"{value + 0.0:.{digits}g}" for value in (first, last, low, high, mean)
    )
    return f"{first} … {last}, {low} to {high}, mean {mean}"


@matplotlib.rc_context(RC)
def curves(
    x,
    series,
    *,
    title,
    xlabel,
    ylabel,
    styles=None,
    theory=None,
    log=False,
    logx=False,
    band="middle half of the seeds",
):
    """Median over replicas against ``x``, with the middle half as a band.

    ``series`` maps a legend name to an array ``(len(x), replicas)``; ``styles`` maps it to a key of
    ``STYLES`` where the name is not one itself; ``theory`` maps a name to the predicted values, one
    an x or a single one, drawn dashed.
    """
    figure, axes = new_figure()
    for name, values in series.items():
        style = STYLES[(styles or {}).get(name, name)]
        values = np.where(np.isfinite(values), values, np.nan)
        with warnings.catch_warnings(action="ignore"):  # where no run is finite
            low, middle, high = np.nanpercentile(values, [25, 50, 75], axis=1)
        (line,) = axes.plot(x, middle, label=name, **style, markevery=max(1, len(x) // 8))
        if not np.array_equal(low, high):
            axes.fill_between(x, low, high, color=line.get_color(), alpha=0.25, linewidth=0)
    for name, values in (theory or {}).items():
        axes.plot(x, np.broadcast_to(values, len(x)), label=name, **THEORY)
    if log:
        axes.set_yscale("log")
    if logx:
        axes.set_xscale("log")
    label(axes, title=title, xlabel=xlabel, ylabel=ylabel)
    axes.legend(title=f"median; band: {band}" if band else None, title_fontsize=8)
    return figure


@matplotlib.rc_context(RC)
def densities(panels, *, title, xlabel, bins=60, log=False):
    """Histograms as outlines, one a layer, in panels that share their axes.

    ``panels`` maps a name to the values of each layer, first layer first; the first layers are
    dark and the last ones light. ``log`` makes the density's axis logarithmic, where an empty bin
    is a gap.
    """
    values = np.concatenate([np.ravel(v) for layers in panels.values() for v in layers])
    edges = np.linspace(values.min(), values.max(), bins + 1)
    size = (6.4, 2.3 * len(panels) + 0.4)
    figure, grid = new_figure(len(panels), 1, size=size, sharex=True, sharey=True, squeeze=False)
    for axes, (name, layers) in zip(grid[:, 0], panels.items()):
        for depth, layer in enumerate(layers, 1):
            height, _ = np.histogram(layer, edges, density=True)
            height = np.where(height > 0, height, np.nan) if log else height
            shade = matplotlib.colormaps["viridis"](0.85 * (depth - 1) / max(1, len(layers) - 1))
            axes.plot(
                (edges[1:] + edges[:-1]) / 2,
                height,
                color=shade,
                label=f"layer {depth}",
            )
        label(
            axes,
            title=name,
            xlabel=xlabel if axes is grid[-1, 0] else "",
            ylabel="density",
        )
    if log:  # the curves are domes, with room under them
        grid[0, 0].set_yscale("log")
        grid[-1, 0].legend(loc="lower center", ncols=2)
    else:
        grid[0, 0].legend()
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    return figure


@matplotlib.rc_context(RC)
def heat_map(x, y, values, *, title, xlabel, ylabel, colour, ridge=None, logx=False):
    """``values`` (len(y), len(x)) as colours; ``colour`` names the quantity and its unit.

    ``ridge`` holds the predicted x of each y, drawn dashed.
    """
    figure, axes = new_figure()
    mesh = axes.pcolormesh(x, y, values, cmap="viridis", shading="nearest")
    figure.colorbar(mesh, ax=axes, label=colour)
    if ridge is not None:
        axes.plot(
            np.broadcast_to(ridge, len(y)),
            y,
            label="theory",
            **THEORY | {"color": "#D55E00"},
        )
        axes.legend()
    if logx:
        axes.set_xscale("log")
        few = x[:: -(-len(x) // 9)]  # under two decades log ticks run into one another
        axes.set_xticks(few, [f"{value:.2g}" for value in few])
        axes.minorticks_off()
    axes.grid(False)
    label(axes, title=title, xlabel=xlabel, ylabel=ylabel)
    return figure


@matplotlib.rc_context(RC)
def arrivals(x, series, *, limit, title, xlabel, ylabel, styles=None, logx=False):
    """Steps that each replica needs to reach a mark, against ``x``: dots, and a line of medians.

    ``series`` maps a legend name to an array ``(len(x), replicas)``. What is not finite did not
    arrive within ``limit`` steps; it is not dropped but drawn above that line, a row a series.
    """
    figure, axes = new_figure(size=(6.4, 4.2))
    for row, (name, steps) in enumerate(series.items(), 1):
        style = STYLES[(styles or {}).get(name, name)]
        never = limit * 1.25**row
        steps = np.where(np.isfinite(steps), steps, never)
        middle = np.percentile(steps, 50, axis=1, method="nearest")
        (line,) = axes.plot(x, middle, label=name, **style)
        axes.plot(
            np.repeat(x, steps.shape[1]),
            steps.ravel(),
            color=line.get_color(),
            marker=style["marker"],
            markersize=3.5,
            linestyle="none",
            alpha=0.5,
        )
    axes.axhline(limit, color="#000000", linewidth=0.8, linestyle=":")
    axes.set_yscale("log")
    axes.set_ylim(top=limit * 1.25 ** (len(series) + 1))
    axes.text(
        1.01,
        limit * 1.25 ** ((len(series) + 1) / 2),
        f"not within\n{limit} steps",
        transform=axes.get_yaxis_transform(),
        va="center",
        fontsize=8,
    )
    if logx:
        axes.set_xscale("log")
    axes.set_xticks(x, [f"{value:g}" for value in x])
    axes.xaxis.set_minor_locator(NullLocator())
    label(axes, title=title, xlabel=xlabel, ylabel=ylabel)
    axes.legend(
        title="line: median\ndots: one a seed",
        title_fontsize=8,
        loc="upper left",
        bbox_to_anchor=(1, 0.75),
    )
    return figure


@matplotlib.rc_context(RC)
def weight_images(rows, *, title):
    """Incoming weights as small pictures: ``rows`` maps a name to an array (units, side, side).

    Each row has its own symmetric colour scale, from its most negative to its most positive weight.
    """
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
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    return figure


@matplotlib.rc_context(RC)
def growth(steps, spreads, predicted, *, title, threshold):
    """The spread of the units against training step, log axis, one curve an epsilon.

    ``spreads`` maps an epsilon to ``(steps,)`` and ``predicted`` to the same by linear theory; the
    dotted level is the ``threshold`` at which the units count as apart.
    """
    figure, axes = new_figure()
    shades = matplotlib.colormaps["viridis"](np.linspace(0, 0.85, len(spreads)))
    for shade, (epsilon, values) in zip(shades, spreads.items()):
        axes.plot(steps, values, color=shade, label=f"ε = {epsilon:.0e}")
    for epsilon, values in predicted.items():
        name = "linear theory" if epsilon == min(predicted) else None
        axes.plot(steps, values, label=name, **THEORY)
    axes.axhline(threshold, color="#000000", linewidth=0.8, linestyle=":")
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(numticks=7))
    axes.set_ylim(top=10)
    label(
        axes,
        title=title,
        xlabel="training step",
        ylabel="distance of the units\nfrom their mean",
    )
    axes.legend(ncols=2)
    return figure


@matplotlib.rc_context(RC)
def escape(epsilons, steps, *, line, marks, title):
    """Escape step against epsilon, log axis, one dot a seed.

    ``line`` is (steps at epsilon 1, steps a decade), drawn dashed over the whole axis; ``marks``
    maps a name to one more (epsilon, step), drawn as a star.
    """
    figure, axes = new_figure()
    seeds = np.shape(steps)[1]
    axes.plot(
        np.repeat(epsilons, seeds),
        np.ravel(steps),
        color=STYLES["almost constant"]["color"],
        linestyle="none",
        marker="^",
        label=f"measured, {seeds} seeds each",
    )
    smallest = min([*epsilons, *(epsilon for epsilon, _ in marks.values())])
    across = np.geomspace(max(epsilons), smallest / 10, 50)
    axes.plot(across, line[0] - line[1] * np.log10(across), label="straight line", **THEORY)
    for marker, (name, (epsilon, step)) in zip("*P", marks.items()):
        axes.plot(
            epsilon,
            step,
            marker=marker,
            markersize=11,
            color="#D55E00",
            linestyle="none",
            label=name,
        )
    axes.set_xscale("log")
    axes.invert_xaxis()
    label(
        axes,
        title=title,
        xlabel="ε, the size of the noise in the weights (smaller to the right)",
        ylabel="steps until the units are apart",
    )
    axes.legend()
    return figure


@matplotlib.rc_context(RC)
def unit_dots(panels, *, title, reach):
    """Hidden units as dots in a plane: ``panels`` maps a name to positions (units, 2)."""
    figure, grid = new_figure(1, len(panels), size=(6.4, 2.5), squeeze=False, sharey=True)
    for axes, (name, positions) in zip(grid[0], panels.items()):
        draw_dots(axes, positions, reach)
        label(axes, title=name, xlabel="first direction", ylabel="")
    grid[0][0].set_ylabel("second direction")
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    return figure


@matplotlib.rc_context(RC)
def draw_dots(axes, positions, reach):
    """Dots that let those underneath shine through, around the mean unit at the centre."""
    shades = np.linspace(0, 0.9, len(positions))
    axes.axhline(0, color="#BBBBBB", linewidth=0.8)
    axes.axvline(0, color="#BBBBBB", linewidth=0.8)
    axes.scatter(
        *np.transpose(positions),
        c=shades,
        cmap="viridis",
        s=45,
        alpha=0.75,
        edgecolors="white",
        linewidths=0.6,
        zorder=3,
    )
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
