"""The explicit bounds in the proofs of Theorems 3.1 and 3.2, as claims about a clean error."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from univariate.common.claim import Claim, Kind, Source
from univariate.common.result import Verdict
from univariate.error.clean_error import CleanError
from univariate.paper.patterns import (
    Mass,
    RealisedExpected,
    isolated_negative_bound,
    negative_block_bound,
    positive_pair_bound,
)
from univariate.problem.sample import Sample
from univariate.problem.truth import ALWAYS

# bounds are sums of up to m rounded gaps that add up to at most 1
_SLACK = 1e3 * np.finfo(float).eps


@dataclass(frozen=True, repr=False, kw_only=True)
class Bound(Claim):
    """An explicit bound from a theorem's proof; the value is the clean error.

    The threshold is the bound given inputs and labels, `expected` averages over labels that are −1
    with probability p. The verdict is on the threshold and the clean error's enclosure; UNDECIDED
    for a clean error under another truth than f* ≡ +1, of which the bound does not speak.
    """

    value: float
    threshold: float
    expected: float

    derived: ClassVar[tuple[str, ...]] = (*Claim.derived, "side", "realised")

    @property
    def side(self) -> str:
        """Which side of the clean error it bounds, "lower" or "upper"."""
        return "lower" if self.relation == "≥" else "upper"

    @property
    def realised(self) -> float:
        """The bound given inputs and labels: the threshold."""
        return self.threshold


def bounds_of_3_1(sample: Sample, p: float, mass: Mass, error: CleanError) -> tuple[Bound, ...]:
    """Return the lower bound of Theorem 3.1; its upper one has no explicit constant."""
    gaps = negative_block_bound(sample, p, mass)
    name = "a whole gap in every five −1 in a row (Cor. A.3)"
    return (_bound(Source.COROLLARY_A_3, name, "≥", gaps, error),)


def bounds_of_3_2(sample: Sample, p: float, mass: Mass, error: CleanError) -> tuple[Bound, ...]:
    """Return the lower and the upper bound of Theorem 3.2."""
    half = isolated_negative_bound(sample, p, mass)
    rest = positive_pair_bound(sample, p, mass)
    below = "half the gap right of every isolated −1 (Prop. A.4)"
    above = "nothing between neighbours +1, +1 (Prop. A.5)"
    return (
        _bound(Source.PROPOSITION_A_4, below, "≥", half, error),
        _bound(Source.PROPOSITION_A_5, above, "≤", rest, error),
    )


def _bound(
    source: Source, name: str, relation: str, found: RealisedExpected, error: CleanError
) -> Bound:
    # room between the clean error and the bound, at either end of the enclosure
    way = 1.0 if relation == "≥" else -1.0
    rooms = [way * (end - found.realised) for end in (error.low, error.high)]
    verdict = Verdict.UNDECIDED
    reason = ""
    if error.truth != ALWAYS.name:
        reason = f"about f* ≡ +1, and the truth is {error.truth}"
    elif min(rooms) >= -_SLACK:
        verdict = Verdict.HOLDS
    elif max(rooms) < -_SLACK:
        verdict = Verdict.FAILS
    return Bound(
        source=source,
        claim=f"L_cl {relation} {name}",
        value=error.value,
        relation=relation,
        threshold=found.realised,
        form="computed",
        verdict=verdict,
        reason=reason,
        kind=Kind.CLEAN_ERROR,
        short=name,
        expected=found.expected,
    )
