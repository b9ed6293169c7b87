"""Columns, prices and the restricted linear programme of the general solver of Problem (1).

A net is a measure on unit atoms: right- and left-oriented kinks (x − t)₊/√(1 + t²), (t − x)₊/√(1 +
t²), and affine atoms w x + b with w² + b² = 1 that are active on all the data (the constant among
them). Weight costs 1.

Rows are not the values N(x_i) but N(x_0), the slope of the first chord, and the slope changes of
the chords at x_1 … x_{n−2}: a kink then touches only the two ends of its cell, with shares 1 − τ
and τ, whatever the spacing, and the row duals are S₀ = Σ λ_i y_i and D_+(x_0) … D_+(x_{n−2}). New;
a change of basis of the rows y_i N(x_i) ≥ 1.

Everything here is rounded; the caller proves margins and bounds afterwards.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy import sparse

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]


# How the linear programme is put, in turn, until HiGHS solves it: largest right side scaled to 1?,
# tolerance, presolve?, method. On data with tiny gaps it now and then reports a bounded problem as
# unbounded.
_LADDER = (
    (False, 1e-10, True, "highs-ds"),
    (True, 1e-10, True, "highs-ds"),
    (True, 1e-10, False, "highs-ds"),
    (False, 1e-7, True, "highs-ds"),
    (False, 1e-7, False, "highs-ds"),
    (True, 1e-8, True, "highs-ipm"),
)


class Points(NamedTuple):
    """Data the rows stand for: x strictly increasing, labels y, gaps of x."""

    x: Vector
    y: Vector
    gap: Vector

    @staticmethod
    def of(x: Vector, y: Vector) -> "Points":
        """Bundle the arrays."""
        return Points(x, y, np.diff(x))


class Atoms(NamedTuple):
    """Unit atoms: orientation 1 (right), −1 (left) or 0 (affine), sign, kink t (0 if affine), and
    (w, b).
    """

    orientation: Indices
    sign: Vector
    kink: Vector
    w: Vector
    b: Vector

    def take(self, chosen: NDArray[np.bool_] | Indices) -> "Atoms":
        """Return a selection."""
        return Atoms(*(part[chosen] for part in self))  # type: ignore[arg-type]

    def join(self, *others: "Atoms") -> "Atoms":
        """Return all atoms in one."""
        return Atoms(*(np.concatenate(parts) for parts in zip(self, *others, strict=True)))


class Restricted(NamedTuple):
    """Solution of a restricted linear programme; `slack` is y_i N(x_i) − 1, `dual` is (S₀,
    D_+(x_0), …).
    """

    weight: Vector
    slack: Vector
    dual: Vector


def kinks(orientation: int, sign: float, at: Vector) -> Atoms:
    """Return unit atoms of one orientation and sign with the given kinks."""
    size = np.hypot(1.0, at)
    return Atoms(
        np.full(len(at), orientation),
        np.full(len(at), sign),
        at,
        orientation / size,
        -orientation * at / size,
    )


def affine(sign: float, w: float, b: float) -> Atoms:
    """Return one affine unit atom."""
    return Atoms(
        np.zeros(1, dtype=np.intp), np.array([sign]), np.zeros(1), np.array([w]), np.array([b])
    )


def first_atoms(points: Points) -> Atoms:
    """Return the atoms to start from: ± a constant, and every kink on a datum that reaches another
    datum.
    """
    atoms = affine(1.0, 0.0, 1.0).join(affine(-1.0, 0.0, 1.0))
    for sign in (1.0, -1.0):
        atoms = atoms.join(kinks(1, sign, points.x[:-1]), kinks(-1, sign, points.x[1:]))
    return atoms


def hat_rows(
    points: Points, orientation: Indices, cell: Indices, tau: Vector
) -> tuple[Indices, Indices, Vector]:
    """Row, column and entry of kinks of slope change 1 at x_cell + τ gap_cell, as triplets."""
    n, column = len(points.x), np.arange(len(cell))
    inner, left = cell + 1 <= n - 2, orientation < 0
    offset = (points.x[cell] - points.x[0]) + tau * points.gap[cell]
    rows = [
        cell + 1,
        cell[inner] + 2,
        np.ones(left.sum(), dtype=np.intp),
        np.zeros(left.sum(), dtype=np.intp),
    ]
    entries = [1.0 - tau, tau[inner], -np.ones(left.sum()), offset[left]]
    return (
        np.concatenate(rows),
        np.concatenate([column, column[inner], column[left], column[left]]),
        np.concatenate(entries),
    )


def columns(points: Points, atoms: Atoms) -> "sparse.csc_array":
    """Return the rows of the atoms' functions, (n, atoms)."""
    from scipy import sparse

    n = len(points.x)
    bent, flat = np.flatnonzero(atoms.orientation), np.flatnonzero(atoms.orientation == 0)
    row, column, entry = (
        [np.zeros_like(flat)],
        [flat],
        [atoms.w[flat] * points.x[0] + atoms.b[flat]],
    )
    if n > 1:
        t = atoms.kink[bent]
        cell = np.clip(np.searchsorted(points.x, t, side="right") - 1, 0, n - 2)
        hat = hat_rows(
            points, atoms.orientation[bent], cell, (t - points.x[cell]) / points.gap[cell]
        )
        row += [hat[0], np.ones_like(flat)]
        column += [bent[hat[1]], flat]
        entry += [hat[2] * np.abs(atoms.w[bent])[hat[1]], atoms.w[flat]]
    where = np.concatenate(column)
    values = np.concatenate(entry) * atoms.sign[where]
    return sparse.csc_array((values, (np.concatenate(row), where)), shape=(n, len(atoms.sign)))


