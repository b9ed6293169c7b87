"""Colours and lettering of the figures of reports.

Nothing here touches pyplot or the global rcParams.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK: Final = "#1f1f1f"
GREY: Final = "#7a7a7a"
PALE: Final = "#d9d9d9"
# blue, vermilion, green and orange of Okabe and Ito: distinct to all eyes
POSITIVE: Final = "#0072B2"
NEGATIVE: Final = "#D55E00"
GREEN: Final = "#009E73"
ORANGE: Final = "#E69F00"
ERROR: Final = "#F8D5BC"  # a tint of NEGATIVE: the net says −1

SIZE: Final = 7.5
DPI: Final = 220


def dress(ax: "Axes", xlabel: str = "") -> None:
    """Letter axes, and leave them only the spines that carry a scale."""
    ax.set_xlabel(xlabel, fontsize=SIZE, color=INK, labelpad=2)
    ax.tick_params(labelsize=SIZE - 0.5, colors=INK, width=0.6, length=2.5, pad=2)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_linewidth(0.6)


def scientific(value: float, digits: int = 3) -> str:
    """Return a number in mathtext where it needs a power of ten."""
    mantissa, _, power = f"{value:.{digits}g}".partition("e")
    return rf"${mantissa}\cdot 10^{{{int(power)}}}$" if power else mantissa
