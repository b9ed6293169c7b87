"""What the labels around each gap say about the clean error: bounds, and where errors lie.

All lengths are measured by a function `mass` (length, or the cdf of a density), so that the
statements for uniform inputs carry over to any continuous density.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Vector
from univariate.problem.rational import prefix_sums
from univariate.problem.sample import Sample

Mass = Callable[[Vector], Vector]


class RealisedExpected(NamedTuple):
    """A bound given the labels, and its expectation over labels that are −1 with probability p."""

    realised: float
    expected: float


def negative_block_bound(sample: Sample, p: float, mass: Mass) -> RealisedExpected:
    """Lower bound for KKT points: of four consecutive gaps in a run of −1 one is negative whole.

    Realised: the least total length of gaps that meets every window of four in every run (new: a
    shortest path; at least the sum over disjoint blocks). Expected: p⁵ Σ min gap over disjoint
    blocks of five points. Source: Corollary A.3 and the proof of Theorem 3.1 (a block of five
    points has four gaps). Cost O(m).
    """
    # a run of five points or more has a window of four gaps
    gaps = np.diff(mass(sample.x))
    starts, ends = label_runs(sample.y, -1.0)
    realised = sum(_least_cover(gaps[i:j]) for i, j in zip(starts, ends, strict=True) if j - i >= 4)
    blocks = (sample.size // 5) * 5
    smallest = mass(sample.x[:blocks]).reshape(-1, 5)
    expected = p**5 * float(np.sum(np.diff(smallest, axis=1).min(axis=1))) if blocks else 0.0
    return RealisedExpected(realised, expected)


def isolated_negative_bound(sample: Sample, p: float, mass: Mass) -> RealisedExpected:
    """Lower bound for local minima: right of an isolated −1 the net is the line from −1 to +1.

    Realised: the mass of the first half of the right gap of every pattern (+, −, +); expected: p(1
    − p)² times that mass over all inner points. Source: Proposition A.4 (false for mixed
    orientations: a check, not an axiom).
    """
    x, y = sample.x, sample.y
    halves = mass(0.5 * x[1:-1] + 0.5 * x[2:]) - mass(x[1:-1])
    pattern = (y[:-2] > 0.0) & (y[1:-1] < 0.0) & (y[2:] > 0.0)
    return RealisedExpected(float(halves[pattern].sum()), p * (1.0 - p) ** 2 * float(halves.sum()))


def positive_pair_bound(sample: Sample, p: float, mass: Mass) -> RealisedExpected:
    """Upper bound for local minima: no error between neighbours that are both +1.

    Realised: all mass that is not between two such neighbours; expected: (1 − (1 − p)²) Σ gaps +
    ends. Source: Proposition A.5.
    """
    levels = mass(sample.x)
    gaps = np.diff(levels)
    quiet = (sample.y[:-1] > 0.0) & (sample.y[1:] > 0.0)
    ends = max(0.0, float(levels[0])) + max(0.0, 1.0 - float(levels[-1]))
    expected = (1.0 - (1.0 - p) ** 2) * float(gaps.sum()) + ends
    return RealisedExpected(float(gaps[~quiet].sum()) + ends, expected)


def attribution(sample: Sample, intervals: Vector, mass: Mass) -> dict[str, tuple[float, float]]:
    """Return {pattern: (mass of its gaps, mass of the errors in them)}.

    The patterns are "++", "+-", "--" and "ends": "+-" holds both orders; "ends" is what lies
    outside [x_1, x_m]. Rounded. Cost O((m + r) log r).
    """
    edges = mass(intervals.ravel()).reshape(-1, 2)
    levels = np.clip(mass(sample.x), 0.0, 1.0)
    reached, whole = covered(edges, levels)
    gaps = np.diff(levels)
    errors = np.diff(reached)
    plus = sample.y > 0.0
    positive = plus[:-1].astype(int) + plus[1:]
    found = {
        name: (float(gaps[positive == count].sum()), float(errors[positive == count].sum()))
        for name, count in (("++", 2), ("+-", 1), ("--", 0))
    }
    # differences of sums: rounding may take an empty remainder below 0
    outside = float(whole - reached[-1] + reached[0])
    found["ends"] = (float(1.0 - levels[-1] + levels[0]), max(0.0, outside))
    return found


def covered(intervals: Vector, points: Vector) -> tuple[Vector, float]:
    """Return what disjoint increasing intervals cover left of every point, and everywhere."""
    if len(intervals) == 0:
        return np.zeros(len(points)), 0.0
    grown = prefix_sums(intervals[:, 1] - intervals[:, 0])
    heights = np.column_stack([grown[:-1], grown[1:]])
    return np.interp(points, intervals.ravel(), heights.ravel()), float(grown[-1])


def label_runs(y: Vector, label: float) -> tuple[Indices, Indices]:
    """First and last index of every maximal run of a label."""
    border = np.flatnonzero(np.diff(y == label, prepend=False, append=False))
    return border[::2], border[1::2] - 1


def _least_cover(gaps: Vector) -> float:
    """Least total of a subset that meets every window of four consecutive gaps."""
    window = [0.0] * 4  # best totals whose last chosen gap is one of the last four positions
    for gap in gaps.tolist():
        window = [*window[1:], min(window) + gap]
    return min(window)
