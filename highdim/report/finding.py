"""What a report on the sphere says in words: clean errors however small, and the one sentence at
its end.
"""

from math import floor, inf, isfinite
from typing import TYPE_CHECKING, Final

from highdim.error.clean_error import Estimate
from highdim.problem.statement import StatementReport
from univariate.common.result import Verdict

if TYPE_CHECKING:
    from highdim.report.report import Report

SMALL: Final = 0.1
"""A clean error of at most this part of the noise level is called benign here; one of at least ½
catastrophic.

What is in between is called tempered.
"""

OFF: Final = 1e-6  # how far norms of data may be off 1

_EXACT = ("arcs", "angles")


def probability(log10_value: float, digits: int = 3) -> str:
    """Return a probability from its decimal logarithm, which may be far below that of the least
    double.
    """
    if log10_value == -inf:
        return "0"
    if log10_value > -300.0:
        return f"{10.0**log10_value:.{digits}g}"
    power = floor(log10_value)
    return f"{10.0 ** (log10_value - power):.{digits}g}e{power}"


def estimated(error: Estimate) -> str:
    """Return a clean error as "L_cl ≈ 0.0123", "L_cl = 0.5" where it is exact, or "L_cl ≤ 3e-05"
    without a hit.
    """
    if error.value == 0.0 and not isfinite(error.log10_value) and error.method not in _EXACT:
        return f"L_cl ≤ {probability(error.log10_high)}"
    return f"L_cl {'=' if error.method in _EXACT else '≈'} {shown(error)}"


def shown(error: Estimate, digits: int = 3) -> str:
    """Return the value of an estimate."""
    return (
        f"{error.value:.{digits}g}"
        if error.value > 1e-300
        else probability(error.log10_value, digits)
    )


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the singular where there is one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def regime(error: Estimate, p: float) -> str:
    """Return "benign", "tempered", "catastrophic" or "undecided": a word for one net, by the
    interval of its L_cl.

    The paper's words are about limits of m and d; for one net benign means L_cl ≤ p/10 here,
    catastrophic L_cl ≥ ½.
    """
    if error.high <= SMALL * p:
        return "benign"
    if error.low >= 0.5 or (error.method in _EXACT and error.value >= 0.5):
        return "catastrophic"
    return "undecided" if error.low <= SMALL * p or error.high >= 0.5 else "tempered"


def finding(report: "Report") -> str:
    """Return in one sentence what was learnt from the numbers of a report."""
    if report.interpolation.verdict is not Verdict.HOLDS:
        return _misfit(report)
    parts = [f"{_regime(report)}{_because(report)}", *_statements(report)]
    if report.sample_facts.off_the_sphere > OFF:
        parts.append("the data are off the unit sphere, which L_cl and the theorems are about")
    return "; ".join(part for part in parts if part) + "."


def why_not(found: StatementReport) -> str:
    """Return which hypothesis of a statement is missing, and how many more."""
    missing = sorted(
        (one for one in found.hypotheses if not one.holds), key=lambda one: _order(one.claim)
    )
    if not missing:
        return "the interval of L_cl holds its bound"
    first, more = missing[0], len(missing) - 1
    state = "is undecided" if first.verdict is Verdict.UNDECIDED else "fails"
    if "KKT point" in first.claim:
        doubt = (
            "is no certified KKT point"
            if first.verdict is Verdict.UNDECIDED
            else "is not a KKT point"
        )
        text = f"θ {doubt} (residual {first.value:.2g})"
    else:
        text = f"“{brief(first.claim)}” {state} at {first.value:.3g}"
    return text + {0: "", 1: " and one more hypothesis is missing"}.get(
        more, f" and {more} more hypotheses are missing"
    )


def brief(claim: str) -> str:
    """Return an inequality without its explanations."""
    for opening in (
        "Property 2, as the proof uses it: ",
        "Property 1: ",
        "Property 2: ",
        "Property 3: ",
    ):
        claim = claim.removeprefix(opening)
    for closing in (", so that ", ", for ε", ", t = ", ", s = ", ": max ||"):
        claim = claim.partition(closing)[0]
    return claim


def _order(claim: str) -> int:
    return 0 if "KKT point" in claim else 1


