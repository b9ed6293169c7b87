"""KKT points of Problem (1) in rational numbers, verified without a tolerance; their links and the
gaps that they decide otherwise than the nearest neighbour, counted without one.

A point is a net N(x) = Σ_j v_j max(0, w_j x + b_j), a sample (x, y), multipliers λ, and σ' at the
kinks that lie on data, all of them `Fraction`s. It is a KKT point of min ½ ‖θ‖² subject to
y_i N(x_i) ≥ 1, in the sense of Clarke, iff

    λ ≥ 0,  y_i N(x_i) ≥ 1,  λ_i (y_i N(x_i) − 1) = 0,
    v_j = Σ_i λ_i y_i max(0, w_j x_i + b_j),
    (w_j, b_j) = v_j Σ_i λ_i y_i σ'_ij (x_i, 1),

σ'_ij = 1 where w_j x_i + b_j > 0, 0 where it is negative, and in [0, 1] where it is zero.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

ZERO = Fraction(0)
Neuron = tuple[Fraction, Fraction, Fraction]


@dataclass(frozen=True)
class RationalPoint:
    """What is claimed to be a KKT point."""

    neurons: Sequence[Neuron]  # (v, w, b)
    x: Sequence[Fraction]  # strictly increasing
    y: Sequence[int]
    multipliers: Sequence[Fraction]
    shares: Mapping[tuple[int, int], Fraction]  # σ' of (neuron, datum), for kinks on data

    @cached_property
    def _pieces(self) -> tuple[list[Fraction], list[tuple[Fraction, Fraction]]]:
        """Return the kinks in order, and slope and offset of N left of, between, and right of
        them: all neurons are added up once for every piece.
        """
        places = sorted({-b / w for _, w, b in self.neurons if w != 0})
        within = [ZERO]
        if places:
            within = [(a + b) / 2 for a, b in pairwise(places)]
            within = [places[0] - 1, *within, places[-1] + 1]
        lines = []
        for x in within:
            active = [(v, w, b) for v, w, b in self.neurons if w * x + b > 0]
            slope = sum((v * w for v, w, _ in active), ZERO)
            lines.append((slope, sum((v * b for v, _, b in active), ZERO)))
        return places, lines

    def value(self, x: Fraction) -> Fraction:
        """N(x)."""
        places, lines = self._pieces
        slope, offset = lines[bisect_right(places, x)]
        return slope * x + offset


class Kink(NamedTuple):
    """A place where N turns, and which way."""

    place: Fraction
    change: Fraction  # of the slope, ≠ 0


def violations(point: RationalPoint) -> list[str]:
    """Return what is wrong with a point: nothing iff it is a KKT point, and balanced."""
    found = [f"x[{i}] is not increasing" for i, (a, b) in enumerate(pairwise(point.x)) if a >= b]
    for i, (x, y, weight) in enumerate(zip(point.x, point.y, point.multipliers, strict=True)):
        margin = y * point.value(x)
        if margin < 1:
            found.append(f"margin {i} is {margin}")
        if weight < 0:
            found.append(f"λ[{i}] is {weight}")
        if weight * (margin - 1) != 0:
            found.append(f"λ[{i}] is {weight} at margin {margin}")
    for j, (v, w, b) in enumerate(point.neurons):
        if v**2 != w**2 + b**2:
            found.append(f"neuron {j} is not balanced")
        outer, inner, bias = ZERO, ZERO, ZERO
        for i, (x, y, weight) in enumerate(zip(point.x, point.y, point.multipliers, strict=True)):
            inside = w * x + b
            active = Fraction(int(inside > 0))
            if inside == 0:
                active = point.shares.get((j, i), ZERO)
            if not 0 <= active <= 1:
                found.append(f"σ'[{j}, {i}] is {active}")
            outer += weight * y * max(ZERO, inside)
            inner += weight * y * active * x
            bias += weight * y * active
        if (outer, v * inner, v * bias) != (v, w, b):
            found.append(f"neuron {j} is not stationary")
    return found


def kinks(point: RationalPoint) -> list[Kink]:
    """Return where N turns, from left to right."""
    changes: dict[Fraction, Fraction] = {}
    for v, w, b in point.neurons:
        if w != 0:
            changes[-b / w] = changes.get(-b / w, ZERO) + v * abs(w)
    return [Kink(t, change) for t, change in sorted(changes.items()) if change != 0]


def links(point: RationalPoint) -> int:
    """Return the number of neighbouring kinks of opposite signs without neighbours of different
    labels at N = y between them.
    """
    count = 0
    for left, right in pairwise(kinks(point)):
        between = [
            (y, point.value(x) == y)
            for x, y in zip(point.x, point.y, strict=True)
            if left.place <= x <= right.place
        ]
        regular = any(y != z and at and there for (y, at), (z, there) in pairwise(between))
        count += left.change * right.change < 0 and not regular
    return count


def deviations(
    point: RationalPoint, low: Fraction, high: Fraction
) -> dict[int, tuple[Fraction, Fraction]]:
    """Return for every gap within [low, high] that N ≤ 0 and the nearest neighbour decide
    differently: the length that differs, and the errors of N there less those of the neighbour.

    Gap i lies left of datum i.
    """
    cuts = {low, high, *point.x, *(one.place for one in kinks(point))}
    cuts |= {(a + b) / 2 for a, b in pairwise(point.x)}
    ends = sorted(cut for cut in cuts if low <= cut <= high)
    zeros = set()
    for a, b in pairwise(ends):
        at, there = point.value(a), point.value(b)
        if at * there < 0:
            zeros.add(a + (b - a) * at / (at - there))
    found: dict[int, tuple[Fraction, Fraction]] = {}
    for a, b in pairwise(sorted({*ends, *zeros})):
        middle = (a + b) / 2
        wrong = point.value(middle) <= 0
        nearest = min(range(len(point.x)), key=lambda i: abs(point.x[i] - middle))
        if wrong != (point.y[nearest] < 0):
            gap = sum(x < middle for x in point.x)
            length, signed = found.get(gap, (ZERO, ZERO))
            found[gap] = length + b - a, signed + (b - a if wrong else a - b)
    return found
