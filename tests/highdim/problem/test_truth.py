"""Truths other than +1 on the sphere, against angles, caps, exact fractions and plain counting."""

import io
from fractions import Fraction
from itertools import product
from math import acos, pi

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from rich.console import Console
from scipy import stats

import highdim as h
from highdim.problem.truth import agreement
from highdim.report.figures.outputs_plot import new_outputs
from highdim.report.report import build_report
from highdim.report.screens.terminal import render
from univariate.common.result import Verdict

EIGHTHS = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
WHOLE = st.integers(-3, 3).map(float)


def net(rng, d, width=5):
    return h.TwoLayerNet(
        rng.normal(size=width), rng.normal(size=(width, d)), 0.5 * rng.normal(size=width)
    )


def value(found, x):
    """N(x) of a two-layer net in rational arithmetic."""
    total = Fraction(0)
    for v, w, b in zip(found.v, found.W, found.biases, strict=True):
        inner = sum((Fraction(a) * Fraction(c) for a, c in zip(w, x, strict=True)), Fraction(b))
        total += Fraction(v) * max(inner, Fraction(0))
    return total


# The net |N + T| − |N − T|


@given(
    *(st.lists(st.tuples(WHOLE, WHOLE, WHOLE, WHOLE), min_size=1, max_size=4) for _ in range(2)),
    st.tuples(WHOLE, WHOLE),
    st.sampled_from([1.0, 2.0**60, 2.0**-300]),
)
@settings(max_examples=300, deadline=None)
def test_agreement_has_the_sign_of_the_product(first, second, x, scale):
    one, two = (
        h.TwoLayerNet(v=rows[:, 0], W=rows[:, 1:3], b=rows[:, 3])
        for rows in (np.array(first), np.array(second) * scale)
    )
    both = agreement(one, two)
    hidden = [
        max(sum(Fraction(a) * Fraction(c) for a, c in zip(w, x, strict=True)) + Fraction(b), 0)
        for w, b in zip(both.W1, both.b1, strict=True)
    ]
    above = [
        max(sum(Fraction(a) * z for a, z in zip(row, hidden, strict=True)), 0) for row in both.W2
    ]
    total = sum(Fraction(v) * z for v, z in zip(both.v, above, strict=True))
    wanted = value(one, x) * value(two, x)
    assert (total > 0) - (total < 0) == (wanted > 0) - (wanted < 0)


# On the circle, exactly


@pytest.mark.parametrize("k", range(8))
@pytest.mark.parametrize("i", range(8))
def test_half_planes_disagree_on_the_angle_between_them(i, k):
    found = h.clean_error(h.half_space(EIGHTHS[i]), truth=h.half_space(EIGHTHS[k]))
    apart = min((i - k) % 8, (k - i) % 8)
    assert found.exact == Fraction(apart, 4)
    assert found.low <= apart / 4 <= found.high


def test_two_hundred_pairs_of_quadrants_have_the_errors_of_their_overlaps():
    """Sign patterns over the eight arcs between the multiples of 45°, by nets without biases."""
    quadrants = [h.TwoLayerNet([1.0], [w], None) for w in EIGHTHS]  # 0 on half the circle
    mixed = [
        h.TwoLayerNet([1.0, -s], np.array([a, b], dtype=float), None)
        for (a, b), s in product(zip(EIGHTHS, EIGHTHS[2:] + EIGHTHS[:2], strict=True), (1.0, 2.0))
    ]
    nets = quadrants + mixed
    middles = [np.array([np.cos(t), np.sin(t)]) for t in (np.arange(16) + 0.5) * pi / 8]
    checked = 0
    for one, truth in product(quadrants, nets):
        signs = [np.sign(value(one, t)) * np.sign(value(truth, t)) for t in middles]
        if truth in quadrants:  # all zeros lie on multiples of 45°
            wrong = Fraction(sum(sign <= 0 for sign in signs), 16)
            found = h.clean_error(one, truth=truth)
            assert found.low <= wrong <= found.high
            assert found.high - found.low <= 2.0**-50
            checked += 1
        swapped = h.clean_error(truth, truth=one)
        assert abs(h.clean_error(one, truth=truth).value - swapped.value) <= 2.0**-50
        checked += 1
    assert checked >= 200


