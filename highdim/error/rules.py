"""Rules that are no nets: the nearest neighbour and ridgeless regression.

A rule decides by the sign of its value.
"""

from typing import Any, Final

import numpy as np

from highdim.error.tangent_kernel import tangent_kernel
from highdim.problem.check import points
from highdim.problem.sample import SphereSample, require_sample
from univariate.common import check
from univariate.common.arrays import Matrix, Vector
from univariate.common.result import Result, result
from univariate.common.tolerance import UNIT_ROUNDOFF

FITTED: Final = 1e-4  # misfit of a regression that passes for fitted

_UNDERFLOW: Final = 2.0**-1000
"""More than all that is lost by underflow in sums of products of numbers up to 1."""


@result
class NearestNeighbour(Result):
    """The rule of the nearest observation, in Euclidean distance.

    Its value at x is half the squared distance to the nearest −1 less that to the nearest +1; the
    sign is the label of the nearest observation, and 0 where the two are equally far. With one
    label only it is that label.
    """

    sample: SphereSample

    def __post_init__(self) -> None:
        require_sample(self.sample)

    def __call__(self, X: Any) -> Vector:
        """Return the value at the rows of X, (k, d) → (k,). Rounded; cost O(k m d)."""
        values, _, power = self._scaled(points("X", X, self.sample.dimension))
        return np.asarray(np.ldexp(values, 2 * power))

    def bounded(self, X: Matrix) -> tuple[Vector, Vector]:
        """Return values over a power of 4, and bounds on their rounding errors, at rows of X."""
        return self._scaled(X)[:2]

    def _scaled(self, X: Matrix) -> tuple[Vector, Vector, int]:
        """Return values, bounds, and the power of 2 that coordinates were divided by."""
        y = self.sample.y
        if len(np.unique(y)) == 1:
            return np.full(len(X), y[0]), np.zeros(len(X)), 0
        largest = max(np.abs(self.sample.X).max(), np.abs(X).max(initial=0.0))
        power = int(np.frexp(largest)[1])
        X, data = np.ldexp(X, -power), np.ldexp(self.sample.X, -power)
        scores = X @ data.T - 0.5 * np.sum(data**2, axis=1)
        plus, minus = (np.max(scores[:, y == label], axis=1) for label in (1.0, -1.0))
        # squares of data that are tiny beside X vanish
        top = float(np.abs(data).max())
        longest = top * float(np.linalg.norm(data / top, axis=1).max()) if top > 0.0 else 0.0
        size = np.linalg.norm(X, axis=1) * longest + longest**2
        terms = 4.0 * (X.shape[1] + 4)
        return plus - minus, terms * (UNIT_ROUNDOFF * size + _UNDERFLOW), power


@result
class TangentRegression(Result):
    """Ridgeless regression with the tangent kernel of infinitely wide two-layer nets with biases.

    f(x) = Σ_i α_i k(x, x_i) with f(x_i) = y_i. With x̃ = (x, 1), r the product of lengths and θ the
    angle of x̃ and x̃′, k = r ((π − θ) cos θ + sin θ)/π, of output weights, plus r cos θ (π − θ)/π,
    of the first layer. The rule is that of the rounded α. Source: Cho and Saul, Advances in Neural
    Information Processing Systems 22 (2009); Jacot, Gabriel and Hongler, ibid. 31 (2018).

    Attributes
    ----------
    sample : SphereSample
    coefficients : ndarray, shape (m,)
        α. `TangentRegression.of(sample)` finds them.

    Raises
    ------
    TypeError, ValueError
        No sample, or not one finite number for each observation.
    """

    sample: SphereSample
    coefficients: Vector

    def __post_init__(self) -> None:
        require_sample(self.sample)
        coefficients = check.vector("coefficients", self.coefficients)
        if len(coefficients) != self.sample.size:
            raise ValueError(
                f"`coefficients` must have a number for each of the {self.sample.size}"
                f" observations, got {len(coefficients)}; use TangentRegression.of(sample)"
            )
        object.__setattr__(self, "coefficients", coefficients)

    @classmethod
    def of(cls, sample: SphereSample) -> "TangentRegression":
        """Fit all labels of a sample. Rounded; cost O(m² d + m³).

        Raises
        ------
        TypeError, ValueError
            No sample, or one that is not fitted to four digits: inputs that repeat, or nearly do.
        """
        require_sample(sample)
        gram = tangent_kernel(sample.X, sample.X)[0]
        alpha = np.asarray(np.linalg.lstsq(gram, sample.y, rcond=None)[0], dtype=np.float64)
        off = float(np.max(np.abs(gram @ alpha - sample.y)))
        if not off <= FITTED:
            raise ValueError(
                f"`sample` must have inputs that differ, got a regression that misses labels by"
                f" {off:.3g}; merge inputs that nearly repeat"
            )
        return cls(sample, alpha)

    def __call__(self, X: Any) -> Vector:
        """Return f at the rows of X, (k, d) → (k,). Rounded; cost O(k m d)."""
        return self.bounded(points("X", X, self.sample.dimension))[0]

    def bounded(self, X: Matrix) -> tuple[Vector, Vector]:
        """Return values at the rows of X, and bounds on their rounding errors."""
        kernel, errors = tangent_kernel(X, self.sample.X)
        size = np.abs(self.coefficients)
        summing = (len(size) + 2) * UNIT_ROUNDOFF
        bounds = errors @ size + summing * (np.abs(kernel) @ size)
        return kernel @ self.coefficients, bounds
