"""Successive quadratic programmes: the short way to a solution of Problem (1).

Its dual is max r·λ over λ ≥ 0 such that no unit vector gains more than 1. Each is a linear cut
(`highdim.optimum.cuts`); at a peak the gain as a function of λ is ‖a_j(λ)‖ (see
`highdim.optimum.sharpening`), which bends by a known Hessian H_j. A round solves

    max r·λ − ½ (λ − λ₀)·(Σ ρ_j H_j + τ)(λ − λ₀) subject to all cuts and λ ≥ 0,

λ₀ and ρ_j being multipliers of the round before, lets the vectors with ρ_j > 0 climb to their peaks
for the new λ, and takes these and other peaks in as cuts. That is Newton's method as soon as the
right cells are there. Where a round changes no active set, its support goes to Newton's method on
the optimality conditions, and the gains of what comes out are proved; vectors that gain more than
1 are cuts that were missed.

Source: cutting planes, Kelley, J. SIAM 8 (1960), which are columns of the primal problem, Dantzig
and Wolfe, Operations Research 8 (1960); with the curvature of active constraints, sequential
quadratic programming (Nocedal and Wright, Numerical Optimization, 2006, Chapter 18); the programmes
by Goldfarb and Idnani, Mathematical Programming 27 (1983). New is that the dual of Problem (1) has
peaks as constraints, with these H_j: derived in `highdim.optimum.sharpening`.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np

from highdim.optimum.cuts import Basis, Cuts
from highdim.optimum.kernels.quadratic import minimise
from highdim.optimum.scaled import Scaled
from highdim.optimum.sharpening import Sharp, Support, newton
from highdim.optimum.supremum import Gains, gains_above
from univariate.common.arrays import Matrix, Vector

_ROUNDS: Final = 150
_LEAST: Final = 32  # data that starts are drawn for
_POOL: Final = 8  # starts of each kind for a datum
_MOST: Final = 600  # cuts of the first round: many that do not bind cost much
_TURNS: Final = 12  # rounds until starts are used again
_FIRST: Final = 1e-6  # τ of the first round
_PART: Final = 1e-3  # and τ of others, over the largest multiplier
_FLOOR: Final = 1e-12  # of τ, relative to the curvature
_NEARLY: Final = 1e-3  # gains beyond 1 at which an unchanged support is believed
_DONE: Final = 1e-8  # and at which any is
_STILL: Final = 5  # rounds without a change, after which no more is expected
_OPEN: Final = 5e-9  # relative, of margins and gaps that show that a support is wrong
_MISSED: Final = 1.0 + 1e-10  # gains that a proof is asked to find

_minimise: Any = minimise  # kernels have no types


class Look(NamedTuple):
    """Signs (n,), vectors (n, k), multipliers (m,), and what a proof says about their gains, if
    there is one.
    """

    sign: Vector
    vectors: Matrix
    multipliers: Vector
    gains: Gains | None


class Step(NamedTuple):
    """Multipliers λ (m,), those ρ of the cuts (n,), and those of the λ_i ≥ 0 (m,)."""

    lam: Vector
    rho: Vector
    bounds: Vector


def looks(data: Scaled, budget: int) -> Iterator[Look]:
    """Yield looks until nothing is left to do, or too much; each proof looks at `budget` cones at
    most.

    Deterministic. Rounded, but for `gains.above`, which is proved. Cost a round O(m³) and some 3 m
    ascents.
    """
    m = len(data.y)
    pool = Cuts.drawn(data, _POOL * max(m, _LEAST), np.random.default_rng(0))
    cuts = pool.taken(slice(0, None, max(_POOL, len(pool.sign) // _MOST)))
    basis = Basis(cuts, np.zeros(len(cuts.sign)))
    step = Step(np.zeros(m), basis.binding, np.zeros(m))
    bend = np.zeros((m, m))
    before: list[bytes] = []
    still = 0
    for turn in range(_ROUNDS):
        found = _stepped(data, basis, step, bend)
        if found is None:
            return
        step, used = found, basis.cuts.taken(found.rho > 0.0)
        rho = step.rho[step.rho > 0.0]
        look = Look(used.sign, rho[:, None] * used.directions, step.lam, None)
        near = used.joined(pool.taken(slice(turn % _TURNS, None, _TURNS)))
        peaks = near.climbed(data, step.lam)
        own = peaks.taken(slice(len(rho)))
        names = sorted({*own.faces().tolist(), np.packbits(step.bounds > 0.0).tobytes()})
        largest = float(np.max(peaks.costs(data) @ step.lam))
        still = still + 1 if names == before else 0
        if largest < 1.0 + (_NEARLY if still in (1, _STILL) else _DONE):
            ended = still == _STILL or (still > 0 and largest < 1.0 + _DONE)
            look, missed = _polished(data, own, step, look, budget, ended=ended)
            peaks = peaks.joined(missed)
        yield look
        if look.gains is not None and not len(look.gains.values):
            return
        before = names
        bend = own.curvature(data, rho)
        basis = basis.renewed(data, step.lam, step.rho, peaks)


def _stepped(data: Scaled, basis: Basis, step: Step, bend: Matrix) -> Step | None:
    """Return the solution of the programme; None where there is none."""
    m, n = len(data.y), len(basis.binding)
    largest = float(np.max(step.lam))
    tau = _PART / largest if largest > 0.0 else _FIRST
    tau = max(tau, _FLOOR * float(np.max(np.diag(bend))))
    lam = np.zeros(m)
    multipliers = np.concatenate((basis.binding, step.bounds))
    curved = bend + tau * np.eye(m)
    slope = data.r + curved @ step.lam
    steps = _minimise(curved, slope, basis.cuts.costs(data), np.ones(n), lam, multipliers)
    if not steps or not np.all(np.isfinite(multipliers)) or not np.any(multipliers[:n]):
        return None
    return Step(np.maximum(lam, 0.0), multipliers[:n], multipliers[n:])


def _polished(
    data: Scaled, own: Cuts, step: Step, look: Look, budget: int, *, ended: bool
) -> tuple[Look, Cuts]:
    """Return what Newton's method makes of a look, proved, and vectors that were missed; the look,
    if that shows a wrong support and rounds have not `ended`.
    """
    _, first, place = np.unique(own.faces(), return_index=True, return_inverse=True)
    rho = np.bincount(place, weights=step.rho[step.rho > 0.0]).astype(np.float64)
    chosen = own.taken(first)
    tight = np.flatnonzero(step.bounds == 0.0)
    support = Support(chosen.sign, chosen.active, chosen.kinks, tight)
    sharp = newton(data, support, rho, step.lam)
    if sharp is None or not (ended or _closed(data, sharp)):
        return look, own.taken(slice(0))
    room = 2 * len(data.y)
    proof = gains_above(data, sharp.multipliers, _MISSED, room=room, budget=budget)
    missed = Cuts.at(data, proof.directions, proof.signs)
    return Look(*sharp, proof), missed.climbed(data, sharp.multipliers)


def _closed(data: Scaled, found: Sharp) -> bool:
    """Whether margins are met, and cost what the multipliers say."""
    margins = data.margins(found.sign, found.vectors)
    cost = float(np.sum(np.linalg.norm(found.vectors, axis=1)))
    value = float(data.r @ found.multipliers)
    return bool(np.min(margins / data.r) > 1.0 - _OPEN and cost < value * (1.0 + _OPEN))
