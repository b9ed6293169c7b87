"""Where a net and the nearest neighbour decide differently, gap by gap.

The m observations leave m + 1 gaps: gap i lies left of observation i, gap m right of the last.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.paper.patterns import Mass
from univariate.problem.evaluation import FAR
from univariate.problem.sample import Sample

_ULPS = 8.0  # borders are rounded: what differs by so many units in the last place is the same


class Comparison(NamedTuple):
    """The gaps in which the two sets of errors differ. Rounded as their ends are.

    Shares are of the length of the gap within the domain. Of an unbounded gap there is no share:
    the length that differs is compared with itself plus that of the data.
    """

    gap: Indices  # (k,) increasing
    share: (
        Vector  # (k,) part of the gap within the domain decided differently; 0 where within _ULPS
    )
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
    sign = covers(net, start).astype(np.float64) - covers(neighbour, start)
    signed = np.bincount(gap, sign * measure, minlength=count).astype(np.float64)
    differing = np.bincount(gap, np.where(sign != 0.0, length, 0.0), minlength=count)
    whole = np.bincount(gap, length, minlength=count)
    for end in {0, sample.size}:
        if whole[end] >= FAR:
            whole[end] = differing[end] + (sample.x[-1] - sample.x[0])
    share = np.divide(differing, whole, out=np.zeros(count), where=whole > 0.0)
    ends = np.abs(np.append(sample.x, sample.x[-1]))
    share[differing <= _ULPS * np.spacing(ends)] = 0.0
    where = np.flatnonzero(differing > 0.0)
    return Comparison(where, share[where], signed[where])


def covers(intervals: Vector, points: Vector) -> Mask:
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
