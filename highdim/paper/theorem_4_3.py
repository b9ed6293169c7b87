"""Theorem 4.3 on a given net and sample: any KKT point overfits benignly if output weights are
fixed at ±1.

Every lemma of the proof gets its own verdict and the dimension that it asks for, on the net scaled
to worst margin 1, with the multipliers λ_i of its KKT certificate. Corrected against print: Lemma
B.8 needs d ≥ 32 m⁴n⁴ log(2m²/δ), as B.9 assumes, not 16; the union over the data costs log(2m/ε),
not log(m/ε).
"""

from dataclasses import replace
from math import inf, log, sqrt
from typing import Any, Final

import numpy as np

from highdim.error.clean_error import Estimate
from highdim.paper.concentration import dimension_for, levy_bound, union_bound
from highdim.paper.setting import Setting, reason_for
from highdim.problem.network import Network
from highdim.problem.sample import SphereSample
from highdim.problem.statement import StatementReport
from highdim.standing.kkt import KktCertificate
from univariate.common.claim import Claim, concluded, decide
from univariate.common.result import Verdict
from univariate.common.tolerance import DEFAULT_CONFIDENCE

NAME: Final = "Theorem 4.3"
NOISE: Final = 1.0 / 22.0
"""The constant c that Lemma B.9 needs: |I₋| ≤ c m/n² with c < 1/22."""


def theorem_4_3(
    net: Network,
    sample: SphereSample,
    *,
    epsilon: float = 0.01,
    delta: float = DEFAULT_CONFIDENCE,
    p: float | None = None,
    certificate: KktCertificate | None = None,
    error: Estimate | None = None,
    rng: Any = 0,
) -> StatementReport:
    """Evaluate Theorem 4.3: L_cl ≤ ε at KKT points with outputs ±1, if p ≤ c₁/n² and d ≥ c₃ m⁴n⁴
    log(m/ε) log(m²/δ).

    Parameters
    ----------
    net : TwoLayerNet
        With output weights ±1, half of them each; others are examined too, and the hypothesis
        fails.
    sample : SphereSample
    epsilon, delta : float
        The theorem's ε and δ, in (0, 1).
    p : float, optional
        Noise level; the sample's own, or its share of labels −1, if not given.
    certificate, error : optional
        Results of `kkt_certificate(net, sample, train_output=False)` and `clean_error(net)`, to
        save computing them again.
    rng : int or numpy.random.Generator
        For the clean error.

    Returns
    -------
    StatementReport
        `hypotheses` with the constants that the proof needs, `steps` lemma by lemma; `quantities`:
        the sum of biases Σ v_j σ(b_j) ("bias_sum"), the range of λ on both labels, the least b_j,
        the fewest neurons of its own sign that are active on a support vector, the dimensions that
        Lemmas B.5 to B.9 and the last step ask for, the implied constants, and upper bounds on L_cl
        ("epsilon_proof", "epsilon_levy").

    Raises
    ------
    TypeError, ValueError
        A net of three layers, dimensions that differ, numbers out of range, a certificate for
        trained outputs.

    Rounded; the clean error is sampled, with an interval. Cost that of `kkt_certificate` and
    `clean_error`. Source: Theorem 4.3, Lemmas B.4 to B.9.
    """
    if certificate is not None and certificate.train_output:
        raise ValueError(
            "`certificate` must be one for fixed outputs, got one for trained ones; pass"
            " kkt_certificate(net, sample, train_output=False)"
        )
    setting = Setting.of(
        net, sample, epsilon, delta, p, error, certificate, rng, train_output=False
    )
    conclusion = setting.conclusion(NAME)
    first = (setting.biased(NAME), _outputs(setting), *_on_the_sample(setting), setting.fits(NAME))
    if not setting.interpolates:
        return _report(first, (), conclusion, {"clean_error": setting.error.value})
    found = _quantities(setting)
    hypotheses = (*first, setting.stationary(NAME), *_dimensions(setting, found))
    return _report(hypotheses, _steps(setting, found), conclusion, found)


