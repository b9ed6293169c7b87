"""Sums, squares and signs of lines in compiled code, against rational arithmetic."""

import math
from fractions import Fraction

import numpy as np
import pytest
import strategies
from hypothesis import example, given, strategies as st

from univariate.common.integers import sum_of_squares
from univariate.problem.evaluation import evaluate
from univariate.problem.fitted import lines_positive
from univariate.problem.kernels.cells import places, scattered_places
from univariate.problem.kernels.margins import close, smallest, turn
from univariate.problem.kernels.sums import total

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.core
@given(st.lists(FINITE, max_size=30))
@example([5e-324, -(2.0**-1022), 0.0, 1.7e308])
@example([2.0**-1022 - 5e-324])
def test_squares_are_added_without_rounding(values):
    wanted = sum((Fraction(value) ** 2 for value in values), Fraction(0))
    assert sum_of_squares(np.array(values, dtype=np.float64)) == wanted


def test_many_squares_of_one_exponent():
    values = np.full(10**5, 2.0 - 2.0**-52)
    assert sum_of_squares(values) == 10**5 * Fraction(values[0]) ** 2


@pytest.mark.core
@pytest.mark.parametrize("seed", range(5))
def test_totals_are_correctly_rounded(seed):
    rng = np.random.default_rng(seed)
    values = rng.random(3000) * 2.0 ** rng.integers(-80, 80, 3000)
    assert total(values) == math.fsum(values)
    few = values[:100] * 2.0 ** -np.round(np.log2(values[:100]))
    cancelling = np.concatenate([few, -few[::-1], [2.0**-90]])
    assert total(cancelling) == 2.0**-90


@pytest.mark.core
@pytest.mark.parametrize(
    "values",
    [
        [1.0, 2.0**-53, 2.0**-107],
        [1.0, 2.0**-53, -(2.0**-107)],
        [1.0 + 2.0**-52, 2.0**-53, -(2.0**-110)],
        [-1.0, -(2.0**-53), -(2.0**-107)],
        [2.0**53, 1.0, 2.0**-1000],
    ],
)
@pytest.mark.parametrize("exponent", [0, -500, -900, 960])
def test_ties_are_decided_by_the_last_word(values, exponent):
    values = np.ldexp(values, exponent)
    assert total(values) == math.fsum(values)


@pytest.mark.core
def test_totals_beyond_doubles_are_infinite():
    with np.errstate(all="ignore"):
        assert total(np.array([1e308, 1e308])) == math.inf
        assert total(np.array([1.0, math.inf])) == math.inf
    assert total(np.zeros(0)) == 0.0


@pytest.mark.core
@pytest.mark.parametrize("span", [0, 200, 900])
def test_signs_of_lines_next_to_their_kinks(span):
    rng = np.random.default_rng(span)
    size = 400
    w = rng.standard_normal(size) * 2.0 ** rng.integers(-span, span + 1, size)
    x = rng.standard_normal(size) * 2.0 ** rng.integers(-min(span, 120), min(span, 120) + 1, size)
    with np.errstate(all="ignore"):
        b = -w * x * (1.0 + rng.integers(-2, 3, size) * 2.0**-53)
    w[::17], x[5::19], b[3::23] = 0.0, 0.0, 0.0
    b = np.clip(b, -1e308, 1e308)
    wanted = [
        Fraction(slope) * Fraction(point) + Fraction(rise) > 0
        for slope, rise, point in zip(w.tolist(), b.tolist(), x.tolist(), strict=True)
    ]
    with np.errstate(all="ignore"):
        assert lines_positive(w, b, x).tolist() == wanted


@pytest.mark.core
def test_many_points_are_evaluated_like_few():
    """Points are taken by hundreds at once; where they are cut does not matter, even at kinks."""
    net = strategies.random_hostile_net(np.random.default_rng(0))
    kinks = -net[2][net[1] != 0.0] / net[1][net[1] != 0.0]
    x = np.unique(np.concatenate([np.linspace(-0.5, 1.5, 1100), kinks[np.abs(kinks) < 2.0]]))
    values, bounds = evaluate(*net, x)
    for first in range(0, len(x), 100):
        part = slice(first, first + 100)
        some, widths = evaluate(*net, x[part])
        assert np.all(np.abs(some - values[part]) <= bounds[part] + widths)