def test_where_net_or_truth_vanishes_everything_is_an_error():
    dead = h.TwoLayerNet([1.0], [[1.0, 0.0]], [-2.0])  # 0 on all of the circle
    for one, other in ((dead, h.half_space([0.0, 1.0])), (h.half_space([0.0, 1.0]), dead)):
        assert h.clean_error(one, truth=other).exact == 1


# In higher dimension


@pytest.mark.parametrize("d", [3, 5, 40])
def test_half_spaces_in_any_dimension_disagree_on_the_angle_between_them(d):
    a, b = np.eye(d)[0], np.eye(d)[0] + 0.3 * np.eye(d)[1]
    angle = acos(1.0 / np.hypot(1.0, 0.3)) / pi
    found = h.clean_error(h.half_space(a), truth=h.half_space(b), rng=0)
    assert found.low <= angle <= found.high
    assert found.high - found.low < 0.02


@pytest.mark.parametrize("d", [3, 20])
def test_caps_about_one_axis_disagree_on_the_band_between_them(d):
    axis = np.eye(d)[1]
    found = h.clean_error(h.half_space(axis, 0.1), truth=h.half_space(axis, 0.3), rng=1)
    coordinate = stats.beta((d - 1) / 2, (d - 1) / 2, loc=-1.0, scale=2.0)
    assert found.low <= coordinate.cdf(0.3) - coordinate.cdf(0.1) <= found.high


@pytest.mark.parametrize("method", ["points", "circles", "lines", "splitting"])
def test_intervals_cover_for_random_nets_and_truths(method):
    rng = np.random.default_rng(5)
    one, truth = net(rng, 6), net(rng, 6)
    X = rng.standard_normal((400_000, 6))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    counted = float(np.mean(one(X) * truth(X) <= 0.0))
    slack = 4.0 * np.sqrt(counted * (1.0 - counted) / len(X))
    answers = [h.clean_error(one, truth=truth, method=method, rng=seed) for seed in range(12)]
    vouched = [answer for answer in answers if answer.verdict is Verdict.HOLDS]
    assert vouched
    missed = sum(not a.low - slack <= counted <= a.high + slack for a in vouched)
    assert missed <= 2  # one in 20 on average


def test_the_truth_is_the_clean_errors_complement_if_turned():
    """L(N, T) + L(N, −T) = 1 up to a null set, for nets that vanish nowhere."""
    rng = np.random.default_rng(6)
    one = h.half_space(rng.normal(size=2), 0.2)
    truth = h.half_space(rng.normal(size=2), -0.1)
    turned = h.TwoLayerNet(-truth.v, truth.W, truth.b)
    total = h.clean_error(one, truth=truth).value + h.clean_error(one, truth=turned).value
    assert total == pytest.approx(1.0, abs=1e-14)


# Samples


def test_a_sample_draws_keeps_and_saves_its_truth(tmp_path):
    truth = h.half_space(np.eye(5)[0], 0.1)
    sample = h.draw_sphere_sample(200, 5, 0.2, rng=3, truth=truth)
    plain = h.draw_sphere_sample(200, 5, 0.2, rng=3)
    assert np.array_equal(sample.X, plain.X)
    assert np.array_equal(sample.y, plain.y * np.sign(truth(plain.X)))
    assert sample.noise_rate == plain.noise_rate
    sample.save(tmp_path / "sample.npz")
    assert h.SphereSample.load(tmp_path / "sample.npz") == sample
    plain.save(tmp_path / "plain.npz")
    assert h.SphereSample.load(tmp_path / "plain.npz").truth is None
    error = h.clean_error(truth, sample=sample, rng=0)
    assert error.low == 0.0
    assert error.value < 1e-9  # signs within rounding count as errors
    assert h.clean_error(truth, rng=0).value > 0.3


