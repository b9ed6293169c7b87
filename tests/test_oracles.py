"""The oracles against answers derived by hand, and against each other."""

import math
from fractions import Fraction
from itertools import pairwise, product

import cases
import numpy as np
import pytest
import strategies
from hypothesis import given, settings, strategies as st
from oracles import exact, minima, naive
from pools import kkt_pool
from scipy import optimize, sparse

EPSILON = float(np.finfo(np.float64).eps)
ROUNDING = 16 * EPSILON  # of a few float64 operations on numbers of size one
SOLVER = 1e-6  # relative accuracy of the conic solver's norm, see `naive.solve_max_margin`
UNEVEN = 1e-2  # the same when gaps differ by 2^20 and the norm exceeds 1e6
GRID = 2000

few = settings(max_examples=60, deadline=None, database=None)


def grid_bounds(values, scale: float) -> tuple[float, float]:
    """Shares of grid points surely and possibly ≤ 0, when values are off by rounding errors of size
    `scale`.
    """
    slack = 64 * EPSILON * scale
    return float(np.mean(values < -slack)), float(np.mean(values <= slack))


def midpoints() -> np.ndarray:
    return (np.arange(GRID) + 0.5) / GRID


# Values and breakpoints


def test_net_value_by_hand():
    v, w, b = cases.KINKS_ON_THE_ENDS.net
    assert exact.net_value(v, w, b, Fraction(1, 3)) == 0
    assert exact.net_value(v, w, b, 0.75) == Fraction(5, 4)
    assert exact.net_value(v, w, b, 2) == 4
    assert exact.net_value(v, w, b, -1) == -2


def test_values_have_no_rounding():
    v, w, b = cases.SUBNORMAL_HEIGHT.net
    assert exact.net_value(v, w, b, 0.75) == Fraction(1, 4) * Fraction(5e-324)
    v, w, b = cases.EQUAL_QUOTIENTS.net
    assert exact.net_value(v, w, b, 1) == 1 - 3 * Fraction(1 / 3)


def test_breakpoints_by_hand():
    assert exact.breakpoints(*cases.HAT_ON_ZERO_PLATEAUS.net) == [
        Fraction(1, 2),
        Fraction(5, 8),
        Fraction(3, 4),
    ]
    assert exact.breakpoints(*cases.KINKS_ON_THE_ENDS.net) == []
    assert exact.breakpoints(*cases.KINKS_ON_THE_ENDS.net, -1, 2) == [0, 1]
    assert exact.breakpoints(*cases.EQUAL_QUOTIENTS.net) == [Fraction(1 / 3), Fraction(1, 3)]
    assert exact.breakpoints(*cases.DEAD_NEURONS.net) == []


def test_deep_breakpoints_by_hand():
    assert exact.deep_breakpoints(cases.DEEP_VALLEY.layers) == [Fraction(k, 4) for k in (1, 2, 3)]
    assert exact.deep_breakpoints(cases.TENT_OF_A_TENT.layers) == [
        Fraction(k, 4) for k in (1, 2, 3)
    ]
    assert exact.deep_value(cases.TENT_OF_A_TENT.layers, Fraction(1, 3)) == Fraction(1, 6)


@few
@given(strategies.nets(), st.integers(-8, 24))
def test_a_net_is_a_deep_net_with_one_hidden_layer(net, place):
    v, w, b = net
    layers = [(w[:, None], b), (v[None, :], np.zeros(1))]
    x = Fraction(place, 16)
    assert exact.deep_value(layers, x) == exact.net_value(v, w, b, x)
    assert set(exact.breakpoints(v, w, b)) <= set(exact.deep_breakpoints(layers)) | {
        Fraction(0),
        Fraction(1),
    }
    assert exact.deep_clean_error(layers) == exact.clean_error(v, w, b)


