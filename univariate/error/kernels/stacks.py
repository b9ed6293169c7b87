"""Clean errors of many shallow nets at once, each in one pass over its parameters.

No sorting: kinks in [0, 1] fall into some √n buckets, and where N at both ends of a bucket exceeds
what its kinks can bend, the bucket is settled. Only in the few buckets near a sign change are kinks
put in order. Signs come from plain sums with a bound on their rounding; a crossing, from the line
that is zero there in double-double. Whatever falls within a bound is not guessed: the net comes
back as NaN.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from univariate.common.jit import kernel, parallel_kernel

SPLITTER = 134217729.0  # 2**27 + 1
ROUNDOFF = 2.0**-53
# within, no underflow of a product can reach the bound on the rounding
SMALLEST = 2.0**-900
LARGEST = 2.0**900
VAGUE = 2.0**-50  # the largest error of a clean error that is handed out
LANES = 256  # independent partial sums: the compiler may use vectors without reordering any
ROWS = 32  # nets per parallel task
FEW = 16  # kinks that insertion sort is good for


class Scratch(NamedTuple):
    """Space for one net of width n with M buckets, used again for the next."""

    lanes: np.ndarray  # (4, LANES) partial sums
    mixed: np.ndarray  # (n,) 1 where the kink lies in [0, 1]
    neuron: np.ndarray  # (n,) the neurons whose kinks lie there
    # (4, n) their rounded kink, sign(w)·v, w, b: what changes there is the line sign(w)·v·(w, b)
    kinks: np.ndarray
    bucket: np.ndarray  # (n,) where the kink falls
    link: np.ndarray  # (n,) next kink of the same bucket, −1 at the end
    order: np.ndarray  # (n,) sorted kinks of a run of buckets
    head: np.ndarray  # (M,) first kink of each bucket
    # (M + 1, 4) slope and intercept at the left end of each bucket, Σ|change of slope| in it
    lines: np.ndarray
    line: np.ndarray  # (4,) slope and intercept, two words each, at the last crossing
    # (2,) where that was: kinks of so many buckets, and so many more; −1 at the beginning
    place: np.ndarray


class Row(NamedTuple):
    """One net and what is known of it."""

    v: np.ndarray  # (n,)
    w: np.ndarray  # (n,)
    b: np.ndarray  # (n,)
    bound: float  # on the error of plain sums: values on [0, 1]
    grid: float  # a power of two beyond four times Σ|v|(|w| + |b|), see `gridded`
    fine_bound: float  # on the error of values of `line`


class Silence(NamedTuple):
    """The interval on which no neuron is active, empty unless start < stop; N is exactly zero
    there.

    first, last : its ends where a single kink makes N zero at the end itself, −1 elsewhere.
    """

    start: float
    stop: float
    first: float
    last: float


@kernel
def two_sum(a, b):
    """s + e = a + b exactly, s = fl(a + b)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@kernel
def two_product(a, b):
    """p + e = a·b exactly, p = fl(a·b), unless it underflows; NaN where |a| or |b| is beyond
    2^995.
    """
    p = a * b
    t = SPLITTER * a
    a_high = t - (t - a)
    a_low = a - a_high
    t = SPLITTER * b
    b_high = t - (t - b)
    b_low = b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


@kernel
def gridded(a, b, sigma):
    """a·b as a multiple of 2⁻⁵³ sigma, so that sums of these are exact while below sigma, and the
    small rest.
    """
    p, e = two_product(a, b)
    part = (sigma + p) - sigma
    return part, (p - part) + e


@kernel
def total(lanes):
    """Sum of the partial sums of one quantity; changes them."""
    half = LANES // 2
    while half >= 8:
        for i in range(half):
            lanes[i] += lanes[i + half]
        half //= 2
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + (
        (lanes[4] + lanes[5]) + (lanes[6] + lanes[7])
    )


