"""Probabilities of intervals under a law of x, with enclosures."""

import numpy as np

from univariate.common.arrays import Vector
from univariate.error.sublevel import around
from univariate.problem.density import Density
from univariate.problem.evaluation import FAR


def within_reach(density: Density) -> tuple[float, float]:
    """Return the ends of a law, finite ones."""
    low, high = density.support()
    return max(low, -FAR), min(high, FAR)


def enclosed_probability(
    density: Density, intervals: Vector, radii: Vector, narrow: Vector, gaps: Vector
) -> tuple[float, float, float]:
    """Return the total probability of disjoint intervals, rounded, and an enclosure.

    Parameters
    ----------
    intervals, radii : ndarray, shape (r, 2)
        Ends within the law, and bounds on their errors.
    narrow : ndarray, shape (q, 2)
        Bounds on the ends of what is too short to contain a double.
    gaps : ndarray, shape (g, 2)
        The same of what perhaps is left out, within an interval.

    As good as the cdf and the sf are, and as they go together.
    """
    low, high = within_reach(density)
    start, end = intervals.T
    first, after = around(start, radii[:, 0]).T
    before, last = around(end, radii[:, 1]).T
    value = probability(density, start, end)
    inner = probability(density, after, np.maximum(after, before)) - probability(density, *gaps.T)
    outer = probability(density, np.maximum(first, low), np.minimum(last, high))
    begin, stop = np.nextafter(narrow.T, [[-np.inf], [np.inf]])
    outer += probability(density, np.maximum(begin, low), np.minimum(stop, high))
    beyond = float(density.cdf(-FAR) + density.sf(FAR))
    below, above = density.cdf(intervals), density.sf(intervals)
    # the cdf is good to a few units in its own last place, not in that of a difference
    tails = float(np.sum(np.minimum(below[:, 1], above[:, 0])))
    short = np.concatenate([narrow, gaps])
    tails += float(np.sum(np.minimum(density.cdf(short[:, 1]), density.sf(short[:, 0]))))
    rounding = 2.0**-49 * tails + 2.0**-50 * outer
    rounding += density.error(first, last) + density.error(short[:, 0], short[:, 1])
    # where the two do not add up to 1, one of them is off by as much
    apart = np.abs(below + above - 1.0)
    rounding += float(np.sum(apart[apart > 2.0**-50] + 2.0**-50))
    # a cdf need not be monotone in its last digits, so any of the three may be the largest
    numbers = inner, value, outer
    return (
        float(np.clip(value, 0.0, 1.0)),
        max(0.0, min(numbers) - rounding),
        min(1.0, max(numbers) + rounding + beyond),
    )


def probability(density: Density, start: Vector, end: Vector) -> float:
    """Total probability of disjoint intervals, each by the tail in which it is small.

    Rounded as the cdf is.
    """
    lower = density.cdf(end) - density.cdf(start)
    upper = density.sf(start) - density.sf(end)
    return float(np.sum(np.where(density.cdf(start) < 0.5, lower, upper)))