def chord_rows(points: Points) -> "sparse.csc_array":
    """Return the (n, n) matrix that turns values at the data into the rows: first value, first
    slope, slope changes.
    """
    from scipy import sparse

    n = len(points.x)
    if n == 1:
        return sparse.csc_array(np.ones((1, 1)))
    inverse = 1.0 / points.gap
    k = np.arange(1, n - 1)
    row = np.concatenate([[0, 1, 1], k + 1, k + 1, k + 1])
    column = np.concatenate([[0, 0, 1], k - 1, k, k + 1])
    middle = -(inverse[:-1] + inverse[1:])
    entry = np.concatenate([[1.0, -inverse[0], inverse[0]], inverse[:-1], middle, inverse[1:]])
    return sparse.csc_array((entry, (row, column)), shape=(n, n))


def row_scale(points: Points) -> Vector:
    """Return √(smaller neighbouring gap) per row, 1 for the value row: rows and columns then have
    entries near 1.
    """
    nearest = np.minimum(np.append(points.gap, np.inf), np.append(np.inf, points.gap))
    return np.append(1.0, np.sqrt(nearest[:-1]))


def multipliers_of(points: Points, dual: Vector) -> Vector:
    """Return λ_i = y_i × the slope change of D_+ at x_i, from dual = (S₀, D_+(x_0) … D_+(x_{n−2})).

    Rounded.
    """
    slopes = np.diff(np.append(dual[1:], 0.0)) / points.gap
    return (
        points.y * np.diff(np.concatenate([[-dual[0]], slopes, [0.0]]))
        if len(points.x) > 1
        else points.y * dual
    )


def dual_values(points: Points, dual: Vector) -> tuple[Vector, Vector]:
    """Return D_+ and D_− at the data."""
    right = np.append(dual[1:], 0.0)
    return right, (right - right[0]) + dual[0] * (points.x - points.x[0])


