"""Figures: what is drawn is true, little enough, and leaves no trace in matplotlib's global state."""

import io
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

import univariate
from univariate import DeepReluNet, ReluNet, Sample, build_report, draw_sample, margins, max_margin, spline
from univariate._figures.visible import coverage, crowded_window, envelope, graph
from univariate.plots import (
    plot_attribution,
    plot_bounds,
    plot_margins,
    plot_net,
    plot_report,
    plot_study,
    plot_zoom,
)
from univariate.study import study_row


@pytest.fixture(scope="module")
def sample() -> Sample:
    return draw_sample(200, 0.2, rng=1)


@pytest.fixture(scope="module")
def best(sample):
    return max_margin(sample)


@pytest.fixture(scope="module")
def report(sample, best):
    return build_report(best.net, sample, p=0.2, optimum=best)


def empty_axes() -> Axes:
    return Figure().subplots()


def deep_net() -> DeepReluNet:
    return DeepReluNet([([[1.0], [-1.0]], [-0.5, 0.25]), ([[8.0, 4.0]], [-0.5])])


def drawn_points(ax: Axes) -> int:
    lines = sum(len(line.get_xdata()) for line in ax.lines)
    return lines + sum(len(path.vertices) for patch in ax.collections for path in patch.get_paths())


# Interface


def all_plots(report, ax):
    yield plot_net(report.net, report.sample, ax=ax())
    yield plot_net(report.net, ax=ax())
    yield plot_zoom(report.net, report.sample, ax=ax())
    yield plot_margins(report.margins, ax=ax())
    yield plot_attribution(report.theorem_3_2.attribution, ax=ax())
    yield plot_bounds(report, ax=ax())
    yield plot_study([study_row(20, 0.1, 0), study_row(20, 0.3, 0)], ax=ax())


def test_plots_return_the_axes_they_were_given(report):
    given = []

    def make() -> Axes:
        given.append(empty_axes())
        return given[-1]

    for drawn in all_plots(report, make):
        assert drawn is given[-1]


def test_plots_without_axes_make_a_figure_of_their_own(report):
    found = list(all_plots(report, lambda: None))
    assert all(isinstance(ax, Axes) for ax in found)
    assert len({id(ax.figure) for ax in found}) == len(found)


def test_plots_leave_the_global_state_alone(report):
    before = dict(mpl.rcParams)
    plot_report(report).savefig(io.BytesIO())
    list(all_plots(report, lambda: None))
    assert dict(mpl.rcParams) == before


