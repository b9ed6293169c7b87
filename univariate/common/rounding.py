"""Directed conversions from exact numbers to doubles."""

import math
import sys
from fractions import Fraction

LARGEST = sys.float_info.max


def worst(*bounds: float) -> float:
    """Return the largest of upper bounds; inf if one is NaN, which bounds nothing and would be lost
    in `max`.
    """
    return math.inf if any(map(math.isnan, bounds)) else max(bounds)


def nearest(exact: Fraction) -> float:
    """Return the double nearest to exact, ±inf beyond their range."""
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def round_down(exact: Fraction) -> float:
    """Return the largest double ≤ exact."""
    near = nearest(exact)
    if math.isinf(near):
        return LARGEST if near > 0.0 else near
    return near if Fraction(near) <= exact else math.nextafter(near, -math.inf)


def round_up(exact: Fraction) -> float:
    """Return the smallest double ≥ exact."""
    return -round_down(-exact)


def gap_above(low: float, high: float) -> float:
    """Return 1 − low/high, of 0 ≤ low and a high > 0 that may be inf, rounded up; 0 at least."""
    if high == math.inf:
        return 1.0
    return round_up(max(Fraction(0), 1 - Fraction(low) / Fraction(high)))
