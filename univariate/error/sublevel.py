"""The set {N f* ≤ 0} of a net and a truth f* on an interval, its length rigorously enclosed.

Floating point decides every piece it can; the rest is done in exact arithmetic, and only the rest.
"""

from fractions import Fraction
from math import inf, nextafter
from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.rounding import round_down, round_up
from univariate.common.tolerance import UNIT_ROUNDOFF
from univariate.error.against_truth import exact_errors, turned_heights, turned_lines
from univariate.error.kernels.sublevel import sublevel_pieces
from univariate.problem.deep import screen
from univariate.problem.evaluation import sweep_net
from univariate.problem.network import Network, ReluNet
from univariate.problem.truth import Truth

Ends = list[tuple[float, float]]

_GRID_BITS = 200  # exact lengths are summed on a grid of this many binary digits, rounded outward


class SublevelSet(NamedTuple):
    """Intervals of errors; isolated points are left out."""

    intervals: Vector  # (r, 2) rounded ends, start < end
    radii: Vector  # (r, 2) bounds on the error of the ends
    narrow: Vector  # (q, 2) bounds on the ends of what is too short to contain a double
    gaps: Vector  # (g, 2) bounds on what perhaps is no error within an interval, as short
    value: float  # total length
    low: float  # rigorous enclosure of it
    high: float


class _Part(NamedTuple):
    intervals: Vector
    radii: Vector
    length: Fraction
    radius: Fraction


def error_set(net: Network, truth: Truth, low: float, high: float) -> SublevelSet:
    """Return {x ∈ [low, high] : N(x) f*(x) ≤ 0} for finite low < high.

    Rounded, with a rigorous enclosure. Cost O((n + k) log (n + k)) for a shallow net and k
    breakpoints.
    """
    reach = low, high, truth
    decided, undecided = _shallow(net, *reach) if isinstance(net, ReluNet) else _deep(net, *reach)
    exact = _settle(net, undecided, truth)
    total = decided.length + exact.length
    radius = decided.radius + exact.radius
    intervals, radii, narrow, gaps = _merged(decided, exact)
    ceiling = Fraction(high) - Fraction(low)
    return SublevelSet(
        intervals,
        radii,
        narrow,
        gaps,
        float(min(max(total, Fraction(0)), ceiling)),
        max(0.0, round_down(total - radius)),
        round_up(min(total + radius, ceiling)),
    )


def _shallow(net: ReluNet, low: float, high: float, truth: Truth) -> tuple[_Part, Ends]:
    lines = sweep_net(*net.parameters, low, high, truth.knots(low, high)).lines
    if not truth.is_positive:
        lines = turned_lines(lines, truth)
    found = sublevel_pieces(lines)
    intervals = np.column_stack([found.start, found.end])
    radii = np.column_stack([found.start_radius, found.end_radius])
    undecided = [(float(lines.tau[k]), float(lines.tau[k + 1])) for k in found.undecided]
    return (
        _Part(
            intervals,
            radii,
            Fraction(found.length) + Fraction(found.length_low),
            Fraction(found.radius),
        ),
        undecided,
    )


def _deep(net: Network, low: float, high: float, truth: Truth) -> tuple[_Part, Ends]:
    """Settle the pieces whose sign is plain; every crossing goes to exact arithmetic."""
    knots, values, stray = screen(net.layers, low, high, truth.knots(low, high))
    with np.errstate(all="ignore"):
        start, end = turned_heights(knots, values, truth)
        top = np.maximum(start, end)
        bottom = np.minimum(start, end)
        doubt = stray + 4.0 * UNIT_ROUNDOFF * (np.abs(values[:-1]) + np.abs(values[1:]))
        negative = top < -doubt
        positive = bottom > doubt
    ends = np.column_stack([knots[:-1], knots[1:]])
    length = sum((Fraction(b) - Fraction(a) for a, b in ends[negative].tolist()), Fraction(0))
    part = _Part(ends[negative], np.zeros((int(negative.sum()), 2)), length, Fraction(0))
    return part, [(a, b) for a, b in ends[~negative & ~positive].tolist()]


def _settle(net: Network, undecided: Ends, truth: Truth) -> _Part:
    """Decide the given pieces in exact arithmetic."""
    found = exact_errors(net, undecided, truth)
    units = 1 << _GRID_BITS
    length = Fraction(sum((end - start) * units // 1 for start, end in found), units)
    intervals = np.array([(float(start), float(end)) for start, end in found]).reshape(-1, 2)
    radii = np.array([(_off(start), _off(end)) for start, end in found]).reshape(-1, 2)
    return _Part(
        intervals, radii, length + Fraction(len(found), 2 * units), Fraction(len(found), units)
    )


def _off(exact: Fraction) -> float:
    near = float(exact)
    # a little more than half a unit, so that an end moved by it is another double
    return 0.0 if Fraction(near) == exact else nextafter(2.0**-53 * abs(near), inf)


def around(ends: Vector, radii: Vector) -> Vector:
    """Return doubles [below, above] between which numbers within radii of ends lie, (k, 2)."""
    # sums round to nearest, so that a radius of half an ulp may be lost
    near = np.column_stack([ends - radii, ends + radii])
    return np.where(radii[:, None] > 0.0, np.nextafter(near, [-np.inf, np.inf]), near)


def _merged(first: _Part, second: _Part) -> tuple[Vector, Vector, Vector, Vector]:
    """Join both lists, in order, merging intervals that touch, and tell the narrow ones, and the
    gaps that rounded ends may hide.
    """
    intervals = np.concatenate([first.intervals, second.intervals])
    radii = np.concatenate([first.radii, second.radii])
    if len(second.intervals):
        order = np.lexsort((intervals[:, 1], intervals[:, 0]))
        intervals, radii = intervals[order], radii[order]
    if len(intervals) == 0:
        return intervals, radii, intervals, intervals
    # ends are rounded: an exact piece may seem to end within its neighbour
    furthest = np.maximum.accumulate(intervals[:, 1])
    begin = np.flatnonzero(np.append(True, intervals[1:, 0] > furthest[:-1]))
    end = furthest[np.append(begin[1:], len(intervals)) - 1]
    group = np.repeat(np.arange(len(begin)), np.diff(np.append(begin, len(intervals))))
    last = np.where(intervals[:, 1] == end[group], radii[:, 1], 0.0)
    merged = np.column_stack([intervals[begin, 0], end])
    reach = np.column_stack([radii[begin, 0], np.maximum.reduceat(last, begin)])
    wide = merged[:, 0] < merged[:, 1]
    narrow = merged[~wide] + np.array([-1.0, 1.0]) * reach[~wide]
    # up to here, and from here on, there are errors for sure
    until = np.maximum.accumulate(around(intervals[:, 1], radii[:, 1])[:, 0])[:-1]
    gaps = np.column_stack([until, around(intervals[:, 0], radii[:, 0])[1:, 1]])
    hidden = (gaps[:, 0] < gaps[:, 1]) & (np.diff(group) == 0)
    return merged[wide], reach[wide], narrow, gaps[hidden]
