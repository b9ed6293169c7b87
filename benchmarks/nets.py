"""What Figure 3 and the gallery share: graphs of networks, samples, and their gates."""

from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

import univariate
from benchmarks.style import mark
from univariate.common.figure_style import INK

GREY: Final = "#5f5f5f"
PALE: Final = "#e4e4e4"
CHANGED: Final = "#E6F4EF"  # a tint of green
LONG: Final = (0, (3.2, 1.6))
"""Dashes of the rival."""

_DOT: Final[dict[str, Any]] = {"marker": "o", "ms": 7.0}
_OPEN: Final[dict[str, Any]] = {"mfc": "white", "mew": 1.3}


def draw_graph(
    ax: Axes, curve: univariate.Spline, shown: tuple[float, float], **style: Any
) -> None:
    """Draw a spline between two points."""
    inside = (curve.knots > shown[0]) & (curve.knots < shown[1])
    x = np.concatenate([shown[:1], curve.knots[inside], shown[1:]])
    ax.plot(x, curve(x), solid_joinstyle="round", dash_joinstyle="round", **style)


def draw_gates(ax: Axes, sample: univariate.Sample, heights: tuple[float, float]) -> None:
    """Draw a sample, filled for +1 and open for −1, each with the gate on its wrong side."""
    for x, y in zip(sample.x, sample.y, strict=True):
        end = heights[int(y < 0.0)]
        ax.plot([x, x], [y, end], color="0.82", lw=4.0, solid_capstyle="butt", zorder=1)
        face = INK if y > 0.0 else "white"
        ax.plot(x, y, **_DOT, mfc=face, mec=INK, mew=1.3, zorder=6)


def sample_marks() -> list[Line2D]:
    """Return what a legend says about a sample."""
    return [
        mark("label +1", INK, **_DOT),
        mark("label −1", INK, **_DOT, **_OPEN),
        mark("gates: margin < 1", "0.82", ls="-", lw=4.0),
    ]
