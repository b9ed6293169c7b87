"""How a report leaves the command line: JSON, screen, figure."""

from typing import TYPE_CHECKING

from highdim.report.contents import Report, write_json
from highdim.report.screens.terminal import render
from univariate.common.publisher import Publisher

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _draw(report: Report) -> "Figure":
    from highdim.report.plots import plot_report  # matplotlib loads only where a figure is wanted

    return plot_report(report)


publish_report = Publisher(write_json, render, _draw)
