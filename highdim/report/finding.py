"""What a report on the sphere says in words: clean errors however small, and its last sentence."""

import enum
from math import floor, inf, isfinite
from typing import Final

from highdim.error.estimate import Estimate
from highdim.problem.law import OFF
from highdim.problem.laws import SPHERE
from highdim.problem.statement import StatementReport, state
from highdim.report.contents import Report
from highdim.report.facts import SampleFacts
from highdim.report.parts import OUT_OF_RANGE, Nearby, not_of_section_4
from univariate.common.claim import Claim, Kind
from univariate.common.result import Verdict
from univariate.common.words import counted, noise_name

SMALL: Final = 0.1
"""A clean error of at most this part of the noise level is called benign here."""

_EXACT: Final = ("arcs", "angles")


class Regime(enum.StrEnum):
    """How harmful overfitting is: a word for one net, by the interval of its L_cl.

    The paper's words are about limits of m and d. Here benign means L_cl ≤ p/10, catastrophic
    L_cl ≥ ½, and tempered what lies between.
    """

    BENIGN = "benign"
    TEMPERED = "tempered"
    CATASTROPHIC = "catastrophic"
    UNDECIDED = "undecided"


def probability(log10_value: float, digits: int = 3) -> str:
    """Return a probability from its decimal logarithm; it may be far below the least double."""
    if log10_value == -inf:
        return "0"
    if log10_value > -300.0:
        return f"{10.0**log10_value:.{digits}g}"
    power = floor(log10_value)
    return f"{10.0 ** (log10_value - power):.{digits}g}e{power}"


def estimated(error: Estimate) -> str:
    """Return "L_cl ≈ 0.0123", "L_cl = 0.5" where it is exact, or "L_cl ≤ 3e-05" without a hit."""
    if error.method in _EXACT:
        return f"L_cl = {shown(error)}"
    if error.value == 0.0 and not isfinite(error.log10_value):
        return f"L_cl ≤ {probability(error.log10_high)}"
    return f"L_cl ≈ {shown(error)}"


def shown(error: Estimate, digits: int = 3) -> str:
    """Return the value of an estimate."""
    if error.value > 1e-300:
        return f"{error.value:.{digits}g}"
    return probability(error.log10_value, digits)


def regime(error: Estimate, p: float) -> Regime:
    """Return which of them a clean error at noise level p is in, if an interval that is vouched
    for tells.
    """
    if error.verdict is not Verdict.HOLDS:
        return Regime.UNDECIDED
    if error.high <= SMALL * p:
        return Regime.BENIGN
    if error.low >= 0.5 or (error.method in _EXACT and error.value >= 0.5):
        return Regime.CATASTROPHIC
    if error.low <= SMALL * p or error.high >= 0.5:
        return Regime.UNDECIDED
    return Regime.TEMPERED


def finding(report: Report) -> str:
    """Return in one sentence what was learnt from the numbers of a report."""
    if report.interpolation.verdict is not Verdict.HOLDS:
        return _misfit(report)
    parts = [f"{_regime(report)}{_because(report)}", *_statements(report)]
    parts.append(misplaced(report.sample_facts))
    return "; ".join(part for part in parts if part) + "."


def misplaced(facts: SampleFacts) -> str:
    """Say that inputs lie where the law that L_cl is about never draws; "" if none are known to."""
    if facts.law == SPHERE.name:
        off = facts.off_the_sphere > OFF
        return (
            "the data are off the unit sphere, which L_cl and the theorems are about" if off else ""
        )
    if not facts.outside:
        return ""
    lie = "lies" if facts.outside == 1 else "lie"
    return (
        f"{facts.outside:,} of {counted(facts.size, 'input')} {lie} outside the support of the law"
        " of x, which L_cl is about"
    )


def why_not(found: StatementReport) -> str:
    """Return which hypothesis of a statement is missing, and how many more."""
    if not found.missing:
        return "the interval of L_cl holds its bound"
    # whether θ is a KKT point matters most
    first = min(found.missing, key=lambda one: one.kind is not Kind.STANDING)
    more = len(found.missing) - 1
    if more == 0:
        return _absent(first)
    if more == 1:
        return f"{_absent(first)} and one more hypothesis is missing"
    return f"{_absent(first)} and {more} more hypotheses are missing"


