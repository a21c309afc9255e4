"""initlib: the small numpy package behind a course on the initial weights of neural networks.

``import initlib`` costs numpy and nothing more. The floors that draw or talk to the learner,
``plots``, ``lessons`` and ``explorables``, bring matplotlib and ipywidgets when they are imported.
"""

from initlib import activations, datasets, initializers, probes, theory
from initlib.claims import ClaimFailed, claim
from initlib.datasets import load_digits
from initlib.initializers import *  # noqa: F403  (the initializers are the point of the package)
from initlib.initializers import __all__ as _initializers
from initlib.network import Network
from initlib.training import evaluate, fit

__all__ = [
    "ClaimFailed",
    "Network",
    "activations",
    "claim",
    "datasets",
    "evaluate",
    "fit",
    "initializers",
    "load_digits",
    "probes",
    "theory",
    *_initializers,
]
