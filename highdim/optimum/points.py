"""The points x̃_i that neurons see, (x_i, 1) with biases and x_i without, and sums over them with
proved errors.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from highdim.optimum.augmented import inputs
from highdim.optimum.rounding import (
    TINY,
    UP,
    blocked,
    gamma,
    largest_eigenvalue_above,
    norms_above,
    triangular,
)
from highdim.problem.sample import SphereSample
from univariate.common import check
from univariate.common.arrays import Indices, Matrix, Vector
from univariate.common.tolerance import UNIT_ROUNDOFF


@dataclass(frozen=True)
class Points:
    """Data X (m, d), labels y (m,), X Xᵀ as computed, and whether there are biases."""

    X: Matrix
    y: Vector
    raw_gram: Matrix
    bias: bool

    @classmethod
    def of(cls, sample: SphereSample, bias: object) -> "Points":
        """Return the points of a sample; raise TypeError unless `bias` is a bool."""
        return cls(sample.X, sample.y, sample.gram, check.flag("bias", bias))

    @cached_property
    def extended(self) -> Matrix:
        """x̃_i in rows."""
        return inputs(self.X, self.bias)

    @cached_property
    def lengths(self) -> Vector:
        """Upper bounds on ‖x̃_i‖."""
        return norms_above(self.extended)

    @cached_property
    def gram(self) -> Matrix:
        """Inner products of the x̃_i, rounded."""
        return self.raw_gram + 1.0 if self.bias else self.raw_gram

    @cached_property
    def raw_error(self) -> float:
        """Bound on the spectral norm of the error of `raw_gram`, for whatever order its sums were
        taken in.
        """
        m, d = self.X.shape
        squares = float(np.sum(norms_above(self.X) ** 2))
        return float((gamma(d) * squares + m * d * TINY) * (1.0 + gamma(m)) * UP)

    @cached_property
    def gram_norm(self) -> float:
        """Upper bound on ‖XXᵀ‖; positive."""
        return (largest_eigenvalue_above(self.raw_gram) + self.raw_error) * UP

    @cached_property
    def factor(self) -> Matrix:
        """A matrix F (min(m, d + 1), m) with columns that have the inner products of the x̃_i,
        rounded.
        """
        columns = self.extended.T
        return columns if len(columns) <= len(self.X) else triangular(columns)

    def combined(self, z: Vector) -> tuple[Vector, float]:
        """Return Σ z_i x̃_i, computed, and a bound on the norm of its error."""
        reach = float(np.abs(z) @ self.lengths) * (1.0 + gamma(len(z)))
        return self.extended.T @ z, (gamma(len(z)) * reach + self.extended.size * TINY) * UP

    def products(self, e: Vector) -> tuple[Vector, Vector]:
        """Return x̃_i·e and bounds on the errors, each (m,)."""
        values, relative = blocked(self.extended, e[None, :])
        length = float(norms_above(e[None, :])[0])
        return values[:, 0], (relative * length * self.lengths + len(e) * TINY) * UP

    def spread_above(self, chosen: Indices, direction: Vector) -> float:
        """Bound z·G z/‖z‖² for z ⟂ direction > 0, G the Gram matrix of the chosen x̃_i.

        For every a, z·G z = z·(G − direction aᵀ − a directionᵀ) z. The a that projects is taken, so
        its own rounding does not matter.
        """
        gram = self.gram[np.ix_(chosen, chosen)]
        square = float(direction @ direction)
        image = gram @ direction / square
        a = image - 0.5 * float(image @ direction) / square * direction
        outer = np.outer(direction, a)
        sizes = np.abs(gram) + np.abs(outer) + np.abs(outer.T)
        largest = float(np.max(sizes.sum(axis=1)))
        rounding = 4.0 * UNIT_ROUNDOFF * largest * (1.0 + gamma(len(gram))) * UP
        above = largest_eigenvalue_above(gram - (outer + outer.T))
        return (above + rounding + self.raw_error) * UP


def subject_of(sample: SphereSample, bias: bool) -> str:
    """Return what bounds are recognised by: the sample, and whether neurons have biases."""
    return f"{sample.fingerprint}, {'biases' if bias else 'no biases'}"
