"""What multipliers leave of the neurons of a large net: exact partial sums, then double-doubles.

Sums of λ_i y_i (x_i, 1) cancel from 10¹⁵ to numbers of order one. They are kept as integers over a
power of two, in limbs of 32 bits with room to carry, and rounded where a neuron needs them.
"""

import math
from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel

SPLITTER = 134217729.0  # 2**27 + 1
MASK = 0xFFFFFFFF
DIGITS = 6  # limbs that are read: at least 161 bits
# of a handful of operations on double-doubles, each to 2**-102 of its operands
ROUNDING = 2.0**-96


class Grid(NamedTuple):
    """Where the limbs stand: limb k counts multiples of powers[k] = 2^(base + 32 k)."""

    base: int
    powers: np.ndarray


class Sums(NamedTuple):
    """What each neuron is active on, as double-doubles: Σ λ_i y_i x_i and Σ λ_i y_i, (2, n)."""

    moment: np.ndarray
    mass: np.ndarray


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
def put(limbs, value, base):
    """Add a double, which is a multiple of 2^base."""
    if value == 0.0:
        return
    fraction, exponent = math.frexp(abs(value))
    mantissa = np.int64(fraction * 9007199254740992.0)
    place = exponent - 53 - base
    if place < 0:  # zeros at the end of the mantissa
        mantissa >>= -place
        place = 0
    k = place >> 5
    shift = place & 31
    lower = (mantissa & MASK) << shift
    upper = (mantissa >> 32) << shift
    sign = 1 if value > 0.0 else -1
    limbs[k] += sign * (lower & MASK)
    limbs[k + 1] += sign * ((lower >> 32) + (upper & MASK))
    limbs[k + 2] += sign * (upper >> 32)


@kernel
def rounded(limbs, digits, powers):
    """The sum in two words, to 2**-104 of itself; digits is room to work in."""
    carry = 0
    for k in range(len(limbs)):
        total = limbs[k] + carry
        digits[k] = total & MASK
        carry = total >> 32
    sign = 1.0
    if carry < 0:
        sign = -1.0
        carry = 1
        for k in range(len(limbs)):
            total = (MASK - digits[k]) + carry
            digits[k] = total & MASK
            carry = total >> 32
    top = len(limbs) - 1
    while top > 0 and digits[top] == 0:
        top -= 1
    s = 0.0
    e = 0.0
    for k in range(top, max(top - DIGITS, -1), -1):
        s, r = two_sum(s, digits[k] * powers[k])
        e += r
    s, e = two_sum(s, e)
    return sign * s, sign * e


@kernel
def partial_sums(
    x: np.ndarray, high: np.ndarray, low: np.ndarray, wanted: np.ndarray, grid: Grid
) -> tuple[np.ndarray, np.ndarray]:
    """Moments and masses of the first c data, each (2, k + 1), where wanted[c]; 0 elsewhere.

    x, high, low : (k,), terms (high + low)·(x, 1). Sums without error, each rounded once.
    """
    count = len(x)
    moments = np.zeros((2, count + 1))
    masses = np.zeros((2, count + 1))
    moment = np.zeros(len(grid.powers), np.int64)
    mass = np.zeros(len(grid.powers), np.int64)
    digits = np.zeros(len(grid.powers), np.int64)
    for c in range(count + 1):
        if wanted[c]:
            moments[0, c], moments[1, c] = rounded(moment, digits, grid.powers)
            masses[0, c], masses[1, c] = rounded(mass, digits, grid.powers)
        if c < count:
            for part in (high[c], low[c]):
                p, e = two_product(part, x[c])
                put(moment, p, grid.base)
                put(moment, e, grid.base)
                put(mass, part, grid.base)
    return moments, masses


@kernel
def turned(w, b, x, ah, al, bh, bl):
    """z (x A + B)/(x² + 1), z = w x + b: what moving a kink onto x takes from w A + b B; and z."""
    p, e = two_product(w, x)
    zh, zl = add(p, e, b, 0.0)
    ph, pl = times(ah, al, x)
    ph, pl = add(ph, pl, bh, bl)
    product, error = two_product(zh, ph)
    product, error = two_sum(product, error + (zh * pl + zl * ph))
    square, rest = two_product(x, x)
    square, rest = add(square, rest, 1.0, 0.0)
    q = product / square
    mh, ml = times(square, rest, -q)
    rh, rl = add(product, error, mh, ml)
    q, r = two_sum(q, (rh + rl) / square)
    return q, r, zh


@kernel
def leftovers(
    v: np.ndarray, w: np.ndarray, b: np.ndarray, sums: Sums, pinned: Pinned
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Upper bounds on |θ_j − Σ λ_i y_i h_ij|, (n,), up to relative roundings of 2**-50; what of
    them is for rounding; and the distances |z|/√((x² + 1)(w² + b²)) of pinned kinks.
    """
    out = np.zeros(len(v))
    slack = np.zeros(len(v))
    distance = np.zeros(len(v))
    for j in range(len(v)):
        ah, al = sums.moment[0, j], sums.moment[1, j]
        bh, bl = sums.mass[0, j], sums.mass[1, j]
        x = pinned.x[j]
        # words of a certificate need not be ordered by size, those of a double-double are
        share, rest = two_sum(pinned.share[0, j], pinned.share[1, j])
        moment = abs(ah) + abs(share * x)
        mass = abs(bh) + abs(share)
        outer, outer_low = v[j], 0.0
        size = abs(v[j]) + abs(w[j]) * moment + abs(b[j]) * mass
        if pinned.on[j]:
            ph, pl = times(share, rest, x)
            ah, al = add(ah, al, ph, pl)
            bh, bl = add(bh, bl, share, rest)
            th, tl, z = turned(w[j], b[j], x, ah, al, bh, bl)
            outer, outer_low = add(outer, outer_low, th, tl)
            square = x * x + 1.0
            size += (abs(w[j] * x) + abs(b[j])) * (abs(x) * moment + mass) / square
            if z != 0.0:  # a neuron that is off altogether has its kink everywhere
                distance[j] = abs(z) / math.sqrt(square * (w[j] * w[j] + b[j] * b[j]))
            # w − b x has no cancellation where z is small
            if (w[j] - b[j] * x > 0.0) if w[j] < 0.0 else (w[j] - b[j] * x < 0.0):
                distance[j] = 1.0  # on the way to its datum the neuron turns round
        ph, pl = times(ah, al, -w[j])
        outer, outer_low = add(outer, outer_low, ph, pl)
        ph, pl = times(bh, bl, -b[j])
        outer, outer_low = add(outer, outer_low, ph, pl)
        ph, pl = times(ah, al, -v[j])
        slope = add(w[j], 0.0, ph, pl)[0]
        ph, pl = times(bh, bl, -v[j])
        rise = add(b[j], 0.0, ph, pl)[0]
        size += abs(w[j]) + abs(b[j]) + abs(v[j]) * (moment + mass)
        slack[j] = ROUNDING * size
        out[j] = math.sqrt(outer * outer + slope * slope + rise * rise) + slack[j]
    return out, slack, distance
