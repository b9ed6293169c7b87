"""Clean errors on the sphere: exact arithmetic for d = 2, closed forms for caps, and honest
intervals otherwise.
"""

import csv
import importlib
import json
from dataclasses import fields
from math import inf, log10, pi

import numpy as np
import pytest
from oracles import arcs
from scipy import integrate, special, stats

from highdim import Estimate, ThreeLayerNet, TwoLayerNet, clean_error
from highdim.error.circles import Circles
from highdim.error.draws import frames, pre_activations
from highdim.error.form import normal_form
from highdim.error.great_circles import log_beta
from highdim.error.intervals import from_hits, from_shares
from highdim.error.kernels.arcs import Arcs
from highdim.error.kernels.shares import log_shares
from highdim.error.lines import Lines
from highdim.error.points import Points

SAMPLED = ("circles", "lines", "points")


def cap(d, t, *, seed=0):
    """N = t − w·x for a random unit vector w, so the error is the cap w·x ≥ t."""
    w = np.random.default_rng(seed).standard_normal(d)
    w /= np.linalg.norm(w)
    return TwoLayerNet([-1.0, 1.0, 1.0], [w, -w, 0.0 * w], [0.0, 0.0, t])


def deep_cap(d, t):
    """N = t + 1 − σ(σ(w·x) − σ(−w·x) + 1)."""
    w = np.ones(d) / np.sqrt(d)
    return ThreeLayerNet([-1.0, 1.0], [[1.0, -1.0], [0.0, 0.0]], [1.0, t + 1.0], [w, -w], None)


def holes(d, *centres):
    """N = 1 − Σ 50 σ(w·x − t + 1/50): flat, with a steep hole w·x ≥ t for every (w, t)."""
    W = np.array([np.zeros(d), *[np.pad(w, (0, d - len(w))) for w, _ in centres]])
    return TwoLayerNet(
        [1.0, *[-50.0 for _ in centres]],
        W / np.maximum(np.linalg.norm(W, axis=1), 1e-9)[:, None],
        [1.0, *[0.02 - t for _, t in centres]],
    )


def random_net(rng, d, n, depth):
    """Gaussian weights and smaller biases."""
    b = 0.3 * rng.standard_normal(n) / np.sqrt(d)
    if depth == 2:
        return TwoLayerNet(rng.standard_normal(n), rng.standard_normal((n, d)), b)
    m = max(2, n // 3)
    b2 = 0.3 * rng.standard_normal(m)
    return ThreeLayerNet(
        rng.standard_normal(m), rng.standard_normal((m, n)), b2, rng.standard_normal((n, d)), b
    )


def share(d, t):
    return 0.5 * special.betainc(0.5 * (d - 1), 0.5, 1.0 - t * t)


def as_layers(net):
    if isinstance(net, TwoLayerNet):
        return [(net.W, net.b), (net.v, None)]
    return [(net.W1, net.b1), (net.W2, net.b2), (net.v, None)]


@pytest.mark.parametrize("method", ["lines", "circles", "points"])
def test_sampling_in_the_plane(method):
    """Lines are the whole circle, so they are exact."""
    net = random_net(np.random.default_rng(3), 2, 20, 2)
    truth, found = clean_error(net), clean_error(net, method=method, rng=0, level=0.9999)
    assert found.low <= truth.value <= found.high
    assert method != "lines" or found.value == pytest.approx(truth.value, rel=1e-12)


# Caps: closed forms


@pytest.mark.core
@pytest.mark.parametrize(("d", "t"), [(3, 0.8), (20, 0.4), (1000, 0.8)])
def test_a_few_caps_by_lines(d, t):
    check_cap(cap(d, t), d, t)


@pytest.mark.parametrize(
    ("d", "t"),
    [
        (3, 0.1),
        (4, 0.99),
        (7, 0.5),
        (100, 0.1),
        (100, 0.75),
        (500, 0.9),
        (1000, 0.55),
        (2000, 0.45),
    ],
)
def test_caps_by_lines(d, t):
    check_cap(cap(d, t), d, t)
    check_cap(deep_cap(d, t), d, t)


def check_cap(net, d, t):
    truth = arcs.log10_cap(d, t)
    found = clean_error(net, method="lines", samples=64, rng=0)
    assert found.log10_value == pytest.approx(truth, abs=1e-7)
    assert found.log10_low <= truth <= found.log10_high
    # shares are equal; of 64 others a part of 1 − 0.025^(1/64) may be missed
    assert found.high / found.low <= 1.13 or found.low == 0.0
    assert found.log10_high - found.log10_low <= 0.05
    if truth > -300.0:
        assert found.value == pytest.approx(10.0**truth, rel=1e-6)
        assert found.value == pytest.approx(10.0**found.log10_value, rel=1e-12)


def test_caps_reach_from_a_tenth_to_far_below_the_least_double():
    assert -1.0 < arcs.log10_cap(7, 0.5) < -0.9
    assert arcs.log10_cap(1000, 0.8) < -220.0
    found = clean_error(cap(2000, 0.95), method="lines", samples=64, rng=0)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)
    assert found.log10_value == pytest.approx(arcs.log10_cap(2000, 0.95), rel=1e-9)
    assert found.log10_value < -1000.0


