"""How much a unit neuron can gain: upper bounds on S = sup over ‖u‖ ≤ 1 of |Σ_i λ_i y_i σ(u·x̃_i)|.

New.

S is the larger of S₊ and S₋, the suprema of the sum without absolute value and of its negative; S₋
is S₊ with the labels exchanged. For S₊ let s ∈ {0, 1}^{I₊} say which of its own points, those of
I₊, the neuron is active on, and let 0 ≤ μ_i ≤ λ_i on the others, which may depend on s. As σ(t) ≥
κt for every κ in [0, 1],

    Σ_i λ_i y_i σ(u·x̃_i) ≤ u·(Σ_{I₊} λ_i s_i x̃_i − Σ_{I₋} μ_i x̃_i) ≤ ‖Σ_{I₊} λ_i s_i x̃_i −
    Σ_{I₋} μ_i x̃_i‖.

Fix any 0 ≤ μ̄ ≤ λ on I₋ and put μ = c μ̄ with a c in [0, 1]; it remains to bound the norm for every
s.

*By the spectral norm.*  Let δ ≥ ‖XXᵀ‖, T(s) = Σ λ_i s_i, T = T(1), M̄ = Σ μ̄_i and c = T(s)/T. The
squared norm is at most δ(Σ λ_i² s_i² + c² ‖μ̄‖²) + (T(s) − c M̄)², the last part present with
biases only, and T(s) − c M̄ = c(T − M̄). Everything grows with s, so S₊² ≤ δ(‖λ₊‖² + ‖μ̄‖²) + (T −
M̄)². The best μ̄_i = min(λ_i, κ) has δκ + M̄ = T; without biases it is 0.

*By alignment.*  Put z_i = λ_i s_i and c = λ·z/‖λ‖², λ restricted to I₊, so that z = cλ + q with q ⟂
λ and ‖q‖² = ‖λ‖²(c − c²) because s_i² = s_i. With e = Σ_{I₊} λ_i x̃_i − Σ_{I₋} μ̄_i x̃_i and r_i =
x̃_i·e the squared norm is

    ‖c e + Σ q_i x̃_i‖² ≤ c² ‖e‖² + 2c (Σ r_i λ_i s_i − c r·λ) + D ‖λ‖² (c − c²),

where D bounds the Gram matrix of the own x̃_i on the complement of λ. Over s in [0, 1]^{I₊} of
given c the sum is largest if the s_i of the largest r_i/λ_i are 1, a fractional knapsack: it is
piecewise linear in c, and the maximum over c in [0, 1] is taken piece by piece. If it is at c = 1
the bound is ‖e‖: nothing is lost.
"""

from typing import NamedTuple

import numpy as np

from highdim.optimum.points import Points
from highdim.optimum.rounding import UP, blocked, gamma, root_above
from univariate.common.arrays import Indices, Matrix, Vector


class Gain(NamedTuple):
    """An upper bound on S₊ or S₋, and how it was found."""

    above: float
    method: str


def gain_above(points: Points, own: Indices, other: Indices, multipliers: Vector) -> Gain:
    """Bound the gain on the own points, from multipliers (m,) ≥ 0 with largest entry of size one.

    Cost O(m³ + m d).
    """
    own = own[multipliers[own] > 0.0]
    if not own.size:
        return Gain(0.0, "no own points")
    lam, ceiling = multipliers[own], multipliers[other]
    filled = filling(lam, ceiling, points.gram_norm) if points.bias else np.zeros(other.size)
    fitted = np.minimum(nearest(points.factor[:, other], points.factor[:, own] @ lam), ceiling)
    spread = points.spread_above(own, lam)
    aligned = [by_alignment(points, own, other, lam, mu, spread) for mu in (filled, fitted)]
    spectral = Gain(by_spectral_norm(points, lam, filled), "spectral norm")
    return min(spectral, *(Gain(above, "alignment") for above in aligned))


def nearest(columns: Matrix, target: Vector) -> Vector:
    """Return μ ≥ 0 with Σ μ_i column_i nearest to the target, for `by_alignment`; 0 if that is not
    found.
    """
    from scipy.optimize import nnls

    if not columns.shape[1]:
        return np.zeros(0)
    try:
        return np.asarray(nnls(columns, target, maxiter=10 * columns.shape[1])[0])
    except RuntimeError:  # too many steps
        return np.zeros(columns.shape[1])


def filling(own: Vector, other: Vector, delta: float) -> Vector:
    """Return μ̄_i = min(other_i, κ) with δκ + Σ μ̄_i = Σ own_i: water poured on the other
    points.
    """
    total = float(np.sum(own))
    levels = np.sort(other)
    below = np.concatenate(([0.0], np.cumsum(levels)))  # the k lowest levels full
    kappa = (total - below) / (delta + np.arange(len(levels), -1, -1))
    needed = delta * levels + below[:-1] + levels * np.arange(len(levels), 0, -1)
    full = int(np.searchsorted(needed, total))
    return np.minimum(other, max(float(kappa[full]), 0.0))


def by_spectral_norm(points: Points, own: Vector, mu: Vector) -> float:
    """Return √(δ(‖λ₊‖² + ‖μ̄‖²) + (T − M̄)²), rounded up."""
    squares = float(own @ own + mu @ mu)
    own_sum = float(np.sum(own))
    other_sum = float(np.sum(mu))
    terms = len(own) + len(mu)
    rest = 0.0
    if points.bias:
        rest = abs(own_sum - other_sum) + gamma(terms) * (own_sum + other_sum)
    return root_above((points.gram_norm * squares * (1.0 + gamma(terms)) + rest**2) * UP)


def by_alignment(
    points: Points, own: Indices, other: Indices, lam: Vector, mu: Vector, spread: float
) -> float:
    """Return the bound by alignment, rounded up.

    The computed e counts as exact; its error, in norm, is added in the end.
    """
    z = np.zeros(len(points.y))
    z[own], z[other] = lam, -mu
    e, off = points.combined(z)
    products, errors = points.products(e)
    square, relative = blocked(e[None, :], e[None, :])
    length = float(square[0, 0])
    r = products[own]
    size = float(lam @ lam)
    order = np.argsort(-r / lam, kind="stable")
    most = _most(lam[order] ** 2 / size, (lam * r)[order], length, spread * size)
    reach = float(np.abs(lam * r).sum())
    rounding = relative * length + gamma(len(lam) + 16.0) * (
        3.0 * length + 10.0 * reach + 5.0 * spread * size
    )
    rounding += 2.0 * float(lam @ errors[own])
    return (root_above(max(most, 0.0) + rounding * UP) + off) * UP


def _most(shares: Vector, gains: Vector, length: float, room: float) -> float:
    """Return the maximum over c in [0, 1] of length·c² + 2c (R(c) − cρ) + room·(c − c²).

    R goes from 0 by steps (shares, gains), ρ = R(1). On a step c and R are linear in t in [0, 1]:
    no slope is formed, which could be huge, so the rounding error stays within that of a few terms
    of the sizes of the formula.
    """
    ends = np.cumsum(shares)
    reached = np.cumsum(gains)
    c = ends - shares
    R = reached - gains
    A = length - 2.0 * float(reached[-1]) - room
    second = shares * (A * shares + 2.0 * gains)
    first = 2.0 * (A * c * shares + c * gains + shares * R) + room * shares
    start = c * (A * c + 2.0 * R + room)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        t = np.clip(np.where(second < 0.0, -0.5 * first / second, 1.0), 0.0, 1.0)
    end = start + first + second
    between = start + t * (first + t * second)
    return float(np.max(np.maximum(start, np.maximum(end, between))))
