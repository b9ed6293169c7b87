"""How a report leaves a command line: JSON, a table on the screen, a figure."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from rich.console import RenderableType

from univariate.common.console import console, say_where
from univariate.common.delivery import Delivery, drawn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

T = TypeVar("T")


class Publisher(Generic[T]):
    """How a report leaves the command line: JSON, screen, figure.

    Parameters
    ----------
    write : callable
        (report, path) → path, writes the JSON; to stdout if the path is `STANDARD_OUTPUT`.
    render : callable
        report → what the screen shows.
    draw : callable
        report → its figure.
    """

    def __init__(
        self,
        write: Callable[[T, Path], Path],
        render: Callable[[T], RenderableType],
        draw: Callable[[T], "Figure"],
    ) -> None:
        self._write = write
        self._render = render
        self._draw = draw

    def __call__(
        self, report: T, where: Delivery, name: str, *, written: Sequence[Path] = ()
    ) -> None:
        """Write the files of a report and show it; `written` are files to name besides."""
        where.clear(where.products(name))
        # the JSON first, so that nothing is lost to a closed pipe; the table before the figure
        files = [*written, self._write(report, where.json_path(name))]
        screen = console()
        screen.print(self._render(report))
        if where.figure:
            files += drawn(lambda: self._draw(report), where.figure_path(name))
        say_where(screen, files)
