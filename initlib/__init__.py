"""initlib: the small numpy package behind a course on the initial weights of neural networks.

``import initlib`` costs numpy and little more. The floors that draw or talk to the learner,
``plots``, ``lessons`` and ``explorables``, bring matplotlib and ipywidgets when they are imported.
"""

import sys
from importlib.util import find_spec

# Where numpy is missing, `python -m initlib` has to start all the same: it says what is missing.
if find_spec("numpy") or sys.argv[:1] != ["-m"]:
    from initlib import activations, datasets, initializers, probes, theory
    from initlib._numbers import approx
    from initlib.claims import ClaimFailed, claim
    from initlib.datasets import load_digits
    from initlib.initializers import *  # noqa: F403
    from initlib.network import Network
    from initlib.runs import Runs
    from initlib.training import evaluate, fit

    __all__ = [
        "ClaimFailed",
        "Network",
        "Runs",
        "activations",
        "approx",
        "claim",
        "datasets",
        "evaluate",
        "fit",
        "initializers",
        "load_digits",
        "probes",
        "theory",
        *initializers.__all__,
    ]
