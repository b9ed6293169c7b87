"""Families of one's own for scipy, which asks neither for a pdf that integrates to 1 nor for a cdf
that reaches it.
"""

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

import univariate as u
from univariate.problem.density import Density

NET = u.ReluNet([1.0, -1.0], [1.0, 0.0], [0.0, 0.25])  # errs on x ≤ ¼


def family(low, high, **methods):
    """Return a law made as scipy's guide for one's own families says."""
    told = {f"_{name}": method(function) for name, function in methods.items()}
    return type("Mine", (stats.rv_continuous,), told)(a=low, b=high, name="mine")()


def method(function):
    """Return a function of x as scipy takes methods, which it reads the parameters of."""
    return lambda self, x: function(x)


def bell(x):
    return np.exp(-0.5 * x**2)


LACKING = {
    "half of it": (family(0, 1, pdf=lambda x: x), "got 0.5 of mine"),
    "a percent lost": (family(0, 1, pdf=lambda x: 1.98 * x), "got 0.99 of mine"),
    "nearly nothing": (family(0, 1, pdf=lambda x: 1e-3 * x), "got 0.0005 of mine"),
    "a rounded constant": (family(-8, 8, pdf=lambda x: 0.3989 * bell(x)), "got 0.999894"),
    "a cdf up to 0.8": (family(0, 1, cdf=lambda x: 0.8 * x), "got 0.8 of mine"),
    "a cdf from 0.2": (family(0, 1, cdf=lambda x: 0.2 + 0.8 * x), "got 0.8 of mine"),
    "far below 1": (family(-np.inf, np.inf, cdf=lambda x: 0.995 * stats.norm.cdf(x)), "got 0.995"),
    "no constant": (family(-8, 8, pdf=bell), "got 2.50663 of mine"),
    "half too much": (family(0, 1, pdf=lambda x: 3.0 * x), "got 1.5 of mine"),
    "5 percent too much": (family(0, 1, pdf=lambda x: 2.1 * x), "got 1.05 of mine"),
    "a gap, and no constant": (family(0, 1, pdf=lambda x: 1.0 * (abs(x - 0.5) > 0.2)), "got 0.6 "),
    "a peak that nobody finds": (
        family(-np.inf, np.inf, pdf=lambda x: stats.norm.pdf(x, 1e7, 1.0)),
        "or give it a _cdf if it has peaks or poles too narrow",
    ),
    "of another support": (family(0, 1, cdf=stats.norm.cdf), "got 0.341345 of mine"),
}


@pytest.mark.parametrize(("law", "got"), LACKING.values(), ids=LACKING)
def test_families_of_another_probability_than_one_are_refused(law, got):
    """Clean errors were as much too small, and enclosures as narrow as ever."""
    with pytest.raises(ValueError, match="`density` must have the probability 1") as caught:
        u.clean_error(NET, density=law)
    assert got in str(caught.value)


BEYOND = {
    "a cdf up to 1.2": family(0, 1, cdf=lambda x: 1.2 * x),
    "a cdf that falls": family(0, 1, cdf=lambda x: x + 0.3 * np.sin(2.0 * np.pi * x)),
}


@pytest.mark.parametrize("law", BEYOND.values(), ids=BEYOND)
def test_cdfs_that_leave_the_unit_interval_or_fall_are_refused(law):
    with pytest.raises(ValueError, match="`density` must have a cdf that increases from 0 to 1"):
        u.draw_sample(10, 0.1, rng=0, density=law)


class Mixture:
    """Normals with weights, as written by hand."""

    def __init__(self, weights, places):
        self.parts = [
            (weight, stats.norm(place)) for weight, place in zip(weights, places, strict=True)
        ]

    def cdf(self, x):
        return sum(weight * part.cdf(x) for weight, part in self.parts)

    def sf(self, x):
        return sum(weight * part.sf(x) for weight, part in self.parts)

    def support(self):
        return -np.inf, np.inf

    def ppf(self, q):
        grid = np.linspace(-9.0, 9.0, 100_001)
        return float(grid[np.searchsorted(self.cdf(grid), q)])

    def rvs(self, size=None, random_state=None):
        raise NotImplementedError


