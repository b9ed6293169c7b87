"""The training loss L(θ) = Σ ℓ(y_i N(x_i)) and its gradient in O(n + m), whatever the width."""

from typing import Final

import numpy as np

from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.result import Result, result
from univariate.problem.kernels.cells import scattered_places
from univariate.problem.network import Network, require_shallow
from univariate.problem.sample import Sample, require_sample
from univariate.training.kernels import gradient
from univariate.training.losses import LOSSES, weigh
from univariate.training.options import require_within

_EXPONENT: Final = 150  # of 10, in the largest input or parameter


@result
class LossGradient(Result):
    """The loss of a net on a sample, and its gradient.

    Attributes
    ----------
    loss : float
        L = Σ_i ℓ(y_i N(x_i)), the sum as in the paper; 0 or inf beyond the range of doubles, and so
        is its gradient.
    log_loss : float
        log L, which does not underflow.
    v, w, b : ndarray, shape (n,)
        ∂L/∂v, ∂L/∂w, ∂L/∂b; 0 also where the share of an entry in log L is below the smallest
        double.
    log_loss_v, log_loss_w, log_loss_b : ndarray, shape (n,)
        The same of log L: of order one however small L is.
    margins : ndarray, shape (m,)
        y_i N(x_i).
    """

    loss: float
    log_loss: float
    v: Vector
    w: Vector
    b: Vector
    log_loss_v: Vector
    log_loss_w: Vector
    log_loss_b: Vector
    margins: Vector


def loss_and_gradient(net: Network, sample: Sample, *, loss: str = "logistic") -> LossGradient:
    """Return the loss and its gradient by all parameters.

    Parameters
    ----------
    net : ReluNet
    sample : Sample
    loss : str
        "logistic", ℓ(q) = log(1 + e^−q), or "exponential", ℓ(q) = e^−q.

    Raises
    ------
    TypeError, ValueError
        Not a 2-layer net without output bias, an unknown loss, parameters or inputs beyond 10^150,
        or values of the net beyond the range of doubles.

    Rounded: sums over neurons and over data run in double-double, so that neurons that cancel leave
    no error but the last rounding. A neuron is active on x_i if fl(fl(w x_i) + b) > 0, as in common
    float64 code, and σ'(0) = 0. Cost O(n log m + m). Source: Section 2; the linear cost is new.
    """
    net = require_shallow(net)
    require_sample(sample)
    check.choice("loss", loss, LOSSES)
    require_within(net, sample, _EXPONENT)
    cell = scattered_places(sample.x, net.kinks)
    gradient.locate(net.w, net.b, sample.x, cell)
    with np.errstate(over="ignore", invalid="ignore"):
        margins = sample.y * gradient.values(*net.parameters, sample.x, cell)
    beyond = np.flatnonzero(~np.isfinite(margins))
    if len(beyond):
        raise ValueError(
            "`net` must have values in the range of doubles on `sample`, got an overflow at"
            f" observation {beyond[0]}; rescale one of them"
        )
    weights = weigh(margins, loss)
    relative = gradient.pulled_back(*net.parameters, sample.x, cell, sample.y * weights.first)
    np.negative(relative, out=relative)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        total = float(np.exp(weights.log_loss))
        scaled = relative * total
    if total == np.inf:
        scaled[relative == 0.0] = 0.0
    return LossGradient(
        loss=total,
        log_loss=weights.log_loss,
        v=scaled[0],
        w=scaled[1],
        b=scaled[2],
        log_loss_v=relative[0],
        log_loss_w=relative[1],
        log_loss_b=relative[2],
        margins=margins,
    )
