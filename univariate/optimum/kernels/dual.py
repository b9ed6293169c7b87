"""The largest |D(t)|/√(1 + t²) of a dual function, in one pass over its kinks with a running bound
on the error.

From kink to kink the value of D grows by slope times gap, both in double-double, so that inputs far
from 0 cancel nothing: what is lost is counted as it is lost.
"""

import math

import numpy as np

from univariate.common.jit import kernel

SPLITTER = 134217729.0  # 2**27 + 1
ROUNDING = 2.0**-102  # of a handful of operations on double-doubles, relative to their operands
UNDERFLOW = 2.0**-1070  # of their low words
SINGLE = 2.0**-50  # of a handful of operations on doubles
ABOVE = 1.0 + 2.0**-20  # sums of bounds are rounded themselves
ABOVE_ALL = 1.0 + 2.0**-49  # and so are the last quotients and roots


@kernel
def two_sum(a, b):
    """s + e = a + b exactly, s = fl(a + b)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@kernel
def two_product(a, b):
    """p + e = a·b exactly, p = fl(a·b), unless it underflows; |a|, |b| < 2**995."""
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
def turn(value, slope, x):
    """Whether D/√(1 + t²) rises (1) or falls (−1) at x (0: in doubt),
    the sign of (1 + x²) D′ − x D.
    """
    rising = slope[0] * (1.0 + x * x)
    falling = x * value[0]
    doubt = SINGLE * (abs(rising) + abs(falling)) + UNDERFLOW
    doubt += ABOVE * (slope[2] * (1.0 + x * x) + abs(x) * value[2])
    found = rising - falling
    return int(found > doubt) - int(found < -doubt)


@kernel
def at_zero(value, slope, x):
    """D(0) of the line through (x, value), and a bound on its error."""
    p, e = two_product(slope[0], -x)
    found = add(value[0], value[1], p, e - slope[1] * x)[0]
    lost = ROUNDING * (abs(value[0]) + abs(p)) + UNDERFLOW
    return found, ABOVE * (value[2] + slope[2] * abs(x) + lost) + SINGLE * abs(found)


@kernel
def peak(value, slope, x):
    """√(D(0)² + D′²): the supremum of |D|/√(1 + t²) over all of the line through (x, value)."""
    rise, error = at_zero(value, slope, x)
    return math.hypot(abs(rise) + error, abs(slope[0]) + ABOVE * slope[2])


@kernel
def beyond(value, slope, x):
    """The supremum of |D|/√(1 + t²) over the ray right of x; far away it tends to |D′|."""
    rise, error = at_zero(value, slope, x)
    far = int(rise < -error) - int(rise > error)
    if far != 0 and far == turn(value, slope, x):
        return abs(slope[0]) + ABOVE * slope[2]
    return peak(value, slope, x)


@kernel
def supremum(x: np.ndarray, charge: np.ndarray) -> float:
    """Upper bound on |D(t)|/√(1 + t²) over all t for D(t) = Σ charge_i max(0, t − x_i).

    x : (k,) increasing, |x| ≤ 2**500; charge : (k,), |charge| ≤ 2. Between kinks D = α + s t, and
    D/√(1 + t²) peaks where s = α t, with value √(α² + s²): inside a piece only if it rises at one
    end and falls at the other. Triples hold two words and a bound on their error. Cost O(k).
    """
    worst = 0.0
    value = (0.0, 0.0, 0.0)
    slope = (0.0, 0.0, 0.0)
    for i in range(len(x)):
        worst = max(worst, (abs(value[0]) + ABOVE * value[2]) / math.sqrt(1.0 + x[i] * x[i]))
        s, s_low = add(slope[0], slope[1], charge[i], 0.0)
        lost = ROUNDING * (abs(slope[0]) + abs(charge[i])) + UNDERFLOW
        slope = (s, s_low, slope[2] + lost)
        if i + 1 == len(x):
            break
        gap, gap_low = two_sum(x[i + 1], -x[i])
        p, e = two_product(s, gap)
        v, v_low = add(value[0], value[1], p, e + (s * gap_low + s_low * gap))
        lost = ROUNDING * (abs(value[0]) + abs(p)) + UNDERFLOW
        after = (v, v_low, value[2] + (slope[2] * gap + lost))
        side = turn(value, slope, x[i])
        if side == 0 or side != turn(after, slope, x[i + 1]):
            worst = max(worst, peak(value, slope, x[i]))
        value = after
    return ABOVE_ALL * max(worst, beyond(value, slope, x[len(x) - 1]))
