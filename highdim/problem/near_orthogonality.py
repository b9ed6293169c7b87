"""How nearly orthogonal a sample is: Properties 1–3 of Lemma B.1, and norms for the distributions
of Remark 4.2.
"""

from dataclasses import dataclass
from math import log, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from univariate.common.result import Result

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

GRAM_NORM: Final = 1.5
"""Threshold of Property 2.

The paper's constant C is unspecified; its proof of Theorem 4.1 uses ‖XXᵀ − I‖ ≤ 1/2.
"""

_ULPS: Final = 8.0  # rounding of a normalised row and of its squared norm, for each doubling of d


@dataclass(frozen=True, repr=False)
class Property(Result):
    """One property of a sample: a statistic and the threshold that it must not exceed."""

    name: str
    value: float
    threshold: float
    holds: bool


@dataclass(frozen=True, repr=False)
class NearOrthogonality(Result):
    """The properties that the proof of Theorem 4.1 conditions on.

    Attributes
    ----------
    delta : float
    inner_products : Property
        Property 1: max over i ≠ j of |x_i·x_j| against √(2 log(3m²/δ)/d).
    gram_norm : Property
        Property 2: ‖XXᵀ‖ against `GRAM_NORM`.
    negatives : Property
        Property 3: |I₋| against 3pm/2.
    norms : Property
        max over i of | ‖x_i‖² − 1 |; rounding on the sphere.
    typical_gram_norm : float
        (1 + √(m/d))², where ‖XXᵀ‖ concentrates for large m and d; Property 2 needs d of order m,
        Eq. (16) hides that.
    """

    delta: float
    inner_products: Property
    gram_norm: Property
    negatives: Property
    norms: Property
    typical_gram_norm: float

    @property
    def holds(self) -> bool:
        """Whether all of them hold."""
        return all(
            one.holds for one in (self.inner_products, self.gram_norm, self.negatives, self.norms)
        )


def near_orthogonality(
    gram: Matrix, y: Vector, d: int, p: float, delta: float, distribution: str
) -> NearOrthogonality:
    """Evaluate the properties from the Gram matrix (m, m) of a sample with labels y.

    On the sphere the thresholds of 1 and 3 are the paper's, δ/3 for each property. For the other
    distributions the norms vary too: δ/4 each, and inner products are allowed to grow with the
    largest squared norm. Rounded. Cost O(m³). Source: Lemma B.1, Remark 4.2; Laurent and Massart's
    bound for χ².
    """
    m, parts = len(y), 3 if distribution == "sphere" else 4
    squares = np.diag(gram)
    off = np.abs(gram - np.diag(squares))
    spread = _spread(m, d, delta / parts, distribution)
    angle = sqrt(2.0 * log(parts * m * m / delta) / d) * (
        1.0 + (spread if distribution == "gaussian" else 0.0)
    )
    return NearOrthogonality(
        delta,
        _property("inner products", float(off.max()), angle),
        _property("norm of the Gram matrix", float(np.linalg.norm(gram, 2)), GRAM_NORM),
        _property("labels −1", float(np.sum(y < 0.0)), 1.5 * p * m),
        _property("squared norms off 1", float(np.abs(squares - 1.0).max()), spread),
        (1.0 + sqrt(m / d)) ** 2,
    )


def _spread(m: int, d: int, delta: float, distribution: str) -> float:
    """Return what | ‖x_i‖² − 1 | exceeds for some i with probability at most δ."""
    if distribution == "gaussian":
        t = log(2.0 * m / delta)
        return 2.0 * sqrt(t / d) + 2.0 * t / d
    if distribution == "ball":  # P(‖x‖ ≤ r) = r^d
        return float(-np.expm1(2.0 * np.log(delta / m) / d))
    return _ULPS * float(np.finfo(np.float64).eps) * (1.0 + log(d))


def _property(name: str, value: float, threshold: float) -> Property:
    return Property(name, value, threshold, value <= threshold)