def test_statements_about_the_truth_one_are_not_made_for_another():
    truth = h.half_space(np.eye(60)[0])
    sample = h.draw_sphere_sample(6, 60, 0.2, rng=0, truth=truth)
    best = h.max_margin(sample).net
    refused = "`sample` must have the truth \\+1, which Section 4 is about"
    for ask in (
        lambda: h.theorem_4_1(best, sample, rng=0),
        lambda: h.theorem_4_3(best, sample, rng=0),
        lambda: h.proposition_4_4(best, sample, rng=0),
        lambda: h.catastrophic_kkt_point(sample),
        lambda: h.proposition_4_6(sample, rng=0),
    ):
        with pytest.raises(ValueError, match=refused):
            ask()
    plain = h.SphereSample(sample.X, sample.y, p=0.2)
    assert h.theorem_4_1(best, plain, rng=0).hypotheses


@pytest.mark.parametrize("d", [2, 3, 40])
def test_a_report_asks_about_the_truth_of_the_sample(d):
    truth = h.half_space(np.eye(d)[0])
    sample = h.draw_sphere_sample(10, d, 0.2, rng=1, truth=truth)
    found = build_report(h.max_margin(sample).net, sample, rng=0)
    own = h.clean_error(h.max_margin(sample).net, sample=sample, rng=0)
    assert found.clean_error.low <= own.high
    assert own.low <= found.clean_error.high
    assert found.theorem_4_1 is None
    assert "Section 4 is about the truth +1" in found.missing["theorem_4_1"]
    screen = Console(width=100, file=io.StringIO())
    with screen.capture() as shown:
        screen.print(render(found))
    assert f"truth half-space {'1,0' if d == 2 else '1,0,0' if d == 3 else 'e1'}" in shown.get()
    assert "orthogonal limit" not in shown.get()
    assert "Section 4 is about the truth +1, the sample has another one" in found.finding
    assert "beyond the range" not in found.finding


def test_new_points_count_as_the_clean_error_does():
    truth = h.half_space(np.eye(9)[0], 0.1)
    sample = h.draw_sphere_sample(20, 9, 0.1, rng=1, truth=truth)
    net = h.gradient_flow(h.init_network(30, 9, rng=0), sample, flow_time=20).net
    share = float(np.mean(new_outputs(net, 20_000, 0, truth) <= 0.0))
    assert h.clean_error(net, sample=sample, rng=0).value == pytest.approx(share, abs=0.02)


def test_without_noise_a_report_says_so_of_the_truth():
    sample = h.draw_sphere_sample(8, 40, 0.0, rng=1, truth=h.half_space(np.eye(40)[0]))
    found = build_report(h.max_margin(sample).net, sample, rng=0)
    assert found.finding.startswith("No label differs from the truth, so that there is no noise")


def tinted(ax):
    """The tinted part of a map of the sphere or of the circle."""
    if ax.images:
        values = np.ma.filled(ax.images[0].get_array().astype(float), 0.0)
        return values.sum() / (0.25 * pi * values.size)
    spans = [patch for patch in ax.patches if patch.get_facecolor()[:3] != (1.0, 1.0, 1.0)]
    return sum(patch.get_width() for patch in spans) / (2.0 * pi)


@pytest.mark.parametrize(("d", "draw"), [(2, h.plot_circle), (3, h.plot_sphere)])
def test_pictures_tint_the_errors_against_the_truth(d, draw):
    rng = np.random.default_rng(d)
    truth = h.half_space(rng.normal(size=d), 0.1)
    sample = h.draw_sphere_sample(12, d, 0.2, rng=1, truth=truth)
    best = h.max_margin(sample).net
    error = h.clean_error(best, sample=sample, rng=0)
    assert tinted(draw(best, sample)) == pytest.approx(error.value, abs=0.02)


