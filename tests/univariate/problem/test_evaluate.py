"""Evaluation of shallow nets: values against rational arithmetic, and the bound that comes with
every value.
"""

import math
import sys
from fractions import Fraction

import numpy as np
import pytest
import strategies
from hypothesis import example, given, settings, strategies as st
from numpy.typing import NDArray
from oracles import exact

from univariate.problem.evaluation import evaluate
from univariate.problem.rational import ExactNet

Vector = NDArray[np.float64]
Net = tuple[Vector, Vector, Vector]

FAR = 2.0**500
"""Largest |x| that may be asked for."""
TINY = 2.0**-500
"""Products with a point below this size may underflow; such points have a test of their own."""
SUBNORMAL = Fraction(5e-324)
DOUBLE_MAX = Fraction(sys.float_info.max)
LANDMARKS = (0.0, -0.0, 1.0, -1.0, 0.5, TINY, 1e-100, -1e10, FAR, -FAR)

thorough = settings(max_examples=150, deadline=None, database=None)
brief = settings(max_examples=25, deadline=None, database=None)


def rounded_kinks(w: Vector, b: Vector) -> Vector:
    with np.errstate(all="ignore"):
        kinks = -b / w
    return kinks[np.abs(kinks) <= FAR]


def hostile_points(net: Net, rng: np.random.Generator) -> Vector:
    """Landmarks, kinks, both neighbours of every kink, and a few ordinary points; unsorted, with
    repeats.
    """
    kinks = rounded_kinks(net[1], net[2])
    around = [kinks, np.nextafter(kinks, np.inf), np.nextafter(kinks, -np.inf)]
    points = np.concatenate([LANDMARKS, *around, rng.random(2), 10.0 * rng.normal(size=2)])
    points = points[(np.abs(points) <= FAR) & ((np.abs(points) >= TINY) | (points == 0.0))]
    return rng.permutation(points)


def assert_within_bounds(net: Net, x: Vector) -> None:
    values, bounds = evaluate(*net, x)
    assert values.shape == bounds.shape == x.shape
    for point, value, bound in zip(x.tolist(), values.tolist(), bounds.tolist(), strict=True):
        assert not math.isnan(value)
        assert bound >= 0.0
        if math.isinf(bound):
            continue
        assert math.isfinite(value), "an infinite value must have an infinite bound"
        assert abs(Fraction(value) - exact.net_value(*net, point)) <= Fraction(bound), (net, point)


def active_size(net: Net, x: float) -> Fraction:
    """Σ |v| (|w x| + |b|) over the neurons that are active at x, or are within rounding of their
    kink there.
    """
    neurons = zip(*(exact.fractions(part) for part in net), strict=True)
    at = Fraction(x)
    active = ((v, w, b) for v, w, b in neurons if w * at + b > -abs(b) / 2**50)
    return sum((abs(v) * (abs(w * at) + abs(b)) for v, w, b in active), Fraction(0))


@pytest.mark.parametrize("seed", range(8))
def test_errors_of_two_thousand_hostile_nets_stay_within_their_bounds(seed):
    rng = np.random.default_rng(seed)
    for _ in range(250):
        net = strategies.random_hostile_net(rng)
        assert_within_bounds(net, hostile_points(net, rng))


@pytest.mark.core
def test_errors_of_a_few_hostile_nets_stay_within_their_bounds():
    rng = np.random.default_rng(100)
    for _ in range(60):
        net = strategies.random_hostile_net(rng)
        assert_within_bounds(net, hostile_points(net, rng))


@thorough
@given(strategies.nets(), st.lists(st.floats(-FAR, FAR), min_size=1, max_size=4))
def test_errors_stay_within_their_bounds_anywhere_on_the_line(net, points):
    x = np.array([0.0 if abs(point) < TINY else point for point in points])
    assert_within_bounds(net, np.concatenate([x, rounded_kinks(net[1], net[2])]))


@brief
@given(strategies.nets(extreme=False), st.floats(-1e-290, 1e-290))
@example((np.array([0.5, -1.75]), np.array([0.625, -3.0]), np.array([-0.3125, 0.0])), -5e-324)
@example((np.array([3.0]), np.array([0.5]), np.array([0.0])), 8.095e-320)
def test_errors_stay_within_their_bounds_where_products_with_x_underflow(net, x):
    assert_within_bounds(net, np.array([x]))


