"""What the screens of both packages are made of; on narrow ones words stand above numbers."""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from typing import Final

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from univariate.common.result import Verdict

Line = tuple[str, Text]
Cell = str | Text

WIDTH: Final = 100
NARROW: Final = 72
"""Columns below which names, numbers and remarks do not fit into one line."""

_WORD: Final = 8
"""Columns that words get at least in a table of numbers."""

PLAIN: Final = "not bold default"  # the style of what follows a verdict or a bold word
STYLES: Final = {Verdict.HOLDS: "green", Verdict.FAILS: "bold red", Verdict.UNDECIDED: "yellow"}


def verdict_text(verdict: Verdict) -> Text:
    """Return a verdict in its colour."""
    return Text(verdict.value, style=STYLES[verdict])


class NamedLines:
    """Names and values one below the other; on a narrow screen a value stands below its name."""

    def __init__(self, lines: Iterable[Line], width: int) -> None:
        self.lines = list(lines)
        self.width = width

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width >= NARROW:
            yield grid_of(self.lines, self.width)
            return
        for name, value in self.lines:
            if name.strip():
                yield Text(name)
            yield indented(value)


def grid_of(rows: Iterable[Sequence[Cell]], width: int) -> Table:
    """Return a table without rules; its first column is no narrower than `width`."""
    found = Table.grid(padding=(0, 2))
    found.add_column(min_width=width, no_wrap=True)
    for cells in rows:
        found.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells))
    return found


class WordsAndNumbers:
    """A table under one rule, as wide as the screen; its first columns hold words.

    On a narrow screen the words of a row stand on one line and its numbers, with their heads, on
    the next.

    Parameters
    ----------
    heads : sequence of str
        Of all columns.
    words : int
        How many columns hold words; the last of them gives way where room is short.
    right : collection of int
        Columns that are aligned at the right.
    wrap : bool
        Whether words that are too long continue on the next line, instead of being cut.
    """

    def __init__(
        self, heads: Sequence[str], words: int, right: Iterable[int], *, wrap: bool = True
    ) -> None:
        self.heads = heads
        self.words = words
        self.right = set(right)
        self.wrap = wrap
        self.rows: list[Sequence[Cell]] = []

    def add_row(self, *cells: Cell) -> None:
        """Add a row of one cell for every column."""
        self.rows.append(cells)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width >= NARROW:
            yield self._table()
            return
        yield Text(self.heads[self.words - 1], style="dim")
        yield Text("─" * options.max_width)
        for cells in self.rows:
            yield _joined(" ", cells[: self.words])
            numbers = _joined("  ", map(_named, self.heads[self.words :], cells[self.words :]))
            if numbers:
                yield indented(numbers)

    def _table(self) -> Table:
        found = Table(
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            header_style="dim",
            show_edge=False,
            expand=True,
            padding=(0, 1) if self.wrap else (0, 1, 0, 0),
        )
        for place, head in enumerate(self.heads):
            yielding = place == self.words - 1
            found.add_column(
                head,
                justify="right" if place in self.right else "left",
                ratio=1 if yielding else None,
                no_wrap=not self.wrap,
            )
        for cells in self.rows:
            found.add_row(*cells)
        return found


class Numbers:
    """A table of numbers where its lines fit the screen; else every row by itself, its numbers
    whole after the names of their columns.

    Columns that may wrap hold words, which give way first.

    Parameters
    ----------
    table : rich.table.Table
        Columns with texts as heads and cells.
    names : sequence of str, optional
        What the columns are called in rows by themselves; their heads if not given.
    """

    def __init__(self, table: Table, names: Sequence[str] | None = None) -> None:
        self.table = table
        self.names = [str(one.header) for one in table.columns] if names is None else names

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._least(console, options) <= options.max_width:
            yield self.table
            return
        if self.table.title:
            yield Text(str(self.table.title))
        for cells in zip(*(column.cells for column in self.table.columns), strict=True):
            texts = [one if isinstance(one, Text) else Text(str(one)) for one in cells]
            named = [*map(_named, self.names, texts)]
            parts = [one for one, cell in zip(named, texts, strict=True) if cell.plain]
            yield from _filled(parts, options.max_width)

    def _least(self, console: Console, options: ConsoleOptions) -> int:
        """Return the width of the table with columns of words at their narrowest."""
        narrow = copy(self.table)
        narrow.columns = [
            one if one.no_wrap else replace(one, max_width=_WORD) for one in self.table.columns
        ]
        # as it would be drawn: the measure of a table without padded edges falls short by one
        lines = console.render_lines(narrow, options.update(max_width=10_000), pad=False)
        return max(map(Segment.get_line_length, lines))


def _filled(parts: Iterable[Text], width: int) -> Iterator[Text | Table]:
    """Yield lines that hold as many parts as fit, all but the first further to the right."""
    line = Text()
    is_first = True
    for part in parts:
        room = width - (0 if is_first else 2)
        if line and line.cell_len + 2 + part.cell_len > room:
            yield line if is_first else indented(line)
            line, is_first = Text(), False
        line = Text("  ").join([line, part]) if line else part
    if line:
        yield line if is_first else indented(line)


def _named(head: str, cell: Cell) -> Text:
    """Return a cell after the head of its column; a verdict needs none."""
    words = Text(cell) if isinstance(cell, str) else cell
    if not words.plain or head in ("", "verdict", "form"):
        return words
    return Text().append(f"{head} ", "dim").append_text(words)


def _joined(separator: str, cells: Iterable[Cell]) -> Text:
    found = [Text(cell) if isinstance(cell, str) else cell for cell in cells]
    return Text(separator).join(cell for cell in found if cell.plain)


def indented(text: Text) -> Table:
    """Return text whose every line stands two columns to the right."""
    found = Table.grid(padding=(0, 0, 0, 2), pad_edge=True)
    found.add_column(overflow="fold")  # long names go on, and are not cut
    found.add_row(text)
    return found
