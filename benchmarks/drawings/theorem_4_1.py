"""The figure of `benchmarks.theorem_4_1`: errors, norms, bias sums and bounds against d/m."""

from math import isfinite
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks import ends, style
from benchmarks.columns import different, where
from benchmarks.style import ACCENT, DASHED, DOTTED, draw_medians, mark
from benchmarks.theorem_4_1 import FACTOR, FITTED, SHOWN, WIDTH, Row, findings, log10_predicted
from univariate.common.figure_style import POSITIVE


def draw(rows: list[Row]) -> Figure:
    """Clean error and prediction, the sandwich of ‖θ*‖², N(0), and the bounds of the proof."""
    margins = {"left": 0.075, "right": 0.985, "top": 0.905, "bottom": 0.155}
    margins |= {"wspace": 0.2, "hspace": 0.33}
    with style.page(
        (11.4, 9.4), _title(rows), _caption(rows), heights=(0.957, 0.02), **margins
    ) as figure:
        axes = figure.subplots(2, 2)
        shades = style.shades(different(rows, "p"), "viridis", 0.0, 0.86)
        _draw_errors(axes[0, 0], rows, shades)
        _draw_sandwich(axes[0, 1], rows, shades)
        _draw_bias_sums(axes[1, 0], rows, shades)
        _draw_bounds(axes[1, 1], rows)
    return figure


def _draw_errors(axes: Axes, rows: list[Row], shades: dict[float, Any]) -> None:
    sizes = different(rows, "m")
    ratios = np.geomspace(min(row.ratio for row in rows), max(row.ratio for row in rows), 200)
    markers = dict(zip(sizes, "os^", strict=False))
    m = sizes[-1]
    for p, colour in shades.items():
        minus = round(p * m)
        predicted = -log10_predicted(m - minus, minus, ratios)
        axes.plot(ratios, predicted, color=colour, lw=1.1, ls=DASHED, zorder=1)
        for row in rows:
            if row.p == p and isfinite(row.log10_clean_error):
                look = {"fc": colour, "ec": "white"}
                if not row.interpolates:
                    look = {"fc": "white", "ec": colour}
                look |= {"s": 20, "marker": markers[row.m], "lw": 0.5, "zorder": 3}
                axes.scatter(row.ratio, -row.log10_clean_error, **look)
    handles = [
        *(mark(f"$p={p:g}$", colour, ls="-", lw=2.5) for p, colour in shades.items()),
        *(mark(f"$m={size}$", marker=one, ms=4.5) for size, one in markers.items()),
        mark("orthogonal limit", ls=DASHED, lw=1.1),
    ]
    axes.legend(handles=handles, loc="lower left", fontsize=8.6)
    _falling(axes, rows)
    axes.set_title("Clean error at KKT points")


def _falling(axes: Axes, rows: list[Row]) -> None:
    finite = (-row.log10_clean_error for row in rows if isfinite(row.log10_clean_error))
    style.falling(axes, 1.3 * max(1.0, *finite), "$d/m$")


