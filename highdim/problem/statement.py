"""A numbered statement of the paper, evaluated: its hypotheses, the inequalities of its proof, and
its conclusion.

An inequality is *printed* (as in the paper, with the paper's constant where it names one),
*corrected* (where the printed one is wrong, or leaves a constant open), or *computed* (a quantity
of the proof itself, evaluated on the sample and net at hand instead of bounded).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import ge, gt, le, lt
from typing import Any, Final

from univariate.common.result import Result, Verdict

FORMS: Final = ("printed", "corrected", "computed")

_HOLDS: Final[dict[str, Callable[[float, float], bool]]] = {"≤": le, "<": lt, "≥": ge, ">": gt}


@dataclass(frozen=True, repr=False)
class Check(Result):
    """One inequality: `value` `relation` `threshold`.

    Attributes
    ----------
    source : str
        "Lemma B.2", "Theorem 4.1": where it stands in the paper.
    claim : str
        The inequality in the paper's letters.
    value, threshold : float
        Its two sides, rounded.
    relation : str
        "≤", "<", "≥" or ">".
    form : str
        "printed", "corrected" or "computed"; see the module.
    verdict : Verdict
        HOLDS or FAILS; UNDECIDED where `value` is an estimate whose interval holds the threshold,
        or where the inequality is about something that is not known here.
    reason : str
        One clause; may be empty.
    """

    source: str
    claim: str
    value: float
    relation: str
    threshold: float
    form: str
    verdict: Verdict
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether the verdict is HOLDS."""
        return self.verdict is Verdict.HOLDS


def decide(  # noqa: PLR0913 (an inequality, and what is known about its left side)
    source: str,
    claim: str,
    value: float,
    relation: str,
    threshold: float,
    form: str = "printed",
    *,
    low: float | None = None,
    high: float | None = None,
    reason: str = "",
) -> Check:
    """Decide an inequality; `low` and `high` enclose a value that is known no better, and may leave
    it UNDECIDED.
    """
    test = _HOLDS[relation]
    ends = {test(value if end is None else end, threshold) for end in (low, high)}
    verdict = Verdict.of(ends.pop()) if len(ends) == 1 else Verdict.UNDECIDED
    return Check(source, claim, float(value), relation, float(threshold), form, verdict, reason)


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
    hypotheses, steps : tuple of Check
        What it asks for, and the inequalities of its proof, in their order there.
    conclusion : Check
    quantities : dict of str to float
        Numbers behind them.
    reason : str
        One sentence: what was learnt.
    witness : object or None
        When it FAILS: the net, or what else refutes the statement.
    """

    statement: str
    verdict: Verdict
    hypotheses: tuple[Check, ...]
    steps: tuple[Check, ...]
    conclusion: Check
    quantities: dict[str, float]
    reason: str
    witness: Any = field(default=None, compare=False)

    def named(self, source: str, form: str | None = None) -> tuple[Check, ...]:
        """Return the inequalities of one source, of one form if given."""
        every = (*self.hypotheses, *self.steps, self.conclusion)
        return tuple(one for one in every if one.source == source and form in (None, one.form))


def concluded(hypotheses: Iterable[Check], conclusion: Check) -> Verdict:
    """Return the verdict on "if the hypotheses hold, so does the conclusion"."""
    if all(one.holds for one in hypotheses):
        return conclusion.verdict
    return Verdict.UNDECIDED
