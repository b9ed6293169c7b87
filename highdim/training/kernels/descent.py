"""The elementwise half of a descent step, each array read once: what is left besides the matrix
product.

Arrays are (n, m): neurons in rows, data in columns, so that sums over neurons run along contiguous
memory and need no reordering. float32 stays float32.
"""

import numpy as np

from univariate.common.jit import kernel


@kernel
def rectify(Z: np.ndarray, offset: np.ndarray, v: np.ndarray, outputs: np.ndarray) -> None:
    """Z ← σ(Z + offset) in place, outputs_i ← Σ_j v_j Z_ji.

    Z, offset (n, m), v (n,), outputs (m,).
    """
    zero = Z.dtype.type(0.0)
    outputs[:] = zero
    for j in range(len(v)):
        z = Z[j]
        base = offset[j]
        a = v[j]
        for i in range(len(outputs)):
            h = max(z[i] + base[i], zero)
            z[i] = h
            outputs[i] += a * h


@kernel
def rectify_biased(Z: np.ndarray, b: np.ndarray, v: np.ndarray, outputs: np.ndarray) -> None:
    """Z ← σ(Z + b) in place, outputs_i ← Σ_j v_j Z_ji. Z (n, m), b and v (n,), outputs (m,)."""
    zero = Z.dtype.type(0.0)
    outputs[:] = zero
    for j in range(len(v)):
        z = Z[j]
        base = b[j]
        a = v[j]
        for i in range(len(outputs)):
            h = max(z[i] + base, zero)
            z[i] = h
            outputs[i] += a * h


@kernel
def pull_back(A: np.ndarray, H: np.ndarray, v: np.ndarray, u: np.ndarray) -> None:
    """A_ji += v_j u_i where H_ji > 0, in place. A, H (n, m), v (n,), u (m,)."""
    zero = A.dtype.type(0.0)
    for j in range(len(v)):
        a = A[j]
        h = H[j]
        w = v[j]
        for i in range(len(u)):
            a[i] += w * u[i] if h[i] > zero else zero


@kernel
def masked(H: np.ndarray, v: np.ndarray, u: np.ndarray) -> None:
    """H_ji ← v_j u_i where H_ji > 0, else 0, in place. H (n, m), v (n,), u (m,)."""
    zero = H.dtype.type(0.0)
    for j in range(len(v)):
        h, w = H[j], v[j]
        for i in range(len(u)):
            h[i] = w * u[i] if h[i] > zero else zero
