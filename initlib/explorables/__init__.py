"""The interactives of the chapters, one module each.

Each is a pure function from the values of its controls to numbers, another from numbers to a figure
and a sentence, and thin controls around them. Display one by calling it without arguments, as in
``symmetry_breaker()``. None uses an Output widget, because a stored notebook with one could not be
compared.
"""

from initlib.explorables.bottleneck import the_bottleneck
from initlib.explorables.formula import assembled, the_formula
from initlib.explorables.knob import the_knob
from initlib.explorables.lottery import seed_lottery
from initlib.explorables.moments import what_is_kept
from initlib.explorables.patient import the_patient
from initlib.explorables.race import laps, the_race
from initlib.explorables.symmetry import separation, symmetry_breaker

__all__ = [
    "assembled",
    "laps",
    "seed_lottery",
    "separation",
    "symmetry_breaker",
    "the_bottleneck",
    "the_formula",
    "the_knob",
    "the_patient",
    "the_race",
    "what_is_kept",
]
