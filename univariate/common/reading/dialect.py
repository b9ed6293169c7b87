"""Tables in text files: the separator, the decimal sign and the line of names, told by content.

A reading is a separator (comma, semicolon, tab, bar, or spaces) and a decimal sign under which all
lines have equally many cells and at most one column holds anything but numbers. Where two readings
give different numbers, or a line may be names or data, the file is refused: nothing is guessed.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from univariate.common.reading.cells import MisquotedError, split
from univariate.common.reading.columns import Columns, lacking, picked
from univariate.common.reading.comments import refuse_doubtful_comments
from univariate.common.reading.lines import (
    apart,
    declared_separator,
    lines_of,
    refuse_sparse,
    text_of,
)
from univariate.common.reading.notes import note_of
from univariate.common.reading.table import (
    LABELS,
    Row,
    Table,
    is_grouped,
    is_number,
    number,
    remedy_for,
    text_columns,
    values_of,
)
from univariate.common.reading.thousands import mixed, refuse_apart, refuse_thousands

_SEPARATORS: Final = (",", ";", "\t", "|", " ")


def table_of_text(path: str, data: bytes, columns: Columns | None = None) -> Table:
    """Return the table in the bytes of a text file: UTF-8, or UTF-16 with its mark; of some columns
    alone if they are named.

    Lines that are blank, have empty cells only, or begin with # or % are passed over. A line of
    names may come first, also after #; before it one as sep=; which then is the separator.

    Raises
    ------
    ValueError
        Not text, no data, lines of different lengths, or several readings; the message names the
        line, or both readings. A column that is wanted is not there.
    """
    text = text_of(path, data)
    lines = lines_of(path, text)
    refuse_sparse(path, apart(lines)[1])
    declared = declared_separator(lines)
    separators = _SEPARATORS if declared is None else (declared[1],)
    lines = lines if declared is None else lines_of(path, text, after=declared[0])
    readings: list[_Reading] = []
    misquoted: list[ValueError] = []
    for separator in separators:
        try:
            readings += _readings(path, lines, separator)
        except MisquotedError as error:
            misquoted.append(error)
    if not readings and misquoted:
        raise misquoted[0]
    whole = {(one.separator, one.table.decimal): one.table for one in readings}
    if columns is not None and readings:
        readings = _picked(path, readings, columns)
    proper = [one for one in readings if one.texts <= 1]
    if not proper:
        raise _unreadable(path, lines, readings)
    best = min(one.texts for one in proper)
    chosen = [one for one in proper if one.texts == best]
    first = chosen[0]
    for other in chosen[1:]:
        if other.values() != first.values():
            if other.separator == first.separator:
                first = _of_stray_texts(first, other)
                continue
            raise ValueError(
                f"{path!r} can be read in two ways, with cells separated by {first.separator!r} or"
                f" by {other.separator!r}; write it with commas, and points in numbers"
            )
    refuse_thousands(first.table, first.separator)
    table = whole[first.separator, first.table.decimal]
    refuse_doubtful_comments(text, table, first.separator, after=apart(lines)[1][0][0])
    return first.table._replace(note=note_of(path, text))


class _Reading(NamedTuple):
    separator: str
    table: Table
    texts: int  # columns in which something is no number

    def values(self) -> tuple[list[str], list[list[Any]]]:
        """Return names and cells, (m, k): numbers, and texts with points for decimal commas."""
        return self.table.names, [
            [number(cell, self.table.decimal) or cell.strip().replace(",", ".") for cell in cells]
            for _, cells in self.table.rows
        ]

    def strays(self) -> set[tuple[int, int, str]]:
        """Return the cells that are no numbers: line, column, text."""
        return {
            (line, k, cell)
            for line, cells in self.table.rows
            for k, cell in enumerate(cells)
            if not is_number(cell, self.table.decimal)
        }


def _readings(path: str, lines: list[tuple[int, str]], separator: str) -> Iterator[_Reading]:
    """Yield the tables that lines give with this separator, one for each decimal sign."""
    head, body = apart(lines)
    if separator != " " and not all(separator in line for _, line in body[:50]):
        return
    if separator == " " and len(body[0][1].split()) < 2 and _has_separator(body[0][1]):
        return
    if separator == " " and any("\t" in line.strip() for _, line in body):
        return  # spaces beside tabs are within cells, between thousands perhaps
    rows = split(path, body, separator)
    widths = {len(cells) for _, cells in rows}
    unnamed = separator in " \t" and widths == {len(rows[0][1]), len(rows[0][1]) + 1}
    if unnamed and len({len(cells) for _, cells in rows[1:]}) == 1:
        if separator == " ":
            refuse_apart(path, rows[0][1], rows[1:])
        rows[0] = (rows[0][0], ["", *rows[0][1]])  # the names of R, which has none for its rows
    elif len(widths) != 1:
        return
    rows = _without_last_empty(rows)
    other = any(_has_separator(line) for _, line in body)
    if len(rows[0][1]) < 2 and (separator != " " or other):
        return
    commas = any("," in cell for _, cells in rows for cell in cells)
    decimals = [".", ","] if commas else ["."]
    for decimal in decimals:
        table = _with_names(path, rows, decimal, split(path, head, separator, strict=False))
        if table.rows:
            yield _reading(separator, table)


def _picked(path: str, readings: list[_Reading], columns: Columns) -> list[_Reading]:
    """Return the readings that have these columns, with them alone."""
    tables = [(one.separator, picked(one.table, columns)) for one in readings]
    found = [(separator, table) for separator, table in tables if table is not None]
    if not found:
        raise lacking(path, max((one.table.names for one in readings), key=len), columns)
    return [_reading(separator, table) for separator, table in found]


def _reading(separator: str, table: Table) -> _Reading:
    """Return a reading whose cells are numbers already, where all are."""
    if table.values is None:
        table = table._replace(values=values_of(table))
    return _Reading(separator, table, len(text_columns(table)))


def _of_stray_texts(one: _Reading, other: _Reading) -> _Reading:
    """Return which of two readings by either decimal sign is meant: that under which all are
    numbers but texts that are none under the other. Raises ValueError where numbers differ.
    """
    fewer, more = sorted((one, other), key=lambda reading: len(reading.strays()))
    strays = fewer.strays()
    if strays < more.strays() and not any(is_grouped(cell) for _, _, cell in strays):
        return fewer
    raise mixed(one.table)


def _has_separator(line: str) -> bool:
    return any(mark in line for mark in _SEPARATORS[:-1])


def _without_last_empty(rows: list[Row]) -> list[Row]:
    """Return rows without last columns that are empty everywhere: separators that end lines."""
    width = max(1, *(max((k for k, c in enumerate(cells, 1) if c), default=0) for _, cells in rows))
    if width < len(rows[0][1]):
        return [(line, cells[:width]) for line, cells in rows]
    return rows


def _with_names(path: str, rows: list[Row], decimal: str, head: list[Row]) -> Table:
    """Return a table, its first row taken for names where it is one."""
    (line, first), rest = rows[0], rows[1:]
    if _are_names(first, rest, decimal):
        return Table(path, first, rest, decimal)
    if _may_be_names(first, rest):
        raise ValueError(
            f"{path!r}, line {line}: {','.join(first)[:80]!r} may be data or names of columns; name"
            " the columns in a line before the data, such as x,y or x0,x1,y"
        )
    commented = head[0][1] if head else []
    if len(commented) == len(first) and not LABELS.isdisjoint(map(str.lower, commented)):
        return Table(path, commented, rows, decimal)
    return Table(path, [], rows, decimal)


def _are_names(first: list[str], rest: list[Row], decimal: str) -> bool:
    texts = [k for k, cell in enumerate(first) if not is_number(cell, decimal)]
    if first == ["", *map(str, range(len(first) - 1))]:
        # as pandas writes columns that have no names beside the names of rows
        return bool(rest) and all(cells[0] for _, cells in rest)
    if not any(first[k] for k in texts) or any(map(is_grouped, first)):
        return False
    if len(texts) == len(first):
        return True
    for k in texts:
        others = {cells[k] for _, cells in rest}
        if others and all(is_number(cell, decimal) for cell in others):
            return True
    return False


def _may_be_names(first: list[str], rest: list[Row]) -> bool:
    """Whether a first line is 0,1,2,…, as pandas names columns that have no names, or one like
    0,1,y, that ends with a usual name, over texts among which that isn't.
    """
    numbers = [str(k) for k in range(len(first))]
    if first[-1].lower() in LABELS:
        numbered = first[:-1] == numbers[:-1]
        return bool(rest) and numbered and all(cells[-1] != first[-1] for _, cells in rest)
    return first == numbers and bool(rest)


def _unreadable(path: str, lines: list[tuple[int, str]], readings: list[_Reading]) -> ValueError:
    """Return what is wrong with a file that has no reading: a line of another length, or a cell
    that is no number.
    """
    if readings:
        fewest = min(readings, key=lambda one: (one.texts, len(one.strays())))
        return _not_numbers(fewest.table)
    _, body = apart(lines)
    if len(body) == 1 and not any(character.isdigit() for character in body[0][1]):
        return ValueError(
            f"{path!r}, line {body[0][0]}: it holds no data, at most names of columns; write a line"
            " with inputs and a label for each observation"
        )
    separator = max(_SEPARATORS[:-1], key=lambda one: sum(one in text for _, text in body))
    if not any(separator in text for _, text in body):
        separator = " "
    rows = split(path, body, separator)
    width = len(rows[0][1])
    for line, cells in rows:
        if len(cells) != width:
            return ValueError(
                f"{path!r}, line {line}: expected {width} numbers as in the lines before, got"
                f" {len(cells)}; repair it"
            )
    line, cells = rows[0]
    return ValueError(
        f"{path!r}, line {line}: expected numbers separated by commas, got"
        f" {','.join(cells)[:80]!r}; write inputs and a label on each line"
    )


def _not_numbers(table: Table) -> ValueError:
    """Return what is wrong with a table: the first text among numbers, or columns of texts."""
    mostly = [
        k
        for k in range(table.width)
        if 2 * sum(is_number(cells[k], table.decimal) for _, cells in table.rows) > len(table.rows)
    ]
    for line, cells in table.rows:
        for k in mostly:
            if not is_number(cells[k], table.decimal):
                return ValueError(
                    f"{table.path!r}, line {line}: expected finite numbers, got {cells[k][:80]!r};"
                    f" {remedy_for(cells[k])}"
                )
    line, cells = table.rows[0]
    return ValueError(
        f"{table.path!r}, line {line}: expected numbers in all columns but the label's, got"
        f" {','.join(cells)[:80]!r}; keep the inputs and the label alone"
    )
