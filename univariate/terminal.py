"""A report on the terminal: one screen of at most 100 columns, which reads as well without colour or in a file."""

from collections.abc import Iterable
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from univariate._reports.finding import agree, certain, counted
from univariate.certificate import Verdict
from univariate.report import Report
from univariate.theorems import TheoremReport

WIDTH: Final = 100

_STYLES: Final = {Verdict.HOLDS: "green", Verdict.FAILS: "bold red", Verdict.UNDECIDED: "yellow"}
_PATTERNS: Final = {"++": "+1, +1", "+-": "+1, −1 or −1, +1", "--": "−1, −1", "ends": "outside the sample"}


def render(report: Report) -> Constrain:
    """Return the whole report; the last line says what was learnt."""
    parts: list[RenderableType] = [
        _title(report),
        Text(),
        _headline(report),
        _facts(report),
        Text(),
        _hypotheses(report),
        Text(),
        _bounds(report),
        Text(),
        _attribution(report),
        Text(),
        *_verdicts(report),
        Text(),
        Text(report.finding, style="bold"),
    ]
    return Constrain(Group(*parts), WIDTH)


def verdict_text(verdict: Verdict) -> Text:
    """Return a verdict in its colour."""
    return Text(verdict.value, style=_STYLES[verdict])


def _title(report: Report) -> Text:
    facts = report.sample_facts
    title = Text(f"{report.net_facts.kind} on {counted(facts.size, 'observation')}", style="bold")
    given = f"  p = {report.p:.6g}, x {report.density}"
    seed = report.origin.get("seed")
    title.append(given + (f", seed {seed}" if seed is not None else ""), style="not bold dim")
    return title


def _headline(report: Report) -> Table:
    table = _grid()
    same = "same decisions" if agree(report.clean_error, report.nearest_neighbour) else f"{-report.difference:+.4g}"
    rows = [("Exact clean error L_cl", certain(report.clean_error), "")]
    rows.append(("1-nearest neighbour", certain(report.nearest_neighbour), same))
    if report.net is not report.optimum.net:
        best = report.optimum_clean_error
        against = best.value - report.clean_error.value
        equal = agree(best, report.clean_error)
        rows.append(("max-margin net", certain(best), "equal" if equal else f"{against:+.4g}"))
    for number, (name, value, remark) in enumerate(rows):
        style = "bold cyan" if number == 0 else ""
        table.add_row(Text(name, style=style), Text(value, style=style), Text(remark, style="dim"))
    return table


def _facts(report: Report) -> Table:
    table = _grid()
    for name, value in (
        ("Sample", _sample_line(report)),
        ("Net", _net_line(report)),
        ("Margins", _margin_line(report)),
        ("Least norm²", _optimum_line(report)),
        *_standing_lines(report),
        *_structure_line(report),
    ):
        table.add_row(Text(name), value)
    return table


def _sample_line(report: Report) -> Text:
    facts = report.sample_facts
    gap = "" if facts.smallest_gap is None else f", smallest gap {facts.smallest_gap:.3g}"
    merged = f", {facts.merged} repeated merged" if facts.merged else ""
    return Text(f"{facts.noise_rate:.4g} labelled −1, {counted(facts.sign_changes, 'sign change')}{gap}{merged}")


def _net_line(report: Report) -> Text:
    facts = report.net_facts
    regions = "" if facts.linear_regions is None else f", {counted(facts.linear_regions, 'linear region')}"
    width = " × ".join(map(str, facts.widths)) or "none"
    scaled = ""
    if facts.imbalance is not None:
        scaled = ", balanced" if facts.balanced else f", balancing saves {facts.imbalance:.0%}"
    return Text(f"width {width}, ‖θ‖² = {facts.norm_squared:.7g}{regions}{scaled}")


def _margin_line(report: Report) -> Text:
    fits = report.interpolation
    where = f"{fits.margin:.5g} at observation {fits.worst} (x = {fits.x:.6g}, y = {_label(fits.label)})"
    if fits.verdict is Verdict.HOLDS:
        return Text(f"smallest {where}, attained by {fits.at_margin:.1%}")
    return Text(f"{fits.wrong} wrong", style="bold red").append(f"; worst {where}", style="not bold default")


def _optimum_line(report: Report) -> Text:
    best = report.optimum
    raised = f", raised {best.raised:.1g}" if best.raised > 1e-12 else ""
    return Text(
        f"‖θ*‖² = {best.norm_squared:.10g}, proved to a relative {best.duality_gap:.1e} ({best.method}{raised})"
    )


