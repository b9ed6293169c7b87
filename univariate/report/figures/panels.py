"""Panels that need no net: margins, attribution, bounds on a line."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.figure_style import (
    AZURE,
    GREEN,
    INK,
    NEGATIVE,
    ORANGE,
    PALE,
    POSITIVE,
    PURPLE,
    SIZE,
    SKY,
    bent_ticks,
    dress,
    new_axes,
    note,
)
from univariate.common.tolerance import OPTIMALITY_GAP
from univariate.paper.theorems import Attribution
from univariate.problem.fitted import Margins
from univariate.report.contents import Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_OF_THEOREM = "pass theorem_3_2(net, sample).attribution"
_PATTERNS = {"++": "+1, +1", "+-": "+1, −1", "--": "−1, −1", "ends": "ends"}


def plot_margins(found: Margins, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the distribution of margins, and return the axes.

    Of a net that interpolates: the share of observations at the smallest margin (to a relative
    1e-9), and the logarithms of the others relative to it. Of any other net: all margins, those
    that are not positive in the colour of errors, on an axis scaled by arsinh.
    """
    check.instance("found", found, Margins, "pass margins(net, sample)")
    ax = ax or new_axes(3.0, 2.4)
    smallest = float(found.values.min())
    if smallest > 0.0:
        _draw_positive(ax, found.values / smallest)
        dress(ax, r"margin $y_i N(x_i)$ / smallest", "share of observations")
    else:
        _draw_signed(ax, found.values)
        dress(ax, r"margin $y_i N(x_i)$, arsinh scale", "share of observations")
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100.0 * share:.3g} %"))
    return ax


def _draw_positive(ax: "Axes", ratios: Vector) -> None:
    # support points are one bar of their own, left of the histogram
    at_margin = ratios <= 1.0 + OPTIMALITY_GAP
    top = max(float(np.log10(ratios.max())), 0.5)
    edges = np.linspace(0.0, top, 31)
    counts = np.histogram(np.log10(ratios[~at_margin]), edges)[0] / len(ratios)
    _draw_histogram(ax, edges, counts, PALE)
    share = float(at_margin.mean())
    width = 1.6 * edges[1]
    ax.bar(-0.6 * width, share, width, color=POSITIVE)
    note(ax, f"{100.0 * share:.3g} % at the smallest", POSITIVE)
    step = max(1, round(top / 4.0))
    ticks = list(range(0, int(top) + 1, step))
    ax.set_xticks(ticks, ["1" if tick == 0 else f"$10^{{{tick}}}$" for tick in ticks])


def _draw_signed(ax: "Axes", values: Vector) -> None:
    # linear up to the typical margin, logarithmic beyond
    sizes = np.abs(values)
    typical = float(np.median(sizes)) or float(
        np.median(sizes[sizes > 0.0] if sizes.any() else 1.0)
    )
    scale = max(typical, 1e-150)  # axes of length 1 then have room, too
    # 0 is an error, and belongs to the bar on the left of 0
    bent = np.where(values == 0.0, -1e-300, np.arcsinh(values / scale))
    step = max(float(bent.max() - bent.min()), 0.5) / 32.0
    # one border lies on 0
    bins = np.arange(np.floor(bent.min() / step), np.floor(bent.max() / step) + 2.0)
    counts = np.histogram(bent, step * bins)[0] / len(values)
    edges = scale * np.sinh(step * bins)
    _draw_histogram(ax, edges, counts, [NEGATIVE if end <= 0.0 else PALE for end in edges[1:]])
    ax.set_xscale("asinh", linear_width=scale)
    bent_ticks(ax.xaxis, float(edges[0]), float(edges[-1]), scale)
    wrong = int(np.sum(values <= 0.0))
    note(ax, f"{wrong} of {len(values)} on the wrong side", NEGATIVE)
    ax.axvline(0.0, color=INK, linewidth=0.6)


