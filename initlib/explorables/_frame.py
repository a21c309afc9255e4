"""What all interactives share: controls, a picture that follows them, and a sentence below it."""

import io

import ipywidgets as widgets
import numpy as np
from PIL import Image

from initlib import figures
from initlib._display import NEUTRAL, RIGHT, card, show, to_html


class Painter:
    """Repaints what moves in a figure, in a few milliseconds; the axes are drawn only once.

    Lines, dots, images and texts inside the axes move. Limits, ticks, labels, titles and legends
    stay as they are when the painter is made, so a change of scale cannot hide a change of data.
    """

    def __init__(self, figure):
        self._canvas = figure.canvas
        self._moving = [
            artist
            for axes in figure.axes
            for artist in (*axes.images, *axes.collections, *axes.lines, *axes.texts)
        ]
        for artist in self._moving:
            artist.set_animated(True)  # the canvas leaves it out
        self._moving.sort(key=lambda artist: artist.get_zorder())
        self._canvas.draw()
        figure.set_layout_engine("none")  # else each further draw may shift the axes
        self._still = self._canvas.copy_from_bbox(figure.bbox)

    def png(self):
        """The figure as the bytes of a PNG of 256 colours: sooner there, and half as large."""
        self._canvas.restore_region(self._still)
        for artist in self._moving:
            artist.axes.draw_artist(artist)
        pixels = Image.fromarray(np.asarray(self._canvas.buffer_rgba())).convert("RGB")
        pixels = pixels.quantize(method=Image.Quantize.FASTOCTREE)
        pixels.putpalette([min(255, value + 1) for value in pixels.getpalette()])  # 254 is white
        with io.BytesIO() as file:
            pixels.save(file, "png", compress_level=1)
            return file.getvalue()


class Explorable:
    """An invitation, controls, a picture and a sentence; whichever control changes, these follow.

    ``invitation`` says in one sentence what to try, and ``reached``, given what was computed,
    whether it is done. ``controls`` maps the arguments of the pure function ``compute`` to
    widgets. What it returns goes to ``draw``, which moves the artists of ``figure``, and to
    ``describe``, which says it in words, for who cannot see the picture. ``buttons`` stand beside
    the reset button. All state is that of the controls, or ``forget()`` drops what is more. While
    a slider is dragged the front end sends one value, waits until it is painted, and then sends
    the newest.
    """

    def __init__(
        self,
        name,
        invitation,
        reached,
        controls,
        compute,
        figure,
        draw,
        describe,
        buttons=(),
        rows=None,
        forget=lambda: None,
    ):
        self.name, self.controls = name, controls
        self._compute, self._draw, self._describe = compute, draw, describe
        self._invitation, self._reached, self._forget = invitation, reached, forget
        self._first = self.values()
        self._held = False
        self._painter = Painter(figure)
        self.image = widgets.Image(format="png", layout=WHOLE)
        self.invitation, self.sentence = widgets.HTML(), widgets.HTML()
        for control in controls.values():
            control.observe(self.paint, "value")
        reset = widgets.Button(description="Reset", tooltip="All as it was at first")
        reset.on_click(self._reset)
        rows = list(controls.values()) if rows is None else rows
        beside = [*rows, widgets.HBox([*buttons, reset], layout=WRAPPED)]
        columns = [
            widgets.VBox(beside, layout=BESIDE),
            widgets.VBox([self.image, self.sentence], layout=PICTURE),
        ]
        style = widgets.HTML(NARROW, layout={"display": "none"})
        self.box = widgets.VBox([style, self.invitation, widgets.HBox(columns, layout=WRAPPED)])
        self.box.add_class("initlib-explorable")
        columns[0].add_class("initlib-controls")
        self.image.add_class("initlib-picture")
        self.sentence.add_class("initlib-sentence")
        self.paint()

    def values(self):
        """The controls' values by name, as ``compute`` takes them."""
        return {name: control.value for name, control in self.controls.items()}

    def set(self, **values):
        """Give several controls new values, and paint once, even if one of them is refused."""
        self._held = True
        try:
            for name, value in values.items():
                self.controls[name].value = value
        finally:
            self._held = False
            self.paint()

    def _reset(self, _):
        self._forget()
        self.set(**self._first)

    def paint(self, _=None):
        """Compute and show what belongs to the controls' values."""
        if not self._held:
            self.show_seen(self._compute(**self.values()))

    def show_seen(self, seen):
        """Draw and describe what was computed."""
        self._draw(seen)
        self.image.value = self._painter.png()
        self.say(self._describe(seen))
        colour, mark = (RIGHT, "✓ Done.") if self._reached(seen) else (NEUTRAL, "Try it.")
        self.invitation.value = card(colour, f"<b>{mark}</b> {to_html(self._invitation)}")

    def say(self, text):
        """Put a text below the picture."""
        self.sentence.value = f'<div style="line-height: 1.5">{to_html(text)}</div>'

    def display(self):
        """Where there is no kernel one sentence stands for the interactive, not a hole."""
        text = (
            f"{self.name}: run this notebook to play; "
            "the figure above shows the same at fixed settings."
        )
        show(text, card(NEUTRAL, to_html(text)), self.box)


