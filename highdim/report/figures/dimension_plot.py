"""Clean errors of a sweep against d/m: a curve for every noise level, with fits and the limit."""

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.special import ndtr

from highdim.sweeps.fits import ErrorFit, fit_errors
from highdim.sweeps.store import Record
from univariate.common.figure_style import dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FLOOR: Final = 1e-8
_LINES: Final = 200  # places of a fitted curve
_FIT: Final[dict[str, Any]] = {"lw": 1.0, "ls": (0, (5, 2))}
_LIMIT: Final[dict[str, Any]] = {"lw": 0.9, "ls": (0, (1, 1.5))}
_KEY: Final = "0.35"  # of lines that stand for those of all levels


def plot_dimensions(
    rows: Sequence[Record],
    *,
    ax: "Axes | None" = None,
    logarithmic: bool = False,
    floor: float = FLOOR,
    limit: bool = True,
    fit: bool = True,
    least: float = 1.0,
) -> "Axes":
    """Plot clean error against d/m, a curve for every noise level: mean and range over seeds.

    Parameters
    ----------
    rows : sequence of dict
        Of a sweep. Runs of other widths, depths or settings share the curve of their p, so leave
        out what should not.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    logarithmic : bool
        Logarithmic errors, from `floor` on.
    limit : bool
        Draw the orthogonal limit Φ(−(1 − 2p)/(2 √(p (1 − p))) √(d/m)), dotted, for d ≥ m, where it
        is an approximation.
    fit : bool
        Draw the fit of `fit_errors(rows, along="d/m", least=least)`, dashed, where all runs of a
        noise level are of one kind: of the typical error, below the mean where seeds differ. The
        legend names its slope with a 95 % interval over seeds.
    least : float
        The smallest d/m that it is fitted to.

    Hollow marks: some run does not interpolate.

    Raises
    ------
    ValueError
        No rows.
    """
    if not rows:
        raise ValueError("`rows` must not be empty; finish a run first")
    if ax is None:
        ax = _new_axes()
    levels = sorted({row["p"] for row in rows})
    for p, colour in zip(levels, _shades(len(levels)), strict=True):
        mine = [row for row in rows if row["p"] == p]
        found = fit_errors(mine, along="d/m", least=least) if fit else ()
        label = f"$p={p:g}$"
        if len(found) == 1:
            label += _slope(found[0])
            ratios = np.geomspace(least or 1e-3, max(_ratio(row) for row in mine), _LINES)
            _draw(ax, ratios, found[0](ratios), floor, color=colour, **_FIT)
        _draw_curve(ax, mine, colour, label, floor if logarithmic else 0.0)
        if limit and 0.0 < p < 0.5:
            ratios = np.geomspace(1.0, max(1.0, *(_ratio(row) for row in mine)), _LINES)
            slope = (1.0 - 2.0 * p) / (2.0 * sqrt(p * (1.0 - p)))
            known = ndtr(-slope * np.sqrt(ratios))
            _draw(ax, ratios, known, floor, color=colour, **_LIMIT)
    if fit:
        ax.plot([], [], color=_KEY, label="fit to the typical error", **_FIT)
    if limit:
        ax.plot([], [], color=_KEY, label="orthogonal limit", **_LIMIT)
    ax.set(xscale="log")
    ax.set(**{"yscale": "log", "ylim": (floor, 1.0)} if logarithmic else {"ylim": (0.0, None)})
    dress(ax, xlabel="dimension over sample size, $d/m$", ylabel="clean error $L_{cl}$")
    return ax


def _draw_curve(ax: "Axes", rows: list[Record], colour: Any, label: str, floor: float) -> None:
    ratios = sorted({_ratio(row) for row in rows})
    cells = [[row for row in rows if _ratio(row) == ratio] for ratio in ratios]
    errors = [[row["clean_error"] for row in cell] for cell in cells]
    low, mean, high = (
        np.maximum([each(cell) for cell in errors], floor) for each in (np.min, np.mean, np.max)
    )
    missed = np.array([not all(row["interpolates"] for row in cell) for cell in cells])
    ax.fill_between(ratios, low, high, color=colour, alpha=0.25, lw=0)
    ax.plot(ratios, mean, color=colour, lw=1.3, marker="o", ms=2.8, label=label)
    ax.plot(np.array(ratios)[missed], mean[missed], "o", color="white", mec=colour, ms=4.5)


def _draw(ax: "Axes", x: Any, y: Any, floor: float, **look: Any) -> None:
    shown = y >= floor
    ax.plot(x[shown], y[shown], zorder=1, **look)


def _slope(found: ErrorFit) -> str:
    """Return the slope of a fit in words, with its interval and what the limit says."""
    words = f", slope {found.slope:.2f}"
    if found.slope_low is not None:
        words += f" [{found.slope_low:.2f}, {found.slope_high:.2f}]"
    if found.predicted_slope is not None:
        words += f", of the limit {found.predicted_slope:.2f}"
    return words.replace("-", "−")


def _ratio(row: Record) -> float:
    return float(row["d"] / row["m"])


def _shades(count: int) -> Any:
    """Colours from light to dark, readable without colour vision."""
    import matplotlib as mpl

    return mpl.colormaps["viridis_r"](np.linspace(0.12, 0.97, count))


def _new_axes() -> "Axes":
    from matplotlib.figure import Figure

    return Figure(figsize=(6.0, 4.4), layout="constrained").subplots()
