"""Sums of λ_i y_i (x_i, 1) over the data that each neuron is active on, without error.

They cancel from 10¹⁵ to numbers of order one, and are kept as integers over a power of two, in
limbs of 32 bits with room to carry, and rounded where a neuron needs them.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel

SPLITTER = 134217729.0  # 2**27 + 1
MASK = 0xFFFFFFFF
FRACTION = 2**52 - 1  # the bits of a double below its exponent, and the one that is not stored
LEADING = 2**52
HALF = 1022  # the exponent of 1/2, as it is stored
DIGITS = 6  # limbs that are read: at least 161 bits


class Grid(NamedTuple):
    """Where the limbs stand: limb k counts multiples of powers[k] = 2^(base + 32 k)."""

    base: int
    powers: np.ndarray


class Survey(NamedTuple):
    """The range of numbers of two words."""

    least: int  # exponent of what is not zero, and of 1/2
    largest: int
    negative: bool  # whether a sum of two words is; rounded it has the sign of the sum


class Sums(NamedTuple):
    """What each neuron is active on, as double-doubles: Σ λ_i y_i x_i and Σ λ_i y_i, (2, n)."""

    moment: np.ndarray
    mass: np.ndarray


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
def put(limbs, value, base):
    """Add a double, 0 or normal, which is a multiple of 2^base."""
    if value == 0.0:
        return
    bits = np.float64(value).view(np.int64)
    mantissa = (bits & FRACTION) | LEADING
    place = ((bits >> 52) & 2047) - 1075 - base
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
def charge(limbs, x, value, base):
    """Add a multiplier with its sign to the mass, and its product with x to the moment."""
    if value != 0.0:
        p, e = two_product(value, x)
        put(limbs[0], p, base)
        put(limbs[0], e, base)
        put(limbs[1], value, base)


@kernel
def negate(digits):
    """−1 times an integer whose digits are a complement."""
    carry = 1
    for k in range(len(digits)):
        total = (MASK - digits[k]) + carry
        digits[k] = total & MASK
        carry = total >> 32


@kernel
def rounded(digits, powers):
    """An integer ≥ 0 in two words, to 2**-104 of itself."""
    top = len(digits) - 1
    while top > 0 and digits[top] == 0:
        top -= 1
    s = 0.0
    e = 0.0
    for k in range(top, max(top - DIGITS, -1), -1):
        s, r = two_sum(s, digits[k] * powers[k])
        e += r
    return two_sum(s, e)


@kernel
def round_pair(limbs, digits, powers, out):
    """Write a moment and a mass, two words each; digits is room to work in."""
    moment = 0
    mass = 0
    for k in range(len(powers)):
        moment += limbs[0, k]
        mass += limbs[1, k]
        digits[0, k] = moment & MASK
        digits[1, k] = mass & MASK
        moment >>= 32
        mass >>= 32
    if moment < 0:
        negate(digits[0])
    if mass < 0:
        negate(digits[1])
    sign = -1.0 if moment < 0 else 1.0
    s, e = rounded(digits[0], powers)
    out[0], out[1] = sign * s, sign * e
    sign = -1.0 if mass < 0 else 1.0
    s, e = rounded(digits[1], powers)
    out[2], out[3] = sign * s, sign * e


@kernel
def survey(high: np.ndarray, low: np.ndarray) -> Survey:
    """Look at numbers of two words, high + low, (k,) each."""
    least = HALF
    largest = HALF
    negative = False
    for i in range(len(high)):
        negative |= high[i] + low[i] < 0.0
        for word in (high[i], low[i]):
            exponent = int((np.float64(word).view(np.int64) >> 52) & 2047)
            least = min(least, exponent if word != 0.0 else HALF)
            largest = max(largest, exponent)
    return Survey(least - HALF, largest - HALF, negative)


@kernel
def list_cuts(cut, left, place):
    """Mark where cuts of right- and of left-oriented neurons are, and count them."""
    counts = np.zeros(2, np.int64)
    for j in range(len(cut)):
        side = int(left[j])
        counts[side] += 1 - place[side, cut[j]]
        place[side, cut[j]] = 1
    return counts


@kernel
def neuron_sums(
    x: np.ndarray,
    y: np.ndarray,
    high: np.ndarray,
    low: np.ndarray,
    cut: np.ndarray,
    left: np.ndarray,
    grid: Grid,
    place: np.ndarray,
) -> Sums:
    """Sums of y (high + low)·(x, 1) over the data before its cut for a left-oriented neuron, from
    it on for others.

    x, y, high, low : (m,); cut, left : (n,); place : (2, m + 1) int32, zeros, room to work in. Sums
    without error, each rounded once: one pass from the right, and before a cut is what all data
    have more than those from it on. Cost O(n + m).
    """
    size = len(grid.powers)
    counts = list_cuts(cut, left, place)
    found = np.empty((counts[0] + counts[1], 4))
    limbs = np.zeros((2, size), np.int64)
    kept = np.empty((counts[1], 2, size), np.int64)
    digits = np.empty((2, size), np.int64)
    rights = 0
    lefts = 0
    for i in range(len(x), -1, -1):
        if i < len(x) and (high[i] != 0.0 or low[i] != 0.0):
            charge(limbs, x[i], high[i] * y[i], grid.base)
            charge(limbs, x[i], low[i] * y[i], grid.base)
        if place[0, i] > 0:
            round_pair(limbs, digits, grid.powers, found[rights])
            place[0, i] = rights
            rights += 1
        if place[1, i] > 0:
            kept[lefts] = limbs
            place[1, i] = counts[0] + lefts
            lefts += 1
    for k in range(lefts):
        round_pair(limbs - kept[k], digits, grid.powers, found[counts[0] + k])
    sums = Sums(np.empty((2, len(cut))), np.empty((2, len(cut))))
    for j in range(len(cut)):
        row = found[place[int(left[j]), cut[j]]]
        sums.moment[0, j], sums.moment[1, j] = row[0], row[1]
        sums.mass[0, j], sums.mass[1, j] = row[2], row[3]
    return sums
