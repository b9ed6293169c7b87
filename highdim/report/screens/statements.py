"""The inequalities of statements on the terminal: what fails first, then those that matter most."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.text import Text

from highdim.problem.statement import StatementReport
from univariate.common.claim import Claim, Kind, Source
from univariate.common.screens import WordsAndNumbers, verdict_text

_FEWEST: Final = 3  # rows that a statement gets at least

# How urgently a step should be shown, 0 first: the smaller of the ranks of its kind and its source.
_RANK_OF_KIND: Final = {Kind.BIAS_SUM: 1, Kind.CLEAN_ERROR: 2, Kind.OPTIMUM: 2}
_RANK_OF_SOURCE: Final[dict[str, int]] = {
    Source.PROPOSITION_4_4: 1,
    Source.PROPOSITION_4_5: 1,
    Source.LEMMA_B_2: 3,
    Source.LEMMA_B_5: 3,
    Source.LEMMA_B_6: 3,
    Source.LEMMA_B_7: 3,
    Source.LEMMA_B_8: 3,
    Source.EQUATION_16: 5,
}
_RANK_OF_OTHERS: Final = 6


def statements_table(statements: Sequence[StatementReport], rows: int) -> WordsAndNumbers:
    """Return one table of all statements, of about so many lines below its head.

    The first statement gets half of them.
    """
    heads = "", "Inequality", "value", "needed", "form", "verdict"
    found = WordsAndNumbers(heads, words=2, right=(2, 3), wrap=False)
    left = rows
    for later, statement in zip(reversed(range(len(statements))), statements, strict=True):
        # later statements need about eight lines each
        room = left if later == 0 else max(left // 2, left - later * 8)
        shown = chosen(statement, max(_FEWEST, room - 1))
        found.add_row("", _heading(statement), "", "", "", verdict_text(statement.verdict))
        for one in shown:
            found.add_row(*_row(one))
        left -= 1 + len(shown)
    return found


def chosen(statement: StatementReport, most: int) -> list[Claim]:
    """Return the most important inequalities, in the order of the statement.

    These are hypotheses that fail or are open, key steps, and always the conclusion.
    """
    every = [*statement.missing, *statement.steps]
    ranks = [0] * len(statement.missing) + [_rank(one) for one in statement.steps]
    kept = sorted(range(len(every)), key=ranks.__getitem__)[: most - 1]
    return [*(every[k] for k in sorted(kept)), statement.conclusion]


def _rank(step: Claim) -> int:
    of_kind = _RANK_OF_KIND.get(step.kind, _RANK_OF_OTHERS)
    return min(of_kind, _RANK_OF_SOURCE.get(step.source, _RANK_OF_OTHERS))


def _heading(statement: StatementReport) -> Text:
    missing = len(statement.missing)
    total = len(statement.hypotheses)
    hypotheses = "1 hypothesis" if total == 1 else f"{total} hypotheses"
    state = f"{missing} of {hypotheses} missing" if missing else f"{hypotheses} met"
    return Text(statement.statement, style="bold").append(f"  {state}", style="not bold dim")


def _row(one: Claim) -> Iterable[Text | str]:
    return (
        one.source.rpartition(" ")[2],  # its number
        Text(one.name),
        f"{one.value:.3g}",
        f"{one.relation} {one.threshold:.3g}",
        one.form,
        verdict_text(one.verdict),
    )
