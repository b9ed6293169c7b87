"""How the figures look: settings, colours, and the parts that several of them have."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isfinite
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from univariate.common.figure_style import NEGATIVE, own_style

STYLE: Final[dict[str, Any]] = {
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "mathtext.fontset": "dejavusans",
}
DENSE: Final = {name: value for name, value in STYLE.items() if name != "axes.titlesize"} | {
    "font.size": 9.0
}
"""For figures of many small panels."""

GREY: Final = "0.35"
ACCENT: Final = NEGATIVE  # what is claimed, and L_cl = p
DASHED: Final = (0, (4, 2))
DOTTED: Final = (0, (1, 1.5))


@contextmanager
def settings(style: Mapping[str, Any]) -> Iterator[None]:
    """Draw with these settings of matplotlib, whatever the user's are."""
    with own_style():
        mpl.rcParams.update(style)
        yield


@contextmanager
def page(
    size: tuple[float, float],
    title: str,
    caption: str,
    *,
    left: float,
    heights: tuple[float, float],
    **margins: float,
) -> Iterator[Figure]:
    """Give a figure with these margins to draw on; title and caption stand at `heights`, at its
    left.
    """
    with settings(STYLE):
        figure = Figure(figsize=size)
        figure.subplots_adjust(left=left, **margins)
        yield figure
        figure.text(left, heights[0], title, fontsize=12.5, fontweight="bold", ha="left")
        small: dict[str, Any] = {"fontsize": 8.6, "color": GREY, "linespacing": 1.45}
        figure.text(left, heights[1], caption, ha="left", va="bottom", **small)


def mark(label: str, color: Any = "0.4", *, marker: str = "", ls: Any = "", **style: Any) -> Line2D:
    """Return an entry of a legend: a marker, a line, or both."""
    return Line2D([], [], label=label, color=color, marker=marker, ls=ls, **style)


def shades(values: Iterable[Any], colours: str, low: float, high: float) -> dict[Any, Any]:
    """Return a colour of a map for each value, readable without colour vision."""
    known = list(values)
    return dict(zip(known, mpl.colormaps[colours](np.linspace(low, high, len(known))), strict=True))


def draw_medians(
    axes: Axes,
    rows: Iterable[Any],
    x: str,
    y: Callable[[Any], float | None],
    *,
    band: float = 0.0,
    **style: Any,
) -> None:
    """Draw medians of finite y over a column as a line, and their range as a band of opacity
    `band`.
    """
    groups: dict[float, list[float]] = {}
    for row in rows:
        value = y(row)
        if value is not None and isfinite(value):
            groups.setdefault(getattr(row, x), []).append(value)
    at = sorted(groups)
    axes.plot(at, [np.median(groups[one]) for one in at], **{"lw": 1.3, **style})
    if band:
        low, high = ([end(groups[one]) for one in at] for end in (min, max))
        axes.fill_between(at, low, high, color=style["color"], alpha=band, lw=0.0)


def level(axes: Axes, y: float, text: str, **style: Any) -> None:
    """Draw a horizontal line and write on it, at its right end."""
    axes.axhline(y, color=ACCENT, lw=1.2, zorder=1)
    back = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    place: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "ha": "right", "va": "center"}
    axes.text(0.99, y, text, color=ACCENT, fontsize=8.6, bbox=back, zorder=4, **place, **style)


def falling(axes: Axes, top: float, xlabel: str) -> None:
    """Scale axes doubly logarithmically for −log10 of errors: exponential decay is a straight
    line.
    """
    axes.set(xscale="log", yscale="log", ylim=(top, 0.25))
    axes.set(xlabel=xlabel, ylabel="clean error $L_{cl}$")
    ticks = [k for k in (0.301, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if k <= top]
    axes.set_yticks(ticks, ["½" if k < 1 else f"$10^{{-{k:g}}}$" for k in ticks])
    axes.minorticks_off()


def draw_powers(axes: Axes, least: float, linear: str = "$p$") -> None:
    """Draw p⁵, p and √p, between which Theorems 3.1 and 3.2 put L_cl, on logarithmic axes."""
    p = np.geomspace(least, 0.5, 100)
    for power, label in ((5.0, "$p^5$"), (1.0, linear), (0.5, r"$\sqrt{p}$")):
        exact = power == 1.0
        colour = ACCENT if exact else "0.6"
        axes.plot(p, p**power, color=colour, lw=1.2, ls="-" if exact else (0, (5, 3)), zorder=1)
        axes.text(0.51, 0.5**power, label, color=colour, va="center")
    axes.set(xscale="log", yscale="log")
    axes.set(xlabel="noise level $p$", ylabel="clean error $L_{cl}$, exact")


def ticks(axes: Axes, values: Sequence[float]) -> None:
    """Label these values of x, and no others."""
    axes.set_xticks(values, [f"{one:g}" for one in values])
    axes.minorticks_off()
