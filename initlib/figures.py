"""What all figures share: style, palette, words, and what is displayed of them.

``show`` displays one: the picture for the eye, its alt text for the ear, and as plain text a
description with a fingerprint of the drawn data, which is what the tests compare (they cannot see
a picture).
"""

import io
import itertools

import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from PIL import Image

from initlib import _numbers
from initlib._checks import check_named, check_option, check_words

# One colour for each initialization across the whole course, from the palette of Okabe and Ito
# (2008), with a marker and a line style beside it so that nothing rests on hue. What is no
# initialization takes the neutral styles, in other colours, one after the other.
STYLES = {
    "zero": {"color": "#000000", "linestyle": ":", "marker": "s"},
    "constant": {"color": "#E69F00", "linestyle": "-.", "marker": "D"},
    "almost constant": {"color": "#CC79A7", "linestyle": "--", "marker": "^"},
    "too small": {"color": "#56B4E9", "linestyle": "--", "marker": "v"},
    "too large": {"color": "#D55E00", "linestyle": "-.", "marker": "X"},
    "random": {"color": "#0072B2", "linestyle": "-", "marker": "o"},  # before schemes have names
    "Xavier": {"color": "#0072B2", "linestyle": "-", "marker": "o"},
    "He": {"color": "#009E73", "linestyle": "-", "marker": "P"},
    "first": {"color": "#332288", "linestyle": "-", "marker": ">"},
    "second": {"color": "#882255", "linestyle": "-.", "marker": "*"},
    "third": {"color": "#5B7083", "linestyle": "--", "marker": "<"},
    "fourth": {"color": "#999933", "linestyle": ":", "marker": "d"},
}
ALSO = {"small": "too small", "large": "too large", "constant 0.1": "constant"}
NEUTRAL = ("first", "second", "third", "fourth")
THEORY = {"color": "#444444", "linestyle": (0, (5, 3)), "linewidth": 1.2}
THEORIES = (  # the looks of several in one figure, in order
    THEORY,
    THEORY | {"linestyle": (0, (1.5, 1.5)), "marker": "x"},
    THEORY | {"linestyle": (0, (7, 2, 1.5, 2)), "marker": "1"},
    THEORY | {"linestyle": (0, (2, 5)), "marker": "+"},
)

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
DPI = 144  # of the pictures that are drawn anew again and again


def looks(names, styles=None):
    """The style of each series: that of its name, the one ``styles`` says, or a neutral one.

    ``styles`` maps a name to a key of ``STYLES``, or is "shades": dark to light, in order.
    """
    if isinstance(styles, str) and styles == "shades":
        return {name: {"color": shade} for name, shade in zip(names, shades(len(names)))}
    styles = check_named("styles", styles, "styles", needed=False)
    keys = {name: styles.get(name, ALSO.get(name, name)) for name in names}
    neutral = itertools.chain((key for key in NEUTRAL if key not in keys.values()), [None])
    for name, key in keys.items():
        if name in styles:
            check_option(f"styles[{name!r}]", key, tuple(STYLES))
        elif key not in STYLES and (key := next(neutral)) is None:
            raise ValueError(
                f"series may hold {len(NEUTRAL)} that are no initialization, and {name!r} is one "
                "more: give it one of the other styles, or all of them styles='shades'"
            )
        keys[name] = key
    for one, other in itertools.combinations(keys, 2):
        if STYLES[keys[one]] == STYLES[keys[other]]:
            raise ValueError(f"{one!r} and {other!r} would look alike: give one another of styles")
    return {name: STYLES[key] for name, key in keys.items()}


def shades(count):
    """Colours for what has an order: from dark to light."""
    return matplotlib.colormaps["viridis"](np.linspace(0, 0.85, count))


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


