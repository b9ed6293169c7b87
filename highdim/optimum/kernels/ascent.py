"""Unit vectors u of largest gain g(u) = Σ w_i σ(u·f_i), by ascent that ends at local maxima.

g is piecewise linear, with gradient c = Σ w_i f_i over active data: u moves along the arc towards
c/‖c‖ as long as g rises. Where a datum turns inactive or active and g stops rising, its kink is a
ridge, w_i < 0, and u stays on it (it is *pinned*): c is projected on the pinned data's complement.
At the end of such an arc Σ w_i f_i with σ' = κ_i on pinned data vanishes there; a κ_i outside
[0, 1] says which pin to release.
"""

import numpy as np

from univariate.common.jit import kernel

NEAR = 1e-13  # arcs as short as this are over
SLACK = 1e-9  # of κ
DEPENDENT = 1e-9  # length of a datum off the span of those pinned, relative


@kernel
def dot(a, b):
    """Inner product of vectors, summed in order."""
    total = 0.0
    for e in range(len(a)):
        total += a[e] * b[e]
    return total


@kernel
def orthonormal(f, pinned, basis):
    """Write an orthonormal basis of the pinned data to rows of `basis`; returns their number, less
    than k, and takes pins off that depend on others.
    """
    k = f.shape[1]
    size = 0
    for i in range(len(f)):
        if not pinned[i]:
            continue
        if size == k - 1:
            pinned[i] = False
            continue
        row = basis[size]
        for e in range(k):
            row[e] = f[i, e]
        for _ in range(2):
            project_out(row, basis, size)
        length = np.sqrt(dot(row, row))
        if length <= DEPENDENT * np.sqrt(dot(f[i], f[i])):
            pinned[i] = False
            continue
        row /= length
        size += 1
    return size


@kernel
def project_out(row, basis, size):
    """Take what lies in the span of the first rows of the basis off a vector."""
    for j in range(size):
        part = dot(row, basis[j])
        for e in range(len(row)):
            row[e] -= part * basis[j, e]


@kernel
def gradient(f, w, on, pinned, c):
    """Write Σ w_i f_i over active data that are not pinned."""
    c[:] = 0.0
    for i in range(len(f)):
        if on[i] and not pinned[i]:
            for e in range(len(c)):
                c[e] += w[i] * f[i, e]


@kernel
def slope(c, p, d):
    """Return a number of the sign of the derivative of c·p/‖p‖ along d."""
    return dot(c, d) * dot(p, p) - dot(c, p) * dot(p, d)


@kernel
def crossings(f, u, e, on, pinned, chosen):
    """List data that change sides on the way from u to e; returns when, in [0, 1], and how many."""
    m, k = f.shape
    times = np.empty(m)
    count = 0
    for i in range(m):
        if pinned[i]:
            continue
        ahead, here = 0.0, 0.0
        for n in range(k):
            ahead += f[i, n] * e[n]
        if on[i] != (ahead > 0.0):
            for n in range(k):
                here += f[i, n] * u[n]
            span = here - ahead
            times[count] = 0.0 if span == 0.0 else min(max(here / span, 0.0), 1.0)
            chosen[count] = i
            count += 1
    return times, count


@kernel
def walk(f, w, u, e, c, on, pinned):
    """Move u along the arc to e as far as the gain rises, c the gradient at its start; returns the
    datum to pin, −1 if there is none.
    """
    chosen = np.empty(len(f), np.int64)
    times, count = crossings(f, u, e, on, pinned, chosen)
    d = e - u
    p = u.copy()
    pin = -1
    while True:
        first, t = -1, 1.0
        for n in range(count):
            if times[n] < t:
                first, t = n, times[n]
        for n in range(len(p)):
            p[n] = u[n] + t * d[n]
        if slope(c, p, d) < 0.0:  # the maximum lies before, on the plane of u and e
            a, b, cosine = dot(c, u), dot(c, e), dot(u, e)
            x, z = max(a - b * cosine, 0.0), max(b - a * cosine, 0.0)
            if x + z > 0.0:  # else at e, up to rounding
                t = min(z / (x + z), t)
            for n in range(len(p)):
                p[n] = u[n] + t * d[n]
            break
        if first < 0:
            break
        i = chosen[first]
        change = -w[i] if on[i] else w[i]
        for n in range(len(c)):
            c[n] += change * f[i, n]
        if slope(c, p, d) <= 0.0:
            pin = i
            break
        on[i] = not on[i]
        times[first] = np.inf
    length = np.sqrt(dot(p, p))
    for n in range(len(u)):
        u[n] = p[n] / length
    return pin


