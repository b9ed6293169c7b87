"""Nets with margins ≥ 1, proved: what a two-layer net costs once it is balanced and scaled."""

from math import inf, sqrt
from typing import NamedTuple

import numpy as np

from highdim.optimum.augmented import joined, parted
from highdim.optimum.points import Points
from highdim.optimum.rounding import TINY, UP, blocked, gamma, norms_above, sum_of_squares_above
from highdim.problem.network import TwoLayerNet
from univariate.common.arrays import Matrix, Vector
from univariate.common.tolerance import UNIT_ROUNDOFF

_VALUES = 1 << 22  # hidden values held at a time
_ROUNDS = 8  # two do


class Feasible(NamedTuple):
    """A net with margins ≥ 1 and an upper bound on its ‖θ‖², tight to 1e-13."""

    net: TwoLayerNet
    norm_squared: float


def feasible(net: TwoLayerNet, points: Points) -> Feasible | None:
    """Balance every neuron, |v_j| = ‖(w_j, b_j)‖, and scale the net to worst margin 1; None if a
    margin is not > 0.

    Neither changes the sign of N. Margins are less a bound on their rounding error, so the result
    is feasible for Problem (1) in exact arithmetic; it costs at most that error, about 1e-13 of
    ‖θ‖², more than the least scaling.
    """
    parts = _balanced(net)
    if parts is None:
        return None
    for k in range(_ROUNDS):
        worst = float(np.min(margins_below(*parts, points)))
        if k > 0 and worst >= 1.0:
            scaled = TwoLayerNet(*parts)
            squares = [sum_of_squares_above(array) for array in scaled.parameters.values()]
            cost = sum(squares) * UP
            return Feasible(scaled, cost) if cost < inf else None
        if not 0.0 < worst < inf:
            return None
        factor = (1.0 + 4.0 * UNIT_ROUNDOFF) / sqrt(worst)
        v, W, b = parts
        with np.errstate(over="ignore"):
            parts = v * factor, W * factor, None if b is None else b * factor
        if not all(np.all(np.isfinite(array)) for array in parts if array is not None):
            return None
    return None


def margins_below(v: Vector, W: Matrix, b: Vector | None, points: Points) -> Vector:
    """Return lower bounds on y_i N(x_i), (m,); −inf where a product overflows."""
    inner = norms_above(W)
    outer = np.abs(v)
    lengths = norms_above(points.X)
    reach = float(outer @ inner)
    underflow = len(v) * W.shape[1] * TINY
    inflation = 1.0 + gamma(2.0 * len(v) + 8.0)
    below = np.empty(len(points.y))
    step = max(1, _VALUES // len(v))
    for start in range(0, len(below), step):
        part = slice(start, start + step)
        values, relative = blocked(points.X[part], W)
        rounding = np.zeros(len(values))
        if b is not None:
            rounding = UNIT_ROUNDOFF * (np.abs(values) + np.abs(b)) @ outer
            values += b
        active = np.maximum(values, 0.0)
        outputs, again = blocked(active, v[None, :])
        error = relative * lengths[part] * reach + rounding + again * (active @ outer) + underflow
        below[part] = points.y[part] * outputs[:, 0] - error * inflation * UP
    return np.where(np.isfinite(below), below, -inf)


def _balanced(net: TwoLayerNet) -> tuple[Vector, Matrix, Vector | None] | None:
    """Return the parameters with balanced neurons, the largest of size 1, neurons without effect
    left out.

    None if none is left.
    """
    rows = joined(net.W, net.b)
    top = np.max(np.abs(rows), axis=1)
    moving = (top > 0.0) & (net.v != 0.0)
    if not np.any(moving):
        return None
    rows = rows[moving] / top[moving, None]
    top = top[moving]
    v = net.v[moving]
    lengths = np.linalg.norm(rows, axis=1)
    size = np.sqrt(np.abs(v)) * np.sqrt(top) * np.sqrt(lengths)  # √(|v| ‖u‖) without overflow
    size /= np.max(size)
    rows *= (size / lengths)[:, None]
    return np.sign(v) * size, *parted(rows, net.b is not None)