@few
@given(strategies.deep_nets())
def test_deep_nets_are_linear_between_breakpoints(layers):
    points = [Fraction(0), *exact.deep_breakpoints(layers), Fraction(1)]
    for left, right in pairwise(points):
        ends = exact.deep_value(layers, left), exact.deep_value(layers, right)
        for share in (Fraction(1, 3), Fraction(1, 2)):
            inside = exact.deep_value(layers, left + share * (right - left))
            assert inside == (1 - share) * ends[0] + share * ends[1]


# Clean error


@pytest.mark.parametrize("case", cases.NETS, ids=str)
def test_clean_error_by_hand(case):
    assert exact.clean_error_intervals(*case.net) == list(case.intervals)
    assert exact.clean_error(*case.net) == case.clean_error


@pytest.mark.parametrize("case", cases.DEEP_NETS, ids=str)
def test_deep_clean_error_by_hand(case):
    assert exact.deep_clean_error(case.layers) == case.clean_error


def test_levels_and_domains_by_hand():
    net = cases.ABSOLUTE_VALUE.net
    assert exact.clean_error(*net, -1, 2) == Fraction(1, 2)
    assert exact.clean_error(*net, Fraction(1, 3), 2) == Fraction(3, 4) - Fraction(1, 3)
    assert exact.clean_error(*net, level=-0.25) == 0
    assert exact.clean_error(*net, level=0.25) == 1
    assert exact.clean_error(*net, level=Fraction(1, 12)) == Fraction(2, 3)


@few
@given(strategies.nets())
def test_errors_of_a_net_and_its_negative_cover_everything(net):
    v, w, b = net
    both = exact.clean_error(v, w, b) + exact.clean_error(-v, w, b)
    points = [Fraction(0), *exact.breakpoints(v, w, b), Fraction(1)]
    values = [exact.net_value(v, w, b, point) for point in points]
    pieces = zip(points, points[1:], values, values[1:], strict=False)
    zero = sum(right - left for left, right, before, after in pieces if before == after == 0)
    assert both == 1 + zero


@few
@given(strategies.nets(), st.integers(1, 63))
def test_clean_error_adds_up_and_ignores_scale(net, place):
    v, w, b = net
    cut = Fraction(place, 64)
    assert exact.clean_error(v, w, b) == exact.clean_error(v, w, b, 0, cut) + exact.clean_error(
        v, w, b, cut, 1
    )
    both = np.concatenate([v, v]), np.concatenate([w, w]), np.concatenate([b, b])
    assert exact.clean_error(*both) == exact.clean_error(v, w, b)


@few
@given(strategies.nets(extreme=False))
def test_clean_error_agrees_with_a_grid(net):
    v, w, b = net
    values = naive.dense_net(v, w, b)(midpoints())
    scale = float(np.sum(np.abs(v) * (np.abs(w) + np.abs(b))))
    least, most = grid_bounds(values, scale)
    width = (len(v) + 2) / GRID  # one cell for every change of sign
    assert least - width <= exact.clean_error(v, w, b) <= most + width


@few
@given(strategies.deep_nets())
def test_deep_clean_error_agrees_with_a_grid(layers):
    values = naive.dense_deep_net(layers)(midpoints())
    scale = math.prod(
        float(np.abs(weight).sum() + np.abs(bias).sum()) + 1.0 for weight, bias in layers
    )
    least, most = grid_bounds(values, scale)
    width = (len(exact.deep_breakpoints(layers)) + 2) / GRID
    assert least - width <= exact.deep_clean_error(layers) <= most + width


def test_grid_clean_error_by_hand():
    assert naive.grid_clean_error(naive.dense_net(*cases.ABSOLUTE_VALUE.net), GRID) == 0.5
    assert naive.grid_clean_error(naive.dense_deep_net(cases.TENT_OF_A_TENT.layers), GRID) == 0.5


@few
@given(strategies.nets(extreme=False), st.floats(-2, 3))
def test_dense_and_exact_values_agree(net, x):
    v, w, b = net
    scale = float(np.sum(np.abs(v) * (np.abs(w) * abs(x) + np.abs(b))))
    slack = 4 * len(v) * EPSILON * scale + 1e-300
    assert float(naive.dense_net(v, w, b)(x)) == pytest.approx(
        float(exact.net_value(v, w, b, x)), rel=0, abs=slack
    )


