"""The net, sample and options that Theorems 3.1 and 3.2 are evaluated on, and their hypotheses."""

from dataclasses import dataclass
from functools import cached_property
from math import inf, log, sqrt

import numpy as np

from univariate.common import check
from univariate.common.claim import Claim, Kind, Source, decide
from univariate.common.result import Verdict
from univariate.error.clean_error import CleanError, clean_error_of
from univariate.error.one_nearest_neighbour import neighbour_error_of
from univariate.paper.law.outcome import NearestNeighbourLaw
from univariate.paper.law.sample_bounds import KktCleanErrorBounds, bounds_around
from univariate.paper.law.statement import law_of
from univariate.paper.patterns import Mass
from univariate.problem.density import Density
from univariate.problem.events import sample_events
from univariate.problem.fitted import Fitted, Interpolation, ShallowFitted
from univariate.problem.population import Population
from univariate.standing.certify import Standing
from univariate.standing.kkt import KktCertificate
from univariate.standing.local_minimum import LocalMinimumCertificate

Hypothesis = Claim  # the name under which the hypotheses of theorems are public

REQUIRED = {Source.THEOREM_3_1: "KKT point", Source.THEOREM_3_2: "local minimum"}
"""What a theorem asks of θ."""

AT_ONE_HALF = "printed for p < 1/2, its proof asks for p ≤ 1/2 alone"
"""Theorem 3.2 at p = 1/2: the proof needs p(1 − p)² ≥ p/4 and (1 − p)² ≥ 1 − 2p."""

_REFUTED = 1e-6  # probability below which labels refute a noise level


