"""Tables of typed rows: frozen dataclasses in a .csv file, one line each, added as they are made.

A line is written at once and is on disk before the next row begins. A last line that a crash cut
short is removed when the file is read, so that a rerun makes its row again; a file with other
columns is never touched. Where two processes made one row at once, the first counts.
"""

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import isnan
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from univariate.common.files import PathLike, write_bytes
from univariate.common.outputs import require_file, require_places, require_regular

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")

_ENCODING: Final = "utf-8-sig"  # spreadsheets begin with a mark of byte order
_MISSING: Final = ("nan", "na")
"""A number that is None, as other programs write it, whatever the case."""
_TRUTH_VALUES: Final = {"true": True, "false": False}


@dataclass(frozen=True)
class RowFile(Generic[R]):
    """The rows of one dataclass in a .csv file.

    Attributes
    ----------
    path : Path
        The file; no file is an empty table.
    row : type
        Dataclass whose fields are int, float, bool or str, or one of these or None.
    name, schema : str
        What messages call the file, and its format.
    digits : mapping
        Significant digits of floats, by field; others are written in full, bit for bit.
    later : sequence of str
        Fields with defaults that files of before do not have: such a file is read, and gets their
        columns with its next row.
    key : sequence of str
        Fields that tell rows apart; without any, all of them count.
    """

    path: Path
    row: type[R]
    name: str
    schema: str
    digits: Mapping[str, int] = field(default_factory=dict)
    later: Sequence[str] = ()
    key: Sequence[str] = ()

    def read(self) -> list[R]:
        """Return the rows, the first of each key; a line that was cut short is removed from the
        file.

        Raises
        ------
        ValueError
            The file has other columns, or a line that is no row, or is a device or a pipe.
        IsADirectoryError
            It is a folder.
        """
        require_regular("path", self.path)
        require_file("path", self.path)
        if not self.path.exists():
            return []
        try:
            text = self.path.read_text(encoding=_ENCODING)
        except UnicodeDecodeError:
            raise self._foreign() from None
        if not text.endswith("\n"):
            if not self._begins(text):
                raise self._foreign()
            text = text[: text.rfind("\n") + 1]
            write_bytes(self.path, text.encode())
        lines = list(csv.reader(io.StringIO(text)))
        if lines and lines[0] not in self._headers():
            raise self._foreign()
        names = lines[0] if lines else []
        # two processes that begin a file at once may both write the names; editors add blank lines
        body = [(number, line) for number, line in enumerate(lines, 1) if line not in (names, [])]
        return self._once([self._parsed(number, names, line) for number, line in body])

    def require_place(self) -> None:
        """Raise OSError where there is no file and none can be begun, before a row is made."""
        if not self.path.exists():
            require_places({"path": self.path})

    def append(self, row: R) -> None:
        """Add a row in a single write, below the names of the columns in a new file, and see it on
        the disk.
        """
        if self._is_of_before():
            self.write(self.read())
        try:
            with self.path.open("ab") as stream:
                header = [] if stream.tell() else [self._columns()]
                stream.write(csv_bytes([*header, self._cells(row)]))
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise OSError(
                f"writing {str(self.path)!r} failed: {error.strerror}; earlier rows are safe"
            ) from None

    def write(self, rows: Iterable[R]) -> Path:
        """Replace the file by one of these rows, which is complete or not written at all."""
        content = csv_bytes([self._columns(), *map(self._cells, rows)])
        return write_bytes(self.path, content)

    def _once(self, rows: list[R]) -> list[R]:
        """Return rows without those of a key that has been: another process was at it, too."""
        if not self.key:
            return rows
        kept: dict[tuple[Any, ...], R] = {}
        for row in rows:
            kept.setdefault(tuple(getattr(row, name) for name in self.key), row)
        return list(kept.values())

    def _columns(self) -> list[str]:
        return [one.name for one in fields(self.row)]

    def _headers(self) -> list[list[str]]:
        """Return the columns of a file, and those of one of before."""
        now = self._columns()
        return [now, [name for name in now if name not in self.later]]

    def _begins(self, text: str) -> bool:
        """Whether a text that was cut short begins as a file: with all names of columns, or, where
        a full disk cut these, with the first ones.
        """
        first, end, _ = text.partition("\n")
        if end or "," not in first:
            return first.split(",") in self._headers() or not text
        return any(",".join(names).startswith(first) for names in self._headers())

    def _is_of_before(self) -> bool:
        if not self.later or not self.path.exists():
            return False
        with self.path.open(encoding=_ENCODING) as stream:
            return stream.readline().removesuffix("\n").split(",") == self._headers()[1]

    def _cells(self, row: R) -> list[str]:
        return [_cell(getattr(row, name), self.digits.get(name)) for name in self._columns()]

    def _parsed(self, number: int, names: list[str], line: list[str]) -> R:
        kinds = {one.name: one.type for one in fields(self.row)}
        try:
            pairs = zip(names, line, strict=True)
            return self.row(**{name: _read(kinds[name], cell) for name, cell in pairs})
        except ValueError:
            raise ValueError(
                f"{str(self.path)!r}, line {number}: not a row of a {self.name}; repair or remove"
                " it"
            ) from None

    def _foreign(self) -> ValueError:
        return ValueError(
            f"{str(self.path)!r} is not a {self.name} file of {self.schema}; choose another folder,"
            " or remove it"
        )


