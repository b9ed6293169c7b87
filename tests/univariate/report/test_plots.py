"""Figures: what is drawn is true, little enough, and leaves no trace in matplotlib's global
state.
"""

import inspect
import io
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

import univariate
from univariate import (
    DeepReluNet,
    ReluNet,
    Sample,
    TrainedNet,
    build_report,
    draw_sample,
    gradient_flow,
    init_network,
    margins,
    max_margin,
    spline,
    train_network,
)
from univariate.paper.patterns import positive_pair_bound
from univariate.problem.fitted import Margins
from univariate.report.figures.kinds import KINDS, effects, strengths
from univariate.report.figures.training_plot import log10_times
from univariate.report.figures.visible import coverage, crowded_window, envelope, graph
from univariate.report.plots import (
    film,
    plot_attribution,
    plot_bounds,
    plot_kinks,
    plot_margins,
    plot_net,
    plot_report,
    plot_study,
    plot_trained,
    plot_trajectory,
    plot_zoom,
)
from univariate.report.study import study_row


@pytest.fixture(scope="module")
def sample() -> Sample:
    return draw_sample(200, 0.2, rng=1)


@pytest.fixture(scope="module")
def best(sample):
    return max_margin(sample)


@pytest.fixture(scope="module")
def report(sample, best):
    return build_report(best.net, sample, p=0.2, optimum=best)


@pytest.fixture(scope="module")
def trained() -> TrainedNet:
    return train_network(draw_sample(12, 0.3, rng=3), rng=1)


@pytest.fixture(scope="module")
def unfitting():
    """Runs that end early: with no step at all, and after a few steps that do not interpolate."""
    sample = Sample(np.arange(1.0, 8.0) / 8.0, np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0]))
    none = gradient_flow(init_network(sample, scheme="pytorch", width=2, rng=0), sample)
    few = gradient_flow(
        init_network(sample, scheme="pytorch", width=9, rng=0), sample, method="gd", steps=30
    )
    return sample, (none, few)


def empty_axes() -> Axes:
    return Figure().subplots()


def deep_net() -> DeepReluNet:
    return DeepReluNet([([[1.0], [-1.0]], [-0.5, 0.25]), ([[8.0, 4.0]], [-0.5])])


def drawn_points(ax: Axes) -> int:
    lines = sum(len(line.get_xdata()) for line in ax.lines)
    return lines + sum(len(path.vertices) for patch in ax.collections for path in patch.get_paths())


# Interface


def all_plots(report, trained, ax):
    yield plot_kinks(trained.trajectory, draw_sample(12, 0.3, rng=3), ax=ax())
    yield plot_net(report.net, report.sample, ax=ax())
    yield plot_net(report.net, ax=ax())
    yield plot_zoom(report.net, report.sample, ax=ax())
    yield plot_margins(report.margins, ax=ax())
    yield plot_attribution(report.theorem_3_2.attribution, ax=ax())
    yield plot_bounds(report, ax=ax())
    yield plot_study([study_row(20, 0.1, 0), study_row(20, 0.3, 0)], ax=ax())


def test_plots_return_the_axes_they_were_given(report, trained):
    given = []

    def make() -> Axes:
        given.append(empty_axes())
        return given[-1]

    for drawn in all_plots(report, trained, make):
        assert drawn is given[-1]


def test_plots_without_axes_make_a_figure_of_their_own(report, trained):
    found = list(all_plots(report, trained, lambda: None))
    assert all(isinstance(ax, Axes) for ax in found)
    assert len({id(ax.figure) for ax in found}) == len(found)


def test_plots_leave_the_global_state_alone(report, trained, tmp_path):
    before = dict(mpl.rcParams)
    plot_report(report).savefig(io.BytesIO())
    plot_trained(trained, draw_sample(12, 0.3, rng=3)).savefig(io.BytesIO())
    film(trained.trajectory, draw_sample(12, 0.3, rng=3), tmp_path / "film.gif")
    list(all_plots(report, trained, lambda: None))
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
    assert univariate.film is film
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
    [
        deep_net(),
        ReluNet([0.0], [0.0], [0.0]),
        ReluNet([1.0], [0.0], [2.0]),
        ReluNet([1e150], [1e3], [-1.0]),
    ],
    ids=["deep", "zero", "constant", "steep"],
)
def test_unusual_nets_are_drawn(net, sample):
    for ax in (plot_net(net, sample), plot_zoom(net, sample)):
        ax.figure.savefig(io.BytesIO())
        assert np.isfinite([*ax.get_xlim(), *ax.get_ylim()]).all()
        # the net is there, and every observation that is shown
        assert any(len(line.get_xdata()) >= 2 for line in ax.get_lines())


