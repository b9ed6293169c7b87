"""Where a training run is: parameters, the cells of kinks, margins and weights."""

from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Matrix, Vector
from univariate.training.kernels import gradient, regimes
from univariate.training.losses import Weights, weigh

FREE: Final = regimes.FREE
LARGEST: Final = 1e100
"""Of parameters on the way: with inputs up to 1e50 their products of three stay in the range of
doubles.
"""


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
    margins = margins_of(theta, data, cell)
    return State(theta, cell, held, margins, weigh(margins, data.loss))


def margins_of(theta: Matrix, data: Data, cell: Indices) -> Vector:
    """Return y_i N(x_i) for kinks in these cells. Cost O(n + m)."""
    v, w, b = theta
    found: Vector = data.y * gradient.values(v, w, b, data.x, cell)
    return found


def pulled_back(state: State, data: Data, g: Vector) -> Matrix:
    """Return the gradient of Σ g_i N(x_i), σ'(0) = 0. Cost O(n + m)."""
    v, w, b = state.theta
    found: Matrix = gradient.pulled_back(v, w, b, data.x, state.cell, g)
    return found
