"""Theorem 4.1 on a given net and sample: near-optimal KKT points overfit benignly.

The theorem is about nets with biases, and leaves its constants open, so the values that they would
need are reported, and every step of the proof is evaluated with the sample's own quantities: ‖XXᵀ‖
instead of C, ‖θ*‖² between certified bounds, N(0) = Σ v_j σ(b_j) instead of ½. Corrected against
print: Lemma B.2 is about i ∈ I₊ only and its constant is 1/√(4C); Lemma B.3's norm is 10 √|I₋|; Eq.
(16) exchanges m and d; coefficients enter by Σ_i |α_ij|, where the proof has their Euclidean norm.
"""

from math import inf, isfinite, log, sqrt
from typing import Any

import numpy as np

from highdim.error.estimate import Estimate
from highdim.optimum.optimum_bounds import OptimumBounds, optimum_bounds
from highdim.optimum.points import subject_of
from highdim.paper import shared
from highdim.paper.checks import ratio
from highdim.paper.concentration import coefficients
from highdim.paper.proof_4_1 import SPAN, steps
from highdim.paper.setting import Levels, Setting
from highdim.problem.network import Network
from highdim.problem.sample import SphereSample
from highdim.problem.statement import StatementReport
from highdim.standing.kkt import KktCertificate
from univariate.common import check
from univariate.common.claim import Claim, Kind, Source, decide
from univariate.common.tolerance import DEFAULT_CONFIDENCE


@np.errstate(over="ignore")  # what leaves the range of doubles is inf, and says nothing
def theorem_4_1(  # noqa: PLR0913 (what is known already may be passed)
    net: Network,
    sample: SphereSample,
    *,
    epsilon: float = 0.01,
    delta: float = DEFAULT_CONFIDENCE,
    p: float | None = None,
    certificate: KktCertificate | None = None,
    bounds: OptimumBounds | None = None,
    error: Estimate | None = None,
    rng: Any = 0,
) -> StatementReport:
    """Evaluate Theorem 4.1: L_cl ≤ ε at KKT points with ‖θ‖² ≤ (c₄/√p) ‖θ*‖².

    It asks for d ≥ c₃ m² log(m/ε) log(m/δ).

    Parameters
    ----------
    net : TwoLayerNet
    sample : SphereSample
    epsilon, delta : float
        The theorem's ε and δ, in (0, 1).
    p : float, optional
        Noise level. If left out, the `p` that the sample has, else its share of labels −1, which
        are the flipped ones, as the theorem's truth is +1.
    certificate, bounds, error : optional
        Results of `kkt_certificate(net, sample)`, `optimum_bounds(sample, [net])` and
        `clean_error(net)`, to save computing them again.
    rng : int or numpy.random.Generator
        For the clean error.

    Returns
    -------
    StatementReport
        `hypotheses`: those that make the proof go through on this sample, the unnamed constants
        replaced by what it needs. `steps`: its inequalities. `quantities`: N(0) ("bias_sum"), the
        implied constants c₁ to c₄ (c₄ between "c4_low" and "c4_high"), the norms, and upper bounds
        on L_cl: "epsilon_proof" by the proof's union over the data, "epsilon_levy" by Lévy's
        inequality, "dimension_for_epsilon" what the former would need.

    Raises
    ------
    TypeError, ValueError
        A net of three layers, dimensions that differ, numbers out of range.

    Rounded; the clean error is sampled, with an interval, and may leave the conclusion UNDECIDED.
    Cost that of `kkt_certificate`, `optimum_bounds` and `clean_error`. Source: Theorem 4.1, Lemmas
    B.1 to B.3.
    """
    setting = Setting.of(
        Source.THEOREM_4_1,
        net,
        sample,
        Levels(epsilon, delta, p),
        error=error,
        certificate=certificate,
        rng=rng,
    )
    bias = setting.net.b is not None
    if bounds is not None:
        remedy = f"optimum_bounds(sample, [net], bias={bias})"
        check.belongs("bounds", bounds, subject_of(sample, bias), remedy, what="sample")
    first = shared.hypotheses(setting, (), _on_the_sample(setting))
    if not setting.interpolates:
        return shared.statement(setting, first)
    if bounds is None:
        bounds = optimum_bounds(sample, [setting.net], bias=bias)
    found = _quantities(setting, bounds)
    hypotheses = (*first, *_on_the_net(setting, found))
    return shared.statement(setting, hypotheses, steps(setting, bounds, found), found)


def _on_the_sample(setting: Setting) -> tuple[Claim, ...]:
    """Properties 1 to 3."""
    source = Source.LEMMA_B_1
    most = 1.5 * setting.p * setting.m
    return (
        shared.property_1(setting, 3.0, source),
        decide(
            source,
            "Property 2, as the proof uses it: ‖XXᵀ − I‖ ≤ ½",
            setting.off_identity,
            "≤",
            0.5,
            "corrected",
            kind=Kind.SAMPLE,
            short="‖XXᵀ − I‖ ≤ ½",
        ),
        decide(
            source,
            "Property 3: |I₋| ≤ 3pm/2",
            float(setting.minus),
            "≤",
            most,
            kind=Kind.SAMPLE,
            short="|I₋| ≤ 3pm/2",
        ),
    )


def _on_the_net(setting: Setting, found: dict[str, float]) -> tuple[Claim, ...]:
    """What stands for ‖θ‖² ≤ (c₄/√p) ‖θ*‖² and for the dimension."""
    norm = "‖θ‖² < √(|I₊|/(4‖XXᵀ‖))"
    dimension = "d ≥ 2 log(2m/ε) (‖v‖ ‖W‖ max_j Σ_i |α_ij| / N(0))²"
    return (
        decide(
            Source.LEMMA_B_2,
            f"{norm}, so that N(0) > ½",
            found["norm_squared"],
            "<",
            found["least_norm_if_small_bias"],
            "corrected",
            kind=Kind.NORM,
            short=norm,
        ),
        decide(
            setting.theorem,
            f"{dimension}, for ε = {setting.epsilon:g}",
            float(setting.d),
            "≥",
            found["dimension_for_epsilon"],
            "computed",
            kind=Kind.DIMENSION,
            short=dimension,
        ),
    )


def _quantities(setting: Setting, bounds: OptimumBounds) -> dict[str, float]:
    m, d = setting.m, setting.d
    p = setting.p
    epsilon = setting.epsilon
    delta = setting.delta
    norm = setting.certificate.norm_squared
    alpha, left = coefficients(setting.net.W, setting.sample.X, setting.sample.gram)
    longest = float(np.max(np.abs(alpha).sum(axis=1), initial=0.0))
    # off the span, a point orthogonal to the data may still change N
    reach = setting.weight_product * longest if longest > 0.0 else 0.0
    reach = reach if left <= SPAN else inf
    weighted = sqrt(p) * norm if p > 0.0 else 0.0  # the norm may be inf
    return {
        **shared.quantities(setting, reach),
        "norm_squared": norm,
        "optimum_low": bounds.lower,
        "optimum_high": bounds.upper,
        "c1": p,
        "c2": m * p / log(1.0 / delta),
        "c3": d / (m**2 * log(m / epsilon) * log(m / delta)),
        "c4_low": weighted / bounds.upper if isfinite(bounds.upper) else 0.0,
        "c4_high": ratio(weighted, bounds.lower),
        "least_norm_if_small_bias": sqrt(ratio(setting.plus, 4.0 * setting.gram_norm)),
        "longest_coefficients": longest,
        "largest_coefficients": float(np.max(np.linalg.norm(alpha, axis=1), initial=0.0)),
        "off_the_span": left,
    }
