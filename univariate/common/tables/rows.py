"""Tables of typed rows: frozen dataclasses in a .csv file, one line each; `growing` adds to them.

A last line that a crash cut short is removed when the file is read, so that a rerun makes its row
again; a file with other columns is never touched. Where a file has a row twice, the first counts,
and the others are removed.
"""

import csv
import io
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from univariate.common.files import as_named, steady, write_bytes
from univariate.common.outputs import require_file, require_places, require_regular
from univariate.common.tables.cells import cell_of, csv_bytes, value_of
from univariate.common.tables.records import rearranged
from univariate.common.tables.rules import RowRules
from univariate.common.turns import alone_with
from univariate.common.warn import warn

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")

_ENCODING: Final = "utf-8-sig"  # spreadsheets begin with a mark of byte order
_OTHERS: Final = (";", "\t", "|")
"""What separates cells where it is no comma."""


class Lines(NamedTuple):
    """What a text says: `numbers` are those of the lines of its `rows`, which stand once in it if
    it is `tidy`; `old` if it has not the `later` columns.
    """

    rows: list[Any]
    numbers: list[int]
    old: bool
    tidy: bool


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
    agree : sequence of str
        Fields in which rows of one key must agree: where they do not, nobody knows which counts.
    rules : RowRules
        What holds in every row.
    place : Path
        Where the file is from the folder that was the current one when this was made.
    """

    path: Path
    row: type[R]
    name: str
    schema: str
    digits: Mapping[str, int] = field(default_factory=dict)
    later: Sequence[str] = ()
    key: Sequence[str] = ()
    agree: Sequence[str] = ()
    rules: RowRules = field(default_factory=RowRules)
    place: Path = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", steady(self.path))

    def read(self) -> list[R]:
        """Return the rows, the first of each key; a line that was cut short, and those of a key
        that has been, are removed from the file.

        Raises
        ------
        ValueError
            The file has other columns, or a line that is no row, or is a device or a pipe.
        IsADirectoryError
            It is a folder.
        """
        require_regular("path", as_named(self.path, self.place))
        require_file("path", as_named(self.path, self.place))
        if not self.place.exists():
            return []
        with alone_with(self.place):
            return self._tidied()

    def require_place(self) -> None:
        """Raise OSError where there is no file and none can be begun, before a row is made."""
        if not self.place.exists():
            require_places({"path": as_named(self.path, self.place)})

    def write(self, rows: Iterable[R]) -> Path:
        """Replace the file by one of these rows, which is complete or not written at all."""
        with alone_with(self.place):
            return self.replace(rows)

    def sort(self, arranged: Callable[[Sequence[R]], Sequence[R]]) -> Sequence[R]:
        """Return the rows as `arranged` does, in another order, which the file has from now on.

        Lines stay as somebody wrote them, and a file that has this order as it is. Another is
        replaced at once by a complete one; a warning says where that cannot be, or where there are
        no locks, so that rows that others add at that moment would be lost.
        """
        if not self.place.exists():
            return []
        with alone_with(self.place) as locked:
            return self._tidied(arranged, locked)

    def replace(self, rows: Iterable[R]) -> Path:
        """Do as `write`, for who holds the file."""
        return write_bytes(self.place, csv_bytes([self.columns(), *map(self.cells, rows)]))

    def whole(self, data: bytes) -> bytes:
        """Return what is left of the bytes of a file without a last line that was cut short.

        Raises ValueError if the file is none of this table, which nobody may cut.
        """
        # also in the middle of a letter: bytes are cut before they are read
        kept = data[: max(data.rfind(b"\n"), data.rfind(b"\r")) + 1]
        text = self._text(kept or data)
        if len(kept) < len(data) and not self._begins(text):
            raise self._foreign(text)
        return kept

    def lines(self, data: bytes) -> Lines:
        """Return what the bytes of a file say, cut short nowhere; raise ValueError for what no
        command wrote.
        """
        text = self._text(data)
        reader = csv.reader(io.StringIO(text, newline=""))
        numbered = [(reader.line_num, line) for line in reader if line]  # editors add blank lines
        if numbered and numbered[0][1] not in self._headers():
            raise self._foreign(text)
        names = numbered[0][1] if numbered else self.columns()
        # two processes that began a file at once both wrote the names, before there were turns
        body = [(number, line) for number, line in numbered if line != names]
        rows = [self._parsed(number, names, line) for number, line in body]
        numbers = [number for number, _ in body]
        places = self._first(rows, numbers)
        tidy = len(places) == len(rows) and len(numbered) - len(body) <= 1
        found = [rows[k] for k in places], [numbers[k] for k in places]
        return Lines(*found, old=names != self.columns(), tidy=tidy)

    def key_of(self, row: R) -> tuple[Any, ...]:
        """Return what tells a row apart; () without a key."""
        return tuple(getattr(row, name) for name in self.key)

    def columns(self) -> list[str]:
        """Return the names of the columns."""
        return [one.name for one in fields(self.row)]

    def cells(self, row: R) -> list[str]:
        """Return the cells of a row."""
        return [cell_of(getattr(row, name), self.digits.get(name)) for name in self.columns()]

    def _tidied(
        self,
        arranged: Callable[[Sequence[R]], Sequence[R]] = lambda rows: rows,
        locked: bool = False,
    ) -> list[R]:
        """Return the rows as `arranged` has them; the file is replaced once at most: whoever has
        replaced it no longer holds the one that is there.
        """
        data = self.place.read_bytes()
        whole = self.whole(data)
        found = self.lines(whole)
        places = {id(row): k for k, row in enumerate(found.rows)}
        rows = list(arranged(found.rows))
        order = [places[id(row)] for row in rows]
        moved = order != sorted(order)
        # what may only be read is read as it is
        writable = os.access(self.place, os.W_OK) and os.access(
            self.place.resolve().parent, os.W_OK
        )
        if writable and not found.tidy:
            self._without_doubles(rows, found.old)
        elif moved:
            self._rearrange(rearranged(whole, found.numbers, order), writable, locked)
        elif writable and len(whole) < len(data):
            os.truncate(self.place, len(whole))
        return rows

    def _rearrange(self, data: bytes, writable: bool, locked: bool) -> None:
        """Replace the file by one of another order, or warn why not: no row is missing without."""
        why = ""
        if not writable:
            why = "it or its folder may only be read"
        elif not locked:
            why = "its disk has no locks, and other commands may add to it"
        else:
            try:
                write_bytes(self.place, data)
            except OSError as error:
                why = str(error)
        if why:
            warn(
                f"the rows of {str(self.path)!r} stay in the order in which they came: {why}; pair"
                " them by their columns, not by their places"
            )

    def _without_doubles(self, rows: Iterable[R], old: bool) -> None:
        """Write rows that stood twice once; a file of before keeps its columns."""
        names = self._headers()[1 if old else 0]
        cells = (
            [cell_of(getattr(row, name), self.digits.get(name)) for name in names] for row in rows
        )
        write_bytes(self.place, csv_bytes([names, *cells]))

    def _first(self, rows: list[R], numbers: list[int]) -> list[int]:
        """Return the places of rows of a key that has not been: two processes were at it."""
        if not self.key:
            return list(range(len(rows)))
        kept: dict[tuple[Any, ...], int] = {}
        for k, row in enumerate(rows):
            first = kept.setdefault(self.key_of(row), k)
            for name in self.agree:
                if getattr(row, name) != getattr(rows[first], name):
                    raise ValueError(
                        f"{str(self.path)!r}, lines {numbers[first]} and {numbers[k]}: two rows of"
                        f" the same {', '.join(self.key)}, which differ in {name!r}; remove the"
                        " wrong one, or both, and the same command makes it again"
                    )
        return list(kept.values())

    def _text(self, data: bytes) -> str:
        try:
            return data.decode(_ENCODING)
        except UnicodeDecodeError:
            raise self._foreign() from None

    def _headers(self) -> list[list[str]]:
        """Return the columns of a file, and those of one of before."""
        now = self.columns()
        return [now, [name for name in now if name not in self.later]]

    def _begins(self, text: str) -> bool:
        """Whether a text that was cut short begins as a file: with all names of columns, or, where
        a full disk cut these, with the first ones.
        """
        first, end, _ = text.replace("\r", "\n").partition("\n")
        if end or "," not in first:
            return first.split(",") in self._headers() or not text
        return any(",".join(names).startswith(first) for names in self._headers())

    def _parsed(self, number: int, names: list[str], line: list[str]) -> R:
        kinds = {one.name: one.type for one in fields(self.row)}
        where = f"{str(self.path)!r}, line {number}: not a row of a {self.name}"
        if len(line) != len(names):
            raise ValueError(
                f"{where}, it has {len(line)} cells instead of {len(names)}; repair or remove it"
            )
        found = {}
        for name, cell in zip(names, line, strict=True):
            try:
                found[name] = value_of(kinds[name], cell)
            except ValueError as error:
                raise ValueError(f"{where}, {name!r} {error}; repair or remove it") from None
        row = self.row(**found)
        try:
            self.rules.require(row)
        except ValueError as error:
            raise ValueError(f"{where}, {error}; repair or remove it") from None
        return row

    def _foreign(self, text: str = "") -> ValueError:
        first = (text.splitlines() or [""])[0].replace('"', "")
        for separator in _OTHERS:
            if first.rstrip(separator).split(separator) in self._headers():
                return ValueError(
                    f"{str(self.path)!r} must have its cells between commas, as it was written, got"
                    f" {separator!r}, with which spreadsheets save tables; they round numbers, too:"
                    " bring back the file as it was, or choose another folder"
                )
        return ValueError(
            f"{str(self.path)!r} is not a {self.name} file of {self.schema}; choose another folder,"
            " or remove it"
        )
