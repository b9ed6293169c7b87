"""Clean errors of a sweep against the noise level: a curve for every dimension."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from highdim.report.figures.sweep_curves import (
    KEY,
    differing,
    draw_means,
    in_words,
    name_below,
    shades,
)
from highdim.sweeps.rows import checked, grouped, has_limit, settings
from highdim.sweeps.store import Record
from univariate.common import check
from univariate.common.figure_style import new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

IDENTITY: Final = "#D55E00"  # vermilion of the Okabe–Ito palette
_DASHES: Final = ("-", (0, (5, 2)), (0, (1, 1.2)))
_MARKS: Final = "osDP"  # after as many kinds of runs as there are dashes
_LIMIT: Final[dict[str, Any]] = {"lw": 0.9, "ls": (0, (1.5, 1.5)), "alpha": 0.9}
_BESIDE: Final = 0.02 / 0.45  # of the span of noise levels


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
        too. A run that is there twice, polished too, counts once.
    ax : matplotlib Axes, optional
        Where to draw; a new figure if not given.
    logarithmic : bool
        Logarithmic errors, from `floor` on; open triangles are means below.
    limit : bool
        Draw the prediction of the orthogonal limit, dotted, on logarithmic axes, for every d and m
        of nets with biases on the sphere; an approximation for d ≥ m.

    Hollow marks: some run does not interpolate. The orange line is L_cl = p.

    Raises
    ------
    TypeError, ValueError
        No rows, rows without a column that is needed, or a floor out of range.
    """
    rows = checked(rows, "p", "d", "clean_error")
    limited = _limited(rows) if limit and logarithmic else []
    floor = check.probability("floor", floor, open_interval=True)
    ax = new_axes(6.0, 4.4) if ax is None else ax
    traits = differing(rows)
    kinds = list(grouped(rows, settings(traits)))
    below = dotted = False
    dimensions = grouped(rows, settings(["d"]))
    for ((d,), mine), colour in zip(dimensions.items(), shades(len(dimensions)), strict=True):
        name = f"$d={d:,}$".replace(",", r"\,")
        for kind, curve in grouped(mine, settings(traits)).items():
            label = ", ".join([name, *map(in_words, traits, kind)])
            lone = len({_noise_level(row) for row in curve}) == 1
            look: dict[str, Any] = {"label": label, **_look(kinds.index(kind), lone=lone)}
            least = floor if logarithmic else 0.0
            below |= draw_means(ax, curve, _noise_level, least, colour, **look)
        dotted |= _draw_limits(ax, [row for row in limited if row["d"] == d], colour, floor)
    if below:
        name_below(ax, floor, rows)
    if dotted:
        ax.plot([], [], color=KEY, label="orthogonal limit", **_LIMIT)
    _frame(ax, [_noise_level(row) for row in rows])
    if logarithmic:
        ax.set(yscale="log", ylim=(floor, 1.0))
    else:
        ax.set_ylim(0.0, None)
    return ax


def _look(kind: int, *, lone: bool) -> dict[str, Any]:
    """Return dashes and marks of a kind of runs; those of one point show no dashes."""
    turn, dash = divmod(kind, len(_DASHES))
    return {"ls": _DASHES[dash], "marker": _MARKS[(kind if lone else turn) % len(_MARKS)]}


def _frame(ax: "Axes", levels: Sequence[float]) -> None:
    """Let all noise levels be seen, and draw L_cl = p among them."""
    beside = _BESIDE * (max(levels) - min(levels)) or 0.02
    low, high = min(levels) - beside, max(levels) + beside
    p = np.linspace(max(low, 0.0), min(high, 1.0), 200)
    ax.plot(p, p, color=IDENTITY, lw=1.0, zorder=1)
    ax.set(xlabel="noise level $p$", ylabel="clean error $L_{cl}$", xlim=(low, high))


def _limited(rows: Sequence[Record]) -> list[Record]:
    """Return the rows that the orthogonal limit speaks of, which must say what it predicts."""
    spoken_of = [row for row in rows if has_limit(row)]
    return checked(spoken_of, "m", "predicted_clean_error") if spoken_of else []


def _draw_limits(ax: "Axes", rows: Sequence[Record], colour: Any, floor: float) -> bool:
    """Draw the mean prediction at every noise level, a curve for every m; return whether there is
    one above the floor.
    """
    found = False
    for mine in grouped(rows, settings(["m"])).values():
        means = [
            (p, np.mean([row["predicted_clean_error"] for row in cell]))
            for (p,), cell in grouped(mine, settings(["p"])).items()
        ]
        shown = [(p, mean) for p, mean in means if mean >= floor]
        ax.plot(*zip(*shown, strict=True), color=colour, **_LIMIT)
        found |= bool(shown)
    return found


def _noise_level(row: Record) -> float:
    return float(row["p"])
