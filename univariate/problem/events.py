"""The events of Lemma A.1 on a sample: no gap too wide, few gaps too small, no two inputs equal."""

from math import log

import numpy as np

from univariate.common import check
from univariate.common.claim import Claim, Kind, Source, decide
from univariate.common.result import Result, result
from univariate.problem.density import DensityLike
from univariate.problem.sample import Sample, require_sample

Event = Claim  # the name under which the events of Lemma A.1 are public


@result
class SampleEvents(Result):
    """The three events whose intersection is E_x of Lemma A.1."""

    delta: float
    largest_gap: Event
    small_gaps: Event
    collisions: Event

    @property
    def every(self) -> tuple[Event, ...]:
        """The three events, in the order of the lemma."""
        return self.largest_gap, self.small_gaps, self.collisions

    @property
    def holds(self) -> bool:
        """Whether E_x occurred."""
        return all(event.holds for event in self.every)


def sample_events(
    sample: Sample, delta: float, *, density: DensityLike | None = None
) -> SampleEvents:
    """Evaluate the events of Lemma A.1 on a sample.

    - largest gap ≤ log(8(m+1)/δ)/(m+1);
    - fewer than (m+1)/8 of the gaps are below 1/(10(m+1));
    - no two inputs coincide.

    Under another `density` than Unif[0, 1], the sample's own if none is given, gaps are measured in
    probability, so that the uniform statement carries over.
    Rounded. Cost O(m). Source: Lemma A.1.
    """
    delta = check.probability("delta", delta, open_interval=True)
    require_sample(sample)
    law = sample.law(density)
    m = sample.size
    gaps = sample.gaps if law.is_uniform else np.diff(law.cdf(sample.x))
    widest = float(gaps.max()) if m > 1 else 0.0
    small = int(np.sum(gaps < 1.0 / (10.0 * (m + 1))))
    return SampleEvents(
        delta,
        _event(
            "largest gap", widest, "≤", log(8.0 * (m + 1) / delta) / (m + 1), "log(8(m+1)/δ)/(m+1)"
        ),
        _event("gaps below 1/(10(m+1))", small, "<", (m + 1) / 8.0, "(m+1)/8"),
        _event("coinciding inputs", sample.merged, "=", 0.0, "0"),
    )


def _event(name: str, value: float, relation: str, threshold: float, letters: str) -> Event:
    claim = f"{name} {relation} {letters}"
    return decide(Source.LEMMA_A_1, claim, value, relation, threshold, kind=Kind.SAMPLE, short=name)
