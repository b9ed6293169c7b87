"""Theorem 4.3 on a given net and sample: KKT points with outputs fixed at ±1 overfit benignly.

Every lemma of the proof gets its own verdict and the dimension that it asks for, on the net scaled
to worst margin 1, with the multipliers λ_i of its KKT certificate. Corrected against print: Lemma
B.8 needs d ≥ 32 m⁴n⁴ log(2m²/δ), as B.9 assumes, not 16; the union over the data costs log(2m/ε),
not log(m/ε).
"""

from math import inf, log
from typing import Any, Final

import numpy as np

from highdim.error.estimate import Estimate
from highdim.paper import shared
from highdim.paper.concentration import dimension_for
from highdim.paper.proof_4_3 import steps
from highdim.paper.setting import Levels, Setting
from highdim.problem.network import Network
from highdim.problem.sample import SphereSample
from highdim.problem.statement import StatementReport
from highdim.standing.kkt import KktCertificate
from univariate.common.claim import Claim, Kind, Source, decide
from univariate.common.tolerance import DEFAULT_CONFIDENCE

NOISE: Final = 1.0 / 22.0
"""The constant c that Lemma B.9 needs: |I₋| ≤ c m/n² with c < 1/22."""


@np.errstate(over="ignore")  # what leaves the range of doubles is inf, and says nothing
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
    """Evaluate Theorem 4.3: L_cl ≤ ε at KKT points with outputs fixed at ±1.

    It asks for p ≤ c₁/n² and d ≥ c₃ m⁴n⁴ log(m/ε) log(m²/δ).

    Parameters
    ----------
    net : TwoLayerNet
        With output weights ±1, half of them each; others are examined too, and the hypothesis
        fails.
    sample : SphereSample
    epsilon, delta : float
        The theorem's ε and δ, in (0, 1).
    p : float, optional
        Noise level. If left out, the `p` that the sample has, else its share of labels −1, which
        are the flipped ones, as the theorem's truth is +1.
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
    setting = Setting.of(
        Source.THEOREM_4_3,
        net,
        sample,
        Levels(epsilon, delta, p),
        error=error,
        certificate=certificate,
        rng=rng,
    )
    first = shared.hypotheses(setting, (_outputs(setting),), _on_the_sample(setting))
    if not setting.interpolates:
        return shared.statement(setting, first)
    found = _quantities(setting)
    hypotheses = (*first, *_dimensions(setting, found))
    return shared.statement(setting, hypotheses, steps(setting, found), found)


def _outputs(setting: Setting) -> Claim:
    """Half of the output weights are 1, half are −1."""
    v = setting.net.v
    # 0 only if every weight is ±1 and as many are 1 as −1
    off = float(np.max(np.abs(np.abs(v) - 1.0)))
    short = "v_j = ±1, half of them each"
    return decide(
        setting.theorem,
        f"{short}: max ||v_j| − 1| + |Σ v_j|",
        off + abs(float(v.sum())),
        "≤",
        0.0,
        kind=Kind.ARCHITECTURE,
        short=short,
    )


def _on_the_sample(setting: Setting) -> tuple[Claim, ...]:
    """Properties 1 and 2 of the proof, and the size of the sample."""
    m, n = setting.m, setting.n
    return (
        shared.property_1(setting, 2.0, Source.LEMMA_B_4),
        decide(
            Source.LEMMA_B_4,
            "Property 2: |I₋| ≤ m/(22 n²)",
            float(setting.minus),
            "≤",
            NOISE * m / n**2,
            reason="c₁ = 1/22",
            kind=Kind.NOISE,
            short="|I₋| ≤ m/(22 n²)",
        ),
        decide(Source.LEMMA_B_9, "m ≥ 2n", float(m), "≥", 2.0 * n, kind=Kind.SAMPLE),
    )


def _quantities(setting: Setting) -> dict[str, float]:
    m = setting.m
    d = setting.d
    n = setting.n
    epsilon, delta = setting.epsilon, setting.delta
    lengths, plus = setting.certificate.multipliers, setting.positive
    pair = log(2.0 * m**2 / delta)
    largest = float(lengths.max())
    return {
        **shared.quantities(setting, m * n * largest),
        "least_bias": float(setting.b.min()),
        "lambda_plus_low": float(np.min(lengths[plus], initial=inf)),
        "lambda_plus_high": float(np.max(lengths[plus], initial=0.0)),
        "lambda_minus_high": float(np.max(lengths[~plus], initial=0.0)),
        "lambda_high": largest,
        "fewest_active": _fewest_active(setting),
        "c1": setting.p * n**2,
        "c2": m / (n * log(1.0 / delta)),
        "c3": d / (m**4 * n**4 * log(m / epsilon) * log(m**2 / delta)),
        "dimension_b5": 8.0 * m**4 * pair,
        "dimension_b7": 32.0 * m**4 * n**2 * pair,
        "dimension_b8_printed": 16.0 * m**4 * n**4 * pair,
        "dimension_b8": 32.0 * m**4 * n**4 * pair,
        "dimension_last": dimension_for(3.0 * m**2 * n**2, 0.125, m, epsilon),
    }


def _fewest_active(setting: Setting) -> float:
    """Return the fewest active neurons of its own sign on a support vector; inf without any."""
    # a support vector needs a neuron of its own sign, or its margin could not be positive
    net = setting.net
    active = net.W @ setting.sample.X.T + net.biases[:, None] > 0.0
    ours = np.sign(net.v)[:, None] == setting.sample.y
    counts = np.asarray(np.sum(active & ours, axis=0, dtype=np.float64))
    return float(np.min(counts[setting.certificate.multipliers > 0.0], initial=inf))


def _dimensions(setting: Setting, found: dict[str, float]) -> tuple[Claim, ...]:
    d = float(setting.d)
    last = "d ≥ 2 log(2m/ε) (24 m²n²)²"
    why = "so that 3m²n² √(2 log(2m/ε)/d) ≤ ⅛"
    return (
        decide(
            Source.LEMMA_B_9,
            "d ≥ 32 m⁴n⁴ log(2m²/δ)",
            d,
            "≥",
            found["dimension_b8"],
            kind=Kind.DIMENSION,
        ),
        decide(
            setting.theorem,
            f"{last}, {why}, for ε = {setting.epsilon:g}",
            d,
            "≥",
            found["dimension_last"],
            "corrected",
            kind=Kind.DIMENSION,
            short=last,
        ),
    )
