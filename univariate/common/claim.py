"""The one vocabulary for what is claimed about a sample or a net: a quantity, a relation, a
threshold, and the verdict.

An inequality is *printed* (as in the paper, with the paper's constant where it names one),
*corrected* (where the printed one is wrong, or leaves a constant open), or *computed* (a quantity
of the proof itself, evaluated on the sample and net at hand instead of bounded).

Code decides by `Claim.kind`, `Claim.source` and `Claim.verdict`; the words of a claim are for
readers.
"""

import enum
from collections.abc import Callable, Iterable
from operator import eq, ge, gt, le, lt
from typing import ClassVar, Final

from univariate.common.result import Result, Verdict, Word, result

_HOLDS: Final[dict[str, Callable[[float, float], bool]]] = {
    "≤": le,
    "<": lt,
    "≥": ge,
    ">": gt,
    "=": eq,
}


class Source(enum.StrEnum):
    """Where a claim stands in the paper."""

    THEOREM_3_1 = "Theorem 3.1"
    THEOREM_3_2 = "Theorem 3.2"
    THEOREM_4_1 = "Theorem 4.1"
    THEOREM_4_3 = "Theorem 4.3"
    PROPOSITION_4_4 = "Proposition 4.4"
    PROPOSITION_4_5 = "Proposition 4.5"
    PROPOSITION_4_6 = "Proposition 4.6"
    LEMMA_A_1 = "Lemma A.1"
    LEMMA_A_2 = "Lemma A.2"
    COROLLARY_A_3 = "Corollary A.3"
    PROPOSITION_A_4 = "Proposition A.4"
    PROPOSITION_A_4_MIRRORED = "Proposition A.4, mirrored"
    PROPOSITION_A_5 = "Proposition A.5"
    LEMMA_B_1 = "Lemma B.1"
    LEMMA_B_2 = "Lemma B.2"
    LEMMA_B_3 = "Lemma B.3"
    LEMMA_B_4 = "Lemma B.4"
    LEMMA_B_5 = "Lemma B.5"
    LEMMA_B_6 = "Lemma B.6"
    LEMMA_B_7 = "Lemma B.7"
    LEMMA_B_8 = "Lemma B.8"
    LEMMA_B_9 = "Lemma B.9"
    EQUATION_16 = "Eq. (16)"

    __repr__ = str.__repr__  # a claim's repr shows the words


class Kind(Word):
    """What a claim is about; it equals its text and prints as it."""

    SAMPLE = "sample"
    ARCHITECTURE = "architecture"
    INTERPOLATION = "interpolation"
    STANDING = "standing"
    NOISE = "noise level"
    NORM = "norm"
    MULTIPLIERS = "multipliers"
    BIAS_SUM = "bias sum"
    CLEAN_ERROR = "clean error"
    SHAPE = "shape of N"
    DIMENSION = "dimension"
    NEURONS = "neurons"
    OPTIMUM = "norm of the optimum"
    NEW_POINT = "N at a new point"
    OTHER = "other"


@result
class Claim(Result):
    """A statement about one number, or one fact: `value` `relation` `threshold`.

    Attributes
    ----------
    source : str
        "Lemma B.2", "Theorem 4.1": where it stands in the paper, see `Source`.
    claim : str
        The inequality in the paper's letters, or the fact in words.
    value, threshold : float or None
        Its two sides, rounded; None for a fact that has none.
    relation : str
        "≤", "<", "≥", ">" or "="; "" for a fact.
    form : str
        "printed", "corrected" or "computed"; see the module.
    verdict : Verdict
        HOLDS or FAILS; UNDECIDED where `value` is an estimate whose interval holds the threshold,
        or where the claim is about something that is not known here.
    reason : str
        One clause; may be empty.
    kind : Kind
        What it is about.
    short : str
        The claim for narrow places: screens, axes. The claim itself if not given.
    """

    source: str
    claim: str
    value: float | None
    relation: str
    threshold: float | None
    form: str
    verdict: Verdict
    reason: str = ""
    kind: Kind = Kind.OTHER
    short: str = ""

    derived: ClassVar[tuple[str, ...]] = ("name", "holds")

    def brief(self) -> str:
        """Return the claim in one line, with its numbers if it has any."""
        sides = "" if self.value is None else f": {self.value:.4g}"
        if self.value is not None and self.threshold is not None:
            sides = f"{sides} {self.relation} {self.threshold:.4g}"
        return f"<{self.name}{sides} {self.verdict.name}>"

    @property
    def holds(self) -> bool:
        """Whether the verdict is HOLDS."""
        return self.verdict is Verdict.HOLDS

    @property
    def name(self) -> str:
        """The claim, for narrow places where it has a short form."""
        return self.short or self.claim


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
    kind: Kind = Kind.OTHER,
    short: str = "",
) -> Claim:
    """Decide an inequality; `low` and `high` enclose a value that is known no better, and may
    leave it UNDECIDED.
    """
    test = _HOLDS[relation]
    ends = {test(value if end is None else end, threshold) for end in (low, high)}
    verdict = Verdict.of(ends.pop()) if len(ends) == 1 else Verdict.UNDECIDED
    sides = (float(value), relation, float(threshold))
    return Claim(source, claim, *sides, form, verdict, reason, kind, short)


def fact(
    claim: str,
    condition: bool,
    source: str = "",
    *,
    reason: str = "",
    kind: Kind = Kind.OTHER,
) -> Claim:
    """State a fact in words that was decided outright."""
    verdict = Verdict.of(condition)
    return Claim(source, claim, None, "", None, "computed", verdict, reason, kind)


def concluded(hypotheses: Iterable[Claim], conclusion: Claim) -> Verdict:
    """Return the verdict on "if the hypotheses hold, so does the conclusion"."""
    if all(one.holds for one in hypotheses):
        return conclusion.verdict
    return Verdict.UNDECIDED
