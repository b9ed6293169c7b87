"""Nets on the circle and the sphere, drawn: what is tinted is in error, borders are where neurons
switch, and reports of these dimensions show them beside the max-margin net.
"""

import io
from math import pi

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from rich.console import Console

import highdim
from highdim import SphereSample, ThreeLayerNet, TwoLayerNet
from highdim.report.figures.borders import caps
from highdim.report.figures.sphere_plot import hammer, unhammer
from highdim.report.plots import plot_report
from highdim.report.report import build_report
from highdim.report.screens.terminal import render
from univariate.common.result import Verdict

PLOTS = {2: highdim.plot_circle, 3: highdim.plot_sphere}


def drawn(d, m=12, width=30):
    sample = highdim.draw_sphere_sample(m, d, 0.25, rng=d)
    run = highdim.gradient_flow(
        highdim.init_network(width, d, rng=7), sample, flow_time=50.0, steps=200
    )
    return run.net, sample


def deep(d):
    rng = np.random.default_rng(3)
    return ThreeLayerNet(
        rng.standard_normal(3),
        rng.standard_normal((3, 6)),
        None,
        rng.standard_normal((6, d)),
        rng.standard_normal(6),
    )


@pytest.fixture(scope="module", params=PLOTS)
def solved(request):
    net, sample = drawn(request.param)
    return build_report(net, sample, rng=0, solve=True)


# The circle


def test_tinted_arcs_are_those_in_error():
    net, sample = drawn(2)
    ax = highdim.plot_circle(net, sample)
    found = sorted((patch.get_x(), patch.get_x() + patch.get_width()) for patch in ax.patches)
    expected = highdim.clean_error(net).intervals
    np.testing.assert_allclose(np.array(found).reshape(-1, 2), expected, atol=1e-12)


@pytest.mark.parametrize("layers", [2, 3])
def test_tinted_arcs_of_a_sample_with_a_truth_are_those_against_it(layers):
    truth = highdim.half_space([1.0, -0.4], 0.1)
    sample = highdim.draw_sphere_sample(6, 2, 0.2, rng=0, truth=truth)
    net = drawn(2)[0] if layers == 2 else deep(2)
    ax = highdim.plot_circle(net, sample)
    angles = np.linspace(-pi, pi, 3001)[1:-1]
    x = np.column_stack((np.cos(angles), np.sin(angles)))
    products = net(x) * truth(x)
    tinted = np.zeros(len(angles), dtype=bool)
    for patch in ax.patches:
        tinted |= (patch.get_x() <= angles) & (angles <= patch.get_x() + patch.get_width())
    clear = np.abs(products) > 1e-9
    np.testing.assert_array_equal(tinted[clear], products[clear] <= 0.0)
    assert 0 < tinted.sum() < len(angles)


def test_lines_below_are_the_arcs_on_which_neurons_are_active():
    net, _ = drawn(2)
    ax = highdim.plot_circle(net)
    (strip,) = ax.child_axes
    angles = np.linspace(-pi, pi, 700)[1:-1]
    rows = {}
    for line in strip.get_lines()[:-1]:  # the last one is the axis
        start, end = line.get_xdata()
        row = rows.setdefault(float(line.get_ydata()[0]), np.zeros(len(angles), dtype=bool))
        row |= (start < angles) & (angles < end)
    x = np.column_stack((np.cos(angles), np.sin(angles)))
    expected = {(row > 0.0).tobytes() for row in net.W @ x.T + net.b[:, None] if np.any(row > 0.0)}
    assert {row.tobytes() for row in rows.values()} == expected


@pytest.mark.parametrize("misfit", [False, True])
def test_observations_lie_on_the_graph_in_units_of_the_margin(misfit):
    sample = highdim.draw_sphere_sample(8, 2, 0.25, rng=1)
    net = highdim.max_margin(sample).net
    if misfit:
        net = TwoLayerNet(-net.v, net.W, net.b)
    ax = highdim.plot_circle(net, sample)
    outputs = net(sample.X)
    unit = 1.0 if misfit else float(np.min(sample.y * outputs))
    marks = [line.get_ydata() for line in ax.get_lines() if line.get_marker() in "os"]
    np.testing.assert_allclose(np.sort(np.concatenate(marks)), np.sort(outputs / unit))
    assert ("no interpolation" in ax.get_ylabel()) == misfit