# Samples


def test_nearest_neighbour_error_by_hand():
    assert exact.nearest_neighbour_error([0.25, 0.5, 1.0], [1.0, -1.0, 1.0]) == Fraction(3, 8)
    assert exact.nearest_neighbour_error([0.25], [-1.0]) == 1
    assert exact.nearest_neighbour_error([-4.0, -3.0, 0.5, 2.0], [1.0, -1.0, 1.0, -1.0]) == 0
    assert exact.nearest_neighbour_error([-2.0, 0.5, 1.0], [-1.0, 1.0, -1.0]) == Fraction(1, 4)


@few
@given(st.one_of(strategies.samples(), strategies.samples(unit_interval=False)))
def test_nearest_neighbour_error_agrees_with_a_grid(sample):
    x, y = sample
    share = float(np.mean(naive.nearest_neighbour_label(x, y, midpoints()) < 0))
    assert abs(share - exact.nearest_neighbour_error(x, y)) <= len(x) / GRID


def test_margins_and_norm_by_hand():
    v, w, b = cases.ABSOLUTE_VALUE.net
    assert exact.margins(v, w, b, [0.5, 1.0], [-1.0, 1.0]) == [Fraction(1, 4), Fraction(1, 4)]
    assert exact.norm_squared(v, w, b) == 2 + 2 + Fraction(1, 2) + Fraction(1, 16) + 1


# The dual


def test_dual_ratio_of_one_point_by_hand():
    # D = λ (x − t) on one side of x: (x − t)²/(1 + t²) ≤ 1 + x², attained at t = −1/x
    assert exact.dual_ratio_squared([0.75], [1.0], [1.0]) == Fraction(25, 16)
    assert exact.dual_ratio_squared([0.0], [-1.0], [3.0]) == 9


@pytest.mark.parametrize("case", cases.MARGINS, ids=str)
def test_optimal_multipliers_are_feasible_and_tight(case):
    ratio = exact.dual_ratio_squared(case.x, case.y, case.multipliers)
    assert float(ratio) == pytest.approx(1.0, abs=ROUNDING)
    assert 2 * math.fsum(case.multipliers) == pytest.approx(case.norm_squared, rel=ROUNDING)


@few
@given(strategies.samples(unit_interval=False), st.integers(0, 2**32))
def test_dual_ratio_is_the_supremum_over_a_fine_grid(sample, seed):
    x, y = sample
    multipliers = np.random.default_rng(seed).exponential(size=len(x))
    ratio = float(exact.dual_ratio_squared(x, y, multipliers))
    t = np.concatenate([x, np.tan(np.linspace(-1.57, 1.57, 20_000))])
    charges = multipliers * y
    both = [np.maximum(0.0, side * (x - t[:, None])) @ charges for side in (1.0, -1.0)]
    reached = float(np.max(np.square(both) / (1.0 + t**2)))
    scale = float(np.sum(multipliers)) ** 2 * (1.0 + float(np.max(np.abs(x))) ** 2)
    assert reached <= ratio + 64 * EPSILON * scale
    assert ratio <= reached + 1e-3 * scale


# Maximum margin


@pytest.mark.parametrize("case", cases.MARGINS, ids=str)
def test_hand_derived_nets_attain_the_norm(case):
    margins = exact.margins(*case.net, case.x, case.y)
    scale = case.norm_squared
    assert float(min(margins)) == pytest.approx(1.0, abs=ROUNDING * scale)
    assert float(exact.norm_squared(*case.net)) == pytest.approx(case.norm_squared, rel=ROUNDING)
    assert exact.nearest_neighbour_error(case.x, case.y) == case.clean_error
    assert float(exact.clean_error(*case.net)) == pytest.approx(
        float(case.clean_error), abs=ROUNDING * scale
    )


