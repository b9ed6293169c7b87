"""A picture of a counterexample: the net, the sides on which its neurons are active, and what the
statement says.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter

from univariate.counterexamples import Counterexample
from univariate.error.spline import Spline, spline
from univariate.report.figures.axes import INK, PALE, PURPLE, SIZE, dress, new_axes, signed
from univariate.report.figures.curves import draw_error_set, draw_gates, draw_graph, draw_sample
from univariate.report.figures.kinks_plot import KINDS, Kind, of_kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LANE: Final = 0.055  # height of a row of arrows, of the height of the graph
_REACH: Final = 0.05  # length of an arrow, of the width shown


def plot_counterexample(found: Counterexample, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the net of a counterexample, its sample, and the line that the statement asks for;
    return the axes.

    To a linear scale, from a little left of the observations to the last one. Below the graph every
    kink is an arrow into the side on which its neurons are active, a row for each kind. The grey
    band is the interval on which Proposition A.4 fails, the broken line in it what it says; the
    tint is where N ≤ 0. Drawn from the rounded net.
    """
    ax = new_axes(7.2, 3.0) if ax is None else ax
    net, sample, curve = found.net, found.sample, spline(found.net)
    values = curve(sample.x)
    shown = (float(sample.x[0]) - 0.05 * float(np.ptp(sample.x)), float(sample.x[-1]))
    bottom, top = float(values.min()) - 0.7, float(values.max()) + 0.5
    draw_error_set(ax, curve.sublevel_intervals(0.0, shown), shown)
    for level in (-1.0, 0.0, 1.0):
        ax.axhline(level, color=INK if level == 0.0 else PALE, linewidth=0.5, zorder=0.8)
    draw_graph(ax, curve, shown)
    draw_gates(ax, sample, 2.0 * max(top, -bottom))
    draw_sample(ax, sample, shown)
    _draw_claim(ax, found, curve)
    kinds = [kind for kind in KINDS if np.any(of_kind(net, kind))]
    lane = _LANE * (top - bottom)
    floor = bottom - lane * len(kinds)
    for row, kind in enumerate(kinds):
        height = bottom - lane * (row + 0.5)
        _draw_arrows(
            ax, np.unique(net.kinks[of_kind(net, kind)]), kind, height, shown[1] - shown[0]
        )
    ax.axhspan(floor, bottom, color="white", linewidth=0.0, zorder=4.0)
    for spine in ax.spines.values():
        spine.set_zorder(6.0)
    ax.set_xlim(*shown)
    ax.set_ylim(floor, top)
    dress(ax, "", "$x$", "$N(x)$")
    ax.yaxis.set_major_locator(FixedLocator([-1.0, 0.0, 1.0, *np.arange(2.0, top, 2.0)]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value)))
    _name_kinds(ax, kinds)
    return ax


def _draw_claim(ax: "Axes", found: Counterexample, curve: Spline) -> None:
    """Shade the interval, and draw the line from −1 to +1 across it."""
    low, high = map(float, found.interval)
    ax.axvspan(low, high, color=PALE, alpha=0.5, linewidth=0.0, zorder=0.2)
    ax.plot([low, high], [-1.0, 1.0], color=PURPLE, linewidth=1.4, dashes=(4, 2), zorder=3.5)
    words: dict[str, Any] = {
        "xycoords": "data",
        "textcoords": "offset points",
        "fontsize": SIZE,
        "ha": "right",
    }
    end = float(found.value(found.interval[1]))
    ax.annotate(f"$N$ = {float(curve(high)):.4g}", (high, end), (-14, -4), color=INK, **words)
    ax.annotate("Proposition A.4", (0.5 * (low + high), 0.0), (72, -22), color=PURPLE, **words)


def _draw_arrows(ax: "Axes", kinks: Any, kind: Kind, height: float, width: float) -> None:
    """Draw one arrow for every kink, from it into the active side."""
    reach = _REACH * width * (1.0 if kind.right else -1.0)
    style: dict[str, Any] = {
        "arrowstyle": "-|>",
        "color": kind.colour,
        "linewidth": 1.4,
        "shrinkA": 0.0,
    }
    for t in kinks.tolist():
        ax.annotate("", (t + reach, height), (t, height), arrowprops=style, zorder=5)
    ax.plot(
        kinks, np.full(len(kinks), height), ls="", marker="o", ms=3.5, color=kind.colour, zorder=5
    )


def _name_kinds(ax: "Axes", kinds: list[Kind]) -> None:
    handles = [Line2D([], [], color=kind.colour, linewidth=1.4, label=kind.name) for kind in kinds]
    style: dict[str, Any] = {
        "ncols": 4,
        "fontsize": SIZE - 1.0,
        "frameon": False,
        "borderaxespad": 0.0,
    }
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.02), handlelength=1.6, **style
    )
