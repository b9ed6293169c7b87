"""A numbered statement of the paper, evaluated: its hypotheses, the inequalities of its proof, and
its conclusion.
"""

from dataclasses import dataclass, field
from typing import Any

from univariate.common.claim import Claim
from univariate.common.result import Result, Verdict

Check = Claim  # the name under which the sphere's statements always had them


@dataclass(frozen=True, repr=False)
class StatementReport(Result):
    """A statement of the paper on a net and a sample.

    Attributes
    ----------
    statement : str
        "Theorem 4.1".
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
    witness : object or None
        When it FAILS: the net, or what else refutes the statement.
    """

    statement: str
    verdict: Verdict
    hypotheses: tuple[Claim, ...]
    steps: tuple[Claim, ...]
    conclusion: Claim
    quantities: dict[str, float]
    reason: str
    witness: Any = field(default=None, compare=False)

    def named(self, source: str, form: str | None = None) -> tuple[Claim, ...]:
        """Return the inequalities of one source, of one form if given."""
        every = (*self.hypotheses, *self.steps, self.conclusion)
        return tuple(one for one in every if one.source == source and form in (None, one.form))
