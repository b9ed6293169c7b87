"""Newton's method on the optimality conditions of Problem (1), from what others found.

Let A_j be the data that vector u_j is active on, K_j those on its kink, P_j the projection on their
complement. At an optimum u_j = ρ_j a_j with

    a_j(λ) = sign_j P_j Σ_{i ∈ A_j} λ_i y_i f_i,   ‖a_j‖ = 1,   y_i Σ_j sign_j ρ_j σ(a_j·f_i) = r_i

for all j and all i with λ_i > 0. These are the conditions of max Σ r_i λ_i subject to ‖a_j(λ)‖² ≤
1, with multipliers ρ_j/2, and Newton's step is a symmetric linear system. Where optima are not
unique it is singular, and the shortest step is taken. What belongs to A, K and {λ_i > 0} is
guessed by several thresholds; results are rounded, and measured by those who use them.

Source: Newton's method on an active set is classic (Nocedal and Wright, Numerical Optimization,
2006, Chapter 18); that the dual of Problem (1) has this form is new, derived above.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from highdim.optimum.blocks import Blocks
from highdim.optimum.scaled import Scaled
from univariate.common.arrays import Indices, Mask, Matrix, Vector

_GUESSES: Final = ((1e-7, 1e-7), (1e-6, 1e-6), (1e-5, 1e-6), (1e-8, 1e-8), (1e-4, 1e-5))
"""How far gains of vectors may be from 1, and multipliers from 0 in parts of the largest."""
_ALIKE: Final = 1e-10  # 1 − cosine of vectors taken as one
_STEPS: Final = 12
_DONE: Final = 1e-14
_SLACK: Final = 1e-9
_MENDS: Final = 2
_RANK: Final = 1e-13


class Support(NamedTuple):
    """Signs (N,), active data (N, m) and data on kinks (N, m); the data with λ > 0."""

    sign: Vector
    active: Mask
    kinks: Mask
    tight: Indices

    def taken(self, kept: Mask) -> "Support":
        """Return the support with some vectors only."""
        return Support(self.sign[kept], self.active[kept], self.kinks[kept], self.tight)


class Sharp(NamedTuple):
    """Signs (N,), vectors (N, k) and multipliers (m,)."""

    sign: Vector
    vectors: Matrix
    multipliers: Vector


def sharpened(data: Scaled, blocks: Blocks, multipliers: Vector) -> Iterator[Sharp]:
    """Yield what Newton's method makes of multipliers, for each guess of their support.

    The vectors of largest gain in the cells of blocks follow from the multipliers, their lengths by
    nonnegative least squares. Cost O((N + m)³).
    """
    from scipy.optimize import nnls

    peaks = peaks_of(data, blocks, multipliers)
    heights = np.linalg.norm(peaks.vectors, axis=1)
    before: list[bytes] = []
    for off, least in _GUESSES:
        tight = np.flatnonzero(multipliers > least * np.max(multipliers))
        chosen = np.flatnonzero((np.abs(heights - 1.0) <= off) & peaks.local)
        chosen = chosen[_different(peaks.sign[chosen], peaks.vectors[chosen])]
        guess = tight.tobytes() + b" " + chosen.tobytes()
        if guess in before or not chosen.size:
            continue
        before.append(guess)
        support = Support(peaks.sign[chosen], peaks.active[chosen], peaks.kinks[chosen], tight)
        gains = np.einsum("jik,jk->ij", _parts(data, support), peaks.vectors[chosen])
        scale = data.r[tight]
        try:
            lengths, _ = nnls(gains / scale[:, None], np.ones(len(tight)), maxiter=20 * len(tight))
        except RuntimeError:  # too many steps
            continue
        kept = lengths > 0.0
        if not kept.any():
            continue
        support = support.taken(kept)
        found = newton(data, support, lengths[kept], multipliers)
        if found is not None:
            yield found


class Peaks(NamedTuple):
    """The projections of gradients on cells: their directions gain most there, their lengths say
    how much. Beyond walls of local ones nothing gains more: a σ' in [0, 1] explains the pressure.
    """

    sign: Vector
    active: Mask
    kinks: Mask
    vectors: Matrix
    local: Mask


def peaks_of(data: Scaled, blocks: Blocks, multipliers: Vector) -> Peaks:
    """Return the vector of largest gain in each cell and the walls that hold it back."""
    from scipy.optimize import nnls

    gradients = blocks.sign[:, None] * (blocks.active * (data.y * multipliers)) @ data.f
    sides = blocks.sides()
    kinks = np.zeros_like(blocks.walls)
    vectors = gradients.copy()
    local = np.ones(len(vectors), dtype=np.bool_)
    for j, gradient in enumerate(gradients):
        walls = np.flatnonzero(blocks.walls[j])
        inward = sides[j, walls][:, None] * data.f[walls]
        pressures, _ = nnls(inward.T, -gradient, maxiter=100 * len(walls))
        vectors[j] += pressures @ inward
        kinks[j, walls] = pressures > 0.0
        allowed = np.where(blocks.sign[j] * data.y[walls] < 0.0, multipliers[walls], 0.0)
        local[j] = np.all(pressures <= allowed * (1.0 + _SLACK))
    return Peaks(blocks.sign, blocks.active & ~kinks, kinks, vectors, local)


def _different(sign: Vector, vectors: Matrix) -> Indices:
    """Return the first of each group of vectors with one sign and direction."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    kept: list[int] = []
    for j in range(len(sign)):
        cosines = unit[kept] @ unit[j]
        if not np.any((cosines > 1.0 - _ALIKE) & (sign[kept] == sign[j])):
            kept.append(j)
    return np.array(kept, dtype=np.intp)


