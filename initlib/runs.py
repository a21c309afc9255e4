"""Named replicas: which start, which seed and what else each network of a batch has.

>>> from initlib.initializers import he_normal, xavier_normal
>>> starts = {"Xavier": xavier_normal(), "He": he_normal()}
>>> runs = Runs(start=starts, rate=(0.1, 1.0), seed=range(3))
>>> runs
2 starts x 2 rates x 3 seeds
>>> runs.unfold(runs.rate).shape
(2, 2, 3)
>>> {name: rates.shape for name, rates in runs.by("start", runs.rate)}
{'Xavier': (2, 3), 'He': (2, 3)}
"""

import math
from collections.abc import Mapping

import numpy as np

from initlib._checks import check_count, check_list, check_option, check_seeds


class Runs:
    """The replicas of a ``Network``, every combination of the named axes; the last changes fastest.

    ``start`` maps names to initializers, or is one initializer or a list of them; ``seed`` holds
    whole numbers, all different, since one start with one seed twice is one network counted twice.
    Any other axis, such as ``rate=(0.1, 1.0)``, holds what its replicas differ in, and its values
    are there again as ``runs.rate``, one a replica. ``len(runs)`` is the number R of replicas.
    """

    def __init__(self, **axes):
        if not {"start", "seed"} <= axes.keys():
            raise ValueError(f"Runs needs start=... and seed=...; it got {', '.join(axes) or '-'}")
        self._axes = {name: self._values(name, given) for name, given in axes.items()}
        grid = np.indices(self.shape).reshape(len(self.shape), len(self))
        self._places = dict(zip(self._axes, grid))

    @staticmethod
    def _values(name, given):
        """The values of an axis by label."""
        if name == "start":
            return check_starts(name, given)
        if hasattr(Runs, name):
            raise ValueError(f"{name} must be called otherwise: Runs uses that name itself")
        if name == "seed":
            return {seed: seed for seed in check_seeds(name, given)}
        values = check_list(name, given, "values")
        if not values or len(set(values)) != len(values):
            raise ValueError(f"{name} must hold different values, and at least one; not {values}")
        return dict(zip(values, values))

    @property
    def shape(self):
        """The number of places on each axis, in order."""
        return tuple(map(len, self._axes.values()))

    def __len__(self):
        return math.prod(self.shape)

    def __repr__(self):
        return " x ".join(
            f"{len(each)} {name}{'s' * (len(each) != 1)}" for name, each in self._axes.items()
        )

    def __getattr__(self, name):
        if name.startswith("_") or name not in self._axes:
            raise AttributeError(f"these Runs have no {name}; they have {', '.join(self._axes)}")
        return self.along(name, self._axes[name].values())

    def _position(self, name):
        check_option("name", name, tuple(self._axes))
        return list(self._axes).index(name)

    @property
    def initializers(self):
        """One initializer a replica."""
        starts = list(self._axes["start"].values())
        return [starts[place] for place in self._places["start"]]

    def rngs(self):
        """A fresh generator for each replica; those of one seed draw the same numbers."""
        return [np.random.default_rng(int(seed)) for seed in self.seed]

    def labels(self, name):
        """What the places on an axis are called, in order."""
        self._position(name)
        return list(self._axes[name])

    def along(self, name, values):
        """One value for each place on an axis, as an array ``(R,)``: ``learning_rate=...``."""
        position = self._position(name)
        values = np.asarray(check_list("values", values, "one for each place"))
        if len(values) != self.shape[position]:
            raise ValueError(
                f"values must hold one for each of {self.shape[position]} on {name!r}; "
                f"there are {len(values)}"
            )
        return values[self._places[name]]

    def unfold(self, array, axis=None):
        """Give the replica axis, ``(R,)``, its shape back; by itself it is the one of length R."""
        array = np.asarray(array)
        found = [k for k, length in enumerate(array.shape) if length == len(self)]
        if axis is None and len(found) != 1:
            raise ValueError(
                f"array must have one axis of length {len(self)}, a place for each replica; its "
                f"shape is {array.shape}" + ("; say which by axis=" if found else "")
            )
        axis = found[0] if axis is None else check_count("axis", axis, -array.ndim, array.ndim - 1)
        axis = range(array.ndim)[axis]
        if array.shape[axis] != len(self):
            raise ValueError(
                f"axis {axis} of array must have {len(self)} places, not {array.shape[axis]}"
            )
        return array.reshape(*array.shape[:axis], *self.shape, *array.shape[axis + 1 :])

    def by(self, name, array, axis=None):
        """Yield each label of an axis with its part of ``array``, the other axes unfolded."""
        position, array = self._position(name), np.asarray(array)
        unfolded = self.unfold(array, axis)
        if axis is None:
            axis = array.shape.index(len(self))
        parts = np.moveaxis(unfolded, range(array.ndim)[axis] + position, 0)
        yield from zip(self._axes[name], parts)


def check_starts(name, given):
    """Initializers by name."""
    if callable(given):
        given = [given]
    if isinstance(given, Mapping):
        starts = dict(given)
    elif np.iterable(given) and not isinstance(given, str):
        given = list(given)
        starts = {getattr(each, "name", repr(each)): each for each in given}
        if len(starts) != len(given):
            raise ValueError(f"{name} must hold different starts: give them names, {name}={{...}}")
    else:
        starts = {}
    if not starts or not all(map(callable, starts.values())):
        raise TypeError(
            f"{name} must map names to initializers, such as {{'He': he_normal()}}, not {given!r}"
        )
    return starts
