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
LANES = 64  # independent partial sums, so that the compiler may use vectors without reordering any
ROWS = 32  # nets per parallel task
FEW = 32  # kinks that insertion sort is good for


class Scratch(NamedTuple):
    """Space for one net of width n with M buckets, used again for the next."""

    lanes: np.ndarray  # (4, LANES) partial sums
    mixed: np.ndarray  # (n,) 1 where the kink lies in (0, 1)
    index: np.ndarray  # (n,) the neurons whose kinks lie there, K of them
    kink: np.ndarray  # (n,) rounded kinks
    bend: np.ndarray  # (n,) v|w|, the change of slope at the kink
    drop: np.ndarray  # (n,) v·b·sign(w), the change of intercept
    side: np.ndarray  # (n,) sign(w)
    link: np.ndarray  # (n,) next kink of the same bucket, −1 at the end
    order: np.ndarray  # (n,) sorted kinks of a run of buckets
    head: np.ndarray  # (M,) first kink of each bucket
    slope: np.ndarray  # (M + 1,) line at the left end of each bucket
    rise: np.ndarray  # (M + 1,)
    weight: np.ndarray  # (M + 1,) Σ|bend| in each bucket


class Row(NamedTuple):
    """One net and what is known of it."""

    v: np.ndarray  # (n,)
    w: np.ndarray  # (n,)
    b: np.ndarray  # (n,)
    size: float  # Σ|v|(|w| + |b|)
    bound: float  # on the error of plain sums: values on [0, 1] and slopes
    active: int  # neurons active at 0+
    count: int  # kinks in (0, 1)


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
    """Sum of the partial sums of one quantity."""
    s = 0.0
    for x in lanes:
        s += x
    return s


@kernel
def scan_lanes(v, w, b, lanes, mixed):
    """Add at most LANES neurons: slope and intercept of those active at 0+, magnitudes, how many are active at 0+.

    The sign of the rounded w + b is exact, so activity at both ends of [0, 1] is decided without a division.
    """
    S, C, size, active = lanes[0], lanes[1], lanes[2], lanes[3]
    for l in range(len(v)):
        vl, wl, bl = v[l], w[l], b[l]
        end = wl + bl
        on = (bl > 0.0) | ((bl == 0.0) & (end > 0.0))
        u = vl if on else 0.0
        S[l] += u * wl
        C[l] += u * bl
        size[l] += abs(vl) * (abs(wl) + abs(bl))
        active[l] += 1.0 if u != 0.0 else 0.0
        mixed[l] = (vl != 0.0) & (((bl > 0.0) & (end < 0.0)) | ((bl < 0.0) & (end > 0.0)))


@kernel
def scan(v, w, b, s):
    """(slope, intercept, count) of the neurons active at 0+, and Σ|v|(|w| + |b|) over all; marks the kinks in (0, 1)."""
    n = len(v)
    s.lanes[:] = 0.0
    for i in range(0, n, LANES):
        j = min(i + LANES, n)
        scan_lanes(v[i:j], w[i:j], b[i:j], s.lanes, s.mixed[i:j])
    return total(s.lanes[0]), total(s.lanes[1]), total(s.lanes[3]), total(s.lanes[2])


@kernel
def gather(v, w, b, s):
    """Lists the neurons with kinks in (0, 1) and what each changes there; returns their number."""
    count = 0
    for j in range(len(v)):
        s.index[count] = j
        count += s.mixed[j]
    for k in range(count):
        j = s.index[k]
        side = math.copysign(1.0, w[j])
        s.kink[k] = -b[j] / w[j]
        s.bend[k] = side * v[j] * w[j]
        s.drop[k] = side * v[j] * b[j]
        s.side[k] = 1 if w[j] > 0.0 else -1
    return count


@kernel
def scatter(s, count, slope, rise):
    """Adds up the buckets and the lines at their left ends."""
    M = len(s.head)
    s.slope[:], s.rise[:], s.weight[:], s.head[:] = 0.0, 0.0, 0.0, -1
    for k in range(count):
        g = min(int(s.kink[k] * M), M - 1)  # M is a power of two: the product is exact
        s.slope[g + 1] += s.bend[k]
        s.rise[g + 1] += s.drop[k]
        s.weight[g] += abs(s.bend[k])
        s.link[k] = s.head[g]
        s.head[g] = k
    s.slope[0], s.rise[0] = slope, rise
    for g in range(M):
        s.slope[g + 1] += s.slope[g]
        s.rise[g + 1] += s.rise[g]


@kernel
def settled(s, g, bound):
    """Sign of N on all of bucket g, 0 if in doubt.  A kink bends N away from its chord by ≤ |bend|/(4 M)."""
    M = len(s.head)
    left = s.rise[g] + s.slope[g] * (g / M)
    right = s.rise[g + 1] + s.slope[g + 1] * ((g + 1) / M)
    doubt = bound + s.weight[g] / (4.0 * M)
    if min(left, right) > doubt:
        return 1
    if max(left, right) < -doubt:
        return -1
    return 0


@kernel
def sort(kink, order):
    """Sorts the indices in order by their kinks."""
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
    """Puts the kinks of buckets start, …, stop − 1 in order; returns their number."""
    size = 0
    for g in range(start, stop):
        first = size
        k = s.head[g]
        while k >= 0:
            s.order[size] = k
            size += 1
            k = s.link[k]
        sort(s.kink, s.order[first:size])
    return size


