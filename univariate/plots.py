"""Figures of nets, reports and studies.  Every function takes a result and optional axes, and returns the axes.

Drawing is separate from computing, costs less than three seconds at any m (only what can be seen is drawn), and
touches neither pyplot nor the global rcParams.
"""

from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from univariate._figures.axes import DPI, GREY, INK, PALE, SIZE, dress, label_scale, legend, new_axes, note, scientific
from univariate._figures.curves import FEW, draw_error_set, draw_gates, draw_graph, draw_kinks, draw_sample
from univariate._figures.panels import plot_attribution, plot_bounds, plot_margins
from univariate._figures.study_plot import plot_study
from univariate._figures.visible import crowded_window
from univariate._reports.finding import counted
from univariate.certificate import Verdict
from univariate.network import Network, ReluNet
from univariate.report import Report
from univariate.sample import Sample
from univariate.spline import UNIT_INTERVAL, spline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from scipy.stats.distributions import rv_frozen

__all__ = ["plot_attribution", "plot_bounds", "plot_margins", "plot_net", "plot_report", "plot_study", "plot_zoom"]


def plot_net(
    net: Network,
    sample: Sample | None = None,
    *,
    ax: "Axes | None" = None,
    domain: tuple[float, float] | None = None,
    density: "rv_frozen | None" = None,
) -> "Axes":
    """Draw N, the set {N ≤ 0} as a tint, and the sample at ±1 with its margin gates; return the axes.

    Parameters
    ----------
    net : ReluNet or DeepReluNet
    sample : Sample, optional
    ax : matplotlib Axes, optional
        Those of a new figure if not given.
    domain : pair of floats, optional
        What to show; [0, 1], or the middle 99.9 % of `density`, widened to hold the sample.
    density : frozen `scipy.stats` distribution, optional
        Density of x.

    The y-axis is linear, or scaled by arsinh where |N| exceeds 8.  Where kinks are finer than pixels, the range, the
    middle 80 % and the median of N in every pixel column take the place of its graph.
    """
    ax = new_axes() if ax is None else ax
    shown = _domain(sample, density) if domain is None else domain
    curve = spline(net)
    draw_error_set(ax, curve.sublevel_intervals(0.0, shown), shown)
    for level in (-1.0, 0.0, 1.0):
        ax.axhline(level, color=INK if level == 0.0 else PALE, linewidth=0.5, zorder=0.8)
    low, high = draw_graph(ax, curve, shown)
    label_scale(ax, low, high)
    ax.set_xlim(*shown)
    if sample is not None:
        draw_sample(ax, sample, shown)
        if sample.size <= FEW:
            draw_gates(ax, sample, max(2.0, abs(low), abs(high)) * 2.0)
    dress(ax, "", "$x$", "$N(x)$")
    if len(ax.get_legend_handles_labels()[0]) > 1:
        legend(ax, columns=3, place="lower right")
    return ax


def plot_zoom(net: Network, sample: Sample, *, ax: "Axes | None" = None, size: int = 12) -> "Axes":
    """Draw N among the `size` neighbours where labels change most often, with gates and kinks; return the axes.

    Kinks are arrows that point into the side on which their neuron is active (diamonds in deep nets), filled where N
    bends upwards (v > 0), open where it bends downwards.
    """
    ax = new_axes(4.2, 2.4) if ax is None else ax
    start, stop = crowded_window(sample, size)
    window = Sample(sample.x[start:stop], sample.y[start:stop])
    room = 0.04 * float(window.x[-1] - window.x[0]) or 0.5
    least, most = _domain(sample, None)
    shown = (max(least, float(window.x[0]) - room), min(most, float(window.x[-1]) + room))
    ax = plot_net(net, ax=ax, domain=shown)
    draw_gates(ax, window, 2.0 * max(map(abs, ax.get_ylim())))
    draw_sample(ax, window, shown)
    kinks = draw_kinks(ax, net, spline(net), shown)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.ticklabel_format(axis="x", useOffset=False)
    facing = "arrows into the active side; " if isinstance(net, ReluNet) else ""
    note(ax, f"{counted(window.size, 'observation')}, {counted(kinks, 'kink')}: {facing}filled convex, open concave")
    return ax


def plot_report(report: Report) -> Figure:
    """Compose the figure of a report, and return it as a Figure of 7.2 × 6.6 inches.

    (a) N over its domain; (b) a zoom where labels change most; (c) margins; (d) where the errors lie; (e) the exact
    clean error among its bounds.  Save it with `figure.savefig(path)`.
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
    top, zoom, margin = (figure.add_subplot(cell) for cell in (grid[0, :], grid[1, :8], grid[1, 9:]))
    where, line = (figure.add_subplot(cell) for cell in (grid[2, :5], grid[2, 7:]))
    plot_net(report.net, report.sample, ax=top, domain=_report_domain(report))
    plot_zoom(report.net, report.sample, ax=zoom)
    plot_margins(report.margins, ax=margin)
    plot_attribution(report.theorem_3_2.attribution, ax=where)
    plot_bounds(report, ax=line)
    names = ("$N$, tinted where $N \\leq 0$", "where labels change most; $N$ must not cross grey bars", "margins")
    last = ("errors by the labels around them", "clean error and its bounds")
    for letter, ax, name in zip("abcde", (top, zoom, margin, where, line), names + last, strict=True):
        ax.set_title(f"({letter}) {name}", loc="left", fontsize=SIZE + 0.5, color=INK, pad=12 if letter in "bc" else 4)
    title, detail = _headline(report)
    figure.text(0.015, 0.985, title, fontsize=SIZE + 2.5, color=INK, va="top", weight="bold")
    figure.text(0.015, 0.945, detail, fontsize=SIZE, color=GREY, va="top")
    return figure


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
    size, against = f"m = {report.sample_facts.size:,}", f"clean error {value:.4g}, max-margin net {other:.4g}"
    if report.interpolation.verdict is not Verdict.HOLDS:
        title = f"Misses {report.interpolation.wrong:,} of {size}: {against}"
    elif _optimal(report):
        title = f"Max-margin net on {size}: clean error {value:.5g}"
        title += f" = {value / report.p:.4g} × p" if report.p > 0.0 else ""
    elif report.standing is not None:
        best = report.standing.global_minimum
        ratio = best.norm_squared / best.dual_norm_squared
        kind = {"feasible": "Interpolates", "kkt": "KKT point on"}.get(report.standing.level, "Local minimum on")
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


def _domain(sample: Sample | None, density: "rv_frozen | None") -> tuple[float, float]:
    low, high = UNIT_INTERVAL if density is None else (float(density.ppf(0.0005)), float(density.ppf(0.9995)))
    return (low, high) if sample is None else (min(low, float(sample.x[0])), max(high, float(sample.x[-1])))