@pytest.mark.parametrize("case", cases.MARGINS, ids=str)
def test_conic_solver_finds_the_known_optimum(case):
    norm_squared, v, w, b = naive.conic_max_margin(case.x, case.y)
    assert norm_squared == pytest.approx(case.norm_squared, rel=SOLVER)
    assert float(exact.norm_squared(v, w, b)) == pytest.approx(norm_squared, rel=ROUNDING)
    assert float(min(exact.margins(v, w, b, case.x, case.y))) == pytest.approx(1.0, abs=SOLVER)


@pytest.mark.parametrize("case", cases.MARGINS, ids=str)
def test_bounds_enclose_the_known_optimum(case):
    low, high = naive.norm_squared_bounds(case.x, case.y)
    assert low * (1 - ROUNDING) <= case.norm_squared <= high * (1 + ROUNDING)
    assert high <= low * (1 + SOLVER)


def test_all_positive_samples_have_the_closed_form():
    x = np.array([0.1, 0.3, 0.35, 0.9])
    norm_squared, *net = naive.conic_max_margin(x, np.ones(4))
    assert norm_squared == pytest.approx(2.0 / math.hypot(1.0, 0.1), rel=SOLVER)
    # the norm is flat at its minimum: values are good to the root of its accuracy only
    assert naive.dense_net(*net)(x) == pytest.approx((1 + 0.1 * x) / 1.01, abs=math.sqrt(SOLVER))


def test_kkt_point_that_is_not_local_by_hand():
    x, y = cases.TWO_POSITIVE.x, cases.TWO_POSITIVE.y
    net = cases.KKT_NOT_LOCAL
    assert [float(margin) for margin in exact.margins(*net, x, y)] == pytest.approx(
        [1.0, 1.0], abs=ROUNDING
    )
    assert float(exact.norm_squared(*net)) == pytest.approx(
        cases.KKT_NOT_LOCAL_NORM_SQUARED, rel=ROUNDING
    )
    assert 2 * sum(cases.KKT_NOT_LOCAL_MULTIPLIERS) == pytest.approx(
        cases.KKT_NOT_LOCAL_NORM_SQUARED
    )
    assert exact.dual_ratio_squared(x, y, cases.KKT_NOT_LOCAL_MULTIPLIERS) > 1


@settings(few, max_examples=25, derandomize=True)
@given(strategies.samples(max_size=8))
def test_conic_bounds_are_close_whatever_the_gaps(sample):
    x, y = sample
    low, high = naive.norm_squared_bounds(x, y)
    assert low * (1 - ROUNDING) <= high <= low * (1 + UNEVEN)


@pytest.mark.parametrize("m", [1, 2, 20, 60])
def test_conic_bounds_are_tight_on_uniform_samples(m):
    rng = np.random.default_rng(m)
    x, y = np.sort(rng.random(m)), rng.choice([-1.0, 1.0], m)
    solution = naive.solve_max_margin(x, y)
    low, high = naive.norm_squared_bounds(x, y)
    assert solution.status in ("Solved", "AlmostSolved")
    assert low * (1 - ROUNDING) <= high <= low * (1 + SOLVER)
    assert solution.norm_squared == pytest.approx(low, rel=SOLVER)


def test_solver_failure_is_an_error():
    # two labels at one point: no net has both margins
    with pytest.raises(RuntimeError, match="Infeasible"):
        naive.solve_max_margin([0.5, 0.5], [1.0, -1.0])


# Strategies


@few
@given(st.one_of(strategies.nets(), strategies.nets(max_width=1), strategies.nets(extreme=False)))
def test_nets_are_flat_finite_arrays(net):
    assert 1 <= len(net[0]) <= 12
    for array in net:
        assert array.shape == net[0].shape
        assert array.dtype == np.float64
        assert np.isfinite(array).all()


@few
@given(strategies.samples(min_size=2, max_size=5), strategies.samples(unit_interval=False))
def test_samples_are_sorted_and_labelled(inside, anywhere):
    assert 2 <= len(inside[0]) <= 5
    assert inside[0][0] >= 0
    assert inside[0][-1] <= 1
    for x, y in (inside, anywhere):
        assert np.all(np.diff(x) > 0)
        assert x.shape == y.shape
        assert np.isin(y, (-1.0, 1.0)).all()