def test_errors_near_one():
    """The complement of a cap, and a half space."""
    w = np.ones(50) / np.sqrt(50.0)
    found = clean_error(TwoLayerNet([1.0], [w], [-0.5]), method="lines", rng=0)
    assert found.value == pytest.approx(1.0 - share(50, 0.5), rel=1e-12)
    found = clean_error(TwoLayerNet([1.0], [w]), method="lines", rng=0)
    assert found.value == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize("angle", [pi / 2.0, 2.0, pi])
def test_two_places_of_errors(angle):
    """Circles through one hole hardly ever meet the other, so both must be found beforehand."""
    net = holes(20, ((1.0, 0.0), 0.72), ((np.cos(angle), np.sin(angle)), 0.85))
    truth = share(20, 0.72) + share(20, 0.85)
    for method in ("lines", "auto"):
        found = clean_error(net, method=method, rng=0)
        assert found.method == "lines"
        assert found.value == pytest.approx(truth, rel=1e-9)
        assert found.low <= truth <= found.high


def test_ten_places_of_errors():
    net = holes(12, *[(w, 0.75 + 0.01 * i) for i, w in enumerate(np.eye(12)[:10])])
    truth = sum(share(12, 0.75 + 0.01 * i) for i in range(10))
    assert clean_error(net, method="lines", rng=0).value == pytest.approx(truth, rel=1e-9)


@pytest.mark.parametrize("method", SAMPLED)
def test_no_direction_in_which_the_net_falls(method):
    """N = |w·x| − t: the mean gradient vanishes."""
    w = np.eye(10)[3]
    net = TwoLayerNet([1.0, 1.0, -1.0], [w, -w, 0.0 * w], [0.0, 0.0, 0.2])
    truth = 1.0 - 2.0 * share(10, 0.2)
    found = clean_error(net, method=method, rng=0, level=0.9999)
    assert found.low <= truth <= found.high
    assert found.value == pytest.approx(truth, rel=0.05)


# Zeros that are errors


@pytest.mark.core
@pytest.mark.parametrize("method", SAMPLED)
@pytest.mark.parametrize("depth", [2, 3])
def test_where_every_neuron_is_off_is_an_error(method, depth):
    """N = σ(w·x − t), so N = 0 off the cap."""
    w = np.eye(6)[0]
    two, three = TwoLayerNet([1.0], [w], [-0.3]), ThreeLayerNet([1.0], [[1.0]], None, [w], [-0.3])
    found = clean_error(
        two if depth == 2 else three, method=method, samples=300, rng=0, level=0.9999
    )
    truth = 1.0 - share(6, 0.3)
    assert found.low <= truth <= found.high
    assert found.low > 0.6


