"""Numbers as the course writes them."""

import math

from initlib._checks import check_count


def number(x, digits=3):
    """``x`` to ``digits`` significant ones: whole numbers in full, an exponent only far from 1.

    >>> number(0.84172), number(1450), number(1450.3), number(2e-7)
    ('0.842', '1450', '1450', '2e-07')
    """
    digits = check_count("digits", digits, most=15)
    try:
        x = float(x) + 0.0  # -0 is 0
    except (TypeError, ValueError):
        raise TypeError(f"x must be one number, not {x!r}") from None
    if not math.isfinite(x) or (x.is_integer() and abs(x) < 1e6):
        return f"{x:.0f}"
    return f"{float(f'{x:.{digits}g}'):.{max(digits, 6)}g}"


def approx(x, digits=3, error=None):
    """``x`` as a number that another processor would compute otherwise.

    All such numbers are written here, so that the tests know by the sign which not to compare.
    NaN and infinity go without it: they are the same everywhere.

    >>> approx(0.84172), approx(0.84172, error=0.0123), approx(math.inf)
    ('≈ 0.842', '≈ 0.842 ± 0.012', 'inf')
    """
    written = number(x, digits)
    if not math.isfinite(float(x)):
        return written
    return f"≈ {written}" if error is None else f"≈ {written} ± {number(error, 2)}"
