"""Theorems 3.1 and 3.2 on a given network and sample: hypotheses, exact clean error, explicit
bounds, verdict.

The theorems speak of unnamed constants; a report prints the sample-conditional quantities of their
proofs instead, and the constants that the sample at hand would imply.
"""

from dataclasses import dataclass, field
from math import log, sqrt
from typing import TYPE_CHECKING

import numpy as np

from univariate.common import check
from univariate.common.result import Result, Verdict
from univariate.common.tolerance import DEFAULT_CONFIDENCE
from univariate.error.clean_error import CleanError, clean_error
from univariate.optimum.max_margin import MaxMargin
from univariate.paper.patterns import (
    Mass,
    RealisedExpected,
    attribution,
    isolated_negative_bound,
    negative_block_bound,
    positive_pair_bound,
)
from univariate.paper.structure import StatementCheck, Violation, structure_of
from univariate.problem.fitted import Fitted, Interpolation, ShallowFitted
from univariate.problem.network import Network
from univariate.problem.sample import Sample, sample_events
from univariate.standing.certify import Standing, standing_of

if TYPE_CHECKING:
    from scipy.stats.distributions import rv_frozen


@dataclass(frozen=True, repr=False)
class Hypothesis(Result):
    """One hypothesis of a theorem: a verdict, the number behind it, its threshold, and one
    sentence.
    """

    name: str
    verdict: Verdict
    value: float | None
    threshold: float | None
    reason: str


@dataclass(frozen=True, repr=False)
class Bound(Result):
    """An explicit bound from a theorem's proof.

    `realised` is conditional on inputs and labels, `expected` averages the labels; `verdict`
    compares the realised one with the clean error's enclosure.
    """

    name: str
    side: str  # "lower" or "upper"
    realised: float
    expected: float
    verdict: Verdict


@dataclass(frozen=True, repr=False)
class Attribution(Result):
    """How much of the clean error lies in the gaps of one label pattern."""

    pattern: str
    mass: float
    error: float


@dataclass(frozen=True, repr=False)
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
    implied_lower, implied_upper : float or None
        The constants c and C for which the theorem's inequalities would be equalities here; None
        where its lower side is not positive.
    standing : Standing or None
        The certificates that the hypothesis on θ rests on; None for other architectures.
    violation : Violation or None
        When it FAILS: the worst place where the statement behind the bound fails.
    reason : str
        One sentence.
    """

    theorem: str
    verdict: Verdict
    hypotheses: tuple[Hypothesis, ...]
    clean_error: CleanError
    bounds: tuple[Bound, ...]
    attribution: tuple[Attribution, ...]
    p: float
    delta: float
    implied_lower: float | None
    implied_upper: float
    standing: Standing | None = field(compare=False)
    violation: Violation | None
    reason: str


def theorem_3_1(
    net: Network,
    sample: Sample,
    delta: float = DEFAULT_CONFIDENCE,
    *,
    p: float | None = None,
    density: "rv_frozen | None" = None,
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
        Noise level; the share of labels −1 if not given.
    density : frozen `scipy.stats` distribution, optional
        Density of x; uniform on [0, 1] if not given.
    optimum, error, standing : optional
        Results of `max_margin(sample)`, `clean_error(net)` and `certify(net, sample)`, to save
        computing them again.

    Exact clean error (enclosed), exact hypotheses up to the tolerances they print; bounds rounded.
    Cost that of `max_margin` plus `clean_error`. Source: Theorem 3.1, Corollary A.3.
    """
    fit = Fitted.of(net, sample)
    standing = _certified(fit, optimum, standing)
    return evaluated_3_1(Setting.of(fit, delta, p, density, error, standing))


def evaluated_3_1(setting: "Setting") -> TheoremReport:
    """Evaluate Theorem 3.1 in a setting that may be shared with Theorem 3.2."""
    lower = negative_block_bound(setting.fit.sample, setting.p, setting.mass)
    bounds = (
        _bound("a whole gap in every five −1 in a row (Cor. A.3)", "lower", lower, setting.error),
    )
    return setting.report("3.1", "KKT point", bounds, (setting.p**5, sqrt(setting.p)))