@pytest.mark.core
@pytest.mark.parametrize("method", ["auto", *SAMPLED])
@pytest.mark.parametrize(
    "net",
    [
        TwoLayerNet([0.0], [[1.0, 2.0, 3.0]]),
        TwoLayerNet([2.0], [[1.0, 2.0, 2.0]], [-4.0]),
        TwoLayerNet([1.0, -1.0], np.ones((2, 3)), [0.5, 0.5]),
        ThreeLayerNet([1.0], [[-1.0, -2.0]], None, np.ones((2, 3)), None),
    ],
    ids=["zero weights", "off", "cancelling", "second layer off"],
)
def test_the_zero_net_errs_everywhere(net, method):
    found = clean_error(net, method=method, samples=200, rng=0)
    assert (found.value, found.high) == (1.0, 1.0)
    assert not np.isnan(found.low)


def test_cancelling_neurons_count_for_the_value_and_the_upper_end_only():
    """N = σ(z) − σ(z) + σ(w·x): half of the sphere is a plateau on which rounding decides the sign
    of N.
    """
    rng = np.random.default_rng(5)
    z = rng.standard_normal((1, 7))
    W = np.concatenate([z, z / 3.0, np.eye(7)[:1]])
    net = TwoLayerNet([1.0, -3.0, 1.0], W, [3.0, 1.0, 0.0])
    for method in SAMPLED:
        found = clean_error(net, method=method, rng=0)
        assert found.value == pytest.approx(0.5, abs=0.02)
        assert found.low <= 0.5 <= found.high


@pytest.mark.parametrize("method", SAMPLED)
def test_without_biases(method):
    rng = np.random.default_rng(6)
    v, W = rng.standard_normal(9), rng.standard_normal((9, 5))
    with_zeros = clean_error(TwoLayerNet(v, W, np.zeros(9)), method=method, rng=0)
    assert clean_error(TwoLayerNet(v, W), method=method, rng=0) == with_zeros


# Methods against each other


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize(("d", "n"), [(3, 1), (3, 40), (20, 5), (20, 40), (300, 12)])
def test_all_methods_agree_with_plain_points(d, n, depth):
    rng = np.random.default_rng(100 * d + 10 * n + depth)
    net = random_net(rng, d, n, depth)
    X = rng.standard_normal((40_000, d))
    hits = int(np.sum(net(X / np.linalg.norm(X, axis=1)[:, None]) <= 0.0))
    plain = stats.binomtest(hits, 40_000).proportion_ci(0.9999, method="exact")
    for method in ("auto", *SAMPLED):
        found = clean_error(net, method=method, rng=1, samples=2000, level=0.9999)
        assert found.low <= plain.high
        assert plain.low <= found.high
        assert found.low <= found.value <= found.high


def test_lines_are_unbiased_for_any_direction():
    net = random_net(np.random.default_rng(7), 6, 8, 2)
    form, rng = normal_form(net), np.random.default_rng(8)
    truth = clean_error(net, method="points", samples=2_000_000, rng=9)
    for several in (1, 2, 5):
        for _ in range(4):
            lines = Lines(form, rng.standard_normal((several, form.width)))
            bounds = lines.estimate(4000, rng, 0.9999)
            assert np.exp(bounds.log_low) <= truth.high
            assert truth.low <= np.exp(bounds.log_high)


def test_directions_that_grow_together_are_one():
    """Without biases the sign of N hangs on the direction in the plane of (w_1, w_2): a net on the
    circle.
    """
    for seed in range(80):
        rng = np.random.default_rng(seed)
        d = int(rng.integers(3, 8))
        v, W = rng.standard_normal(2), rng.standard_normal((2, d))
        plane = np.linalg.qr(W.T)[0]
        truth = arcs.clean_error([(W @ plane, None), (v, None)])
        found = clean_error(TwoLayerNet(v, W), rng=seed, level=1.0 - 1e-6)
        assert found.low - 1e-12 <= truth <= found.high + 1e-12, seed


