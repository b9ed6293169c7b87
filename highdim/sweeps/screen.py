"""Tables and summaries for the terminal."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from highdim.sweeps.store import Record

if TYPE_CHECKING:
    from rich.table import Table

    from univariate.common.screens import Numbers

_KIND: Final = ("m", "d", "width", "depth")
_DETAILS: Final = re.compile(r", got |: |; ")
"""What separates a refusal from the values and the remedy, which differ from run to run."""


def sweep_numbers(rows: Sequence[Record]) -> "Numbers":
    """Return the table of a sweep for any screen."""
    from univariate.common.screens import Numbers

    table = sweep_table(rows)
    levels = len({row["p"] for row in rows})
    heads = [str(one.header) for one in table.columns]
    return Numbers(table, [*heads[:-levels], *(f"p = {one}:" for one in heads[-levels:])])


def sweep_table(rows: Sequence[Record]) -> "Table":
    """Return mean clean errors over seeds: a line for every m, d, width and depth, a column for
    every p; where runs were polished, a second line of the certified KKT points near the nets.
    """
    from rich import box
    from rich.table import Table

    shown = Table(box=box.SIMPLE, title="mean clean error over seeds, by noise level")
    levels = sorted({row["p"] for row in rows})
    polish = any(row.get("polish") for row in rows)
    for name in (*_KIND, *(["net"] if polish else []), "interpolate", *(f"{p:g}" for p in levels)):
        shown.add_column(name, justify="right", no_wrap=True)
    for kind in sorted({_kind(row) for row in rows}):
        mine = [row for row in rows if _kind(row) == kind]
        fits = sum(row["interpolates"] for row in mine)
        trained = (f"{fits}/{len(mine)}", *_means(mine, levels, "clean_error"))
        if not polish:
            shown.add_row(*map(str, kind), *trained)
            continue
        shown.add_row(*map(str, kind), "trained", *trained)
        certified = [row for row in mine if _certified(row)]
        points = _means(certified, levels, "polished_clean_error")
        # a certified KKT point interpolates: their number says over how many runs the mean is
        shown.add_row(*[""] * len(kind), "KKT point", f"{len(certified)}/{len(mine)}", *points)
    return shown


def polish_lines(rows: Sequence[Record]) -> list[str]:
    """Return how many runs were polished to a certified KKT point, and how many could not be, a
    line for every reason, with the note of the first such run; nothing for runs without polish.
    """
    asked = [row for row in rows if row.get("polish")]
    if not asked:
        return []
    certified = sum(map(_certified, asked))
    lines = [f"{certified} of {len(asked)} polished to a certified KKT point."]
    notes = [str(row["polish_note"]) for row in asked if row.get("polish_note")]
    first: dict[str, str] = {}
    for note in notes:
        first.setdefault(_reason(note), note)
    for reason, count in Counter(map(_reason, notes)).most_common():
        example = "" if count == 1 else "for example: "
        lines.append(f"{count} of {len(asked)} could not be polished; {example}{first[reason]}.")
    return lines


def _reason(note: str) -> str:
    return _DETAILS.split(note, maxsplit=1)[0]


def _kind(row: Record) -> tuple[Any, ...]:
    return tuple(row[name] for name in _KIND)


def _certified(row: Record) -> bool:
    return row.get("polished_verdict") == "HOLDS"


def _means(rows: Sequence[Record], levels: Sequence[float], column: str) -> list[str]:
    """Return the mean of a column at every noise level, empty where there is no run."""
    found = [[row[column] for row in rows if row["p"] == p] for p in levels]
    return [f"{sum(values) / len(values):.3g}" if values else "" for values in found]
