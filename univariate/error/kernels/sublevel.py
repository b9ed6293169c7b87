"""Where a sweep lies at or below zero, piece by piece, with a rigorous error for every end
point.

Between two knots the net is a line, so the signs at both ends settle a piece: all of it, none of
it, or one crossing. Where a sign is within its own error bound the piece is handed back undecided,
for exact arithmetic.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel
from univariate.problem.kernels.lines import Sweep

ROUNDOFF = 2.0**-53
SUBNORMAL = 5e-324
WIDE = 2.0**16  # in a piece that reaches far beyond its nearer end a crossing would lose its digits
VAGUE = 2.0**-46  # a crossing may blur this share of its piece
BLUR = 2.0**-42  # and where it blurs more, all together no more than this share of the domain


class Pieces(NamedTuple):
    """The decided part of a sublevel set and the pieces left undecided."""

    start: np.ndarray  # (r,) left ends, increasing; that of a piece within a double is its end
    end: np.ndarray  # (r,) right ends
    start_radius: np.ndarray  # (r,) bound on the error of each left end
    end_radius: np.ndarray  # (r,)
    undecided: np.ndarray  # (q,) indices of pieces [tau[k], tau[k+1]]
    length: float  # total length of the decided part, high and low word
    length_low: float
    radius: float  # bound on the error of the total length


@kernel
def sign(value, bound):
    """−1, 0 or 1; 0 where the sign is within the bound."""
    if value > bound:
        return 1
    if value < -bound:
        return -1
    return 0


@kernel
def end_signs(sweep, k):
    """Values, error bounds and decided signs of N at both ends of piece k; 0 = undecided.

    An end that touches a piece on which no neuron is active is exactly zero there, so the other end
    speaks for both.
    """
    a = sweep.after[k]
    b = sweep.before[k + 1]
    a_error = sweep.error[k]
    b_error = sweep.error[k + 1]
    left = sign(a, a_error + sweep.slack[k])
    right = sign(b, b_error + sweep.slack[k + 1])
    last = len(sweep.tau) - 2
    left_zero = left == 0 and k > 0 and sweep.silent[k - 1] and sweep.single[k]
    right_zero = right == 0 and k < last and sweep.silent[k + 1] and sweep.single[k + 1]
    if left_zero and not right_zero:
        left = right
    elif right_zero and not left_zero:
        right = left
    return a, b, a_error, b_error, left, right


@kernel
def knot_radius(sweep, k):
    """Distance within which the exact kinks of knot k lie."""
    return ROUNDOFF * abs(sweep.tau[k]) + SUBNORMAL if sweep.slack[k] > 0.0 else 0.0


@kernel
def decide(sweep, k):
    """One piece: (decided?, start, end, start radius, end radius, length, its error); length 0
    where empty.
    """
    low = sweep.tau[k]
    high = sweep.tau[k + 1]
    width = high - low
    if sweep.silent[k]:
        left_radius = knot_radius(sweep, k)
        right_radius = knot_radius(sweep, k + 1)
        return True, low, high, left_radius, right_radius, width, left_radius + right_radius
    a, b, a_error, b_error, left, right = end_signs(sweep, k)
    if left == 0 or right == 0:
        return False, low, low, 0.0, 0.0, 0.0, 0.0
    if left == right:
        return True, low, (high if left < 0 else low), 0.0, 0.0, (width if left < 0 else 0.0), 0.0
    # divide by a sum of magnitudes: no cancellation near the crossing
    total = abs(a) + abs(b)
    share_error = (a_error + b_error) / total + 4.0 * ROUNDOFF
    length_error = width * (share_error + 2.0 * ROUNDOFF)
    last = len(sweep.tau) - 1
    vague = share_error > VAGUE and length_error * last > BLUR * (sweep.tau[last] - sweep.tau[0])
    if vague or width > WIDE * (1.0 + min(abs(low), abs(high))):
        return False, low, low, 0.0, 0.0, 0.0, 0.0
    z_error = length_error + ROUNDOFF * max(abs(low), abs(high))
    if left < 0:
        length = width * (abs(a) / total)
        return True, low, low + length, 0.0, z_error, length, length_error
    length = width * (abs(b) / total)
    return True, high - length, high, z_error, 0.0, length, length_error


@kernel
def sublevel_pieces(sweep: Sweep) -> Pieces:
    """All pieces of {N ≤ 0} between the first and the last knot. Cost O(g).

    Rounded, with bounds.
    """
    size = len(sweep.tau) - 1
    ends = np.empty((4, size))
    undecided = np.empty(size, np.int64)
    r, q = 0, 0
    total = 0.0
    total_low = 0.0
    radius = 0.0
    for k in range(size):
        decided, start, end, start_radius, end_radius, length, error = decide(sweep, k)
        if not decided:
            undecided[q] = k
            q += 1
        elif length > 0.0:
            if r > 0 and ends[1, r - 1] == start:
                ends[1, r - 1], ends[3, r - 1] = end, end_radius
            # perhaps shorter than a unit in the last place: a double and its radii
            else:
                ends[0, r], ends[1, r], ends[2, r], ends[3, r] = (
                    start,
                    end,
                    start_radius,
                    end_radius,
                )
                r += 1
            # compensated sum: many short pieces must not cost the last digits
            new = total + length
            shift = new - total
            total_low += (total - (new - shift)) + (length - shift)
            total = new
            if end - start == length:  # the width of a whole piece is rounded once
                error += ROUNDOFF * length
            radius += error
    radius = radius * (1.0 + size * ROUNDOFF) + 4.0 * ROUNDOFF * ROUNDOFF * size * (total + 1.0)
    return Pieces(
        ends[0, :r], ends[1, :r], ends[2, :r], ends[3, :r], undecided[:q], total, total_low, radius
    )
