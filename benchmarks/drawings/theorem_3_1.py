"""The figure of `benchmarks.theorem_3_1`: where gradient flow ends, who interpolates, and how many
steps that takes.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks import columns, style
from benchmarks.columns import different, grouped, where
from benchmarks.theorem_3_1 import LEVELS, Row, findings, interpolating_interval, usual
from univariate.common.figure_style import ORANGE, POSITIVE, PURPLE


def draw(rows: list[Row]) -> Figure:
    """Left: exact L_cl of the KKT points against p.

    Middle: share of runs that interpolate, by start. Right: their steps.
    """
    once = usual(rows)
    margins = {"left": 0.05, "right": 0.988, "top": 0.865, "bottom": 0.25, "wspace": 0.24}
    with style.page(
        (14.2, 5.1), _title(rows), _caption(rows), heights=(0.945, 0.025), **margins
    ) as figure:
        left, middle, right = figure.subplots(1, 3, gridspec_kw={"width_ratios": [1.25, 1.0, 0.9]})
        _draw_errors(left, once)
        _draw_shares(middle, once)
        _draw_steps(right, [row for row in once if row.interpolates and row.start == "spread"])
    return figure


COLOURS = {("spread", 4): POSITIVE, ("pytorch", 4): ORANGE, ("pytorch", 40): PURPLE}
MARKERS = {"spread": "o", "pytorch": "s"}


def _draw_errors(axes: Axes, rows: list[Row]) -> None:
    polished = [row for row in rows if row.clean_error]
    sizes = different(polished, "m")
    style.draw_powers(axes, 0.04, "$p$ (1-NN)")
    shades = style.shades(sizes, "YlGnBu", 0.38, 0.98)
    shift = dict.fromkeys(sizes, 1.0)
    if len(sizes) > 1:
        shift = dict(zip(sizes, np.exp(np.linspace(-0.09, 0.09, len(sizes))), strict=True))
    look: dict[str, Any] = {"s": 17, "ec": "white", "lw": 0.4, "zorder": 3}
    for m in sizes:
        for start, marker in MARKERS.items():
            group = where(polished, m=m, start=start)
            x = [row.p * shift[m] for row in group]
            label = f"$m={m}$" if start == "spread" else None
            errors = [row.clean_error for row in group]
            axes.scatter(x, errors, marker=marker, color=shades[m], label=label, **look)
    axes.set(xlim=(0.04, 0.72), ylim=(1e-3, 1.0))
    style.ticks(axes, LEVELS)
    axes.legend(loc="lower left", ncols=2, handletextpad=0.2, columnspacing=0.9)
    axes.set_title("KKT points where the flow ends (squares: PyTorch's start)")


def _draw_shares(axes: Axes, rows: list[Row]) -> None:
    groups = grouped(rows, "start", "neurons")
    sizes = different(rows, "m")
    for k, ((start, neurons), group) in enumerate(reversed(groups.items())):
        by_size = grouped(group, "m")
        x = np.array([sizes.index(m) for m in by_size]) + 0.12 * (k - 0.5 * (len(groups) - 1))
        share = np.array([columns.mean(some, "interpolates") for some in by_size.values()])
        ends = np.array([interpolating_interval(some) for some in by_size.values()])
        bars = np.maximum(0.0, np.abs(ends.T - share))
        name = "kinks spread" if start == "spread" else "PyTorch"
        look: dict[str, Any] = {"ms": 5.5, "mec": "white", "capsize": 2.5}
        look |= {"fmt": MARKERS[start], "color": COLOURS[start, neurons]}
        axes.errorbar(x, share, bars, label=f"{name}, {neurons} neurons a gap", **look)
    axes.set(xlim=(-0.5, len(sizes) - 0.5), ylim=(-0.03, 1.36), xlabel="sample size $m$")
    axes.set_yticks(np.linspace(0.0, 1.0, 6))
    axes.set_ylabel("share of starts that end up interpolating")
    axes.set_xticks(range(len(sizes)), [str(m) for m in sizes])
    axes.legend(loc="upper left")
    axes.set_title("Who interpolates (bars: 95 % intervals)")


def _draw_steps(axes: Axes, rows: list[Row]) -> None:
    """Steps until every margin is 100, and until every label is right; lines through medians."""
    colour = COLOURS["spread", 4]
    by_size = grouped(rows, "m")
    for part, face, label in (
        ("steps", colour, "until every margin is 100"),
        ("first_interpolating", "white", "until every label is right"),
    ):
        medians = [np.median([getattr(row, part) for row in some]) for some in by_size.values()]
        axes.plot(list(by_size), medians, color=colour, lw=0.8, zorder=2)
        look: dict[str, Any] = {"s": 15, "fc": face, "ec": colour, "lw": 0.8, "zorder": 3}
        found = [getattr(row, part) for row in rows]
        axes.scatter([row.m for row in rows], found, label=label, **look)
    axes.set(xscale="log", yscale="log", xlabel="sample size $m$", ylabel="implicit steps")
    style.ticks(axes, list(by_size))
    axes.legend(loc="upper left")
    axes.set_title("Steps of flows that interpolate, kinks spread")


def _title(rows: list[Row]) -> str:
    levels = findings(rows)["levels"]
    count = levels.get("global minimum", 0)
    ends = sum(levels.values())
    return (
        f"Gradient flow in one dimension: {count} of {ends} interpolating runs end at the global"
        " optimum"
    )


def _caption(rows: list[Row]) -> str:
    found = findings(rows)
    halving = found["halved_tolerance"]
    fits = [
        f"{one['value']:.2f} [{one['low']:.2f}, {one['high']:.2f}] at $m={m}$"
        for m, one in _fits(found)
    ]
    return (
        "Fitted exponents of $L_{cl}$ in $p$, with 95 % intervals:"
        f" {', '.join(fits) or 'none'}.\n{found['interpolating']} of {found['instances']} starts"
        f" interpolate; largest KKT residual {found['largest_residual']:.1e};"
        f" {found['outside_bounds']} local minima leave the realised bounds of Theorem"
        f" 3.2;\n{found['violates_a4']} violate Proposition A.4, {found['violates_a5']} Proposition"
        f" A.5.  Half the tolerance changes no digit of $L_{{cl}}$ in {halving['agree']} of"
        f" {halving['interpolating']} pairs of runs compared."
    )


def _fits(found: dict[str, Any]) -> list[tuple[str, dict[str, float]]]:
    return [
        (m, one)
        for m, one in found["exponents"].items()
        if one is not None and one["samples"] > len(LEVELS)
    ]
