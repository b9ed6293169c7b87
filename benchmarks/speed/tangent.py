"""The dense tangent kernel, what the flow's O(n + m) system is compared to.

K_ik = ∂N(x_i)/∂θ · ∂N(x_k)/∂θ of a net, in O(n + m²) by sums over cells.

A neuron that is active on both data adds α x_i x_k + β (x_i + x_k) + γ; which neurons these are
depends on the lesser index for right-oriented neurons, on the greater one for left-oriented ones.
"""

import numpy as np

from univariate.common.jit import kernel


@kernel
def tangent_kernel(
    v: np.ndarray,
    w: np.ndarray,
    b: np.ndarray,
    held: np.ndarray,
    x: np.ndarray,
    cell: np.ndarray,
    chosen: np.ndarray,
) -> np.ndarray:
    """K between the chosen data, (k, k) symmetric.

    cell : (n,) a neuron with w ≥ 0 is active on i ≥ cell, others on i < cell; chosen : (k,)
    increasing indices. held : (n,) NaN, or the datum's x on which a kink is held: (w, b) then moves
    along (1, −held) only. Rounded in plain doubles.
    """
    m = len(x)
    k = len(chosen)
    right = np.zeros((m + 2, 3))
    left = np.zeros((m + 2, 3))
    for j in range(len(v)):
        alpha = v[j] * v[j]
        beta = 0.0
        gamma = alpha
        if not np.isnan(held[j]):
            alpha /= 1.0 + held[j] * held[j]
            beta = -alpha * held[j]
            gamma = alpha * held[j] * held[j]
        into = right if w[j] >= 0.0 else left
        into[cell[j], 0] += alpha + w[j] * w[j]
        into[cell[j], 1] += beta + w[j] * b[j]
        into[cell[j], 2] += gamma + b[j] * b[j]
    for i in range(1, m):
        right[i] += right[i - 1]
    for i in range(m, 0, -1):
        left[i] += left[i + 1]
    out = np.empty((k, k))
    for p in range(k):
        i = chosen[p]
        for q in range(p, k):
            h = chosen[q]
            alpha = right[i, 0] + left[h + 1, 0]
            beta = right[i, 1] + left[h + 1, 1]
            gamma = right[i, 2] + left[h + 1, 2]
            out[p, q] = alpha * (x[i] * x[h]) + beta * (x[i] + x[h]) + gamma
            out[q, p] = out[p, q]
    return out


@kernel
def stiffen(
    matrix: np.ndarray, scale: np.ndarray, first: np.ndarray, second: np.ndarray, h: float
) -> None:
    """Make I + h (R K R − f sᵀ − s fᵀ), R = diag(scale), of the lower triangle of K, in place."""
    for p in range(len(scale)):
        for q in range(p + 1):
            entry = scale[p] * scale[q] * matrix[p, q] - first[p] * second[q] - second[p] * first[q]
            matrix[p, q] = h * entry
        matrix[p, p] += 1.0
