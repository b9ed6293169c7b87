"""Float64 neurons for a prescribed polygon, and multipliers for a prescribed dual function, by
error feedback.

A polygon with slopes up to 10¹² cannot be rounded neuron by neuron: the errors of a million
parameters add up. Here each neuron is fitted to what the *rounded* neurons before it have left
over, carried in double-double, so no error outlives the next kink. And a kink is placed far below
one unit in the last place: among up to 2²⁶ neighbours of the weight, Euclid's algorithm finds one
whose bias rounds almost exactly.
"""

import math

import numpy as np

from univariate.common.jit import kernel

SPLITTER = 134217729.0  # 2**27 + 1
# neighbours of the weight that are looked at: it moves by at most 2⁻⁴³, 2⁻³², 2⁻²²
NEAR = 2.0**10
WIDE = 2.0**21
FAR = 2.0**26
AMPLE = 2.0  # neighbours for every one that is expected to round harmlessly
EPSILON = 2.0**-52
RESTARTS = 8  # each looks at neighbours of its own; the first that does no harm ends the search
ATTEMPTS = 16  # each aims higher by what the one before it missed
HARMLESS = 2.0**-54  # error of a value beside a margin of 1
FINE = 2.0**-10  # in units in the last place of the bias: worth the third window, not the last,
HARMFUL = 2.0**-36  # nor is an error below this: there |v| and |(w, b)| part by up to 2⁻²²


