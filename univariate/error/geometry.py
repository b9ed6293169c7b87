"""Plane geometry of a net and its data, by shapely: for plots, and to check the exact code.

A net interpolates with margin 1 when its graph passes every observation on the right side: above +1
or below −1. The forbidden side is a vertical *gate*; the graph of a feasible net meets none.
Everything here is rounded, and shares no arithmetic with `clean_error` or `margins` beyond the
knots of the spline.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from univariate.common import check
from univariate.common.arrays import Indices, Vector
from univariate.error.curve import UNIT_INTERVAL, Spline
from univariate.problem.sample import Sample

if TYPE_CHECKING:
    from shapely import MultiLineString

GATE_CLEARANCE: Final = 2.0**-20
"""How far below |y| = 1 a gate ends: far above the rounding of a drawn graph, far below what an eye
can see.
"""


def margin_gates(sample: Sample, height: float) -> "MultiLineString":
    """Return the forbidden segments of a sample, one vertical line per observation, in its order.

    Parameters
    ----------
    sample : Sample
    height : float
        How far the gates reach on the wrong side, > 1: gate i is {x_i} × [−y_i·height, y_i·(1 −
        2⁻²⁰)].

    The graph of a net with all margins ≥ 1 meets no gate; one that meets none, and stays below
    `height` in size, has all margins > 1 − 2⁻²⁰. Rounded. Cost O(m).
    """
    from shapely import MultiLineString, linestrings

    return MultiLineString(list(linestrings(_gate_ends(sample, height))))


def gates_met(spline: Spline, sample: Sample) -> Indices:
    """Return the indices of the observations whose gate the graph of a net meets, increasing.

    The gates are made as high as the graph, so that none can be overflown: the result is empty if
    and only if every margin exceeds 1 − 2⁻²⁰, up to the rounding of the spline. Cost O((k + m) log
    k) by a tree of the pieces.
    """
    from shapely import STRtree, linestrings

    low = float(sample.x[0])
    high = float(sample.x[-1])
    room = 1.0 + high - low
    graph = np.asarray(spline.to_linestring((low - room, high + room)).coords)
    pieces = linestrings(np.stack([graph[:-1], graph[1:]], axis=1))
    gates = linestrings(_gate_ends(sample, 2.0 + float(np.abs(graph[:, 1]).max())))
    return np.unique(STRtree(pieces).query(gates, predicate="intersects")[0])


def sublevel_region(
    spline: Spline, level: float = 0.0, domain: tuple[float, float] = UNIT_INTERVAL
) -> "MultiLineString":
    """Return {x in domain : N(x) ≤ level} as segments at height `level`.

    The `.length` is the measure of the set. Found by cutting the graph with the closed half-plane
    below the level and projecting what is left, so that it checks `Spline.sublevel_intervals` and
    `clean_error` by other means. Isolated points are left out. Rounded; heights below 10⁻³⁰⁰ count
    as zero. `domain` must be finite.
    """
    from shapely import MultiLineString, box, get_parts, linestrings

    level = check.real("level", level)
    graph = spline.to_linestring(domain)
    left, bottom, right, top = graph.bounds
    under = (
        graph
        if top <= level
        else graph.intersection(box(left, min(bottom, level) - 1.0, right, level))
    )
    ends = np.array([[part.bounds[0], part.bounds[2]] for part in get_parts(under)]).reshape(-1, 2)
    ends = _joined(ends[ends[:, 0] < ends[:, 1]])
    return MultiLineString(list(linestrings(np.stack([ends, np.full_like(ends, level)], axis=-1))))


def _gate_ends(sample: Sample, height: float) -> Vector:
    """Ends of all gates, shape (m, 2, 2), wrong side first."""
    height = check.real("height", height)
    if height <= 1.0:
        raise ValueError(f"`height` must be > 1, got {height}; gates reach from -y*height to y")
    tips = np.column_stack([-sample.y * height, sample.y * (1.0 - GATE_CLEARANCE)])
    return np.stack([np.column_stack([sample.x, sample.x]), tips], axis=-1)


def _joined(ends: Vector) -> Vector:
    """Sort intervals and merge those that touch."""
    ends = ends[np.argsort(ends[:, 0], kind="stable")]
    if len(ends) == 0:
        return ends
    starts = np.concatenate([[True], ends[1:, 0] > np.maximum.accumulate(ends[:-1, 1])])
    return np.column_stack(
        [ends[starts, 0], np.maximum.reduceat(ends[:, 1], np.flatnonzero(starts))]
    )
