"""Splines: values, slopes, signs and sets against the rational oracle, scipy and shapely."""

from fractions import Fraction
from itertools import pairwise

import cases
import numpy as np
import pytest
import strategies
from hypothesis import given, settings
from oracles import exact, naive

from univariate import DeepReluNet, ReluNet, Spline, clean_error, exact_clean_error, spline

INF = float("inf")


def length(intervals):
    return float(np.sum(np.diff(intervals)))


def representable(case):
    """A spline, unlike a clean error, needs slopes and values that are normal doubles."""
    sizes = np.abs(np.concatenate(case.net))
    return all(1e-150 < size < 1e150 for size in sizes if size)


@pytest.mark.core
@pytest.mark.parametrize("case", [case for case in cases.NETS if representable(case)], ids=str)
def test_hand_derived_nets(case):
    found = spline(ReluNet(*case.net))
    assert length(found.sublevel_intervals()) == pytest.approx(float(case.clean_error), abs=1e-15)


@given(strategies.nets(extreme=False))
@settings(max_examples=300)
def test_values_are_within_their_bounds(net):
    found = spline(ReluNet(*net))
    for knot, value, error in zip(found.knots, found.values, found.errors, strict=True):
        if abs(knot) < 1e100:
            assert abs(exact.net_value(*net, knot) - Fraction(value)) <= Fraction(error)


def test_signs_at_simple_kinks_are_exact():
    rng = np.random.default_rng(0)
    for _ in range(300):
        v, w, b = rng.integers(-4, 5, (3, 8)) / 4.0
        found = spline(ReluNet(v, w, b))
        for knot, value in zip(found.knots, found.values, strict=True):
            if any(
                -Fraction(c) / Fraction(a) == Fraction(knot) for a, c in zip(w, b, strict=True) if a
            ):
                truth = exact.net_value(v, w, b, knot)
                assert np.sign(value) == (truth > 0) - (truth < 0)