@pytest.mark.core
@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_kinks_are_placed_among_data_in_any_order(size):
    rng = np.random.default_rng(size)
    x = strategies.read_only(np.unique(rng.integers(-50, 50, size).astype(np.float64)))
    kinks = np.concatenate([x, x + 0.5, rng.uniform(-60.0, 60.0, 50), [np.inf, -np.inf, 0.0, -0.0]])
    for order in (np.argsort(kinks), np.argsort(-kinks), rng.permutation(len(kinks))):
        expected = [int(np.sum(x < kink)) for kink in kinks[order]]
        assert places(x, kinks[order]).tolist() == expected
        assert scattered_places(x, kinks[order]).tolist() == expected


@pytest.mark.core
@pytest.mark.parametrize(
    "x",
    [
        [0.0, 5e-324, 1e-323],
        [-1.7e308, 0.0, 1.7e308],
        [0.0, 1e-300, 1.0, np.nextafter(1.0, 2.0), 1e300],
        [-1e-9, *np.linspace(0.5, 0.5 + 1e-12, 50), 1e9],
    ],
    ids=["subnormal", "widest", "clusters of two", "a cluster"],
)
def test_kinks_are_placed_among_data_that_share_a_bin(x):
    x = strategies.read_only(np.array(x))
    beside = np.concatenate([np.nextafter(x, -np.inf), np.nextafter(x, np.inf)])
    kinks = np.concatenate([x, beside, [np.inf, -np.inf, 0.0, -0.0]])
    assert scattered_places(x, kinks).tolist() == np.searchsorted(x, kinks).tolist()


@pytest.mark.core
def test_margins_are_compared_as_arrays_are():
    largest = np.finfo(np.float64).max
    values = np.array([2.0, -0.0, np.inf, -np.inf, 3.0])
    turn(values, np.array([1.0, -1.0, 1.0, 1.0, -1.0]), largest)
    assert values.tolist() == [2.0, 0.0, largest, -largest, -3.0]
    assert not np.signbit(values[1])
    bounds = np.array([0.0, 0.5, 0.0, np.inf, 0.0])
    assert smallest(values, bounds, -1.0, 1e-9) == (3, 2, True)
    assert smallest(values[:2], bounds[:2], 0.5, 1.0) == (1, 1, True)
    assert smallest(np.array([1.0, np.nan, -1.0, np.nan]), np.zeros(4), -1.0, 1.0)[0] == 1


@pytest.mark.core
def test_what_may_be_the_smallest_margin_counts_the_doubt_about_it():
    values = np.array([1.0, 1.3, 1.5, 1.1])
    bounds = np.array([0.4, 0.0, 0.0, 0.0])
    reached = np.empty(4, dtype=np.bool_)
    close(values, bounds, 1.0, 0.4, reached)
    assert reached.tolist() == [True, True, False, True]
    close(values, bounds, 1.0, 0.0, reached)
    assert reached.tolist() == [True, False, False, False]


@pytest.mark.core
@pytest.mark.parametrize("seed", range(20))
def test_points_in_any_order_have_the_same_values(seed):
    """Points that increase are merged with the kinks, others are sorted among them."""
    rng = np.random.default_rng(seed)
    net = strategies.random_hostile_net(rng)
    x = np.unique(np.concatenate([rng.random(20), [0.0, 0.25, 0.5, 1.0]]))
    order = np.concatenate([rng.permutation(len(x)), [0, 0, 3]])
    with np.errstate(all="ignore"):
        values, bounds = evaluate(*net, x)
        again, others = evaluate(*net, x[order])
        apart = np.abs(again - values[order])
    same = again == values[order]  # infinities among them
    assert np.all(same | (apart <= bounds[order] + others))