def require_version(path: PathLike, found: Iterable[str], now: str) -> None:
    """Raise ValueError if rows of a file were made by another version of this library than the one
    that runs; "" is that of rows of before it was kept.
    """
    others = [version for version in found if version not in {now, ""}]
    if others:
        raise ValueError(
            f"`path` must hold rows of this version, {now}, got {others[0]} in {str(path)!r};"
            " choose another file"
        )


def require_law(path: PathLike, found: Iterable[tuple[str, str]], schema: str, law: str) -> None:
    """Raise ValueError if rows of a file, by schema and law, have another schema, or are about
    another law of x or truth.
    """
    for had in found:
        if had != (schema, law):
            raise ValueError(
                f"{str(path)!r} holds rows of {had[0]}, x {had[1]}; expected {schema}, x {law};"
                " choose another file, or the same density and truth"
            )


def require_kept(
    path: PathLike, made: Iterable[object], kept: Iterable[object], key: Sequence[str]
) -> None:
    """Raise ValueError if rows that a command made or found, told apart by a key, are in a file no
    longer: another command has begun it anew.
    """
    read = attrgetter(*key)
    gone = len(set(map(read, made)).difference(map(read, kept)))
    if gone:
        raise ValueError(
            f"`path` must keep the rows of a command to its end, got {gone} fewer in {str(path)!r},"
            " which another command has begun anew; the same command makes them again"
        )


def csv_bytes(lines: Iterable[Sequence[Any]]) -> bytes:
    """Return lines of cells as the bytes of a .csv file; floats in full, None as nothing."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()


def read_cells(path: PathLike) -> list[dict[str, str]]:
    """Return the lines of a .csv file as texts by the names of their columns."""
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _cell(value: object, digits: int | None) -> str:
    if digits is not None and isinstance(value, float):
        return f"{value:.{digits}g}"
    return "" if value is None else str(value)


def _read(kind: Any, cell: str) -> Any:
    """Read a cell of type `kind`, a type or its union with None."""
    options = getattr(kind, "__args__", ())
    if options:
        missing = cell == "" or (options[0] is not str and cell.lower() in _MISSING)
        return None if missing else _read(options[0], cell)
    if kind is bool:
        return _truth_value(cell)
    found = kind(cell)
    if kind is float and isnan(found):
        raise ValueError(f"no number in {cell!r}")
    return found


def _truth_value(cell: str) -> bool:
    """Read a truth value, also as spreadsheets and R write it: TRUE is not False."""
    word = cell.lower()
    if word not in _TRUTH_VALUES:
        raise ValueError(f"no truth value in {cell!r}")
    return _TRUTH_VALUES[word]
