"""Clean errors of many shallow nets at once, each in one pass over its parameters.

No sorting: kinks in (0, 1) fall into some 2√n buckets, and where N at both ends of a bucket exceeds what its kinks
can bend, the bucket is settled.  Only in the few buckets near a sign change are kinks put in order.  Signs come from
plain sums with a bound on their rounding; a crossing is then moved by one Newton step with a residual in
double-double.  Whatever falls within a bound is not guessed: the net comes back as NaN.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from univariate._jit import kernel, parallel_kernel

SPLITTER = 134217729.0  # 2**27 + 1
ROUNDOFF = 2.0**-53
UNDERFLOW = 2.0**-1070
SMALLEST, LARGEST = 2.0**-900, 2.0**900  # within, no underflow of a product can reach the bound on the rounding
VAGUE = 2.0**-50  # the largest error of a clean error that is handed out
STEEP = 1024.0  # a slope must exceed its own error that many times
LANES = 128  # independent partial sums: the compiler may use vectors without reordering any
ROWS = 32  # nets per parallel task
FEW = 32  # kinks that insertion sort is good for


class Scratch(NamedTuple):
    """Space for one net of width n with M buckets, used again for the next."""

    lanes: np.ndarray  # (3, LANES) partial sums
    rest: np.ndarray  # (3, LANES) the last neurons, filled up with zeros
    mixed: np.ndarray  # (n + LANES,) 1 where the kink lies in (0, 1)
    index: np.ndarray  # (n,) the neurons whose kinks lie there, K of them
    kinks: np.ndarray  # (3, n) rounded kink, changes v|w| of slope and v·b·sign(w) of intercept
    order: np.ndarray  # (n,) sorted kinks of a run of buckets
    link: np.ndarray  # (n,) next kink of the same bucket, −1 at the end
    head: np.ndarray  # (M,) first kink of each bucket
    lines: np.ndarray  # (3, M + 1) slope and intercept at the left end of each bucket, Σ|change of slope| within


class Row(NamedTuple):
    """One net and what is known of it."""

    v: np.ndarray  # (n,)
    w: np.ndarray  # (n,)
    b: np.ndarray  # (n,)
    size: float  # Σ|v|(|w| + |b|)
    bound: float  # on the error of plain sums: values on [0, 1] and slopes
    count: int  # kinks in (0, 1)


class Silence(NamedTuple):
    """The interval on which no neuron is active, empty unless start < stop; N is exactly zero there.

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
    """p + e = a·b exactly, p = fl(a·b), unless it underflows; NaN where |a| or |b| is beyond 2^995."""
    p = a * b
    t = SPLITTER * a
    a_high = t - (t - a)
    a_low = a - a_high
    t = SPLITTER * b
    b_high = t - (t - b)
    b_low = b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


@kernel
def total(lanes):
    """Sum of the partial sums of one quantity; changes them."""
    half = LANES // 2
    while half >= 8:
        for l in range(half):
            lanes[l] += lanes[l + half]
        half //= 2
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))


@kernel
def rest_of(v, w, b, rest):
    """Fills up what a whole number of LANES leaves over with zeros."""
    size = len(v) % LANES
    rest[:] = 0.0
    first = len(v) - size
    for l in range(size):
        rest[0, l], rest[1, l], rest[2, l] = v[first + l], w[first + l], b[first + l]
    return rest[0], rest[1], rest[2]


@kernel
def scan_lanes(v, w, b, lanes, mixed):
    """Add LANES neurons to slope and intercept at 0+ and to the magnitudes; mark the kinks in (0, 1).

    The sign of the rounded w + b is exact, so activity at both ends of [0, 1] is decided without a division.
    """
    S, C, size = lanes[0], lanes[1], lanes[2]
    for l in range(LANES):
        vl, wl, bl = v[l], w[l], b[l]
        end = wl + bl
        on = (bl > 0.0) | ((bl == 0.0) & (end > 0.0))
        u = vl if on else 0.0
        S[l] += u * wl
        C[l] += u * bl
        size[l] += abs(vl) * (abs(wl) + abs(bl))
        mixed[l] = (min(bl, end) < 0.0) & (max(bl, end) > 0.0)


@kernel
def scan(v, w, b, s):
    """Slope and intercept of the neurons active at 0+, and Σ|v|(|w| + |b|) over all; marks the kinks in (0, 1)."""
    n = len(v)
    s.lanes[:] = 0.0
    for i in range(0, n - LANES + 1, LANES):
        j = i + LANES
        scan_lanes(v[i:j], w[i:j], b[i:j], s.lanes, s.mixed[i:j])
    if n % LANES > 0:
        i = n - n % LANES
        v, w, b = rest_of(v, w, b, s.rest)
        scan_lanes(v, w, b, s.lanes, s.mixed[i : i + LANES])
    return total(s.lanes[0]), total(s.lanes[1]), total(s.lanes[2])


