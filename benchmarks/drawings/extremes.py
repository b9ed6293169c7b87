"""The figure of `benchmarks.extremes`: extremes of L_cl against p and m."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks import style
from benchmarks.columns import grouped
from benchmarks.extremes import LARGE, LEVELS, Row, findings, mean
from univariate.common.figure_style import GREEN, POSITIVE

TITLE = "Certified KKT points of every kind have clean errors near p, not p⁵ or √p"


def draw(rows: list[Row]) -> Figure:
    """Left: the extremes of L_cl against p. Right: their distance from the optimum, against m."""
    margins = {"left": 0.068, "right": 0.985, "top": 0.875, "bottom": 0.265, "wspace": 0.24}
    with style.page(
        (10.4, 5.5), TITLE, _caption(rows), heights=(0.948, 0.022), **margins
    ) as figure:
        left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1.2, 1.0]})
        _draw_extremes(left, [row for row in rows if row.m >= LARGE] or rows)
        _draw_distances(right, rows)
    return figure


Extreme = tuple[str, str, Callable[[Row], float | None], Callable[[Row], float | None]]
EXTREMES: tuple[Extreme, ...] = (  # colour, name, over KKT points, over local minima
    (POSITIVE, "largest", lambda row: row.largest, lambda row: row.largest_local),
    (GREEN, "smallest", lambda row: row.smallest, lambda row: row.smallest_local),
)


def _draw_extremes(axes: Axes, rows: list[Row]) -> None:
    style.draw_powers(axes, 0.08)
    jitter = np.random.default_rng(0)
    groups = grouped(rows, "p")
    levels = list(groups)
    for colour, name, all_points, minima in EXTREMES:
        seen = [row for row in rows if all_points(row)]
        x = [row.p for row in seen] * np.exp(jitter.uniform(-0.06, 0.06, len(seen)))
        axes.scatter(x, [all_points(row) for row in seen], s=7, color=colour, alpha=0.3, lw=0)
        for value, line, kind_ in ((all_points, "-", "KKT points"), (minima, ":", "local minima")):
            means = [mean([value(row) for row in group]) for group in groups.values()]
            axes.plot(levels, means, color=colour, ls=line, lw=1.6, label=f"{name}, {kind_}")
    best = [mean([row.optimum for row in group]) for group in groups.values()]
    look: dict[str, Any] = {"color": "0.1", "marker": "o", "ms": 4.0, "lw": 0.0}
    axes.plot(levels, best, label="max-margin net, 1-NN rule", **look)
    axes.set(xlim=(0.08, 0.6), ylim=(2e-3, 1.0))
    style.ticks(axes, LEVELS)
    axes.legend(loc="lower left", fontsize=8.8)
    axes.set_title(
        f"Every sample, and means; $m={min(row.m for row in rows)}$ to {max(row.m for row in rows)}"
    )


def _draw_distances(axes: Axes, rows: list[Row]) -> None:
    groups = grouped([row for row in rows if row.points], "m")
    jitter = np.random.default_rng(0)
    for colour, _, all_points, minima in EXTREMES:
        for at, group in enumerate(groups.values()):
            x = at + jitter.uniform(-0.2, 0.2, len(group))
            y = _above([all_points(row) for row in group], group)
            axes.scatter(x, y, s=7, color=colour, alpha=0.3, lw=0)
        for value, line in ((all_points, "-"), (minima, ":")):
            means = [
                mean(_above([value(row) for row in group], group)) for group in groups.values()
            ]
            axes.plot(range(len(means)), means, color=colour, ls=line, lw=1.6)
    axes.axhline(0.0, color="0.1", lw=0.8)
    axes.set_xticks(range(len(groups)), [str(m) for m in groups])
    axes.set(xlabel="sample size $m$", ylabel="$L_{cl}$ less that of the max-margin net")
    axes.set_title("Less the optimum, all $p$; colours and lines as there")


def _above(values: list[float | None], rows: list[Row]) -> list[float]:
    """Return values less those of the optima; NaN for none."""
    return [
        np.nan if value is None else value - row.optimum
        for value, row in zip(values, rows, strict=True)
    ]


def _caption(rows: list[Row]) -> str:
    found = findings(rows)
    shares = " to ".join(f"{share:.2f}" for share in found["mean_over_p"])
    return (
        f"{found['points']:,} certified KKT points on {found['samples']} samples:"
        f" {found['local_minima']:,} local minima that are not global, {found['global_minima']}"
        f" global ones, {found['kkt_only']} that are no minima and go further on {found['wider']}"
        f" samples.\nMeans over samples (labels of both kinds, m ≥ {LARGE}): {shares} p. "
        f" ‖θ‖²/‖θ*‖² up to {found['largest_norm_ratio']:.1f}.  Local minima:"
        f" {found['violates_a4']} violate Proposition A.4,\n{found['violates_a4_mirrored']} its"
        f" mirror image, {found['violates_a5']} A.5; {found['below_3_2']} lie below and"
        f" {found['above_3_2']} above the realised bounds of Theorem 3.2.  All points:"
        f" {found['violates_a2']} violate Lemma A.2,\n{found['violates_a3']} Corollary A.3,"
        f" {found['below_3_1']} the realised bound of Theorem 3.1."
    )
