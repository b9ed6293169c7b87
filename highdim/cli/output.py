"""Where the words and files of reports go: stdout for results, stderr for complaints and
progress.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from highdim.report.report import Report, write_json
from highdim.report.screens.terminal import WIDTH, render
from univariate.common.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def folder(path: Path) -> Path:
    """Return a folder to write to, made if it is missing."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "it is a file" if path.exists() else error.strerror
        raise OSError(
            f"`out` must be a folder, got {str(path)!r}: {reason}; choose another"
        ) from None
    return path


def complain(text: str) -> None:
    """Write one line to stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(text))


def working(text: str) -> AbstractContextManager[object]:
    """Show a spinner on stderr, if that is a terminal."""
    return Console(stderr=True).status(Text(text))


def on_terminal() -> bool:
    """Whether stderr is a terminal, where progress can be shown."""
    return Console(stderr=True).is_terminal


def publish(
    report: Report, path: Path, name: str, *, figure: bool, written: Sequence[Path] = ()
) -> None:
    """Write a report's files and show it; the JSON comes first, so that nothing is lost to a closed
    pipe.
    """
    files = [*written, write_json(report, path / f"{name}.json")]
    found = Console(highlight=False)
    screen = found if found.is_terminal else Console(highlight=False, width=WIDTH)
    screen.print(render(report))
    if figure:
        from highdim.report.plots import plot_report

        files.append(_save(plot_report(report), path / f"{name}.png"))
    screen.print(Text(f"Wrote {', '.join(map(str, files))}", style="dim"), soft_wrap=True)


def _save(figure: "Figure", path: Path) -> Path:
    return write_atomically(path, lambda stream: figure.savefig(stream, format="png"))
