"""Intervals that verdicts may rest on: enclosures, and counts of plain points.

Means of shares have intervals that cover in the limit of many samples, if these meet the errors.
That is enough for a number, not for a verdict about a theorem: an interval by Clopper and Pearson
covers whatever the net is.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from highdim.error.clean_error import clean_error
from highdim.error.estimate import Estimate, exponent
from highdim.problem.network import Network

GUARANTEED: Final = ("arcs", "triangles", "angles", "quadrature", "points")
"""Methods whose intervals hold L_cl with the confidence that they state, or for certain."""

_POINTS = 65_536
_FEWER = 16_384  # for nets of more than _LARGE parameters
_LARGE = 10**5


def guaranteed(net: Network, found: Estimate, rng: np.random.Generator) -> Estimate:
    """Return an estimate with an interval that verdicts may rest on; the value stays.

    Points are drawn from a stream of their own, so that what else is drawn stays as it is. Cost
    that of 65,536 points, of 16,384 for large nets.
    """
    if found.method in GUARANTEED:
        return found
    points = clean_error(
        net,
        method="points",
        samples=_FEWER if net.size > _LARGE else _POINTS,
        rng=rng.spawn(1)[0],
        level=found.level,
    )
    note = f"interval by {points.samples} plain points"
    low = min(points.low, found.value)
    high = max(points.high, found.value)
    return replace(
        found,
        low=low,
        high=high,
        log10_low=exponent(low),
        log10_high=exponent(high),
        note=f"{found.note}; {note}" if found.note else note,
    )
