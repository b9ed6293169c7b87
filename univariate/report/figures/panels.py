"""Panels that need no net: margins, attribution, bounds on a line."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from univariate.common.tolerance import OPTIMALITY_GAP
from univariate.paper.theorems import Attribution
from univariate.problem.fitted import Margins
from univariate.report.figures.axes import (
    GREEN,
    INK,
    NEGATIVE,
    ORANGE,
    PALE,
    POSITIVE,
    PURPLE,
    SIZE,
    SKY,
    dress,
    new_axes,
    note,
    powers,
    signed,
)
from univariate.report.report import Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PATTERNS = {"++": "+1, +1", "+-": "+1, −1", "--": "−1, −1", "ends": "ends"}


def plot_margins(found: Margins, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the distribution of margins, and return the axes.

    Of a net that interpolates: the share of observations at the smallest margin (to a relative
    1e-9), and the logarithms of the others relative to it. Of any other net: all margins, those
    that are not positive in the colour of errors, on an axis scaled by arsinh.
    """
    ax = new_axes(3.0, 2.4) if ax is None else ax
    smallest = float(found.values.min())
    if smallest > 0.0:
        _draw_positive(ax, found.values / smallest)
        dress(ax, "", r"margin $y_i N(x_i)$ / smallest", "share of observations")
    else:
        _draw_signed(ax, found.values)
        dress(ax, "", r"margin $y_i N(x_i)$", "share of observations")
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100.0 * share:.3g} %"))
    return ax


def _draw_positive(ax: "Axes", ratios: Any) -> None:
    at_margin = ratios <= 1.0 + OPTIMALITY_GAP
    top = max(float(np.log10(ratios.max())), 0.5)
    edges = np.linspace(0.0, top, 31)
    counts = np.histogram(np.log10(ratios[~at_margin]), edges)[0] / len(ratios)
    ax.bar(
        edges[:-1],
        counts,
        np.diff(edges),
        align="edge",
        color=PALE,
        edgecolor="white",
        linewidth=0.3,
    )
    share, width = float(at_margin.mean()), 1.6 * edges[1]
    ax.bar(-0.6 * width, share, width, color=POSITIVE)
    note(ax, f"{100.0 * share:.3g} % at the smallest", POSITIVE)
    step = max(1, round(top / 4.0))
    ticks = list(range(0, int(top) + 1, step))
    ax.set_xticks(ticks, ["1" if tick == 0 else f"$10^{{{tick}}}$" for tick in ticks])


def _draw_signed(ax: "Axes", values: Any) -> None:
    scale = max(float(np.median(np.abs(values))), 1e-300)
    bent = np.arcsinh(values / scale)
    step = max(float(bent.max() - bent.min()), 0.5) / 32.0
    # one border lies on 0
    bins = np.arange(np.floor(bent.min() / step), np.floor(bent.max() / step) + 2.0)
    counts = np.histogram(bent, step * bins)[0] / len(values)
    edges = scale * np.sinh(step * bins)
    colours = [NEGATIVE if end <= 0.0 else PALE for end in edges[1:]]
    ax.bar(
        edges[:-1],
        counts,
        np.diff(edges),
        align="edge",
        color=colours,
        edgecolor="white",
        linewidth=0.3,
    )
    ax.set_xscale("asinh", linear_width=scale)
    ax.xaxis.set_major_locator(
        FixedLocator(powers(edges[0], edges[-1], int(np.ceil(np.log10(scale)))))
    )
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value)))
    wrong = int(np.sum(values <= 0.0))
    note(ax, f"{wrong} of {len(values)} on the wrong side", NEGATIVE)
    ax.axvline(0.0, color=INK, linewidth=0.6)


def plot_attribution(attribution: Sequence[Attribution], *, ax: "Axes | None" = None) -> "Axes":
    """Draw where the errors are: the mass of the gaps between labels of each pattern, and the
    errors in them.

    Takes the `attribution` of a `TheoremReport`; returns the axes.
    """
    ax = new_axes(3.4, 1.8) if ax is None else ax
    places = np.arange(len(attribution))[::-1]
    masses, errors = [part.mass for part in attribution], [part.error for part in attribution]
    ax.barh(places, masses, 0.62, color=PALE, label="mass of the gaps")
    ax.barh(places, errors, 0.62, color=NEGATIVE, label="errors in them")
    for place, part in zip(places, attribution, strict=True):
        ax.text(
            part.mass,
            place,
            f" {part.error:.3g} of {part.mass:.3g}",
            va="center",
            fontsize=SIZE - 0.5,
            color=INK,
        )
    ax.set_xlim(0.0, 1.32 * max(*masses, 1e-300))
    dress(ax, "", "mass of the gaps (grey), of the errors in them", "")
    ax.set_yticks(places, [_PATTERNS.get(part.pattern, part.pattern) for part in attribution])
    ax.xaxis.set_major_locator(MaxNLocator(5))
    return ax


def plot_bounds(report: Report, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the exact clean error on a line with p, the 1-NN rule and the bounds of Theorem 3.2;
    return the axes.

    Bars reach from the lower to the upper bound, given the labels (realised) and averaged over them
    (expected).
    """
    ax = new_axes(3.4, 1.8) if ax is None else ax
    lower, upper = report.theorem_3_2.bounds
    value, nearest = report.clean_error.value, report.nearest_neighbour.value
    rows = ((lower.expected, upper.expected, PALE), (lower.realised, upper.realised, SKY))
    for row, (low, high, colour) in enumerate(rows):
        ax.barh(row, high - low, 0.4, left=low, color=colour)
        ax.text(
            max(low, high),
            row,
            f"  {low:.3g} to {high:.3g}",
            va="center",
            fontsize=SIZE - 0.5,
            color=INK,
        )
    points = [
        ("noise $p$", report.p, GREEN, "D"),
        ("1-NN rule", nearest, ORANGE, "s"),
        ("this net", value, NEGATIVE, "o"),
    ]
    if report.trained is not None:
        points.append(("trained net", report.trained.clean_error.value, PURPLE, "^"))
    for row, (_, number, colour, marker) in enumerate(points, 2):
        ax.plot([number], [row], ls="", marker=marker, ms=4.5, color=colour, clip_on=False)
        place: dict[str, Any] = {"xytext": (6, 0), "textcoords": "offset points", "va": "center"}
        place["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
        ax.annotate(f"{number:.5g}", (number, row), fontsize=SIZE - 0.5, color=INK, **place)
    ax.axvline(value, color=NEGATIVE, linewidth=0.6, zorder=0)
    largest = max(upper.expected, upper.realised, *(number for _, number, *_ in points))
    ax.set_xlim(0.0, 1.7 * largest or 1.0)
    ax.set_ylim(-0.6, 1.7 + len(points))
    dress(ax, "", "probability", "")
    names = ["bounds, expected", "bounds, realised", *(name for name, *_ in points)]
    ax.set_yticks(range(len(names)), names)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    return ax
