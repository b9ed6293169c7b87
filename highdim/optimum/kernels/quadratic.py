"""Quadratic programmes with few variables, by the dual method of Goldfarb and Idnani (1983).

min ½ x·Q x − a·x subject to C x ≤ b and x ≥ 0, Q positive definite. x starts at the minimum without
constraints; violated ones come in one by one, and those whose multiplier would turn negative go.
Rows of C come first among constraints, then the x_i ≥ 0.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel

FEW = 1e-12  # a violation, relative, that is none
INDEPENDENT = 1e-10  # of a constraint taken in at the start
STEPS = 20  # at most, for each constraint
TINY = 1e-300  # in place of a slack that rounding has closed
FLAT = 1e-14  # squared length of a normal off those active, relative, that is none


class Working(NamedTuple):
    """The working set: orthonormal rows J (n, n) in the metric of Q, the triangle R (n, n) of the
    normals in it, which constraints they are, `rows`, with multipliers u (n + 1,), and a mask of
    all constraints.
    """

    J: np.ndarray
    R: np.ndarray
    rows: np.ndarray
    u: np.ndarray
    active: np.ndarray


@kernel
def normal(C, p, n):
    """Write the inward normal of constraint p."""
    N = len(C)
    if p < N:
        for e in range(len(n)):
            n[e] = -C[p, e]
    else:
        n[:] = 0.0
        n[p - N] = 1.0


@kernel
def lengths(C, J, sizes, steep):
    """Write the lengths of the normals of all constraints, plain and in the metric of Q⁻¹."""
    N, n = C.shape
    inward = np.zeros(n)
    for p in range(N + n):
        normal(C, p, inward)
        d = J @ inward
        sizes[p] = np.sqrt(inward @ inward)
        steep[p] = np.sqrt(d @ d)


@kernel
def most_violated(C, b, x, sizes, steep, active):
    """Return the constraint farthest off in the metric of Q, and its slack; −1 if none is violated
    beyond rounding.
    """
    N = len(C)
    values = C @ x
    largest = np.max(np.abs(x))
    chosen, worst, slack = -1, 0.0, 0.0
    for p in range(N + len(x)):
        if active[p]:
            continue
        s = b[p] - values[p] if p < N else x[p - N]
        if s < worst * steep[p] and s < -FEW * (sizes[p] * largest + 1.0):
            chosen, worst, slack = p, s / steep[p], s
    return chosen, slack


@kernel
def add(x, factor, row):
    """Add a multiple of a row to x."""
    for e in range(len(x)):
        x[e] += factor * row[e]


@kernel
def turn(first, second, c, s):
    """Rotate two rows."""
    for e in range(len(first)):
        a, b = first[e], second[e]
        first[e] = c * a + s * b
        second[e] = c * b - s * a


@kernel
def enter(work, p, d, q):
    """Add constraint p, d = J times its normal, to q others; returns their number."""
    J, R, rows, _, active = work
    for j in range(len(d) - 1, q, -1):
        h = np.hypot(d[j - 1], d[j])
        if h == 0.0:
            continue
        c, s = d[j - 1] / h, d[j] / h
        d[j - 1], d[j] = h, 0.0
        turn(J[j - 1], J[j], c, s)
    for i in range(q + 1):
        R[i, q] = d[i]
    rows[q] = p
    active[p] = True
    return q + 1


@kernel
def leave(work, q, place):
    """Take the constraint at a place out of q; returns their number. The multiplier of one that is
    coming in, in u[q], moves along.
    """
    J, R, rows, u, active = work
    active[rows[place]] = False
    for j in range(place, q):
        u[j] = u[j + 1]
    for j in range(place, q - 1):
        rows[j] = rows[j + 1]
    for i in range(q):
        for j in range(max(place, i - 1), q - 1):
            R[i, j] = R[i, j + 1]
    for j in range(place, q - 1):
        h = np.hypot(R[j, j], R[j + 1, j])
        if h == 0.0:
            continue
        c, s = R[j, j] / h, R[j + 1, j] / h
        turn(R[j, j : q - 1], R[j + 1, j : q - 1], c, s)
        turn(J[j], J[j + 1], c, s)
    return q - 1


@kernel
def back_substituted(R, d, q, r):
    """Write R⁻¹ d, of the first q entries."""
    for i in range(q - 1, -1, -1):
        total = d[i]
        for j in range(i + 1, q):
            total -= R[i, j] * r[j]
        r[i] = total / R[i, i]


@kernel
def forward_substituted(R, g, q, y):
    """Write R⁻ᵀ g, of the first q entries."""
    for i in range(q):
        total = g[i]
        for j in range(i):
            total -= R[j, i] * y[j]
        y[i] = total / R[i, i]


@kernel
def inverse_factor(Q, J):
    """Write L⁻¹ of Q = L Lᵀ to J; False if Q is not positive definite. Q becomes Lᵀ. Plain loops:
    LAPACK may wake threads, which costs more.
    """
    n = len(Q)
    for j in range(n):
        if not Q[j, j] > 0.0:
            return False
        pivot = np.sqrt(Q[j, j])
        for e in range(j, n):
            Q[j, e] /= pivot
        for i in range(j + 1, n):
            add(Q[i, i:], -Q[j, i], Q[j, i:])
    for i in range(n):
        J[i, i] = 1.0
        for j in range(i):
            add(J[i, : j + 1], -Q[j, i], J[j, : j + 1])
        for e in range(i + 1):
            J[i, e] /= Q[i, i]
    return True


@kernel
def begin(C, b, x, work):
    """Take in the constraints in `active` as equations, without those whose multipliers would be
    negative; moves x, the minimum without constraints, there and returns their number.
    """
    J, R, rows, u, active = work
    n, N = len(x), len(C)
    inward, short, y = np.zeros(n), np.zeros(n), np.zeros(n)
    q = 0
    for p in np.flatnonzero(active):
        active[p] = False
        normal(C, p, inward)
        d = J @ inward
        if q < n and d[q:] @ d[q:] > INDEPENDENT * (d @ d):
            q = enter(work, p, d, q)
    while q > 0:
        for j in range(q):
            p = rows[j]
            short[j] = C[p] @ x - b[p] if p < N else -x[p - N]
        forward_substituted(R, short, q, y)
        back_substituted(R, y, q, u)
        place = np.argmin(u[:q])
        if u[place] >= 0.0:
            for j in range(q):
                add(x, y[j], J[j])
            break
        q = leave(work, q, place)
    return q


@kernel
def advance(C, x, work, q, p, slack):
    """Move x towards constraint p, until it holds or the multiplier of another is 0, which then
    goes; returns the number of constraints and the slack of p, 0 where it came in; −1 and 0 where
    nothing is feasible.
    """
    J, R, _, u, _ = work
    n = len(x)
    r, inward = np.zeros(n), np.zeros(n)
    normal(C, p, inward)
    d = J @ inward
    back_substituted(R, d, q, r)
    off = d[q:] @ d[q:]
    full = np.inf if off <= FLAT * (d @ d) else -slack / off
    partial, place = np.inf, -1
    for j in range(q):
        if r[j] > 0.0 and u[j] / r[j] < partial:
            partial, place = u[j] / r[j], j
    t = min(full, partial)
    if t == np.inf:
        return -1, 0.0
    if full < np.inf:
        for j in range(q, n):
            add(x, t * d[j], J[j])
        slack += t * off
    for j in range(q):
        u[j] -= t * r[j]
    u[q] += t
    if full <= partial:
        return enter(work, p, d, q), 0.0
    return leave(work, q, place), min(slack, -TINY)


@kernel
def minimise(Q, a, C, b, x, multipliers):
    """Write the optimum x (n,) and its multipliers (N + n,); returns the number of steps, 0 where
    they run out or nothing is feasible. Constraints with multipliers > 0 are tried first.

    Q is overwritten.
    """
    n, N = len(a), len(C)
    J = np.zeros((n, n))
    if not inverse_factor(Q, J):
        return 0
    centre = J.T @ (J @ a)
    for e in range(n):
        x[e] = centre[e]
    rows, u = np.zeros(n + 1, np.int64), np.zeros(n + 1)
    work = Working(J, np.zeros((n, n)), rows, u, multipliers > 0.0)
    sizes, steep = np.ones(N + n), np.ones(N + n)
    lengths(C, J, sizes, steep)
    q = begin(C, b, x, work)
    slack, p = 0.0, -1
    for step in range(STEPS * (n + N)):
        if slack == 0.0:
            p, slack = most_violated(C, b, x, sizes, steep, work.active)
            u[q] = 0.0
        if p < 0:
            multipliers[:] = 0.0
            for i in range(q):
                multipliers[rows[i]] = u[i]
                if rows[i] >= N:
                    x[rows[i] - N] = 0.0
            return step + 1
        q, slack = advance(C, x, work, q, p, slack)
        if q < 0:
            break
    return 0
