"""Solving (I + A K A) z = r, A = diag(a), K the tangent kernel of a net on the line, in O(n + m).

The change of N at a datum is that of its line there: of s = (value, slope), the sum of a part `σ`
from left-oriented neurons and a part `ρ` from right-oriented ones. Give every neuron a random
change with covariance I: K is the covariance of the changes of N. From datum to datum, ρ grows by
independent increments, those of the neurons whose kinks lie between, and so does σ in the other
direction; so K is the covariance of two Markov processes, and z follows by elimination datum by
datum. With forces a_i z_i on the lines, α their moments over i ≥ k and γ over i < k, what lies left
of a cut k enters the rest by

    ρ = P α − Φ σ + c,    γ = −Φᵀ α − Ψ σ + ψ,

with P, Ψ positive semidefinite, Γ = I − Φ. The rules for going on, each a rank-one change, follow
by substitution:

    a neuron pair of covariance λ l lᵀ joins σ:  τ = λ/(1 + λ lᵀΨl), P += τ Φl (Φl)ᵀ,
        Φ −= τ Φl (Ψl)ᵀ, Ψ −= τ Ψl (Ψl)ᵀ, c −= τ Φl lᵀψ, ψ −= τ Ψl lᵀψ;
    one joins ρ:  P += λ l lᵀ;
    a datum:  p = P e, g = Γᵀ e, e = (1, 0), d = 1 + a² pᵀe, P −= a²/d p pᵀ,
        Φ += a²/d p gᵀ, Ψ += a²/d g gᵀ, c += p (a r − a² c₁)/d, ψ += g (a r − a² c₁)/d.

P and Ψ are kept as d₁ (1, b)(1, b)ᵀ + d₂ (0, 1)(0, 1)ᵀ, which rank-one terms change by sums and
quotients of positive numbers alone (Gill, Golub, Murray and Saunders 1974, Bierman 1977), and lines
are written about the datum at hand, so that nothing cancels where kinks are close. Beyond the last
datum α = σ = 0, from where z follows backwards. New: a filter and smoother of Kalman's kind for two
processes of opposite directions.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.jit import kernel


class Elimination(NamedTuple):
    """What is left of the system for any right-hand side."""

    x: np.ndarray
    a: np.ndarray
    data: np.ndarray  # (m, 5): d, p, g
    pairs: np.ndarray  # (m + 1, 2, 7): τ, l, Φl, Ψl before the pair of neurons


@kernel
def grow(t, f1, f2, weight):
    """Add weight · f fᵀ to the matrix d₁ (1, b)(1, b)ᵀ + d₂ (0, 1)(0, 1)ᵀ, t = (d₁, b, d₂), in
    place.
    """
    d1 = t[0] + weight * f1 * f1
    rest = f2 - t[1] * f1
    if d1 > 0.0:
        t[2] += (t[0] / d1) * weight * rest * rest
        t[1] = (t[0] / d1) * t[1] + (weight * f1 / d1) * f2  # a mean: b + … would cancel
        t[0] = d1
    else:
        t[2] += weight * f2 * f2


@kernel
def shrink(t, f1, f2, weight):
    """Make M − M f fᵀ M weight/(1 + weight fᵀMf) of M, in place."""
    along = f1 + t[1] * f2
    first = 1.0 + weight * t[2] * f2 * f2
    second = first + weight * t[0] * along * along
    t[1] -= weight * along * (t[2] * f2 / first)
    t[2] /= first
    t[0] *= first / second


@kernel
def shift(t, dx):
    """Rewrite the covariance of (value, slope) for a place farther right by dx, in place."""
    d1, b, d2 = t
    t[:] = 0.0
    grow(t, 1.0 + dx * b, b, d1)
    grow(t, dx, 1.0, d2)


@kernel
def turn(f, dx):
    """Make T f T⁻¹ of f (2, 2), T = (1, dx; 0, 1), in place."""
    f[0] += dx * f[1]
    f[:, 1] -= dx * f[:, 0]


@kernel
def increments(
    v: np.ndarray, w: np.ndarray, b: np.ndarray, held: np.ndarray, x: np.ndarray, cell: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Covariances (d₁, b, d₂) that the neurons of every cell add to ρ and to σ, (m + 1, 3) each.

    cell : (n,) a neuron with w ≥ 0 is active on i ≥ cell, others on i < cell. held : (n,) NaN, or
    the datum's x on which a kink is held: (w, b) then moves along (1, −held) only. About the datum
    of the cell's index, the last for the last.
    """
    m = len(x)
    right = np.zeros((m + 1, 3))
    left = np.zeros((m + 1, 3))
    for j in range(len(v)):
        t = right[cell[j]] if w[j] >= 0.0 else left[cell[j]]
        at = x[min(cell[j], m - 1)]
        square = v[j] * v[j]
        grow(t, w[j] * at + b[j], w[j], 1.0)
        if np.isnan(held[j]):
            grow(t, 1.0, 0.0, square)
            grow(t, at, 1.0, square)
        else:
            grow(t, at - held[j], 1.0, square / (1.0 + held[j] * held[j]))
    return right, left


