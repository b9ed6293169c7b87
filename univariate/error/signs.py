"""The sign of a rule along the line: constant pieces, and borders that are exact or enclosed.

Whatever the rule is, its errors follow from here: those against any truth, their total length, and
what is needed for their probability.
"""

from fractions import Fraction
from math import fsum, inf, nextafter
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from univariate.common import check
from univariate.common.arrays import Mask, Vector
from univariate.common.rounding import round_down, round_up
from univariate.error.sublevel import SublevelSet
from univariate.problem.rational import prefix_sums
from univariate.problem.truth import Truth

_ROUNDOFF = 2.0**-53
_SUBNORMAL = 5e-324


class Signs(NamedTuple):
    """The sign of f on the line.

    Ends are pairs of doubles whose exact sum is meant, as `two_sum` gives them. Between
    `upper[k − 1]` and `lower[k]` the sign is `signs[k]`; between `lower[k]` and `upper[k]` nothing
    is said.
    """

    lower: Vector  # (n, 2) at or below the border, increasing
    upper: Vector  # (n, 2) at or above it
    signs: Vector  # (n + 1,) −1.0, 0.0 or 1.0

    @classmethod
    def enclosed(cls, lower: ArrayLike, upper: ArrayLike, signs: ArrayLike) -> "Signs":
        """Return signs with borders in [lower, upper], numbers that are exact where both are equal.

        Parameters
        ----------
        lower, upper : array_like, shape (n,)
            lower[k] ≤ upper[k] ≤ lower[k + 1].
        signs : array_like, shape (n + 1,)
            −1, 0 or +1 left of, between and right of the borders.

        Raises
        ------
        TypeError, ValueError
            Other shapes, orders or signs.
        """
        start, end, values = (
            np.atleast_1d(check.real_array(name, given))
            for name, given in (("lower", lower), ("upper", upper), ("signs", signs))
        )
        shapes = (start.shape, end.shape, (len(values) - 1,))
        if values.ndim != 1 or len(set(shapes)) != 1:
            raise ValueError(
                "`signs` must be one more than the borders, got shapes"
                f" {start.shape}, {end.shape} and {values.shape}; name the sign left of each border"
                " and right of the last"
            )
        if np.any(start > end) or np.any(end[:-1] > start[1:]):
            raise ValueError(
                "`lower` and `upper` must enclose borders in increasing order, got others; sort"
                " them, and join those that overlap"
            )
        if not np.all(np.isin(values, (-1.0, 0.0, 1.0))):
            wrong = values[~np.isin(values, (-1.0, 0.0, 1.0))][0]
            raise ValueError(f"`signs` must be -1, 0 or +1, got {wrong:g}; pass numpy.sign(values)")
        nothing = np.zeros(len(start))
        return cls(
            np.column_stack([start, nothing]), np.column_stack([end, nothing]), np.array(values)
        )


def two_sum(one: Vector, other: Vector) -> Vector:
    """Return the sums as pairs of doubles, the larger part first, shape (n, 2). Exact (Knuth)."""
    total = one + other
    part = total - one
    rest = (one - (total - part)) + (other - part)
    return np.column_stack([total, rest])


def against(signs: Signs, truth: Truth) -> Signs:
    """Return the sign of f f*, whose borders are those of f and the breakpoints of f*.

    A breakpoint that is no double is enclosed in pairs of doubles; one within an enclosed border of
    f changes nothing there, and the sign right of it. Cost O(n + k log n) for k breakpoints.
    """
    places = [Fraction(place) for place in truth.breakpoints]
    after = [count_up_to(signs.upper, place) for place in places]
    hidden = np.array(
        [
            k < len(signs.lower) and sum(map(Fraction, signs.lower[k].tolist())) < place
            for k, place in zip(after, places, strict=True)
        ],
        dtype=np.bool_,
    )
    order = np.array(after, dtype=np.intp)
    kept = order[~hidden]
    pairs = np.array([_pairs_around(place) for place in places]).reshape(-1, 2, 2)[~hidden]
    passed = np.bincount(order[hidden], minlength=len(signs.lower))
    steps = np.insert(passed, kept, 1), np.insert(np.ones_like(passed), kept, 0)
    right, decided = map(prefix_sums, steps)
    return Signs(
        np.insert(signs.lower, kept, pairs[:, 0], axis=0),
        np.insert(signs.upper, kept, pairs[:, 1], axis=0),
        signs.signs[decided] * np.array(truth.signs, dtype=np.float64)[right],
    )


def count_up_to(pairs: Vector, place: Fraction) -> int:
    """Return how many of increasing pairs of doubles are at most a number. Exact."""
    near = float(place)
    # rounding is monotone, so only pairs with the same larger part are in doubt
    k = int(np.searchsorted(pairs[:, 0], near))
    while k < len(pairs) and pairs[k, 0] == near:
        if sum(map(Fraction, pairs[k].tolist())) > place:
            break
        k += 1
    return k


