"""Kernels that round neurons and multipliers so that the values that matter are kept.

Numbers are double-doubles ``high + low``, as in `values`. All results are rounded.
"""

import numpy as np

from univariate.common.jit import kernel

Double = tuple[float, float]

SPLITTER = 134217729.0  # 2**27 + 1
SHORT = 2.0**-8  # of the farthest step
# of each spread: as many neighbours as leave 2⁻¹² of the rounding of one, if these are random
BASES = 4
MULTIPLES = 1024
# |v| and |(w, b)| are pulled apart, for where they agree rounding errors do not vary
SPREADS = (2.0**-42, 2.0**-38, 2.0**-35, 2.0**-32, 2.0**-29, 2.0**-26, 2.0**-24)
# harm at which each window in turn is not worth the imbalance
HARMLESS = (4e-15, 4e-15, 1e-12, 1e-12, 1e-12, 1e-12, 1e-12)
RAISING = 1e-3  # the harm in raising a margin, relative to that in lowering it


@kernel
def two_sum(a, b):
    """s + e = a + b exactly, s = fl(a + b)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@kernel
def two_product(a: float, b: float) -> Double:
    """p + e = a·b exactly, p = fl(a·b); |a|, |b| below 1e150."""
    p = a * b
    t = SPLITTER * a
    a_high = t - (t - a)
    a_low = a - a_high
    t = SPLITTER * b
    b_high = t - (t - b)
    b_low = b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


@kernel
def add(a: Double, b: Double) -> Double:
    """Sum of two double-doubles."""
    s, e = two_sum(a[0], b[0])
    f, g = two_sum(a[1], b[1])
    s, e = two_sum(s, e + f)
    return two_sum(s, e + g)


@kernel
def subtract(a: Double, b: Double) -> Double:
    """Difference of two double-doubles."""
    return add(a, (-b[0], -b[1]))


@kernel
def times(a, x):
    """Double-double times float."""
    p, e = two_product(a[0], x)
    return two_sum(p, e + a[1] * x)


@kernel
def nearest_step(phase, stride, farthest):
    """k < farthest that brings phase + k·stride near an integer, and a shorter step q.

    Ostrowski's expansion: steps q with displacement d alternate in sign and shrink as Euclid's
    algorithm runs on (1, stride); each level steps just across 0, for the next one leads back. All
    in floats: quotients may be huge.
    """
    q_old, d_old = 0.0, -1.0
    q = 1.0
    d = stride - np.floor(stride)
    # in [−1, 0): steps of either sign of d are needed in turn
    offset = phase - np.floor(phase) - 1.0
    k = 0.0
    short = 1.0
    nearest, best = 0.0, 1.0
    while d != 0.0 and q < farthest:
        if q < SHORT * farthest:
            short = q
        for c in (np.floor(-offset / d), np.ceil(-offset / d)):
            if 0.0 <= c <= (farthest - k) / q and abs(offset + c * d) < best:
                nearest = k + c * q
                best = abs(offset + c * d)
        if d * offset < 0.0:
            c = min(np.ceil(-offset / d), np.floor((farthest - k) / q))
            k += c * q
            offset += c * d
        c = np.floor(-d_old / d)
        q_old, d_old, q, d = q, d, q_old + c * q, d_old + c * d
    return nearest, short


@kernel
def fine_weights(size, kink, spread):
    """Weights within 8·spread of `size` whose product with the kink is nearly a float."""
    out = np.empty(BASES * MULTIPLES)
    for base in range(BASES):
        start = size * (1.0 + (4 + base) * spread)
        unit = abs(np.nextafter(start, np.inf) - start)
        p, e = two_product(start, kink[0])
        grain = np.nextafter(abs(p), np.inf) - abs(p)
        phase = (e + start * kink[1]) / grain
        k, step = nearest_step(phase, kink[0] * (unit / grain), spread * 2.0**46)
        for multiple in range(MULTIPLES):
            out[base * MULTIPLES + multiple] = start + unit * (k + step * multiple)
    return out


@kernel
def zero_of(slope, rise):
    """The place −rise/slope where a line is 0, in double-double."""
    t = -rise[0] / slope[0]
    p, e = two_product(t, slope[0])
    rest = subtract((-rise[0], -rise[1]), (p, e + t * slope[1]))
    return two_sum(t, (rest[0] + rest[1]) / slope[0])


@kernel
def balanced_pair(w, slope, kink):
    """The floats v and b that go with a weight: v w ≈ slope, and −b/w ≈ the double-double kink."""
    p, e = two_product(w, kink[0])
    b = -two_sum(p, e + w * kink[1])[0]
    return slope[0] / w, b


@kernel
def harm_of(neuron, slope, rise, x, y, quiet):
    """How much a neuron lowers a margin at its points, or sounds where it should be silent."""
    v, w, b = neuron
    noise = add(two_product(w, quiet), (b, 0.0))
    harm = abs(v) * max(0.0, noise[0])
    slope_error = subtract(two_product(v, w), slope)
    rise_error = subtract(two_product(v, b), rise)
    for i in range(len(x)):
        error = add(times(slope_error, x[i]), rise_error)
        gain = y[i] * error[0]
        harm = max(harm, -gain, RAISING * gain)
    return harm


@kernel
def fine_neuron(
    side: float, slope: Double, rise: Double, x: np.ndarray, y: np.ndarray, quiet: float
) -> tuple[float, float, float]:
    """Balanced floats (v, w, b), sign of w = side, with v w ≈ slope and v b ≈ rise, double-doubles.

    Among thousands of neighbours of the balanced weight the one is taken that harms least: by
    lowering the margin at a point (x, y) of the line's own piece, or by not being silent at
    `quiet`; raising a margin counts a thousandth.
    """
    kink = zero_of(slope, rise)
    size = side * np.sqrt(abs(slope[0]) / np.hypot(1.0, kink[0]))
    best = np.inf
    chosen = (slope[0] / size, size, rise[0] / slope[0] * size)
    candidates = np.full(1, size)
    for attempt in range(1 + len(SPREADS)):
        if attempt > 0:
            candidates = fine_weights(size, kink, SPREADS[attempt - 1])
        for w in candidates:
            v, b = balanced_pair(w, slope, kink)
            harm = harm_of((v, w, b), slope, rise, x, y, quiet)
            if harm < best:
                best = harm
                chosen = (v, w, b)
        if kink[0] == 0.0 or attempt == len(SPREADS) or best <= HARMLESS[attempt]:
            break
    return chosen


@kernel
def signed(a, y, lean):
    """Round a double-double up (lean > 0) or down (lean < 0); 0 where its sign is not that of y."""
    q = a[0] + a[1]
    if subtract((q, 0.0), a)[0] * lean < 0.0:
        q = np.nextafter(q, lean * np.inf)
    return q if q * y > 0.0 else 0.0


@kernel
def round_side(x, y, goals, lean, last, side, error, q):
    """Choose the multipliers q of one side, in place, from its end up to `last`; returns how far D
    ends from its goal at x[last], where `error` is already on it.

    Each multiplier is chosen after the rounding of the ones before it, so that an error of the
    slope is undone at the next point and does not grow with distance.
    """
    n = len(x)
    value, slope = (0.0, 0.0), (0.0, 0.0)  # of D at x[i], towards `last`
    missed = 0.0
    for step in range(last if side == 0 else n - 1 - last):
        i = step if side == 0 else n - 1 - step
        j = i + 1 if side == 0 else i - 1
        gap, gap_low = two_sum(max(x[i], x[j]), -min(x[i], x[j]))
        rise = subtract(two_sum(goals[j], error if j == last else 0.0), value)
        want = (rise[0] + rise[1]) / gap
        p, e = two_product(want, gap)
        rest = subtract(rise, (p, e + want * gap_low))
        change = subtract((want, (rest[0] + rest[1]) / gap), slope)
        q[i] = signed(change, y[i], lean[j])
        slope = add(slope, (q[i], 0.0))
        made = add(times(slope, gap), (slope[0] * gap_low, 0.0))
        value = add(value, made)
        if j == last:
            left = subtract(value, (goals[j], 0.0))
            missed = left[0] + left[1]
    return missed


@kernel
def round_multipliers(
    x: np.ndarray,
    y: np.ndarray,
    wanted: np.ndarray,
    total: float,
    lean: np.ndarray,
    last: int,
    leader: int,
) -> np.ndarray:
    """Multipliers (n,) ≥ 0, D_− near wanted[0] on x[1..last], D_+ near wanted[1] on x[last..n−2], Σ
    λ y near `total`.

    lean : (n,) ±1, on which side of the wanted values rounding is to end. The side `leader` (0
    left, 1 right) goes first; the other takes over its error at x[last], and λ_last makes up the
    total: so D_+ − D_− is right everywhere.
    """
    q = np.zeros(len(x))
    error = round_side(x, y, wanted[leader], lean, last, leader, 0.0, q)
    follower = 1 - leader
    round_side(x, y, wanted[follower], lean, last, follower, error, q)
    rest = (total, 0.0)
    for i in range(len(x)):
        rest = subtract(rest, (q[i], 0.0))
    q[last] = signed(rest, y[last], lean[last])
    return q * y
