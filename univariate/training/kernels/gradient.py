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
def plus(line, sh, sl, rh, rl):
    """Return a line, slope and rise as double-doubles in a tuple, and another one together."""
    slope, e = two_sum(line[0], sh)
    rise, f = two_sum(line[2], rh)
    return slope, line[1] + (e + sl), rise, line[3] + (f + rl)


@kernel
def grow(table, k, sh, sl, rh, rl):
    """Add a line to row k of a table of lines (·, 4)."""
    row = table[k]
    row[0], row[1], row[2], row[3] = plus((row[0], row[1], row[2], row[3]), sh, sl, rh, rl)


@kernel
def lines_at_data(right, left, x):
    """Values at data of lines that are active from cell k on (`right`) or before it (`left`): (m +
    1, 4) tables. Sums overwrite `right`: fresh memory costs more than they do.
    """
    m = len(x)
    line = (0.0, 0.0, 0.0, 0.0)  # tuples, not arrays: the compiler keeps them in registers
    for i in range(m):
        line = plus(line, right[i, 0], right[i, 1], right[i, 2], right[i, 3])
        right[i, 0], right[i, 1], right[i, 2], right[i, 3] = line
    out = np.empty(m)
    tail = (0.0, 0.0, 0.0, 0.0)
    for i in range(m - 1, -1, -1):
        k = i + 1
        tail = plus(tail, left[k, 0], left[k, 1], left[k, 2], left[k, 3])
        line = (right[i, 0], right[i, 1], right[i, 2], right[i, 3])
        slope, slope_low, rise, rise_low = plus(line, tail[0], tail[1], tail[2], tail[3])
        out[i] = line_at(slope, slope_low, rise, rise_low, x[i])
    return out


@kernel
def values(
    v: np.ndarray, w: np.ndarray, b: np.ndarray, x: np.ndarray, cell: np.ndarray
) -> np.ndarray:
    """N(x_i) = Σ v_j (w_j x_i + b_j) over active neurons, (m,)."""
    right = np.zeros((len(x) + 1, 4))
    left = np.zeros((len(x) + 1, 4))
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
    right = np.zeros((len(x) + 1, 4))
    left = np.zeros((len(x) + 1, 4))
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
    out = np.empty((3, n))
    # sums of g x and g over i ≥ k, then over i < k: two tables would be twice the memory
    table = np.zeros((m + 1, 4))
    for side in range(2):
        line = (0.0, 0.0, 0.0, 0.0)
        table[0 if side == 1 else m, :] = 0.0
        for step in range(m):
            i = step if side == 1 else m - 1 - step
            k = i + side
            p, e = two_product(g[i], x[i])
            line = plus(line, p, e, g[i], 0.0)
            table[k, 0], table[k, 1], table[k, 2], table[k, 3] = line
        for j in range(n):
            if (w[j] >= 0.0) == (side == 0):
                k = cell[j]
                high, low, rise, rise_low = table[k, 0], table[k, 1], table[k, 2], table[k, 3]
                p, e = two_product(w[j], high)
                q, f = two_product(b[j], rise)
                s, t = two_sum(p, q)
                out[0, j] = s + (t + (e + f) + (w[j] * low + b[j] * rise_low))
                out[1, j] = v[j] * (high + low)
                out[2, j] = v[j] * (rise + rise_low)
    return out
