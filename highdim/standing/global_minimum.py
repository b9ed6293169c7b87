"""Is a net a global minimum of Problem (1) on R^d? Decided against what `max_margin` proves."""

from math import inf

import numpy as np

from highdim.optimum.feasible import margins_below
from highdim.optimum.max_margin import GAP, MaxMargin
from highdim.optimum.points import Points
from highdim.optimum.rounding import UP, sum_of_squares_above
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample
from univariate.common.arrays import Vector
from univariate.common.result import Result, Verdict, result
from univariate.common.rounding import gap_above
from univariate.common.words import at_most


@result
class GlobalMinimumCertificate(Result):
    """Whether a net solves Problem (1), after scaling its worst margin to 1.

    Attributes
    ----------
    verdict : Verdict
        HOLDS: proved optimal within `tolerance`. FAILS: `witness` has margins ≥ 1 and a smaller
        norm, proved, or the net does not interpolate.
    duality_gap : float
        1 − lower/norm_squared, rounded up: the share of the normalised norm that could still be
        saved; 1 if not feasible.
    multipliers : ndarray, shape (m,)
        λ_i behind the bound, see `MaxMargin`.
    norm_squared : float
        Upper bound on ‖θ‖² over the worst margin (N is 2-homogeneous); inf without interpolation.
    lower : float
        Proved lower bound on ‖θ*‖².
    witness : TwoLayerNet or None
        The better net, when it FAILS by norm.
    tolerance : float
        Largest relative gap that still counts as optimal: that of the optimum, 1e-8 at most. With
        more, nets would pass that are not even local minima.
    reason : str
        One sentence.
    """

    verdict: Verdict
    duality_gap: float
    multipliers: Vector
    norm_squared: float
    lower: float
    witness: TwoLayerNet | None
    tolerance: float
    reason: str


def global_minimum_of(
    net: TwoLayerNet, sample: SphereSample, optimum: MaxMargin, *, interpolates: Verdict
) -> GlobalMinimumCertificate:
    """Compare a net with proved bounds on ‖θ*‖². Cost O(m n d)."""
    tolerance = min(optimum.tolerance, GAP)
    low, high = _normalised_norm(net, sample)
    # 1 where the norm is not known, whatever the bound
    gap = gap_above(optimum.lower, high)
    witness = None
    verdict = Verdict.UNDECIDED
    if interpolates is not Verdict.HOLDS:
        verdict = interpolates
        reason = "the net does not interpolate, or not for sure"
    elif gap <= tolerance:
        verdict = Verdict.HOLDS
        reason = f"no feasible net has a norm² smaller by more than {at_most(gap, 2)} of it"
    elif optimum.norm_squared < low:
        verdict = Verdict.FAILS
        witness = optimum.net
        reason = f"the witness interpolates with norm² {optimum.norm_squared:.10g} < {low:.10g}"
    else:
        reason = (
            f"no better net was found, but the gap {gap:.2g} exceeds the tolerance {tolerance:.2g}"
        )
    return GlobalMinimumCertificate(
        verdict=verdict,
        duality_gap=gap,
        multipliers=optimum.multipliers,
        norm_squared=high,
        lower=optimum.lower,
        witness=witness,
        tolerance=tolerance,
        reason=reason,
    )


def _normalised_norm(net: TwoLayerNet, sample: SphereSample) -> tuple[float, float]:
    """Enclose ‖θ‖²/(worst margin); inf where that is not known to be positive.

    Rounding moves a margin by at most what its lower bound is below its computed value, up and
    down.
    """
    scaled = _unit(net)
    below = margins_below(scaled.v, scaled.W, scaled.b, Points.of(sample, net.b is not None))
    if not below.min() > 0.0:
        return inf, inf
    values = sample.y * scaled(sample.X)
    # two evaluations differ by their rounding: twice the bound holds for either
    above = values + 2.0 * (np.maximum(values, below) - below)
    size = sum(sum_of_squares_above(array) for array in scaled.parameters.values()) * UP
    share = 1e-12  # what the sum of squares may be above itself
    return size * (1.0 - share) / float(above.min()) / UP, size / float(below.min()) * UP


def _unit(net: TwoLayerNet) -> TwoLayerNet:
    """Return the net times a power of two, so that its largest parameter is about 1; margins and
    ‖θ‖² scale alike.
    """
    arrays = net.parameters
    largest = max(float(np.abs(array).max()) for array in arrays.values())
    exponent = int(np.frexp(largest)[1])
    return TwoLayerNet(**{name: np.ldexp(array, -exponent) for name, array in arrays.items()})
