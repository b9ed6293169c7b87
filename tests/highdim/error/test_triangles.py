"""The clean error for d = 3 is enclosed: closed forms, a grid of equal areas, and plain points."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, reject, settings, strategies as st

from highdim import ThreeLayerNet, TwoLayerNet, clean_error
from highdim.error.form import normal_form
from highdim.error.guarantee import guaranteed
from highdim.error.triangles import error_on_sphere
from tests.oracles.sphere import dense_outputs
from univariate.common.result import Verdict

LATITUDES, LONGITUDES = 700, 1400


def turned(seed):
    """Return three orthonormal directions."""
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((3, 3)))[0]


def cap(height, seed):
    """N = height − w·x; errors (1 − height)/2."""
    w = turned(seed)[0]
    return TwoLayerNet([-1.0, 1.0, 1.0], [w, -w, 0.0 * w], [0.0, 0.0, height]), 0.5 - 0.5 * height


def band(height, seed):
    """N = |w·x| − height."""
    w = turned(seed)[0]
    return TwoLayerNet([1.0, 1.0, -1.0], [w, -w, 0.0 * w], [0.0, 0.0, height]), height


def wedge(angle, seed):
    """N = σ(w·x) + σ(w'·x), zero in a wedge."""
    first, second, _ = turned(seed)
    W = np.array([first, -np.cos(angle) * first + np.sin(angle) * second])
    return TwoLayerNet([1.0, 1.0], W), angle / (2.0 * np.pi)


def triangle(seed):
    """N = Σ σ(w_i·x), zero where three slanted neurons are off: its solid angle."""
    W = turned(seed) + 0.3 * np.random.default_rng(seed).standard_normal((3, 3))
    # the corners of the dual triangle
    edges = np.cross(np.roll(W, -1, axis=0), np.roll(W, -2, axis=0))
    edges *= -np.sign(np.linalg.det(W))
    edges /= np.linalg.norm(edges, axis=1)[:, None]
    angles = [
        np.arccos(np.clip(-W[i] @ W[j] / (np.linalg.norm(W[i]) * np.linalg.norm(W[j])), -1.0, 1.0))
        for i, j in ((0, 1), (1, 2), (2, 0))
    ]
    return TwoLayerNet(np.ones(3), W), (sum(angles) - np.pi) / (4.0 * np.pi)  # Girard


def deep(net):
    """Return a net of three layers that is equal to one of two layers: σ(σ(·)) = σ(·)."""
    return ThreeLayerNet(net.v, np.eye(net.width), np.zeros(net.width), net.W, net.b)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "known",
    [
        lambda seed: cap(0.0, seed),
        lambda seed: cap(0.3, seed),
        lambda seed: cap(0.9, seed),
        lambda seed: cap(1.0 - 1e-6, seed),
        lambda seed: band(0.5, seed),
        lambda seed: band(1e-3, seed),
        lambda seed: wedge(0.01, seed),
        lambda seed: wedge(2.5, seed),
        triangle,
    ],
)
def test_closed_forms_are_enclosed(known, seed):
    net, truth = known(seed)
    for same in (net, deep(net)):
        found = clean_error(same, method="triangles", precision=1e-4, samples=60_000)
        assert found.low - 1e-13 <= truth <= found.high + 1e-13
        assert found.low <= found.value <= found.high
        assert found.method == "triangles"
        assert found.level == 1.0
        assert found.verdict is Verdict.HOLDS
        assert found.high - found.low <= 6e-4  # by the number of triangles


def test_precision_is_reached_or_its_lack_is_said():
    net, truth = cap(0.6, 0)
    for precision in (1e-2, 1e-4, 1e-7):
        found = clean_error(net, method="triangles", precision=precision)
        assert found.high - found.low <= precision * (found.high + found.low)
        assert abs(found.value - truth) <= precision * truth
        assert not found.note
    assert clean_error(net, rng=0).method == "triangles"
    few = clean_error(net, method="triangles", samples=100)
    assert few.low < truth < few.high
    assert "not reached" in few.note


