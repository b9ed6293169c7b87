"""An implicit Euler step of the loss-scaled flow in which kinks cross data, slide on them, leave.

With dσ = L dt the flow is dθ/dσ = −∇ log L. The end of a step minimises

    log L(θ) + |θ − θ₀|²/(2h),

which is smooth but for kinks at data. Newton's direction for it, with Gauss's matrix, is

    (I + h Jᵀ M J) δ = θ₀ − θ + h Jᵀ p,

J = ∂q/∂θ, p_i = −ℓ'(q_i)/L, M = diag(ℓ''/L) − p pᵀ. By Woodbury that is an m × m system with the
tangent kernel J Jᵀ, on the line the covariance of a Markov process: O(n + m), see
`univariate.training.kernels.linear_system`. Which kinks are held on data is part of the unknowns: a
kink that would run over a datum that keeps it is led onto the datum, all others taking that into
account; one that its datum no longer keeps is let go when the weights have settled.

The weights p are unknowns of their own, those of `virtual` margins that agree with the margins in
the end only, as in primal-dual interior-point methods: in stiff steps p changes along a line where
e^−q would change by orders of magnitude. Directions are followed in full while the minimised
function rises by little, as later ones take that back; if none does, the search goes on from where
it was least.
"""

import math
from typing import Final

import numpy as np

from univariate.common.arrays import Indices, Matrix, Vector
from univariate.training.descents import Descent, Iterate, Way
from univariate.training.kernels import gradient, linear_system, rays, regimes
from univariate.training.losses import weigh
from univariate.training.states import FREE, Data, State, pulled_back, state_of

# of the largest ℓ'': with less, squares go out of bounds. Weights of 1e-12 still stiffen a step
# where h |v|² is 1e15, as it is late in runs: without them margins overshoot by turns for ever
_NEGLIGIBLE: Final = 1e-100
_LARGEST_RATIO: Final = 1e150  # its square is finite
_SMALL: Final = 1e-5  # part of an answer that Newton's method corrects anyway
_REFINEMENTS: Final = 4
_ROUNDS: Final = 40
# kinks that come and go without an effect beyond this, relative to the accuracy, may do so
_CHATTER: Final = 10.0
_PATIENCE: Final = 12  # corrections before what hardly matters counts less
_CRAWLING: Final = 0.125  # so small a part of a direction brings little
_CRAWLS: Final = 3  # so many of these may be, before a search is given up
_TRUSTED: Final = 8  # so many directions are followed in full before the function must have fallen
_BLOCKED: Final = 20  # how often a direction is found anew because kinks are in its way


def ascent(state: State, data: Data) -> Matrix:
    """Return dθ/dσ = −∇ log L, (3, n); kinks that are held stay on their data."""
    return _pulled_back(state, data, data.y * state.weights.first)


def implicit_step(
    start: State, data: Data, h: float, guess: State | None = None, accuracy: float = 1e-8
) -> tuple[State, int]:
    """Take a step of length h in σ; returns its end, and how many corrections of a guess that took.

    `unsolved` tells from their number whether an end was found. accuracy : of margins that are
    felt.
    """
    step = Descent(start, data, h)
    now = step.begun(start if guess is None else guess)
    lowest = now, _way(now, step)
    way: Way | None = lowest[1]
    crawls = 0
    before = np.inf
    trusted = _TRUSTED
    left = trusted
    for corrections in range(_ROUNDS):
        tried = corrections > 0 or guess is not None
        calm = not now.changed or before <= _CHATTER * accuracy
        left_over = np.inf if way is None else _left_over(way, corrections)
        if way is not None and tried and left_over <= accuracy and calm:
            return _finished(way.state, data), corrections
        before = left_over
        full = None if way is None else step.followed(now, way, 1.0)
        if full is not None and full.height <= step.allowed(lowest[0]):
            trusted = _TRUSTED
        elif full is not None and step.bears(full, lowest[0]) and (left > 0 or not full.rises(now)):
            left -= full.rises(now)
        else:
            trusted = 0
            full = _searched(*lowest, step)
            crawls += full is not None and full.part <= _CRAWLING
            if full is None or crawls > _CRAWLS:
                break
        now = full
        way = _way_on(now, step)
        if way is not None and now.height <= step.allowed(lowest[0]):
            lowest = now, way
            left = trusted
    return _finished(lowest[0].state, data), _ROUNDS


