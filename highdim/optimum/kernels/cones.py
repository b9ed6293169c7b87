"""The supremum of g(u) = Σ w_i σ(u·f_i) over ‖u‖ ≤ 1 from above, by branch and bound on simplicial
cones; see `highdim.optimum.supremum` for the proof.

A cone is given by k unit vectors of one orthant, in rows of T. Of the data, those with one sign on
all of T are summed into c or left out; the rest, listed, are crossing.
"""

import numpy as np

from univariate.common.jit import kernel

UNIT_ROUNDOFF = 2.0**-53
ROUNDS = 3  # of improving κ


@kernel
def dot(a, b):
    """Inner product of vectors, summed in order."""
    total = 0.0
    for e in range(len(a)):
        total += a[e] * b[e]
    return total


@kernel
def classify(task, stack, top, data, number):
    """Sort data into c, out, or the list of the cone `top`; what a wrong sign can cost is slack."""
    f, w, length = task.f, task.w, task.length
    T, c = stack.T[top], stack.c[top]
    k = len(T)
    at = stack.start[top]
    kept = 0
    for n in range(number):
        i = data[n]
        low, high = np.inf, -np.inf
        for j in range(k):
            s = dot(T[j], f[i])
            low, high = min(low, s), max(high, s)
        off = (k + 2) * UNIT_ROUNDOFF * length[i]
        if low < -8.0 * off and high > 8.0 * off:
            stack.listed[at + kept] = i
            kept += 1
            continue
        active = low >= -8.0 * off and high > 8.0 * off
        if w[i] > 0.0:  # σ(t) exceeds what is counted, t or 0; with w < 0 that lowers g
            wrong = max(off - low, 0.0) if active else max(off + high, 0.0)
            stack.slack[top] += w[i] * wrong * np.sqrt(k) * (1.0 + 8.0 * UNIT_ROUNDOFF)
        if active:
            for e in range(k):
                z = w[i] * f[i, e]
                total = c[0, e] + z
                back = total - c[0, e]
                c[1, e] += (c[0, e] - (total - back)) + (z - back)
                c[0, e] = total
    stack.number[top] = kept


@kernel
def heights(task, stack, top, scratch):
    """Write upper bounds h_j on the linear-concave function at the rows of T, less their error."""
    T, c, at = stack.T[top], stack.c[top], stack.start[top]
    k, count = len(T), stack.number[top]
    for j in range(k):
        total, size = 0.0, 0.0
        for e in range(k):
            z = (c[0, e] + c[1, e]) * T[j, e]
            total += z
            size += abs(z)
        for n in range(count):
            i = stack.listed[at + n]
            s = scratch.s[n, j]
            factor = scratch.kappa[n]
            if task.w[i] > 0.0:
                factor = 1.0 if s > 0.0 else 0.0
            z = task.w[i] * factor * s
            total += z
            # (k + 2) u ‖f_i‖ for s itself, also where its sign is lost
            size += abs(z) + abs(task.w[i]) * task.length[i]
        scratch.h[j] = total
        scratch.error[j] = 2.0 * (k + count + 4) * UNIT_ROUNDOFF * size


@kernel
def solve(system, size):
    """Solve a small symmetric system in place by elimination; False if it is singular."""
    for p in range(size):
        best = p
        for r in range(p + 1, size):
            if abs(system[r, p]) > abs(system[best, p]):
                best = r
        if abs(system[best, p]) < 1e-300:
            return False
        if best != p:
            for e in range(size + 1):
                system[p, e], system[best, e] = system[best, e], system[p, e]
        for r in range(size):
            if r != p:
                factor = system[r, p] / system[p, p]
                for e in range(p, size + 1):
                    system[r, e] -= factor * system[p, e]
    return True


@kernel
def project(T, scratch):
    """Return the least ‖q‖ + √k max (h_j − q·t_j)₊ over q with q·t_j = h_j on some rows of T, in
    their span; writes q and its coordinates to the trial arrays.
    """
    k = len(T)
    best = np.inf
    system, h = scratch.system, scratch.h
    rows = np.empty(k, np.int64)
    q, share = np.empty(k), np.empty(k)
    every = (1 << k) - 1
    for mask in range(every, 0, -1):
        size = 0
        for j in range(k):
            if mask >> j & 1:
                rows[size] = j
                size += 1
        for r in range(size):
            for e in range(size):
                system[r, e] = dot(T[rows[r]], T[rows[e]])
            system[r, size] = h[rows[r]]
        if not solve(system, size):
            continue
        q[:] = 0.0
        share[:] = 0.0
        positive = True
        for r in range(size):
            a = system[r, size] / system[r, r]
            share[rows[r]] = a
            positive &= a >= 0.0
            for e in range(k):
                q[e] += a * T[rows[r], e]
        length = np.sqrt(dot(q, q)) * (1.0 + 2.0 * (k + 4) * UNIT_ROUNDOFF)
        short = 0.0
        for j in range(k):
            rounding = 2.0 * (k + 2) * UNIT_ROUNDOFF * length
            short = max(short, h[j] - dot(q, T[j]) + scratch.error[j] + rounding)
        found = length + np.sqrt(k) * short * (1.0 + 16.0 * UNIT_ROUNDOFF)
        if found < best:
            best = found
            for j in range(k):
                scratch.trial[j] = q[j]
                scratch.share[j] = share[j]
            if positive and mask == every:
                break
    return 0.0 if np.max(h + scratch.error) <= 0.0 else best


