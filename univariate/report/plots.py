"""Figures of nets, reports and studies.

Every function takes a result and optional axes, and returns the axes.

Drawing is separate from computing, costs less than three seconds at any m (only what can be seen is
drawn), and touches neither pyplot nor the global rcParams.
"""

from univariate.report.figures.comparison_plot import plot_comparison
from univariate.report.figures.counterexample_plot import plot_counterexample
from univariate.report.figures.film import film
from univariate.report.figures.kinks_plot import plot_kinks
from univariate.report.figures.net_plot import plot_net, plot_zoom
from univariate.report.figures.panels import plot_attribution, plot_bounds, plot_margins
from univariate.report.figures.report_plot import plot_report
from univariate.report.figures.study_plot import plot_study
from univariate.report.figures.trained_plot import plot_trained
from univariate.report.figures.training_plot import plot_trajectory

__all__ = [
    "film",
    "plot_attribution",
    "plot_bounds",
    "plot_comparison",
    "plot_counterexample",
    "plot_kinks",
    "plot_margins",
    "plot_net",
    "plot_report",
    "plot_study",
    "plot_trained",
    "plot_trajectory",
    "plot_zoom",
]