@pytest.mark.core
def test_errors_of_many_cancelling_neurons_stay_within_their_bounds():
    rng = np.random.default_rng(7)
    v, w, b = (rng.normal(size=1000) * 10.0 ** rng.integers(-8, 8, 1000) for _ in range(3))
    halves = (
        np.concatenate([v, -0.5 * v]),
        np.concatenate([w, 2.0 * w]),
        np.concatenate([b, 2.0 * b]),
    )
    net = tuple(np.append(half, last) for half, last in zip(halves, (0.25, 1.0, 0.5), strict=True))
    x = np.array([-30.0, -0.5, 0.0, 1 / 3, 1.0, 1e8])
    assert_within_bounds(net, x)
    expected = 0.25 * np.maximum(0.0, x + 0.5)
    np.testing.assert_allclose(evaluate(*net, x)[0], expected, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_bounds_of_moderate_nets_are_tight(seed):
    # one unit in the last place, plus 2^-90 of what the active neurons add up
    rng = np.random.default_rng(200 + seed)
    for _ in range(50):
        net = strategies.random_hostile_net(rng, extreme=False)
        x = hostile_points(net, rng)
        values, bounds = evaluate(*net, x)
        for point, value, bound in zip(x.tolist(), values.tolist(), bounds.tolist(), strict=True):
            allowed = (
                abs(Fraction(value)) / 2**51 + active_size(net, point) / 2**90 + 16 * SUBNORMAL
            )
            assert Fraction(bound) <= allowed, (net, point)


@pytest.mark.core
def test_where_no_neuron_is_active_the_value_is_exactly_zero_for_sure():
    rng = np.random.default_rng(300)
    v = rng.normal(size=40)
    w = np.concatenate([np.full(20, -1.0), np.full(20, 1.0)])
    b = np.concatenate([rng.uniform(-1.0, 0.25, 20), -rng.uniform(0.75, 2.0, 20)])
    values, bounds = evaluate(v, w, b, np.linspace(0.3, 0.7, 9))
    assert np.array_equal(values, np.zeros(9))
    assert np.all(bounds <= 5e-324)


@pytest.mark.parametrize("seed", range(4))
def test_infinite_values_come_with_infinite_bounds_and_large_neurons_only(seed):
    rng = np.random.default_rng(400 + seed)
    for _ in range(100):
        net = strategies.random_hostile_net(rng)
        x = hostile_points(net, rng)
        values, bounds = evaluate(*net, x)
        assert np.all(np.isinf(bounds[np.isinf(values)]))
        for point in x[np.isinf(values)].tolist():
            neurons = zip(*(exact.fractions(part) for part in net), strict=True)
            size = sum(abs(v) * (abs(w * Fraction(point)) + abs(b)) for v, w, b in neurons)
            assert size * 2 > DOUBLE_MAX, (net, point)


def test_moderate_nets_never_overflow():
    rng = np.random.default_rng(500)
    for _ in range(100):
        net = strategies.random_hostile_net(rng, extreme=False)
        values, bounds = evaluate(*net, np.array([-FAR, 0.0, FAR]))
        assert np.all(np.isfinite(values))
        assert np.all(np.isfinite(bounds))


@pytest.mark.core
def test_order_and_repetition_of_points_change_nothing():
    rng = np.random.default_rng(600)
    for _ in range(20):
        net = strategies.random_hostile_net(rng)
        x = np.sort(hostile_points(net, rng))
        places = rng.integers(0, len(x), 2 * len(x))
        values, bounds = evaluate(*net, x)
        scattered_values, scattered_bounds = evaluate(
            *net, np.concatenate([x, x[places]])[len(x) :]
        )
        within = np.abs(scattered_values - values[places]) <= bounds[places] + scattered_bounds
        assert np.all(within | np.isinf(bounds[places]))


def test_no_points_give_no_values():
    values, bounds = evaluate(np.ones(2), np.ones(2), np.ones(2), np.zeros(0))
    assert values.shape == bounds.shape == (0,)


@pytest.mark.parametrize("seed", range(4))
def test_exact_net_equals_the_oracle(seed):
    rng = np.random.default_rng(700 + seed)
    for _ in range(250):
        net = strategies.random_hostile_net(rng)
        fast = ExactNet(*net)
        for x in [*hostile_points(net, rng).tolist(), 5e-324, -3e-310]:
            assert fast.value(x) == exact.net_value(*net, x), (net, x)


@thorough
@given(strategies.nets(), st.floats(-FAR, FAR))
def test_exact_net_equals_the_oracle_anywhere(net, x):
    assert ExactNet(*net).value(x) == exact.net_value(*net, x)
