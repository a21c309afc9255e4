"""The interactives on a page without a kernel: drawn beforehand at the values of a few controls.

Each picture and its sentence come from the interactive itself, as a learner sees them in Lab. The
page gets controls of its own, and ``_static/explorables.js`` shows what belongs to their values.
"""

import concurrent.futures
import functools
import html
import importlib
import io
import itertools
import json
import os
import re
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
from PIL import Image

from initlib import figures

FEW = 12  # values of each of the first two controls, where nothing is said below

# Which controls move on the page: at these values, at that many, or at all (None); the first of
# them most quickly. Controls in a tuple move together. Each question of a chapter that only playing
# answers should be answered by them.
MOVED = {
    "race": {"rate": None, "hidden": (2, 10)},
    "symmetry": {"step": 24, "activation": None},
    "knob": {"gain": None, "activation": None},
    "moments": {"factor": 9, "activation": None, "quantity": None},
    "bottleneck": {("layer_1", "layer_3"): None, "layer_2": None, "mode": None},
    "lottery": {"seeds": None, "width": None},
    "formula": {"numerator": None, "denominator": None, "root": None},
    "patient": {
        "number": (*range(1, 9), 36, 37, 38),
        "plot": ("loss", "signals", "gradients", "updates"),
    },
    "branches": {"scale": None, "norm": None},
    "attention": {"gain": None, "width": None},
    "phase": {"sigma_w": None, "sigma_b": (0.0, 0.2, 0.3, 0.5)},
    "width": {"first": None, "second": None, "last": None},
}
FIXED = {
    "knob": {"depth": 60, "guess": 61, "locked": True},
    "lottery": {"depth": 50},
    "branches": {"depth": 64},
    "attention": {"depth": 8},
}


class Control(NamedTuple):
    """A control of the page: what it is called, and what it sets the interactive's controls to."""

    key: str
    label: str
    slides: bool
    names: tuple  # of the interactive's controls
    values: list
    shown: list  # the values as the page writes them
    first: int  # the place of the value that is shown at first


def options(widget):
    """The values that a control can have, each with how it is written."""
    if hasattr(widget, "options"):
        pairs = [each if isinstance(each, tuple) else (each, each) for each in widget.options]
        return {value: str(text) for text, value in pairs}
    if hasattr(widget, "max"):
        steps = range(widget.min, widget.max + 1, widget.step)
        return {value: str(value) for value in steps}
    return {False: "no", True: "yes"}


def chosen(written, wanted, first):
    """The values at which a control is drawn, in order: always that with which it begins."""
    values = list(written)
    if wanted is None:
        return values
    if isinstance(wanted, int):
        places = np.linspace(0, len(values) - 1, min(wanted, len(values))).round().astype(int)
        wanted = [values[place] for place in places]
    return [value for value in values if value in wanted or value == first]


def controls(name, explorable):
    """The page's controls for an interactive, in the order in which they stand."""
    moved = MOVED.get(name, dict.fromkeys(list(explorable.controls)[:2], FEW))
    for names, wanted in moved.items():
        names = names if isinstance(names, tuple) else (names,)
        own = [explorable.controls[each] for each in names]
        written = options(own[0])
        begin = own[0].value if own[0].value in written else next(iter(written))
        if isinstance(wanted, tuple) and begin not in wanted:
            begin = wanted[0]
        values = chosen(written, wanted, begin)
        yield Control(
            key=f"{name}-{names[0].replace('_', '-')}",
            label=" and ".join(each.description for each in own),
            slides=not isinstance(own[0], widgets.Dropdown | widgets.ToggleButtons),
            names=names,
            values=values,
            shown=[written[value] for value in values],
            first=values.index(begin),
        )


def show_the_end(name, explorable):
    """Where the picture moves by itself, what it shows in the end."""
    if name == "race":
        race = importlib.import_module("initlib.explorables.race")
        *_, end = race.laps(**explorable.values())
        explorable.show_seen(end)


def sentence(name, explorable):
    """What stands below the picture, without what is told of a guess: a page has none."""
    said = explorable.sentence.value
    return re.sub(r"; [^;.]*guess[^.]*\.|; as you said\.", ".", said) if name == "knob" else said


