"""Where the command line's words and files go: stdout for results, stderr for complaints and
progress.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from univariate.common.files import write_atomically
from univariate.report.report import Report, write_json
from univariate.report.screens.parts import WIDTH
from univariate.report.screens.terminal import render

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def console() -> Console:
    """Return a console on stdout; 100 columns wide where that is no terminal."""
    found = Console(highlight=False, soft_wrap=False)
    return found if found.is_terminal else Console(highlight=False, width=WIDTH)


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
    report: Report, folder: Path, name: str, *, figure: bool, written: Sequence[Path] = ()
) -> None:
    """Write a report's files and show it; the JSON comes first, so that nothing is lost to a closed
    pipe.
    """
    files = [*written, write_json(report, folder / f"{name}.json")]
    screen = console()
    screen.print(render(report))
    if figure:
        from univariate.report.plots import plot_report

        try:
            files.append(save_figure(plot_report(report), folder / f"{name}.png"))
        except ValueError as error:  # values beyond the range of doubles: no spline, no picture
            complain(f"no figure: {error}")
    say_where(screen, files)


def save_better(report: Report, path: Path) -> list[Path]:
    """Write the net that refutes the next level, if there is one, and say so if there is none."""
    better = None if report.standing is None else report.standing.witness
    if better is None:
        complain(f"no witness: no better net refutes the level, {path} is not written")
        return []
    better.save(path)
    return [path]


def save_figure(figure: "Figure", path: Path) -> Path:
    """Write a figure as PNG; an old file is replaced only by a complete one."""
    return write_atomically(path, lambda stream: figure.savefig(stream, format="png"))


def say_where(screen: Console, files: Sequence[Path | str]) -> None:
    """Name the files written."""
    screen.print(Text(f"Wrote {', '.join(map(str, files))}", style="dim"), soft_wrap=True)