@pytest.mark.core
def test_ends_of_an_interval_stop_at_one():
    """Sums of shares may exceed 1, errors do not."""
    shares = np.log(np.array([1.2, 1.1, 1.3, 1.15, 1.05, 1.25]))
    found = from_shares(shares, shares, 0.9, 2)
    assert found.log_low <= found.log_value <= found.log_high <= 0.0


@pytest.mark.parametrize("depth", [2, 3])
def test_rotations_change_nothing(depth):
    rng = np.random.default_rng(10)
    for d in (2, 5):
        net = random_net(rng, d, 12, depth)
        Q = np.linalg.qr(rng.standard_normal((d, d)))[0]
        first = "W" if depth == 2 else "W1"
        turned = type(net)(
            **{name: part @ Q if name == first else part for name, part in net.parameters.items()}
        )
        one, other = (clean_error(each, rng=0, level=0.9999) for each in (net, turned))
        assert one.low - 1e-12 <= other.high
        assert other.low - 1e-12 <= one.high
        assert d > 2 or one.value == pytest.approx(other.value, abs=1e-12)


def test_scales_of_neurons_change_no_bit():
    rng = np.random.default_rng(11)
    for depth in (2, 3):
        net = random_net(rng, 4, 10, depth)
        parts = dict(net.parameters)
        first = ("W", "b") if depth == 2 else ("W1", "b1")
        after = "v" if depth == 2 else "W2"
        powers = 2.0 ** rng.integers(-300, 300, 10)
        for name in first:
            parts[name] = parts[name] * (powers[:, None] if name.startswith("W") else powers)
        parts[after] = parts[after] / powers
        for method in SAMPLED:
            assert clean_error(net, method=method, samples=50, rng=0) == clean_error(
                type(net)(**parts), method=method, samples=50, rng=0
            )


# Randomness


@pytest.mark.parametrize("method", ["auto", *SAMPLED])
def test_same_seed_same_bits(method):
    net = random_net(np.random.default_rng(12), 8, 10, 2)
    one = clean_error(net, method=method, rng=3, precision=0.05)
    assert one == clean_error(net, method=method, rng=3, precision=0.05)
    assert one == clean_error(net, method=method, rng=np.random.default_rng(3), precision=0.05)
    assert one != clean_error(net, method=method, rng=4, precision=0.05)


@pytest.mark.parametrize("spare", [0, 1, 2, 30])
def test_moments_of_reduced_draws(spare):
    """Coordinates of points and of orthonormal pairs: E x² = 1/d, E x⁴ = 3/(d(d + 2)), E e² f² =
    1/(d(d + 2)).
    """
    d = 3 + spare
    form = normal_form(TwoLayerNet(np.ones(3), np.eye(3, d)))
    form = form.reduced(10**9)
    assert form.spare == spare
    norm = np.linalg.norm(form.M, axis=1)
    rng, k = np.random.default_rng(13), 200_000
    e, f = (part / norm for part in frames(form, k, rng))
    for x in (pre_activations(form, k, rng) / norm, e, f):
        check_mean(x**2, 1.0 / d)
        check_mean(x**4, 3.0 / (d * (d + 2)))
        check_mean(x[:, 0] * x[:, 1], 0.0)
    check_mean(e**2 * f**2, 1.0 / (d * (d + 2)))
    check_mean(e * f, 0.0)


def check_mean(values, truth):
    assert np.all(
        np.abs(values.mean(axis=0) - truth) <= 4.5 * values.std(axis=0) / np.sqrt(len(values))
    )


@pytest.mark.parametrize("method", ["lines", "points"])
def test_huge_dimension(method):
    d = 300_000
    t = 2.0 / np.sqrt(d)
    found = clean_error(cap(d, t), method=method, rng=0, level=0.9999)
    assert found.low <= share(d, t) <= found.high
    assert method != "lines" or found.value == pytest.approx(share(d, t), rel=1e-6)


# Intervals


def coverage(intervals, truth):
    return np.mean([low <= truth <= high for low, high in intervals])


