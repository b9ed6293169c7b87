"""An implicit Euler step of the loss-scaled flow in which kinks cross data, slide on them, leave.

With dσ = L dt the flow is dθ/dσ = −∇ log L. The end of a step minimises

    log L(θ) + |θ − θ₀|²/(2h),

which is smooth but for kinks at data. Newton's direction for it, with Gauss's matrix, is

    (I + h Jᵀ M J) δ = θ₀ − θ + h Jᵀ p,

J = ∂q/∂θ, p_i = −ℓ'(q_i)/L, M = diag(ℓ''/L) − p pᵀ. By Woodbury that is an m × m system with the
tangent kernel J Jᵀ, on the line the covariance of a Markov process: O(n + m), see
`univariate.training.kernels.markov`. Which kinks are held on data is part of the unknowns: a kink
that would run over a datum that keeps it is led onto the datum, all others taking that into
account; one whose share leaves [0, 1] is let go.

The weights p are unknowns of their own, those of `virtual` margins that agree with the margins in
the end only, as in primal-dual interior-point methods: in stiff steps p changes along a line where
e^−q would change by orders of magnitude. No direction is followed to where the minimised function
is larger.
"""

from math import inf
from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Matrix, Vector
from univariate.training.kernels import gradient, markov, regimes
from univariate.training.losses import carried, weigh
from univariate.training.states import FREE, Data, State, state_of

_NEGLIGIBLE: Final = 1e-11  # of the largest ℓ'': such data do not stiffen the step
_LARGEST_RATIO: Final = 1e150  # its square is finite
_EXACT: Final = 1e-11  # of a linear system: what Newton's method corrects anyway
_ROUNDS: Final = 40
_BLOCKED: Final = 20  # how often a direction is found anew because kinks are in its way
_PARTS: Final = tuple(0.5**k for k in range(12))  # of a direction that are followed
_SLACK: Final = 1e-10  # of the minimised function, for rounding


def ascent(state: State, data: Data) -> Matrix:
    """Return dθ/dσ = −∇ log L, (3, n); kinks that are held stay on their data."""
    return _pulled_back(state, data, data.y * state.weights.first)


class Iterate(NamedTuple):
    """A guess of the end of a step."""

    state: State  # with the weights of the virtual margins
    virtual: Vector
    height: float  # of the function that is minimised
    changed: int = 0  # kinks that crossed data, were caught or let go on the way here


def implicit_step(
    start: State, data: Data, h: float, guess: State | None = None, accuracy: float = 1e-8
) -> tuple[State, int]:
    """Take a step of length h in σ; returns its end, and after how many corrections of a guess.

    Whether they sufficed tells `unsolved`. accuracy : of margins that are felt.
    """
    point = start if guess is None else guess
    now = Iterate(point, point.margins, _height(point.theta, point.margins, start, data, h))
    for corrections in range(_ROUNDS):
        state, step, gain = _direction(now, start, data, h)
        felt = np.sqrt(state.weights.felt)
        size = float(np.max(felt * np.maximum(np.abs(gain), np.abs(state.margins - now.virtual))))
        large = max(1.0, float(np.max(felt * np.abs(state.margins))))
        tried = corrections > 0 or guess is not None
        if tried and size <= accuracy * large and not now.changed:
            return _finished(state, data), corrections
        found = _searched(now._replace(state=state), step, gain, start, data, h)
        if found is None:
            # the virtual margins may have gone astray
            back = state._replace(weights=weigh(state.margins, data.loss))
            now = Iterate(back, back.margins, now.height)
            state, step, gain = _direction(now, start, data, h)
            found = _searched(now._replace(state=state), step, gain, start, data, h)
        if found is None:
            break
        now = found
    return _finished(now.state, data), _ROUNDS


def unsolved(corrections: int) -> bool:
    """Whether a step of so many corrections has no end."""
    return corrections >= _ROUNDS


def _direction(now: Iterate, start: State, data: Data, h: float) -> tuple[State, Matrix, Vector]:
    """Return where to go from, kinks on the way held, the step, and the gain of margins."""
    state = now.state
    pace = start.theta[1:] / h
    for _ in range(_BLOCKED):
        step, first = _solve(state, data, h, start.theta, state.margins - now.virtual)
        held = state.held.copy()
        weighed = regimes.Weighed(data.x, data.y, first, *regimes.sums(data.x, data.y, first))
        if not regimes.blocked(state.theta, step, state.cell, held, pace, weighed):
            break
        state = state._replace(held=held)
    # a neuron that passed through zero and looks the other way does so for the rest of the step
    turned = (start.held != FREE) & (state.theta[1] * start.theta[1] <= 0.0)
    step[1:, turned] = 0.0
    v, w, b = state.theta
    return state, step, data.y * gradient.changes(v, w, b, data.x, state.cell, step)


