"""Complete the ledger: `python -m benchmarks.ledger --preset quick`."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.ledger.registry import STATEMENTS
from benchmarks.ledger.row import Row, Size
from benchmarks.ledger.table import complete, page
from benchmarks.runs import library_version

HERE = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate what is missing, write the table and the page; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ledger", description="Evaluate every statement."
    )
    parser.add_argument(
        "--preset", type=Size, choices=list(Size), default=Size.QUICK, help="how much is computed"
    )
    parser.add_argument(
        "--store", type=Path, default=HERE / "results" / "ledger.csv", help="the table"
    )
    parser.add_argument("--page", type=Path, default=HERE / "LEDGER.md", help="the page")
    chosen = parser.parse_args(arguments)
    # a polite kill is an interruption, too
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console()

    def report(row: Row) -> None:
        console.print(
            f"{row.statement}: {row.verdict}; {row.figure} ({row.seconds:g} s)",
            highlight=False,
            markup=False,
        )

    try:
        rows = complete(STATEMENTS, chosen.store, chosen.preset, library_version(), report)
    except ValueError as error:
        console.print(str(error), style="red", markup=False)
        return 2
    except KeyboardInterrupt:
        console.print("interrupted; the rows so far are safe, the same command goes on from there")
        return 130
    chosen.page.write_text(page(rows), encoding="utf-8")
    console.print(
        f"{len(rows)} rows, {sum(row.seconds for row in rows):.0f} s in all", highlight=False
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
