"""The figure of `benchmarks.role_of_bias`: with biases and without, by width and by d/m."""

from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks import ends, style
from benchmarks.columns import different, where
from benchmarks.ends import spread
from benchmarks.role_of_bias import (
    SHOWN,
    SHOWN_WIDTH,
    Row,
    bias_less_end,
    early_error,
    findings,
    in_ratio_panel,
)
from benchmarks.style import ACCENT, DASHED, DOTTED, draw_medians, mark
from univariate.common.figure_style import POSITIVE, PURPLE

BIASED = POSITIVE
BIASLESS = ACCENT
ORTHONORMAL = PURPLE


def draw(rows: list[Row]) -> Figure:
    """Clean error over width, over d/m, and closely for the bias-less nets."""
    margins = {"left": 0.06, "right": 0.99, "top": 0.855, "bottom": 0.27, "wspace": 0.24}
    with style.page(
        (12.6, 5.6), _title(rows), _caption(rows), heights=(0.937, 0.025), **margins
    ) as figure:
        axes = figure.subplots(1, 3)
        _draw_widths(axes[0], rows)
        _draw_ratios(axes[1], rows)
        _draw_closely(axes[2], rows)
    return figure


def _ticks_of_width(axes: Axes, rows: list[Row]) -> None:
    widths = different(rows, "width")
    axes.set(xscale="log", xlabel="width $n$", xlim=(0.65 * widths[0], 1.5 * widths[-1]))
    style.ticks(axes, widths)


def _draw_widths(axes: Axes, rows: list[Row]) -> None:
    """Log10 of the clean error over width, at one p and d/m, every run."""
    p = min(row.p for row in rows)
    ratio = SHOWN if any(row.ratio == SHOWN for row in rows) else max(row.ratio for row in rows)
    mine = where(rows, data="sphere", p=p, ratio=ratio)
    least = min((row.log10_clean_error for row in mine if row.interpolates), default=-6.0)
    floor = 10.0 ** (least - 3.0)
    for bias, colour in ((True, BIASED), (False, BIASLESS)):
        some = where(mine, bias=bias)
        _scatter(axes, some, colour, floor=1.6 * floor)
        _draw_widthwise(axes, some, _error, color=colour)
    _draw_printed_bound(axes)
    axes.text(13.5, 10**-3.6, "$2^{-n}$", color="0.4", ha="left")
    axes.set(yscale="log", ylim=(floor, 2.5), ylabel="clean error $L_{cl}$ (below: at the edge)")
    _reference(axes, 0.5, "½", DOTTED, 0.53, "bottom")
    _reference(axes, p, f"$p={p:g}$", "-", 0.9 * p, "top")
    _ticks_of_width(axes, mine)
    handles = [
        mark("bias-less", BIASLESS, ls="-", marker="o", ms=4.5, lw=1.3),
        mark("with biases", BIASED, ls="-", marker="o", ms=4.5, lw=1.3),
        mark("does not interpolate", marker="o", ms=4.5, mfc="none"),
    ]
    axes.legend(handles=handles, loc="center right", fontsize=8.6, bbox_to_anchor=(1.0, 0.6))
    axes.set_title(f"Same samples, $d={ratio}m$, $p={p:g}$")


def _reference(axes: Axes, y: float, name: str, ls: Any, at: float, va: str) -> None:
    """Draw a grey line, and name it at its right end."""
    axes.axhline(y, color="0.5", lw=1.0, ls=ls, zorder=1)
    across = axes.get_yaxis_transform()
    axes.text(1.0, at, name, color="0.4", transform=across, ha="right", va=va, fontsize=8.6)


def _draw_printed_bound(axes: Axes) -> None:
    n = np.geomspace(2.0, 30.0, 60)
    axes.plot(n, 0.5**n, color="0.5", lw=1.1, ls=DASHED, zorder=1)


def _draw_widthwise(
    axes: Axes, rows: list[Row], value: Callable[[Row], float | None], **look: Any
) -> None:
    """Draw medians over the runs that interpolate, by width."""
    fitting = (row for row in rows if row.interpolates)
    draw_medians(axes, fitting, "width", value, zorder=2, **look)


def _error(row: Row) -> float | None:
    return row.clean_error if row.clean_error > 0.0 else None


def _scatter(
    axes: Axes, rows: list[Row], colour: str, *, floor: float = 0.0, marker: str = "o"
) -> None:
    """Draw every run; clean errors below `floor` at it."""
    for row in rows:
        look = {"fc": colour, "ec": "white", "lw": 0.5}
        if not row.interpolates:
            look = {"fc": "none", "ec": colour, "lw": 0.9}
        at = row.width * (0.95, 1.05)[row.seed % 2]
        axes.scatter(at, max(row.clean_error, floor), s=18.0, marker=marker, zorder=3, **look)


