"""Mass of a standard normal number behind arcs of a half great circle, in logarithms.

The point at angle φ of such a circle is the number t = ρ tan φ, so arcs are intervals of t. Masses
are differences of Φ; they stay exact to rounding far below the least double.
"""

import math

import numpy as np

from highdim.error.kernels.arcs import Arcs
from univariate.common.jit import kernel

FAR = 30.0  # beyond it erfc nears the least double, and the expansion of Mills' ratio is exact
THIN = 0.125  # relative fall of the tail over an interval below which differences would cancel
ROOT_TWO = math.sqrt(2.0)
LOG_ROOT_TAU = 0.5 * math.log(2.0 * math.pi)
NODES = np.array([-0.8611363115940526, -0.3399810435848563, 0.3399810435848563, 0.8611363115940526])
WEIGHTS = np.array(
    [0.34785484513745385, 0.6521451548625461, 0.6521451548625461, 0.34785484513745385]
)


@kernel
def log_tail(t):
    """Logarithm of Pr[Z ≥ t], t ≥ 0."""
    if t < FAR:
        return math.log(0.5 * math.erfc(t / ROOT_TWO))
    if t == np.inf:
        return -np.inf
    s = 1.0 / (t * t)
    ratio = -s * (1.0 - s * (3.0 - s * (15.0 - s * (105.0 - s * (945.0 - s * 10395.0)))))
    return -0.5 * t * t - math.log(t) - LOG_ROOT_TAU + math.log1p(ratio)


@kernel
def thin_mass(p, q):
    """Logarithm of Pr[p ≤ Z ≤ q] where the density hardly varies."""
    middle = 0.5 * (p + q)
    half = 0.5 * (q - p)
    total = 0.0
    for i in range(4):
        step = half * NODES[i]
        total += WEIGHTS[i] * math.exp(-step * (middle + 0.5 * step))
    return math.log(half * total) - 0.5 * middle * middle - LOG_ROOT_TAU


@kernel
def log_mass(p, q):
    """Logarithm of Pr[p ≤ Z ≤ q], p < q, either may be infinite."""
    if q <= 0.0:
        p, q = -q, -p
    if p >= 0.0:
        upper = log_tail(p)
        lower = log_tail(q)
        if upper - lower > THIN:
            return upper + math.log1p(-math.exp(lower - upper))
        return thin_mass(p, q)
    if q - p < THIN:
        return thin_mass(p, q)
    return math.log1p(-math.exp(log_tail(-p)) - math.exp(log_tail(q)))


@kernel
def number_at(angle, rho):
    """t = ρ tan φ; infinite at the ends of the half circle."""
    if abs(angle) >= 0.5 * math.pi:
        return np.inf if angle > 0.0 else -np.inf
    return rho * math.tan(angle)


@kernel
def log_sum(a, b):
    """Logarithm of e^a + e^b."""
    if a < b:
        a, b = b, a
    return a if b == -np.inf else a + math.log1p(math.exp(b - a))


@kernel
def log_masses(arcs: Arcs, cells: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """Logarithm of the mass behind every circle's arcs within cells[i, 0] ≤ φ ≤ cells[i, 1], parts
    of [−π/2, π/2], with t = rho[i] tan φ, (k,); −inf for none.
    """
    k = len(arcs.first) - 1
    out = np.full(k, -np.inf)
    for i in range(k):
        for r in range(arcs.first[i], arcs.first[i + 1]):
            start = number_at(max(arcs.start[r], cells[i, 0]), rho[i])
            end = number_at(min(arcs.end[r], cells[i, 1]), rho[i])
            if arcs.start[r] < cells[i, 1] and arcs.end[r] > cells[i, 0] and start < end:
                out[i] = log_sum(out[i], log_mass(start, end))
        out[i] = min(out[i], 0.0)
    return out
