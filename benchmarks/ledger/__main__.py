"""Complete the ledger: `python -m benchmarks.ledger --preset quick`."""

import sys
from collections.abc import Sequence

from rich.console import Console

from benchmarks import command, frame
from benchmarks.ledger.registry import STATEMENTS
from benchmarks.ledger.row import Row, Size
from benchmarks.ledger.table import complete, page


def main(arguments: Sequence[str] | None = None) -> int:
    """Evaluate what is missing, write the table and the page; returns the exit status."""
    chosen = command.options(
        "ledger",
        "Evaluate every statement.",
        arguments,
        presets=list(Size),
        store=(frame.RESULTS / "ledger.csv", "the table"),
        page=(frame.HERE / "LEDGER.md", "the page"),
    )
    command.polite_kills()
    console = Console()

    def report(row: Row) -> None:
        console.print(
            f"{row.statement}: {row.verdict}; {row.figure} ({row.seconds:g} s)",
            highlight=False,
            markup=False,
        )

    try:
        size = Size(chosen.preset)
        rows = complete(STATEMENTS, chosen.store, size, frame.library_version(), report)
    except (ValueError, OSError) as error:
        return command.refuse(chosen, error)
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