def _absent(one: Claim) -> str:
    """Say that a hypothesis does not hold, or not for certain."""
    if one.kind is not Kind.STANDING:
        return f"“{one.name}” {state(one)} at {one.value:.3g}"
    undecided = one.verdict is Verdict.UNDECIDED
    doubt = "is no certified KKT point" if undecided else "is not a KKT point"
    return f"θ {doubt} (residual {one.value:.2g})"


def _misfit(report: Report) -> str:
    fits = report.interpolation
    where = f"y N(x) = {fits.margin:.3g} at observation {fits.worst}"
    error = f"{estimated(report.clean_error)} against {noise_name(report.p_given)} = {report.p:.3g}"
    off = misplaced(report.sample_facts)
    error += f"; {off}" if off else ""
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


def _regime(report: Report) -> str:
    error, p = report.clean_error, report.p
    name = noise_name(report.p_given)
    value = estimated(error)
    plain = report.sample_facts.truth == "+1"
    if report.sample_facts.noise_rate == 0.0:
        flipped = "is −1" if plain else "differs from the truth"
        return f"No label {flipped}, so that there is no noise to fit: {value}"
    if p > 0.5:
        flipped = "are −1" if plain else "differ from the truth"
        return (
            f"Most labels {flipped}, and none of the regimes is about {name} = {p:.3g} > ½: {value}"
        )
    found = regime(error, p)
    if found is Regime.BENIGN:
        return f"Benign here: {value} ≤ {name}/10, {name} = {p:.3g}"
    if found is Regime.CATASTROPHIC:
        return f"Catastrophic here: {value} ≥ ½"
    if found is Regime.TEMPERED:
        against = f"{error.value / p:.3g} {name}" if p else f"{name} = 0"
        return f"Tempered here: {value} = {against}, between {name}/10 and ½"
    return (
        f"Whether this is benign is undecided: {value} in [{error.low:.3g}, {error.high:.3g}],"
        f" {name} = {p:.3g}"
    )


def _because(report: Report) -> str:
    """Name N(0), and say that it dominates where it alone bounds L_cl well below p."""
    if report.theorem is None:
        two_layers = report.net_facts.depth == 2
        return ", without biases" if two_layers and not report.net_facts.biased else ""
    numbers = report.theorem.quantities
    if "bias_sum" not in numbers:  # the certificate doubts a margin that is rounding
        return ""
    level = numbers["bias_sum"]
    bound = min(numbers["epsilon_levy"], numbers["epsilon_proof"])
    if bound > SMALL * report.p:
        return f", with N(0) = {level:.3g} at margin 1"
    proves = f"it alone proves L_cl ≤ {bound:.2g}"
    return f", because N(0) = {level:.3g} at margin 1 dominates ({proves})"


def _statements(report: Report) -> list[str]:
    if report.net_facts.depth > 2:
        return ["Theorems 4.1, 4.3 and Propositions 4.4, 4.5 are about 2 layers, not 3"]
    parts = []
    other = not_of_section_4(report.sample)
    if other is not None:
        parts.append(other)
    elif report.theorem is not None:
        parts.append(_applies(report.theorem, " here"))
    elif report.net_facts.bias:
        parts.append(OUT_OF_RANGE)
    if report.nearby is not None:
        parts.append(_at_the_point(report, report.nearby))
    if report.proposition_4_4 is not None:
        claim = "L_cl ≥ ½ for two neurons without biases"
        parts.append(_proposition(report.proposition_4_4, claim))
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


def _at_the_point(report: Report, found: Nearby) -> str:
    """Say what the KKT point nearby is like."""
    assert report.optimum is not None
    certificate = found.point.certificate
    certified = found.point.verdict is Verdict.HOLDS
    kind = "KKT point" if certified else "point reached (no certified KKT point)"
    text = f"the {kind} near it has {estimated(found.clean_error)}"
    if certificate.train_output:
        text += f" and at most {certificate.norm_squared / report.optimum.lower:.4g} × ‖θ*‖²"
    return text if found.statement is None else f"{text}, where {_applies(found.statement)}"


def _proposition(found: StatementReport, claim: str) -> str:
    if found.verdict is Verdict.HOLDS:
        return f"{found.statement}, {claim}, holds"
    if found.verdict is Verdict.FAILS:
        return f"{found.statement} as printed, {claim}, fails"
    if found.missing:
        return f"{found.statement} does not apply, as {why_not(found)}"
    return f"{found.statement}, {claim}, is undecided"