@pytest.mark.filterwarnings(
    "error::RuntimeWarning", "error::UserWarning", "default::DeprecationWarning"
)
@pytest.mark.parametrize("others", [[-1.0, 2.0], [1e-310, 0.0], [0.0, 0.0]], ids=str)
def test_margins_that_are_mostly_0_are_drawn(others):
    """Of a net that is 0 on most of the sample the median says nothing about the scale."""
    values = np.array([0.0, 0.0, 0.0, *others])
    ax = plot_margins(Margins(values, np.zeros(5), 0))
    ax.figure.savefig(io.BytesIO())
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(1.0)
    wrong = [bar for bar in ax.patches if bar.get_x() < 0.0]
    assert sum(bar.get_height() for bar in wrong) == pytest.approx(np.mean(values <= 0.0))
    assert len({bar.get_facecolor() for bar in wrong}) == 1


def test_a_figure_shows_the_whole_sample():
    wide = Sample([-3.0, 0.5, 7.0], [1.0, -1.0, 1.0])
    low, high = plot_net(max_margin(wide).net, wide).get_xlim()
    assert low <= -3.0
    assert high >= 7.0


@pytest.mark.parametrize("m", [1, 2, 3])
def test_tiny_samples_make_a_figure(m):
    tiny = draw_sample(m, 0.5, rng=3)
    figure = plot_report(build_report(max_margin(tiny).net, tiny))
    figure.savefig(io.BytesIO())
    top = figure.axes[0]
    low, high = top.get_xlim()
    assert low <= tiny.x[0]
    assert tiny.x[-1] <= high
    drawn = [line.get_xdata() for line in top.get_lines() if line.get_marker() in "os"]
    assert sorted(np.concatenate(drawn)) == tiny.x.tolist()


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
    assert [ax.get_title(loc="left")[:3] for ax in figure.axes] == [
        "(a)",
        "(b)",
        "(c)",
        "(d)",
        "(e)",
    ]
    assert f"{report.clean_error.value:.5g}" in figure.texts[0].get_text()


def test_report_figures_name_what_the_net_fails_at(sample):
    title = plot_report(build_report(deep_net(), sample)).texts[0].get_text()
    assert title.startswith("Misses")


def test_report_figures_compare_norms_of_a_net_that_interpolates(sample, best):
    wasteful = ReluNet(best.net.v * 4.0, best.net.w / 2.0, best.net.b / 2.0)
    assert (
        "least norm"
        in plot_report(build_report(wasteful, sample, optimum=best)).texts[0].get_text()
    )


def test_studies_to_logarithmic_scales_mark_means_of_zero():
    """Without noise to fit there is no error, which no logarithm has."""
    rows = [study_row(20, p, 0) for p in (1e-4, 1e-3, 0.1, 0.3)]
    errors = [row.clean_error for row in rows]
    assert errors[0] == 0.0 < errors[-1]
    ax = plot_study(rows)
    assert ax.get_yscale() == "log"
    (marked,) = (
        line for line in ax.get_lines() if line.get_marker() == "v" and len(line.get_xdata())
    )
    zeros = [row.p for row in rows if row.clean_error == 0.0]
    assert list(marked.get_xdata()) == pytest.approx(zeros)
    # at the edge, whatever the scale
    below = ax.transAxes.inverted().transform(marked.get_transform().transform((zeros[0], 0.0)))
    assert below[1] == pytest.approx(0.0, abs=1e-9)
    assert "mean 0" in [text.get_text() for text in ax.get_legend().get_texts()]
    clear = plot_study(rows[2:])
    assert "v" not in {line.get_marker() for line in clear.get_lines()}


def test_studies_against_p_and_against_m():
    rows = [study_row(m, p, 0) for m in (20, 40) for p in (0.1, 0.3)]
    assert plot_study(rows).get_xlabel() == "noise level $p$"
    assert plot_study(rows[::2]).get_xlabel() == "observations $m$"
    with pytest.raises(ValueError, match="`rows` must not be empty"):
        plot_study([])


def test_a_study_says_where_marks_are_moved_sideways():
    words = {}
    for sizes, rates in (((20, 40), (0.1, 0.3)), ((20,), (0.1, 0.3)), ((20, 40), (0.1,))):
        axes = plot_study([study_row(m, p, 0) for m in sizes for p in rates])
        said = " ".join(text.get_text() for text in axes.texts)
        moved = {x for bar in axes.containers for x in bar.lines[0].get_xdata()} - {*rates, *sizes}
        assert ("sizes side by side" in said) == bool(moved)
        words[sizes, rates] = said
    assert len(set(words.values())) == 3
    assert sum("side by side" in said for said in words.values()) == 1


