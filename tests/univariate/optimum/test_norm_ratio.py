"""How far a norm² is above the least: a pair of bounds, and words that stay bounds."""

from dataclasses import replace
from fractions import Fraction
from math import inf

import pytest
from hypothesis import example, given, strategies as st

from univariate import Sample, max_margin
from univariate.common.words import at_least, at_most
from univariate.optimum.norm_ratio import KNOWN, NormRatio, least_norm


@pytest.fixture(scope="module")
def best():
    return max_margin(Sample([0.2, 0.5, 0.9], [1.0, -1.0, 1.0]))


def with_bounds(best, low, high):
    return replace(best, dual_norm_squared=low, norm_squared=high, duality_gap=1.0 - low / high)


@given(st.floats(1e-3, 1e3), st.floats(1.0, 1e3), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_the_bounds_hold_whatever_the_least_norm_is(best, low, spread, share, more):
    optimum = with_bounds(best, low, low * spread)
    least = Fraction(low) + Fraction(share) * (Fraction(low * spread) - Fraction(low))
    norm = float(least) * (1.0 + more)
    found = NormRatio.of(norm / optimum.norm_squared, optimum)
    rounding = Fraction(1, 2**48)
    ratio = Fraction(norm) / least
    assert Fraction(found.low) * (1 - rounding) <= ratio <= Fraction(found.high) * (1 + rounding)


@pytest.mark.parametrize(
    ("low", "norm", "words", "least"),
    [
        (9.9999, 15.0, "at 1.5 times the least norm²", "= 10"),
        (8.98478, 10.0, "at 1 to 1.12 times the least norm²", "in [8.98, 10]"),
        (1.0, 10.0, "the least norm² not available", "in [1, 10]"),
        (0.0, 10.0, "the least norm² not available", "in [0, 10]"),
    ],
)
def test_words_say_no_more_than_the_bounds(best, low, norm, words, least):
    optimum = with_bounds(best, low, 10.0)
    found = NormRatio.of(norm / 10.0, optimum)
    assert found.words() == words
    assert found.vague is ("not available" in words)
    assert least_norm(optimum) == least


def test_digits_end_where_the_bounds_part(best):
    found = NormRatio.of(2.1234567891, with_bounds(best, 10.0 * (1.0 - 2e-5), 10.0))
    assert found.high == pytest.approx(2.1234993)
    assert found.number(7) == "2.1235"
    assert NormRatio(206.645, 206.6535).number() == "207"
    assert least_norm(with_bounds(best, 12.34, 12.3456789012)) == "= 12.3"
    assert NormRatio.of(2.1234567891, with_bounds(best, 10.0, 10.0)).number(7) == "2.123457"


@given(st.floats(1e-3, 1e9), st.floats(0.0, KNOWN), st.integers(1, 12))
@example(1.4999, 1e-4, 1)
@example(9.9949999, 1e-6, 3)
@example(1.0 - 2.0**-53, 2.0**-52, 12)
def test_one_number_rounds_as_both_bounds_do(low, apart, digits):
    high = low * (1.0 + 0.999 * apart)
    told = NormRatio(low, high).number(digits)
    shown = len(told.split("e")[0].replace(".", "").strip("0")) or 1
    shared = [n for n in range(1, 13) if f"{low:.{n}g}" == f"{high:.{n}g}"]
    assert told in {f"{low:.{n}g}" for n in shared}
    assert shown <= max(2, digits)


def test_without_a_dual_bound_there_is_no_upper_one(best):
    found = NormRatio.of(2.0, with_bounds(best, 0.0, 10.0))
    assert found == (2.0, inf)
    assert found.number() == "–"


@given(st.floats(min_value=1e-300, max_value=1e300))
@example(1.1128)
@example(9.999e85)
def test_printed_bounds_are_bounds(value):
    assert float(at_least(value)) <= value <= float(at_most(value))
    assert float(at_most(value)) <= value * 1.0101
    assert value <= float(at_most(value, 1)) <= 2.0 * value
    assert len(at_most(value, 1).partition("e")[0].strip("0.")) == 1


def test_close_pair_whose_dual_bound_is_far_away():
    best = max_margin(Sample([0.5, 0.5000000000000001, 0.9], [1.0, -1.0, 1.0]))
    assert best.duality_gap > 0.05
    assert NormRatio.of(1.0, best).words().startswith("at 1 to 1.1")
