"""The 1-nearest-neighbour rule."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import strategies
from hypothesis import given, settings
from oracles import exact, naive
from scipy import stats

import univariate
from univariate import (
    Sample,
    clean_error,
    draw_sample,
    kkt_clean_error_bounds,
    nearest_neighbour_clean_error,
)


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


@pytest.mark.parametrize("law", [(0, 100), (3, 21)])
def test_borders_between_the_smallest_doubles(law):
    """Their halves are no doubles: 8 and 9 times the least one have their border at 8.5."""
    least = 2.0**-1074
    low, width = law
    sample = Sample(
        least * np.array([4.0, 8.0, 9.0, 14.0]),
        [1.0, 1.0, -1.0, -1.0],
        density=stats.uniform(low * least, width * least),
    )
    exactly = 1 - (Fraction(17, 2) - low) / width
    found = nearest_neighbour_clean_error(sample)
    assert found.low - 1e-15 <= exactly <= found.high + 1e-15
    bounds = kkt_clean_error_bounds(sample)
    assert bounds.low <= found.low <= found.high <= bounds.high


@pytest.mark.parametrize("third", [1, 2])
def test_breakpoints_between_the_smallest_doubles(third):
    least = Fraction(2.0**-1074)
    sample = Sample([2.0**-1073], [1.0], density=stats.uniform(0.0, 2.0**-1071))
    found = nearest_neighbour_clean_error(sample, truth=univariate.Truth([least * third / 3], "+-"))
    assert found.low - 1e-15 <= 1 - Fraction(third, 3) / 8 <= found.high + 1e-15


FAR_OUT = [(1.7e9, 1e-3), (1.7e9, 100.0), (1e3, 1.0), (1.0, 2.0**-40), (-1.7e9, 30.0)]


@pytest.mark.parametrize(("place", "width"), FAR_OUT, ids=[f"{a:g}, {b:g}" for a, b in FAR_OUT])
def test_borders_between_doubles_count_under_a_law(place, width):
    """Times in seconds, say: half a unit in the last place of a border is felt in the errors."""
    rng = np.random.default_rng(0)
    for _ in range(40):
        x = np.unique(place + width * rng.random(9))
        labels = rng.choice([-1.0, 1.0], len(x))
        sample = Sample.from_arrays(x, labels, density=stats.uniform(place, width))
        # beside the middle, or beside the low end
        after = Fraction(place + 0.5 * width * rng.integers(2))
        change = after + Fraction(np.spacing(abs(place))) * Fraction(4, 9)
        truth = univariate.Truth([change], "-+" if rng.random() < 0.5 else "+-")
        borders = [(Fraction(a) + Fraction(b)) / 2 for a, b in pairwise(sample.x.tolist())]
        cuts = sorted([*borders, change])
        levels = [0, *((cut - Fraction(place)) / Fraction(width) for cut in cuts), 1]
        exactly = Fraction(0)
        for k, cut in enumerate([cuts[0] - 1, *cuts]):
            label = sample.y[sum(border <= cut for border in borders)]
            if label * truth.signs[cut >= change] < 0:
                exactly += levels[k + 1] - levels[k]
        found = nearest_neighbour_clean_error(sample, truth=truth)
        # the cdf is rounded
        assert found.low - 4e-15 <= exactly <= found.high + 4e-15
        assert found.low <= found.value <= found.high
        bounds = kkt_clean_error_bounds(sample, truth=truth)
        assert bounds.low <= found.low <= found.high <= bounds.high
        net = univariate.ReluNet([1.0, 0.0], [0.0, 0.0], [1.0, 0.0])
        constant = clean_error(net, density=sample.density, truth=truth)
        share = (change - Fraction(place)) / Fraction(width)
        wrong = share if truth.signs[0] < 0 else 1 - share
        assert constant.low - 4e-15 <= wrong <= constant.high + 4e-15