@kernel
def residual_lanes(v, w, b, z, sigma, lanes):
    """Add v·max(0, w z + b) in double-double: a part on the grid of `sigma`, whose sum is exact, and the rest."""
    high, low, size = lanes[0], lanes[1], lanes[2]
    for l in range(len(v)):
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
def residual(v, w, b, z, size, lanes):
    """N(z) and a bound on its error.  Cost O(n).

    The bound: n + 64 roundings of terms ≤ 2⁻⁵²·8·size, and products lost to underflow.
    """
    n = len(v)
    sigma = math.ldexp(1.0, math.frexp(size)[1] + 2)
    lanes[:] = 0.0
    for i in range(0, n, LANES):
        j = min(i + LANES, n)
        residual_lanes(v[i:j], w[i:j], b[i:j], z, sigma, lanes)
    bound = 16.0 * ((n + LANES) * ROUNDOFF) ** 2 * size + UNDERFLOW * total(lanes[2])
    return total(lanes[0]) + total(lanes[1]), bound


@kernel
def sign(x, bound):
    """−1, 0 or 1; 0 where the sign is within the bound."""
    return int(x > bound) - int(x < -bound)


@kernel
def crossing(row, s, slope, start, stop, share):
    """Zero of N between two knots with a sign change, as (start, its shift, bound on the error of the shift).

    One Newton step from an approximation that is good to bound/slope already; exact on a line but for rounding.
    """
    z = start + share * (stop - start)
    f, doubt = residual(row.v, row.w, row.b, z, row.size, s.lanes)
    steep = abs(slope)
    if steep <= STEEP * row.bound:
        return z, 0.0, math.inf
    return z, -f / slope, 1.01 * (doubt + abs(f) * (row.bound / steep + 4.0 * ROUNDOFF)) / steep


@kernel
def piece(row, s, slope, ends, heights, signs):
    """Length of {N ≤ 0} between two knots, given values and signs there, and a bound on its error."""
    (start, stop), (a, b) = ends, heights
    if signs[0] == 0 or signs[1] == 0:
        return 0.0, math.inf
    if signs[0] == signs[1]:
        return (stop - start if signs[0] < 0 else 0.0), 0.0
    z, shift, error = crossing(row, s, slope, start, stop, abs(a) / (abs(a) + abs(b)))
    return ((z - start) + shift if signs[0] < 0 else (stop - z) - shift), error


@kernel
def turn(s, order, first, size):
    """Changes at the kinks that are equal to the first one: (slope, intercept, active neurons, kinks after them)."""
    bend, drop, side = 0.0, 0.0, 0
    i = first
    while i < size and s.kink[order[i]] == s.kink[order[first]]:
        k = order[i]
        bend, drop, side = bend + s.bend[k], drop + s.drop[k], side + s.side[k]
        i += 1
    return bend, drop, side, i


@kernel
def active_at(row, s, x):
    """Number of neurons active left of the kinks ≥ x."""
    active = row.active
    for k in range(row.count):
        active += s.side[k] if s.kink[k] < x else 0
    return active


@kernel
def walk(row, s, start, stop):
    """Length of {N ≤ 0} on buckets start, …, stop − 1, high and low word, and a bound on its error.

    Where no neuron is active N is exactly zero: such a piece counts whole, and at the single kink that ends it N is
    zero, so that the other end of the next piece speaks for both.
    """
    x, end = start / len(s.head), stop / len(s.head)
    slope, rise, active = s.slope[start], s.rise[start], active_at(row, s, x)
    height, zero = rise + slope * x, False
    size, i = collect(s, start, stop), 0
    length, low, radius = 0.0, 0.0, 0.0
    while True:
        to = s.kink[s.order[i]] if i < size else end
        bend, drop, side, j = turn(s, s.order, i, size)
        new = rise + slope * to
        part, error = 0.0, 0.0
        if x < to and active == 0:
            part, error = to - x, 2.0 * ROUNDOFF
        elif x < to:
            left, right = sign(height, row.bound), sign(new, row.bound)
            if left == 0 and zero:
                left = right
            elif right == 0 and active + side == 0 and j == i + 1:
                right = left
            part, error = piece(row, s, slope, (x, to), (height, new), (left, right))
        length, rest = two_sum(length, part)
        low, radius = low + rest, radius + error
        if i == size:
            return length, low, radius
        zero = active == 0 and j == i + 1
        x, height, slope, rise, active, i = to, new, slope + bend, rise + drop, active + side, j


@kernel
def clean_error(v, w, b, s):
    """Clean error of one net, or NaN where a sign or a crossing is in doubt.  Cost O(n)."""
    n, M = len(v), len(s.head)
    slope, rise, active, size = scan(v, w, b, s)
    if not SMALLEST < size < LARGEST:  # also refuses NaN
        return math.nan
    count = gather(v, w, b, s)
    scatter(s, count, slope, rise)
    # no sum has more than n + M + 2·LANES roundings, and no neuron is in it more than twice
    row = Row(v, w, b, size, 3.0 * (n + M + 2 * LANES) * ROUNDOFF * size, int(active), count)
    length, low, radius = 0.0, 0.0, 4.0 * ROUNDOFF
    below, g = 0, 0
    while g < M:
        side = settled(s, g, row.bound)
        start, g = g, g + 1
        if side < 0:
            below += 1
        elif side == 0:
            while g < M and settled(s, g, row.bound) == 0:
                g += 1
            part, part_low, error = walk(row, s, start, g)
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
    reals = np.empty((3, n))
    lines = np.empty((3, M + 1))
    whole = np.empty((4, n), np.int64)
    return Scratch(
        np.empty((4, LANES)),
        np.empty(n, np.uint8),
        whole[0],
        reals[0],
        reals[1],
        reals[2],
        whole[1],
        whole[2],
        whole[3],
        np.empty(M, np.int64),
        lines[0],
        lines[1],
        lines[2],
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
