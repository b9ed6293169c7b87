"""Tables and lines that several screens share."""

from collections.abc import Iterable
from typing import Final

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from univariate.common.claim import Source
from univariate.common.result import Verdict
from univariate.common.screens import (
    NARROW,
    PLAIN,
    Line,
    NamedLines,
    WordsAndNumbers,
    grid_of,
    indented,
    verdict_text,
)
from univariate.common.words import at_most, counted, noise_name
from univariate.error.clean_error import CleanError
from univariate.error.noisy_error import NoisyError
from univariate.optimum.max_margin import MaxMargin
from univariate.optimum.norm_ratio import least_norm
from univariate.optimum.optimum_error import OptimumError
from univariate.paper.law.outcome import NearestNeighbourLaw
from univariate.paper.law.sample_bounds import KktCleanErrorBounds
from univariate.paper.structure import Structure
from univariate.paper.theorems import TheoremReport
from univariate.problem.population import Population
from univariate.report.contents import Report
from univariate.report.facts import SampleFacts
from univariate.report.finding import certain
from univariate.report.training import TrainingReport
from univariate.standing.certify import Standing

ErrorRow = tuple[str, CleanError | NoisyError, str]

_NAMES: Final = 22  # columns of names

_SHORT: Final[dict[str, str]] = {
    Source.LEMMA_A_2: "A.2",
    Source.COROLLARY_A_3: "A.3",
    Source.PROPOSITION_A_4: "A.4",
    Source.PROPOSITION_A_4_MIRRORED: "mirrored",
    Source.PROPOSITION_A_5: "A.5",
}

_SHOWN: Final = 3  # deviations on a screen


def title(what: str, report: Report | TrainingReport) -> Text:
    """Return the first line of a report."""
    facts, origin = report.sample_facts, report.origin
    meant = report.population if isinstance(report, Report) else report.trained.population
    given = f"  {noise_name(report.p_given)} = {report.p:.6g}, x {meant.words}"
    if facts.outside:
        given += f" ({facts.outside:,} of {counted(facts.size, 'input')} outside)"
    if origin.get("seed") is not None:
        given += f", seed {origin['seed']}"
    found = Text(f"{what} on {counted(facts.size, 'observation')}", "bold")
    return found.append(given, "not bold dim")


class ErrorsTable:
    """Names, clean errors with their certain digits, and remarks; the first row in bold.

    On a narrow screen one below the other, so that no digit is cut off.
    """

    def __init__(self, rows: Iterable[ErrorRow]) -> None:
        self.rows = list(rows)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        style = "bold cyan"
        lines = []
        for name, error, remark in self.rows:
            lines.append((Text(name, style), Text(certain(error), style), Text(remark, "dim")))
            style = ""
        if options.max_width >= NARROW:
            yield grid_of(lines, _NAMES)
            return
        for line in lines:
            yield line[0]
            yield from (indented(part) for part in line[1:] if part.plain)


def compared(error: CleanError, other: CleanError, same: str) -> str:
    """Return the difference of two clean errors, or a word where nothing proves them different."""
    if error.agrees(other):
        return same
    more = error.value - other.value
    return f"{abs(more):.4g} {'more' if more > 0.0 else 'less'} than the net"


def sample_line(facts: SampleFacts) -> Text:
    """Return what was seen."""
    parts = [
        f"{facts.negative_rate:.4g} labelled −1",
        counted(facts.sign_changes, "sign change"),
    ]
    if facts.noise_rate != facts.negative_rate:
        parts.insert(1, f"{facts.noise_rate:.4g} against the truth")
    if facts.smallest_gap is not None:
        parts.append(f"smallest gap {facts.smallest_gap:.3g}")
    if facts.merged:
        parts.append(f"{facts.merged} repeated merged")
    return Text(", ".join(parts))


def optimum_line(best: MaxMargin | None, missing: str = "") -> Text:
    """Return the least norm² and how well it is proved, or why it is not known."""
    if best is None:
        return Text(f"not available: {missing}", "dim")
    raised = f", raised {best.raised:.1g}" if best.raised > 1e-12 else ""
    return Text(
        f"‖θ*‖² {least_norm(best)}, proved to a relative {at_most(best.duality_gap, 2)}"
        f" ({best.method}{raised})"
    )


def optimum_rows(of_optimum: OptimumError, error: CleanError) -> Iterable[ErrorRow]:
    """Yield the clean error of the optimum, and that of the net found where it is another one.

    `error` is that of the net examined; where that is the net found, it has a row already.
    """
    found = of_optimum.found
    if of_optimum.exact is None:
        if found is not error:
            gap = f"gap {at_most(of_optimum.optimum.duality_gap, 1)}"
            yield "max-margin net found", found, f"{compared(found, error, 'equal')} ({gap})"
        return
    if found is not error or of_optimum.strays:
        yield "max-margin net", of_optimum.exact, compared(of_optimum.exact, error, "equal")
    if found is not error and of_optimum.strays:
        remark = compared(found, error, "equal")
        yield "  net found", found, f"{remark} (gap {at_most(of_optimum.optimum.duality_gap, 1)})"


