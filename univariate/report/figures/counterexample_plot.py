"""A picture of a counterexample: the net, its active sides, and what the statement says."""

from typing import TYPE_CHECKING, Final

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.figure_style import (
    INK,
    PALE,
    PURPLE,
    SIZE,
    draw_levels,
    dress,
    new_axes,
    sign_ticks,
)
from univariate.counterexamples import Counterexample
from univariate.error.curve import Spline
from univariate.error.spline import spline
from univariate.report.figures.curves import draw_error_set, draw_gates, draw_graph, draw_sample
from univariate.report.figures.kinds import KINDS, Kind, name_kinds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LANE: Final = 0.055  # height of a row of arrows, of the height of the graph
_REACH: Final = 0.05  # length of an arrow, of the width shown


def plot_counterexample(found: Counterexample, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the net of a counterexample, its sample, and the line that the statement asks for.

    Returns the axes. To a linear scale, from a little left of the observations to the last one.
    Below the graph every kink is an arrow into the side on which its neurons are active, a row for
    each kind. The grey band is the interval on which Proposition A.4 fails, the broken line in it
    what it says; the tint is where N ≤ 0. Drawn from the rounded net.
    """
    ax = ax or new_axes(7.2, 3.0)
    net = found.net
    sample = found.sample
    curve = spline(found.net)
    values = curve(sample.x)
    shown = (float(sample.x[0]) - 0.05 * float(np.ptp(sample.x)), float(sample.x[-1]))
    bottom = float(values.min()) - 0.7
    top = float(values.max()) + 0.5
    draw_error_set(ax, curve.sublevel_intervals(0.0, shown), shown)
    draw_levels(ax)
    draw_graph(ax, curve, shown)
    draw_gates(ax, sample, 2.0 * max(top, -bottom))
    draw_sample(ax, sample, shown)
    _draw_claim(ax, found, curve)
    kinds = [kind for kind in KINDS if np.any(kind.of(net))]
    lane = _LANE * (top - bottom)
    floor = bottom - lane * len(kinds)
    reach = _REACH * (shown[1] - shown[0])
    for row, kind in enumerate(kinds):
        height = bottom - lane * (row + 0.5)
        _draw_arrows(ax, np.unique(net.kinks[kind.of(net)]), kind, height, reach)
    # hides what the graph and its gates draw among the arrows
    ax.axhspan(floor, bottom, color="white", linewidth=0.0, zorder=4.0)
    for spine in ax.spines.values():
        spine.set_zorder(6.0)
    ax.set_xlim(*shown)
    ax.set_ylim(floor, top)
    dress(ax, "$x$", "$N(x)$")
    sign_ticks(ax.yaxis, [-1.0, 0.0, 1.0, *np.arange(2.0, top, 2.0)])
    handles = [kind.handle(linewidth=1.4) for kind in kinds]
    name_kinds(ax, handles, (0.0, 1.02), borderaxespad=0.0, handlelength=1.6)
    return ax


def _draw_claim(ax: "Axes", found: Counterexample, curve: Spline) -> None:
    """Shade the interval, and draw the line from −1 to +1 across it."""
    low, high = map(float, found.interval)
    ax.axvspan(low, high, color=PALE, alpha=0.5, linewidth=0.0, zorder=0.2)
    ax.plot([low, high], [-1.0, 1.0], color=PURPLE, linewidth=1.4, dashes=(4, 2), zorder=3.5)
    end = float(found.value(found.interval[1]))
    words = (
        (f"$N$ = {float(curve(high)):.4g}", (high, end), (-14, -4), INK),
        ("Proposition A.4", (0.5 * (low + high), 0.0), (72, -22), PURPLE),
    )
    for text, place, offset, colour in words:
        ax.annotate(
            text,
            place,
            offset,
            xycoords="data",
            textcoords="offset points",
            fontsize=SIZE,
            ha="right",
            color=colour,
        )


def _draw_arrows(ax: "Axes", kinks: Vector, kind: Kind, height: float, reach: float) -> None:
    """Draw one arrow for every kink, from it into the active side."""
    way = reach if kind.right else -reach
    style = {"arrowstyle": "-|>", "color": kind.colour, "linewidth": 1.4, "shrinkA": 0.0}
    for t in kinks.tolist():
        ax.annotate("", (t + way, height), (t, height), arrowprops=style, zorder=5)
    heights = np.full(len(kinks), height)
    ax.plot(kinks, heights, ls="", marker="o", ms=3.5, color=kind.colour, zorder=5)
