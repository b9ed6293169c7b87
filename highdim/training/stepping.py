"""One step of the flow: the kernel stands still, the activity of the neurons does not.

Given c = ∫ u dτ over the step (`frozen`), every hidden layer moves along a load S ∘ F, F = c_i
times what reaches the neuron from above. The shares S of the step during which a neuron is active
on a datum belong to the unknowns (`kernels.sliding`): at any time many neurons have kinks *on*
data, where active and silent alternate infinitely fast along the flow, and explicit steps chatter
unless they are short. A predictor gives the layers at the end; the step itself takes everything but
S at the midpoint. The error is what the outputs at the end differ by from those that the frozen
kernel foresaw.
"""

from typing import Final, NamedTuple

import numpy as np

from highdim.training.frozen_kernel import frozen_flow
from highdim.training.kernels.sliding import load, settle
from highdim.training.model import Dense, Model
from highdim.training.spaces import Array
from univariate.common.arrays import Vector

Arrays = tuple[Array, ...]

_SWEEPS: Final = 5
_REJECTED: Final = 3.0  # times the tolerance
_SAFETY = 0.9
_SHRINKAGE = 0.3
_GROWTH = 2.0
_SMALLEST: Final = 1e-14  # of the time passed, or of the first step


class State(NamedTuple):
    """A model, its pre-activations layer by layer, outputs (m,), and shares."""

    model: Model
    values: Arrays
    outputs: Array
    shares: Arrays


class Step(NamedTuple):
    """An accepted step: its end, length, error, and the length that should come next; and the
    products with the kernel that it took, with those of steps that were not accepted.
    """

    state: State
    length: float
    error: float
    next_length: float
    work: int


class Predicted(NamedTuple):
    """Shares, hidden values at the middle, and upper layers at the end of a step."""

    shares: Arrays
    middle: Arrays
    upper: tuple[Dense, ...]


def state_of(model: Model, shares: Arrays | None = None) -> State:
    """Evaluate a model; without shares of an earlier step a neuron is active or not."""
    values = model.values()
    outputs = model.v @ np.maximum(values[-1], 0.0)
    if shares is None:
        shares = tuple((Z > 0.0).astype(Z.dtype) for Z in values)
    return State(model, values, outputs, shares)


def tangent_kernel(state: State) -> Array:
    """Return K, (m, m): Gram matrices of the inputs of a layer times those of what reaches it from
    above, summed.
    """
    model, shares = state.model, state.shares
    hidden = [np.maximum(Z, 0.0) for Z in state.values]
    K = hidden[-1].T @ hidden[-1] if model.train_output else np.zeros_like(model.first.kernel)
    grams = [
        model.first.kernel,
        *(_gram(layer, H) for layer, H in zip(model.upper, hidden, strict=False)),
    ]
    for G, S, back in zip(grams, shares, _backs(model.v, model.upper, shares), strict=True):
        below = S * back
        K += G * (below.T @ below)
    return np.asarray(K)


def controlled_step(
    state: State, K: Array, y: Vector, loss: str, length: float, tolerance: float, time: float
) -> Step | None:
    """Take a step with a root mean square error of the outputs of at most 3 `tolerance`; None if
    none is short enough.

    K is the tangent kernel of the state. The length that comes next aims at `tolerance`.
    """
    least = _SMALLEST * max(time, length)
    work = 0
    while length > least:
        frozen = frozen_flow(K, state.outputs, y, loss, length)
        work += frozen.work
        end = _moved(state, frozen.impulse.astype(K.dtype))
        error = float(np.sqrt(np.mean((end.outputs - frozen.outputs) ** 2)))
        wanted = _SAFETY * np.sqrt(tolerance / max(error, 1e-30)) if np.isfinite(error) else 0.0
        factor = float(np.clip(wanted, _SHRINKAGE, _GROWTH))
        if error <= _REJECTED * tolerance:
            return Step(end, frozen.length, error, frozen.length * factor, work)
        length = frozen.length * factor
    return None


def _moved(state: State, impulse: Array) -> State:
    """Return the state after a step with c = `impulse`.

    The shares of one layer decide what reaches the layer below: as many predictions as hidden
    layers.
    """
    model, shares = state.model, state.shares
    hidden = [np.maximum(Z, 0.0) for Z in state.values]
    v = model.v + 0.5 * (hidden[-1] @ impulse) if model.train_output else model.v
    pressures = [back * impulse for back in _backs(model.v, model.upper, shares)]
    for _ in shares:
        end = _predicted(state._replace(shares=shares), hidden, pressures)
        shares = end.shares
        upper = tuple(_halfway(*pair) for pair in zip(model.upper, end.upper, strict=True))
        pressures = [back * impulse for back in _backs(v, upper, shares)]
    first, *loads = (S * F for S, F in zip(shares, pressures, strict=True))
    upper = tuple(
        layer.moved(*move) for layer, *move in zip(model.upper, loads, end.middle, strict=False)
    )
    v = model.v + end.middle[-1] @ impulse if model.train_output else model.v
    return state_of(model.moved(model.first.moved(first), upper, v), shares)


def _predicted(state: State, hidden: list[Array], pressures: list[Array]) -> Predicted:
    """Move every layer by its pressures, from below, and settle its shares."""
    values = state.values
    shares = tuple(S.copy() for S in state.shares)
    first = state.model.first
    end = values[0] + first.change(load(values[0], shares[0], pressures[0]))
    settle(values[0], end, shares[0], pressures[0], first.kernel, _SWEEPS)
    above = np.maximum(end, 0.0)
    upper = []
    middle = [0.5 * (hidden[0] + above)]
    rest = zip(state.model.upper, values[1:], shares[1:], pressures[1:], hidden[1:], strict=True)
    for layer, Z, S, F, H in rest:
        inputs = middle[-1]
        end = layer.moved(load(Z, S, F), inputs).values(above)
        settle(Z, end, S, F, _gram(layer, inputs), _SWEEPS)
        upper.append(layer.moved(S * F, inputs))
        above = np.maximum(end, 0.0)
        middle.append(0.5 * (H + above))
    return Predicted(shares, tuple(middle), tuple(upper))


def _backs(v: Array, upper: tuple[Dense, ...], shares: Arrays) -> list[Array]:
    """What reaches the neurons of every hidden layer from the output, before their own shares;
    first layer first.
    """
    backs = [v[:, None]]
    for layer, S in zip(reversed(upper), reversed(shares), strict=False):
        backs.append(layer.W.T @ (S * backs[-1]))
    return backs[::-1]


def _gram(layer: Dense, H: Array) -> Array:
    """Gram matrix of the inputs of a layer, 1 for its bias included."""
    gram = H.T @ H
    return np.asarray(gram if layer.b is None else gram + H.dtype.type(1.0))


def _halfway(start: Dense, end: Dense) -> Dense:
    W = 0.5 * (start.W + end.W)
    return Dense(W, None if start.b is None or end.b is None else 0.5 * (start.b + end.b))
