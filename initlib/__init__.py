"""initlib: the small numpy package behind a course on the initial weights of neural networks.

``import initlib`` costs numpy and little more. The floors that draw or talk to the learner,
``figures``, ``plots``, ``lessons`` and ``explorables``, bring matplotlib and ipywidgets when they
are imported.
"""

import sys

try:
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
except Exception:
    # Python imports this before `python -m initlib`, which has to say what is wrong, can begin.
    if sys.argv[:1] != ["-m"]:
        raise
