"""The rows of Problem (1): changes of slope in place of values.

Rows are not the values N(x_i) but N(x_0), the slope of the first chord, and the slope changes of
the chords at x_1 … x_{n−2}: a kink then touches only the two ends of its cell, with shares 1 − τ
and τ, whatever the spacing, and the row duals are S₀ = Σ λ_i y_i and D_+(x_0) … D_+(x_{n−2}). New;
a change of basis of the rows y_i N(x_i) ≥ 1. Everything is rounded.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Vector
from univariate.optimum.atoms import Atoms, Points

if TYPE_CHECKING:
    from scipy import sparse


class Triplets(NamedTuple):
    """Entries of a sparse matrix; entries at one place are added."""

    row: Indices
    column: Indices
    entry: Vector


def stacked(*parts: Triplets) -> Triplets:
    """Return all entries in one."""
    return Triplets(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def hat_rows(points: Points, orientation: Indices, cell: Indices, tau: Vector) -> Triplets:
    """Return the rows of kinks of slope change 1 at x_cell + τ gap_cell."""
    column = np.arange(len(cell))
    inner = column[cell + 2 < len(points.x)]  # the last datum has no slope change
    left = column[orientation < 0]
    offset = (points.x[cell] - points.x[0]) + tau * points.gap[cell]
    return stacked(
        Triplets(cell + 1, column, 1.0 - tau),
        Triplets(cell[inner] + 2, inner, tau[inner]),
        # left-oriented kinks are lines at x_0
        Triplets(np.ones_like(left), left, np.full(len(left), -1.0)),
        Triplets(np.zeros_like(left), left, offset[left]),
    )


def columns(points: Points, atoms: Atoms) -> "sparse.csc_array":
    """Return the rows of the atoms' functions, (n, atoms)."""
    from scipy import sparse

    x = points.x
    flat = np.flatnonzero(atoms.orientation == 0)
    value_row = np.zeros_like(flat)
    parts = [Triplets(value_row, flat, atoms.w[flat] * x[0] + atoms.b[flat])]
    if len(x) > 1:
        bent = np.flatnonzero(atoms.orientation)
        t = atoms.kink[bent]
        cell = np.clip(np.searchsorted(x, t, side="right") - 1, 0, len(x) - 2)
        tau = (t - x[cell]) / points.gap[cell]
        hat = hat_rows(points, atoms.orientation[bent], cell, tau)
        slope = np.abs(atoms.w[bent])[hat.column]
        parts.append(Triplets(hat.row, bent[hat.column], hat.entry * slope))
        parts.append(Triplets(value_row + 1, flat, atoms.w[flat]))
    row, column, entry = stacked(*parts)
    shape = (len(x), len(atoms.sign))
    return sparse.csc_array((entry * atoms.sign[column], (row, column)), shape=shape)


def chord_rows(points: Points) -> "sparse.csc_array":
    """Return the (n, n) matrix that turns values at the data into the rows."""
    from scipy import sparse

    n = len(points.x)
    if n == 1:
        return sparse.csc_array(np.ones((1, 1)))
    inverse = 1.0 / points.gap
    k = np.arange(1, n - 1)
    middle = -(inverse[:-1] + inverse[1:])
    first = Triplets(
        np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([1.0, -inverse[0], inverse[0]])
    )
    row, column, entry = stacked(
        first,
        Triplets(k + 1, k - 1, inverse[:-1]),
        Triplets(k + 1, k, middle),
        Triplets(k + 1, k + 1, inverse[1:]),
    )
    return sparse.csc_array((entry, (row, column)), shape=(n, n))


def chords(points: Points, values: Vector) -> Vector:
    """Return `chord_rows(points) @ values` without the matrix, summed in the same order."""
    found = np.zeros(len(values))
    # as in a product of matrices no overflow is told of, and no sum of −0 is −0
    with np.errstate(over="ignore", invalid="ignore"):
        found[0] += values[0]
        if len(values) > 1:
            inverse = 1.0 / points.gap
            found[1] -= inverse[0] * values[0]
            found[1] += inverse[0] * values[1]
            found[2:] += inverse[:-1] * values[:-2]
            found[2:] += -(inverse[:-1] + inverse[1:]) * values[1:-1]
            found[2:] += inverse[1:] * values[2:]
    return found


def row_scale(points: Points) -> Vector:
    """Return √(smaller neighbouring gap) per row, 1 for the value row: entries are then near 1."""
    nearest = np.minimum(np.append(points.gap, np.inf), np.append(np.inf, points.gap))
    return np.append(1.0, np.sqrt(nearest[:-1]))


def multipliers_of(points: Points, dual: Vector) -> Vector:
    """Return λ_i = y_i × the slope change of D_+ at x_i, from dual = (S₀, D_+(x_0) … D_+(x_{n−2})).

    Rounded.
    """
    if len(points.x) == 1:
        return points.y * dual
    slopes = np.diff(np.append(dual[1:], 0.0)) / points.gap
    return points.y * np.diff(np.concatenate([[-dual[0]], slopes, [0.0]]))


def dual_values(points: Points, dual: Vector) -> tuple[Vector, Vector]:
    """Return D_+ and D_− at the data."""
    right = np.append(dual[1:], 0.0)
    return right, (right - right[0]) + dual[0] * (points.x - points.x[0])


def dual_line(points: Points, dual: Vector) -> tuple[float, float]:
    """Return S₁ = Σ λ_i y_i x_i and S₀ = Σ λ_i y_i; an affine atom (w, b) has price w S₁ + b S₀."""
    at_first = float(dual[1]) if len(dual) > 1 else 0.0
    total = float(dual[0])
    return at_first + total * float(points.x[0]), total