@kernel
def scan_lanes(v, w, b, lanes, mixed):
    """Add at most LANES neurons to slope and intercept at 0+ and to Σ|v w| + |v b|; mark the kinks
    in [0, 1].

    The sign of the rounded w + b is exact, so activity at both ends of [0, 1] is decided without a
    division.
    """
    S = lanes[0]
    C = lanes[1]
    size = lanes[2]
    for i in range(len(v)):
        vw = v[i] * w[i]
        vb = v[i] * b[i]
        on = b[i] > 0.0
        S[i] += vw if on else 0.0
        C[i] += vb if on else 0.0
        size[i] += abs(vw) + abs(vb)
        mixed[i] = on != (w[i] + b[i] > 0.0)


@kernel
def scan(v, w, b, s):
    """Slope and intercept of the neurons active at 0+, and Σ|v|(|w| + |b|) over all; marks the
    kinks in [0, 1].
    """
    n = len(v)
    s.lanes[:] = 0.0
    for i in range(0, n, LANES):
        j = min(i + LANES, n)
        scan_lanes(v[i:j], w[i:j], b[i:j], s.lanes, s.mixed[i:j])
    return total(s.lanes[0]), total(s.lanes[1]), total(s.lanes[2])


@kernel
def gather(v, w, b, s):
    """List the neurons with kinks in [0, 1], where the kinks are and what changes there; return
    their number.
    """
    count = 0
    for j in range(len(v)):
        s.neuron[count] = j
        count += int(s.mixed[j])
    M = len(s.head)
    t = s.kinks[0]
    U = s.kinks[1]
    W = s.kinks[2]
    B = s.kinks[3]
    for k in range(count):
        j = s.neuron[k]
        U[k], W[k], B[k] = v[j], w[j], b[j]
    for k in range(count):
        t[k] = -B[k] / W[k]
        U[k] *= math.copysign(1.0, W[k])
        s.bucket[k] = min(int(t[k] * M), M - 1)  # M is a power of two: the product is exact
    return count


@kernel
def scatter(s, count, slope, rise):
    """Throw the kinks into their buckets; find the lines at the left ends of these."""
    lines = s.lines
    U = s.kinks[1]
    W = s.kinks[2]
    B = s.kinks[3]
    lines[:] = 0.0
    s.head[:] = -1
    for k in range(count):
        g = s.bucket[k]
        bend = U[k] * W[k]
        lines[g, 0] += bend
        lines[g, 1] += U[k] * B[k]
        lines[g, 2] += abs(bend)
        s.link[k] = s.head[g]
        s.head[g] = k
    for g in range(len(s.lines)):
        bend, drop = lines[g, 0], lines[g, 1]
        lines[g, 0], lines[g, 1] = slope, rise
        slope += bend
        rise += drop


@kernel
def settled(s, g, bound):
    """Sign of N on all of bucket g, 0 if in doubt.

    A kink bends N away from its chord by ≤ |change of slope|/(4 M).
    """
    M = len(s.head)
    left = s.lines[g, 1] + s.lines[g, 0] * (g / M)
    right = s.lines[g + 1, 1] + s.lines[g + 1, 0] * ((g + 1) / M)
    doubt = bound + s.lines[g, 2] / (4.0 * M)
    return int(min(left, right) > doubt) - int(max(left, right) < -doubt)


@kernel
def sort(kink, order):
    """Sort the indices in `order` by their kinks: Shell's sort, which for a handful is insertion
    sort.
    """
    gap = len(order)
    while gap > 1:
        gap = (4 * gap) // 9 if gap > FEW else 1
        for i in range(gap, len(order)):
            k, j = order[i], i
            while j >= gap and kink[order[j - gap]] > kink[k]:
                order[j] = order[j - gap]
                j -= gap
            order[j] = k


@kernel
def collect(s, start, stop):
    """Put the kinks of buckets start, …, stop − 1 in order; return their number."""
    size = 0
    for g in range(start, stop):
        first = size
        k = s.head[g]
        while k >= 0:
            s.order[size] = k
            size += 1
            k = s.link[k]
        sort(s.kinks[0], s.order[first:size])
    return size


@kernel
def line_lanes(v, w, b, sigma, lanes):
    """Add at most LANES neurons to slope and intercept at 0+, on the grid of sigma and the rest."""
    S = lanes[0]
    S_low = lanes[1]
    C = lanes[2]
    C_low = lanes[3]
    for i in range(len(v)):
        u = v[i] if b[i] > 0.0 else 0.0
        part, rest = gridded(u, w[i], sigma)
        S[i] += part
        S_low[i] += rest
        part, rest = gridded(u, b[i], sigma)
        C[i] += part
        C_low[i] += rest


