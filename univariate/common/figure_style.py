"""Colours, lettering and axes of the figures of both packages.

Nothing here touches pyplot, and settings are changed for the time of a drawing only.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from univariate.common.words import at_most

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

Corner = Literal["upper left", "upper right", "lower left", "lower right"]

INK: Final = "#1f1f1f"
GREY: Final = "#7a7a7a"
PALE: Final = "#d9d9d9"
# blue, vermillion, green, orange, purple of Okabe and Ito: distinct to all eyes
POSITIVE: Final = "#0072B2"
NEGATIVE: Final = "#D55E00"
GREEN: Final = "#009E73"
ORANGE: Final = "#E69F00"
PURPLE: Final = "#CC79A7"
AZURE: Final = "#56B4E9"
SKY: Final = "#9BCBEA"
ERROR: Final = "#F8D5BC"  # a tint of NEGATIVE: the net says −1

LABELS: Final = ((1.0, POSITIVE, "o"), (-1.0, NEGATIVE, "s"))
"""A label, and the colour and mark of the observations that have it."""

SIZE: Final = 7.5
DPI: Final = 220
_EDGE: Final = 0.985  # of a figure, where lines across it end
_ONE_LINE: Final = 115  # characters below the title of axes in a figure 6 inches wide
_LETTERED: Final = 8  # so many sizes have a tick each

_KEPT: Final = ("backend", "backend_fallback", "interactive", "toolbar", "timezone", "date.epoch")
"""Settings that are about windows and clocks, not about style."""

NARROW: Final = 8.0
"""|N| up to here is drawn to a linear scale."""


@contextmanager
def own_style() -> Iterator[None]:
    """Draw with matplotlib's own settings instead of the user's: no TeX, no other fonts.

    The user's settings come back at the end; their backend is never touched.
    """
    usual = {key: value for key, value in matplotlib.rcParamsDefault.items() if key not in _KEPT}
    with matplotlib.rc_context():
        matplotlib.rcParams.update(usual)
        matplotlib.rcParams["svg.hashsalt"] = "tempered-overfitting"
        yield


def new_axes(width: float = 7.2, height: float = 2.6) -> "Axes":
    """Return axes of a new figure that belongs to nobody else; save it with `ax.figure.savefig`."""
    return Figure(figsize=(width, height), dpi=DPI, layout="constrained").subplots()


def dress(ax: "Axes", xlabel: str = "", ylabel: str = "") -> None:
    """Letter axes, and leave them only the spines that carry a scale."""
    if xlabel:
        ax.set_xlabel(xlabel, fontsize=SIZE, color=INK, labelpad=2)
    if ylabel:
        ax.set_ylabel(ylabel, fontsize=SIZE, color=INK, labelpad=2)
    ax.tick_params(labelsize=SIZE - 0.5, colors=INK, width=0.6, length=2.5, pad=2)
    # of logarithmic scales that span less than a power of ten
    ax.tick_params(which="minor", labelsize=SIZE - 0.5, colors=INK)
    for axis in (ax.xaxis, ax.yaxis):
        axis.get_offset_text().set(fontsize=SIZE - 0.5, color=INK)  # +1e6, say
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_linewidth(0.6)


def note(ax: "Axes", text: str, colour: str = GREY) -> None:
    """Write one small line between the title of axes and their frame."""
    ax.text(
        0.0, 1.015, text, transform=ax.transAxes, fontsize=SIZE - 1.0, color=colour, va="bottom"
    )


def titled(ax: "Axes", title: str, about: str, marks: str, width: int = _ONE_LINE) -> None:
    """Write a bold title and, on one small line or two below it, what is shown and how; `width` is
    how many characters one line takes.
    """
    short = len(about) + len(marks) <= width
    note(ax, f"{about}; {marks}" if short else f"{about}\n{marks}")
    pad = 14 if short else 22
    ax.set_title(title, loc="left", fontsize=SIZE + 1.5, weight="bold", color=INK, pad=pad)


def legend(ax: "Axes", columns: int = 1, place: Corner = "upper right") -> None:
    """Add a small legend of the labelled artists."""
    shown = ax.legend(
        loc=place, ncols=columns, fontsize=SIZE - 1.0, frameon=True, borderpad=0.3, handlelength=1.4
    )
    shown.get_frame().set(facecolor="white", edgecolor="none", alpha=0.85)
    shown.set_zorder(9)


def legend_above(ax: "Axes", columns: int) -> None:
    """Add a small legend of the labelled artists above the right end of axes."""
    ax.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, 1.02),
        ncols=columns,
        fontsize=SIZE - 1.0,
        frameon=False,
        borderaxespad=0.0,
        borderpad=0.2,
        handlelength=2.2,
    )


def letter(panels: "Mapping[str, Axes]", raised: str, pad: float) -> None:
    """Name panels (a), (b), …; those whose letters are in `raised` have something above them."""
    for mark, (name, ax) in zip("abcdefgh", panels.items(), strict=False):
        ax.set_title(
            f"({mark}) {name}",
            loc="left",
            fontsize=SIZE + 0.5,
            color=INK,
            pad=pad if mark in raised else 4,
        )


def headline(
    figure: Figure, title: str, details: Sequence[str], height: float, top: float = 0.985
) -> None:
    """Write what was found on top of a figure, in one bold line and one grey one at a height."""
    figure.text(0.015, top, title, fontsize=SIZE + 2.5, color=INK, va="top", weight="bold")
    line = figure.text(0.015, height, ",   ".join(details), fontsize=SIZE, color=GREY, va="top")
    measure: Any = RendererAgg  # without annotations
    width = line.get_window_extent(measure(*figure.bbox.size, figure.dpi)).width
    room = (_EDGE - 0.015) * figure.bbox.width
    line.set_fontsize(SIZE * min(1.0, room / width))


def draw_levels(ax: "Axes") -> None:
    """Draw the lines N = −1, 0 and 1."""
    for level in (-1.0, 0.0, 1.0):
        ax.axhline(level, color=INK if level == 0.0 else PALE, linewidth=0.5, zorder=0.8)


def label_scale(ax: "Axes", low: float, high: float) -> None:
    """Scale the y-axis by arsinh with room for `low` to `high`.

    The band between the labels shows under peaks of 10⁴, and unlike a scale that turns from linear
    to logarithmic this one has no kinks of its own.
    """
    low = min(low, -1.0)
    high = max(high, 1.0)
    ticks = [-8.0, -6.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 6.0, 8.0]
    if max(-low, high) <= NARROW:
        room = 0.12 * (high - low)
        ax.set_ylim(low - room, high + room)
    else:
        ticks = powers(low, high)
        # factors, since equal ratios are equal distances far from 0
        ax.set_yscale("asinh", linear_width=1.0)
        ax.set_ylim(1.6 * low, 1.6 * high)
    sign_ticks(ax.yaxis, ticks)


def scale_name(ax: "Axes") -> str:
    """Return what the label of a y-axis says about its scale; nothing where it is linear."""
    return ", arsinh scale" if ax.get_yscale() == "asinh" else ""


def scale_sizes(ax: "Axes", sizes: Sequence[int]) -> None:
    """Scale the x-axis by logarithms, and letter it at the sizes where they are few."""
    ax.set_xscale("log")
    if len(sizes) <= _LETTERED:
        ax.xaxis.set_major_locator(FixedLocator(sizes))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda m, _: f"{m:,.0f}"))
        ax.xaxis.set_minor_locator(NullLocator())


def sign_ticks(axis: "Axis", ticks: Sequence[float]) -> None:
    """Letter an axis at given places, with signs."""
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: signed(value)))


def signed(value: float) -> str:
    """Return a tick label: 0, signed digits, and powers of ten beyond."""
    if value == 0.0:
        return "0"
    if 1.0 <= abs(value) < 10.0:
        return f"{value:+.0f}".replace("-", "−")
    power = round(float(np.log10(abs(value))))
    return rf"${'-' if value < 0.0 else ''}10^{{{power}}}$"


def bent_ticks(axis: "Axis", low: float, high: float, width: float) -> None:
    """Letter an axis scaled by arsinh with this linear width at a few round numbers that stand
    apart, 0 and powers of ten first.
    """
    place = [float(np.arcsinh(end / width)) for end in (low, high)]
    apart = 0.16 * (place[1] - place[0])
    top = int(np.floor(np.log10(max(abs(low), abs(high), 1e-300))))
    sizes = [digit * 10.0**power for digit in (1.0, 5.0, 2.0) for power in range(top, top - 6, -1)]
    chosen: list[float] = []
    for tick in (0.0, *(sign * size for size in sizes for sign in (1.0, -1.0))):
        at = float(np.arcsinh(tick / width))
        others = np.arcsinh(np.array(chosen) / width)
        if low <= tick <= high and np.all(np.abs(others - at) >= apart):
            chosen.append(tick)
    axis.set_major_locator(FixedLocator(sorted(chosen)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: plain_number(value)))


def plain_number(value: float) -> str:
    """Return a tick label: few digits, and a power of ten where there are many noughts."""
    if value == 0.0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.3g}".replace("-", "−")
    mantissa, _, power = f"{value:.0e}".partition("e")
    return rf"${mantissa}\cdot 10^{{{int(power)}}}$".replace(r"$1\cdot ", "$").replace(
        r"$-1\cdot ", "$-"
    )


def scientific(value: float, digits: int = 4) -> str:
    """Return a number for a title, in mathtext where it needs a power of ten."""
    text = f"{value:.{digits}g}"
    mantissa, _, power = text.partition("e")
    return rf"${mantissa}\cdot 10^{{{int(power)}}}$" if power else text


def scientific_bound(bound: float) -> str:
    """Return an upper bound for a title, in one digit, rounded up."""
    return scientific(float(at_most(bound, 1)), 1)


def powers(low: float, high: float) -> list[float]:
    """Return 0, ±1 and a few higher powers of ten inside (low, high)."""
    ticks = [0.0]
    for end in (low, high):
        top = int(np.floor(np.log10(max(abs(end), 1e-300))))
        chosen = [0, *range(1, top + 1, max(1, (top + 2) // 3))]
        ticks += [np.sign(end) * 10.0**power for power in chosen if power <= top]
    return sorted(ticks)
