"""The vocabulary of the ledger: sizes, outcomes, findings, rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from benchmarks import frame


class Size(StrEnum):
    """How much is computed: seconds (for tests), minutes, or an hour, on two cores."""

    TINY = "tiny"
    QUICK = "quick"
    FULL = "full"


class Outcome(StrEnum):
    """What came out.

    HOLDS: on all instances. FAILS: there is a witness. CORRECTED: the printed form fails, with a
    witness, and the form that `tested` names holds on all instances. OPEN: no computation can
    decide it; `figure` says what was seen.
    """

    HOLDS = "HOLDS"
    FAILS = "FAILS"
    CORRECTED = "FAILS as printed, corrected form HOLDS"
    OPEN = "not decidable numerically"

    @classmethod
    def of(cls, violations: int) -> "Outcome":
        """HOLDS, unless something was counted against it."""
        return cls.FAILS if violations else cls.HOLDS

    @property
    def has_witness(self) -> bool:
        """Whether the printed form is refuted."""
        return self in (Outcome.FAILS, Outcome.CORRECTED)


class Finding(NamedTuple):
    """What a statement's function returns.

    `words`: the statement in one line; `tested`: what was tested, and the corrected form; `sizes`
    of the instances; `figure`: the number to remember; `witness`: a function of
    `benchmarks.ledger.witnesses` where the statement fails.
    """

    words: str
    tested: str
    instances: int
    sizes: str
    outcome: Outcome
    figure: str
    witness: str = ""


class Statement(NamedTuple):
    """A statement of the paper, or a part of one, and the function that evaluates it."""

    name: str
    evaluate: Callable[[Size], Finding]


def span(name: str, values: Iterable[int]) -> str:
    """Return values in words: «m = 4», «d = 13,234 to 846,925»."""
    found = sorted(values)
    least, most = f"{found[0]:,}", f"{found[-1]:,}"
    return f"{name} = {least}" + (f" to {most}" if most != least else "")


def listed(name: str, values: Iterable[int]) -> str:
    """Return the different values in words: «m = 8, 12, 20»."""
    return f"{name} = {', '.join(map(str, sorted(set(values))))}"


@dataclass(frozen=True)
class Row(frame.Row):
    """A line of the ledger."""

    statement: str
    words: str
    tested: str
    instances: int
    sizes: str
    verdict: str
    figure: str
    witness: str
    seconds: float
    preset: str
    version: str

    @classmethod
    def of(cls, name: str, finding: Finding, seconds: float, size: Size, version: str) -> "Row":
        """Put a finding into a line; a refutation without witness, or a witness without refutation,
        is refused.
        """
        if finding.outcome.has_witness != bool(finding.witness):
            raise ArithmeticError(
                f"{name}: {finding.outcome.value}, and the witness is {finding.witness!r}"
            )
        return cls(
            name,
            *finding[:4],
            finding.outcome.value,
            finding.figure,
            finding.witness,
            float(f"{seconds:.3g}"),
            size.value,
            version,
        )
