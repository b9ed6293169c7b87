"""The verdict on Theorems 3.1 and 3.2, from their hypotheses and the bounds of their proofs."""

from collections.abc import Sequence
from typing import NamedTuple

from univariate.common.claim import Kind
from univariate.common.result import Verdict
from univariate.paper.bounds import Bound
from univariate.paper.setting import AT_ONE_HALF, Hypothesis, Setting
from univariate.paper.statements import Violation
from univariate.paper.structure import structure_of
from univariate.problem.fitted import ShallowFitted


class Conclusion(NamedTuple):
    """A verdict, the place that refutes the proof where it FAILS, and one sentence."""

    verdict: Verdict
    violation: Violation | None
    reason: str


def conclude(
    setting: Setting, hypotheses: Sequence[Hypothesis], bounds: Sequence[Bound]
) -> Conclusion:
    """Conclude; the proof is refuted only where N misses its statement by more than rounding."""
    missing = [one for one in hypotheses if not one.holds]
    broken = next((bound for bound in bounds if not bound.holds), None)
    state = "obeys" if broken is None else f"violates «{broken.name}», one of"
    if missing:
        names = "; ".join(f"{one.name} ({one.verdict.value})" for one in missing)
        about = f"The clean error {state} the realised bounds."
        if not setting.population.truth.is_positive:
            about = "The realised bounds are about f* ≡ +1."
        elif setting.p == 0.5 and any(one.kind is Kind.NOISE for one in missing):
            about += f" The theorem is {AT_ONE_HALF}."
        reason = f"no claim is made, for want of: {names}. {about}"
        return Conclusion(Verdict.UNDECIDED, None, reason)
    if broken is None:
        reason = "all hypotheses hold and the clean error obeys the realised bounds"
        return Conclusion(Verdict.HOLDS, None, reason)
    # a certificate holds up to a tolerance, and so may the bound: that refutes nothing
    worst = _behind(setting, broken)
    if worst is None:
        reason = (
            f"all hypotheses hold, that on θ up to its tolerance, yet the clean error {state} the"
            " realised bounds; N misses no statement of the proof by more than rounding"
        )
        return Conclusion(Verdict.UNDECIDED, None, reason)
    reason = (
        f"all hypotheses hold, yet {worst.statement} fails between observations {worst.first} and"
        f" {worst.last}: {worst.quantity} is {worst.value:.6g}, and the clean error {state} the"
        " bounds"
    )
    return Conclusion(Verdict.FAILS, worst, reason)


def _behind(setting: Setting, bound: Bound) -> Violation | None:
    """Return the worst violation of the statement that a violated bound rests on."""
    if bound.verdict is not Verdict.FAILS or not isinstance(setting.fit, ShallowFitted):
        return None
    found = structure_of(setting.fit).check(bound.source)
    return next(iter(found.violations), None)