@pytest.mark.parametrize("estimator", [Lines, Circles])
def test_intervals_cover_as_often_as_they_say(estimator):
    """A net of two neurons whose shares are skewed; half as long intervals would be noticed."""
    net = TwoLayerNet(
        [1.0, -3.0, -1.0],
        [[0.0] * 5, [1.0] + [0.0] * 4, [0.0, 2.0, 0.0, 0.0, 0.0]],
        [1.0, 0.0, 0.0],
    )
    form = normal_form(net)
    each = Lines(form, np.array([[0.0, -1.0, 0.0]])) if estimator is Lines else Circles(form)
    truth = np.exp(each.estimate(400_000, np.random.default_rng(14), 0.95).log_value)
    rng = np.random.default_rng(15)
    found = [np.exp(each.estimate(100, rng, 0.95, unseen=False)[:3]) for _ in range(800)]
    assert 0.93 <= coverage([(low, high) for _, low, high in found], truth) <= 0.97
    halved = [((value + low) / 2.0, (value + high) / 2.0) for value, low, high in found]
    assert coverage(halved, truth) <= 0.8
    longer = [np.exp(each.estimate(100, rng, 0.95)[:3]) for _ in range(200)]
    assert coverage([(low, high) for _, low, high in longer], truth) >= 0.95


@pytest.mark.parametrize("spread", [0.1, 0.5, 1.0])
def test_intervals_for_skewed_shares(spread):
    rng = np.random.default_rng(16)
    # far below the least double
    logs = spread * rng.standard_normal((1500, 400)) - 0.5 * spread**2 - 600.0
    found = [from_shares(row, row, 0.9, unseen=False) for row in logs]
    covered = coverage([(bounds.log_low, bounds.log_high) for bounds in found], -600.0)
    assert 0.88 <= covered <= 0.92
    for row, bounds in zip(logs, found, strict=True):
        longer = from_shares(row, row, 0.9)
        assert longer.log_low < bounds.log_low
        assert longer.log_high > bounds.log_high
        assert longer.log_value == bounds.log_value


def test_equal_shares_are_not_taken_for_all_there_is():
    """N = x₁ − 100 σ(x₂ − ¾): a share of ½ on nearly every circle, and errors beyond it."""
    W = np.zeros((3, 20))
    W[[0, 1, 2], [0, 0, 1]] = 1.0, -1.0, 1.0
    net = TwoLayerNet([1.0, -1.0, -100.0], W, [0.0, 0.0, -0.75])
    truth = 0.5 + 2.1693e-05
    for method in ("auto", "lines", "circles"):
        for seed in range(5):
            found = clean_error(net, method=method, rng=seed)
            assert found.low <= truth <= found.high


def test_a_well_between_neurons_is_found():
    """Two neurons pull N below zero together where neither does alone, and descent from single
    neurons and random points goes elsewhere: nearly all of the error, next to a smaller cap.
    """
    d = 60
    axes = np.eye(d)
    side = np.sqrt(1.0 - 0.86**2)
    pair = [0.86 * axes[1] + side * axes[2], 0.86 * axes[1] - side * axes[2]]
    others = [sign * axes[k] for k in range(3, d) for sign in (1.0, -1.0)]
    W = np.array([0.0 * axes[0], axes[0], *pair, *others])
    b = np.concatenate([[1.0, -0.79, -0.5, -0.5], np.zeros(len(others))])
    v = np.concatenate([[1.0, -10.0, -1.95, -1.95], np.full(len(others), 1e-3)])
    for seed in range(3):
        found = clean_error(TwoLayerNet(v, W, b), method="lines", rng=seed)
        # by the inverse of the tail of x₂ at 125,000 points: 4.7e-21 ± 2e-22, and a cap of 4.4e-22
        assert 4.7e-21 < found.value < 5.6e-21


@pytest.mark.core
@pytest.mark.parametrize(("hits", "samples"), [(0, 10), (1, 10), (10, 10), (37, 1000)])
def test_hits_and_misses(hits, samples):
    bounds, exact = (
        from_hits(hits, hits, samples, 0.95),
        stats.binomtest(hits, samples).proportion_ci(method="exact"),
    )
    assert np.exp(bounds.log_low) == pytest.approx(exact.low, rel=1e-9)
    assert np.exp(bounds.log_high) == pytest.approx(exact.high, rel=1e-9)
    assert np.exp(bounds.log_value) == pytest.approx(hits / samples)