def test_a_mixture_with_a_negative_weight_is_refused():
    assert Density.of(Mixture([0.5, 0.5], [0.0, 4.0])).name.startswith("Mixture #")
    with pytest.raises(ValueError, match=r"increases from 0 to 1, got 1\.\d+ of Mixture at"):
        Density.of(Mixture([1.3, -0.3], [0.0, 4.0]))


def test_a_ppf_of_another_cdf_is_refused_where_scipy_draws_by_it():
    cubes = family(0, 1, cdf=lambda x: x**3, ppf=np.sqrt)
    with pytest.raises(ValueError, match="a ppf that is the inverse of its cdf, got "):
        u.draw_sample(20, 0.1, rng=0, density=cubes)


RIGHT = {
    "a pdf": (family(0, 1, pdf=lambda x: 2.0 * x), 0.0625),
    "a cdf": (family(0, 1, cdf=lambda x: x**3), 0.015625),
    "a pdf in steps": (family(0, 1, pdf=lambda x: np.where(np.less(x, 0.25), 2.0, 2 / 3)), 0.5),
    "a pole at 0": (family(0, 1, pdf=lambda x: 0.5 / np.sqrt(x)), 0.5),
    "steep at 1": (family(0, 1, cdf=lambda x: 1.0 - (1.0 - x) ** 0.02), 1.0 - 0.75**0.02),
    "a bell": (family(-9, 9, pdf=lambda x: bell(x) / np.sqrt(2 * np.pi)), stats.norm.cdf(0.25)),
    "far tails": (family(0, np.inf, cdf=lambda x: 1.0 - (1.0 + x) ** -0.05), 1.0 - 1.25**-0.05),
    "overflowing": (family(-np.inf, np.inf, cdf=stats.jf_skew_t(8, 4).cdf), None),
}


@pytest.mark.parametrize(("law", "share"), RIGHT.values(), ids=RIGHT)
def test_families_that_are_laws_are_taken(law, share):
    found = u.clean_error(NET, density=law)
    assert found.value == pytest.approx(float(law.cdf(0.25)) if share is None else share, abs=1e-7)


def test_families_are_taken_wherever_they_are_moved():
    own = type("Mine", (type(stats.beta),), {})(a=0.0, b=1.0, name="mine", shapes="a, b")
    for loc, scale in ((0, 1), (1000, 0.01), (-5, 1e6), (0, 1e-12)):
        for shapes in ((2, 5), (0.5, 0.5), (2, 0.1)):
            assert Density.of(own(*shapes, loc=loc, scale=scale)).name.startswith("mine(")


def test_a_family_with_parameters_that_is_not_called_is_told_so():
    own = type("Mine", (stats.rv_continuous,), {"_cdf": lambda self, x, c: x**c})(a=0, b=1)
    refusal = "got the family Mine without parentheses; call it, with its parameters c"
    with pytest.raises(TypeError, match=refusal):
        u.clean_error(NET, density=own)
    assert float(u.clean_error(NET, density=own(2))) == pytest.approx(1 / 16, abs=1e-15)


class Power(stats.rv_continuous):
    """A family with a constructor of its own."""

    def __init__(self, power=1.0):
        super().__init__(a=0.0, b=1.0)
        self.power = power

    def _cdf(self, x):
        return x**self.power


class Remade(Power):
    def __init__(self, power=1.0, **others):
        stats.rv_continuous.__init__(self, **({"a": 0.0, "b": 1.0} | others))
        self.power = power


def test_a_family_without_parameters_is_a_law_as_it_stands():
    """scipy cannot freeze one with a constructor of its own; the message said to do so."""
    for own in (Power(2.0), Remade(2.0)):
        assert float(u.clean_error(NET, density=own)) == pytest.approx(1 / 16, abs=1e-15)
        law = Density.of(own)
        assert law.name.startswith(f"{type(own).__name__} #")
        assert law != Density.of(type(own)(3.0))
        assert np.all(law.draw(5, np.random.default_rng(0)) < 1.0)
    told = family(0, 1, cdf=lambda x: x**2)
    assert Density.of(told.dist) == Density.of(told)


def test_a_family_that_scipy_made_anew_is_a_warning():
    """Its constructor was not told the parameter again: uniform in the place of the square."""
    with pytest.warns(UserWarning, match="made anew, .* without the power that its own __init__"):
        assert Density.of(Remade(2.0)()).cdf(0.5) == 0.5
    assert Density.of(Remade(2.0)).cdf(0.5) == 0.25


