"""A network as a drawing: a column of units for each layer.

    ```{network} 64, 64 * 14, 10
    Fifteen layers
    ```

The widths are those of the input and of the layers, ``256 64 * 10`` is ten times 256 and 64. The
content is the caption.
"""

import itertools
from base64 import b64encode

from docutils import nodes
from quoted import Quote

WIDTH, HEIGHT = 600, 300  # pixels, at most
MOST = 12  # dots in a column
GREY, BLUE, GREEN = "#888888", "#0072B2", "#009E73"  # input, hidden, output


class Drawing(Quote):
    final_argument_whitespace = True

    def run(self):
        widths = list(read(self.arguments[0]))
        alt = f"Drawing of a network, its layers {', '.join(map(str, widths))} units wide"
        data = b64encode(draw(widths).encode()).decode()
        caption = nodes.container("", *self.parsed("\n".join(self.content)), classes=["caption"])
        return [self.image(data, "svg+xml", alt), *[caption] * bool(self.content)]


def read(sizes):
    for part in sizes.split(","):
        group, _, times = part.partition("*")
        yield from [int(width) for width in group.split()] * int(times or 1)


def draw(widths):
    """An SVG with as many dots a layer as the root of its width."""
    counts = [min(MOST, round(width**0.5)) for width in widths]
    gap = HEIGHT / max(counts)
    step = min(3 * gap, WIDTH / len(widths))
    columns = [
        [((k + 0.5) * step, HEIGHT / 2 + (j - (n - 1) / 2) * gap) for j in range(n)]
        for k, n in enumerate(counts)
    ]
    wires = "".join(
        f"M{x:.0f} {y:.0f}L{u:.0f} {v:.0f}"
        for here, there in itertools.pairwise(columns)
        for x, y in here
        for u, v in there
    )
    colours = [GREY, *[BLUE] * (len(widths) - 2), GREEN]
    dots = "".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{0.36 * min(gap, step):.1f}" fill="{colour}"/>'
        for column, colour in zip(columns, colours)
        for x, y in column
    )
    width = round(step * len(widths))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" '
        f'viewBox="0 0 {width} {HEIGHT}">'
        f'<path d="{wires}" stroke="#999" stroke-width="0.5" fill="none"/>{dots}</svg>'
    )


def setup(app):
    app.add_directive("network", Drawing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
