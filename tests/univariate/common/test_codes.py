"""Functions that decide by their sign, and give probabilities or classes: a warning."""

import warnings
from fractions import Fraction

import numpy as np
import pytest

import highdim
import univariate as u


def chance(x):
    """The probability of +1, which is 1/2 at 0.3."""
    return 1.0 / (1.0 + np.exp(10.0 * (x - 0.3)))


def classes(x):
    """1 up to 0.3, and 2."""
    return np.where(x < 0.3, 1, 2)


CODED = [(chance, "values from 0 to 1 alone: .* probabilities, subtract 0.5", 0.5)]
CODED += [(classes, "1 and 2 alone: .* classes, subtract 1.5", 1.5)]


@pytest.mark.parametrize(("function", "words", "middle"), CODED, ids=["chance", "classes"])
def test_codes_are_told_what_makes_decisions_of_them(function, words, middle):
    """They have the sign + everywhere: the clean error was 0 without a word."""
    sample = u.draw_sample(10, 0.2, rng=0)
    with pytest.warns(UserWarning, match=f"`truth` decides by its sign and gives {words}"):
        u.Truth.of_function(function, [0.3])
    with pytest.warns(UserWarning, match=f"`function` decides by its sign and gives {words}"):
        u.Rule.of_function(sample, function, [0.3])
    with pytest.warns(UserWarning, match=f"`rule` decides by its sign and gives {words}") as told:
        highdim.rule_clean_error(lambda X: function(X[:, 0]), 3, samples=100, rng=0)
    assert [one.filename for one in told] == [__file__]
    assert len(u.Truth.of_function(lambda x: function(x) - middle, [0.3]).signs) == 2


SIGNED = {
    "both signs": lambda x: chance(x) - 0.5,
    "a constant": lambda x: 0.5 + 0.0 * x,
    "signs": lambda x: np.sign(chance(x)),
    "beyond 1": lambda x: 3.0 * chance(x),
    "other classes": lambda x: classes(x) + 1,
}


@pytest.mark.parametrize("function", SIGNED.values(), ids=SIGNED)
def test_other_values_are_taken_as_they_are(function):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        truth = u.Truth.of_function(function, [0.3])
        rule = u.Rule.of_function(u.draw_sample(10, 0.2, rng=0), function, [0.3])
        error = highdim.rule_clean_error(lambda X: function(X[:, 0]), 3, samples=100, rng=0)
    places = np.array([0.1, 0.2, 0.4, 0.9])
    assert truth(places).tolist() == np.sign(function(places)).tolist()
    wrong = {1: 0.0, 2: 0.7}[len(truth.signs)]  # N > 0 up to 0.3 in all cases
    assert u.clean_error(rule).value == pytest.approx(wrong, abs=1e-15)
    assert (error.value > 0.0) == (wrong > 0.0)


def test_classes_0_and_1_and_numbers_of_any_kind_are_none():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        highdim.rule_clean_error(lambda X: (X[:, 0] > 0.0).astype(int), 3, samples=100, rng=0)
        large = u.Truth.of_function(lambda x: 10**400 * (1 if x < 0.5 else -1), [Fraction(1, 2)])
    assert large == u.Truth([0.5], [1, -1])


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (lambda x: np.log(chance(x)), r"no value above 0: .* log-probabilities, subtract log\(0.5"),
        (lambda x: classes(x) - 2.0, "-1 and 0 alone: .* classes, multiply by 2 and add 1"),
    ],
    ids=["logarithms", "classes"],
)
def test_rules_without_a_value_above_0_are_a_warning(rule, words):
    """The clean error was 1 without a word; not so of one that gives a constant."""
    with pytest.warns(UserWarning, match=f"`rule` decides by its sign and gives {words}"):
        assert highdim.rule_clean_error(lambda X: rule(X[:, 0]), 3, samples=100, rng=0).value == 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for constant in (-1.0, -0.5, 0.0):
            highdim.rule_clean_error(lambda X, c=constant: c + 0.0 * X[:, 0], 3, samples=9, rng=0)
        u.Truth.of_function(lambda x: -x, [])  # of a few numbers it may be so