@kernel
def gather(v, w, b, s):
    """List the neurons with kinks in (0, 1) and what each changes there; return their number."""
    count = 0
    for j in range(len(v)):
        s.index[count] = j
        count += s.mixed[j]
    t, bend, drop = s.kinks[0], s.kinks[1], s.kinks[2]
    for k in range(count):
        j = s.index[k]
        u = math.copysign(1.0, w[j]) * v[j]
        t[k] = -b[j] / w[j]
        bend[k] = u * w[j]
        drop[k] = u * b[j]
    return count


@kernel
def scatter(s, count, slope, rise):
    """Throw the kinks into buckets; find the lines at their left ends."""
    M = len(s.head)
    t, bend, drop = s.kinks[0], s.kinks[1], s.kinks[2]
    S, C, weight = s.lines[0], s.lines[1], s.lines[2]
    s.lines[:] = 0.0
    s.head[:] = -1
    for k in range(count):
        g = min(int(t[k] * M), M - 1)  # M is a power of two: the product is exact
        S[g + 1] += bend[k]
        C[g + 1] += drop[k]
        weight[g] += abs(bend[k])
        s.link[k] = s.head[g]
        s.head[g] = k
    S[0], C[0] = slope, rise
    for g in range(M):
        S[g + 1] += S[g]
        C[g + 1] += C[g]


@kernel
def settled(s, g, bound):
    """Sign of N on all of bucket g, 0 if in doubt.  A kink bends N away from its chord by ≤ |change of slope|/(4 M)."""
    M = len(s.head)
    left = s.lines[1, g] + s.lines[0, g] * (g / M)
    right = s.lines[1, g + 1] + s.lines[0, g + 1] * ((g + 1) / M)
    doubt = bound + s.lines[2, g] / (4.0 * M)
    return int(min(left, right) > doubt) - int(max(left, right) < -doubt)


@kernel
def sort(kink, order):
    """Sort the indices in `order` by their kinks."""
    if len(order) > FEW:
        order[:] = order[np.argsort(kink[order])]
        return
    for i in range(1, len(order)):
        k = order[i]
        j = i
        while j > 0 and kink[order[j - 1]] > kink[k]:
            order[j] = order[j - 1]
            j -= 1
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
def residual_lanes(v, w, b, z, sigma, lanes):
    """Add v·max(0, w z + b) of LANES neurons: a part on the grid of sigma, whose sum is exact, the rest, and |v|."""
    high, low, size = lanes[0], lanes[1], lanes[2]
    for l in range(LANES):
        p, e = two_product(w[l], z)
        h, r = two_sum(p, b[l])
        r += e
        u = v[l] if h + r > 0.0 else 0.0
        p, e = two_product(u, h)
        part = (sigma + p) - sigma
        high[l] += part
        low[l] += (p - part) + (e + u * r)
        size[l] += abs(u)


@kernel
def residual(row, s, z):
    """N(z) and a bound on its error.  Cost O(n).

    Only the sum of what is off the grid is rounded: n + LANES times, with terms ≤ 8 size 2⁻⁵³ each.
    """
    n = len(row.v)
    sigma = math.ldexp(1.0, math.frexp(row.size)[1] + 2)
    s.lanes[:] = 0.0
    for i in range(0, n - LANES + 1, LANES):
        j = i + LANES
        residual_lanes(row.v[i:j], row.w[i:j], row.b[i:j], z, sigma, s.lanes)
    if n % LANES > 0:
        v, w, b = rest_of(row.v, row.w, row.b, s.rest)
        residual_lanes(v, w, b, z, sigma, s.lanes)
    bound = 16.0 * ((n + LANES) * ROUNDOFF) ** 2 * row.size + UNDERFLOW * total(s.lanes[2])
    return total(s.lanes[0]) + total(s.lanes[1]), bound


@kernel
def sign(x, bound):
    """−1, 0 or 1; 0 where the sign is within the bound."""
    return int(x > bound) - int(x < -bound)


@kernel
def crossing(row, s, slope, z):
    """Shift from z, which is bound/slope off, to the zero of N, and a bound on its error: a Newton step on a line."""
    steep = abs(slope)
    if steep <= STEEP * row.bound:
        return 0.0, math.inf
    f, doubt = residual(row, s, z)
    return -f / slope, 1.01 * (doubt + abs(f) * (row.bound / steep + 4.0 * ROUNDOFF)) / steep


@kernel
def piece(row, s, slope, ends, heights, signs):
    """Length of {N ≤ 0} between two knots, given values and signs there, and a bound on its error."""
    width = ends[1] - ends[0]
    if signs[0] == 0 or signs[1] == 0:
        return 0.0, math.inf
    if signs[0] == signs[1]:
        return (width if signs[0] < 0 else 0.0), 0.0
    z = ends[0] + width * (abs(heights[0]) / (abs(heights[0]) + abs(heights[1])))
    shift, error = crossing(row, s, slope, z)
    return ((z - ends[0]) + shift if signs[0] < 0 else (ends[1] - z) - shift), error


