"""Lemma B.3's interpolating net, whose norm is of order √|I₋|, with every claim of the lemma
checked.

Half of the neurons are active where no label −1 is near, the other half on the points of label −1.
The paper's proof writes Σ v_j² as 2n√|I₋|/n; it is 4√|I₋|, so that ‖θ‖² = 4‖Σ_{I₋} x_i‖²/√|I₋| +
4√|I₋| + 2/√|I₋|. At |I₋| = 1 that is 10 on the sphere, more than the 9√|I₋| that is printed, and at
|I₋| = 2 it exceeds 9√2 whenever the two points make an acute angle; 10√|I₋| is right under the
lemma's hypotheses. Its margins are at least 1.6 under those, not just 1, so the net scaled to worst
margin 1 keeps the claim.
"""

from functools import partial
from math import log, sqrt
from typing import Final

import numpy as np

from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample, require_sample
from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.claim import Claim, Kind, Source, decide
from univariate.common.result import Result, result
from univariate.common.tolerance import DEFAULT_CONFIDENCE, UNIT_ROUNDOFF

LEMMA: Final = Source.LEMMA_B_3
PRINTED: Final = 9.0
CORRECTED: Final = 10.0


@result
class BenignInterpolator(Result):
    """The net of Lemma B.3 on a sample.

    Attributes
    ----------
    net : TwoLayerNet
        Of the width asked for; the last neuron is zero if that is odd.
    margins : ndarray, shape (m,)
        y_i N(x_i), rounded.
    smallest_margin : float
    norm_squared : float
        ‖θ‖², rounded; the same for every width.
    exact_norm_squared : float
        4‖Σ_{I₋} x_i‖²/√|I₋| + 4√|I₋| + 2/√|I₋|, rounded; equal to `norm_squared` but for rounding.
    printed_bound, corrected_bound : float
        9√|I₋| and 10√|I₋|.
    checks : tuple of Claim
        The lemma's hypotheses, what its proof uses of Lemma B.1, and its claims as printed and as
        corrected.
    scaled_net : TwoLayerNet or None
        The net times 1/√(smallest margin), so that the smallest is 1, if it is positive.
    scaled_norm_squared : float or None
    """

    net: TwoLayerNet
    margins: Vector
    smallest_margin: float
    norm_squared: float
    exact_norm_squared: float
    printed_bound: float
    corrected_bound: float
    checks: tuple[Claim, ...]
    scaled_net: TwoLayerNet | None
    scaled_norm_squared: float | None

    def named(self, claim: str) -> Claim:
        """Return the check whose claim begins so."""
        for one in self.checks:
            if one.claim.startswith(claim):
                return one
        raise KeyError(
            f"no check begins with {claim!r}; there are"
            f" {', '.join(one.claim for one in self.checks)}"
        )


def benign_interpolator(
    sample: SphereSample, width: int = 2, *, delta: float = DEFAULT_CONFIDENCE
) -> BenignInterpolator:
    """Build the net of Lemma B.3 and check what the lemma says of it.

    Parameters
    ----------
    sample : SphereSample
        With a label −1 at least.
    width : int
        Number of neurons n, at least 2.
    delta : float
        Failure probability δ of Property 1, in (0, 1).

    Returns
    -------
    BenignInterpolator
        Rounded; norms are compared with bounds up to their own rounding.

    Raises
    ------
    TypeError, ValueError
        No sample, no such numbers, or no label −1: the lemma divides by |I₋| then, and claims a
        norm of 0.

    Cost O(m² d + m n d). Source: Lemma B.3, corrected.
    """
    require_sample(sample)
    width = check.count("width", width, least=2)
    delta = check.probability("delta", delta, open_interval=True)
    negative = sample.y < 0.0
    minus = int(np.sum(negative))
    if minus == 0:
        raise ValueError(
            "`sample` must have a label -1, got none: the lemma's net is undefined, and its bound"
            f" of 0 wrong; use orthogonal_limit({sample.size}, 0).net(X, y), or the constant net of"
            " one neuron"
        )
    total = sample.X[negative].sum(axis=0)
    net = _net(total, minus, width)
    margins = sample.y * net(sample.X)
    worst = float(np.min(margins))
    scaled = _scaled(net, worst) if worst > 0.0 else None
    root = sqrt(minus)
    exact = 4.0 * float(total @ total) / root + 4.0 * root + 2.0 / root
    checks = (*_hypotheses(sample, minus, delta), *_claims(net, worst, minus, scaled))
    return BenignInterpolator(
        net=net,
        margins=margins,
        smallest_margin=worst,
        norm_squared=net.norm_squared,
        exact_norm_squared=exact,
        printed_bound=PRINTED * root,
        corrected_bound=CORRECTED * root,
        checks=checks,
        scaled_net=scaled,
        scaled_norm_squared=None if scaled is None else scaled.norm_squared,
    )


