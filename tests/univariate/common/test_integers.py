"""Doubles as integers: sums without error."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from univariate.common.integers import sum_of_squares

DOUBLES = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.core
@given(st.lists(DOUBLES, max_size=12))
@example([5e-324, -1.7976931348623157e308, 0.0, -0.0])
@example([2.0**53 - 1.0] * 3)
def test_sums_of_squares_have_no_error(values):
    expected = sum((Fraction(value) ** 2 for value in values), Fraction(0))
    assert sum_of_squares(np.array(values, dtype=np.float64)) == expected


@pytest.mark.core
def test_many_squares_carry():
    values = np.full(3000, 1.0 - 2.0**-53)
    assert sum_of_squares(values) == 3000 * Fraction(1 - 2.0**-53) ** 2
