"""What a chapter costs beside an empty notebook, and its engine beside its matrix products."""

import collections
import contextlib
import copy
import io
import time
from unittest.mock import patch

import nbformat
import numpy as np

from initlib import Network, fit
from initlib.initializers import he_normal
from tests.bench.contenders import Task, products
from tests.bench.measuring import smallest
from tests.notebooks import NOTEBOOKS, ROOT, code_cells, read, writer

PICTURES = "initlib.figures.png", "initlib.explorables._frame.Explorable.paint"
TRAINING = "initlib.fit", "initlib.training.fit", "initlib.comparing.fit"


class Meter:
    """The seconds that cells spend in fit, forward and backward, and the calls of the last two."""

    def __init__(self):
        self.seconds, self.inside, self.calls = 0.0, False, collections.Counter()

    def timed(self, function, kind=""):
        def wrapper(*args, **kwargs):
            if kind:
                network = args[0]
                batch = np.shape(args[1])[-2] if kind == "forward" else network.x.shape[-2]
                shape = network.sizes, batch, network.replicas, network.dtype
                self.calls[kind, (*shape, network.activation)] += 1
            elif kwargs.get("observe"):
                kwargs["observe"] = self.apart(kwargs["observe"])
            return self.spend(function, True, *args, **kwargs)

        return wrapper

    def apart(self, observe):
        """What a lesson computes while it watches a training is not the engine's."""
        return lambda network: self.spend(observe, False, network)

    def spend(self, function, inside, *args, **kwargs):
        changes, self.inside = self.inside != inside, inside
        begun = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            if changes:
                elapsed = time.perf_counter() - begun
                self.seconds += elapsed if inside else -elapsed
                self.inside = not inside

    def floors(self):
        """{(kind, shape): the seconds that the products of all its calls take alone}"""
        kinds = "forward", "backward"
        return {
            (kind, shape): self.calls[kind, shape] * smallest(run)
            for shape in {shape for _, shape in self.calls}
            for kind, run in zip(kinds, products(*shape[:-1]))
            if self.calls[kind, shape]
        }


def longest(floors):
    """{name: task}, one like the training whose products took longest, if there was any."""
    steps = {shape: t for (kind, shape), t in floors.items() if kind == "backward"}
    if not steps:
        return {}
    sizes, batch, replicas, dtype, phi = max(steps, key=steps.get)
    x = np.random.default_rng(0).standard_normal((batch, sizes[0]))
    data = x, np.zeros(batch, int)
    task = Task(sizes, phi, batch, 20, [he_normal()], range(replicas), *data, dtype)
    layers = f"{sizes[0]}-{sizes[1]}x{len(sizes) - 2}-{sizes[-1]}"
    return {f"{replicas} of {layers}, batch {batch}, {phi}, {dtype}": task}


def measured():
    """Yield (chapter, its time over that of an empty notebook, the engine's share of its time and
    the engine's seconds, its ``floors``)."""
    blank = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    empty = smallest(lambda: writer.execute(blank, ROOT), 10)
    for path in NOTEBOOKS:
        notebook = read(path)
        begun = time.perf_counter()
        writer.execute(copy.deepcopy(notebook), path.parent)
        executed = time.perf_counter() - begun
        meter = Meter()
        whole = run_metered(notebook, meter)
        share = meter.seconds / whole
        yield path.stem, executed / empty, share, meter.seconds, meter.floors()


def run_metered(notebook, meter):
    """Run the cells without their pictures; the seconds that it took."""
    space = {"__name__": "__main__"}
    with contextlib.ExitStack() as stack:
        for picture in PICTURES:
            stack.enter_context(patch(picture))
        for name in "forward", "backward":
            timed = meter.timed(getattr(Network, name), name)
            stack.enter_context(patch.object(Network, name, timed))
        for place in TRAINING:
            stack.enter_context(patch(place, meter.timed(fit)))
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        begun = time.perf_counter()
        for cell in code_cells(notebook):
            exec(compile(cell.source, cell.id, "exec"), space)
        return time.perf_counter() - begun
