"""The optimality conditions of Problem (1) for a given support, with their derivatives.

On active points the unknowns are, per block of atoms of one orientation, cell and sign, the slope
change c > 0 and the place τ ∈ [0, 1] of its kink in the cell (a kink pinned on a datum keeps its
place), or (w, b) for an affine block; and the row duals S₀, D_+(x_i). The equations are N(x_i) =
y_i, in the rows of `univariate.optimum.rows`, and

    free kink: D is the tangent sign·(1 + x t)/√(1 + t²) on the cell;   pinned kink: D(t) = sign·√(1
    + t²); affine:     (w, b)/‖(w, b)‖ = sign·(S₁, S₀).

New. Everything is rounded.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.optimum.atoms import Points
from univariate.optimum.blocks import Blocks, State, block_sizes
from univariate.optimum.rows import (
    Triplets,
    chords,
    dual_line,
    dual_values,
    hat_rows,
    row_scale,
    stacked,
)

if TYPE_CHECKING:
    from scipy import sparse


def equations(points: Points, state: State) -> tuple[Vector, "sparse.csc_array"]:
    """Return residual and Jacobian of the optimality conditions, rows scaled to entries near 1.

    Unknowns in order: `first` of all blocks, `second` of the blocks not pinned, (S₀, D_+(x_0) …
    D_+(x_{n−2})).
    """
    from scipy import sparse

    fit, jacobian = fit_equations(points, state.blocks)
    duals = jacobian.shape[1]  # the column of S₀
    bent = _Bent.of(points, state.blocks)
    tangents = _tangent_residual(points, state, bent)
    slopes, slope_entries = _affine_equations(points, state, duals)
    tangent_entries = stacked(_by_dual(points, bent, duals), _by_place(points, bent))
    rows = len(fit) + len(tangents)
    row, column, entry = stacked(
        Triplets(jacobian.row.astype(np.intp), jacobian.col.astype(np.intp), jacobian.data),
        tangent_entries._replace(row=tangent_entries.row + len(fit)),
        slope_entries._replace(row=slope_entries.row + rows),
    )
    shape = (rows + len(slopes), duals + len(points.x))
    matrix = sparse.csc_array((entry, (row, column)), shape=shape)
    return np.concatenate([fit, tangents, slopes]), matrix


def fit_equations(points: Points, blocks: Blocks) -> tuple[Vector, "sparse.coo_array"]:
    """Return residual and Jacobian of N(x_i) = y_i, in scaled rows (see `rows`)."""
    from scipy import sparse

    n = len(points.x)
    second = _second_columns(blocks)
    flat = np.flatnonzero(blocks.orientation == 0)
    sign = blocks.sign[flat]
    value_row = np.zeros_like(flat)
    by_first = [Triplets(value_row, flat, sign * points.x[0])]
    if n > 1:
        by_first.append(Triplets(value_row + 1, flat, sign))
    by_first.append(_hats(points, blocks))
    by_second = [Triplets(value_row, second[flat], sign), _moving_hats(points, blocks, second)]
    row, column, entry = stacked(*by_first)
    value = np.bincount(row, entry * blocks.first[column], n)
    value += np.bincount(value_row, sign * blocks.second[flat], n)
    row, column, entry = stacked(*by_first, *by_second)
    scale = row_scale(points)
    shape = (n, len(second) + int(np.count_nonzero(~blocks.pinned)))
    jacobian = sparse.coo_array((entry * scale[row], (row, column)), shape=shape)
    return scale * (value - chords(points, points.y)), jacobian


def _second_columns(blocks: Blocks) -> Indices:
    """Return the column of `second` of every block, −1 where it is no unknown."""
    free = ~blocks.pinned
    return np.where(free, len(free) + np.cumsum(free) - 1, -1)


def _hats(points: Points, blocks: Blocks) -> Triplets:
    """Derivatives of the rows by the slope changes of kinks."""
    bent = np.flatnonzero(blocks.orientation)
    orientation = blocks.orientation[bent]
    row, local, entry = hat_rows(points, orientation, blocks.cell[bent], blocks.second[bent])
    column = bent[local]
    return Triplets(row, column, entry * blocks.sign[column])


def _moving_hats(points: Points, blocks: Blocks, second: Indices) -> Triplets:
    """Derivatives of the rows by the places of free kinks."""
    free = np.flatnonzero(~blocks.pinned & (blocks.orientation != 0))
    cell = blocks.cell[free]
    column = second[free]
    change = blocks.sign[free] * blocks.first[free]
    inner = cell + 2 < len(points.x)
    left = blocks.orientation[free] < 0
    lever = change[left] * points.gap[cell[left]]
    return stacked(
        Triplets(cell + 1, column, -change),
        Triplets(cell[inner] + 2, column[inner], change[inner]),
        Triplets(np.zeros_like(cell[left]), column[left], lever),
    )


class _Bent(NamedTuple):
    """The blocks with a kink, in order, and the free ones among them."""

    cell: Indices
    tau: Vector
    sign: Vector
    left: Mask  # left-oriented
    kink: Vector
    end: Indices  # the datum of the cell that is nearer to the kink
    weight: Vector  # 1/√(1 + x²) there
    free: Indices  # which of these are not pinned
    second: Indices  # (len(free),) columns of their places

    @staticmethod
    def of(points: Points, blocks: Blocks) -> "_Bent":
        """Return those of some blocks."""
        bent = np.flatnonzero(blocks.orientation)
        cell = blocks.cell[bent]
        tau = blocks.second[bent]
        end = cell + (tau > 0.5)
        free = np.flatnonzero(~blocks.pinned[bent])
        return _Bent(
            cell,
            tau,
            blocks.sign[bent],
            blocks.orientation[bent] < 0,
            points.x[cell] + tau * points.gap[cell],
            end,
            1.0 / np.hypot(1.0, points.x[end]),
            free,
            _second_columns(blocks)[bent][free],
        )


def _tangent_residual(points: Points, state: State, bent: _Bent) -> Vector:
    """D = tangent at the nearer end of the cell (all kinks), then slope of D = slope of the tangent
    (free kinks).
    """
    each = np.arange(len(bent.cell))
    gap = points.gap[bent.cell]
    size = np.hypot(1.0, bent.kink)
    values = np.stack(dual_values(points, state.dual))[bent.left.astype(np.intp)]
    tangent = bent.sign * (1.0 + points.x[bent.end] * bent.kink) / size
    height = values[each, bent.end] - tangent
    chord = (values[each, bent.cell + 1] - values[each, bent.cell]) / gap
    slope = chord - bent.sign * bent.kink / size
    return np.concatenate([bent.weight * height, (bent.weight * gap * slope)[bent.free]])


def _by_dual(points: Points, bent: _Bent, duals: int) -> Triplets:
    """Derivatives of the tangent conditions by S₀ (column `duals`) and D_+(x_i)."""
    height_row = np.arange(len(bent.cell))
    slope_row = len(bent.cell) + np.arange(len(bent.free))
    low = bent.cell[bent.free]
    free_weight = bent.weight[bent.free]
    parts = []
    for row, point, entry in (
        (height_row, bent.end, bent.weight),
        (slope_row, low + 1, free_weight),
        (slope_row, low, -free_weight),
    ):
        unknown = point < len(points.x) - 1  # D_+(x_{n−1}) is 0
        parts.append(Triplets(row[unknown], duals + 1 + point[unknown], entry[unknown]))
    # D_−(x) = D_+(x) − D_+(x_0) + S₀ (x − x_0)
    left = height_row[bent.left]
    lever = bent.weight * (points.x[bent.end] - points.x[0])
    parts.append(Triplets(left, np.full(len(left), duals + 1), -bent.weight[left]))
    parts.append(Triplets(left, np.full(len(left), duals), lever[left]))
    tilted = bent.left[bent.free]
    width = (bent.weight * points.gap[bent.cell])[bent.free][tilted]
    parts.append(Triplets(slope_row[tilted], np.full(len(width), duals), width))
    return stacked(*parts)


def _by_place(points: Points, bent: _Bent) -> Triplets:
    """Derivatives of the tangent conditions by the places of free kinks."""
    slope_row = len(bent.cell) + np.arange(len(bent.free))
    gap = points.gap[bent.cell]
    bend = -bent.weight * bent.sign * gap / np.hypot(1.0, bent.kink) ** 3
    away = np.where(bent.tau > 0.5, 1.0 - bent.tau, -bent.tau) * gap  # from the kink to `end`
    return stacked(
        Triplets(bent.free, bent.second, (bend * away)[bent.free]),
        Triplets(slope_row, bent.second, (bend * gap)[bent.free]),
    )


def _affine_equations(points: Points, state: State, duals: int) -> tuple[Vector, Triplets]:
    """Residual and derivatives of (w, b)/‖(w, b)‖ = sign·(S₁, S₀) for affine blocks."""
    blocks = state.blocks
    flat = np.flatnonzero(blocks.orientation == 0)
    sign = blocks.sign[flat]
    size = block_sizes(blocks)[flat]
    w = blocks.first[flat] / size
    b = blocks.second[flat] / size
    moment, total = dual_line(points, state.dual)
    residual = np.stack([w - sign * moment, b - sign * total], axis=1).ravel()
    by_w = flat
    by_b = _second_columns(blocks)[flat]
    w_row = 2 * np.arange(len(flat))
    b_row = w_row + 1
    by_total = np.full(len(flat), duals)
    parts = [
        Triplets(w_row, by_w, b * b / size),
        Triplets(w_row, by_b, -w * b / size),
        Triplets(b_row, by_w, -w * b / size),
        Triplets(b_row, by_b, w * w / size),
        Triplets(w_row, by_total, -sign * points.x[0]),
        Triplets(b_row, by_total, -sign),
    ]
    if len(points.x) > 1:
        parts.append(Triplets(w_row, by_total + 1, -sign))
    return residual, stacked(*parts)
