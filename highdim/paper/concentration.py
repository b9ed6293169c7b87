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
    return min(1.0, 2.0 * m * exp(-0.5 * d * (bias_sum / reach) ** 2))


def dimension_for(reach: float, bias_sum: float, m: int, epsilon: float) -> float:
    """Return the dimension from which on `union_bound` is at most ε; inf if there is none."""
    if not bias_sum > 0.0:
        return inf
    return 2.0 * log(2.0 * m / epsilon) * (reach / bias_sum) ** 2


def levy_bound(v: Vector, W: Matrix, bias_sum: float) -> float:
    """Bound the clean error by Lévy's inequality; 1 if that is vacuous. New.

    x ↦ ‖W x‖ is ‖W‖-Lipschitz with mean at most ‖W‖_F/√d, so it exceeds that by s with probability
    at most exp(−(d − 1) s²/(2‖W‖²)); an error needs s = B/‖v‖ − ‖W‖_F/√d. No union over data or
    neurons is lost.
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
    gram = W @ W.T if len(W) < d else W.T @ W  # of the smaller size, with the same norm
    spectral = float(np.sqrt(np.linalg.norm(gram, 2)))
    return exp(-0.5 * (d - 1) * (ahead / spectral) ** 2)


def coefficients(W: Matrix, X: Matrix, gram: Matrix) -> tuple[Matrix, float]:
    """Return α (n, m) with w_j nearest to Σ_i α_ij x_i, and the largest relative distance.

    Rounded. Cost O(m³ + m n d).
    """
    inverse = np.linalg.pinv(gram, hermitian=True)
    alpha = (W @ X.T) @ inverse
    left = np.linalg.norm(W - alpha @ X, axis=1)
    norms = np.linalg.norm(W, axis=1)
    moving = norms > 0.0
    return alpha, float(np.max(left[moving] / norms[moving], initial=0.0))
