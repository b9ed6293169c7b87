"""Integrals of densities against closed forms: smooth ones, jumps, poles, long tails, noise."""

import numpy as np
import pytest
from scipy import special, stats

from univariate.common.integrated import integral

SHARES = np.linspace(0.001, 0.999, 333)
LAWS = {
    "normal": stats.norm(0.3, 2.0),
    "Cauchy": stats.cauchy(),
    "a corner": stats.laplace(0.3),
    "a corner and a pole": stats.dweibull(0.5),
    "a pole at an end": stats.beta(0.3, 2.0),
    "a long tail": stats.pareto(0.05),
    "wide": stats.lognorm(3.0),
    "over six decades": stats.loguniform(1e-6, 1.0),
    "far away": stats.norm(1000.0, 1.0),
    "narrow": stats.norm(0.3, 1e-3),
    "below 0": stats.loggamma(2.0),
    "steps": stats.rv_histogram(([3, 0, 1, 5], [0.0, 0.1, 0.35, 0.4, 1.0]), density=False)(),
}


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_integrals_and_quantiles_are_right_to_rounding(law):
    found = integral(law.pdf, law.support())
    x = found.ppf(SHARES)
    assert abs(found.total - 1.0) < 1e-13
    reached = law.cdf(x)
    # beside x a cdf changes by the density times an ulp of x
    ulps = 1e-14 + 8.0 * np.finfo(float).eps * np.abs(x) * law.pdf(x)
    assert np.all(np.abs(found.cdf(x) - reached) < ulps)
    assert np.all(np.abs(found.sf(x) - law.sf(x)) < ulps)
    assert np.all(np.abs(reached - SHARES) < ulps)
    assert np.all(np.diff(found.cdf(np.sort(x))) >= -1e-15)


def test_tails_are_precise_where_they_are_small():
    found = integral(stats.norm.pdf, (-np.inf, np.inf))
    x = np.array([-8.0, -7.0, -3.0])
    np.testing.assert_allclose(found.cdf(x), stats.norm.cdf(x), rtol=1e-11)
    np.testing.assert_allclose(found.sf(-x), stats.norm.cdf(x), rtol=1e-11)


def test_ends_are_those_of_the_support():
    found = integral(lambda x: np.full_like(x, 0.5), (3.0, 5.0))
    x = [2.0, 3.0, 4.0, 5.0, 6.0]
    np.testing.assert_allclose(found.cdf(x), [0.0, 0.0, 0.5, 1.0, 1.0], atol=1e-15)
    np.testing.assert_allclose(found.sf(x), [1.0, 1.0, 0.5, 0.0, 0.0], atol=1e-15)
    assert found.cdf(3.0) == found.cdf(-np.inf) == found.sf(5.0) == found.sf(np.inf) == 0.0
    np.testing.assert_allclose(found.ppf([0.0, 0.5, 1.0]), [3.0, 4.0, 5.0], atol=1e-14)
    assert isinstance(found.cdf(4.0), float)


def test_noise_and_tables_end_in_time():
    noise = integral(lambda x: 2.0 * x * (1.0 + 1e-9 * np.sin(1e12 * x)), (0.0, 1.0))
    assert abs(noise.cdf(0.5) - 0.25) < 1e-8
    grid = np.linspace(0.0, 1.0, 2000)
    table = integral(lambda x: np.interp(x, grid, 6.0 * grid * (1.0 - grid)), (0.0, 1.0))
    assert abs(table.cdf(0.5) - 0.5 * table.total) < 1e-12
    assert len(noise.series) + len(table.series) < 300_000


def test_what_is_hidden_between_the_nodes_is_found_by_finer_pieces():
    law = stats.norm(0.3023, 2e-5)
    assert integral(law.pdf, (0.0, 1.0)).total < 0.5
    found = integral(law.pdf, (0.0, 1.0), 16)
    assert found.total == pytest.approx(1.0, abs=1e-12)


def test_waves_in_a_long_tail_take_neither_minutes_nor_gigabytes():
    """Each octave was cut into pieces of one wave until millions were at hand."""
    found = integral(lambda x: 2.0 * np.sinc(x / np.pi) ** 2 / np.pi, (0.0, np.inf))
    assert len(found.series) < 1_000_000
    x = np.array([0.3, 7.0, 100.0])
    share = 2.0 / np.pi * (special.sici(2.0 * x)[0] - np.sin(x) ** 2 / x)
    for at, known in zip(x, share, strict=True):
        off = found.error(np.array([0.0]), np.array([at]))
        assert abs(found.cdf(at) - known) <= off + 1e-15
        assert off < 1e-6
