"""The share of the unit circle on which N ≤ 0, with its arcs. Exact signs, lengths rounded once."""

from fractions import Fraction
from itertools import pairwise
from math import fsum, inf, nextafter, pi
from typing import Final, NamedTuple

import numpy as np

from highdim.error.arcs.lengths import Arc, length, rational_share
from highdim.error.arcs.lines import SEAM, compare
from highdim.error.arcs.pieces import START, Piece, pieces, zeros_between
from highdim.problem.network import Network
from univariate.common.arrays import Matrix

ROUNDING: Final = 2.0**-50  # of a sum of lengths, relative: 4 ulps each, the sum, and 2π


class Circle(NamedTuple):
    """The share of the unit circle on which N ≤ 0, an enclosure, and the arcs."""

    value: float
    low: float
    high: float
    exact: Fraction | None  # the share, where it is known to be rational
    intervals: Matrix  # (r, 2), angles in [−π, π]


def error_on_circle(net: Network) -> Circle:
    """Return the share of the circle on which a net of inputs in R² is ≤ 0.

    Every sign is exact, so is the order of all zeros; the enclosure is a few ulps wide, relative,
    and one number where the share is 0, 1 or a rational double. Cost O(n log n) products of
    integers for two layers of width n, some 30 µs a neuron; O(n² n2) for three.
    """
    arcs = error_arcs(net)
    intervals = np.array([(start.angle, end.angle) for start, end in arcs]).reshape(-1, 2)
    if len(arcs) == 1 and arcs[0][0] is START and arcs[0][1] is SEAM:
        return Circle(1.0, 1.0, 1.0, Fraction(1), np.array([[-pi, pi]]))
    closed = _closed(arcs)
    exact = rational_share(closed)
    if exact is not None:
        value = float(exact)
        if Fraction(value) == exact:
            return Circle(value, value, value, exact, intervals)
        return Circle(value, nextafter(value, -inf), nextafter(value, inf), exact, intervals)
    value = fsum(map(length, closed)) / (2.0 * pi)
    low = nextafter(value * (1.0 - ROUNDING), -inf)
    high = nextafter(value * (1.0 + ROUNDING), inf)
    return Circle(min(value, 1.0), max(low, 0.0), min(high, 1.0), None, intervals)


def error_arcs(net: Network) -> list[Arc]:
    """Return the maximal arcs with N ≤ 0, but for isolated points, from −π to π."""
    arcs: list[Arc] = []
    for piece in pieces(net):
        for arc in _nonpositive(piece):
            if arcs and compare(arcs[-1][1], arc[0]) == 0:
                arcs[-1] = arcs[-1][0], arc[1]
            else:
                arcs.append(arc)
    return arcs


def _nonpositive(piece: Piece) -> list[Arc]:
    """Return the arcs of a piece with N ≤ 0."""
    if not any(piece.line):
        return [(piece.start, piece.end)]
    zeros = zeros_between(piece.line, piece.start, piece.end)
    if len(zeros) == 2 and compare(*zeros) > 0:
        zeros.reverse()
    points = [piece.start, *zeros, piece.end]
    below = piece.start.sign_after(piece.line) < 0
    return [
        (start, end) for k, (start, end) in enumerate(pairwise(points)) if (k % 2 == 0) == below
    ]


def _closed(arcs: list[Arc]) -> list[Arc]:
    """Return the arcs with the two at the seam joined."""
    if len(arcs) > 1 and arcs[0][0] is START and arcs[-1][1] is SEAM:
        return [*arcs[1:-1], (arcs[-1][0], arcs[0][1])]
    return arcs
