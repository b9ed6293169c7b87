"""The k-nearest-neighbours rule, against votes in rational arithmetic."""

import re
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import strategies
from hypothesis import given, settings, strategies as st
from oracles import exact, rules
from scipy import stats

from univariate import (
    NearestNeighbours,
    Sample,
    clean_error,
    draw_sample,
    exact_clean_error,
    exact_nearest_neighbour_difference,
    exact_noisy_error,
    max_margin,
    nearest_neighbour_clean_error,
)
from univariate.error.signs import sublevel


@pytest.mark.core
@given(strategies.samples(max_size=9, unit_interval=False), st.data())
@settings(max_examples=150, deadline=None)
def test_rational_oracle(points, data):
    k = data.draw(st.integers(1, len(points[0])))
    rule = NearestNeighbours(Sample(*points), k)
    truth = rules.neighbours_error(*points, k)
    assert exact_clean_error(rule) == truth
    found = clean_error(rule)
    assert Fraction(found.low) <= truth <= Fraction(found.high)
    assert found.low <= found.value <= found.high
    assert found.high - found.low <= 3e-16


@given(strategies.samples(max_size=8), st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_a_truth_of_minus_one_asks_for_the_other_errors(points, k):
    k = min(k, len(points[0]))
    found = sublevel(NearestNeighbours(Sample(*points), k).signs(0.0, 1.0), 0.0, 1.0, -1.0)
    truth = rules.neighbours_error(*points, k, truth=-1)
    assert Fraction(found.low) <= truth <= Fraction(found.high)


def test_one_neighbour_is_the_rule_known_before():
    for seed in range(20):
        sample = draw_sample(300, 0.3, rng=seed)
        found = clean_error(NearestNeighbours(sample))
        known = nearest_neighbour_clean_error(sample)
        assert (found.value, found.low, found.high) == (known.value, known.low, known.high)
        assert np.array_equal(found.intervals, known.intervals)


def test_the_smallest_doubles_have_halves():
    x = np.array([1.0, 2.0, 4.0, 7.0]) * 5e-324
    sample = Sample(x, [1.0, -1.0, 1.0, -1.0])
    truth = exact.nearest_neighbour_error(sample.x, sample.y)
    assert exact_clean_error(NearestNeighbours(sample)) == truth
    found = clean_error(NearestNeighbours(sample))
    assert Fraction(found.low) <= truth <= Fraction(found.high)


@pytest.mark.core
def test_majority_is_consistent_and_even_votes_err():
    sample = draw_sample(2_000, 0.2, rng=0)
    errors = [float(clean_error(NearestNeighbours(sample, k))) for k in (1, 3, 9, 41)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.01
    assert errors[0] > 0.15
    assert float(clean_error(NearestNeighbours(sample, 2))) == pytest.approx(1 - 0.8**2, abs=0.05)


def test_values_are_mean_labels():
    sample = draw_sample(30, 0.4, rng=1)
    x = np.random.default_rng(2).random((3, 5))
    for k in (1, 4, 30):
        votes = [rules.vote(sample.x, sample.y, k, Fraction(t)) / k for t in x.ravel().tolist()]
        assert NearestNeighbours(sample, k)(x) == pytest.approx(np.reshape(votes, x.shape))


def test_another_density():
    sample = draw_sample(200, 0.3, rng=3, density=stats.norm(0.0, 2.0))
    rule = NearestNeighbours(sample, 3)
    found = clean_error(rule)
    points = sample.density.draw(40_000, np.random.default_rng(0))
    assert found.density == sample.density.name
    assert found.low <= found.value <= found.high <= found.low + 1e-12
    assert found.value == pytest.approx(np.mean(rule(points) <= 0.0), abs=0.015)
    assert clean_error(rule, density=stats.uniform()) == clean_error(
        NearestNeighbours(Sample(sample.x, sample.y), 3)
    )


def test_sign_changes_are_the_midpoints():
    rule = NearestNeighbours(Sample([0.0, 0.25, 1.0], [1.0, -1.0, 1.0]))
    assert rule.sign_changes().tolist() == [[0.125, 0.125], [0.625, 0.625]]
    assert rule.to_dict()["k"] == 1
    assert repr(rule).startswith("NearestNeighbours(sample=<Sample>, k=1")


@pytest.mark.parametrize("k", [0, 4, -1])
def test_k_lies_between_one_and_m(k):
    with pytest.raises(ValueError, match="`k` must be"):
        NearestNeighbours(Sample([0.0, 0.5, 1.0], [1.0, -1.0, 1.0]), k)


def test_a_sample_and_a_whole_number_are_required():
    with pytest.raises(TypeError, match="`sample` must be a Sample"):
        NearestNeighbours([0.0, 1.0])
    with pytest.raises(TypeError, match="`k` must be an integer"):
        NearestNeighbours(Sample([0.0], [1.0]), 1.5)


def one_neighbour_by_hand(sample, low, high):
    """The exact share of [low, high] where the nearest label is -1."""
    x = [Fraction(value) for value in sample.x.tolist()]
    ends = [Fraction(low), *((a + b) / 2 for a, b in pairwise(x)), Fraction(high)]
    wrong = [b - a for (a, b), label in zip(pairwise(ends), sample.y, strict=True) if label < 0]
    return sum(wrong, Fraction(0)) / (Fraction(high) - Fraction(low))


@pytest.mark.parametrize(
    ("law", "low", "high"),
    [
        ("uniform(2, 1)", 2.0, 3.0),
        ("uniform(loc=-1, scale=0.5)", -1.0, -0.5),
        ("uniform(0, 2)", 0.0, 2.0),
        (stats.uniform(-3, 6), -3.0, 3.0),
        (stats.Uniform(a=0.1, b=0.7), 0.1, 0.7),
    ],
)
def test_exact_errors_are_under_the_law_of_the_sample(law, low, high):
    sample = draw_sample(30, 0.2, rng=0, density=law)
    rule = NearestNeighbours(sample)
    wrong = one_neighbour_by_hand(sample, low, high)
    assert exact_clean_error(rule) == wrong
    assert float(clean_error(rule)) == pytest.approx(float(wrong), abs=1e-14)
    third = Fraction(1, 3)
    assert exact_noisy_error(rule, third) == (1 - third) * wrong + third * (1 - wrong)
    net = max_margin(sample).net
    difference = float(clean_error(net, density=law)) - float(wrong)
    assert float(exact_nearest_neighbour_difference(net, sample)) == pytest.approx(
        difference, abs=1e-12
    )


@pytest.mark.parametrize("law", ["norm(5, 1)", "beta(2, 5)", "uniform(0.1, 0.2)"])
def test_errors_under_other_laws_are_no_fractions(law):
    sample = draw_sample(30, 0.2, rng=0, density=law)
    rule = NearestNeighbours(sample)
    name = re.escape(sample.density.name)
    for call in (exact_clean_error, lambda rule: exact_noisy_error(rule, 0.1)):
        with pytest.raises(ValueError, match=f"uniform between two doubles.* got x {name}; use cl"):
            call(rule)
    with pytest.raises(ValueError, match=f"got x {name}; use nearest_neighbour_law"):
        exact_nearest_neighbour_difference(max_margin(sample).net, sample)
