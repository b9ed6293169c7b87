"""Bounds on the clean error from the bias sum B = Σ v_j σ(b_j), by concentration on the sphere.

N(x) ≥ B − Σ |v_j| |w_j·x| ≥ B − ‖v‖ ‖W x‖, Eq. (17), so an error needs ‖W x‖ ≥ B/‖v‖.
"""

from math import exp, inf, log, sqrt

import numpy as np

from univariate.common.arrays import Matrix, Vector


def union_bound(reach: float, bias_sum: float, m: int, d: int) -> float:
    """Bound the clean error as the paper does; 1 if that is vacuous.

    If |x_i·x| ≤ t for all data then N(x) ≥ B − t · `reach`. With t = B/`reach`, Lemma D.1 and the
    union over the m data give 2m exp(−d t²/2).
    """
    if not bias_sum > 0.0:
        return 1.0
    if reach == 0.0:
        return 0.0
    t = bias_sum / reach
    return min(1.0, 2.0 * m * exp(-0.5 * d * t * t))


def dimension_for(reach: float, bias_sum: float, m: int, epsilon: float) -> float:
    """Return the dimension from which on `union_bound` is at most ε; inf if there is none."""
    if not bias_sum > 0.0:
        return inf
    t = reach / bias_sum
    return 2.0 * log(2.0 * m / epsilon) * t * t


def levy_bound(v: Vector, W: Matrix, bias_sum: float) -> float:
    """Bound the clean error by Lévy's inequality, as the paper does not; 1 if that is vacuous.

    x ↦ ‖W x‖ is ‖W‖-Lipschitz with mean at most ‖W‖_F/√d, so it exceeds that by s with probability
    at most exp(−(d − 1) s²/(2‖W‖²)) (Ledoux, The Concentration of Measure Phenomenon, 2001); an
    error needs s = B/‖v‖ − ‖W‖_F/√d. No union over data or neurons is lost.
    """
    d = W.shape[1]
    size = float(np.linalg.norm(v))
    if not bias_sum > 0.0:
        return 1.0
    if size == 0.0 or not np.any(W):
        return 0.0
    ahead = bias_sum / size - float(np.linalg.norm(W)) / sqrt(d)
    if not ahead > 0.0:
        return 1.0
    largest = float(np.max(np.abs(W)))
    scaled = W / largest  # so that no square leaves the range of doubles
    gram = scaled @ scaled.T if len(W) < d else scaled.T @ scaled  # the smaller one
    s = ahead / largest / float(np.sqrt(np.linalg.norm(gram, 2)))
    return exp(-0.5 * (d - 1) * s * s)


def coefficients(W: Matrix, X: Matrix, gram: Matrix) -> tuple[Matrix, float]:
    """Return α (k, m) with w_j/‖w_j‖ nearest to Σ_i α_ij x_i for the k vectors w_j ≠ 0, and the
    largest distance.

    Rounded. Cost O(m³ + m n d).
    """
    moving = W[np.any(W, axis=1)]
    moving = moving / np.max(np.abs(moving), axis=1)[:, None]  # no square leaves the doubles
    units = moving / np.linalg.norm(moving, axis=1)[:, None]
    alpha = (units @ X.T) @ np.linalg.pinv(gram, hermitian=True)
    return alpha, float(np.max(np.linalg.norm(units - alpha @ X, axis=1), initial=0.0))
