"""A linearly implicit Euler step of the loss-scaled flow in which kinks cross data, slide on them,
or leave.

With dσ = L dt the flow is dθ/dσ = −∇ log L = Jᵀ p, J = ∂q/∂θ and p_i = −ℓ'(q_i)/L. Its stiff part
is −Jᵀ M J with M = diag(ℓ''/L) − p pᵀ, so a step is (I + h Jᵀ M J) δ = h Jᵀ p. By Woodbury that is
an m × m system with the tangent kernel J Jᵀ, on the line the covariance of a Markov process: O(n +
m), see `univariate.training.kernels.markov`. Which kinks are held on data is part of the unknowns:
it is guessed, the step taken, the guess corrected where the weights at the end of the step
contradict it, as in time stepping for contact problems. Without that, kinks that slide along data
chatter and the steps shrink to nothing.
"""

from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Matrix, Vector
from univariate.training.kernels import gradient, markov, regimes
from univariate.training.losses import Weights, weigh

FREE: Final = regimes.FREE
LARGEST: Final = 1e100
"""Of parameters on the way: with inputs up to 1e50 their products of three stay in the range of
doubles.
"""

_NEGLIGIBLE: Final = 1e-11  # of the largest ℓ'': such data do not stiffen the step
_LARGEST_RATIO: Final = 1e150  # its square is finite
_ROUNDS: Final = 16
_TRIES: Final = 3  # how often a step may change its mind about one kink


class Data(NamedTuple):
    """Inputs, labels, and the name of the loss."""

    x: Vector
    y: Vector
    loss: str


class State(NamedTuple):
    """A net on its way: parameters, where its kinks are, margins and weights."""

    theta: Matrix  # (3, n): v, w, b
    cell: Indices  # (n,) a neuron with w ≥ 0 is active on i ≥ cell, others on i < cell
    held: Indices  # (n,) the datum a kink is held on, FREE if none
    margins: Vector  # (m,) y_i N(x_i)
    weights: Weights


def state_of(
    theta: Matrix, data: Data, cell: Indices | None = None, held: Indices | None = None
) -> State:
    """Evaluate a net. Cost O(n + m), and a walk where no cells are given."""
    if cell is None:
        cell = np.zeros(theta.shape[1], dtype=np.intp)
        gradient.locate(theta[1], theta[2], data.x, cell)
    if held is None:
        held = np.full(theta.shape[1], FREE)
    margins = data.y * gradient.values(theta[0], theta[1], theta[2], data.x, cell)
    return State(theta, cell, held, margins, weigh(margins, data.loss))


def ascent(state: State, data: Data) -> Matrix:
    """Return dθ/dσ = −∇ log L, (3, n); kinks that are held stay on their data."""
    return _pulled_back(state, data, data.y * state.weights.first)


def implicit_step(start: State, data: Data, h: float) -> tuple[State, int]:
    """Take a step of length h in σ; returns its end, and how often the guess was corrected."""
    x, y, _ = data
    state = start
    tries = np.zeros(start.theta.shape[1], dtype=np.intp)
    for corrections in range(_ROUNDS):
        step, first = _solve(state, data, h)
        theta = state.theta + step
        _put_on_rays(theta, x, state.held)
        there = _arrived(theta, state, x)
        v, w, _ = state.theta
        # a neuron that passed through zero looks the other way from now on
        flipped = theta[1] * w <= 0.0
        taken = np.where(flipped, FREE, state.held)
        held = taken.copy()
        cell = state.cell.copy()
        weighed = regimes.Weighed(x, y, first, *regimes.sums(x, y, first))
        changed = regimes.let_go(v, w, held, cell, weighed, tries, _TRIES)
        # a neuron that turned around crossed no datum
        target = np.where((theta[1] >= 0.0) != (w >= 0.0), cell, there)
        changed += regimes.caught(v, w, held, cell, target, weighed, tries, _TRIES)
        if not changed:
            return state_of(theta, data, there, held), corrections
        moved = state.theta.copy()
        _project(moved, x, held)
        state = state_of(moved, data, cell, held)
    return state_of(theta, data, there, taken), _ROUNDS  # the last guess that was solved for


