"""A 2-layer net on great circles: pieces A cos φ + B sin φ + C between the switches.

Only pieces that may hold N ≤ slack are kept. Where no neuron is active N = 0 exactly, an error that
rounding would lose: coefficients are reset to 0 there, and signs are not computed where all active
neurons have one.
"""

import numpy as np

from highdim.error.kernels.pieces import Pieces
from highdim.error.kernels.switches import Switches
from univariate.common.jit import kernel


@kernel
def accumulate(sums, i, x):
    """Compensated sum in place: sums[i] + sums[i + 3] += x."""
    s = sums[i] + x
    t = s - sums[i]
    sums[i + 3] += (sums[i] - (s - t)) + (x - t)
    sums[i] = s


@kernel
def toggle(sums, counts, sign, v, products, j):
    """Let neuron j, of products v·(α, β, b), enter (sign 1) or leave (−1), in place."""
    counts[0 if v[j] > 0.0 else 1] += int(sign) if v[j] != 0.0 else 0
    for i in range(3):
        accumulate(sums, i, sign * products[j, i])
    if counts[0] == 0 and counts[1] == 0:
        sums[:] = 0.0


@kernel
def least(a, b, c, ends):
    """Minimum of a cos φ + b sin φ + c on a piece within a quadrant, rounded."""
    low = min(a * ends[0] + b * ends[1], a * ends[2] + b * ends[3])
    if b * ends[0] - a * ends[1] < 0.0 < b * ends[2] - a * ends[3]:
        low = -np.hypot(a, b)
    return low + c


@kernel
def keep(pieces, q, ends, sums, counts, slack):
    """Write piece q between two ends (cos φ, sin φ) if it may hold N ≤ slack; returns the number of
    pieces.
    """
    if counts[0] > 0 and counts[1] == 0:
        return q
    a = sums[0] + sums[3]
    b = sums[1] + sums[4]
    c = sums[2] + sums[5]
    if counts[0] > 0 and least(a, b, c, ends) > slack:
        return q
    if ends[0] == ends[2] and ends[1] == ends[3]:
        return q
    for i in range(2):
        pieces.left[q, i], pieces.right[q, i] = ends[i], ends[2 + i]
    pieces.coefficients[q, 0], pieces.coefficients[q, 1], pieces.coefficients[q, 2] = a, b, c
    pieces.nonpositive[q] = counts[0] == 0
    return q + 1


@kernel
def advance(ends, c, s):
    """Go on to the piece that ends at (c, s), in place."""
    ends[0], ends[1], ends[2], ends[3] = ends[2], ends[3], c, s


@kernel
def circle(pieces, q, v, products, switches, order, i, slack):
    """Add the pieces of circle i; `products` (n, 3) holds v·(α, β, b) there.

    Coefficients are compensated sums: their error is that of the products, not of the sweep.
    """
    active = switches.active[i].copy()
    ends = np.empty(4)
    sums = np.zeros(6)
    counts = np.zeros(2, np.int64)
    for j in range(len(v)):
        if active[j]:
            toggle(sums, counts, 1.0, v, products, j)
    ends[2], ends[3] = -1.0, -0.0
    for event in order[i]:
        if switches.turn[i, event] == np.inf:
            break
        advance(ends, switches.cosine[i, event], switches.sine[i, event])
        q = keep(pieces, q, ends, sums, counts, slack)
        j = event // 2
        if event < 2 * len(v) and active[j] != (event % 2 == 0):
            active[j] = not active[j]
            toggle(sums, counts, 1.0 if active[j] else -1.0, v, products, j)
    advance(ends, -1.0, 0.0)
    return keep(pieces, q, ends, sums, counts, slack)


@kernel
def two_layer_pieces(
    v: np.ndarray,
    b: np.ndarray,
    alpha: np.ndarray,
    beta: np.ndarray,
    switches: Switches,
    order: np.ndarray,
    slack: float,
) -> Pieces:
    """The pieces where N may be ≤ slack; alpha, beta (k, n), order (k, 2n + 3) sorts
    `switches.turn`.

    Cost O(k n).
    """
    k, n = alpha.shape
    room = k * (2 * n + 4)
    first = np.zeros(k + 1, np.int64)
    left = np.empty((room, 2))
    right = np.empty((room, 2))
    coefficients = np.empty((room, 3))
    nonpositive = np.empty(room, np.bool_)
    pieces = Pieces(first, left, right, coefficients, nonpositive)
    q = 0
    products = np.empty((n, 3))
    for i in range(k):
        for j in range(n):
            products[j, 0] = v[j] * alpha[i, j]
            products[j, 1] = v[j] * beta[i, j]
            products[j, 2] = v[j] * b[j]
        q = circle(pieces, q, v, products, switches, order, i, slack)
        first[i + 1] = q
    return Pieces(first, left[:q], right[:q], coefficients[:q], nonpositive[:q])