def _searched(
    now: Iterate, step: Matrix, gain: Vector, start: State, data: Data, h: float
) -> Iterate | None:
    """Follow a direction as far as the minimised function falls; None if it rises at once."""
    pace = start.theta[1:] / h
    allowed = now.height + _SLACK * max(1.0, abs(now.height))
    lag = now.state.margins - now.virtual
    for taken in _PARTS:
        virtual = carried(now.virtual, now.state.weights, taken * (gain + lag), data.loss)
        if not np.all(np.isfinite(virtual)):
            continue
        weights = weigh(virtual, data.loss)
        sums = regimes.sums(data.x, data.y, weights.first)
        weighed = regimes.Weighed(data.x, data.y, weights.first, *sums)
        theta = now.state.theta.copy()
        cell = now.state.cell.copy()
        held = now.state.held.copy()
        changed = regimes.advance(theta, taken * step, taken == 1.0, cell, held, pace, weighed)
        margins = data.y * gradient.values(theta[0], theta[1], theta[2], data.x, cell)
        height = _height(theta, margins, start, data, h)
        if height <= allowed:
            return Iterate(State(theta, cell, held, margins, weights), virtual, height, changed)
    return None


def _height(theta: Matrix, margins: Vector, start: State, data: Data, h: float) -> float:
    """Return log L(θ) + |θ − θ₀|²/(2h)."""
    way = theta - start.theta
    if not np.all(np.isfinite(margins)):
        return inf
    return weigh(margins, data.loss).log_loss + float(np.sum(way * way)) / (2.0 * h)


def _finished(state: State, data: Data) -> State:
    """Return a state in which only kinks exactly on their data are held, and cells are true."""
    _, w, b = state.theta
    on = w * data.x[np.maximum(state.held, 0)] + b == 0.0
    cell = state.cell.copy()
    gradient.locate(w, b, data.x, cell)
    return state_of(state.theta, data, cell, np.where(on, state.held, FREE))


def _solve(
    state: State, data: Data, h: float, origin: Matrix | None = None, lag: Vector | float = 0.0
) -> tuple[Matrix, Vector]:
    """Return Newton's step, and the weights p at its end, to first order.

    origin : where the step of the flow began, here if not given. lag : how far the margins are
    ahead of the virtual ones, whose weights p are.
    """
    p = state.weights.first
    second = state.weights.second
    stiff = second > _NEGLIGIBLE * second.max()
    scale = np.where(stiff, data.y * np.sqrt(second), 0.0)
    on_data = np.where(state.held == FREE, np.nan, data.x[np.maximum(state.held, 0)])
    v, w, b = state.theta
    increments = markov.increments(v, w, b, on_data, data.x, state.cell)
    system = markov.eliminate(data.x, np.sqrt(h) * scale, *increments)
    slope = _pull(state, data, h, origin)
    load = scale * (gradient.changes(v, w, b, data.x, state.cell, slope) + data.y * lag / h)
    force = _refined(system, state, data, np.sqrt(h) * scale, load)
    direction, square = _growth(p[stiff], np.abs(scale[stiff]))
    if square > 0.0:
        unit = np.zeros(len(p))
        unit[stiff] = direction
        answer = _refined(system, state, data, np.sqrt(h) * scale, unit)
        # (I + h G + κ u uᵀ)⁻¹ by Sherman and Morrison, κ = s²/(1 − s²) ≤ ∞ where s² is `square`
        rest = (1.0 - square) / square + float(unit @ answer)
        if rest <= 0.0:
            raise np.linalg.LinAlgError("parameters or data too far apart for doubles")
        force -= float(unit @ force) / rest * answer
    step = h * (slope - h * _pulled_back(state, data, scale * force))
    if not np.all(np.isfinite(step)):
        raise np.linalg.LinAlgError("parameters or data too far apart for doubles")
    gain = data.y * gradient.changes(v, w, b, data.x, state.cell, step) + lag
    return step, np.maximum(0.0, p - second * gain + p * float(p @ gain))


def _refined(
    system: markov.Elimination, state: State, data: Data, root: Vector, right: Vector
) -> Vector:
    """Return the answer of I + A K A, A = diag(root), refined once where elimination is off."""
    found: Vector = markov.solved(system, right)
    rest = right - _applied(state, data, root, found)
    with np.errstate(over="ignore"):
        if np.linalg.norm(rest) <= _EXACT * np.linalg.norm(right):
            return found
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
    back: Matrix = gradient.pulled_back(v, w, b, data.x, state.cell, g)
    regimes.along_rays(back, data.x, state.held)
    return back


def _pull(state: State, data: Data, h: float, origin: Matrix | None) -> Matrix:
    """Return −∇ log L − (θ − θ₀)/h; for held kinks what leads onto their data, and along rays."""
    if origin is None:
        return ascent(state, data)
    v, w, b = state.theta
    g = data.y * state.weights.first
    slope = gradient.pulled_back(v, w, b, data.x, state.cell, g) + (origin - state.theta) / h
    regimes.along_rays(slope, data.x, state.held)
    there = state.theta.copy()
    _project(there, data.x, state.held)
    return slope + (there - state.theta) / h


def _project(theta: Matrix, x: Vector, held: Indices) -> None:
    """Move held kinks onto their data, in place, the shortest way."""
    regimes.along_rays(theta, x, held)
    j = np.flatnonzero(held != FREE)
    theta[2, j] = -(theta[1, j] * x[held[j]])  # so that w x_i + b is 0 in float64
