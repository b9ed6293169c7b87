"""A report on the terminal: one screen of at most 100 columns and 45 lines, colour optional."""

from collections.abc import Iterable
from math import inf, isfinite
from typing import Final

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from highdim.error.estimate import Estimate
from highdim.optimum.optimum_bounds import OptimumBounds
from highdim.problem.law import OFF
from highdim.problem.laws import SPHERE
from highdim.problem.near_orthogonality import NearOrthogonality
from highdim.report.contents import Report
from highdim.report.facts import FitFacts, RunFacts
from highdim.report.finding import misplaced, probability, shown
from highdim.report.parts import NOT_ASKED, Nearby, Solved
from highdim.report.screens.statements import statements_table
from highdim.standing.kkt import KktCertificate
from univariate.common.result import Verdict
from univariate.common.screens import PLAIN, WIDTH, Line, NamedLines, verdict_text
from univariate.common.words import at_most, counted, noise_name

_NAMES: Final = 18  # columns of names

_ROWS: Final = 20
"""Lines of the table of statements, without a KKT point nearby or a max-margin net."""

_METHODS: Final = {
    "flow": "gradient flow",
    "gd": "gradient descent",
    "sgd": "mini-batch descent",
    "euler": "Euler steps",
}


def render(report: Report) -> Constrain:
    """Return the whole report; the last line says what was learnt."""
    parts: list[RenderableType] = [
        _title(report),
        Text(),
        NamedLines(_errors(report), _NAMES),
        NamedLines(_facts(report), _NAMES),
        Text(),
    ]
    if report.statements:
        rows = _ROWS - 3 * (report.nearby is not None) - 3 * (report.max_margin is not None)
        parts += [statements_table(report.statements, rows), Text()]
    parts.append(Text(report.finding, style="bold"))
    return Constrain(Group(*parts), WIDTH)


def _title(report: Report) -> Text:
    sample = report.sample_facts
    data = f"{counted(sample.size, 'observation')} in dimension {sample.dimension:,}"
    given = f"  {noise_name(report.p_given)} = {report.p:.6g}"
    if sample.truth != "+1":
        given += f", truth {sample.truth}"
    if sample.law != SPHERE.name:
        given += f", x {sample.law}"
    seed = report.origin.get("seed")
    if seed is not None:
        given += f", seed {seed}"
    title = Text(f"{report.net_facts.kind} on {data}", style="bold")
    return title.append(given, style="not bold dim")


def _errors(report: Report) -> Iterable[Line]:
    yield "Clean error L_cl", Text(_estimate(report.clean_error), style="bold cyan")
    sample = report.sample_facts
    wide = sample.dimension >= sample.size
    known = "an approximation for d ≥ m" if wide else "but d < m"
    biases = "" if report.net_facts.bias else " with biases"
    predicted = report.predicted_clean_error
    if predicted is not None:
        words = f"{predicted:.4g} predicted at the optimum{biases}, {known}"
        yield "  orthogonal limit", Text(words)
    labels = f"{sample.negatives:,} of {counted(sample.size, 'label')} are −1"
    if sample.truth != "+1":
        wrong = round(sample.noise_rate * sample.size)
        labels = f"{wrong:,} of {counted(sample.size, 'label')} differ from the truth"
    yield (
        f"  noise level {noise_name(report.p_given)}",
        Text(f"{report.p:.6g}; {labels} ({sample.noise_rate:.4g})"),
    )


def _estimate(error: Estimate) -> str:
    """Return a clean error with its interval and method."""
    if error.samples == 0:
        return f"{error.value:.12g}, exact up to rounding ({error.method})"
    interval = f"[{probability(error.log10_low, 4)}, {probability(error.log10_high, 4)}]"
    # an enclosure is no interval of any confidence
    kind = "enclosed in" if error.level == 1.0 else f"{error.level:.0%} interval"
    drawn = f"{kind} {interval}, {error.samples:,} {error.method}"
    doubt = "" if error.verdict is Verdict.HOLDS else "UNDECIDED, "
    return f"{shown(error, 4)}, {drawn}" + (f"; {doubt}{error.note}" if error.note else "")


