"""How a report about one net leaves the command line: JSON, screen, figure."""

from collections.abc import Sequence
from pathlib import Path

from univariate.common.console import complain, publish
from univariate.report.report import Report, write_json
from univariate.report.screens.terminal import render


def publish_report(
    report: Report, folder: Path, name: str, *, figure: bool, written: Sequence[Path] = ()
) -> None:
    """Write the files of a report and show it; `written` are files to name besides."""
    from univariate.report.plots import plot_report

    draw = (lambda: plot_report(report)) if figure else None
    files = [*written, write_json(report, folder / f"{name}.json")]
    publish(files, render(report), draw, folder / f"{name}.png")


def save_better(report: Report, path: Path) -> list[Path]:
    """Write the net that refutes the next level, if there is one, and say so if there is none."""
    better = None if report.standing is None else report.standing.witness
    if better is None:
        complain(f"no witness: no better net refutes the level, {path} is not written")
        return []
    better.save(path)
    return [path]
