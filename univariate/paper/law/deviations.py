"""Where a net and the nearest neighbour decide differently, gap by gap.

The m observations leave m + 1 gaps: gap i lies left of observation i, gap m right of the last.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.paper.patterns import Mass
from univariate.problem.sample import Sample


class Comparison(NamedTuple):
    """The gaps in which the two sets of errors differ. Rounded as their ends are."""

    gap: Indices  # (k,) increasing
    share: Vector  # (k,) part of the gap within the domain that is decided differently, by length
    mass: Vector  # (k,) errors of the net less errors of the nearest neighbour, by probability


def compared(
    sample: Sample, net: Vector, neighbour: Vector, domain: tuple[float, float], mass: Mass
) -> Comparison:
    """Compare two sets of disjoint intervals, shape (r, 2), in a domain.

    Cost O((r + m) log (r + m)).
    """
    low, high = domain
    cuts = np.concatenate([net.ravel(), neighbour.ravel(), sample.x, [low, high]])
    cuts = np.unique(np.clip(cuts, low, high))
    start = cuts[:-1]
    measure = np.diff(mass(cuts))
    length = np.diff(cuts)
    gap = np.searchsorted(sample.x, start, side="right")
    count = sample.size + 1
    sign = _covers(net, start).astype(np.float64) - _covers(neighbour, start)
    signed = np.bincount(gap, sign * measure, minlength=count).astype(np.float64)
    differing = np.bincount(gap, np.where(sign != 0.0, length, 0.0), minlength=count)
    whole = np.bincount(gap, length, minlength=count)
    with np.errstate(invalid="ignore"):
        share = differing / whole
    # an unbounded gap that is decided otherwise from some point on
    share[np.isinf(differing)] = 1.0
    where = np.flatnonzero(differing > 0.0)
    return Comparison(where, share[where], signed[where])


def _covers(intervals: Vector, points: Vector) -> Mask:
    """Return whether [point, next point) lies in one of the intervals; their ends are points."""
    if not len(intervals):
        return np.zeros(len(points), dtype=np.bool_)
    last = np.searchsorted(intervals[:, 0], points, side="right") - 1
    return np.asarray((last >= 0) & (points < intervals[last, 1]))


def sign_changes(sample: Sample, net: Vector, domain: tuple[float, float]) -> Indices:
    """Return the gap of every sign change of N inside the domain, for N ≤ 0 on `net`."""
    ends = net.ravel()
    inside = ends[(ends > domain[0]) & (ends < domain[1])]
    return np.searchsorted(sample.x, inside)
