"""Passes over margins and the bounds on their errors."""

import math

import numpy as np

from univariate.common.jit import kernel


@kernel
def turn(values: np.ndarray, y: np.ndarray, largest: float) -> None:
    """Multiply values by labels, in place, kept to ±largest and without −0."""
    for i in range(len(values)):
        value = values[i] * y[i] + 0.0
        if value > largest:
            value = largest
        elif value < -largest:
            value = -largest
        values[i] = value


@kernel
def smallest(
    values: np.ndarray, bounds: np.ndarray, ceiling: float, rounding: float
) -> tuple[int, int, bool]:
    """Where values − bounds are least, or NaN; how many of them are not above `ceiling`, and
    whether the bound of one of those is more than a share `rounding` of it.
    """
    least = 0
    lowest = values[0] - bounds[0]
    count = 0
    loose = False
    for i in range(len(values)):
        low = values[i] - bounds[i]
        if low < lowest or (math.isnan(low) and not math.isnan(lowest)):
            least = i
            lowest = low
        if not low > ceiling:
            count += 1
            loose |= not bounds[i] <= rounding * abs(values[i])
    return least, count, loose


@kernel
def close(
    values: np.ndarray, bounds: np.ndarray, level: float, doubt: float, out: np.ndarray
) -> None:
    """Whether values may be at most `level`, up to errors of twice their bounds, or of theirs and
    of `doubt`, which is the level's own.
    """
    for i in range(len(values)):
        out[i] = values[i] <= level + (bounds[i] + max(bounds[i], doubt))
