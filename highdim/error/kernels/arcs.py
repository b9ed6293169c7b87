"""Arcs of great circles on which a net is at most a level, from its pieces A cos φ + B sin φ +
C.
"""

from typing import NamedTuple

import numpy as np

from highdim.error.kernels.pieces import Pieces
from univariate.common.jit import kernel

TURN = 2.0 * np.pi


class Arcs(NamedTuple):
    """Arcs of k circles, increasing on each and disjoint."""

    first: np.ndarray  # (k + 1,) circle i has the arcs first[i], …, first[i + 1] − 1
    start: np.ndarray  # (r,) in [−π, π]
    end: np.ndarray  # (r,)


@kernel
def append(arcs, r, begin, start, end):
    """Append [start, end], or lengthen the last arc of this circle (they start at `begin`) if it
    ends at `start`.
    """
    if start >= end:
        return r
    if r > begin and arcs.end[r - 1] >= start:
        arcs.end[r - 1] = end
        return r
    arcs.start[r], arcs.end[r] = start, end
    return r + 1


@kernel
def below(coefficients, start, end, level):
    """Up to two intervals of [start, end] on which A cos φ + B sin φ + C ≤ level; empty ones have
    start ≥ end.

    cos(φ − ω) ≤ gap/R leaves out the arc of half width arccos(gap/R) around ω.
    """
    a = coefficients[0]
    b = coefficients[1]
    gap = level - coefficients[2]
    size = np.hypot(a, b)
    if gap >= size:
        return start, end, end, end
    if gap <= -size:
        return start, start, end, end
    half = np.arctan2(np.sqrt(size - gap) * np.sqrt(size + gap), gap)
    low = np.arctan2(b, a) + half
    low -= TURN * np.floor((low - start) / TURN)
    high = low + (TURN - 2.0 * half)
    return start, min(end, high - TURN), low, min(end, high)


@kernel
def arcs_below(pieces: Pieces, level: float) -> Arcs:
    """All arcs of N ≤ level; those certain to hold N ≤ 0 belong to them at every level."""
    k = len(pieces.first) - 1
    q = len(pieces.left)
    arcs = Arcs(np.zeros(k + 1, np.int64), np.empty(2 * q), np.empty(2 * q))
    r = 0
    for i in range(k):
        begin = r
        for p in range(pieces.first[i], pieces.first[i + 1]):
            start = np.arctan2(pieces.left[p, 1], pieces.left[p, 0])
            end = np.arctan2(pieces.right[p, 1], pieces.right[p, 0])
            if pieces.nonpositive[p]:
                r = append(arcs, r, begin, start, end)
            else:
                one, two, three, four = below(pieces.coefficients[p], start, end, level)
                r = append(arcs, r, begin, one, two)
                r = append(arcs, r, begin, three, four)
        arcs.first[i + 1] = r
    return Arcs(arcs.first, arcs.start[:r], arcs.end[:r])
