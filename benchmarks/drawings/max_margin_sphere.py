"""The figure of `benchmarks.max_margin_sphere`: clean errors of certified optima by noise, their
mean distance from the nearest neighbour's, and how often both decide differently, by dimension.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks import columns, style
from benchmarks.columns import different, grouped, where
from benchmarks.max_margin_sphere import Row, findings
from benchmarks.style import ACCENT
from highdim.optimum.max_margin import GAP
from univariate.common.words import at_most

TITLE = "Certified max-margin nets in low dimension: tempered, but not the nearest neighbour"
NAMES = {1: "line", 2: "circle", 3: "sphere, $d = 3$"}
MARKS = {1: "o", 2: "s", 3: "^"}
SHIFT = {1: -0.012, 2: 0.0, 3: 0.012}


def draw(rows: list[Row]) -> Figure:
    """Return the three panels."""
    margins = {"left": 0.03, "right": 0.985, "top": 0.84, "bottom": 0.24}
    with style.page((10.4, 4.3), TITLE, _caption(rows), heights=(0.92, 0.025), **margins) as figure:
        figure.subplots_adjust(left=0.065, wspace=0.3)
        left, middle, right = figure.subplots(1, 3, width_ratios=(1.25, 1.0, 1.0))
        colours = style.shades(different(rows, "d"), "viridis", 0.1, 0.75)
        _errors(left, rows, colours)
        _differences(middle, rows, colours)
        _disagreements(right, rows, colours)
    return figure


def _errors(axes: Axes, rows: list[Row], colours: dict[int, Any]) -> None:
    by_dimension = grouped(rows, "d").values()
    most = min(max(row.m for row in group) for group in by_dimension)
    levels = different(rows, "p")
    for d, group in grouped(where(rows, m=most), "d").items():
        x = np.array([row.p for row in group]) + SHIFT[d]
        y = [row.clean_error for row in group]
        axes.plot(x, y, MARKS[d], ms=3.0, mfc="none", mew=0.6, color=colours[d], alpha=0.6)
        means = [columns.mean(one, "clean_error") for one in grouped(group, "p").values()]
        places = np.array(different(group, "p")) + SHIFT[d]
        axes.plot(places, means, MARKS[d], ms=6.5, color=colours[d], label=NAMES[d])
    ends = np.array([0.0, levels[-1] + 0.05])
    axes.plot(ends, ends, "-", color=ACCENT, lw=1.2, zorder=1)
    axes.annotate("$p$", (ends[1], ends[1]), (2, -3), textcoords="offset points", color=ACCENT)
    axes.set(xlabel="share $p$ of labels −1", ylabel="clean error $L_{cl}$, enclosed")
    axes.set(xlim=(0.0, ends[1] + 0.02), ylim=(0.0, None), title=f"$m = {most}$")
    style.ticks(axes, levels)
    axes.legend(fontsize=8.0, loc="upper left")


def _differences(axes: Axes, rows: list[Row], colours: dict[int, Any]) -> None:
    """Draw means of L_cl − L_1NN with two standard errors, all p together."""
    axes.axhline(0.0, color=ACCENT, lw=1.2, zorder=1)
    for d, group in grouped(rows, "d").items():
        sizes = grouped(group, "m")
        apart = [
            np.array([row.clean_error - row.nearest_neighbour for row in one])
            for one in sizes.values()
        ]
        errors = [2.0 * one.std(ddof=1) / len(one) ** 0.5 for one in apart]
        at = np.array(list(sizes)) * (1.0 + 4.0 * SHIFT[d])
        look: dict[str, Any] = {"ms": 4.5, "color": colours[d], "lw": 1.0, "capsize": 2.5}
        axes.errorbar(at, [one.mean() for one in apart], errors, fmt=MARKS[d] + "-", **look)
    _sizes(axes, rows)
    axes.set(ylabel=r"$L_{cl} - L_{1NN}$", title="mean ± 2 standard errors, all $p$")


def _disagreements(axes: Axes, rows: list[Row], colours: dict[int, Any]) -> None:
    """Draw medians and quartiles of the share on which the two decide differently."""
    for d, group in grouped(rows, "d").items():
        sizes = grouped(group, "m")
        parts = [
            np.quantile([row.disagreement for row in one], [0.25, 0.5, 0.75])
            for one in sizes.values()
        ]
        low, middle, high = np.array(parts).T
        axes.plot(list(sizes), middle, MARKS[d] + "-", ms=4.5, lw=1.2, color=colours[d])
        axes.fill_between(list(sizes), low, high, color=colours[d], alpha=0.15, lw=0.0)
    _sizes(axes, rows)
    axes.set(ylabel="Pr[differs from 1-NN]", title="median and quartiles, all $p$")
    axes.set_ylim(bottom=0.0)


def _sizes(axes: Axes, rows: list[Row]) -> None:
    axes.set(xscale="log", xlabel="sample size $m$")
    style.ticks(axes, different(rows, "m"))


def _caption(rows: list[Row]) -> str:
    found = findings(rows)
    seeds = len({row.seed for row in rows})
    return (
        f"{_proved(found)}; {seeds} samples a point. On the line the optimum decides like the"
        " nearest neighbour (1-NN),\nwhose clean error is $p$ in the mean. Left: one mark a sample,"
        " large ones are means."
    )


def _proved(found: dict[str, Any]) -> str:
    runs, optimal = found["runs"], found["optimal"]
    if optimal == runs:
        return f"All {runs} optima are proved to a gap of {GAP:g} of ‖θ‖²"
    rest = f"the others to {at_most(found['largest_gap'])}"
    return f"{optimal} of {runs} optima are proved to a gap of {GAP:g} of ‖θ‖², {rest}"