@pytest.mark.parametrize(
    ("truth", "error", "message"),
    [
        (h.half_space([1.0, 0.0]), ValueError, "`truth` must have the dimension of the inputs, 3"),
        (1.0, TypeError, "`truth` must be a TwoLayerNet, got float; pass a TwoLayerNet, or"),
        (h.TwoLayerNet([1.0], [[0.0, 0.0, 1.0]], [-2.0]), ValueError, "must not be 0 at inputs"),
    ],
)
def test_bad_truths_are_refused(truth, error, message):
    with pytest.raises(error, match=message):
        h.draw_sphere_sample(4, 3, 0.1, rng=0, truth=truth)


def as_deep(net):
    """The same net by three layers: N = σ(N) − σ(−N)."""
    return h.ThreeLayerNet([1.0, -1.0], np.stack([net.v, -net.v]), None, net.W, net.b)


@pytest.mark.parametrize("law", [None, h.Gaussian(), h.Product(stats.uniform(-1, 2))], ids=str)
def test_three_layers_are_held_against_a_truth_at_points(law):
    rng = np.random.default_rng(2)
    net = h.TwoLayerNet(rng.standard_normal(8), rng.standard_normal((8, 4)), rng.standard_normal(8))
    truth = h.half_space([1.0, 0.0, 0.0, 0.0], 0.1)
    options = {"truth": truth, "law": law, "level": 0.999}
    shallow = h.clean_error(net, method="points", rng=0, **options)
    deep = h.clean_error(as_deep(net), rng=1, **options)
    assert deep.method == "points"
    assert deep.low <= shallow.high
    assert shallow.low <= deep.high
    assert deep.law == shallow.law


@pytest.mark.parametrize("level", [0.9, 0.99])
def test_intervals_of_three_layers_cover_the_angle_between_half_spaces(level):
    """250 seeds; by Clopper and Pearson at least as often as they say."""
    angle = 1.0
    net = as_deep(h.half_space([np.cos(angle), np.sin(angle), 0.0]))
    truth = h.half_space([1.0, 0.0, 0.0])
    found = [
        h.clean_error(net, truth=truth, samples=300, level=level, rng=seed) for seed in range(250)
    ]
    covered = sum(one.low <= angle / np.pi <= one.high for one in found)
    assert covered >= 250 * level - 3.0 * np.sqrt(250 * level * (1.0 - level))


def test_zeros_of_a_deep_net_or_of_a_truth_are_errors():
    """σ(x_1) by three layers is 0 on half of the space; so is a truth σ(x_1)."""
    net = h.ThreeLayerNet([1.0], [[1.0]], None, [[1.0, 0.0, 0.0]], None)
    half = h.clean_error(net, truth=h.half_space([1.0, 0.0, 0.0]), rng=0, level=0.999)
    assert half.low <= 0.5 <= half.high
    own = h.TwoLayerNet([1.0], [[1.0, 0.0, 0.0]])
    again = h.clean_error(net, truth=own, rng=0, level=0.999)
    assert again.low <= 0.5 <= again.high
    zero = h.ThreeLayerNet([0.0], [[1.0]], None, [[1.0, 0.0, 0.0]], None)
    assert h.clean_error(zero, truth=own, rng=0).value == 1.0


def test_what_three_layers_lack_against_a_truth_is_refused():
    deep = h.init_network(3, 4, depth=3, rng=0)
    truth = h.half_space(np.ones(4))
    with pytest.raises(ValueError, match="`method` must be 'auto' or 'points' for nets of 3"):
        h.clean_error(deep, truth=truth, method="lines", rng=0)
    with pytest.raises(ValueError, match="`regions` must not be asked for"):
        h.clean_error(deep, truth=truth, regions=True, rng=0)
    with pytest.raises(ValueError, match="`truth` must have the dimension"):
        h.clean_error(deep, truth=h.half_space(np.ones(3)), rng=0)
    with pytest.raises(ValueError, match="`direction` must not be 0"):
        h.half_space([0.0, 0.0])