def _draw_histogram(ax: "Axes", edges: Vector, counts: Vector, colours: str | list[str]) -> None:
    ax.bar(
        edges[:-1],
        counts,
        np.diff(edges),
        align="edge",
        color=colours,
        edgecolor="white",
        linewidth=0.3,
    )


def plot_attribution(attribution: Sequence[Attribution], *, ax: "Axes | None" = None) -> "Axes":
    """Draw where the errors are, by the labels around each gap, and return the axes.

    Takes the `attribution` of a `TheoremReport`.
    """
    attribution = check.instances("attribution", attribution, Attribution, _OF_THEOREM)
    ax = ax or new_axes(3.4, 1.8)
    places = np.arange(len(attribution))[::-1]
    masses = [part.mass for part in attribution]
    errors = [part.error for part in attribution]
    ax.barh(places, masses, 0.62, color=PALE, label="mass of the gaps")
    ax.barh(places, errors, 0.62, color=NEGATIVE, label="errors in them")
    for place, part in zip(places, attribution, strict=True):
        _write(ax, part.mass, place, f" {part.error:.3g} of {part.mass:.3g}")
    ax.set_xlim(0.0, 1.32 * max(*masses, 1e-300))
    dress(ax, "mass of the gaps (grey), of the errors in them")
    ax.set_yticks(places, [_PATTERNS[part.pattern] for part in attribution])
    ax.xaxis.set_major_locator(MaxNLocator(5))
    return ax


def plot_bounds(report: Report, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the exact clean error beside p, the 1-NN rule and the bounds; return the axes.

    Bars reach from the lower to the upper bound of Theorem 3.2, given the labels (realised) and
    averaged over them (expected), which are about f* ≡ +1 and left out under another truth; the
    last one is proved for every KKT point of the sample.
    """
    check.instance("report", report, Report, "pass what build_report(sample) returns")
    ax = ax or new_axes(3.4, 1.8)
    lower, upper = report.theorem_3_2.bounds
    value = report.clean_error.value
    every = report.kkt_points
    rows = [
        ("3.2, expected", lower.expected, upper.expected, PALE),
        ("3.2, realised", lower.realised, upper.realised, SKY),
    ]
    if not report.population.truth.is_positive:
        rows.clear()
    rows.append(("all KKT points", every.low, every.high, AZURE))
    for row, (_, low, high, colour) in enumerate(rows):
        ax.barh(row, high - low, 0.4, left=low, color=colour)
        _write(ax, max(low, high), row, f"  {low:.3g} to {high:.3g}")
    points = [
        ("noise $p$" if report.p_given else r"noise $\hat p$", report.p, GREEN, "D"),
        ("1-NN rule", report.nearest_neighbour.value, ORANGE, "s"),
        ("this net", value, NEGATIVE, "o"),
    ]
    if report.trained is not None:
        points.append(("trained net", report.trained.clean_error.value, PURPLE, "^"))
    for row, (_, number, colour, marker) in enumerate(points, len(rows)):
        _draw_point(ax, number, row, colour, marker)
    ax.axvline(value, color=NEGATIVE, linewidth=0.6, zorder=0)
    largest = max(*(high for *_, high, _ in rows), *(number for _, number, *_ in points))
    ax.set_xlim(0.0, 1.7 * largest or 1.0)
    ax.set_ylim(-0.6, len(rows) + len(points) - 0.3)
    dress(ax, "probability")
    names = [name for name, *_ in (*rows, *points)]
    ax.set_yticks(range(len(names)), names)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    return ax


def _write(ax: "Axes", x: float, row: float, text: str) -> None:
    ax.text(x, row, text, va="center", fontsize=SIZE - 0.5, color=INK)


def _draw_point(ax: "Axes", number: float, row: int, colour: str, marker: str) -> None:
    ax.plot([number], [row], ls="", marker=marker, ms=4.5, color=colour, clip_on=False)
    ax.annotate(
        f"{number:.5g}",
        (number, row),
        (6, 0),
        textcoords="offset points",
        va="center",
        fontsize=SIZE - 0.5,
        color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
    )
