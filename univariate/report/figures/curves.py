"""The strokes of a picture of N: its graph or envelope, the set {N ≤ 0}, observations, gates,
kinks.
"""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from numpy.typing import NDArray

from univariate.error.geometry import margin_gates
from univariate.error.spline import Spline
from univariate.problem.network import Network, ReluNet
from univariate.problem.sample import Sample
from univariate.report.figures.axes import GREY, INK, NEGATIVE, PALE, POSITIVE
from univariate.report.figures.visible import coverage, envelope, graph

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Domain = tuple[float, float]

COLUMNS: Final = 1400
"""Pixel columns of a figure at paper width and 220 dots per inch, less margins."""

FEW: Final = 60
"""Up to this many observations are drawn as discs and squares, more as ticks."""


def draw_error_set(ax: "Axes", intervals: NDArray[np.float64], domain: Domain) -> None:
    """Tint where N ≤ 0; where that is finer than a pixel column, as strongly as the column's
    share.
    """
    if len(intervals) <= COLUMNS // 4:
        strips, colours = intervals, to_rgba(NEGATIVE, 0.25)
        widths = intervals[:, 1] - intervals[:, 0]
    else:
        shares = coverage(intervals, domain, COLUMNS)
        edges = np.linspace(*domain, COLUMNS + 1)
        strips, widths = edges[:-1, None], np.diff(edges)
        colours = np.tile(to_rgba(NEGATIVE), (COLUMNS, 1))  # type: ignore[assignment]
        colours[:, 3] = np.minimum(1.0, 1.5 * shares)  # type: ignore[index]
    ranges = np.column_stack([strips[:, 0], widths])
    ax.broken_barh(
        ranges.tolist(),
        (0.0, 1.0),
        transform=ax.get_xaxis_transform(),
        facecolors=colours,
        linewidth=0.0,
        antialiased=len(intervals) <= COLUMNS // 4,
        zorder=0.5,
        rasterized=True,
    )


def draw_graph(
    ax: "Axes", curve: Spline, domain: Domain, width: float | None = None
) -> tuple[float, float]:
    """Draw N: its graph, or its envelope where kinks are too many to be seen apart.

    Returns the range of N.
    """
    inside = _kinks_inside(curve, domain)
    if inside <= COLUMNS // 3:
        x, y = graph(curve, domain)
        width = (1.1 if inside < FEW else 0.6) if width is None else width
        ax.plot(x, y, color=INK, linewidth=width, zorder=3, label="$N$")
        return float(y.min()), float(y.max())
    seen = envelope(curve, domain, COLUMNS // 2)
    centres = 0.5 * (seen.edges[:-1] + seen.edges[1:])
    strokes: dict[str, Any] = {"linewidth": 0.0, "rasterized": True}
    ax.fill_between(
        centres,
        seen.low,
        seen.high,
        color=PALE,
        zorder=1,
        label="range of $N$ in a column",
        **strokes,
    )
    low, middle, high = seen.quantiles
    ax.fill_between(
        centres, low, high, color="#a8a8a8", zorder=2, label="middle 80 % of its values", **strokes
    )
    ax.plot(centres, middle, color=INK, linewidth=0.5, zorder=3, label="median", rasterized=True)
    return float(seen.low.min()), float(seen.high.max())


def draw_other(ax: "Axes", curve: Spline, domain: Domain, name: str, colour: str) -> None:
    """Draw another net as a broken line, unless its kinks are too many."""
    if _kinks_inside(curve, domain) <= COLUMNS // 3:
        x, y = graph(curve, domain)
        ax.plot(x, y, color=colour, linewidth=1.0, dashes=(4, 2), zorder=3.5, label=name)


def draw_sample(ax: "Axes", sample: Sample, domain: Domain) -> None:
    """Draw the observations at ±1, at most one per label and pixel column."""
    for label, colour, shape in ((1.0, POSITIVE, "o"), (-1.0, NEGATIVE, "s")):
        x = sample.x[(sample.y == label) & (sample.x >= domain[0]) & (sample.x <= domain[1])]
        if sample.size > FEW:
            column = np.floor((x - domain[0]) / (domain[1] - domain[0]) * COLUMNS)
            x = x[np.unique(column, return_index=True)[1]]
        marker = shape if sample.size <= FEW else "|"
        size = 3.2 if sample.size <= FEW else 5.0 if sample.size <= COLUMNS else 2.0
        style: dict[str, Any] = {"ms": size, "mew": 0.7, "rasterized": sample.size > FEW}
        ax.plot(
            x,
            np.full(len(x), label),
            ls="",
            marker=marker,
            color=colour,
            zorder=6,
            clip_on=False,
            **style,
        )


def draw_gates(ax: "Axes", sample: Sample, height: float) -> None:
    """Draw the sides of the observations that a net of margin 1 must not pass."""
    gates = [np.asarray(gate.coords) for gate in margin_gates(sample, height).geoms]
    ax.add_collection(
        LineCollection(gates, colors=GREY, linewidths=2.2, alpha=0.35, capstyle="butt", zorder=1)
    )


def draw_kinks(ax: "Axes", net: Network, curve: Spline, domain: Domain) -> int:
    """Mark the kinks in `domain`: arrows into the active side, filled where convex, open where
    concave.
    """
    if isinstance(net, ReluNet):
        live = net.v != 0.0
        at, convex, right = net.kinks[live], net.v[live] > 0.0, net.w[live] > 0.0
    else:
        bends = np.diff(curve.slopes)
        at, convex, right = curve.knots[bends != 0.0], bends[bends != 0.0] > 0.0, None
    inside = (at > domain[0]) & (at < domain[1])
    sides = ((True, ">"), (False, "<")) if right is not None else ((True, "D"),)
    for side, marker in sides:
        facing = inside if right is None else inside & (right == side)
        for bent, fill in ((True, INK), (False, "white")):
            t = at[facing & (convex == bent)]
            style: dict[str, Any] = {
                "mfc": fill,
                "mec": INK,
                "mew": 0.6,
                "ms": 4.0 if inside.sum() > 30 else 7.0,
            }
            ax.plot(t, curve(t), ls="", marker=marker, zorder=5, **style)
    return int(inside.sum())


def _kinks_inside(curve: Spline, domain: Domain) -> int:
    return int(np.sum((curve.knots > domain[0]) & (curve.knots < domain[1])))
