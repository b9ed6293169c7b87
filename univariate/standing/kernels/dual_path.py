"""The dual path: multipliers λ ≥ 0 that lead the partial sums T through given points, in
double-double.

T_k = Σ_{i ≥ k} λ_i y_i (x_i, 1) starts at 0 behind the last datum; every neuron prescribes T
somewhere, so the data between two neighbouring neurons answer for a difference of two given points
of the plane. Multipliers reach the inverse of the smallest gap, 10¹⁰ and more, while T stays of
order one: hence two words for each of them.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel
from univariate.standing.kernels.stops import Stops

SPLITTER = 134217729.0  # 2**27 + 1
NOTHING = 2.0**-51  # a part of T below this is rounding, and left to the next block


class Walk(NamedTuple):
    """Multipliers, and what each stop on a datum has on its right, as double-doubles."""

    high: np.ndarray  # (m,)
    low: np.ndarray  # (m,)
    right_high: np.ndarray  # (k,) share of the datum's λ right of the stop; 0 for stops in a gap
    right_low: np.ndarray  # (k,)


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
def over(ah, al, bh, bl):
    """Quotient of two double-doubles."""
    q = ah / bh
    ph, pl = times(bh, bl, -q)
    rh, rl = add(ah, al, ph, pl)
    return two_sum(q, (rh + rl) / bh)


@kernel
def on_one(x, y, moment, mass):
    """Best λ ≥ 0 on one datum for the target (moment, mass), and what of either remains."""
    share = max(0.0, y * (moment * x + mass) / (x * x + 1.0))
    return share, moment - share * y * x, mass - share * y


@kernel
def on_two(x, y, i, j, mh, ml, sh, sl):
    """λ_i y_i and λ_j y_j with the given moment and mass, as double-doubles."""
    gh, gl = two_sum(x[j], -x[i])
    ph, pl = times(sh, sl, -x[i])
    ph, pl = add(mh, ml, ph, pl)
    bh, bl = over(ph, pl, gh, gl)
    ah, al = add(sh, sl, -bh, -bl)
    return ah, al, bh, bl


@kernel
def alone(x, y, rays, count, moment, mass):
    """Whether one datum, or none, may leave nothing: a length is no less than either coordinate."""
    found = max(abs(moment), abs(mass)) <= NOTHING
    for r in range(count):
        _, a, b = on_one(x[rays[r]], y[rays[r]], moment, mass)
        found |= max(abs(a), abs(b)) <= NOTHING
    return found


@kernel
def nearest_one(x, y, rays, count, moment, mass):
    """The datum that comes nearest, −1 if none comes nearer, its share, and what remains."""
    nearest = np.hypot(moment, mass)
    chosen = -1
    share = 0.0
    if nearest > NOTHING:
        for r in range(count):
            found, a, b = on_one(x[rays[r]], y[rays[r]], moment, mass)
            distance = np.hypot(a, b)
            if distance < nearest:
                nearest = distance
                chosen = rays[r]
                share = found
    return chosen, share, nearest


@kernel
def cheapest_two(x, y, rays, count, mh, ml, sh, sl):
    """The two data with the least total that meet a target, as in `split`; −1 if none do."""
    least = np.inf
    best = (-1, 0.0, 0.0, -1, 0.0, 0.0)
    for r in range(count):
        for q in range(r):
            i, j = rays[r], rays[q]
            if i != j:
                ah, al, bh, bl = on_two(x, y, i, j, mh, ml, sh, sl)
                if ah * y[i] >= 0.0 and bh * y[j] >= 0.0 and abs(ah) + abs(bh) < least:
                    least = abs(ah) + abs(bh)
                    best = (i, ah, al, j, bh, bl)
    return best


@kernel
def split(x, y, rays, count, mh, ml, sh, sl):
    """Share a target among the rays: (i, λ_i high, low, j, λ_j high, low), signs included; i or j
    is −1 if unused.

    Nothing if the target is nothing, else one datum if that is enough, else the two with the least
    total, else the one that comes nearest.
    """
    moment = mh + ml
    mass = sh + sl
    chosen = -1
    share = 0.0
    nearest = np.inf
    # lengths are slow, and mostly not needed
    if alone(x, y, rays, count, moment, mass):
        chosen, share, nearest = nearest_one(x, y, rays, count, moment, mass)
    if nearest > NOTHING:
        best = cheapest_two(x, y, rays, count, mh, ml, sh, sl)
        if best[0] >= 0:
            return best
        chosen, share, nearest = nearest_one(x, y, rays, count, moment, mass)
    if chosen < 0:
        return -1, 0.0, 0.0, -1, 0.0, 0.0
    return chosen, share * y[chosen], 0.0, -1, 0.0, 0.0


@kernel
def walk(
    x: np.ndarray,
    y: np.ndarray,
    active: np.ndarray,
    stops: Stops,
    total: np.ndarray,
    found: Walk,
) -> None:
    """Walk through the stops from right to left.

    x, y : (m,) data; active : (m,) bool, which data may carry λ. T is to be at slope·total + offset
    at each stop, as (moment, mass); positions decrease, 2i is the gap left of datum i, 2i + 1 the
    datum i itself. What one block misses is left to the next. Writes into `found`, zeros.
    """
    position = stops.position
    m = len(x)
    k = len(position)
    high, low = found.high, found.low
    rays = np.empty(4, np.int64)
    th = 0.0
    tl = 0.0
    sh = 0.0
    sl = 0.0
    behind = 2 * m
    for s in range(k):
        rays[:] = -1
        for i in range((behind - 1) // 2, position[s] // 2 - 1, -1):
            if active[i]:
                side = 0 if y[i] > 0.0 else 2
                rays[side + 1] = i
                if rays[side] < 0:
                    rays[side] = i
        count = 0
        for r in range(4):
            if rays[r] >= 0 and (r % 2 == 0 or rays[r] != rays[r - 1]):
                rays[count] = rays[r]
                count += 1
        ah, al = add(stops.slope[s] * total[0] + stops.offset[s, 0], 0.0, -th, -tl)
        bh, bl = add(stops.slope[s] * total[1] + stops.offset[s, 1], 0.0, -sh, -sl)
        i, ph, pl, j, qh, ql = split(x, y, rays, count, ah, al, bh, bl)
        for index, ch, cl in ((i, ph, pl), (j, qh, ql)):
            if index >= 0:
                high[index], low[index] = add(high[index], low[index], ch * y[index], cl * y[index])
                sh, sl = add(sh, sl, ch, cl)
                gh, gl = times(ch, cl, x[index])
                th, tl = add(th, tl, gh, gl)
        if position[s] % 2 == 1:
            found.right_high[s] = high[position[s] // 2]
            found.right_low[s] = low[position[s] // 2]
        behind = position[s]


@kernel
def clear_below(values: np.ndarray, least: float) -> None:
    """Make 0 of sizes below `least`, in place."""
    for i in range(len(values)):
        if values[i] != 0.0 and abs(values[i]) < least:
            values[i] = 0.0
