"""The steps of Theorem 4.3's proof: Lemmas B.5 to B.9 with the dimensions that they ask for.

Corrected ones stand beside those printed; see `highdim.paper.theorem_4_3`.
"""

from dataclasses import replace
from functools import partial
from math import log, sqrt
from typing import Final

from highdim.paper.setting import Setting
from highdim.paper.shared import last_steps
from univariate.common.claim import Claim, Kind, Source, decide
from univariate.common.result import Verdict

THEOREM: Final = Source.THEOREM_4_3

_ROUNDING: Final = 1.0 + 1e-12  # at the dimension of Lemma B.8 both sides are equal


def steps(setting: Setting, found: dict[str, float]) -> tuple[Claim, ...]:
    """Evaluate the proof from the quantities of the theorem."""
    return (
        *_lemmas(setting, found),
        *_slack_of_b8(setting, found),
        *last_steps(setting, found, "m n max λ", "√n"),
    )


def _lemmas(setting: Setting, found: dict[str, float]) -> tuple[Claim, ...]:
    """Lemmas B.5 to B.9, and λ ≤ 3mn."""
    n = setting.n
    b7 = found["dimension_b7"]
    b8 = found["dimension_b8"]
    asks = partial(_where_it_speaks, setting)
    multipliers = partial(decide, kind=Kind.MULTIPLIERS)
    biases = decide(
        Source.LEMMA_B_5, "b_j ≥ 0 for all j", found["least_bias"], "≥", 0.0, kind=Kind.NEURONS
    )
    active = decide(
        Source.LEMMA_B_6,
        "neurons of its own sign active on a support vector ≥ 1",
        found["fewest_active"],
        "≥",
        1.0,
        kind=Kind.NEURONS,
    )
    plus = multipliers(
        Source.LEMMA_B_7, "λ_i ≥ 1/(4n), i ∈ I₊", found["lambda_plus_low"], "≥", 0.25 / n
    )
    minus = multipliers(
        Source.LEMMA_B_8, "λ_i ≤ 10/4, i ∈ I₋", found["lambda_minus_high"], "≤", 2.5
    )
    bias_sum = decide(
        Source.LEMMA_B_9,
        "N(0) = Σ v_j σ(b_j) > ¼",
        setting.bias_sum,
        ">",
        0.25,
        kind=Kind.BIAS_SUM,
    )
    largest = multipliers(THEOREM, "λ_i ≤ 3mn", found["lambda_high"], "≤", 3.0 * setting.m * n)
    return (
        asks(biases, found["dimension_b5"]),
        asks(active, 0.0),
        asks(plus, b7, small_bias=True),
        asks(minus, b8, small_bias=True),
        asks(bias_sum, b8),
        asks(largest, max(b8, found["dimension_last"])),
    )


def _where_it_speaks(
    setting: Setting, found: Claim, dimension: float, *, small_bias: bool = False
) -> Claim:
    """Leave a lemma UNDECIDED that does not hold where it claims nothing."""
    kkt = setting.certificate.verdict is Verdict.HOLDS
    needs = {
        f"d ≥ {dimension:.3g}": setting.d >= dimension,
        "a KKT point": kkt,
        "Σ v_j b_j ≤ ¼": not small_bias or setting.bias_sum <= 0.25,
    }
    missing = [need for need, met in needs.items() if not met]
    if not missing:
        return replace(found, reason="all that it asks for is met")
    reason = f"asks for {', '.join(missing)}: not so here"
    verdict = found.verdict if found.holds else Verdict.UNDECIDED
    return replace(found, verdict=verdict, reason=reason)


def _slack_of_b8(setting: Setting, found: dict[str, float]) -> tuple[Claim, ...]:
    """What the proof of Lemma B.8 needs of d, at the d that the lemma asks for."""
    m, n = setting.m, setting.n
    pair = log(2.0 * m**2 / setting.delta)

    def slack(factor: int, dimension: str, form: str, reason: str = "") -> Claim:
        """It is at most ½ at that dimension."""
        return decide(
            Source.LEMMA_B_8,
            f"2m²n² √(2 log(2m²/δ)/d) ≤ ½ at d = {factor} m⁴n⁴ log(2m²/δ)",
            2.0 * m**2 * n**2 * sqrt(2.0 * pair / found[dimension]),
            "≤",
            0.5 * _ROUNDING,
            form,
            reason=reason,
            kind=Kind.DIMENSION,
        )

    return (
        slack(16, "dimension_b8_printed", "printed", "its proof needs it"),
        slack(32, "dimension_b8", "corrected"),
    )
