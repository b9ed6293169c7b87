"""Share of the sphere S^(d−1) behind arcs of great circles through a pole, in logarithms.

A uniform point of the sphere has angle |φ| from the pole with density ∝ sin^(d−2), so shares are
differences of regularised incomplete beta functions; they stay exact to rounding far below the
least double.
"""

import numpy as np

from highdim.error.kernels.arcs import Arcs
from univariate.common.jit import kernel

LARGEST = 1 << 20  # more terms of the continued fraction are never needed: about √d of them are
TINY = 1e-300
NODES = np.array([-0.8611363115940526, -0.3399810435848563, 0.3399810435848563, 0.8611363115940526])
WEIGHTS = np.array(
    [0.34785484513745385, 0.6521451548625461, 0.6521451548625461, 0.34785484513745385]
)


@kernel
def continued_fraction(a, b, x):
    """Lentz's evaluation of I_x(a, b) · a B(a, b) / (x^a (1 − x)^b), for x < (a + 1)/(a + b +
    2).
    """
    c = 1.0
    d = 1.0 - (a + b) * x / (a + 1.0)
    d = 1.0 / (d if abs(d) > TINY else TINY)
    h = d
    for m in range(1, LARGEST):
        step = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        d = 1.0 + step * d
        c = 1.0 + step / c
        d = 1.0 / (d if abs(d) > TINY else TINY)
        h *= d * c
        step = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        d = 1.0 + step * d
        c = 1.0 + step / c
        d = 1.0 / (d if abs(d) > TINY else TINY)
        h *= d * c
        if abs(d * c - 1.0) < 2.0**-52:
            break
    return h


@kernel
def log_sine(q):
    """Logarithm of sin q, for 0 < q ≤ π/2, without loss near π/2."""
    return np.log(np.sin(q)) if q < 1.0 else 0.5 * np.log1p(-(np.cos(q) ** 2))


@kernel
def log_cap(q, half, log_beta):
    """Logarithm of the share of points with 0 ≤ φ ≤ q, q ≤ π/2, on one side: ¼ I_(sin² q)(½(d − 1),
    ½).

    half = ½(d − 1), log_beta = log B(half, ½).
    """
    if q <= 0.0:
        return -np.inf
    x = np.sin(q) ** 2
    y = np.cos(q) ** 2
    log_front = 2.0 * half * log_sine(q) + 0.5 * np.log(max(y, TINY)) - log_beta
    if x * (half + 2.5) < half + 1.0:
        log_share = log_front - np.log(half) + np.log(continued_fraction(half, 0.5, x))
    else:
        log_share = np.log1p(-2.0 * np.exp(log_front) * continued_fraction(0.5, half, y))
    return log_share - 2.0 * np.log(2.0)


@kernel
def log_slice(p, q, half, log_beta):
    """Logarithm of the share of p ≤ φ ≤ q, 0 ≤ p < q ≤ π/2, on one side."""
    if half == 0.5:
        return np.log((q - p) / (2.0 * np.pi))
    upper = log_cap(q, half, log_beta)
    lower = log_cap(p, half, log_beta)
    if upper - lower > 0.125:
        return upper + np.log1p(-np.exp(lower - upper))
    # a thin slice: the difference would cancel, the density hardly varies
    total = 0.0
    reference = log_sine(0.5 * (p + q))
    for i in range(4):
        angle = 0.5 * (p + q) + 0.5 * (q - p) * NODES[i]
        total += WEIGHTS[i] * np.exp((2.0 * half - 1.0) * (log_sine(angle) - reference))
    return np.log(0.25 * (q - p) * total) + (2.0 * half - 1.0) * reference - log_beta


@kernel
def log_sum(a, b):
    """Logarithm of e^a + e^b."""
    if a < b:
        a, b = b, a
    return a if b == -np.inf else a + np.log1p(np.exp(b - a))


@kernel
def log_shares(arcs: Arcs, cells: np.ndarray, half: float, log_beta: float) -> np.ndarray:
    """Logarithm of the share of every circle's arcs within cells[i, 0] ≤ φ ≤ cells[i, 1], (k,);
    −inf for none.
    """
    k = len(arcs.first) - 1
    out = np.full(k, -np.inf)
    right = 0.5 * np.pi
    for i in range(k):
        for r in range(arcs.first[i], arcs.first[i + 1]):
            for quadrant in range(-2, 2):
                start = max(arcs.start[r], cells[i, 0], quadrant * right)
                end = min(arcs.end[r], cells[i, 1], (quadrant + 1) * right)
                if start >= end:
                    continue
                if quadrant == -1:
                    start, end = -end, -start
                elif quadrant == 1:
                    start, end = np.pi - end, np.pi - start
                elif quadrant == -2:
                    start = np.pi + start
                    end = np.pi + end
                out[i] = log_sum(out[i], log_slice(start, end, half, log_beta))
        out[i] = min(out[i], 0.0)
    return out