@kernel
def first_line(row, s):
    """Set s.line to the line at 0+. Cost O(n)."""
    n = len(row.v)
    s.lanes[:] = 0.0
    for i in range(0, n, LANES):
        j = min(i + LANES, n)
        line_lanes(row.v[i:j], row.w[i:j], row.b[i:j], row.grid, s.lanes)
    for i in range(4):
        s.line[i] = total(s.lanes[i])


@kernel
def pass_kink(row, s, k):
    """Move s.line across kink k."""
    part, rest = gridded(s.kinks[1, k], s.kinks[2, k], row.grid)
    s.line[0] += part
    s.line[1] += rest
    part, rest = gridded(s.kinks[1, k], s.kinks[3, k], row.grid)
    s.line[2] += part
    s.line[3] += rest


@kernel
def follow(row, s, start, i):
    """Move s.line on, across all kinks before bucket `start` and i more in the order of the present
    run.
    """
    if s.place[0] < 0:
        first_line(row, s)
        s.place[0], s.place[1] = 0, 0
    while s.place[0] < start:
        k = s.head[s.place[0]]
        while k >= 0:
            pass_kink(row, s, k)
            k = s.link[k]
        s.place[0] += 1
    while s.place[1] < i:
        pass_kink(row, s, s.order[s.place[1]])
        s.place[1] += 1


@kernel
def crossing(row, s, start, stop, share):
    """Lengths right of start and left of stop of the zero of s.line near start + share·(stop −
    start), and their error.

    One Newton step, which is exact on a line: all error is in the line and in its value at the
    approximate zero.
    """
    z = start + share * (stop - start)
    p, e = two_product(s.line[0], z)
    f, rest = two_sum(p, s.line[2])
    f += rest + (e + (s.line[1] * z + s.line[3]))
    slope = s.line[0] + s.line[1]
    shift = -f / slope
    error = 1.01 * (2.0 * row.fine_bound + 4.0 * ROUNDOFF * abs(f)) / abs(slope)
    return (z - start) + shift, (stop - z) - shift, error


@kernel
def silence(row, s):
    """Where no neuron is active: right of all left-oriented kinks and left of all right-oriented
    ones. Cost O(n).
    """
    start = 0.0
    stop = 1.0
    starts = 0
    stops = 0
    k = 0
    for j in range(len(row.v)):
        mixed = s.mixed[j] > 0
        t = s.kinks[0, k] if mixed else 1.0
        k += int(mixed)
        if row.v[j] == 0.0:
            continue
        if row.b[j] > 0.0:
            starts = 1 if t > start else starts + int(t == start)
            start = max(t, start)
        elif mixed:
            stops = 1 if t < stop else stops + int(t == stop)
            stop = min(t, stop)
    some = start < stop
    return Silence(
        start, stop, start if some and starts == 1 else -1.0, stop if some and stops == 1 else -1.0
    )


@kernel
def sign(x, bound):
    """−1, 0 or 1; 0 where the sign is within the bound."""
    return int(x > bound) - int(x < -bound)


@kernel
def end_signs(row, s, ends, heights):
    """Signs of N at both ends of a piece, 0 if in doubt.

    Where no neuron is active N is exactly zero, which counts as negative. At a single kink next to
    such a piece N is zero, so that the other end speaks for both.
    """
    left = sign(heights[0], row.bound)
    right = sign(heights[1], row.bound)
    if left == 0 or right == 0:
        silent = silence(row, s)
        if silent.start <= ends[0] and ends[1] <= silent.stop:
            return -1, -1
        if left == 0 and ends[0] == silent.last:
            left = right
        elif right == 0 and ends[1] == silent.first:
            right = left
    return left, right