def newton(data: Scaled, support: Support, lengths: Vector, multipliers: Vector) -> Sharp | None:
    """Return the end of Newton's steps from lengths (N,) and multipliers (m,), rounded; None where
    a step is not finite.
    """
    tight = support.tight
    f, r = data.f[tight], data.r[tight]
    parts = _parts(data, support)  # sign_j y_i P_j f_i for active i, (N, |tight|, k)
    lam, rho = multipliers[tight], lengths
    N = len(rho)
    best, least = (lam, rho), np.inf
    for _ in range(_STEPS):
        a = np.einsum("jik,i->jk", parts, lam)
        gains = np.einsum("jik,jk->ji", parts, a)  # sign_j y_i σ(a_j·f_i)
        excess = 0.5 * (np.einsum("jk,jk->j", a, a) - 1.0)
        short = r - rho @ gains
        residual = max(float(np.abs(excess).max()), float(np.abs(short / r).max()))
        if not residual < least:
            break
        best, least = (lam, rho), residual
        if residual < _DONE:
            break
        rooted = (
            (np.sqrt(np.abs(rho))[:, None, None] * parts).transpose(0, 2, 1).reshape(-1, len(f))
        )
        curvature = rooted.T @ rooted
        system = np.zeros((len(f) + N, len(f) + N))
        system[: len(f), : len(f)] = curvature
        system[: len(f), len(f) :] = gains.T
        system[len(f) :, : len(f)] = gains
        step = np.linalg.lstsq(system, np.concatenate([short, -excess]), rcond=_RANK)[0]
        if not np.all(np.isfinite(step)):
            return None
        lam, rho = lam + step[: len(f)], rho + step[len(f) :]
    return _mended(data, support, parts, *best)


def _mended(
    data: Scaled, support: Support, parts: Matrix, lam: Vector, rho: Vector
) -> Sharp | None:
    """Return the vectors ρ_j a_j, moved a little so that tight margins are met; None if nothing is
    left.

    Moves are ρ_j Σ_i μ_i sign_j y_i P_j f_i, shortest in the norm where ρ_j is the unit.
    """
    a = np.einsum("jik,i->jk", parts, lam)
    kept = (rho > 0.0) & np.any(a != 0.0, axis=1)
    full = np.zeros(len(data.y))
    full[support.tight] = np.maximum(lam, 0.0)
    if not np.any(kept) or not np.any(full > 0.0):
        return None
    sign, parts, rho = support.sign[kept], parts[kept], rho[kept]
    vectors = a[kept] * rho[:, None]
    weighted = rho[:, None, None] * parts
    square = np.einsum("jik,jlk->il", weighted, parts)
    for _ in range(_MENDS):
        short = (data.r - data.margins(sign, vectors))[support.tight]
        mu = np.linalg.lstsq(square, short, rcond=_RANK)[0]
        vectors = vectors + np.einsum("jik,i->jk", weighted, mu)
    return Sharp(sign, vectors, full)


def _parts(data: Scaled, support: Support) -> Matrix:
    """Return sign_j y_i P_j f_i where active, else 0, (N, |tight|, k)."""
    tight = support.tight
    active = support.active[:, tight] * np.outer(support.sign, data.y[tight])
    parts = active[:, :, None] * data.f[tight][None, :, :]
    for j in np.flatnonzero(support.kinks.any(axis=1)):
        _, sizes, right = np.linalg.svd(data.f[support.kinks[j]], full_matrices=False)
        walls = right[sizes > 1e-10 * sizes[0]]
        parts[j] -= parts[j] @ walls.T @ walls
    return parts
