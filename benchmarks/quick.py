"""Scripts whose table is made at once: computed, stored, drawn and shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from benchmarks.command import options
from benchmarks.frame import RESULTS, R, file_of, save_figure, write


@dataclass(frozen=True)
class Quick(Generic[R]):
    """A script whose table is made at once.

    Attributes
    ----------
    name, about : str
        The module is benchmarks.`name`.
    row : type
        A dataclass, the lines of the table.
    compute, table : callable
        The rows, and rows → table for the terminal, of `width` columns.
    draw : callable, optional
        Rows → figure, to be saved with `dpi` dots an inch.
    store : str
        What the help says of the files.
    """

    name: str
    about: str
    row: type[R]
    compute: Callable[[], list[R]]
    table: Callable[[list[R]], Table]
    draw: Callable[[list[R]], Figure] | None = None
    store: str = "the .csv file"
    dpi: int = 200
    width: int | None = None

    @property
    def results(self) -> Path:
        """The committed table."""
        return RESULTS / f"{self.name}.csv"

    def committed(self) -> list[R]:
        """Return the rows of the committed table."""
        return file_of(self.row, self.results).read()

    def main(self, arguments: Sequence[str] | None = None) -> int:
        """Compute, store, draw and show; returns the exit status."""
        words = (self.results, self.store)
        store = options(self.name, self.about, arguments, store=words).store
        rows = self.compute()
        write(rows, store)
        if self.draw is not None:
            save_figure(self.draw(rows), store, self.dpi)
        Console(width=self.width).print(self.table(rows))
        return 0