def _solve(state: State, data: Data, h: float) -> tuple[Matrix, Vector]:
    """Return the step for the guess in `state`, and the weights p at its end, to first order."""
    p = state.weights.first
    second = state.weights.second
    stiff = second > _NEGLIGIBLE * second.max()
    scale = np.where(stiff, data.y * np.sqrt(second), 0.0)
    on_data = np.where(state.held == FREE, np.nan, data.x[np.maximum(state.held, 0)])
    v, w, b = state.theta
    increments = markov.increments(v, w, b, on_data, data.x, state.cell)
    system = markov.eliminate(data.x, np.sqrt(h) * scale, *increments)
    slope = ascent(state, data)
    load = scale * gradient.changes(v, w, b, data.x, state.cell, slope)
    force = _refined(system, state, data, np.sqrt(h) * scale, load)
    direction, square = _growth(p[stiff], np.abs(scale[stiff]))
    if square > 0.0:
        unit = np.zeros(len(p))
        unit[stiff] = direction
        answer = _refined(system, state, data, np.sqrt(h) * scale, unit)
        # (I + h G + κ u uᵀ)⁻¹ by Sherman and Morrison, κ = s²/(1 − s²) ≤ ∞ where s² is `square`
        force -= float(unit @ force) / ((1.0 - square) / square + float(unit @ answer)) * answer
    step = h * (slope - h * _pulled_back(state, data, scale * force))
    if not np.all(np.isfinite(step)):
        raise np.linalg.LinAlgError("parameters or data too far apart for doubles")
    gain = data.y * gradient.changes(v, w, b, data.x, state.cell, step)
    return step, np.maximum(0.0, p - second * gain + p * float(p @ gain))


def _refined(
    system: markov.Elimination, state: State, data: Data, root: Vector, right: Vector
) -> Vector:
    """Return the answer of the system I + A K A, A = diag(root), refined once.

    In stiff systems elimination may leave of `right` what the gradients do not agree with.
    """
    found: Vector = markov.solved(system, right)
    rest = right - _applied(state, data, root, found)
    better: Vector = found + markov.solved(system, rest)
    left = right - _applied(state, data, root, better)
    return better if np.linalg.norm(left) < np.linalg.norm(rest) else found


def _applied(state: State, data: Data, root: Vector, z: Vector) -> Vector:
    """Return (I + A J Jᵀ A) z, A = diag(root), by the gradients themselves."""
    v, w, b = state.theta
    back = _pulled_back(state, data, root * z)
    felt: Vector = gradient.changes(v, w, b, data.x, state.cell, back)
    return z + root * felt


def _growth(p: Vector, root: Vector) -> tuple[Vector, float]:
    """Return a unit vector u and s² with M = R (I − s² u uᵀ) R, R = diag(root).

    M = R (I − τ τᵀ) R with τ = p/root, of length 1 as soon as losses are exponential; a longer one,
    early, counts as 1.
    """
    tau = np.minimum(p / root, _LARGEST_RATIO)
    largest = float(tau.max(initial=0.0))
    if largest == 0.0:
        return tau, 0.0
    unit = tau / largest
    length = float(np.linalg.norm(unit))
    return unit / length, min(1.0, largest * length) ** 2


def _pulled_back(state: State, data: Data, g: Vector) -> Matrix:
    """Return the gradient of Σ g_i N(x_i) along which held kinks stay on their data."""
    v, w, b = state.theta
    return _along_rays(gradient.pulled_back(v, w, b, data.x, state.cell, g), data.x, state.held)


def _arrived(theta: Matrix, state: State, x: Vector) -> Indices:
    """Return the cells at the end of a step; held kinks stay unless their neuron turned."""
    there = state.cell.copy()
    gradient.locate(theta[1], theta[2], x, there)
    held = state.held != FREE
    on = state.held + (theta[1] >= 0.0)
    return np.where(held, on, there)


def _along_rays(step: Matrix, x: Vector, held: Indices) -> Matrix:
    """Leave of (dw, db), in place, what keeps held kinks on their data: the part along (1,
    −x_i).
    """
    j = np.flatnonzero(held != FREE)
    at = x[held[j]]
    along = (step[1, j] - at * step[2, j]) / (1.0 + at * at)
    step[1, j] = along
    step[2, j] = -along * at
    return step


def _put_on_rays(theta: Matrix, x: Vector, held: Indices) -> None:
    """Round the biases of held neurons so that w x_i + b is 0 in float64."""
    j = np.flatnonzero(held != FREE)
    theta[2, j] = -(theta[1, j] * x[held[j]])


def _project(theta: Matrix, x: Vector, held: Indices) -> None:
    """Move held kinks onto their data, in place, the shortest way."""
    _along_rays(theta, x, held)
    _put_on_rays(theta, x, held)
