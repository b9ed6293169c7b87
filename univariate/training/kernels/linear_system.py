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
def grown(t, f1, f2, weight):
    """Return M + weight · f fᵀ, for t = (d₁, b, d₂) and M = d₁ (1, b)(1, b)ᵀ + d₂ (0, 1)(0, 1)ᵀ."""
    d1 = t[0] + weight * f1 * f1
    if not d1 > 0.0:
        return t[0], t[1], t[2] + weight * f2 * f2
    rest = f2 - t[1] * f1
    kept = t[0] / d1
    b = kept * t[1] + (weight * f1 / d1) * f2  # a mean: b + … would cancel
    return d1, b, t[2] + kept * weight * rest * rest


@kernel
def shrunk(t, f1, f2, weight):
    """Return M − M f fᵀ M weight/(1 + weight fᵀMf) of M."""
    along = f1 + t[1] * f2
    first = 1.0 + weight * t[2] * f2 * f2
    second = first + weight * t[0] * along * along
    return t[0] * (first / second), t[1] - weight * along * (t[2] * f2 / first), t[2] / first


@kernel
def shifted(t, dx):
    """Rewrite the covariance of (value, slope) for a place farther right by dx."""
    d1, b, d2 = t
    first = grown((0.0, 0.0, 0.0), 1.0 + dx * b, b, d1)
    return grown(first, dx, 1.0, d2)


@kernel
def turned(f, dx):
    """Return T f T⁻¹ of f = (f₁₁, f₁₂, f₂₁, f₂₂), T = (1, dx; 0, 1)."""
    f11 = f[0] + dx * f[2]
    f12 = f[1] + dx * f[3]
    return f11, f12 - dx * f11, f[2], f[3] - dx * f[2]


@kernel
def moved(f, share, p1, p2, g1, g2):
    """Return f + share · p gᵀ."""
    first = share * p1
    second = share * p2
    return f[0] + first * g1, f[1] + first * g2, f[2] + second * g1, f[3] + second * g2


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
        row = right[cell[j]] if w[j] >= 0.0 else left[cell[j]]
        at = x[min(cell[j], m - 1)]
        square = v[j] * v[j]
        t = grown((row[0], row[1], row[2]), w[j] * at + b[j], w[j], 1.0)
        if np.isnan(held[j]):
            t = grown(t, 1.0, 0.0, square)
            t = grown(t, at, 1.0, square)
        else:
            t = grown(t, at - held[j], 1.0, square / (1.0 + held[j] * held[j]))
        row[0], row[1], row[2] = t
    return right, left


@kernel
def pass_pair(big, f, g, psi, l1, l2, weight):
    """Let a pair of neurons join σ: what `solved` needs of it, and P, Φ, Γ, Ψ behind it."""
    fl1 = f[0] * l1 + f[1] * l2
    fl2 = f[2] * l1 + f[3] * l2
    along = l1 + psi[1] * l2
    pl1 = psi[0] * along
    pl2 = psi[1] * pl1 + psi[2] * l2
    part = weight / (1.0 + weight * (psi[0] * along * along + psi[2] * l2 * l2))
    return (
        (part, l1, l2, fl1, fl2, pl1, pl2),
        grown(big, fl1, fl2, part),
        moved(f, -part, fl1, fl2, pl1, pl2),
        moved(g, part, fl1, fl2, pl1, pl2),
        shrunk(psi, l1, l2, weight),
    )


@kernel
def pass_datum(big, f, g, psi, a):
    """Let a datum be passed: what `solved` needs of it, and P, Φ, Γ, Ψ behind it."""
    p1 = big[0]
    p2 = big[0] * big[1]
    g1 = g[0]
    g2 = g[1]
    d = 1.0 + a * a * p1
    share = a * a / d
    below = moved(g, -share, p1, p2, g1, g2)
    return (
        (d, p1, p2, g1, g2),
        (big[0] / d, big[1], big[2]),
        moved(f, share, p1, p2, g1, g2),
        (g1 / d, g2 / d, below[2], below[3]),  # g above, the same without cancellation
        grown(psi, g1, g2, share),
    )