def _outputs(setting: Setting) -> Claim:
    """Half of the output weights are 1, half are −1."""
    v = setting.net.v
    off = float(np.max(np.abs(np.abs(v) - 1.0)))
    return decide(
        NAME,
        "v_j = ±1, half of them each: max ||v_j| − 1| + |Σ v_j|",
        off + abs(float(v.sum())),
        "≤",
        0.0,
    )


def _on_the_sample(setting: Setting) -> tuple[Claim, ...]:
    """Properties 1 and 2 of the proof, and the size of the sample."""
    n = len(setting.net.v)
    most = NOISE * setting.m / n**2
    return (
        setting.property_1(2.0, "Lemma B.4"),
        decide(
            "Lemma B.4",
            "Property 2: |I₋| ≤ m/(22 n²)",
            float(setting.minus),
            "≤",
            most,
            reason="c₁ = 1/22",
        ),
        decide("Lemma B.9", "m ≥ 2n", float(setting.m), "≥", 2.0 * n),
    )


def _quantities(setting: Setting) -> dict[str, float]:
    m, d, n = setting.m, setting.d, len(setting.net.v)
    lengths, plus = setting.certificate.multipliers, setting.positive
    pair = log(2.0 * m**2 / setting.delta)
    largest = float(lengths.max())
    return {
        "clean_error": setting.error.value,
        "bias_sum": setting.bias_sum,
        "least_bias": float(setting.b.min()),
        "lambda_plus_low": float(np.min(lengths[plus], initial=inf)),
        "lambda_plus_high": float(np.max(lengths[plus], initial=0.0)),
        "lambda_minus_high": float(np.max(lengths[~plus], initial=0.0)),
        "lambda_high": largest,
        "fewest_active": _fewest_active(setting),
        "c1": setting.p * n**2,
        "c2": m / (n * log(1.0 / setting.delta)),
        "c3": d / (m**4 * n**4 * log(m / setting.epsilon) * log(m**2 / setting.delta)),
        "dimension_b5": 8.0 * m**4 * pair,
        "dimension_b7": 32.0 * m**4 * n**2 * pair,
        "dimension_b8_printed": 16.0 * m**4 * n**4 * pair,
        "dimension_b8": 32.0 * m**4 * n**4 * pair,
        "dimension_last": dimension_for(3.0 * m**2 * n**2, 0.125, m, setting.epsilon),
        "reach": m * n * largest,
        "epsilon_proof": union_bound(m * n * largest, setting.bias_sum, m, d),
        "epsilon_levy": levy_bound(setting.v, setting.W, setting.bias_sum),
        "dimension_for_epsilon": dimension_for(
            m * n * largest, setting.bias_sum, m, setting.epsilon
        ),
    }


def _fewest_active(setting: Setting) -> float:
    """Return over the support vectors the least number of active neurons of their own sign; inf
    without any.
    """
    active = setting.W @ setting.sample.X.T + setting.b[:, None] > 0.0
    ours = np.sign(setting.v)[:, None] == setting.sample.y
    counts = np.asarray(np.sum(active & ours, axis=0, dtype=np.float64))
    return float(np.min(counts[setting.certificate.multipliers > 0.0], initial=inf))


def _dimensions(setting: Setting, found: dict[str, float]) -> tuple[Claim, ...]:
    d = float(setting.d)
    return (
        decide("Lemma B.9", "d ≥ 32 m⁴n⁴ log(2m²/δ)", d, "≥", found["dimension_b8"]),
        decide(
            NAME,
            "d ≥ 2 log(2m/ε) (24 m²n²)², so that 3m²n² √(2 log(2m/ε)/d) ≤ ⅛, for ε ="
            f" {setting.epsilon:g}",
            d,
            "≥",
            found["dimension_last"],
            "corrected",
        ),
    )


