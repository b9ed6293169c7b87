"""The figure of a report: the net, a zoom, its margins, its errors, and the bounds on them."""

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from univariate.common import check
from univariate.common.figure_style import (
    DPI,
    GREEN,
    PURPLE,
    headline,
    legend_above,
    letter,
    scientific,
    scientific_bound,
)
from univariate.common.result import Verdict
from univariate.common.words import counted
from univariate.error.spline import spline
from univariate.optimum.norm_ratio import NormRatio
from univariate.paper.law.outcome import NearestNeighbourLaw
from univariate.problem.population import population_name
from univariate.problem.sample import Sample
from univariate.report.contents import Report
from univariate.report.figures.curves import draw_other
from univariate.report.figures.net_plot import plot_net, plot_zoom
from univariate.report.figures.panels import plot_attribution, plot_bounds, plot_margins
from univariate.report.figures.trained_plot import least_norm_label, norm_title, unit_margin
from univariate.report.figures.truth_marks import errors_in_words
from univariate.report.figures.visible import Domain, shown_domain
from univariate.training.trained import TrainedNet

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_report(report: Report) -> Figure:
    """Compose the figure of a report, and return it as a Figure of 7.2 × 6.6 inches.

    (a) N over its domain; (b) a zoom where labels change most, both with marks above the gaps
    in which the nearest neighbour decides otherwise; (c) margins; (d) where the errors lie; (e)
    the exact clean error among its bounds. A trained net, if the report has one, is a broken
    line in (a) and (b). Save it with `figure.savefig(path)`.
    """
    check.instance("report", report, Report, "pass what build_report(sample) returns")
    figure = Figure(figsize=(7.2, 6.6), dpi=DPI)
    top, zoom, margin, where, line = _panels(figure)
    truth = report.population.truth
    plot_net(report.net, report.sample, ax=top, domain=_domain(report), truth=truth)
    plot_zoom(report.net, report.sample, ax=zoom, domain=_domain(report), truth=truth)
    plot_margins(report.margins, ax=margin)
    if report.trained is not None:
        _add_trained(top, report.trained, report.sample)
        _add_trained(zoom, report.trained, report.sample)
        legend_above(top, columns=2)
    if report.law is not None:
        mark_deviations(top, report.law)
        mark_deviations(zoom, report.law)
    plot_attribution(report.theorem_3_2.attribution, ax=where)
    plot_bounds(report, ax=line)
    panels = {
        _net_title(report): top,
        "where labels change most; $N$ must not cross grey bars": zoom,
        "margins": margin,
        "errors by the labels around them": where,
        "clean error and its bounds": line,
    }
    letter(panels, "bc", 12)
    headline(figure, _title(report), _details(report), 0.945)
    return figure


def _panels(figure: Figure) -> "tuple[Axes, ...]":
    """Return the axes of panels (a) to (e)."""
    grid = figure.add_gridspec(
        3,
        12,
        height_ratios=[1.15, 1.15, 0.9],
        left=0.085,
        right=0.985,
        top=0.885,
        bottom=0.065,
        hspace=0.46,
        wspace=0.4,
    )
    return (
        figure.add_subplot(grid[0, :]),
        figure.add_subplot(grid[1, :8]),
        figure.add_subplot(grid[1, 9:]),
        figure.add_subplot(grid[2, :5]),
        figure.add_subplot(grid[2, 7:]),
    )


def mark_deviations(ax: "Axes", law: NearestNeighbourLaw) -> None:
    """Mark gaps in which a net decides otherwise than the nearest neighbour, at the top of axes:
    a bar as long as the gap, and a triangle that is seen however short it is.
    """
    left, right = ax.get_xlim()
    for one in law.deviations:
        first, last = max(one.first, left), min(one.last, right)
        if first < last:
            (bar,) = ax.plot([first, last], [0.985, 0.985], linewidth=2.2, solid_capstyle="butt")
            (mark,) = ax.plot([0.5 * (first + last)], [0.95], marker="v", markersize=3.6)
            for one_mark in (bar, mark):
                one_mark.set(transform=ax.get_xaxis_transform(), color=PURPLE, clip_on=False)
    ax.set_xlim(left, right)


def _net_title(report: Report) -> str:
    """Return what the first panel shows."""
    title = f"$N$, tinted where {errors_in_words(report.truth)}"
    if report.law is None or not report.law.deviations:
        return title
    return f"{title}; marked where the nearest neighbour decides otherwise"


def _add_trained(ax: "Axes", trained: TrainedNet, sample: Sample) -> None:
    """Draw a trained net, scaled to smallest margin 1 where it interpolates."""
    curve = spline(unit_margin(trained.net, sample))
    draw_other(ax, curve, ax.get_xlim(), "trained net", GREEN)


def _title(report: Report) -> str:
    """State the finding in numbers."""
    value, standing = report.clean_error.value, report.standing
    size = f"m = {report.sample_facts.size:,}"
    against = f"clean error {value:.4g}"
    of_optimum = report.of_optimum
    if of_optimum is not None:
        name = "net found" if of_optimum.exact is None else of_optimum.name
        against += f", {name} {of_optimum.best.value:.4g}"
    if report.interpolation.verdict is not Verdict.HOLDS:
        return f"Misses {report.interpolation.wrong:,} of {size}: {against}"
    if standing is None:
        return f"Interpolates {size}: {against}"
    if standing.level == "global minimum":
        share = f" = {value / report.p:.4g} × {_noise(report)}" if report.p > 0.0 else ""
        name = "Max-margin net"
        if of_optimum is None or not of_optimum.confirms(report.clean_error):
            gap = scientific_bound(standing.global_minimum.duality_gap)
            name = f"Global minimum, to a relative {gap},"
        return f"{name} on {size}: clean error {value:.5g}{share}"
    best = standing.global_minimum
    kinds = {"feasible": "Interpolates", "kkt": "KKT point on"}
    kind = kinds.get(standing.level, "Local minimum on")
    if report.optimum is None:
        return f"{kind} {size}: {against}"
    ratio = NormRatio.of(best.norm_squared / report.optimum.norm_squared, report.optimum)
    return f"{kind} {size}{norm_title(ratio)}: {against}"


def _details(report: Report) -> list[str]:
    facts, best = report.net_facts, report.optimum
    parts = [
        f"{_noise(report)} = {report.p:.4g}",
        f"$x$ {population_name(report.density, report.truth)}",
        counted(report.sample_facts.sign_changes, "sign change"),
    ]
    if facts.linear_regions is not None:
        parts.append(counted(facts.linear_regions, "linear region"))
    parts.append(rf"$\|\theta\|^2$ = {scientific(facts.norm_squared)}")
    if best is None:
        parts.append(r"least $\|\theta^*\|^2$ not available in doubles")
    elif report.standing is not None and report.standing.level == "global minimum":
        parts.append(f"optimal to a relative {scientific_bound(best.duality_gap)}")
    else:
        parts.append(least_norm_label(best))
    return parts


def _noise(report: Report) -> str:
    return "$p$" if report.p_given else r"$\hat p$"


def _domain(report: Report) -> Domain:
    """Return the middle of the density, widened to hold the sample."""
    return shown_domain(report.sample, report.law_of_x)
