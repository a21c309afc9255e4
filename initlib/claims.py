"""What was predicted beside what was measured, and an error when they disagree.

>>> tosses = [0.4, 0.6, 0.5, 0.55, 0.45]
>>> claim("a fair coin's mean", predicted=0.5, measured=tosses)  # doctest: +ELLIPSIS
agrees  a fair coin's mean                              predicted 0.5      measured ...
"""

import math

import numpy as np

from initlib._checks import check_number

STANDARD_ERRORS = 4


class ClaimFailed(AssertionError):
    """A claim of the course that what was measured does not support."""


def claim(
    statement,
    *,
    measured,
    predicted=None,
    standard_error=None,
    relative=None,
    absolute=None,
    at_least=None,
    at_most=None,
    allow=None,
    digits=3,
):
    """Print one line that sets ``measured`` beside what was said before; raise when they differ.

    Say one thing of it. Either ``predicted``, a number from theory, with its tolerance:

    - sampled: ``measured`` holds one value for each independent network and is judged by its mean,
      or is that mean with its ``standard_error``; they agree within 4 standard errors. Units of one
      network share its weights and are not independent. A known bias is allowed for by name:
      ``allow={"finite width": 0.01}``;
    - not sampled: a ``relative`` or, where 0 is predicted, an ``absolute`` tolerance.

    Or, where theory gives no number, a bound: ``at_least`` or ``at_most``; of several values each
    must keep it, and the worst is shown. ``digits`` is how many significant ones of ``measured``
    are printed; 0 prints the verdict alone, for what another processor would compute otherwise.
    """
    values = np.asarray(measured, dtype=float)
    bounded = at_least is not None or at_most is not None
    tolerated = relative is not None or absolute is not None
    if bounded == (predicted is not None):
        raise ValueError("claim either predicted=... or a bound: at_least=..., at_most=...")
    if bounded and tolerated:
        raise ValueError("a bound takes no tolerance: leave out relative and absolute")
    if (bounded or tolerated) and (standard_error is not None or allow):
        raise ValueError("standard_error and allow go with a sampled prediction only")

    if bounded:
        agrees, shown, joined = _bounded(values, at_least, at_most)
        said = _words(at_least, at_most)
    else:
        predicted = check_number("predicted", predicted)
        said = f"predicted {predicted:.{max(digits, 3)}g}"
        if tolerated:
            margin = (relative or 0.0) * abs(predicted) + (absolute or 0.0)
            agrees, shown, joined = _tolerated(values, predicted, margin)
        else:
            agrees, shown, joined = _sampled(values, predicted, standard_error, allow or {})
    seen = joined.join(f"{value:.{digits}g}" for value in shown) if digits else "as said"
    allowed = "".join(f"  (allowing {bias:g} for {name})" for name, bias in (allow or {}).items())
    line = f"{statement:<46}  {said:<17}  measured {seen}{allowed}"
    if not agrees:
        raise ClaimFailed(line.replace("as said", joined.join(f"{v:.6g}" for v in shown)))
    print(f"agrees  {line}")


# Each judge returns whether it agrees, the numbers to show, and what stands between them.


def _bounded(values, at_least, at_most):
    low = -math.inf if at_least is None else at_least
    high = math.inf if at_most is None else at_most
    inside = bool(np.all((values >= low) & (values <= high)))  # false for NaN
    if at_least is not None and at_most is not None:
        ends = dict.fromkeys((values.min(), values.max()))  # a single value is shown once
    else:
        ends = [values.min() if at_most is None else values.max()]
    return inside, tuple(ends), " to "


def _words(at_least, at_most):
    if at_least is not None and at_most is not None:
        return f"{at_least:g} to {at_most:g}"
    return f"at least {at_least:g}" if at_most is None else f"at most {at_most:g}"


def _tolerated(values, predicted, margin):
    distances = _distance(values, predicted)
    worst = np.argmax(distances)
    return bool(distances.flat[worst] <= margin), (values.flat[worst],), ""


def _sampled(values, predicted, standard_error, allow):
    if standard_error is None:
        if values.ndim != 1 or len(values) < 2:
            raise ValueError(
                "measured must hold one value for each of at least two networks, or come with "
                f"standard_error, relative or absolute; its shape is {values.shape}"
            )
        standard_error = values.std(ddof=1) / math.sqrt(len(values))
    standard_error = float(standard_error)
    if not 0 < standard_error < math.inf:
        raise ValueError(
            f"the standard error is {standard_error}, so nothing was sampled: pass relative=..."
        )
    margin = STANDARD_ERRORS * standard_error + sum(allow.values())
    mean = values.mean()
    return bool(_distance(mean, predicted) <= margin), (mean, standard_error), " ± "


def _distance(values, predicted):
    """|values - predicted|, with NaN counted as infinitely far."""
    return np.nan_to_num(np.abs(values - predicted), nan=np.inf)
