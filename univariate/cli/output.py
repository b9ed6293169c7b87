"""How a report leaves the command line: JSON, screen, figure."""

from pathlib import Path
from typing import TYPE_CHECKING

from univariate.common.console import complain
from univariate.common.delivery import drop_replaced
from univariate.common.publisher import Publisher
from univariate.report.contents import Report
from univariate.report.report import write_json
from univariate.report.screens.terminal import render

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _draw(report: Report) -> "Figure":
    from univariate.report.plots import (
        plot_report,  # matplotlib loads only where a figure is wanted
    )

    return plot_report(report)


publish_report = Publisher(write_json, render, _draw)


def save_better(report: Report, path: Path) -> list[Path]:
    """Write the net that refutes the next level, if there is one, and say so if there is none; one
    of an earlier audit, which was to be replaced, goes then.
    """
    better = None if report.standing is None else report.standing.witness
    if better is None:
        drop_replaced(path)
        complain(f"no witness: no better net refutes the level, {path} is not written")
        return []
    better.save(path)
    return [path]
