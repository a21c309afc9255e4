"""How a number is written that another processor would compute a little otherwise."""

import math


def approx(x, digits=3, error=None):
    """``x`` with ≈ before it: the reader sees it, and the tests do not compare it.

    What is not finite is written plainly, since it comes out the same everywhere.

    >>> print(approx(0.84217), "and", approx(0.84217, error=0.01234, digits=2))
    ≈ 0.842 and ≈ 0.84 ± 0.012
    """
    if not math.isfinite(x):
        return f"{x:g}"
    return f"≈ {x:.{digits}g}" + ("" if error is None else f" ± {error:.{digits}g}")
