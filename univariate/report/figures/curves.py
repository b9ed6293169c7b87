"""The strokes of a picture of N: graph or envelope, the set {N ≤ 0}, observations, gates, kinks."""

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba

from univariate.common.arrays import Vector
from univariate.common.figure_style import GREY, INK, LABELS, NEGATIVE, PALE
from univariate.error.curve import Spline
from univariate.error.geometry import margin_gates
from univariate.problem.network import Network, ReluNet
from univariate.problem.sample import Sample
from univariate.report.figures.visible import (
    Domain,
    Envelope,
    bars,
    coverage,
    envelope,
    graph,
    knots_inside,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DARKER: Final = "#a8a8a8"  # than PALE

COLUMNS: Final = 1400
"""Pixel columns of a figure at paper width and 220 dots per inch, less margins."""

NET: Final = "graph of a net"
"""The group id of graphs."""

FEW: Final = 60
"""Up to this many observations are drawn as discs and squares, more as ticks."""


def draw_error_set(ax: "Axes", intervals: Vector, domain: Domain) -> None:
    """Tint where N ≤ 0; where that is finer than a pixel column, by the column's share of it."""
    # many strips in one pixel column are drawn as one, by their share of it
    few = len(intervals) <= COLUMNS // 4
    edges = np.linspace(*domain, COLUMNS + 1)
    strips = intervals if few else np.column_stack([edges[:-1], edges[1:]])
    colours = np.tile(to_rgba(NEGATIVE, 0.25), (len(strips), 1))
    if not few:
        colours[:, 3] = np.minimum(1.0, 1.5 * coverage(intervals, domain, COLUMNS))
    ax.broken_barh(
        bars(strips),
        (0.0, 1.0),
        transform=ax.get_xaxis_transform(),
        facecolors=colours,
        linewidth=0.0,
        antialiased=few,
        zorder=0.5,
        rasterized=True,
    )


def draw_graph(
    ax: "Axes",
    curve: Spline,
    domain: Domain,
    width: float | None = None,
    *,
    name: str = "$N$",
    colour: str = INK,
) -> tuple[float, float]:
    """Draw N, or its envelope where kinks are too many to be seen apart; return its range."""
    inside = _kinks_inside(curve, domain)
    if inside > COLUMNS // 3:
        return _draw_envelope(ax, envelope(curve, domain, COLUMNS // 2))
    x, y = graph(curve, domain)
    if width is None:
        width = 1.1 if inside < FEW else 0.6
    ax.plot(x, y, color=colour, linewidth=width, zorder=3, label=name, gid=NET)
    return float(y.min()), float(y.max())


def _draw_envelope(ax: "Axes", seen: Envelope) -> tuple[float, float]:
    centres = 0.5 * (seen.edges[:-1] + seen.edges[1:])
    low, middle, high = seen.quantiles
    bands = (
        (seen.low, seen.high, PALE, "range of $N$ in a column"),
        (low, high, DARKER, "middle 80 % of its values"),
    )
    for order, (bottom, top, colour, name) in enumerate(bands, 1):
        ax.fill_between(
            centres,
            bottom,
            top,
            color=colour,
            linewidth=0.0,
            zorder=order,
            label=name,
            rasterized=True,
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
    few = sample.size <= FEW
    size = 3.2
    if not few:
        size = 5.0 if sample.size <= COLUMNS else 2.0
    for label, colour, shape in LABELS:
        x = sample.x[(sample.y == label) & (sample.x >= domain[0]) & (sample.x <= domain[1])]
        if not few:
            # one tick a pixel column looks the same, and a figure of 10⁶ stays small
            column = np.floor((x - domain[0]) / (domain[1] - domain[0]) * COLUMNS)
            x = x[np.unique(column, return_index=True)[1]]
        ax.plot(
            x,
            np.full(len(x), label),
            ls="",
            marker=shape if few else "|",
            ms=size,
            mew=0.7,
            color=colour,
            zorder=6,
            clip_on=False,
            rasterized=not few,
        )


def draw_gates(ax: "Axes", sample: Sample, height: float) -> None:
    """Draw the sides of the observations that a net of margin 1 must not pass."""
    gates = [np.asarray(gate.coords) for gate in margin_gates(sample, height).geoms]
    ax.add_collection(
        LineCollection(gates, colors=GREY, linewidths=2.2, alpha=0.35, capstyle="butt", zorder=1)
    )


def draw_kinks(ax: "Axes", net: Network, curve: Spline, domain: Domain) -> int:
    """Mark the kinks in `domain`, filled where convex, open where concave; return their number.

    Those of shallow nets are arrows into the active side, others diamonds.
    """
    if isinstance(net, ReluNet):
        live = net.v != 0.0
        at = net.kinks[live]
        convex = net.v[live] > 0.0
        marks = np.where(net.w[live] > 0.0, ">", "<")
    else:
        bends = np.diff(curve.slopes)
        at = curve.knots[bends != 0.0]
        convex = bends[bends != 0.0] > 0.0
        marks = np.full(len(at), "D")
    inside = (at > domain[0]) & (at < domain[1])
    for mark in (">", "<", "D"):
        for bent, fill in ((True, INK), (False, "white")):
            t = at[inside & (marks == mark) & (convex == bent)]
            ax.plot(
                t,
                curve(t),
                ls="",
                marker=mark,
                mfc=fill,
                mec=INK,
                mew=0.6,
                ms=4.0 if inside.sum() > 30 else 7.0,
                zorder=5,
            )
    return int(inside.sum())


def _kinks_inside(curve: Spline, domain: Domain) -> int:
    return int(np.sum(knots_inside(curve, domain)))
