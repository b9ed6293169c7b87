"""Lower bounds on ‖θ*‖² by weak duality, checked rigorously.

For λ ≥ 0 the functions D_+(t) = Σ_{x_i > t} λ_i y_i (x_i − t) and D_−(t) = Σ_{x_i < t} λ_i y_i (t −
x_i) are themselves ReLU nets with kinks on the data, so the same sweep that evaluates networks
evaluates them, with the same bounds.
"""

from math import inf, isfinite
from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.tolerance import UNIT_ROUNDOFF
from univariate.problem.evaluation import FAR, sweep_net
from univariate.problem.kernels.sums import total

_LEAST_RATIO: Final = 1e-300  # so that it can be divided by


class DualBound(NamedTuple):
    """A proved lower bound on ‖θ*‖², and the multipliers behind it."""

    norm_squared: float  # 2 Σ λ_i / ratio, rounded down
    # ≥ 0; feasible once divided by `ratio` (dividing them here would round each one anew)
    multipliers: Vector
    ratio: float  # upper bound on sup |D(t)|/√(1 + t²); positive


def dual_bound(x: Vector, y: Vector, multipliers: Vector) -> DualBound:
    """Return a lower bound on ‖θ*‖² from any multipliers λ ≥ 0 (others are dropped, NaN too).

    Scaling λ by 1/sup|D|/√(1 + t²) makes it dual feasible, so 2 Σ λ_i is a lower bound; the
    supremum is bounded from above at the data and at the one stationary point of each piece.
    Rigorous (rounding included). Cost O(m log m).
    """
    multipliers = np.where(np.isfinite(multipliers) & (multipliers > 0.0), multipliers, 0.0)
    active = multipliers > 0.0
    if not active.any():
        return DualBound(0.0, multipliers, _LEAST_RATIO)
    points = x[active]
    charges = (multipliers * y)[active]
    ones = np.ones(len(points))
    right = _supremum(charges, ones, -points)
    left = _supremum(charges, -ones, points)
    ratio = max(_LEAST_RATIO, right, left)
    if not isfinite(ratio):
        return DualBound(0.0, multipliers, inf)
    bound = 2.0 * total(multipliers[active]) / ratio * (1.0 - 8.0 * UNIT_ROUNDOFF)
    return DualBound(bound, multipliers, ratio)


def _supremum(v: Vector, w: Vector, b: Vector) -> float:
    """Upper bound on sup_t |D(t)|/√(1 + t²) over all t for the net D = (v, w, b), |w| = 1.

    On a piece D = α + s t; D/√(1 + t²) is stationary where s = α t, and the supremum over the whole
    line is √(α² + s²).
    """
    kinks = -b / w
    low = float(kinks.min())
    high = float(kinks.max())
    if low == high:
        low = np.nextafter(low, -np.inf)
        high = np.nextafter(high, np.inf)
    lines, exponent = sweep_net(v, w, b, low, high)
    if exponent > 1000:  # products leave the range of doubles: no bound
        return inf
    scale = 2.0**exponent
    t = lines.tau
    value = lines.at * scale
    error = lines.error * scale
    slope = lines.slope * scale
    at_knots = (np.abs(value) + error) / np.hypot(1.0, t)
    # every piece by its nearer end, its slope and its ends; the rays end far away, where the ratio
    # is |slope|
    near = np.concatenate([[0], np.arange(len(t))])
    s = np.concatenate([[lines.first_slope * scale], slope])
    # slopes are sums in three words, rounded once
    slope_error = 2.0**-52 * np.abs(s) + len(v) * 2.0**-102 * float(np.abs(v).sum())
    ends = np.concatenate([[-FAR], t, [FAR]])
    moved = s * t[near]
    offset = value[near] - moved
    rounding = 8.0 * UNIT_ROUNDOFF * (np.abs(value[near]) + np.abs(moved)) + error[near]
    rounding += slope_error * np.abs(t[near])
    # s − α t says where D/√(1 + t²) rises: no peak lies in a piece at whose ends its signs agree
    bounds = np.stack([ends[:-1], ends[1:]])
    turns = s - offset * bounds
    reach = np.abs(bounds)
    doubt = rounding * (1.0 + reach) + 8.0 * UNIT_ROUNDOFF * (np.abs(s) + np.abs(offset) * reach)
    doubt += slope_error
    monotone = (np.sign(turns[0]) == np.sign(turns[1])) & np.all(np.abs(turns) > doubt, axis=0)
    steepest = np.abs(s) + slope_error
    peak = np.hypot(np.abs(offset) + rounding, steepest)[~monotone]
    outer = max(float(at_knots.max()), float(steepest[0]), float(steepest[-1]))
    return (1.0 + 16.0 * UNIT_ROUNDOFF) * max(outer, float(peak.max(initial=0.0)))