def theorem_3_2(
    net: Network,
    sample: Sample,
    delta: float = DEFAULT_CONFIDENCE,
    *,
    p: float | None = None,
    density: "rv_frozen | None" = None,
    optimum: MaxMargin | None = None,
    error: CleanError | None = None,
    standing: Standing | None = None,
) -> TheoremReport:
    """Evaluate Theorem 3.2: c(p − √(log(m/δ)/m)) ≤ L_cl ≤ C(p + √(log(m/δ)/m)) at local minima.

    Parameters as in `theorem_3_1`. The lower bound rests on Proposition A.4, which is false for
    nets that mix orientations: the verdict can be FAILS. Source: Theorem 3.2, Propositions A.4 and
    A.5.
    """
    fit = Fitted.of(net, sample)
    standing = _certified(fit, optimum, standing)
    return evaluated_3_2(Setting.of(fit, delta, p, density, error, standing))


def evaluated_3_2(setting: "Setting") -> TheoremReport:
    """Evaluate Theorem 3.2 in a setting that may be shared with Theorem 3.1."""
    sample = setting.fit.sample
    lower = isolated_negative_bound(sample, setting.p, setting.mass)
    upper = positive_pair_bound(sample, setting.p, setting.mass)
    bounds = (
        _bound(
            "half the gap right of every isolated −1 (Prop. A.4)", "lower", lower, setting.error
        ),
        _bound("nothing between neighbours +1, +1 (Prop. A.5)", "upper", upper, setting.error),
    )
    return setting.report("3.2", "local minimum", bounds, (setting.p, setting.p))


