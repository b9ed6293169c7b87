"""Lines of a shallow net between its kinks, with a running error bound.

Its slope jumps by v|w| at −b/w.

Everything rests on two error-free transformations: a sum of n products of doubles is carried in
three words and loses no more than n·2⁻¹⁰⁴ of the sum of magnitudes. Right-oriented neurons are
summed from the left, left-oriented ones from the right; nothing is ever subtracted again, so a
piece on which no neuron is active is exactly zero.
"""

import math
from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel

SPLITTER = 134217729.0  # 2**27 + 1, Veltkamp's constant for 53-bit doubles
SQUARED_ROUNDOFF = 2.0**-106
HALF_ULP = 2.0**-53
SUBNORMAL = 5e-324
SAFE = 2.0**-200  # products of numbers beyond it keep both their words


class Sweep(NamedTuple):
    """Values at g distinct knots, by the line before and the line after each knot."""

    tau: np.ndarray  # (g,) distinct knots, increasing
    before: np.ndarray  # (g,) line left of the knot, evaluated at the knot
    after: np.ndarray  # (g,) line right of the knot, evaluated at the knot
    # (g,) N at the knot itself, a double: every neuron's activity is decided exactly
    at: np.ndarray
    slope: np.ndarray  # (g,) slope right of the knot
    error: np.ndarray  # (g,) bound on the error of these values (before rounding to one double)
    # (g,) bound on |N − line| within half an ulp of the knot, where exact kinks may hide
    slack: np.ndarray
    silent: np.ndarray  # (g,) True where no neuron at all is active right of the knot
    # (g,) True where all kinks that round to the knot are the same real number, for sure
    single: np.ndarray
    first_slope: float  # slope left of the first knot


class Products(NamedTuple):
    """What each knot's neuron contributes, in the order of the knots; zero for a bare point."""

    vw: np.ndarray  # (2, k) slope v·w, high and low word
    vb: np.ndarray  # (2, k) intercept v·b
    rest: np.ndarray  # (k,) v·(w t + b) at the rounded kink t, 0 where the kink is exact
    right: np.ndarray  # (k,) True where the neuron is active right of its kink


@kernel
def two_sum(a, b):
    """s + e = a + b exactly, s = fl(a + b)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@kernel
def two_product(a, b):
    """p + e = a·b exactly, p = fl(a·b); |a|, |b| < 2**995 and no underflow of the low parts."""
    p = a * b
    t = SPLITTER * a
    a_high = t - (t - a)
    a_low = a - a_high
    t = SPLITTER * b
    b_high = t - (t - b)
    b_low = b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


@kernel
def add(high, low, p, e):
    """(high + low) + (p + e) in double-double; absolute error ≤ 4·2⁻¹⁰⁶ (|high| + |p|)."""
    s, r = two_sum(high, p)
    return two_sum(s, r + (low + e))


@kernel
def gather(high, middle, low, p, e):
    """Add p + e to a running sum of three words; only sums of rounding errors of rounding errors
    are rounded.
    """
    high, r = two_sum(high, p)
    middle, r_middle = two_sum(middle, r)
    middle, e_middle = two_sum(middle, e)
    return high, middle, low + (r_middle + e_middle)


@kernel
def line_at(s, s_low, c, c_low, x):
    """(s + s_low)·x + (c + c_low) in double-double; absolute error ≤ 8·2⁻¹⁰⁶ (|s x| + |c|)."""
    p, e = two_product(s, x)
    return add(p, e + s_low * x, c, c_low)


@kernel
def split(
    v: np.ndarray, w: np.ndarray, b: np.ndarray, t: np.ndarray, low: float, high: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the kinks t in [low, high]; sum the neurons that are active on all of it.

    t : (n,) rounded kinks −b/w, ±inf where w = ±0, NaN where w = b = 0 (dead). Returns (kinks,
    indices, base): base = (slope, its low part, intercept, its low part, Σ|vw|, Σ|vb|). Rounding
    −b/w is monotone, so a rounded kink beyond an end of the domain is truly beyond it.
    """
    n = len(v)
    kinks = np.empty(n)
    index = np.empty(n, np.int64)
    k = 0
    S = 0.0
    s = 0.0
    C = 0.0
    c = 0.0
    abs_s = 0.0
    abs_c = 0.0
    for j in range(n):
        if v[j] == 0.0 or math.isnan(t[j]):
            continue
        if low <= t[j] <= high:
            kinks[k] = t[j]
            index[k] = j
            k += 1
        elif (t[j] < low) == (math.copysign(1.0, w[j]) > 0.0):
            p, e = two_product(v[j], w[j])
            S, s = add(S, s, p, e)
            abs_s += abs(p)
            p, e = two_product(v[j], b[j])
            C, c = add(C, c, p, e)
            abs_c += abs(p)
    return kinks[:k], index[:k], np.array([S, s, C, c, abs_s, abs_c])


