"""Newton's method on the active set of a cell's optimum, to the accuracy of certificates.

Given the margins equal to 1 and the kinks on data, the unknowns are λ and the lengths ℓ_j = |a_j|
only. With Π_j the projection that is orthogonal to the data on which neuron j has its kinks, p_j =
Π_j Σ_i λ_i y_i sign_j g_j s_ij x̃_i is a_j/|a_j|, or a_j itself if output weights are fixed, so
that |p_j| = 1 (or ℓ_j = 1) and the margins are the equations.
"""

from typing import Final, NamedTuple

import numpy as np

from highdim.standing.cell import Cell, Data, Optimum
from univariate.common.arrays import Mask, Matrix, Vector

_NEWTON: Final = 20
_CHANGES: Final = 40  # of the active set
_SMALL: Final = 1e-11  # residual of the equations at which they count as solved
_RANK: Final = 1e-10  # relative size of a singular value that counts as zero
_ROOM: Final = 1e-12  # violation of an inequality that rounding explains


class _Active(NamedTuple):
    """The active set: kinds, margins equal to 1 (m,), and kinks on data (m, N)."""

    cell: Cell
    data: Mask
    tight: Mask


class _Point(NamedTuple):
    """λ (m,), ℓ (N,), p (N, r), and the size of the equations' residual."""

    multipliers: Vector
    lengths: Vector
    p: Matrix
    residual: float


def polished(start: Optimum, data: Data) -> Optimum | None:
    """Return the optimum near a start, exact up to rounding; None where its active set is not
    found.

    Cost O(m² N r) a Newton step.
    """
    active = _Active(start.cell, start.multipliers > _slack(start, data), start.tight)
    lengths = np.ones(len(start.cell.sign))
    if data.train_output:
        lengths = np.linalg.norm(start.products, axis=1)
    multipliers = start.multipliers * active.data
    seen: set[bytes] = set()
    for _ in range(_CHANGES):
        point = _newton(active, data, multipliers, lengths)
        if point is None:
            return None
        changed = _changed(active, point, data)
        if changed is None:
            return _optimum(active, point, data)
        active, kept = changed
        key = np.packbits(active.data).tobytes() + np.packbits(active.tight).tobytes()
        if key in seen or not active.data.any():
            return None
        seen.add(key)
        multipliers = np.maximum(point.multipliers, 0.0) * active.data
        lengths = point.lengths[kept]
    return None


def _slack(start: Optimum, data: Data) -> Vector:
    cell = start.cell
    part = cell.effect(data.y) * cell.active * (data.L @ start.products.T)
    return np.asarray(np.abs(part.sum(axis=1) - 1.0))


def _basis(rows: Matrix) -> Matrix:
    """Return an orthonormal basis (r, k) of the span of rows."""
    if not len(rows):
        return np.zeros((rows.shape[1], 0))
    _, sizes, directions = np.linalg.svd(rows, full_matrices=False)
    return np.asarray(directions[sizes > _RANK * sizes[0]].T)


def _newton(active: _Active, data: Data, multipliers: Vector, lengths: Vector) -> _Point | None:
    """Solve the equations of an active set; None where Newton's method does not converge."""
    cell = active.cell
    at = np.flatnonzero(active.data)
    train_output = data.train_output
    bases = [_basis(data.L[on]) for on in active.tight.T]
    rows = data.L[at]
    gain = (cell.effect(data.y) * (cell.active & ~active.tight))[at]
    best = None
    for _ in range(_NEWTON):
        sums = (gain.T * multipliers[at]) @ rows
        p = np.stack([_off(base, one) for base, one in zip(bases, sums, strict=True)])
        values = gain * (rows @ p.T)
        misses = values @ lengths - 1.0
        if train_output:
            misses = np.concatenate([misses, 0.5 * (np.sum(p * p, axis=1) - 1.0)])
        residual = float(np.abs(misses).max())
        if not np.isfinite(residual):
            return None
        if best is None or residual < best.residual:
            best = _Point(multipliers, lengths, p, residual)
        elif best.residual < _SMALL:
            break
        system = _curvature(gain, lengths, rows, bases)
        if train_output:
            system = np.block([[system, values], [values.T, np.zeros((len(lengths),) * 2)]])
        step = np.linalg.lstsq(system, -misses, rcond=1e-13)[0]
        multipliers = multipliers.copy()
        multipliers[at] += step[: len(at)]
        if train_output:
            lengths = lengths + step[len(at) :]
    return best if best is not None and best.residual < _SMALL else None


def _curvature(gain: Matrix, lengths: Vector, rows: Matrix, bases: list[Matrix]) -> Matrix:
    """Return the derivatives of the margins by the multipliers, Σ_j ℓ_j diag(gain_j) X Π_j Xᵀ
    diag(gain_j).
    """
    total = np.zeros((len(rows),) * 2)
    for j, base in enumerate(bases):
        rest = rows - (rows @ base) @ base.T
        total += lengths[j] * np.outer(gain[:, j], gain[:, j]) * (rest @ rest.T)
    return total


def _off(base: Matrix, vector: Vector) -> Vector:
    """Return the part of a vector orthogonal to a basis; twice is enough."""
    for _ in range(2):
        vector = vector - base @ (base.T @ vector)
    return vector


def _changed(active: _Active, point: _Point, data: Data) -> tuple[_Active, Mask] | None:
    """Return the active set with what is violated changed, and the kinds kept; None if nothing
    is.
    """
    cell = active.cell
    heights = data.L @ point.p.T
    margins = (cell.effect(data.y) * cell.active * ~active.tight * heights) @ point.lengths
    norms = np.linalg.norm(data.L, axis=1)
    sizes = np.linalg.norm(point.p, axis=1)
    released = point.multipliers < -_ROOM * np.abs(point.multipliers).max()
    short = ~active.data & (margins < 1.0 - _ROOM)
    astray = ~active.tight & ((2.0 * cell.active - 1.0) * heights < -_ROOM * np.outer(norms, sizes))
    kept = point.lengths > 0.0
    if not (released.any() or short.any() or astray.any() or not kept.all()):
        return None
    if not kept.all():
        return _Active(cell.taken(kept), active.data, active.tight[:, kept]), kept
    return _Active(cell, (active.data & ~released) | short, active.tight | astray), kept


def _optimum(active: _Active, point: _Point, data: Data) -> Optimum:
    cell = active.cell
    tight = active.tight
    L = data.L
    coefficients = point.multipliers[:, None] * cell.effect(data.y) * (cell.active & ~tight)
    rest = point.p - coefficients.T @ L
    for j in range(len(cell.sign)):
        on = tight[:, j]
        if on.any():
            coefficients[on, j] = np.linalg.lstsq(L[on].T, rest[j], rcond=None)[0]
    products = point.p * point.lengths[:, None]
    sizes = np.linalg.norm(products, axis=1)
    some = sizes > _RANK * sizes.max()  # a neuron whose kinks leave it no direction is at zero
    multipliers = np.maximum(point.multipliers, 0.0)
    return Optimum(
        cell.taken(some), products[some], multipliers, coefficients[:, some], tight[:, some]
    )