@dataclass(frozen=True)
class Setting:
    """What both theorems share."""

    fit: Fitted
    delta: float
    p: float
    given: bool
    mass: Mass
    density: "rv_frozen | None"
    error: CleanError
    standing: Standing | None

    @classmethod
    def of(
        cls,
        fit: Fitted,
        delta: float,
        p: float | None,
        density: "rv_frozen | None",
        error: CleanError | None,
        standing: Standing | None,
    ) -> "Setting":
        """Check what was given, and find what was not."""
        delta = check.probability("delta", delta, open_interval=True)
        error = clean_error(fit.net, density=density) if error is None else error
        rate = fit.sample.noise_rate if p is None else check.probability("p", p)
        mass: Mass = (lambda x: np.clip(x, 0.0, 1.0)) if density is None else density.cdf
        return cls(fit, delta, rate, p is not None, mass, density, error, standing)

    def report(
        self, theorem: str, required: str, bounds: tuple[Bound, ...], powers: tuple[float, float]
    ) -> TheoremReport:
        """Put the report together; `powers` of p are what the theorem compares the clean error
        with.
        """
        low, high = powers
        fits, size = self.fit.interpolation, self.fit.sample.size
        hypotheses = (*self._on_the_sample(), _interpolation(fits), self._required(required, fits))
        verdict, violation, reason = self._conclude(hypotheses, bounds)
        rate = sqrt(log(size / self.delta) / size)
        value = self.error.value
        found = attribution(self.fit.sample, self.error.intervals, self.mass)
        return TheoremReport(
            theorem,
            verdict,
            hypotheses,
            self.error,
            bounds,
            tuple(Attribution(pattern, *numbers) for pattern, numbers in found.items()),
            self.p,
            self.delta,
            value / (low - rate) if low > rate else None,
            value / (high + rate),
            self.standing,
            violation,
            reason,
        )

    def _on_the_sample(self) -> tuple[Hypothesis, ...]:
        low, high = (0.0, 1.0) if self.density is None else self.density.support()
        x = self.fit.sample.x
        inside = Verdict.of(low <= x[0] and x[-1] <= high)
        domain = Hypothesis("inputs in the domain", inside, None, None, f"[{low:g}, {high:g}]")
        source = "given" if self.given else "share of labels −1"
        noise = Hypothesis("p ≤ 1/2", Verdict.of(self.p <= 0.5), self.p, 0.5, source)
        events = sample_events(self.fit.sample, self.delta, density=self.density)
        return (
            domain,
            noise,
            *(
                Hypothesis(
                    event.name, Verdict.of(event.holds), event.value, event.threshold, "Lemma A.1"
                )
                for event in (events.largest_gap, events.small_gaps, events.collisions)
            ),
        )

    def _required(self, required: str, fits: Interpolation) -> Hypothesis:
        """What the theorem asks of θ."""
        name = f"θ is a {required} of Problem (1)"
        if self.standing is None:
            return Hypothesis(
                name, Verdict.FAILS, None, None, "not a 2-layer net without output bias"
            )
        if fits.verdict is not Verdict.HOLDS:
            return Hypothesis(name, Verdict.FAILS, fits.margin, 0.0, "does not interpolate")
        found = self.standing.kkt if required == "KKT point" else self.standing.local_minimum
        return Hypothesis(name, found.verdict, found.accuracy, found.tolerance, found.reason)

    def _conclude(
        self, hypotheses: tuple[Hypothesis, ...], bounds: tuple[Bound, ...]
    ) -> tuple[Verdict, Violation | None, str]:
        missing = [
            hypothesis for hypothesis in hypotheses if hypothesis.verdict is not Verdict.HOLDS
        ]
        broken = [bound for bound in bounds if bound.verdict is not Verdict.HOLDS]
        state = "obeys" if not broken else f"violates «{broken[0].name}», one of"
        if missing:
            names = "; ".join(f"{item.name} ({item.verdict.value})" for item in missing)
            reason = (
                f"no claim is made, for want of: {names}. The clean error {state} the realised"
                " bounds."
            )
            return Verdict.UNDECIDED, None, reason
        if not broken:
            return (
                Verdict.HOLDS,
                None,
                "all hypotheses hold and the clean error obeys the realised bounds",
            )
        behind = self._behind(broken[0])
        if behind is None or not behind.violations:
            reason = (
                f"all hypotheses hold, that on θ up to its tolerance, yet the clean error {state}"
                " the realised bounds"
            )
            return (
                Verdict.UNDECIDED,
                None,
                f"{reason}; N misses no statement of the proof by more than rounding",
            )
        worst = behind.violations[0]
        where = (
            f"between observations {worst.first} and {worst.last}: {worst.quantity} is"
            f" {worst.value:.6g}"
        )
        reason = (
            f"all hypotheses hold, yet {behind.statement} fails {where}, and the clean error"
            f" {state} the bounds"
        )
        return Verdict.FAILS, worst, reason

    def _behind(self, bound: Bound) -> StatementCheck | None:
        """Check the statement that a violated bound rests on."""
        if bound.verdict is not Verdict.FAILS or not isinstance(self.fit, ShallowFitted):
            return None
        found = structure_of(self.fit)
        if "Cor. A.3" in bound.name:
            return found.corollary_a3
        return found.proposition_a4 if bound.side == "lower" else found.proposition_a5


def _interpolation(found: Interpolation) -> Hypothesis:
    reason = f"worst margin, at observation {found.worst}"
    return Hypothesis("interpolates", found.verdict, found.margin, 0.0, reason)


def _certified(
    fit: Fitted, optimum: MaxMargin | None, standing: Standing | None
) -> Standing | None:
    if standing is not None or not isinstance(fit, ShallowFitted):
        return standing
    return standing_of(fit, optimum=optimum)


def _bound(name: str, side: str, numbers: RealisedExpected, error: CleanError) -> Bound:
    # the bounds are sums of up to m rounded gaps that add up to at most 1
    slack = 1e3 * np.finfo(float).eps
    above = error.low - numbers.realised if side == "lower" else numbers.realised - error.high
    below = error.high - numbers.realised if side == "lower" else numbers.realised - error.low
    verdict = (
        Verdict.HOLDS if above >= -slack else Verdict.FAILS if below < -slack else Verdict.UNDECIDED
    )
    return Bound(name, side, numbers.realised, numbers.expected, verdict)
