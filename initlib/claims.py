"""What was predicted beside what was measured, and an error when they disagree.

A claim must also be able to fail: one that would agree with its ``rival`` as well, or that is too
blunt to tell anything apart, is refused.

>>> tosses = [0.4, 0.6, 0.5, 0.55, 0.45]
>>> claim("a fair coin's mean", predicted=0.5, measured=tosses, rival=1)  # doctest: +ELLIPSIS
agrees  a fair coin's mean                              predicted 0.5      measured 0.5 ± ...
"""

import math
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from initlib._checks import check_array, check_count, check_number
from initlib._numbers import approx as approximately

STANDARD_ERRORS = 4
RESOLUTION = 1 / 4  # the share of a prediction that these may be, unless it is said
SAME = 1e-6  # values of several networks that differ by more are no copies of one number


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
    rival=None,
    resolution=None,
    approx=False,
    digits=3,
):
    """Print one line that sets ``measured`` beside what was said before; raise when they differ.

    Say one thing of it. Either ``predicted``, a number from theory, with its tolerance:

    - sampled: ``measured`` holds one value for each independent network and is judged by its mean,
      or is that mean with its ``standard_error``; they agree within 4 standard errors. Units of one
      network share its weights and are not independent. A known bias is allowed for by name:
      ``allow={"finite width": 0.01}``;
    - not sampled: a ``relative`` or, where 0 is predicted, an ``absolute`` tolerance. Values that
      differ from network to network are a sample, and a tolerance is refused.

    Or, where theory gives no number, a bound: ``at_least`` or ``at_most``; of several values each
    must keep it, and the worst is shown.

    ``rival`` is the best other value, or several: chance, the other formula, the other start. A
    claim that would agree with it too fails, and so does a bound that lies farther from the finding
    than from the rival; a bound needs one. A sampled prediction without a rival is refused when its
    4 standard errors exceed a quarter of it, unless ``resolution`` says, and prints, what
    it can tell apart. ``approx`` marks with ≈ what another processor would compute otherwise, and
    ``digits`` is how many significant ones of ``measured`` are printed.
    """
    said = {
        "sampled": {"standard_error": standard_error, "allow": allow, "resolution": resolution},
        "tolerated": {"relative": relative, "absolute": absolute},
        "bounded": {"at_least": at_least, "at_most": at_most},
    }
    if not isinstance(statement, str):
        raise TypeError(f"statement must say what is claimed, not {statement!r}")
    digits = check_count("digits", digits, most=17)
    values = check_array("measured", measured, np.float64, finite=False)
    if not values.size:
        raise ValueError("measured must hold at least one value; it is empty")
    judged = _judge(values, predicted, said, digits)
    rivals = check_array("rival", [] if rival is None else rival, np.float64, finite=False).ravel()
    line = f"{statement:<46}  {judged.said:<17}  measured {judged.shown(approx, digits)}"
    line += judged.remark(resolution)
    if not judged.agrees(judged.target):
        raise ClaimFailed(line)
    if np.isnan(rivals).any():  # which would agree with nothing, and so tell nothing
        raise ValueError(f"rival must hold numbers, not {rival!r}")
    for other in rivals:
        if judged.agrees_with_rival(other):
            raise ClaimFailed(f"{line}\n{judged.weakness} its rival {other:g}: it tells nothing")
    judged.check_power(rivals, resolution)
    print(f"agrees  {line}")


def _judge(values, predicted, said, digits):
    """The judge of what was said, all of one kind."""
    given = {kind: any(v is not None for v in each.values()) for kind, each in said.items()}
    if given["bounded"] == (predicted is not None):
        raise ValueError("claim either predicted=... or a bound: at_least=..., at_most=...")
    if given["bounded"] and given["tolerated"]:
        raise ValueError("a bound takes no tolerance: leave out relative and absolute")
    if given["sampled"] and (given["bounded"] or given["tolerated"]):
        raise ValueError(f"{', '.join(said['sampled'])} go with a sampled prediction only")
    if given["bounded"]:
        return _Bound(values, **said["bounded"])
    predicted = check_number("predicted", predicted)
    if given["tolerated"]:
        relative, absolute = (
            0.0 if each is None else check_number(name, each, least=0)
            for name, each in said["tolerated"].items()
        )
        return _Tolerance(values, predicted, relative * abs(predicted) + absolute, digits)
    standard_error, allow, resolution = said["sampled"].values()
    check_number("resolution", 0 if resolution is None else resolution, least=0)
    if not isinstance({} if allow is None else allow, Mapping):
        raise TypeError(
            f'allow must be named biases, such as {{"finite width": 0.01}}; not {allow!r}'
        )
    for name, bias in (allow or {}).items():
        check_number(f"allow[{name!r}]", bias, least=0)
    return _Sample(values, predicted, standard_error, allow or {}, digits)


# Each judge knows what was said (said), how what was measured is written (shown), what it is held
# against (target), and whether it would agree with another value as well.


class _Judge:
    weakness = "It would agree as well with"

    def remark(self, resolution):
        return ""

    def check_power(self, rivals, resolution):
        """Whether it tells anything apart, if it does not say so itself."""


