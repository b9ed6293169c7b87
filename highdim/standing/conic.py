"""The convex problem of one cell by a conic solver, whose answer is a start for
`highdim.standing.polish` only.

min Σ_j |a_j|, or Σ_j |a_j|²/2 where output weights are fixed, subject to y_i Σ_j sign_j g_j s_ij
a_j·x̃_i ≥ 1 and (2 s_ij − 1) a_j·x̃_i ≥ 0.
"""

from typing import Any, Final

import numpy as np

from highdim.optimum.solver import answered
from highdim.standing.cell import Cell, Data, Optimum
from univariate.common.arrays import Matrix, Vector

_GOAL: Final = 1e-11  # asked for; what is reached is measured later
_TINY: Final = float(np.finfo(np.float64).tiny)
_SOLVED: Final = ("Solved", "AlmostSolved", "InsufficientProgress")


def solved(cell: Cell, data: Data) -> Optimum | None:
    """Return the optimum over a cell to about 1e-9; None on failure.

    Cost that of an interior-point method: some twenty factorisations of a matrix with m N r
    entries.
    """
    import clarabel
    from scipy import sparse

    L, y, train_output = data
    (m, r), N = L.shape, len(cell.sign)
    effect = cell.effect(y) * cell.active
    side = _sides(cell)
    margins = sparse.csc_array(-np.hstack([effect[:, j, None] * L for j in range(N)]))
    walls: Any = sparse.block_diag(
        [sparse.coo_array(-side[:, j, None] * L) for j in range(N)], format="csc"
    )
    matrix = sparse.vstack([margins, walls], format="csc")
    right = np.concatenate([-np.ones(m), np.zeros(N * m)])
    cones = [clarabel.NonnegativeConeT(m + N * m)]
    cost = np.zeros(N * r)
    quadratic = sparse.csc_array(sparse.eye_array(N * r))
    if train_output:  # more variables t_j ≥ |a_j|, and rows (t_j, a_j) in a second-order cone
        columns = np.hstack([N * r + np.arange(N)[:, None], np.arange(N * r).reshape(N, r)]).ravel()
        lengths = sparse.csc_array((-np.ones(columns.size), (np.arange(columns.size), columns)))
        wider = sparse.hstack([matrix, sparse.csc_array((m + N * m, N))])
        matrix = sparse.vstack([wider, lengths], format="csc")
        right = np.concatenate([right, np.zeros(columns.size)])
        cones += [clarabel.SecondOrderConeT(r + 1) for _ in range(N)]
        cost = np.concatenate([cost, np.ones(N)])
        quadratic = sparse.csc_array((N * (r + 1),) * 2)
    found = answered(quadratic, cost, matrix, right, cones, _GOAL)
    if not found.among(_SOLVED):
        return None
    products = found.x[: N * r].reshape(N, r)
    pressures = found.z[m : m + N * m].reshape(N, m).T
    return _read(cell, data, products, np.maximum(found.z[:m], 0.0), pressures)


def _sides(cell: Cell) -> Matrix:
    """Return 1 where a neuron is active and −1 elsewhere, (m, N)."""
    return np.where(cell.active, 1.0, -1.0)


def _read(
    cell: Cell, data: Data, products: Matrix, multipliers: Vector, pressures: Matrix
) -> Optimum:
    """Guess what is tight: where a dual variable exceeds its slack, both relative to their
    sizes.
    """
    L, y, train_output = data
    own = multipliers[:, None] * cell.effect(y) * cell.active
    coefficients = own + np.maximum(pressures, 0.0) * _sides(cell)
    sizes = np.linalg.norm(products, axis=1)
    longest = float(sizes.max())
    least = np.zeros(len(sizes))
    if train_output:  # a kind pulled with less than 1 has no reason to be there
        pull = np.linalg.norm(coefficients.T @ L, axis=1)
        least = longest * np.maximum(0.0, 1.0 - pull)
    alive = sizes > least + 1e-7 * longest
    slack = np.abs(L @ products.T) / np.maximum(sizes, _TINY)
    unit = 1.0 if train_output else max(longest, _TINY)
    tight = pressures / unit > slack
    return Optimum(
        cell.taken(alive), products[alive], multipliers, coefficients[:, alive], tight[:, alive]
    )
