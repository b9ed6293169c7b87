"""A network, and its norm, in exact arithmetic."""

import math
from fractions import Fraction

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.integers import whole
from univariate.common.rounding import nearest, round_up
from univariate.problem.deep import ExactDeepNet
from univariate.problem.network import Network, ReluNet
from univariate.problem.rational import ExactNet


def exact_net(net: Network) -> ExactNet | ExactDeepNet:
    """Return the net with `value` and `pieces` in rational arithmetic. Exact.

    Cost O(n log n).
    """
    return ExactNet(*net.parameters) if isinstance(net, ReluNet) else ExactDeepNet(net.layers)


def exact_norm_squared(net: ReluNet) -> Fraction:
    """Return ‖θ‖² = Σ v_j² + w_j² + b_j². Exact. Cost O(n)."""
    theta, unit = whole(np.stack(net.parameters))
    return Fraction(np.sum(theta * theta), unit * unit)


def values_at_kinks(net: ReluNet, knots: Vector) -> tuple[Vector, Vector, Vector]:
    """Return N at the first and at the last kink that rounds to each knot, and a bound.

    Values are exact, rounded once, zero only if zero; the bound, rounded up, is on how far the
    first one is from N at the knot itself.
    """
    exact = ExactNet(*net.parameters)
    found = np.empty((3, len(knots)))
    for k, knot in enumerate(knots.tolist()):
        low = float(np.nextafter(knot, -np.inf))
        high = float(np.nextafter(knot, np.inf))
        points, lines = exact.pieces(low, high)
        heights = [
            slope * t + rise
            for t, (slope, rise) in zip(points[1:-1], lines[:-1], strict=True)
            if float(t) == knot
        ]
        here = exact.value(knot)
        heights = [height * exact.unit for height in heights] or [here]
        first = keeping_sign(heights[0])
        last = keeping_sign(heights[-1])
        found[:, k] = first, last, round_up(abs(Fraction(first) - here))
    return found[0], found[1], found[2]


def keeping_sign(exact: Fraction) -> float:
    """Return the nearest double, ±inf beyond their range, zero only for zero."""
    near = nearest(exact)
    return near if near or exact == 0 else math.copysign(5e-324, exact)
