"""A damped step of least squares with a sparse matrix, scaled first. Rounded.

Small systems are solved as dense ones, for the same step at a tenth of the cost.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from univariate.common.arrays import Matrix, Vector

if TYPE_CHECKING:
    from scipy import sparse

_RESIDUAL_WEIGHT: Final = 1e-5  # only conditions the augmented system
_LEAST_SHARE: Final = 1e-6  # of the largest slope change, in the scaling of steps
_GLOBAL_ROWS: Final = 2  # N(x_0) and the first slope, see `rows`: far neurons are in them, too
_FELT: Final = 1e-16  # a damping that leaves no pivot zero
_DENSE: Final = 2500  # entries of a matrix that no sparse solver is worth its setting up


def damped_step(
    jacobian: "sparse.csc_array", residual: Vector, damping: float, sizes: Vector
) -> Vector:
    """Return the step d that minimises ‖J d + F‖² + damping ‖d‖² after scaling J. Rounded.

    The first columns stand for unknowns of the given sizes: where the step is not unique, the large
    ones move. The first two rows are global.
    """
    if np.prod(jacobian.shape, dtype=np.int64) <= _DENSE:
        return _dense_step(jacobian.toarray(), residual, damping, sizes)
    return _sparse_step(jacobian, residual, damping, sizes)


def _dense_step(J: Matrix, residual: Vector, damping: float, sizes: Vector) -> Vector:
    rows, size = J.shape
    entries = np.abs(J)
    whole = entries.max(axis=0, initial=0.0)
    local = entries[min(_GLOBAL_ROWS, rows - 1) :].max(axis=0, initial=0.0)
    shrink = _column_factors(whole, local, sizes)
    scaled = J * shrink
    lower = _row_factors(np.abs(scaled[:_GLOBAL_ROWS]).max(axis=1, initial=0.0), rows)
    scaled *= lower[:, None]
    system = np.empty((rows + size, rows + size))
    system[:rows, :rows] = _RESIDUAL_WEIGHT * np.eye(rows)
    system[:rows, rows:] = scaled
    system[rows:, :rows] = scaled.T
    system[rows:, rows:] = (-damping / _RESIDUAL_WEIGHT) * np.eye(size)
    target = np.append(-lower * residual, np.zeros(size))
    try:
        solution = np.linalg.solve(system, target)
    except np.linalg.LinAlgError:  # the damping is lost to rounding: the shortest step
        solution = np.linalg.lstsq(system, target)[0]
    return np.asarray(shrink * solution[rows:], dtype=np.float64)


def _sparse_step(
    jacobian: "sparse.csc_array", residual: Vector, damping: float, sizes: Vector
) -> Vector:
    from scipy import sparse
    from scipy.sparse.linalg import splu

    rows, size = jacobian.shape
    entries = sparse.csr_array(jacobian)
    local = _largest(entries[min(_GLOBAL_ROWS, rows - 1) :])
    shrink = _column_factors(_largest(entries), local, sizes)
    scaled = jacobian @ sparse.diags_array(shrink)
    lower = _row_factors(_largest(sparse.csr_array(scaled.T))[:_GLOBAL_ROWS], rows)
    scaled = sparse.diags_array(lower) @ scaled
    corner = (-damping / _RESIDUAL_WEIGHT) * sparse.eye_array(size)
    system = sparse.block_array(
        [[_RESIDUAL_WEIGHT * sparse.eye_array(rows), scaled], [scaled.T, corner]]
    )
    target = np.append(-lower * residual, np.zeros(size))
    try:
        solution = splu(sparse.csc_array(system)).solve(target)
    except RuntimeError:  # the damping is lost to rounding
        return _sparse_step(jacobian, residual, max(1e6 * damping, _FELT), sizes)
    return np.asarray(shrink * solution[rows:], dtype=np.float64)


def _column_factors(whole: Vector, local: Vector, sizes: Vector) -> Vector:
    """Return factors of the columns: one over the largest entry, times the sizes given.

    Columns are scaled by their entries in rows that are not global, else those would be lost beside
    them.
    """
    largest = np.where(local > 0.0, local, np.where(whole > 0.0, whole, 1.0))
    shrink = 1.0 / largest
    sized = len(sizes)
    weight = sizes * largest[:sized]
    shrink[:sized] *= np.clip(weight / max(weight.max(initial=0.0), 1e-300), _LEAST_SHARE, 1.0)
    return shrink


def _row_factors(heads: Vector, rows: int) -> Vector:
    """Return factors of the rows, given the largest entries of the global ones."""
    return np.append(1.0 / np.maximum(heads, 1.0), np.ones(rows - len(heads)))


def _largest(matrix: "sparse.csr_array") -> Vector:
    """Return the largest absolute entry of every column."""
    return np.asarray(abs(matrix).max(axis=0).toarray().ravel())
