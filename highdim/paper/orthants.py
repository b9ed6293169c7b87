"""Pr[w_j·x ≤ 0 for all j] for x uniform on the sphere, an orthant probability of a Gaussian.

Up to three vectors: Pr = 1/2, ½ − θ/2π, ½ − (θ₁₂ + θ₁₃ + θ₂₃)/4π, whatever their rank, because x
and −x have one law. Vectors orthogonal to all others are independent of them, so the probability is
a product over the classes that are connected by inner products other than 0. With a class of more
than three it is the clean error of Σ_j σ(w_j·x).
"""

from itertools import combinations
from math import prod
from typing import Any, Final

import numpy as np

from highdim.error.clean_error import clean_error
from highdim.error.estimate import Estimate
from highdim.error.guarantee import guaranteed
from highdim.paper.angles import Share, cosines, exact, turn
from highdim.problem.network import TwoLayerNet
from univariate.common.arrays import Matrix
from univariate.common.check import generator

CLOSED: Final = 3
"""Largest class of vectors with a closed form."""

LEVEL: Final = 1.0 - 1e-6
"""Confidence of sampled clean errors and probabilities that a statement is decided by."""


def orthant_probability(W: Matrix, *, rng: Any, level: float = LEVEL) -> Estimate:
    """Return Pr[w_j·x ≤ 0 for all rows w_j of W], x uniform on the unit sphere.

    Parameters
    ----------
    W : ndarray, shape (k, d)
        Rows that are zero are no restriction; k may be 0.
    rng : int or numpy.random.Generator
        Used for more than three rows that are not orthogonal in classes of three, and d > 2, only.
    level : float
        Confidence of the interval, if sampled.

    Exact up to rounding, enclosed, method "angles"; otherwise as `highdim.clean_error`. Source:
    proof of Proposition 4.5; the closed forms are Sheppard's.
    """
    closed = closed_orthant(W)
    if closed is not None:
        return closed.estimate("angles")
    W = W[np.any(W, axis=1)]
    rng = generator(rng)
    net = TwoLayerNet(np.ones(len(W)), W)
    return guaranteed(net, clean_error(net, rng=rng, level=level), rng)


def closed_orthant(W: Matrix) -> Share | None:
    """Return the probability where it has a closed form, see the module; None where it has none."""
    W = W[np.any(W, axis=1)]
    if len(W) <= CLOSED:
        return _few(W)
    classes = _classes(W)
    if max(map(len, classes)) > CLOSED:
        return None
    shares = [_few(W[members]) for members in classes]
    return Share(*(prod(ends) for ends in zip(*shares, strict=True)))


def _few(W: Matrix) -> Share:
    """Return the probability for up to three vectors."""
    if len(W) < 2:
        return Share(*[0.5 ** len(W)] * 3)
    rows = [exact(row) for row in W]
    turns = [turn(a, b) for a, b in combinations(rows, 2)]
    part = 1.0 if len(W) == 2 else 0.5
    # larger angles make the orthant smaller: low and high change places
    value, high, low = (0.5 - part * sum(parts) for parts in zip(*turns, strict=True))
    return Share(*(min(max(end, 0.0), 0.5) for end in (value, low, high)))


def _classes(W: Matrix) -> list[list[int]]:
    """Return classes of rows that are orthogonal to all of one another, exactly."""
    from scipy.sparse.csgraph import connected_components

    found, slack = cosines(W)
    count, label = connected_components((found != 0.0) | (slack > 0.0), directed=False)
    return [np.flatnonzero(label == one).tolist() for one in range(count)]