@few
@given(strategies.deep_nets())
def test_deep_nets_chain(layers):
    assert len(layers) in (3, 4)
    sizes = [1, *(len(bias) for _, bias in layers)]
    assert sizes[-1] == 1
    for (weight, bias), inputs in zip(layers, sizes, strict=False):
        assert weight.shape == (len(bias), inputs)


def test_hostile_nets_have_the_features_they_promise():
    rng = np.random.default_rng(0)
    nets = [strategies.random_hostile_net(rng) for _ in range(2000)]
    entries = np.concatenate([np.concatenate(net) for net in nets])
    sizes = np.abs(entries)
    assert (sizes > 1e290).any()
    assert ((sizes > 0) & (sizes < np.finfo(np.float64).tiny)).any()
    assert (np.signbit(entries) & (entries == 0)).any()
    features = [kink_features(*net) for net in nets]
    for name in ("at 0", "at 1", "equal quotients", "one ulp apart", "inactive middle"):
        assert sum(name in found for found in features) > 20, name


def kink_features(v, w, b) -> set[str]:
    """Names of the special features that the kinks of a net have."""
    kinks = [
        -Fraction(bias) / Fraction(inner) for inner, bias in zip(w, b, strict=True) if inner != 0
    ]
    distinct = sorted(set(kinks))
    floats = [float(kink) for kink in distinct if abs(kink) < 2]
    found = {f"at {kink}" for kink in (0, 1) if kink in kinks}
    if len(set(floats)) < len(floats):
        found.add("equal quotients")
    if any(math.nextafter(low, math.inf) == high for low, high in pairwise(floats)):
        found.add("one ulp apart")
    active = w / 4 + b / 2 > 0  # at 1/2, where the largest floats must not overflow
    if not active.any() and (w > 0).any() and (w < 0).any() and (v != 0).any():
        found.add("inactive middle")
    return found


def test_random_draws_repeat():
    for draw in (strategies.random_hostile_net, strategies.random_sample):
        first, second = draw(np.random.default_rng(3)), draw(np.random.default_rng(3))
        for left, right in zip(first, second, strict=True):
            np.testing.assert_array_equal(left, right)


# KKT points and local minima

SHARP = {"active_tolerance": 1e-10, "kink_tolerance": 1e-12}
STATIONARY = 1e-12  # relative to ‖θ‖: rounding of nets of a few neurons
# of the linear programs: their feasibility 1e-10 times the sum of multipliers, over ‖θ‖
FLAT = 1e-9


def cost_at_margin_one(theta, x, y) -> float:
    """‖θ‖² over the smallest margin, which is what Problem (1) minimises; infinite without
    interpolation.
    """
    worst = min(exact.margins(*theta, x, y))
    return float(exact.norm_squared(*theta) / worst) if worst > 0 else math.inf


@pytest.mark.parametrize("case", cases.MARGINS, ids=str)
def test_optimal_nets_are_stationary_and_local(case):
    distance, multipliers = minima.kkt_distance(*case.net, case.x, case.y, **SHARP)
    assert distance <= STATIONARY
    assert np.allclose(multipliers, case.multipliers, rtol=1e-12, atol=1e-14)
    assert minima.local_minimum_slope(*case.net, case.x, case.y, **SHARP)[0] == pytest.approx(
        0.0, abs=FLAT
    )
    assert minima.dual_ratio(case.x, case.y, multipliers) == pytest.approx(1.0, abs=1e-12)


