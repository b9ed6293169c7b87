"""Functions and signs are known where they were asked: laws of x that reach beyond."""

import copy
import math
import pickle

import numpy as np
import pytest
from scipy import stats

import univariate as u

SAMPLE = u.draw_sample(30, 0.2, rng=0)
BEYOND = ["norm", stats.norm(3, 1), "uniform(-1, 3)", "expon(0.2)", stats.gaussian_kde([-1.0, 4.0])]
NAMES = ["norm", "norm(3, 1)", "uniform(-1, 3)", "expon(0.2)", "two kernels"]
INSIDE = ["beta(2, 5)", "uniform(0.25, 0.5)", None]


def wave(t):
    return math.cos(2.0 * t)


@pytest.mark.parametrize("law", BEYOND, ids=NAMES)
def test_a_rule_of_a_function_is_asked_under_another_law(law):
    rule = u.Rule.of_function(SAMPLE, wave, [math.pi / 4])
    for call in (u.clean_error, lambda rule, **of: u.noisy_error(rule, 0.1, **of)):
        with pytest.raises(ValueError, match=r"must hold every change of sign, got .* x .* lies"):
            call(rule, density=law)


@pytest.mark.parametrize("law", INSIDE)
def test_a_rule_of_a_function_that_is_right_is_not_refused(law):
    rule = u.Rule.of_function(SAMPLE, wave, [math.pi / 4], domain=(0.0, 1.0))
    wrong = 1.0 - float(u.Density.of(law).cdf(math.pi / 4))
    assert u.clean_error(rule, density=law).value == pytest.approx(wrong, abs=1e-15)
    line = u.Rule.of_function(SAMPLE, lambda t: t - 0.5, [0.5])
    assert u.clean_error(line, density="norm").value == pytest.approx(stats.norm.cdf(0.5))


def test_all_changes_under_another_law_may_be_declared():
    places = [k * math.pi / 4 for k in range(-9, 10, 2)]
    rule = u.Rule.of_function(SAMPLE, wave, places, domain=(-7.5, 7.5))
    cuts = stats.norm.cdf([-np.inf, *places, np.inf])
    wrong = sum(np.diff(cuts)[[wave(t) < 0 for t in [places[0] - 1, *np.add(places, 0.5)]]])
    assert u.clean_error(rule, density="norm").value == pytest.approx(wrong, abs=1e-14)


def test_a_rule_is_not_asked_off_its_domain():
    rule = u.Rule.of_function(SAMPLE, wave, [math.pi / 4], domain=(0.0, 1.0))
    with pytest.raises(ValueError, match=r"domain \[0, 1\] and x norm.*pass domain=\(-inf, inf\)"):
        u.clean_error(rule, density="norm")


def test_a_domain_that_misses_an_end_by_little_is_told_in_full():
    rule = u.Rule.of_function(SAMPLE, wave, [math.pi / 4], domain=(0.0, 1.0))
    with pytest.raises(ValueError, match=r"pass domain=\(0, 1.0000000001\)"):
        u.clean_error(rule, density="uniform(0, 1.0000000001)")
    with pytest.raises(ValueError, match=r"the domain \[0, 1\] and x\[1\] = 1.0000000001; pass"):
        u.Sample.from_arrays([0.5, 1.0000000001], [1, 1], truth=TRUTH)


class Votes(u.Rule):
    """Nearest neighbours by their distances, which are the same far off."""

    def __init__(self, sample, k):
        self.sample, self.k = sample, k

    def __call__(self, x):
        away = np.abs(np.subtract.outer(np.asarray(x), self.sample.x))
        return self.sample.y[np.argsort(away, axis=-1, kind="stable")[..., : self.k]].sum(axis=-1)

    def signs(self, low, high):
        return u.NearestNeighbours(self.sample, self.k).signs(low, high)


FAR = ["pareto(0.1)", "lognorm(30)", stats.norm(0, 1e140), "lognorm(400)", "cauchy", "norm"]


@pytest.mark.parametrize("law", FAR)
@pytest.mark.parametrize("k", [1, 3])
def test_votes_are_not_refused_where_doubles_lie_farther_apart_than_data(law, k):
    for seed in range(6):
        sample = u.draw_sample(30, 0.3, rng=seed)
        votes = Votes(sample, k)
        told = votes.signs(0.0, 1.0)
        borders = (told.lower[:, 0] + told.upper[:, 0]) / 2.0
        rule = u.Rule.of_function(sample, lambda t, f=votes: float(f([t])[0]), borders.tolist())
        right = u.clean_error(u.NearestNeighbours(sample, k), density=law)
        assert u.clean_error(votes, density=law).agrees(right)
        assert u.clean_error(rule, density=law).agrees(right)


