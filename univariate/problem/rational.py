"""Shallow nets in exact arithmetic.

Doubles are dyadic rationals, so a net of doubles is computable without error.

All coefficients are integers times one power of two; kinks are fractions. Prefix sums over the
sorted kinks make the line at any double available in O(log n) after O(n log n) preparation.
"""

from bisect import bisect_left, bisect_right
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from univariate.common.arrays import Vector
from univariate.common.integers import Whole, aligned, integers, least_exponent
from univariate.problem.evaluation import rounded_kinks

Interval = tuple[Fraction, Fraction]


class ExactNet:
    """Exact lines of N(x) = Σ v_j σ(w_j x + b_j) on the real line. Exact throughout."""

    def __init__(self, v: Vector, w: Vector, b: Vector) -> None:
        live = (v != 0.0) & ((w != 0.0) | (b > 0.0))
        v = v[live]
        w = w[live]
        b = b[live]
        slopes, rises, self._scale = _line_integers(v, w, b)
        constant = w == 0.0
        self._constant = sum(rises[constant])
        self._w, self._b = w, b
        self._slopes, self._rises = slopes, rises
        kinks = rounded_kinks(w, b)
        # an overflowing kink is beyond every double: keep it sorted at ±inf
        self._right = self._sorted(kinks, np.flatnonzero(w > 0.0))
        self._left = self._sorted(kinks, np.flatnonzero(w < 0.0))
        self._right_kinks = kinks[self._right].tolist()
        self._left_kinks = kinks[self._left].tolist()
        self._right_sums = self._prefix(self._right)
        self._left_sums = self._prefix(self._left)

    @staticmethod
    def _sorted(kinks: Vector, members: NDArray[np.intp]) -> NDArray[np.intp]:
        return members[np.argsort(kinks[members], kind="stable")]

    def _prefix(self, order: NDArray[np.intp]) -> tuple[Whole, Whole]:
        return prefix_sums(self._slopes[order]), prefix_sums(self._rises[order])

    def kink(self, j: int) -> Fraction:
        """Return the kink −b/w of live neuron j."""
        return -Fraction(float(self._b[j])) / Fraction(float(self._w[j]))

    def _line(self, a: float) -> tuple[int, int, list[int]]:
        """Line of the neurons that are surely active just right of a, and the doubtful ones.

        Doubtful are those whose rounded kink is a itself.
        """
        first = bisect_left(self._right_kinks, a)
        last = bisect_right(self._right_kinks, a)
        slope = self._right_sums[0][first]
        rise = self._right_sums[1][first] + self._constant
        tied = [int(j) for j in self._right[first:last]]
        first = bisect_left(self._left_kinks, a)
        last = bisect_right(self._left_kinks, a)
        slope += self._left_sums[0][-1] - self._left_sums[0][last]
        rise += self._left_sums[1][-1] - self._left_sums[1][last]
        return slope, rise, tied + [int(j) for j in self._left[first:last]]

    def value(self, x: float) -> Fraction:
        """Return N(x) at a double x."""
        slope, rise, tied = self._line(x)
        at = Fraction(x)
        total = slope * at + rise
        for j in tied:
            if Fraction(float(self._w[j])) * at + Fraction(float(self._b[j])) > 0:
                total += self._slopes[j] * at + self._rises[j]
        return total * self._scale

    def pieces(self, low: float, high: float) -> tuple[list[Fraction], list[tuple[int, int]]]:
        """Return the exact break points in [low, high], ends included, and the lines between.

        A line (slope, rise) is in units of `unit`. Cost O(log n) per neuron with its kink in [low,
        high].
        """
        slope, rise, tied = self._line(low)
        start = Fraction(low)
        stop = Fraction(high)
        inside: list[tuple[Fraction, int]] = []
        for j in tied:
            t = self.kink(j)
            right = bool(self._w[j] > 0.0)
            if (t <= start) == right:  # active just right of low
                slope = slope + self._slopes[j]
                rise = rise + self._rises[j]
            if t > start:
                inside.append((t, j))
        for order, kinks in ((self._right, self._right_kinks), (self._left, self._left_kinks)):
            members = order[bisect_right(kinks, low) : bisect_right(kinks, high)]
            inside.extend((self.kink(int(j)), int(j)) for j in members)
        inside = sorted(item for item in inside if item[0] < stop)
        points, lines = [start], [(slope, rise)]
        for t, j in inside:
            sign = 1 if self._w[j] > 0.0 else -1
            slope = slope + sign * self._slopes[j]
            rise = rise + sign * self._rises[j]
            if t == points[-1] and len(points) > 1:
                lines[-1] = (slope, rise)
            else:
                points.append(t)
                lines.append((slope, rise))
        points.append(stop)
        return points, lines

    @property
    def unit(self) -> Fraction:
        """Power of two that all slopes and rises are multiples of."""
        return self._scale

    def sublevel(self, low: float, high: float, level: float = 0.0) -> list[Interval]:
        """Return the maximal intervals of {N ≤ level} in [low, high] that have positive length."""
        return sublevel_of_lines(*self.pieces(low, high), Fraction(level) / self._scale)


def sublevel_of_lines(
    points: list[Fraction], lines: list[tuple[int, int]], level: Fraction
) -> list[Interval]:
    """Return where a piecewise linear function is ≤ level: maximal intervals of positive length.

    Exact.
    """
    intervals: list[Interval] = []
    for a, b, (slope, rise) in zip(points[:-1], points[1:], lines, strict=True):
        at_a = slope * a + rise - level
        at_b = slope * b + rise - level
        if at_a <= 0 and at_b <= 0:
            start, end = a, b
        elif at_a > 0 and at_b > 0:
            continue
        else:
            zero = (level - rise) / slope
            start, end = (a, zero) if at_a <= 0 else (zero, b)
        if start == end:
            continue
        if intervals and intervals[-1][1] == start:
            intervals[-1] = (intervals[-1][0], end)
        else:
            intervals.append((start, end))
    return intervals


def total_length(intervals: list[Interval]) -> Fraction:
    """Return the total length, summed pairwise so that denominators grow as late as possible.

    Exact.
    """
    lengths = [end - start for start, end in intervals]
    while len(lengths) > 1:
        paired = [a + b for a, b in zip(lengths[::2], lengths[1::2], strict=False)]
        lengths = paired + lengths[len(paired) * 2 :]
    return lengths[0] if lengths else Fraction(0)


def prefix_sums(terms: Whole) -> Whole:
    """Return the sums of the first 0, 1, … terms."""
    return np.concatenate([[0], np.cumsum(terms)])


def _line_integers(v: Vector, w: Vector, b: Vector) -> tuple[Whole, Whole, Fraction]:
    """Return v·w and v·b as integers times one common power of two."""
    outer, outer_exponents = integers(v)
    inner, inner_exponents = integers(np.stack([w, b]))
    products = outer.astype(object) * inner
    exponents = outer_exponents + inner_exponents
    least = least_exponent(products, exponents)
    slopes, rises = aligned(products, exponents, least)
    return slopes, rises, Fraction(2) ** least
