"""Theorem 4.1 on a given net and sample: near-optimal KKT points of nets with biases overfit
benignly.

The theorem speaks of unnamed constants, so what they imply is reported as numbers, and every step
of the proof is evaluated with the sample's own quantities: ‖XXᵀ‖ instead of C, ‖θ*‖² between
certified bounds, N(0) = Σ v_j σ(b_j) instead of ½. Corrected against print: Lemma B.2 is about i ∈
I₊ only and its constant is 1/√(4C); Lemma B.3's norm is 10 √|I₋|; Eq. (16) exchanges m and d;
coefficients enter by Σ_i |α_ij|, where the proof has their Euclidean norm.
"""

from math import inf, log, sqrt
from typing import Any, Final

import numpy as np

from highdim.error.clean_error import Estimate
from highdim.optimum.optimum_bounds import OptimumBounds, optimum_bounds
from highdim.paper.concentration import coefficients, dimension_for, levy_bound, union_bound
from highdim.paper.setting import Setting, reason_for
from highdim.problem.network import Network
from highdim.problem.sample import SphereSample
from highdim.problem.statement import StatementReport
from highdim.standing.kkt import KktCertificate
from univariate.common.claim import Claim, concluded, decide
from univariate.common.tolerance import DEFAULT_CONFIDENCE

