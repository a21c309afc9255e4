"""One function a figure: each takes numbers, runs no network, and returns a labelled figure.

``show`` displays one: the picture for the eye, its alt text for the ear, and as plain text a
description with a fingerprint of the drawn data, which is what the tests compare (they cannot see
a picture).
"""

import io

import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

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


def new_figure(rows=1, columns=1, *, size=SIZE, **subplots):
    """A figure in the course's style and its axes. It is not kept by pyplot, so none piles up."""
    with matplotlib.rc_context(RC):
        figure = Figure(figsize=size, dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        return figure, figure.subplots(rows, columns, **subplots)


def label(axes, *, title, xlabel, ylabel):
    """Title, axis labels; all required, so that an unlabelled figure cannot be drawn."""
    with matplotlib.rc_context(RC):
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
    lines = []
    for axes in figure.axes:
        lines.append(f"[{axes.get_title(loc='left') or axes.get_title()}]")
        lines.append(f"  {axes.get_xlabel()} ({axes.get_xscale()})")
        lines.append(f"  against {axes.get_ylabel()} ({axes.get_yscale()})")
        for line in axes.lines:
            lines.append(
                f"  line {_summary(line.get_label(), line.get_xydata(), digits)}"
            )
        for dots in axes.collections:
            paths = [path.vertices for path in dots.get_paths()]
            drawn = (
                dots.get_offsets()
                if len(dots.get_offsets()) > 1
                else np.concatenate(paths)
            )
            lines.append(
                f"  area {_summary(dots.get_label(), np.asarray(drawn), digits)}"
            )
        for image in axes.images:
            values = np.asarray(image.get_array(), dtype=float)
            lines.append(f"  image {values.shape} {_range(values, digits)}")
        lines += [f"  text {text.get_text()!r}" for text in axes.texts]
    return "\n".join(lines)


def _summary(name, points, digits):
    name = "" if str(name).startswith("_") else f"{name!r} "
    return f"{name}{len(points)} points, " + "; ".join(
        f"{axis} {_range(values, digits)}" for axis, values in zip("xy", points.T)
    )


def _range(values, digits):
    finite = values[np.isfinite(values)]
    if not digits or not len(finite):
        return "not compared" if len(finite) else "not finite"
    dust = 1e-9 * np.abs(finite).max()  # what is left where numbers cancel is rounding
    low, high, mean = (
        f"{value if abs(value) > dust else 0:.{digits}g}"
        for value in (finite.min(), finite.max(), finite.mean())
    )
    return f"{low} to {high}, mean {mean}"


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
        low, middle, high = np.nanpercentile(np.asarray(values), [25, 50, 75], axis=1)
        (line,) = axes.plot(
            x, middle, label=name, **style, markevery=max(1, len(x) // 8)
        )
        if not np.array_equal(low, high):
            axes.fill_between(
                x, low, high, color=line.get_color(), alpha=0.25, linewidth=0
            )
    for name, values in (theory or {}).items():
        axes.plot(x, np.broadcast_to(values, len(x)), label=name, **THEORY)
    if log:
        axes.set_yscale("log")
    label(axes, title=title, xlabel=xlabel, ylabel=ylabel)
    axes.legend(title=f"median; band: {band}" if band else None, title_fontsize=8)
    return figure


def weight_images(rows, *, title):
    """Incoming weights as small pictures: ``rows`` maps a name to an array (units, side, side).

    Each row has its own symmetric colour scale, from its most negative to its most positive weight.
    """
    columns = max(map(len, rows.values()))
    size = (6.4, 0.85 * len(rows) + 0.5)
    figure, grid = new_figure(len(rows), columns, size=size, squeeze=False)
    for axes_row, (name, images) in zip(grid, rows.items()):
        reach = np.abs(images).max() or 1.0
        for axes, image in zip(axes_row, images):
            axes.imshow(image, cmap="RdBu_r", vmin=-reach, vmax=reach)
            axes.set(xticks=[], yticks=[])
        axes_row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
    for unit, axes in enumerate(grid[-1], 1):
        axes.set_xlabel(f"unit {unit}", fontsize=8)
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    return figure


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
    axes.plot(
        across, line[0] - line[1] * np.log10(across), label="straight line", **THEORY
    )
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


def unit_dots(panels, *, title, reach):
    """Hidden units as dots in a plane: ``panels`` maps a name to positions (units, 2)."""
    figure, grid = new_figure(
        1, len(panels), size=(6.4, 2.5), squeeze=False, sharey=True
    )
    for axes, (name, positions) in zip(grid[0], panels.items()):
        draw_dots(axes, positions, reach)
        label(axes, title=name, xlabel="first direction", ylabel="")
    grid[0][0].set_ylabel("second direction")
    figure.suptitle(title, x=0.02, ha="left", fontsize=11)
    return figure


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
