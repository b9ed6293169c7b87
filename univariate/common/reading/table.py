"""Tables of text with or without names of columns, and those that JSON lists of records give."""

import re
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.common.reading.notes import Note

Row = tuple[int, list[str]]  # the number of a line, and its cells

LABELS: Final = frozenset(
    ["y", "label", "labels", "target", "targets", "class", "classes", "outcome", "response", "sign"]
)
"""Names of labels, whatever their case."""


UNNAMED: Final = re.compile(r"(unnamed: 0(\.\d+)*)?")
"""What a column without a name is called."""

INDEX: Final = re.compile(rf"{UNNAMED.pattern}|index|id|idx|rownames")
"""What names of rows are called: whole numbers, perhaps those of a larger table. Pandas writes
Unnamed: 0.1 where a table was saved with its index twice.
"""

COUNTERS: Final = re.compile(f"{INDEX.pattern}|row")
"""What numbers of rows are called; a row may also be where something lies."""


MISSING: Final = frozenset(["", "na", "n/a", "nan", "null", "none", "#n/a"])
"""What stands where there is no label."""


_GROUPED: Final = re.compile(r"[+\-−]?\d{1,3}(?:([.,'’ \u00a0\u202f])\d{3})(?:\1\d{3})*([.,]\d+)?")
"""A number with something between its thousands."""


_WHOLE: Final = 2.0**53
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,400}")


class Table(NamedTuple):
    """A table of text: names of its columns, or none, and its rows; every row has `width` cells."""

    path: str
    names: list[str]
    rows: list[Row]
    decimal: str = "."
    values: NDArray[np.float64] | None = None
    """All cells as numbers, where all are and were read at once."""
    note: Note | None = None
    """What a comment before it says of the sample."""

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.rows[0][1])

    def numbers(self, columns: list[int]) -> NDArray[np.float64]:
        """Return the numbers in some columns, (m, k), each the nearest double.

        Raises
        ------
        ValueError
            A cell that is no finite number, or a whole number that is no double: two of them may
            be one; the message names its line.
        """
        if self.values is not None:
            found = self.values[:, columns]
        else:
            rows = [[self._number(line, cells[k]) for k in columns] for line, cells in self.rows]
            found = np.array(rows, dtype=np.float64)
        for row, place in np.argwhere(np.abs(found) > _WHOLE).tolist():
            line, cells = self.rows[row]
            self._require_double(line, cells[columns[place]], found[row, place])
        return found

    def _require_double(self, line: int, cell: str, near: float) -> None:
        text = cell.strip().replace("−", "-")
        if _INTEGER.fullmatch(text) and int(text) != int(near):
            raise ValueError(
                f"{self.path!r}, line {line}: expected numbers that float64 can hold, got"
                f" {text[:80]}, which is rounded to {near:.17g}; subtract a constant from the"
                " column, or write what it is rounded to"
            )

    def labels(self, column: int) -> list[float] | list[str]:
        """Return a column as numbers where all of it are, else as text."""
        if self.values is not None:
            return list(self.values[:, column].tolist())
        cells = [cells[column] for _, cells in self.rows]
        found = [number(cell, self.decimal) for cell in cells]
        numbers = [one for one in found if one is not None]
        return numbers if len(numbers) == len(cells) else cells

    def require_labels(self, column: int) -> None:
        """Raise ValueError, which names the line, where a label is missing."""
        if self.values is not None:
            return
        for line, cells in self.rows:
            if cells[column].strip().lower() in MISSING:
                raise ValueError(
                    f"{self.path!r}, line {line}: expected a label, got {cells[column]!r}; fill it"
                    " in, or drop the line"
                )

    def _number(self, line: int, cell: str) -> float:
        found = number(cell, self.decimal)
        if found is None:
            raise ValueError(
                f"{self.path!r}, line {line}: expected finite numbers, got {cell[:80]!r};"
                f" {remedy_for(cell)}"
            )
        return found


def is_grouped(cell: str) -> bool:
    """Whether a cell may be a number with something between its thousands."""
    return _GROUPED.fullmatch(cell.strip()) is not None


def remedy_for(cell: str) -> str:
    """Return what to do about a cell that is no number."""
    if is_grouped(cell):
        return "write a decimal point, and nothing between thousands"
    return "repair it"


def number(cell: str, decimal: str = ".") -> float | None:
    """Return the finite number that a cell holds, or None."""
    text = cell.strip().replace("−", "-")
    if decimal == ",":
        if "." in text or text.endswith(","):  # which separates cells
            return None
        text = text.replace(",", ".")
    # float() takes more than numbers of tables: 1_000, nan, infinity
    if "_" in text or not text or text[-1] not in "0123456789.":
        return None
    try:
        found = float(text)
    except ValueError:
        return None
    return found if abs(found) != float("inf") else None


def values_of(table: Table) -> NDArray[np.float64] | None:
    """Return all cells of a table as numbers (m, k), quickly, or None where some are none."""
    rows = [cells for _, cells in table.rows]
    if table.decimal == ",":
        if any("." in cell or cell.endswith(",") for cells in rows for cell in cells):
            return None
        rows = [[cell.replace(",", ".") for cell in cells] for cells in rows]
    if any("_" in "".join(cells) for cells in rows):
        return None
    try:
        found = np.array([list(map(float, cells)) for cells in rows])
    except ValueError:
        return None
    return found if np.all(np.isfinite(found)) else None


def text_columns(table: Table) -> list[int]:
    """Return the columns in which something is no number."""
    if table.values is not None:
        return []
    return [
        k
        for k in range(table.width)
        if not all(is_number(cells[k], table.decimal) for _, cells in table.rows)
    ]


def is_number(cell: str, decimal: str = ".") -> bool:
    """Whether a cell holds a finite number."""
    return number(cell, decimal) is not None


def table_of_records(path: str, records: list[Any]) -> Table:
    """Return the table that a JSON list gives: of objects with equal keys, or of lists.

    Raises
    ------
    ValueError
        Anything else in the list, or entries that are neither numbers, truth values nor text.
    """
    if not records:
        raise ValueError(
            f"{path!r} is empty, it holds no data; write a record for each observation"
        )
    names = list(records[0]) if isinstance(records[0], dict) else []
    rows: list[Row] = []
    for k, record in enumerate(records):
        whole = isinstance(record, dict) and record.keys() == set(names)
        cells = [record[name] for name in names] if whole else record
        if not isinstance(cells, list) or isinstance(record, dict) != bool(names):
            raise ValueError(
                f"{path!r}, record {k + 1}: expected a list of numbers, or an object with the keys"
                " of the first; write all records alike"
            )
        if rows and len(cells) != len(rows[0][1]):
            raise ValueError(
                f"{path!r}, record {k + 1}: expected {len(rows[0][1])} entries as in the first, got"
                f" {len(cells)}; repair it"
            )
        rows.append((k + 1, [_cell(path, k + 1, cell) for cell in cells]))
    if not rows[0][1]:
        raise ValueError(f"{path!r} holds no data, its records are empty; write numbers in them")
    return Table(path, names, rows)


def _cell(path: str, record: int, value: Any) -> str:
    if not isinstance(value, str | int | float):
        raise ValueError(
            f"{path!r}, record {record}: expected numbers or text, got {value!r:.40}; write one"
            " number for each input; a network is an object, with its layers under 'layers'"
        )
    return value if isinstance(value, str) else repr(value)
