"""Quantiles of many levels at once, against the definition, inf {x : F(x) ≥ q}."""

import math

import numpy as np
import pytest
from scipy.special import ndtr

from univariate.common.inverse import quantiles

LINE = (-np.inf, np.inf)
UNIT = (0.0, 1.0)
LEVELS = np.concatenate([np.arange(1.0, 200.0) / 200.0, [1e-300, 1e-17, 1.0 - 2.0**-53]])


def gap(x):
    """A half below 0.4, a half above 0.6."""
    return np.interp(x, [0.0, 0.4, 0.6, 1.0], [0.0, 0.5, 0.5, 1.0])


def atom(x):
    return np.where(x < 0.3, 0.25 * x, 0.5 + 0.5 * x)


def rough(x):
    """Rounded to 2⁻²⁰, so that all of it is flat pieces."""
    return np.floor(x * 2.0**20) * 2.0**-20


LAWS = {
    "power": (lambda x: np.clip(x, 0.0, 1.0) ** 2, UNIT),
    "normal": (ndtr, LINE),
    "gap": (gap, UNIT),
    "atom": (atom, UNIT),
    "rough": (rough, UNIT),
    "steep": (lambda x: ndtr((x - 0.3) / 1e-6), UNIT),
    "far": (lambda x: ndtr((x + 1e9) / 1e-3), LINE),
    "tiny": (lambda x: ndtr(x / 1e-200), LINE),
    "pole": (lambda x: np.clip(x, 0.0, 1.0) ** 0.01, UNIT),
    "heavy": (lambda x: 0.5 + np.arctan(x) / np.pi, LINE),
    "half a line": (lambda x: -np.expm1(-np.maximum(x, 0.0)), (0.0, np.inf)),
    "the other half": (lambda x: np.exp(np.minimum(x, 0.0)), (-np.inf, 0.0)),
}


def of_support(function, ends):
    """Return a cdf as scipy has it, 0 and 1 at the ends."""
    return lambda x: np.where(x >= ends[1], 1.0, np.where(x <= ends[0], 0.0, function(x)))


@pytest.mark.parametrize(("function", "ends"), LAWS.values(), ids=LAWS)
@np.errstate(over="ignore")
def test_quantiles_are_the_least_doubles_where_the_cdf_has_the_level(function, ends):
    cdf = of_support(function, ends)
    found = quantiles(cdf, LEVELS, ends)
    known = np.isfinite(found)
    assert np.all(known[:200])
    # what a cdf has beyond all doubles, none of them has
    assert np.all(cdf(np.array([-np.finfo(float).max]))[0] >= LEVELS[~known])
    assert np.all(cdf(found[known]) >= LEVELS[known])
    assert np.all(cdf(np.nextafter(found[known], -np.inf)) < LEVELS[known])
    order = np.argsort(LEVELS[known])
    assert np.all(np.diff(found[known][order]) >= 0.0)


def test_levels_of_flat_pieces_have_their_left_ends():
    assert quantiles(gap, np.array([0.25, 0.5]), UNIT).tolist() == [0.2, 0.4]
    assert quantiles(gap, np.array([0.5 + 2.0**-30]), UNIT)[0] == pytest.approx(0.6, abs=1e-9)
    assert quantiles(atom, np.array([0.3, 0.6]), UNIT).tolist() == [0.3, 0.3]


def test_all_levels_are_found_together():
    """The cdf is asked a few dozen times, and some 25 numbers for a level."""
    asked = []

    def cdf(x):
        asked.append(len(x))
        return ndtr(x)

    quantiles(cdf, np.random.default_rng(0).uniform(size=4000), LINE)
    assert len(asked) < 100
    assert sum(asked) < 40 * 4000


def test_a_level_has_the_same_bits_whatever_is_asked_beside_it():
    levels = np.random.default_rng(0).uniform(size=20_000)
    known = np.array([-1.0, 0.0, 1.0])
    together = quantiles(ndtr, levels, LINE, known)
    assert np.array_equal(together[:7], quantiles(ndtr, levels[:7], LINE, known))
    assert np.array_equal(together[-7:], quantiles(ndtr, levels[-7:], LINE, known))


def test_rounding_noise_moves_quantiles_no_more_than_it_moves_the_cdf():
    def noisy(x):
        return np.clip(x + 1e-12 * np.sin(1e15 * x), 0.0, 1.0)

    found = quantiles(noisy, LEVELS[:199], UNIT)
    assert np.max(np.abs(found - LEVELS[:199])) < 1e-11


def test_levels_without_a_number_are_told():
    assert math.isnan(quantiles(lambda x: 0.8 * ndtr(x), np.array([0.9]), LINE)[0])
    holed = quantiles(lambda x: np.where(np.abs(x - 0.5) < 0.1, np.nan, x), LEVELS[:199], UNIT)
    inside = np.abs(LEVELS[:199] - 0.5) < 0.1
    assert np.all(np.isnan(holed[inside]))
    known = ~np.isnan(holed)
    assert np.all(np.abs(holed[known] - LEVELS[:199][known]) < 1e-15)
    assert quantiles(ndtr, np.empty(0), LINE).shape == (0,)
