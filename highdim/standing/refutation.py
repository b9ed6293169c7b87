"""Proofs that θ is far from every Σ λ_i y_i h_i, and nets that do better.

For any (R, r) = ρ and any λ ≥ 0, |θ − Σ λ_i y_i h_i| ≥ (ρ·θ − Σ λ_i p_i)/|ρ|, p_i the largest ρ·y_i
h_i over the derivatives at kinks in reach. By Euler's identity θ·Σ λ_i y_i h_i ≥ c Σ λ_i, so that Σ
λ_i ≤ 2|θ|²/c wherever the left side is at most |θ|; and a slackness of s adds Σ λ_i (gap_i − s) ≤ 0
to the right with any weight t ≥ 0.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample
from highdim.standing.columns import correlations
from highdim.standing.folded import Candidate, Direction, Problem
from highdim.standing.measure import within
from highdim.standing.multipliers import best_edges, fit
from univariate.common.arrays import Mask, Vector
from univariate.common.tolerance import NEARLY, UNIT_ROUNDOFF

_HALVINGS: Final = 50
_REPLAYS: Final = 4


class Refutation(NamedTuple):
    """A lower bound on the relative residual of stationarity, and a net of smaller norm or None."""

    least_residual: float
    witness: TwoLayerNet | None


def refutation(
    problem: Problem, net: TwoLayerNet, sample: SphereSample, tolerance: float, reach: float
) -> Refutation:
    """Look for the best proof that no multipliers exist, kinks within `reach` free, slackness up to
    `tolerance`.
    """
    kinks = problem.distance <= reach
    directions = list(_directions(problem, kinks))
    least = max(lower_bound(problem, one, kinks, tolerance) for one in directions)
    return Refutation(least, better_net(problem, directions, net, sample))


def lower_bound(problem: Problem, direction: Direction, kinks: Mask, tolerance: float) -> float:
    """Return a lower bound on |θ − Σ λ_i y_i h_i|/|θ| for λ ≥ 0 of slackness up to `tolerance`, by
    one ρ.

    Rounded, less an allowance for that; at most 1, and 0 where it proves nothing.
    """
    length = float(np.sqrt(direction.dot(direction)))
    size = float(np.sqrt(problem.squared_size))
    slip = np.sum(kinks * np.abs(problem.v * np.where(kinks, problem.Z, 0.0)), axis=1).max()
    euler = problem.degree * problem.worst - float(slip)
    if length == 0.0 or euler <= 0.0:
        return 0.0
    p = best_edges(correlations(problem, direction), problem.settled(kinks), kinks) / length
    gaps = problem.relative - 1.0 - tolerance
    most = 2.0 * size * size / euler
    along = direction.dot(problem.trained)
    positive = (p > 0.0) & (gaps > 0.0)
    weights = [0.0, float(np.max(p[positive] / gaps[positive], initial=0.0))]
    loss = min(max(0.0, float(np.max(p - t * gaps))) for t in weights)
    allowance = 16.0 * (sum(problem.X.shape) + len(problem.v)) * UNIT_ROUNDOFF
    return float(np.clip((along / length - most * loss) / size - allowance, 0.0, 1.0))


def better_net(
    problem: Problem, directions: list[Direction], net: TwoLayerNet, sample: SphereSample
) -> TwoLayerNet | None:
    """Return the best net on the lines θ − tρ, at smallest margin 1 by replay; None unless its norm
    is smaller.
    """
    best = problem.normalised(problem.squared_size, problem.worst)
    found = None
    for candidate in _candidates(problem, directions):
        if problem.normalised(candidate.squared_size, candidate.worst) < best:
            replayed = _replayed(problem, candidate, net, sample)
            if replayed is not None and _trainable(replayed, problem.train_output) < best:
                best = _trainable(replayed, problem.train_output)
                found = replayed
    return found


def _directions(problem: Problem, kinks: Mask) -> Iterator[Direction]:
    everyone = np.ones(len(problem.y), dtype=np.bool_)
    near = within(problem, NEARLY)
    for active in (near,) if near.all() else (near, everyone):
        yield fit(problem, active, kinks & active[:, None]).residual
    if problem.train_output:
        share = _share(problem)
        yield Direction(problem.U * share[:, None], -problem.v * share)


def _share(problem: Problem) -> Vector:
    """Return c_j with ρ = (c_j u_j, −c_j v_j), orthogonal to all gradients, nearest to θ: it
    measures imbalance.
    """
    inner = np.sum(problem.U**2, axis=1)
    outer = problem.v**2
    total = inner + outer
    return np.asarray(np.divide(inner - outer, total, out=np.zeros_like(total), where=total > 0.0))


def _candidates(problem: Problem, directions: list[Direction]) -> Iterator[Candidate]:
    """Yield the balanced net, and of every line the net of smallest norm that interpolates."""
    if problem.train_output:
        balanced = _balanced(problem)
        if balanced.worst > 0.0:
            yield balanced
    for direction in directions:
        R, r = direction
        change = problem.X @ R.T
        along = problem.trained.dot(direction)
        size = direction.dot(direction)
        usable = []
        for t in (2.0 ** -np.arange(_HALVINGS)).tolist():
            v = problem.v if r is None else problem.v - t * r
            worst = problem.smallest_margin(problem.Z - t * change, v)
            if worst > 0.0:
                squared_size = problem.squared_size - t * (2.0 * along - t * size)
                usable.append((problem.normalised(squared_size, worst), t))
        if usable:
            _, t = min(usable)
            U = problem.U - t * R
            v = problem.v if r is None else problem.v - t * r
            yield problem.candidate(U, v, problem.Z - t * change)


def _balanced(problem: Problem) -> Candidate:
    """Return the same function with |v_j| = |u_j| in every neuron, dead ones at zero."""
    inner = np.linalg.norm(problem.U, axis=1)
    outer = np.abs(problem.v)
    useful = (problem.Z > 0.0).any(axis=0) & (inner > 0.0) & (outer > 0.0)
    ratio = np.sqrt(np.divide(outer, inner, out=np.ones_like(inner), where=useful)) * useful
    inverse = np.divide(1.0, ratio, out=np.zeros_like(ratio), where=ratio > 0.0)
    U = problem.U * ratio[:, None]
    return problem.candidate(U, problem.v * inverse, problem.X @ U.T)


def _replayed(
    problem: Problem, candidate: Candidate, net: TwoLayerNet, sample: SphereSample
) -> TwoLayerNet | None:
    """Return the net at a smallest margin of at least 1 as evaluated anew, by more than rounding;
    None if it is not.
    """
    allowance = 2.0 * problem.rounding / problem.worst
    worst = candidate.worst
    for _ in range(_REPLAYS):
        found = problem.net_at_margin_one(candidate.U, candidate.v, worst, net)
        replay = float(np.min(sample.y * found(sample.X)))
        if replay >= 1.0 + 0.5 * allowance:
            return found
        worst *= min(replay, 1.0) * (1.0 - allowance) if replay > 0.0 else 0.0
        if worst <= 0.0:
            break
    return None


def _trainable(net: TwoLayerNet, train_output: bool) -> float:
    return net.norm_squared if train_output else net.norm_squared - float(net.v @ net.v)
