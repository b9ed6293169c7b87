"""Plots of results: of a sweep, or a net on the circle or the sphere, on axes, given or new, and of
a report as a whole figure.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from highdim.report.figures.circle_plot import plot_circle
from highdim.report.figures.dimension_plot import plot_dimensions
from highdim.report.figures.report_plot import plot_report
from highdim.report.figures.sphere_plot import plot_sphere
from highdim.sweeps.store import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_circle", "plot_dimensions", "plot_report", "plot_sphere", "plot_sweep"]


IDENTITY: Final = "#D55E00"  # vermilion of the Okabe–Ito palette
_DASHES: Final = ("-", (0, (5, 2)), (0, (1, 1.2)))
_WORDS: Final = {
    "width": "n",
    "m": "m",
    "depth": "depth",
    "distribution": "x",
    "method": "",
    "train_output": "v moves",
}


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
        Of a sweep. Where they differ in width, m, depth, distribution, method or fixed outputs,
        curves do too.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    logarithmic : bool
        Logarithmic errors, from `floor` on.
    limit : bool
        Draw the prediction of the orthogonal limit, dashed, on logarithmic axes; an approximation
        for d ≥ m.

    Hollow marks: some run does not interpolate. The orange line is L_cl = p.
    """
    if not rows:
        raise ValueError("`rows` must not be empty; finish a run first")
    if ax is None:
        ax = _new_axes()
    least = floor if logarithmic else 0.0
    dimensions = sorted({row["d"] for row in rows})
    traits = [name for name in _WORDS if len({row[name] for row in rows}) > 1]
    kinds = sorted({tuple(row[name] for name in traits) for row in rows}, key=str)
    for d, colour in zip(dimensions, _shades(len(dimensions)), strict=True):
        mine = [row for row in rows if row["d"] == d]
        for k, kind in enumerate(kinds):
            curve = [row for row in mine if tuple(row[name] for name in traits) == kind]
            name = f"$d={d:,}$".replace(",", r"\,")
            label = ", ".join([name, *map(_worded, traits, kind)])
            _draw_curve(ax, curve, colour, _DASHES[k % len(_DASHES)], label, least)
        if logarithmic and limit:
            _draw_limit(ax, mine, colour, floor)
    p = np.geomspace(0.01, 0.5, 50)
    ax.plot(p, p, color=IDENTITY, lw=1.0, zorder=1)
    ax.set(xlabel="noise level $p$", ylabel="clean error $L_{cl}$", xlim=(0.03, 0.52))
    if logarithmic:
        ax.set(yscale="log", ylim=(floor, 1.0))
    else:
        ax.set_ylim(0.0, None)
    return ax


def _draw_curve(
    ax: "Axes", rows: list[Record], colour: Any, dashes: Any, label: str, floor: float
) -> None:
    if not rows:
        return
    cells = _by_noise_level(rows)
    levels = np.array(list(cells))
    errors = [[row["clean_error"] for row in cell] for cell in cells.values()]
    low, mean, high = (
        np.maximum([f(cell) for cell in errors], floor) for f in (np.min, np.mean, np.max)
    )
    missed = [not all(row["interpolates"] for row in cell) for cell in cells.values()]
    ax.fill_between(levels, low, high, color=colour, alpha=0.25, lw=0)
    ax.plot(levels, mean, color=colour, lw=1.3, ls=dashes, marker="o", ms=2.8, label=label)
    ax.plot(levels[missed], mean[missed], "o", color="white", mec=colour, ms=4.5)


def _draw_limit(ax: "Axes", rows: list[Record], colour: Any, floor: float) -> None:
    means = {
        p: np.mean([row["predicted_clean_error"] for row in cell])
        for p, cell in _by_noise_level(rows).items()
    }
    shown = [(p, mean) for p, mean in means.items() if mean >= floor]
    ax.plot(*zip(*shown, strict=True), color=colour, lw=0.9, ls=(0, (1.5, 1.5)), alpha=0.9)


def _by_noise_level(rows: Sequence[Record]) -> dict[float, list[Record]]:
    levels = sorted({row["p"] for row in rows})
    return {p: [row for row in rows if row["p"] == p] for p in levels}


def _worded(name: str, value: Any) -> str:
    if name in ("width", "m"):
        return f"${_WORDS[name]}={value}$"
    return f"{_WORDS[name]} {value}".strip()


def _shades(count: int) -> Iterable[Any]:
    """Colours from light to dark, readable without colour vision."""
    import matplotlib as mpl

    return mpl.colormaps["viridis_r"](np.linspace(0.12, 0.97, count))


def _new_axes() -> "Axes":
    from matplotlib.figure import Figure

    return Figure(figsize=(6.0, 4.4), layout="constrained").subplots()
