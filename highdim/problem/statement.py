"""A numbered statement of the paper, evaluated: hypotheses, steps of the proof, conclusion."""

from typing import Final, Self

from highdim.problem.network import TwoLayerNet
from univariate.common.claim import Claim, Source, concluded
from univariate.common.result import Result, Verdict, result

Check = Claim  # the public name of the sphere's claims

_STATE: Final = {
    Verdict.HOLDS: "holds",
    Verdict.FAILS: "fails",
    Verdict.UNDECIDED: "is undecided",
}


@result
class StatementReport(Result):
    """A statement of the paper on a net and a sample.

    Attributes
    ----------
    statement : str
        "Theorem 4.1", see `univariate.common.claim.Source`.
    verdict : Verdict
        HOLDS: all hypotheses and the conclusion hold. FAILS: all hypotheses hold, the conclusion
        does not; `witness` is the net. UNDECIDED: some hypothesis fails or is undecided, or the
        conclusion is.
    hypotheses, steps : tuple of Claim
        What it asks for, and the inequalities of its proof, in their order there.
    conclusion : Claim
    quantities : dict of str to float
        Numbers behind them.
    reason : str
        One sentence: what was learnt.
    witness : TwoLayerNet or None
        The net, when it FAILS.
    """

    statement: str
    verdict: Verdict
    hypotheses: tuple[Claim, ...]
    steps: tuple[Claim, ...]
    conclusion: Claim
    quantities: dict[str, float]
    reason: str
    witness: TwoLayerNet | None = None

    @classmethod
    def of(
        cls,
        statement: Source,
        hypotheses: tuple[Claim, ...],
        steps: tuple[Claim, ...],
        conclusion: Claim,
        quantities: dict[str, float],
        net: TwoLayerNet,
    ) -> Self:
        """Decide a statement about a net from its claims; the reason is left open."""
        verdict = concluded(hypotheses, conclusion)
        witness = net if verdict is Verdict.FAILS else None
        return cls(statement, verdict, hypotheses, steps, conclusion, quantities, "", witness)

    @property
    def missing(self) -> tuple[Claim, ...]:
        """The hypotheses that do not hold, or not for certain."""
        return tuple(one for one in self.hypotheses if not one.holds)

    def named(self, source: str, form: str | None = None) -> tuple[Claim, ...]:
        """Return the inequalities of one source, of one form if given."""
        every = (*self.hypotheses, *self.steps, self.conclusion)
        return tuple(one for one in every if one.source == source and form in (None, one.form))


def state(one: Claim) -> str:
    """Return the verdict as a verb."""
    return _STATE[one.verdict]
