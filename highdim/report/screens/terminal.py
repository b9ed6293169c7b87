"""A report on the terminal: one screen of at most 100 columns and 45 lines, which reads as well
without colour.
"""

from collections.abc import Iterable
from math import inf, isfinite
from typing import Final

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from highdim.error.clean_error import Estimate
from highdim.problem.near_orthogonality import Property
from highdim.report.finding import counted, probability, shown
from highdim.report.report import Report
from highdim.report.screens.statements import statements_table, verdict_text
from highdim.standing.kkt import KktCertificate
from univariate.common.result import Verdict

Line = tuple[str, Text]

WIDTH: Final = 100

_ROWS: Final = 20
"""Lines of the table of statements; less those that the KKT point nearby and a second certificate
take.
"""


def render(report: Report) -> Constrain:
    """Return the whole report; the last line says what was learnt."""
    facts = list(_facts(report))
    parts: list[RenderableType] = [
        _title(report),
        Text(),
        _grid(_errors(report)),
        _grid(facts),
        Text(),
    ]
    if report.statements:
        parts += [
            statements_table(report.statements, _ROWS - 3 * (report.nearby is not None)),
            Text(),
        ]
    parts.append(Text(report.finding, style="bold"))
    return Constrain(Group(*parts), WIDTH)


def _title(report: Report) -> Text:
    sample, seed = report.sample_facts, report.origin.get("seed")
    what = (
        f"{report.net_facts.kind} on {counted(sample.size, 'observation')} in dimension"
        f" {sample.dimension:,}"
    )
    given = f"  p = {report.p:.6g}" + (f", seed {seed}" if seed is not None else "")
    return Text(what, style="bold").append(given, style="not bold dim")


def _errors(report: Report) -> Iterable[Line]:
    yield "Clean error L_cl", Text(_estimate(report.clean_error), style="bold cyan")
    known = (
        "an approximation for d ≥ m"
        if report.sample_facts.dimension >= report.sample_facts.size
        else "but d < m"
    )
    biases = "" if report.net_facts.bias else " with biases"
    yield (
        "  orthogonal limit",
        Text(f"{report.predicted_clean_error:.4g} predicted at the optimum{biases}, {known}"),
    )
    sample = report.sample_facts
    noise = (
        f"{report.p:.6g}; {sample.negatives:,} of {counted(sample.size, 'label')} are −1"
        f" ({sample.noise_rate:.4g})"
    )
    yield "  noise level p", Text(noise)


def _estimate(error: Estimate) -> str:
    """Return a clean error with its interval and method."""
    if error.samples == 0:
        return f"{error.value:.12g}, exact up to rounding ({error.method})"
    interval = f"[{probability(error.log10_low, 4)}, {probability(error.log10_high, 4)}]"
    drawn = f"{error.level:.0%} interval {interval}, {error.samples:,} {error.method}"
    return f"{shown(error, 4)}, {drawn}" + (f"; {error.note}" if error.note else "")


def _facts(report: Report) -> Iterable[Line]:
    facts = report.net_facts
    widths = " × ".join(f"{width:,}" for width in facts.widths)
    yield "Net", Text(f"width {widths}, ‖θ‖² = {facts.norm_squared:.6g}")
    if report.run is not None:
        yield "Run", _run(report)
    yield "Margins", _margins(report)
    yield "Near orthogonality", _properties(report)
    off = report.sample_facts.off_the_sphere
    if (
        report.near_orthogonality.norms.value > report.near_orthogonality.norms.threshold
        and off > 1e-6
    ):
        yield (
            "",
            Text(
                f"‖x_i‖² is off 1 by up to {off:.3g}; L_cl is about the unit sphere", style="yellow"
            ),
        )
    if report.optimum is not None:
        yield "‖θ‖² at margin 1", _norms(report)
    for name, certificate in (("KKT point", report.kkt), ("  outputs fixed", report.fixed_kkt)):
        if certificate is not None:
            yield name, _certificate(certificate)
    if report.nearby is not None:
        yield from _nearby(report)
    elif (
        report.missing["nearby"] not in ("not asked for", "the net does not interpolate")
        and facts.depth == 2
    ):
        yield "KKT point nearby", Text(f"none found: {report.missing['nearby']}", style="yellow")


def _run(report: Report) -> Text:
    run = report.run
    assert run is not None
    what = {
        "flow": "gradient flow",
        "gd": "gradient descent",
        "sgd": "mini-batch descent",
        "euler": "Euler steps",
    }
    found = (
        f"{what[run.method]} of the {run.loss} loss, {counted(run.steps, 'step')} to τ ="
        f" {run.flow_time:.5g}: "
    )
    return Text(found).append(run.status, style="bold")


def _margins(report: Report) -> Text:
    fits = report.interpolation
    label = "+1" if fits.label > 0.0 else "−1"
    where = f"{fits.margin:.5g} at observation {fits.worst} (y = {label})"
    if fits.verdict is Verdict.HOLDS:
        return Text(f"smallest {where}")
    if fits.verdict is Verdict.UNDECIDED:
        return Text("UNDECIDED up to rounding", style="yellow").append(
            f"; smallest {where}", style="default"
        )
    return Text(f"{fits.wrong:,} wrong", style="bold red").append(
        f"; worst {where}", style="not bold default"
    )


def _properties(report: Report) -> Text:
    found = report.near_orthogonality
    line = Text()
    named = (
        ("|x_i·x_j|", found.inner_products),
        ("‖XXᵀ‖", found.gram_norm),
        ("|I₋|", found.negatives),
    )
    for place, (name, one) in enumerate(named):
        line.append("   " * (place > 0) + _property(name, one)).append_text(
            verdict_text(Verdict.of(one.holds))
        )
    return line


def _property(name: str, one: Property) -> str:
    return f"{name} {one.value:.3g} ≤ {one.threshold:.3g} "


def _norms(report: Report) -> Text:
    """Return ‖θ‖² between ‖θ*‖² and what it exceeds it by; balanced, as no scaling of neurons
    changes N.
    """
    best, certificate = report.optimum, report.kkt
    assert best is not None
    assert certificate is not None
    least = f"{best.lower:.5g} ≤ ‖θ*‖² ≤ {best.upper:.5g} ({best.upper_source})"
    if not isfinite(best.candidates["net 0"]):
        return Text(f"none without interpolation; {least}")
    norm, balanced = certificate.norm_squared, best.candidates["net 0"]
    times = "" if best.upper == inf else f", at most {norm / best.lower:.4g} × ‖θ*‖²"
    return Text(f"{norm:.5g} ({balanced:.5g} balanced){times}; {least}")


def _certificate(found: KktCertificate) -> Text:
    return verdict_text(found.verdict).append(f"  {found.reason}", style="not bold default")


def _nearby(report: Report) -> Iterable[Line]:
    assert report.nearby is not None
    found, point = report.nearby, report.nearby.point
    what = "‖θ‖²" if point.certificate.train_output else "‖θ‖² without outputs"
    text = f"  {shown(found.clean_error)} = L_cl, {what} = {point.certificate.norm_squared:.5g}, "
    text += f"{counted(point.neurons, 'neuron')}; θ moved by {point.distance:.3g}"
    yield "KKT point nearby", verdict_text(point.verdict).append(text, style="not bold default")


def _grid(lines: Iterable[Line]) -> Table:
    found = Table.grid(padding=(0, 2))
    found.add_column(min_width=18, no_wrap=True)
    for name, value in lines:
        found.add_row(Text(name), value)
    return found
