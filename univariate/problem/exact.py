"""A network, and its norm, in exact arithmetic."""

from fractions import Fraction

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.rounding import nearest
from univariate.problem.deep import ExactDeepNet
from univariate.problem.network import Network, ReluNet
from univariate.problem.rational import ExactNet, whole


def exact_net(net: Network) -> ExactNet | ExactDeepNet:
    """Return the net with `value`, `pieces` and `sublevel` in rational arithmetic. Exact.

    Cost O(n log n).
    """
    return ExactNet(net.v, net.w, net.b) if isinstance(net, ReluNet) else ExactDeepNet(net.layers)


def exact_norm_squared(net: ReluNet) -> Fraction:
    """Return ‖θ‖² = Σ v_j² + w_j² + b_j². Exact. Cost O(n)."""
    theta, unit = whole(np.stack([net.v, net.w, net.b]))
    return Fraction(np.sum(theta * theta), unit * unit)


def values_at_kinks(net: Network, knots: Vector, blur: float) -> tuple[Vector, Vector, Vector]:
    """Return the kink nearest each rounded knot, and N at the first and last kink around it.

    Kinks are looked for within one unit in the last place plus `blur`. Exact values, rounded once,
    zero only if zero.
    """
    exact = exact_net(net)
    found = np.empty((3, len(knots)))
    for k, knot in enumerate(knots.tolist()):
        low = np.nextafter(knot - blur, -np.inf)
        high = np.nextafter(knot + blur, np.inf)
        points, lines = exact.pieces(float(low), float(high))
        heights = [
            slope * t + rise for t, (slope, rise) in zip(points[1:-1], lines[:-1], strict=True)
        ]
        heights = heights or [lines[0][0] * Fraction(knot) + lines[0][1]]
        position = float(points[1]) if len(points) == 3 else knot
        found[:, k] = (
            position,
            _keeping_sign(heights[0] * exact.unit),
            _keeping_sign(heights[-1] * exact.unit),
        )
    return found[0], found[1], found[2]


def _keeping_sign(exact: Fraction) -> float:
    near = nearest(exact)
    return near if near or exact == 0 else (5e-324 if exact > 0 else -5e-324)