def on_grid(net):
    """Return the share of a grid of equal areas on which N ≤ 0."""
    z = (np.arange(LATITUDES) + 0.5) * 2.0 / LATITUDES - 1.0
    angles = (np.arange(LONGITUDES) + 0.5) * 2.0 * np.pi / LONGITUDES
    radius = np.sqrt(1.0 - z**2)
    wrong = 0
    for height, r in zip(z, radius, strict=True):
        X = np.column_stack([r * np.cos(angles), r * np.sin(angles), np.full(LONGITUDES, height)])
        wrong += int(np.sum(dense_outputs(dict(net.parameters), X) <= 0.0))
    return wrong / (LATITUDES * LONGITUDES)


@pytest.mark.parametrize("seed", range(6))
def test_random_nets_against_a_grid(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 14))
    if seed % 2:
        net = TwoLayerNet(
            rng.standard_normal(n), rng.standard_normal((n, 3)), 0.4 * rng.standard_normal(n)
        )
    else:
        net = ThreeLayerNet(
            rng.standard_normal(5),
            rng.standard_normal((5, n)),
            0.3 * rng.standard_normal(5),
            rng.standard_normal((n, 3)),
            0.3 * rng.standard_normal(n),
        )
    found = clean_error(net, method="triangles", precision=1e-5)
    assert found.low <= found.value <= found.high
    # the grid errs along the curves N = 0
    assert found.value == pytest.approx(on_grid(net), abs=5e-4)


NUMBERS = st.sampled_from([0.0, 1.0, -1.0, 0.5, 1.0 + 2.0**-52, -1e-9, 3.0, 1e-300, -1e200])


@settings(max_examples=60, deadline=None)
@given(data=st.data(), width=st.integers(1, 5))
def test_hostile_nets_are_enclosed(data, width):
    def draw(count):
        return np.array(data.draw(st.lists(NUMBERS, min_size=count, max_size=count)))

    W, b, v = draw(3 * width).reshape(width, 3), draw(width), draw(width)
    net = TwoLayerNet(v, W, b)
    try:
        form = normal_form(net)
    except ValueError:  # neurons of 1e-300 and of 1e200 in one net
        reject()
    found = error_on_sphere(form, 1e-3, 20_000)
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0
    points = clean_error(net, method="points", samples=4000, rng=0, level=1.0 - 1e-9)
    assert found.low <= points.high
    assert points.low <= found.high


def test_everywhere_and_nowhere_are_exact():
    nowhere = clean_error(TwoLayerNet([1.0], np.zeros((1, 3)), [1.0]), rng=0)
    assert (nowhere.low, nowhere.high, nowhere.log10_high) == (0.0, 0.0, -np.inf)
    everywhere = clean_error(TwoLayerNet([-1.0], np.ones((1, 3)), [0.0]), rng=0)
    assert (everywhere.low, everywhere.high) == (1.0, 1.0)


def test_rare_errors_are_sampled_within_the_enclosure():
    net, truth = wedge(1e-7, 1)
    found = clean_error(net, rng=0)
    assert found.method == "lines"
    assert found.low <= truth <= found.high
    assert found.high < 1e-5


def test_only_in_three_dimensions():
    with pytest.raises(ValueError, match="unless d = 3, got d = 4"):
        clean_error(TwoLayerNet([1.0], np.ones((1, 4))), method="triangles")


def test_verdicts_may_rest_on_triangles():
    found = clean_error(cap(0.9, 0)[0], rng=0)
    assert guaranteed(cap(0.9, 0)[0], found, np.random.default_rng(0)) is found


def test_rounding_of_wide_nets_is_allowed_for():
    """Constants that cancel up to 2.9e-15, N > 0 everywhere: the order of a sum decides signs."""
    n = 512
    small = 2.0**-53 * 0.999
    against = 1.0 + np.floor(0.45 * n * small * 2**52) / 2**52
    v = np.concatenate([np.ones(2), np.full(n, small), -np.full(2, against)])
    net = TwoLayerNet(v, np.zeros((len(v), 3)), np.full(len(v), 0.5))
    assert sum(map(Fraction, v.tolist())) > 0
    assert clean_error(net, method="triangles", samples=64).low == 0.0
