"""The logistic and the exponential loss of margins q = y N(x)."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[Any]  # float32 or float64

LOSSES: Final = ("logistic", "exponential")


def total_loss(margins: Vector, loss: str) -> float:
    """Return Σ log(1 + e^−q), or Σ e^−q; inf on overflow."""
    q = margins.astype(np.float64)
    with np.errstate(over="ignore"):
        return float(np.sum(np.logaddexp(0.0, -q) if loss == "logistic" else np.exp(-q)))


def relative_slopes(margins: Vector, loss: str) -> Vector:
    """Return −ℓ'(q) over the largest of them, in float64: no underflow, however large all margins
    are.
    """
    q = margins.astype(np.float64)
    logs = q if loss == "exponential" else np.logaddexp(0.0, q)
    with np.errstate(under="ignore"):
        return np.asarray(np.exp(logs.min() - logs))


def slopes(margins: Vector, loss: str) -> Vector:
    """Return −ℓ'(q) > 0: 1/(1 + e^q), or e^−q; of the type of the margins."""
    with np.errstate(over="ignore", under="ignore"):
        if loss == "exponential":
            return np.asarray(np.exp(-margins))
        return np.asarray(np.exp(-np.logaddexp(margins.dtype.type(0.0), margins)))
