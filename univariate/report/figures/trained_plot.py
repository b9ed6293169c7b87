"""The figure of a training run: where it led, how its kinks got there, and what it went through."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from univariate.error.spline import spline
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample
from univariate.report.figures.axes import (
    DPI,
    GREEN,
    GREY,
    INK,
    PURPLE,
    SIZE,
    label_scale,
    legend,
    legend_above,
    scientific,
)
from univariate.report.figures.curves import draw_other
from univariate.report.figures.kinks_plot import plot_kinks
from univariate.report.figures.net_plot import plot_net, shown_domain
from univariate.report.figures.training_plot import plot_trajectory
from univariate.report.figures.visible import value_range
from univariate.report.finding import counted
from univariate.training.trained import TrainedNet


def plot_trained(trained: TrainedNet, sample: Sample) -> Figure:
    """Compose the figure of a training run, and return it as a Figure of 7.2 × 7.4 inches.

    (a) the KKT point that training leads to, the net at the end of the run and, where they differ,
    the max-margin net, all scaled to smallest margin 1; (b) the kinks over time, upwards into (a);
    (c) margins, (d) clean errors and (e) norms over time. Save it with `figure.savefig(path)`.
    """
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
    top, middle = figure.add_subplot(grid[0, :]), figure.add_subplot(grid[1, :])
    below = tuple(figure.add_subplot(grid[2, k]) for k in range(3))
    _draw_nets(top, trained, sample)
    plot_kinks(trained.trajectory, sample, ax=middle)
    plot_trajectory(trained.trajectory, axes=(below[0], below[1], below[2]))
    _mark_limits(below[1], below[2], trained)
    names = (
        _name(trained),
        "kinks over time, as strong as they move $N$",
        "margins",
        "clean error",
        "norm² / margin",
    )
    for letter, ax, name in zip("abcde", (top, middle, *below), names, strict=True):
        ax.set_title(
            f"({letter}) {name}",
            loc="left",
            fontsize=SIZE + 0.5,
            color=INK,
            pad=18 if letter == "b" else 4,
        )
    title, detail = _headline(trained, sample)
    figure.text(0.015, 0.985, title, fontsize=SIZE + 2.5, color=INK, va="top", weight="bold")
    figure.text(0.015, 0.95, detail, fontsize=SIZE, color=GREY, va="top")
    return figure


def unit_margin(net: ReluNet, sample: Sample) -> ReluNet:
    """Return the net scaled to smallest margin 1; as it is if it does not interpolate. Rounded."""
    margin = float((sample.y * net(sample.x)).min())
    return ReluNet(net.v / margin, net.w, net.b) if margin > 0.0 else net


def _draw_nets(ax: Axes, trained: TrainedNet, sample: Sample) -> None:
    """Draw the KKT point with the error set, and what it is compared with."""
    domain, best = shown_domain(sample, None), trained.optimum.net
    plot_net(unit_margin(trained.net, sample), sample, ax=ax, domain=domain)
    others = [] if _level(trained) == "global minimum" else [("max-margin net", PURPLE, best)]
    if trained.point is not None:
        others.append(
            ("end of the run / its margin", GREEN, unit_margin(trained.trajectory.net, sample))
        )
    curves = [spline(unit_margin(trained.net, sample)), *(spline(net) for _, _, net in others)]
    for (name, colour, _), curve in zip(others, curves[1:], strict=True):
        draw_other(ax, curve, domain, name, colour)
    lows, highs = zip(*(value_range(curve, domain) for curve in curves), strict=True)
    label_scale(ax, min(lows), max(highs))
    ax.set_xlabel("")
    legend_above(ax, columns=3)


def _mark_limits(errors: Axes, norms: Axes, trained: TrainedNet) -> None:
    """Mark where the clean error and the norm go."""
    if trained.point is not None:
        errors.axhline(
            trained.point.clean_error.value,
            color=INK,
            linewidth=0.8,
            dashes=(2, 2),
            label="KKT point",
        )
        legend(errors, place="lower right")
    if trained.interpolates:
        norms.axhline(
            trained.optimum.norm_squared,
            color=PURPLE,
            linewidth=0.8,
            dashes=(2, 2),
            label=r"$\|\theta^*\|^2$",
        )
        legend(norms)


def _level(trained: TrainedNet) -> str:
    return "infeasible" if trained.standing is None else trained.standing.level


def _name(trained: TrainedNet) -> str:
    if trained.point is None:
        return "$N$ at the end of the run, tinted where $N \\leq 0$"
    return "$N$ at the KKT point, tinted where $N \\leq 0$"


def _headline(trained: TrainedNet, sample: Sample) -> tuple[str, str]:
    """State what training led to, in one bold line and one grey one."""
    run, size = trained.trajectory, f"m = {sample.size:,}"
    error = f"clean error {trained.clean_error.value:.4g}"
    if trained.standing is None:
        what = run.status if trained.interpolates else f"does not interpolate ({run.status})"
        title = f"Training on {size} {what}: {error}"
    else:
        kind = {
            "global minimum": "the max-margin net",
            "kkt": "a KKT point",
            "feasible": "no certified KKT point",
        }
        place = kind.get(trained.standing.level, "a local minimum")
        cost = (
            ""
            if _level(trained) == "global minimum"
            else f" at {trained.norm_ratio:.4g} × least norm²"
        )
        title = f"Training on {size} leads to {place}{cost}: {error}"
    parts = [
        "gradient flow" if run.method == "flow" else "gradient descent",
        counted(run.net.width, "neuron"),
        f"smallest margin {run.margins[-1]:.4g}",
        rf"least $\|\theta^*\|^2$ = {scientific(trained.optimum.norm_squared)}",
    ]
    if trained.regions is not None:
        parts.append(counted(trained.regions, "linear region"))
    return title, ",   ".join(parts)
