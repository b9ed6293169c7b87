"""Newton's method on the optimality conditions of Problem (1), for a given support.

On active points the unknowns are, per block of atoms of one orientation, cell and sign, the slope
change c > 0 and the place τ ∈ [0, 1] of its kink in the cell (a kink pinned on a datum keeps its
place), or (w, b) for an affine block; and the row duals S₀, D_+(x_i). The equations are N(x_i) =
y_i, in the rows of `univariate.optimum.columns`, and

    free kink: D is the tangent sign·(1 + x t)/√(1 + t²) on the cell;   pinned kink: D(t) = sign·√(1
    + t²); affine:     (w, b)/‖(w, b)‖ = sign·(S₁, S₀).

Where the affine part is free, S₀ = S₁ = 0 and both orientations share their kinks; the equations
are then singular in the general form, so a *tied* state drops S₀ and D_+(x_0) and lets them share
τ. New. Everything is rounded.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.optimum.columns import (
    Atoms,
    Points,
    chord_rows,
    dual_values,
    hat_rows,
    multipliers_of,
    price,
    row_scale,
)

if TYPE_CHECKING:
    from scipy import sparse

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]
Triplets = tuple[Indices, Indices, Vector]
Prices = Callable[[Points, Vector], tuple[Atoms, Vector]]

_STEPS = 40
_LEAST_DAMPING, _MOST_DAMPING = 1e-22, 1e-8
_RESIDUAL_WEIGHT = 1e-5  # only conditions the augmented system
_LEAST_SHARE = 1e-6  # of the largest slope change, in the scaling of steps


class Blocks(NamedTuple):
    """Merged atoms.

    Kinks: `first` = slope change c > 0, `second` = τ in `cell`; affine (orientation 0): (w, b).
    """

    orientation: Indices
    cell: Indices
    sign: Vector
    pinned: NDArray[np.bool_]  # τ is 0 or 1 and stays
    first: Vector
    second: Vector

    def take(self, chosen: NDArray[np.bool_] | Indices) -> "Blocks":
        """Return a selection."""
        return Blocks(*(part[chosen] for part in self))  # type: ignore[arg-type]


class State(NamedTuple):
    """Blocks and duals (S₀, D_+(x_0) … D_+(x_{n−2})) on the active points."""

    blocks: Blocks
    dual: Vector
    tied: bool = False


def newton(points: Points, state: State, prices: Prices = price) -> State:
    """Return the state improved by Newton steps, or the state itself where none helps.

    First bold steps, that may raise the residual on the way; where they do not end in a solution,
    damped ones (Levenberg–Marquardt) that must lower it. Free directions stay put either way.
    """
    best, least, start = _walk(points, state, bold=True)
    if least > 1e-6 * start:
        cautious, other, _ = _walk(points, state, bold=False)
        best = cautious if other < least else best
    return _with_own_dual(points, best, prices)


def _with_own_dual(points: Points, state: State, prices: Prices) -> State:
    """Return the state with duals refitted to its kinks, whose places are rounded more coarsely
    than D sees them.
    """
    residual, jacobian = equations(points, state)
    n, dropped = len(points.x), 2 if state.tied else 0
    rows, columns = residual[n:], jacobian[n:, jacobian.shape[1] - n + dropped :]
    if not columns.size:
        return state
    dual = state.dual.copy()
    dual[dropped:] += damped_step(columns, rows, _LEAST_DAMPING, np.zeros(0))
    refitted = state._replace(dual=dual)
    better = dual_bound(points, refitted.dual, prices) > dual_bound(points, state.dual, prices)
    return refitted if better else state


def _walk(points: Points, state: State, *, bold: bool) -> tuple[State, float, float]:
    """Return the state of least residual on a walk of Newton steps, that residual and the first
    one.
    """
    basis = _basis(points, state)
    residual, jacobian = equations(points, state)
    merit = start = least = float(np.linalg.norm(residual))
    damping = (
        _LEAST_DAMPING if bold else min(max(1e-3 * merit * merit, _LEAST_DAMPING), _MOST_DAMPING)
    )
    best, failures = state, 0
    for _ in range(_STEPS):
        trial = _moved(
            state, basis @ damped_step(jacobian @ basis, residual, damping, sizes_of(state.blocks))
        )
        new_residual, new_jacobian = equations(points, trial)
        new_merit = float(np.linalg.norm(new_residual))
        failures = 0 if new_merit < 0.9 * least else failures + 1
        if failures > (3 if bold else 6) or not np.isfinite(new_merit):
            break
        if bold or new_merit < merit:
            state, residual, jacobian, merit = trial, new_residual, new_jacobian, new_merit
            damping = (
                damping if bold else max(min(1e-3 * merit * merit, 0.03 * damping), _LEAST_DAMPING)
            )
        else:
            damping *= 1000.0
        if merit < least:
            best, least = state, merit
    return best, least, start


def dual_bound(points: Points, dual: Vector, prices: Prices = price) -> float:
    """Return Σ λ / sup |D|/√(1 + t²), λ < 0 counted as 0: a lower bound on ‖θ*‖²/2, up to rounding.

    With the prices of a region the bound is on the optimum over the region.
    """
    _, ratios = prices(points, dual)
    return float(np.maximum(multipliers_of(points, dual), 0.0).sum() / max(1.0, ratios.max()))


def sizes_of(blocks: Blocks) -> Vector:
    """Return the slope changes of kinks, the norms of affine blocks: what a step of `first` is to
    be measured by.
    """
    return np.where(
        blocks.orientation != 0, np.abs(blocks.first), np.hypot(blocks.first, blocks.second)
    )


def _moved(state: State, step: Vector) -> State:
    blocks, size = state.blocks, len(state.blocks.sign)
    free = np.flatnonzero(~blocks.pinned)
    second = blocks.second.copy()
    second[free] += step[size : size + len(free)]
    moved = blocks._replace(first=blocks.first + step[:size], second=second)
    return State(moved, state.dual + step[size + len(free) :], state.tied)


def _basis(points: Points, state: State) -> "sparse.csc_array":
    """Return the matrix from independent unknowns to all; the identity unless the state is tied."""
    from scipy import sparse

    blocks, size = state.blocks, len(state.blocks.sign)
    free = np.flatnonzero(~blocks.pinned)
    total = size + len(free) + len(points.x)
    column, keep = np.arange(total), np.ones(total, dtype=np.bool_)
    if state.tied:
        shared: dict[tuple[int, float], int] = {}
        for k, j in enumerate(free):
            column[size + k] = shared.setdefault(
                (int(blocks.cell[j]), float(blocks.sign[j])), size + k
            )
        keep[size + len(free) : size + len(free) + 2] = False
    used, column[keep] = np.unique(column[keep], return_inverse=True)
    return sparse.csc_array(
        (np.ones(keep.sum()), (np.flatnonzero(keep), column[keep])), shape=(total, len(used))
    )


def damped_step(
    jacobian: "sparse.csc_array", residual: Vector, damping: float, sizes: Vector
) -> Vector:
    """Return the step d that minimises ‖J d + F‖² + damping ‖d‖² after scaling J. Rounded.

    The first columns stand for unknowns of the given sizes: where the step is not unique, the large
    ones move. The first two rows are global: columns are scaled by their other entries, else those
    would be lost beside them.
    """
    from scipy import sparse
    from scipy.sparse.linalg import splu

    rows, size = jacobian.shape
    entries = abs(sparse.csr_array(jacobian))
    largest, local = (
        part.max(axis=0).toarray().ravel() for part in (entries, entries[min(2, rows - 1) :])
    )
    largest = np.where(local > 0.0, local, np.where(largest > 0.0, largest, 1.0))
    shrink = 1.0 / largest
    weight = sizes * largest[: len(sizes)]
    shrink[: len(sizes)] *= np.clip(
        weight / max(weight.max(initial=0.0), 1e-300), _LEAST_SHARE, 1.0
    )
    scaled = jacobian @ sparse.diags_array(shrink)
    heads = np.maximum(abs(scaled).max(axis=1).toarray().ravel()[:2], 1.0)
    lower = np.append(1.0 / heads, np.ones(rows - len(heads)))
    scaled = sparse.diags_array(lower) @ scaled
    corner = (-damping / _RESIDUAL_WEIGHT) * sparse.eye_array(size)
    system = sparse.block_array(
        [[_RESIDUAL_WEIGHT * sparse.eye_array(rows), scaled], [scaled.T, corner]]
    )
    solution = splu(sparse.csc_array(system)).solve(np.append(-lower * residual, np.zeros(size)))
    return np.asarray(shrink * solution[rows:], dtype=np.float64)


def equations(points: Points, state: State) -> tuple[Vector, "sparse.csc_array"]:
    """Return residual and Jacobian of the optimality conditions, rows scaled to entries near 1.

    Unknowns in order: `first` of all blocks, `second` of the blocks not pinned, (S₀, D_+(x_0) …
    D_+(x_{n−2})).
    """
    from scipy import sparse

    fit, jacobian = fit_equations(points, state.blocks)
    start = jacobian.shape[1]
    parts = [(fit, (*jacobian.coords, jacobian.data))]
    parts += [_kink_equations(points, state, start), _affine_equations(points, state, start)]
    ends = np.cumsum([0] + [len(values) for values, _ in parts])
    shifted = [
        (row + end, column, entry)
        for (_, (row, column, entry)), end in zip(parts, ends, strict=False)
    ]
    row, column, entry = _stack(*shifted)
    shape = (int(ends[-1]), start + len(points.x))
    return np.concatenate([values for values, _ in parts]), sparse.csc_array(
        (entry, (row, column)), shape=shape
    )


def fit_equations(points: Points, blocks: Blocks) -> tuple[Vector, "sparse.coo_array"]:
    """Return residual and Jacobian of N(x_i) = y_i in the rows first value, first slope, slope
    changes, scaled.
    """
    from scipy import sparse

    n, scale, second = len(points.x), row_scale(points), _second_columns(blocks)
    flat = np.flatnonzero(blocks.orientation == 0)
    zero, one, sign = np.zeros_like(flat), np.ones_like(flat), blocks.sign[flat]
    by_w = [(zero, flat, sign * points.x[0]), (one, flat, sign)][: min(n, 2)]
    linear, bent = [*by_w, *_hats(points, blocks)], [(zero, second[flat], sign)]
    row, column, entry = _stack(*linear)
    value = np.bincount(row, entry * blocks.first[column], n)
    value += np.bincount(zero, sign * blocks.second[flat], n)
    row, column, entry = _stack(*linear, *bent, _moving_rows(points, blocks, second))
    shape = (n, len(second) + int(np.count_nonzero(~blocks.pinned)))
    jacobian = sparse.coo_array((entry * scale[row], (row, column)), shape=shape)
    return scale * (value - chord_rows(points) @ points.y), jacobian


def _hats(points: Points, blocks: Blocks) -> list[Triplets]:
    bent = np.flatnonzero(blocks.orientation)
    if not len(bent):
        return []
    row, local, entry = hat_rows(
        points, blocks.orientation[bent], blocks.cell[bent], blocks.second[bent]
    )
    return [(row, bent[local], entry * blocks.sign[bent[local]])]


def _second_columns(blocks: Blocks) -> Indices:
    """Return the column of `second` of every block, −1 where it is no unknown."""
    free = ~blocks.pinned
    return np.where(free, len(free) + np.cumsum(free) - 1, -1)


def _stack(*triplets: Triplets) -> Triplets:
    row, column, entry = (np.concatenate(part) for part in zip(*triplets, strict=True))
    return row, column, entry


def _moving_rows(points: Points, blocks: Blocks, second: Indices) -> Triplets:
    """Derivatives of the rows by the places of free kinks."""
    free = np.flatnonzero(~blocks.pinned & (blocks.orientation != 0))
    cell, column, change = blocks.cell[free], second[free], blocks.sign[free] * blocks.first[free]
    inner, left = cell + 1 <= len(points.x) - 2, blocks.orientation[free] < 0
    lever = change[left] * points.gap[cell[left]]
    return _stack(
        (cell + 1, column, -change),
        (cell[inner] + 2, column[inner], change[inner]),
        (np.zeros(left.sum(), dtype=np.intp), column[left], lever),
    )


def _kink_equations(points: Points, state: State, start: int) -> tuple[Vector, Triplets]:
    """D = tangent at the nearer end of the cell (all kinks), slope of D = slope of the tangent
    (free kinks).
    """
    blocks, last = state.blocks, len(points.x) - 1
    bent = np.flatnonzero(blocks.orientation)
    every, none = np.arange(len(bent)), np.zeros(0, dtype=np.intp)
    if not len(bent):
        return np.zeros(0), (none, none, np.zeros(0))
    cell, tau, sign, left = (
        blocks.cell[bent],
        blocks.second[bent],
        blocks.sign[bent],
        blocks.orientation[bent] < 0,
    )
    gap, end = points.gap[cell], cell + (tau > 0.5)
    t = points.x[cell] + tau * gap
    size, weight = np.hypot(1.0, t), 1.0 / np.hypot(1.0, points.x[end])
    values = np.stack(dual_values(points, state.dual))[left.astype(np.intp)]
    height = values[every, end] - sign * (1.0 + points.x[end] * t) / size
    slope = (values[every, cell + 1] - values[every, cell]) / gap - sign * t / size
    free = np.flatnonzero(~blocks.pinned[bent])
    row, column = len(bent) + np.arange(len(free)), _second_columns(blocks)[bent][free]
    triplets = []
    for which, point, entry in (
        (every, end, weight),
        (row, cell[free] + 1, weight[free]),
        (row, cell[free], -weight[free]),
    ):
        known = point < last  # D_+(x_{n−1}) = 0 is no unknown
        triplets.append((which[known], start + 1 + point[known], entry[known]))
    turned, both = np.flatnonzero(left), left[free]
    lever = weight * (points.x[end] - points.x[0])
    triplets.append((turned, np.full(len(turned), start + 1), -weight[turned]))
    triplets.append((turned, np.full(len(turned), start), lever[turned]))
    triplets.append((row[both], np.full(both.sum(), start), (weight * gap)[free][both]))
    bend = -weight * sign * gap / size**3
    away = np.where(tau > 0.5, 1.0 - tau, -tau) * gap
    triplets += [(free, column, (bend * away)[free]), (row, column, (bend * gap)[free])]
    return np.concatenate([weight * height, (weight * gap * slope)[free]]), _stack(*triplets)


def _affine_equations(points: Points, state: State, start: int) -> tuple[Vector, Triplets]:
    """(w, b)/‖(w, b)‖ = sign·(S₁, S₀) for affine blocks."""
    blocks, x0 = state.blocks, points.x[0]
    flat = np.flatnonzero(blocks.orientation == 0)
    sign, size, second = (
        blocks.sign[flat],
        np.hypot(blocks.first[flat], blocks.second[flat]),
        _second_columns(blocks),
    )
    w, b = blocks.first[flat] / size, blocks.second[flat] / size
    total = state.dual[0] * x0 + (state.dual[1] if len(points.x) > 1 else 0.0)
    row, other = 2 * np.arange(len(flat)), 2 * np.arange(len(flat)) + 1
    triplets = [(row, flat, b * b / size), (row, second[flat], -w * b / size)]
    triplets += [(other, flat, -w * b / size), (other, second[flat], w * w / size)]
    triplets += [
        (row, np.full(len(flat), start), -sign * x0),
        (other, np.full(len(flat), start), -sign),
    ]
    if len(points.x) > 1:
        triplets.append((row, np.full(len(flat), start + 1), -sign))
    residual = np.stack([w - sign * total, b - sign * state.dual[0]], axis=1).ravel()
    return residual, _stack(*triplets)
