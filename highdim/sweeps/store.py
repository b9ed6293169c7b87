"""A store of finished runs: an SQLite file, a transaction a run, keyed by whole configurations.

A process that is killed at any moment leaves the runs that it had finished, whole; the same sweep
then does the rest. Lost are only, where the power fails, or where the file of a killed sweep is
copied without the -wal beside it, runs that ended within a quarter of a second after others. Like a
table of `univariate.common.tables.growing`, it may be written to by several processes.
Floats are kept as `repr` writes them, bit for bit; rows are read in the order of their keys,
whoever finished first.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from math import inf, isfinite
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from univariate.common.changes import note
from univariate.common.files import PathLike, path_of
from univariate.common.outputs import require_file, require_folder, require_regular

Record = dict[str, Any]

SCHEMA: Final = "highdim.Store/1"

ERROR_LAW: Final = "error_law"
"""Name in keys and rows of what the clean error is under; without it, the sphere."""

_COLUMNS: Final = {"about": ("name", "value"), "runs": ("key", "result")}
_MAGIC: Final = b"SQLite format 3\0"
_PATIENCE: Final = 60.0  # seconds to wait for another process that is writing
_BURST: Final = 0.25
"""Seconds after runs were brought into the file in which others stay beside it: to bring them in
takes as long as many a short run.
"""


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
        A file of another kind, a device or a pipe, or one that another version wrote.
    OSError
        The file cannot be opened, is a folder, or lies in none that exists.
    """

    def __init__(self, path: PathLike, version: str) -> None:
        self.path = path_of(path, "store")
        self._settled, self._beside = -inf, False
        require_regular("store", self.path)
        require_file("store", self.path)
        require_folder("store", self.path)
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
        return int(self._asked("SELECT COUNT(*) FROM runs")[0][0])

    def __contains__(self, configuration: Mapping[str, Any]) -> bool:
        return bool(self._asked("SELECT 1 FROM runs WHERE key = ?", key_of(configuration)))

    def add(self, configuration: Mapping[str, Any], result: Mapping[str, Any]) -> None:
        """Keep a finished run; a run that is there already stays as it is.

        Raises OSError where the disk is full, the file has become read-only, or another process
        holds it for more than a minute: runs kept before are safe.
        """
        row = key_of(configuration), json.dumps(result)
        self._asked("INSERT OR IGNORE INTO runs VALUES (?, ?)", *row)
        note(self.path)
        self._beside = True
        if monotonic() >= self._settled + _BURST:
            self._settle()

    def rows(self) -> Iterator[Record]:
        """Yield {**configuration, **result} of every run, by key."""
        for key, result in self._asked("SELECT key, result FROM runs ORDER BY key"):
            yield json.loads(key) | json.loads(result)

    def _asked(self, statement: str, *values: str) -> list[Any]:
        """Return the rows that a statement gives."""
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.OperationalError as error:
            raise OSError(
                f"the store {str(self.path)!r} cannot be used: {error}; finished runs are kept, the"
                " same command goes on once that is mended"
            ) from None
        except sqlite3.DatabaseError as error:
            raise _no_store(self.path, str(error)) from None

    def close(self) -> None:
        """Close the file, which then has all runs."""
        if self._beside:
            with suppress(OSError, ValueError):  # what it lacks is safe beside it
                self._settle()
        self._connection.close()

    def _settle(self) -> None:
        """Bring runs into the file itself, and see them on the disk: what lies beside it after a
        kill is often left behind by who copies it.
        """
        self._asked("PRAGMA wal_checkpoint")
        self._settled, self._beside = monotonic(), False

    def _open(self, about: dict[str, str]) -> None:
        """Make the tables where they are missing; refuse what is no store, or another version's."""
        try:
            _require_store(self._connection, self.path, about["schema"], new=True)
            # two processes that begin together: SQLite does not wait for this one by itself
            _patiently(lambda: self._connection.execute("PRAGMA journal_mode = WAL"))
            # runs outlive this process at once, and a failure of power from `_settle` on
            self._connection.execute("PRAGMA synchronous = NORMAL")
            _patiently(self._make_tables)
        except sqlite3.OperationalError as error:
            raise OSError(
                f"`store` must be a writable file, got {str(self.path)!r}: {error}; choose another"
            ) from None
        except sqlite3.DatabaseError as error:
            raise _no_store(self.path, str(error)) from None
        self._expect(about)

    def _make_tables(self) -> None:
        """Make both tables or none."""
        self._connection.execute("BEGIN IMMEDIATE")
        for table, (key, value) in _COLUMNS.items():
            columns = f"{key} TEXT PRIMARY KEY, {value} TEXT NOT NULL"
            self._connection.execute(
                f"CREATE TABLE IF NOT EXISTS {table} ({columns}) WITHOUT ROWID"
            )
        self._connection.execute("COMMIT")

    def _expect(self, wanted: dict[str, str]) -> None:
        for name, value in wanted.items():
            self._asked("INSERT OR IGNORE INTO about VALUES (?, ?)", name, value)
        found = dict(self._asked("SELECT name, value FROM about"))
        _require_same(self.path, found, wanted)