def test_interpolation_between_knots():
    rng = np.random.default_rng(1)
    for _ in range(50):
        net = rng.standard_normal((3, 30))
        found, x = spline(ReluNet(*net)), np.concatenate([rng.uniform(-3, 3, 200), [-1e6, 1e6]])
        expected = naive.dense_net(*net)(x)
        np.testing.assert_allclose(found(x), expected, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(ReluNet(*net)(x), expected, rtol=1e-12, atol=1e-11)


def test_slopes_jump_by_the_size_of_the_neuron():
    """Convex iff v > 0, whatever the orientation."""
    found = spline(ReluNet([2.0, 2.0, -1.0, -1.0], [1.0, -3.0, 1.0, -1.0], [-0.2, 1.2, -0.6, 0.8]))
    np.testing.assert_allclose(found.knots, [0.2, 0.4, 0.6, 0.8])
    np.testing.assert_allclose(np.diff(found.slopes), [2.0, 6.0, -1.0, -1.0])
    assert found.linear_regions() == 5


@pytest.mark.parametrize("level", [0.0, 0.3, -0.7])
@pytest.mark.parametrize("domain", [(0.0, 1.0), (-2.0, 0.5), (-1e3, 1e3)])
def test_sublevel_sets_of_ordinary_nets(level, domain):
    rng = np.random.default_rng(2)
    for _ in range(40):
        net = rng.standard_normal((3, 12))
        truth = exact.clean_error(*net, *domain, level=level)
        assert length(spline(ReluNet(*net)).sublevel_intervals(level, domain)) == pytest.approx(
            float(truth), abs=1e-9
        )


def test_unbounded_domains():
    ramp = spline(ReluNet([1.0], [1.0], [-0.5]))
    np.testing.assert_array_equal(ramp.sublevel_intervals(0.0, (-INF, INF)), [[-INF, 0.5]])
    np.testing.assert_array_equal(ramp.sublevel_intervals(1.0, (-INF, INF)), [[-INF, 1.5]])
    np.testing.assert_array_equal(ramp.sublevel_intervals(-1.0, (-INF, INF)), np.empty((0, 2)))


def test_zeros_of_a_tent_a_plateau_and_a_ray():
    tent = spline(ReluNet([1.0, -2.0, 1.0], [1.0, 1.0, 1.0], [0.0, -0.5, -1.0]))
    np.testing.assert_array_equal(tent.zeros(), [0.0, 1.0])
    dip = spline(ReluNet([1.0, 1.0, -1.0], [-1.0, 1.0, 0.0], [0.5, -0.5, 0.25]))
    np.testing.assert_array_equal(dip.zeros(), [0.25, 0.75])
    np.testing.assert_array_equal(
        spline(ReluNet([1.0, -1.0], [1.0, 0.0], [0.0, 2.0])).zeros(), [2.0]
    )
    assert spline(ReluNet([0.0], [1.0], [0.0])).zeros().size == 0


def test_zeros_agree_with_scipy():
    rng = np.random.default_rng(3)
    for _ in range(50):
        found = spline(ReluNet(*rng.standard_normal((3, 20))))
        roots = found.to_ppoly((-1.0, 2.0)).roots(extrapolate=False)
        inside = found.zeros()[(found.zeros() > -1.0) & (found.zeros() < 2.0)]
        np.testing.assert_allclose(np.unique(roots), inside, atol=1e-9)


def test_scipy_and_shapely_views_agree():
    rng = np.random.default_rng(4)
    found = spline(ReluNet(*rng.standard_normal((3, 25))))
    x = np.linspace(0.0, 1.0, 101)
    np.testing.assert_allclose(found.to_ppoly()(x), found(x), atol=1e-12)
    line = found.to_linestring()
    assert line.bounds[0] == 0.0
    assert line.bounds[2] == 1.0
    assert line.bounds[3] == pytest.approx(
        max(found(x).max(), found.values[(found.knots > 0) & (found.knots < 1)].max())
    )


@given(strategies.deep_nets())
@settings(max_examples=100)
def test_deep_nets(layers):
    net = DeepReluNet(tuple(layers))
    found = spline(net)
    truth = float(exact.deep_clean_error(layers))
    steepness = np.abs(found.slopes[found.slopes != 0.0])
    # rounding moves a crossing this far
    blur = 10.0 * found.errors.max() / steepness.min() if steepness.size else 0.0
    assert length(found.sublevel_intervals()) == pytest.approx(truth, abs=1e-9 + blur)
    x = np.linspace(-2.0, 3.0, 41)
    np.testing.assert_allclose(found(x), naive.dense_deep_net(layers)(x), rtol=1e-8, atol=1e-8)


def test_a_shallow_net_and_its_deep_form_have_one_spline():
    rng = np.random.default_rng(5)
    for _ in range(30):
        net = ReluNet(*rng.standard_normal((3, 15)))
        shallow, deep = spline(net), spline(DeepReluNet(net.layers))
        np.testing.assert_allclose(deep.knots, shallow.knots, rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(deep.values, shallow.values, rtol=1e-10, atol=1e-11)
        np.testing.assert_allclose(deep.slopes, shallow.slopes, rtol=1e-9, atol=1e-9)


def test_a_net_without_kinks_is_anchored():
    found = spline(ReluNet([2.0], [0.0], [1.5]))
    assert (found.knots.tolist(), found.values.tolist(), found.slopes.tolist()) == (
        [0.0],
        [3.0],
        [0.0, 0.0],
    )


def test_colliding_kinks_split_to_keep_a_plateau():
    """Two kinks of one double, N tiny but positive left of them and zero right of them."""
    net = ReluNet([0.9375, -0.375], [-2.0, -5.0], [1.6, 4.0])
    found = spline(net)
    assert length(found.sublevel_intervals()) == pytest.approx(clean_error(net).value, abs=1e-15)
    assert len(found.knots) == 2


def test_unrepresentable_slopes_are_refused():
    with pytest.raises(
        ValueError, match=r"`net` has values or slopes beyond the range of doubles.*scale v down"
    ):
        spline(ReluNet([1e300], [1e300], [0.0]))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            ([0.0, 0.0], [1.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0]),
            "`knots` must be strictly increasing",
        ),
        (([0.0], [1.0], [0.0], [0.0]), "must have one length k and `slopes` length k \\+ 1"),
        (
            ([0.0], [float("nan")], [0.0, 0.0], [0.0]),
            r"`values` must be finite, got values\[0\] = nan",
        ),
    ],
)
def test_a_spline_checks_its_parts(arrays, message):
    with pytest.raises(ValueError, match=message):
        Spline(*arrays)


@pytest.mark.parametrize("domain", [(1.0, 0.0), (0.5, 0.5)])
def test_domains_must_have_length(domain):
    with pytest.raises(ValueError, match=r"`domain` must satisfy low < high, got"):
        spline(ReluNet([1.0], [1.0], [0.0])).sublevel_intervals(0.0, domain)
    with pytest.raises(ValueError, match=r"`domain` must be finite"):
        spline(ReluNet([1.0], [1.0], [0.0])).to_linestring((0.0, INF))


# Exact pieces

EASY_TO_GET_WRONG = [
    [([[1], [0.1]], [-1, 0.5]), ([[0.1, -1]], [1]), ([[0.2]], [-0.3])],
    [
        ([[-0.5], [-0.5], [0.7]], [-0.1, 0.3, -0.3]),
        ([[0.3, -0.3, 0.5]], [0.3]),
        ([[-0.1]], [1]),
        ([[0.1]], [0.2]),
    ],
    # both kinks of N round to one double, and N is not the same at both
    [
        ([[3.73357342e09]], [-131.11086663]),
        ([[-99678124.5931162]], [3.60345707e-10]),
        ([[0.09571607]], [2.32923437e-12]),
    ],
]


