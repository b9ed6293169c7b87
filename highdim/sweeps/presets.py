"""The runs behind Figures 1 and 2 of the paper, panel by panel, in three sizes.

The paper trains by SGD at learning rate 0.1 for 20,000 epochs, and states neither batch size nor
reduction. Here the gradient flow runs to the time that this takes with full batches of the mean
loss, τ = 0.1 · 20,000/m; every row of a sweep says which time that is.
"""

from collections.abc import Callable
from typing import Any, Final

from highdim.sweeps.runs import RunConfig, grid
from univariate.common import check

NOISE: Final = tuple(round(0.05 * k, 2) for k in range(1, 11))
"""The paper's noise levels."""

SIZES: Final = ("quick", "two-core", "paper")
"""Minutes; what two cores do in an evening, and the committed figures show; all of the paper's
runs.
"""

DEEP_TOLERANCE: Final = 0.05
"""Tolerance of the flow for three layers, whose steps are dear.

At a tenth of it, d = 10,000: 0.179 instead of 0.184 at p = 0.4, 7.4e-5 instead of 9.9e-5 at p =
0.2, and 3e-11 instead of 1e-10 at p = 0.1.
"""

_ALL: Final = (250, 500, 1000, 2000, 5000, 10_000)
_SOME: Final = (250, 2000, 10_000)
_FEW: Final = (0.1, 0.2, 0.3, 0.4, 0.5)


def preset(name: str, size: str = "two-core") -> list[RunConfig]:
    """Return the runs of one panel.

    Parameters
    ----------
    name : str
        "figure-1-left" (m = 500, 1000 neurons), "figure-1-right" (m = 2000), "figure-2-left" (50
        and 3000 neurons) or "figure-2-right" (three layers).
    size : str
        "quick", "two-core" or "paper".

    Raises
    ------
    ValueError
        Another name or size.
    """
    check.choice("name", name, PRESETS)
    check.choice("size", size, SIZES)
    return PRESETS[name](size)


def protocol_time(m: int) -> float:
    """Return the flow time of the paper's protocol, read as full batches of the mean loss."""
    return 0.1 * 20_000 / m


def _runs(m: int, **choices: Any) -> list[RunConfig]:
    return grid(m=m, **({"width": 1000, "flow_time": protocol_time(m)} | choices))


def _figure_1_left(size: str) -> list[RunConfig]:
    if size == "quick":
        return _runs(500, d=_SOME, p=_FEW)
    seeds = {"two-core": 4, "paper": 10}[size]
    return _runs(500, d=_ALL, p=NOISE, seed=range(seeds))


def _figure_1_right(size: str) -> list[RunConfig]:
    if size == "paper":
        return _runs(2000, d=(500, 1000, 2000, 5000, 10_000, 40_000), p=NOISE, seed=range(10))
    levels = {"quick": (0.1, 0.3), "two-core": _FEW}[size]
    return _runs(2000, d=(1000, 10_000), p=levels)


def _figure_2_left(size: str) -> list[RunConfig]:
    if size == "paper":
        return _runs(500, d=_SOME, p=NOISE, width=(50, 3000), seed=range(10))
    widths = {"quick": (50,), "two-core": (50, 3000)}[size]
    return _runs(500, d=_SOME, p=_FEW, width=widths)


def _figure_2_right(size: str) -> list[RunConfig]:
    if size == "paper":
        return _runs(500, d=_ALL, p=NOISE, depth=3, seed=range(10), tolerance=DEEP_TOLERANCE)
    dimensions = {"quick": (250, 10_000), "two-core": _SOME}[size]
    return _runs(500, d=dimensions, p=_FEW, depth=3, tolerance=DEEP_TOLERANCE)


PRESETS: Final[dict[str, Callable[[str], list[RunConfig]]]] = {
    "figure-1-left": _figure_1_left,
    "figure-1-right": _figure_1_right,
    "figure-2-left": _figure_2_left,
    "figure-2-right": _figure_2_right,
}
