"""Unit vectors of large gain by ascent from many starts: cheap, and no proof."""

from typing import Final

import numpy as np

from highdim.optimum.scaled import Scaled
from univariate.common.arrays import Matrix, Vector

_STEPS: Final = 20
_SHARES: Final = (1.0, 0.5, 0.25, 0.1, 0.03, 0.01)
_OFF: Final = 1e-3  # starts are this far from the corners that they are drawn from


def starts(data: Scaled, count: int, rng: np.random.Generator) -> Matrix:
    """Return unit vectors: drawn at random, and near corners of cells, (count or 3 count, k)."""
    m, k = data.f.shape
    drawn = rng.standard_normal((count, k))
    if m >= k - 1:
        chosen = rng.permuted(np.tile(np.arange(m), (count, 1)), axis=1)[:, : k - 1]
        corners = np.linalg.svd(data.f[chosen])[2][:, -1]
        near = np.concatenate((corners, -corners))
        drawn = np.concatenate((drawn, near + _OFF * rng.standard_normal(near.shape)))
    return _units(drawn, drawn)


def climbed(data: Scaled, charges: Vector, directions: Matrix) -> tuple[Matrix, Vector]:
    """Return unit vectors (n, k) with gains Σ charges_i σ(u·f_i) no smaller, and these. Rounded.

    Steps lead towards the gradient, the maximum of the linear piece, as far as gains rise.
    """
    gains = data.gains(charges, directions)
    weighted = charges[:, None] * data.f
    for _ in range(_STEPS):
        gradients = (directions @ data.f.T > 0.0) @ weighted
        ahead = _units(gradients, directions)
        before = gains
        for share in _SHARES:
            stepped = _units(directions + share * (ahead - directions), directions)
            reached = data.gains(charges, stepped)
            better = reached > gains
            directions = np.where(better[:, None], stepped, directions)
            gains = np.where(better, reached, gains)
        if np.array_equal(before, gains):
            break
    return directions, gains


def _units(rows: Matrix, others: Matrix) -> Matrix:
    """Return rows scaled to length 1, or the other rows where they are 0."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    nonzero = lengths > 0.0
    return np.where(nonzero, rows / np.where(nonzero, lengths, 1.0), others)