def webp(png):
    """A picture's bytes as those of a WebP, which takes half as many."""
    with io.BytesIO() as file:
        image = Image.open(io.BytesIO(png)).convert("RGB")
        image.save(file, "webp", lossless=True, method=1, quality=25)
        return file.getvalue()


def play(name, folder):
    """Draw all that a page can show of an interactive into a folder; the HTML in its place."""
    explorable = importlib.import_module(f"initlib.explorables.{name}").build()
    explorable.set(**FIXED.get(name, {}))
    moved = list(controls(name, explorable))
    sentences, invitations = [], []
    for k, values in enumerate(itertools.product(*(control.values for control in moved))):
        pairs = zip(moved, values)
        explorable.set(**{each: value for control, value in pairs for each in control.names})
        show_the_end(name, explorable)
        (folder / f"{name}-{k}.webp").write_bytes(webp(explorable.image.value))
        sentences.append(sentence(name, explorable))
        invitations.append(explorable.invitation.value)
    return page(name, explorable, moved, sentences, invitations)


def page(name, explorable, moved, sentences, invitations):
    """The invitation, the controls, the picture and the sentence, with all that is said of them.

    What cannot be reached by the controls of the page does not invite there.
    """
    ways = list(dict.fromkeys(invitations))
    said = [ways.index(each) for each in invitations]
    if "✓" not in "".join(ways):
        ways = [""]
    first = 0
    for control in moved:
        first = first * len(control.values) + control.first
    size = Image.open(io.BytesIO(explorable.image.value)).size
    width, height = (round(pixels * 96 / figures.DPI) for pixels in size)
    source = "../_static/explorables/" + name
    data = {"source": source, "sentences": sentences, "ways": ways, "said": said}
    data = json.dumps(data).replace("</", "<\\/")
    return f"""
<div class="explorable" role="group" aria-label="{html.escape(explorable.name)}">
<div class="explorable-invitation" aria-live="polite">{ways[said[first]]}</div>
<div class="explorable-room">
<div class="explorable-controls" hidden>{"".join(map(drawn, moved))}</div>
<div class="explorable-picture">
<img src="{source}-{first}.webp" width="{width}" height="{height}" loading="lazy"
 alt="{html.escape(explorable.name)}" aria-describedby="{name}-sentence">
<div class="explorable-sentence" id="{name}-sentence" aria-live="polite">{sentences[first]}</div>
</div>
</div>
<p class="explorable-note">{html.escape(note(explorable, moved))}</p>
<script type="application/json">{data}</script>
</div>"""


def drawn(control):
    """The HTML of a control."""
    label = f'<label for="{control.key}">{html.escape(control.label)}</label>'
    shown = [html.escape(each) for each in control.shown]
    if control.slides:
        return (
            f'<div>{label}<input type="range" id="{control.key}" min="0" '
            f'max="{len(shown) - 1}" value="{control.first}" '
            f"data-shown='{html.escape(json.dumps(control.shown))}' autocomplete=\"off\">"
            f'<span aria-hidden="true">{shown[control.first]}</span></div>'
        )
    listed = "".join(
        f"<option{' selected' if k == control.first else ''}>{each}</option>"
        for k, each in enumerate(shown)
    )
    return f'<div>{label}<select id="{control.key}" autocomplete="off">{listed}</select></div>'


def note(explorable, moved):
    """At what the other controls stand, which move only where there is a kernel."""
    moving = {name for control in moved for name in control.names}
    still = []
    for name, widget in explorable.controls.items():
        written = options(widget)
        if name not in moving and not isinstance(widget, widgets.ToggleButton):
            still.append(f"{widget.description} ({written[widget.value]})")
    told = "Drawn beforehand from the interactive of the notebook"
    return f"{told}, where more can be moved: {', '.join(still)}." if still else f"{told}."


def play_all(names, folder):
    """The HTML of each interactive by its name; as many are drawn at once as there are cores."""
    folder.mkdir(parents=True, exist_ok=True)
    longest = sorted(names, key=lambda name: name != "race")
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(longest, pool.map(functools.partial(play, folder=folder), longest)))
