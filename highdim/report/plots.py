"""Plots of results: of a sweep, or a net on the circle or the sphere, on axes, given or new, and of
a report as a whole figure.
"""

from highdim.report.figures.circle_plot import plot_circle
from highdim.report.figures.dimension_plot import plot_dimensions
from highdim.report.figures.report_plot import plot_report
from highdim.report.figures.sphere_plot import plot_sphere
from highdim.report.figures.sweep_plot import plot_sweep

__all__ = ["plot_circle", "plot_dimensions", "plot_report", "plot_sphere", "plot_sweep"]
