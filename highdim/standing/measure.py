"""Multipliers at increasing distances: which margins count as smallest, and which kinks as lying on
data.
"""

from typing import NamedTuple

import numpy as np

from highdim.standing.folded import Problem
from highdim.standing.multipliers import Fit, fit
from univariate.common.arrays import Mask
from univariate.common.tolerance import NEARLY


class Measured(NamedTuple):
    """Multipliers with their relative residuals, rounded, and the kinks that they may use."""

    fit: Fit
    kinks: Mask
    accuracy: float  # largest of the next three; 1 without multipliers
    stationarity: float
    slackness: float
    distance: float


def best(problem: Problem, tolerance: float, kink_tolerance: float | None) -> Measured:
    """Return the first multipliers within the tolerance, or the best; strict notions of «smallest»
    and «on» come first.
    """
    found: Measured | None = None
    tried: set[bytes] = set()
    for level in levels(tolerance):
        active = within(problem, level)
        for reach in (problem.unit, level) if kink_tolerance is None else (kink_tolerance,):
            kinks = (problem.distance <= reach) & active[:, None]
            key = np.packbits(active).tobytes() + np.packbits(kinks).tobytes()
            if key in tried:
                continue
            tried.add(key)
            measured = measure(problem, fit(problem, active, kinks), kinks)
            if found is None or measured.accuracy < found.accuracy:
                found = measured
            if found.accuracy <= tolerance:
                return found
    assert found is not None  # the first level is always tried
    return found


def levels(tolerance: float) -> list[float]:
    """Return relative distances from well below the tolerance to 1e-6."""
    found = [tolerance * 1e-4, tolerance * 1e-2, tolerance]
    while found[-1] < NEARLY:
        found.append(min(NEARLY, 30.0 * found[-1]))
    return found


def within(problem: Problem, level: float) -> Mask:
    """Which margins exceed the smallest by at most `level`, relatively, or by rounding."""
    return np.asarray(problem.margins <= problem.worst * (1.0 + level) + problem.rounding)


def measure(problem: Problem, found: Fit, kinks: Mask) -> Measured:
    """Return the residuals of candidates."""
    total = float(found.multipliers.sum())
    stationarity = found.size / float(np.sqrt(problem.squared_size))
    if not total > 0.0:
        return Measured(found, kinks, 1.0, stationarity, 0.0, 0.0)
    slack = float(found.multipliers @ (problem.relative - 1.0)) / total
    own = found.multipliers[:, None] * (problem.Z > 0.0)
    moved = kinks & (found.weights != own)
    distance = float(problem.distance[moved].max(initial=0.0))
    accuracy = min(1.0, max(stationarity, slack, distance))
    return Measured(found, kinks, accuracy, stationarity, slack, distance)
