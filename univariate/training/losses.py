"""The logistic and the exponential loss of margins, with their derivatives, in the log domain.

L = Σ ℓ(q_i) is e^−q for large margins q, far below the smallest double before long. What a flow
needs are ratios: log L, −ℓ'(q_i)/L and ℓ''(q_i)/L, which stay of order one.
"""

from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Vector

LOSSES: Final = ("logistic", "exponential")

_TINY: Final = float(np.finfo(np.float64).tiny)
_LATE: Final = 36.0  # log(1 + e^−q) is e^−q to a unit in the last place from here on


class Weights(NamedTuple):
    """A loss and its first two derivatives at some margins."""

    log_loss: float  # log L
    first: Vector  # −ℓ'(q_i)/L > 0
    second: Vector  # ℓ''(q_i)/L > 0


def weigh(margins: Vector, loss: str) -> Weights:
    """Return the loss of margins and its derivatives relative to it.

    Rounded; nothing underflows but ratios.

    ℓ(q) = log(1 + e^−q), ℓ' = −1/(1 + e^q), ℓ'' = −ℓ'/(1 + e^−q); or ℓ = −ℓ' = ℓ'' = e^−q.
    """
    if loss == "exponential":
        log_loss = log_first = log_second = -margins
    else:
        softplus = np.logaddexp(0.0, -margins)
        log_loss = np.where(margins > _LATE, -margins, np.log(np.maximum(softplus, _TINY)))
        log_first = -np.logaddexp(0.0, margins)
        log_second = log_first - softplus
    peak = float(log_loss.max())
    rest = float(np.log(np.sum(np.exp(log_loss - peak))))
    # differences from the peak first: late margins are large, and log L has their rounding errors
    return Weights(
        peak + rest, np.exp((log_first - peak) - rest), np.exp((log_second - peak) - rest)
    )