def _standing_lines(report: Report) -> Iterable[tuple[str, Text]]:
    """Yield the level, and its three certificates."""
    found = report.standing
    if found is None:
        yield "Standing", Text("not applicable: Problem (1) is about 2-layer nets without output bias", style="dim")
        return
    scaled = f"  of θ/{found.scale:.6g}, whose worst margin is 1" if f"{found.scale:.6g}" not in ("0", "1") else ""
    yield "Standing", Text(found.level, style="bold").append(scaled, style="not bold default")
    if found.level == "infeasible":
        return
    for name, part in (
        ("  KKT point", found.kkt),
        ("  local minimum", found.local_minimum),
        ("  global minimum", found.global_minimum),
    ):
        yield name, verdict_text(part.verdict).append(f"  {part.reason}", style="not bold default")


def _structure_line(report: Report) -> Iterable[tuple[str, Text]]:
    """Yield the statements of the proofs, and where the worst violation is."""
    if report.structure is None:
        return
    line = Text()
    names = ("A.2", "A.3", "A.4", "mirrored", "A.5")
    for name, check in zip(names, report.structure.checks, strict=True):
        count = f"{check.violated} of {check.checked}" if check.violated else f"{check.checked}"
        line.append(f"{name} ").append_text(verdict_text(check.verdict)).append(f" ({count})  ")
    yield "Structure", line
    violations = [check.violations[0] for check in report.structure.checks if check.violations]
    if violations:
        worst = violations[0]
        between = f"between observations {worst.first} and {worst.last}"
        yield "", Text(f"{worst.statement} {between}: {worst.quantity} is {worst.value:.6g}", style="dim")


def _hypotheses(report: Report) -> Table:
    """Return the hypotheses of both theorems, those they share once."""
    table = _table("Hypothesis", "value", "needed", "3.1", "3.2", numbers=(1, 2))
    first, second = report.theorem_3_1.hypotheses, report.theorem_3_2.hypotheses
    for one, two in zip(first[:-1], second[:-1], strict=True):
        sign = {"interpolates": "> ", "coinciding inputs": "= ", "gaps below 1/(10(m+1))": "< "}.get(one.name, "≤ ")
        limits = (_number(one.value), sign + _number(one.threshold) if one.threshold is not None else one.reason)
        table.add_row(one.name, *limits, verdict_text(one.verdict), verdict_text(two.verdict))
    one, two = first[-1], second[-1]
    name = "θ is a KKT point (3.1), a local minimum (3.2)"
    shown = (_number(one.value), "" if one.threshold is None else f"≤ {_number(one.threshold)}")
    if report.standing is None:
        shown = ("not applicable", "")
    elif report.standing.level == "infeasible":
        shown = ("does not interpolate", "")
    table.add_row(name, *shown, verdict_text(one.verdict), verdict_text(two.verdict))
    return table


def _bounds(report: Report) -> Table:
    table = _table("Explicit bound on L_cl", "realised", "expected", "", numbers=(1, 2))
    for theorem in (report.theorem_3_1, report.theorem_3_2):
        for bound in theorem.bounds:
            sign = "≥" if bound.side == "lower" else "≤"
            name = f"{theorem.theorem} {sign} {bound.name}"
            table.add_row(name, _number(bound.realised), _number(bound.expected), verdict_text(bound.verdict))
    return table


def _attribution(report: Report) -> Table:
    table = _table("Errors between labels", "mass of gaps", "errors there", "of L_cl")
    total = sum(part.error for part in report.theorem_3_2.attribution)
    for part in report.theorem_3_2.attribution:
        table.add_row(
            _PATTERNS.get(part.pattern, part.pattern),
            _number(part.mass),
            _number(part.error),
            f"{part.error / total:.1%}" if total > 0.0 else "–",
        )
    return table


def _verdicts(report: Report) -> Iterable[Text]:
    for theorem in (report.theorem_3_1, report.theorem_3_2):
        line = Text(f"Theorem {theorem.theorem} ", style="bold").append(verdict_text(theorem.verdict))
        yield line.append(f"  {_conclusion(theorem)}", style="not bold default")


def _conclusion(theorem: TheoremReport) -> str:
    """Return a theorem's reason; where it holds, with the constants that would make its inequalities equalities."""
    if theorem.verdict is not Verdict.HOLDS:
        return theorem.reason
    lower = "any c" if theorem.implied_lower is None else f"c = {theorem.implied_lower:.3g}"
    return f"hypotheses and realised bounds hold; equality here at {lower}, C = {theorem.implied_upper:.3g}"


def _label(label: float) -> str:
    return "+1" if label > 0.0 else "−1"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _grid() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(min_width=22, no_wrap=True)
    return table


def plain_table(*names: str) -> Table:
    """Return an empty table of numbers under one rule."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _table(*names: str, numbers: tuple[int, ...] = ()) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False, expand=True)
    for place, name in enumerate(names):
        right = place in numbers or (not numbers and place > 0)
        table.add_column(name, justify="right" if right else "left", ratio=None if place else 1)
    return table