def _steps(setting: Setting, found: dict[str, float]) -> tuple[Claim, ...]:
    n, error = len(setting.net.v), setting.error
    epsilon = log(2.0 * setting.m / setting.epsilon)
    ahead = setting.bias_sum - found["reach"] * sqrt(2.0 * epsilon / setting.d)
    return (
        *_lemmas(setting, found, n),
        *_slack_of_b8(setting.m, n, setting.delta, found),
        decide(NAME, "N(0) − m n max λ √(2 log(2m/ε)/d) > 0", ahead, ">", 0.0, "computed"),
        decide(
            NAME,
            "L_cl ≤ 2m exp(−d t²/2), t = N(0)/(m n max λ)",
            error.value,
            "≤",
            found["epsilon_proof"],
            "corrected",
            low=error.low,
            high=error.high,
        ),
        decide(
            NAME,
            "L_cl ≤ exp(−(d − 1) s²/(2 ‖W‖²)), s = N(0)/√n − ‖W‖_F/√d",
            error.value,
            "≤",
            found["epsilon_levy"],
            "computed",
            low=error.low,
            high=error.high,
        ),
    )


def _lemmas(setting: Setting, found: dict[str, float], n: int) -> tuple[Claim, ...]:
    """Lemmas B.5 to B.9 and λ ≤ 3mn; one that fails where its hypotheses do not hold is not
    refuted.
    """

    def lemma(
        source: str, claim: str, number: tuple[float, str, float], d: float, *, small: bool = False
    ) -> Claim:
        missing = [f"d ≥ {d:.3g}"] * (setting.d < d)
        missing += ["a KKT point"] * (setting.certificate.verdict is not Verdict.HOLDS)
        missing += ["Σ v_j b_j ≤ ¼"] * (small and setting.bias_sum > 0.25)
        reason = (
            f"asks for {', '.join(missing)}: not so here"
            if missing
            else "all that it asks for is met"
        )
        found = decide(source, claim, *number, reason=reason)
        return replace(found, verdict=Verdict.UNDECIDED) if missing and not found.holds else found

    last = max(found["dimension_b8"], found["dimension_last"])
    return (
        lemma(
            "Lemma B.5", "b_j ≥ 0 for all j", (found["least_bias"], "≥", 0.0), found["dimension_b5"]
        ),
        lemma(
            "Lemma B.6",
            "neurons of its own sign active on a support vector ≥ 1",
            (found["fewest_active"], "≥", 1.0),
            0.0,
        ),
        lemma(
            "Lemma B.7",
            "λ_i ≥ 1/(4n), i ∈ I₊",
            (found["lambda_plus_low"], "≥", 0.25 / n),
            found["dimension_b7"],
            small=True,
        ),
        lemma(
            "Lemma B.8",
            "λ_i ≤ 10/4, i ∈ I₋",
            (found["lambda_minus_high"], "≤", 2.5),
            found["dimension_b8"],
            small=True,
        ),
        lemma(
            "Lemma B.9",
            "N(0) = Σ v_j σ(b_j) > ¼",
            (setting.bias_sum, ">", 0.25),
            found["dimension_b8"],
        ),
        lemma(NAME, "λ_i ≤ 3mn", (found["lambda_high"], "≤", 3.0 * setting.m * n), last),
    )


def _slack_of_b8(m: int, n: int, delta: float, found: dict[str, float]) -> tuple[Claim, ...]:
    """What the proof of Lemma B.8 needs of d, at the d that the lemma asks for."""
    pair = log(2.0 * m**2 / delta)
    needed = (
        2.0 * m**2 * n**2 * sqrt(2.0 * pair / found[name])
        for name in ("dimension_b8_printed", "dimension_b8")
    )
    claim = "2m²n² √(2 log(2m²/δ)/d) ≤ ½ at d = {} m⁴n⁴ log(2m²/δ)"
    printed, corrected = needed
    slack = 0.5 * (1.0 + 1e-12)
    return (
        decide("Lemma B.8", claim.format(16), printed, "≤", slack, reason="its proof needs it"),
        decide("Lemma B.8", claim.format(32), corrected, "≤", slack, "corrected"),
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
