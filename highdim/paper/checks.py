"""The inequalities of Propositions 4.4 and 4.5, evaluated, and what a report says about them."""

from dataclasses import replace
from math import isfinite, ldexp

import numpy as np
from numpy.typing import NDArray

from highdim.error.clean_error import Estimate
from highdim.paper.angles import LEAST_DOUBLE, cosines
from highdim.paper.plane import largest_bias
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample
from highdim.problem.statement import StatementReport
from univariate.common.claim import Claim, concluded, decide
from univariate.common.result import Verdict

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

FOUR, FIVE, SIX = (f"Proposition 4.{number}" for number in (4, 5, 6))


def power(count: int) -> float:
    """Return 2^−count, at least the least positive double."""
    return ldexp(1.0, -min(count, LEAST_DOUBLE))


def at_least(
    source: str, claim: str, found: Estimate, bound: float, form: str = "printed"
) -> Claim:
    """Decide by its interval whether a probability is at least a bound."""
    # underflow is not 0
    high = max(found.high, power(LEAST_DOUBLE)) if isfinite(found.log10_high) else found.high
    return decide(
        source,
        claim,
        found.value,
        "≥",
        bound,
        form,
        low=found.low,
        high=high,
        reason=_spread(found),
    )


def provided(conclusion: Claim, hypotheses: tuple[Claim, ...]) -> Claim:
    """Leave a conclusion UNDECIDED unless its own hypotheses hold."""
    missing = [one for one in hypotheses if not one.holds]
    if not missing:
        return conclusion
    reason = f"nothing is claimed: “{missing[0].claim}” {state(missing[0])}"
    return replace(conclusion, verdict=Verdict.UNDECIDED, reason=reason)


def without_biases(source: str, net: TwoLayerNet) -> Claim:
    """N has no biases, or none other than 0."""
    return decide(source, "the net has no biases: max |b_j| ≤ 0", largest_bias(net), "≤", 0.0)


def fits(source: str, net: TwoLayerNet, sample: SphereSample) -> Claim:
    """N classifies all data, by more than a bound on its rounding error."""
    margins = sample.y * net(sample.X)
    bias = 0.0 if net.b is None else np.abs(net.b)
    with np.errstate(over="ignore", invalid="ignore"):
        sizes = (np.abs(sample.X) @ np.abs(net.W).T + bias) @ np.abs(net.v)
        slack = (2 * net.dimension + net.width + 32) * 2.0**-53 * sizes
    # beyond the range of doubles only signs are left
    slack = np.where(np.isfinite(slack), slack, 0.0)
    low, high = float(np.min(margins - slack)), float(np.min(margins + slack))
    return decide(
        source, "y_i N(x_i) > 0 for all data", float(margins.min()), ">", 0.0, low=low, high=high
    )


def half_space(net: TwoLayerNet) -> tuple[Claim, ...]:
    """The proof of Proposition 4.4: v_j < 0 for one neuron, and a half-space on which the other is
    off.
    """
    worst = int(np.argmin(net.v))
    checks = [decide(FOUR, "v_j < 0 for some j, call it 2", float(net.v[worst]), "<", 0.0)]
    if net.width <= 2:
        other = np.delete(np.arange(net.width), worst)
        # a neuron that is zero, or missing, is off everywhere
        half = 0.5 if np.any(net.W[other]) else 1.0
        most = max(float(net.v[worst]), 0.0) * float(np.max(np.abs(net.W[worst])))
        checks += [
            decide(FOUR, "Pr[w₁·x ≤ 0] ≥ ½", half, "≥", 0.5),
            decide(FOUR, "N(x) ≤ v₂ σ(w₂·x) ≤ 0 there", most, "≤", 0.0),
        ]
    return tuple(checks)


def included(error: Estimate, off: Estimate) -> Claim:
    """L_cl is at least the probability that all positive neurons are off."""
    low, high = error.low + (off.value - off.high), error.high + (off.value - off.low)
    reason = (
        "an inclusion of events; intervals that overlap cannot tell"
        if low < off.value <= high
        else ""
    )
    claim = "L_cl ≥ Pr[w_j·x < 0 for all j ∈ J₊]"
    return decide(FIVE, claim, error.value, "≥", off.value, low=low, high=high, reason=reason)


def acute(W: Matrix) -> Claim:
    """Positive neurons have pairwise non-negative inner products; rows of W are not zero."""
    claim = "w_i·w_j ≥ 0 for i ≠ j in J₊"
    if len(W) < 2:
        return decide(FIVE, claim, 1.0, "≥", 0.0, "corrected", reason="no pairs")
    found, slack = cosines(W)
    pairs = ~np.eye(len(W), dtype=np.bool_)
    value, low, high = (
        float(np.min(part[pairs])) for part in (found, found - slack, found + slack)
    )
    return decide(
        FIVE, claim, value, "≥", 0.0, "corrected", low=low, high=high, reason="least cosine"
    )


def clean_error_quantities(error: Estimate) -> dict[str, float]:
    """Return the numbers of an estimate."""
    return {
        "clean_error": error.value,
        "clean_error_low": error.low,
        "clean_error_high": error.high,
    }


def report(
    name: str,
    hypotheses: tuple[Claim, ...],
    steps: tuple[Claim, ...],
    conclusion: Claim,
    quantities: dict[str, float],
    net: TwoLayerNet,
    more: str = "",
) -> StatementReport:
    """Put a report together, and say in a sentence what was learnt."""
    verdict = concluded(hypotheses, conclusion)
    missing = [one for one in hypotheses if not one.holds]
    found = f"{conclusion.claim} {state(conclusion)}, L_cl ≈ {conclusion.value:.6g}"
    if not missing:
        start = f"all hypotheses of {name} hold, {'yet' if verdict is Verdict.FAILS else 'and'} "
    else:
        start = (
            f"{name} does not apply: “{missing[0].claim}” {state(missing[0])} at"
            f" {missing[0].value:.6g}; "
        )
    witness = net if verdict is Verdict.FAILS else None
    return StatementReport(
        name, verdict, hypotheses, steps, conclusion, quantities, f"{start}{found}{more}", witness
    )


def state(one: Claim) -> str:
    """Return the verdict as a verb."""
    return {Verdict.HOLDS: "holds", Verdict.FAILS: "fails", Verdict.UNDECIDED: "is undecided"}[
        one.verdict
    ]


def _spread(found: Estimate) -> str:
    return f"sampled, confidence {found.level:.6g}" if found.samples else ""
