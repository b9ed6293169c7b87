"""Figures of nets, reports and studies.

Every function takes a result and optional axes, and returns the axes.

Drawing is separate from computing, costs less than three seconds at any m (only what can be seen is
drawn), and touches neither pyplot nor the global rcParams.
"""

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from univariate.common.result import Verdict
from univariate.error.spline import spline
from univariate.report.figures.axes import DPI, GREEN, GREY, INK, SIZE, legend_above, scientific
from univariate.report.figures.counterexample_plot import plot_counterexample
from univariate.report.figures.curves import draw_other
from univariate.report.figures.film import film
from univariate.report.figures.kinks_plot import plot_kinks
from univariate.report.figures.net_plot import plot_net, plot_zoom
from univariate.report.figures.panels import plot_attribution, plot_bounds, plot_margins
from univariate.report.figures.study_plot import plot_study
from univariate.report.figures.trained_plot import plot_trained, unit_margin
from univariate.report.figures.training_plot import plot_trajectory
from univariate.report.finding import counted
from univariate.report.report import Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "film",
    "plot_attribution",
    "plot_bounds",
    "plot_counterexample",
    "plot_kinks",
    "plot_margins",
    "plot_net",
    "plot_report",
    "plot_study",
    "plot_trained",
    "plot_trajectory",
    "plot_zoom",
]


def plot_report(report: Report) -> Figure:
    """Compose the figure of a report, and return it as a Figure of 7.2 × 6.6 inches.

    (a) N over its domain; (b) a zoom where labels change most; (c) margins; (d) where the errors
    lie; (e) the exact clean error among its bounds. A trained net, if the report has one, is a
    broken line in (a) and (b). Save it with `figure.savefig(path)`.
    """
    figure = Figure(figsize=(7.2, 6.6), dpi=DPI)
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
    top, zoom, margin = (
        figure.add_subplot(cell) for cell in (grid[0, :], grid[1, :8], grid[1, 9:])
    )
    where, line = (figure.add_subplot(cell) for cell in (grid[2, :5], grid[2, 7:]))
    plot_net(report.net, report.sample, ax=top, domain=_report_domain(report))
    plot_zoom(report.net, report.sample, ax=zoom)
    plot_margins(report.margins, ax=margin)
    for ax in (top, zoom):
        _add_trained(ax, report)
    if report.trained is not None:
        legend_above(top, columns=2)
    plot_attribution(report.theorem_3_2.attribution, ax=where)
    plot_bounds(report, ax=line)
    names = (
        "$N$, tinted where $N \\leq 0$",
        "where labels change most; $N$ must not cross grey bars",
        "margins",
    )
    last = ("errors by the labels around them", "clean error and its bounds")
    for letter, ax, name in zip(
        "abcde", (top, zoom, margin, where, line), names + last, strict=True
    ):
        ax.set_title(
            f"({letter}) {name}",
            loc="left",
            fontsize=SIZE + 0.5,
            color=INK,
            pad=12 if letter in "bc" else 4,
        )
    title, detail = _headline(report)
    figure.text(0.015, 0.985, title, fontsize=SIZE + 2.5, color=INK, va="top", weight="bold")
    figure.text(0.015, 0.945, detail, fontsize=SIZE, color=GREY, va="top")
    return figure


def _add_trained(ax: "Axes", report: Report) -> None:
    """Draw the trained net of a report, scaled to smallest margin 1 where it interpolates."""
    if report.trained is not None:
        curve = spline(unit_margin(report.trained.net, report.sample))
        draw_other(ax, curve, ax.get_xlim(), "trained net", GREEN)


def _headline(report: Report) -> tuple[str, str]:
    """State the finding in numbers, in one bold line and one grey one."""
    value, other = report.clean_error.value, report.optimum_clean_error.value
    facts, least = report.net_facts, report.optimum.norm_squared
    parts = [f"$p$ = {report.p:.4g}", counted(report.sample_facts.sign_changes, "sign change")]
    if facts.linear_regions is not None:
        parts.append(counted(facts.linear_regions, "linear region"))
    parts.append(rf"$\|\theta\|^2$ = {scientific(facts.norm_squared)}")
    if _optimal(report):
        parts.append(f"optimal to a relative {scientific(report.optimum.duality_gap, 1)}")
    else:
        parts.append(rf"least $\|\theta^*\|^2$ = {scientific(least)}")
    parts.append(f"1-NN error {report.nearest_neighbour.value:.5g}")
    size, against = (
        f"m = {report.sample_facts.size:,}",
        f"clean error {value:.4g}, max-margin net {other:.4g}",
    )
    if report.interpolation.verdict is not Verdict.HOLDS:
        title = f"Misses {report.interpolation.wrong:,} of {size}: {against}"
    elif _optimal(report):
        title = f"Max-margin net on {size}: clean error {value:.5g}"
        title += f" = {value / report.p:.4g} × p" if report.p > 0.0 else ""
    elif report.standing is not None:
        best = report.standing.global_minimum
        ratio = best.norm_squared / best.dual_norm_squared
        kind = {"feasible": "Interpolates", "kkt": "KKT point on"}.get(
            report.standing.level, "Local minimum on"
        )
        title = f"{kind} {size} at {ratio:.3g} × least norm²: {against}"
    else:
        title = f"Interpolates {size}: {against}"
    return title, ",   ".join(parts)


def _optimal(report: Report) -> bool:
    return report.standing is not None and report.standing.level == "global minimum"


def _report_domain(report: Report) -> tuple[float, float]:
    low, high = report.net_facts.domain
    x = report.sample.x
    if report.density.startswith("uniform on"):
        return min(low, float(x[0])), max(high, float(x[-1]))
    room = 0.02 * float(x[-1] - x[0]) or 0.5
    return max(low, float(x[0]) - room), min(high, float(x[-1]) + room)
