"""Pictures of one net: all of it, or a zoom where labels change most."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from univariate.common.figure_style import (
    INK,
    draw_levels,
    dress,
    label_scale,
    legend,
    legend_above,
    new_axes,
    note,
    scale_name,
)
from univariate.common.words import counted
from univariate.error.spline import spline
from univariate.problem.density import DensityLike
from univariate.problem.network import Network, ReluNet, require_network
from univariate.problem.sample import Sample, require_sample
from univariate.problem.truth import Truth, TruthLike
from univariate.report.figures.curves import (
    FEW,
    NET,
    draw_error_set,
    draw_gates,
    draw_graph,
    draw_kinks,
    draw_sample,
)
from univariate.report.figures.truth_marks import draw_truth, wrong_intervals
from univariate.report.figures.visible import Domain, crowded_window, shown_domain

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_net(
    net: Network,
    sample: Sample | None = None,
    *,
    ax: "Axes | None" = None,
    domain: Domain | None = None,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
    label: str = "$N$",
    color: str = INK,
) -> "Axes":
    """Draw N, the set {N f* ≤ 0} as a tint, and the sample at ±1 with its margin gates.

    Parameters
    ----------
    net : ReluNet or DeepReluNet
    sample : Sample, optional
    ax : matplotlib Axes, optional
        Those of a new figure if not given.
    domain : pair of floats, optional
        What to show; [0, 1], or the middle 99.9 % of the density, widened to hold the sample.
    truth, density : optional
        f* and the law of x; the sample's own if not given. Another truth than f* ≡ +1 is a band on
        the lower border, in the colours of the labels.
    label, color : str
        Name of the graph in a legend, which is drawn where there are several, and its colour; for
        two nets on the same axes. The tint is that of the net drawn first.

    Returns the axes. The y-axis is linear, or scaled by arsinh where |N| exceeds 8. Where kinks are
    finer than pixels, the range, the middle 80 % and the median of N in every pixel column take the
    place of its graph.
    """
    ax = ax or new_axes()
    shown = domain or shown_domain(sample, density)
    meant = _meant(sample, truth)
    curve = spline(net)
    before = [line.get_ydata() for line in ax.lines if line.get_gid() == NET]
    if not before:
        draw_error_set(ax, wrong_intervals(curve, meant, shown), shown)
        draw_truth(ax, meant, shown)
        draw_levels(ax)
    low, high = draw_graph(ax, curve, shown, name=label, colour=color)
    for values in map(np.asarray, before):
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    label_scale(ax, low, high)
    if before:
        left, right = ax.get_xlim()
        shown = min(shown[0], left), max(shown[1], right)
    ax.set_xlim(*shown)
    if sample is not None:
        draw_sample(ax, sample, shown)
        if sample.size <= FEW:
            draw_gates(ax, sample, max(2.0, abs(low), abs(high)) * 2.0)
    dress(ax, "$x$", f"$N(x)${scale_name(ax)}")
    if before:
        legend_above(ax, columns=3)
    elif len(ax.get_legend_handles_labels()[0]) > 1:
        legend(ax, columns=3, place="lower right")
    return ax


def _meant(sample: Sample | None, truth: TruthLike | None) -> Truth:
    """Return the truth that is meant: the one given, or else the sample's."""
    if sample is None or truth is not None:
        return Truth.of(truth)
    return sample.truth


def plot_zoom(
    net: Network,
    sample: Sample,
    *,
    ax: "Axes | None" = None,
    size: int = 12,
    domain: Domain | None = None,
    truth: TruthLike | None = None,
) -> "Axes":
    """Draw N among the `size` neighbours where labels change most often, within `domain` and under
    the `truth` of `plot_net`, and return the axes.

    Kinks are arrows that point into the side on which their neuron is active (diamonds in deep
    nets), filled where N bends upwards (v > 0), open where it bends downwards.
    """
    require_network(net)
    require_sample(sample)
    ax = ax or new_axes(4.2, 2.4)
    start, stop = crowded_window(sample, size)
    # a sample of its own, so that its observations are drawn as discs
    window = Sample(sample.x[start:stop], sample.y[start:stop])
    room = 0.04 * float(window.x[-1] - window.x[0]) or 0.5
    least, most = domain or shown_domain(sample)
    shown = (max(least, float(window.x[0]) - room), min(most, float(window.x[-1]) + room))
    ax = plot_net(net, ax=ax, domain=shown, truth=_meant(sample, truth))
    draw_gates(ax, window, 2.0 * max(map(abs, ax.get_ylim())))
    draw_sample(ax, window, shown)
    kinks = draw_kinks(ax, net, spline(net), shown)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.ticklabel_format(axis="x", useOffset=False)
    facing = "arrows into the active side; " if isinstance(net, ReluNet) else ""
    note(
        ax,
        f"{counted(window.size, 'observation')}, {counted(kinks, 'kink')}: {facing}filled convex,"
        " open concave",
    )
    return ax
