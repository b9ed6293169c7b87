"""A report on the terminal: one screen of at most 100 columns, readable without colour too."""

from collections.abc import Iterable
from typing import Final

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from univariate.common.claim import Kind
from univariate.common.result import Verdict
from univariate.common.screens import (
    PLAIN,
    WIDTH,
    Line,
    WordsAndNumbers,
    verdict_text,
)
from univariate.common.words import counted, noise_name
from univariate.paper.setting import Hypothesis
from univariate.report.contents import Report
from univariate.report.screens.parts import (
    ErrorRow,
    ErrorsTable,
    bounds_table,
    compared,
    law_lines,
    named,
    number,
    optimum_line,
    optimum_rows,
    sample_line,
    standing_lines,
    structure_lines,
    theorem_lines,
    title,
)
from univariate.report.screens.training import trained_lines

_PATTERNS: Final = {
    "++": "+1, +1",
    "+-": "+1, −1 or −1, +1",
    "--": "−1, −1",
    "ends": "outside the sample",
}


def render(report: Report) -> Constrain:
    """Return the whole report; the last line says what was learnt."""
    theorems = report.theorem_3_1, report.theorem_3_2
    parts: list[RenderableType] = [
        title(report.net_facts.kind, report),
        Text(),
        ErrorsTable(_errors(report)),
        named(_facts(report)),
        Text(),
        _hypotheses(report),
        Text(),
        bounds_table(*theorems),
        Text(),
        _attribution(report),
        Text(),
        *theorem_lines(*theorems),
        Text(),
        Text(report.finding, style="bold"),
    ]
    return Constrain(Group(*parts), WIDTH)


def _errors(report: Report) -> Iterable[ErrorRow]:
    error, nearest = report.clean_error, report.nearest_neighbour
    yield "Exact clean error L_cl", error, ""
    flips = f"new labels flipped with {noise_name(report.p_given)} = {report.p:.4g}"
    yield "Test error", report.noisy_error, flips
    yield "1-nearest neighbour", nearest, compared(nearest, error, "same decisions")
    if report.of_optimum is not None:
        yield from optimum_rows(report.of_optimum, error)
    if report.trained is not None:
        trained = report.trained.clean_error
        yield "trained net", trained, compared(trained, error, "equal")


def _facts(report: Report) -> Iterable[Line]:
    yield "Sample", sample_line(report.sample_facts)
    yield "Net", _net_line(report)
    yield "Margins", _margin_line(report)
    yield "Least norm²", optimum_line(report.optimum, report.optimum_missing)
    yield from standing_lines(report.standing)
    yield from structure_lines(report.structure)
    yield from law_lines(report.law, report.kkt_points)
    if report.trained is not None:
        yield from trained_lines(report.trained)


def _net_line(report: Report) -> Text:
    facts = report.net_facts
    parts = [
        f"width {' × '.join(map(str, facts.widths)) or 'none'}",
        f"‖θ‖² = {facts.norm_squared:.7g}",
    ]
    if facts.linear_regions is not None:
        parts.append(counted(facts.linear_regions, "linear region"))
    if facts.balanced:
        parts.append("balanced")
    elif facts.imbalance is not None:
        parts.append(f"balancing saves {facts.imbalance:.0%}")
    return Text(", ".join(parts))


def _margin_line(report: Report) -> Text:
    fits = report.interpolation
    label = "+1" if fits.label > 0.0 else "−1"
    place = f"observation {fits.worst} (x = {fits.x:.6g}, y = {label})"
    where = f"{fits.margin:.5g} at {place}"
    if fits.verdict is Verdict.HOLDS:
        return Text(f"smallest {where}, attained by {fits.at_margin:.1%}")
    return Text(f"{fits.wrong} wrong", "bold red").append(f"; worst {where}", PLAIN)


def _hypotheses(report: Report) -> WordsAndNumbers:
    """Return the hypotheses of both theorems, those they share once."""
    heads = "Hypothesis", "value", "needed", "3.1", "3.2"
    rows = WordsAndNumbers(heads, words=1, right=(1, 2))
    first, second = report.theorem_3_1.hypotheses, report.theorem_3_2.hypotheses
    for one, two in zip(first, second, strict=True):
        name, value, limit = _asked(report, one)
        if one.relation != two.relation:  # as on p
            name = f"{one.name} (3.1), {two.name} (3.2)"
            limit = f"{one.relation}, {two.relation} {number(one.threshold)}"
        rows.add_row(name, value, limit, verdict_text(one.verdict), verdict_text(two.verdict))
    return rows


def _asked(report: Report, one: Hypothesis) -> tuple[str, str, str]:
    """Return a hypothesis, what is the case, and what is needed."""
    limit = one.reason
    if one.threshold is not None:
        limit = f"{one.relation} {number(one.threshold)}"
    if one.kind is not Kind.STANDING:
        return one.name, number(one.value), limit
    name = "θ is a KKT point (3.1), a local minimum (3.2)"
    if report.standing is None:
        return name, "not applicable", ""
    if report.interpolation.verdict is not Verdict.HOLDS:
        return name, "does not interpolate", ""
    return name, number(one.value), limit


def _attribution(report: Report) -> WordsAndNumbers:
    heads = "Errors between labels", "mass of gaps", "errors there", "of L_cl"
    rows = WordsAndNumbers(heads, words=1, right=(1, 2, 3))
    total = sum(part.error for part in report.theorem_3_2.attribution)
    for part in report.theorem_3_2.attribution:
        share = f"{part.error / total:.1%}" if total > 0.0 else "–"
        rows.add_row(_PATTERNS[part.pattern], number(part.mass), number(part.error), share)
    return rows
