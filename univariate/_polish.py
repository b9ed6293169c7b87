"""Newton's method on the optimality conditions of Problem (1), from the support of a linear programme.

On the active points A the unknowns are, per block of atoms of one orientation, cell of A and sign, the slope change
c > 0 and the place τ ∈ [0, 1] of its kink in the cell (a kink pinned on a datum keeps its place), or (w, b) for the
affine block, and the row duals S₀, D_+(x_i). The equations are N(x_i) = y_i, in the rows of `univariate._pricing`, and

    free kink:  D is the tangent sign·(1 + x t)/√(1 + t²) on the cell;   pinned kink:  D(t) = sign·√(1 + t²);
    affine:     (w, b)/‖(w, b)‖ = sign·(S₁, S₀).

Merging atoms of one block adds their u-vectors: same values at the data, no larger norm. New. Everything is rounded.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate._pricing import Atoms, Points, chord_rows, dual_values, hat_rows, row_scale

if TYPE_CHECKING:
    from scipy import sparse

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]
Triplets = tuple[list[Indices], list[Indices], list[Vector]]

_STEPS = 40
_MERIT_FLOOR = 1e-15
_LEAST_DAMPING, _MOST_DAMPING = 1e-20, 1e-8
_RESIDUAL_WEIGHT = 1e-5  # α of the augmented system; conditioning only


class Blocks(NamedTuple):
    """Merged atoms. Kinks: `first` = slope change c > 0, `second` = τ in `cell`; affine (orientation 0): (w, b)."""

    orientation: Indices
    cell: Indices
    sign: Vector
    pinned: NDArray[np.bool_]  # τ is 0 or 1 and stays
    first: Vector
    second: Vector

    def take(self, chosen: NDArray[np.bool_] | Indices) -> "Blocks":
        """Return a selection."""
        return Blocks(*(part[chosen] for part in self))


class State(NamedTuple):
    """Blocks and duals on the active points."""

    blocks: Blocks
    dual: Vector
    tied: bool = False


def merge(points: Points, atoms: Atoms, weight: Vector) -> Blocks:
    """Collect weighted atoms into blocks on the cells of `points`; a kink on a datum stays a block of its own.

    Kinks before all points (right-oriented) or behind them (left-oriented) are affine there; atoms that vanish on all
    points are dropped.
    """
    x, n = points.x, len(points.x)
    turned, t = atoms.orientation, atoms.kink
    flat = (turned == 0) | ((turned > 0) & (t < x[0])) | ((turned < 0) & (t > x[-1]))
    gone = ~flat & (((turned > 0) & (t >= x[-1])) | ((turned < 0) & (t <= x[0])))
    keys: dict[tuple[int, int, float, bool], Vector] = {}
    for j in np.flatnonzero(~gone & (weight > 0.0)):
        if flat[j]:
            key, part = (0, 0, float(atoms.sign[j]), False), weight[j] * np.array([atoms.w[j], atoms.b[j]])
        else:
            cell = min(int(np.searchsorted(x, t[j], side="right")) - 1, n - 2)
            tau, change = (t[j] - x[cell]) / points.gap[cell], weight[j] * abs(atoms.w[j])
            pinned = tau in (0.0, 1.0)
            # a pinned kink is filed under the point it sits on, shifted past the last cell number
            key = (int(turned[j]), cell + int(tau == 1.0) if pinned else cell, float(atoms.sign[j]), pinned)
            part = change * np.array([1.0, 0.0 if pinned else tau])
        keys[key] = keys.get(key, np.zeros(2)) + part
    return _blocks_of(keys, n)


def _blocks_of(keys: dict[tuple[int, int, float, bool], Vector], n: int) -> Blocks:
    rows = []
    for (orientation, place, sign, pinned), (first, second) in sorted((k, v) for k, v in keys.items()):
        cell = min(place, max(n - 2, 0)) if pinned else place
        tau = float(place > cell) if pinned else second / first if orientation else second
        rows.append((orientation, cell, sign, pinned, first, tau))
    parts = list(zip(*rows, strict=True)) or [()] * 6
    kinds = (np.intp, np.intp, np.float64, np.bool_, np.float64, np.float64)
    return Blocks(*(np.array(part, dtype=kind) for part, kind in zip(parts, kinds, strict=True)))


def newton(points: Points, state: State) -> State:
    """Return the state improved by damped Newton steps (Levenberg–Marquardt, so that free directions stay put).

    Every step must lower the residual; the least one reached is returned, whether or not it is a solution.
    """
    basis = _basis(points, state)
    residual, jacobian = equations(points, state)
    merit = float(np.linalg.norm(residual))
    damping = np.clip(1e-3 * merit * merit, _LEAST_DAMPING, _MOST_DAMPING)
    failures = 0
    for _ in range(_STEPS):
        if merit <= _MERIT_FLOOR or failures > 6:
            break
        trial = _moved(state, basis @ damped_step(jacobian @ basis, residual, damping, state.blocks.first))
        new_residual, new_jacobian = equations(points, trial)
        new_merit = float(np.linalg.norm(new_residual))
        if new_merit < merit:
            failures = failures + 1 if new_merit > 0.9 * merit else 0
            state, residual, jacobian, merit = trial, new_residual, new_jacobian, new_merit
            damping = np.clip(min(1e-3 * merit * merit, 0.03 * damping), _LEAST_DAMPING, None)
        else:
            failures += 1
            damping *= 1000.0
    return state


def _moved(state: State, step: Vector) -> State:
    blocks, size = state.blocks, len(state.blocks.sign)
    free = np.flatnonzero(~blocks.pinned)
    second = blocks.second.copy()
    second[free] += step[size : size + len(free)]
    moved = blocks._replace(first=blocks.first + step[:size], second=second)
    return State(moved, state.dual + step[size + len(free) :], state.tied)


def _basis(points: Points, state: State) -> "sparse.csc_array":
    from scipy import sparse

    blocks, n = state.blocks, len(points.x)
    free = np.flatnonzero(~blocks.pinned)
    size = len(blocks.sign)
    total = size + len(free) + n
    if not state.tied:
        return sparse.csc_array(sparse.eye_array(total))
    column = np.arange(total)
    key = {}
    for k, j in enumerate(free):
        column[size + k] = key.setdefault((blocks.cell[j], blocks.sign[j]), size + k)
    keep = np.ones(total, dtype=bool)
    keep[size + len(free) : size + len(free) + 2] = False
    used, column[keep] = np.unique(column[keep], return_inverse=True)
    return sparse.csc_array((np.ones(keep.sum()), (np.flatnonzero(keep), column[keep])), shape=(total, len(used)))


def tie(state: State) -> State:
    blocks = state.blocks
    cell, second, pinned, sizes = blocks.cell.copy(), blocks.second.copy(), blocks.pinned.copy(), blocks.first
    keys = cell * 2 + (blocks.sign > 0)
    for key in np.unique(keys[~pinned]):
        same = ~pinned & (keys == key)
        second[same] = np.sum(second[same] * sizes[same]) / np.sum(sizes[same])
    dual = state.dual.copy()
    dual[:2] = 0.0
    return State(blocks._replace(second=second, pinned=pinned, cell=cell), dual, True)


def damped_step(jacobian: "sparse.csc_array", residual: Vector, damping: float, sizes: Vector) -> Vector:
    """Return the step d that minimises ‖J d + F‖² + damping ‖d‖² after scaling the columns of J. Rounded.

    The first columns stand for unknowns of the given sizes: where the step is not unique, large ones move.
    """
    from scipy import sparse
    from scipy.sparse.linalg import splu

    columns = np.asarray(abs(jacobian).max(axis=0).todense()).ravel()
    shrink = 1.0 / np.where(columns > 0.0, columns, 1.0)
    weight = np.abs(sizes) * columns[: len(sizes)]
    shrink[: len(sizes)] *= np.clip(weight / max(weight.max(initial=0.0), 1e-300), 1e-6, 1.0)
    scaled = jacobian @ sparse.diags_array(shrink)
    rows, size = scaled.shape
    system = sparse.block_array(
        [
            [_RESIDUAL_WEIGHT * sparse.eye_array(rows), scaled],
            [scaled.T, (-damping / _RESIDUAL_WEIGHT) * sparse.eye_array(size)],
        ]
    )
    solution = splu(sparse.csc_array(system)).solve(np.append(-residual, np.zeros(size)))
    return shrink * solution[rows:]


def equations(points: Points, state: State) -> tuple[Vector, "sparse.csc_array"]:
    """Return residual and Jacobian of the optimality conditions, rows scaled to entries near 1.

    Unknowns in order: `first` of all blocks, `second` of the blocks not pinned, (S₀, D_+(x_0) … D_+(x_{n−2})).
    """
    from scipy import sparse

    blocks = state.blocks
    size, n = len(blocks.sign), len(points.x)
    second = np.full(size, -1)
    second[~blocks.pinned] = size + np.arange(np.count_nonzero(~blocks.pinned))
    start = size + np.count_nonzero(~blocks.pinned)
    fit, matrix, scale = fit_equations(points, blocks, second)
    parts = [(fit, (matrix.row, matrix.col, matrix.data)), _kink_equations(points, state, second, start)]
    parts.append(_affine_equations(points, state, second, start))
    row, column, entry, residual, offset = [], [], [], [], 0
    for values, (i, j, a) in parts:
        row.append(i + offset)
        column.append(j)
        entry.append(a)
        residual.append(values)
        offset += len(values)
    triplets = np.concatenate(entry), (np.concatenate(row), np.concatenate(column))
    return np.concatenate(residual), sparse.csc_array(triplets, shape=(offset, start + n))


def _stack(*triplets: tuple[Indices, Indices, Vector]) -> tuple[Indices, Indices, Vector]:
    row, column, entry = (np.concatenate(part) for part in zip(*triplets, strict=True))
    return row, column, entry


def fit_equations(points: Points, blocks: Blocks, second: Indices) -> tuple[Vector, tuple[Indices, Indices, Vector]]:
    """N(x_i) = y_i in the rows first value, first slope, slope changes."""
    n, scale = len(points.x), row_scale(points)
    bent, flat = np.flatnonzero(blocks.orientation), np.flatnonzero(blocks.orientation == 0)
    zero, one = np.zeros_like(flat), np.ones_like(flat)
    by_w = _stack((zero, flat, blocks.sign[flat] * points.x[0]))
    if n > 1:
        by_w = _stack(by_w, (one, flat, blocks.sign[flat]))
    by_b = (zero, second[flat], blocks.sign[flat])
    parts = [by_w, by_b]
    value = np.zeros(n)
    np.add.at(value, by_w[0], by_w[2] * blocks.first[by_w[1]])
    np.add.at(value, zero, blocks.sign[flat] * blocks.second[flat])
    if len(bent):
        row, local, entry = hat_rows(points, blocks.orientation[bent], blocks.cell[bent], blocks.second[bent])
        column = bent[local]
        entry *= blocks.sign[column]
        np.add.at(value, row, entry * blocks.first[column])
        parts.append((row, column, entry))
        parts.append(_moving_rows(points, blocks, second))
    row, column, entry = _stack(*parts)
    from scipy import sparse

    return (
        scale * (value - chord_rows(points) @ points.y),
        sparse.coo_array(
            (entry * scale[row], (row, column)), shape=(n, len(second) + np.count_nonzero(~blocks.pinned))
        ),
        scale,
    )


def _moving_rows(points: Points, blocks: Blocks, second: Indices) -> tuple[Indices, Indices, Vector]:
    """Derivatives of the rows by the places of free kinks."""
    free = np.flatnonzero(~blocks.pinned & (blocks.orientation != 0))
    cell, change = blocks.cell[free], blocks.sign[free] * blocks.first[free]
    inner, left = cell + 1 <= len(points.x) - 2, blocks.orientation[free] < 0
    return _stack(
        (cell + 1, second[free], -change),
        (cell[inner] + 2, second[free][inner], change[inner]),
        (np.zeros(left.sum(), dtype=np.intp), second[free][left], (change * points.gap[cell])[left]),
    )


def _kink_equations(
    points: Points, state: State, second: Indices, start: int
) -> tuple[Vector, tuple[Indices, Indices, Vector]]:
    """D(x_p) = tangent at the nearer end of the cell (all kinks) and slope of D = slope of the tangent (free kinks)."""
    blocks, n = state.blocks, len(points.x)
    bent = np.flatnonzero(blocks.orientation)
    if not len(bent):
        return np.zeros(0), (bent, bent, np.zeros(0))
    cell, tau, sign, left = blocks.cell[bent], blocks.second[bent], blocks.sign[bent], blocks.orientation[bent] < 0
    gap, behind = points.gap[cell], tau > 0.5
    end = cell + behind
    t = points.x[cell] + tau * gap
    size = np.hypot(1.0, t)
    values = np.stack(dual_values(points, state.dual))[left.astype(np.intp)]
    every = np.arange(len(bent))
    height = values[every, end] - sign * (1.0 + points.x[end] * t) / size
    slope = (values[every, cell + 1] - values[every, cell]) / gap - sign * t / size
    free = ~blocks.pinned[bent]
    row = np.cumsum(free) - 1 + len(bent)
    weight = 1.0 / np.hypot(1.0, points.x[end])
    ends = [(every, end, weight), (row[free], cell[free] + 1, weight[free]), (row[free], cell[free], -weight[free])]
    parts = []
    for which, point, entry in ends:  # D_+(x_{n−1}) = 0 is no unknown
        known = point < n - 1
        parts.append((which[known], start + 1 + point[known], entry[known]))
    turned = np.flatnonzero(left)
    both = turned[free[turned]]
    parts.append((turned, np.full(len(turned), start + 1), -weight[turned]))
    parts.append((turned, np.full(len(turned), start), (weight * (points.x[end] - points.x[0]))[turned]))
    parts.append((row[both], np.full(len(both), start), (weight * gap)[both]))
    away = np.where(behind, 1.0 - tau, -tau) * gap
    parts.append((every[free], second[bent][free], (-weight * sign * away * gap / size**3)[free]))
    parts.append((row[free], second[bent][free], (-weight * sign * gap * gap / size**3)[free]))
    return np.concatenate([weight * height, (weight * gap * slope)[free]]), _stack(*parts)


def _affine_equations(
    points: Points, state: State, second: Indices, start: int
) -> tuple[Vector, tuple[Indices, Indices, Vector]]:
    """(w, b)/‖(w, b)‖ = sign·(S₁, S₀) for affine blocks."""
    blocks, x0 = state.blocks, points.x[0]
    flat = np.flatnonzero(blocks.orientation == 0)
    sign, size = blocks.sign[flat], np.hypot(blocks.first[flat], blocks.second[flat])
    w, b = blocks.first[flat] / size, blocks.second[flat] / size
    total = state.dual[0] * x0 + (state.dual[1] if len(points.x) > 1 else 0.0)
    row, other = 2 * np.arange(len(flat)), 2 * np.arange(len(flat)) + 1
    parts = [(row, flat, b * b / size), (row, second[flat], -w * b / size)]
    parts += [(other, flat, -w * b / size), (other, second[flat], w * w / size)]
    parts += [(row, np.full(len(flat), start), -sign * x0), (other, np.full(len(flat), start), -sign)]
    if len(points.x) > 1:
        parts.append((row, np.full(len(flat), start + 1), -sign))
    residual = np.stack([w - sign * total, b - sign * state.dual[0]], axis=1).ravel()
    return residual, _stack(*parts)
