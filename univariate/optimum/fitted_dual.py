"""Float64 multipliers for a state of Newton's method, with the prices that matter kept.

Each multiplier makes up for the rounding of the ones before, on the safe side of |D| ≤ √(1 + t²).
Everything is rounded; prices are measured in double-double.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.optimum.atoms import Points
from univariate.optimum.kernels.rounding import round_multipliers
from univariate.optimum.kernels.values import pricing_ratio
from univariate.optimum.rows import dual_values, multipliers_of
from univariate.optimum.support import Guess

_SHRINKS: Final = tuple(2.0**-44 + k * 2.0**-40 for k in range(8))  # of D; each rounds differently
_WELL_ROUNDED: Final = 1e-12  # relative loss of the dual bound
_CLOSINGS: Final = 3  # of each kind; each costs two roundings of all multipliers


def fitted_multipliers(data: Points, guess: Guess) -> tuple[Vector, float]:
    """Return multipliers (m,) ≥ 0, the best of several roundings, and their bound on ‖θ*‖².

    D is made a little smaller than wanted, so that they are feasible as they stand: dividing them
    by 1 + 10⁻¹⁵ would round each anew.
    """
    index, state = guess
    active = data.take(index)
    ideal = 2.0 * float(multipliers_of(active, state.dual).sum())
    best = np.zeros(len(data.x))
    bound = 0.0
    finer = _with_neighbours(data.y, index)
    for shrink in _SHRINKS:
        dual = state.dual * (1.0 - shrink)
        for chosen in (index, finer):
            found, value = _best_rounding(active, data.take(chosen), dual)
            if value > bound:
                bound = value
                best = np.zeros(len(data.x))
                best[chosen] = found
            if bound >= ideal * (1.0 - _WELL_ROUNDED):
                return best, bound
    return best, bound


def _with_neighbours(y: Vector, index: Indices) -> Indices:
    """Add the next datum where a run of labels goes on beside an active one: its tiny multiplier
    places D more finely than the rounding of the large ones allows.
    """
    beside = np.concatenate([index[:-1] + 1, index[1:] - 1])
    owner = np.concatenate([index[:-1], index[1:]])
    return np.union1d(index, beside[y[beside] == y[owner]])


def _best_rounding(active: Points, points: Points, dual: Vector) -> tuple[Vector, float]:
    """Try where the sum is closed, which side leads, and rounding to the inside or nearest."""
    extra = ~np.isin(points.x, active.x)
    right, left = (np.interp(points.x, active.x, part) for part in dual_values(active, dual))
    wanted = np.stack([left, right])
    best = np.zeros(len(points.x))
    best[~extra] = np.abs(multipliers_of(active, dual))
    bound = 0.0
    inside = -np.sign(np.where(np.abs(left) > np.abs(right), left, right))
    torque = dual[0] + points.x * (right[0] + dual[0] * points.x[0])
    for follower, last in _closings(points, best, extra, bool(dual[0])):
        for strict in (1.0, 0.0):
            lean = np.where(extra, -points.y, strict * inside)
            lean[last] = -np.sign(torque[last])
            leader = 1 - follower
            found = round_multipliers(points.x, points.y, wanted, dual[0], lean, last, leader)
            ratio = pricing_ratio(points.x, found * points.y)
            value = 2.0 * float(found.sum()) / max(1.0, ratio)
            if value > bound:
                best, bound = found, value
    return best, bound


def _closings(
    points: Points, sizes: Vector, extra: Mask, unbalanced: bool
) -> Iterator[tuple[int, int]]:
    """Yield which side follows and at which datum the sum is closed, the most promising first:
    where multipliers are small, gaps short and x is near 0, the rounding of the last one moves D
    least.
    """
    span = points.x[-1] - points.x[0] if unbalanced else 0.0
    lever = (np.append(np.inf, sizes[:-1] * points.gap), np.append(sizes[1:] * points.gap, np.inf))
    for follower in (0, 1):
        reach = lever[follower] + np.hypot(1.0, points.x) + sizes * span
        order = np.argsort(reach, kind="stable")
        for chosen in (order[extra[order]], order[~extra[order]]):
            yield from ((follower, last) for last in chosen[:_CLOSINGS])