def _pairs_around(place: Fraction) -> list[list[float]]:
    near = float(place)
    rest = place - Fraction(near)
    return [[near, round_down(rest)], [near, round_up(rest)]]


def sublevel(signs: Signs, low: float, high: float, truth: float = 1.0) -> SublevelSet:
    """Return {x ∈ [low, high] : truth · f(x) ≤ 0} for finite low < high and a truth of ±1.

    The enclosure of the length is that of the borders, rounded outward once. Cost O(n).
    """
    inner = _within(signs, low, high)
    wrong = truth * inner.signs <= 0.0
    start = np.concatenate([[[low, 0.0]], inner.upper])[wrong]
    end = np.concatenate([inner.lower, [[high, 0.0]]])[wrong]
    certain = [end.ravel(), -start.ravel()]
    # all of a border lies between errors, half of it between an error and none
    share = 0.5 * (wrong[:-1].astype(np.float64) + wrong[1:])[:, None]
    least = _sum(*certain)
    middle = _sum(*certain, (share * inner.upper).ravel(), -(share * inner.lower).ravel())
    most = _sum(*certain, inner.upper.ravel(), -inner.lower.ravel())
    intervals, radii, narrow = _rounded(inner, wrong, low, high)
    return SublevelSet(
        intervals,
        radii,
        narrow,
        np.empty((0, 2)),
        min(max(middle, 0.0), high - low),
        max(0.0, nextafter(least, -inf)),
        max(0.0, min(nextafter(most, inf), round_up(Fraction(high) - Fraction(low)))),
    )


def enclosures(signs: Signs, low: float, high: float) -> Vector:
    """Return bounds on every border in [low, high], rounded outward, shape (r, 2)."""
    inner = _within(signs, low, high)
    below = np.where(inner.lower[:, 1] < 0.0, -np.inf, inner.lower[:, 0])
    above = np.where(inner.upper[:, 1] > 0.0, np.inf, inner.upper[:, 0])
    # a pair rounds to its larger part, which is on the right side or next to it
    return np.column_stack(
        [np.nextafter(inner.lower[:, 0], below), np.nextafter(inner.upper[:, 0], above)]
    )


def _sum(*parts: Vector) -> float:
    return fsum(np.concatenate(parts))


def _within(signs: Signs, low: float, high: float) -> Signs:
    """Return the signs on [low, high] alone."""
    below = np.flatnonzero(~_beyond(signs.upper, low))
    above = np.flatnonzero(~_beyond(-signs.lower, -high))
    first = below[-1] + 1 if len(below) else 0
    stop = above[0] if len(above) else len(signs.lower)
    stop = max(first, stop)
    lower, upper = signs.lower[first:stop].copy(), signs.upper[first:stop].copy()
    lower[~_beyond(lower, low)] = low, 0.0
    upper[~_beyond(-upper, -high)] = high, 0.0
    return Signs(lower, upper, signs.signs[first : stop + 1])


def _beyond(pairs: Vector, level: float) -> Mask:
    """Whether pairs of doubles exceed a level, exactly."""
    larger, smaller = pairs.T
    found: Mask = (larger > level) | ((larger == level) & (smaller > 0.0))
    return found


def _rounded(inner: Signs, wrong: Mask, low: float, high: float) -> tuple[Vector, Vector, Vector]:
    """Return intervals of errors, bounds on the errors of their ends, and what lies in no double
    or may be an error although both sides are none.
    """
    half = 0.5 * np.sum(inner.upper - inner.lower, axis=1)
    middle = 0.5 * (inner.lower[:, 0] + inner.upper[:, 0])
    exact = np.all(inner.lower == inner.upper, axis=1)
    reach = half * (1.0 + 2.0**-40) + 4.0 * _ROUNDOFF * np.abs(middle) + _SUBNORMAL
    # errors of sign 0 and of sign −1 side by side are one interval
    joined = exact & wrong[:-1] & wrong[1:]
    begins = wrong & np.append(True, ~joined)
    ends = wrong & np.append(~joined, True)
    points, off = np.concatenate([[low], middle, [high]]), np.concatenate([[0.0], reach, [0.0]])
    intervals = np.column_stack([points[:-1][begins], points[1:][ends]])
    radii = np.column_stack([off[:-1][begins], off[1:][ends]])
    wide = intervals[:, 0] < intervals[:, 1]
    outward = np.array([-1.0, 1.0])
    short = intervals[~wide] + outward * radii[~wide]
    stray = ~wrong[:-1] & ~wrong[1:] & ~exact
    doubtful = middle[stray, None] + outward * reach[stray, None]
    return intervals[wide], radii[wide], np.concatenate([short, doubtful])