NONE = {
    "_logpdf": {"_logpdf": lambda self, x: -x},
    "_ppf": {"_ppf": lambda self, q: q**2},
    "_sf": {"_sf": lambda self, x: np.exp(-x)},
    "pdf": {"pdf": lambda self, x: 2.0 * x},
    "cdf": {"cdf": lambda self, x: x**2},
    "neither": {},
}


@pytest.mark.parametrize(("known", "methods"), NONE.items(), ids=NONE)
def test_families_that_scipy_makes_no_law_of_are_told_what_to_define(known, methods):
    """They ended in a RecursionError, or in a law of angles."""
    own = type("Mine", (stats.rv_continuous,), methods)(a=0.0, b=1.0)
    with pytest.raises(TypeError, match=f"a _cdf or a _pdf, got Mine with {known}; define _cdf"):
        Density.of(own())


@pytest.mark.parametrize(
    ("draw", "does"),
    [
        (lambda size: np.random.default_rng().random(size), "others from the same seed"),
        (lambda size: np.random.default_rng(0).random(size), "the same from other seeds"),
    ],
    ids=["of no seed", "of a seed of its own"],
)
def test_draws_that_pass_over_the_seed_are_refused(draw, does):
    """No seed told the sample, or every seed gave the same one."""
    law = family(0, 1, cdf=lambda x: x)
    law.dist._rvs = lambda size=None, random_state=None: draw(size)
    with pytest.raises(ValueError, match=f"`density` must draw by the generator .* draws {does}"):
        u.draw_sample(20, 0.1, rng=0, density=law)


def gap(low, high):
    """The uniform density beside a gap, and its cdf."""
    height = 1.0 / (1.0 - high + low)
    return (
        lambda x: height * ((x < low) | (x > high)),
        lambda x: height * (np.fmin(x, low) + np.fmax(x - high, 0.0)),
    )


def scalar(x):
    """A pdf that takes numbers alone."""
    return 2.0 if x < 0.25 else math.exp(0.0) * 2.0 / 3.0


PDFS = {
    "a gap": (0, 1, *gap(0.25, 0.75)),
    "a gap off the middle": (0, 1, *gap(0.1, 0.7)),
    "a gap of a hair": (0, 1, *gap(0.3, 0.3001)),
    "a power": (0, 1, lambda x: 2.5 * x**1.5, lambda x: x**2.5),
    "no mean": (1, np.inf, lambda x: 0.5 * x**-1.5, lambda x: 1.0 - x**-0.5),
    "Cauchy": (-np.inf, np.inf, lambda x: 1.0 / (np.pi * (1.0 + x * x)), stats.cauchy.cdf),
    "far away": (
        -np.inf,
        np.inf,
        lambda x: bell(x - 1e3) / np.sqrt(2 * np.pi),
        stats.norm(1e3).cdf,
    ),
    "a pole": (0, 1, lambda x: 0.1 * x**-0.9, lambda x: x**0.1),
    "numbers alone": (0, 1, scalar, lambda x: np.fmin(2.0 * x, (1.0 + 2.0 * x) / 3.0)),
    "one number for all": (0, 1, lambda x: 1.0, lambda x: x),
    "overflowing": (0, np.inf, lambda x: math.exp(-x), stats.expon.cdf),
}


@pytest.mark.parametrize(("low", "high", "pdf", "cdf"), PDFS.values(), ids=PDFS)
def test_pdfs_are_integrated_to_rounding(low, high, pdf, cdf):
    """scipy was off by 1e-5 beside gaps, by 0.9 in long tails; enclosures were as narrow as ever,
    or refusals spoke of atoms and of angles.
    """
    law = Density.of(family(low, high, pdf=pdf))
    places = stats.uniform.rvs(size=20, random_state=1)
    x = np.array([law._law.ppf(q) for q in places])
    np.testing.assert_allclose(law.cdf(x), cdf(x), atol=1e-14)
    np.testing.assert_allclose(law.sf(x), 1.0 - cdf(x), atol=1e-14)
    np.testing.assert_allclose(cdf(x), places, atol=1e-12)  # far away, by the ulp of x
    # draws are the quantiles that scipy's would be
    generators = (np.random.default_rng(3) for _ in range(2))
    shares = cdf(law.draw(50, next(generators)))
    np.testing.assert_allclose(shares, next(generators).uniform(size=50), atol=1e-12)