@dataclass(frozen=True)
class Setting:
    """What both theorems are given.

    `given` is the noise level if it was given; the certificates are None for architectures that
    Problem (1) is not about.
    """

    fit: Fitted
    delta: float
    given: float | None
    population: Population
    error: CleanError
    standing: Standing | None

    @classmethod
    def of(
        cls,
        fit: Fitted,
        delta: float,
        p: float | None,
        population: Population,
        error: CleanError | None,
        standing: Standing | None,
    ) -> "Setting":
        """Check what was given, and find the clean error if it was not."""
        delta = check.probability("delta", delta, open_interval=True)
        if error is None:
            error = clean_error_of(fit.net, population)
        rate = None if p is None else check.probability("p", p)
        return cls(fit, delta, rate, population, error, standing)

    @property
    def p(self) -> float:
        """The noise level: the share of labels that are not the truth's unless given."""
        return self._share if self.given is None else self.given

    @cached_property
    def _share(self) -> float:
        return float(np.mean(self.fit.sample.noise(self.population.truth)))

    @property
    def density(self) -> Density:
        """The law of x."""
        return self.population.density

    @property
    def mass(self) -> Mass:
        """The function that measures intervals."""
        found: Mass = self.density.cdf
        return found

    @cached_property
    def neighbour(self) -> CleanError:
        """The clean error of the nearest neighbour."""
        return neighbour_error_of(self.fit.sample, self.population)

    @cached_property
    def kkt_points(self) -> KktCleanErrorBounds:
        """What is proved about all KKT points of the sample."""
        return bounds_around(self.fit.sample, self.population, self.neighbour)

    @cached_property
    def law(self) -> NearestNeighbourLaw | None:
        """How the net differs from the nearest neighbour; None for other architectures, nets that
        do not interpolate, and values beyond the range of doubles.
        """
        fit, standing = self.fit, self.standing
        if not isinstance(fit, ShallowFitted) or standing is None or standing.rank == 0:
            return None
        try:
            return law_of(fit, standing.kkt, self.population, self.error, self.neighbour)
        except ValueError:
            return None

    def hypotheses(self, theorem: Source) -> tuple[Hypothesis, ...]:
        """Return the hypotheses of a theorem: on the sample, on its fit, and on θ as the last."""
        fits = self.fit.interpolation
        events = sample_events(self.fit.sample, self.delta, density=self.density)
        return (
            self._domain(theorem),
            self._density(theorem),
            self._truth(theorem),
            self._noise(theorem),
            *self._labels(theorem),
            *events.every,
            _interpolation(theorem, fits),
            self._standing(theorem, fits),
        )

    def _domain(self, theorem: Source) -> Hypothesis:
        low, high = self.density.support()
        x = self.fit.sample.x
        inside = Verdict.of(low <= x[0] and x[-1] <= high)
        where = f"[{low:g}, {high:g}]"
        return _asked(theorem, Kind.SAMPLE, "inputs in the domain", inside, where)

    def _density(self, theorem: Source) -> Hypothesis:
        """Return whether x can be of the density, and say whether that is the theorem's own.

        An empirical cdf of m values is farther than ε from their own with a probability of at most
        2 exp(−2 m ε²) (Dvoretzky, Kiefer, Wolfowitz, Massart).
        """
        sample = self.fit.sample
        levels = self.density.cdf(sample.x)
        steps = np.arange(sample.size + 1) / sample.size
        away = float(max((levels - steps[:-1]).max(), (steps[1:] - levels).max()))
        most = sqrt(log(2.0 / _REFUTED) / (2.0 * sample.size))
        possible = Verdict.of(away <= most)
        reason = f"distance of the empirical cdf, {most:.3g} with probability {_REFUTED:g} at most"
        form = "printed"
        if not self.density.is_uniform:
            form = "corrected"
            reason += "; printed for Unif[0, 1], by its cdf for others"
        words = f"x {self.density.name}"
        return Claim(theorem, words, away, "≤", most, form, possible, reason, Kind.SAMPLE)

    def _truth(self, theorem: Source) -> Hypothesis:
        truth = self.population.truth
        reason = f"it is {truth.name}"
        return _asked(theorem, Kind.SAMPLE, "f* ≡ +1", Verdict.of(truth.is_positive), reason)

    @property
    def _flipped(self) -> str:
        """What is called noise: labels −1, or those against another truth than f* ≡ +1."""
        return "−1" if self.population.truth.is_positive else "against the truth"

    def _noise(self, theorem: Source) -> Hypothesis:
        """Return whether p is as printed: in [0, 1/2] for Theorem 3.1, in [0, 1/2) for 3.2."""
        relation = "≤" if theorem is Source.THEOREM_3_1 else "<"
        reason = f"share of labels {self._flipped}" if self.given is None else "given"
        if relation == "<" and self.p == 0.5:
            reason += f"; {AT_ONE_HALF}"
        words = f"p {relation} 1/2"
        return decide(theorem, words, self.p, relation, 0.5, reason=reason, kind=Kind.NOISE)

    def _labels(self, theorem: Source) -> tuple[Hypothesis, ...]:
        """Return whether the labels can be of a noise level that was given.

        At least as many or as few flips have a probability of at most exp(−m KL(p̂ ‖ p)) (Chernoff).
        """
        if self.given is None:
            return ()
        sample = self.fit.sample
        exponent = sample.size * _divergence(self._share, self.given)
        possible = Verdict.of(exponent <= -log(_REFUTED))
        flipped = round(self._share * sample.size)
        where = f"{flipped} of {sample.size} are {self._flipped}"
        words = "labels of the noise level given"
        return (_asked(theorem, Kind.NOISE, words, possible, where),)

    def _standing(self, theorem: Source, fits: Interpolation) -> Hypothesis:
        words = f"θ is a {REQUIRED[theorem]} of Problem (1)"
        if self.standing is None:
            reason = "not a 2-layer net without output bias"
            return _asked(theorem, Kind.STANDING, words, Verdict.FAILS, reason)
        if fits.verdict is not Verdict.HOLDS:
            sides = fits.margin, ">", 0.0
            reason = "does not interpolate"
            return _asked(theorem, Kind.STANDING, words, Verdict.FAILS, reason, sides)
        found: KktCertificate | LocalMinimumCertificate = self.standing.kkt
        if theorem is Source.THEOREM_3_2:
            found = self.standing.local_minimum
        sides = found.accuracy, "≤", found.tolerance
        return _asked(theorem, Kind.STANDING, words, found.verdict, found.reason, sides)


def _interpolation(theorem: Source, fits: Interpolation) -> Hypothesis:
    reason = f"worst margin, at observation {fits.worst}"
    sides = fits.margin, ">", 0.0
    return _asked(theorem, Kind.INTERPOLATION, "interpolates", fits.verdict, reason, sides)


def _asked(
    theorem: Source,
    kind: Kind,
    words: str,
    verdict: Verdict,
    reason: str,
    sides: tuple[float | None, str, float | None] = (None, "", None),
) -> Hypothesis:
    return Claim(theorem, words, *sides, "printed", verdict, reason, kind)


def _divergence(rate: float, p: float) -> float:
    """Return KL(rate ‖ p) of Bernoulli laws, inf where p excludes what was seen."""
    found = 0.0
    for seen, expected in ((rate, p), (1.0 - rate, 1.0 - p)):
        if seen > 0.0:
            found += seen * log(seen / expected) if expected > 0.0 else inf
    return found
