"""Lower bounds on ‖θ*‖² by weak duality, checked rigorously.

For λ ≥ 0 the functions D_+(t) = Σ_{x_i > t} λ_i y_i (x_i − t) and D_−(t) = Σ_{x_i < t} λ_i y_i (t −
x_i) are linear between data: one pass over these evaluates each, with a bound on its rounding.
"""

from math import inf, isfinite
from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.tolerance import UNIT_ROUNDOFF
from univariate.optimum.kernels.dual import supremum
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
    Rigorous (rounding included). Cost O(m); x must increase.
    """
    multipliers = np.where(np.isfinite(multipliers) & (multipliers > 0.0), multipliers, 0.0)
    active = multipliers > 0.0
    if not active.any():
        return DualBound(0.0, multipliers, _LEAST_RATIO)
    points = x[active]
    exponent = int(np.frexp(multipliers.max())[1])
    charges = np.ldexp(multipliers[active], -exponent) * y[active]
    # D_− from the left, D_+ from the right, so that nothing is ever subtracted again
    left = supremum(points, charges)
    right = supremum(*(np.ascontiguousarray(part[::-1]) for part in (-points, charges)))
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        ratio = max(_LEAST_RATIO, float(np.ldexp(max(left, right), exponent)))
        mass = 2.0 * total(multipliers[active])
    # a sum beyond the range of doubles proves nothing, as a ratio beyond it
    if not (isfinite(ratio) and isfinite(mass)):
        return DualBound(0.0, multipliers, inf)
    bound = mass / ratio * (1.0 - 8.0 * UNIT_ROUNDOFF)
    return DualBound(bound if isfinite(bound) else 0.0, multipliers, ratio)
