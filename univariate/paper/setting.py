"""The net, sample and options that Theorems 3.1 and 3.2 are evaluated on, and their hypotheses."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from univariate.common import check
from univariate.common.claim import Claim, Kind, Source, decide
from univariate.common.result import Verdict
from univariate.error.clean_error import CleanError, clean_error
from univariate.paper.patterns import Mass, mass_of
from univariate.problem.events import sample_events
from univariate.problem.margins import Interpolation, interpolates
from univariate.problem.network import Network
from univariate.problem.sample import Sample
from univariate.standing.certify import Standing
from univariate.standing.kkt import KktCertificate
from univariate.standing.local_minimum import LocalMinimumCertificate

if TYPE_CHECKING:
    from scipy.stats.distributions import rv_frozen

Hypothesis = Claim  # the name under which the hypotheses of theorems are public

REQUIRED = {Source.THEOREM_3_1: "KKT point", Source.THEOREM_3_2: "local minimum"}
"""What a theorem asks of θ."""


@dataclass(frozen=True)
class Setting:
    """What both theorems are told.

    `given` says whether the noise level p was given or is the share of labels −1; `mass` measures
    intervals; the certificates are None for architectures that Problem (1) is not about.
    """

    net: Network
    sample: Sample
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
        net: Network,
        sample: Sample,
        delta: float,
        p: float | None,
        density: "rv_frozen | None",
        error: CleanError | None,
        standing: Standing | None,
    ) -> "Setting":
        """Check the options, and compute the clean error unless it is given."""
        delta = check.probability("delta", delta, open_interval=True)
        error = clean_error(net, density=density) if error is None else error
        rate = sample.noise_rate if p is None else check.probability("p", p)
        return cls(
            net, sample, delta, rate, p is not None, mass_of(density), density, error, standing
        )

    def hypotheses(self, theorem: Source) -> tuple[Hypothesis, ...]:
        """Return the hypotheses of a theorem: on the sample, on its fit, and on θ as the last."""
        fits = interpolates(self.net, self.sample)
        events = sample_events(self.sample, self.delta, density=self.density)
        return (
            self._domain(theorem),
            self._noise(theorem),
            *events.every,
            _interpolation(theorem, fits),
            self._standing(theorem, fits),
        )

    def _domain(self, theorem: Source) -> Hypothesis:
        low, high = (0.0, 1.0) if self.density is None else self.density.support()
        x = self.sample.x
        return Claim(
            source=theorem,
            claim="inputs in the domain",
            value=None,
            relation="",
            threshold=None,
            form="printed",
            verdict=Verdict.of(low <= x[0] and x[-1] <= high),
            reason=f"[{low:g}, {high:g}]",
            kind=Kind.SAMPLE,
        )

    def _noise(self, theorem: Source) -> Hypothesis:
        reason = "given" if self.given else "share of labels −1"
        return decide(theorem, "p ≤ 1/2", self.p, "≤", 0.5, reason=reason, kind=Kind.NOISE)

    def _standing(self, theorem: Source, fits: Interpolation) -> Hypothesis:
        def claim(
            value: float | None, relation: str, threshold: float | None, verdict: Verdict, why: str
        ) -> Hypothesis:
            words = f"θ is a {REQUIRED[theorem]} of Problem (1)"
            sides = (value, relation, threshold)
            return Claim(theorem, words, *sides, "printed", verdict, why, Kind.STANDING)

        if self.standing is None:
            return claim(None, "", None, Verdict.FAILS, "not a 2-layer net without output bias")
        if fits.verdict is not Verdict.HOLDS:
            return claim(fits.margin, ">", 0.0, Verdict.FAILS, "does not interpolate")
        found: KktCertificate | LocalMinimumCertificate = self.standing.kkt
        if theorem is Source.THEOREM_3_2:
            found = self.standing.local_minimum
        return claim(found.accuracy, "≤", found.tolerance, found.verdict, found.reason)


def _interpolation(theorem: Source, fits: Interpolation) -> Hypothesis:
    reason = f"worst margin, at observation {fits.worst}"
    sides = (fits.margin, ">", 0.0)
    verdict, kind = fits.verdict, Kind.INTERPOLATION
    return Claim(theorem, "interpolates", *sides, "printed", verdict, reason, kind)
