"""What the plots of sweeps share: curves of means over seeds with their ranges, and colours."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from highdim.sweeps.rows import grouped
from highdim.sweeps.store import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_means(
    ax: "Axes",
    rows: Sequence[Record],
    place: Callable[[Record], float],
    floor: float,
    colour: Any,
    **look: Any,
) -> None:
    """Draw the mean clean error at every place and the range over seeds, from `floor` on; hollow
    marks where some run does not interpolate.
    """
    cells = grouped(rows, lambda row: (place(row),))
    places = np.array([at for (at,) in cells])
    errors = [[row["clean_error"] for row in cell] for cell in cells.values()]
    low, mean, high = (
        np.maximum([each(cell) for cell in errors], floor) for each in (np.min, np.mean, np.max)
    )
    missed = np.array([not all(row["interpolates"] for row in cell) for cell in cells.values()])
    ax.fill_between(places, low, high, color=colour, alpha=0.25, lw=0)
    ax.plot(places, mean, color=colour, lw=1.3, marker="o", ms=2.8, **look)
    ax.plot(places[missed], mean[missed], "o", color="white", mec=colour, ms=4.5)


def shades(count: int) -> Any:
    """Return colours from light to dark, readable without colour vision."""
    import matplotlib as mpl

    return mpl.colormaps["viridis_r"](np.linspace(0.12, 0.97, count))
