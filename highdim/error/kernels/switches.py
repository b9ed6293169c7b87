"""Where neurons switch on great circles.

On cos φ e + sin φ f a neuron is z = α cos φ + β sin φ + b, so it switches on at most once and off
at most once. Switches are kept as directions (cos φ, sin φ), without trigonometry, and sorted by a
monotone stand-in for φ.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel

SPLITTER = 134217729.0  # 2**27 + 1


class Switches(NamedTuple):
    """Events of k circles: 2j and 2j + 1 switch neuron j on and off, the last three mark
    quadrants.
    """

    # (k, 2n + 3) in [−2, 2], increasing with φ in (−π, π]; inf where there is no event
    turn: np.ndarray
    cosine: np.ndarray  # (k, 2n + 3)
    sine: np.ndarray  # (k, 2n + 3)
    active: np.ndarray  # (k, n) whether neuron j is active right after −π


@kernel
def turn_of(c, s):
    """φ's stand-in for the direction (c, s): φ = −π, −π/2, 0, π/2, π become −2, −1, 0, 1, 2."""
    share = s / (abs(c) + abs(s))
    if c >= 0.0:
        return share
    return 2.0 - share if s >= 0.0 else -2.0 - share


@kernel
def square(a):
    """p + e = a² exactly (no overflow, no fused operations)."""
    p = a * a
    t = SPLITTER * a
    high = t - (t - a)
    low = a - high
    return p, ((high * high - p) + 2.0 * high * low) + low * low


@kernel
def discriminant(alpha, beta, b):
    """α² + β² − b²; exact squares, since a neuron that is barely active has its arc at stake."""
    p, p_low = square(alpha)
    q, q_low = square(beta)
    r, r_low = square(b)
    if p < q:
        p, q = q, p
    rest = p - r  # exact where it cancels (Sterbenz), else the last rounding is harmless
    back = rest - p
    lost = (p - (rest - back)) + (-r - back)
    return (rest + q) + (lost + (p_low + q_low - r_low))


@kernel
def switches(alpha: np.ndarray, beta: np.ndarray, b: np.ndarray) -> Switches:
    """All switches of n neurons on k circles; alpha, beta (k, n), b (n,)."""
    k, n = alpha.shape
    turn = np.full((k, 2 * n + 3), np.inf)
    cosine = np.zeros((k, 2 * n + 3))
    sine = np.zeros((k, 2 * n + 3))
    active = np.zeros((k, n), np.bool_)
    for i in range(k):
        for j in range(n):
            p, q = alpha[i, j], beta[i, j]
            delta = discriminant(p, q, b[j])
            active[i, j] = b[j] > p if delta > 0.0 else b[j] > 0.0
            if delta <= 0.0:
                continue
            root = np.sqrt(delta)
            size = p * p + q * q
            for side in range(2):
                # −0 would mean −π
                c = (root * q - b[j] * p) / size
                s = (-root * p - b[j] * q) / size + 0.0
                turn[i, 2 * j + side], cosine[i, 2 * j + side], sine[i, 2 * j + side] = (
                    turn_of(c, s),
                    c,
                    s,
                )
                root = -root
            if turn[i, 2 * j] == turn[i, 2 * j + 1]:  # an arc, or a gap, of no length
                turn[i, 2 * j] = turn[i, 2 * j + 1] = np.inf
            else:
                active[i, j] = turn[i, 2 * j] > turn[i, 2 * j + 1]
        for quadrant in range(3):
            turn[i, 2 * n + quadrant] = quadrant - 1.0
            cosine[i, 2 * n + quadrant], sine[i, 2 * n + quadrant] = quadrant % 2, quadrant - 1.0
    return Switches(turn, cosine, sine, active)