def _facts(report: Report) -> Iterable[Line]:
    facts = report.net_facts
    widths = " × ".join(f"{width:,}" for width in facts.widths)
    yield "Net", Text(f"width {widths}, ‖θ‖² = {facts.norm_squared:.6g}")
    if report.run is not None:
        yield "Run", _run(report.run)
    yield "Margins", _margins(report.interpolation)
    near = report.near_orthogonality
    if near is not None:
        yield "Near orthogonality", _properties(near)
    off = report.sample_facts.off_the_sphere
    on_sphere = report.sample_facts.law == SPHERE.name
    if near is not None and on_sphere and not near.norms.holds and off > OFF:
        warning = f"‖x_i‖² is off 1 by up to {off:.3g}; L_cl is about the unit sphere"
        yield "", Text(warning, style="yellow")
    if not on_sphere and (elsewhere := misplaced(report.sample_facts)):
        yield "Inputs", Text(elsewhere, style="yellow")
    if report.optimum is not None and report.kkt is not None:
        yield "‖θ‖² at margin 1", _norms(report.optimum, report.kkt)
    for name, certificate in (("KKT point", report.kkt), ("  outputs fixed", report.fixed_kkt)):
        if certificate is not None:
            yield name, _certificate(certificate)
    if report.nearby is not None:
        yield "KKT point nearby", _nearby(report.nearby)
    elif report.searched:
        yield "KKT point nearby", Text(f"none found: {report.missing['nearby']}", style="yellow")
    if report.max_margin is not None:
        yield from _solved(report.max_margin)
    elif report.kkt is not None and report.missing["max_margin"] != NOT_ASKED:
        yield "Max-margin net", Text(report.missing["max_margin"], style="yellow")


def _run(run: RunFacts) -> Text:
    steps = f"{counted(run.steps, 'step')} to τ = {run.flow_time:.5g}"
    text = Text(f"{_METHODS[run.method]} of the {run.loss} loss, {steps}: ")
    return text.append(run.status, style="bold")


def _margins(fits: FitFacts) -> Text:
    label = "+1" if fits.label > 0.0 else "−1"
    where = f"{fits.margin:.5g} at observation {fits.worst} (y = {label})"
    if fits.verdict is Verdict.HOLDS:
        return Text(f"smallest {where}")
    if fits.verdict is Verdict.UNDECIDED:
        undecided = Text("UNDECIDED up to rounding", style="yellow")
        return undecided.append(f"; smallest {where}", style="default")
    wrong = Text(f"{fits.wrong:,} wrong", style="bold red")
    return wrong.append(f"; worst {where}", style=PLAIN)


def _properties(found: NearOrthogonality) -> Text:
    named = {
        "|x_i·x_j|": found.inner_products,
        "‖XXᵀ‖": found.gram_norm,
        "|I₋|": found.negatives,
    }
    parts = [
        Text(f"{name} {one.value:.3g} ≤ {one.threshold:.3g} ") + verdict_text(one.verdict)
        for name, one in named.items()
    ]
    return Text("   ").join(parts)


def _norms(best: OptimumBounds, certificate: KktCertificate) -> Text:
    """Return ‖θ‖² beside the bounds on ‖θ*‖².

    The norm is told as it is and balanced, since no scaling of neurons changes N.
    """
    least = f"{best.lower:.5g} ≤ ‖θ*‖² ≤ {best.upper:.5g} ({best.upper_source})"
    norm, balanced = certificate.norm_squared, best.candidates["net 0"]
    if not isfinite(balanced):
        return Text(f"none without interpolation; {least}")
    times = "" if best.upper == inf else f", at most {norm / best.lower:.4g} × ‖θ*‖²"
    return Text(f"{norm:.5g} ({balanced:.5g} balanced){times}; {least}")


def _certificate(found: KktCertificate) -> Text:
    return verdict_text(found.verdict).append(f"  {found.reason}", style=PLAIN)


def _nearby(found: Nearby) -> Text:
    point = found.point
    what = "‖θ‖²" if point.certificate.train_output else "‖θ‖² without outputs"
    text = f"  {shown(found.clean_error)} = L_cl, {what} = {point.certificate.norm_squared:.5g}, "
    text += f"{counted(point.neurons, 'neuron')}; θ moved by {point.distance:.3g}"
    return verdict_text(point.verdict).append(text, style=PLAIN)


def _solved(found: Solved) -> Iterable[Line]:
    """Return a line about the max-margin net, and one about where the net stands."""
    optimum, standing = found.optimum, found.standing
    text = verdict_text(optimum.verdict)
    if optimum.net is not None and found.clean_error is not None:
        gap = f"to {at_most(optimum.duality_gap, 2)}"
        words = f"  {shown(found.clean_error)} = L_cl, ‖θ*‖² = {optimum.norm_squared:.5g} {gap}"
        times = f"; this net {found.ratio:.4g} × it" if isfinite(found.ratio) else ""
        words += f", {counted(optimum.net.width, 'neuron')}{times}"
    else:
        words = f"  {optimum.reason}"
    yield "Max-margin net", text.append(words, style=PLAIN)
    place = Text(standing.level, style="bold")
    yield "Standing", place.append(f"  {standing.reason}", style="not bold")
