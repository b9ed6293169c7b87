"""Plots of results: of a sweep, or a net on the circle or the sphere, on axes, given or new, and of
a report as a whole figure.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from highdim.report.figures.circle_plot import plot_circle
from highdim.report.figures.dimension_plot import plot_dimensions
from highdim.report.figures.report_plot import plot_report
from highdim.report.figures.sphere_plot import plot_sphere
from highdim.report.figures.sweep_curves import differing, draw_means, in_words, shades
from highdim.sweeps.rows import checked, grouped, settings
from highdim.sweeps.store import Record
from univariate.common import check
from univariate.common.figure_style import new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_circle", "plot_dimensions", "plot_report", "plot_sphere", "plot_sweep"]


IDENTITY: Final = "#D55E00"  # vermilion of the Okabe–Ito palette
_DASHES: Final = ("-", (0, (5, 2)), (0, (1, 1.2)))


def plot_sweep(
    rows: Sequence[Record],
    *,
    ax: "Axes | None" = None,
    logarithmic: bool = False,
    floor: float = 1e-8,
    limit: bool = True,
) -> "Axes":
    """Plot clean error against noise level, a curve for every dimension: mean and range over seeds.

    Parameters
    ----------
    rows : sequence of dict
        Of `sweep`. Where they differ in m, width, depth, distribution or other settings, curves do
        too.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    logarithmic : bool
        Logarithmic errors, from `floor` on.
    limit : bool
        Draw the prediction of the orthogonal limit, dashed, on logarithmic axes; an approximation
        for d ≥ m.

    Hollow marks: some run does not interpolate. The orange line is L_cl = p.

    Raises
    ------
    TypeError, ValueError
        No rows, rows without a column that is needed, or a floor out of range.
    """
    limit = limit and logarithmic
    rows = checked(rows, "p", "d", "clean_error", *(["predicted_clean_error"] if limit else []))
    floor = check.probability("floor", floor, open_interval=True)
    ax = new_axes(6.0, 4.4) if ax is None else ax
    traits = differing(rows)
    kinds = list(grouped(rows, settings(traits)))
    dimensions = grouped(rows, settings(["d"]))
    for ((d,), mine), colour in zip(dimensions.items(), shades(len(dimensions)), strict=True):
        name = f"$d={d:,}$".replace(",", r"\,")
        for kind, curve in grouped(mine, settings(traits)).items():
            label = ", ".join([name, *map(in_words, traits, kind)])
            look: dict[str, Any] = {"ls": _DASHES[kinds.index(kind) % len(_DASHES)], "label": label}
            draw_means(ax, curve, _noise_level, floor if logarithmic else 0.0, colour, **look)
        if limit:
            _draw_limit(ax, mine, colour, floor)
    p = np.geomspace(0.01, 0.5, 50)
    ax.plot(p, p, color=IDENTITY, lw=1.0, zorder=1)
    ax.set(xlabel="noise level $p$", ylabel="clean error $L_{cl}$", xlim=(0.03, 0.52))
    if logarithmic:
        ax.set(yscale="log", ylim=(floor, 1.0))
    else:
        ax.set_ylim(0.0, None)
    return ax


def _draw_limit(ax: "Axes", rows: Sequence[Record], colour: Any, floor: float) -> None:
    means = {
        p: np.mean([row["predicted_clean_error"] for row in cell])
        for (p,), cell in grouped(rows, settings(["p"])).items()
    }
    shown = [(p, mean) for p, mean in means.items() if mean >= floor]
    ax.plot(*zip(*shown, strict=True), color=colour, lw=0.9, ls=(0, (1.5, 1.5)), alpha=0.9)


def _noise_level(row: Record) -> float:
    return float(row["p"])
