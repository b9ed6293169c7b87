"""Plain gradient descent on the sum loss."""

import numpy as np

from univariate.training.kernels import gradient
from univariate.training.states import LARGEST, Data, State, pulled_back, state_of


def descent_step(state: State, data: Data, rate: float) -> State | None:
    """Return θ − rate · ∇L(θ), with σ'(0) = 0; None if it overflows. Cost O(n + m)."""
    slope = pulled_back(state, data, data.y * state.weights.first)
    with np.errstate(over="ignore", invalid="ignore"):
        theta = state.theta + rate * np.exp(state.weights.log_loss) * slope
        if np.any(np.abs(theta) > LARGEST) or np.any(np.isnan(theta)):
            return None
    cell = state.cell.copy()
    gradient.locate(theta[1], theta[2], data.x, cell)
    return state_of(theta, data, cell)
