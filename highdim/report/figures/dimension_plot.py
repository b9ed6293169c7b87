"""Clean errors of a sweep against d/m: a curve for every noise level, with fits and the limit."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.special import ndtr

from highdim.optimum.orthogonal_limit import limit_slope
from highdim.report.figures.sweep_curves import (
    KEY,
    differing,
    draw_means,
    in_words,
    name_below,
    shades,
)
from highdim.sweeps.fits import ErrorFit, fit_errors
from highdim.sweeps.rows import checked, grouped, has_limit, ratio, settings
from highdim.sweeps.store import Record
from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.figure_style import dress, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FLOOR: Final = 1e-8
_LINES: Final = 200  # places of a fitted curve
_FIT: Final[dict[str, Any]] = {"lw": 1.0, "ls": (0, (5, 2))}
_LIMIT: Final[dict[str, Any]] = {"lw": 0.9, "ls": (0, (1, 1.5))}
_MARKS: Final = "os^DP"  # of kinds of runs


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
        Of `sweep`. Where they differ in m, width, depth or other settings, curves do too. A run
        that is there twice, polished too, counts once.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    logarithmic : bool
        Logarithmic errors, from `floor` on; open triangles are means below.
    limit : bool
        Draw the orthogonal limit Φ(−(1 − 2p)/(2 √(p (1 − p))) √(d/m)), dotted, for d ≥ m, where it
        is an approximation, and nets with biases on the sphere.
    fit : bool
        Draw the fits of `fit_errors(rows, along="d/m", least=least)`, dashed: of the typical error,
        below the mean where seeds differ. The legend names their slopes with 95 % intervals over
        seeds, and how many runs without errors, or with nothing else, are left out.
    least : float
        The smallest d/m that it is fitted to.

    Hollow marks: some run does not interpolate.

    Raises
    ------
    TypeError, ValueError
        No rows, rows without a column that is needed, or numbers out of range.
    """
    rows = checked(rows, "p", "d", "m", "clean_error")
    floor = check.probability("floor", floor, open_interval=True)
    ax = new_axes(6.0, 4.4) if ax is None else ax
    levels = grouped(rows, settings(["p"]))
    traits = differing(rows)
    kinds = list(grouped(rows, settings(traits)))
    fitted = limited = below = False
    fits: list[ErrorFit] = []
    for ((p,), level), colour in zip(levels.items(), shades(len(levels)), strict=True):
        for kind, mine in grouped(level, settings(traits)).items():
            found = fit_errors(mine, along="d/m", least=least) if fit else ()
            fits += found
            name = ", ".join([f"$p={p:g}$", *map(in_words, traits, kind)])
            look = {"label": name + "".join(map(_slope, found)), "marker": _mark(kinds.index(kind))}
            for one in found:
                low, high = _reach(mine, least)
                fitted |= _draw(ax, one, low, high, floor, color=colour, **_FIT)
            below |= draw_means(ax, mine, ratio, floor if logarithmic else 0.0, colour, **look)
        spoken_of = [row for row in level if has_limit(row)]
        if limit and spoken_of and 0.0 < p < 0.5:
            low, high = _reach(spoken_of, 1.0)
            limited |= _draw(ax, _limit(p), low, high, floor, color=colour, **_LIMIT)
    if below:
        name_below(ax, floor, rows)
    if fitted:
        ax.plot([], [], color=KEY, label=_fit_in_words(fits), **_FIT)
    if limited:
        ax.plot([], [], color=KEY, label="orthogonal limit", **_LIMIT)
    ax.set(xscale="log")
    ax.set(**{"yscale": "log", "ylim": (floor, 1.0)} if logarithmic else {"ylim": (0.0, None)})
    dress(ax, xlabel="dimension over sample size, $d/m$", ylabel="clean error $L_{cl}$")
    return ax


def _fit_in_words(fits: Sequence[ErrorFit]) -> str:
    """Return what the dashed lines are, and how many runs they say nothing of."""
    words = "fit to the typical error"
    left_out = sum(one.left_out for one in fits)
    if not left_out:
        return words
    return f"{words}; {left_out} runs with $L_{{cl}}$ = 0 or 1 left out"


def _draw(
    ax: "Axes",
    curve: Callable[[Vector], Vector],
    low: float,
    high: float,
    floor: float,
    **look: Any,
) -> bool:
    """Draw a curve where it is above `floor`; return whether there is anything to see."""
    if not low < high:
        return False
    ratios = np.geomspace(low, high, _LINES)
    errors = curve(ratios)
    shown = errors >= floor
    ax.plot(ratios[shown], errors[shown], zorder=1, **look)
    return bool(np.any(shown))


def _reach(rows: Sequence[Record], least: float) -> tuple[float, float]:
    """Return the smallest d/m of rows, `least` at least, and the largest."""
    ratios = [ratio(row) for row in rows]
    return max(least, min(ratios)), max(ratios)


def _mark(kind: int) -> str:
    return _MARKS[kind % len(_MARKS)]


def _slope(found: ErrorFit) -> str:
    """Return the slope of a fit in words, with its interval and what the limit says."""
    words = f", slope {found.slope:.2f}"
    if found.slope_low is not None:
        words += f" [{found.slope_low:.2f}, {found.slope_high:.2f}]"
    if found.predicted_slope is not None:
        words += f", of the limit {found.predicted_slope:.2f}"
    return words.replace("-", "−")


def _limit(p: float) -> Callable[[Vector], Vector]:
    slope = limit_slope(p)
    return lambda ratios: np.asarray(ndtr(-slope * np.sqrt(ratios)))
