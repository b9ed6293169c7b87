"""The figure of a comparison: exact clean errors of several rules, against p or against m."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from univariate.common import check
from univariate.common.arrays import Vector
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
    scale_sizes,
    titled,
)
from univariate.common.words import counted
from univariate.report.comparison_rows import ComparisonRow, ComparisonSummary, summaries

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS: Final = (POSITIVE, NEGATIVE, GREEN, PURPLE, ORANGE, AZURE, INK)
_MARKS: Final = "osD^vPX"
_APART: Final = 0.3  # of the least distance of two places, over which rules are spread at most
_NEAR: Final = 0.06  # of it from one rule to the next, where they are few
_ONE_LINE: Final = 100  # characters below the title, beside the legend
_LONE: Final = 0.05  # the distance of a place that has no other, or in factors exp(0.05)


def plot_comparison(
    rows: Sequence[ComparisonRow],
    *,
    rules: Sequence[str] | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw mean clean errors of rules against p, at the largest m; against m where there is one p
    only. Return the axes.

    Bars reach from the smallest to the largest error over seeds, those of several rules side by
    side; a mark is hollow where some of its nets do not interpolate. The dashed line is L_cl = p.

    Parameters
    ----------
    rows : sequence of ComparisonRow
        Of `compare` or `read_comparison`.
    rules : sequence of str, optional
        Names of rules, in the order of colours and legend, as the makers were; others are not
        drawn. All by default, in the order of their first rows.
    ax : Axes, optional
        Of a new figure if not given.
    """
    rows = check.instances("rows", rows, ComparisonRow, "pass what compare returns")
    order = list(dict.fromkeys(row.rule for row in rows))
    if rules is not None:
        order = _chosen(rules, order)
    rows = [row for row in rows if row.rule in order]
    ax = new_axes(6.4, 3.8) if ax is None else ax
    sizes = sorted({row.m for row in rows})
    against_p = len({row.p for row in rows}) > 1
    shown = [row for row in rows if not against_p or row.m == sizes[-1]]
    _draw_all(ax, summaries(shown), order, against_p)
    _letter(ax, shown, sizes, against_p)
    # beside the axes, where it hides no bar
    ax.legend(fontsize=SIZE - 1.0, frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return ax


def _chosen(rules: Sequence[str], known: Sequence[str]) -> list[str]:
    found = list(check.several("rules", rules, "['mine']"))
    unknown = [rule for rule in found if rule not in known]
    if unknown:
        raise ValueError(
            f"`rules` must name rules of the rows, got {unknown[0]!r}; there are"
            f" {', '.join(map(repr, known))}"
        )
    return found


def _draw_all(
    ax: "Axes", found: Sequence[ComparisonSummary], order: Sequence[str], against_p: bool
) -> None:
    places = np.array(sorted({one.p if against_p else float(one.m) for one in found}))
    for k, rule in enumerate(order):
        points = [one for one in found if one.rule == rule]
        at = np.array([one.p if against_p else float(one.m) for one in points])
        _draw(ax, points, _shifted(at, places, k, len(order), against_p), k)
    rates = sorted({one.p for one in found})
    line: dict[str, Any] = {"color": GREY, "lw": 0.8, "dashes": (4, 2), "zorder": 1}
    if against_p:
        ax.plot(rates, rates, label="$L_{cl} = p$", **line)
    else:
        ax.axhline(rates[0], label="$L_{cl} = p$", **line)


def _shifted(at: Vector, places: Vector, k: int, count: int, against_p: bool) -> Vector:
    """Return where the points of the k-th of some rules are drawn, side by side with those of the
    others; m is drawn to a logarithmic scale.
    """
    scale = places if against_p else np.log(places)
    gap = float(np.min(np.diff(scale))) if len(places) > 1 else _LONE
    step = min(_NEAR, _APART / count) * gap * (k + 0.5 - count / 2)
    return at + step if against_p else at * np.exp(step)


def _draw(ax: "Axes", points: Sequence[ComparisonSummary], at: Vector, place: int) -> None:
    mean = np.array([one.clean_error for one in points])
    below = mean - [one.smallest for one in points]
    above = [one.largest for one in points] - mean
    colour = _COLOURS[place % len(_COLOURS)]
    mark = _MARKS[place % len(_MARKS)]
    ax.errorbar(
        at,
        mean,
        # a mean of equal numbers may be rounded past them
        np.maximum(0.0, [below, above]),
        label=points[0].rule if points else None,
        color=colour,
        marker=mark,
        ms=3.6,
        lw=1.0,
        elinewidth=0.7,
        capsize=1.6,
        zorder=3,
    )
    hollow = [one.interpolating < one.nets for one in points]
    ax.plot(at[hollow], mean[hollow], mark, color=colour, mfc="white", ms=3.6, zorder=4)


def _letter(
    ax: "Axes", shown: Sequence[ComparisonRow], sizes: Sequence[int], against_p: bool
) -> None:
    ax.set_ylim(bottom=-0.015 * ax.get_ylim()[1])  # marks at 0 are seen whole
    about = f"{counted(len(shown), 'clean error')}, $x$ {shown[0].density}"
    if against_p:
        dress(ax, "noise level $p$", "exact clean error $L_{cl}$")
        title = f"Clean errors at m = {sizes[-1]:,}"
        if len(sizes) > 1:
            title += f", the largest of {len(sizes)} sizes"
    else:
        scale_sizes(ax, sizes)
        dress(ax, "observations $m$", "exact clean error $L_{cl}$")
        title = f"Clean errors at p = {shown[0].p:g}"
    titled(ax, title, about, _legend_of_marks(shown), _ONE_LINE)


def _legend_of_marks(shown: Sequence[ComparisonRow]) -> str:
    """Say what marks are: how many seeds, and how many nets do not interpolate."""
    seeds = sorted({one.seeds for one in summaries(shown)})
    several = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    noun = "seed" if seeds[-1] == 1 else "seeds"
    beside = ", rules side by side" if len({row.rule for row in shown}) > 1 else ""
    found = f"means over {several} {noun}, bars from the smallest to the largest{beside}"
    nets = [row for row in shown if row.interpolates is not None]
    missing = sum(not row.interpolates for row in nets)
    if missing:
        found += f"; hollow: {missing} of {counted(len(nets), 'net')} do not interpolate"
    return found
