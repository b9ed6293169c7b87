"""What a run records of a moment: loss, margin, norm, and how far from a KKT point it is."""

from math import inf, sqrt
from typing import Final, NamedTuple

import numpy as np

from highdim.training.losses import relative_slopes, total_loss
from highdim.training.model import Model
from highdim.training.settings import Asked
from highdim.training.stepper import Look

_WILD: Final = 1e15


class Row(NamedTuple):
    """A row; `highdim.training.trajectory.ROWS` names its columns."""

    time: float
    step: float
    loss: float
    margin: float
    norm_squared: float
    wrong: float
    step_error: float
    kkt_residual: float


def row_of(look: Look, model: Model, asked: Asked, time: float, step: int) -> Row:
    """Return the row of a model and a look at it."""
    loss = asked.settings.loss
    pre_activations = None if look.shares is None else look.values[0]
    norm_squared = model.norm_squared(pre_activations)
    return Row(
        time,
        float(step),
        total_loss(look.margins, loss),
        look.margin,
        norm_squared,
        float(look.wrong.sum()),
        look.error,
        _residual(look, model, asked, norm_squared),
    )


def tame(look: Look, loss: str) -> bool:
    """Whether outputs and slopes of the loss are of a size that another step survives, in float32
    too.
    """
    lowest = -np.log(_WILD) if loss == "exponential" else -_WILD
    return bool(np.all(np.abs(look.margins) <= _WILD)) and look.margin >= lowest


def _residual(look: Look, model: Model, asked: Asked, norm_squared: float) -> float:
    """Sine of the angle between what is trained and −∇L, or the slackness if larger; inf where not
    defined.
    """
    loss, worst = asked.settings.loss, look.margin
    if not (worst > 0.0 and tame(look, loss) and model.homogeneous):
        return inf
    multipliers = relative_slopes(look.margins, loss)
    u = (asked.y * multipliers).astype(model.v.dtype)
    inner, length = model.alignment(look.values, u, look.shares, look.kernel)
    slack = float(multipliers @ (look.margins - worst)) / (float(multipliers.sum()) * worst)
    norms = length * model.trained_norm_squared(norm_squared)
    if not (inner > 0.0 and norms > 0.0):
        return max(1.0, slack)
    return max(sqrt(max(0.0, 1.0 - inner * inner / norms)), slack)
