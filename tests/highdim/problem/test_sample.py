"""Samples on the sphere: distributions, common random numbers, near orthogonality, files, and the
door.
"""

from itertools import pairwise

import numpy as np
import pytest

from highdim import (
    GRAM_NORM,
    Check,
    Property,
    SphereSample,
    draw_sphere_sample,
    half_space,
)

DISTRIBUTIONS = ("sphere", "gaussian", "ball")


@pytest.mark.core
@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_one_seed_gives_one_sample_whatever_the_noise(distribution):
    """Common random numbers: inputs agree, and a larger p only turns more labels."""
    noises = (0.0, 0.1, 0.25, 0.5, 1.0)
    samples = [draw_sphere_sample(40, 3, p, rng=7, distribution=distribution) for p in noises]
    for lower, higher in pairwise(samples):
        np.testing.assert_array_equal(lower.X, higher.X)
        assert np.all(higher.y <= lower.y)
    assert np.all(samples[0].y == 1.0)
    assert np.all(samples[-1].y == -1.0)


def test_labels_do_not_depend_on_dimension_or_distribution():
    labels = [
        draw_sphere_sample(50, d, 0.3, rng=3, distribution=distribution).y
        for d in (2, 9)
        for distribution in DISTRIBUTIONS
    ]
    assert all(np.array_equal(labels[0], other) for other in labels)


def test_one_generator_goes_on_and_an_equal_seed_repeats():
    generator = np.random.default_rng(5)
    first, second = (draw_sphere_sample(6, 3, 0.2, rng=generator) for _ in range(2))
    assert not np.array_equal(first.X, second.X)
    np.testing.assert_array_equal(first.X, draw_sphere_sample(6, 3, 0.2, rng=5).X)


@pytest.mark.parametrize("d", [2, 5, 50])
def test_squared_norms(d):
    squares = {
        name: np.sum(draw_sphere_sample(20_000, d, 0.1, rng=1, distribution=name).X ** 2, axis=1)
        for name in DISTRIBUTIONS
    }
    np.testing.assert_allclose(squares["sphere"], 1.0, rtol=0.0, atol=1e-14)
    assert squares["gaussian"].mean() == pytest.approx(1.0, abs=6 * np.sqrt(2.0 / d / 20_000))
    assert np.all(squares["ball"] <= 1.0)
    uniform = squares["ball"] ** (d / 2)  # ‖x‖^d is uniform
    assert uniform.mean() == pytest.approx(0.5, abs=6 / np.sqrt(12 * 20_000))
    assert uniform.var() == pytest.approx(1 / 12, rel=0.1)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_directions_are_isotropic(distribution):
    X = draw_sphere_sample(40_000, 4, 0.1, rng=2, distribution=distribution).X
    X = X / np.linalg.norm(X, axis=1, keepdims=True)
    np.testing.assert_allclose(X.mean(axis=0), 0.0, atol=6 / np.sqrt(4 * 40_000))
    np.testing.assert_allclose(X.T @ X / len(X), np.eye(4) / 4, atol=0.01)


