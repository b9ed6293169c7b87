"""How a report leaves the command line: JSON, screen, figure."""

from collections.abc import Sequence
from pathlib import Path

from highdim.report.contents import Report, write_json
from highdim.report.screens.terminal import render
from univariate.common.console import publish


def publish_report(
    report: Report, folder: Path, name: str, *, figure: bool, written: Sequence[Path] = ()
) -> None:
    """Write the files of a report and show it; `written` are files to name besides."""
    from highdim.report.plots import plot_report

    draw = (lambda: plot_report(report)) if figure else None
    files = [*written, write_json(report, folder / f"{name}.json")]
    publish(files, render(report), draw, folder / f"{name}.png")
