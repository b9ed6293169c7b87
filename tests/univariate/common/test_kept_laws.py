"""Laws stay as they were when they were taken; kernel estimates of someone's own are refused."""

from threading import Lock

import numpy as np
import pytest
from scipy import stats

import highdim as h
import univariate as u

NET = u.ReluNet([1.0], [1.0], [-0.5])  # errs on x ≤ ½
DATA = np.random.default_rng(0).beta(1.0, 3.0, 200)


class Power(stats.rv_continuous):
    """Pr[X ≤ x] = x^e on [0, 1], e an attribute."""

    def _cdf(self, x):
        return x**self.e


class Plain:
    """The same with the methods that are asked of an object, by the first number of an array."""

    def __init__(self, e):
        self.e = np.array([e])

    def cdf(self, x):
        return np.clip(x, 0.0, 1.0) ** self.e[0]

    def sf(self, x):
        return 1.0 - self.cdf(x)

    def ppf(self, q):
        return np.asarray(q) ** (1.0 / self.e[0])

    def support(self):
        return 0.0, 1.0

    def rvs(self, size=None, random_state=None):
        return self.ppf(random_state.random(size))


def error(law):
    return u.clean_error(NET, density=law).value


def test_a_sweep_over_an_attribute_of_a_law():
    law = Power(a=0, b=1)
    samples = []
    for e in (1.0, 2.0, 3.0):
        law.e = e
        samples.append(u.draw_sample(40, 0.2, rng=0, density=law))
    for e, sample in zip((1.0, 2.0, 3.0), samples, strict=True):
        assert error(sample.density) == pytest.approx(0.5**e, rel=1e-12)
        law.e = e
        assert u.Density.of(law) == sample.density
        assert np.array_equal(u.draw_sample(40, 0.2, rng=0, density=law).x, sample.x)


def changed_frozen():
    law = stats.beta(1, 2)
    return law, lambda: setattr(law, "args", (2, 1))


def changed_keywords():
    law = stats.beta(a=1, b=2)
    return law, lambda: law.kwds.update(a=5)


def changed_array():
    law = Plain(2.0)
    return law, lambda: law.e.fill(7.0)


class Listed(Plain):
    """The same with the number in a list, and in a dictionary."""

    def __init__(self, e):
        self.e = [e]
        self.shape = {"e": self.e}


def changed_list():
    law = Listed(2.0)
    return law, lambda: law.shape["e"].__setitem__(0, 7.0)


def changed_beside_a_lock():
    law = Plain(2.0)
    law.parts = {"lock": Lock()}
    return law, lambda: setattr(law, "e", [7.0])


def changed_kernels():
    data = DATA.copy()
    law = stats.gaussian_kde(data)
    return law, lambda: (law.set_bandwidth(2.0), data.fill(0.5), law.dataset.fill(0.5))


CHANGES = [
    *(changed_frozen, changed_keywords, changed_array, changed_list),
    *(changed_beside_a_lock, changed_kernels),
]


@pytest.mark.parametrize("make", CHANGES)
def test_a_law_is_what_it_was_when_it_was_taken(make):
    given, change = make()
    law = u.Density.of(given)
    before = error(law), u.draw_sample(20, 0.2, rng=0, density=law)
    change()
    assert error(law) == before[0]
    assert u.draw_sample(20, 0.2, rng=0, density=law) == before[1]
    assert u.Density.of(given) != law
    assert error(given) != before[0]


@pytest.mark.parametrize("law", [stats.Normal(mu=1.0), stats.Mixture([stats.Normal(mu=3.0)])])
def test_newer_objects_are_themselves(law):
    assert error(law) == pytest.approx(float(law.cdf(0.5)), rel=1e-12)


class Unlike(Plain):
    """What cannot be copied is taken as it is."""

    def __copy__(self):
        raise RuntimeError


def test_a_law_that_cannot_be_copied_is_taken():
    assert error(Unlike(2.0)) == pytest.approx(0.25, rel=1e-12)


class Reflected(stats.gaussian_kde):
    """Kernels reflected at 0."""

    def evaluate(self, points):
        plain = stats.gaussian_kde.evaluate
        points = np.ravel(points)
        return np.where(points >= 0.0, plain(self, points) + plain(self, -points), 0.0)

    pdf = evaluate


class Drawn(stats.gaussian_kde):
    """Draws reflected at 0."""

    def resample(self, size=None, seed=None):
        return np.abs(stats.gaussian_kde.resample(self, size, seed))


class Narrow(stats.gaussian_kde):
    """A bandwidth of one's own, as scipy's guide says."""

    def covariance_factor(self):
        return 0.05


@pytest.mark.parametrize(("kind", "own"), [(Reflected, "evaluate, pdf"), (Drawn, "resample")])
def test_kernel_estimates_with_methods_of_ones_own_are_refused(kind, own):
    """Clean errors were those of the plain kernels, and draws were not."""
    for call in (error, lambda law: u.draw_sample(9, 0.1, rng=0, density=law)):
        with pytest.raises(TypeError, match=f"got {kind.__name__} with {own} of its own; pass"):
            call(kind(DATA))


def test_what_the_message_says_is_taken():
    kernels = Reflected(DATA)

    class Mine(stats.rv_continuous):
        def _pdf(self, x):
            return kernels.evaluate(x).reshape(np.shape(x))

    law = Mine(a=0.0, b=np.inf)
    plain = stats.gaussian_kde(DATA)
    share = plain.integrate_box_1d(0.0, 0.5) + plain.integrate_box_1d(-0.5, 0.0)
    assert error(law) == pytest.approx(share, rel=1e-9)


def test_bandwidths_of_ones_own_are_taken():
    law = Narrow(DATA)
    assert error(law) == pytest.approx(law.integrate_box_1d(-np.inf, 0.5), rel=1e-12)


def changed_discrete():
    law = stats.randint(0, 2)
    return law, lambda: setattr(law, "args", (0, 9))


@pytest.mark.parametrize("make", [*CHANGES, changed_discrete])
def test_laws_of_coordinates_are_what_they_were(make):
    given, change = make()
    law = h.Product([given, stats.norm()])
    before = law.draw(20, 2, 0)
    change()
    assert np.array_equal(law.draw(20, 2, 0), before)
    assert not np.array_equal(h.Product([given, stats.norm()]).draw(20, 2, 0), before)


@pytest.mark.parametrize(
    "law", [stats.Normal(mu=3.0), stats.rv_discrete(values=([0, 2], [0.5, 0.5])), stats.poisson(3)]
)
def test_laws_of_coordinates_draw_as_before(law):
    drawn = h.Product(law).draw(200, 3, 0)
    assert drawn.shape == (200, 3)
    assert abs(drawn.mean() - float(law.mean())) < 0.5
