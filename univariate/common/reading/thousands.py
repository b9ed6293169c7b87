"""Points and commas that may separate thousands: refused, since a guess is wrong by a factor."""

import re
from typing import Final

from univariate.common.reading.table import (
    COUNTERS,
    LABELS,
    Row,
    Table,
    is_grouped,
    is_number,
    number,
)

_THOUSANDS: Final = {
    sign: re.compile(rf"[+\-−]?[1-9]\d{{0,2}}({re.escape(sign)}\d{{3}})+") for sign in ",."
}
_GERMAN: Final = (";", "\t", "|")
"""Separators of cells where a decimal comma is usual, and points may separate thousands."""


def refuse_thousands(table: Table, separator: str) -> None:
    """Refuse commas in numbers that may separate thousands, and points in tables whose cells are
    separated as where commas are decimal signs; unless labels are written 1.000 and -1.000.
    """
    if table.decimal == "." and separator not in _GERMAN:
        return
    if _has_signs(table):
        return
    name = {",": "comma", ".": "point"}[table.decimal]
    found = [  # labels in words may hold such signs, too, which say nothing
        (line, cell)
        for line, cells in table.rows
        for cell in cells
        if table.decimal in cell and (is_number(cell, table.decimal) or is_grouped(cell))
    ]
    if found and all(_THOUSANDS[table.decimal].fullmatch(cell) for _, cell in found):
        line, cell = found[0]
        raise ValueError(
            f"{table.path!r}, line {line}: the {name} in {cell!r} may be a decimal sign or separate"
            " thousands; separate cells by commas and write a decimal point, or no separator in"
            " numbers"
        )


def _has_signs(table: Table) -> bool:
    """Whether labels are +1 and −1, some of them with decimals, and no thousands then."""
    named = [k for k, name in enumerate(table.names) if name.strip().lower() in LABELS]
    column = named[0] if len(named) == 1 else table.width - 1
    cells = [cells[column] for _, cells in table.rows]
    decimals = any(table.decimal in cell for cell in cells)
    return decimals and all(number(cell, table.decimal) in {1.0, -1.0} for cell in cells)


def refuse_apart(path: str, names: list[str], rows: list[Row]) -> None:
    """Refuse rows of one cell more than there are names, in which two cells may be the name of a
    row and a number, or one number with a space between its thousands.
    """
    first = [cells[0] for _, cells in rows]
    counts = any(first == [str(k) for k in range(n, n + len(first))] for n in (0, 1))
    doubtful = [] if counts else [0]
    doubtful += [1] if COUNTERS.fullmatch(names[0].strip().lower()) else []
    for k in doubtful:
        if all(is_grouped(" ".join(cells[k : k + 2])) for _, cells in rows):
            line, cells = rows[0]
            raise ValueError(
                f"{path!r}, line {line}: {' '.join(cells[k : k + 2])!r} may be the name of a row"
                " and a number, or one number; name all columns, and write nothing between"
                " thousands"
            )


def mixed(table: Table) -> ValueError:
    """Return what is wrong with numbers that are read otherwise by either decimal sign."""
    cells = [(line, cell) for line, cells in table.rows for cell in cells]
    grouped = [one for one in cells if is_grouped(one[1])]
    others = [one for one in cells if not is_number(one[1])]
    line, cell = (grouped or others or cells)[0]
    return ValueError(
        f"{table.path!r}, line {line}: what is the decimal sign in {cell!r} is not clear, the table"
        " has commas and points, or thousands apart; write decimal points, and nothing between"
        " thousands"
    )
