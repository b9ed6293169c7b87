"""Kernels of the general solver: values in double-double, exact pricing, and rounding that keeps
values.

A number is held as an unevaluated sum ``high + low`` of two floats (about 32 digits). The general
solver needs them because neurons of size 10⁹ cancel to values of order one: every plain sum would
lose seven digits. All results are rounded; nothing here is a proof.
"""

import numpy as np

from univariate.common.jit import kernel

SHORT = 2.0**-8
BASES, MULTIPLES = 4, 1024
# |v| and |(w, b)| are pulled apart, for where they agree rounding errors do not vary
SPREADS = (2.0**-35, 2.0**-24)
# harm at which the first window, or the second, is not worth the imbalance
HARMLESS = (4e-15, 1e-13)


@kernel
def two_sum(a, b):
    """Sum of two floats and its rounding error, exactly."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@kernel
def two_product(a: float, b: float) -> tuple[float, float]:
    """Product of two floats and its rounding error, exactly (Dekker; |a|, |b| below 1e150)."""
    p = a * b
    c = 134217729.0 * a
    ah = c - (c - a)
    al = a - ah
    c = 134217729.0 * b
    bh = c - (c - b)
    bl = b - bh
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


@kernel
def add(ah: float, al: float, bh: float, bl: float) -> tuple[float, float]:
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
def net_margins(
    v: np.ndarray, w: np.ndarray, b: np.ndarray, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """y_i N(x_i) − 1 for N(x) = Σ v_j max(0, w_j x + b_j); (n,) from neurons (k,) and points (n,).

    Rounded once.
    """
    out = np.empty(len(x))
    for i in range(len(x)):
        h, e = -1.0, 0.0
        for j in range(len(v)):
            zh, zl = two_product(w[j], x[i])
            zh, zl = add(zh, zl, b[j], 0.0)
            if zh > 0.0:
                ph, pl = times(zh, zl, v[j])
                h, e = add(h, e, y[i] * ph, y[i] * pl)
        out[i] = h + e
    return out


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
            at = begun[0 if orientation[j] > 0 else 1, place[j]]
            at[0], at[1] = add(at[0], at[1], u[j, 0], u[j, 1])
            at[2], at[3] = add(at[2], at[3], u[j, 2], u[j, 3])
    high = y.copy()
    low = np.zeros(n)
    for side in range(2):
        sh, sl, rh, rl = 0.0, 0.0, 0.0, 0.0
        for step in range(n):
            i = step if side == 0 else n - 1 - step
            sh, sl = add(sh, sl, begun[side, i, 0], begun[side, i, 1])
            rh, rl = add(rh, rl, begun[side, i, 2], begun[side, i, 3])
            ph, pl = times(sh, sl, x[i])
            ph, pl = add(ph, pl, rh, rl)
            high[i], low[i] = add(high[i], low[i], -ph, -pl)
    return high + low


@kernel
def kink_lines(
    x: np.ndarray, gap: np.ndarray, cell: np.ndarray, tau: np.ndarray, slope: np.ndarray
) -> np.ndarray:
    """Lines slope_j·(t − t_j) with t_j = x[cell_j] + tau_j·gap[cell_j]: (k, 4) slopes and rises in
    double-double.
    """
    out = np.zeros((len(cell), 4))
    for j in range(len(cell)):
        th, tl = two_product(tau[j], gap[cell[j]])
        th, tl = add(th, tl, x[cell[j]], 0.0)
        rh, rl = times(th, tl, -slope[j])
        out[j, 0], out[j, 2], out[j, 3] = slope[j], rh, rl
    return out


@kernel
def pricing_ratio(x: np.ndarray, q: np.ndarray) -> float:
    """Largest |D_±(t)| / √(1 + t²) over all t, and |Σ q|, for signed multipliers q_i = λ_i y_i at
    increasing x_i.

    Exact up to rounding: on a piece D = P₁ − P₀ t the ratio peaks at an end or, with value √(P₀² +
    P₁²), at −P₀/P₁.
    """
    n = len(x)
    sums = np.zeros((2, 4))
    for i in range(n):
        sums[0, 0], sums[0, 1] = add(sums[0, 0], sums[0, 1], q[i], 0.0)
        ph, pl = two_product(q[i], x[i])
        sums[0, 2], sums[0, 3] = add(sums[0, 2], sums[0, 3], ph, pl)
    worst = abs(sums[0, 0])
    for k in range(-1, n):
        if k >= 0:
            ph, pl = two_product(q[k], x[k])
            for side in range(2):
                sums[side, 0], sums[side, 1] = add(sums[side, 0], sums[side, 1], -q[k], 0.0)
                sums[side, 2], sums[side, 3] = add(sums[side, 2], sums[side, 3], -ph, -pl)
        low = x[k] if k >= 0 else -np.inf
        high = x[k + 1] if k + 1 < n else np.inf
        for side in range(2):
            p0, p1 = sums[side, 0], sums[side, 2]
            for t in (low, high):
                if abs(t) < np.inf:
                    dh, dl = times(sums[side, 0], sums[side, 1], -t)
                    dh, dl = add(dh, dl, sums[side, 2], sums[side, 3])
                    worst = max(worst, abs(dh) / np.hypot(1.0, t))
            if p1 != 0.0 and low <= -p0 / p1 <= high:
                worst = max(worst, np.hypot(p0, p1))
    return worst


@kernel
def nearest_step(phase, stride, farthest):
    """k < farthest that brings phase + k·stride near an integer, and a shorter step q that moves it
    little.

    Ostrowski's expansion: steps q with displacement d alternate in sign and shrink as Euclid's
    algorithm runs on (1, stride); each level steps just across 0, for the next one leads back. All
    in floats: quotients may be huge.
    """
    before, d_before, q, d = 0.0, -1.0, 1.0, stride - np.floor(stride)
    offset, k, short = phase - np.floor(phase) - 1.0, 0.0, 1.0
    nearest, best = 0.0, 1.0
    while d != 0.0 and q < farthest:
        short = q if q < SHORT * farthest else short
        for c in (np.floor(-offset / d), np.ceil(-offset / d)):
            if 0.0 <= c <= (farthest - k) / q and abs(offset + c * d) < best:
                nearest, best = k + c * q, abs(offset + c * d)
        if d * offset < 0.0:
            c = min(np.ceil(-offset / d), np.floor((farthest - k) / q))
            k += c * q
            offset += c * d
        c = np.floor(-d_before / d)
        before, d_before, q, d = q, d, before + c * q, d_before + c * d
    return nearest, short


@kernel
def fine_weights(size, kink, spread):
    """Neighbours of the weight `size`, within 8·spread, whose product with the double-double kink
    is nearly a float.
    """
    out = np.empty(BASES * MULTIPLES)
    for base in range(BASES):
        start = size * (1.0 + (4 + base) * spread)
        unit = abs(np.nextafter(start, np.inf) - start)
        p, e = two_product(start, kink[0])
        grain = np.nextafter(abs(p), np.inf) - abs(p)
        k, step = nearest_step(
            (e + start * kink[1]) / grain, kink[0] * (unit / grain), spread * 2.0**46
        )
        for multiple in range(MULTIPLES):
            out[base * MULTIPLES + multiple] = start + unit * (k + step * multiple)
    return out


@kernel
def fine_neuron(
    side: float, slope: tuple, rise: tuple, x: np.ndarray, y: np.ndarray, quiet: float
) -> tuple[float, float, float]:
    """Balanced floats (v, w, b), sign of w = side, with v w ≈ slope and v b ≈ rise, double-doubles.

    Among thousands of neighbours of the balanced weight the one is taken that harms least: by
    lowering the margin at a point (x, y) of the line's own piece, or by not being silent at
    `quiet`; raising a margin counts a thousandth.
    """
    t = -rise[0] / slope[0]
    p, e = two_product(t, slope[0])
    gh, gl = add(-rise[0], -rise[1], -p, -(e + t * slope[1]))
    kink = two_sum(t, (gh + gl) / slope[0])
    size = side * np.sqrt(abs(slope[0]) / np.hypot(1.0, kink[0]))
    best, chosen = np.inf, (slope[0] / size, size, rise[0] / slope[0] * size)
    for attempt in range(3):
        candidates = (
            np.full(1, size) if attempt == 0 else fine_weights(size, kink, SPREADS[attempt - 1])
        )
        for w in candidates:
            ph, pl = two_product(w, kink[0])
            b = -two_sum(ph, pl + w * kink[1])[0]
            v = slope[0] / w
            ph, pl = two_product(w, quiet)
            harm = abs(v) * max(0.0, add(ph, pl, b, 0.0)[0])
            ph, pl = two_product(v, w)
            sh, sl = add(ph, pl, -slope[0], -slope[1])
            ph, pl = two_product(v, b)
            rh, rl = add(ph, pl, -rise[0], -rise[1])
            for i in range(len(x)):
                ph, pl = times(sh, sl, x[i])
                gain = y[i] * add(ph, pl, rh, rl)[0]
                harm = max(harm, -gain, 1e-3 * gain)
            if harm < best:
                best, chosen = harm, (v, w, b)
        if kink[0] == 0.0 or attempt == 2 or best <= HARMLESS[attempt]:
            break
    return chosen


@kernel
def signed(high, low, y, lean):
    """Round a double-double up (lean > 0) or down (lean < 0); 0 where its sign is not that of y."""
    q = high + low
    if add(q, 0.0, -high, -low)[0] * lean < 0.0:
        q = np.nextafter(q, lean * np.inf)
    return q if q * y > 0.0 else 0.0


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

    lean : (n,) ±1, on which side of the wanted values rounding is to end. From both ends towards
    `last` each multiplier is chosen after the rounding of the ones before it, so that an error of
    the slope is undone at the next point and does not grow with distance. The side `leader` (0
    left, 1 right) goes first; the other takes over its error at x[last], and λ_last makes up the
    total: so D_+ − D_− is right everywhere.
    """
    n = len(x)
    q = np.zeros(n)
    error = 0.0
    for side in (leader, 1 - leader):
        dh, dl, sh, sl = 0.0, 0.0, 0.0, 0.0
        for step in range(last if side == 0 else n - 1 - last):
            i = step if side == 0 else n - 1 - step
            j = i + 1 if side == 0 else i - 1
            gh, gl = two_sum(max(x[i], x[j]), -min(x[i], x[j]))
            goal = wanted[side, j]
            wh, wl = two_sum(goal, error if side != leader and j == last else 0.0)
            wh, wl = add(wh, wl, -dh, -dl)
            slope = (wh + wl) / gh
            ph, pl = two_product(slope, gh)
            ph, pl = add(wh, wl, -ph, -(pl + slope * gl))
            ph, pl = add(slope, (ph + pl) / gh, -sh, -sl)
            q[i] = signed(ph, pl, y[i], lean[j])
            sh, sl = add(sh, sl, q[i], 0.0)
            ph, pl = times(sh, sl, gh)
            ph, pl = add(ph, pl, sh * gl, 0.0)
            dh, dl = add(dh, dl, ph, pl)
            if j == last:
                ph, pl = add(dh, dl, -goal, 0.0)
                error = ph + pl
    sh, sl = total, 0.0
    for i in range(n):
        sh, sl = add(sh, sl, -q[i], 0.0)
    q[last] = signed(sh, sl, y[last], lean[last])
    return q * y