class _Sample(_Judge):
    """The mean of independent networks, within 4 standard errors of a prediction."""

    def __init__(self, values, predicted, standard_error, allow, digits):
        if standard_error is None:
            if not np.isfinite(values).all():
                raise ClaimFailed(f"measured holds a value that is not finite: {values}")
            standard_error = _standard_error(values)
        standard_error = check_number("standard_error", standard_error, least=0)
        if not 0 < standard_error < math.inf:
            raise ValueError(
                f"the standard error is {standard_error}, so nothing was sampled: pass relative=..."
            )
        self.mean, self.error, self.target = values.mean(), standard_error, predicted
        self.margin = STANDARD_ERRORS * standard_error + sum(allow.values())
        self.allow, self.said = allow, f"predicted {predicted:.{max(digits, 3)}g}"

    def agrees(self, value):
        return bool(_distance(self.mean, value) <= self.margin)

    agrees_with_rival = agrees

    def shown(self, approx, digits):
        return _written(self.mean, approx, digits, self.error)

    def remark(self, resolution):
        bias = "".join(f"  (allowing {each:g} for {name})" for name, each in self.allow.items())
        return bias + (f"  (tells {resolution:g} apart)" if resolution is not None else "")

    def check_power(self, rivals, resolution):
        if resolution is None:
            if len(rivals) or self.target == 0:
                return
            resolution = RESOLUTION * abs(self.target)
        if self.margin > resolution:
            raise ClaimFailed(
                f"{STANDARD_ERRORS} standard errors and what is allowed for are {self.margin:.2g}, "
                f"more than {resolution:.2g}: sample more networks, name a rival=..., or say by "
                "resolution=... what the claim can tell apart"
            )


class _Tolerance(_Judge):
    """A number, or copies of one number, within a margin of a prediction."""

    def __init__(self, values, predicted, margin, digits):
        differ = float(np.ptp(values)) if values.size and np.isfinite(values).all() else 0.0
        if differ > SAME * (abs(predicted) or 1.0):
            raise ValueError(
                f"measured holds values that differ by {differ:.2g}: a sample is judged by its "
                "standard error, so leave out relative and absolute, or pass the worst of them"
            )
        self.values, self.target, self.margin = values, predicted, margin
        self.said = f"predicted {predicted:.{max(digits, 3)}g}"

    def agrees(self, value):
        return bool(np.all(_distance(self.values, value) <= self.margin))

    agrees_with_rival = agrees

    def shown(self, approx, digits):
        worst = np.argmax(_distance(self.values, self.target))
        return _written(self.values.flat[worst], approx, digits)


class _Bound(_Judge):
    """Values that all keep a bound which lies nearer to them than to the rival."""

    weakness = "The bound lies nearer to, or lets pass,"

    def __init__(self, values, at_least, at_most):
        self.low = -math.inf if at_least is None else check_number("at_least", at_least)
        self.high = math.inf if at_most is None else check_number("at_most", at_most)
        self.target = values
        if at_least is not None and at_most is not None:
            self.said = f"{at_least:g} to {at_most:g}"
            ends = dict.fromkeys((values.min(), values.max()))  # a single value is shown once
        else:
            self.said = f"at least {at_least:g}" if at_most is None else f"at most {at_most:g}"
            ends = [values.min() if at_most is None else values.max()]
        self.ends = tuple(ends)

    def agrees(self, values):
        return bool(np.all((values >= self.low) & (values <= self.high)))  # false for NaN

    def agrees_with_rival(self, rival):
        """Whether the rival keeps the bound, or the bound is nearer to it than to the finding."""
        if self.agrees(rival):
            return True
        bound = self.low if rival < self.low else self.high
        finding = self.ends[0 if rival < self.low else -1]
        return math.isfinite(finding) and not _is_between(finding, bound, rival)

    def shown(self, approx, digits):
        return " to ".join(_written(value, approx, digits) for value in self.ends)

    def check_power(self, rivals, resolution):
        """The rivals have seen to it."""
        if not len(rivals):
            raise ValueError(f"{self.said}: beside which rival=... (chance, the other start)?")


def _is_between(finding, bound, rival):
    """Whether the bound is nearer to the finding than to the rival, by distance or by ratio."""
    places = np.array([finding, bound, rival])
    ways = [places, np.log(places)] if places.min() > 0 else [places]
    return any(abs(way[0] - way[1]) <= abs(way[1] - way[2]) for way in ways)


def _standard_error(values):
    """That of the mean of a sample in which no network is counted twice."""
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(
            "measured must hold one value for each of at least two networks, or come with "
            f"standard_error, relative or absolute; its shape is {values.shape}"
        )
    kinds, counts = np.unique(values, return_counts=True)
    if len(kinds) > 1 and not all(map(_is_share, kinds[counts > 1])):
        raise ValueError(
            "measured holds the same value twice, to the last bit: a network that counts twice "
            "makes the standard error too small"
        )
    return values.std(ddof=1) / math.sqrt(len(values))


def _is_share(value):
    """Whether it is a count or a share, such as 3/8 or the 0 of dead networks: these recur."""
    return not math.isfinite(value) or value == float(Fraction(value).limit_denominator(10_000))


def _written(value, approx, digits, error=None):
    if approx:
        return approximately(value, digits, error)
    return f"{value:.{digits}g}" + ("" if error is None else f" ± {error:.{digits}g}")


def _distance(values, predicted):
    """|values - predicted|, with NaN counted as infinitely far."""
    return np.nan_to_num(np.abs(values - predicted), nan=np.inf)
