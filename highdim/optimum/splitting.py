"""The split net: one neuron for each label that is 0 on the other, each of least norm. New.

The neuron of I₊ is u₊ = argmin ‖u‖ subject to u·x̃_i ≥ 1 on I₊ and u·x̃_i ≤ 0 on I₋; its dual is

    ‖u₊‖ = max Σ_{I₊} λ_i  subject to  ‖Σ_{I₊} λ_i x̃_i − Σ_{I₋} μ_i x̃_i‖ ≤ 1,  λ, μ ≥ 0,

and u₊ is ‖u₊‖ times the vector in that norm. If no unit neuron gains more from the λ's of both
labels together than those two do, the split net is a global optimum of Problem (1): compare the
bound of `gain`.
"""

from math import inf, sqrt
from typing import NamedTuple

import numpy as np

from highdim.optimum.augmented import net_of
from highdim.optimum.points import Points
from highdim.optimum.rounding import triangular
from highdim.problem.network import TwoLayerNet
from univariate.common.arrays import Mask, Matrix, Vector
from univariate.common.tolerance import UNIT_ROUNDOFF

_SIZES = (1.0, 2.0**-12, 2.0**-24)
_LEAST_SLACK = 2.0**-20


class Split(NamedTuple):
    """The split net, and the multipliers λ (m,) of its neurons on their own points, for norm 1."""

    net: TwoLayerNet
    multipliers: Vector


def split_net(points: Points) -> Split | None:
    """Return the net with a neuron for each label that occurs; None if there is no such net."""
    neurons = []
    multipliers = np.zeros(len(points.y))
    for sign in (1.0, -1.0):
        own = points.y == sign
        if not np.any(own):
            continue
        weights = half(points, own)
        if weights is None:
            return None
        u, _ = points.combined(weights)
        length = float(np.linalg.norm(u))
        if not 0.0 < length < inf:
            return None
        neurons.append((sign, u / length * sqrt(length), sqrt(length)))
        multipliers[own] = weights[own] / length
    v = np.array([sign * size for sign, _, size in neurons])
    u = np.array([row for _, row, _ in neurons])
    if not (np.all(multipliers >= 0.0) and np.any(multipliers > 0.0)):
        return None
    return Split(net_of(v, u, points.bias), multipliers)


def half(points: Points, own: Mask) -> Vector | None:
    """Return z (m,) with u = Σ z_i x̃_i ≥ 1 on its own points and ≤ 0 on the others, or None if
    there is none.

    Where all constraints are active one linear system decides; otherwise nonnegative least squares
    (Lawson and Hanson's least distance programming) finds the active ones, and a linear system
    their multipliers. Rounded: the margins of the result are for the caller to check. Cost O(m³ +
    m² d).
    """
    signs = np.where(own, 1.0, -1.0)
    wanted = own.astype(np.float64)
    scale = float(np.max(points.lengths))
    columns = points.factor * signs / scale
    active = np.ones(len(own), dtype=np.bool_)
    multipliers = _least_norm(columns, wanted, active)
    if multipliers is None or np.min(multipliers) < 0.0:
        found = _active(columns, wanted)
        if found is None:
            return None
        multipliers = _least_norm(columns, wanted, found > 0.0)
        if multipliers is None:
            multipliers = found
    with np.errstate(over="ignore"):
        found = np.maximum(multipliers, 0.0) * signs / scale / scale
    return found if np.all(np.isfinite(found)) else None  # data too small for doubles


def _least_norm(columns: Matrix, wanted: Vector, active: Mask) -> Vector | None:
    """Return λ, 0 off the active columns c_i, with c_i·Σ λ_k c_k = wanted_i on them; None if they
    are dependent.
    """
    chosen = columns[:, active]
    if chosen.shape[1] > chosen.shape[0]:
        return None
    r = triangular(chosen)
    diagonal = np.abs(np.diag(r))
    if np.min(diagonal) <= len(r) * UNIT_ROUNDOFF * np.max(diagonal):
        return None
    multipliers = np.zeros(len(wanted))
    multipliers[active] = np.linalg.solve(r, np.linalg.solve(r.T, wanted[active]))
    return multipliers


def _active(columns: Matrix, wanted: Vector) -> Vector | None:
    """Return multipliers of argmin ‖u‖ subject to c_i·u ≥ wanted_i by nonnegative least squares;
    None if infeasible.
    """
    from scipy.optimize import nnls

    target = np.append(np.zeros(len(columns)), 1.0)
    for size in _SIZES:  # u·size is sought, for a slack that is not lost in rounding
        try:
            z, _ = nnls(np.vstack((columns, size * wanted)), target, maxiter=10 * len(wanted))
        except RuntimeError:  # too many steps
            continue
        slack = 1.0 - size * float(wanted @ z)  # 1/(1 + size² ‖u‖²), 0 if there is no u
        if slack > _LEAST_SLACK:
            return np.asarray(z / slack / size)
    return None
