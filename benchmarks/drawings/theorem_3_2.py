"""The figure of `benchmarks.theorem_3_2`: L_cl against p, and its distance from p against m."""

from math import sqrt
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import chi2

from benchmarks import style, theorem_3_1
from benchmarks.columns import grouped
from benchmarks.style import ACCENT, GREY
from benchmarks.theorem_3_2 import (
    Row,
    deviations,
    findings,
    root_mean_square,
    trained,
    variance_factor,
)
from univariate.common.figure_style import PURPLE


def draw(rows: list[Row], ends: list[theorem_3_1.Row] | None = None) -> Figure:
    """Left: L_cl against p for every m, with the paper's explicit bounds.

    Right: its deviation from p against m. `ends` are trained nets, crosses on the right; those of
    the committed table if not given.
    """
    ends = trained() if ends is None else ends
    margins = {"left": 0.062, "right": 0.985, "top": 0.87, "bottom": 0.28, "wspace": 0.38}
    with style.page(
        (10.4, 5.3), TITLE, _caption(rows, ends), heights=(0.945, 0.025), **margins
    ) as figure:
        left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1.12, 1.0]})
        _draw_law(left, rows)
        _draw_deviation(right, rows, ends)
    return figure


TITLE = (
    "In one dimension the clean error of the max-margin network is the noise level: E $L_{cl}$ ="
    " $p$, exactly"
)


def _draw_law(axes: Axes, rows: list[Row]) -> None:
    p = np.linspace(0.0, 0.5, 201)
    lower = 0.5 * p * (1.0 - p) ** 2
    upper = 1.0 - (1.0 - p) ** 2
    axes.fill_between(p, lower, upper, color="0.955", lw=0)
    axes.plot(p, lower, color="0.55", lw=1.0, ls=(0, (5, 3)))
    axes.plot(p, upper, color="0.55", lw=1.0, ls=(0, (5, 3)))
    axes.text(0.30, 0.565, "$1-(1-p)^2$", color=GREY, ha="right")
    axes.text(0.33, 0.028, r"$\frac{1}{2}\,p\,(1-p)^2$", color=GREY, ha="left", va="center")
    sizes = grouped(rows, "m")
    ends = {}
    shades = style.shades(sizes, "YlGnBu", 0.42, 0.98)
    for m, group in sizes.items():
        colour = shades[m]
        levels = grouped(group, "p")
        errors = [np.array([row.clean_error for row in cell]) for cell in levels.values()]
        spread = np.array([np.quantile(error, (0.05, 0.95)) for error in errors]).T
        axes.fill_between(list(levels), *spread, color=colour, alpha=0.55, lw=0)
        means = [error.mean() for error in errors]
        axes.plot(list(levels), means, color=colour, lw=1.0, marker="o", ms=2.6)
        ends[m] = (colour, max(levels), float(spread[1, -1]))
    axes.plot(p, p, color=ACCENT, lw=1.0)
    pointer = {"arrowstyle": "-", "color": ACCENT, "lw": 0.8, "shrinkB": 0.0}
    label = r"$\mathrm{E}\,L_{cl}=p$"
    axes.annotate(
        label, (0.41, 0.41), (0.385, 0.2), color=ACCENT, ha="center", va="top", arrowprops=pointer
    )
    _label_sizes(axes, ends)
    axes.set(
        xlim=(0.0, 0.5),
        ylim=(0.0, 0.75),
        xlabel="noise level $p$",
        ylabel="clean error $L_{cl}$, exact",
    )
    axes.set_title("Mean and 5–95 % band over samples, for every $m$")


def _label_sizes(axes: Axes, ends: dict[int, tuple[Any, float, float]]) -> None:
    """Write m beside the upper edge of its band, with a leader; labels keep a distance of one
    line.
    """
    height = 0.0
    for m, (colour, p, edge) in sorted(ends.items(), reverse=True):
        height = max(edge, height + 0.045)
        leader = {"arrowstyle": "-", "color": colour, "lw": 1.6, "shrinkA": 2.0, "shrinkB": 0.0}
        axes.annotate(
            f"$m={_power(m)}$",
            (p, edge),
            (p + 0.035, height),
            va="center",
            annotation_clip=False,
            arrowprops=leader | {"relpos": (0, 0.5)},
        )


