"""Non-negative least squares on a Gram matrix, columns possibly dependent.

Principal pivoting exchanges all wrong signs at once and mostly ends within a few solves; a walk of
Lawson and Hanson's, whose objective never rises, goes on from there, so that dependent columns
cannot make it cycle.
"""

from typing import Final, NamedTuple

import numpy as np
from scipy.linalg import lapack, solve_triangular

from univariate.common.arrays import Mask, Matrix, Vector

_PIVOTS: Final = 60  # of all wrong signs at once
_PATIENCE: Final = 4  # of these without fewer wrong signs
# derivative of the objective, relative to the largest at 0, that counts as zero
_GAIN: Final = 1e-12


class _Solved(NamedTuple):
    """A stationary point with support in some set: x (p,), and the columns used, independent."""

    x: Vector
    used: Mask


class Factor:
    """Gram matrix of columns by Cholesky with pivots: the first `rank` are independent.

    Cost O(p³).
    """

    def __init__(self, product: Matrix) -> None:
        self.size = _sizes(product)
        upper, pivots, rank, _ = lapack.dpstrf(product / np.outer(self.size, self.size), lower=0)
        self.kept = pivots[:rank] - 1
        self.square = upper[:rank, :rank]

    def solve(self, right: Vector) -> Vector:
        """Return a solution of product · x = right with at most `rank` entries, right in the
        range.
        """
        x = np.zeros(len(right))
        scaled = (right / self.size)[self.kept]
        x[self.kept] = solve_triangular(
            self.square, solve_triangular(self.square, scaled, trans="T")
        )
        return np.asarray(x / self.size)


def nonnegative(product: Matrix, right: Vector) -> Vector:
    """Return the x ≥ 0 that minimises x·product·x/2 − right·x, right in the range.

    Rounded; cost O(p³) a pivot.
    """
    size = _sizes(product)
    H = product / np.outer(size, size)
    b = right / size
    tolerance = _GAIN * float(np.abs(b).max(initial=0.0))
    return np.asarray(_walk(H, b, _pivot(H, b, tolerance), tolerance) / size)


def _sizes(product: Matrix) -> Vector:
    size = np.sqrt(np.maximum(product.diagonal(), 0.0))
    return np.where(size > 0.0, size, 1.0)


def _stationary(H: Matrix, b: Vector, kept: Mask) -> _Solved:
    """Solve on some columns, leaving out those that depend on others."""
    x = np.zeros(len(b))
    used = np.zeros(len(b), dtype=np.bool_)
    at = np.flatnonzero(kept)
    if len(at):
        factor = Factor(H[np.ix_(at, at)])
        x[at] = factor.solve(b[at])
        used[at[factor.kept]] = True
    return _Solved(x, used)


def _pivot(H: Matrix, b: Vector, tolerance: float) -> Mask:
    """Exchange columns until signs are right, or too often in vain; returns the last set with
    fewest wrong signs.
    """
    kept = b > tolerance
    best = kept
    fewest = len(b) + 1
    patience = _PATIENCE
    for _ in range(_PIVOTS):
        x, used = _stationary(H, b, kept)
        wrong = (used & (x < 0.0)) | (~used & (b - H @ x > tolerance))
        count = int(wrong.sum())
        if count < fewest:
            best = used & (x > 0.0)
            fewest = count
            patience = _PATIENCE
        else:
            patience -= 1
        if count == 0 or patience == 0:
            break
        kept = used ^ wrong
    return best


def _walk(H: Matrix, b: Vector, kept: Mask, tolerance: float) -> Vector:
    """Lawson and Hanson's method from a set of columns: one joins at a time, those that reach 0
    leave.
    """
    x = np.zeros(len(b))
    refused = np.zeros(len(b), dtype=np.bool_)
    for _ in range(3 * len(b) + 10):
        moved = _descend(H, b, x, kept)
        if _value(H, b, moved) < _value(H, b, x):
            x, refused[:] = moved, False
        kept = x > 0.0
        gain = np.where(kept | refused, -np.inf, b - H @ x)
        best = int(np.argmax(gain))
        if not gain[best] > tolerance:
            break
        kept[best] = refused[best] = True
    return x


def _descend(H: Matrix, b: Vector, x: Vector, kept: Mask) -> Vector:
    """Go to the minimum over some columns, leaving those that reach 0 on the way."""
    for _ in range(len(b) + 1):
        z, used = _stationary(H, b, kept)
        falling = kept & (z <= 0.0) & (used | (x > 0.0))
        if not falling.any():
            return np.where(kept, z, 0.0)
        moving = falling & (x > z)  # x = z = 0 is there already, and would be 0/0
        share = float(np.min(x[moving] / (x[moving] - z[moving]), initial=1.0))
        x = np.maximum(x + share * (z - x), 0.0)
        kept = kept & ~(falling & (x <= 1e-15 * x.max(initial=0.0)))
        x = np.where(kept, x, 0.0)
    return x


def _value(H: Matrix, b: Vector, x: Vector) -> float:
    return float(0.5 * x @ (H @ x) - b @ x)
