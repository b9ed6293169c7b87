"""Tables for the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from highdim.sweeps.store import Record

if TYPE_CHECKING:
    from rich.table import Table

_KIND: Final = ("m", "d", "width", "depth")


def sweep_table(rows: Sequence[Record]) -> "Table":
    """Return mean clean errors over seeds: a line for every m, d, width and depth, a column for
    every p.
    """
    from rich import box
    from rich.table import Table

    shown = Table(box=box.SIMPLE, title="mean clean error over seeds, by noise level")
    levels = sorted({row["p"] for row in rows})
    for name in (*_KIND, "interpolate", *(f"{p:g}" for p in levels)):
        shown.add_column(name, justify="right")
    for kind in sorted({_kind(row) for row in rows}):
        mine = [row for row in rows if _kind(row) == kind]
        share = f"{sum(row['interpolates'] for row in mine)}/{len(mine)}"
        shown.add_row(
            *map(str, kind), share, *(_mean([row for row in mine if row["p"] == p]) for p in levels)
        )
    return shown


def _kind(row: Record) -> tuple[Any, ...]:
    return tuple(row[name] for name in _KIND)


def _mean(rows: list[Record]) -> str:
    return f"{sum(row['clean_error'] for row in rows) / len(rows):.3g}" if rows else ""