WIDE = {"style": {"description_width": "12em"}, "layout": {"width": "auto"}}
# The controls stand beside the picture, or above it where there is no room for both.
WRAPPED = {"flex_flow": "row wrap", "grid_gap": "0 1.5em"}
BESIDE = {"flex": "1 1 22em", "min_width": "0", "max_width": "34em"}
PICTURE = {"flex": "3 1 28em", "min_width": "0", "max_width": "48em"}
WHOLE = {"width": "100%", "height": "auto", "margin": "0"}  # a margin would be cut off
# On a phone a control's name stands above it, so that a slider has room to be dragged.
NARROW = """<style>
.initlib-controls { container-type: inline-size }
@container (max-width: 340px) {
  .initlib-controls .widget-inline-hbox { flex-wrap: wrap; height: auto }
  .initlib-controls .widget-inline-hbox > .widget-label {
    width: 100% !important; text-align: left; margin-bottom: -4px }
  .initlib-controls select { height: 28px }
}
</style>"""


def slider(description, values, value, text="{:g}"):
    """A slider that stops at ``values``, each shown as ``text`` writes it."""
    options = [(text.format(each), each) for each in values]
    return widgets.SelectionSlider(options=options, value=value, description=description, **WIDE)


def whole(description, low, high, value, step=1):
    """A slider over whole numbers, with a box to type into."""
    return widgets.IntSlider(value, low, high, step, description=description, **WIDE)


def choice(description, options, value):
    """A list to choose from."""
    return widgets.Dropdown(options=options, value=value, description=description, **WIDE)


def apart(heights, gap):
    """Heights of names on an axis from 0 to 1, moved until none is nearer to another than a gap."""
    order = np.argsort(heights, kind="stable")
    moved = np.take(heights, order)
    for k in range(1, len(moved)):
        moved[k] = max(moved[k], moved[k - 1] + gap)
    moved[-1] = min(moved[-1], 1 - gap / 2)
    for k in reversed(range(len(moved) - 1)):
        moved[k] = min(moved[k], moved[k + 1] - gap)
    return moved[np.argsort(order)]


def compared(axes, names, x=(), styles=None):
    """Lines over ``x`` for what is measured, and a dashed one for the theory of each: all, to move.

    ``names`` maps the name of what is measured to that of its theory; ``styles`` is as in
    ``figures.looks``, without it what is no initialization gets the neutral ones in order.
    """
    looks = [*figures.looks(names, styles).values(), *figures.THEORIES[: len(names)]]
    return [
        axes.plot(x, x, label=name, **look)[0]
        for name, look in zip((*names, *names.values()), looks, strict=True)
    ]


def legend(figure, columns=4):
    """One legend for all axes, below them, where no curve can run through it."""
    handles = {}
    for axes in figure.axes:
        for handle, name in zip(*axes.get_legend_handles_labels()):
            handles.setdefault(name, handle)
    figure.legend(handles.values(), handles, loc="outside lower center", ncols=columns)
