"""A store of finished runs: an SQLite file, a transaction a run, keyed by whole configurations.

A process that is killed at any moment leaves the runs that it had finished, whole; the same sweep
then does the rest. Unlike a table of `univariate.common.rows`, several processes may write to it.
Floats are kept as `repr` writes them, bit for bit; rows are read in the order of their keys,
whoever finished first.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from univariate.common.files import PathLike, write_atomically
from univariate.common.rows import csv_bytes

Record = dict[str, Any]

SCHEMA: Final = "highdim.Store/1"

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (key TEXT PRIMARY KEY, result TEXT NOT NULL) WITHOUT ROWID;
"""
_MAGIC: Final = b"SQLite format 3\0"
_PATIENCE: Final = 60.0  # seconds to wait for another process that is writing


class Store:
    """Finished runs in a file, created if it is missing. Use it as a context manager, or close it.

    Parameters
    ----------
    path : path-like
        The file; beside it SQLite keeps two more while it is open.
    version : str
        Of the code that makes the results; one store holds those of one version.

    Raises
    ------
    ValueError
        A file of another kind, or one that another version wrote.
    OSError
        The file cannot be opened.
    """

    def __init__(self, path: PathLike, version: str) -> None:
        self.path = Path(path)
        try:
            self._connection = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
        except sqlite3.OperationalError as error:
            raise OSError(
                f"`store` must be a writable file, got {str(path)!r}: {error}; choose another"
            ) from None
        try:
            self._open({"schema": SCHEMA, "version": version})
        except BaseException:
            self.close()  # a connection left open warns when it is collected, at some other line
            raise

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return int(self._connection.execute("SELECT COUNT(*) FROM runs").fetchone()[0])

    def __contains__(self, configuration: Mapping[str, Any]) -> bool:
        found = self._connection.execute(
            "SELECT 1 FROM runs WHERE key = ?", (key_of(configuration),)
        )
        return found.fetchone() is not None

    def add(self, configuration: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        """Keep a finished run; a run that is there already stays as it is."""
        row = key_of(configuration), json.dumps(result)
        self._connection.execute("INSERT OR IGNORE INTO runs VALUES (?, ?)", row)

    def rows(self) -> Iterator[Record]:
        """Yield {**configuration, **result} of every run, by key."""
        for key, result in self._connection.execute("SELECT key, result FROM runs ORDER BY key"):
            yield json.loads(key) | json.loads(result)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _open(self, about: dict[str, str]) -> None:
        """Make the tables where they are missing; refuse what is no store, or another version's."""
        try:
            self._refuse_foreign()
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_TABLES)
        except sqlite3.OperationalError as error:
            raise OSError(
                f"`store` must be a writable file, got {str(self.path)!r}: {error}; choose another"
            ) from None
        except sqlite3.DatabaseError as error:
            raise ValueError(
                f"`store` must be a store of runs, got {str(self.path)!r}: {error}; choose another"
            ) from None
        self._expect(about)

    def _refuse_foreign(self) -> None:
        """Leave databases alone that hold anything else."""
        names = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master")}
        if not names <= {"about", "runs"}:
            raise ValueError(
                f"`store` must be a store of runs, got {str(self.path)!r}, another database; choose"
                " another"
            )

    def _expect(self, wanted: dict[str, str]) -> None:
        for name, value in wanted.items():
            self._connection.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (name, value))
        found = dict(self._connection.execute("SELECT name, value FROM about"))
        wrong = [name for name, value in wanted.items() if found.get(name) != value]
        if wrong:
            differences = ", ".join(
                f"{name} {found.get(name)!r} instead of {wanted[name]!r}" for name in wrong
            )
            raise ValueError(
                f"{str(self.path)!r} was written with {differences}; move it away, or name another"
                " store"
            )


def stored_rows(path: PathLike, version: str) -> list[Record]:
    """Return the rows of a store that exists; no other file is touched.

    Raises
    ------
    FileNotFoundError
        No such file.
    ValueError
        A file of another kind, an empty one included, or one that another version wrote.
    """
    target = Path(path)
    if not target.is_file():
        raise FileNotFoundError(
            f"`store` must name an existing file, got {str(path)!r}; run `highdim sweep` first"
        )
    with target.open("rb") as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            raise ValueError(
                f"`store` must be a store of runs, got {str(path)!r}; pass the .sqlite file of a"
                " sweep"
            )
    with Store(target, version) as kept:
        return list(kept.rows())


def key_of(configuration: Mapping[str, Any]) -> str:
    """Return the key of a run: its configuration as JSON, names sorted."""
    return json.dumps(configuration, sort_keys=True, separators=(",", ":"), allow_nan=False)


def export(rows: list[Record], path: PathLike) -> Path:
    """Write rows as .csv, or as .parquet where pyarrow is installed; an old file is replaced only
    by a complete one.

    Raises
    ------
    ValueError
        Another ending, or no rows.
    ModuleNotFoundError
        .parquet without pyarrow.
    """
    if not rows:
        raise ValueError("`rows` must not be empty; finish a run first")
    ending = Path(path).suffix
    if ending == ".csv":
        columns = list(_columns(rows))
        cells = ([row.get(name) for name in columns] for row in rows)
        content = csv_bytes([columns, *cells])
        return write_atomically(path, lambda stream: stream.write(content))
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
