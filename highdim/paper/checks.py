"""The inequalities of Propositions 4.4 and 4.5, evaluated, and what a report says about them."""

from dataclasses import replace
from functools import partial
from math import inf, isfinite, ldexp
from typing import Final

import numpy as np

from highdim.error.estimate import Estimate
from highdim.paper.angles import LEAST_DOUBLE, cosines
from highdim.paper.plane import largest_bias
from highdim.problem.exact import signs
from highdim.problem.laws import Sphere
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample
from highdim.problem.statement import StatementReport, state
from highdim.standing.kkt import KktCertificate
from univariate.common.arrays import Matrix
from univariate.common.claim import Claim, Kind, Source, decide
from univariate.common.result import Verdict

FOUR: Final = Source.PROPOSITION_4_4
FIVE: Final = Source.PROPOSITION_4_5
SIX: Final = Source.PROPOSITION_4_6


def power(count: int) -> float:
    """Return 2^−count, at least the least positive double."""
    return ldexp(1.0, -min(count, LEAST_DOUBLE))


def at_least(
    source: Source,
    claim: str,
    found: Estimate,
    bound: float,
    form: str = "printed",
    *,
    kind: Kind = Kind.CLEAN_ERROR,
) -> Claim:
    """Decide by its interval whether a probability is at least a bound."""
    high = found.high
    if isfinite(found.log10_high):  # underflow is not 0
        high = max(high, power(LEAST_DOUBLE))
    reason = f"sampled, confidence {found.level:.6g}" if found.samples else ""
    return decide(
        source,
        claim,
        found.value,
        "≥",
        bound,
        form,
        low=found.low,
        high=high,
        reason=reason,
        kind=kind,
    )


def certified(source: Source, claim: str, found: KktCertificate, form: str) -> Claim:
    """A net is a KKT point, as its certificate says."""
    sides = (found.accuracy, "≤", found.tolerance)
    return Claim(source, claim, *sides, form, found.verdict, found.reason, Kind.STANDING)


def provided(conclusion: Claim, hypotheses: tuple[Claim, ...]) -> Claim:
    """Leave a conclusion UNDECIDED unless its own hypotheses hold."""
    for one in hypotheses:
        if not one.holds:
            reason = f"nothing is claimed: “{one.claim}” {state(one)}"
            return replace(conclusion, verdict=Verdict.UNDECIDED, reason=reason)
    return conclusion


def ratio(above: float, below: float) -> float:
    """Return a quotient of numbers ≥ 0; inf over 0, as in bounds that say nothing then."""
    return above / below if below > 0.0 else inf


def without_biases(source: Source, net: TwoLayerNet) -> Claim:
    """N has no biases, or none other than 0."""
    claim = "the net has no biases: max |b_j| ≤ 0"
    return decide(source, claim, largest_bias(net), "≤", 0.0, kind=Kind.ARCHITECTURE)


def fits(source: Source, net: TwoLayerNet, sample: SphereSample) -> Claim:
    """N classifies all data: exactly where rounding hides a sign."""
    found = signs(net, sample.X, sample.y)
    claim = "y_i N(x_i) > 0 for all data"
    decided = decide(source, claim, float(found.margins.min()), ">", 0.0, kind=Kind.INTERPOLATION)
    if found.verdict is Verdict.UNDECIDED:
        decided = replace(decided, reason="rounding hides the sign of a margin")
    return replace(decided, verdict=found.verdict)


def half_space(net: TwoLayerNet) -> tuple[Claim, ...]:
    """Proof of 4.4: v_j < 0 for one neuron, and the other is off on a half-space."""
    claim = partial(decide, FOUR, kind=Kind.NEURONS)
    worst = int(np.argmin(net.v))
    negative = claim("v_j < 0 for some j, call it 2", float(net.v[worst]), "<", 0.0)
    if net.width > 2:
        return (negative,)
    other = np.delete(np.arange(net.width), worst)
    # a neuron that is zero, or missing, is off everywhere
    half = 0.5 if np.any(net.W[other]) else 1.0
    most = max(float(net.v[worst]), 0.0) * float(np.max(np.abs(net.W[worst])))
    return (
        negative,
        claim("Pr[w₁·x ≤ 0] ≥ ½", half, "≥", 0.5),
        claim("N(x) ≤ v₂ σ(w₂·x) ≤ 0 there", most, "≤", 0.0),
    )


def included(error: Estimate, off: Estimate) -> Claim:
    """L_cl is at least the probability that all positive neurons are off."""
    # the uncertainty of both sides, put on the left one
    low = error.low + (off.value - off.high)
    high = error.high + (off.value - off.low)
    undecided = low < off.value <= high
    return decide(
        FIVE,
        "L_cl ≥ Pr[w_j·x < 0 for all j ∈ J₊]",
        error.value,
        "≥",
        off.value,
        low=low,
        high=high,
        reason="an inclusion of events; intervals that overlap cannot tell" * undecided,
        kind=Kind.CLEAN_ERROR,
    )


def acute(W: Matrix) -> Claim:
    """Positive neurons have pairwise non-negative inner products; rows of W are not zero."""
    claim = partial(decide, FIVE, "w_i·w_j ≥ 0 for i ≠ j in J₊", kind=Kind.NEURONS)
    if len(W) < 2:
        return claim(1.0, "≥", 0.0, "corrected", reason="no pairs")
    found, slack = cosines(W)
    pairs = ~np.eye(len(W), dtype=np.bool_)
    value, low, high = (
        float(np.min(part[pairs])) for part in (found, found - slack, found + slack)
    )
    return claim(value, "≥", 0.0, "corrected", low=low, high=high, reason="least cosine")


def clean_error_quantities(error: Estimate) -> dict[str, float]:
    """Return the numbers of an estimate."""
    return {
        "clean_error": error.value,
        "clean_error_low": error.low,
        "clean_error_high": error.high,
    }


def report(
    name: Source,
    hypotheses: tuple[Claim, ...],
    steps: tuple[Claim, ...],
    conclusion: Claim,
    quantities: dict[str, float],
    net: TwoLayerNet,
    more: str = "",
) -> StatementReport:
    """Put a report together, and say in a sentence what was learnt."""
    found = StatementReport.of(name, hypotheses, steps, conclusion, quantities, net)
    if found.missing:
        absent = found.missing[0]
        start = f"{name} does not apply: “{absent.claim}” {state(absent)} at {absent.value:.6g};"
    else:
        but = "yet" if found.verdict is Verdict.FAILS else "and"
        start = f"all hypotheses of {name} hold, {but}"
    what = f"{conclusion.claim} {state(conclusion)}, L_cl ≈ {conclusion.value:.6g}"
    return replace(found, reason=f"{start} {what}{more}")


def law_of_x(source: Source, sample: SphereSample) -> tuple[Claim, ...]:
    """Return a claim that fails where the sample is of another law of x than that of Section 4; no
    claim where it is not.
    """
    if isinstance(sample.law, Sphere):
        return ()
    reason = f"x is {sample.law.name}; L_cl here is that on the sphere"
    claim = "x is uniform on the unit sphere"
    return (decide(source, claim, 0.0, "≥", 1.0, "computed", reason=reason, kind=Kind.SAMPLE),)
