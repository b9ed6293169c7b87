"""The 1-nearest-neighbour rule in one dimension, whose clean error the max-margin net attains. New.

On samples in [0, 1] with at least three sign changes the max-margin predictor changes sign exactly
at the midpoints between neighbours with different labels, so its decision rule is that of the
nearest neighbour. That rule gives every x the label of one observation, so its clean error is p on
average, whatever the inputs. (Theorem 3.2 gives Θ(p).)
"""

from fractions import Fraction
from math import fsum, inf, nextafter

import numpy as np

from univariate.error.clean_error import CleanError, probability
from univariate.problem.density import DensityLike
from univariate.problem.evaluation import FAR
from univariate.problem.sample import Sample, require_sample


def nearest_neighbour_clean_error(
    sample: Sample, *, density: DensityLike | None = None
) -> CleanError:
    """Return Pr[the nearest sample point has label −1] for x of the sample's density.

    With a `density`, x is drawn from that. For Unif[0, 1] the value is the exact one, rounded once
    (the enclosure is one unit in the last place wide); for another one it is rounded as its cdf is.
    Ties have measure zero. Cost O(m).

    Examples
    --------
    >>> from univariate import Sample, nearest_neighbour_clean_error
    >>> float(nearest_neighbour_clean_error(Sample([0.25, 0.5, 0.75], [1.0, -1.0, 1.0])))
    0.25
    """
    require_sample(sample)
    law = sample.law(density)
    low, high = (float(np.clip(end, -FAR, FAR)) for end in law.support())
    cuts = sample.sign_changes
    left = sample.x[cuts]
    right = sample.x[cuts + 1]
    borders = np.clip(0.5 * left + 0.5 * right, low, high)
    bounds = np.concatenate([[low], borders, [high]])
    negative = np.concatenate([sample.y[cuts], sample.y[-1:]]) < 0.0
    intervals = np.column_stack([bounds[:-1], bounds[1:]])[negative]
    intervals = intervals[intervals[:, 0] < intervals[:, 1]]
    if not law.is_uniform:
        value = probability(law, intervals[:, 0], intervals[:, 1])
        off = 2.0**-48 * max(1.0, float(len(intervals)) * 2.0**-10)
        enclosure = max(0.0, value - off), min(1.0, value + off)
        return CleanError(min(value, 1.0), *enclosure, intervals, law.name)
    # halves of doubles are doubles, so the signed sum of all border terms is rounded just once
    # a border ends an interval of errors or begins one
    sign = np.where(sample.y[cuts] < 0.0, 1.0, -1.0)
    inside = (borders > low) & (borders < high)
    # rounded onto an end, or truly there or beyond?
    for k in np.flatnonzero((borders == low) | (borders == high)):
        middle = (Fraction(float(left[k])) + Fraction(float(right[k]))) / 2
        inside[k] = Fraction(low) < middle < Fraction(high)
    terms = [0.5 * (sign * left)[inside], 0.5 * (sign * right)[inside], (sign * borders)[~inside]]
    ends = [-low if negative[0] else 0.0, high if negative[-1] else 0.0]
    value = fsum(np.concatenate([*terms, ends]))
    return CleanError(
        value, max(0.0, nextafter(value, -inf)), min(1.0, nextafter(value, inf)), intervals
    )
