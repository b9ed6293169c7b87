"""The 1-nearest-neighbour rule."""

from fractions import Fraction

import numpy as np
import pytest
import strategies
from hypothesis import given, settings
from oracles import exact, naive
from scipy import stats

from univariate import Sample, draw_sample, nearest_neighbour_clean_error


@given(strategies.samples(max_size=15))
@settings(max_examples=300)
def test_rational_oracle(points):
    found = nearest_neighbour_clean_error(Sample(*points))
    truth = exact.nearest_neighbour_error(*points)
    assert Fraction(found.low) <= truth <= Fraction(found.high)
    assert found.high - found.low <= 3e-16


@given(strategies.samples(max_size=10, unit_interval=False))
@settings(max_examples=200)
def test_samples_beyond_the_unit_interval(points):
    found = nearest_neighbour_clean_error(Sample(*points))
    truth = exact.nearest_neighbour_error(*points)
    assert float(truth) == pytest.approx(found.value, abs=1e-15)


def test_the_value_is_rounded_once_even_for_large_samples():
    sample = draw_sample(200_000, 0.3, rng=0)
    found = nearest_neighbour_clean_error(sample)
    assert found.value == pytest.approx(float(np.sum(np.diff(found.intervals))), abs=1e-11)
    assert found.high - found.low <= 3e-16


def test_mean_over_labels_is_the_noise_level():
    """Every x is classified by one label, so E L_cl = p for any inputs: 4 standard errors."""
    errors = [
        nearest_neighbour_clean_error(draw_sample(50, 0.2, rng=seed)).value for seed in range(2000)
    ]
    assert np.mean(errors) == pytest.approx(0.2, abs=4.0 * np.std(errors) / np.sqrt(len(errors)))


def test_a_density_weighs_the_cells():
    density = stats.beta(2, 5)
    sample = draw_sample(30, 0.4, rng=1, density=density)
    quantiles = density.ppf((np.arange(200_000) + 0.5) / 200_000)
    grid = np.mean(naive.nearest_neighbour_label(sample.x, sample.y, quantiles) < 0.0)
    assert nearest_neighbour_clean_error(sample, density=density).value == pytest.approx(
        grid, abs=1e-4
    )


@pytest.mark.parametrize(("label", "error"), [(1.0, 0.0), (-1.0, 1.0)])
def test_one_label_decides_everything(label, error):
    assert nearest_neighbour_clean_error(Sample([0.25], [label])).value == error
