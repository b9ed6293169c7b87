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

    python -m benchmarks.gallery --write
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import copysign, inf, sqrt
from typing import NamedTuple

import numpy as np
from rich.table import Table

import univariate
from benchmarks import frame
from benchmarks.quick import Quick


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
FOUR = ("0 5/12 8/15 3/4", "+-+-")
FIVE = ("0 5/12 8/15 3/4 1", "+-+-+")
SAME = ("0 5/12 3/4 1", "+-+-")
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
    net = displaced(given, moved)
    data = exhibit.sample
    optimum = univariate.max_margin(data)
    found = univariate.certify(net, data, optimum=optimum)
    if moved == "as given" and found.level != exhibit.level:
        raise ArithmeticError(f"«{exhibit.name}» is certified as {found.level}: {found.reason}")
    broken = [check for check in univariate.structure(net, data).checks if check.violated]
    verdicts = found.kkt, found.local_minimum, found.global_minimum
    kkt, local, best = (one.verdict.name for one in verdicts)
    witness = None if found.witness is None else norm_squared_at_margin_one(found.witness, data)
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
        norm_squared=norm_squared_at_margin_one(net, data),
        optimal_norm_squared=optimum.norm_squared,
        clean_error=float(univariate.exact_clean_error(net)),
        witness_norm_squared=witness,
        violation="; ".join(f"{one.statement}: {_said(one.violations[0])}" for one in broken),
        reason=found.reason,
    )


def norm_squared_at_margin_one(net: univariate.ReluNet, data: univariate.Sample) -> float:
    """‖θ‖² for a worst margin of 1, by rational arithmetic, rounded once."""
    total = sum(Fraction(part) ** 2 for part in np.concatenate([net.v, net.w, net.b]).tolist())
    return float(total / univariate.smallest_margin(net, data))


def _said(violation: univariate.Violation) -> str:
    return f"{violation.quantity} {violation.value:.7g}, allowed {violation.limit:g}"


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


SCRIPT = Quick(
    "gallery",
    "KKT points, local and global minima, certified.",
    Row,
    compute,
    table,
    partial(frame.draw, "gallery"),
    store="the .csv file; .png goes beside it",
    dpi=160,
    width=120,
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
