"""Validation at the public door: every message names the argument, the rule, the value and the
remedy.
"""

import math
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from univariate.common import check

few = settings(max_examples=60, deadline=None, database=None)
finite = st.floats(allow_nan=False, allow_infinity=False)

# Vectors


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        ([1, 2], [1.0, 2.0]),
        (range(3), [0.0, 1.0, 2.0]),
        (np.array([1, 255], dtype=np.uint8), [1.0, 255.0]),
        (np.array([0.1], dtype=np.float16), [float(np.float16(0.1))]),
        (np.array([0.1], dtype=np.longdouble), [0.1]),
        ([Fraction(1, 2).numerator, 2**53], [1.0, 2.0**53]),
        ([2**60, -(2**62)], [2.0**60, -(2.0**62)]),
        (np.array([2**63], dtype=np.uint64), [2.0**63]),
        ([5e-324, 1e-300, 1.7e308, -0.0], [5e-324, 1e-300, 1.7e308, -0.0]),
    ],
)
def test_numbers_of_any_type_are_lifted_exactly(value, numbers):
    vector = check.vector("x", value)
    assert vector.dtype == np.float64
    assert vector.tolist() == numbers


@few
@given(st.lists(finite, min_size=1, max_size=8))
def test_float64_passes_bit_for_bit(numbers):
    assert check.vector("x", numbers).tobytes() == np.array(numbers).tobytes()


@few
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=8))
def test_float32_is_lifted_exactly(numbers):
    assert check.vector("x", np.array(numbers, dtype=np.float32)).tolist() == numbers


@few
@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=4))
def test_integers_are_lifted_exactly_or_refused(numbers):
    array = np.array(numbers, dtype=np.int64)
    if all(int(float(number)) == number for number in numbers):
        assert [int(entry) for entry in check.vector("x", array).tolist()] == numbers
    else:
        with pytest.raises(ValueError, match="`x` holds integers that float64 cannot hold exactly"):
            check.vector("x", array)


def test_a_vector_is_a_read_only_copy():
    value = np.ones(3)
    vector = check.vector("x", value)
    value[0] = 7.0
    assert vector.tolist() == [1.0, 1.0, 1.0]
    assert not vector.flags.writeable
    assert value.flags.writeable


def test_a_vector_may_be_empty_only_where_allowed():
    assert check.vector("x", [], allow_empty=True).shape == (0,)
    with pytest.raises(ValueError, match="`x` must not be empty; pass at least one number"):
        check.vector("x", [])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.0, r"`x` must be one-dimensional, got shape \(\); pass numpy.ravel\(x\)"),
        ([[1.0], [2.0]], r"`x` must be one-dimensional, got shape \(2, 1\); pass numpy"),
        ([[1.0, 2.0], [3.0, 4.0]], r"got shape \(2, 2\); pass a flat sequence"),
        (
            [1.0, math.nan, math.nan],
            r"`x` must be finite, got x\[1\] = nan \(2 such\); remove or repair",
        ),
        ([-math.inf], r"`x` must be finite, got x\[0\] = -inf \(1 such\); remove or repair"),
        (np.array([np.inf], dtype=np.float16), r"`x` must be finite, got x\[0\] = inf"),
        ([[1.0], [1.0, 2.0]], "`x` must be a rectangular array of numbers"),
        (
            [2**53 + 1],
            (
                "`x` holds integers that float64 cannot hold exactly, such as 9007199254740993;"
                " rescale"
            ),
        ),
        (
            np.array([2**64 - 1], dtype=np.uint64),
            "`x` holds integers that float64 cannot hold exactly, .*; rescale",
        ),
    ],
)
def test_bad_vectors_are_refused(value, message):
    with pytest.raises(ValueError, match=message):
        check.vector("x", value)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (["1"], "<U1"),
        ([1j], "complex128"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), r"datetime64\[D\]"),
    ],
)
def test_vectors_of_anything_but_real_numbers_are_refused(value, kind):
    with pytest.raises(
        TypeError,
        match=f"`x` must hold real numbers, got dtype {kind}; convert it to float64 first",
    ):
        check.vector("x", value)


def test_a_long_double_beyond_the_range_is_refused():
    with pytest.raises(
        ValueError,
        match=r"`x` must be finite, got x\[0\] = (1e\+400|inf) \(1 such\); remove or repair",
    ):
        check.vector("x", np.array([np.longdouble("1e400")]))


def test_a_long_double_between_two_doubles_is_refused():
    value = np.nextafter(np.longdouble(1), np.longdouble(2))
    if float(value) == value:  # where long double is double
        assert check.vector("x", np.array([value])).tolist() == [float(value)]
        return
    with pytest.raises(
        ValueError,
        match=r"`x` holds numbers that float64 cannot hold exactly; round it with \.astype",
    ):
        check.vector("x", np.array([value]))


def test_the_place_of_a_bad_entry_is_given_by_all_its_indices():
    with pytest.raises(ValueError, match=r"`X` must be finite, got X\[1, 0, 1\] = nan \(1 such\)"):
        check.real_array("X", [[[0, 0]], [[0, math.nan]]])


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (2, 3)])
def test_arrays_keep_their_shape(shape):
    assert check.real_array("X", np.zeros(shape, dtype=np.int32)).shape == shape


def test_validation_is_silent():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="must be finite"), np.errstate(all="raise"):
            check.vector("x", [1e-320, 1e308, np.nan])


def test_lengths_must_agree():
    check.same_length(x=np.zeros(2), y=np.zeros(2))
    with pytest.raises(
        ValueError, match=r"`x`, `y` must have one length, got len\(x\) = 2, len\(y\) = 3; cut"
    ):
        check.same_length(x=np.zeros(2), y=np.zeros(3))


