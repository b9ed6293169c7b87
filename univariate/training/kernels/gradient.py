"""Values of a net at data and gradients of functions of them, O(n + m), without sorting neurons.

Every neuron keeps its cell: with w ≥ 0 it is active on the data i ≥ cell, with w < 0 on i < cell.
Active means fl(fl(w x_i) + b) > 0, which is monotone in x_i, so that ties, kinks on data and w = 0
are unambiguous and σ'(0) = 0; a cell is found by a walk from where it was. Neurons are scattered
into cells, cells summed from the left for one orientation and from the right for the other, never
subtracted; and back again. Sums run in double-double: neurons that cancel leave no error behind but
the last rounding.
"""

import numpy as np

from univariate.common.jit import kernel

SPLITTER = 134217729.0  # 2**27 + 1


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
def line_at(sh, sl, rh, rl, x):
    """Return s·x + r for double-doubles s and r, rounded once."""
    p, e = two_product(sh, x)
    t, f = two_sum(p, rh)
    return t + (f + (e + sl * x + rl))


@kernel
def locate(w: np.ndarray, b: np.ndarray, x: np.ndarray, cell: np.ndarray) -> int:
    """Walk every cell to where it belongs, in place; returns how many data were crossed."""
    m = len(x)
    crossed = 0
    for j in range(len(w)):
        k = cell[j]
        if w[j] >= 0.0:
            while k > 0 and w[j] * x[k - 1] + b[j] > 0.0:
                k -= 1
            while k < m and not w[j] * x[k] + b[j] > 0.0:
                k += 1
        else:
            while k < m and w[j] * x[k] + b[j] > 0.0:
                k += 1
            while k > 0 and not w[j] * x[k - 1] + b[j] > 0.0:
                k -= 1
        crossed += abs(k - cell[j])
        cell[j] = k
    return crossed


@kernel
def grow(table, k, sh, sl, rh, rl):
    """Add a line (slope, rise), double-doubles, to column k of a table of lines (4, ·)."""
    s, e = two_sum(table[0, k], sh)
    table[0, k] = s
    table[1, k] += e + sl
    s, e = two_sum(table[2, k], rh)
    table[2, k] = s
    table[3, k] += e + rl


@kernel
def lines_at_data(right, left, x):
    """Values at data of lines that are active from cell k on (`right`) or before it (`left`): (4, m
    + 1) tables.
    """
    m = len(x)
    sums = np.zeros((4, m))
    for i in range(m):
        if i > 0:
            sums[:, i] = sums[:, i - 1]
        grow(sums, i, right[0, i], right[1, i], right[2, i], right[3, i])
    out = np.empty(m)
    tail = np.zeros((4, 1))
    for i in range(m - 1, -1, -1):
        grow(tail, 0, left[0, i + 1], left[1, i + 1], left[2, i + 1], left[3, i + 1])
        grow(sums, i, tail[0, 0], tail[1, 0], tail[2, 0], tail[3, 0])
        out[i] = line_at(sums[0, i], sums[1, i], sums[2, i], sums[3, i], x[i])
    return out


@kernel
def values(
    v: np.ndarray, w: np.ndarray, b: np.ndarray, x: np.ndarray, cell: np.ndarray
) -> np.ndarray:
    """N(x_i) = Σ v_j (w_j x_i + b_j) over active neurons, (m,)."""
    right = np.zeros((4, len(x) + 1))
    left = np.zeros((4, len(x) + 1))
    for j in range(len(v)):
        sh, sl = two_product(v[j], w[j])
        rh, rl = two_product(v[j], b[j])
        grow(right if w[j] >= 0.0 else left, cell[j], sh, sl, rh, rl)
    return lines_at_data(right, left, x)


@kernel
def changes(
    v: np.ndarray, w: np.ndarray, b: np.ndarray, x: np.ndarray, cell: np.ndarray, step: np.ndarray
) -> np.ndarray:
    """Derivatives of N(x_i) along a step (3, n) of v, w, b, (m,); activity stays."""
    right = np.zeros((4, len(x) + 1))
    left = np.zeros((4, len(x) + 1))
    for j in range(len(v)):
        slope = step[0, j] * w[j] + v[j] * step[1, j]
        rise = step[0, j] * b[j] + v[j] * step[2, j]
        grow(right if w[j] >= 0.0 else left, cell[j], slope, 0.0, rise, 0.0)
    return lines_at_data(right, left, x)


@kernel
def pulled_back(
    v: np.ndarray, w: np.ndarray, b: np.ndarray, x: np.ndarray, cell: np.ndarray, g: np.ndarray
) -> np.ndarray:
    """Gradient of Σ g_i N(x_i) by v, w, b, (3, n)."""
    m = len(x)
    n = len(v)
    # sums of g x and g over i ≥ k, over i < k
    after = np.zeros((4, m + 1))
    before = np.zeros((4, m + 1))
    for i in range(m - 1, -1, -1):
        after[:, i] = after[:, i + 1]
        p, e = two_product(g[i], x[i])
        grow(after, i, p, e, g[i], 0.0)
    for i in range(m):
        before[:, i + 1] = before[:, i]
        p, e = two_product(g[i], x[i])
        grow(before, i + 1, p, e, g[i], 0.0)
    out = np.empty((3, n))
    for j in range(n):
        table = after if w[j] >= 0.0 else before
        k = cell[j]
        moment = table[0, k] + table[1, k]
        mass = table[2, k] + table[3, k]
        p, e = two_product(w[j], table[0, k])
        q, f = two_product(b[j], table[2, k])
        s, t = two_sum(p, q)
        out[0, j] = s + (t + (e + f) + (w[j] * table[1, k] + b[j] * table[3, k]))
        out[1, j] = v[j] * moment
        out[2, j] = v[j] * mass
    return out