def test_kkt_point_that_is_not_local_has_a_descent_direction():
    net, x, y = cases.KKT_NOT_LOCAL, cases.TWO_POSITIVE.x, cases.TWO_POSITIVE.y
    distance, multipliers = minima.kkt_distance(*net, x, y, **SHARP)
    assert distance <= STATIONARY
    assert np.allclose(multipliers, cases.KKT_NOT_LOCAL_MULTIPLIERS, rtol=1e-12)
    slope, direction = minima.local_minimum_slope(*net, x, y, **SHARP)
    assert slope < -0.1
    descends(np.array(net), direction, x, y)
    scaled = 3.0 * np.array(net)  # the same ray, margins 9
    assert minima.kkt_distance(*scaled, x, y, **SHARP)[0] <= STATIONARY
    assert minima.local_minimum_slope(*scaled, x, y, **SHARP)[0] == pytest.approx(slope, rel=1e-9)


def test_exact_residuals_by_hand():
    """Without σ' at the kink, neuron A loses v_A λ_1/3 (−1, 1): ‖·‖² = v_A²/9 = √2/27, over ‖θ‖² =
    5√2/3.
    """
    net, x, y = cases.KKT_NOT_LOCAL, cases.TWO_POSITIVE.x, cases.TWO_POSITIVE.y
    multipliers = [Fraction(value) for value in cases.KKT_NOT_LOCAL_MULTIPLIERS]
    for moved in (True, False):
        clarke = [(0, 0, multipliers[0] / 3)]
        residuals, farthest = exact.kkt_residuals_squared(
            *net, x, y, multipliers, clarke, moved=moved
        )
        assert sum(residuals) <= STATIONARY**2
        assert farthest == 0
    residuals, _ = exact.kkt_residuals_squared(*net, x, y, multipliers)
    assert [float(part) for part in residuals] == pytest.approx([1 / 45, 0.0], abs=ROUNDING)


def test_pinned_kinks_move_the_shortest_way():
    # (w, b) = (2, 0) with its kink moved onto x = 1 is (1, −1): √2 away. λ = 3, λσ' = 1/2.
    net, points, multipliers, pinned = (
        ([1.0], [2.0], [0.0]),
        ([1.0], [1.0]),
        [Fraction(3)],
        [(0, 0, Fraction(1, 2))],
    )
    residuals, farthest = exact.kkt_residuals_squared(*net, *points, multipliers, pinned)
    assert farthest == Fraction(1, 2)
    assert residuals == [(1 + Fraction(9, 4) + Fraction(1, 4)) / 5]  # v − 0, w − 1/2, b − 1/2
    residuals, _ = exact.kkt_residuals_squared(*net, *points, multipliers, pinned, moved=False)
    assert residuals == [(25 + Fraction(9, 4) + Fraction(1, 4)) / 5]  # v − 6 instead


def test_multipliers_for_every_side_by_hand():
    # s = 0: (2, 1) λ₂ against (1, 1)/√2, nearest at λ₂ = √2/3. s = 1: λ₁ (−1, 1) + λ₂ (2, 1)
    # against the same with λ₁ against 1/√2. Both are off by √2/6.
    net, x, y = cases.KKT_NOT_LOCAL, cases.TWO_POSITIVE.x, cases.TWO_POSITIVE.y
    violation, kinks = minima.multipliers_for_every_side(
        *net, x, y, [True, True], kink_tolerance=1e-12
    )
    assert (violation, kinks) == (pytest.approx(math.sqrt(2.0) / 6.0), [(0, 0)])
    for case in cases.MARGINS:
        able = np.array(case.multipliers) > 0.0
        violation, kinks = minima.multipliers_for_every_side(
            *case.net, case.x, case.y, able, kink_tolerance=1e-12
        )
        assert (violation, kinks) == (pytest.approx(0.0, abs=FLAT), [])
        violation, _ = minima.multipliers_for_every_side(
            *case.net, case.x, case.y, ~able, kink_tolerance=1e-12
        )
        assert violation > 0.05


