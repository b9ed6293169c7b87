"""A continuous piecewise linear function as a value: knots, values there, slopes between."""

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.result import Result, result
from univariate.problem.evaluation import FAR

if TYPE_CHECKING:
    from scipy.interpolate import PPoly
    from shapely import LineString

UNIT_INTERVAL = (0.0, 1.0)
_PARTS: Final = ("knots", "values", "slopes", "errors")


@result
class Spline(Result):
    """A continuous piecewise linear function on the real line.

    Attributes
    ----------
    knots : ndarray, shape (k,)
        Distinct, increasing; k ≥ 1 (a function without kinks is anchored at the knot 0).
    values : ndarray, shape (k,)
        Values at the knots. Their signs are exact: zero if and only if N is zero at the kink.
    slopes : ndarray, shape (k + 1,)
        Slopes left of the first knot, between knots, and right of the last.
    errors : ndarray, shape (k,)
        Bounds on |values − N(knots)|.
    """

    knots: Vector
    values: Vector
    slopes: Vector
    errors: Vector

    def __post_init__(self) -> None:
        for name in _PARTS:
            object.__setattr__(self, name, check.vector(name, getattr(self, name)))
        if not len(self.knots) == len(self.values) == len(self.errors) == len(self.slopes) - 1:
            raise ValueError(
                "`knots`, `values`, `errors` must have one length k and `slopes` length k + 1"
            )
        if np.any(np.diff(self.knots) <= 0.0):
            raise ValueError("`knots` must be strictly increasing; sort and merge them")

    @classmethod
    def trusted(cls, *parts: Vector) -> "Spline":
        """Build without checks or copies, from arrays that nobody else writes to."""
        spline = object.__new__(cls)
        for name, array in zip(_PARTS, parts, strict=True):
            array.setflags(write=False)
            object.__setattr__(spline, name, array)
        return spline

    def __call__(self, x: ArrayLike) -> Vector:
        """Return the value at x, same shape, by interpolation between knots. Rounded.

        Cost O(log k) a point.
        """
        points = check.real_array("x", x)
        inside = np.interp(points, self.knots, self.values)
        with np.errstate(over="ignore"):  # where N itself leaves the doubles
            left = self.values[0] + self.slopes[0] * (points - self.knots[0])
            right = self.values[-1] + self.slopes[-1] * (points - self.knots[-1])
        return np.where(
            points < self.knots[0], left, np.where(points > self.knots[-1], right, inside)
        )

    def zeros(self) -> Vector:
        """Return the boundary of the zero set, increasing. Rounded.

        These are the isolated zeros and the ends of zero plateaus.
        """
        zero = np.concatenate([self.slopes[:1], self.values, self.slopes[-1:]]) == 0.0
        inner = zero[:-2] & zero[2:]  # neither boundary nor isolated
        return np.unique(np.concatenate([self._crossings(), self.knots[zero[1:-1] & ~inner]]))

    def sublevel_intervals(
        self, level: float = 0.0, domain: tuple[float, float] = UNIT_INTERVAL
    ) -> Vector:
        """Return the maximal intervals of {N ≤ level} within `domain`, shape (r, 2).

        Isolated points are left out. Rounded; at level 0 the set of intervals is the exact one up
        to half an ulp at the kinks. Cost O(k). Infinite ends of `domain` are allowed.
        """
        level = check.real("level", level)
        x, height = self._restricted(*check.interval("domain", domain), level)
        start, end = x[:-1].copy(), x[1:].copy()
        left, right = height[:-1], height[1:]
        below = (left <= 0.0) & (right <= 0.0)
        down = (left > 0.0) & (right < 0.0)
        up = (left < 0.0) & (right > 0.0)
        crossing = down | up
        zero = _crossing(*(part[crossing] for part in (start, end, left, right)))
        start[down], end[up] = zero[down[crossing]], zero[up[crossing]]
        keep = (below | crossing) & (start < end)
        start, end = start[keep], end[keep]
        if len(start) == 0:
            return np.empty((0, 2))
        apart = start[1:] != end[:-1]
        first = np.concatenate([[True], apart])
        last = np.concatenate([apart, [True]])
        found = np.column_stack([start[first], end[last]])
        found[found <= -FAR], found[found >= FAR] = domain
        return found

    def linear_regions(self, domain: tuple[float, float] = UNIT_INTERVAL) -> int:
        """Return the number of maximal pieces with one slope inside `domain`.

        Slopes are compared as rounded.
        """
        low, high = check.interval("domain", domain)
        inside = (self.knots > low) & (self.knots < high)
        return 1 + int(np.sum(inside & (self.slopes[:-1] != self.slopes[1:])))

    def to_ppoly(self, domain: tuple[float, float] = UNIT_INTERVAL) -> "PPoly":
        """Return a `scipy.interpolate.PPoly` of degree one on `domain` (finite)."""
        from scipy.interpolate import PPoly

        x, y = self._graph(domain)
        slopes = self.slopes[np.searchsorted(self.knots, x[:-1], side="right")]
        return PPoly(np.vstack([slopes, y[:-1]]), x)

    def to_linestring(self, domain: tuple[float, float] = UNIT_INTERVAL) -> "LineString":
        """Return the graph over `domain` (finite) as a `shapely.LineString`."""
        from shapely import LineString

        return LineString(np.column_stack(self._graph(domain)))

    def _graph(self, domain: tuple[float, float]) -> tuple[Vector, Vector]:
        low, high = check.interval("domain", domain)
        if not np.isfinite([low, high]).all():
            raise ValueError(f"`domain` must be finite here, got ({low}, {high}); cut it off")
        return self._restricted(low, high, 0.0)

    def _restricted(self, low: float, high: float, level: float) -> tuple[Vector, Vector]:
        """Knots inside the domain with its ends, and heights above the level there."""
        low = max(low, -FAR)
        high = min(high, FAR)
        inside = (self.knots > low) & (self.knots < high)
        left, right = self(np.array([low, high]))
        x = np.concatenate([[low], self.knots[inside], [high]])
        return x, np.concatenate([[left], self.values[inside], [right]]) - level

    def _crossings(self) -> Vector:
        a, b = self.values[:-1], self.values[1:]
        change = np.sign(a) * np.sign(b) < 0.0
        pieces = self.knots[:-1], self.knots[1:], a, b
        inner = _crossing(*(part[change] for part in pieces))
        with np.errstate(all="ignore"):  # a zero beyond the doubles, or none
            steps = self.values[[0, -1]] / self.slopes[[0, -1]]
        beyond = (steps * np.array([1.0, -1.0]) > 0.0) & np.isfinite(steps)
        outer = (self.knots[[0, -1]] - steps)[beyond]
        return np.concatenate([inner, outer])


def _crossing(low: Vector, high: Vector, at_low: Vector, at_high: Vector) -> Vector:
    """Zeros of the lines through (low, at_low) and (high, at_high) of different signs."""
    with np.errstate(over="ignore"):
        share = 1.0 / (1.0 + np.abs(at_high) / np.abs(at_low))
    return low + share * (high - low)
