"""Numbers of Python and containers of them: taken exactly, or refused by name."""

from collections import deque
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

import highdim
import univariate as u
from univariate.common import check
from univariate.common.labels import signs

TRUTH_VALUES = [True, np.True_, np.array(False)]


@given(
    st.lists(
        st.one_of(
            st.fractions(),
            st.decimals(allow_nan=False, allow_infinity=False),
            st.integers(),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_numbers_are_lifted_exactly_or_refused(numbers):
    """Whatever comes out is what went in; fractions decide."""
    doubles = [Fraction(float(one)) if abs(one) < 2**1000 else None for one in numbers]
    if all(double == Fraction(one) for double, one in zip(doubles, numbers, strict=True)):
        assert list(map(Fraction, check.vector("x", numbers))) == list(map(Fraction, numbers))
    elif None not in doubles:
        with pytest.raises(ValueError, match=r"`x` holds (numbers|integers) that float64 cannot"):
            check.vector("x", numbers)


def test_the_ends_of_the_range():
    assert check.vector("x", [Fraction(1, 2**1074), Decimal("0.5"), 2**1000]).tolist() == [
        *(5e-324, 0.5, 2.0**1000)
    ]
    for number in (10**400, Fraction(1, 2**1075), Decimal("1e-400"), Decimal("0.1")):
        with pytest.raises(ValueError, match="float64 cannot hold exactly"):
            check.vector("x", [number])
    for number in (Decimal("NaN"), Decimal("-Infinity")):
        with pytest.raises(ValueError, match="`x` must be finite"):
            check.vector("x", [number])


@pytest.mark.parametrize(
    "value",
    [
        (one / 4 for one in range(3)),
        map(float, [0.0, 0.25, 0.5]),
        {"a": 0.0, "b": 0.25, "c": 0.5}.values(),
        dict.fromkeys([0.0, 0.25, 0.5]).keys(),
        deque([0.0, 0.25, 0.5]),
        (Fraction(0), 0.25, Decimal("0.5")),
    ],
    ids=["generator", "map", "values", "keys", "deque", "mixed numbers"],
)
def test_containers_with_an_order_are_read(value):
    assert check.vector("x", value).tolist() == [0.0, 0.25, 0.5]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({0.1, 0.2}, "`x` must be a sequence, got a set, which has no order"),
        (frozenset([0.1, 0.2]), "`x` must be a sequence, got a frozenset"),
        ({0.1: 1.0}, "`x` must be a sequence, got a dict"),
        (None, "`x` must hold real numbers, got None"),
        ([0.1, None], "`x` must hold real numbers, got None"),
        ([Fraction(1, 2), "1"], "`x` must hold real numbers, got '1'"),
        ([True, False], "`x` must hold real numbers, got truth values"),
        (np.array([True]), "`x` must hold real numbers, got truth values"),
        ([True, 0.5], "`x` must not mix truth values with numbers"),
        ([0.5, np.False_], "`x` must not mix truth values with numbers"),
        ([Fraction(1, 2), True], "`x` must not mix truth values with numbers"),
    ],
)
def test_what_is_no_vector_of_numbers_is_refused(value, message):
    with pytest.raises(TypeError, match=message):
        check.vector("x", value)
    with pytest.raises(TypeError, match=message):
        u.Sample.from_arrays(value, [1, -1])


def test_rows_are_looked_into():
    with pytest.raises(TypeError, match="`X` must not mix truth values"):
        highdim.SphereSample.from_arrays([[1.0, 0.0], [0.0, True]], [1, -1])
    with pytest.raises(TypeError, match="`X` must hold real numbers, got truth values"):
        highdim.SphereSample.from_arrays([[True, False]], [1])
    rows = ([Fraction(1, 2), Decimal(one)] for one in range(2))
    assert highdim.SphereSample.from_arrays(rows, [1, -1]).X.tolist() == [[0.5, 0.0], [0.5, 1.0]]


def test_columns_of_truth_values_in_a_table_are_refused():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"a": [0.5, 0.25], "b": [True, False]})
    with pytest.raises(TypeError, match="`X` must hold numbers, got column 'b' with True"):
        highdim.SphereSample.from_arrays(table, [1, -1])