@kernel
def solve(A, x):
    """Solve A x = x in place, A symmetric and positive definite, by elimination."""
    size = len(x)
    for p in range(size):
        for r in range(p + 1, size):
            factor = A[r, p] / A[p, p]
            for e in range(p, size):
                A[r, e] -= factor * A[p, e]
            x[r] -= factor * x[p]
    for p in range(size - 1, -1, -1):
        for e in range(p + 1, size):
            x[p] -= A[p, e] * x[e]
        x[p] /= A[p, p]


@kernel
def released(f, w, c, on, pinned):
    """Take off the pin whose κ is farthest outside [0, 1], on the side where g rises; False where
    there is none. c is the gradient without pinned data.
    """
    k = f.shape[1]
    rows = np.empty(k, np.int64)
    size = 0
    for i in range(len(f)):
        if pinned[i]:
            rows[size] = i
            size += 1
    A, x = np.empty((size, size)), np.empty(size)
    for j in range(size):
        x[j] = -dot(f[rows[j]], c)
        for e in range(size):
            A[j, e] = dot(f[rows[j]], f[rows[e]])
    solve(A, x)  # κ_i w_i
    worst, chosen, side = SLACK, -1, False
    for j in range(size):
        kappa = x[j] / w[rows[j]] if w[rows[j]] < 0.0 else -1.0
        if max(-kappa, kappa - 1.0) > worst:
            worst, chosen, side = max(-kappa, kappa - 1.0), rows[j], kappa > 1.0
    if chosen < 0:
        return False
    pinned[chosen] = False
    on[chosen] = side
    return True


@kernel
def climb(f, w, u, on, pinned, steps):
    """Move the unit vector u to a local maximum of g in at most some steps; writes what is active
    and what is pinned there.
    """
    k = f.shape[1]
    basis, c, e = np.zeros((k, k)), np.zeros(k), np.zeros(k)
    pinned[:] = False
    heights = f @ u
    for i in range(len(f)):
        on[i] = heights[i] > 0.0
    size = 0
    for _ in range(steps):
        gradient(f, w, on, pinned, c)
        for n in range(k):
            e[n] = c[n]
        project_out(e, basis, size)
        length = np.sqrt(dot(e, e))
        if length == 0.0:
            break
        e /= length
        ahead = dot(e, u)
        if ahead < 0.0:  # a quarter of the circle at a time
            e -= ahead * u
            length = np.sqrt(dot(e, e))
            if length <= NEAR:
                break
            e /= length
        if np.sqrt(dot(e - u, e - u)) <= NEAR:
            if not released(f, w, c, on, pinned):
                break
            size = orthonormal(f, pinned, basis)
            continue
        project_out(c, basis, size)
        i = walk(f, w, u, e, c, on, pinned)
        if i >= 0:
            pinned[i] = True
            size = orthonormal(f, pinned, basis)
            project_out(u, basis, size)
            length = np.sqrt(dot(u, u))
            if length == 0.0:
                break
            u /= length


@kernel
def climb_all(f, charges, directions, signs, on, pinned, steps):
    """Move unit vectors, rows of `directions` (n, k), to local maxima of the gains of their signs;
    writes what is active and what pinned there, each (n, m).
    """
    for j in range(len(directions)):
        climb(f, signs[j] * charges, directions[j], on[j], pinned[j], steps)


@kernel
def curvature(f, signed, directions, on, pinned, weights, H):
    """Add Σ_j weights_j ∇²‖P_j Σ λ_i signed_i f_i‖ to H (m, m), the vector in the norm along the
    unit vector u_j, sums over active data, P_j off those pinned; `signed` is (n, m).
    """
    m, k = f.shape
    basis, rows = np.zeros((k, k)), np.zeros((m, k))
    for j in range(len(directions)):
        size = orthonormal(f, pinned[j], basis)
        for n in range(k):
            basis[size, n] = directions[j, n]
        rows[:] = 0.0
        for i in range(m):
            if on[j, i]:
                weight = np.sqrt(weights[j]) * signed[j, i]
                for n in range(k):
                    rows[i, n] = weight * f[i, n]
                project_out(rows[i], basis, size + 1)
        H += rows @ rows.T