@matplotlib.rc_context(RC)
def draw_dots(axes, positions, reach):
    """Dots that let those underneath shine through, around the mean unit at the centre."""
    axes.axhline(0, color="#BBBBBB", linewidth=0.8)
    axes.axvline(0, color="#BBBBBB", linewidth=0.8)
    order = np.linspace(0, 0.9, len(positions))
    look = {"s": 45, "alpha": 0.75, "edgecolors": "white", "linewidths": 0.6, "zorder": 3}
    axes.scatter(*np.transpose(positions), c=order, cmap="viridis", **look)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach))


def png(figure):
    """The figure as the bytes of a PNG, of 256 colours, which a third of the bytes will hold."""
    with io.BytesIO() as drawn, io.BytesIO() as file, matplotlib.rc_context(RC):
        figure.savefig(drawn, format="png", dpi=192)  # twice what a page shows, an inch
        Image.open(drawn).convert("RGB").quantize().save(file, "png", optimize=True)
        return file.getvalue()


def show(figure, *, alt, approx=False):
    """Display ``figure`` with its alt text and, for the tests, a fingerprint of what it draws.

    ``approx`` marks the numbers of the fingerprint as those of data that training amplified from
    rounding, and that another processor would draw otherwise.
    """
    check_words(alt=alt)
    alt = " ".join(alt.split())
    width, height = (int(96 * inches) for inches in figure.get_size_inches())
    display(
        {"image/png": png(figure), "text/plain": f"{alt}\n{fingerprint(figure, approx)}"},
        metadata={"image/png": {"alt": alt, "width": width, "height": height}},
        raw=True,
    )


def fingerprint(figure, approx=False):
    """What is drawn, line by line: labels, scales, and of each curve its count and its spread."""
    write, count = (_numbers.approx,) * 2 if approx else ("{:.3g}".format, str)
    lines = [figure.get_suptitle()] if figure.get_suptitle() else []
    for axes in figure.axes:
        if axes.get_label() == "<colorbar>":  # its numbers are those of the colours above it
            lines.append(f"  colours are {axes.get_ylabel()}")
            continue
        lines.append(f"[{axes.get_title(loc='left') or axes.get_title()}]")
        lines.append(f"  {axes.get_xlabel()} ({axes.get_xscale()})")
        lines.append(f"  against {axes.get_ylabel()} ({axes.get_yscale()})")
        for line in axes.lines:
            lines.append(f"  line {_summary(line.get_label(), line.get_xydata(), write)}")
        for area in axes.collections:
            for points in _drawn(area):
                lines.append(f"  area {_summary(area.get_label(), points, write, count)}")
            if area.get_array() is not None:
                lines.append(f"  colours {_values(area.get_array(), write)}")
        lines += [f"  image {_values(image.get_array(), write)}" for image in axes.images]
        lines += [f"  text {text.get_text()!r}" for text in axes.texts]
    return "\n".join(lines)


def _drawn(area):
    """The points of dots or of the outline of a band, as a list of at most one array."""
    if isinstance(area, PathCollection):
        return [np.asarray(area.get_offsets())]
    paths = [path.vertices for path in area.get_paths()]
    return [np.concatenate(paths)] if paths else []


def _summary(name, points, write, count=str):
    name = "" if str(name).startswith("_") else f"{name!r} "
    return f"{name}{count(len(points))} points, " + "; ".join(
        f"{axis} {_range(values, write)}" for axis, values in zip("xy", points.T)
    )


def _values(array, write):
    values = np.asarray(array, dtype=float)
    return f"{values.shape} {_range(values, write)}"


def _range(values, write):
    finite = values[np.isfinite(values)]
    if not len(finite):
        return "not finite"
    mean = finite.mean()
    if abs(mean) < 1e-9 * np.abs(finite).max():
        mean = 0  # what is left where numbers cancel is rounding
    first, last, low, high, mean = (
        write(value + 0.0) for value in (*finite.ravel()[[0, -1]], finite.min(), finite.max(), mean)
    )
    return f"{first} … {last}, {low} to {high}, mean {mean}"