def decimal_bell(x):
    """Pr[X ≤ x] of a standard normal far below 0, by the continued fraction of Mills' ratio."""
    with localcontext() as context:
        context.prec = 50
        at = -Decimal(x)
        ratio = at
        for k in range(3000, 0, -1):
            ratio = at + k / ratio
        pi = Decimal("3.1415926535897932384626433832795028841971693993751")
        return Fraction((-at * at / 2).exp() / ((2 * pi).sqrt() * ratio))


def decimal_rise(x):
    """1 − exp(−x) for small x."""
    at = Fraction(x)
    return at - at**2 / 2 + at**3 / 6


FAR_OUT = {
    "a bell, 8": (-np.inf, np.inf, lambda x: bell(x) / np.sqrt(2 * np.pi), -8.2, decimal_bell),
    "a bell, 10": (-np.inf, np.inf, lambda x: bell(x) / np.sqrt(2 * np.pi), -10.0, decimal_bell),
    "a bell, 37": (-np.inf, np.inf, lambda x: bell(x) / np.sqrt(2 * np.pi), -37.0, decimal_bell),
    "a rise, 1e-20": (0, np.inf, lambda x: np.exp(-x), 1e-20, decimal_rise),
    "a rise, 1e-60": (0, np.inf, lambda x: np.exp(-x), 1e-60, decimal_rise),
    "a power": (0, 1, lambda x: 50.0 * x**49, 0.1, lambda x: Fraction(x) ** 50),
    "noise": (0, 1, lambda x: 1.0 + 1e-10 * np.sin(1e9 * x), 0.3, Fraction),
}


@pytest.mark.parametrize(("low", "high", "pdf", "x", "share"), FAR_OUT.values(), ids=FAR_OUT)
def test_enclosures_hold_what_an_integral_may_be_off_by(low, high, pdf, x, share):
    """Tails were enclosed to their last places, or as 0, and noise as if it were smooth."""
    net = u.ReluNet([1.0], [1.0], [-x])  # N ≤ 0 up to x
    found = u.clean_error(net, density=family(low, high, pdf=pdf))
    noise = Fraction(1, 10**18)  # the integral of the waves
    assert found.low - noise * (x == 0.3) <= share(x) <= found.high + noise * (x == 0.3)
    assert found.high - found.low < 1e-9 * (x == 0.3) + 1e-28


def test_a_law_by_its_pdf_is_moved_scaled_and_kept():
    pdf, cdf = gap(0.25, 0.75)
    for loc, scale in ((0.0, 1.0), (-3.0, 2.0), (1e3, 1e-3)):
        law = family(0, 1, pdf=pdf).dist(loc=loc, scale=scale)
        found = Density.of(law)
        x = loc + scale * np.array([0.1, 0.25, 0.5, 0.9])
        np.testing.assert_allclose(found.cdf(x), cdf((x - loc) / scale), atol=1e-12)
        assert found.support() == (loc, loc + scale)
        sample = u.draw_sample(20, 0.2, rng=0, density=law)
        assert sample.density == found
        assert float(u.clean_error(NET, density=found)) == float(found.cdf(0.25))


def test_negative_pdfs_and_parameters_out_of_range_are_told():
    with pytest.raises(ValueError, match=r"a pdf that is not negative, got -2 of mine at 0; check"):
        Density.of(family(0, 1, pdf=lambda x: 6.0 * x - 2.0))
    own = type("Mine", (stats.rv_continuous,), {"_pdf": lambda self, x, c: c * x ** (c - 1.0)})
    with pytest.raises(ValueError, match=r"nan of Mine\(-2\) at .*; check its parameters"):
        Density.of(own(a=0.0, b=1.0)(-2))


def broken(x):
    raise RuntimeError("no density")


@pytest.mark.parametrize(
    ("pdf", "got"),
    [
        (broken, "RuntimeError: no density of mine at"),
        (lambda x: "a", "ValueError: could not convert string to float: 'a' of mine at"),
        (lambda x: np.array([x, x]), r"shape \(2,\) of mine at"),
        (lambda x: x[:, 0], "TypeError: 'float' object is not subscriptable of mine at"),
    ],
    ids=["an error", "text", "two numbers", "a matrix"],
)
def test_pdfs_that_give_no_number_say_what_they_gave(pdf, got):
    with pytest.raises(
        ValueError, match=f"`density` must have a pdf that gives one number, got {got}"
    ):
        Density.of(family(0, 1, pdf=pdf))


