"""What can be seen of a net in some pixel columns: domains, envelopes, coverage, zooms.

A figure of a net with 10⁶ knots is drawn from a few thousand numbers, each of them true for its
whole column.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Mask, Vector
from univariate.error.curve import Spline
from univariate.paper.patterns import covered
from univariate.problem.density import Density, DensityLike
from univariate.problem.network import Network
from univariate.problem.sample import Sample

Domain = tuple[float, float]


class Envelope(NamedTuple):
    """A function seen through columns of equal width."""

    edges: Vector  # (c + 1,) borders of the columns
    low: Vector  # (c,) smallest and
    high: Vector  # (c,) largest value in the column
    quantiles: Vector  # (q, c) of the values in the column, by its length


def shown_domain(sample: Sample | None, density: DensityLike | None = None) -> Domain:
    """Return the middle 99.9 % of a density (by default the sample's), widened to hold the
    sample.
    """
    if sample is None:
        return Density.of(density).middle()
    low, high = sample.law(density).middle()
    return min(low, float(sample.x[0])), max(high, float(sample.x[-1]))


def rounded_margin(net: Network, sample: Sample) -> float:
    """Return the smallest margin without a bound on its error, good enough to scale a picture."""
    return float((sample.y * net(sample.x)).min())


def knots_inside(spline: Spline, domain: Domain) -> Mask:
    """Return which knots lie inside a domain."""
    return (spline.knots > domain[0]) & (spline.knots < domain[1])


def bars(intervals: Vector) -> list[tuple[float, float]]:
    """Return intervals as `broken_barh` takes them: where they begin, and how long they are."""
    return [(a, b - a) for a, b in intervals.tolist()]


def envelope(spline: Spline, domain: Domain, columns: int) -> Envelope:
    """Return the range of N in every column of `domain`, and its quantiles 0.1, 0.5 and 0.9.

    Ranges are exact up to rounding; quantiles are those of 64 equidistant points per column.
    Cost O((k + 64 c) log k).
    """
    edges = np.linspace(*domain, columns + 1)
    inside = knots_inside(spline, domain)
    column = np.clip(np.searchsorted(edges, spline.knots[inside], side="right") - 1, 0, columns - 1)
    at_edges = spline(edges)
    low = np.minimum(at_edges[:-1], at_edges[1:])
    high = np.maximum(at_edges[:-1], at_edges[1:])
    # a column is seen from its borders and the knots inside
    np.minimum.at(low, column, spline.values[inside])
    np.maximum.at(high, column, spline.values[inside])
    offsets = (np.arange(64) + 0.5) / 64.0 * (edges[1] - edges[0])
    values = spline((edges[:-1, None] + offsets).ravel()).reshape(columns, 64)
    return Envelope(edges, low, high, np.quantile(values, (0.1, 0.5, 0.9), axis=1))


def coverage(intervals: Vector, domain: Domain, columns: int) -> Vector:
    """Return the share of every column that disjoint increasing intervals cover, (c,). Rounded."""
    edges = np.linspace(*domain, columns + 1)
    lengths = np.diff(covered(intervals, edges)[0])
    return np.asarray(np.clip(lengths / np.diff(edges), 0.0, 1.0))


def graph(spline: Spline, domain: Domain) -> tuple[Vector, Vector]:
    """Return points of the graph, dense enough for straight lines on an axis scaled by arsinh.

    Every linear piece is cut at values equidistant in arsinh. Cost O(k), at least some thousand
    points.
    """
    inside = knots_inside(spline, domain)
    x = np.concatenate([[domain[0]], spline.knots[inside], [domain[1]]])
    y = spline(x)
    steps = max(16, 6000 // len(x))
    share = np.arange(steps) / steps
    bent = np.arcsinh(y)
    # equidistant on the scaled axis, then back to where N has these values
    heights = np.sinh(bent[:-1, None] + np.diff(bent)[:, None] * share)
    rise = np.diff(y)[:, None]
    # on nearly level pieces the quotient is all rounding: cut those evenly
    with np.errstate(all="ignore"):
        along = np.where(
            np.abs(rise) > 1e-9 * np.abs(y[:-1, None]), (heights - y[:-1, None]) / rise, share
        )
    fine = x[:-1, None] + np.clip(along, 0.0, 1.0) * np.diff(x)[:, None]
    return np.append(fine, x[-1]), np.append(heights, y[-1])


def value_range(spline: Spline, domain: Domain) -> tuple[float, float]:
    """Return the smallest and the largest value in `domain`. Rounded. Cost O(k)."""
    values = spline(np.concatenate([domain, spline.knots[knots_inside(spline, domain)]]))
    return float(values.min()), float(values.max())


def crowded_window(sample: Sample, size: int = 12) -> tuple[int, int]:
    """Return the range [i, j) of neighbours among which labels change most often.

    Of the windows of `size` neighbours with the most sign changes, the one whose smallest gap is
    the largest share of its length: where kinks crowd, but can be told apart. Cost O(m).
    """
    size = min(size, sample.size)
    if size < 3:
        return 0, sample.size
    changes = np.convolve(sample.y[1:] != sample.y[:-1], np.ones(size - 1), mode="valid")
    most = np.flatnonzero(changes == changes.max())
    gaps = np.lib.stride_tricks.sliding_window_view(sample.gaps, size - 1)[most]
    best = int(most[np.argmax(gaps.min(axis=1) / gaps.sum(axis=1))])
    return best, best + size
