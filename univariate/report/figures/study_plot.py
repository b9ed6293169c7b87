"""The figure of a study: exact clean errors against the noise level, or against m for one p."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.ticker import NullFormatter

from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.figure_style import (
    GREEN,
    GREY,
    INK,
    NEGATIVE,
    ORANGE,
    PALE,
    POSITIVE,
    PURPLE,
    Corner,
    dress,
    legend,
    new_axes,
    scale_sizes,
    titled,
)
from univariate.common.words import at_most
from univariate.report.study_rows import StudyRow, StudySummary, furthest, summaries

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STYLES: Final = (
    (POSITIVE, "o"),
    (NEGATIVE, "s"),
    (GREEN, "D"),
    (PURPLE, "^"),
    (ORANGE, "v"),
    (INK, "P"),
)

_BAND: Final[dict[str, Any]] = {"color": PALE, "alpha": 0.6, "linewidth": 0.0, "zorder": 0}
_LIMIT: Final = r"bounds of Thm 3.2, expected as $m \to \infty$"
_LAW: Final[dict[str, Any]] = {"color": GREY, "linewidth": 0.8, "dashes": (4, 2), "zorder": 1}

_BESIDE: Final = (0.97, 1.03)
"""Between these multiples of a size that is alone lies its band."""

_ZERO: Final[dict[str, Any]] = {
    **{"ls": "", "marker": "v", "ms": 5.0, "mfc": "white", "zorder": 5, "clip_on": False},
}

WIDE: Final = 40.0
"""Noise levels that span more than this ratio are drawn to logarithmic scales."""


def plot_study(rows: Sequence[StudyRow], *, ax: "Axes | None" = None) -> "Axes":
    """Draw exact clean errors of max-margin nets with the 1-NN rule and the bounds of Theorem 3.2;
    return the axes.

    Against p, one colour per m; against m where there is only one p. Marks are means over seeds,
    bars reach from the smallest to the largest error, those of several m side by side about their
    p, crosses are means of the 1-NN rule. Noise levels that span more than 40-fold are drawn to
    logarithmic scales, on which open triangles at the edge are means of 0. The band between the
    explicit bounds is ½p(1 − p)² … 1 − (1 − p)² against p (its limit for many points), the mean
    realised one against m; under another truth than f* ≡ +1 there is none.
    """
    rows = check.instances("rows", rows, StudyRow, "pass what run_study returns")
    ax = new_axes(6.0, 3.8) if ax is None else ax
    found = summaries(rows)
    against_p = len({summary.p for summary in found}) > 1
    if against_p:
        _against_p(ax, found)
    else:
        _against_m(ax, found)
    about = f"{len(rows)} samples, $x$ {rows[0].density}"
    sizes = {summary.m for summary in found}
    several = ", sizes side by side" if against_p and len(sizes) > 1 else ""
    marks = (
        f"means over seeds, bars from the smallest to the largest{several}; differences from the"
        f" 1-NN rule up to {at_most(furthest(rows), 1)}"
    )
    titled(ax, _title(found), about, marks)
    return ax


def _against_p(ax: "Axes", found: Sequence[StudySummary]) -> None:
    rates = np.array(sorted({summary.p for summary in found}))
    positive = rates[rates > 0.0]
    p = np.geomspace(positive[0], positive[-1], 200) if len(positive) > 1 else rates
    low = 0.5 * p * (1.0 - p) ** 2
    high = 1.0 - (1.0 - p) ** 2
    if all(summary.lower is not None for summary in found):
        ax.fill_between(p, low, high, label=_LIMIT, **_BAND)
    ax.plot(p, p, label="$L_{cl} = p$", **_LAW)
    sizes = sorted({summary.m for summary in found})
    wide = len(positive) == len(rates) and rates[-1] > WIDE * rates[0]
    for place, m in enumerate(sizes):
        group = [summary for summary in found if summary.m == m]
        step = place - 0.5 * (len(sizes) - 1)  # bars side by side
        at = np.array([summary.p for summary in group])
        at = at * 1.03**step if wide else at + 0.006 * step * (rates[-1] - rates[0])
        style = _STYLES[place % len(_STYLES)]
        if wide:
            _mark_zeros(ax, at, group, style[0])
        _draw_group(ax, at, group, f"$m$ = {m:,}", *style, positive=wide)
    if wide and any(summary.clean_error == 0.0 for summary in found):
        ax.plot([], [], color=INK, label="mean 0", **_ZERO)
    dress(ax, "noise level $p$", "exact clean error $L_{cl}$")
    if wide:
        ax.set(xscale="log", yscale="log")
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.yaxis.set_minor_formatter(NullFormatter())
    else:
        ax.set_ylim(bottom=0.0)
    _finish(ax, "upper left")


def _against_m(ax: "Axes", found: Sequence[StudySummary]) -> None:
    p = found[0].p
    sizes = [summary.m for summary in found]
    lower = [summary.lower for summary in found if summary.lower is not None]
    upper = [summary.upper for summary in found if summary.upper is not None]
    if len(lower) == len(upper) == len(found):
        at = sizes if len(sizes) > 1 else [sizes[0] * factor for factor in _BESIDE]
        times = len(at) // len(sizes)
        name = "bounds of Thm 3.2, realised"
        ax.fill_between(at, lower * times, upper * times, label=name, **_BAND)
    ax.axhline(p, label=f"$L_{{cl}} = p$ = {p:g}", **_LAW)
    _draw_group(ax, sizes, found, "max-margin nets", POSITIVE, "o")
    dress(ax, "observations $m$", "exact clean error $L_{cl}$")
    scale_sizes(ax, sizes)
    ax.set_ylim(bottom=0.0)
    _finish(ax, "lower right")


def _draw_group(
    ax: "Axes",
    at: Sequence[int] | Vector,
    group: Sequence[StudySummary],
    name: str,
    colour: str,
    marker: str,
    *,
    positive: bool = False,
) -> None:
    mean = np.array([summary.clean_error for summary in group])
    if positive:
        mean[mean == 0.0] = np.nan
    spread = np.abs([[s.clean_error - s.smallest, s.largest - s.clean_error] for s in group]).T
    bars: dict[str, Any] = {"ms": 4.0, "lw": 0.9, "elinewidth": 0.8, "capsize": 1.8}
    ax.errorbar(at, mean, spread, label=name, color=colour, marker=marker, zorder=3, **bars)
    nearest = [summary.nearest_neighbour for summary in group]
    ax.plot(at, nearest, ls="", marker="x", ms=3.0, mew=0.7, color="white", zorder=4)


def _mark_zeros(ax: "Axes", at: Vector, group: Sequence[StudySummary], colour: str) -> None:
    """Mark means of 0 at the edge, as a logarithmic scale has no place for them."""
    zero = np.array([summary.clean_error == 0.0 for summary in group])
    if zero.any():
        edge = ax.get_xaxis_transform()
        ax.plot(at[zero], np.zeros(zero.sum()), color=colour, transform=edge, **_ZERO)


def _finish(ax: "Axes", place: Corner) -> None:
    ax.plot([], [], ls="", marker="x", ms=4.0, mew=0.8, color=INK, label="1-NN rule")
    legend(ax, place=place)


def _title(found: Sequence[StudySummary]) -> str:
    largest = max(summary.m for summary in found)
    ratios = [
        summary.clean_error / summary.p
        for summary in found
        if summary.m == largest and summary.p > 0.0
    ]
    if not ratios:
        return f"Max-margin nets at m = {largest:,}: no noise"
    low = f"{min(ratios):.3g}"
    high = f"{max(ratios):.3g}"
    between = low if low == high else f"{low} to {high}"
    return f"Clean errors of max-margin nets are {between} × p at m = {largest:,}"