def _net(total: Vector, minus: int, width: int) -> TwoLayerNet:
    """Return the lemma's weights; `total` is Σ_{I₋} x_i."""
    half = width // 2  # the lemma's n is 2 half
    inner = sqrt(2.0 / (half * sqrt(minus)))
    outer = sqrt(2.0 * sqrt(minus) / half)
    side = np.repeat([1.0, -1.0, 0.0], [half, half, width - 2 * half])
    biases = np.where(side > 0.0, inner, 0.0)
    return TwoLayerNet(side * outer, -np.outer(side, inner * total), biases)


def _scaled(net: TwoLayerNet, worst: float) -> TwoLayerNet:
    factor = 1.0 / sqrt(worst)
    return TwoLayerNet(**{name: array * factor for name, array in net.parameters.items()})


def _hypotheses(sample: SphereSample, minus: int, delta: float) -> tuple[Claim, ...]:
    m, d = sample.size, sample.dimension
    pairs = log(3.0 * m**2 / delta)
    angle = sqrt(2.0 * pairs / d)
    dimension = "d ≥ 50 m² log(3m²/δ)"
    inner = "|x_i·x_j| ≤ √(2 log(3m²/δ)/d)"
    source = "" if sample.p is not None else "p unknown, share of labels −1"
    return (
        decide(LEMMA, dimension, float(d), "≥", 50.0 * m**2 * pairs, kind=Kind.DIMENSION),
        decide(LEMMA, "p ≤ 1/4", sample.noise_level(), "≤", 0.25, reason=source, kind=Kind.NOISE),
        decide(Source.LEMMA_B_1, inner, sample.correlation, "≤", angle, kind=Kind.SAMPLE),
        decide(LEMMA, "|I₋| ≤ m/2", float(minus), "≤", 0.5 * m, "computed", kind=Kind.SAMPLE),
    )


def _claims(
    net: TwoLayerNet, worst: float, minus: int, scaled: TwoLayerNet | None
) -> tuple[Claim, ...]:
    printed = PRINTED * sqrt(minus)
    corrected = CORRECTED * sqrt(minus)
    margin = partial(decide, LEMMA, kind=Kind.INTERPOLATION)
    found = (
        margin("y_i N(x_i) ≥ 1", worst, "≥", 1.0),
        margin("y_i N(x_i) ≥ 8/5", worst, "≥", 1.6, "corrected"),
        _at_most("‖θ‖² ≤ 9 √|I₋|", net, printed, "printed"),
        _at_most("‖θ‖² ≤ 10 √|I₋|", net, corrected, "corrected"),
    )
    if scaled is None:
        return found
    claim = "scaled to worst margin 1, ‖θ‖² ≤ 9 √|I₋|"
    return (*found, _at_most(claim, scaled, printed, "corrected"))


def _at_most(claim: str, net: TwoLayerNet, threshold: float, form: str) -> Claim:
    """Compare a norm with a bound that it may meet exactly, up to rounding."""
    # points on the sphere have norm 1 but for a few ulps
    slack = 8.0 * UNIT_ROUNDOFF * (net.dimension + net.width)
    low = net.norm_squared * (1.0 - slack)
    return decide(
        LEMMA,
        claim,
        net.norm_squared,
        "≤",
        threshold,
        form,
        low=low,
        high=low,
        reason=f"up to rounding, {slack:.1g}",
        kind=Kind.NORM,
    )