def standing_lines(found: Standing | None) -> Iterable[Line]:
    """Yield the level, and its three certificates."""
    if found is None:
        why = "not applicable: Problem (1) is about 2-layer nets without output bias"
        yield "Standing", Text(why, "dim")
        return
    level = Text(found.level, "bold")
    scale = f"{found.scale:.6g}"
    if scale not in ("0", "1"):
        level.append(f"  of θ/{scale}, whose worst margin is 1", PLAIN)
    yield "Standing", level
    if found.interpolation.verdict is not Verdict.HOLDS:
        return
    for name, part in (
        ("  KKT point", found.kkt),
        ("  local minimum", found.local_minimum),
        ("  global minimum", found.global_minimum),
    ):
        yield name, verdict_text(part.verdict).append(f"  {part.reason}", PLAIN)


def structure_lines(found: Structure | None) -> Iterable[Line]:
    """Yield the statements of the proofs, and where the worst violation is."""
    if found is None:
        return
    line = Text()
    for check in found.checks:
        count = f"{check.checked}"
        if check.violated:
            # a segment can violate a statement in several ways
            places = counted(check.checked, "place")
            count = f"{counted(check.violated, 'violation')} in {places}"
        line.append(f"{_SHORT[check.source]} ")
        line.append_text(verdict_text(check.verdict)).append(f" ({count})  ")
    yield "Structure", line
    worst = next((check.violations[0] for check in found.checks if check.violations), None)
    if worst is not None:
        between = f"between observations {worst.first} and {worst.last}"
        text = f"{worst.statement} {between}: {worst.quantity} is {worst.value:.6g}"
        yield "", Text(text, "dim")


def law_lines(found: NearestNeighbourLaw | None, every: KktCleanErrorBounds) -> Iterable[Line]:
    """Yield how the net's decisions differ from the nearest neighbour's, and all KKT points'."""
    if found is not None:
        yield "1-NN law", verdict_text(found.verdict).append(f"  {found.reason}", PLAIN)
        for one in sorted(found.deviations, key=lambda one: -abs(one.mass))[:_SHOWN]:
            cause = f" ({one.cause})" if found.allowed is not None else ""
            place = f"between {one.first:.6g} and {one.last:.6g}{cause}"
            yield "", Text(f"{one.mass:+.4g} {place}", "dim")
        if len(found.deviations) > _SHOWN:
            yield "", Text(f"and {len(found.deviations) - _SHOWN} more", "dim")
    yield (
        "All KKT points",
        Text(
            f"{every.low:.6g} ≤ L_cl ≤ {every.high:.6g}, whatever the width; at most"
            f" {counted(every.links, 'link')}"
        ),
    )


def bounds_table(*theorems: TheoremReport) -> WordsAndNumbers:
    """Return the explicit bounds of theorems, with verdicts."""
    heads = "Explicit bound on L_cl", "realised", "expected", ""
    found = WordsAndNumbers(heads, words=1, right=(1, 2))
    for theorem in theorems:
        for bound in theorem.bounds:
            name = f"{theorem.theorem} {bound.relation} {bound.name}"
            sides = number(bound.realised), number(bound.expected)
            found.add_row(name, *sides, verdict_text(bound.verdict))
    return found


def theorem_lines(*theorems: TheoremReport) -> Iterable[Text]:
    """Yield the verdicts on theorems."""
    for theorem in theorems:
        line = Text(f"Theorem {theorem.theorem} ", "bold")
        line.append_text(verdict_text(theorem.verdict))
        yield line.append(f"  {_conclusion(theorem)}", PLAIN)


def _conclusion(theorem: TheoremReport) -> str:
    """Return a theorem's reason; where it holds, the constants that make it an equality."""
    if theorem.verdict is not Verdict.HOLDS:
        return theorem.reason
    lower = "any c" if theorem.implied_lower is None else f"c = {theorem.implied_lower:.3g}"
    return (
        f"hypotheses and realised bounds hold; equality here at {lower}, C ="
        f" {theorem.implied_upper:.3g}"
    )


def number(value: float | None) -> str:
    """Return a number with six digits, nothing for None."""
    return "" if value is None else f"{value:.6g}"


def named(lines: Iterable[Line]) -> NamedLines:
    """Return names and values one below the other."""
    return NamedLines(lines, _NAMES)


def population_line(population: Population) -> Text:
    """Return the law of x and the truth that errors in a table are about."""
    told = ", truth +1" if population.truth.is_positive else ""
    return Text(f"x {population.words}{told}", style="dim")


def plain_table(*names: str) -> Table:
    """Return an empty table of numbers under one rule."""
    found = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False)
    for name in names:
        found.add_column(name, justify="right", no_wrap=True)
    return found