@pytest.mark.parametrize("method", SAMPLED)
def test_no_hit_is_an_upper_bound(method):
    w = np.eye(4)[0]
    net = TwoLayerNet([1.0, 1.0], [w, -w], [0.5, 1.5])
    found = clean_error(net, method=method, samples=400, rng=0, level=0.9)
    assert (found.value, found.low, found.log10_value, found.log10_low) == (0.0, 0.0, -inf, -inf)
    assert found.high == pytest.approx(1.0 - 0.05 ** (1.0 / 400.0), rel=1e-9)
    assert found.log10_high == pytest.approx(log10(found.high))
    assert "upper bound" in found.note
    assert found.largest_share == 0.0


def test_precision_without_a_hit_gives_up():
    found = clean_error(TwoLayerNet([1.0], 0.1 * np.ones((1, 4)), [1.0]), rng=0, precision=0.01)
    assert (found.value, found.method) == (0.0, "points")
    assert found.high < 1e-5
    assert "upper bound" in found.note


@pytest.mark.parametrize("method", ["auto", *SAMPLED])
def test_precision_is_reached(method):
    net = random_net(np.random.default_rng(17), 10, 10, 2)
    found = clean_error(net, method=method, rng=0, precision=0.03)
    assert (found.high - found.low) / (2.0 * found.value) <= 0.03
    assert found.note == ""
    coarse = clean_error(net, method=method, rng=0, precision=0.03, samples=50)
    assert coarse.samples == 50
    assert "precision 0.03 not reached in 50 samples" in coarse.note


def test_levels_are_nested():
    net = random_net(np.random.default_rng(18), 10, 10, 2)
    for method in SAMPLED:
        wide, narrow = (
            clean_error(net, method=method, samples=500, rng=0, level=level)
            for level in (0.99, 0.5)
        )
        assert wide.value == narrow.value
        assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


def test_an_estimate_that_hangs_on_few_samples_says_so():
    found = clean_error(cap(10, 0.9), method="circles", samples=20_000, rng=1)
    assert 0.1 < found.largest_share <= 1.0
    assert f"one of 20000 samples holds {found.largest_share:.0%}" in found.note
    assert clean_error(cap(10, 0.5), method="circles", rng=1).note == ""


def test_auto_takes_what_suits_the_net():
    assert clean_error(cap(100, 0.3), rng=0).method == "lines"
    assert clean_error(cap(2, 0.3)).method == "arcs"
    rough = random_net(np.random.default_rng(19), 10, 60, 2)
    assert clean_error(rough, rng=0).method == "points"


# Kernels


@pytest.mark.parametrize("d", [2, 3, 4, 17, 200])
def test_shares_of_arcs(d):
    rng = np.random.default_rng(20)
    ends = np.sort(rng.uniform(-pi, pi, (60, 2)), axis=1)
    ends[::3, 1] = ends[::3, 0] + 1e-7  # thin ones
    cells = np.sort(rng.uniform(-pi, pi, (60, 2)), axis=1)
    cells[::2] = -pi, pi
    found = np.exp(
        log_shares(Arcs(np.arange(61), *ends.T), cells, 0.5 * (d - 1), log_beta(0.5 * (d - 1)))
    )
    density = lambda angle: abs(np.sin(angle)) ** (d - 2) / (2.0 * special.beta(0.5 * (d - 1), 0.5))  # noqa: E731
    starts, stops = np.maximum(ends[:, 0], cells[:, 0]), np.minimum(ends[:, 1], cells[:, 1])
    for start, stop, value in zip(starts, stops, found, strict=True):
        inside = [angle for angle in (-pi / 2, 0.0, pi / 2) if start < angle < stop]
        truth = (
            integrate.quad(density, start, stop, points=inside or None, epsabs=0.0)[0]
            if start < stop
            else 0.0
        )
        assert value == pytest.approx(truth, rel=1e-8, abs=1e-300)


