"""The interactives of the chapters, each shown by its name, as in ``explore("race")``.

An interactive is the module of that name: a pure function from the values of its controls to
numbers, another from numbers to a figure and a sentence, and ``build()``, which puts controls
around them. It is imported when it is shown. None uses an Output widget, because a stored notebook
with one could not be compared.
"""

import importlib

from initlib._checks import check_option

NAMES = (
    "race",
    "symmetry",
    "knob",
    "moments",
    "bottleneck",
    "lottery",
    "formula",
    "patient",
    "branches",
    "attention",
    "phase",
    "width",
)


def explore(name):
    """Display the interactive of that name, one of ``NAMES``."""
    check_option("name", name, NAMES)
    importlib.import_module(f"initlib.explorables.{name}").build().display()
