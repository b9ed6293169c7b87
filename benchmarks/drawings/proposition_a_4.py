"""The figure of `benchmarks.proposition_a_4`: how many isolated −1 violate it, by sample size."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import binomtest

from benchmarks import style
from benchmarks.columns import different, grouped, where
from benchmarks.proposition_a_4 import KINDS, Row, findings, sums
from benchmarks.style import ACCENT
from univariate.common.figure_style import POSITIVE

TITLE = "Proposition A.4 needs one orientation, or a global minimum"
MARKS = ((ACCENT, 0.97), (POSITIVE, 1.03), ("0.1", 1.0))  # colour, and shift to the side


def draw(rows: list[Row]) -> Figure:
    """Return the share of isolated −1 that violate A.4 against m, with 95 % intervals, or only
    their upper ends.
    """
    margins = {"left": 0.03, "right": 0.985, "top": 0.86, "bottom": 0.235}
    with style.page((7.2, 4.6), TITLE, _caption(rows), heights=(0.93, 0.025), **margins) as figure:
        figure.subplots_adjust(left=0.105)
        axes = figure.subplots()
        for (name, label), (colour, shift) in zip(KINDS.items(), MARKS, strict=True):
            _draw_shares(axes, where(rows, kind=name), label, colour, shift)
        axes.set(xscale="log", yscale="log")
        axes.set(xlabel="sample size $m$", ylabel="share of isolated −1 against A.4")
        style.ticks(axes, different(rows, "m"))
        axes.legend(loc="lower left")
    return figure


def _draw_shares(axes: Axes, rows: list[Row], label: str, colour: str, shift: float) -> None:
    look: dict[str, Any] = {"color": colour, "ms": 5.0, "lw": 1.2}
    for m, group in grouped(rows, "m").items():
        total = sums(group)
        share, (low, high) = _interval(total["violates_a4"], total["isolated"])
        if not total["violates_a4"]:
            # a caret down from the upper end
            axes.plot([m * shift], [high], **look, marker=11, ls="", label=label)
        else:
            bars = [[share - low], [high - share]]
            axes.errorbar([m * shift], [share], bars, fmt="o", capsize=2.5, **look, label=label)
        label = "_"  # in the legend once


def _interval(hits: int, count: int) -> tuple[float, tuple[float, float]]:
    """Return share and Clopper–Pearson interval at 95 %; the isolated −1 of one sample are not
    independent.
    """
    if not count:
        return float("nan"), (float("nan"), float("nan"))
    found = binomtest(hits, count).proportion_ci(0.95)
    return hits / count, (float(found.low), float(found.high))


def _caption(rows: list[Row]) -> str:
    found = findings(rows)
    counts = [
        f"{label}: {found[name]['violates_a4']:,} of {found[name]['isolated']:,} isolated −1"
        f" ({found[name]['minima']:,} minima, {found[name]['samples']:,} samples)"
        for name, label in KINDS.items()
        if name in found
    ]
    return ";\n".join(counts) + ".  Carets: none, 95 % upper ends."
