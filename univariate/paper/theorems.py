"""Theorems 3.1 and 3.2 on a given network and sample: hypotheses, clean error, bounds, verdict.

The theorems speak of unnamed constants; a report prints the sample-conditional quantities of their
proofs instead, and the constants that the sample at hand would imply.
"""

from math import log, sqrt

from univariate.common import check
from univariate.common.claim import Source
from univariate.common.result import Result, Verdict, result
from univariate.common.tolerance import DEFAULT_CONFIDENCE
from univariate.error.clean_error import CleanError, clean_error_of
from univariate.optimum.belonging import require_own_if_given
from univariate.optimum.max_margin import MaxMargin
from univariate.paper.bounds import Bound, bounds_of_3_1, bounds_of_3_2
from univariate.paper.conclusion import conclude
from univariate.paper.law.outcome import NearestNeighbourLaw
from univariate.paper.law.sample_bounds import KktCleanErrorBounds
from univariate.paper.patterns import attribution
from univariate.paper.setting import Hypothesis, Setting
from univariate.paper.statements import Violation
from univariate.problem.density import DensityLike
from univariate.problem.fitted import Fitted, ShallowFitted
from univariate.problem.network import Network
from univariate.problem.population import Population, population_name
from univariate.problem.sample import Sample
from univariate.problem.truth import TruthLike
from univariate.standing.certify import Standing, standing_of


@result
class Attribution(Result):
    """How much of the clean error lies in the gaps of one label pattern."""

    pattern: str
    mass: float
    error: float


@result
class TheoremReport(Result):
    """A theorem of the paper, evaluated on a network and a sample.

    Attributes
    ----------
    theorem : str
        "3.1" or "3.2".
    verdict : Verdict
        HOLDS: every hypothesis holds, that on θ up to the tolerance it prints, and the clean error
        obeys the realised bounds. FAILS: every hypothesis holds, and the clean error leaves a
        realised bound because N misses the statement behind it by far more than rounding;
        `violation` says where. UNDECIDED: some hypothesis fails or is undecided, or a bound is left
        by no more than rounding can do; `reason` says which.
    hypotheses, bounds, attribution : tuples
    clean_error : CleanError
    p, delta : float
        Noise level (the empirical one unless given) and failure probability.
    p_given : bool
        Whether p was given; it is p̂, the share of labels −1, otherwise.
    implied_lower, implied_upper : float or None
        The constants c and C for which the theorem's inequalities would be equalities here; None
        where its lower side is not positive.
    standing : Standing or None
        The certificates that the hypothesis on θ rests on; None for other architectures.
    violation : Violation or None
        When it FAILS: the worst place where the statement behind the bound fails.
    reason : str
        One sentence.
    kkt_points : KktCleanErrorBounds
        What is proved instead, of every KKT point of the sample: an interval for its clean error.
    law : NearestNeighbourLaw or None
        In which gaps the net decides otherwise than the nearest neighbour, and why; None for other
        architectures, and nets that do not interpolate.
    """

    theorem: str
    verdict: Verdict
    hypotheses: tuple[Hypothesis, ...]
    clean_error: CleanError
    bounds: tuple[Bound, ...]
    attribution: tuple[Attribution, ...]
    p: float
    p_given: bool
    delta: float
    implied_lower: float | None
    implied_upper: float
    standing: Standing | None
    violation: Violation | None
    reason: str
    kkt_points: KktCleanErrorBounds
    law: NearestNeighbourLaw | None


def theorem_3_1(  # noqa: PLR0913 (what the theorem speaks of, and results to save work)
    net: Network,
    sample: Sample,
    delta: float = DEFAULT_CONFIDENCE,
    *,
    p: float | None = None,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
    optimum: MaxMargin | None = None,
    error: CleanError | None = None,
    standing: Standing | None = None,
) -> TheoremReport:
    """Evaluate Theorem 3.1: c(p⁵ − √(log(m/δ)/m)) ≤ L_cl ≤ C(√p + √(log(m/δ)/m)) at KKT points.

    Parameters
    ----------
    net, sample
        The network and the data it interpolates.
    delta : float
        Failure probability δ of the sample events, in (0, 1).
    p : float, optional
        Noise level; the share of labels that are not the truth's if not given.
    truth : truth, optional
        f*, see `Truth.of`; the sample's own if not given. The theorems are about f* ≡ +1, which is
        a hypothesis; under another truth it FAILS, and the bounds are not decided.
    density : distribution, optional
        Of x; the sample's own if not given.
    optimum, standing : optional
        Results of `max_margin(sample)` and `certify(net, sample)`, to save computing them again.
    error : CleanError, optional
        That of `clean_error(net, truth=truth, density=density)`; it is compared with it.

    Exact clean error (enclosed), exact hypotheses up to the tolerances they print; bounds rounded.
    Cost that of `max_margin` plus `clean_error`. Source: Theorem 3.1, Corollary A.3.
    """
    fit = Fitted.of(net, sample)
    found = _certified(fit, optimum, standing)
    meant = fit.sample.population(density, truth)
    known = _recognised(fit, error, meant)
    return evaluated_3_1(Setting.of(fit, delta, p, meant, known, found))