@pytest.mark.parametrize("d", PLOTS)
@pytest.mark.parametrize("size", [1.0, 1.0 + 1e-12, 0.9, 3.0, 1e200])
def test_data_off_the_sphere_are_said_to_be_drawn_by_their_directions(d, size):
    sample = highdim.draw_sphere_sample(6, d, 0.25, rng=1)
    far = sample.X[:1] * min(size, 2.0**499)
    moved = highdim.SphereSample(np.vstack([far, sample.X[1:]]), sample.y)
    net = highdim.half_space(np.eye(d)[0])
    ax = PLOTS[d](net, moved)
    axes = [ax, *ax.child_axes]
    words = " ".join([text.get_text() for text in ax.texts] + [one.get_xlabel() for one in axes])
    assert ("data" in words and "off the" in words) == (abs(size - 1.0) > 1e-6)
    ax.figure.savefig(io.BytesIO())


# The sphere


def test_the_map_keeps_areas_and_comes_back():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2000, 3))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    places = hammer(x)
    np.testing.assert_allclose(unhammer(places), x, atol=1e-7)
    assert np.all(places[:, 0] ** 2 / 8.0 + places[:, 1] ** 2 / 2.0 <= 1.0 + 1e-12)
    # the Jacobian of the map against the area element cos φ
    longitude, latitude = rng.uniform(-3.0, 3.0, 500), rng.uniform(-1.5, 1.5, 500)

    def at(a, b):
        return hammer(np.column_stack((np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b))))

    h = 1e-5
    east = (at(longitude + h, latitude) - at(longitude - h, latitude)) / (2.0 * h)
    north = (at(longitude, latitude + h) - at(longitude, latitude - h)) / (2.0 * h)
    area = east[:, 0] * north[:, 1] - east[:, 1] * north[:, 0]
    np.testing.assert_allclose(area, np.cos(latitude), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("layers", [2, 3])
def test_the_tinted_part_of_the_map_is_the_clean_error(layers):
    net = drawn(3)[0] if layers == 2 else deep(3)
    raster = highdim.plot_sphere(net).get_images()[0].get_array()
    tinted = np.sum(~np.ma.getmaskarray(raster)) / (raster.size * pi / 4.0)
    assert tinted == pytest.approx(highdim.clean_error(net, rng=0).value, abs=2e-3)


def test_a_net_that_is_off_is_in_error_all_over():
    raster = highdim.plot_sphere(TwoLayerNet([1.0], [[1.0, 0.0, 0.0]], [-2.0])).get_images()[0]
    tinted = np.sum(~np.ma.getmaskarray(raster.get_array()))
    assert tinted / (raster.get_array().size * pi / 4.0) == pytest.approx(1.0, abs=2e-3)


def test_borders_are_where_neurons_switch():
    net, _ = drawn(3)
    ax = highdim.plot_sphere(net)
    borders = [line for line in ax.get_lines() if line.get_linewidth() == 0.9]
    switching = np.abs(net.b) < np.linalg.norm(net.W, axis=1)
    assert len(borders) == np.sum(switching)
    for line in borders:
        places = np.column_stack(line.get_data())
        x = unhammer(places[np.all(np.isfinite(places), axis=1)])
        values = np.abs(x @ net.W.T + net.b) / np.linalg.norm(net.W, axis=1)
        assert np.min(np.max(values, axis=0)) < 1e-6


# Both

SCALES = st.sampled_from([0.0, 1e-300, 1e-160, 1.0, 1e160, 1e300])
ENTRIES = arrays(np.float64, (3, 4), elements=st.floats(-1.0, 1.0, allow_subnormal=False))


@given(ENTRIES, st.lists(SCALES, min_size=3, max_size=3), SCALES)
@settings(max_examples=200, deadline=None)
def test_caps_of_hostile_neurons(entries, scales, output):
    """Finite, in range, and on at their axes, whatever the size of parameters."""
    rows = entries * np.array(scales)[:, None]
    net = TwoLayerNet(np.full(3, output), rows[:, :3], rows[:, 3])
    found = caps(net)
    assert np.all((found.reach > 0.0) & (found.reach <= pi))
    assert np.all((found.strength >= 0.0) & (found.strength <= 1.0))
    assert not len(found.strength) or found.strength.max() == 1.0
    lengths = np.linalg.norm(found.axes, axis=1)
    assert np.all((np.abs(lengths - 1.0) < 1e-12) | (lengths == 0.0))


@pytest.mark.parametrize("d", PLOTS)
def test_axes_are_given_back_and_deep_nets_drawn(d):
    ax = Figure().subplots()
    assert PLOTS[d](deep(d), ax=ax) is ax
    assert set(caps(deep(d)).sign) == {0.0}


@pytest.mark.parametrize("d", PLOTS)
def test_what_cannot_be_drawn(d):
    net, sample = drawn(d, m=4, width=4)
    other = highdim.init_network(3, 5, rng=0)
    with pytest.raises(ValueError, match=f"`net` must have inputs of dimension {d}.*got 5; use"):
        PLOTS[d](other)
    with pytest.raises(ValueError, match=f"`sample` must have the dimension of the net, {d}"):
        PLOTS[d](net, highdim.draw_sphere_sample(4, 5, 0.5, rng=0))
    with pytest.raises(TypeError, match="`net` must be a TwoLayerNet or ThreeLayerNet"):
        PLOTS[d](sample)
    with pytest.raises(TypeError, match="`sample` must be a SphereSample"):
        PLOTS[d](net, 3)


# Reports


def test_the_max_margin_net_beside_the_net(solved):
    found = solved.max_margin
    optimum = highdim.max_margin(solved.sample)
    assert found.optimum == optimum
    assert found.clean_error == highdim.clean_error(optimum.net, rng=0, precision=0.01)
    assert found.ratio == solved.optimum.candidates["net 0"] / optimum.norm_squared
    assert found.ratio >= 1.0 - optimum.duality_gap
    assert found.standing.level == highdim.certify(solved.net, solved.sample).level
    assert build_report(solved.net, solved.sample).missing["max_margin"] == "not asked for"


def screen(report):
    stream = io.StringIO()
    Console(file=stream, width=100, highlight=False).print(render(report))
    return stream.getvalue()


def test_the_screen_says_where_the_net_stands(solved):
    text = screen(solved)
    words = " ".join(
        text.split()
    )  # how wide columns are is another thing in other versions of rich
    assert "Max-margin net HOLDS" in words
    assert f"Standing {solved.max_margin.standing.level}" in words
    assert len(text.splitlines()) <= 45
    plain = screen(build_report(solved.net, solved.sample))
    assert "Max-margin net" not in plain


def test_problems_out_of_reach_are_said():
    """Without biases no net is anything but 0 at the input 0."""
    sample = SphereSample([[0.0, 0.0], [1.0, 0.0]], [1.0, -1.0])
    found = build_report(TwoLayerNet([1.0, -1.0], np.eye(2)), sample, solve=True)
    assert found.max_margin is None
    assert "must not hold the input 0" in found.missing["max_margin"]
    assert "must not hold the input 0" in " ".join(screen(found).split())


def test_a_report_shows_pictures_and_no_text_on_text(solved):
    figure = plot_report(solved)
    letters = [ax.get_title(loc="left")[:3] for ax in figure.axes]
    assert letters == ["(a)", "(b)", "(c)", "(d)"]
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    boxes = []
    for ax in (*figure.axes, *figure.axes[0].child_axes, *figure.axes[1].child_axes):
        if ax.axison:
            low, high = ax.get_xlim()
            ticks = [one for one in ax.get_xticklabels() if low <= one.get_position()[0] <= high]
            low, high = ax.get_ylim()
            ticks += [one for one in ax.get_yticklabels() if low <= one.get_position()[1] <= high]
            words = [*ax.texts, *ticks, ax.xaxis.label, ax.yaxis.label, ax._left_title]
            boxes += [one.get_window_extent(renderer) for one in words if one.get_text()]
    boxes = [box for box in boxes if box.width and box.height]
    for k, box in enumerate(boxes):
        assert figure.bbox.x0 <= box.x0
        assert box.x1 <= figure.bbox.x1
        assert box.y0 >= figure.bbox.y0
        assert not any(box.overlaps(other) for other in boxes[:k])


def test_reports_without_the_optimum_have_one_picture(solved):
    figure = plot_report(build_report(solved.net, solved.sample))
    assert [ax.get_title(loc="left")[:3] for ax in figure.axes] == ["(a)", "(b)", "(c)"]


def test_figures_are_the_same_twice(solved, tmp_path):
    for name in ("one.png", "two.png"):
        plot_report(solved).savefig(tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_the_optimum_is_proved_in_these(solved):
    assert solved.max_margin.optimum.verdict is Verdict.HOLDS