@kernel
def products(t, index, v, w, b):
    """Contributions of the neurons index[i] at the sorted knots t[i]; index −1 is a bare point."""
    size = len(t)
    vw = np.zeros((2, size))
    vb = np.zeros((2, size))
    rest = np.zeros(size)
    right = np.zeros(size, np.bool_)
    for i in range(size):
        j = index[i]
        if j >= 0:
            vj = v[j]
            wj = w[j]
            bj = b[j]
            vw[0, i], vw[1, i] = two_product(vj, wj)
            vb[0, i], vb[1, i] = two_product(vj, bj)
            p, e = two_product(wj, t[i])
            rest[i] = vj * ((p + bj) + e)  # p + b is exact: both are within an ulp of each other
            right[i] = math.copysign(1.0, wj) > 0.0
    return Products(vw, vb, rest, right)


@kernel
def right_sums(start, terms, base):
    """Base and right-oriented neurons left of each knot: (6, g) slope, intercept (two words each),
    magnitudes.
    """
    out = np.empty((6, len(start)))
    S = base[0]
    s = base[1]
    s_ = 0.0
    C = base[2]
    c = base[3]
    c_ = 0.0
    abs_s, abs_c = base[4], base[5]
    for g in range(len(start) - 1):
        out[0, g], out[1, g] = two_sum(S, s + s_)
        out[2, g], out[3, g] = two_sum(C, c + c_)
        out[4, g], out[5, g] = abs_s, abs_c
        for i in range(start[g], start[g + 1]):
            if terms.right[i]:
                S, s, s_ = gather(S, s, s_, terms.vw[0, i], terms.vw[1, i])
                C, c, c_ = gather(C, c, c_, terms.vb[0, i], terms.vb[1, i])
                abs_s += abs(terms.vw[0, i])
                abs_c += abs(terms.vb[0, i])
    g = len(start) - 1
    out[0, g], out[1, g] = two_sum(S, s + s_)
    out[2, g], out[3, g] = two_sum(C, c + c_)
    out[4, g], out[5, g] = abs_s, abs_c
    return out


