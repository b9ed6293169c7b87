"""The figure of `benchmarks.nearest_neighbour_law`: how far KKT points are from the nearest
neighbour, found and proved, by sample size; and how many gaps they decide differently.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks import style
from benchmarks.columns import grouped, where
from benchmarks.nearest_neighbour_law import DESIGNS, GAPS, Row, decay, findings, uniform
from benchmarks.style import ACCENT
from univariate import draw_sample, kkt_clean_error_bounds, kkt_clean_error_deviation
from univariate.common.figure_style import POSITIVE

TITLE = "Every KKT point decides like its nearest neighbour, but in a few gaps"
LEVEL = 0.1  # noise of the proved curves
SIZES = np.unique(np.logspace(1, 6, 21).astype(int))
MARKS = dict(zip(GAPS, "osD^v", strict=True))
SEEN = 1e-7  # the lower end of the left axis


def draw(rows: list[Row]) -> Figure:
    """Return both panels."""
    margins = {"left": 0.03, "right": 0.985, "top": 0.86, "bottom": 0.2}
    with style.page((9.6, 4.6), TITLE, _caption(rows), heights=(0.93, 0.025), **margins) as figure:
        figure.subplots_adjust(left=0.08, wspace=0.22)
        left, right = figure.subplots(1, 2, width_ratios=(1.35, 1.0))
        _distances(left, rows)
        _counts(right, rows)
    return figure


def _distances(axes: Axes, rows: list[Row]) -> None:
    on_samples = [row for row in rows if row.gaps in GAPS]
    for gaps, group in grouped(on_samples, "gaps").items():
        sizes = grouped(group, "m")
        largest = [max(row.difference for row in found) for found in sizes.values()]
        look: dict[str, Any] = {"ms": 4.5, "mfc": "none", "color": ACCENT}
        axes.plot(list(sizes), largest, MARKS[gaps], label=f"largest found, {gaps} gaps", **look)
    _fitted(axes, rows)
    samples = [draw_sample(int(m), LEVEL, rng=1) for m in SIZES]
    proved = [kkt_clean_error_bounds(sample) for sample in samples]
    reach = [0.5 * (one.high - one.low) for one in proved]
    axes.plot(SIZES, reach, "-", color=POSITIVE, label="proved, all KKT points of a sample")
    promised = [kkt_clean_error_deviation(int(m), LEVEL) for m in SIZES]
    axes.plot(SIZES, promised, "--", color="0.3", label="proved, at 95 % of samples, from $p$")
    axes.axhline(LEVEL**0.5 - LEVEL, color="0.6", lw=0.9, ls=":")
    axes.annotate(
        r"$\sqrt{p} - p$",
        (SIZES[-1], LEVEL**0.5 - LEVEL),
        (0, 3),
        textcoords="offset points",
        ha="right",
        color="0.4",
    )
    axes.set(xscale="log", yscale="log", ylim=(SEEN, 1.5))
    axes.set(xlabel="sample size $m$", ylabel=r"distance of $L_{cl}$")
    axes.legend(fontsize=6.8, loc="lower left", labelspacing=0.25)


def _fitted(axes: Axes, rows: list[Row]) -> None:
    """Draw the means that the decay is fitted to, and the fit at the noise of the curves."""
    fit = decay(rows)
    if not np.isfinite(fit.size):
        return
    used = where(uniform(rows), p=LEVEL)
    sizes = grouped(used, "m")
    means = [
        np.average([row.mean_difference for row in group], weights=[row.points for row in group])
        for group in sizes.values()
    ]
    axes.plot(
        list(sizes), means, "o", ms=4.5, color="0.1", label="mean found, uniform gaps, $p = 0.1$"
    )
    shown = np.array([min(sizes, default=12), max(sizes, default=12)], dtype=np.float64)
    line = fit.scale * shown**fit.size * LEVEL**fit.noise
    words = f"fit, $m^{{{fit.size:.2f}}} p^{{{fit.noise:.2f}}}$"
    axes.plot(shown, line, "-", lw=1.0, color="0.1", label=words)


def _counts(axes: Axes, rows: list[Row]) -> None:
    sizes = grouped(rows, "m")
    places = np.arange(len(sizes))
    designs = {m: [row for row in group if row.kind in DESIGNS] for m, group in sizes.items()}
    others = {m: [row for row in group if row.kind not in DESIGNS] for m, group in sizes.items()}
    for groups, name, colour, width, words in (
        (sizes, "admitted", "0.88", 0.8, "links that samples admit, at most"),
        (designs, "links", POSITIVE, 0.55, "links by design, at most"),
        (others, "links", ACCENT, 0.55, "links found otherwise, at most"),
    ):
        most = [max((getattr(row, name) for row in group), default=0) for group in groups.values()]
        axes.bar(places, most, width, color=colour, label=words)
    deviating = [max(row.deviating for row in group) for group in sizes.values()]
    axes.plot(places, deviating, "o", color="0.1", ms=5.0, label="deviating gaps found, at most")
    axes.set_xticks(places, [str(m) for m in sizes], fontsize=7)
    axes.set(xlabel="sample size $m$", ylabel="number")
    axes.legend(fontsize=7.5, loc="upper left")
    axes.set_ylim(0, 1.45 * max(1, *(row.admitted for row in rows)))


def _caption(rows: list[Row]) -> str:
    found = findings(rows)["all"]
    return (
        f"{found['points']:,} certified KKT points: {found['fails']} exceptions,"
        f" {found['undecided']} undecided by rounding, {found['outside']} outside the interval of"
        f" their sample.\nLines: $p$ = {LEVEL:g}, uniform $x$; half the length of the interval, and"
        " $B$ with $|L_{cl} - p| \\leq B$."
    )