def test_pdfs_may_change_their_points_in_place():
    def doubled(x):
        x *= 2.0
        return x

    assert float(Density.of(family(0, 1, pdf=doubled)).cdf(0.5)) == pytest.approx(0.25, abs=1e-15)


@pytest.mark.parametrize(
    "law",
    [
        stats.norminvgauss(1.25, 0.5),
        stats.genhyperbolic(0.5, 1.5, -0.5),
        stats.geninvgauss(2.3, 1.5),
        stats.geninvgauss(2.3, 1.5, scale=1e-11),
    ],
    ids=["norminvgauss", "genhyperbolic", "geninvgauss", "geninvgauss, narrow"],
)
def test_scipys_own_integrals_are_right_far_from_where_x_lies(law):
    """Its cdf is 0, or its sf 1, some 10^4 widths out: enclosures were ±0.5, or of another law."""
    middle = float(law.median())
    net = u.ReluNet([1.0, -1.0], [1.0, 0.0], [0.0, middle]) if middle > 0.0 else NET
    found = u.clean_error(net, density=law)
    assert found.high - found.low < 1e-14
    assert float(found) == pytest.approx(0.5 if middle > 0.0 else law.cdf(0.25), abs=1e-8)
    far = Density.of(law)
    assert [far.cdf(middle + 1e6), far.sf(middle + 1e6)] == pytest.approx([1.0, 0.0], abs=1e-14)
    draws = far.draw(500, np.random.default_rng(0))
    assert stats.kstest(draws, far.cdf).pvalue > 1e-4
    assert np.array_equal(draws, law.rvs(500, random_state=np.random.default_rng(0)))


def shares(x):
    """The cdf of 2x, from a table."""
    at = np.linspace(0.0, 1.0, 11)
    return np.interp(x, at, at**2)


UNLIKE = {
    "another power": family(0, 1, pdf=lambda x: 2.0 * x, cdf=lambda x: x**3),
    "another scale": family(
        -9, 9, pdf=lambda x: stats.norm.pdf(x, 0.5, 0.1), cdf=lambda x: stats.norm.cdf(x, 0.5, 0.2)
    ),
    "another law": family(0, np.inf, pdf=lambda x: np.exp(-x), cdf=lambda x: -np.expm1(-(x**2))),
}


@pytest.mark.parametrize("law", UNLIKE.values(), ids=UNLIKE)
def test_a_pdf_that_is_not_the_slope_of_the_cdf_is_refused(law):
    """Clean errors were those of the cdf, whatever the pdf said."""
    with pytest.raises(ValueError, match=r"a pdf that is the slope of its cdf, got .* of mine at"):
        u.clean_error(NET, density=law)


ALIKE = {
    "hardly wider than doubles": (
        family(0, 1, pdf=lambda x: 2.0 * x, cdf=lambda x: x**2).dist(loc=0.5, scale=1e-13),
        0.0,
    ),
    "a square": (family(0, 1, pdf=lambda x: 2.0 * x, cdf=lambda x: x**2), 1 / 16),
    "no constant": (family(0, 1, pdf=lambda x: x, cdf=lambda x: x**2), 1 / 16),
    "a table": (family(0, 1, pdf=lambda x: 2.0 * x, cdf=shares), 0.065),
    "steep": (family(0, 1, pdf=lambda x: 0.5 / np.sqrt(x), cdf=np.sqrt), 0.5),
    "a long tail": (family(0, np.inf, pdf=lambda x: (1 + x) ** -2, cdf=lambda x: x / (1 + x)), 0.2),
    "pieces": (
        family(
            0,
            1,
            pdf=lambda x: np.where(x < 0.5, 1.6, 0.4),
            cdf=lambda x: np.fmin(1.6 * x, 0.6 + 0.4 * x),
        ),
        0.4,
    ),
}


@pytest.mark.parametrize(("law", "share"), ALIKE.values(), ids=ALIKE)
def test_a_pdf_and_a_cdf_of_one_law_are_taken(law, share):
    assert u.clean_error(NET, density=law).value == pytest.approx(share, rel=1e-12)
