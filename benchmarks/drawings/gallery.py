"""The figure of `benchmarks.gallery`: ten nets, their kinks, and all verdicts."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.patches import Patch

import univariate
from benchmarks.gallery import STEPS, Exhibit, Row, lettered, norm_squared_at_margin_one
from benchmarks.nets import CHANGED, GREY, LONG, PALE, draw_gates, draw_graph, sample_marks
from benchmarks.style import DENSE, mark, settings
from univariate.common.figure_style import GREEN, INK, NEGATIVE as RED, ORANGE as AMBER, POSITIVE

BLUE, PURPLE = POSITIVE, "#AA4499"
SHARED = "#F5E6F2"  # a tint of PURPLE
CHIPS = {
    "HOLDS": (INK, INK, "white"),
    "UNDECIDED": (AMBER, AMBER, INK),
    "FAILS": ("white", RED, RED),
}
TITLE = "Where training can end: ten networks, certified"
DIFFERENCE = 1e-9  # of two graphs


def draw(rows: list[Row]) -> Figure:
    """Draw the ten panels, the verdicts on the moved nets, and what the strokes mean."""
    given = {(row.panel, row.net): row for row in rows if row.moved == "as given"}
    with settings(DENSE):
        figure = Figure(figsize=(10.4, 13.9))
        grid = figure.add_gridspec(
            4, 3, left=0.045, right=0.985, top=0.842, bottom=0.035, wspace=0.16, hspace=0.6
        )
        for k, (letter, exhibit) in enumerate(lettered()):
            _draw_panel(figure, grid[k // 3, k % 3], exhibit, given[letter, 1])
        _draw_ladder(figure.add_subplot(grid[3, 1:]), rows)
        _explain(figure)
        figure.text(0.02, 0.981, TITLE, fontsize=12.5, fontweight="bold", color=INK)
    return figure


def _draw_panel(figure: Figure, cell: SubplotSpec, exhibit: Exhibit, row: Row) -> None:
    """Draw the graphs of the net and of its rival, and below them where their neurons have their
    kinks.
    """
    parts = cell.subgridspec(2, 1, height_ratios=[4.6, 1.0], hspace=0.0)
    ax = figure.add_subplot(parts[0])
    lanes = figure.add_subplot(parts[1])
    for level in (-1.0, 0.0, 1.0):
        ax.axhline(level, color=PALE if level else GREY, lw=0.7, zorder=0.5)
    draw_gates(ax, exhibit.sample, exhibit.heights)
    rival, color, tint = _rival(exhibit)
    draw_graph(ax, univariate.spline(exhibit.net), exhibit.shown, color=BLUE, lw=2.0, zorder=3)
    _draw_lane(lanes, exhibit.net, exhibit.shown, 1.5, BLUE, r"$\theta$")
    if rival is not None:
        x = np.linspace(*exhibit.shown, 2001)
        differs = np.abs(exhibit.net(x) - rival(x)) > DIFFERENCE
        ax.fill_between(x, *exhibit.heights, where=differs, color=tint, lw=0, zorder=0)
        draw_graph(
            ax, univariate.spline(rival), exhibit.shown, color=color, lw=2.0, ls=LONG, zorder=4
        )
        _draw_lane(lanes, rival, exhibit.shown, 0.5, color, r"$\theta'$")
    ax.set(xlim=exhibit.shown, ylim=exhibit.heights, xticks=[])
    names = {-1.0: "−1", 0.0: "0", 1.0: "+1"}
    levels = [level for level in names if level > exhibit.heights[0]]
    ax.set_yticks(levels, [names[level] for level in levels])
    lanes.set(xlim=exhibit.shown, ylim=(0.0, 2.0), yticks=[])
    lanes.set_xticks(exhibit.sample.x, exhibit.x.replace("-", "−").split())
    for part in (ax, lanes):
        part.tick_params(length=0, labelsize=8.2, colors=INK)
        part.spines[["left", "bottom"]].set_visible(False)
    _draw_caption(ax, exhibit, row, rival)


def _rival(exhibit: Exhibit) -> tuple[univariate.ReluNet | None, str, str]:
    """Return the other optimum, or the net that refutes the next level, and its colours."""
    if exhibit.other is not None:
        return exhibit.other, PURPLE, SHARED
    return univariate.certify(exhibit.net, exhibit.sample).witness, GREEN, CHANGED


def _draw_caption(ax: Axes, exhibit: Exhibit, row: Row, rival: univariate.ReluNet | None) -> None:
    ax.set_title(f"({row.panel}) {exhibit.name}", fontsize=9.6, color=INK, pad=33)
    _draw_chips(ax, 0.875, 1.305, 0.055, row, transform=ax.transAxes)
    numbers = f"$\\|\\theta\\|^2$ = {row.norm_squared:.5g},  least {row.optimal_norm_squared:.5g}"
    numbers += f",  clean error {row.clean_error:.3g}"
    norm = (
        ""
        if rival is None
        else f"$\\|\\theta'\\|^2$ = {norm_squared_at_margin_one(rival, exhibit.sample):.5g}"
    )
    for height, line in ((1.155, numbers), (1.055, exhibit.words.format(rival=norm))):
        ax.text(0.0, height, line, transform=ax.transAxes, fontsize=8.2, color=GREY, va="center")


def _draw_chips(ax: Axes, x: float, y: float, step: float, row: Row, **place: Any) -> None:
    """Draw a letter for each certificate, dressed as its verdict."""
    for k, (name, verdict) in enumerate(
        zip("KLG", (row.kkt, row.local_minimum, row.global_minimum), strict=True)
    ):
        _draw_chip(ax, x + step * k, y, name, verdict, **place)


def _draw_chip(ax: Axes, x: float, y: float, name: str, verdict: str, **place: Any) -> None:
    face, edge, letter = CHIPS[verdict]
    frame = {"boxstyle": "round,pad=0.2", "fc": face, "ec": edge, "lw": 0.9}
    ax.text(x, y, name, ha="center", va="center", fontsize=6.8, color=letter, bbox=frame, **place)


def _draw_lane(
    ax: Axes,
    net: univariate.ReluNet,
    shown: tuple[float, float],
    height: float,
    color: str,
    name: str,
) -> None:
    """Mark kinks by arrows into the active side, filled where N bends upwards; others in words."""
    ax.axhline(height, color=PALE, lw=0.7, zorder=0.5)
    words = []
    for v, kink, right in zip(net.v, net.kinks, net.w > 0.0, strict=True):
        if v == 0.0:
            words.append("zero neuron")
        elif not np.isfinite(kink):
            words.append("constant neuron")
        elif shown[0] <= kink <= shown[1]:
            at = kink + (0.013 if right else -0.013) * (shown[1] - shown[0])
            face = color if v > 0.0 else "white"
            look: dict[str, Any] = {"ms": 5.6, "mfc": face, "mec": color, "mew": 1.1, "zorder": 7}
            ax.plot(at, height, marker=">" if right else "<", **look)
        else:
            words.append(f"kink {kink:.3g}".replace("-", "−"))
    style = {"va": "center", "fontsize": 7.6, "color": color, "transform": ax.get_yaxis_transform()}
    ax.text(-0.02, height, name, ha="right", **style)
    frame = {"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none"}
    if words:
        ax.text(1.0, height, ", ".join(words), ha="right", bbox=frame, **style)


LETTERS = (
    (2.5, "KLG", "HOLDS", "KKT, local, global minimum: holds"),
    (1.5, "K", "UNDECIDED", "undecided: KKT to ε only"),
    (0.5, "G", "FAILS", "fails: a cheaper network is at hand"),
)
NOTE = (
    r"$\|\theta\|^2$ is for a worst margin of 1, least its minimum over all networks; the clean"
    r" error is the share of"
    r" [0, 1] where $N\leq 0$."
    "\nProposition A.4: at a local minimum $N$ is the line from −1 to +1 right of a −1 between two"
    " +1.  It need not be."
)
COLUMNS = (0.425, 0.605, 0.785, 0.965)


def _draw_ladder(ax: Axes, rows: list[Row]) -> None:
    """Write the verdicts on every net, as given and with its first output weight moved."""
    ax.axis("off")
    ax.set(xlim=(0.0, 1.07), ylim=(0.0, 1.0))
    ax.set_title(
        "(k) The same with $v_1$ moved by a relative step, and how nearly KKT (ε)",
        fontsize=9.6,
        color=INK,
        pad=33,
    )
    lines = list(dict.fromkeys((row.panel, row.net) for row in rows))
    for x, name in zip(COLUMNS, ("as given", "one ulp", "$10^{-7}$", "$10^{-3}$"), strict=True):
        ax.text(x - 0.005, 1.07, name, ha="center", va="center", fontsize=8.6, color=INK)
    for row in rows:
        x = COLUMNS[list(STEPS).index(row.moved)]
        y = 0.97 - lines.index((row.panel, row.net)) / len(lines)
        if row.moved == "as given":
            which = {("i", 2): r", $\theta'$", ("j", 2): r", $\theta'$"}
            which |= {("i", 1): r", $\theta$", ("j", 1): r", $\theta$"}
            name = f"({row.panel}) {row.exhibit}{which.get((row.panel, row.net), '')}"
            ax.text(0.0, y, name, va="center", fontsize=8.2, color=INK)
        _draw_chips(ax, x - 0.03, y, 0.025, row)
        if row.kkt != "FAILS":
            mantissa, power = f"{row.kkt_accuracy:.0e}".split("e")
            nearly = rf"${mantissa}\cdot 10^{{{int(power)}}}$"
            ax.text(x + 0.04, y, nearly, va="center", fontsize=7.4, color=GREY)


def _explain(figure: Figure) -> None:
    """Say what strokes, arrows and letters mean, between the title and the panels."""
    arrow: dict[str, Any] = {"ms": 5.6, "mew": 1.1}
    handles = [
        mark(r"network $\theta$, margins ≥ 1", BLUE, ls="-", lw=2.0),
        mark(r"cheaper network $\theta'$, margins ≥ 1", GREEN, ls=LONG, lw=2.0),
        mark(r"$\theta'$ as cheap as $\theta$", PURPLE, ls=LONG, lw=2.0),
        mark("kink, active on its right", BLUE, marker=">", **arrow),
        mark("kink, active on its left", BLUE, marker="<", **arrow),
        mark("open: $N$ bends down", BLUE, marker=">", mfc="white", **arrow),
        *sample_marks(),
        Patch(color=CHANGED, label=r"where $\theta$ and $\theta'$ differ"),
    ]
    place: dict[str, Any] = {
        "loc": "upper left",
        "bbox_to_anchor": (0.01, 0.974),
        "ncols": 4,
    }
    figure.legend(handles=handles, fontsize=8.6, labelspacing=0.55, columnspacing=1.6, **place)
    ax = figure.add_axes((0.725, 0.9215, 0.27, 0.0475))
    ax.axis("off")
    ax.set(xlim=(0.0, 1.0), ylim=(0.0, 3.0))
    for y, letters, verdict, words in LETTERS:
        for x, name in zip((0.02, 0.075, 0.13), letters, strict=False):
            _draw_chip(ax, x, y, name, verdict)
        ax.text(0.18, y, words, va="center", fontsize=8.6)
    figure.text(0.02, 0.918, NOTE, fontsize=8.4, color=GREY, va="top", linespacing=1.4)
