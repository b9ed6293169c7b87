"""What multipliers leave of the neurons of a large net: double-doubles, several neurons at once."""

import math
from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel
from univariate.standing.kernels.exact_sums import Sums

SPLITTER = 134217729.0  # 2**27 + 1
CHUNK = 256  # neurons that are listed at once: few enough for the nearest cache
# of a handful of operations on double-doubles, each to 2**-102 of its operands
ROUNDING = 2.0**-96


class Pinned(NamedTuple):
    """The datum that a neuron's kink is taken to lie on: its x and its y λ σ' as two words."""

    on: np.ndarray  # (n,) bool
    x: np.ndarray  # (n,)
    share: np.ndarray  # (2, n)


@kernel
def two_sum(a, b):
    """s + e = a + b exactly."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@kernel
def two_product(a, b):
    """p + e = a·b exactly (no fused operations, no overflow)."""
    p = a * b
    t = SPLITTER * a
    a_high = t - (t - a)
    a_low = a - a_high
    t = SPLITTER * b
    b_high = t - (t - b)
    b_low = b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


@kernel
def add(ah, al, bh, bl):
    """Sum of two double-doubles."""
    s, e = two_sum(ah, bh)
    f, g = two_sum(al, bl)
    s, e = two_sum(s, e + f)
    return two_sum(s, e + g)


@kernel
def times(ah, al, b):
    """Double-double times float."""
    p, e = two_product(ah, b)
    return two_sum(p, e + al * b)


@kernel
def multiply(ah, al, bh, bl):
    """Product of two double-doubles."""
    p, e = two_product(ah, bh)
    return two_sum(p, e + (ah * bl + al * bh))


@kernel
def over(ah, al, bh, bl):
    """Quotient of two double-doubles."""
    q = ah / bh
    ph, pl = times(bh, bl, -q)
    rh, rl = add(ah, al, ph, pl)
    return two_sum(q, (rh + rl) / bh)


@kernel
def at(sh, sl, ch, cl, x):
    """The line s x + c of double-doubles at x."""
    ph, pl = times(sh, sl, x)
    return add(ph, pl, ch, cl)


@kernel
def without(goal, ah, al, v):
    """goal − A v, rounded."""
    ph, pl = times(ah, al, -v)
    return add(goal, 0.0, ph, pl)[0]


@kernel
def distance(w, b, x, z):
    """|z|/√((x² + 1)(w² + b²)) for z = w x + b; 1 if the neuron turns round on the way to x."""
    away = abs(z) / math.sqrt((x * x + 1.0) * (w * w + b * b))
    # a neuron that is off altogether has its kink everywhere
    away = away if z != 0.0 else 0.0
    # w − b x has no cancellation where z is small; of the other sign than w the neuron turns round
    ahead = w - b * x
    turns = ahead > 0.0 if w < 0.0 else ahead < 0.0
    return 1.0 if turns else away


@kernel
def leave(rows, count, out):
    """What `leftovers` returns, for the neurons in `count` columns of rows: v, w, b, their sums,
    and what they are pinned to. No neuron depends on another one, and without branches several are
    done at once.
    """
    for i in range(count):
        v, w, b = rows[0, i], rows[1, i], rows[2, i]
        ah, al, bh, bl = rows[3, i], rows[4, i], rows[5, i], rows[6, i]
        on = rows[7, i] > 0.0
        x = rows[8, i]
        # words of a certificate need not be ordered by size, those of a double-double are
        share, rest = two_sum(rows[9, i], rows[10, i])
        moment = abs(ah) + abs(share * x)
        mass = abs(bh) + abs(share)
        size = abs(v) + abs(w) * moment + abs(b) * mass
        # with what the kink itself has: A and B, z = w x + b, and z (x A + B)/(x² + 1), which
        # moving the kink onto x takes from w A + b B; a function of its own for this would not be
        # inlined, and several neurons could not be done at once
        ph, pl = times(share, rest, x)
        ph, pl = add(ah, al, ph, pl)
        qh, ql = add(bh, bl, share, rest)
        z, z_low = at(w, 0.0, b, 0.0, x)
        th, tl = at(ph, pl, qh, ql, x)
        th, tl = multiply(z, z_low, th, tl)
        square, square_low = at(x, 0.0, 1.0, 0.0, x)
        th, tl = over(th, tl, square, square_low)
        th, tl = add(v, 0.0, th, tl)
        away = distance(w, b, x, z)
        out[2, i] = away if on else 0.0
        square = x * x + 1.0
        size += (abs(w * x) + abs(b)) * (abs(x) * moment + mass) / square if on else 0.0
        ah, al = (ph, pl) if on else (ah, al)
        bh, bl = (qh, ql) if on else (bh, bl)
        outer, outer_low = (th, tl) if on else (v, 0.0)
        ph, pl = times(ah, al, -w)
        outer, outer_low = add(outer, outer_low, ph, pl)
        ph, pl = times(bh, bl, -b)
        outer, outer_low = add(outer, outer_low, ph, pl)
        slope = without(w, ah, al, v)
        rise = without(b, bh, bl, v)
        size += abs(w) + abs(b) + abs(v) * (moment + mass)
        out[1, i] = ROUNDING * size
        out[0, i] = math.sqrt(outer * outer + slope * slope + rise * rise) + out[1, i]


@kernel
def leftovers(
    v: np.ndarray, w: np.ndarray, b: np.ndarray, sums: Sums, pinned: Pinned
) -> np.ndarray:
    """Upper bounds on |θ_j − Σ λ_i y_i h_ij|, up to relative roundings of 2**-50; what of them is
    for rounding; and the distances |z|/√((x² + 1)(w² + b²)) of pinned kinks: (3, n).
    """
    out = np.empty((3, len(v)))
    rows = np.empty((11, CHUNK))
    left = np.empty((3, CHUNK))
    for first in range(0, len(v), CHUNK):
        end = min(first + CHUNK, len(v))
        count = end - first
        for i in range(count):
            j = first + i
            rows[0, i], rows[1, i], rows[2, i] = v[j], w[j], b[j]
            rows[3, i], rows[4, i] = sums.moment[0, j], sums.moment[1, j]
            rows[5, i], rows[6, i] = sums.mass[0, j], sums.mass[1, j]
            rows[7, i] = 1.0 if pinned.on[j] else 0.0
            rows[8, i] = pinned.x[j]
            rows[9, i], rows[10, i] = pinned.share[0, j], pinned.share[1, j]
        leave(rows, count, left)
        for i in range(count):
            for row in range(3):
                out[row, first + i] = left[row, i]
    return out
