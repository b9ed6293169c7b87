"""Answers that cannot be vouched for say so, and their intervals hold the truth; splitting, which
knows of no directions, against closed forms.
"""

import numpy as np
import pytest
from scipy.special import betainc

from highdim import TwoLayerNet, clean_error
from univariate.common.result import Verdict


def cap(height, d):
    """Pr[x₁ ≥ height] on the unit sphere of dimension d."""
    return 0.5 * float(betainc((d - 1) / 2, 0.5, 1.0 - height**2))


def caps(axes, start, height):
    """N = 1 − Σ_k a σ(q_k·x − start), zero at q_k·x = height."""
    steep = 1.0 / (height - start)
    count, d = axes.shape
    W = np.vstack([np.zeros(d), steep * axes])
    b = np.append(1.0, np.full(count, -steep * start))
    return TwoLayerNet(np.append(1.0, -np.ones(count)), W, b)


def two_caps():
    """Disjoint caps whose axes are closer than directions of line sampling are apart."""
    axes = np.zeros((2, 20))
    axes[:, 0] = 1.0, 0.85
    axes[1, 1] = np.sqrt(1.0 - 0.85**2)
    return caps(axes, 0.97, 0.98), 2.0 * cap(0.98, 20)


def many_caps(count, height):
    return caps(np.eye(count, 80), 0.7072, height), count * cap(height, 80)


def orthant(d, count):
    return TwoLayerNet(np.ones(count), np.eye(count, d)), 2.0**-count


HARD = {
    "two caps": two_caps(),
    "30 caps": many_caps(30, 0.75),
    "60 caps": many_caps(60, 0.72),
    "orthant of 20": orthant(30, 20),
    "orthant of 25": orthant(40, 25),
    "orthant of 30": orthant(60, 30),
}


@pytest.mark.parametrize("name", HARD)
@pytest.mark.parametrize("seed", [0, 1])
def test_what_line_sampling_may_miss_is_not_vouched_for(name, seed):
    net, truth = HARD[name]
    found = clean_error(net, rng=seed)
    assert found.verdict is Verdict.UNDECIDED
    assert found.note
    assert found.low <= truth <= found.high
    assert "UNDECIDED" in repr(found)
    assert found.to_dict()["verdict"] == "UNDECIDED"


def test_lines_alone_say_what_they_leave_out():
    net, truth = HARD["30 caps"]
    found = clean_error(net, rng=0, method="lines", samples=64)
    assert found.verdict is Verdict.UNDECIDED
    assert "no direction leads to" in found.note
    assert found.value < truth


@pytest.mark.parametrize("name", HARD)
def test_splitting_finds_what_lines_miss(name):
    net, truth = HARD[name]
    found = clean_error(net, rng=3, method="splitting", samples=8, level=0.999)
    assert found.method == "splitting"
    assert found.low <= truth <= found.high
    assert truth / 2.0 < found.value < 2.0 * truth


def test_splitting_covers():
    """A half-space off the centre: of 40 intervals at 80 %, most hold the truth."""
    net = TwoLayerNet([1.0, -1.0], [[0.0] * 12, [1.0] + [0.0] * 11], [0.6, 0.0])
    truth = cap(0.6, 12)
    held = 0
    for seed in range(40):
        found = clean_error(net, rng=seed, method="splitting", samples=6, level=0.8)
        held += found.low <= truth <= found.high
    assert held >= 24


@pytest.mark.parametrize("seed", range(3))
def test_nearly_linear_nets_are_vouched_for(seed):
    """One cap is what lines are for: nothing is left out, and splitting agrees."""
    axes = np.zeros((1, 30))
    axes[0, 0] = 1.0
    net, truth = caps(axes, 0.5, 0.6), cap(0.6, 30)
    found = clean_error(net, rng=seed)
    assert found.verdict is Verdict.HOLDS
    assert found.note == ""
    assert found.low <= truth * (1.0 + 1e-9)
    assert truth * (1.0 - 1e-9) <= found.high


def test_where_the_score_shows_no_way_splitting_says_so():
    net = TwoLayerNet([1.0], [[0.0, 0.0, 0.0]], [1.0])  # N = 1 everywhere
    found = clean_error(net, rng=0, method="splitting", samples=2)
    assert found.value == 0.0
    assert found.high == 1.0
    assert found.verdict is Verdict.UNDECIDED
    assert found.note.endswith("a repetition came to a stop, as N is constant where it was")


@pytest.mark.parametrize("W", [[[1.0, 0.0], [-1.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]])
def test_splitting_gives_up_soon_where_there_are_no_errors(W):
    """The answer is that nothing is known, however many repetitions were to follow."""
    net = TwoLayerNet([1.0, 1.0], W, [1.0, 1.0])
    found = clean_error(net, rng=0, method="splitting", samples=3000)
    assert (found.value, found.low, found.high, found.samples) == (0.0, 0.0, 1.0, 8)
    assert found.verdict is Verdict.UNDECIDED
    assert found.note.startswith("no error in 8 samples: an upper bound only; a repetition came to")


def test_the_same_seed_gives_the_same_bits():
    net, _ = HARD["two caps"]
    assert clean_error(net, rng=5) == clean_error(net, rng=5)
    alone = clean_error(net, rng=5, method="splitting", samples=2)
    assert alone == clean_error(net, rng=5, method="splitting", samples=2)


def test_a_precision_that_rounding_forbids_is_given_up_at_once():
    """Two neurons that cancel: N is 0 to rounding wherever they are on, which no sample mends."""
    w = np.random.default_rng(0).standard_normal(40)
    net = TwoLayerNet([1.0, -1.0], [w, w * (1.0 + 2.0**-52)], [0.1, 0.1])
    found = clean_error(net, rng=0, precision=0.01)
    assert found.samples < 1000
    assert "rounding hides the sign of N on" in found.note
    assert found.low < 0.5 < found.high


@pytest.mark.parametrize(("d", "thin"), [(30, 1e-4), (100, 1e-9), (3, 1e-12)])
def test_splitting_follows_bands_that_get_thin(d, thin):
    """N = |x₁| − thin: steps must shorten as fast as the levels."""
    w = np.eye(d)[0]
    net = TwoLayerNet([1.0, 1.0, -1.0], [w, -w, 0.0 * w], [0.0, 0.0, thin])
    truth = float(betainc(0.5, 0.5 * (d - 1), thin**2))
    found = [clean_error(net, rng=seed, method="splitting", samples=8) for seed in range(10)]
    assert np.mean([one.value for one in found]) == pytest.approx(truth, rel=0.15)
    assert sum(one.low <= truth <= one.high for one in found) >= 7
