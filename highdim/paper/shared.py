"""What Theorems 4.1 and 4.3 share: hypotheses, and what the bias sum proves about L_cl."""

from dataclasses import replace
from math import log, sqrt
from typing import Final

from highdim.paper.checks import certified, law_of_x
from highdim.paper.concentration import dimension_for, levy_bound, union_bound
from highdim.paper.setting import Setting
from highdim.problem.statement import StatementReport, state
from univariate.common.claim import Claim, Kind, Source, decide
from univariate.common.result import Verdict

Claims = tuple[Claim, ...]

ON_SPHERE: Final = 1e-9
"""How far a coordinate-wise rounded point may be from the unit sphere."""


def hypotheses(setting: Setting, on_outputs: Claims, on_the_sample: Claims) -> Claims:
    """Return what both theorems ask for, and in its place what one of them does."""
    return (
        _biased(setting),
        *on_outputs,
        _on_the_sphere(setting),
        *law_of_x(setting.theorem, setting.sample),
        _noisy(setting),
        *on_the_sample,
        _fits(setting),
        _stationary(setting),
    )


def _biased(setting: Setting) -> Claim:
    """The net has biases."""
    given = float(setting.net.b is not None)
    return decide(setting.theorem, "the net has biases", given, "≥", 1.0, kind=Kind.ARCHITECTURE)


def _fits(setting: Setting) -> Claim:
    """The net interpolates."""
    margin = setting.certificate.worst_margin
    claim = "y_i N(x_i) > 0 for all data"
    found = decide(setting.theorem, claim, margin, ">", 0.0, kind=Kind.INTERPOLATION)
    if setting.interpolates or setting.certificate.verdict is Verdict.FAILS:
        return replace(found, verdict=Verdict.of(setting.interpolates))
    reason = f"within rounding: {setting.certificate.reason}"
    return replace(found, verdict=Verdict.UNDECIDED, reason=reason)


def _on_the_sphere(setting: Setting) -> Claim:
    """The data lie on the unit sphere, up to rounding of their coordinates."""
    length = setting.longest
    claim = "x_i on the unit sphere: max |‖x_i‖ − 1|"
    off = max(length - 1.0, 1.0 - setting.shortest)
    return decide(setting.theorem, claim, off, "≤", ON_SPHERE, kind=Kind.SAMPLE, short="‖x_i‖ = 1")


def _noisy(setting: Setting) -> Claim:
    """The noise level is at most a half."""
    return decide(setting.theorem, "p ≤ ½", setting.p, "≤", 0.5, kind=Kind.NOISE)


def _stationary(setting: Setting) -> Claim:
    """θ is a KKT point, as certified."""
    claim = "θ is a KKT point of Problem (1)"
    return certified(setting.theorem, claim, setting.certificate, "computed")


def property_1(setting: Setting, parts: float, source: Source) -> Claim:
    """Property 1, with δ/(parts · m²) for every pair."""
    threshold = sqrt(2.0 * log(parts * setting.m**2 / setting.delta) / setting.d)
    short = f"|x_i·x_j| ≤ √(2 log({parts:g}m²/δ)/d)"
    return decide(
        source,
        f"Property 1: {short}",
        setting.sample.correlation,
        "≤",
        threshold,
        kind=Kind.SAMPLE,
        short=short,
    )


def quantities(setting: Setting, reach: float) -> dict[str, float]:
    """Return L_cl, N(0), and what N(0) proves about L_cl.

    Where |x_i·x| ≤ t ‖x_i‖ for all data, N(x) is at least N(0) − `reach` · t max ‖x_i‖. (Printed
    for ‖x_i‖ = 1.)
    """
    level = setting.bias_sum
    reach *= max(1.0, setting.longest)
    return {
        "clean_error": setting.error.value,
        "bias_sum": level,
        "reach": reach,
        "epsilon_proof": union_bound(reach, level, setting.m, setting.d),
        "epsilon_levy": levy_bound(setting.v, setting.W, level),
        "dimension_for_epsilon": dimension_for(reach, level, setting.m, setting.epsilon),
    }


def last_steps(setting: Setting, found: dict[str, float], reach: str, length: str) -> Claims:
    """N(x) > 0 with probability 1 − ε, and bounds on L_cl.

    `reach` and `length` are the theorem's letters for `found["reach"]` and for ‖v‖.
    """
    angle = sqrt(2.0 * log(2.0 * setting.m / setting.epsilon) / setting.d)
    ahead = setting.bias_sum - found["reach"] * angle
    union = "L_cl ≤ 2m exp(−d t²/2)"
    levy = "L_cl ≤ exp(−(d − 1) s²/(2 ‖W‖²))"
    return (
        decide(
            setting.theorem,
            f"N(0) − {reach} √(2 log(2m/ε)/d) > 0",
            ahead,
            ">",
            0.0,
            "computed",
            kind=Kind.NEW_POINT,
        ),
        _error_at_most(
            setting, found["epsilon_proof"], union, f", t = N(0)/({reach})", form="corrected"
        ),
        _error_at_most(
            setting, found["epsilon_levy"], levy, f", s = N(0)/{length} − ‖W‖_F/√d", form="computed"
        ),
    )


def statement(
    setting: Setting,
    hypotheses: Claims,
    steps: Claims = (),
    found: dict[str, float] | None = None,
) -> StatementReport:
    """Put the evaluation of a theorem together; only L_cl is known of a net that does not fit."""
    conclusion = _error_at_most(setting, setting.epsilon, f"L_cl ≤ {setting.epsilon:g}")
    numbers = {"clean_error": setting.error.value} if found is None else found
    report = StatementReport.of(
        setting.theorem, hypotheses, steps, conclusion, numbers, setting.net
    )
    return replace(report, reason=_reason(report))


def _error_at_most(
    setting: Setting, bound: float, short: str, letters: str = "", *, form: str = "printed"
) -> Claim:
    """Decide whether L_cl is within a bound, by an interval that verdicts may rest on.

    `letters` explain the formula of the bound.
    """
    return decide(
        setting.theorem,
        short + letters,
        setting.error.value,
        "≤",
        bound,
        form,
        low=setting.decisive.low,
        high=setting.decisive.high,
        kind=Kind.CLEAN_ERROR,
        short=short,
    )


def _reason(report: StatementReport) -> str:
    """Return what was learnt, in one sentence."""
    name, conclusion = report.statement, report.conclusion
    found = f"{conclusion.claim} {conclusion.verdict.value.lower()}, L_cl ≈ {conclusion.value:.3g}"
    if report.verdict is Verdict.HOLDS:
        return f"all hypotheses of {name} hold, and {found}"
    if report.verdict is Verdict.FAILS:
        return f"all hypotheses of {name} hold, yet {found}"
    if not report.missing:
        return (
            f"all hypotheses of {name} hold, but the interval of L_cl holds ε; ask for a"
            " narrower one"
        )
    worst = min(report.missing, key=lambda one: one.verdict is Verdict.UNDECIDED)
    others = len(report.missing) - 1
    more = f" (and {others} more)" if others else ""
    first = f"“{worst.claim}” {state(worst)} at {worst.value:.3g}{more}"
    return f"{name} does not apply: {first}; {found}"
