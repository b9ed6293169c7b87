"""The paper's Figure 3 with real networks: five ways to miss Proposition A.4, and the move that
makes each one cheaper.

Every panel shows a network that interpolates the labels +, −, + but is not the line from −1 to +1
right of the −1: the three cases of Lemma A.6 (top), where N is not linear there, and the two of
Lemma A.7 (bottom), where the line is too low on the left or too high on the right.
`univariate.proof_move` finds the two neurons that the proof names and moves part of one to the
other. The steps are finite, large enough to be seen; that all margins stay at least as large as the
smallest one was, and that the norm falls, is decided in rational arithmetic.

All neurons look right, as the proof assumes: N is a line from a kink left of the data, and bends at
the given knots.

The committed table and figure come from (repository root)

    python -m benchmarks.figure_3 --write
"""

import sys
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from rich.table import Table

import univariate
from benchmarks import frame
from benchmarks.nets import CHANGED, GREY, LONG, PALE, draw_gates, draw_graph, sample_marks
from benchmarks.quick import Quick
from benchmarks.style import DENSE, mark, settings
from univariate.common.figure_style import GREEN, INK, POSITIVE

SAMPLE = univariate.Sample([0.2, 0.45, 0.7], [1.0, -1.0, 1.0])
ISOLATED = 1  # the observation −1
SHOWN = (0.1, 0.95)
HEIGHTS = (-2.7, 3.4)


class Panel(NamedTuple):
    """A net that is to be drawn: the points it passes, straight from one to the next and constant
    after the last.
    """

    label: str
    title: str
    points: tuple[tuple[float, float], ...]
    step: float

    @property
    def net(self) -> univariate.ReluNet:
        """The balanced net, one right-oriented neuron for every point; its kinks are the knots."""
        knots, values = np.array(self.points).T
        slopes = np.append(np.diff(values) / np.diff(knots), 0.0)
        rough = univariate.ReluNet(
            np.diff(slopes, prepend=0.0), np.ones(len(knots)), -knots
        ).balanced()
        # margins ≥ 1 in spite of rounding
        return univariate.ReluNet((1.0 + 2.0**-48) * rough.v, rough.w, rough.b)


START = ((0.0, 0.0), (0.2, 1.0))
PANELS = (
    Panel(
        "A.6 (1)",
        "rising ever faster",
        (*START, (0.45, -1.0), (0.57, -0.7), (0.7, 1.0), (0.78, 2.05)),
        0.3,
    ),
    Panel(
        "A.6 (2)", "rising ever more slowly", (*START, (0.45, -1.0), (0.55, 0.6), (0.7, 1.0)), 0.2
    ),
    Panel("A.6 (3)", "falling, then rising", (*START, (0.54, -1.72), (0.7, 1.0)), 0.3),
    Panel("A.7", "too low at $x_i$", (*START, (0.45, -1.9), (0.7, 1.0)), 0.2),
    Panel("A.7", "too high at $x_{i+1}$", (*START, (0.45, -1.0), (0.76, 2.6)), 0.17),
)


@dataclass(frozen=True)
class Row(frame.Row):
    """One panel: the case, the move, and the exact norms and margins before and after, each rounded
    once.
    """

    lemma: str
    case: str
    equation: str
    first: int
    second: int
    step: float
    low: float  # N changes between low and high
    high: float
    norm_squared_before: float
    norm_squared_after: float
    change: float
    predicted: float  # to first order in the step
    margin_before: float
    margin_after: float


def compute() -> list[Row]:
    """Carry out the move of every panel.

    Raises
    ------
    ArithmeticError
        Some margin is below 1 before or after a move, or some move does not lower the norm.
    """
    return [_row(panel) for panel in PANELS]


def _row(panel: Panel) -> Row:
    move = moved(panel)
    worst = [univariate.smallest_margin(net, SAMPLE) for net in (panel.net, move.net)]
    if min(worst) < 1:
        raise ArithmeticError(f"«{panel.title}» has a margin below 1; choose other points")
    return Row(
        lemma=panel.label,
        case=move.case,
        equation=move.equation,
        first=move.first,
        second=move.second,
        step=move.step,
        low=move.interval[0],
        high=move.interval[1],
        norm_squared_before=float(move.norm_squared_before),
        norm_squared_after=float(move.norm_squared_after),
        change=float(move.change),
        predicted=move.predicted,
        margin_before=float(worst[0]),
        margin_after=float(worst[1]),
    )


def moved(panel: Panel) -> univariate.Move:
    """Return the proof's move on a panel's net, with the panel's step."""
    move = univariate.proof_move(panel.net, SAMPLE, ISOLATED, step=panel.step)
    if move is None:
        raise ArithmeticError(
            f"no move of step {panel.step} on «{panel.title}» is feasible and saves norm; choose a"
            " smaller one"
        )
    return move


TITLE = "Five networks that miss Proposition A.4, and the two-neuron move that makes each cheaper"