@pytest.mark.core
@pytest.mark.parametrize("a", [0.5, 1.0, 7.5, 19.5, 20.0, 21.5, 400.0])
def test_logarithm_of_the_beta_function(a):
    assert log_beta(a) == pytest.approx(float(arcs.beta_half(arcs.Decimal(a)).ln()), abs=1e-14)


# Door


@pytest.mark.core
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"net": 3}, "`net` must be a TwoLayerNet or ThreeLayerNet, got int"),
        ({"net": TwoLayerNet([1.0], [[1.0]])}, "`net` must have inputs of dimension d >= 2, got 1"),
        ({"method": "magic"}, "`method` must be one of 'auto', 'arcs'.*got 'magic'"),
        ({"method": "arcs"}, "`method` must not be 'arcs' unless d = 2, got d = 3"),
        ({"rng": None}, "`rng` must be an int seed or a numpy.random.Generator, got None"),
        ({"rng": -1}, "`rng` must be a non-negative seed"),
        ({"samples": 1}, "`samples` must be an integer >= 2, got 1"),
        ({"samples": 2.5}, "`samples` must be an integer"),
        ({"level": 95}, r"`level` must lie in \(0, 1\), got 95"),
        ({"level": 1.0}, r"`level` must lie in \(0, 1\), got 1.0"),
        ({"precision": 0.0}, "`precision` must be positive, got 0.0"),
        ({"precision": float("nan")}, "`precision` must be finite"),
        ({"net": TwoLayerNet([1e250, 1.0], np.eye(2, 3) * [[1.0], [1e-250]])}, "within a factor 2"),
    ],
)
def test_bad_input(change, message):
    arguments = {"net": cap(3, 0.5), "rng": 0} | change
    with pytest.raises((TypeError, ValueError), match=message):
        clean_error(arguments.pop("net"), **arguments)


def test_estimates_read_well():
    found = clean_error(cap(30, 0.5), rng=0, samples=100)
    assert isinstance(found, Estimate)
    assert float(found) == found.value
    assert json.loads(json.dumps(found.to_dict()))["method"] == found.method
    assert repr(found).startswith("Estimate(value=")
    points = Points(normal_form(cap(30, 0.5)))
    assert points.estimate(10, np.random.default_rng(0), 0.95).samples == 10


# Benchmarks


def test_coverage_study_at_tiny_size(tmp_path):
    study = importlib.import_module("benchmarks.coverage")
    rows = list(study.compute(["cap, three layers", "random, d = 2"], repetitions=30))
    assert [row.method for row in rows] == [
        "points",
        "circles",
        "lines",
        "splitting",
        "auto",
        "points",
        "circles",
    ]
    for row in rows:
        assert row.coverage_low <= row.coverage <= row.coverage_high
        assert row.coverage >= 0.8
        assert row.coverage + row.too_low + row.too_high == pytest.approx(1.0)
    frame = importlib.import_module("benchmarks.frame")
    frame.write(rows, tmp_path / "coverage.csv")
    assert len((tmp_path / "coverage.csv").read_text(encoding="utf-8").splitlines()) == 1 + len(
        rows
    )
    assert study.table(rows).row_count == len(rows)


def test_committed_coverage_is_what_intervals_promise():
    """At least 93 % of the answers to a net hold its error, or those that do not say UNDECIDED."""
    study = importlib.import_module("benchmarks.coverage")
    with study.RESULTS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == [field.name for field in fields(study.Row)]
    assert {row["net"] for row in rows} == set(study.NETS)
    for row in rows:
        assert int(row["repetitions"]) >= 300
        assert float(row["wrong"]) <= 0.07
    assert len(study.NETS) >= 40


def test_row_of_the_table_of_ratios():
    rows = importlib.import_module("benchmarks.speed.line_sampling").ROWS
    comparison = next(iter(rows.values()))()
    assert comparison.ours() > 0.0
    assert "lines" in comparison.note
