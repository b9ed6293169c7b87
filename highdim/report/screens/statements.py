"""The inequalities of statements on the terminal: what fails first, then those that matter most, as
many as fit.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from rich import box
from rich.table import Table
from rich.text import Text

from highdim.problem.statement import Check, StatementReport
from highdim.report.finding import brief
from univariate.common.result import Verdict

STYLES: Final = {Verdict.HOLDS: "green", Verdict.FAILS: "bold red", Verdict.UNDECIDED: "yellow"}

_FEWEST: Final = 3  # rows that a statement gets at least
_NEVER: Final = 9


def statements_table(statements: Sequence[StatementReport], rows: int) -> Table:
    """Return one table of all statements, of about so many lines below its head; the first one gets
    half of them.
    """
    found = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        header_style="dim",
        show_edge=False,
        expand=True,
        padding=(0, 1, 0, 0),
    )
    found.add_column("", no_wrap=True)
    found.add_column("Inequality", no_wrap=True, overflow="ellipsis", ratio=1)
    for name in ("value", "needed"):
        found.add_column(name, justify="right", no_wrap=True)
    for name in ("form", "verdict"):
        found.add_column(name, no_wrap=True)
    left = rows
    for place, statement in enumerate(statements):
        later = len(statements) - place - 1
        room = max(_FEWEST, left - 1 if later == 0 else max(left // 2, left - later * 8) - 1)
        shown = chosen(statement, room)
        found.add_row("", _heading(statement), "", "", "", verdict_text(statement.verdict))
        for one in shown:
            found.add_row(*_row(one))
        left -= 1 + len(shown)
    return found


def chosen(statement: StatementReport, most: int) -> list[Check]:
    """Return the most important inequalities: hypotheses that fail or are open, key steps, and
    always the conclusion.

    They come in the order of the statement.
    """
    every = [*statement.hypotheses, *statement.steps]
    ranked = sorted(
        range(len(every)), key=lambda k: (_rank(every[k], k < len(statement.hypotheses)), k)
    )
    kept = sorted(
        k for k in ranked[: most - 1] if _rank(every[k], k < len(statement.hypotheses)) < _NEVER
    )
    return [*(every[k] for k in kept), statement.conclusion]


def _rank(one: Check, hypothesis: bool) -> int:
    """Return how urgently an inequality should be shown, 0 first; `_NEVER` for hypotheses that
    hold.
    """
    if hypothesis:
        return {Verdict.FAILS: 0, Verdict.UNDECIDED: 0}.get(one.verdict, _NEVER)
    if one.claim.startswith("N(0) = "):
        return 1
    if one.source.startswith("Proposition"):
        return 1
    if one.claim.startswith("L_cl ≤ ") or "‖θ*‖²" in one.claim:
        return 2
    if one.source in ("Lemma B.2", "Lemma B.5", "Lemma B.6", "Lemma B.7", "Lemma B.8"):
        return 3
    return 5 if one.source == "Eq. (16)" else 6


def _heading(statement: StatementReport) -> Text:
    missing, total = sum(not one.holds for one in statement.hypotheses), len(statement.hypotheses)
    hypotheses = "1 hypothesis" if total == 1 else f"{total} hypotheses"
    state = f"{missing} of {hypotheses} missing" if missing else f"{hypotheses} met"
    return Text(statement.statement, style="bold").append(f"  {state}", style="not bold dim")


def _row(one: Check) -> Iterable[Text | str]:
    source = (
        one.source.removeprefix("Lemma ")
        .removeprefix("Theorem ")
        .removeprefix("Proposition ")
        .removeprefix("Eq. ")
    )
    needed = f"{one.relation} {one.threshold:.3g}"
    return (
        source,
        Text(brief(one.claim)),
        f"{one.value:.3g}",
        needed,
        one.form,
        verdict_text(one.verdict),
    )


def verdict_text(verdict: Verdict) -> Text:
    """Return a verdict in its colour."""
    return Text(verdict.value, style=STYLES[verdict])
