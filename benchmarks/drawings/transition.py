"""The figure of `benchmarks.transition`: clean errors of certified KKT points, optima and other
rules by dimension, and how far training ends from the optimum.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import highdim
from benchmarks import style
from benchmarks.columns import different, grouped, where
from benchmarks.style import ACCENT, DASHED, mark
from benchmarks.transition import MARGIN, OPTIMAL, STEPS, WIDTH, Row, findings
from univariate.common.figure_style import GREEN, GREY, ORANGE, POSITIVE, PURPLE

TITLE = "From tempered to benign, from d = 1 on"
SHOWN = 0.2  # noise level of the middle panel
LEAST = 1e-9  # of errors on logarithmic axes

Value = Callable[[Row], float | None]


def draw(rows: list[Row]) -> Figure:
    """Return the three panels."""
    margins = {"left": 0.03, "right": 0.985, "top": 0.84, "bottom": 0.27}
    with style.page((10.8, 4.5), TITLE, _caption(rows), heights=(0.92, 0.02), **margins) as figure:
        figure.subplots_adjust(left=0.062, wspace=0.27)
        left, middle, right = figure.subplots(1, 3, width_ratios=(1.2, 1.0, 1.0))
        _errors(left, rows)
        _rules(middle, rows)
        _ends(right, rows)
    return figure


def _errors(axes: Axes, rows: list[Row]) -> None:
    """Draw mean errors against d/m, a curve for each noise level and size."""
    sizes = different(rows, "m")
    shades = style.shades(different(rows, "p"), "viridis", 0.1, 0.8)
    marks = dict(zip(sizes, "os^", strict=False))
    for p, colour in shades.items():
        for m in sizes:
            mine = where(rows, m=m, p=p)
            x, y = _means(mine, lambda row: _power(row.log10_kkt))
            axes.plot(x / m, y, marks[m] + "-", color=colour, ms=4.2, lw=1.2, zorder=3)
            x, y = _means(mine, lambda row: _power(row.log10_optimum), every=True)
            axes.plot(x / m, y, marks[m], color=colour, ms=8.0, mfc="none", mew=0.9, zorder=2)
        m = sizes[0]
        most = max(1.0, *(row.d / row.m for row in rows))
        dimensions = np.unique(np.rint(np.geomspace(m, most * m, 40)).astype(int))
        minus = round(p * m)
        limit = highdim.orthogonal_limit(m - minus, minus)
        predicted = [max(limit.predicted_clean_error(int(d)), LEAST) for d in dimensions]
        axes.plot(dimensions / m, predicted, color=colour, lw=1.0, ls=DASHED, zorder=1)
    axes.axvline(1.0, color="0.8", lw=0.8, zorder=0)
    axes.set(xscale="log", yscale="log", xlabel="$d/m$", ylabel="clean error $L_{cl}$, mean")
    handles = [mark(f"$p={p:g}$", colour, ls="-", lw=2.5) for p, colour in shades.items()]
    handles += [mark(f"$m={m}$", marker=one, ms=4.2) for m, one in marks.items()]
    handles += [
        mark("proved optimum", marker="o", ms=8.0, mfc="none"),
        mark("orthogonal limit", ls=DASHED),
    ]
    axes.legend(handles=handles, fontsize=8.0, loc="lower left")
    axes.set_title("KKT points that training ends near")


def _rules(axes: Axes, rows: list[Row]) -> None:
    """Draw mean errors of all rules at one noise level."""
    m = min(row.m for row in rows)
    level = SHOWN if any(row.p == SHOWN for row in rows) else min(row.p for row in rows)
    mine = where(rows, m=m, p=level)
    rules: dict[str, tuple[Value, str, str]] = {
        "KKT point": (lambda row: _power(row.log10_kkt), POSITIVE, "o-"),
        "optimum": (lambda row: _power(row.log10_optimum), PURPLE, "D"),
        "nearest neighbour": (lambda row: row.nearest_neighbour, GREY, "s--"),
        "tangent kernel": (lambda row: row.kernel, ORANGE, "^--"),
        "max-margin half-space": (lambda row: row.half_space, GREEN, "v--"),
    }
    for name, (value, colour, look) in rules.items():
        x, y = _means(mine, value, every=name == "optimum")
        axes.plot(x, y, look, color=colour, ms=4.5, lw=1.1, label=name, mfc="none")
    axes.axhline(level, color=ACCENT, lw=1.0, zorder=0)
    axes.set(xscale="log", xlabel="$d$", ylabel="clean error, mean", ylim=(0.0, None))
    _dimensions(axes, mine)
    axes.legend(fontsize=8.0, loc="lower left")
    axes.set_title(f"Rules that fit every label, $m={m}$, $p={level:g}$")


def _ends(axes: Axes, rows: list[Row]) -> None:
    """Draw how much more norm KKT points have than is proved to be needed."""
    m = min(row.m for row in rows)
    mine = [row for row in rows if row.m == m and row.ratio is not None]
    for solved, colour in ((True, POSITIVE), (False, "0.7")):
        group = where(mine, solved=solved)
        rng = np.random.default_rng(0)
        x = np.array([row.d for row in group]) * np.exp(rng.uniform(-0.08, 0.08, len(group)))
        y = [max((row.ratio or 1.0) - 1.0, 1e-13) for row in group]
        label = "optimum known" if solved else "bounds only"
        axes.plot(x, y, "o", color=colour, ms=3.0, mfc="none", mew=0.7, label=label)
    axes.axhline(OPTIMAL, color=ACCENT, lw=1.0, zorder=0)
    axes.set(xscale="log", yscale="log", xlabel="$d$")
    axes.set(ylabel=r"$\|\theta\|^2$ / proved bound on $\|\theta^*\|^2$ $-$ 1")
    _dimensions(axes, mine)
    axes.legend(fontsize=8.0, loc="lower center", bbox_to_anchor=(0.6, 0.12))
    axes.set_title(f"Is it the optimum? $m={m}$")


def _means(rows: list[Row], value: Value, *, every: bool = False) -> tuple[Any, Any]:
    """Return dimensions and means of what is known there, of all runs if `every`; at least 1e-9."""
    x, y = [], []
    for d, group in sorted(grouped(rows, "d").items()):
        known = [one for one in map(value, group) if one is not None]
        if known and (len(known) == len(group) or not every):
            x.append(d)
            y.append(max(float(np.mean(known)), LEAST))
    return np.array(x), np.array(y)


def _power(value: float | None) -> float | None:
    return None if value is None else 10.0**value


def _dimensions(axes: Axes, rows: list[Row]) -> None:
    style.ticks(axes, different(rows, "d"))
    axes.tick_params(axis="x", labelsize=8.0)


def _caption(rows: list[Row]) -> str:
    found = findings(rows)
    parts = list(found["ends"].values())
    known = sum(one["compared"] for one in parts)
    optimal = sum(one["optimal"] for one in parts)
    return (
        f"{found['runs']} samples with exactly p m labels −1; gradient flow of {WIDTH} neurons to"
        f" margin {MARGIN:g}, or {STEPS} steps, then polished: {found['kkt_points']} certified KKT"
        f" points.\nWhere ‖θ*‖² is known to {OPTIMAL:g}, {optimal} of {known} are optimal. d = 1 is"
        " the line, x uniform on [0, 1]. Means are over runs that interpolate."
    )
