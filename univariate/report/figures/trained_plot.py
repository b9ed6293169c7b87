"""The figure of a training run: where it led, how its kinks got there, and what it went through."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from univariate.common import check
from univariate.common.figure_style import (
    DPI,
    GREEN,
    INK,
    PURPLE,
    headline,
    label_scale,
    legend,
    legend_above,
    letter,
    scientific,
    scientific_bound,
)
from univariate.common.words import at_most, counted
from univariate.error.spline import spline
from univariate.optimum.max_margin import MaxMargin
from univariate.optimum.norm_ratio import KNOWN, NormRatio
from univariate.optimum.optimum_error import optimum_error
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample, require_sample
from univariate.report.figures.curves import draw_other
from univariate.report.figures.kinks_plot import plot_kinks
from univariate.report.figures.net_plot import plot_net
from univariate.report.figures.training_plot import plot_trajectory
from univariate.report.figures.truth_marks import errors_in_words
from univariate.report.figures.visible import rounded_margin, shown_domain, value_range
from univariate.report.finding import METHODS
from univariate.training.trained import TrainedNet


def plot_trained(trained: TrainedNet, sample: Sample) -> Figure:
    """Compose the figure of a training run, and return it as a Figure of 7.2 × 7.4 inches.

    (a) the KKT point that training leads to, the net at the end of the run and, where they differ,
    the max-margin net, all scaled to smallest margin 1; (b) the kinks over time, upwards into (a);
    (c) margins, (d) clean errors and (e) norms over time. Save it with `figure.savefig(path)`.
    """
    check.instance("trained", trained, TrainedNet, "pass what train_network returns")
    require_sample(sample)
    figure = Figure(figsize=(7.2, 7.4), dpi=DPI)
    grid = figure.add_gridspec(
        3,
        3,
        height_ratios=[1.1, 1.6, 0.85],
        left=0.085,
        right=0.985,
        top=0.895,
        bottom=0.06,
        hspace=0.36,
        wspace=0.34,
    )
    top = figure.add_subplot(grid[0, :])
    middle = figure.add_subplot(grid[1, :])
    margins, errors, norms = (figure.add_subplot(grid[2, k]) for k in range(3))
    _draw_nets(top, trained, sample)
    plot_kinks(trained.trajectory, sample, ax=middle, domain=shown_domain(sample, trained.density))
    plot_trajectory(trained.trajectory, axes=(margins, errors, norms))
    _mark_limits(errors, norms, trained)
    place = "at the end of the run" if trained.point is None else "at the KKT point"
    panels = {
        f"$N$ {place}, tinted where {errors_in_words(trained.truth)}": top,
        "kinks over time, as strong as they move $N$": middle,
        "margins": margins,
        "clean error": errors,
        "norm² / margin": norms,
    }
    letter(panels, "b", 18)
    headline(figure, _title(trained, sample), _details(trained), 0.95)
    return figure


def unit_margin(net: ReluNet, sample: Sample) -> ReluNet:
    """Return the net scaled to smallest margin 1; as it is if it does not interpolate. Rounded."""
    margin = rounded_margin(net, sample)
    return ReluNet(net.v / margin, net.w, net.b) if margin > 0.0 else net


def least_norm_label(optimum: MaxMargin) -> str:
    """Return the least norm², or its bounds where they are apart, for the line under a title."""
    bounds = optimum.dual_norm_squared, optimum.norm_squared
    low, high = (scientific(bound) for bound in bounds)
    if optimum.duality_gap <= KNOWN:
        return rf"least $\|\theta^*\|^2$ = {high}"
    return rf"least $\|\theta^*\|^2$ between {low} and {high}"


def norm_title(ratio: NormRatio | None) -> str:
    """Return " at 1.07 × least norm²" for a title, which has room for the upper bound only."""
    if ratio is None or ratio.vague:
        return ""
    number = ratio.number() if ratio.known else f"≤ {at_most(ratio.high)}"
    return f" at {number} × least norm²"


def _draw_nets(ax: Axes, trained: TrainedNet, sample: Sample) -> None:
    """Draw the KKT point with the error set, and what it is compared with."""
    domain = shown_domain(sample, trained.density)
    shown = unit_margin(trained.net, sample)
    plot_net(shown, sample, ax=ax, domain=domain, truth=trained.truth)
    others = []
    if not _is_optimum(trained):
        others.append(("max-margin net", PURPLE, trained.optimum.net))
    if trained.point is not None:
        end = unit_margin(trained.trajectory.net, sample)
        others.append(("end of the run / its margin", GREEN, end))
    # one scale for all nets: the first one drew its own
    ranges = [value_range(spline(shown), domain)]
    for name, colour, net in others:
        curve = spline(net)
        draw_other(ax, curve, domain, name, colour)
        ranges.append(value_range(curve, domain))
    label_scale(ax, min(low for low, _ in ranges), max(high for _, high in ranges))
    ax.set_xlabel("")
    legend_above(ax, columns=3)


def _mark_limits(errors: Axes, norms: Axes, trained: TrainedNet) -> None:
    """Mark where the clean error and the norm go."""
    if trained.point is not None:
        limit = trained.point.clean_error.value
        errors.axhline(limit, color=INK, linewidth=0.8, dashes=(2, 2), label="KKT point")
        legend(errors, place="lower right")
    if trained.interpolates:
        limit = trained.optimum.norm_squared
        name = r"$\|\theta^*\|^2$"
        if trained.optimum.duality_gap > KNOWN:
            name += ", upper bound"
        norms.axhline(limit, color=PURPLE, linewidth=0.8, dashes=(2, 2), label=name)
        legend(norms)


def _is_optimum(trained: TrainedNet) -> bool:
    return trained.standing is not None and trained.standing.level == "global minimum"


def _title(trained: TrainedNet, sample: Sample) -> str:
    """Say what training led to."""
    size = f"m = {sample.size:,}"
    error = f"clean error {trained.clean_error.value:.4g}"
    if trained.standing is None:
        what = trained.trajectory.status
        if not trained.interpolates:
            what = f"does not interpolate ({what})"
        return f"Training on {size} {what}: {error}"
    if _is_optimum(trained):
        place = "the max-margin net"
        best = optimum_error(trained.optimum, sample, trained.population)
        if not best.confirms(trained.clean_error):
            gap = scientific_bound(trained.standing.global_minimum.duality_gap)
            place = f"a global minimum, to a relative {gap}"
        return f"Training on {size} leads to {place}: {error}"
    place = {
        "kkt": "a KKT point",
        "feasible": "no certified KKT point",
    }.get(trained.standing.level, "a local minimum")
    cost = norm_title(trained.norm_ratios)
    return f"Training on {size} leads to {place}{cost}: {error}"


def _details(trained: TrainedNet) -> list[str]:
    run = trained.trajectory
    parts = [
        METHODS[run.method],
        f"$x$ {trained.population.name}",
        counted(run.net.width, "neuron"),
        f"smallest margin {run.margins[-1]:.4g}",
        least_norm_label(trained.optimum),
    ]
    if trained.regions is not None:
        parts.append(counted(trained.regions, "linear region"))
    return parts
