"""Plots of sweeps, one curve for every kind of run; figures of reports, of every kind of net."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import highdim
from highdim.cli.sweep_command import figure
from highdim.optimum.orthogonal_limit import orthogonal_limit
from highdim.report.figures.dots_plot import Dot, plot_dots
from highdim.report.figures.outputs_plot import new_outputs
from highdim.report.figures.report_dots import _round_numbers
from highdim.report.finding import regime
from highdim.report.plots import plot_report
from highdim.report.report import build_report

ROW = {
    **{
        "m": 10,
        "width": 5,
        "depth": 2,
        "distribution": "sphere",
        "method": "flow",
        "train_output": True,
    },
    **{"interpolates": True, "predicted_clean_error": 0.01},
}
ROWS = [
    ROW | {"d": d, "p": p, "width": width, "clean_error": p * 10.0 / d * (1 + seed), "seed": seed}
    for d in (10, 100)
    for p in (0.1, 0.2)
    for width in (5, 50)
    for seed in range(2)
]


def test_curves_are_means_over_seeds():
    ax = Figure().subplots()
    assert highdim.plot_sweep(ROWS, ax=ax) is ax
    curves = {
        line.get_label(): line for line in ax.get_lines() if not line.get_label().startswith("_")
    }
    assert sorted(curves) == [f"$d={d}$, $n={n}$" for d in (10, 100) for n in (5, 50)]
    assert curves["$d=100$, $n=5$"].get_ydata() == pytest.approx([0.015, 0.03])


def test_settings_that_differ_have_curves_of_their_own_in_the_order_of_numbers():
    rows = [
        row | {"m": m, "flow_time": 2000 / m, "bias": bias}
        for m in (5, 40)
        for bias in (True, False)
        for row in ROWS
        if row["width"] == 5 and row["d"] == 10
    ]
    labels = highdim.plot_sweep(rows[::-1]).get_legend_handles_labels()[1]
    # the flow time is told by m
    assert labels == [f"$d=10$, $m={m}$, bias {bias}" for m in (5, 40) for bias in (False, True)]


def test_kinds_of_runs_are_told_apart_where_there_is_one_noise_level():
    """A curve of one point shows no dashes."""
    ax = highdim.plot_sweep([row for row in ROWS if row["p"] == 0.1])
    curves = [line for line in ax.get_lines() if not line.get_label().startswith("_")]
    assert len({(line.get_color().tobytes(), line.get_marker()) for line in curves}) == 4


def test_the_figure_of_the_command_says_what_its_marks_are():
    rows = [row | {"interpolates": row["p"] < 0.15} for row in ROWS]
    for given, hollow in ((rows, 1), (ROWS, 0)):
        for along in ("p", "d/m"):
            (axes,) = figure(given, along).axes
            words = [text.get_text() for text in axes.get_legend().get_texts()]
            assert words.count("$L_{cl} = p$") == (along == "p")
            assert words.count("some do not interpolate") == hollow
            assert words.count("range over seeds") == 1


def test_the_range_over_seeds_is_named_where_there_is_one():
    alone = [row for row in ROWS if row["seed"] == 0]
    point = [row for row in ROWS if row["p"] == 0.1 and row["d"] == 10]
    for along in ("p", "d/m"):
        (axes,) = figure(alone, along).axes
        assert "range over seeds" not in axes.get_legend_handles_labels()[1]
        # a curve of one point has no band, and a bar instead
        (axes,) = figure(point, along).axes
        assert "range over seeds" in axes.get_legend_handles_labels()[1]
        bar = axes.collections[0].get_segments()[0]
        assert bar[:, 1].tolist() == pytest.approx([0.1, 0.2])


def test_runs_that_do_not_interpolate_are_hollow():
    ax = highdim.plot_sweep([row | {"interpolates": row["p"] < 0.15} for row in ROWS])
    hollow = [
        line
        for line in ax.get_lines()
        if str(line.get_color()) == "white" and len(line.get_xdata())
    ]
    assert len(hollow) == 4
    assert all(list(line.get_xdata()) == [0.2] for line in hollow)


def test_logarithmic_axes_have_the_limit_and_a_floor():
    ax = highdim.plot_sweep(
        [row | {"clean_error": 0.0} for row in ROWS], logarithmic=True, floor=1e-5
    )
    assert ax.get_yscale() == "log"
    curves = [line for line in ax.get_lines() if line.get_label().startswith("$d=")]
    assert all(list(line.get_ydata()) == [1e-5, 1e-5] for line in curves)
    assert sum(list(line.get_ydata()) == [0.01, 0.01] for line in ax.get_lines()) == 2
    assert ax.get_legend_handles_labels()[1][-1] == "orthogonal limit"
    above = highdim.plot_sweep(ROWS, logarithmic=True, floor=0.02)
    assert "orthogonal limit" not in above.get_legend_handles_labels()[1]


def test_no_rows():
    with pytest.raises(ValueError, match="`rows` must not be empty"):
        highdim.plot_sweep([])


# Figures of reports

KINDS = {
    "biased": {},
    "fixed outputs": {"train_output": False},
    "no biases": {"bias": False, "width": 16},
    "two neurons": {"bias": False},
    "three layers": {"depth": 3},
    "misfit": {"flow_time": 1e-3},
}


@pytest.fixture(scope="module", params=KINDS)
def report(request):
    kind = dict(KINDS[request.param])
    time = kind.pop("flow_time", 20.0)
    sample = highdim.draw_sphere_sample(16, 60, 0.2, rng=0)
    start = highdim.init_network(
        kind.pop("width", 2 if request.param == "two neurons" else 8), 60, rng=50, **kind
    )
    run = highdim.gradient_flow(
        start, sample, flow_time=time, train_output=kind.get("train_output", True)
    )
    return build_report(run.net, sample, polish=request.param == "biased")


def panels(figure):
    """The axes by their letters."""
    return {ax.get_title(loc="left")[:3]: ax for ax in figure.axes}


def test_a_report_has_three_panels_and_no_text_on_text(report):
    figure = plot_report(report, points=2000)
    found = panels(figure)
    assert list(found) == ["(a)", "(b)", "(c)"]
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    box = figure.bbox
    for ax in figure.axes:
        low, high = ax.get_xlim()  # labels beyond are not drawn
        below = [label for label in ax.get_xticklabels() if low <= label.get_position()[0] <= high]
        words = [
            word
            for word in (*ax.texts, *ax.get_yticklabels(), *below)
            if word.get_visible() and ax.axison
        ]
        boxes = [word.get_window_extent(renderer) for word in words]
        for k, one in enumerate(boxes):
            assert box.x0 <= one.x0
            assert one.x1 <= box.x1
            assert not any(one.overlaps(other) for other in boxes[:k]), words[k].get_text()


def test_bars_beyond_zero_are_the_clean_error(report):
    ax = panels(plot_report(report, points=4000, rng=5))["(a)"]
    bars = [bar for group in ax.containers for bar in group]
    wrong = sum(bar.get_height() for bar in bars if bar.get_x() + 0.5 * bar.get_width() < 0.0)
    outputs = new_outputs(report.net, 4000, 5)
    assert sum(bar.get_height() for bar in bars) == 4000
    assert wrong == np.sum(outputs <= 0.0)
    spread = 5.0 * np.sqrt(
        max(report.clean_error.value * (1.0 - report.clean_error.value), 1e-4) / 4000
    )
    assert wrong / 4000 == pytest.approx(report.clean_error.value, abs=spread)


def test_ticks_are_training_outputs_in_units_of_the_margin(report):
    ax = panels(plot_report(report, points=100))["(a)"]
    margins = report.sample.y * report.net(report.sample.X)
    unit = margins.min() if margins.min() > 0.0 else 1.0
    drawn = np.concatenate(
        [line.get_xdata() for line in ax.get_lines() if line.get_marker() == "|"]
    )
    np.testing.assert_allclose(np.sort(drawn), np.sort(margins / unit))


def test_norms_and_bounds_are_those_of_the_report(report):
    ax = panels(plot_report(report, points=100))["(c)"]
    if report.optimum is None:
        assert "2-layer nets" in ax.texts[0].get_text()
        return
    places = [float(line.get_xdata()[0]) for line in ax.get_lines() if line.get_marker() == "o"]
    expected = [value for value in report.optimum.candidates.values() if value < np.inf] + [
        report.optimum.lower
    ]
    if report.net_facts.bias:
        minus = report.sample_facts.negatives
        expected.append(orthogonal_limit(report.sample_facts.size - minus, minus).norm_squared)
    if report.kkt.scale > 0.0:
        expected.append(report.kkt.norm_squared)
    if report.nearby is not None:
        expected.append(report.nearby.point.certificate.norm_squared)
    np.testing.assert_allclose(np.sort(10.0 ** np.array(places)), np.sort(expected))


def test_the_figure_says_what_the_word_in_its_title_means(report):
    bounds = {
        "benign": r"benign: $L_{cl} \leq$ $p$/10",
        "tempered": "tempered: $p$/10 < $L_{cl}$ < ½",
        "undecided": r"benign: $L_{cl} \leq$ $p$/10",
    }
    title, detail = (text.get_text() for text in plot_report(report, points=100).texts[:2])
    if report.interpolation.verdict.name != "HOLDS":
        assert title.startswith("The net misses ")
        assert not any(word in detail for word in bounds)
        return
    assert title.startswith("Overfitting is ")
    assert bounds[regime(report.clean_error, report.p)] in detail.replace(r"\hat p", "p")


def test_figures_are_the_same_twice(report, tmp_path):
    for name in ("one.png", "two.png"):
        plot_report(report, points=200).savefig(tmp_path / name, dpi=40)  # of any resolution
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_zero_outputs_are_drawn_as_errors():
    """A net that is off on half of the sphere: N = 0 there, which is an error."""
    net = highdim.TwoLayerNet([1.0], [[1.0, 0.0, 0.0, 0.0]])
    found = build_report(net, highdim.SphereSample([[1.0, 0.0, 0.0, 0.0]], [1.0]))
    ax = panels(plot_report(found, points=1000))["(a)"]
    wrong = [bar for group in ax.containers for bar in group if bar.get_x() < -1e-9]
    assert sum(bar.get_height() for bar in wrong) == np.sum(new_outputs(net, 1000, 0) <= 0.0) > 400


def test_clean_errors_of_zero_are_left_out():
    net = highdim.ThreeLayerNet([1.0], [[1.0]], [1.0], np.ones((1, 2)), None)
    found = build_report(net, highdim.SphereSample(np.eye(2), [1.0, 1.0]))
    assert found.clean_error.value == 0.0
    assert not panels(plot_report(found, points=100))["(b)"].get_lines()


@pytest.mark.parametrize(
    ("places", "ends"),
    [
        ([-0.602, -0.561], (-0.5632, -0.5566)),  # the end right of all dots
        ([-0.602, -0.561], (-0.61, -0.55)),
        ([-3.0, -0.5], (-3.1, -0.2)),
        ([-3.0], (-3.5, 0.0)),
        ([-1.0, -9.0], (-20.0, -1.0)),
        ([-5.0, -1.0], (-np.inf, -5.0)),
    ],
)
def test_intervals_are_on_the_axis_and_cut_ones_run_over_its_edge(places, ends):
    ax = Figure().subplots()
    dots = [Dot("this net", places[0], "", ends=ends), *(Dot("", one, "") for one in places[1:])]
    plot_dots(dots, ax=ax)
    low, high = ax.get_xlim()
    (bar,) = (line.get_xdata() for line in ax.get_lines() if line.get_lw() == 2.2)
    spread = max(max(places) - min(places), 0.02)
    assert bar[1] == ends[1] < high
    if ends[0] < min(places) - spread:
        assert bar[0] == low
    else:
        assert bar[0] == ends[0] > low
    assert all(low < place < high for place in places)


@pytest.mark.parametrize("limits", [(0.25, 0.28), (0.301, 0.399), (0.195, 0.207), (41.0, 48.0)])
def test_a_short_axis_has_two_numbers_at_least(limits):
    ax = Figure().subplots()
    ax.set_xlim(*np.log10(limits))
    _round_numbers(ax)
    ticks = ax.get_xticks()
    assert 2 <= len(ticks) <= 5
    low, high = ax.get_xlim()
    assert np.all((ticks >= low) & (ticks <= high))
    words = [ax.xaxis.get_major_formatter()(tick) for tick in ticks]
    assert [float(word) for word in words] == pytest.approx(10.0**ticks, rel=1e-9)


@pytest.mark.parametrize(
    ("p", "truth", "headline"),
    [
        (0.0, highdim.half_space([1.0, 0.0, 0.0]), "No noise to fit: "),
        (0.9, None, "Most labels are noise: "),
    ],
    ids=["none", "most"],
)
def test_the_headline_is_about_the_noise_that_there_is(p, truth, headline):
    """Labels −1 are none where the truth says so."""
    sample = highdim.draw_sphere_sample(8, 3, p, rng=1, truth=truth)
    assert np.any(sample.y < 0.0)
    start = highdim.init_network(40, 3, rng=0)
    net = highdim.gradient_flow(start, sample, flow_time=500.0, steps=2000).net
    found = build_report(net, sample)
    assert found.interpolation.verdict.name == "HOLDS"
    title, details = plot_report(found, points=100).texts[:2]
    assert title.get_text().startswith(headline)
    assert ("truth half-space" in details.get_text()) == (truth is not None)


def test_the_headline_says_truth_and_law_within_the_figure():
    truth = highdim.half_space([0.123456789, -0.4, 0.3], offset=0.0123456789)
    law = highdim.Gaussian(1.0 / 3.0)
    sample = highdim.draw_sphere_sample(8, 3, 0.2, rng=1, truth=truth, law=law)
    figure = plot_report(build_report(highdim.init_network(5, 3, rng=0), sample), points=100)
    words = figure.texts[1].get_text()
    assert build_report(highdim.init_network(5, 3, rng=0), sample).sample_facts.truth in words
    assert law.name in words
    renderer = FigureCanvasAgg(figure).get_renderer()
    assert figure.texts[1].get_window_extent(renderer).x1 < figure.bbox.width
