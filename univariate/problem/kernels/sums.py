"""Sums of doubles as good as exact, the same on every processor."""

import math

import numpy as np

from univariate.common.jit import kernel


@kernel
def two_sum(a, b):
    """s + e = a + b exactly, s = fl(a + b)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@kernel
def total(values: np.ndarray) -> float:
    """Σ values, (k,), carried in three words and rounded once.

    Before that, k³·2⁻¹⁵⁷ of Σ |values| is lost at most: of values ≥ 0 the sum is correctly rounded
    unless it is as near to a tie as that. Beyond the range of doubles it is what a plain loop makes
    of it.
    """
    high = 0.0
    middle = 0.0
    low = 0.0
    plain = 0.0
    for value in values:
        plain += value
        high, r = two_sum(high, value)
        middle, e = two_sum(middle, r)
        low += e
    middle, low = two_sum(middle, low)
    high, middle = two_sum(high, middle)
    middle, low = two_sum(middle, low)
    high, middle = two_sum(high, middle)
    # a tie is decided by the last word, as in math.fsum; a product of both may underflow
    if (middle > 0.0 and low > 0.0) or (middle < 0.0 and low < 0.0):
        twice = 2.0 * middle
        beyond = high + twice
        if beyond - high == twice:
            high = beyond
    return high if math.isfinite(high) else plain