def unsolved(corrections: int) -> bool:
    """Whether a step of so many corrections has no end."""
    return corrections >= _ROUNDS


def _left_over(way: Way, corrections: int) -> float:
    """Return how far it is to the end of a step; less strictly if it takes many corrections.

    Kinks at data of weights such as 1e-12 may come and go for ever by rounding.
    """
    return way.size if corrections < _PATIENCE else way.effect


def _way(now: Iterate, step: Descent) -> Way:
    """Return where to go from, kinks on the way held, the step, and the gain of margins."""
    start, data, h = step
    state = now.state
    pace = start.theta[1:] / h
    lag = state.margins - now.virtual
    for _ in range(_BLOCKED):
        change, first, moved = _solve(state, data, h, start.theta, lag)
        held = state.held.copy()
        weighed = regimes.Weighed(data.x, data.y, first, *regimes.sums(data.x, data.y, first))
        if not regimes.blocked(state.theta, change, state.cell, held, pace, weighed):
            break
        state = state._replace(held=held)
    # where kinks are still in the way the next correction meets them
    # a neuron that passed through zero and looks the other way does so for the rest of the step
    turned = (start.held != FREE) & (np.sign(state.theta[1]) * start.theta[1] <= 0.0)
    if turned.any():
        change[1:, turned] = 0.0
        moved = data.y * _changes(state, data, change)
    return Way(state, change, moved, lag)


def _way_on(now: Iterate, step: Descent) -> Way | None:
    """Return the same, or None where numbers have gone out of bounds."""
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            return _way(now, step)
    except np.linalg.LinAlgError:
        return None


def _searched(now: Iterate, way: Way, step: Descent) -> Iterate | None:
    """Follow a way as far as the minimised function falls; None if it rises at once."""
    found = step.searched(now, way)
    if found is None:
        # the virtual margins may have gone astray
        state = way.state
        back = state._replace(weights=weigh(state.margins, step.data.loss))
        now = Iterate(back, back.margins, now.height)
        found = step.searched(now, _way(now, step))
    return found


def _finished(state: State, data: Data) -> State:
    """Return a state in which only kinks exactly on their data are held, and cells are true."""
    _, w, b = state.theta
    on = w * data.x[np.maximum(state.held, 0)] + b == 0.0
    cell = state.cell.copy()
    gradient.locate(w, b, data.x, cell)
    return state_of(state.theta, data, cell, np.where(on, state.held, FREE))


def _solve(
    state: State, data: Data, h: float, origin: Matrix | None = None, lag: Vector | float = 0.0
) -> tuple[Matrix, Vector, Vector]:
    """Return Newton's step, and to first order the weights p at its end and the gain of margins.

    origin : where the step of the flow began, here if not given. lag : how far the margins are
    ahead of the virtual ones, whose weights p are.
    """
    p = state.weights.first
    second = state.weights.second
    stiff = second > _NEGLIGIBLE * second.max()
    scale = np.where(stiff, data.y * np.sqrt(second), 0.0)
    on_data = np.where(state.held == FREE, np.nan, data.x[np.maximum(state.held, 0)])
    v, w, b = state.theta
    increments = linear_system.increments(v, w, b, on_data, data.x, state.cell)
    system = linear_system.eliminate(data.x, np.sqrt(h) * scale, *increments)
    slope = _pull(state, data, h, origin)
    load = scale * (_changes(state, data, slope) + data.y * lag / h)
    force = _refined(system, state, data, np.sqrt(h) * scale, load)
    direction = _growth(p[stiff], np.abs(scale[stiff]))
    if direction.any():
        unit = np.zeros(len(p))
        unit[stiff] = direction
        answer = _refined(system, state, data, np.sqrt(h) * scale, unit)
        # (I + h G + κ u uᵀ)⁻¹ by Sherman and Morrison, κ = ∞
        rest = float(unit @ answer)
        if rest <= 0.0:
            raise np.linalg.LinAlgError("parameters or data too far apart for doubles")
        force -= float(unit @ force) / rest * answer
    step = h * (slope - h * _pulled_back(state, data, scale * force))
    if not np.isfinite(step).all():
        raise np.linalg.LinAlgError("parameters or data too far apart for doubles")
    moved = data.y * _changes(state, data, step)
    gain = moved + lag
    return step, np.maximum(0.0, p - second * gain + p * float(p @ gain)), moved


