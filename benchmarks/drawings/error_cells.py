"""The figure of `benchmarks.error_cells`: parts of the clean error by where they lie, how much of
each zone is in error, and one optimum round its circle.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import highdim
from benchmarks import columns, ends, style
from benchmarks.columns import different, grouped, where
from benchmarks.error_cells import ENTROPY, ZONES, Circle, Row, densities, findings
from benchmarks.style import mark
from highdim.optimum.max_margin import GAP
from univariate.common.figure_style import AZURE, ERROR, NEGATIVE, ORANGE, PALE, POSITIVE, PURPLE
from univariate.common.words import at_most

TITLE = "Where the max-margin net on the circle errs"
NAMES = (
    "cells of noisy data",
    "halves that face one",
    "behind them",
    "2 cells away",
    "3 or more",
)
COLOURS = (NEGATIVE, ORANGE, AZURE, POSITIVE, PURPLE)
SHOWN = (40, 0.2)  # size and noise of the optimum that is drawn
HEIGHT = 3.2  # of values of N that are drawn
PLACES = 4001


def draw(rows: list[Row]) -> Figure:
    """Return the three panels."""
    margins = {"left": 0.03, "right": 0.985, "top": 0.885, "bottom": 0.175}
    with style.page((10.4, 6.6), TITLE, _caption(rows), heights=(0.95, 0.018), **margins) as figure:
        figure.subplots_adjust(left=0.065, hspace=0.42, wspace=0.22)
        grid = figure.add_gridspec(2, 2, height_ratios=(1.15, 1.0), width_ratios=(1.35, 1.0))
        _parts(figure.add_subplot(grid[0, 0]), rows)
        _densities(figure.add_subplot(grid[0, 1]), rows)
        _example(figure.add_subplot(grid[1, :]), rows)
    return figure


def _parts(axes: Axes, rows: list[Row]) -> None:
    """Draw mean errors as bars of their parts, over the mean of the nearest neighbour."""
    places, labels = [], []
    at = 0.0
    for p, level in grouped(rows, "p").items():
        start = at
        for m, group in grouped(level, "m").items():
            base = 0.0
            for name, colour in zip(ZONES, COLOURS, strict=True):
                part = float(np.mean([getattr(row, name) for row in group]))
                axes.bar(at, part, 0.8, base, color=colour, lw=0.0)
                base += part
            nearest = columns.mean(group, "nearest_neighbour")
            axes.plot([at - 0.45, at + 0.45], [nearest, nearest], color="black", lw=1.2)
            places.append(at)
            labels.append(str(m))
            at += 1.0
        axes.text(0.5 * (start + at - 1.0), -0.13, f"$p={p:g}$", ha="center", va="top")
        axes.texts[-1].set_transform(axes.get_xaxis_transform())
        at += 0.8
    axes.set_xticks(places, labels, fontsize=7.5)
    axes.tick_params(axis="x", length=0.0)
    axes.set(ylabel="clean error, mean", title="Parts of the error, by sample size $m$")
    handles: list[Any] = [
        mark(name, colour, marker="s", ms=6.0) for name, colour in zip(NAMES, COLOURS, strict=True)
    ]
    handles.append(mark("nearest neighbour", "black", ls="-"))
    axes.set_ylim(top=1.08 * axes.get_ylim()[1])
    axes.legend(handles=handles, fontsize=7.5, loc="upper left", handlelength=1.2)


def _densities(axes: Axes, rows: list[Row]) -> None:
    """Draw how much of each zone is in error, a line for each noise level, the largest samples."""
    most = max(row.m for row in rows)
    mine = where(rows, m=most)
    shades = style.shades(different(mine, "p"), "viridis", 0.1, 0.8)
    for p, group in grouped(mine, "p").items():
        found = densities(group)
        # no line leads across a zone without errors
        y = [found.get(name) or np.nan for name in ZONES]
        axes.plot(range(len(ZONES)), y, "o-", color=shades[p], ms=4.5, lw=1.2, label=f"$p={p:g}$")
    axes.set(yscale="log", ylim=(None, 1.3), title=f"Pr[error] in each zone, $m={most}$")
    short = ("noisy", "facing", "behind", "2 away", "3 or\nmore")
    axes.set_xticks(range(len(ZONES)), short, fontsize=8.5)
    axes.legend(fontsize=8.0, loc="upper right")


def _example(axes: Axes, rows: list[Row]) -> None:
    """Draw N round the circle for the sample with most error between +1 and +1."""
    some = [row for row in rows if (row.m, row.p) == SHOWN] or rows
    row = max(some, key=lambda one: (one.between, one.seed))
    minus = round(row.p * row.m)
    sample = ends.draw_sample(row.m, 2, minus, [ENTROPY, row.m, minus, row.seed])
    net = highdim.max_margin(sample).net
    assert net is not None
    circle = Circle(sample)
    for low, high in circle.ends[circle.zone == 0]:
        axes.axvspan(low, high, color=PALE, lw=0.0, zorder=0)
    phi = np.linspace(-np.pi, np.pi, PLACES)
    values = net(np.column_stack((np.cos(phi), np.sin(phi))))
    shown = np.clip(values, -HEIGHT, HEIGHT)
    axes.plot(phi, shown, color="0.2", lw=1.2)
    axes.fill_between(phi, shown, 0.0, where=list(values <= 0.0), color=ERROR, lw=0.0, zorder=1)
    axes.axhline(0.0, color="0.6", lw=0.8)
    angles = np.arctan2(sample.X[:, 1], sample.X[:, 0])
    for label, colour, look in ((1.0, POSITIVE, "o"), (-1.0, NEGATIVE, "s")):
        own = sample.y == label
        axes.plot(angles[own], sample.y[own], look, color=colour, ms=3.8, zorder=3)
    axes.set(xlim=(-np.pi, np.pi), ylim=(-HEIGHT, HEIGHT), xlabel="angle", ylabel="$N$")
    axes.set_xticks(np.pi * np.linspace(-1.0, 1.0, 5), ["$-π$", "$-π/2$", "0", "$π/2$", "$π$"])
    axes.set_title(
        f"The optimum of $m={row.m}$, $p={row.p:g}$ with most error between observations +1:"
        f" $L_{{cl}}={row.clean_error:.3f}$, {row.between:.3f} there; noisy cells are grey"
    )


def _caption(rows: list[Row]) -> str:
    found = findings(rows)
    return (
        f"{found['runs']} optima, {found['optimal']} of them proved to a gap of {GAP:g} of ‖θ‖²,"
        f" all to {at_most(found['largest_gap'])}; exactly p m labels are −1, the noisy ones."
        " Cells hold what is nearest to an\nobservation; the nearest neighbour errs on the noisy"
        " cells only. The arcs with N ≤ 0 are known, so their parts are exact up to rounding."
        "\nUpper right: zones without a mark hold no errors. Below: +1 are discs, −1 squares,"
        " errors of the net tinted."
    )
