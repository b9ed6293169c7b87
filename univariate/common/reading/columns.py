"""Which columns of a table, or arrays of a file, are meant: names that the user gives."""

import csv
from collections.abc import Mapping, Sequence
from typing import Any

from univariate.common.reading.table import Table

Columns = Sequence[str]
"""Names of inputs, then that of the label."""


def columns_of(text: str | None) -> tuple[str, ...] | None:
    """Return the names that a command line gives as "dose,responder"; None for None. A name with
    commas is written in quotation marks, as in a CSV file.
    """
    if text is None:
        return None
    try:
        return require_columns(next(csv.reader([text], skipinitialspace=True), []))
    except csv.Error:
        return require_columns([text])


def require_columns(columns: Any) -> tuple[str, ...]:
    """Return names of inputs and a label, without spaces around them.

    Raises
    ------
    TypeError, ValueError
        No sequence of texts, fewer than two, or one twice.
    """
    remedy = "pass inputs first and the label last, as in ('dose', 'responder')"
    texts = isinstance(columns, Sequence) and all(isinstance(one, str) for one in columns)
    if isinstance(columns, str) or not texts:
        raise TypeError(f"`columns` must be a sequence of names, got {columns!r:.80}; {remedy}")
    names = tuple(name.strip() for name in columns)
    if len(names) < 2 or len(set(names)) < len(names) or not all(names):
        raise ValueError(
            f"`columns` must be different names, two or more, got {','.join(columns)!r:.80};"
            f" {remedy}"
        )
    return names


def picked(table: Table, columns: Columns) -> Table | None:
    """Return the table of these columns alone, in their order; None where one is missing, or
    there are two of its name.
    """
    names = [name.strip() for name in table.names]
    if names == list(columns):
        return table._replace(names=names)
    if any(names.count(name) != 1 for name in columns):
        return None
    places = [names.index(name) for name in columns]
    rows = [(line, [cells[k] for k in places]) for line, cells in table.rows]
    values = None if table.values is None else table.values[:, places]
    return table._replace(names=list(columns), rows=rows, values=values)


def lacking(path: str, names: Sequence[str], columns: Columns) -> ValueError:
    """Return what is wrong with a file that does not have each of the columns once."""
    twice = [name for name in columns if [one.strip() for one in names].count(name) > 1]
    shown = ", ".join(map(repr, names[:8])) + (", ..." if len(names) > 8 else "")
    got = f"only {shown}" if names else "no names"
    if twice:
        got = f"several called {twice[0]!r}"
    wanted = ", ".join(map(repr, columns))
    return ValueError(
        f"{path!r} must have the columns {wanted} that `columns` names, got {got}; name columns"
        " as its first line does"
    )


def arrays_of(path: str, value: Mapping[Any, Any], columns: Columns) -> tuple[Any, Any]:
    """Return the arrays of inputs and of labels that are meant."""
    if len(columns) != 2:
        raise ValueError(
            f"`columns` must name one array of inputs and one of labels in {path!r}, got"
            f" {', '.join(columns)}; pass two names"
        )
    if not all(name in value for name in columns):
        raise lacking(path, list(map(str, value)), columns)
    return value[columns[0]], value[columns[1]]