@kernel
def walk(row, s, start, stop):
    """Length of {N ≤ 0} on buckets start, …, stop − 1, high and low word, and a bound on its error,
    inf if in doubt.
    """
    x = start / len(s.head)
    end = stop / len(s.head)
    slope, rise = s.lines[start, 0], s.lines[start, 1]
    height = rise + slope * x
    length = 0.0
    low = 0.0
    radius = 0.0
    size = collect(s, start, stop)
    for i in range(size + 1):
        to = s.kinks[0, s.order[i]] if i < size else end
        new = rise + slope * to
        if x < to:
            left, right = end_signs(row, s, (x, to), (height, new))
            part = to - x if left < 0 else 0.0
            if left == 0 or right == 0:
                return 0.0, 0.0, math.inf
            if left != right:
                follow(row, s, start, i)
                after, before, error = crossing(
                    row, s, x, to, abs(height) / (abs(height) + abs(new))
                )
                part = after if left < 0 else before
                radius += error
            length, rest = two_sum(length, part)
            low += rest
        if i < size:
            k = s.order[i]
            x, height = to, new
            slope += s.kinks[1, k] * s.kinks[2, k]
            rise += s.kinks[1, k] * s.kinks[3, k]
    if s.place[0] == start:
        follow(row, s, start, size)
        s.place[0], s.place[1] = stop, 0
    return length, low, radius


@kernel
def measured(v, w, b, slope, rise, size, s):
    """A row whose first line and size are known."""
    n = len(v)
    M = len(s.head)
    count = gather(v, w, b, s)
    scatter(s, count, slope, rise)
    s.place[0], s.place[1] = -1, 0
    # so many roundings at most in a sum, of products that come twice: switched on, switched off
    depth = n / LANES + LANES + M + count
    bound = 3.0 * depth * ROUNDOFF * size
    # the rest of a product is ≤ 8 size 2⁻⁵³, and 2 n of them come in slope and intercept each
    fine_bound = 64.0 * n * depth * ROUNDOFF**2 * size
    return Row(v, w, b, bound, math.ldexp(1.0, math.frexp(size)[1] + 2), fine_bound)


@kernel
def one_clean_error(v, w, b, s):
    """Clean error of one net, or NaN where a sign or a crossing is in doubt. Cost O(n)."""
    slope, rise, size = scan(v, w, b, s)
    if not SMALLEST < size < LARGEST:  # refuses NaN, too
        return math.nan
    row = measured(v, w, b, slope, rise, size, s)
    M = len(s.head)
    length, low = 0.0, 0.0
    # of widths, of crossings in them, of both ends of a silent piece, of the result
    radius = 5.0 * ROUNDOFF
    below, g = 0, 0
    while g < M and radius <= VAGUE:
        side = settled(s, g, row.bound)
        start = g
        g = g + 1
        if side < 0:
            below += 1
        elif side == 0:
            while g < M and settled(s, g, row.bound) == 0:
                g += 1
            part, part_low, error = walk(row, s, start, g)
            length, rest = two_sum(length, part)
            low = low + (rest + part_low)
            radius = radius + error
    if not radius <= VAGUE:
        return math.nan
    return min(max(below / M + (length + low), 0.0), 1.0)


@kernel
def scratch(n):
    """Space for nets of width n: a power of two of buckets, of a few kinks each."""
    size = 1
    while size * size < 2 * n:
        size *= 2
    whole = np.empty((4, n), np.int64)
    return Scratch(
        np.empty((4, LANES)),
        np.empty(n, np.uint8),
        whole[0],
        np.empty((4, n)),
        whole[1],
        whole[2],
        whole[3],
        np.empty(size, np.int64),
        np.empty((size + 1, 4)),
        np.empty(4),
        np.empty(2, np.int64),
    )


@parallel_kernel
def stacked_clean_errors(v: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Clean errors of the k nets in the rows of v, w, b, uniform on [0, 1].

    v, w, b : (k, n) C-contiguous. Returns (k,), each within 2⁻⁵⁰ of the exact one, or NaN where
    plain and doubled doubles do not decide: a sign within its own bound, a crossing too flat,
    entries that overflow or are not finite. Cost O(k n). The nets are independent: the number of
    threads changes no bit.
    """
    k, n = v.shape
    out = np.empty(k)
    for task in numba.prange((k + ROWS - 1) // ROWS):
        s = scratch(n)
        for i in range(task * ROWS, min((task + 1) * ROWS, k)):
            out[i] = one_clean_error(v[i], w[i], b[i], s)
    return out