@pytest.mark.core
def test_attributes():
    sample = SphereSample.from_arrays([[1, 0], [0, 1], [0, 1]], [1, -1, -1])
    assert (sample.size, sample.dimension, sample.p) == (3, 2, None)
    assert sample.noise_rate == pytest.approx(2 / 3)
    np.testing.assert_array_equal(sample.gram, [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    assert sample.X.dtype == np.float64


def test_properties_of_lemma_b_1():
    m, d, p, delta = 60, 4000, 0.2, 0.05
    sample = draw_sphere_sample(m, d, p, rng=0)
    found = sample.near_orthogonality(delta)
    off = np.abs(sample.X @ sample.X.T - np.eye(m))
    assert found.inner_products.value == pytest.approx(off.max(), rel=1e-10)
    assert found.inner_products.threshold == pytest.approx(
        np.sqrt(2 * np.log(3 * m**2 / delta) / d), rel=1e-14
    )
    assert found.gram_norm.value == pytest.approx(
        np.linalg.svd(sample.X, compute_uv=False)[0] ** 2, rel=1e-12
    )
    assert found.gram_norm.threshold == GRAM_NORM
    assert found.gram_norm.value == pytest.approx(found.typical_gram_norm, rel=0.05)
    assert (found.negatives.value, found.negatives.threshold) == (np.sum(sample.y < 0), 1.5 * p * m)
    assert found.norms.value < 1e-14
    assert found.holds
    assert found.to_dict()["inner_products"]["verdict"] == "HOLDS"
    assert found.inner_products.holds
    assert [one.name for one in (found.inner_products, found.gram_norm)] == [
        "inner products",
        "norm of the Gram matrix",
    ]
    assert Property is Check is type(found.norms)


def test_too_many_points_are_not_nearly_orthogonal():
    found = draw_sphere_sample(200, 20, 0.1, rng=0).near_orthogonality(0.05)
    assert not found.gram_norm.holds
    assert not found.holds


def test_inputs_off_the_sphere_are_noticed():
    found = SphereSample.from_arrays([[2.0, 0.0], [0.0, 1.0]], [1, 1], p=0.5).near_orthogonality(
        0.1
    )
    assert found.norms.value == 3.0
    assert not found.norms.holds


@pytest.mark.parametrize("distribution", ["gaussian", "ball"])
def test_properties_hold_with_the_probability_promised(distribution):
    """Norms and inner products each fail with probability at most δ/4; 200 samples, δ = 0.2, six
    deviations.
    """
    failures = 0
    for seed in range(200):
        found = draw_sphere_sample(
            20, 30, 0.2, rng=seed, distribution=distribution
        ).near_orthogonality(0.2)
        failures += not (found.norms.holds and found.inner_products.holds)
    assert failures <= 200 * 0.1 + 6 * np.sqrt(200 * 0.1 * 0.9)


def test_the_noise_level_must_be_known_for_property_3():
    sample = SphereSample.from_arrays([[1.0, 0.0]], [1.0])
    with pytest.raises(ValueError, match="`p` must be given"):
        sample.near_orthogonality(0.1)
    assert sample.near_orthogonality(0.1, p=0.3).negatives.threshold == pytest.approx(0.45)


@pytest.mark.parametrize("known", [True, False])
def test_files(tmp_path, known):
    drawn = draw_sphere_sample(5, 3, 0.3, rng=0, distribution="ball")
    sample = drawn if known else SphereSample.from_arrays(drawn.X, drawn.y)
    sample.save(tmp_path / "sample.npz")
    found = SphereSample.load(tmp_path / "sample.npz")
    assert np.array_equal(found.X, sample.X)
    assert np.array_equal(found.y, sample.y)
    assert (found.p, found.distribution) == (sample.p, sample.distribution)
    np.savez(tmp_path / "damaged.npz", schema=np.array("highdim.SphereSample/1"), X=sample.X)
    with pytest.raises(ValueError, match="lacks x or y; it may be damaged"):
        SphereSample.load(tmp_path / "damaged.npz")


@pytest.mark.core
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: draw_sphere_sample(0, 2, 0.1, rng=0), "`m` must be an integer >= 1"),
        (lambda: draw_sphere_sample(5, 1, 0.1, rng=0), "`d` must be an integer >= 2"),
        (lambda: draw_sphere_sample(5, 2, 1.5, rng=0), r"`p` must lie in \[0, 1\]"),
        (lambda: draw_sphere_sample(5, 2, 0.1, rng="a"), "`rng` must be an int seed"),
        (
            lambda: draw_sphere_sample(5, 2, 0.1, rng=0, distribution="cube"),
            "`distribution` must be one of sphere",
        ),
        (lambda: SphereSample([[1.0, 0.0]], [0.0]), r"`y` must hold labels \+1 and -1 only"),
        (lambda: SphereSample([[1.0, 0.0]], [1.0, 1.0]), r"`X` must have shape \(2, any\)"),
        (lambda: SphereSample([[1.0, np.inf]], [1.0]), "`X` must be finite"),
        (lambda: SphereSample([[1.0, 1e200]], [1.0]), r"`X` must have coordinates up to 2\*\*500"),
        (
            lambda: SphereSample([[1.0, 0.0], [1.0, -0.0]], [1, -1]),
            "row 0 = row 1 with labels of both signs",
        ),
        (
            lambda: draw_sphere_sample(5, 2, 0.1, rng=0).near_orthogonality(0.0),
            r"`delta` must lie in \(0, 1\)",
        ),
    ],
)
def test_the_door(call, message):
    with pytest.raises((ValueError, TypeError), match=message):
        call()


def test_property_3_counts_labels_that_differ_from_the_truth():
    truth = half_space(np.eye(30)[0])
    sample = draw_sphere_sample(40, 30, 0.1, rng=2, truth=truth)
    found = sample.near_orthogonality(0.1).negatives
    wrong = np.sum(sample.y != np.sign(truth(sample.X)))
    assert found.value == wrong == round(sample.noise_rate * 40)
    assert found.value < np.sum(sample.y < 0.0)
    assert found.threshold == pytest.approx(6.0)