def test_the_band_of_a_study_against_p_is_said_to_be_that_of_many_points():
    """The ends of [0, 1] count in full: for these 20 points the upper bound is 1.29 times it."""
    few, p = draw_sample(20, 0.1, rng=0), 0.1
    expected = positive_pair_bound(few, p, lambda x: x).expected
    assert expected > 1.2 * (1.0 - (1.0 - p) ** 2)
    ax = plot_study([study_row(20, p, 0), study_row(20, 0.3, 0)])
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert r"bounds of Thm 3.2, expected as $m \to \infty$" in names


@pytest.mark.parametrize("count", [1, 2])
def test_words_and_bands_of_studies_are_seen_whole(count):
    """What is below the title ended beyond the figure, and pushed the axes together."""
    rows = [study_row(m, p, 0) for m in (20, 40) for p in (0.1, 0.3)][::2][:count]
    ax = plot_study(rows)
    figure = ax.get_figure()
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    for text in (*ax.texts, ax.title, *ax.get_xticklabels()):
        box = text.get_window_extent(renderer)
        assert 0.0 <= box.x0 <= box.x1 <= figure.bbox.width
    assert ax.get_window_extent(renderer).width > 0.85 * figure.bbox.width
    (band,) = ax.collections[:1]
    assert np.ptp(band.get_paths()[0].vertices, axis=0).min() > 0.0  # of one size, too


# Training


def gif_frames(path) -> tuple[int, tuple[int, int]]:
    with Image.open(path) as picture:
        return picture.n_frames, picture.size


def test_trajectories_are_drawn_on_three_axes_that_may_be_given(trained):
    given = tuple(Figure().subplots(1, 3))
    assert plot_trajectory(trained.trajectory, axes=given) == given
    margins_shown, errors, norms = plot_trajectory(trained.trajectory)
    run, times = trained.trajectory, log10_times(trained.trajectory)
    np.testing.assert_array_equal(margins_shown.lines[2].get_xydata().T, [times, run.margins[1:]])
    np.testing.assert_array_equal(errors.lines[0].get_ydata(), run.clean_errors[1:])
    ratios, begin = norms.lines[0].get_ydata(), run.interpolates_from
    np.testing.assert_array_equal(ratios, run.norms_squared[begin:] / run.margins[begin:])
    assert ratios.min() >= trained.optimum.norm_squared * (1.0 - 1e-9)


def test_kinks_are_drawn_where_the_recorded_nets_have_them(trained):
    run, sample = trained.trajectory, draw_sample(12, 0.3, rng=3)
    ax = plot_kinks(run, sample)
    times = log10_times(run)
    drawn = [found.get_segments() for found in ax.collections if isinstance(found, LineCollection)]
    assert len(drawn) == len(KINDS)
    before_last, last = run.snapshots[-2:]
    for kind, pieces in zip(KINDS, drawn, strict=True):
        strong = np.minimum(strengths(before_last, sample), strengths(last, sample)) > 0.03
        wanted = last.kinks[kind.of(last) & kind.of(before_last) & strong]
        ends = [
            piece[1, 0]
            for piece in pieces
            if piece[1, 1] == run.snapshot_log_times[-1] / np.log(10.0)
        ]
        np.testing.assert_array_equal(np.sort(ends), np.sort(wanted))
    assert ax.get_ylim() == (times[0], times[-1])


def test_the_effect_of_a_kink_is_what_it_moves_the_net_by_across_its_gap():
    sample = Sample([0.0, 0.25, 1.0], [1.0, -1.0, 1.0])
    # kinks at 0.1, 0.5, and −5 before all data
    net = ReluNet([2.0, -1.0, 1.0], [1.0, -2.0, 1.0], [-0.1, 1.0, 5.0])
    np.testing.assert_allclose(effects(net, sample), [2.0 * 0.25, 2.0 * 0.75, 1.0 * 0.5])
    assert strengths(net, sample).max() <= 1.0


def test_the_last_tint_over_time_is_the_error_set(trained):
    sample = draw_sample(12, 0.3, rng=3)
    strips = [
        found
        for found in plot_kinks(trained.trajectory, sample).collections
        if isinstance(found, PolyCollection)
    ]
    assert len(strips) == len(trained.trajectory.snapshots)
    ends = [
        (path.vertices[:, 0].min(), path.vertices[:, 0].max()) for path in strips[-1].get_paths()
    ]
    np.testing.assert_allclose(
        ends, spline(trained.trajectory.snapshots[-1]).sublevel_intervals(), atol=1e-12
    )


