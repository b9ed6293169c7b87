"""Directed conversions from exact numbers to doubles."""

import math
from fractions import Fraction


def round_down(exact: Fraction) -> float:
    """Return the largest double ≤ exact."""
    nearest = float(exact)
    return nearest if Fraction(nearest) <= exact else math.nextafter(nearest, -math.inf)


def round_up(exact: Fraction) -> float:
    """Return the smallest double ≥ exact."""
    nearest = float(exact)
    return nearest if Fraction(nearest) >= exact else math.nextafter(nearest, math.inf)