def _draw_sandwich(axes: Axes, rows: list[Row], shades: dict[float, Any]) -> None:
    m = min(row.m for row in rows)
    lines = (
        ("upper bound, net not used", DOTTED, lambda row: row.upper / row.lower),
        ("upper bound, KKT point used", "-", lambda row: row.upper_with_net / row.lower),
        (
            "net at the protocol's flow time",
            DASHED,
            lambda row: row.early_norm_squared and row.early_norm_squared / row.lower,
        ),
    )
    for p, colour in shades.items():
        mine = where(rows, m=m, p=p)
        for _, dashes, value in lines:
            draw_medians(axes, mine, "ratio", value, color=colour, ls=dashes)
    style.level(axes, FACTOR, "factor 2")
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="$d/m$",
        ylabel=r"ratio to the lower bound of $\|\theta^*\|^2$",
    )
    ticks = (1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    handles = [mark(label, "0.3", ls=dashes, lw=1.3) for label, dashes, _ in lines]
    axes.legend(handles=handles, loc="upper right", fontsize=8.6)
    axes.set_title(rf"Sandwich of $\|\theta^*\|^2$, $m={m}$ (medians; colours as on the left)")


def _draw_bias_sums(axes: Axes, rows: list[Row], shades: dict[float, Any]) -> None:
    m = min(row.m for row in rows)
    for p, colour in shades.items():
        mine = where(rows, m=m, p=p)
        look = {"color": colour, "band": 0.18, "marker": "o", "ms": 3.5}
        draw_medians(axes, mine, "ratio", lambda row: row.bias_sum, **look)
        axes.axhline(mine[0].limit_bias_sum, color=colour, lw=1.0, ls=DASHED, zorder=1)
    style.level(axes, 0.5, "½, Theorem 4.1's proof")
    axes.set(
        xscale="log",
        xlabel="$d/m$",
        ylabel=r"$N(0)=\sum_j v_j\sigma(b_j)$ at worst margin 1",
        ylim=(0.0, None),
    )
    axes.set_title(f"Bias sum, $m={m}$ (median, range); dashed: orthogonal limit")


def _draw_bounds(axes: Axes, rows: list[Row]) -> None:
    level = SHOWN if any(row.p == SHOWN for row in rows) else min(row.p for row in rows)
    m = min(row.m for row in rows)
    mine = where(rows, p=level, m=m)
    lines = {
        "measured": (lambda row: -row.log10_clean_error, "0.1", "o"),
        "Lévy, from the net": (lambda row: _shown_bound(row.epsilon_levy), POSITIVE, "s"),
        "union over the data, as in the proof": (
            lambda row: _shown_bound(row.epsilon_proof),
            ACCENT,
            "D",
        ),
    }
    for label, (value, colour, marker) in lines.items():
        look = {"color": colour, "marker": marker, "ms": 4.0, "label": label}
        draw_medians(axes, mine, "ratio", value, **look)
    _falling(axes, mine)
    axes.set_xlim(0.8 * min(row.ratio for row in mine), 1.25 * max(row.ratio for row in mine))
    axes.legend(loc="lower left", fontsize=8.6)
    axes.set_title(f"Measured and proved, $p={level:g}$, $m={m}$")


def _shown_bound(bound: float | None) -> float | None:
    """Return −log10 of a bound that says something and did not underflow."""
    return -float(np.log10(bound)) if bound is not None and 0.0 < bound < 0.5 else None


def _title(rows: list[Row]) -> str:
    good = [row for row in rows if row.interpolates]
    least = min(
        (row.log10_clean_error for row in good if isfinite(row.log10_clean_error)), default=0.0
    )
    return (
        "Theorem 4.1: clean error falls exponentially in $d/m$, measured down to"
        f" $10^{{{least:.0f}}}$"
    )


def _caption(rows: list[Row]) -> str:
    found = findings(rows)
    m = min(row.m for row in rows)
    fits = [
        f"{one['slope']:.3g} ± {0.5 * (one['high'] - one['low']):.1g} ({one['of_prediction']:.3g})"
        for name, one in found["slopes"].items()
        if one is not None and name.startswith(f"m = {m},")
    ]
    above = found["interpolating"] - found["bias_sum_at_most_half"]
    return (
        f"{found['runs']} runs of {WIDTH} neurons, {found['interpolating']} interpolate (hollow:"
        f" not); {found['certified']} ends polished to certified KKT points, {found['optimal']} of"
        f" them proved globally optimal.  Slopes of $\\log L_{{cl}}$\nin $d/m$ from {FITTED[0]:g}"
        f" to {FITTED[1]:g} (prediction's), $m={m}$, $p$ increasing: {', '.join(fits)}.\n$N(0)>½$"
        f" in {above} of {found['interpolating']}; the proof's bound is vacuous in"
        f" {found['proof_vacuous']}, Lévy's in {found['levy_vacuous']} (below 1e-308: not drawn). "
        " All hypotheses of Theorem 4.1 hold in"
        f" {sum(row.hypotheses_fail + row.hypotheses_undecided == 0 for row in rows)} runs.\nClean"
        f" errors by line sampling to {ends.PRECISION:.0%}; flow until every margin is"
        f" {ends.MARGIN:g}; {found['core_seconds'] / 60.0:.0f} minutes of runs on a busy machine."
    )
