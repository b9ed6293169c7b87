"""Dots on a logarithmic axis, one named row each: norms and clean errors, with their bounds."""

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from univariate.common.figure_style import INK, PALE, SIZE, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROOM: Final = 0.1  # of the span, left of the dots and right of them
_TEXT: Final[dict[str, Any]] = {
    "fontsize": SIZE - 1.0,
    "color": INK,
    "va": "center",
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 0.8},
}


class Dot(NamedTuple):
    """A row: name, place on the axis, text beside it, colour, whether it is a bound, interval."""

    name: str
    place: float
    text: str
    colour: str = INK
    bound: bool = False
    ends: tuple[float, float] | None = None


def plot_dots(dots: Sequence[Dot], *, ax: "Axes") -> "Axes":
    """Draw rows from top to bottom, those at finite places; bounds are triangles.

    All intervals are shown: whole, but for ends that are farther left of the dots than these are
    apart, from which a bar comes in over the edge.
    """
    rows = [dot for dot in dots if isfinite(dot.place)]
    if not rows:  # all of them are 0
        ax.set_axis_off()
        return ax
    places = [dot.place for dot in rows]
    low = min(places)
    high = max(places)
    span = max(high - low, 0.02)
    low, high = _with_bars(rows, low, high, span)
    span = max(high - low, span)
    edge = low - _ROOM * span
    for height, dot in enumerate(reversed(rows)):
        ax.axhline(height, color=PALE, lw=0.5, zorder=0)
        if dot.ends is not None:
            # one that begins far left runs to the edge of the panel
            start = dot.ends[0] if dot.ends[0] >= low else edge
            ax.plot((start, dot.ends[1]), [height, height], color=dot.colour, lw=2.2, alpha=0.5)
        ax.plot(dot.place, height, "<" if dot.bound else "o", color=dot.colour, ms=4.5)
        side, gap = ("left", 0.035) if dot.place <= 0.5 * (low + high) else ("right", -0.035)
        ax.text(dot.place + gap * span, height + 0.02, dot.text, ha=side, **_TEXT)
    ax.set(xlim=(edge, high + _ROOM * span), ylim=(-0.6, len(rows) - 0.4))
    dress(ax)
    ax.set_yticks(range(len(rows)), [dot.name for dot in reversed(rows)])
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return ax


def _with_bars(rows: Sequence[Dot], low: float, high: float, span: float) -> tuple[float, float]:
    """Return limits of dots widened to the ends of intervals, on the left by `span` at most."""
    for start, end in (dot.ends for dot in rows if dot.ends is not None):
        high = max(high, end)
        low = min(low, start) if start >= low - span else low
    return low, high