def _draw_deviation(axes: Axes, rows: list[Row], ends: list[theorem_3_1.Row]) -> None:
    sizes = grouped(rows, "m")
    jitter = np.random.default_rng(0)
    shades = style.shades(sizes, "YlGnBu", 0.42, 0.98)
    for m, group in sizes.items():
        off = np.abs(deviations(group))
        x = m * np.exp(jitter.uniform(-0.28, 0.28, len(off)))
        opacity = 0.35 if len(off) > 500 else 0.65
        axes.scatter(x, off, s=2.0, color=shades[m], alpha=opacity, lw=0)
        spread = root_mean_square(group)
        count = len(group)
        low, high = np.sqrt(count / chi2.ppf((0.975, 0.025), count)) * spread
        look: dict[str, Any] = {"fmt": "o", "ms": 5.5, "mec": "white", "mew": 0.7, "capsize": 2.5}
        axes.errorbar(m, spread, [[spread - low], [high - spread]], color="k", zorder=4, **look)
    _draw_trained(axes, ends)
    m = np.geomspace(min([*sizes, *(end.m for end in ends)]) / 1.8, max(sizes) * 1.8, 100)
    law = np.sqrt([variance_factor(size) for size in m])
    axes.plot(m, law, color=ACCENT, lw=1.2, zorder=3)
    axes.set(xscale="log", yscale="log", xlim=(m[0], m[-1]), xlabel="sample size $m$")
    axes.set_ylim(law[-1] / 60.0, law[0] * 5.0)
    axes.set_ylabel(r"$|L_{cl}-p|\,/\,\sqrt{p(1-p)}$")
    axes.set_title("Deviation from $p$, rms in black" + ("; purple: trained nets" if ends else ""))
    place: dict[str, Any] = {"transform": axes.transAxes, "ha": "right", "va": "top"}
    axes.text(0.97, 0.93, r"exact law $\sqrt{3/(2m)}$", color=ACCENT, **place)


def _draw_trained(axes: Axes, ends: list[theorem_3_1.Row]) -> None:
    """Crosses for trained nets, and their root mean square at every m."""
    jitter = np.random.default_rng(1)
    for m, group in grouped(ends, "m").items():
        off = np.abs(deviations(group))
        x = m * np.exp(jitter.uniform(-0.2, 0.2, len(off)))
        axes.scatter(x, off, s=9, marker="x", color=PURPLE, lw=0.6)
        spread = sqrt(float(np.mean(np.square(off))))
        axes.plot(m, spread, marker="D", ms=5.0, color=PURPLE, mec="white", mew=0.7, zorder=4)


def _caption(rows: list[Row], ends: list[theorem_3_1.Row]) -> str:
    found = findings(rows)
    m = max(row.m for row in rows)
    fit = found["by_size"][str(m)]
    law = found["exponent"]
    mean = found["mean_is_p"]
    slope = f"{fit['slope']:.4f} ± {fit['slope_error']:.4f}"
    intercept = f"({1e4 * fit['intercept']:.1f} ± {1e4 * fit['intercept_error']:.1f}) · 10$^{{-4}}$"
    power = f"$a$ = {law['value']:.3f} ± {law['error']:.3f}" if law else "to be fitted"
    text = (
        f"Least squares at $m={_power(m)}$: $L_{{cl}}$ has slope {slope} in $p$ and intercept"
        f" {intercept}.  Rms deviation ∝ $m^a$, {power} (bars: 95 % intervals).\nLargest distance"
        f" to the clean error of the 1-nearest-neighbour rule, over all {found['runs']:,} samples:"
        f" {_scientific(found['largest_difference'])}.\nMeans against $p$: $\\chi^2$ ="
        f" {mean['chi_squared']:.1f} on {mean['degrees']} pairs $(m, p)$, p-value"
        f" {mean['p_value']:.2f}.  Shaded: between the explicit bounds in the proof of Theorem 3.2."
    )
    if ends:
        optimal = sum(end.level == "global minimum" for end in ends)
        apart = max(abs(end.clean_error - end.nearest_neighbour) for end in ends)
        text += (
            f"\n{len(ends)} nets trained by gradient flow ($m \\leq {max(end.m for end in ends)}$,"
            f" purple) are certified minima, {optimal} of them global; all are within {apart:.2g}"
            " of the 1-nearest-neighbour rule."
        )
    return text.replace("-0.", "−0.").replace("(-", "(−")


def _power(m: int) -> str:
    digits = len(str(m)) - 1
    return f"10^{{{digits}}}" if m == 10**digits else f"{m}"


def _scientific(value: float) -> str:
    mantissa, _, power = f"{value:.1e}".partition("e")
    return f"{mantissa} · 10$^{{{int(power)}}}$"
