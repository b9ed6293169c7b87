"""The speed budgets as ratios, each against a reference timed in the same run on the same machine.

Ours and the reference take turns; both have run once before the clock starts (compiled code,
caches); a row holds the medians. The table in `results/ratios.csv` comes from (root of the
repository)

    python -m benchmarks.speed.ratios --write

and `--only NAME` measures the rows whose names contain NAME again and keeps the others.
"""

import os
import platform
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks import command, frame
from benchmarks.speed import comparisons, line_sampling, max_margin, own_laws, sphere, training
from benchmarks.speed.comparisons import Comparison
from univariate.common.work import progress

RESULTS = Path(__file__).parent / "results" / "ratios.csv"
PACKAGES = ("numpy", "numba", "scipy", "clarabel", "torch")
ROWS = {
    **comparisons.ROWS,
    **training.ROWS,
    **sphere.ROWS,
    **line_sampling.ROWS,
    **max_margin.ROWS,
    **own_laws.ROWS,
}


@dataclass(frozen=True)
class Row(frame.Row):
    """One line of the table, all text; seconds are megabytes where `unit` is MB."""

    name: str
    ours_seconds: str
    reference_seconds: str
    ratio: str
    budget: str
    met: str
    repetitions: str
    unit: str
    reference: str
    note: str
    cores: str
    machine: str
    versions: str
    command: str


def compute(names: list[str], console: Console) -> Iterator[Row]:
    """Measure the named rows, one by one."""
    with progress(console, total=len(names), done=0, runs=len(names)) as advance:
        for name in names:
            yield measure(name, ROWS[name]())
            advance(1.0)


def measure(name: str, comparison: Comparison) -> Row:
    """Let both clocks take turns; medians."""
    ours, reference = [], []
    for _ in range(comparison.repetitions):
        ours.append(comparison.ours())
        if comparison.reference is not None:
            reference.append(comparison.reference())
    seconds = median(ours)
    others = median(reference) if reference else None
    ratio, met = judge(seconds, others, comparison.budget)
    number, place, versions, command = _circumstances()
    return Row(
        name=name,
        ours_seconds=f"{seconds:.4g}",
        reference_seconds="" if others is None else f"{others:.4g}",
        ratio="" if ratio is None else f"{ratio:.4g}",
        budget=comparison.budget,
        met="yes" if met else "no",
        repetitions=str(comparison.repetitions),
        unit=comparison.unit,
        reference=comparison.against,
        note=comparison.note,
        cores=number,
        machine=place,
        versions=versions,
        command=command,
    )


def judge(ours: float, reference: float | None, budget: str) -> tuple[float | None, bool]:
    """Return the ratio that the budget is about, and whether it is met."""
    sign, bound = budget.split()
    if reference is None:
        return None, ours < float(bound)
    if sign == "≤":
        return ours / reference, ours / reference <= float(bound)
    return reference / ours, reference / ours >= float(bound)


def draw(rows: list[Row]) -> Table:
    """Return the table for the terminal."""
    lines = []
    for row in rows:
        seconds = (row.ours_seconds, row.reference_seconds)
        shown = (f"{value} {row.unit}" if value else "" for value in seconds)
        colour = "green" if row.met == "yes" else "red"
        lines.append((row.name, *shown, row.ratio, row.budget, f"[{colour}]{row.met}"))
    return frame.table("", ("", "ours", "reference", "ratio", "budget", "met"), lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, store and print."""
    chosen = command.options(
        "speed.ratios",
        "Time the library against references; write results/ratios.csv.",
        arguments,
        rules={"only": command.known_part(ROWS, "row")},
        only=("", "measure the rows whose names contain this"),
        output=(RESULTS, "the table"),
    )
    names = [name for name in ROWS if chosen.only in name]
    console = Console()
    rows = {row.name: row for row in frame.file_of(Row, chosen.output).read()}
    for row in compute(names, console):
        rows[row.name] = row
        frame.write([rows[name] for name in ROWS if name in rows], chosen.output)
    console.print(draw([rows[name] for name in names]))


def _circumstances() -> tuple[str, str, str, str]:
    """Cores, machine, versions, command."""
    versions = [
        f"python {platform.python_version()}",
        *(f"{package} {version(package)}" for package in PACKAGES),
    ]
    command = shlex.join(["python", "-m", "benchmarks.speed.ratios", *sys.argv[1:]])
    return (
        str(os.cpu_count()),
        f"{platform.system()} {platform.machine()}",
        "; ".join(versions),
        command,
    )


if __name__ == "__main__":
    main()
