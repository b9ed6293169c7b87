"""A training run on the terminal."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from univariate.common.screens import PLAIN, WIDTH, Line
from univariate.common.words import counted
from univariate.optimum.norm_ratio import NormRatio
from univariate.report.facts import RunFacts
from univariate.report.finding import METHODS
from univariate.report.screens.parts import (
    ErrorRow,
    ErrorsTable,
    bounds_table,
    law_lines,
    named,
    optimum_line,
    optimum_rows,
    sample_line,
    standing_lines,
    structure_lines,
    theorem_lines,
    title,
)
from univariate.report.training import LATE, TrainingReport
from univariate.training.trained import TrainedNet


def render_training(report: TrainingReport) -> Constrain:
    """Return the whole report; the last line says what was learnt."""
    trained = report.trained
    parts: list[RenderableType] = [
        title(f"Net of {report.run.width} neurons trained", report),
        Text(),
        ErrorsTable(_errors(report)),
        named(_facts(report)),
        Text(),
    ]
    if trained.theorem_3_1 is not None and trained.theorem_3_2 is not None:
        theorems = trained.theorem_3_1, trained.theorem_3_2
        parts += [bounds_table(*theorems), Text(), *theorem_lines(*theorems), Text()]
    return Constrain(Group(*parts, Text(report.finding, style="bold")), WIDTH)


def trained_lines(trained: TrainedNet) -> Iterable[Line]:
    """Yield what a report on another net says about a trained one."""
    yield from _run_lines(RunFacts.of(trained), "Trained net", "  smallest margin")
    if trained.standing is not None:
        pieces = ""
        if trained.regions is not None:
            pieces = f", {counted(trained.regions, 'linear region')}"
        level = Text(trained.standing.level, "bold")
        cost = f"{_ratio(trained.norm_ratios)} × ‖θ*‖²"
        yield "  KKT point", level.append(f", {cost}{pieces}", PLAIN)


def _errors(report: TrainingReport) -> Iterable[ErrorRow]:
    trained = report.trained
    error, end = trained.clean_error, trained.end_clean_error
    if trained.point is None:
        yield "Exact clean error L_cl", end, ""
    else:
        yield "L_cl of the KKT point", error, ""
        yield "L_cl where it ended", end, f"polishing: {error.value - end.value:+.3g}"
    yield from optimum_rows(report.of_optimum, error)
    yield "1-nearest neighbour", report.nearest_neighbour, ""


def _facts(report: TrainingReport) -> Iterable[Line]:
    trained = report.trained
    yield "Sample", sample_line(report.sample_facts)
    yield "Start", Text(report.start)
    yield from _run_lines(report.run, "Run", "Smallest margin")
    yield "Least norm²", optimum_line(trained.optimum)
    yield from law_lines(report.law, report.kkt_points)
    if trained.standing is None:
        return
    yield "‖θ‖² / margin / ‖θ*‖²", Text(_norms(trained))
    before = _regions(report.end_facts.linear_regions)
    yield "Linear regions", Text(_change(before, _regions(trained.regions), trained))
    yield "KKT point", _point_text(report)
    yield from standing_lines(trained.standing)
    yield from structure_lines(trained.structure)


def _run_lines(facts: RunFacts, name: str, margin: str) -> Iterable[Line]:
    """Yield how the run went and ended, and when its margins became positive."""
    what = f"{METHODS[facts.method]} of the {facts.loss} loss"
    found = Text(f"{what}, {counted(facts.steps, 'step')}: ")
    yield name, found.append(facts.status, "bold")
    reached = f"{facts.margin:.5g} at t = 10^{facts.log10_time:.4g}"
    if facts.interpolates_from is not None:
        reached += f", positive from t = 10^{facts.interpolates_from:.3g} on"
    yield margin, Text(reached)
    if facts.status != "margin reached":
        yield "", Text(facts.reason, "yellow")


def _point_text(report: TrainingReport) -> Text:
    trained, point = report.trained, report.trained.point
    if point is None:
        return Text(trained.missing, style="yellow")
    entered = f" and {point.entered} entered on the way" if point.entered else ""
    cells = f"in {counted(point.cells, 'cell')}{entered}"
    found = Text(f"{cells}; N/margin moved by {point.distance:.4g} of {report.height:.4g}")
    if trained.interpolation.margin < LATE:
        early = f"; near a run that ended early (margin < {LATE:g}), maybe not its limit"
        found.append(early, "yellow")
    return found


def _norms(trained: TrainedNet) -> str:
    return _change(_ratio(trained.end_norm_ratios), _ratio(trained.norm_ratios), trained)


def _ratio(bounds: NormRatio | None) -> str:
    return "–" if bounds is None else bounds.number(7)


def _regions(count: int | None) -> str:
    return "–" if count is None else f"{count:.7g}"


def _change(before: str, after: str, trained: TrainedNet) -> str:
    """Return two numbers as "1.069 → 1" if there was polishing between them."""
    return before if trained.point is None else f"{before} → {after}"