def test_matplotlib_loads_with_the_first_plot_and_pyplot_never():
    script = """
import sys, univariate
heavy = ("matplotlib", "shapely", "scipy.stats", "scipy.optimize", "typer", "rich")
assert not [name for name in heavy if name in sys.modules], sorted(sys.modules)
univariate.plot_net(univariate.ReluNet([1.0], [1.0], [-0.5]))
assert "matplotlib" in sys.modules and "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_plots_are_names_of_the_package():
    assert univariate.plot_net is plot_net
    with pytest.raises(AttributeError, match="plot_everything"):
        _ = univariate.plot_everything


# What is drawn


def test_the_tint_covers_the_error_set(sample, best):
    ax = plot_net(best.net, sample)
    strips = next(found for found in ax.collections if isinstance(found, PolyCollection))
    ends = [(path.vertices[:, 0].min(), path.vertices[:, 0].max()) for path in strips.get_paths()]
    np.testing.assert_allclose(ends, spline(best.net).sublevel_intervals(), atol=1e-12)


def test_few_observations_are_drawn_one_by_one_with_their_gates():
    small = draw_sample(30, 0.3, rng=0)
    ax = plot_net(max_margin(small).net, small)
    marks = [line for line in ax.lines if line.get_linestyle() == "None"]
    assert sorted(len(line.get_xdata()) for line in marks) == sorted(
        [int(np.sum(small.y > 0.0)), int(np.sum(small.y < 0.0))]
    )
    assert max(len(found.get_paths()) for found in ax.collections) >= small.size


def test_a_large_net_is_drawn_from_few_points():
    large = draw_sample(20_000, 0.2, rng=0)
    net = max_margin(large).net
    assert drawn_points(plot_net(net, large)) < 40_000
    assert drawn_points(plot_zoom(net, large)) < 10_000


def test_the_scale_keeps_the_band_of_labels_visible_under_high_peaks():
    ax = plot_net(ReluNet([1e4, -2e4], [1.0, 1.0], [-0.1, -0.5]))
    low, high = ax.transData.transform([(0.0, -1.0), (0.0, 1.0)])[:, 1]
    assert (high - low) / ax.bbox.height > 0.08
    assert ax.get_ylim()[1] > 4e3


@pytest.mark.parametrize(
    "net",
    [deep_net(), ReluNet([0.0], [0.0], [0.0]), ReluNet([1.0], [0.0], [2.0]), ReluNet([1e150], [1e3], [-1.0])],
    ids=["deep", "zero", "constant", "steep"],
)
def test_unusual_nets_are_drawn(net, sample):
    for ax in (plot_net(net, sample), plot_zoom(net, sample)):
        ax.figure.savefig(io.BytesIO())


def test_a_figure_shows_the_whole_sample():
    wide = Sample([-3.0, 0.5, 7.0], [1.0, -1.0, 1.0])
    low, high = plot_net(max_margin(wide).net, wide).get_xlim()
    assert low <= -3.0
    assert high >= 7.0


@pytest.mark.parametrize("m", [1, 2, 3])
def test_tiny_samples_make_a_figure(m):
    tiny = draw_sample(m, 0.5, rng=3)
    plot_report(build_report(max_margin(tiny).net, tiny)).savefig(io.BytesIO())


def test_margins_add_up_to_all_observations(report):
    heights = [bar.get_height() for bar in plot_margins(report.margins).patches]
    assert sum(heights) == pytest.approx(1.0)
    assert max(heights) == pytest.approx(report.interpolation.at_margin, abs=1e-12)


def test_margins_of_a_net_that_does_not_interpolate(sample):
    found = margins(deep_net(), sample)
    ax = plot_margins(found)
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(1.0)
    wrong = int(np.sum(found.values <= 0.0))
    assert any(f"{wrong} of 200" in text.get_text() for text in ax.texts)


def test_attribution_bars_are_its_numbers(report):
    found = report.theorem_3_2.attribution
    widths = [bar.get_width() for bar in plot_attribution(found).patches]
    assert widths == [part.mass for part in found] + [part.error for part in found]


def test_report_figure_has_five_panels_and_states_the_finding(report):
    figure = plot_report(report)
    assert len(figure.axes) == 5
    assert [ax.get_title(loc="left")[:3] for ax in figure.axes] == ["(a)", "(b)", "(c)", "(d)", "(e)"]
    assert f"{report.clean_error.value:.5g}" in figure.texts[0].get_text()


def test_report_figures_name_what_the_net_fails_at(sample):
    title = plot_report(build_report(deep_net(), sample)).texts[0].get_text()
    assert title.startswith("Misses")


def test_report_figures_compare_norms_of_a_net_that_interpolates(sample, best):
    wasteful = ReluNet(best.net.v * 4.0, best.net.w / 2.0, best.net.b / 2.0)
    assert "least norm" in plot_report(build_report(wasteful, sample, optimum=best)).texts[0].get_text()


def test_studies_against_p_and_against_m():
    rows = [study_row(m, p, 0) for m in (20, 40) for p in (0.1, 0.3)]
    assert plot_study(rows).get_xlabel() == "noise level $p$"
    assert plot_study(rows[::2]).get_xlabel() == "observations $m$"
    with pytest.raises(ValueError, match="`rows` must not be empty"):
        plot_study([])


# What an eye can see


def test_envelope_bounds_the_net_and_is_attained(best):
    curve = spline(best.net)
    seen = envelope(curve, (0.0, 1.0), 50)
    x = np.sort(np.concatenate([np.linspace(0.0, 1.0, 20_001), curve.knots[(curve.knots > 0) & (curve.knots < 1)]]))
    column = np.clip((x * 50).astype(int), 0, 49)
    y = curve(x)
    assert np.all(y <= seen.high[column] + 1e-9)
    assert np.all(y >= seen.low[column] - 1e-9)
    highest = [y[column == k].max() for k in range(50)]
    np.testing.assert_allclose(highest, seen.high, rtol=1e-2, atol=0.1)
    assert np.all(np.diff(seen.quantiles, axis=0) >= 0.0)


def test_coverage_is_the_length_in_every_column():
    intervals = np.array([[0.05, 0.1], [0.1, 0.35], [0.9, 1.0]])
    np.testing.assert_allclose(coverage(intervals, (0.0, 1.0), 4), [0.8, 0.4, 0.0, 0.4])
    np.testing.assert_array_equal(coverage(np.empty((0, 2)), (0.0, 1.0), 3), 0.0)


def test_points_of_the_graph_lie_on_it_and_hold_all_knots(best):
    curve = spline(best.net)
    x, y = graph(curve, (0.0, 1.0))
    assert np.all(np.diff(x) >= 0.0)
    np.testing.assert_allclose(curve(x), y, rtol=1e-6, atol=1e-6)
    assert np.isin(curve.knots[(curve.knots > 0.0) & (curve.knots < 1.0)], x).all()


def test_the_zoom_goes_where_labels_change_most():
    for seed in range(20):
        found = draw_sample(60, 0.3, rng=seed)
        start, stop = crowded_window(found, 12)
        assert stop - start == 12
        changes = [int(np.sum(np.diff(found.y[i : i + 12]) != 0.0)) for i in range(49)]
        assert changes[start] == max(changes)
    assert crowded_window(Sample([0.5], [1.0]), 12) == (0, 1)