def price(points: Points, dual: Vector) -> tuple[Atoms, Vector]:
    """Return the best atom of every (orientation, cell, sign) and their ratios sign·D(t)/√(1 + t²);
    optimal if ≤ 1.

    On a cell D = α + s t, and the ratio peaks at t = s/α or at an end: nothing is sampled. The
    affine atoms are priced by (S₁, S₀)·(w, b), largest along itself. Cost O(n).
    """
    x = points.x
    right, left = dual_values(points, dual)
    total = np.array([right[0] + dual[0] * x[0], dual[0]])
    size, sign = np.hypot(*total), 1.0 if dual[0] >= 0.0 else -1.0
    atoms, ratios = affine(sign, 0.0, 1.0), [np.abs(dual[:1])]
    ends = total[0] * x[[0, -1]] + total[1]
    if size > 0.0 and (np.all(ends >= 0.0) or np.all(ends <= 0.0)):
        sign = 1.0 if ends.sum() >= 0.0 else -1.0
        atoms = atoms.join(affine(sign, *(sign * total / size)))
        ratios.append(np.array([size]))
    for orientation, value in ((1, right), (-1, left)):
        slope = np.diff(value) / points.gap
        offset = value[:-1] - slope * x[:-1]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            turn = slope / offset
        turn = np.clip(np.where(np.isfinite(turn), turn, x[:-1]), x[:-1], x[1:])
        places = np.stack([x[:-1], x[1:], turn])
        heights = np.stack(
            [value[:-1], value[1:], value[:-1] + slope * (turn - x[:-1])]
        ) / np.hypot(1.0, places)
        for sign in (1.0, -1.0):
            best = np.argmax(sign * heights, axis=0), np.arange(len(slope))
            atoms = atoms.join(kinks(orientation, sign, places[best]))
            ratios.append(sign * heights[best])
    return atoms, np.concatenate(ratios)


def solve_restricted(points: Points, atoms: Atoms) -> Restricted | None:
    """Minimise the total weight of the given atoms subject to y_i N(x_i) ≥ 1; None where the LP
    solver gives up.

    HiGHS dual simplex, so weights and slacks are those of a vertex. Rounded, to about 1e-9
    relatively.
    """
    from scipy import sparse
    from scipy.optimize import linprog

    rows, scale, count = chord_rows(points), row_scale(points), len(atoms.sign)
    slack = rows @ sparse.diags_array(-points.y)
    matrix = sparse.csc_array(
        sparse.diags_array(scale) @ sparse.hstack([columns(points, atoms), slack])
    )
    shrink = 1.0 / np.maximum(abs(matrix).max(axis=0).toarray().ravel(), 1e-300)
    matrix = sparse.csc_array(matrix @ sparse.diags_array(shrink))
    cost = np.append(np.ones(count), np.zeros(len(points.x))) * shrink
    right = scale * (rows @ points.y)
    largest = float(np.abs(right).max())
    solve: Any = linprog  # its overloads know dense matrices only
    for unit, tolerance, presolve, method in _LADDER:
        options: Any = {
            "primal_feasibility_tolerance": tolerance,
            "dual_feasibility_tolerance": tolerance,
            "presolve": presolve,
        }
        size = largest if unit else 1.0
        found: Any = solve(cost, A_eq=matrix, b_eq=right / size, method=method, options=options)
        if found.status == 0:
            weight = np.maximum(found.x, 0.0) * shrink * size
            return Restricted(
                weight[:count], weight[count:], np.asarray(found.eqlin.marginals) * scale
            )
    return None


def interpolation(points: Points, atoms: Atoms) -> Restricted:
    """Return a feasible net made of ± the constant and right-oriented kinks on the data, without
    any optimisation.

    `atoms` must begin with those of `first_atoms`. The stand-in for a linear programme that could
    not be solved.
    """
    n = len(points.x)
    weight, dual = np.zeros(len(atoms.sign)), np.zeros(n)
    weight[int(points.y[0] < 0.0)] = 1.0
    changes = (chord_rows(points) @ points.y)[1:] * np.hypot(1.0, points.x[:-1])
    weight[2 : n + 1] = np.maximum(changes, 0.0)
    weight[2 * n : 3 * n - 1] = np.maximum(-changes, 0.0)
    dual[0] = points.y[0] / np.hypot(1.0, points.x[0])
    return Restricted(weight, np.zeros(n), dual)
