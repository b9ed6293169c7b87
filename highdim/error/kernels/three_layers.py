"""A 3-layer net on great circles: pieces A cos φ + B sin φ + C between the switches of both hidden
layers.

Between two switches of the first layer every neuron of the second is a sinusoid, which has at most
two zeros there. Rows of coefficients are reset where nothing reaches a neuron, and N ≤ 0 is certain
where none of positive weight is on.
"""

import numpy as np

from highdim.error.kernels.pieces import Pieces, Rows, Upper
from highdim.error.kernels.switches import Switches
from univariate.common.jit import kernel


@kernel
def shift(rows, sign, upper, j, triples):
    """Let neuron j of the first layer, α, β, b = `triples[j]`, enter (sign 1) or leave (−1), in
    place.
    """
    column = upper.columns[j]
    p = sign * triples[j, 0]
    q = sign * triples[j, 1]
    r = sign * triples[j, 2]
    for k in range(len(column)):
        rows.lines[0, k] += column[k] * p
        rows.lines[1, k] += column[k] * q
        rows.lines[2, k] += column[k] * r
        rows.reach[k] += sign * (column[k] != 0.0)
    # apart, so that the loop above is vectorised; exactly, whatever rounding has left
    for k in range(len(column)):
        if rows.reach[k] == 0.0:
            rows.lines[0, k], rows.lines[1, k], rows.lines[2, k] = 0.0, 0.0, upper.b[k]


@kernel
def look(rows, ends):
    """Values at the left and right end and derivatives there, in place."""
    for k in range(len(rows.on)):
        a = rows.lines[0, k]
        b = rows.lines[1, k]
        c = rows.lines[2, k]
        rows.ends[0, k] = a * ends[0] + b * ends[1] + c
        rows.ends[1, k] = a * ends[2] + b * ends[3] + c
        rows.ends[2, k] = b * ends[0] - a * ends[1]
        rows.ends[3, k] = b * ends[2] - a * ends[3]


@kernel
def crossing(line, rising, ends):
    """Direction of the rising or falling zero of A cos φ + B sin φ + C, moved onto the piece.

    First comes the sine of the angle from the left end, which sorts directions on the piece.
    """
    size = np.hypot(line[0], line[1])
    a = line[0] / size
    b = line[1] / size
    c = min(max(line[2] / size, -1.0), 1.0)
    root = np.sqrt((1.0 - c) * (1.0 + c)) * (1.0 if rising else -1.0)
    cosine = root * b - c * a
    sine = -root * a - c * b
    if ends[0] * sine <= ends[1] * cosine or cosine * ends[3] <= sine * ends[2]:
        i = 0 if cosine * ends[0] + sine * ends[1] > cosine * ends[2] + sine * ends[3] else 2
        cosine = ends[i]
        sine = ends[i + 1]
    return ends[0] * sine - ends[1] * cosine, cosine, sine


@kernel
def inner_switches(rows, ends):
    """Set `rows.on` at the left end and list the switches inside the piece, in place; returns how
    many.
    """
    found = 0
    look(rows, ends)
    for k in range(len(rows.on)):
        left = rows.ends[0, k] > 0.0
        right = rows.ends[1, k] > 0.0
        rows.on[k], flips = left, 0
        if left != right:
            flips = 1
        elif (rows.ends[2, k] < 0.0) == left and (rows.ends[3, k] > 0.0) == left:
            # an extremum inside, below 0 if both ends are above and above if they are below
            c = rows.lines[2, k] if left else -rows.lines[2, k]
            flips = 2 if c < np.hypot(rows.lines[0, k], rows.lines[1, k]) else 0
        for flip in range(flips):
            ahead, cosine, sine = crossing(rows.lines[:, k], left == (flip == 1), ends)
            rows.events[0, found], rows.events[1, found] = ahead, cosine
            rows.events[2, found], rows.events[3, found] = sine, k
            found += 1
    return found


@kernel
def settled(upper, rows, left, right):
    """Whether no neuron of positive weight can be active in the middle of a piece on which none was
    found to be.
    """
    c = 0.5 * (left[0] + right[0])
    s = 0.5 * (left[1] + right[1])
    length = np.hypot(c, s)
    for k in range(len(upper.v)):
        if upper.v[k] <= 0.0:
            continue
        if rows.on[k]:
            return False
        if rows.reach[k] == 0.0:
            continue  # the bias alone, exactly
        value = (rows.lines[0, k] * c + rows.lines[1, k] * s) / length + rows.lines[2, k]
        if value > -upper.band[k]:
            return False
    return True


@kernel
def least(sums, left, right):
    """Minimum of A cos φ + B sin φ + C on a piece within a quadrant, rounded."""
    a, b = sums[0], sums[1]
    low = min(a * left[0] + b * left[1], a * right[0] + b * right[1])
    if b * left[0] - a * left[1] < 0.0 < b * right[0] - a * right[1]:
        low = -np.hypot(a, b)
    return low + sums[2]


@kernel
def keep(pieces, q, upper, rows, sums):
    """Complete piece q, whose ends are set; returns q + 1 if it may hold N ≤ slack and q if not."""
    left, right = pieces.left[q], pieces.right[q]
    if (left[0] == right[0] and left[1] == right[1]) or least(sums, left, right) > upper.slack:
        return q
    for i in range(3):
        pieces.coefficients[q, i] = sums[i]
    pieces.nonpositive[q] = settled(upper, rows, left, right)
    return q + 1


