"""Kernels that measure: margins, residuals and prices in double-double.

A number is held as an unevaluated sum ``high + low`` of two floats (about 32 digits). The general
solver needs them because neurons of size 10⁹ cancel to values of order one: every plain sum would
lose seven digits. All results are rounded; nothing here is a proof.
"""

import numpy as np

from univariate.common.jit import kernel

SPLITTER = 134217729.0  # 2**27 + 1


@kernel
def two_sum(a, b):
    """s + e = a + b exactly, s = fl(a + b)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@kernel
def two_product(a, b):
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
def add(a, b):
    """Sum of two double-doubles."""
    s, e = two_sum(a[0], b[0])
    f, g = two_sum(a[1], b[1])
    s, e = two_sum(s, e + f)
    return two_sum(s, e + g)


@kernel
def times(a, x):
    """Double-double times float."""
    p, e = two_product(a[0], x)
    return two_sum(p, e + a[1] * x)


@kernel
def net_margins(
    v: np.ndarray, w: np.ndarray, b: np.ndarray, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """y_i N(x_i) − 1 for N(x) = Σ v_j max(0, w_j x + b_j); (n,) from neurons (k,) and points (n,).

    Rounded once.
    """
    out = np.empty(len(x))
    for i in range(len(x)):
        margin = (-1.0, 0.0)
        for j in range(len(v)):
            z = add(two_product(w[j], x[i]), (b[j], 0.0))
            if z[0] > 0.0:
                high, low = times(z, v[j])
                margin = add(margin, (y[i] * high, y[i] * low))
        out[i] = margin[0] + margin[1]
    return out


@kernel
def line_of(row):
    """Slope and rise, double-doubles, from a row (4,)."""
    return (row[0], row[1]), (row[2], row[3])


@kernel
def add_lines(a, b):
    """Sum of two lines."""
    return add(a[0], b[0]), add(a[1], b[1])


@kernel
def spline_residual(
    x: np.ndarray, y: np.ndarray, orientation: np.ndarray, place: np.ndarray, u: np.ndarray
) -> np.ndarray:
    """y_i − N(x_i) for lines u that are switched on at data indices; (n,), rounded once.

    x, y : (n,); orientation : (k,) in {1, −1}; place : (k,) index of the first (right-oriented) or
    last (left-oriented) point on which line j is active; u : (k, 4) its slope and rise as
    double-doubles.
    """
    n = len(x)
    begun = np.zeros((2, n, 4))
    for j in range(len(place)):
        if 0 <= place[j] < n:
            row = begun[0 if orientation[j] > 0 else 1, place[j]]
            slope, rise = add_lines(line_of(row), line_of(u[j]))
            row[0], row[1] = slope
            row[2], row[3] = rise
    high = y.copy()
    low = np.zeros(n)
    for side in range(2):
        active = ((0.0, 0.0), (0.0, 0.0))
        for step in range(n):
            i = step if side == 0 else n - 1 - step
            active = add_lines(active, line_of(begun[side, i]))
            value = add(times(active[0], x[i]), active[1])
            high[i], low[i] = add((high[i], low[i]), (-value[0], -value[1]))
    return high + low


@kernel
def kink_lines(
    x: np.ndarray, gap: np.ndarray, cell: np.ndarray, tau: np.ndarray, slope: np.ndarray
) -> np.ndarray:
    """Lines slope_j·(t − x[cell_j] − tau_j·gap[cell_j]): (k, 4) double-doubles."""
    out = np.zeros((len(cell), 4))
    for j in range(len(cell)):
        t = add(two_product(tau[j], gap[cell[j]]), (x[cell[j]], 0.0))
        out[j, 0] = slope[j]
        out[j, 2], out[j, 3] = times(t, -slope[j])
    return out


@kernel
def charged(moments, q, x):
    """The double-doubles P₀ and P₁ with q and q·x added."""
    return add(moments[0], (q, 0.0)), add(moments[1], two_product(q, x))


@kernel
def price_at(moments, t):
    """|P₁ − P₀ t| / √(1 + t²)."""
    d = add(times(moments[0], -t), moments[1])
    return abs(d[0]) / np.hypot(1.0, t)


@kernel
def pricing_ratio(x: np.ndarray, q: np.ndarray) -> float:
    """Largest |D_±(t)| / √(1 + t²) over all t, and |Σ q|, for signed multipliers q_i = λ_i y_i at
    increasing x_i.

    Exact up to rounding: on a piece D = P₁ − P₀ t the ratio peaks at an end or, with value √(P₀² +
    P₁²), at −P₀/P₁.
    """
    n = len(x)
    # of D_+ and of D_−: sums over the data right of a piece, minus those left of it
    right = ((0.0, 0.0), (0.0, 0.0))
    left = right
    for i in range(n):
        right = charged(right, q[i], x[i])
    worst = abs(right[0][0])
    for k in range(-1, n):
        low = -np.inf
        if k >= 0:
            low = x[k]
            right = charged(right, -q[k], low)
            left = charged(left, -q[k], low)
        high = x[k + 1] if k + 1 < n else np.inf
        for moments in (right, left):
            for t in (low, high):
                if abs(t) < np.inf:
                    worst = max(worst, price_at(moments, t))
            p0 = moments[0][0]
            p1 = moments[1][0]
            if p1 != 0.0 and low <= -p0 / p1 <= high:
                worst = max(worst, np.hypot(p0, p1))
    return worst
