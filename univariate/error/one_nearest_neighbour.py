"""The 1-nearest-neighbour rule in one dimension, whose clean error the max-margin net attains. New.

On samples in [0, 1] with at least three sign changes the max-margin predictor changes sign exactly
at the midpoints between neighbours with different labels, so its decision rule is that of the
nearest neighbour. That rule gives every x the label of one observation, so its clean error is p on
average if the truth is constant, whatever the inputs. (Theorem 3.2 gives Θ(p).)
"""

from fractions import Fraction
from math import fsum, inf, nextafter, ulp
from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.error.clean_error import CleanError, clean_error_of
from univariate.error.intervals import enclosed_probability, probability, within_reach
from univariate.error.k_nearest_neighbours import NearestNeighbours
from univariate.error.signs import count_up_to, two_sum
from univariate.problem.density import Density, DensityLike
from univariate.problem.population import Population
from univariate.problem.rational import prefix_sums
from univariate.problem.sample import Sample, require_sample
from univariate.problem.truth import Truth, TruthLike

_REST = 2.0**-150  # of a fraction below 1 in size, after three doubles


class _Cuts(NamedTuple):
    """Where the rule or the truth changes, in order: each is the sum of some doubles."""

    near: Vector  # (q,) rounded
    parts: Vector  # (2 or 3, q) doubles that add up to the place: of a fraction, up to _REST
    double: Mask  # (q,) whether the place is `near`
    wrong: Mask  # (q + 1,) whether the rule errs between them
    exact: bool  # whether no place is a fraction that is no double


def nearest_neighbour_clean_error(
    sample: Sample, *, truth: TruthLike | None = None, density: DensityLike | None = None
) -> CleanError:
    """Return the probability that the nearest sample point has another label than the truth.

    Parameters
    ----------
    sample : Sample
    truth : truth, optional
        f*, as in `clean_error`; the sample's own if not given.
    density : distribution, optional
        Of x; the sample's own if not given.

    For Unif[0, 1] the value is the exact one, rounded once (the enclosure is one unit in the last
    place wide); for another one it is rounded as its cdf is, at borders rounded to doubles. Ties
    have measure zero. Cost O(m + k log m) for k breakpoints.

    Examples
    --------
    >>> from univariate import Sample, nearest_neighbour_clean_error
    >>> sample = Sample([0.25, 0.5, 0.75], [1.0, -1.0, 1.0])
    >>> float(nearest_neighbour_clean_error(sample))
    0.25
    >>> float(nearest_neighbour_clean_error(sample, truth="0.5:+-"))
    0.5
    """
    require_sample(sample)
    return neighbour_error_of(sample, sample.population(density, truth))


def neighbour_error_of(sample: Sample, population: Population) -> CleanError:
    """Return the same for a law of x and a truth that travel together."""
    if _has_lost_halves(sample):
        return clean_error_of(NearestNeighbours(sample), population)
    law = population.density
    low, high = within_reach(law)
    cuts = _cuts(sample, population.truth)
    places = np.clip(cuts.near, low, high)
    ends = np.concatenate([[low], places, [high]])
    first, last = _runs(ends, cuts.wrong)
    intervals = np.column_stack([ends[first], ends[last]])
    names = law.name, population.truth.name
    if not law.is_uniform:
        # a place that is no double, and not beyond the law, lies beside the nearest one
        beside = ~cuts.double & (places == cuts.near)
        off = np.concatenate([[0.0], np.where(beside, np.spacing(np.abs(places)), 0.0), [0.0]])
        radii = np.column_stack([off[first], off[last]])
        return CleanError(*_under_law(law, intervals, radii, cuts), intervals, *names)
    value = _length(cuts, places, low, high)
    down, up = nextafter(value, -inf), nextafter(value, inf)
    rest = 0.0 if cuts.exact else _REST * len(places)
    # far below the rounding of the sum unless nearly all of that cancels
    if rest > 0.125 * ulp(value):
        down, up = nextafter(down - rest, -inf), nextafter(up + rest, inf)
    return CleanError(min(max(value, 0.0), 1.0), max(0.0, down), min(1.0, up), intervals, *names)


def _has_lost_halves(sample: Sample) -> bool:
    """Whether a border is half an odd multiple of the smallest double, of which there is none."""
    beside = sample.x[np.append(sample.sign_changes, sample.sign_changes + 1)]
    return bool(np.any(2.0 * (0.5 * beside) != beside))