@kernel
def output(v, rows):
    """Coefficients of N, summed over the active neurons."""
    a = 0.0
    b = 0.0
    c = 0.0
    for k in range(len(v)):
        weight = v[k] if rows.on[k] else 0.0
        a += weight * rows.lines[0, k]
        b += weight * rows.lines[1, k]
        c += weight * rows.lines[2, k]
    return a, b, c


@kernel
def add(sums, weight, lines, k):
    """sums += weight · lines[:, k], in place."""
    for i in range(3):
        sums[i] += weight * lines[i, k]


@kernel
def add_piece(pieces, q, upper, rows, ends, sums):
    """Split a piece of the first layer at the second layer's switches; returns the new number of
    pieces.
    """
    found = inner_switches(rows, ends)
    sums[0], sums[1], sums[2] = output(upper.v, rows)
    pieces.left[q, 0], pieces.left[q, 1] = ends[0], ends[1]
    if found > 0:
        for event in np.argsort(rows.events[0, :found]):
            c = rows.events[1, event]
            s = rows.events[2, event]
            k = int(rows.events[3, event])
            pieces.right[q, 0], pieces.right[q, 1] = c, s
            q = keep(pieces, q, upper, rows, sums)
            rows.on[k] = not rows.on[k]
            add(sums, upper.v[k] if rows.on[k] else -upper.v[k], rows.lines, k)
            pieces.left[q, 0], pieces.left[q, 1] = c, s
    pieces.right[q, 0], pieces.right[q, 1] = ends[2], ends[3]
    return keep(pieces, q, upper, rows, sums)


@kernel
def with_room(pieces, q, room):
    """The same pieces in arrays that take `room` more."""
    if q + room <= len(pieces.left):
        return pieces
    size = 2 * len(pieces.left) + room
    left = np.empty((size, 2))
    right = np.empty((size, 2))
    coefficients = np.empty((size, 3))
    nonpositive = np.empty(size, np.bool_)
    for p in range(q):
        for i in range(2):
            left[p, i], right[p, i] = pieces.left[p, i], pieces.right[p, i]
        for i in range(3):
            coefficients[p, i] = pieces.coefficients[p, i]
        nonpositive[p] = pieces.nonpositive[p]
    return Pieces(pieces.first, left, right, coefficients, nonpositive)


@kernel
def cut(pieces, q):
    """The first q pieces."""
    left, right = pieces.left[:q], pieces.right[:q]
    return Pieces(pieces.first, left, right, pieces.coefficients[:q], pieces.nonpositive[:q])


@kernel
def advance(ends, c, s):
    """Go on to the piece that ends at (c, s), in place."""
    ends[0], ends[1], ends[2], ends[3] = ends[2], ends[3], c, s


@kernel
def circle(pieces, q, upper, rows, triples, switches, order, i):
    """Add the pieces of circle i; `triples` (n1, 3) holds α, β, b there.

    Coefficients are running sums along the circle.
    """
    m = len(upper.v)
    n = len(triples)
    active = switches.active[i].copy()
    ends = np.empty(4)
    sums = np.empty(3)
    rows.reach[:], rows.lines[:2] = 0.0, 0.0
    for j in range(m):
        rows.lines[2, j] = upper.b[j]
    for j in range(n):
        if active[j]:
            shift(rows, 1.0, upper, j, triples)
    ends[2], ends[3] = -1.0, -0.0
    for event in order[i]:
        if switches.turn[i, event] == np.inf:
            break
        advance(ends, switches.cosine[i, event], switches.sine[i, event])
        pieces = with_room(pieces, q, 2 * m + 1)
        q = add_piece(pieces, q, upper, rows, ends, sums)
        j = event // 2
        if event < 2 * n and active[j] != (event % 2 == 0):
            active[j] = not active[j]
            shift(rows, 1.0 if active[j] else -1.0, upper, j, triples)
    advance(ends, -1.0, 0.0)
    pieces = with_room(pieces, q, 2 * m + 1)
    return pieces, add_piece(pieces, q, upper, rows, ends, sums)


@kernel
def three_layer_pieces(
    upper: Upper,
    b: np.ndarray,
    alpha: np.ndarray,
    beta: np.ndarray,
    switches: Switches,
    order: np.ndarray,
) -> Pieces:
    """The pieces where N may be ≤ slack; alpha, beta (k, n1), b (n1,), order (k, 2 n1 + 3) sorts
    `switches.turn`.

    Cost O(k n1 n2). `band` and `slack` must allow for the errors of running sums.
    """
    k, n = alpha.shape
    first = np.zeros(k + 1, np.int64)
    ends = np.empty((0, 2))
    flags = np.empty(0, np.bool_)
    pieces = Pieces(first, ends, ends, np.empty((0, 3)), flags)
    q = 0
    m = len(upper.v)
    triples = np.empty((n, 3))
    lines = np.empty((3, m))
    values = np.empty((4, m))
    events = np.empty((4, 2 * m))
    rows = Rows(lines, np.empty(m), values, np.empty(m, np.bool_), events)
    for i in range(k):
        for j in range(n):
            triples[j, 0], triples[j, 1], triples[j, 2] = alpha[i, j], beta[i, j], b[j]
        pieces, q = circle(pieces, q, upper, rows, triples, switches, order, i)
        first[i + 1] = q
    return cut(pieces, q)
