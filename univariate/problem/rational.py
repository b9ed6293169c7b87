"""Shallow nets in exact arithmetic.

Doubles are dyadic rationals, so a net of doubles is computable without error.

All coefficients are integers times one power of two; kinks are fractions. Prefix sums over the
sorted kinks make the line at any double available in O(log n) after O(n log n) preparation.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.common.arrays import Indices, Vector
from univariate.common.integers import Whole, aligned, integers, least_exponent
from univariate.problem.evaluation import rounded_kinks

Interval = tuple[Fraction, Fraction]

Line = tuple[int, int]
"""Slope and rise."""


class _Side(NamedTuple):
    """The neurons of one orientation in the order of their kinks, which are rounded."""

    neurons: list[int]
    kinks: list[float]
    slopes: Whole  # sums of the first 0, 1, …
    rises: Whole


class ExactNet:
    """Exact lines of N(x) = Σ v_j σ(w_j x + b_j) on the real line. Exact throughout.

    `unit` is the power of two that all slopes and rises are multiples of.
    """

    def __init__(self, v: Vector, w: Vector, b: Vector) -> None:
        live = (v != 0.0) & ((w != 0.0) | (b > 0.0))
        v = v[live]
        w = w[live]
        b = b[live]
        self._slopes, self._rises, self.unit = _line_integers(v, w, b)
        self._constant = sum(self._rises[w == 0.0])
        self._w, self._b = w, b
        self._right = self._side(np.flatnonzero(w > 0.0))
        self._left = self._side(np.flatnonzero(w < 0.0))

    def _side(self, members: Indices) -> _Side:
        # an overflowing kink is beyond every double: keep it sorted at ±inf
        kinks = rounded_kinks(self._w[members], self._b[members])
        order = np.argsort(kinks, kind="stable")
        neurons = members[order]
        sums = prefix_sums(self._slopes[neurons]), prefix_sums(self._rises[neurons])
        return _Side(neurons.tolist(), kinks[order].tolist(), *sums)

    def kink(self, j: int) -> Fraction:
        """Return the kink −b/w of live neuron j."""
        return -Fraction(float(self._b[j])) / Fraction(float(self._w[j]))

    def _line(self, a: float) -> tuple[int, int, list[int]]:
        """Line of the neurons that are surely active just right of a, and the doubtful ones.

        Doubtful are those whose rounded kink is a itself.
        """
        right, left = self._right, self._left
        first = bisect_left(right.kinks, a)
        last = bisect_right(left.kinks, a)
        slope = right.slopes[first] + left.slopes[-1] - left.slopes[last]
        rise = right.rises[first] + left.rises[-1] - left.rises[last] + self._constant
        tied = right.neurons[first : bisect_right(right.kinks, a)]
        return slope, rise, tied + left.neurons[bisect_left(left.kinks, a) : last]

    def value(self, x: float) -> Fraction:
        """Return N(x) at a double x."""
        slope, rise, tied = self._line(x)
        at = Fraction(x)
        total = slope * at + rise
        for j in tied:
            if Fraction(float(self._w[j])) * at + Fraction(float(self._b[j])) > 0:
                total += self._slopes[j] * at + self._rises[j]
        return total * self.unit

    def pieces(self, low: float, high: float) -> tuple[list[Fraction], list[Line]]:
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
        for side in (self._right, self._left):
            here = slice(bisect_right(side.kinks, low), bisect_right(side.kinks, high))
            inside += [(self.kink(j), j) for j in side.neurons[here]]
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


def sublevel_of_lines(points: list[Fraction], lines: list[Line]) -> list[Interval]:
    """Return where a piecewise linear function is ≤ 0: maximal intervals of positive length.

    Exact.
    """
    return joined(_below(points, lines))


def _below(points: list[Fraction], lines: list[Line]) -> Iterator[Interval]:
    """Yield where every piece is ≤ 0, points included."""
    for a, b, (slope, rise) in zip(points[:-1], points[1:], lines, strict=True):
        starts = slope * a + rise <= 0
        ends = slope * b + rise <= 0
        if starts and ends:
            yield a, b
        elif starts or ends:
            zero = Fraction(-rise, slope)
            yield (a, zero) if starts else (zero, b)


def joined(parts: Iterable[Interval]) -> list[Interval]:
    """Return intervals from left to right, those that touch as one and those of no length not."""
    found: list[Interval] = []
    for start, end in parts:
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        elif start < end:
            found.append((start, end))
    return found


def total_length(intervals: list[Interval]) -> Fraction:
    """Return the total length, summed pairwise so that denominators grow as late as possible.

    Exact.
    """
    lengths = [end - start for start, end in intervals]
    while len(lengths) > 1:
        paired = [a + b for a, b in zip(lengths[::2], lengths[1::2], strict=False)]
        lengths = paired + lengths[len(paired) * 2 :]
    return lengths[0] if lengths else Fraction(0)


def prefix_sums(terms: NDArray[Any]) -> NDArray[Any]:
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
