"""Which neurons are silent on which data during a step of the flow: kinks that cross data, and
kinks that stay on them.

Arrays are (n, m): neurons in rows, data in columns. A pressure F_ji is what the loss adds to the
pre-activation of neuron j on datum i by that datum itself while the neuron is active there, up to
the Gram matrix. If it is negative, other data may push the pre-activation up again: then it stays
at 0, and the neuron counts as active for a share of the step. The shares solve one linear
complementarity problem per neuron, which does not chatter however long the step is.
"""

import numpy as np

from univariate.common.jit import kernel


@kernel
def load(Z: np.ndarray, S: np.ndarray, F: np.ndarray) -> np.ndarray:
    """First guess S_ji F_ji of what a step adds: shares S where F < 0, whether Z > 0 elsewhere.

    (n, m).
    """
    zero = Z.dtype.type(0.0)
    out = np.empty_like(F)
    for j in range(F.shape[0]):
        z = Z[j]
        s = S[j]
        f = F[j]
        to = out[j]
        for i in range(F.shape[1]):
            to[i] = s[i] * f[i] if f[i] < zero else (f[i] if z[i] > zero else zero)
    return out


@kernel
def settle(
    Z: np.ndarray, end: np.ndarray, S: np.ndarray, F: np.ndarray, G: np.ndarray, sweeps: int
) -> None:
    """Solve for the shares S in place, by projected Gauss–Seidel sweeps; `end` becomes Z at the end
    of the step.

    Z (n, m) at the start, `end` at the end for the first guess, F pressures, G (m, m) Gram matrix:
    shares with F < 0 satisfy S = 1 where end > 0, S = 0 where end < 0, 0 ≤ S ≤ 1 where end = 0,
    with end changing by G (dS F). Where F ≥ 0 the share is that of the straight way from Z to `end`
    on which the neuron is active. Cost O(m) per change.
    """
    zero = Z.dtype.type(0.0)
    one = Z.dtype.type(1.0)
    m = Z.shape[1]
    for j in range(Z.shape[0]):
        z = Z[j]
        e = end[j]
        s = S[j]
        f = F[j]
        for _ in range(sweeps):
            moved = False
            for i in range(m):
                if (
                    f[i] >= zero
                    or e[i] == zero
                    or (e[i] > zero and s[i] >= one)
                    or (e[i] < zero and s[i] <= zero)
                ):
                    continue
                wanted = min(max(s[i] - e[i] / (G[i, i] * f[i]), zero), one)
                change = (wanted - s[i]) * f[i]
                s[i] = wanted
                if change != zero:
                    moved = True
                    row = G[i]
                    for k in range(m):
                        e[k] += change * row[k]
            if not moved:
                break
        for i in range(m):
            if f[i] >= zero:
                if (z[i] > zero) == (e[i] > zero):
                    s[i] = one if z[i] > zero else zero
                else:  # a sum of magnitudes: no cancellation
                    s[i] = max(z[i], e[i]) / (abs(z[i]) + abs(e[i]))
