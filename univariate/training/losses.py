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

    @property
    def felt(self) -> Vector:
        """How much a change of a margin changes weights, relative to the largest such change."""
        size = np.hypot(np.sqrt(self.second), self.first)
        return np.asarray(size / size.max())


def weigh(margins: Vector, loss: str) -> Weights:
    """Return the loss of margins and its derivatives relative to it.

    Rounded; nothing underflows but ratios.

    ℓ(q) = log(1 + e^−q), ℓ' = −1/(1 + e^q), ℓ'' = −ℓ'/(1 + e^−q); or ℓ = −ℓ' = ℓ'' = e^−q.
    """
    if loss == "exponential":
        log_losses = -margins
        peak, rest = _summed(log_losses)
        first = np.exp((log_losses - peak) - rest)
        return Weights(peak + rest, first, first)
    softplus = np.logaddexp(0.0, -margins)
    log_first = -np.logaddexp(0.0, margins)
    peak, rest = _summed(_logistic(margins, softplus))
    # differences from the peak first: late margins are large, and log L has their rounding errors
    first = np.exp((log_first - peak) - rest)
    second = np.exp(((log_first - softplus) - peak) - rest)
    return Weights(peak + rest, first, second)


def log_loss_of(margins: Vector, loss: str) -> float:
    """Return log L alone, as `weigh` does."""
    if loss == "exponential":
        peak, rest = _summed(-margins)
    else:
        peak, rest = _summed(_logistic(margins, np.logaddexp(0.0, -margins)))
    return peak + rest


def _logistic(margins: Vector, softplus: Vector) -> Vector:
    """Return log log(1 + e^−q), given log(1 + e^−q)."""
    return np.where(margins > _LATE, -margins, np.log(np.maximum(softplus, _TINY)))


def _summed(log_losses: Vector) -> tuple[float, float]:
    """Return the largest logarithm, and that of the sum divided by the largest."""
    peak = float(log_losses.max())
    return peak, float(np.log(np.exp(log_losses - peak).sum()))


def carried(margins: Vector, weights: Weights, step: Vector, loss: str) -> Vector:
    """Return margins + step to first order, so that weights −ℓ'/L change as a line does.

    In a stiff step of a flow they stay in balance along a line, and e^−q leaves it. Below half of a
    weight, where the line goes on to negative ones, its logarithm is continued instead.
    """
    ratio = np.divide(
        weights.second, weights.first, out=np.ones_like(step), where=weights.first > 0.0
    )
    common = float(weights.first @ step)
    relative = ratio * (common - step)
    with np.errstate(all="ignore"):
        line = np.log1p(np.maximum(relative, -0.5)) + 2.0 * np.minimum(relative + 0.5, 0.0)
        fall = ratio * common - line  # of log −ℓ'
        if loss == "exponential":
            return margins + fall
        # log −ℓ' = −log(1 + e^q); margins below 0 have weights that hardly change
        now = np.logaddexp(0.0, margins)
        then = np.where(fall > -0.5 * now, now + fall, 0.5 * now * np.exp(1.0 + 2.0 * fall / now))
        return np.where(margins < 0.0, margins + step, then + np.log(-np.expm1(-then)))
