"""The speed budgets as ratios, each against a reference timed in the same run on the same machine.

Ours and the reference take turns; both have run once before the clock starts (compiled code,
caches); a row holds the medians. The table in `results/ratios.csv` comes from (root of the
repository)

    python -m benchmarks.speed.ratios

and `--only NAME` measures the rows whose names contain NAME again and keeps the others.
"""

import argparse
import csv
import os
import platform
import shlex
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks.speed import comparisons, line_sampling, sphere, training
from benchmarks.speed.comparisons import Comparison

RESULTS = Path(__file__).parent / "results" / "ratios.csv"
PACKAGES = ("numpy", "numba", "scipy", "clarabel", "torch")
ROWS = {**comparisons.ROWS, **training.ROWS, **sphere.ROWS, **line_sampling.ROWS}


@dataclass(frozen=True)
class Row:
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
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=len(names))
        for name in names:
            bar.update(task, description=f"{name}: warm-up")
            comparison = ROWS[name]()
            bar.update(task, description=name)
            yield measure(name, comparison)
            bar.advance(task)


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
    return Row(
        *(
            name,
            f"{seconds:.4g}",
            "" if others is None else f"{others:.4g}",
            "" if ratio is None else f"{ratio:.4g}",
        ),
        *(comparison.budget, "yes" if met else "no", str(comparison.repetitions)),
        *(comparison.unit, comparison.against, comparison.note, *_circumstances()),
    )


def judge(ours: float, reference: float | None, budget: str) -> tuple[float | None, bool]:
    """Return the ratio that the budget is about, and whether it is met."""
    sign, bound = budget.split()
    if reference is None:
        return None, ours < float(bound)
    if sign == "≤":
        return ours / reference, ours / reference <= float(bound)
    return reference / ours, reference / ours >= float(bound)


def load(path: Path) -> dict[str, Row]:
    """Read a table that `save` wrote; nothing if there is none, or one of other columns."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if reader.fieldnames != [field.name for field in fields(Row)]:
            return {}
        return {cells["name"]: Row(**cells) for cells in reader}


def save(path: Path, rows: dict[str, Row]) -> None:
    """Write the rows in the order in which they are measured."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(rows[name]) for name in ROWS if name in rows)


def draw(rows: list[Row]) -> Table:
    """Return the table for the terminal."""
    table = Table("", "ours", "reference", "ratio", "budget", "met")
    for row in rows:
        colour = "green" if row.met == "yes" else "red"
        seconds = (
            f"{value} {row.unit}" if value else ""
            for value in (row.ours_seconds, row.reference_seconds)
        )
        table.add_row(row.name, *seconds, row.ratio, row.budget, f"[{colour}]{row.met}")
    return table


def main() -> None:
    """Measure, store and print."""
    parser = argparse.ArgumentParser(
        description="Time the library against references; write results/ratios.csv."
    )
    parser.add_argument(
        "--only", metavar="NAME", default="", help="measure the rows whose names contain NAME"
    )
    parser.add_argument("--output", type=Path, default=RESULTS, help="the table (%(default)s)")
    arguments = parser.parse_args()
    names = [name for name in ROWS if arguments.only in name]
    if not names:
        parser.error(
            f"argument --only: no row contains {arguments.only!r}; rows are"
            f" {', '.join(map(repr, ROWS))}"
        )
    console = Console()
    rows = load(arguments.output)
    for row in compute(names, console):
        rows[row.name] = row
        save(arguments.output, rows)
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