@pytest.mark.parametrize("value", TRUTH_VALUES, ids=["bool", "numpy", "array"])
def test_truth_values_are_no_numbers(value):
    sample = u.Sample([0.25, 0.5], [1.0, -1.0])
    net = u.ReluNet([1.0], [1.0], [0.0])
    calls = [
        lambda: check.real("p", value),
        lambda: check.probability("p", value),
        lambda: check.interval("p", (value, 2.0)),
        lambda: check.generator(value),
        lambda: u.draw_sample(4, value, rng=0),
        lambda: u.draw_sample(4, 0.5, rng=value),
        lambda: u.sample_events(sample, value),
        lambda: u.noisy_error(net, value),
        lambda: u.Truth([value], "+-"),
        lambda: u.Truth([0.5], [1, value]),
        lambda: u.Truth.of_function(lambda _: value, []),
        lambda: net(value),
        lambda: highdim.half_space([1.0, 0.0], value),
        lambda: u.Sample.from_arrays([0, 1], [0, 1], label_map={0: value, 1: -1}),
    ]
    for call in calls:
        with pytest.raises(TypeError, match=r"must (be|hold|give)"):
            call()


def test_labels_are_what_they_equal():
    assert signs("y", [Fraction(1), Decimal(-1), 1]).tolist() == [1.0, -1.0, 1.0]
    assert signs("y", iter([1, -1])).tolist() == [1.0, -1.0]
    assert signs("y", [Fraction(1, 2), 1], {0.5: -1, 1: 1}).tolist() == [-1.0, 1.0]
    nearly = Fraction(10**20 + 1, 10**20)
    assert float(nearly) == 1.0
    with pytest.raises(ValueError, match="`y` must hold labels"):
        signs("y", [nearly, -1])
    with pytest.raises(TypeError, match="`y` must not mix truth values"):
        signs("y", [True, -1])
    with pytest.raises(TypeError, match="`y` must hold real numbers, got truth values"):
        u.Sample([0.25, 0.5], np.array([True, True]))


def test_breakpoints_and_signs_have_an_order():
    assert u.Truth(iter([Decimal("0.1"), 0.5]), iter([1, -1, 1])).breakpoints == (
        Fraction(1, 10),
        0.5,
    )
    with pytest.raises(ValueError, match="strictly increasing"):
        u.Truth([np.int64(2**53), np.int64(2**53 + 1), 2**53 + 1], "+-+-")
    for value in ({0.2, 0.5}, {0.2: 1}, "0.2", 0.2):
        with pytest.raises(TypeError, match="`breakpoints` must be a sequence of numbers"):
            u.Truth(value, "+-+")
    with pytest.raises(TypeError, match="`signs` must be a sequence of numbers"):
        u.Truth([0.2], {1, -1})


@pytest.mark.parametrize("value", [5, 0.5, "5", {5: 1}])
@pytest.mark.parametrize("name", ["sizes", "rates", "seeds"])
def test_grids_are_sequences(tmp_path, name, value):
    told = {"sizes": [5], "rates": [0.1], "seeds": [0], "path": tmp_path / "rows.csv"}
    with pytest.raises(TypeError, match=f"`{name}` must be a sequence of values, got"):
        next(u.compare({"max margin": u.max_margin}, **told | {name: value}))
    with pytest.raises(TypeError, match=f"`{name}` must be a sequence of values, got"):
        next(u.run_study(**told | {name: value}))
    with pytest.raises(ValueError, match=f"`{name}` must not be empty"):
        next(u.run_study(**told | {name: []}))
    with pytest.raises(ValueError, match=r"`makers` must not be empty, got \{\}"):
        next(u.compare({}, **told))
