"""A gallery of what training can end in: KKT points, local and global minima of Problem (1),
certified one by one.

Every panel is a real network on a real sample, drawn with what `univariate.certify` finds: its
standing, and where a certificate fails the cheaper network that refutes it.

Top: one network, three questions. (a) A local minimum that is not global: beyond the data it turns
the other way than the optimum. (b) The same with an all-zero neuron: local minima with a neuron to
spare are global, so it is none.
(c) The same with one more observation, where the margin is large: still a local minimum, but not
the line that Proposition A.4 asks for. Second row: one graph on [0, 1], three standings. They
differ in which neurons look left and which right, and in norm. Third row: a zero neuron that
changes nothing; a KKT point that can be checked by hand; two optima with different graphs. Bottom:
two optima with one graph, and all verdicts again with a parameter moved.

All but (h) and (i) have rational slopes, kinks and multipliers, as tests/cases.py derives.

The committed table and figure come from (repository root)

    python -m benchmarks.gallery
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import copysign, inf, sqrt
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec
from matplotlib.patches import Patch
from rich.console import Console
from rich.table import Table

import univariate
from benchmarks import frame
from benchmarks.nets import CHANGED, GREY, LONG, PALE, draw_gates, draw_graph, sample_marks
from benchmarks.style import DENSE, mark
from univariate.report.figures.axes import GREEN, INK, NEGATIVE as RED, ORANGE as AMBER, POSITIVE

RESULTS = frame.RESULTS / "gallery.csv"


def bends(*parts: tuple[str, str, int], zeros: int = 0) -> univariate.ReluNet:
    """Return the balanced net of neurons that bend N by J at t and are active right (+1) or left
    (−1) of it.
    """
    exact = [(Fraction(jump), Fraction(kink), side) for jump, kink, side in parts]
    atoms = [
        (copysign(1.0, jump), side * abs(jump), -side * abs(jump) * kink)
        for jump, kink, side in exact
    ]
    v, w, b = np.array([*atoms, *[(0.0, 0.0, 0.0)] * zeros], dtype=np.float64).T
    return univariate.ReluNet(v, w, b).balanced()


def number(text: str) -> float:
    """Return a ratio such as "5/12", or "√3"."""
    return sqrt(3.0) * (-1.0) ** text.count("-") if "√3" in text else float(Fraction(text))


NAMES = {"kkt": "KKT point", "local minimum": "Local minimum", "global minimum": "Global minimum"}


class Exhibit(NamedTuple):
    """A net on a sample, perhaps with another net of the same standing; what to show of it, and a
    line of words.
    """

    level: str  # to be certified
    title: str  # what to add to its name
    words: str
    net: univariate.ReluNet
    x: str
    labels: str
    other: univariate.ReluNet | None = None
    shown: tuple[float, float] = (-0.06, 1.06)
    heights: tuple[float, float] = (-1.7, 2.3)

    @property
    def name(self) -> str:
        """The title of the panel."""
        return NAMES[self.level] + self.title

    @property
    def sample(self) -> univariate.Sample:
        """The observations."""
        return univariate.Sample(
            [number(x) for x in self.x.split()], [{"+": 1.0, "-": -1.0}[y] for y in self.labels]
        )


OUTWARD = (
    ("-388/35", "0", 1),
    ("768/35", "5/12", 1),
    ("-2400/91", "8/15", -1),
    ("1828/91", "3/4", -1),
)
NOT_LOCAL = (("-52/15", "0", 1), ("54/5", "5/12", 1), ("-46/3", "3/4", 1), ("4/3", "3/4", -1))
LOCAL = (("12/25", "-4/3", 1), ("54/5", "5/12", -1), ("-138/25", "3/4", -1), ("-212/25", "3/4", 1))
OPTIMUM = (("39/5", "5/12", -1), ("3", "5/12", 1), ("-3", "3/4", -1), ("-11", "3/4", 1))
ONE_WAY = (
    *(("768/35", "5/12", -1), ("-1980/91", "8/15", -1), ("-60/13", "8/15", 1)),
    *(("60/13", "3/4", -1), ("164/13", "3/4", 1)),
)
OTHER_WAY = (
    *(("468/35", "5/12", -1), ("60/7", "5/12", 1), ("-60/7", "8/15", -1)),
    *(("-1620/91", "8/15", 1), ("224/13", "3/4", 1)),
)
CONSTANT = univariate.ReluNet([1.0], [0.0], [1.0])
SPLIT = univariate.ReluNet([1.0, 1.0], [sqrt(3.0) / 4.0, -sqrt(3.0) / 4.0], [0.25, 0.25]).balanced()
FOUR, FIVE, SAME = (
    ("0 5/12 8/15 3/4", "+-+-"),
    ("0 5/12 8/15 3/4 1", "+-+-+"),
    ("0 5/12 3/4 1", "+-+-"),
)
EXHIBITS = (
    Exhibit(
        "local minimum",
        ", not global",
        r"$\theta'$ is the optimum: it falls right of 3/4",
        bends(*OUTWARD),
        *FOUR,
    ),
    Exhibit(
        "kkt",
        ", zero neuron",
        "it grows into a kink at 5/12,  {rival}",
        bends(*OUTWARD, zeros=1),
        *FOUR,
    ),
    Exhibit(
        "local minimum",
        " against A.4",
        "(a) and (1, +1): $N(1)$ = 12/7, not 1 as A.4 says",
        bends(*OUTWARD),
        *FIVE,
    ),
    Exhibit(
        "kkt", ", not local", "one of two kinks at 3/4 leaves,  {rival}", bends(*NOT_LOCAL), *SAME
    ),
    Exhibit(
        "local minimum",
        ", same graph",
        r"$\theta'$ is the optimum: on [0, 1] no change at all",
        bends(*LOCAL),
        *SAME,
    ),
    Exhibit(
        "global minimum", ", same graph", "(d), (e), (f) agree on [0, 1]", bends(*OPTIMUM), *SAME
    ),
    Exhibit(
        *("global minimum", ", zero neuron", "(f) and a zero neuron, which has nothing to gain"),
        *(bends(*OPTIMUM, zeros=1), *SAME),
    ),
    Exhibit(
        *("kkt", ", not local, by hand", "the kink on −1 leaves,  {rival}"),
        *(bends(("1/3", "-1", 1), ("1/2", "1", -1)), "-1 2", "++"),
        shown=(-1.6, 2.6),
        heights=(-0.6, 2.3),
    ),
    Exhibit(
        *(
            "global minimum",
            ", two graphs",
            r"$\theta$, $\theta'$ and all their mixtures are optimal",
        ),
        *(CONSTANT, "-√3 √3", "++", SPLIT),
        shown=(-2.3, 2.3),
        heights=(-0.6, 2.3),
    ),
    Exhibit(
        *(
            "global minimum",
            ", one graph",
            r"$\theta$, $\theta'$ differ in which neurons look left",
        ),
        *(bends(*ONE_WAY), *FIVE, bends(*OTHER_WAY)),
    ),
)
STEPS = {"as given": 0.0, "1 ulp": 0.0, "1e-7": 1e-7, "1e-3": 1e-3}


@dataclass(frozen=True)
class Row(frame.Row):
    """The standing of one net, as given or with its first output weight moved.

    Norms are for a worst margin of 1.
    """

    panel: str
    exhibit: str
    net: int  # 1, or 2 for the other optimum
    moved: str
    m: int
    n: int
    level: str
    kkt: str
    kkt_accuracy: float
    local_minimum: str
    local_accuracy: float
    global_minimum: str
    duality_gap: float
    norm_squared: float
    optimal_norm_squared: float
    clean_error: float
    witness_norm_squared: float | None  # of the net that refutes the next level
    violation: str  # of the statements on the shape of N
    reason: str


def compute() -> list[Row]:
    """Certify every net as given and moved, in the order of the panels.

    Raises
    ------
    ArithmeticError
        Some net has not the standing that it is shown for.
    """
    return [
        _row(letter, exhibit, number, net, moved)
        for letter, exhibit in lettered()
        for number, net in enumerate(nets(exhibit), 1)
        for moved in STEPS
    ]


def lettered() -> Iterable[tuple[str, Exhibit]]:
    """Return the exhibits with the letters of their panels."""
    return zip("abcdefghij", EXHIBITS, strict=True)


def nets(exhibit: Exhibit) -> list[univariate.ReluNet]:
    """Return the one or two nets of an exhibit."""
    return [exhibit.net] if exhibit.other is None else [exhibit.net, exhibit.other]


def displaced(net: univariate.ReluNet, moved: str) -> univariate.ReluNet:
    """Return the net with its first output weight moved by one unit in the last place, or by a
    relative step.
    """
    v = net.v.copy()
    v[0] = (
        np.nextafter(v[0], copysign(inf, v[0])) if moved == "1 ulp" else v[0] * (1.0 + STEPS[moved])
    )
    return univariate.ReluNet(v, net.w, net.b)


def _row(letter: str, exhibit: Exhibit, number: int, given: univariate.ReluNet, moved: str) -> Row:
    net, data = displaced(given, moved), exhibit.sample
    optimum = univariate.max_margin(data)
    found = univariate.certify(net, data, optimum=optimum)
    if moved == "as given" and found.level != exhibit.level:
        raise ArithmeticError(f"«{exhibit.name}» is certified as {found.level}: {found.reason}")
    broken = [check for check in univariate.structure(net, data).checks if check.violated]
    verdicts = found.kkt, found.local_minimum, found.global_minimum
    kkt, local, best = (one.verdict.name for one in verdicts)
    witness = None if found.witness is None else _norm_squared(found.witness, data)
    return Row(
        panel=letter,
        exhibit=exhibit.name,
        net=number,
        moved=moved,
        m=data.size,
        n=net.width,
        level=found.level,
        kkt=kkt,
        kkt_accuracy=found.kkt.accuracy,
        local_minimum=local,
        local_accuracy=found.local_minimum.accuracy,
        global_minimum=best,
        duality_gap=found.global_minimum.duality_gap,
        norm_squared=_norm_squared(net, data),
        optimal_norm_squared=optimum.norm_squared,
        clean_error=float(univariate.exact_clean_error(net)),
        witness_norm_squared=witness,
        violation="; ".join(f"{one.statement}: {_said(one.violations[0])}" for one in broken),
        reason=found.reason,
    )


def _norm_squared(net: univariate.ReluNet, data: univariate.Sample) -> float:
    """‖θ‖² for a worst margin of 1, by rational arithmetic, rounded once."""
    total = sum(Fraction(part) ** 2 for part in np.concatenate([net.v, net.w, net.b]).tolist())
    return float(total / univariate.smallest_margin(net, data))


def _said(violation: univariate.Violation) -> str:
    return f"{violation.quantity} {violation.value:.7g}, allowed {violation.limit:g}"


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
    with mpl.rc_context(DENSE):
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
    ax, lanes = figure.add_subplot(parts[0]), figure.add_subplot(parts[1])
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
        "" if rival is None else f"$\\|\\theta'\\|^2$ = {_norm_squared(rival, exhibit.sample):.5g}"
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
        x, y = (
            COLUMNS[list(STEPS).index(row.moved)],
            0.97 - lines.index((row.panel, row.net)) / len(lines),
        )
        if row.moved == "as given":
            which = (
                "" if row.panel not in "ij" else r", $\theta$" if row.net == 1 else r", $\theta'$"
            )
            ax.text(
                0.0, y, f"({row.panel}) {row.exhibit}{which}", va="center", fontsize=8.2, color=INK
            )
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
        "frameon": False,
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


def table(rows: list[Row]) -> Table:
    """Return all rows, one line each."""
    lines = []
    for row in rows:
        decided = (
            (row.kkt, row.kkt_accuracy),
            (row.local_minimum, row.local_accuracy),
            (row.global_minimum, row.duality_gap),
        )
        verdicts = (f"{verdict[0]} {accuracy:.0e}" for verdict, accuracy in decided)
        numbers = (row.norm_squared, row.optimal_norm_squared, row.clean_error)
        cheaper = "" if row.witness_norm_squared is None else f"{row.witness_norm_squared:.4f}"
        name = row.panel + "′" * (row.net > 1)
        shown = (*(f"{number:.4f}" for number in numbers), cheaper)
        lines.append((name, row.moved, row.level, *verdicts, *shown))
    title = "KKT point, local minimum, global minimum: Holds, Undecided or Fails, and accuracy"
    names = ("", "moved", "level", "K", "L", "G", "‖θ‖²", "least", "clean error", "cheaper")
    return frame.table(title, names, lines, left=6)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute, draw and store; returns the exit status."""
    about = "KKT points, local and global minima, certified."
    words = (RESULTS, "the .csv file; .png goes beside it")
    store = frame.options("gallery", about, arguments, store=words).store
    rows = compute()
    frame.write(rows, store)
    frame.save_figure(draw(rows), store, dpi=160)
    Console(width=120).print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
