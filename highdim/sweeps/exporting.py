"""Rows of sweeps as tables for other programs."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from highdim.sweeps.store import Record
from univariate.common import check
from univariate.common.files import PathLike, path_of, write_atomically, write_bytes
from univariate.common.tables.cells import csv_bytes


def export(rows: Iterable[Record], path: PathLike) -> Path:
    """Write rows as .csv, or as .parquet where pyarrow is installed; an old file is replaced only
    by a complete one.

    Raises
    ------
    TypeError, ValueError
        Another ending, or no rows.
    ModuleNotFoundError
        .parquet without pyarrow.
    """
    rows = check.several("rows", rows, "the rows of `sweep`")
    for k, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise TypeError(
                f"`rows[{k}]` must be a dict, got {type(row).__name__}; pass the rows of `sweep`,"
                " or table.to_dict('records') of a table of pandas"
            )
    ending = path_of(path).suffix
    if ending == ".csv":
        columns = list(_columns(rows))
        cells = ([row.get(name) for name in columns] for row in rows)
        content = csv_bytes([columns, *cells])
        return write_bytes(path, content)
    if ending == ".parquet":
        return _write_parquet(rows, path)
    raise ValueError(f"`path` must end in .csv or .parquet, got {str(path)!r}; choose one of these")


def _columns(rows: list[Record]) -> dict[str, None]:
    return {name: None for row in rows for name in row}


def _write_parquet(rows: list[Record], path: PathLike) -> Path:
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "writing .parquet needs pyarrow; `pip install pyarrow`, or export to .csv"
        ) from None
    table = pyarrow.table({name: [row.get(name) for row in rows] for name in _columns(rows)})
    return write_atomically(path, lambda stream: parquet.write_table(table, stream))
