"""Products and eigenvalues in float64 with proved bounds on their rounding errors.

γ_k = k u/(1 − k u), u the unit roundoff, bounds the error of a sum of k products in any order,
relative to the sum of their sizes (Higham, Accuracy and Stability of Numerical Algorithms, Section
3.1). Underflow is covered by `TINY` for each product.
"""

from math import fsum, inf, sqrt
from typing import Final

import numpy as np

from univariate.common.arrays import Matrix, Vector
from univariate.common.tolerance import UNIT_ROUNDOFF

BLOCK: Final = 128
"""Columns whose products are summed at a time: k products then cost γ of about BLOCK + k/BLOCK,
instead of γ_k.
"""

TINY: Final = 2.0**-1022
"""More than the absolute error of a product that underflows."""

UP: Final = 1.0 + 16.0 * UNIT_ROUNDOFF
"""Makes up for the rounding of a handful of positive operations."""


def gamma(terms: float) -> float:
    """Return γ of a number of roundings, rounded up."""
    return terms * UNIT_ROUNDOFF / (1.0 - terms * UNIT_ROUNDOFF) * UP


def blocked(left: Matrix, right: Matrix) -> tuple[Matrix, float]:
    """Return left rightᵀ, (m, d), (n, d) → (m, n), and c with |error_ij| ≤ c ‖left_i‖ ‖right_j‖.

    Cost O(m n d).
    """
    d = left.shape[1]
    total = np.zeros((len(left), len(right)))
    for start in range(0, d, BLOCK):
        total += left[:, start : start + BLOCK] @ right[:, start : start + BLOCK].T
    return total, gamma(min(BLOCK, d) + -(-d // BLOCK))


def norms_above(rows: Matrix) -> Vector:
    """Return upper bounds on the Euclidean norms of rows (m, d), tight to γ_d; no overflow for
    entries up to 2^500.
    """
    d = rows.shape[1]
    squares = np.einsum("ij,ij->i", rows, rows)
    return np.asarray(np.sqrt(squares + d * TINY) * (1.0 + gamma(d)) * UP)


def triangular(columns: Matrix) -> Matrix:
    """Return R of the QR factorisation, (k, m) → (min(k, m), m): columns with the same inner
    products, rounded.
    """
    from scipy.linalg import qr

    r = qr(columns, mode="r", check_finite=False)[0]
    return np.asarray(r, dtype=np.float64)[: columns.shape[1]]


def largest_eigenvalue_above(H: Matrix) -> float:
    """Return an upper bound on the largest eigenvalue of a symmetric matrix (n, n), and 0 at least.

    Proved: if Cholesky's factorisation of A = D I − H runs through in float64, then A ⪰ −γ_{n+1}/(1
    − γ_{n+1}) tr A (Demmel 1989; Rump 2006, "Verification of positive definiteness"), whatever the
    order of its sums. Tight to about n² u ‖H‖. Cost O(n³).
    """
    n = len(H)
    size = float(np.max(np.abs(H).sum(axis=1)))
    if size == 0.0:
        return 0.0
    top = max(float(np.linalg.eigvalsh(H)[-1]), 0.0)
    slack = n * (UNIT_ROUNDOFF * size + TINY)  # and never 0
    while True:
        shift = top + slack
        A = shift * np.eye(n) - H
        try:
            np.linalg.cholesky(A)
            break
        except np.linalg.LinAlgError:
            slack *= 4.0
    relative = gamma(n + 1.0)
    trace = float(np.sum(np.abs(np.diag(A)))) * (1.0 + gamma(n))
    diagonal = UNIT_ROUNDOFF * (shift + float(np.max(np.abs(np.diag(H)))))
    return (shift + relative / (1.0 - relative) * trace + diagonal) * UP


def sum_of_squares_above(array: Vector) -> float:
    """Return an upper bound on the sum of squares, tight to γ of `BLOCK`; inf beyond the range of
    doubles.
    """
    flat = array.ravel()
    padded = np.zeros((-(-flat.size // BLOCK), BLOCK))
    padded.ravel()[: flat.size] = flat
    with np.errstate(over="ignore", under="ignore"):
        parts = np.einsum("ij,ij->i", padded, padded)
    if not np.all(np.isfinite(parts)):
        return inf
    return (fsum(parts) + flat.size * TINY) * (1.0 + gamma(BLOCK)) * UP


def root_above(square: float) -> float:
    """Return an upper bound on the root of a number ≥ 0."""
    return sqrt(square) * UP
