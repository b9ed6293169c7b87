"""A net between its observations, divided by its worst margin. Rounded."""

from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Vector
from univariate.common.rounding import nearest
from univariate.problem.fitted import ShallowFitted

_SHARP: Final = 2.0**-30
"""How well the worst margin must be known, relative; else it is computed exactly."""

_LARGEST: Final = 1e150
"""Of slopes and values over the worst margin: times any length they stay doubles."""


class Graph(NamedTuple):
    """N / worst margin on [x_1, x_m]: observations, sorted kinks, and extremes over closed gaps."""

    x: Vector
    y: Vector
    at: Vector  # (m,) values at the observations
    kinks: Vector  # (k,) increasing, not necessarily distinct
    jumps: Vector  # (k,) slope changes
    neurons: Indices  # (k,)
    cells: Indices  # (k,) gap that a kink lies in
    top: Vector  # (m − 1,) largest value on a gap
    bottom: Vector  # (m − 1,) smallest one
    bend: Vector  # (m − 1,) largest distance from the chord


def worst_margin(fit: ShallowFitted) -> float:
    """Return the worst margin of a net that interpolates (exact), else raise ValueError."""
    fit.require_interpolation()
    found = fit.interpolation
    sharp = found.low > 0.0 and found.high - found.low <= _SHARP * found.high
    margin = found.margin if sharp else nearest(fit.smallest_margin)
    if not np.finfo(np.float64).tiny <= margin < np.inf:
        raise ValueError(
            f"`net` must have a worst margin in the range of normal doubles, got {margin};"
            " rescale v"
        )
    return margin


def measured(fit: ShallowFitted, margin: float) -> Graph:
    """Measure N / margin. Cost O((n + m) log (n + m))."""
    net, sample = fit.net, fit.sample
    x, m = sample.x, sample.size
    kinks = net.kinks
    inside = (kinks >= x[0]) & (kinks <= x[-1]) & (m > 1)
    bends = np.flatnonzero((net.v != 0.0) & (net.w != 0.0) & inside)
    neurons = bends[np.argsort(kinks[bends], kind="stable")]
    kinks = kinks[neurons]
    with np.errstate(over="ignore"):
        heights = net(kinks) / margin
        jumps = net.v[neurons] * (np.abs(net.w[neurons]) / margin)
        at = sample.y * fit.margins.values / margin
    # also refuses NaN, which compares false
    if not all(np.all(np.abs(part) < _LARGEST) for part in (at, heights, jumps)):
        raise ValueError(
            "`net` must have values and slopes within 10^150 times its worst margin, got larger"
            " ones; remove the neurons behind them"
        )
    cells = np.clip(np.searchsorted(x, kinks, side="right") - 1, 0, max(m - 2, 0))
    top = np.maximum(at[:-1], at[1:])
    bottom = np.minimum(at[:-1], at[1:])
    bend = np.zeros(m - 1)
    np.maximum.at(top, cells, heights)
    np.minimum.at(bottom, cells, heights)
    np.maximum.at(bend, cells, np.abs(heights - np.interp(kinks, x, at)))
    return Graph(x, sample.y, at, kinks, jumps, neurons, cells, top, bottom, bend)


def merged_kinks(graph: Graph, tolerance: float) -> tuple[Vector, Vector, Vector, Vector]:
    """Return kinks that agree as one.

    In order: where they begin, where they end, the sum of their slope changes, and that of the
    sizes of its summands. Neighbours agree if they are closer than `tolerance` times the smaller of
    the gaps they lie in, or 4 units in the last place.
    """
    gaps = np.diff(graph.x)[graph.cells]
    room = np.maximum(
        tolerance * np.minimum(gaps[:-1], gaps[1:]), 4.0 * np.spacing(np.abs(graph.kinks[1:]))
    )
    # 4 units: two kinks −b/w that agree exactly may be rounded apart
    apart = np.diff(graph.kinks) > room
    begin = np.concatenate([[0], np.flatnonzero(apart) + 1])
    ends = graph.kinks[np.append(begin[1:], len(graph.kinks)) - 1]
    return (
        graph.kinks[begin],
        ends,
        np.add.reduceat(graph.jumps, begin),
        np.add.reduceat(np.abs(graph.jumps), begin),
    )