@kernel
def two_sum(a, b):
    """s + e = a + b exactly, s = fl(a + b)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@kernel
def two_product(a, b):
    """p + e = a·b exactly, p = fl(a·b)."""
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
    """Sum of two double-doubles (pairs)."""
    s, e = two_sum(a[0], b[0])
    return two_sum(s, e + (a[1] + b[1]))


@kernel
def subtract(a, b):
    """Difference of two double-doubles."""
    return add(a, (-b[0], -b[1]))


@kernel
def times(a, x):
    """Product of a double-double and a double."""
    p, e = two_product(a[0], x)
    return two_sum(p, e + a[1] * x)


@kernel
def multiply(a, b):
    """Product of two double-doubles."""
    p, e = two_product(a[0], b[0])
    return two_sum(p, e + (a[0] * b[1] + a[1] * b[0]))


@kernel
def divide(a, b):
    """Quotient of two double-doubles."""
    q = a[0] / b[0]
    rest = add(a, times(b, -q))
    return two_sum(q, (rest[0] + rest[1]) / b[0])


@kernel
def nearby_step(phase, stride, farthest):
    """k in [0, farthest] that brings phase + k·stride close to an integer (Ostrowski).

    Steps q with displacement d alternate in sign and shrink as Euclid's algorithm runs on (1,
    stride); each level uses the steps that move the phase towards 0, and the nearest approach on
    the way is kept.
    """
    q_old, d_old = 0.0, -1.0
    q = 1.0
    d = stride - math.floor(stride)
    # in [−1, 0): steps of either sign of d are needed in turn
    offset = phase - math.floor(phase) - 1.0
    k = 0.0
    nearest, best = 0.0, 1.0
    for _ in range(64):
        if d == 0.0 or q > farthest:
            break
        steps = -offset / d
        most = (farthest - k) / q
        for c in (np.floor(steps), np.ceil(steps)):
            if 0.0 <= c <= most and abs(offset + c * d) < best:
                nearest = k + c * q
                best = abs(offset + c * d)
        if d * offset < 0.0:
            c = min(np.ceil(steps), np.floor(most))
            k += c * q
            offset += c * d
        c = np.floor(-d_old / d)
        q_old, d_old, q, d = q, d, q_old + c * q, d_old + c * d
    return nearest


@kernel
def unit_of(x):
    """One unit in the last place of x."""
    return math.ldexp(1.0, math.frexp(x)[1] - 53)


@kernel
def fine_pair(w, t, slope):
    """(w', b) with w' near w and −b/w' close to the double-double t, far below half an ulp.

    Looks further from w only while the kink's error times the slope would harm a margin: |v| = |(w,
    b)| is wanted too.
    """
    best_w = w
    best_b = 0.0
    best_share = 2.0
    p = w * t[0]
    if p == 0.0:
        return w, 0.0
    # in units in the last place of the bias
    harmless = HARMLESS / abs(slope) * abs(w) / unit_of(p)
    needed = max(NEAR, AMPLE / harmless)
    for restart in range(1 if needed < WIDE else 2, RESTARTS):
        window = FAR
        if restart <= 2:
            window = min(needed, WIDE) if restart == 1 else WIDE
        # near windows have w in their middle
        shift = 0.5 * window if restart <= 2 else -2.0 * restart * window
        start = w * (1.0 - shift * EPSILON)
        p, e = two_product(start, t[0])
        rest = e + start * t[1]
        unit = unit_of(p)
        unit_w = unit_of(start)
        ratio = unit_w / unit
        stride = t[0] * ratio  # exact: both units are powers of two
        stride = (stride - math.floor(stride)) + t[1] * ratio
        w_fine = start + nearby_step(rest / unit, stride, window) * unit_w
        p, e = two_product(w_fine, t[0])
        b, rest = two_sum(p, e + w_fine * t[1])
        if abs(rest) < best_share * unit:
            best_w = w_fine
            best_b = -b
            best_share = abs(rest) / unit
        harm = best_share * unit / abs(w) * abs(slope)
        if harm < HARMLESS or (restart >= 2 and (best_share < FINE or harm < HARMFUL)):
            break
    return best_w, best_b


@kernel
def neuron(slope, rise):
    """Balanced (v, w, b), w > 0, with v·(w, b) ≈ (slope, rise), double-doubles."""
    t = divide((-rise[0], -rise[1]), slope)
    w = math.sqrt(abs(slope[0]) / math.hypot(1.0, t[0]))
    w, b = fine_pair(w, t, slope[0])
    return slope[0] / w, w, b


@kernel
def joined(slope, rise, v, w, b):
    """The line (slope, rise), double-doubles, with that of an active neuron."""
    return add(slope, two_product(v, w)), add(rise, two_product(v, b))


@kernel
def line_through(ends, c, height):
    """(slope, rise) of the line through (x_left, −height·y) and (x_right, height·y)."""
    x_left = ends[0, c]
    x_right = ends[1, c]
    y_right = ends[2, c]
    slope = divide((2.0 * height * y_right, 0.0), two_sum(x_right, -x_left))
    rise = multiply(slope, two_sum(0.5 * x_left, 0.5 * x_right))
    return slope, (-rise[0], -rise[1])


@kernel
def fit_line(ends, c, level, slope, rise):
    """The neuron that turns the line (slope, rise) into line c, and the line that it makes.

    Aims a little higher each time until the rounded neuron leaves both data of change c a margin of
    at least `level`.
    """
    want = line_through(ends, c, level)
    bend = subtract(want[0], slope)[0]
    lift = subtract(want[1], rise)[0]
    lever = max(abs(bend * ends[0, c] + lift), abs(bend * ends[1, c] + lift))
    height = level + EPSILON * lever  # rounding v takes half of that at most
    for _ in range(ATTEMPTS):
        want = line_through(ends, c, height)
        v, w, b = neuron(subtract(want[0], slope), subtract(want[1], rise))
        new_slope, new_rise = joined(slope, rise, v, w, b)
        at_left = add(times(new_slope, ends[0, c]), new_rise)
        at_right = add(times(new_slope, ends[1, c]), new_rise)
        margin = min(-ends[2, c] * at_left[0], ends[2, c] * at_right[0])
        if margin >= level:
            break
        height += 2.0 * (level - margin)
    return v, w, b, new_slope, new_rise


@kernel
def left_neurons(kinks, weights, ends, level, out, lines):
    """Left-oriented neurons with weights Σ weight·(t − x)₊ at the given kinks, from the right.

    The leftmost one is fitted to line 0, the line of the net left of all kinks. Writes out (3, K):
    columns where the weight is 0 stay 0; lines (4, K): what is active right of each kink.
    """
    first = 0
    while weights[first] == 0.0:
        first += 1
    slope, rise = (0.0, 0.0), (0.0, 0.0)
    want_slope, want_rise = (0.0, 0.0), (0.0, 0.0)
    for k in range(len(kinks) - 1, -1, -1):
        lines[0, k], lines[1, k] = slope
        lines[2, k], lines[3, k] = rise
        if weights[k] == 0.0:
            continue
        want_slope = add(want_slope, (-weights[k], 0.0))
        want_rise = add(want_rise, two_product(weights[k], kinks[k]))
        if k == first:
            v, w, b, slope, rise = fit_line(ends, 0, level, slope, rise)
        else:
            v, w, b = neuron(subtract(want_slope, slope), subtract(want_rise, rise))
            slope, rise = joined(slope, rise, v, w, b)
        out[0, k], out[1, k], out[2, k] = -v, -w, -b  # the same line, switched on left of the kink


@kernel
def right_neurons(weights, ends, level, lines, out):
    """Right-oriented neurons: from kink k on all neurons follow line k + 1.

    weights : (K,) 0 where no right-oriented neuron is wanted; lines : from `left_neurons`; writes
    out (3, K).
    """
    slope, rise = (0.0, 0.0), (0.0, 0.0)
    for k in range(len(weights)):
        if weights[k] == 0.0:
            continue
        have_slope = add(slope, (lines[0, k], lines[1, k]))
        have_rise = add(rise, (lines[2, k], lines[3, k]))
        v, w, b, _, _ = fit_line(ends, k + 1, level, have_slope, have_rise)
        out[0, k], out[1, k], out[2, k] = v, w, b
        slope, rise = joined(slope, rise, v, w, b)


@kernel
def fit_polygon(
    kinks: np.ndarray, left: np.ndarray, right: np.ndarray, ends: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Neurons of the polygon that follows line 0 up to kinks[0], and line k + 1 from kinks[k] on.

    kinks : (K,) increasing; left, right : (K,) slope changes given to a left- and a right-oriented
    neuron; ends : (3, K + 1) the data that each line joins: x_left, x_right, y_right; level : the
    margin they must have. Returns (3, K) left and (3, K) right parameters v, w, b; unused columns
    are 0. Rounded: where every kink has a right-oriented neuron, all margins are at least `level`
    up to the rounding of double-doubles.
    """
    size = len(kinks)
    left_out = np.zeros((3, size))
    right_out = np.zeros((3, size))
    lines = np.zeros((4, size))
    left_neurons(kinks, left, ends, level, left_out, lines)
    right_neurons(right, ends, level, lines, right_out)
    return left_out, right_out


@kernel
def fit_multipliers(x: np.ndarray, y: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Multipliers λ ≥ 0 at the points x whose dual function D(t) = Σ_{x_i < t} λ_i y_i (t − x_i)
    passes heights.

    x : (a,) increasing; y : (a,) ±1; height : (a,) wanted D(x_i), zero at the first and last point.
    Each λ is fitted to where the rounded ones before it have led. Rounded.
    """
    size = len(x)
    multipliers = np.zeros(size)
    value, slope = (0.0, 0.0), (0.0, 0.0)
    for i in range(size):
        step, want = (0.0, 0.0), (0.0, 0.0)  # D is 0 from the last point on
        if i + 1 < size:
            step = two_sum(x[i + 1], -x[i])
            want = divide(subtract((height[i + 1], 0.0), value), step)
        change = subtract(want, slope)
        multipliers[i] = max(0.0, y[i] * change[0])
        slope = add(slope, (y[i] * multipliers[i], 0.0))
        value = add(value, multiply(slope, step))
    return multipliers