def _misfit(report: "Report") -> str:
    fits = report.interpolation
    where = f"y N(x) = {fits.margin:.3g} at observation {fits.worst}"
    error = f"{estimated(report.clean_error)} against p = {report.p:.3g}"
    if fits.verdict is Verdict.UNDECIDED:
        return (
            f"Whether the net interpolates is undecided ({where}, rounding), so no theorem speaks"
            f" of it; {error}."
        )
    size = report.sample_facts.size
    return (
        f"The net does not interpolate ({fits.wrong} of {size:,} wrong, worst {where}), so no"
        f" theorem about KKT points speaks of it; {error}."
    )


def _regime(report: "Report") -> str:
    error, p = report.clean_error, report.p
    value = estimated(error)
    if report.sample_facts.negatives == 0:
        return f"No label is −1, so that there is no noise to fit: {value}"
    found = regime(error, p)
    if found == "benign":
        return f"Benign here: {value} ≤ p/10, p = {p:.3g}"
    if found == "catastrophic":
        return f"Catastrophic here: {value} ≥ ½"
    against = f"p = {p:.3g}" if p == 0.0 else f"{error.value / p:.3g} p"
    if found == "tempered":
        return f"Tempered here: {value} = {against}, between p/10 and ½"
    return (
        f"Whether this is benign is undecided: {value} in [{error.low:.3g}, {error.high:.3g}], p ="
        f" {p:.3g}"
    )


def _because(report: "Report") -> str:
    """Name N(0), and say that it dominates where it alone bounds L_cl well below p."""
    if report.theorem_4_1 is None or not report.net_facts.bias:
        return "" if report.net_facts.depth > 2 or report.net_facts.biased else ", without biases"
    numbers = (report.theorem_4_3 or report.theorem_4_1).quantities
    if "bias_sum" not in numbers:  # the certificate doubts a margin that is rounding
        return ""
    level, bound = numbers["bias_sum"], min(numbers["epsilon_levy"], numbers["epsilon_proof"])
    if bound <= SMALL * report.p:
        return (
            f", because N(0) = {level:.3g} at margin 1 dominates (it alone proves L_cl ≤"
            f" {bound:.2g})"
        )
    return f", with N(0) = {level:.3g} at margin 1"


def _statements(report: "Report") -> list[str]:
    if report.net_facts.depth > 2:
        return ["Theorems 4.1, 4.3 and Propositions 4.4, 4.5 are about 2 layers, not 3"]
    parts = []
    main = report.theorem_4_3 or report.theorem_4_1
    if main is not None:
        parts.append(_applies(main, " here"))
    elif report.net_facts.bias:
        parts.append(report.missing["theorem_4_1"].partition(";")[0])
    if report.nearby is not None:
        parts.append(_at_the_point(report))
    if report.proposition_4_4 is not None:
        parts.append(
            _proposition(report.proposition_4_4, "L_cl ≥ ½ for two neurons without biases")
        )
    elif report.proposition_4_5 is not None:
        claim = f"L_cl ≥ 2^−n = {report.proposition_4_5.conclusion.threshold:.3g}"
        parts.append(_proposition(report.proposition_4_5, claim))
    return parts


def _applies(found: StatementReport, where: str = "") -> str:
    if found.verdict is Verdict.HOLDS:
        return f"{found.statement} applies{where} and holds"
    if found.verdict is Verdict.FAILS:
        return (
            f"{found.statement} is refuted{where}, since all its hypotheses hold and L_cl exceeds ε"
        )
    return f"{found.statement} does not apply{where}, as {why_not(found)}"


def _at_the_point(report: "Report") -> str:
    """Say what the KKT point nearby is like."""
    assert report.nearby is not None
    assert report.optimum is not None
    found, certificate = report.nearby, report.nearby.point.certificate
    kind = (
        "KKT point"
        if found.point.verdict is Verdict.HOLDS
        else "point reached (no certified KKT point)"
    )
    text = f"the {kind} near it has {estimated(found.clean_error)}"
    if certificate.train_output:
        text += f" and at most {certificate.norm_squared / report.optimum.lower:.4g} × ‖θ*‖²"
    return text if found.statement is None else f"{text}, where {_applies(found.statement)}"


def _proposition(found: StatementReport, claim: str) -> str:
    if found.verdict is Verdict.HOLDS:
        return f"{found.statement}, {claim}, holds"
    if found.verdict is Verdict.FAILS:
        return f"{found.statement} as printed, {claim}, fails"
    if found.hypotheses and not all(one.holds for one in found.hypotheses):
        return f"{found.statement} does not apply, as {why_not(found)}"
    return f"{found.statement}, {claim}, is undecided"
