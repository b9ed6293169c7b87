"""How nearly orthogonal a sample is: Properties 1–3 of Lemma B.1, and norms as in Remark 4.2."""

from functools import partial
from math import log, sqrt
from typing import Final

import numpy as np

from univariate.common.arrays import Matrix, Vector
from univariate.common.claim import Claim, Kind, Source, decide
from univariate.common.result import Result, result

GRAM_NORM: Final = 1.5
"""Threshold of Property 2.

The paper's constant C is unspecified; its proof of Theorem 4.1 uses ‖XXᵀ − I‖ ≤ 1/2.
"""

_ULPS: Final = 8.0  # rounding of a normalised row and of its squared norm, for each doubling of d


Property = Claim  # the public name of the properties


@result
class NearOrthogonality(Result):
    """The properties that the proof of Theorem 4.1 conditions on.

    Attributes
    ----------
    delta : float
    inner_products : Claim
        Property 1: max over i ≠ j of |x_i·x_j| against √(2 log(3m²/δ)/d).
    gram_norm : Claim
        Property 2: ‖XXᵀ‖ against `GRAM_NORM`.
    negatives : Claim
        Property 3: |I₋| against 3pm/2; labels that differ from the truth, whatever it is.
    norms : Claim
        max over i of | ‖x_i‖² − 1 |; rounding on the sphere.
    typical_gram_norm : float
        (1 + √(m/d))², where ‖XXᵀ‖ concentrates for large m and d; Property 2 needs d of order m,
        Eq. (16) hides that.
    """

    delta: float
    inner_products: Claim
    gram_norm: Claim
    negatives: Claim
    norms: Claim
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
    """Evaluate the properties from the Gram matrix (m, m) of a sample with labels y, where −1 is
    noise.

    On the sphere the thresholds of 1 and 3 are the paper's, δ/3 for each property. For the other
    distributions the norms vary too: δ/4 each, and inner products are allowed to grow with the
    largest squared norm. Rounded. Cost O(m³). Source: Lemma B.1, Remark 4.2; Laurent and Massart's
    bound for χ².
    """
    m = len(y)
    # one part of δ for each property; off the sphere the norms are the fourth
    parts = 3 if distribution == "sphere" else 4
    spread = _spread(m, d, delta / parts, distribution)
    angle = sqrt(2.0 * log(parts * m * m / delta) / d)
    inner = f"Property 1: |x_i·x_j| ≤ √(2 log({parts}m²/δ)/d)"
    if distribution == "gaussian":  # inner products grow with the norms
        angle *= 1.0 + spread
        inner += " (1 + t), t as for norms"
    of_sample = partial(decide, Source.LEMMA_B_1, relation="≤", kind=Kind.SAMPLE)
    largest = float(np.linalg.norm(gram, 2))
    minus = float(np.sum(y < 0.0))
    off = float(np.abs(np.diag(gram) - 1.0).max())
    return NearOrthogonality(
        delta,
        of_sample(inner, correlation(gram), threshold=angle, short="inner products"),
        of_sample(
            f"Property 2: ‖XXᵀ‖ ≤ {GRAM_NORM}",
            largest,
            threshold=GRAM_NORM,
            form="corrected",
            short="norm of the Gram matrix",
        ),
        of_sample("Property 3: |I₋| ≤ 3pm/2", minus, threshold=1.5 * p * m, short="labels −1"),
        of_sample(
            "| ‖x_i‖² − 1 | ≤ t",
            off,
            threshold=spread,
            form="computed",
            short="squared norms off 1",
        ),
        (1.0 + sqrt(m / d)) ** 2,
    )


def correlation(gram: Matrix) -> float:
    """Return the largest |x_i·x_j|, i ≠ j; 0 for a single observation."""
    return float(np.abs(gram - np.diag(np.diag(gram))).max())


def _spread(m: int, d: int, delta: float, distribution: str) -> float:
    """Return what | ‖x_i‖² − 1 | exceeds for some i with probability at most δ."""
    if distribution == "gaussian":  # tails of χ² by Laurent and Massart
        t = log(2.0 * m / delta)
        return 2.0 * sqrt(t / d) + 2.0 * t / d
    if distribution == "ball":  # P(‖x‖ ≤ r) = r^d
        return float(-np.expm1(2.0 * np.log(delta / m) / d))
    return _ULPS * float(np.finfo(np.float64).eps) * (1.0 + log(d))
