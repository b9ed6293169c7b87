"""The dual bound: rigorous for any multipliers, tight at the optimum."""

from fractions import Fraction

import numpy as np
import pytest
import strategies
from hypothesis import given, settings, strategies as st
from oracles import exact

from univariate.optimum.duality import dual_bound


@given(strategies.samples(max_size=8, unit_interval=False), st.integers(0, 2**32 - 1))
@settings(max_examples=300)
def test_the_ratio_is_an_upper_bound_and_nearly_attained(points, seed):
    x, y = points
    rng = np.random.default_rng(seed)
    multipliers = rng.random(len(x)) * rng.integers(0, 2, len(x)) * 10.0 ** rng.integers(-3, 4)
    found = dual_bound(x, y, multipliers)
    truth = exact.dual_ratio_squared(x, y, multipliers)
    assert Fraction(found.ratio) ** 2 >= truth
    scale = 1.0 + float(np.abs(x).max())
    assert found.ratio <= float(truth) ** 0.5 + 1e-13 * scale * float(multipliers.sum()) + 1e-299
    if multipliers.any():
        bound = 2 * sum(Fraction(float(item)) for item in multipliers) / Fraction(found.ratio)
        assert Fraction(found.norm_squared) <= bound


@pytest.mark.core
@pytest.mark.parametrize("shift", [0.0, 1e8, -1e12])
@pytest.mark.parametrize("seed", range(8))
def test_the_ratio_keeps_its_digits_wherever_the_origin_is(shift, seed):
    rng = np.random.default_rng(seed)
    x = shift + np.cumsum(rng.integers(1, 9, 20) / 8.0)
    y = rng.choice([-1.0, 1.0], 20)
    multipliers = rng.random(20) * 2.0 ** rng.integers(-40, 40, 20)
    squared = Fraction(dual_bound(x, y, multipliers).ratio) ** 2
    truth = exact.dual_ratio_squared(x, y, multipliers)
    assert truth <= squared <= truth * (1 + Fraction(1, 2**45))


@pytest.mark.core
@pytest.mark.parametrize("power", [-1000, -500, 500, 900])
def test_multipliers_of_any_size_are_bounded_alike(power):
    x = np.array([-2.0, 0.25, 1.0, 3.0])
    y = np.array([1.0, -1.0, 1.0, -1.0])
    multipliers = np.array([1.0, 3.0, 2.5, 0.75])
    found = dual_bound(x, y, multipliers * 2.0**power)
    assert found.ratio == max(1e-300, dual_bound(x, y, multipliers).ratio * 2.0**power)


@pytest.mark.core
@pytest.mark.parametrize("multipliers", [[1e308, 0.0], [9e307, 9e307], [1e-5, 1.7e308]])
def test_sums_beyond_the_range_of_doubles_prove_nothing(multipliers):
    found = dual_bound(np.array([0.0, 1.0]), np.array([1.0, -1.0]), np.array(multipliers))
    assert (found.norm_squared, found.ratio) == (0.0, np.inf)


def test_negative_multipliers_are_dropped():
    found = dual_bound(np.array([0.0, 1.0]), np.array([1.0, -1.0]), np.array([-3.0, 0.5]))
    np.testing.assert_array_equal(found.multipliers, [0.0, 0.5])


def test_no_multipliers_bound_nothing():
    assert dual_bound(np.array([0.5]), np.array([1.0]), np.zeros(1)).norm_squared == 0.0
