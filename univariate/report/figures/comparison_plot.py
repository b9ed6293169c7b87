"""The figure of a comparison: exact clean errors of several rules, against p or against m."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from univariate.common.figure_style import (
    AZURE,
    GREEN,
    GREY,
    INK,
    NEGATIVE,
    ORANGE,
    POSITIVE,
    PURPLE,
    SIZE,
    dress,
    new_axes,
    titled,
)
from univariate.report.comparison import ComparisonRow, means

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS: Final = (POSITIVE, NEGATIVE, GREEN, PURPLE, ORANGE, AZURE, INK)
_MARKS: Final = "osD^vPX"


def plot_comparison(rows: Sequence[ComparisonRow], *, ax: "Axes | None" = None) -> "Axes":
    """Draw mean clean errors of all rules against p, at the largest m; against m where there is
    one p only. Return the axes.

    Bars reach from the smallest to the largest error over seeds; the dashed line is L_cl = p.
    """
    if not rows:
        raise ValueError("`rows` must not be empty; run a comparison first")
    ax = new_axes(6.4, 3.8) if ax is None else ax
    largest = max(row.m for row in rows)
    rates = sorted({row.p for row in rows})
    against_p = len(rates) > 1
    shown = [row for row in rows if row.m == largest] if against_p else list(rows)
    rules = list(dict.fromkeys(row.rule for row in shown))
    for place, rule in enumerate(rules):
        _draw(ax, [row for row in shown if row.rule == rule], against_p, place)
    if against_p:
        ax.plot(rates, rates, color=GREY, lw=0.8, dashes=(4, 2), zorder=1, label="$L_{cl} = p$")
        ax.set_ylim(bottom=0.0)
        dress(ax, "", "noise level $p$", "exact clean error $L_{cl}$")
        title = f"Clean errors at m = {largest:,}"
    else:
        ax.axhline(rates[0], color=GREY, lw=0.8, dashes=(4, 2), zorder=1, label="$L_{cl} = p$")
        ax.set(xscale="log", ylim=(0.0, None))
        dress(ax, "", "observations $m$", "exact clean error $L_{cl}$")
        title = f"Clean errors at p = {rates[0]:g}"
    about = f"{len(shown)} clean errors, $x$ {rows[0].density}"
    marks = "means over seeds, bars from the smallest to the largest"
    titled(ax, title, about, marks)
    ax.legend(fontsize=SIZE - 1.0, frameon=False, loc="upper left")
    return ax


def _draw(ax: "Axes", rows: Sequence[ComparisonRow], against_p: bool, place: int) -> None:
    found = sorted(means(rows).items(), key=lambda item: item[0][1:])
    groups = [[row.clean_error for row in rows if (row.m, row.p) == key[1:]] for key, _ in found]
    at = [key[2] if against_p else key[1] for key, _ in found]
    mean = np.array([value for _, value in found])
    ends = np.array([[min(group), max(group)] for group in groups]).T
    bars: dict[str, Any] = {"ms": 3.6, "lw": 1.0, "elinewidth": 0.7, "capsize": 1.6}
    ax.errorbar(
        at,
        mean,
        np.abs(ends - mean),
        label=rows[0].rule,
        color=_COLOURS[place % len(_COLOURS)],
        marker=_MARKS[place % len(_MARKS)],
        zorder=3,
        **bars,
    )
