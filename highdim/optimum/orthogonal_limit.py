"""The max-margin net of orthonormal data, in closed form. New.

Points drawn from the sphere become orthonormal as d → ∞ at fixed m. For orthonormal x_1, …, x_m
with m₊ labels +1 and m₋ labels −1, Problem (1) is solved by two neurons. The first has input weight
a on every +1 point, −β on every −1 point and bias β with β/a = m₊/(1 + m₋), so it is inactive on
the −1 points and 1 on the +1 points after scaling; the second is the same with the labels exchanged
and v < 0. Each costs twice the norm of its input weights and bias. If only one label occurs its
neuron is the net: (w, b) of least norm with a + β = 1 has β = m a.

The ratio is stationarity: let λ be the multipliers of the +1 points and μ those of the −1 points
times the Clarke derivatives σ' of the first neuron there, as they lie on its kink. Its (w, b) is a
multiple of Σ λ (x_i, 1) − Σ μ (x_j, 1), so that a : β = λ : μ, and its bias m₊ a − m₋ β is to be β.
"""

from math import erfc, inf, sqrt

import numpy as np
from numpy.typing import ArrayLike

from highdim.problem.check import label_counts, possible_counts
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample
from univariate.common.arrays import Mask, Matrix, Vector
from univariate.common.check import count
from univariate.common.result import Result, result


@result
class OrthogonalLimit(Result):
    """The closed-form optimum for orthonormal data.

    Attributes
    ----------
    m_plus, m_minus : int
        Numbers of labels +1 and −1.
    norm_squared : float
        ‖θ*‖² = 2 [√(m₊(1 + m₋)/(1 + m)) + √(m₋(1 + m₊)/(1 + m))], rounded.
    value_at_origin : float
        N(0) = (m₊ − m₋)/(m + 1), rounded; about 1 − 2p.
    """

    m_plus: int
    m_minus: int
    norm_squared: float
    value_at_origin: float

    def predicted_clean_error(self, d: int) -> float:
        """Return Φ(−(m₊ − m₋)/(2 √(m₊ m₋)) √(d/m)), the clean error on the sphere in dimension d.

        An asymptotic approximation for d ≥ m, not a bound: near the origin the two neurons act as
        one linear rule. For d much smaller than m the clean error is about m₋/m instead.
        """
        d = count("d", d)
        m = self.m_plus + self.m_minus
        mixed = self.m_plus * self.m_minus
        if mixed == 0:
            margin = inf if self.m_plus else -inf
        else:
            margin = (self.m_plus - self.m_minus) / (2.0 * sqrt(mixed)) * sqrt(d / m)
        return 0.5 * erfc(margin / sqrt(2.0))

    def net(self, X: ArrayLike, y: ArrayLike) -> TwoLayerNet:
        """Return the closed form on actual data: two balanced neurons, or one if only one label
        occurs.

        Parameters
        ----------
        X : array_like, shape (m, d)
            Inputs in rows.
        y : array_like, shape (m,)
            Labels, `m_plus` of them +1 and `m_minus` of them −1.

        Returns
        -------
        TwoLayerNet
            The neuron of +1 first. On orthonormal inputs all margins are 1 and ‖θ‖² is
            `norm_squared`, up to rounding. On others the net is neither optimal nor scaled to its
            margins, which may even be negative.

        Raises
        ------
        ValueError, TypeError
            No valid sample, or other label counts.

        Cost O(m d).
        """
        sample = SphereSample.from_arrays(X, y)
        counts = label_counts(sample.y)
        if counts != (self.m_plus, self.m_minus):
            raise ValueError(
                f"`y` must hold {self.m_plus} labels +1 and {self.m_minus} labels -1, got"
                f" {counts[0]} and {counts[1]}; use orthogonal_limit({counts[0]}, {counts[1]})"
            )
        neurons = [
            _neuron(sample.X, sample.y == sign, sign)
            for sign in (1.0, -1.0)
            if np.any(sample.y == sign)
        ]
        v, W, b = (np.array(part) for part in zip(*neurons, strict=True))
        return TwoLayerNet(v, W, b)


def orthogonal_limit(m_plus: int, m_minus: int) -> OrthogonalLimit:
    """Return the max-margin norm and the predicted clean error for orthonormal data.

    Parameters
    ----------
    m_plus, m_minus : int
        Numbers of labels +1 and −1, not both zero.

    Closed form, rounded. Source: new, derived in `highdim.optimum.orthogonal_limit`.

    Examples
    --------
    >>> from highdim import orthogonal_limit
    >>> round(orthogonal_limit(16, 4).predicted_clean_error(50), 4)
    0.1178
    """
    plus, minus = possible_counts(m_plus, m_minus)
    m = plus + minus
    norm_squared = 2.0 * (sqrt(plus * (1 + minus) / (1 + m)) + sqrt(minus * (1 + plus) / (1 + m)))
    return OrthogonalLimit(plus, minus, norm_squared, (plus - minus) / (m + 1))


def limit_slope(p: float) -> float:
    """Return (1 − 2p)/(2 √(p (1 − p))), what Φ⁻¹(1 − L_cl) is to √(d/m) at noise level p in (0, 1),
    see `OrthogonalLimit.predicted_clean_error`.
    """
    return (1.0 - 2.0 * p) / (2.0 * sqrt(p * (1.0 - p)))


def _neuron(X: Matrix, own: Mask, sign: float) -> tuple[float, Vector, float]:
    """Return the balanced neuron with input weight a on its own points, −β on the others, and bias
    β.
    """
    m = len(own)
    m_own = int(np.sum(own))
    a = (1 + m - m_own) / (1 + m)
    beta = m_own / (1 + m)
    w = np.where(own, a, -beta) @ X
    size = sqrt(float(np.hypot(np.linalg.norm(w), beta)))
    return sign * size, w / size, beta / size
