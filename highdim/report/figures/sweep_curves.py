"""What the plots of sweeps share: curves of means over seeds with their ranges, and colours."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from highdim.sweeps.rows import SETTINGS, grouped, settings
from highdim.sweeps.store import Record
from univariate.common.arrays import Vector

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BELOW: Final[dict[str, Any]] = {"ls": "", "marker": "v", "ms": 5.0, "mfc": "white", "zorder": 5}
KEY: Final = "0.35"  # of marks that stand for those of all curves
_BAND: Final[dict[str, Any]] = {"alpha": 0.25, "lw": 0}
_WORDS: Final = {"width": "n", "m": "m", "distribution": "x", "train_output": "v moves"}
_NAMED_BY_THEMSELVES: Final = ("method", "scheme", "loss", "dtype")


def draw_means(
    ax: "Axes",
    rows: Sequence[Record],
    place: Callable[[Record], float],
    floor: float,
    colour: Any,
    *,
    marker: str = "o",
    **look: Any,
) -> bool:
    """Draw the mean clean error at every place and the range over seeds; hollow marks where some
    run does not interpolate, open triangles at `floor` for means below it.

    Returns whether there are such.
    """
    cells = grouped(rows, lambda row: (place(row),))
    places = np.array([at for (at,) in cells])
    errors = [[row["clean_error"] for row in cell] for cell in cells.values()]
    low, mean, high = (np.array([each(cell) for cell in errors]) for each in (min, np.mean, max))
    below = mean < floor
    low, mean, high = (np.maximum(values, floor) for values in (low, mean, high))
    missed = np.array([not all(row["interpolates"] for row in cell) for cell in cells.values()])
    missed &= ~below
    if np.any(low < high):
        _draw_range(ax, places, low, high, colour)
    look |= {"lw": 1.3, "marker": marker, "ms": 2.8, "markevery": (~below).tolist()}
    ax.plot(places, mean, color=colour, **look)
    ax.plot(places[missed], mean[missed], marker, color="white", mec=colour, ms=4.5)
    if below.any():
        ax.plot(places[below], mean[below], color=colour, clip_on=False, **_BELOW)
    return bool(below.any())


def _draw_range(ax: "Axes", places: Vector, low: Vector, high: Vector, colour: Any) -> None:
    if len(places) > 1:
        ax.fill_between(places, low, high, color=colour, **_BAND)
    else:  # where a band has no width
        ax.vlines(places, low, high, color=colour, alpha=0.5, lw=2.2)


def name_band(ax: "Axes") -> None:
    """Say in the legend what bands are, and bars where a curve is one point; if there are any."""
    if ax.collections:
        ax.fill_between([], [], color=KEY, label="range over seeds", **_BAND)


def name_below(ax: "Axes", floor: float, rows: Sequence[Record]) -> None:
    """Say in the legend what open triangles are: estimates where an interval of some run reaches
    above `floor`, as where no error was found among the points that were sampled.
    """
    edge = f"{floor:g}".replace("e-0", "e-")
    uppers = [row.get("clean_error_high") for row in rows if row["clean_error"] < floor]
    unsure = any(upper is not None and upper > floor for upper in uppers)
    words = f"estimates below {edge}" if unsure else f"below {edge}"
    ax.plot([], [], color=KEY, label=words, **_BELOW)


def name_hollow(ax: "Axes") -> None:
    """Say in the legend what hollow marks are."""
    look: dict[str, Any] = {"ls": "", "marker": "o", "ms": 4.5, "mfc": "white"}
    ax.plot([], [], color=KEY, label="some do not interpolate", **look)


def shades(count: int) -> Any:
    """Return colours from light to dark, readable without colour vision."""
    import matplotlib as mpl

    return mpl.colormaps["viridis_r"](np.linspace(0.12, 0.97, count))


def differing(rows: Sequence[Record]) -> list[str]:
    """Return settings in which rows differ, without those that others tell."""
    found: list[str] = []
    kinds = 1
    for name in SETTINGS:
        finer = len(grouped(rows, settings([*found, name])))
        if finer > kinds:
            found.append(name)
            kinds = finer
    return found


def in_words(name: str, value: Any) -> str:
    """Return a setting as legends name it."""
    if name in _NAMED_BY_THEMSELVES:
        return str(value)
    if name in ("width", "m"):
        return f"${_WORDS[name]}={value}$"
    return f"{_WORDS.get(name, name.replace('_', ' '))} {value}"
