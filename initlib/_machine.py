"""What the machine needs to be told so that small networks train fast and in silence."""

import contextlib
import functools

import numpy as np

# Overflow gives infinities and NaN, which the history tells of, not warnings.
silence = functools.partial(np.errstate, over="ignore", invalid="ignore")

# Linux takes the memory of a freed array back, and a training step that has to fetch all of it anew
# takes half as long again. Once one array was freed, glibc keeps all memory below its size at hand,
# and 32 MiB is the most that it takes as such a mark: hence 30 MB, made and freed.
np.empty(30_000_000, np.uint8)

try:
    from threadpoolctl import ThreadpoolController

    BLAS = ThreadpoolController().select(user_api="blas")
except Exception:  # a lesson can do without: it only takes longer beside a busy neighbour
    BLAS = None


def one_thread():
    """A context in which BLAS has one thread: on matrices this small more are slower."""
    return BLAS.limit(limits=1) if BLAS else contextlib.nullcontext()
