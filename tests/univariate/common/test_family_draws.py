"""Draws from families of one's own, against those that scipy makes one by one."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr

import univariate as u
from highdim import Product
from univariate.common.family_draws import frozen_draws

INF = np.inf


def family(low, high, **methods):
    """Return a family whose methods are functions of x."""
    told = {f"_{name}": _method(function) for name, function in methods.items()}
    return type("Mine", (stats.rv_continuous,), told)(a=low, b=high, name="mine")


def _method(function):
    return lambda self, x: function(x)


def gap(x):
    return np.interp(x, [0.0, 0.4, 0.6, 1.0], [0.0, 0.5, 0.5, 1.0])


class Powers(stats.rv_continuous):
    """x^c on [0, 1]."""

    def _cdf(self, x, c):
        return x**c


class Wide(stats.rv_continuous):
    """(x / c)² on [0, c]."""

    def _get_support(self, c):
        return 0.0, c

    def _cdf(self, x, c):
        return (x / c) ** 2


LAWS = {
    "smooth": family(0, 1, cdf=lambda x: x**2)(),
    "kinked": family(0, 1, cdf=lambda x: np.where(x < 0.5, 0.2 * x, 1.8 * x - 0.8))(),
    "with a gap": family(0, 1, cdf=gap)(),
    "steep": family(0, 1, cdf=lambda x: ndtr((x - 0.3) / 1e-6))(),
    "a logistic": family(-INF, INF, cdf=lambda x: 1.0 / (1.0 + np.exp(-x)))(),
    "a heavy tail": family(-INF, INF, cdf=lambda x: 0.5 + np.arctan(x) / np.pi)(),
    "half a line": family(0, INF, cdf=lambda x: 1.0 - 1.0 / (1.0 + x) ** 2)(),
    "moved": family(0, 1, cdf=lambda x: x**2)(loc=-3.0, scale=0.01),
    "shapes": Powers(a=0.0, b=1.0)(3.0, loc=1.0),
    "ends of shapes": Wide()(c=4.0, scale=2.0),
    "a pdf too": family(0, 1, cdf=lambda x: x**2, pdf=lambda x: 2.0 * x)(),
    "a pdf alone": family(-INF, INF, pdf=lambda x: np.exp(-0.5 * x**2) / np.sqrt(2.0 * np.pi))(),
    "a pdf alone, moved": family(0, 1, pdf=lambda x: 2.0 * x)(loc=2.0, scale=0.5),
    "not frozen": family(0, 1, cdf=lambda x: x**2),
}


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_draws_are_those_that_scipy_searches_for(law):
    """Of the same uniform numbers, as many of them, to what a cdf is rounded by."""
    ours, theirs = np.random.default_rng(3), np.random.default_rng(3)
    found = frozen_draws(law, 200, ours)
    expected = law.rvs(size=200, random_state=theirs)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-14)
    assert found.dtype == np.float64
    assert ours.random() == theirs.random()
    # the same bits, however many are drawn
    assert np.array_equal(frozen_draws(law, 20_000, np.random.default_rng(3))[:200], found)


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_names_with_digests_of_draws_are_those_of_before(law, monkeypatch):
    name = Product(law).name
    monkeypatch.setattr(
        "highdim.problem.law_parts.frozen_draws",
        lambda law, size, rng: law.rvs(size=size, random_state=rng),
    )
    assert Product(law).name == name


def test_the_cdf_is_asked_for_all_draws_at_once():
    """One after the other, 100,000 draws took minutes."""
    calls = []

    def cdf(x):
        calls.append(np.size(x))
        return x**2

    u.draw_sample(20_000, 0.1, rng=0, density=family(0, 1, cdf=cdf)())
    assert len(calls) < 5000
    calls.clear()
    Product(family(0, 1, cdf=cdf)()).draw(5000, 4, 0)
    assert len(calls) < 1000


def of_numbers(x):
    """A cdf that takes no arrays."""
    return x**2 if x > 0.5 else 0.5 * x


def of_all(x):
    """A cdf that makes something else of arrays."""
    return x**2 if np.size(x) == 1 else np.linspace(0.1, 0.9, np.size(x))


def of_ranks(x):
    """A cdf that increases as it should, and is wrong in arrays."""
    return x**2 if np.size(x) == 1 else x


def holed(x):
    """A cdf without numbers where some quantiles are looked for."""
    return np.where(np.abs(x - 0.7) < 1e-3, np.nan, x)


ITS_WAY = {
    "a cdf of numbers": family(0, 1, cdf=of_numbers)(),
    "another of arrays": family(0, 1, cdf=of_all)(),
    "wrong of arrays": family(0, 1, cdf=of_ranks)(),
    "one number at a time": family(0, 1, cdf_single=lambda x: x**2)(),
    "a ppf": family(0, 1, cdf=lambda x: x**2, ppf=np.sqrt)(),
    "scipy's with a ppf": stats.beta(2, 5),
    "scipy's without one": stats.semicircular(),
    "scipy's that is searched": stats.dgamma(2.5),
    "a lattice": stats.binom(5, 0.5),
    "of no width": family(0, 1, cdf=lambda x: x**2)(scale=0.0),
}


@pytest.mark.parametrize("law", ITS_WAY.values(), ids=ITS_WAY)
def test_other_draws_are_scipys_to_the_bit(law):
    ours, theirs = np.random.default_rng(3), np.random.default_rng(3)
    expected = law.rvs(size=20, random_state=theirs)
    assert np.array_equal(frozen_draws(law, 20, ours), expected)
    assert ours.random() == theirs.random()


def test_where_a_cdf_has_no_number_scipy_is_asked():
    """It says so of those levels whose root it does not find, and has a root of others."""
    with pytest.raises(ValueError, match="is NaN"):
        frozen_draws(family(0, 1, cdf=holed)(), 2000, np.random.default_rng(3))
    found = frozen_draws(family(0, 1, cdf=holed)(), 20, np.random.default_rng(3))
    np.testing.assert_allclose(found, np.random.default_rng(3).uniform(size=20), rtol=1e-9)


class Drawing(stats.rv_continuous):
    def _cdf(self, x):
        return x

    def _rvs(self, size=None, random_state=None):
        return random_state.beta(2.0, 5.0, size)


def test_families_draw_as_they_say():
    law = Drawing(a=0.0, b=1.0)()
    expected = np.random.default_rng(3).beta(2.0, 5.0, 20)
    assert np.array_equal(frozen_draws(law, 20, np.random.default_rng(3)), expected)
    given = family(0, 1, cdf=lambda x: x**2)()
    given.dist._ppf = np.cbrt  # of this object
    expected = np.cbrt(np.random.default_rng(3).uniform(size=20))
    drawn = given.rvs(size=20, random_state=np.random.default_rng(3))
    assert np.array_equal(drawn, frozen_draws(given, 20, np.random.default_rng(3)))


def test_parameters_that_a_family_does_not_allow_are_refused_as_before():
    with pytest.raises(ValueError, match="Domain error"):
        frozen_draws(Powers(a=0.0, b=1.0)(-3.0), 20, np.random.default_rng(3))


def test_a_pdf_with_a_gap_has_the_quantiles_of_its_integral():
    """scipy's were off by 3e-4 beside it, and took a twentieth of a second each."""
    law = family(0, 1, pdf=lambda x: np.where(np.abs(x - 0.5) > 0.2, 1.0 / 0.6, 0.0))(loc=1.0)
    level = np.random.default_rng(3).uniform(size=8000)
    expected = 1.0 + 0.6 * level + np.where(level > 0.5, 0.4, 0.0)
    drawn = frozen_draws(law, 8000, np.random.default_rng(3))
    np.testing.assert_allclose(drawn, expected, rtol=1e-12)
    points = Product(law).draw(2000, 4, 3)
    assert np.array_equal(np.sort(points, axis=None), np.sort(drawn))


