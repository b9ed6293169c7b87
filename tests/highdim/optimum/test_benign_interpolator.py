"""Lemma B.3's net: neuron by neuron, its norm in closed form, and what the lemma gets right and
wrong.
"""

from math import log, sqrt

import numpy as np
import pytest
from oracles import sphere

from highdim import SphereSample, draw_sphere_sample
from highdim.optimum.benign_interpolator import benign_interpolator
from univariate.common.result import Verdict

ROUNDING = 1e-12


def with_negatives(minus, m=8, d=30_000, seed=0):
    """A sample as the lemma asks for, with exactly so many labels −1."""
    assert d >= 50 * m**2 * log(3 * m**2 / 0.05)
    X = draw_sphere_sample(m, d, 0.2, rng=seed).X
    return SphereSample(X, np.where(np.arange(m) < minus, -1.0, 1.0), 0.2)


def weights_of_the_paper(X, y, n):
    """The weights as the proof writes them, for even n."""
    negative = X[y < 0.0]
    k = len(negative)
    total = sum(negative[1:], start=negative[0])
    inner = sqrt(4.0 / (n * sqrt(k)))
    first, second = -inner * total, inner * total
    half = n // 2
    return {
        "v": np.array([2.0 * sqrt(sqrt(k) / n)] * half + [-2.0 * sqrt(sqrt(k) / n)] * half),
        "W": np.array([first] * half + [second] * half),
        "b": np.array([inner] * half + [0.0] * half),
    }


@pytest.mark.core
@pytest.mark.parametrize("width", [2, 3, 6, 7])
def test_weights_and_margins(width):
    sample = draw_sphere_sample(8, 40, 0.4, rng=3)
    found = benign_interpolator(sample, width)
    even = width - width % 2
    paper = weights_of_the_paper(sample.X, sample.y, even)
    np.testing.assert_allclose(found.net.v[:even], paper["v"], rtol=ROUNDING)
    np.testing.assert_allclose(found.net.W[:even], paper["W"], rtol=ROUNDING)
    np.testing.assert_allclose(found.net.b[:even], paper["b"], rtol=ROUNDING)
    assert found.net.width == width
    for array in (found.net.v, found.net.W, found.net.b):
        assert not np.any(array[even:])
    np.testing.assert_allclose(
        found.margins, sample.y * sphere.outputs(paper, sample.X), rtol=1e-10, atol=1e-12
    )
    assert found.smallest_margin == found.margins.min()


@pytest.mark.core
@pytest.mark.parametrize("minus", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_claims_under_the_hypotheses(minus, seed):
    sample = with_negatives(minus, seed=seed)
    found = benign_interpolator(sample)
    square = float(np.sum(np.sum(sample.X[:minus], axis=0) ** 2))
    norm = 4.0 * square / sqrt(minus) + 4.0 * sqrt(minus) + 2.0 / sqrt(minus)
    assert found.norm_squared == pytest.approx(norm, rel=ROUNDING)
    assert found.exact_norm_squared == pytest.approx(norm, rel=ROUNDING)
    assert (found.printed_bound, found.corrected_bound) == pytest.approx(
        (9.0 * sqrt(minus), 10.0 * sqrt(minus))
    )
    for claim in (
        "d ≥",
        "p ≤",
        "|x_i·x_j|",
        "|I₋|",
        "y_i N(x_i) ≥ 1",
        "y_i N(x_i) ≥ 8/5",
        "‖θ‖² ≤ 10",
        "scaled",
    ):
        assert found.named(claim).verdict is Verdict.HOLDS, claim
    assert found.named("‖θ‖² ≤ 9").holds == (norm <= 9.0 * sqrt(minus))


def test_printed_bound_fails_with_one_negative_label():
    """‖θ‖² = 4 + 4 + 2 = 10 > 9, and 10 is met."""
    found = benign_interpolator(with_negatives(1))
    assert found.norm_squared == pytest.approx(10.0, rel=ROUNDING)
    assert found.named("‖θ‖² ≤ 9").verdict is Verdict.FAILS
    assert found.named("‖θ‖² ≤ 10").verdict is Verdict.HOLDS
    assert found.named("scaled").value == pytest.approx(10.0 / found.smallest_margin, rel=ROUNDING)


def test_printed_bound_with_two_negative_labels_depends_on_their_angle():
    verdicts = {}
    for seed in range(6):
        sample = with_negatives(2, seed=seed)
        verdicts.setdefault(sample.X[0] @ sample.X[1] > 0.0, set()).add(
            benign_interpolator(sample).named("‖θ‖² ≤ 9").verdict
        )
    assert verdicts == {True: {Verdict.FAILS}, False: {Verdict.HOLDS}}


@pytest.mark.parametrize("width", [2, 5, 40])
def test_scaled_net(width):
    sample = draw_sphere_sample(10, 400, 0.3, rng=0)
    found = benign_interpolator(sample, width)
    margins = sample.y * found.scaled_net(sample.X)
    assert margins.min() == pytest.approx(1.0, rel=ROUNDING)
    assert found.scaled_norm_squared == pytest.approx(
        found.norm_squared / found.smallest_margin, rel=ROUNDING
    )
    assert found.scaled_norm_squared == found.scaled_net.norm_squared
    assert found.norm_squared == pytest.approx(
        benign_interpolator(sample).norm_squared, rel=ROUNDING
    )


def test_far_from_orthogonal_data():
    """Equal halves of one great circle: hypotheses fail, and so does the net."""
    angles = np.linspace(0.0, 3.0, 8)
    sample = SphereSample(
        np.column_stack((np.cos(angles), np.sin(angles))), np.tile([1.0, -1.0], 4)
    )
    found = benign_interpolator(sample)
    assert found.smallest_margin <= 0.0
    assert found.scaled_net is None
    assert found.scaled_norm_squared is None
    for claim in ("d ≥", "p ≤", "y_i N(x_i) ≥ 1"):
        assert found.named(claim).verdict is Verdict.FAILS
    assert found.named("p ≤").reason == "p unknown, share of labels −1"
    with pytest.raises(KeyError, match="no check begins with 'scaled'"):
        found.named("scaled")


def test_all_labels_negative():
    sample = draw_sphere_sample(4, 300, 1.0, rng=0)
    found = benign_interpolator(sample)
    assert found.smallest_margin > 1.0
    assert found.named("|I₋| ≤").verdict is Verdict.FAILS


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: benign_interpolator(s.X), "`sample` must be a SphereSample"),
        (lambda s: benign_interpolator(s, 1), "`width` must be an integer >= 2"),
        (lambda s: benign_interpolator(s, delta=0.0), "`delta` must lie in"),
        (
            lambda s: benign_interpolator(SphereSample(s.X, np.ones(5))),
            r"use orthogonal_limit\(5, 0\)",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call(draw_sphere_sample(5, 20, 0.5, rng=0))