def _under_law(
    law: Density, intervals: Vector, radii: Vector, cuts: _Cuts
) -> tuple[float, float, float]:
    """Return the probability of the intervals with its enclosure."""
    low, high = within_reach(law)
    value, least, most = enclosed_probability(law, intervals, radii, *np.empty((2, 0, 2)))
    places = _shared(cuts, low, high)
    if len(places):
        begin, stop = np.nextafter(places, -np.inf), np.nextafter(places, np.inf)
        vague = probability(law, np.maximum(begin, low), np.minimum(stop, high))
        least, most = least - vague, most + vague
    # some cdfs of scipy are good to the roundoff of 1 only
    off = 2.0**-48 * max(1.0, float(len(intervals)) * 2.0**-10)
    return value, max(0.0, min(least, value - off)), min(1.0, max(most, value + off))


def _shared(cuts: _Cuts, low: float, high: float) -> Vector:
    """Return the doubles in [low, high] that are two places, or a place and an end: what lies
    between is in no interval, or in a wrong one.
    """
    near = cuts.near
    twice = np.append(near[1:] == near[:-1], False) if len(near) else cuts.double
    at_ends = ~cuts.double & ((near == low) | (near == high))
    return np.unique(near[(twice | at_ends) & (near >= low) & (near <= high)])


def _cuts(sample: Sample, truth: Truth) -> _Cuts:
    """Merge the borders of the rule and the breakpoints of the truth, in their exact order."""
    changes = sample.sign_changes
    # halves of doubles are doubles, `_has_lost_halves` aside
    left, right = 0.5 * sample.x[changes], 0.5 * sample.x[changes + 1]
    pairs = two_sum(left, right)
    borders, rest = pairs.T
    rule = np.concatenate([sample.y[changes], sample.y[-1:]])
    if not truth.breakpoints:
        wrong = rule * truth.signs[0] <= 0.0
        return _Cuts(borders, np.stack([left, right]), rest == 0.0, wrong, exact=True)
    exact = [Fraction(place) for place in truth.breakpoints]
    split = np.array([_three_doubles(place) for place in exact]).T
    after = np.array([count_up_to(pairs, place) for place in exact])
    near = np.insert(borders, after, split[0])
    # not by their second doubles, which are 0 where a fraction is below the smallest one
    whole = np.array(
        [Fraction(first) == place for first, place in zip(split[0], exact, strict=True)]
    )
    double = np.insert(rest == 0.0, after, whole)
    is_border = np.insert(np.ones(len(borders), dtype=np.intp), after, 0)
    label = rule[prefix_sums(is_border)]
    sign = np.array(truth.signs)[prefix_sums(1 - is_border)]
    parts = np.stack([left, right, np.zeros(len(left))])
    merged = np.insert(parts, after, split, axis=1)
    return _Cuts(near, merged, double, label * sign <= 0.0, exact=bool(whole.all()))


def _three_doubles(place: Fraction) -> list[float]:
    found = []
    for _ in range(3):
        found.append(float(place))
        place -= Fraction(found[-1])
    return found


def _runs(ends: Vector, wrong: Mask) -> tuple[Indices, Indices]:
    """Return the first and the last end of every maximal run of wrong cells, those of no length
    left out.
    """
    wide = np.flatnonzero(ends[:-1] < ends[1:])
    border = np.flatnonzero(np.diff(wrong[wide], prepend=False, append=False))
    return wide[border[::2]], wide[border[1::2] - 1] + 1


def _length(cuts: _Cuts, places: Vector, low: float, high: float) -> float:
    """Return the length of the wrong cells in [low, high], rounded just once where exact."""
    # a cut ends an interval of errors, begins one, or does neither
    sign = cuts.wrong[:-1].astype(np.float64) - cuts.wrong[1:]
    inside = (places > low) & (places < high)
    # rounded onto an end, or truly there or beyond?
    for k in np.flatnonzero((places == low) | (places == high)):
        place = sum(map(Fraction, cuts.parts[:, k].tolist()), Fraction(0))
        inside[k] = Fraction(low) < place < Fraction(high)
    terms = [*(sign * cuts.parts)[:, inside], (sign * places)[~inside]]
    ends = [-low if cuts.wrong[0] else 0.0, high if cuts.wrong[-1] else 0.0]
    return fsum(np.concatenate([*terms, ends]))