def draw(rows: list[Row]) -> Figure:
    """Draw the five panels, and what their strokes mean in the place of a sixth."""
    with settings(DENSE):
        figure = Figure(figsize=(10.4, 6.5))
        axes = figure.subplots(2, 3)
        figure.subplots_adjust(
            left=0.035, right=0.985, top=0.855, bottom=0.085, wspace=0.13, hspace=0.5
        )
        for ax, panel, row in zip(axes.flat, PANELS, rows, strict=False):
            _draw_panel(ax, panel, row)
        _explain(axes.flat[-1])
        figure.text(0.035, 0.95, TITLE, fontsize=12.5, fontweight="bold", color=INK)
    return figure


def _draw_panel(ax: Axes, panel: Panel, row: Row) -> None:
    ax.axvspan(row.low, row.high, color=CHANGED, lw=0, zorder=0)
    for level in (-1.0, 0.0, 1.0):
        ax.axhline(level, color=PALE if level else GREY, lw=0.7, zorder=0.5)
    before, after = (univariate.spline(net) for net in (panel.net, moved(panel).net))
    draw_gates(ax, SAMPLE, HEIGHTS)
    draw_graph(ax, before, SHOWN, color=POSITIVE, lw=2.0, zorder=3)
    draw_graph(ax, after, SHOWN, color=GREEN, lw=2.0, ls=LONG, zorder=4)
    for name, neuron in (("j_1", row.first), ("j_2", row.second)):
        kink = float(panel.net.kinks[neuron])
        _draw_kink(ax, name, kink, float(before(kink)), convex=panel.net.v[neuron] > 0.0)
    ax.set(xlim=SHOWN, ylim=HEIGHTS, yticks=(-1, 0, 1))
    ax.set_yticklabels(("−1", "0", "+1"))
    ax.set_xticks(SAMPLE.x, ("$x_{i-1}$", "$x_i$", "$x_{i+1}$"))
    ax.tick_params(length=0, labelsize=9.0, colors=INK)
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.set_title(f"Lemma {panel.label}: {panel.title}", fontsize=10.0, color=INK, pad=19)
    saved = 100.0 * row.change / row.norm_squared_before
    norms = (
        f"$\\|\\theta\\|^2$ = {row.norm_squared_before:.2f} → {row.norm_squared_after:.2f} "
        f" ({saved:.1f} %)"
    )
    note = f"{norms},  Eq. ({row.equation}), δ = {row.step:g}".replace("(-", "(−")
    ax.text(0.0, 1.035, note, transform=ax.transAxes, fontsize=8.4, color=GREY)


def _draw_kink(ax: Axes, name: str, x: float, y: float, *, convex: bool) -> None:
    """Name a neuron at its kink, on the outer side of the bend."""
    ax.plot(x, y, marker="D", ms=4.4, mfc="white", mec=POSITIVE, mew=1.2, zorder=5)
    offset = (0.0, -9.0) if convex else (0.0, 8.0)
    ax.annotate(
        f"${name}$",
        (x, y),
        offset,
        textcoords="offset points",
        ha="center",
        va="top" if convex else "bottom",
        color=POSITIVE,
        fontsize=9.5,
        zorder=7,
    )


def _explain(ax: Axes) -> None:
    ax.axis("off")
    handles = [
        mark("network with margins ≥ 1", POSITIVE, ls="-", lw=2.0),
        mark("after the proof's move, margins ≥ 1", GREEN, ls=LONG, lw=2.0),
        Patch(color=CHANGED, label="the only place where $N$ changes"),
        mark("kinks of the two neurons", POSITIVE, marker="D", ms=4.4, mfc="white", mew=1.2),
        *sample_marks(),
    ]
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.0, 1.06),
        fontsize=9.0,
        labelspacing=0.55,
    )
    text = (
        "Norms and margins were computed in rational\n"
        "arithmetic. All neurons are active right of their\n"
        "kinks, and balanced before the move."
    )
    ax.text(
        0.025,
        -0.02,
        text,
        transform=ax.transAxes,
        fontsize=8.6,
        color=GREY,
        va="bottom",
        linespacing=1.4,
    )


def table(rows: list[Row]) -> Table:
    """Return the moves, one line per panel."""
    lines = []
    for row in rows:
        norms = f"{row.norm_squared_before:.4f}", f"{row.norm_squared_after:.4f}"
        margin = f"{row.margin_after - row.margin_before:+.2g}"
        lines.append((row.lemma, row.case, row.equation, f"{row.step:g}", *norms, margin))
    names = ("Lemma", "case", "Eq.", "δ", "‖θ‖² before", "after", "worst margin after − before")
    return frame.table("", names, lines, left=2)


SCRIPT = Quick(
    "figure_3",
    "Figure 3 of the paper with real networks.",
    Row,
    compute,
    table,
    draw,
    store="the .csv file; .png goes beside it",
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
