"""The convex problem of one cell by a conic solver, whose answer is a start for
`highdim.standing.polish` only.

min Σ_j |a_j|, or Σ_j |a_j|²/2 where output weights are fixed, subject to y_i Σ_j sign_j g_j s_ij
a_j·x̃_i ≥ 1 and (2 s_ij − 1) a_j·x̃_i ≥ 0.
"""

from typing import Any, Final

import numpy as np

from highdim.standing.cell import Cell, Optimum
from univariate.common.arrays import Matrix, Vector

_GOAL: Final = 1e-11  # asked for; what is reached is measured later
_SOLVED: Final = ("Solved", "AlmostSolved", "InsufficientProgress")


def solved(cell: Cell, L: Matrix, y: Vector, train_output: bool) -> Optimum | None:
    """Return the optimum over a cell to about 1e-9, data L (m, r) in coordinates of their span;
    None on failure.

    Cost that of an interior-point method: some twenty factorisations of a matrix with m N r
    entries.
    """
    import clarabel
    from scipy import sparse

    (m, r), N = L.shape, len(cell.sign)
    effect, side = cell.effect(y) * cell.active, 2.0 * cell.active - 1.0
    margins = sparse.csc_array(-np.hstack([effect[:, j, None] * L for j in range(N)]))
    walls: Any = sparse.block_diag(
        [sparse.coo_array(-side[:, j, None] * L) for j in range(N)], format="csc"
    )
    matrix, right = (
        sparse.vstack([margins, walls], format="csc"),
        np.concatenate([-np.ones(m), np.zeros(N * m)]),
    )
    cones = [clarabel.NonnegativeConeT(m + N * m)]
    cost, quadratic = np.zeros(N * r), sparse.csc_array(sparse.eye_array(N * r))
    if train_output:  # more variables t_j ≥ |a_j|, and rows (t_j, a_j) in a second-order cone
        columns = np.hstack([N * r + np.arange(N)[:, None], np.arange(N * r).reshape(N, r)]).ravel()
        lengths = sparse.csc_array((-np.ones(columns.size), (np.arange(columns.size), columns)))
        wider = sparse.hstack([matrix, sparse.csc_array((m + N * m, N))])
        matrix, right = (
            sparse.vstack([wider, lengths], format="csc"),
            np.concatenate([right, np.zeros(columns.size)]),
        )
        cones += [clarabel.SecondOrderConeT(r + 1) for _ in range(N)]
        cost, quadratic = np.concatenate([cost, np.ones(N)]), sparse.csc_array((N * (r + 1),) * 2)
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = _GOAL
    forms = [sparse.csc_matrix(part) for part in (quadratic, matrix)]
    solution = clarabel.DefaultSolver(forms[0], cost, forms[1], right, cones, settings).solve()
    x, z = np.array(solution.x), np.array(solution.z)
    if str(solution.status) not in _SOLVED or not (np.isfinite(x).all() and np.isfinite(z).all()):
        return None
    products = x[: N * r].reshape(N, r)
    return _read(
        cell, L, y, products, np.maximum(z[:m], 0.0), z[m : m + N * m].reshape(N, m).T, train_output
    )


def _read(
    cell: Cell,
    L: Matrix,
    y: Vector,
    products: Matrix,
    multipliers: Vector,
    pressures: Matrix,
    train_output: bool,
) -> Optimum:
    """Guess what is tight: where a dual variable exceeds its slack, both relative to their
    sizes.
    """
    side = 2.0 * cell.active - 1.0
    coefficients = (
        multipliers[:, None] * cell.effect(y) * cell.active + np.maximum(pressures, 0.0) * side
    )
    sizes = np.linalg.norm(products, axis=1)
    longest = float(sizes.max())
    pull = np.linalg.norm(coefficients.T @ L, axis=1)
    alive = (
        sizes > (longest * np.maximum(0.0, 1.0 - pull) if train_output else 0.0) + 1e-7 * longest
    )
    slack = np.abs(L @ products.T) / np.maximum(sizes, np.finfo(np.float64).tiny)
    weight = pressures / (1.0 if train_output else max(longest, np.finfo(np.float64).tiny))
    tight = weight > slack
    return Optimum(
        cell.taken(alive), products[alive], multipliers, coefficients[:, alive], tight[:, alive]
    )