def test_a_film_has_a_frame_for_every_recorded_net(trained, tmp_path):
    path = film(trained.trajectory, draw_sample(12, 0.3, rng=3), tmp_path / "film.gif")
    frames, size = gif_frames(path)
    assert frames == len(trained.trajectory.snapshots)
    assert size == (792, 504)
    assert path.stat().st_size < 3_000_000
    with pytest.raises(ValueError, match="`rate` must be positive, got 0"):
        film(trained.trajectory, draw_sample(12, 0.3, rng=3), tmp_path / "film.gif", rate=0.0)
    assert [file.name for file in tmp_path.iterdir()] == ["film.gif"]


def test_a_film_keeps_the_colours_of_rare_marks(unfitting, tmp_path):
    sample, (_, few) = unfitting
    with Image.open(film(few, sample, tmp_path / "film.gif")) as picture:
        shown = np.unique(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0).astype(float)
    for colour in ("white", *(kind.colour for kind in KINDS)):
        assert np.abs(shown - 255.0 * np.array(to_rgb(colour))).max(axis=1).min() <= 12.0


def test_training_figures_state_what_training_led_to(trained):
    figure = plot_trained(trained, draw_sample(12, 0.3, rng=3))
    assert [ax.get_title(loc="left")[:3] for ax in figure.axes] == [
        "(a)",
        "(b)",
        "(c)",
        "(d)",
        "(e)",
    ]
    assert f"{trained.clean_error.value:.4g}" in figure.texts[0].get_text()
    names = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert "end of the run / its margin" in names


def test_runs_that_do_not_interpolate_are_drawn(unfitting, tmp_path):
    sample, runs = unfitting
    for run in runs:
        figure = plot_trained(TrainedNet.of(run, sample), sample)
        figure.savefig(io.BytesIO())
        assert f"does not interpolate ({run.status})" in figure.texts[0].get_text()
        frames, _ = gif_frames(film(run, sample, tmp_path / "film.gif"))
        assert frames <= len(run.snapshots)


@pytest.mark.parametrize("m", [1, 2])
def test_training_on_tiny_samples_is_drawn(m, tmp_path):
    tiny = draw_sample(m, 0.5, rng=3)
    found = train_network(tiny, rng=0)
    figure = plot_trained(found, tiny)
    figure.savefig(io.BytesIO())
    assert all(np.isfinite([*ax.get_xlim(), *ax.get_ylim()]).all() for ax in figure.axes)
    frames, _ = gif_frames(film(found.trajectory, tiny, tmp_path / "film.gif"))
    assert 1 <= frames <= len(found.trajectory.snapshots)


def test_reports_show_a_trained_net_beside_the_optimum(trained):
    sample = draw_sample(12, 0.3, rng=3)
    best = max_margin(sample)
    figure = plot_report(build_report(best.net, sample, optimum=best, trained=trained))
    top, zoom, *_, bounds = figure.axes
    assert [text.get_text() for text in top.get_legend().get_texts()] == ["$N$", "trained net"]
    assert sum(line.get_label() == "trained net" for line in zoom.lines) == 1
    assert "trained net" in [label.get_text() for label in bounds.get_yticklabels()]
    plain = plot_report(build_report(best.net, sample, optimum=best))
    assert "trained net" not in [label.get_text() for label in plain.axes[-1].get_yticklabels()]


# What an eye can see


def test_envelope_bounds_the_net_and_is_attained(best):
    curve = spline(best.net)
    seen = envelope(curve, (0.0, 1.0), 50)
    x = np.sort(
        np.concatenate(
            [np.linspace(0.0, 1.0, 20_001), curve.knots[(curve.knots > 0) & (curve.knots < 1)]]
        )
    )
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


@pytest.mark.parametrize("name", [name for name in dir(univariate) if name.startswith("plot_")])
@pytest.mark.parametrize("wrong", [3, None, "report", [1]], ids=repr)
def test_what_is_no_result_is_told_which_one_to_pass(name, wrong):
    plot = getattr(univariate, name)
    needed = [
        parameter
        for parameter in inspect.signature(plot).parameters.values()
        if parameter.default is parameter.empty
    ]
    with pytest.raises((TypeError, ValueError), match=r"`\w+(\[0\])?` must .*; "):
        plot(*[wrong] * len(needed))
