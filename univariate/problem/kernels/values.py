"""Values of a shallow net at sorted points, with a running error bound: one pass from each side.

As in `lines`, sums of products are carried in three words, right-oriented neurons are summed from
the left and left-oriented ones from the right, and nothing is ever subtracted again. Only values
are wanted here, not the lines between them, so little is stored.
"""

import numpy as np

from univariate.common.jit import kernel

SPLITTER = 134217729.0  # 2**27 + 1
SQUARED_ROUNDOFF = 2.0**-106
HALF_ULP = 2.0**-53
SUBNORMAL = 5e-324
ULP = 2.0**-52
ABOVE = 1.0625  # sums of bounds are rounded themselves
CHUNK = 512  # points whose lines are listed at once: few enough for the nearest cache


@kernel
def two_sum(a, b):
    """s + e = a + b exactly, s = fl(a + b)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@kernel
def two_product(a, b):
    """p + e = a·b exactly, p = fl(a·b); |a|, |b| < 2**995 and no underflow of the low parts."""
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
def gather(words, p, e):
    """Add p + e to a running sum of three words; only sums of rounding errors of rounding errors
    are rounded.
    """
    high, r = two_sum(words[0], p)
    middle, r_middle = two_sum(words[1], r)
    middle, e_middle = two_sum(middle, e)
    return high, middle, words[2] + (r_middle + e_middle)


@kernel
def at_kink(v, w, b, t):
    """v max(0, w t + b) at the rounded kink t, to 2⁻¹⁰⁵ of |v w t|."""
    p, e = two_product(w, t)
    return v * max(0.0, (p + b) + e)  # p + b is exact: both are within an ulp of each other


@kernel
def until_first(x, kinks, step):
    """How many x are passed before the first kink."""
    if len(kinks) == 0:
        return len(x)
    last = len(x) - 1
    count = 0
    while count <= last and step * x[count if step > 0 else last - count] < step * kinks[0]:
        count += 1
    return count


@kernel
def tied_at(t, kinks, neurons, passed):
    """What neurons whose rounded kinks are t have there, and the magnitudes of their products."""
    on = 0.0
    magnitude = 0.0
    while passed < len(kinks) and kinks[passed] == t:
        v, w, b = neurons[0, passed], neurons[1, passed], neurons[2, passed]
        on += at_kink(v, w, b, t)
        magnitude += abs(v * w) * abs(t) + abs(v * b)
        passed += 1
    return on, magnitude


@kernel
def add_lines(x, lines, high, low, error, factor):
    """Add slope·x + rise, in double-double, to values and to bounds on their errors; absolute
    error ≤ 8·2⁻¹⁰⁶ (|slope x| + |rise|).

    Rows of lines: the two words of slope and of rise, the magnitudes of both, and what kinks on x
    have there, with its magnitude. No x depends on another one, so several are done at once.
    """
    for i in range(len(x)):
        t = x[i]
        p, e = two_product(lines[0, i], t)
        p, e = add(p, e + lines[1, i] * t, lines[2, i], lines[3, i])
        high[i], low[i] = add(high[i], low[i], p, e + lines[6, i])
        magnitude = lines[4, i] * abs(t) + lines[5, i] + lines[7, i]
        # of the product of a slope and a tiny x
        tiny = 8.0 * SUBNORMAL if lines[4, i] > 0.0 or lines[7, i] > 0.0 else 0.0
        error[i] += factor * magnitude + tiny


@kernel
def pass_by(
    x: np.ndarray,
    kinks: np.ndarray,
    neurons: np.ndarray,
    base: np.ndarray,
    step: int,
    factor: float,
    out: np.ndarray,
) -> None:
    """Add to `out` the values of neurons of one orientation, which are switched on on the way.

    x : (k,) increasing, passed from the left if step = 1, from the right if step = −1; kinks : (n,)
    rounded, in the order of the way; neurons : (3, n) their v, w, b; base : what is on at the
    start, see `lines.split`; factor : error of a sum relative to its magnitudes. out : (3, k)
    values, two words each, and bounds on their errors. Cost O(n + k).
    """
    slope = (base[0], base[1], 0.0)
    rise = (base[2], base[3], 0.0)
    steepness = base[4]
    size = base[5]
    s, s_low = two_sum(slope[0], slope[1] + slope[2])
    c, c_low = two_sum(rise[0], rise[1] + rise[2])
    passed = 0
    done = 0
    if steepness + size == 0.0:  # nothing is on
        done = until_first(x, kinks, step)
    lines = np.empty((8, CHUNK))
    while done < len(x):
        count = min(CHUNK, len(x) - done)
        first = done if step > 0 else len(x) - done - count
        for k in range(count):
            i = k if step > 0 else count - 1 - k
            t = x[first + i]
            before = passed
            while passed < len(kinks) and step * kinks[passed] < step * t:
                p, e = two_product(neurons[0, passed], neurons[1, passed])
                slope = gather(slope, p, e)
                steepness += abs(p)
                p, e = two_product(neurons[0, passed], neurons[2, passed])
                rise = gather(rise, p, e)
                size += abs(p)
                passed += 1
            if passed > before:
                s, s_low = two_sum(slope[0], slope[1] + slope[2])
                c, c_low = two_sum(rise[0], rise[1] + rise[2])
            lines[0, i], lines[1, i] = s, s_low
            lines[2, i], lines[3, i] = c, c_low
            lines[4, i], lines[5, i] = steepness, size
            lines[6, i], lines[7, i] = 0.0, 0.0
            if passed < len(kinks) and kinks[passed] == t:
                lines[6, i], lines[7, i] = tied_at(t, kinks, neurons, passed)
        end = first + count
        add_lines(
            x[first:end], lines, out[0, first:end], out[1, first:end], out[2, first:end], factor
        )
        done += count


@kernel
def settle(
    found: np.ndarray, x: np.ndarray, floor: float, values: np.ndarray, bounds: np.ndarray
) -> None:
    """Round values at x from two words to one, and their bounds up; `floor` is the error of a
    product that underflows, for every 1 + |x|.
    """
    for i in range(len(x)):
        value = found[0, i] + found[1, i]
        bound = (found[2, i] + ULP * abs(value) + floor * (1.0 + abs(x[i]))) * ABOVE
        values[i] = value
        bounds[i] = np.inf if abs(value) == np.inf else bound
