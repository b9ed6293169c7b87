"""Newton's method on the optimality conditions of Problem (1), for a given support.

Where the affine part is free, S₀ = S₁ = 0 and both orientations share their kinks; the equations
are then singular in the general form, so a *tied* state drops S₀ and D_+(x_0) and lets them share
τ. New. Everything is rounded.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from univariate.common.arrays import Vector
from univariate.optimum.atoms import Points
from univariate.optimum.blocks import State, block_sizes
from univariate.optimum.damped import damped_step
from univariate.optimum.equations import equations
from univariate.optimum.pricing import Prices, priced_bound

if TYPE_CHECKING:
    from scipy import sparse


_STEPS: Final = 40  # walks end by failures; none of tests/hunts/iterations takes more than 31
# from a mere hold on free directions to some caution
_LEAST_DAMPING: Final = 1e-22
_MOST_DAMPING: Final = 1e-8
_ENDED: Final = 1e-6  # of the first residual: what a walk that ends in a solution leaves at most
_PROGRESS: Final = 0.9  # of the least residual: a step above it has failed
_BOLD_FAILURES: Final = 3  # in a row, that end a walk
_CAUTIOUS_FAILURES: Final = 6


def newton(points: Points, state: State, prices: Prices) -> State:
    """Return the state improved by Newton steps, or the state itself where none helps.

    First bold steps, that may raise the residual on the way; where they do not end in a solution,
    damped ones (Levenberg–Marquardt) that must lower it. Free directions stay put either way.
    """
    best, least, start = _walk(points, state, bold=True)
    if least > _ENDED * start:
        cautious, other, _ = _walk(points, state, bold=False)
        best = cautious if other < least else best
    return _with_own_dual(points, best, prices)


def _with_own_dual(points: Points, state: State, prices: Prices) -> State:
    """Return the state with duals refitted to its kinks, whose places are rounded coarsely."""
    residual, jacobian = equations(points, state)
    n = len(points.x)
    dropped = 2 if state.tied else 0
    duals = jacobian.shape[1] - n
    by_dual = jacobian[n:, duals + dropped :]
    if not by_dual.size:
        return state
    dual = state.dual.copy()
    dual[dropped:] += damped_step(by_dual, residual[n:], _LEAST_DAMPING, np.zeros(0))
    better = priced_bound(points, dual, prices) > priced_bound(points, state.dual, prices)
    return state._replace(dual=dual) if better else state


def _walk(points: Points, state: State, *, bold: bool) -> tuple[State, float, float]:
    """Return the best state on a walk of Newton steps, its residual and the first one."""
    basis = _basis(points, state)
    residual, jacobian = equations(points, state)
    merit = float(np.linalg.norm(residual))
    best = state
    least = start = merit
    damping = _LEAST_DAMPING if bold else _damping(merit, _MOST_DAMPING)
    patience = _BOLD_FAILURES if bold else _CAUTIOUS_FAILURES
    failures = 0
    for _ in range(_STEPS):
        step = damped_step(jacobian @ basis, residual, damping, block_sizes(state.blocks))
        trial = _moved(state, basis @ step)
        trial_residual, trial_jacobian = equations(points, trial)
        trial_merit = float(np.linalg.norm(trial_residual))
        failures = 0 if trial_merit < _PROGRESS * least else failures + 1
        if failures > patience or not np.isfinite(trial_merit):
            break
        if not bold and trial_merit >= merit:
            damping *= 1000.0
            continue
        state = trial
        residual = trial_residual
        jacobian = trial_jacobian
        merit = trial_merit
        if not bold:
            damping = _damping(merit, 0.03 * damping)
        if merit < least:
            best, least = state, merit
    return best, least, start


def _damping(merit: float, most: float) -> float:
    """Return a damping that falls with the square of the residual: convergence stays quadratic."""
    return max(min(1e-3 * merit * merit, most), _LEAST_DAMPING)


def _moved(state: State, step: Vector) -> State:
    """Return the state after a step of all unknowns."""
    blocks = state.blocks
    size = len(blocks.sign)
    free = np.flatnonzero(~blocks.pinned)
    duals = size + len(free)
    second = blocks.second.copy()
    second[free] += step[size:duals]
    moved = blocks._replace(first=blocks.first + step[:size], second=second)
    return State(moved, state.dual + step[duals:], state.tied)


def _basis(points: Points, state: State) -> "sparse.csc_array":
    """Return the matrix from independent unknowns to all; the identity unless the state is tied."""
    from scipy import sparse

    blocks = state.blocks
    size = len(blocks.sign)
    free = np.flatnonzero(~blocks.pinned)
    duals = size + len(free)
    total = duals + len(points.x)
    source = np.arange(total)  # the unknown whose value each one takes
    keep = np.ones(total, dtype=np.bool_)
    if state.tied:
        shared: dict[tuple[int, float], int] = {}
        for k, j in enumerate(free, start=size):
            source[k] = shared.setdefault((int(blocks.cell[j]), float(blocks.sign[j])), k)
        keep[duals : duals + 2] = False
    used, column = np.unique(source[keep], return_inverse=True)
    shape = (total, len(used))
    return sparse.csc_array((np.ones(len(column)), (np.flatnonzero(keep), column)), shape=shape)