@kernel
def pass_pair(big, f, g, psi, l1, l2, weight, out):
    """Let a pair of neurons join σ: P, Φ, Γ, Ψ change in place; writes what `solved` needs."""
    fl1 = f[0, 0] * l1 + f[0, 1] * l2
    fl2 = f[1, 0] * l1 + f[1, 1] * l2
    along = l1 + psi[1] * l2
    pl1 = psi[0] * along
    pl2 = psi[1] * pl1 + psi[2] * l2
    part = weight / (1.0 + weight * (psi[0] * along * along + psi[2] * l2 * l2))
    out[0] = part
    out[1] = l1
    out[2] = l2
    out[3] = fl1
    out[4] = fl2
    out[5] = pl1
    out[6] = pl2
    grow(big, fl1, fl2, part)
    shrink(psi, l1, l2, weight)
    for k in range(2):
        change = part * (fl1 if k == 0 else fl2)
        f[k, 0] -= change * pl1
        f[k, 1] -= change * pl2
        g[k, 0] += change * pl1
        g[k, 1] += change * pl2


@kernel
def pass_datum(big, f, g, psi, a, out):
    """Let a datum be passed: P, Φ, Γ, Ψ change in place; writes what `solved` needs."""
    p1 = big[0]
    p2 = big[0] * big[1]
    g1 = g[0, 0]
    g2 = g[0, 1]
    d = 1.0 + a * a * p1
    out[0] = d
    out[1] = p1
    out[2] = p2
    out[3] = g1
    out[4] = g2
    grow(psi, g1, g2, a * a / d)
    big[0] /= d
    for k in range(2):
        change = a * a / d * (p1 if k == 0 else p2)
        f[k, 0] += change * g1
        f[k, 1] += change * g2
        g[k, 0] -= change * g1
        g[k, 1] -= change * g2
    g[0, 0] = g1 / d  # the same without cancellation
    g[0, 1] = g2 / d


@kernel
def eliminate(x: np.ndarray, a: np.ndarray, right: np.ndarray, left: np.ndarray) -> Elimination:
    """Go through the data from the left; `right` and `left` as from `increments`. Rounded."""
    m = len(x)
    data = np.empty((m, 5))
    pairs = np.zeros((m + 1, 2, 7))
    big = np.zeros(3)
    psi = np.zeros(3)
    f = np.zeros((2, 2))
    g = np.eye(2)
    for i in range(m + 1):
        if 0 < i < m:
            dx = x[i] - x[i - 1]
            shift(big, dx)
            psi[1] -= dx
            turn(f, dx)
            turn(g, dx)
        if i > 0:
            pass_pair(big, f, g, psi, 1.0, left[i, 1], left[i, 0], pairs[i, 0])
            pass_pair(big, f, g, psi, 0.0, 1.0, left[i, 2], pairs[i, 1])
        if i < m:
            grow(big, 1.0, right[i, 1], right[i, 0])
            grow(big, 0.0, 1.0, right[i, 2])
            pass_datum(big, f, g, psi, a[i], data[i])
    return Elimination(x, a, data, pairs)


@kernel
def solved(system: Elimination, r: np.ndarray) -> np.ndarray:
    """Return z for a right-hand side, (m,)."""
    x, a, data, pairs = system
    m = len(x)
    known = np.empty(m)
    felt = np.zeros((m + 1, 2))
    c = np.zeros(2)
    psi = np.zeros(2)
    for i in range(m + 1):
        if 0 < i < m:
            dx = x[i] - x[i - 1]
            c[0] += dx * c[1]
            psi[1] -= dx * psi[0]
        if i > 0:
            for k in range(2):
                part, l1, l2, fl1, fl2, pl1, pl2 = pairs[i, k]
                felt[i, k] = part * (l1 * psi[0] + l2 * psi[1])
                c[0] -= fl1 * felt[i, k]
                c[1] -= fl2 * felt[i, k]
                psi[0] -= pl1 * felt[i, k]
                psi[1] -= pl2 * felt[i, k]
        if i < m:
            d, p1, p2, g1, g2 = data[i]
            known[i] = (r[i] - a[i] * c[0]) / d
            force = a[i] * known[i]
            c[0] += p1 * force
            c[1] += p2 * force
            psi[0] += g1 * force
            psi[1] += g2 * force
    return backwards(system, known, felt)


@kernel
def backwards(system, known, felt):
    """Return z from what is known without α and σ, from the last datum to the first."""
    x, a, data, pairs = system
    m = len(x)
    z = np.empty(m)
    alpha = np.zeros(2)
    sigma = np.zeros(2)
    for i in range(m, -1, -1):
        if i < m:
            d, p1, p2, g1, g2 = data[i]
            pull = p1 * alpha[0] + p2 * alpha[1] + g1 * sigma[0] + g2 * sigma[1]
            z[i] = known[i] - a[i] * pull / d
            alpha[0] += a[i] * z[i]
        if i > 0:
            for k in range(1, -1, -1):
                part, l1, l2, fl1, fl2, pl1, pl2 = pairs[i, k]
                pull = fl1 * alpha[0] + fl2 * alpha[1] + pl1 * sigma[0] + pl2 * sigma[1]
                force = felt[i, k] - part * pull
                sigma[0] += l1 * force
                sigma[1] += l2 * force
        if 0 < i < m:
            dx = x[i] - x[i - 1]
            alpha[1] += dx * alpha[0]
            sigma[0] -= dx * sigma[1]
    return z