@kernel
def eliminate(x: np.ndarray, a: np.ndarray, right: np.ndarray, left: np.ndarray) -> Elimination:
    """Go through the data from the left; `right` and `left` as from `increments`. Rounded."""
    m = len(x)
    data = np.empty((m, 5))
    pairs = np.zeros((m + 1, 2, 7))
    # Tuples, not arrays: the compiler keeps them in registers, which is four times as fast.
    big = (0.0, 0.0, 0.0)
    psi = (0.0, 0.0, 0.0)
    f = (0.0, 0.0, 0.0, 0.0)
    g = (1.0, 0.0, 0.0, 1.0)
    for i in range(m + 1):
        if 0 < i < m:
            dx = x[i] - x[i - 1]
            big = shifted(big, dx)
            psi = (psi[0], psi[1] - dx, psi[2])
            f = turned(f, dx)
            g = turned(g, dx)
        if i > 0:
            share, slope, rest = left[i]
            first, big, f, g, psi = pass_pair(big, f, g, psi, 1.0, slope, share)
            second, big, f, g, psi = pass_pair(big, f, g, psi, 0.0, 1.0, rest)
            for e in range(7):
                pairs[i, 0, e], pairs[i, 1, e] = first[e], second[e]
        if i < m:
            big = grown(big, 1.0, right[i, 1], right[i, 0])
            big = (big[0], big[1], big[2] + right[i, 2])
            row, big, f, g, psi = pass_datum(big, f, g, psi, a[i])
            for e in range(5):
                data[i, e] = row[e]
    return Elimination(x, a, data, pairs)


@kernel
def solved(system: Elimination, r: np.ndarray) -> np.ndarray:
    """Return z for a right-hand side, (m,)."""
    x, a, data, pairs = system
    m = len(x)
    known = np.empty(m)
    felt = np.zeros((m + 1, 2))
    c1 = c2 = psi1 = psi2 = 0.0
    for i in range(m + 1):
        if 0 < i < m:
            dx = x[i] - x[i - 1]
            c1 += dx * c2
            psi2 -= dx * psi1
        if i > 0:
            for k in range(2):
                part, l1, l2, fl1, fl2, pl1, pl2 = pairs[i, k]
                force = part * (l1 * psi1 + l2 * psi2)
                felt[i, k] = force
                c1 -= fl1 * force
                c2 -= fl2 * force
                psi1 -= pl1 * force
                psi2 -= pl2 * force
        if i < m:
            d, p1, p2, g1, g2 = data[i]
            known[i] = (r[i] - a[i] * c1) / d
            force = a[i] * known[i]
            c1 += p1 * force
            c2 += p2 * force
            psi1 += g1 * force
            psi2 += g2 * force
    return backwards(system, known, felt)


@kernel
def backwards(system, known, felt):
    """Return z from what is known without α and σ, from the last datum to the first."""
    x, a, data, pairs = system
    m = len(x)
    z = np.empty(m)
    alpha1 = alpha2 = sigma1 = sigma2 = 0.0
    for i in range(m, -1, -1):
        if i < m:
            d, p1, p2, g1, g2 = data[i]
            pull = p1 * alpha1 + p2 * alpha2 + g1 * sigma1 + g2 * sigma2
            z[i] = known[i] - a[i] * pull / d
            alpha1 += a[i] * z[i]
        if i > 0:
            for k in range(1, -1, -1):
                part, l1, l2, fl1, fl2, pl1, pl2 = pairs[i, k]
                pull = fl1 * alpha1 + fl2 * alpha2 + pl1 * sigma1 + pl2 * sigma2
                force = felt[i, k] - part * pull
                sigma1 += l1 * force
                sigma2 += l2 * force
        if 0 < i < m:
            dx = x[i] - x[i - 1]
            alpha2 += dx * alpha1
            sigma1 -= dx * sigma2
    return z