# Scalars


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), np.array(3)])
def test_counts_may_be_any_integer(value):
    number = check.count("m", value)
    assert number == 3
    assert type(number) is int


@pytest.mark.parametrize("value", [0, -1, True, False])
def test_counts_must_be_large_enough(value):
    with pytest.raises(
        ValueError, match=f"`m` must be an integer >= 1, got {value}; pass an int in that range"
    ):
        check.count("m", value)


@pytest.mark.parametrize("value", [3.0, "3", None, [3], math.nan])
def test_counts_must_be_integers(value):
    with pytest.raises(TypeError, match=r"`m` must be an integer, got .*; pass an int"):
        check.count("m", value)


def test_the_least_count_is_said():
    assert check.count("k", 0, least=0) == 0
    with pytest.raises(ValueError, match="`k` must be an integer >= 2, got 1; pass"):
        check.count("k", 1, least=2)


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), Fraction(1, 2), np.array(0.5)])
def test_reals_may_be_any_number(value):
    assert check.real("a", value) == 0.5


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_reals_must_be_finite(value):
    with pytest.raises(
        ValueError, match=f"`a` must be finite, got {value}; pass a number in the range of float64"
    ):
        check.real("a", value)


@pytest.mark.parametrize("value", [10**400, -(10**400), Fraction(10**400)])
def test_reals_must_be_in_the_range_of_float64(value):
    with pytest.raises(
        ValueError, match=r"`a` must be finite, got -?inf; pass a number in the range of float64"
    ):
        check.real("a", value)


@pytest.mark.parametrize("value", ["0.5", b"1", None, 1j, [0.5], np.array([0.5, 1.0])])
def test_reals_must_be_numbers(value):
    with pytest.raises(TypeError, match=r"`a` must be a real number, got .*; pass a float"):
        check.real("a", value)


@pytest.mark.parametrize("value", [0, 1, 0.5, 5e-324])
def test_probabilities_include_the_ends(value):
    assert check.probability("p", value) == value


@pytest.mark.parametrize("value", [-5e-324, math.nextafter(1.0, 2.0), 10, -1])
def test_probabilities_outside_are_refused(value):
    message = (
        rf"`p` must lie in \[0, 1\], got {float(value)}; it is a probability, not a percentage"
    )
    with pytest.raises(ValueError, match=message):
        check.probability("p", value)


@pytest.mark.parametrize("value", [0, 1, -1])
def test_open_probabilities_exclude_the_ends(value):
    assert check.probability("p", 5e-324, open_interval=True) == 5e-324
    with pytest.raises(ValueError, match=rf"`p` must lie in \(0, 1\), got {float(value)}; it is"):
        check.probability("p", value, open_interval=True)


@pytest.mark.parametrize("value", [(0, 1), [0.0, 1.0], np.array([0, 1]), iter([0, 1])])
def test_intervals_may_be_any_pair(value):
    assert check.interval("domain", value) == (0.0, 1.0)


def test_intervals_may_be_infinite():
    assert check.interval("domain", (-math.inf, math.inf)) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    "value", [(1, 0), (0.5, 0.5), (0, math.nan), (math.nan, 1), (math.inf, math.inf)]
)
def test_intervals_must_not_be_empty(value):
    with pytest.raises(
        ValueError, match=r"`domain` must satisfy low < high, got \(.*\); swap or widen it"
    ):
        check.interval("domain", value)


@pytest.mark.parametrize(
    "value", [None, 1.0, (1,), (0, 1, 2), "01", ("0", "1"), (None, 1), (1j, 2)]
)
def test_intervals_must_be_pairs_of_numbers(value):
    with pytest.raises(
        TypeError, match=r"`domain` must be a pair \(low, high\) of numbers, got .*; pass a tuple"
    ):
        check.interval("domain", value)


# Randomness


def test_a_generator_is_passed_on():
    rng = np.random.default_rng(3)
    assert check.generator(rng) is rng


@pytest.mark.parametrize("seed", [3, np.int64(3), 2**100])
def test_a_seed_makes_the_same_generator(seed):
    assert check.generator(seed).random() == np.random.default_rng(int(seed)).random()


def test_negative_seeds_are_refused():
    with pytest.raises(
        ValueError, match=r"`rng` must be a non-negative seed, got -1; pass e\.g\. 0"
    ):
        check.generator(-1)


@pytest.mark.parametrize("rng", [None, 1.5, "1", np.random, np.random.RandomState(0)])
def test_anything_else_is_no_source_of_randomness(rng):
    message = r"`rng` must be an int seed or a numpy\.random\.Generator, got .*; pass e\.g\. 0"
    with pytest.raises(TypeError, match=message):
        check.generator(rng)


# Words and flags


def test_a_choice_is_one_of_the_words():
    check.choice("method", "flow", ("flow", "gd"))
    for wrong in ("adam", None, 1, ["flow"], {"flow"}, np.array(["flow", "gd"])):
        with pytest.raises(ValueError, match=r"`method` must be one of flow, gd, got .*; choose"):
            check.choice("method", wrong, ("flow", "gd"))


def test_flags_are_bools_and_nothing_that_looks_like_one():
    assert check.flag("bias", True) is True
    assert check.flag("bias", np.False_) is False
    for wrong in (None, 0, 1.0, "no", [], np.array([True, False])):
        with pytest.raises(TypeError, match=r"`bias` must be a bool, got .*; pass True or False"):
            check.flag("bias", wrong)


@pytest.mark.parametrize("value", [np.linspace(0.0, 1.0, 300), list(range(300)), "x" * 300])
def test_long_values_are_shown_by_their_beginning_on_one_line(value):
    with pytest.raises(TypeError, match="`p` must be a real number, got ") as caught:
        check.probability("p", value)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 200
    assert message.endswith("...; pass a float")