class Threshold(u.Rule):
    """A rule that tells one border, and has another one beyond the data."""

    def __init__(self, sample):
        self.sample = sample

    def __call__(self, x):
        return np.where(np.abs(x) < 0.5, 1.0, -1.0)

    def signs(self, low, high):
        return u.Signs.enclosed([0.5], [0.5], [1, -1])


def test_a_rule_of_ones_own_is_asked_under_another_law():
    rule = Threshold(SAMPLE)
    assert u.clean_error(rule).value == 0.5
    assert u.clean_error(rule, density="beta(2, 5)").value == pytest.approx(0.109375)
    with pytest.raises(ValueError, match="`signs` of Threshold must be those of its values"):
        u.clean_error(rule, density="norm")


TRUTH = u.Truth.of_function(wave, [math.pi / 4])
NET = u.ReluNet([1.0], [1.0], [-0.5])


@pytest.mark.parametrize("law", BEYOND, ids=NAMES)
@pytest.mark.parametrize(
    "truth", [TRUTH, -TRUTH, copy.deepcopy(TRUTH), pickle.loads(pickle.dumps(TRUTH))]
)
def test_a_truth_of_a_function_holds_where_it_was_asked(truth, law):
    x = [0.25, 0.5]
    refused = pytest.raises(ValueError, match=r"`truth` must be .* the domain \[0, 1\] and x ")
    calls = (
        lambda: u.draw_sample(40, 0.0, rng=0, density=law, truth=truth),
        lambda: u.clean_error(NET, truth=truth, density=law),
        lambda: u.clean_errors([[1.0]], [[1.0]], [[-0.5]], truth=truth, density=law),
        lambda: u.noisy_error(NET, 0.1, truth=truth, density=law),
        lambda: u.Sample.from_arrays(x, [1, -1], truth=truth, density=law),
        lambda: u.nearest_neighbour_clean_error(SAMPLE, truth=truth, density=law),
        lambda: u.max_margin(SAMPLE) and u.theorem_3_1(NET, SAMPLE, truth=truth, density=law),
    )
    for call in calls:
        with refused:
            call()


def test_inputs_beyond_where_a_truth_was_asked_are_refused():
    with pytest.raises(ValueError, match=r"the domain \[0, 1\] and x\[0\] = -0.3; pass a domain"):
        u.Sample.from_arrays([-0.3, 0.5], [1, 1], truth=TRUTH)
    far = u.Sample.from_arrays([-2.0, 0.5], [1, 1])
    with pytest.raises(ValueError, match=r"and x\[0\] = -2; pass a domain"):
        far.noise(TRUTH)


def test_truths_are_taken_where_they_were_asked():
    for law in INSIDE:
        sample = u.draw_sample(40, 0.0, rng=0, density=law, truth=TRUTH)
        assert sample.noise_rate == 0.0
    everywhere = u.Truth.of_function(lambda t: t - 0.5, [0.5], domain=(-math.inf, math.inf))
    assert u.draw_sample(40, 0.0, rng=0, density="norm", truth=everywhere).noise_rate == 0.0
    wide = u.Truth.of_function(lambda t: t - 0.5, [0.5], domain=(-8.0, 8.0))
    assert u.draw_sample(40, 0.0, rng=0, density="norm", truth=wide).noise_rate == 0.0
    # ends are rounded
    narrow = u.Truth.of_function(lambda t: t - 0.2, [0.2], domain=(0.1, 0.3))
    assert u.draw_sample(40, 0.0, rng=0, density="uniform(0.1, 0.2)", truth=narrow).size == 40


def test_truths_by_their_signs_are_known_everywhere(tmp_path):
    text = u.Truth.named(TRUTH.text)
    assert (text, text.domain, TRUTH.domain) == (TRUTH, None, (0.0, 1.0))
    assert u.draw_sample(40, 0.0, rng=0, density="norm", truth=text).size == 40
    sample = u.draw_sample(9, 0.1, rng=0, truth=TRUTH)
    sample.save(tmp_path / "s.npz")
    assert u.Sample.load(tmp_path / "s.npz") == sample