NAME: Final = "Theorem 4.1"
SPAN: Final = 1e-6
"""Largest relative distance at which input weights count as combinations of the data."""


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
    """Evaluate Theorem 4.1: L_cl ≤ ε at KKT points with ‖θ‖² ≤ (c₄/√p) ‖θ*‖², if d ≥ c₃ m² log(m/ε)
    log(m/δ).

    Parameters
    ----------
    net : TwoLayerNet
    sample : SphereSample
    epsilon, delta : float
        The theorem's ε and δ, in (0, 1).
    p : float, optional
        Noise level; the sample's own, or its share of labels −1, if not given.
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
    setting = Setting.of(net, sample, epsilon, delta, p, error, certificate, rng, train_output=True)
    conclusion = setting.conclusion(NAME)
    on_sample = (setting.biased(NAME), *_on_the_sample(setting))
    if not setting.interpolates:
        return _report(
            (*on_sample, setting.fits(NAME)), (), conclusion, {"clean_error": setting.error.value}
        )
    if bounds is None:
        bounds = optimum_bounds(sample, [setting.net], bias=setting.net.b is not None)
    found = _quantities(setting, bounds)
    hypotheses = (
        *on_sample,
        setting.fits(NAME),
        setting.stationary(NAME),
        *_on_the_net(setting, found),
    )
    return _report(hypotheses, _steps(setting, bounds, found), conclusion, found)


def _on_the_sample(setting: Setting) -> tuple[Claim, ...]:
    """Properties 1 to 3."""
    source = "Lemma B.1"
    return (
        setting.property_1(3.0, source),
        decide(
            source,
            "Property 2, as the proof uses it: ‖XXᵀ − I‖ ≤ ½",
            setting.off_identity,
            "≤",
            0.5,
            "corrected",
        ),
        decide(
            source,
            "Property 3: |I₋| ≤ 3pm/2",
            float(setting.minus),
            "≤",
            1.5 * setting.p * setting.m,
        ),
    )


def _on_the_net(setting: Setting, found: dict[str, float]) -> tuple[Claim, ...]:
    """What stands for ‖θ‖² ≤ (c₄/√p) ‖θ*‖² and for the dimension."""
    claim = f"d ≥ 2 log(2m/ε) (‖v‖ ‖W‖ max_j Σ_i |α_ij| / N(0))², for ε = {setting.epsilon:g}"
    return (
        decide(
            "Lemma B.2",
            "‖θ‖² < √(|I₊|/(4‖XXᵀ‖)), so that N(0) > ½",
            found["norm_squared"],
            "<",
            found["least_norm_if_small_bias"],
            "corrected",
        ),
        decide(NAME, claim, float(setting.d), "≥", found["dimension_for_epsilon"], "computed"),
    )


def _quantities(setting: Setting, bounds: OptimumBounds) -> dict[str, float]:
    m, d, p, epsilon, delta = setting.m, setting.d, setting.p, setting.epsilon, setting.delta
    norm = setting.certificate.norm_squared
    alpha, left = coefficients(setting.W, setting.sample.X, setting.sample.gram)
    sizes = np.linalg.norm(setting.W, axis=1)
    alpha = alpha[sizes > 0.0] / sizes[sizes > 0.0, None]
    longest = float(np.max(np.abs(alpha).sum(axis=1), initial=0.0))
    reach = (
        float(np.linalg.norm(setting.v) * np.linalg.norm(setting.W)) * longest
        if left <= SPAN
        else inf
    )
    return {
        "clean_error": setting.error.value,
        "bias_sum": setting.bias_sum,
        "norm_squared": norm,
        "optimum_low": bounds.lower,
        "optimum_high": bounds.upper,
        "c1": p,
        "c2": m * p / log(1.0 / delta),
        "c3": d / (m**2 * log(m / epsilon) * log(m / delta)),
        "c4_low": sqrt(p) * norm / bounds.upper,
        "c4_high": sqrt(p) * norm / bounds.lower,
        "least_norm_if_small_bias": sqrt(setting.plus / (4.0 * setting.gram_norm)),
        "longest_coefficients": longest,
        "largest_coefficients": float(np.max(np.linalg.norm(alpha, axis=1), initial=0.0)),
        "reach": reach,
        "off_the_span": left,
        "epsilon_proof": union_bound(reach, setting.bias_sum, m, d),
        "epsilon_levy": levy_bound(setting.v, setting.W, setting.bias_sum),
        "dimension_for_epsilon": dimension_for(reach, setting.bias_sum, m, epsilon),
    }


def _steps(setting: Setting, bounds: OptimumBounds, found: dict[str, float]) -> tuple[Claim, ...]:
    norm, root = found["norm_squared"], sqrt(setting.minus)
    error, low = setting.error, bounds.lower
    return (
        *_spectral(setting),
        decide(NAME, "N(0) = Σ v_j σ(b_j) > ½", setting.bias_sum, ">", 0.5),
        *_small_bias(setting),
        decide("Lemma B.3", "‖θ*‖² ≤ 9 √|I₋|", low, "≤", 9.0 * root, low=low, high=bounds.upper),
        decide(
            "Lemma B.3",
            "‖θ*‖² ≤ 10 √|I₋|",
            low,
            "≤",
            10.0 * root,
            "corrected",
            low=low,
            high=bounds.upper,
        ),
        decide(NAME, "‖θ‖² ≤ 9 √m", norm, "≤", 9.0 * sqrt(setting.m)),
        *_coefficients(setting, found),
        *_at_a_new_point(setting, found),
        decide(
            NAME,
            "L_cl ≤ 2m exp(−d t²/2), t = N(0)/(‖v‖ ‖W‖ max_j Σ_i |α_ij|)",
            error.value,
            "≤",
            found["epsilon_proof"],
            "corrected",
            low=error.low,
            high=error.high,
        ),
        decide(
            NAME,
            "L_cl ≤ exp(−(d − 1) s²/(2 ‖W‖²)), s = N(0)/‖v‖ − ‖W‖_F/√d",
            error.value,
            "≤",
            found["epsilon_levy"],
            "computed",
            low=error.low,
            high=error.high,
        ),
    )


def _spectral(setting: Setting) -> tuple[Claim, ...]:
    """Eq. (16), and what is true instead.

    σ_max is 1-Lipschitz on the product of m spheres, so it exceeds its mean by t with probability
    at most exp(−(d − 1) t²/2); with Gaussian rows g_i = ‖g_i‖ x_i, Jensen's inequality over the
    norms gives E σ_max(X) ≤ E σ_max(G)/E ‖g‖ ≤ (√d + √m) √(d + 1)/d.
    """
    m, d = setting.m, setting.d
    share = (d + log(3.0 / setting.delta)) / m
    mean = (sqrt(d) + sqrt(m)) * sqrt(d + 1.0) / d
    largest = (mean + sqrt(2.0 * log(3.0 / setting.delta) / (d - 1.0))) ** 2
    claim = "‖XXᵀ − I‖ ≤ (1/d) (√((d + log(3/δ))/m) + (d + log(3/δ))/m)"
    return (
        decide(
            "Eq. (16)",
            claim,
            setting.off_identity,
            "≤",
            (sqrt(share) + share) / d,
            reason="with c' = 1",
        ),
        decide(
            "Eq. (16)",
            "‖XXᵀ‖ ≤ ((√d + √m) √(d + 1)/d + √(2 log(3/δ)/(d − 1)))²",
            setting.gram_norm,
            "≤",
            largest,
            "corrected",
        ),
    )


def _small_bias(setting: Setting) -> tuple[Claim, ...]:
    """Lemma B.2; where N(0) > ½ its hypothesis fails, and what remains is the inequality behind
    it.
    """
    ahead = setting.sample.y * setting.margins - setting.bias_sum
    product = float(np.linalg.norm(setting.v) * np.linalg.norm(setting.W))
    least = sqrt(setting.plus / setting.gram_norm) * max(0.0, 1.0 - setting.bias_sum)
    inequality = decide(
        "Lemma B.2", "‖v‖ ‖W‖ ≥ (1 − N(0)) √(|I₊|/‖XXᵀ‖)", product, "≥", least, "computed"
    )
    if setting.bias_sum > 0.5:
        return (inequality,)
    norm = setting.certificate.norm_squared
    rest = setting.plus / setting.gram_norm
    return (
        inequality,
        decide("Lemma B.2", "½ ≤ N(x_i) − N(0), i ∈ [m]", float(ahead.min()), "≥", 0.5),
        decide(
            "Lemma B.2",
            "½ ≤ N(x_i) − N(0), i ∈ I₊",
            float(np.min(ahead[setting.positive], initial=inf)),
            "≥",
            0.5,
            "corrected",
        ),
        decide("Lemma B.2", "‖θ‖² ≥ √(|I₊|/(12C))", norm, "≥", sqrt(rest / 12.0)),
        decide("Lemma B.2", "‖θ‖² ≥ √(|I₊|/(4C))", norm, "≥", sqrt(rest / 4.0), "corrected"),
    )


def _coefficients(setting: Setting, found: dict[str, float]) -> tuple[Claim, ...]:
    """What the proof says about w_j = ‖w_j‖ Σ_i α_ij x_i."""
    spans = decide(
        NAME, "every w_j in the span of the data", found["off_the_span"], "≤", SPAN, "computed"
    )
    if not spans.holds:
        return (spans,)
    total, euclidean, m = found["longest_coefficients"], found["largest_coefficients"], setting.m
    checks = [
        spans,
        decide(
            NAME,
            "|w_j·x| ≤ ‖w_j‖ ‖α_j‖ t where |x_i·x| ≤ t: max_j Σ_i |α_ij| ≤ max_j ‖α_j‖",
            total,
            "≤",
            euclidean,
            reason="x with x_i·x = t sign α_ij attains the sum",
        ),
        decide(
            NAME,
            "max_j Σ_i |α_ij| ≤ √m max_j ‖α_j‖",
            total,
            "≤",
            sqrt(m) * euclidean * (1.0 + SPAN),
            "corrected",
        ),
    ]
    if setting.off_identity < 1.0:
        most = (1.0 + SPAN) / sqrt(1.0 - setting.off_identity)
        checks.append(decide(NAME, "max_j ‖α_j‖² ≤ 1/(1 − ‖XXᵀ − I‖)", euclidean, "≤", most))
    return tuple(checks)


def _at_a_new_point(setting: Setting, found: dict[str, float]) -> tuple[Claim, ...]:
    """The last displays of the proof: N(x) > 0 with probability 1 − ε."""
    m, d, epsilon = setting.m, setting.d, setting.epsilon
    angle = sqrt(2.0 * log(2.0 * m / epsilon) / d)
    printed = 0.5 - 81.0 * m * found["largest_coefficients"] * sqrt(2.0 * log(m / epsilon) / d)
    ours = setting.bias_sum - found["reach"] * angle
    return (
        decide(NAME, "½ − 81 m c″ √(2 log(m/ε)/d) > 0", printed, ">", 0.0),
        decide(
            NAME, "N(0) − ‖v‖ ‖W‖ max_j Σ_i |α_ij| √(2 log(2m/ε)/d) > 0", ours, ">", 0.0, "computed"
        ),
    )


def _report(
    hypotheses: tuple[Claim, ...],
    steps: tuple[Claim, ...],
    conclusion: Claim,
    found: dict[str, float],
) -> StatementReport:
    verdict = concluded(hypotheses, conclusion)
    return StatementReport(
        NAME,
        verdict,
        hypotheses,
        steps,
        conclusion,
        found,
        reason_for(NAME, verdict, hypotheses, conclusion),
    )
