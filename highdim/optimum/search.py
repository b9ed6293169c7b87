"""Multipliers for the dual bound ‖θ‖² ≥ 2 Σ λ_i / S: equal ones, those of the split net, and
between. New.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np

from highdim.optimum.gain import gain_above
from highdim.optimum.points import Points
from highdim.optimum.rounding import UP, gamma
from univariate.common.arrays import Vector
from univariate.common.tolerance import UNIT_ROUNDOFF

_ROUNDS = 3  # of making both labels gain alike


class Dual(NamedTuple):
    """A lower bound on ‖θ*‖², what it rests on, and for each label how its gain was bounded."""

    lower: float
    gain: float
    gains: tuple[float, float]
    methods: tuple[str, str]
    multipliers: Vector


def evaluate(points: Points, multipliers: Vector) -> Dual:
    """Return 2 Σ λ_i / S with S from above, rounded down, for λ ≥ 0 with some λ_i of size one."""
    plus = np.flatnonzero(points.y > 0.0)
    minus = np.flatnonzero(points.y < 0.0)
    up = gain_above(points, plus, minus, multipliers)
    down = gain_above(points, minus, plus, multipliers)
    gain = max(up.above, down.above)
    lower = worth(multipliers, gain)
    return Dual(lower, gain, (up.above, down.above), (up.method, down.method), multipliers)


def worth(multipliers: Vector, gain: float) -> float:
    """Return 2 Σ λ_i / S, rounded down."""
    total = float(np.sum(multipliers)) * (1.0 - gamma(len(multipliers)))
    return 2.0 * total / gain * (1.0 - 8.0 * UNIT_ROUNDOFF)


def equal_multipliers(
    m_plus: int, m_minus: int, delta: float, *, bias: bool
) -> tuple[float, float]:
    """Return the λ of each label for which the bound by the spectral norm is best, S = 1; 0 for a
    missing label.

    The bound is then the max-margin norm of orthogonal points of squared norm δ,
    2 [√(m₊(δ + m₋)/(δ(δ + m))) + √(m₋(δ + m₊)/(δ(δ + m)))], and 2 (√m₊ + √m₋)/√δ without biases.
    """
    return _equal(m_plus, m_minus, delta, bias), _equal(m_minus, m_plus, delta, bias)


def _equal(own: int, other: int, delta: float, bias: bool) -> float:
    if own == 0:
        return 0.0
    share = (delta + other) / (delta + own + other) if bias else 1.0
    return sqrt(share / (delta * own))


def best_dual(points: Points, split: Vector | None) -> Dual:
    """Return the best bound from equal multipliers and, if there is a split net, its own and the
    means of both.

    `split` (m,) holds the multipliers of its two neurons on their own points. They have S = 1 if
    the split net is a global optimum. Between rounds each label's multipliers are divided by its
    gain.
    """
    positive = points.y > 0.0
    plus, minus = equal_multipliers(
        int(positive.sum()), int((~positive).sum()), points.gram_norm, bias=points.bias
    )
    equal = np.where(positive, plus, minus)
    starts = (equal,) if split is None else (equal, split, 0.5 * (equal + split))
    found = [dual for start in starts for dual in _rebalanced(points, start)]
    return max(found, key=lambda dual: dual.lower)


def _rebalanced(points: Points, multipliers: Vector) -> list[Dual]:
    """Evaluate multipliers, and again with each label's gain scaled to the other's."""
    positive = points.y > 0.0
    found = []
    for _ in range(_ROUNDS):
        multipliers = multipliers / np.max(multipliers)
        one = evaluate(points, multipliers)
        found.append(one)
        if min(one.gains) == 0.0 or max(one.gains) <= min(one.gains) * UP:
            break
        multipliers = multipliers / np.where(positive, *one.gains)
    return found
