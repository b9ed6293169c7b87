"""Columns and arrays that count rows, or name them, and are no inputs."""

import re
from typing import Any, Final

import numpy as np

from univariate.common.reading.table import COUNTERS, INDEX, UNNAMED, Table

_COORDINATE: Final = re.compile(r"(x|z|f|feature|input|dim|coordinate)[_. ]?\d+")
"""What coordinates are called, whatever they hold."""

_LONG: Final = 5
"""Rows, from which on it is no chance if a column counts them."""


def counts_rows(table: Table, column: int) -> bool:
    """Whether a column is called as numbers of rows are, and counts them, in any order.

    Raises
    ------
    ValueError
        It holds other whole numbers, and may be an input.
    """
    name = table.names[column].strip()
    if not COUNTERS.fullmatch(name.lower()):
        return False
    cells = [cells[column] for _, cells in table.rows]
    if not all(cell.isdecimal() for cell in cells):
        return _counts_in_floats(table, column)
    numbers = sorted(map(int, cells))
    if any(numbers == list(range(start, start + len(cells))) for start in (0, 1)):
        return True
    if INDEX.fullmatch(name.lower()) and len(set(numbers)) == len(numbers):
        return True
    raise _doubtful(table, name)


def _counts_in_floats(table: Table, column: int) -> bool:
    """Whether a column that is called as names of rows are, beside inputs, holds different whole
    numbers as 7.0, as pandas writes an index that was a column with gaps.

    Raises
    ------
    ValueError
        It has no name, and holds other numbers.
    """
    name = table.names[column].strip()
    if table.width < 3 or not INDEX.fullmatch(name.lower()):
        return False
    numbers = table.numbers([column])[:, 0].tolist()
    if all(one >= 0.0 and one.is_integer() for one in numbers):
        if len(set(numbers)) == len(numbers):
            return True
        raise _doubtful(table, name)
    if UNNAMED.fullmatch(name.lower()):
        raise _doubtful(table, name)
    return False


def _doubtful(table: Table, name: str) -> ValueError:
    return ValueError(
        f"{table.path!r}, line {table.rows[0][0]}: the column {name!r} may be an input, or names of"
        " rows; drop or rename it, or say which columns are meant by columns="
        " (--columns x,y)"
    )


def refuse_counts(table: Table, columns: list[int]) -> None:
    """Refuse an input beside others that reads 1, 2, 3, … or 0, 1, 2, … down the table, whatever it
    is called: Obs of SAS, rn, nr, X of R. Of coordinates x0, x1, … it is an input.
    """
    for k in columns if len(columns) > 1 and len(table.rows) >= _LONG else []:
        name = table.names[k].strip()
        if is_count(table, k) and not _COORDINATE.fullmatch(name.lower()):
            raise _doubtful(table, name)


def is_count(table: Table, column: int) -> bool:
    """Whether a column reads 0, 1, 2, … or 1, 2, 3, …, three rows at least."""
    cells = [cells[column] for _, cells in table.rows]
    return len(cells) > 2 and any(
        cells == [str(k) for k in range(start, start + len(cells))] for start in (0, 1)
    )


def array_counts(name: Any, value: Any) -> bool:
    """Whether an array is called as an index is, and holds different whole numbers."""
    if not COUNTERS.fullmatch(str(name).lower()):
        return False
    array = np.asarray(value)
    return array.dtype.kind in "iu" and array.ndim == 1 and len(np.unique(array)) == array.size
