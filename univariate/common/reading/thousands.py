"""Points and commas that may separate thousands: refused, since a guess is wrong by a factor."""

import re
from typing import Final

from univariate.common.reading.table import Table, is_grouped, is_number

_THOUSANDS: Final = {
    sign: re.compile(rf"[+\-−]?[1-9]\d{{0,2}}({re.escape(sign)}\d{{3}})+") for sign in ",."
}
_GERMAN: Final = (";", "\t", "|")
"""Separators of cells where a decimal comma is usual, and points may separate thousands."""


def refuse_thousands(table: Table, separator: str) -> None:
    """Refuse commas in numbers that may separate thousands, and points in tables whose cells are
    separated as where commas are decimal signs.
    """
    if table.decimal == "." and separator not in _GERMAN:
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
