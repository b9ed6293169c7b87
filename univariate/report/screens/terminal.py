"""A report on the terminal: one screen of at most 100 columns, which reads as well without colour
or in a file.
"""

from collections.abc import Iterable
from typing import Final

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from univariate.common.result import Verdict
from univariate.report.finding import agree, counted
from univariate.report.report import Report
from univariate.report.screens.parts import (
    WIDTH,
    ErrorRow,
    Line,
    bounds_table,
    errors_table,
    grid_of,
    number,
    optimum_line,
    sample_line,
    standing_lines,
    structure_lines,
    table,
    theorem_lines,
    title,
    verdict_text,
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
        title(report.net_facts.kind, report.sample_facts, report.p, report.density, report.origin),
        Text(),
        errors_table(_errors(report)),
        grid_of(_facts(report)),
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
    yield "Exact clean error L_cl", report.clean_error, ""
    same = agree(report.clean_error, report.nearest_neighbour)
    yield (
        "1-nearest neighbour",
        report.nearest_neighbour,
        "same decisions" if same else f"{-report.difference:+.4g}",
    )
    others = (
        [] if report.net is report.optimum.net else [("max-margin net", report.optimum_clean_error)]
    )
    if report.trained is not None:
        others.append(("trained net", report.trained.clean_error))
    for name, error in others:
        against = error.value - report.clean_error.value
        yield name, error, "equal" if agree(error, report.clean_error) else f"{against:+.4g}"


def _facts(report: Report) -> Iterable[Line]:
    yield "Sample", sample_line(report.sample_facts)
    yield "Net", _net_line(report)
    yield "Margins", _margin_line(report)
    yield "Least norm²", optimum_line(report.optimum)
    yield from standing_lines(report.standing)
    yield from structure_lines(report.structure)
    if report.trained is not None:
        yield from trained_lines(report.trained)


def _net_line(report: Report) -> Text:
    facts = report.net_facts
    regions = (
        ""
        if facts.linear_regions is None
        else f", {counted(facts.linear_regions, 'linear region')}"
    )
    width = " × ".join(map(str, facts.widths)) or "none"
    scaled = ""
    if facts.imbalance is not None:
        scaled = ", balanced" if facts.balanced else f", balancing saves {facts.imbalance:.0%}"
    return Text(f"width {width}, ‖θ‖² = {facts.norm_squared:.7g}{regions}{scaled}")


def _margin_line(report: Report) -> Text:
    fits = report.interpolation
    where = (
        f"{fits.margin:.5g} at observation {fits.worst} (x = {fits.x:.6g}, y ="
        f" {_label(fits.label)})"
    )
    if fits.verdict is Verdict.HOLDS:
        return Text(f"smallest {where}, attained by {fits.at_margin:.1%}")
    return Text(f"{fits.wrong} wrong", style="bold red").append(
        f"; worst {where}", style="not bold default"
    )


def _hypotheses(report: Report) -> Table:
    """Return the hypotheses of both theorems, those they share once."""
    rows = table("Hypothesis", "value", "needed", "3.1", "3.2", numbers=(1, 2))
    first, second = report.theorem_3_1.hypotheses, report.theorem_3_2.hypotheses
    for one, two in zip(first[:-1], second[:-1], strict=True):
        limit = one.reason
        if one.threshold is not None:
            limit = f"{one.relation} {number(one.threshold)}"
        rows.add_row(
            one.name,
            number(one.value),
            limit,
            verdict_text(one.verdict),
            verdict_text(two.verdict),
        )
    one, two = first[-1], second[-1]
    name = "θ is a KKT point (3.1), a local minimum (3.2)"
    shown = (number(one.value), "" if one.threshold is None else f"≤ {number(one.threshold)}")
    if report.standing is None:
        shown = ("not applicable", "")
    elif report.standing.level == "infeasible":
        shown = ("does not interpolate", "")
    rows.add_row(name, *shown, verdict_text(one.verdict), verdict_text(two.verdict))
    return rows


def _attribution(report: Report) -> Table:
    rows = table("Errors between labels", "mass of gaps", "errors there", "of L_cl")
    total = sum(part.error for part in report.theorem_3_2.attribution)
    for part in report.theorem_3_2.attribution:
        rows.add_row(
            _PATTERNS.get(part.pattern, part.pattern),
            number(part.mass),
            number(part.error),
            f"{part.error / total:.1%}" if total > 0.0 else "–",
        )
    return rows


def _label(label: float) -> str:
    return "+1" if label > 0.0 else "−1"
