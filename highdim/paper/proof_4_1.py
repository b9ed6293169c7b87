"""The steps of Theorem 4.1's proof, each with its numbers on a net and a sample.

Corrected ones stand beside those printed; see `highdim.paper.theorem_4_1`.
"""

from functools import partial
from math import inf, log, sqrt
from typing import Final

import numpy as np

from highdim.optimum.optimum_bounds import OptimumBounds
from highdim.paper.checks import ratio
from highdim.paper.setting import Setting
from highdim.paper.shared import last_steps
from univariate.common.claim import Claim, Kind, Source, decide

SPAN: Final = 1e-6
"""Largest relative distance at which input weights count as combinations of the data."""

THEOREM: Final = Source.THEOREM_4_1


def steps(setting: Setting, bounds: OptimumBounds, found: dict[str, float]) -> tuple[Claim, ...]:
    """Evaluate the proof from the quantities of the theorem."""
    most = 9.0 * sqrt(setting.m)
    return (
        *_spectral(setting),
        decide(THEOREM, "N(0) = Σ v_j σ(b_j) > ½", setting.bias_sum, ">", 0.5, kind=Kind.BIAS_SUM),
        *_small_bias(setting),
        *_optimum(setting, bounds),
        decide(THEOREM, "‖θ‖² ≤ 9 √m", found["norm_squared"], "≤", most, kind=Kind.NORM),
        *_coefficients(setting, found),
        _new_point_as_printed(setting, found),
        *last_steps(setting, found, "‖v‖ ‖W‖ max_j Σ_i |α_ij|", "‖v‖"),
    )


def _spectral(setting: Setting) -> tuple[Claim, ...]:
    """Eq. (16), and what is true instead.

    σ_max is 1-Lipschitz on the product of m spheres, so it exceeds its mean by t with probability
    at most exp(−(d − 1) t²/2); with Gaussian rows g_i = ‖g_i‖ x_i, Jensen's inequality over the
    norms gives E σ_max(X) ≤ E σ_max(G)/E ‖g‖ ≤ (√d + √m) √(d + 1)/d.
    """
    m, d = setting.m, setting.d
    share = (d + log(3.0 / setting.delta)) / m
    printed = (sqrt(share) + share) / d
    mean = (sqrt(d) + sqrt(m)) * sqrt(d + 1.0) / d
    corrected = (mean + sqrt(2.0 * log(3.0 / setting.delta) / (d - 1.0))) ** 2
    equation = partial(decide, Source.EQUATION_16, kind=Kind.SAMPLE)
    return (
        equation(
            "‖XXᵀ − I‖ ≤ (1/d) (√((d + log(3/δ))/m) + (d + log(3/δ))/m)",
            setting.off_identity,
            "≤",
            printed,
            reason="with c' = 1",
        ),
        equation(
            "‖XXᵀ‖ ≤ ((√d + √m) √(d + 1)/d + √(2 log(3/δ)/(d − 1)))²",
            setting.gram_norm,
            "≤",
            corrected,
            "corrected",
        ),
    )


def _small_bias(setting: Setting) -> tuple[Claim, ...]:
    """Lemma B.2; where N(0) > ½ only the inequality behind it is left."""
    rest = ratio(setting.plus, setting.gram_norm)
    least = sqrt(rest) * max(0.0, 1.0 - setting.bias_sum)
    norm = partial(decide, Source.LEMMA_B_2, kind=Kind.NORM)
    inequality = norm(
        "‖v‖ ‖W‖ ≥ (1 − N(0)) √(|I₊|/‖XXᵀ‖)", setting.weight_product, "≥", least, "computed"
    )
    if setting.bias_sum > 0.5:
        return (inequality,)
    margin = partial(decide, Source.LEMMA_B_2, kind=Kind.INTERPOLATION)
    ahead = setting.sample.y * setting.margins - setting.bias_sum
    on_plus = float(np.min(ahead[setting.positive], initial=inf))
    squared = setting.certificate.norm_squared
    return (
        inequality,
        margin("½ ≤ N(x_i) − N(0), i ∈ [m]", float(ahead.min()), "≥", 0.5),
        margin("½ ≤ N(x_i) − N(0), i ∈ I₊", on_plus, "≥", 0.5, "corrected"),
        norm("‖θ‖² ≥ √(|I₊|/(12C))", squared, "≥", sqrt(rest / 12.0)),
        norm("‖θ‖² ≥ √(|I₊|/(4C))", squared, "≥", sqrt(rest / 4.0), "corrected"),
    )


def _optimum(setting: Setting, bounds: OptimumBounds) -> tuple[Claim, ...]:
    """Lemma B.3, by the proved bounds on ‖θ*‖²."""
    low = bounds.lower
    root = sqrt(setting.minus)
    at_most = partial(decide, Source.LEMMA_B_3, low=low, high=bounds.upper, kind=Kind.OPTIMUM)
    return (
        at_most("‖θ*‖² ≤ 9 √|I₋|", low, "≤", 9.0 * root),
        at_most("‖θ*‖² ≤ 10 √|I₋|", low, "≤", 10.0 * root, "corrected"),
    )


def _coefficients(setting: Setting, found: dict[str, float]) -> tuple[Claim, ...]:
    """What the proof says about w_j = ‖w_j‖ Σ_i α_ij x_i."""
    claim = partial(decide, THEOREM, kind=Kind.NEURONS)
    spans = claim("every w_j in the span of the data", found["off_the_span"], "≤", SPAN, "computed")
    if not spans.holds:
        return (spans,)
    total, euclidean = found["longest_coefficients"], found["largest_coefficients"]
    # equality for coefficients of one size: SPAN leaves room for rounding
    most = sqrt(setting.m) * euclidean * (1.0 + SPAN)
    checks = (
        spans,
        claim(
            "|w_j·x| ≤ ‖w_j‖ ‖α_j‖ t where |x_i·x| ≤ t: max_j Σ_i |α_ij| ≤ max_j ‖α_j‖",
            total,
            "≤",
            euclidean,
            reason="x with x_i·x = t sign α_ij attains the sum",
        ),
        claim("max_j Σ_i |α_ij| ≤ √m max_j ‖α_j‖", total, "≤", most, "corrected"),
    )
    if setting.off_identity >= 1.0:
        return checks
    least = sqrt(1.0 - setting.off_identity)
    return (
        *checks,
        claim("max_j ‖α_j‖² ≤ 1/(1 − ‖XXᵀ − I‖)", euclidean, "≤", (1.0 + SPAN) / least),
    )


def _new_point_as_printed(setting: Setting, found: dict[str, float]) -> Claim:
    """N(x) > 0 with probability 1 − ε, with the proof's constants."""
    angle = sqrt(2.0 * log(setting.m / setting.epsilon) / setting.d)
    ahead = 0.5 - 81.0 * setting.m * found["largest_coefficients"] * angle
    claim = "½ − 81 m c″ √(2 log(m/ε)/d) > 0"
    return decide(THEOREM, claim, ahead, ">", 0.0, kind=Kind.NEW_POINT)