@kernel
def combine(t, start, terms, sums, sweep, factor, floor):
    """Add the left-oriented neurons, summed from the right, to the right sums; fill `sweep`; return
    the first slope.
    """
    S = 0.0
    s = 0.0
    s_ = 0.0
    C = 0.0
    c = 0.0
    c_ = 0.0
    abs_s, abs_c = 0.0, 0.0
    for g in range(len(start) - 2, -1, -1):
        x = t[start[g]]
        slope, slope_low = two_sum(S, s + s_)
        sweep.slope[g] = add(sums[0, g + 1], sums[1, g + 1], slope, slope_low)[0]
        sweep.silent[g] = abs_s + abs_c + sums[4, g + 1] + sums[5, g + 1] == 0.0 and floor == 0.0
        jump = 0.0
        partial = 0.0
        weight = 0.0
        exact = True
        for i in range(start[g], start[g + 1]):
            weight += abs(terms.vw[0, i])
            exact = exact and terms.rest[i] == 0.0
            # between the exact kink and its rounded value a right-oriented neuron is already on, a
            # left-oriented off
            beyond = terms.rest[i] != 0.0 and (terms.rest[i] > 0.0) == (terms.vw[0, i] > 0.0)
            if terms.right[i]:
                jump += terms.rest[i]
                partial += terms.rest[i] if beyond else 0.0
            else:
                jump -= terms.rest[i]
                partial -= terms.rest[i] if beyond else 0.0
                S, s, s_ = gather(S, s, s_, terms.vw[0, i], terms.vw[1, i])
                C, c, c_ = gather(C, c, c_, terms.vb[0, i], terms.vb[1, i])
                abs_s += abs(terms.vw[0, i])
                abs_c += abs(terms.vb[0, i])
        slope, slope_low = two_sum(S, s + s_)
        slope, slope_low = add(sums[0, g], sums[1, g], slope, slope_low)
        rise, rise_low = two_sum(C, c + c_)
        rise, rise_low = add(sums[2, g], sums[3, g], rise, rise_low)
        value, value_low = line_at(slope, slope_low, rise, rise_low, x)
        sweep.tau[g], sweep.before[g], sweep.after[g] = x, value, value + (value_low + jump)
        sweep.at[g] = value + (value_low + partial)
        steepness = abs_s + sums[4, g + 1]
        magnitude = steepness * abs(x) + abs_c + sums[5, g + 1]
        # of the product of a slope and a tiny x
        underflow = 8.0 * SUBNORMAL if steepness > 0.0 else 0.0
        sweep.error[g] = factor * magnitude + floor * (1.0 + abs(x)) + underflow
        # an exact kink lies within half an ulp of its rounded value; N is Lipschitz there with the
        # slopes nearby
        half_ulp = HALF_ULP * abs(x) + SUBNORMAL
        hidden = not exact or (floor > 0.0 and weight > 0.0)
        sweep.slack[g] = 1.01 * half_ulp * (abs(sweep.slope[g]) + 3.0 * weight) if hidden else 0.0
        sweep.single[g] = exact or start[g + 1] == start[g] + 1
    S, s = two_sum(S, s + s_)
    return add(sums[0, 0], sums[1, 0], S, s)[0]


@kernel
def line_signs(w: np.ndarray, b: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether w x + b > 0, (k,), and whether that is sure; it is not beyond a safe range."""
    positive = np.zeros(len(x), np.bool_)
    sure = np.zeros(len(x), np.bool_)
    for i in range(len(x)):
        small = min(abs(w[i]), abs(x[i]))
        large = max(abs(w[i]), abs(x[i]), abs(b[i]))
        if not (small > SAFE and large < 1.0 / SAFE):
            continue
        p, e = two_product(w[i], x[i])
        s, r = two_sum(p, b[i])
        # only r + e is rounded before the end, to 2**-104 of p where s is no larger than p
        value = s + (r + e)
        positive[i] = value > 0.0
        sure[i] = abs(value) > 2.0**-100 * abs(p)
    return positive, sure


@kernel
def group(t):
    """Offsets of the runs of equal values in sorted t, with len(t) appended."""
    start = np.empty(len(t) + 1, np.int64)
    g = 0
    for i in range(len(t)):
        if i == 0 or t[i] != t[i - 1]:
            start[g] = i
            g += 1
    start[g] = len(t)
    return start[: g + 1]


@kernel
def sweep(
    t: np.ndarray,
    index: np.ndarray,
    v: np.ndarray,
    w: np.ndarray,
    b: np.ndarray,
    base: np.ndarray,
    floor: float,
) -> Sweep:
    """Lines of the net at the sorted knots t.

    t : (k,) sorted; index : (k,) the neuron whose kink it is, or −1 for a bare point; base : see
    `split`; floor : absolute error of one product, in units of the net (0 where nothing can
    underflow). Cost O(k). Rounded, with bounds.
    """
    start = group(t)
    terms = products(t, index, v, w, b)
    size = len(start) - 1
    result = Sweep(
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(size, np.bool_),
        np.empty(size, np.bool_),
        0.0,
    )
    factor = (8.0 * len(v) + 64.0) * SQUARED_ROUNDOFF * (1.0 + 4.0 * len(v) * HALF_ULP)
    first_slope = combine(
        t, start, terms, right_sums(start, terms, base), result, factor, (len(v) + 8.0) * floor
    )
    return Sweep(
        result.tau,
        result.before,
        result.after,
        result.at,
        result.slope,
        result.error,
        result.slack,
        result.silent,
        result.single,
        first_slope,
    )
