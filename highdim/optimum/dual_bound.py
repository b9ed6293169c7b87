"""The lower bound on the max-margin norm that given multipliers prove."""

import numpy as np
from numpy.typing import ArrayLike

from highdim.optimum.points import Points
from highdim.optimum.search import evaluate
from highdim.problem.sample import SphereSample, require_sample
from univariate.common import check
from univariate.common.enclosed import Number
from univariate.common.result import result

# multipliers below this part of the largest count as 0: their squares would underflow
_NEGLIGIBLE = 2.0**-400


@result
class DualBound(Number):
    """The lower bound on ‖θ*‖² from given multipliers.

    As a number it is its value: in arithmetic, in `bound == 0`, `bound < 2` and `if bound:`. Two
    results are equal if they say the same in all fields; compare `.value` for the numbers alone.

    Attributes
    ----------
    value : float
        2 Σ λ_i / sup_bound, rounded down; `float(result)` gives it too.
    sup_bound : float
        Upper bound on the gain of a unit neuron, for the multipliers given.
    sources : tuple of str
        How it was found for labels +1 and −1.
    """

    value: float
    sup_bound: float
    sources: tuple[str, str]

    def __float__(self) -> float:
        return self.value


def dual_bound(sample: SphereSample, multipliers: ArrayLike, *, bias: bool = True) -> DualBound:
    """Return the lower bound on ‖θ*‖² that given multipliers λ ≥ 0 prove.

    Parameters
    ----------
    sample : SphereSample
    multipliers : array_like, shape (m,)
        At least 0, one at least positive, on any scale. Below 2^−400 of the largest they count as
        0.
    bias : bool
        Whether hidden neurons have biases.

    Raises
    ------
    TypeError, ValueError
        No sample, or no such multipliers.

    Proved, rounded down. Cost O(m³ + m² d). Source: new, see `highdim.optimum.optimum_bounds` and
    `highdim.optimum.gain`.
    """
    require_sample(sample)
    lam = check.vector("multipliers", multipliers)
    if len(lam) != sample.size:
        raise ValueError(
            f"`multipliers` must have shape ({sample.size},), got {lam.shape}; pass one for each"
            " observation"
        )
    if np.min(lam) < 0.0 or not np.max(lam) > 0.0:
        raise ValueError(
            f"`multipliers` must be at least 0 and not all 0, got values from {np.min(lam)} to"
            f" {np.max(lam)}; clip them"
        )
    exponent = int(np.frexp(np.max(lam))[1])  # scaling by powers of two is exact
    scaled = np.ldexp(lam, -exponent)
    dual = evaluate(Points.of(sample, bias), np.where(scaled >= _NEGLIGIBLE, scaled, 0.0))
    with np.errstate(over="ignore", under="ignore"):
        return DualBound(dual.lower, float(np.ldexp(dual.gain, exponent)), dual.methods)