@pytest.mark.parametrize(
    ("pdf", "got"),
    [
        (lambda x: x, "must have the probability 1 on its support, got 0.5 of mine"),
        (lambda x: 2.0 - 2.0 * x - np.where(x > 0.9, 1.0, 0.0), "that is not negative, got -"),
    ],
    ids=["half of it", "negative"],
)
def test_products_of_pdfs_of_no_law_are_refused(pdf, got):
    """scipy drew what was missing at an end."""
    with pytest.raises(ValueError, match=r"^`laws` must have .*; ") as caught:
        Product(family(0, 1, pdf=pdf)())
    assert got in str(caught.value)


def test_a_search_that_fails_is_said_by_products():
    """A cdf up to 0.995 has no quantile beyond; scipy's RuntimeError came through."""
    law = family(-INF, INF, cdf=lambda x: 0.995 * ndtr(x))()
    with pytest.raises(ValueError, match=r"^`laws` must be .* cannot be drawn \(Failed to"):
        Product(law)


def test_an_atom_at_an_end_is_there():
    """scipy found some 1e-15, as its cdf is 0 at the lower end whatever the family says."""
    law = family(0, 1, cdf=lambda x: 0.25 + 0.5 * x)()
    level = np.random.default_rng(3).uniform(size=2000)
    expected = np.clip(2.0 * level - 0.5, 0.0, 1.0)
    drawn = frozen_draws(law, 2000, np.random.default_rng(3))
    np.testing.assert_allclose(drawn, expected, rtol=1e-9, atol=0.0)
    assert set(drawn[(level < 0.25) | (level > 0.75)]) == {0.0, 1.0}
