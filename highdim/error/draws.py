"""Random points and great circles, as a net sees them: pre-activations of its first layer.

A uniform point is a Gaussian vector over its length, so the coordinates that a form looks at are
drawn one by one and the squared length of the others is a χ². Exact in distribution, at a cost that
does not depend on d.
"""

from collections.abc import Iterator

import numpy as np

from highdim.error.form import Form
from univariate.common.arrays import Matrix, Vector

BLOCK = 1 << 18  # numbers in an array that is used once: what stays in a core's cache
FEWEST = 64  # rows that are drawn at a time even so: a product with fewer is bound by memory


def blocks(samples: int, size: int) -> Iterator[slice]:
    """Split samples of `size` numbers each into blocks."""
    rows = max(FEWEST, BLOCK // size)
    for start in range(0, samples, rows):
        yield slice(start, min(start + rows, samples))


def gaussians(form: Form, samples: int, rng: np.random.Generator) -> tuple[Matrix, Vector]:
    """Return standard Gaussian vectors: coordinates that matter (samples, r), squared length of the
    others. Of a flat form, the last coordinate is 1 and there are no others.
    """
    vectors = rng.standard_normal((samples, form.M.shape[1]))
    if form.flat:
        vectors[:, -1] = 1.0
    return vectors, rng.chisquare(form.spare, samples) if form.spare else np.zeros(samples)


def pre_activations(form: Form, samples: int, rng: np.random.Generator) -> Matrix:
    """Return M q + b at uniform points, (samples, n); of a flat form at Gaussian ones."""
    vectors, spare = gaussians(form, samples, rng)
    length = np.sqrt(np.sum(vectors**2, axis=1) + spare)
    return np.asarray(vectors @ form.M.T / length[:, None] + form.b)


def frames(form: Form, samples: int, rng: np.random.Generator) -> tuple[Matrix, Matrix]:
    """Return M e and M f for uniform orthonormal pairs (e, f), (samples, n) each.

    Of the coordinates that are not looked at only the Gram matrix matters, a Wishart one: its
    Cholesky factor is drawn.
    """
    r, spare = form.M.shape[1], form.spare
    first, second = rng.standard_normal((2, samples, r + 2))
    first[:, r:] = second[:, r:] = 0.0
    if spare:
        first[:, r] = np.sqrt(rng.chisquare(spare, samples))
        second[:, r] = rng.standard_normal(samples)
    if spare > 1:
        second[:, r + 1] = np.sqrt(rng.chisquare(spare - 1, samples))
    first /= np.linalg.norm(first, axis=1)[:, None]
    second -= np.sum(first * second, axis=1)[:, None] * first
    second /= np.linalg.norm(second, axis=1)[:, None]
    return first[:, :r] @ form.M.T, second[:, :r] @ form.M.T


def tangents(
    form: Form, u: Vector, samples: int, rng: np.random.Generator
) -> tuple[Matrix, Matrix]:
    """Return M e and the coordinates of e that the form looks at, for e uniform on the unit vectors
    orthogonal to u.
    """
    vectors, spare = gaussians(form, samples, rng)
    along = vectors @ u
    images = vectors @ form.M.T - np.outer(along, form.M @ u)
    vectors -= np.outer(along, u)
    length = np.sqrt(np.sum(vectors**2, axis=1) + spare)[:, None]
    return images / length, vectors / length