def test_nets_off_the_cone_are_at_their_distance():
    # x = 0, y = 1: the cone is λ (b, 0, v) in (v, w, b). (1, 3, 1) is off it by w = 3; (2, 0, 1/2),
    # with the ray (1/2, 0, 2), by √(17/4 − 4·4/17) = 15/17 of its length √17/2.
    distance, multipliers = minima.kkt_distance([1.0], [3.0], [1.0], [0.0], [1.0], **SHARP)
    assert (distance, multipliers[0]) == (pytest.approx(3.0 / math.sqrt(11.0)), pytest.approx(1.0))
    distance, multipliers = minima.kkt_distance([2.0], [0.0], [0.5], [0.0], [1.0], **SHARP)
    assert (distance, multipliers[0]) == (pytest.approx(15.0 / 17.0), pytest.approx(8.0 / 17.0))
    with pytest.raises(ValueError, match="must interpolate"):
        minima.kkt_distance([-1.0], [0.0], [1.0], [0.0], [1.0], **SHARP)


def descends(theta, direction, x, y) -> None:
    """Assert that steps along the direction, evaluated exactly, lower the cost."""
    scale = math.sqrt(np.max(theta**2))
    assert min(
        cost_at_margin_one(theta + scale * 2.0**-k * direction, x, y) for k in range(1, 20)
    ) < (1.0 - 1e-6) * cost_at_margin_one(theta, x, y)


def test_random_kkt_points_are_many_and_stationary():
    pool = kkt_pool(0, 40)
    assert len(pool) >= 100
    for net, x, y in pool:
        assert np.min(y * naive.dense_net(*net)(x)) >= 1.0 - 1e-12
        assert minima.kkt_distance(*net, x, y, **SHARP)[0] <= STATIONARY
        v, w, b = net
        assert np.allclose(v**2, w**2 + b**2, rtol=1e-12)


def test_verdicts_on_kkt_points_hold_under_steps_and_without_binaries():
    descending = 0
    for net, x, y in kkt_pool(1, 24, pinned=0.5):
        slope, direction = minima.local_minimum_slope(*net, x, y, **SHARP)
        assert slope == pytest.approx(slope_over_all_sides(net, x, y), abs=FLAT)
        if slope < -FLAT:
            descending += 1
            descends(np.array(net), direction, x, y)
    assert descending > 0


def slope_over_all_sides(net, x, y) -> float:
    """Least slope of the linear programs in which every kink on an active point moves to a given
    side: they share no variable, so they are solved as one, which starts the solver once.
    """
    (v, w, b), n = net, len(net[0])
    values = np.outer(x, w) + b
    kinks = np.abs(values) <= 1e-12 * np.hypot(w, b) * np.hypot(1.0, x)[:, None]
    active = np.flatnonzero(y * naive.dense_net(*net)(x) <= 1.0 + 1e-10)
    kinks = [(i, j) for i in active for j in range(n) if kinks[i, j]]
    programs = []
    for sides in product((0.0, 1.0), repeat=len(kinks)):
        on = (values > 0.0).astype(float)
        rows = []
        for (i, j), side in zip(kinks, sides, strict=True):
            on[i, j] = side
            moved = np.zeros((3, n))
            moved[1:, j] = x[i], 1.0
            rows.append((1.0 - 2.0 * side) * moved.ravel())
        for i in active:
            rows.append(
                -y[i] * np.concatenate((np.maximum(0.0, values[i]), on[i] * v * x[i], on[i] * v))
            )
        programs.append(np.array(rows))
    theta = np.concatenate(net) / np.linalg.norm(np.concatenate(net))
    table = sparse.block_diag([sparse.coo_array(one) for one in programs], format="csc")
    found = optimize.linprog(
        np.tile(theta, len(programs)), table, np.zeros(table.shape[0]), bounds=(-1.0, 1.0)
    )
    return float(np.min(found.x.reshape(len(programs), -1) @ theta))


@given(strategies.samples(unit_interval=False), st.integers(0, 2**32 - 1))
@few
def test_dual_ratios_agree(sample, seed):
    x, y = sample
    multipliers = np.random.default_rng(seed).random(len(x))
    ratio = math.sqrt(exact.dual_ratio_squared(x, y, multipliers))
    assert minima.dual_ratio(x, y, multipliers) == pytest.approx(ratio, rel=1e-12)