@kernel
def silence(row, s):
    """Where no neuron is active: right of all left-oriented kinks and left of all right-oriented ones.  Cost O(n)."""
    start, stop, starts, stops = 0.0, 1.0, 0, 0
    k = 0
    for j in range(len(row.v)):
        t = 1.0
        if s.mixed[j]:
            t = s.kinks[0, k]
            k += 1
        if row.v[j] == 0.0:
            continue
        if s.mixed[j] and row.w[j] > 0.0:
            stops = 1 if t < stop else stops + int(t == stop)
            stop = min(t, stop)
        elif row.b[j] > 0.0 or (row.b[j] == 0.0 and row.w[j] > 0.0):
            starts = 1 if t > start else starts + int(t == start)
            start = max(t, start)
    return Silence(start, stop, start if starts == 1 else -1.0, stop if stops == 1 else -1.0)


@kernel
def walk(row, s, start, stop, silent):
    """Length of {N ≤ 0} on buckets start, …, stop − 1, high and low word, and a bound on its error, inf if in doubt.

    The silent interval counts whole; next to it N is zero at one end, so the other end speaks for both.
    """
    x, end = start / len(s.head), stop / len(s.head)
    slope, rise = s.lines[0, start], s.lines[1, start]
    height = rise + slope * x
    length, low, radius = 0.0, 0.0, 0.0
    size = collect(s, start, stop)
    for i in range(size + 1):
        to = s.kinks[0, s.order[i]] if i < size else end
        new = rise + slope * to
        if x < to and silent.start <= x and to <= silent.stop:
            length, radius = length + (to - x), radius + 4.0 * ROUNDOFF
        elif x < to:
            left, right = sign(height, row.bound), sign(new, row.bound)
            if left == 0 and x == silent.last:
                left = right
            elif right == 0 and to == silent.first:
                right = left
            part, error = piece(row, s, slope, (x, to), (height, new), (left, right))
            length, rest = two_sum(length, part)
            low, radius = low + rest, radius + error
        if i < size:
            k = s.order[i]
            x, height, slope, rise = to, new, slope + s.kinks[1, k], rise + s.kinks[2, k]
    return length, low, radius


@kernel
def clean_error(v, w, b, s):
    """Clean error of one net, or NaN where a sign or a crossing is in doubt.  Cost O(n)."""
    n, M = len(v), len(s.head)
    slope, rise, size = scan(v, w, b, s)
    if not SMALLEST < size < LARGEST:  # refuses NaN, too
        return math.nan
    count = gather(v, w, b, s)
    scatter(s, count, slope, rise)
    # no sum has more than n + M + 2·LANES roundings, and no neuron is in it more than twice
    row = Row(v, w, b, size, 3.0 * (n + M + 2 * LANES) * ROUNDOFF * size, count)
    length, low, radius = 0.0, 0.0, 2.0 * ROUNDOFF
    below, g = 0, 0
    while g < M and radius <= VAGUE:
        side = settled(s, g, row.bound)
        start, g = g, g + 1
        if side < 0:
            below += 1
        elif side == 0:
            while g < M and settled(s, g, row.bound) == 0:
                g += 1
            part, part_low, error = walk(row, s, start, g, Silence(1.0, 0.0, -1.0, -1.0))
            if error == math.inf:
                part, part_low, error = walk(row, s, start, g, silence(row, s))
            length, rest = two_sum(length, part)
            low, radius = low + (rest + part_low), radius + error
    if not radius <= VAGUE:
        return math.nan
    return min(max(below / M + (length + low), 0.0), 1.0)


@kernel
def scratch(n):
    """Space for nets of width n."""
    M = 1
    while M * M < 4 * n:
        M *= 2
    index = np.empty((3, n), np.int64)
    return Scratch(
        np.empty((3, LANES)),
        np.empty((3, LANES)),
        np.empty(n + LANES, np.uint8),
        index[0],
        np.empty((3, n)),
        index[1],
        index[2],
        np.empty(M, np.int64),
        np.empty((3, M + 1)),
    )


@parallel_kernel
def stacked_clean_errors(v: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Clean errors of the k nets in the rows of v, w, b, uniform on [0, 1].

    v, w, b : (k, n) C-contiguous.  Returns (k,), each within 2⁻⁵⁰ of the exact one, or NaN where plain and doubled
    doubles do not decide: a sign within its own bound, a crossing too flat, entries that overflow or are not finite.
    Cost O(k n).  The nets are independent: the number of threads changes no bit.
    """
    k, n = v.shape
    out = np.empty(k)
    for task in numba.prange((k + ROWS - 1) // ROWS):
        s = scratch(n)
        for i in range(task * ROWS, min((task + 1) * ROWS, k)):
            out[i] = clean_error(v[i], w[i], b[i], s)
    return out