def stored_rows(path: PathLike, version: str) -> list[Record]:
    """Return the rows of a store that exists; no other file is touched.

    Raises
    ------
    FileNotFoundError
        No such file.
    ValueError
        A file of another kind, an empty one included, or one that another version wrote.
    """
    target = path_of(path, "store")
    if not target.is_file():
        raise FileNotFoundError(
            f"`store` must name an existing file, got {str(path)!r}; run `highdim sweep` first"
        )
    with target.open("rb") as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            raise _no_store(target, "no SQLite file")
    # at rest it is read without the files that SQLite makes beside it, and leaves where it only
    # reads; a folder that cannot be written to has none
    writable = os.access(target.parent, os.W_OK)
    state = _state(target)
    if writable and state is None:
        return _read(target, version, "mode=ro")
    found: list[Record] | ValueError
    try:
        found = _read(target, version, "mode=ro&immutable=1")
    except ValueError as error:
        found = error
    if writable and _state(target) != state:  # somebody has begun to write
        return _read(target, version, "mode=ro")
    if isinstance(found, ValueError):
        raise found
    return found


def _state(path: Path) -> tuple[int, int] | None:
    """Return what changes when a database is written to; None while it is in use."""
    used = any(Path(f"{path}-{other}").exists() for other in ("wal", "journal"))
    return None if used else (path.stat().st_size, path.stat().st_mtime_ns)


def _read(path: Path, version: str, mode: str) -> list[Record]:
    """Return the rows of a database; raise ValueError if it is no store of this version."""
    try:
        uri = f"{path.absolute().as_uri()}?{mode}"
        with closing(sqlite3.connect(uri, timeout=_PATIENCE, uri=True)) as connection:
            _require_store(connection, path, SCHEMA)
            about = dict(connection.execute("SELECT name, value FROM about"))
            _require_same(path, about, {"schema": SCHEMA, "version": version})
            rows = connection.execute("SELECT key, result FROM runs ORDER BY key").fetchall()
    except sqlite3.DatabaseError as error:
        raise _no_store(path, str(error)) from None
    return [json.loads(key) | json.loads(result) for key, result in rows]


def _require_store(
    connection: sqlite3.Connection, path: Path, schema: str, *, new: bool = False
) -> None:
    """Raise unless a database holds the tables of a store, or none where `new`."""
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if new and not names:
        return
    columns = {
        table: tuple(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
        for table in _COLUMNS
    }
    if names != set(_COLUMNS) or columns != _COLUMNS:
        raise _no_store(path, "another database")
    found = connection.execute("SELECT value FROM about WHERE name = 'schema'").fetchone()
    if found not in ((schema,), None):
        raise _no_store(path, f"one of schema {found[0]!r}")


def _require_same(path: Path, found: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    """Raise unless a store says of itself what is wanted."""
    wrong = [name for name, value in wanted.items() if found.get(name) != value]
    if wrong:
        differences = ", ".join(
            f"{name} {found.get(name)!r} instead of {wanted[name]!r}" for name in wrong
        )
        raise ValueError(
            f"{str(path)!r} was written with {differences}; move it away, or name another store"
        )


def _no_store(path: Path, what: str) -> ValueError:
    return ValueError(
        f"`store` must be a store of runs, got {str(path)!r}: {what}; pass the .sqlite file of a"
        " sweep, or name a new one"
    )


def _patiently(action: Callable[[], object]) -> None:
    """Do something as soon as no other process holds the lock."""
    end = monotonic() + _PATIENCE
    while True:
        try:
            action()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > end:
                raise
            sleep(0.05)


def key_of(configuration: Mapping[str, Any]) -> str:
    """Return the key of a run: its configuration as JSON, names sorted."""
    return json.dumps(configuration, sort_keys=True, separators=(",", ":"), allow_nan=False)


def number(value: float) -> float | None:
    """Return a number as JSON has it; None for what is beyond doubles."""
    return float(value) if isfinite(value) else None
