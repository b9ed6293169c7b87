"""Local minima against Proposition A.4 in rational numbers: every condition, exactly, and the
picture.

The table lists what makes the examples of `univariate.counterexamples` local minima and
counterexamples, condition by condition: by fractions alone, and by the certificates and statements
of the library on the nets of doubles nearest to them. The second example breaks more than the
proposition: its clean error is below half of the gaps right of isolated −1, the sum that the proof
of Theorem 3.2 bounds it with.

The committed table and figure come from (repository root)

    python -m benchmarks.counterexample_a_4 --write
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.figure import Figure
from rich.table import Table

import univariate
from benchmarks import frame
from benchmarks.quick import Quick
from benchmarks.style import GREY
from univariate.counterexamples import Counterexample, proposition_a_4, theorem_3_2_lower_bound
from univariate.report.plots import plot_counterexample


@dataclass(frozen=True)
class Row(frame.Row):
    """One condition or finding: of which example, in which arithmetic, what was found, and the
    number behind it.
    """

    example: str
    what: str
    arithmetic: str  # "fractions", or "doubles" with a tolerance
    outcome: str
    number: str


CAPTION = (
    "Orange: N ≤ 0.  Grey: the gap right of an isolated −1, where the proposition says the dashed"
    " line.\nBelow: kinks of the neurons, with arrows into the side where they are active; v > 0 is"
    " convex."
)
EXAMPLES = (proposition_a_4, theorem_3_2_lower_bound)


def compute() -> list[Row]:
    """Check the counterexamples and their roundings.

    Raises
    ------
    ArithmeticError
        A condition does not hold, or a rounded net has another standing.
    """
    rows = [Row(make.__name__, *line) for make in EXAMPLES for line in _lines(make())]
    for row in rows:
        if row.outcome == "fails":
            raise ArithmeticError(f"{row.example} is no counterexample: {row.what}")
    return rows


def _lines(found: Counterexample) -> Iterator[tuple[str, str, str, str]]:
    for condition in found.conditions():
        yield condition.name, "fractions", _said(condition.holds), ""
    high = found.interval[1]
    halves = sum(
        (found.x[i + 1] - found.x[i]) / 2
        for i in range(1, len(found.y) - 1)
        if found.y[i - 1 : i + 2] == (1, -1, 1)
    )
    yield "‖θ‖²", "fractions", "is", str(found.norm_squared)
    yield f"N({high}), where Proposition A.4 says 1", "fractions", "is", str(found.value(high))
    yield "L_cl", "fractions", "is", f"{found.clean_error()} = {float(found.clean_error()):.4f}"
    yield (
        "half of the gaps right of isolated −1",
        "fractions",
        "is",
        f"{halves} = {float(halves):.4f}",
    )
    yield from _rounded(found.net, found.sample)


def _rounded(
    net: univariate.ReluNet, sample: univariate.Sample
) -> Iterator[tuple[str, str, str, str]]:
    best = univariate.max_margin(sample)
    standing = univariate.certify(net, sample, optimum=best)
    replayed = univariate.recheck(standing.local_minimum, net, sample)
    minimal = standing.level == "local minimum" and replayed.verdict is univariate.Verdict.HOLDS
    yield (
        "local minimum, certificate replayed",
        "doubles",
        _said(minimal),
        f"{replayed.accuracy:.2g}",
    )
    names = ["Proposition A.4"]
    refuted = _violated(net, sample) == names
    yield f"{names[0]} is the only statement violated", "doubles", _said(refuted), ""
    yield "least ‖θ‖² on this sample", "doubles", "is", f"{best.norm_squared:.10g}"
    yield "the optimum violates no statement", "doubles", _said(not _violated(best.net, sample)), ""


def _violated(net: univariate.ReluNet, sample: univariate.Sample) -> list[str]:
    checks = univariate.structure(net, sample).checks
    return [check.statement for check in checks if check.verdict is univariate.Verdict.FAILS]


def _said(holds: bool) -> str:
    return "holds" if holds else "fails"


def draw(_: list[Row]) -> Figure:
    """Draw the counterexamples, one above the other; they need no rows."""
    figure = Figure(figsize=(7.2, 6.6), layout="constrained")
    figure.suptitle(
        "Two local minima against Proposition A.4, in rational numbers",
        fontweight="bold",
        fontsize=11.0,
    )
    panels = figure.subplots(len(EXAMPLES), 1)
    for make, axes in zip(EXAMPLES, panels, strict=True):
        plot_counterexample(make(), ax=axes)
    for axes in panels[1:]:
        axes.get_legend().remove()
    figure.supxlabel(CAPTION, fontsize=8.6, color=GREY, linespacing=1.4)
    return figure


def table(rows: list[Row]) -> Table:
    """Return the table for the terminal."""
    lines = ((row.what, row.arithmetic, row.outcome, row.number) for row in rows)
    title = "Local minima against Proposition A.4"
    return frame.table(title, ("", "arithmetic", "", ""), lines, left=4)


SCRIPT = Quick(
    "counterexample_a_4",
    "Check and draw the counterexamples to Proposition A.4.",
    Row,
    compute,
    table,
    draw,
    store="the .csv file; a .png goes beside it",
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
