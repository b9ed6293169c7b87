"""The tangent kernel of infinitely wide two-layer nets with biases, see `TangentRegression`."""

import numpy as np

from univariate.common.arrays import Matrix, Vector
from univariate.common.tolerance import UNIT_ROUNDOFF


def tangent_kernel(left: Matrix, right: Matrix) -> tuple[Matrix, Matrix]:
    """Return the kernel at pairs of rows, and bounds on its rounding errors."""
    r = np.outer(_lengths(left), _lengths(right))
    cosine = np.clip((left @ right.T + 1.0) / r, -1.0, 1.0)
    rest = np.pi - np.arccos(cosine)
    sine = np.sqrt((1.0 - cosine) * (1.0 + cosine))
    # the slope in the cosine is 2 (π − θ) + cot θ, and next to θ = 0 half of all digits are lost
    off = 2.0 * (left.shape[1] + 16) * UNIT_ROUNDOFF
    errors = r * off * (4.0 + 2.0 / np.maximum(sine, np.sqrt(off)))
    return np.asarray(r * (2.0 * rest * cosine + sine) / np.pi), errors


def _lengths(X: Matrix) -> Vector:
    """Return the lengths of (x, 1)."""
    return np.asarray(np.sqrt(np.sum(X**2, axis=1) + 1.0))
