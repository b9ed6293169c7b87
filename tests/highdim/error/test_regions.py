"""Regions of errors and the observations that own them: arcs, closed forms, brute force."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy.special import betainc

from highdim import (
    Gaussian,
    SphereSample,
    ThreeLayerNet,
    TwoLayerNet,
    clean_error,
    draw_sphere_sample,
    half_space,
)

HEIGHTS = np.array([0.75, 0.8, 0.85])


def three_caps(d=12):
    """N = 1 − Σ σ(x_k − t_k + a)/a: holes around three axes."""
    W = np.vstack([np.zeros(d), np.eye(3, d)])
    a = 0.02
    net = TwoLayerNet([1.0, *[-1.0 / a] * 3], W, [1.0, *(a - HEIGHTS)])
    return net, 0.5 * betainc((d - 1) / 2.0, 0.5, 1.0 - HEIGHTS**2)


def test_masses_of_caps():
    net, truth = three_caps()
    covered = np.zeros(3)
    for seed in range(20):
        found = clean_error(net, rng=seed, regions=True).regions
        assert np.argmax(found.directions, axis=1).tolist() == [0, 1, 2]
        assert found.directions == pytest.approx(np.eye(3, 12), abs=1e-9)
        covered += (found.masses_low <= truth) & (truth <= found.masses_high)
        assert found.elsewhere == 0.0
        assert found.owners is None
    assert np.all(covered >= 16)  # of 20 at level 95 %: 4 missed at 3 in 10^3


def test_owners_of_rare_errors():
    net, truth = three_caps()
    axes = np.vstack([np.eye(3, 12), -np.ones(12) / np.sqrt(12)])
    sample = SphereSample(axes, [-1, -1, 1, 1])
    found = clean_error(net, rng=1, sample=sample).regions
    assert found.owners[:3] == pytest.approx(found.masses)
    assert found.owners[3] == 0.0
    assert found.negative_share == pytest.approx(truth[:2].sum() / truth.sum(), abs=0.05)


@pytest.mark.parametrize("deep", [False, True])
def test_owners_of_frequent_errors_by_brute_force(deep):
    rng = np.random.default_rng(5)
    sample = draw_sphere_sample(9, 4, 0.3, rng=2)
    W, b, v = rng.standard_normal((8, 4)), 0.3 * rng.standard_normal(8), rng.standard_normal(8)
    net = ThreeLayerNet(v, np.eye(8), np.zeros(8), W, b) if deep else TwoLayerNet(v, W, b)
    found = clean_error(net, rng=0, sample=sample).regions
    X = rng.standard_normal((200_000, 4))
    X /= np.linalg.norm(X, axis=1)[:, None]
    wrong = net(X) <= 0.0
    owner = np.argmax(X @ sample.X.T, axis=1)[wrong]
    counts = np.bincount(owner, minlength=9) / len(X)
    assert found.owners == pytest.approx(counts, abs=0.02)
    assert found.masses.sum() + found.elsewhere == pytest.approx(wrong.mean(), abs=0.02)
    assert found.negative_share == pytest.approx(
        counts[sample.y < 0.0].sum() / counts.sum(), abs=0.05
    )


@pytest.mark.parametrize("seed", range(8))
def test_arcs_are_exact(seed):
    rng = np.random.default_rng(seed)
    sample = draw_sphere_sample(int(rng.integers(1, 7)), 2, 0.4, rng=seed)
    net = TwoLayerNet(
        rng.standard_normal(6), rng.standard_normal((6, 2)), 0.5 * rng.standard_normal(6)
    )
    error = clean_error(net, sample=sample)
    found = error.regions
    if error.high == 0.0:
        assert found is None
        return
    assert found.samples == 0
    assert found.masses.sum() == pytest.approx(error.value, abs=1e-12)
    assert found.owners.sum() == pytest.approx(error.value, abs=1e-12)
    angles = (np.arange(400_000) + 0.5) * 2.0 * np.pi / 400_000
    X = np.column_stack([np.cos(angles), np.sin(angles)])
    wrong = net(X) <= 0.0
    owner = np.argmax(X[wrong] @ sample.X.T, axis=1)
    counts = np.bincount(owner, minlength=sample.size) / len(X)
    assert found.owners == pytest.approx(counts, abs=1e-4)
    # every region is an arc: its middle is wrong, and so many arcs begin on the grid
    begins = int(np.sum(wrong & ~np.roll(wrong, 1)))
    assert len(found.masses) == max(begins, int(wrong.all()))
    assert all(net(row[None])[0] <= 1e-12 for row in found.directions)


def test_regions_on_which_nothing_falls():
    """A wedge in which N = 0, and nothing else."""
    net = TwoLayerNet([1.0, 1.0], np.eye(2, 5))
    found = clean_error(net, rng=0, regions=True).regions
    assert found.directions.shape == (1, 5)
    assert found.masses_low[0] <= 0.25 <= found.masses_high[0]
    assert found.directions[0, :2] == pytest.approx(-np.sqrt([0.5, 0.5]), abs=0.1)


def test_no_errors_have_no_regions():
    assert (
        clean_error(TwoLayerNet([1.0], np.zeros((1, 4)), [1.0]), rng=0, regions=True).regions
        is None
    )
    for d in (2, 3):  # without a seed
        net = TwoLayerNet([1.0], np.zeros((1, d)), [1.0])
        method = "arcs" if d == 2 else "triangles"
        assert clean_error(net, method=method, regions=True).regions is None


def test_the_sample_must_fit():
    net = TwoLayerNet([1.0], np.ones((1, 4)))
    with pytest.raises(ValueError, match="`sample` must have the dimension of the net, 4, got 3"):
        clean_error(net, rng=0, sample=draw_sphere_sample(3, 3, 0.1, rng=0))
    with pytest.raises(TypeError, match="`sample` must be a SphereSample"):
        clean_error(net, rng=0, sample=np.eye(4))
    # what is wrong is the sample, not the truth or the law that it knows
    for known in ({"truth": half_space([1.0, 0.0, 0.0])}, {"law": Gaussian([1.0, 2.0, 3.0])}):
        with pytest.raises(ValueError, match="`sample` must have the dimension of the net"):
            clean_error(net, rng=0, sample=draw_sphere_sample(3, 3, 0.1, rng=0, **known))
    # what is asked for besides changes no number
    alone = clean_error(net, rng=0)
    assert clean_error(net, rng=0, regions=True).low == alone.low


@pytest.mark.parametrize("gap", [1e-6, 1e-10, 1e-13])
def test_arcs_with_flat_ends_are_enclosed(gap):
    """N = c − σ(w·x), c a little less than ‖w‖: an arc of a half angle of arccos(c/‖w‖)."""
    w = np.array([0.6, 0.8])
    c = float(np.hypot(*w) * (1.0 - gap))
    found = clean_error(TwoLayerNet([1.0, -1.0], [[0.0, 0.0], w], [c, 0.0]), regions=True).regions
    with localcontext() as context:
        context.prec = 60
        exact = [Decimal(float(entry)) for entry in (*w, c)]
        ratio = exact[2] / (exact[0] ** 2 + exact[1] ** 2).sqrt()
        rest = 1 - ratio  # arccos(1 − r) = √(2 r) (1 + r/12 + 3 r²/160 + …)
        truth = float((2 * rest).sqrt() * (1 + rest / 12 + 3 * rest**2 / 160)) / np.pi
    assert found.masses_low[0] <= truth <= found.masses_high[0]


def test_of_equal_data_the_first_owns():
    sample = SphereSample([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]], [1, 1, -1])
    found = clean_error(TwoLayerNet([-1.0], [[1.0, 0.0]], [2.0]), sample=sample).regions
    assert found.owners == pytest.approx([0.5, 0.0, 0.5])