def _refined(
    system: linear_system.Elimination, state: State, data: Data, root: Vector, right: Vector
) -> Vector:
    """Return the answer of I + A K A, A = diag(root), refined where elimination is off.

    No eigenvalue is below 1: the answer is wrong by no more than what is left of the right side.
    That may be larger than the answer where it is tiny compared with the right side: in stiff
    systems nearly all of the right side is A K A times the answer.
    """
    found: Vector = linear_system.solved(system, right)
    with np.errstate(over="ignore"):
        rest = right - _applied(state, data, root, found)
        size = _length(rest)
        for _ in range(_REFINEMENTS):
            if size <= _SMALL * _length(found):
                break
            better: Vector = found + linear_system.solved(system, rest)
            left = right - _applied(state, data, root, better)
            smaller = _length(left)
            if not smaller < size:
                break
            found, rest, size = better, left, smaller
    return found


def _length(z: Vector) -> float:
    return math.sqrt(z @ z)  # the bits of `np.linalg.norm`, which takes longer to ask than this


def _applied(state: State, data: Data, root: Vector, z: Vector) -> Vector:
    """Return (I + A J Jᵀ A) z, A = diag(root), by the gradients themselves."""
    return z + root * _changes(state, data, _pulled_back(state, data, root * z))


def _changes(state: State, data: Data, step: Matrix) -> Vector:
    """Return by how much a small step changes N at the data, to first order."""
    v, w, b = state.theta
    found: Vector = gradient.changes(v, w, b, data.x, state.cell, step)
    return found


def _growth(p: Vector, root: Vector) -> Vector:
    """Return a unit vector u with M = R (I − u uᵀ) R, R = diag(root); zeros where p is 0.

    M = R (I − τ τᵀ) R with τ = p/root. |τ|² is Σ e^−q/L: 1 for the exponential loss, more for the
    logistic one, which counts as 1. It must not be summed: the answer of a stiff system is as small
    as what rounding would leave of 1 − |τ|².
    """
    tau = np.minimum(p / root, _LARGEST_RATIO)
    largest = float(tau.max(initial=0.0))
    if largest == 0.0:
        return tau
    unit = tau / largest
    return np.asarray(unit / _length(unit))


def _pulled_back(state: State, data: Data, g: Vector) -> Matrix:
    """Return the gradient of Σ g_i N(x_i) along which held kinks stay on their data."""
    back = pulled_back(state, data, g)
    rays.along_rays(back, data.x, state.held)
    return back


def _pull(state: State, data: Data, h: float, origin: Matrix | None) -> Matrix:
    """Return −∇ log L − (θ − θ₀)/h; for held kinks what leads onto their data, and along rays."""
    if origin is None:
        return ascent(state, data)
    slope = pulled_back(state, data, data.y * state.weights.first) + (origin - state.theta) / h
    if not (state.held != FREE).any():
        return slope + 0.0  # no −0, as below
    rays.along_rays(slope, data.x, state.held)
    there = state.theta.copy()
    _project(there, data.x, state.held)
    return slope + (there - state.theta) / h


def _project(theta: Matrix, x: Vector, held: Indices) -> None:
    """Move held kinks onto their data, in place, the shortest way."""
    rays.along_rays(theta, x, held)
    j = np.flatnonzero(held != FREE)
    theta[2, j] = -(theta[1, j] * x[held[j]])  # so that w x_i + b is 0 in float64