@kernel
def bound(task, stack, top, scratch):
    """Return an upper bound on g over the unit vectors of a cone, and write its a."""
    T, at = stack.T[top], stack.start[top]
    k, count = len(T), stack.number[top]
    concave = 0
    for n in range(count):
        i = stack.listed[at + n]
        low, high = 0.0, 0.0
        for j in range(k):
            s = dot(T[j], task.f[i])
            scratch.s[n, j] = s
            low, high = min(low, s), max(high, s)
        scratch.kappa[n] = high / (high - low)
        concave += task.w[i] < 0.0
    heights(task, stack, top, scratch)
    best = project(T, scratch)
    for j in range(k):
        scratch.a[j] = scratch.share[j]
    rounds = ROUNDS if 0 < concave <= 24 else 0
    for _ in range(rounds):
        if best <= task.target:
            break
        q = scratch.trial
        for n in range(count):
            i = stack.listed[at + n]
            if task.w[i] < 0.0:
                f = task.f[i]
                step = -dot(q, f) / (task.w[i] * dot(f, f))
                new = min(max(scratch.kappa[n] + step, 0.0), 1.0)
                for e in range(k):
                    q[e] += (new - scratch.kappa[n]) * task.w[i] * f[e]
                scratch.kappa[n] = new
        heights(task, stack, top, scratch)
        found = project(T, scratch)
        if not found < best:
            break
        best = found
        for j in range(k):
            scratch.a[j] = scratch.share[j]
    rounding = 4.0 * (k + 4) * (stack.depth[top] + 2) * UNIT_ROUNDOFF
    return (best + stack.slack[top]) * (1.0 + rounding)


@kernel
def steepest(task, T, a, u):
    """Write the unit vector along Σ a_j t_j, a_j > 0, and return g there; 0 without one."""
    u[:] = 0.0
    for j in range(len(T)):
        u += max(a[j], 0.0) * T[j]
    norm = np.sqrt(dot(u, u))
    if norm == 0.0:
        return 0.0
    u /= norm
    total = 0.0
    for i in range(len(task.w)):
        total += task.w[i] * max(dot(task.f[i], u), 0.0)
    return total


@kernel
def sharpest(task, stack, top, scratch):
    """Return the listed datum whose kink bends most on the cone, and its ends: rows a, b of T."""
    at = stack.start[top]
    k, count = len(stack.T[top]), stack.number[top]
    most, chosen, first, second = -1.0, 0, 0, 0
    for n in range(count):
        i = stack.listed[at + n]
        high, low = 0, 0
        for j in range(1, k):
            if scratch.s[n, j] > scratch.s[n, high]:
                high = j
            if scratch.s[n, j] < scratch.s[n, low]:
                low = j
        bend = abs(task.w[i]) * min(scratch.s[n, high], -scratch.s[n, low])
        if bend > most:
            most, chosen, first, second = bend, n, high, low
    return chosen, first, second


@kernel
def split(task, stack, top, scratch):
    """Replace a cone by two: an edge is cut where a listed datum changes sign."""
    chosen, a, b = sharpest(task, stack, top, scratch)
    k, count, at = len(stack.T[top]), stack.number[top], stack.start[top]
    data = stack.listed[at : at + count].copy()
    up, down = scratch.s[chosen, a], scratch.s[chosen, b]
    x = (up * stack.T[top, b] - down * stack.T[top, a]) / (up - down)
    x /= np.sqrt(dot(x, x))
    # x lies beside its edge by rounding; on the way there the bound may grow by that
    reach = np.sqrt(dot(stack.c[top, 0], stack.c[top, 0]))
    for i in data:
        reach += abs(task.w[i]) * task.length[i]
    lost = np.sqrt(k) * 6.0 * UNIT_ROUNDOFF * reach
    other = top + 1
    for e in range(k):
        for j in range(k):
            stack.T[other, j, e] = stack.T[top, j, e]
        for part in range(len(stack.c[top])):
            stack.c[other, part, e] = stack.c[top, part, e]
    stack.slack[other] = stack.slack[top] = stack.slack[top] + lost
    stack.depth[other] = stack.depth[top] = stack.depth[top] + 1
    for e in range(k):
        stack.T[top, b, e] = x[e]
        stack.T[other, a, e] = x[e]
    classify(task, stack, top, data, count)
    stack.start[other] = at + stack.number[top]
    classify(task, stack, other, data, count)


@kernel
def plant(task, stack, data):
    """Put the 2^k orthants on the stack; returns their number."""
    m, k = task.f.shape
    at = 0
    for orthant in range(1 << k):
        for j in range(k):
            stack.T[orthant, j, j] = 1.0 if orthant >> j & 1 else -1.0
        stack.start[orthant] = at
        classify(task, stack, orthant, data, m)
        at += stack.number[orthant]
    return 1 << k


@kernel
def branch_and_bound(task, stack, scratch, found, values):
    """Return an upper bound on sup g over ‖u‖ ≤ 1, the number of cones bounded and of vectors
    found, units u with g(u) > target in rows of `found` (r, k), their values in `values` (r,).

    Ends early when `found` is full, unless r = 0, or the budget spent; the bound holds then too.
    """
    m, k = task.f.shape
    size, room = len(stack.T), len(values)
    top = plant(task, stack, np.arange(m)) - 1
    above, best, cones, hits = 0.0, 0.0, 0, 0
    u = np.zeros(k)
    while top >= 0:
        limit = bound(task, stack, top, scratch)
        cones += 1
        done = max(task.target, best * (1.0 + task.relative))
        if limit > done and cones < task.budget and (room == 0 or hits < room):
            height = steepest(task, stack.T[top], scratch.a, u)
            best = max(best, height)
            if height > task.target and room > 0:
                for e in range(k):
                    found[hits, e] = u[e]
                values[hits] = height
                hits += 1
            if stack.number[top] > 0 and top + 2 < size:
                split(task, stack, top, scratch)
                top += 1
                continue
        above = max(above, limit)
        top -= 1
    return above, cones, hits