def _draw_ratios(axes: Axes, rows: list[Row]) -> None:
    """Log10 of the clean error over d/m: with biases it falls, without it does not."""
    mine = [row for row in rows if in_ratio_panel(row)] or where(rows, data="sphere")
    for p, dashes in zip(different(mine, "p"), ("-", DASHED), strict=False):
        for bias, colour in ((True, BIASED), (False, BIASLESS)):
            some = where(mine, p=p, bias=bias)
            name = "with biases" if bias else "bias-less"
            look = {"color": colour, "band": 0.15, "ls": dashes, "marker": "o", "ms": 4.0}
            look["label"] = f"{name}, $p={p:g}$"
            draw_medians(axes, some, "ratio", lambda row: row.log10_clean_error, **look)
    least = min(
        (row.log10_clean_error for row in mine if isfinite(row.log10_clean_error)), default=-1.0
    )
    step = next(step for bound, step in ((-20, 10), (-8, 5), (np.inf, 1)) if least < bound)
    ticks = range(0, int(least) - step, -step)
    axes.set(
        xscale="log",
        xlabel="$d/m$",
        ylabel="clean error $L_{cl}$",
        ylim=(1.06 * least, 0.03 * -least),
    )
    ratios = different(mine, "ratio")
    style.ticks(axes, ratios)
    shown = [tick for tick in ticks if tick >= 1.06 * least]
    axes.set_yticks(shown, ["1" if tick == 0 else f"$10^{{{tick}}}$" for tick in shown])
    axes.legend(loc="lower left", fontsize=8.6)
    width = mine[0].width if mine else SHOWN_WIDTH
    axes.set_title(f"The dimension helps only biases, $n={width}$")


def _draw_closely(axes: Axes, rows: list[Row]) -> None:
    """The bias-less nets alone, linear."""
    p = min(row.p for row in rows)
    mine = where(rows, p=p, bias=False)
    styles = {"sphere": (BIASLESS, "o"), "orthonormal": (ORTHONORMAL, "s")}
    for data, (colour, marker) in styles.items():
        some = where(mine, data=data)
        _scatter(axes, some, colour, marker=marker)
        _draw_widthwise(axes, some, lambda row: row.clean_error, color=colour)
    flows: tuple[tuple[str, Any, Callable[[Row], float | None]], ...] = (
        ("flow, all margins 100", (0, (3, 1, 1, 1)), lambda row: 10.0**row.log10_of_flow),
        ("flow, protocol's time", (0, (1, 1.2)), early_error),
    )
    for _, dashes, value in flows:
        _draw_widthwise(axes, mine, value, color="0.25", lw=1.2, ls=dashes)
    exact = mine[0].catastrophic
    two = [row.width_two for row in mine if row.width_two is not None and row.data == "sphere"]
    axes.scatter([2.0] * len(two), two, s=22, marker="D", fc="0.55", ec="white", lw=0.5, zorder=3)
    _draw_printed_bound(axes)
    _reference(axes, 0.5, "½", DOTTED, 0.506, "baseline")
    _reference(axes, p, f"$p={p:g}$", "-", p + 0.006, "baseline")
    axes.scatter([mine[0].minus + 1], [exact], s=130, marker="*", color="0.1", zorder=4)
    _ticks_of_width(axes, mine)
    axes.set(ylim=(0.0, 0.82), ylabel="clean error $L_{cl}$")
    handles = [
        mark("KKT, sphere, all $d$", BIASLESS, ls="-", marker="o", ms=4.5, lw=1.3),
        mark("KKT, orthonormal", ORTHONORMAL, ls="-", marker="s", ms=4.5, lw=1.3),
        *(mark(label, "0.25", ls=dashes, lw=1.2) for label, dashes, _ in flows),
        mark(f"Prop. 4.6: {exact:.3f}", "0.1", marker="*", ms=10),
        mark("built, width 2", "0.55", marker="D", ms=4.5),
        mark("$2^{-n}$, Prop. 4.5", "0.5", ls=DASHED, lw=1.1),
    ]
    look: dict[str, Any] = {
        "fontsize": 8.0,
        "ncols": 2,
        "columnspacing": 0.9,
        "handlelength": 1.6,
    }
    axes.legend(handles=handles, loc="upper right", borderaxespad=0.0, **look)
    axes.set_title(f"Bias-less nets, $p={p:g}$")


def _title(rows: list[Row]) -> str:
    pairs = findings(rows)["pairs"]
    return (
        "Without biases KKT points do not overfit benignly: worse than with biases in"
        f" {pairs['bias_less_worse']} of {pairs['pairs']} pairs"
    )


def _caption(rows: list[Row]) -> str:
    found = findings(rows)
    ends_ = [row for row in rows if bias_less_end(row)]
    nothing = {"least": float("nan"), "largest": float("nan")}
    error = spread(row.clean_error for row in ends_) or nothing
    flow = spread(10.0**row.log10_of_flow for row in ends_) or error
    early = spread(map(early_error, ends_)) or error
    narrow = where(rows, bias=False, width=2)
    return (
        f"{found['runs']} runs, {found['interpolating']} interpolate from one of up to"
        f" {ends.STARTS} starts (bias-less of width 2: {sum(row.interpolates for row in narrow)} of"
        f" {len(narrow)}); {found['certified']} ends are certified KKT points, the others ends of"
        f" the flow.\nKKT points of bias-less nets: $L_{{cl}}$ from {error['least']:.2f} to"
        f" {error['largest']:.2f}, {found['at_least_half']} of {len(ends_)} at ½ or more,"
        f" {found['below_p']} below $p$; where the flow ends {flow['least']:.2f} to"
        f" {flow['largest']:.2f}, at the protocol's time {early['least']:.2g} to"
        f" {early['largest']:.2f}; zeros of $N$ count as errors.\nProposition 4.4 HOLDS for"
        f" {found['proposition_4_4'].get('HOLDS', 0)} nets, FAILS for"
        f" {found['proposition_4_4'].get('FAILS', 0)}; 4.5 as printed HOLDS for"
        f" {found['proposition_4_5'].get('HOLDS', 0)}, FAILS for"
        f" {found['proposition_4_5'].get('FAILS', 0)}.\nClean errors to {ends.PRECISION:.0%}, with"
        f" 95 % intervals; flow until every margin is {ends.MARGIN:g};"
        f" {found['core_seconds'] / 60.0:.0f} minutes of runs on a busy machine."
    )