def theorem_3_2(  # noqa: PLR0913 (as `theorem_3_1`)
    net: Network,
    sample: Sample,
    delta: float = DEFAULT_CONFIDENCE,
    *,
    p: float | None = None,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
    optimum: MaxMargin | None = None,
    error: CleanError | None = None,
    standing: Standing | None = None,
) -> TheoremReport:
    """Evaluate Theorem 3.2: c(p − √(log(m/δ)/m)) ≤ L_cl ≤ C(p + √(log(m/δ)/m)) at local minima.

    Parameters as in `theorem_3_1`. The lower bound rests on Proposition A.4, which is false for
    nets that mix orientations: the verdict can be FAILS. Source: Theorem 3.2, Propositions A.4 and
    A.5.

    Examples
    --------
    >>> from univariate import draw_sample, max_margin, theorem_3_2
    >>> sample = draw_sample(100, 0.2, rng=0)
    >>> theorem_3_2(max_margin(sample).net, sample, p=0.2).verdict.name
    'HOLDS'
    """
    fit = Fitted.of(net, sample)
    found = _certified(fit, optimum, standing)
    meant = fit.sample.population(density, truth)
    known = _recognised(fit, error, meant)
    return evaluated_3_2(Setting.of(fit, delta, p, meant, known, found))


def evaluated_3_1(setting: Setting) -> TheoremReport:
    """Evaluate Theorem 3.1 in a setting that may be shared with Theorem 3.2."""
    bounds = bounds_of_3_1(setting.fit.sample, setting.p, setting.mass, setting.error)
    powers = setting.p**5, sqrt(setting.p)
    return _report("3.1", Source.THEOREM_3_1, setting, bounds, powers)


def evaluated_3_2(setting: Setting) -> TheoremReport:
    """Evaluate Theorem 3.2 in a setting that may be shared with Theorem 3.1."""
    bounds = bounds_of_3_2(setting.fit.sample, setting.p, setting.mass, setting.error)
    return _report("3.2", Source.THEOREM_3_2, setting, bounds, (setting.p, setting.p))


def _recognised(fit: Fitted, error: CleanError | None, population: Population) -> CleanError | None:
    """Return a clean error that was given, if it is that of the net; it is cheap to see."""
    if error is not None and error != clean_error_of(fit.net, population):
        of_error = population_name(error.density, error.truth)
        raise ValueError(
            f"`error` must be the clean error of `net` for x {population.name}, got"
            f" {error.value:.6g} for x {of_error}; pass clean_error(net, truth=sample.truth,"
            " density=sample.density), or leave it out"
        )
    return error


def _certified(
    fit: Fitted, optimum: MaxMargin | None, standing: Standing | None
) -> Standing | None:
    if standing is not None:
        check.belongs("standing", standing, fit.subject, "certify(net, sample)")
        return standing
    if not isinstance(fit, ShallowFitted):
        return None
    require_own_if_given(optimum, fit.sample, fit)
    return standing_of(fit, optimum=optimum)


def _report(
    theorem: str,
    source: Source,
    setting: Setting,
    bounds: tuple[Bound, ...],
    powers: tuple[float, float],
) -> TheoremReport:
    """Put the report together; the theorem compares the clean error with these powers of p."""
    low, high = powers
    sample, value = setting.fit.sample, setting.error.value
    hypotheses = setting.hypotheses(source)
    verdict, violation, reason = conclude(setting, hypotheses, bounds)
    rate = sqrt(log(sample.size / setting.delta) / sample.size)
    found = attribution(sample, setting.error.intervals, setting.mass)
    return TheoremReport(
        theorem,
        verdict,
        hypotheses,
        setting.error,
        bounds,
        tuple(Attribution(pattern, *numbers) for pattern, numbers in found.items()),
        setting.p,
        setting.given is not None,
        setting.delta,
        value / (low - rate) if low > rate else None,
        value / (high + rate),
        setting.standing,
        violation,
        reason,
        setting.kkt_points,
        setting.law,
    )
