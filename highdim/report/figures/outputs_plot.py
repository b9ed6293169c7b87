"""N at new points of the sphere against N on the data, in units of the smallest margin."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.ticker import MaxNLocator

from highdim.problem.law import Law
from highdim.problem.laws import SPHERE
from highdim.problem.network import Network
from highdim.problem.sample import SphereSample
from univariate.common.arrays import Vector
from univariate.common.check import generator
from univariate.common.figure_style import ERROR, GREY, INK, NEGATIVE, PALE, POSITIVE, SIZE, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes


POINTS: Final = 20_000

_BLOCK: Final = 1 << 21  # coordinates drawn at a time


def new_outputs(
    net: Network, points: int, rng: Any, truth: Network | None = None, law: Law = SPHERE
) -> Vector:
    """Return N f* at points of a law, (points,); f* is +1, or the sign of a truth.

    Rounded; cost O(points · parameters).
    """
    rng = generator(rng)
    step = max(1, _BLOCK // net.dimension)
    found = []
    for start in range(0, points, step):
        X = law.draw(min(step, points - start), net.dimension, rng)
        found.append(net(X) if truth is None else net(X) * np.sign(truth(X)))
    return np.concatenate(found)


def plot_outputs(
    net: Network, sample: SphereSample, *, ax: "Axes", points: int = POINTS, rng: Any = 0
) -> "Axes":
    """Draw a histogram of N f* at new points, f* being the truth of the sample, with a line at 0.

    Ticks below it are the training outputs y_i N(x_i). All are divided by the smallest margin, if
    it is positive. The part N f* ≤ 0, which is in error, is tinted. N(0) is a line as well where
    f* is +1.
    """
    margins = sample.y * net(sample.X)
    unit = 1.0
    named = "$N$" if sample.truth is None else "$N f^*$"
    xlabel = f"{named}, which does not interpolate"
    if margins.min() > 0.0:
        unit = float(margins.min())
        xlabel = f"{named} / smallest margin"
    margins = margins / unit
    values = new_outputs(net, points, rng, sample.truth, sample.law) / unit
    origin = 0.0
    if sample.truth is None:
        origin = float(net(np.zeros((1, net.dimension)))[0]) / unit
    low, high = _limits(values, margins, origin)
    top = _draw_bars(ax, values, low, high)
    for label, colour, level in ((1.0, POSITIVE, -0.045), (-1.0, NEGATIVE, -0.1)):
        own = margins[sample.y == label]
        ax.plot(own, np.full(len(own), level * top), "|", color=colour, ms=5.0, mew=0.7, alpha=0.8)
    ax.axvline(0.0, color=INK, lw=0.9)
    ax.set(xlim=(low, high), ylim=(-0.15 * top, 1.22 * top), yticks=[])
    dress(ax, xlabel=xlabel)
    if sample.truth is None:
        ax.axvline(origin, color=INK, lw=0.9, ls=(0, (3, 2)))
        _name_origin(ax, origin, 1.1 * top, low, high)
    _name_ticks(ax)
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(6))
    return ax


def _limits(values: Vector, margins: Vector, origin: float) -> tuple[float, float]:
    """Return what is shown: 0, N(0), all new points and most of the data, with room."""
    most = float(np.quantile(margins, 0.95))
    ends = (0.0, origin, float(values.min()), float(values.max()), float(margins.min()), most)
    low = min(ends)
    high = max(ends)
    room = 0.06 * (high - low) or 1.0
    return low - room, high + room


def _draw_bars(ax: "Axes", values: Vector, low: float, high: float) -> float:
    """Draw the histogram and return its height; bars end at 0, so that each is right or wrong."""
    width = (high - low) / 70.0
    edges = np.arange(np.floor(low / width), np.ceil(high / width) + 1) * width
    counts = np.histogram(-values, -edges[::-1])[0][::-1]  # bins (low, high]: N = 0 is an error
    wrong = edges[:-1] < -0.5 * width
    ax.axvspan(low, 0.0, color=ERROR, alpha=0.45, lw=0, zorder=0)
    for part, colour in ((~wrong, GREY), (wrong, NEGATIVE)):
        style: dict[str, Any] = {"align": "edge", "color": colour, "edgecolor": "white", "lw": 0.2}
        ax.bar(edges[:-1][part], counts[part], width, **style)
    ax.axhline(0.0, color=PALE, lw=0.6)
    return float(max(counts.max(), 1))


def _name_origin(ax: "Axes", origin: float, height: float, low: float, high: float) -> None:
    """Name N(0), on the side where there is room."""
    gap = 0.01 * (high - low)
    style: dict[str, Any] = {"fontsize": SIZE - 1.0, "va": "center", "color": INK, "zorder": 4}
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8}
    text = f"$N(0)$ = {origin + 0.0:.3g}".replace("-", "−")  # −0 is shown as 0
    side = "left"
    place = origin + gap
    if origin >= 0.5 * (low + high):
        side = "right"
        place = origin - gap
    ax.text(place, height, text, ha=side, bbox=box, **style)


def _name_ticks(ax: "Axes") -> None:
    below: dict[str, Any] = {"fontsize": SIZE - 1.0, "transform": ax.transAxes, "va": "top"}
    ax.text(0.49, -0.135, "ticks: $y_i N(x_i)$ of labels +1", color=POSITIVE, ha="right", **below)
    ax.text(0.53, -0.135, "and of labels −1", color=NEGATIVE, ha="left", **below)