def arrays(layers):
    return [(np.array(w, dtype=float), np.array(b, dtype=float)) for w, b in layers]


def check_against_exact_pieces(layers):
    """At knots within the bound; between them and beyond them as rounding of a chord allows."""
    found = spline(DeepReluNet(layers))
    for knot, value, error in zip(found.knots, found.values, found.errors, strict=True):
        off = abs(exact.deep_value(layers, float(knot)) - Fraction(float(value)))
        assert off <= Fraction(float(error))
    knots = found.knots
    between = 0.5 * (knots[1:] + knots[:-1])
    points = np.concatenate(
        [[knots[0] - 10, knots[0] - 1], between, [knots[-1] + 1, knots[-1] + 10]]
    )
    for point, value in zip(points.tolist(), found(points).tolist(), strict=True):
        k = np.searchsorted(knots, point)
        near = [max(k - 1, 0), min(k, len(knots) - 1)]
        reach = abs(found.slopes[k]) * (abs(point) + np.abs(knots[near]).max())
        room = found.errors[near].max() + 1e-14 * (np.abs(found.values[near]).max() + reach)
        assert abs(float(exact.deep_value(layers, point)) - value) <= 4.0 * room + 5e-323


@pytest.mark.parametrize("layers", EASY_TO_GET_WRONG)
def test_deep_nets_whose_floats_fall_badly(layers):
    check_against_exact_pieces(arrays(layers))


def random_layers(rng):
    """Tenths, eighths, normal numbers, thirds and ulps, or sizes over many orders; zeros."""
    widths = [1, *rng.integers(1, 4, rng.integers(1, 6)), 1]
    kind = rng.integers(5)

    def entries(*shape):
        numbers = (
            rng.integers(-10, 11, shape) / 10,
            rng.integers(-8, 9, shape) / 8,
            rng.normal(size=shape),
            rng.choice([1.0, -1.0, 1 / 3, 1 + 2.0**-52, 0.0, 3.0], shape),
            rng.normal(size=shape) * 10.0 ** rng.integers(-100, 60, shape),
        )[kind]
        return np.where(rng.random(shape) < rng.choice([0.0, 0.3]), 0.0, numbers)

    return [(entries(b, a), entries(b)) for a, b in pairwise(widths)]


@pytest.mark.parametrize("seed", range(5))
def test_deep_splines_are_exact_pieces_rounded_once(seed):
    rng = np.random.default_rng(seed)
    for _ in range(60):
        check_against_exact_pieces(random_layers(rng))


def test_the_sets_of_a_deep_spline_are_those_of_the_net():
    rng = np.random.default_rng(9)
    for _ in range(60):
        layers = random_layers(rng)
        if max(np.abs(part).max() for pair in layers for part in pair) < 1e3:
            found = length(spline(DeepReluNet(layers)).sublevel_intervals())
            assert found == pytest.approx(float(exact.deep_clean_error(layers)), abs=1e-13)


def test_a_value_belongs_to_the_kinks_that_round_to_its_knot():
    net = ReluNet([1, 1], [-(2.0**43), -3], [-(2.0**42), -1.5000000000000002])
    found = spline(net)
    assert found.knots[-1] == -0.5
    assert found.values[-1] == 0.0
    assert found.errors[-1] == 0.0


@pytest.mark.parametrize("seed", range(40))
def test_neurons_of_all_sizes_keep_their_kinks_and_signs(seed):
    """Sizes from 1e-300 to 1e300 and below the normal range: the sets of the net, or a refusal."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 5))
    scale = 10.0 ** rng.choice([-310, -300, -100, 0, 100, 200], n)
    kinks = rng.integers(0, 9, n) / 8.0
    w = rng.choice([-1.0, 1.0], n) * scale
    net = ReluNet(rng.integers(-3, 4, n) / 4.0, w, -w * kinks)
    try:
        found = spline(net)
    except ValueError:
        with pytest.raises(ValueError, match="scale v"):
            spline(net)
        return
    length = sum(Fraction(b) - Fraction(a) for a, b in found.sublevel_intervals().tolist())
    assert abs(length - exact_clean_error(net)) <= Fraction(1, 2**50)


def test_a_change_of_sign_below_the_normal_range_is_refused():
    net = ReluNet([0.1, -0.1], [15e-324, 45e-324], [0.0, -20e-324])
    with pytest.raises(ValueError, match="below the normal range of doubles, so it has no float"):
        spline(net)
    assert float(clean_error(net)) == pytest.approx(1 / 3)
