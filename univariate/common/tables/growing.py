"""Tables that grow: rows are added as they are made, by any number of processes, each once.

A row is written in one go, and is on disk before the next one begins. Who adds one holds the file,
and reads first what others have added meanwhile: of a row that two processes make at once the
first counts, as in a store of `highdim.sweeps`, and what a killed one has left of a line goes. Rows
stand as they came until whoever adds them is done, and brings them into an order by `RowFile.sort`.
"""

import os
from collections.abc import Callable, Collection, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from univariate.common.changes import note
from univariate.common.tables.cells import csv_bytes
from univariate.common.tables.rows import RowFile
from univariate.common.turns import alone_with

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")

Key = tuple[Any, ...]
Place = tuple[int, int, int]
"""What a file is, by device and number, and how much of it has been read."""


class GrowingTable(Generic[R]):
    """A table that this process adds rows to.

    Parameters
    ----------
    file : RowFile
        The table, which need not exist.
    require : callable, optional
        Raises ValueError for rows, which others have added since, that must not stand beside those
        of this process.

    Cost of a row: that of reading what has been added since the last one, and the bytes before it
    where others have added or rearranged something.
    """

    def __init__(
        self, file: RowFile[R], require: Callable[[Sequence[R]], object] = lambda _: None
    ) -> None:
        self._file = file
        self._require = require
        self.before: Sequence[R] = tuple(file.read())
        """The rows that were there already."""
        self._known = {file.key_of(row): row for row in self.before}
        self._place: Place | None = None
        self._seen = blake2b()
        """Digest of the bytes up to there: a file that replaced another may have its number."""

    def add(self, row: R) -> R:
        """Add a row, below the names of the columns in a new file, and see it on the disk, unless
        the file has one of its key; return the one that it has.

        Raises
        ------
        ValueError
            Another process has made something else of the file.
        OSError
            It cannot be written.
        """
        try:
            while True:
                self._file.place.open("ab").close()
                with alone_with(self._file.place):
                    if not self._is_read():
                        continue  # it was replaced, and another one may hold the new one
                    key = self._file.key_of(row)
                    if not self._file.key or key not in self._known:
                        self._put(row)
                        self._known[key] = row
                    return self._known[key]
        except OSError as error:
            raise OSError(
                f"writing {str(self._file.path)!r} failed: {error.strerror}; earlier rows are safe"
            ) from None

    def _put(self, row: R) -> None:
        with self._file.place.open("ab") as stream:
            header = [] if stream.tell() else [self._file.columns()]
            data = csv_bytes([*header, self._file.cells(row)])
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
            self._place = _place(stream.fileno())
            self._seen.update(data)
        note(self._file.place)

    def _is_read(self) -> bool:
        """Read what others have added; False if the file is gone, or had to be replaced."""
        try:
            with self._file.place.open("rb") as stream:
                now = _place(stream.fileno())
                if now == self._place:
                    return True
                data = stream.read()
        except FileNotFoundError:
            return False
        if self._place is None or self._place[:2] != now[:2]:
            return self._is_read_anew(data, now)
        start = self._place[2]
        if blake2b(data[:start]).digest() != self._seen.digest():
            return self._is_read_anew(data, now)
        return self._is_read_on(data[start:], now, start)

    def _is_read_on(self, data: bytes, now: Place, start: int) -> bool:
        """Read what stands behind a place of the file that this process has seen."""
        names = csv_bytes([self._file.columns()])
        try:
            whole = self._file.whole(names + data)
            found = self._file.lines(whole).rows
        except ValueError:
            # a message names the line as the file has it
            return self._is_read_anew(self._file.place.read_bytes(), now)
        self._learn(found)
        self._keep(whole[len(names) :], data, now, start)
        return True

    def _is_read_anew(self, data: bytes, now: Place) -> bool:
        """Read a file from its beginning; one without columns of today gets them."""
        whole = self._file.whole(data)
        found = self._file.lines(whole)
        known, self._known = self._known, {}
        self._learn(found.rows, known)
        if found.old:
            self._file.replace(found.rows)
            return False
        self._seen = blake2b()
        self._keep(whole, data, now, 0)
        return True

    def _learn(self, rows: Sequence[R], known: Collection[Key] = ()) -> None:
        """Take rows for known, the first of each key; those that were not before are others'."""
        before = known or self._known
        self._require([row for row in rows if self._file.key_of(row) not in before])
        for row in rows:
            self._known.setdefault(self._file.key_of(row), row)

    def _keep(self, whole: bytes, data: bytes, now: Place, start: int) -> None:
        """Take a line away that a killed process cut short, and note how far has been read."""
        if len(whole) < len(data):
            os.truncate(self._file.place, start + len(whole))
        self._place = (*now[:2], start + len(whole))
        self._seen.update(whole)


def _place(handle: int) -> Place:
    status = os.fstat(handle)
    return status.st_dev, status.st_ino, status.st_size
