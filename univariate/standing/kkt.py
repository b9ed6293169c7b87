"""KKT points of Problem (1), Eqs. (2)–(5), with Clarke subgradients where kinks lie on data.

θ = Σ_i λ_i y_i h_i with λ ≥ 0, λ_i = 0 unless y_i N(x_i) is the smallest margin, and h_i in the
Clarke subdifferential of N(x_i): σ'_ij may be anything in [0, 1] where neuron j has its kink on
x_i. A net is measured after scaling its worst margin to 1 (N is 2-homogeneous), which changes θ by
a factor and λ not at all.

A net of doubles is a KKT point up to rounding only, and minima have kinks *on* data, where a
rounded kink never is. So the certificate says how nearly: θ is within a relative `stationarity` of
Σ λ_i y_i h_i, where h_i are gradients at a net whose kinks are moved by a relative distance of at
most `clarke.distance` (a Goldstein subgradient), and λ rests on margins within `slackness` of the
smallest. The largest of the three is the ε of an (ε, δ)-approximate KKT point.
"""

from fractions import Fraction
from math import inf, sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.common import check
from univariate.common.arrays import Indices, Vector
from univariate.common.fingerprint import UNKNOWN
from univariate.common.result import Result, Verdict, result
from univariate.common.rounding import round_up
from univariate.common.tolerance import KKT_TOLERANCE, NEARLY
from univariate.common.words import at_least
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import Network, ReluNet
from univariate.problem.sample import Sample
from univariate.standing.descent import improved, straight, witness_fields
from univariate.standing.kkt_measure import Measured, Measuring, Refutation
from univariate.standing.replay import Stationarity

_METHODS = ("auto", "blocks", "projection")


@result
class Residual(Result):
    """How far a condition is from holding, for the net scaled to worst margin 1.

    `relative` is to the natural scale of the condition.
    """

    absolute: float
    relative: float


@result
class Clarke(Result):
    """The kinks taken to lie on data, and the σ' chosen there.

    Attributes
    ----------
    neuron, observation : ndarray, shape (k,)
    derivative : ndarray, shape (k,)
        σ'_ij in [0, 1], rounded; λ_i σ'_ij = weight + remainder exactly.
    weight, remainder : ndarray, shape (k,)
    distance : float
        Largest distance of such a kink from its datum: that of (w, b) from {w x_i + b = 0},
        relative to |(w, b)|.
    """

    neuron: Indices
    observation: Indices
    derivative: Vector
    weight: Vector
    remainder: Vector
    distance: float


@result
class KktCertificate(Result):
    """Whether a net is a KKT point of Problem (1), after scaling its worst margin to 1.

    Attributes
    ----------
    verdict : Verdict
        HOLDS: `accuracy` ≤ `tolerance`, measured without rounding error. FAILS: the net does not
        interpolate, or stationarity is off by at least `least_residual` > `tolerance` whatever the
        multipliers at the smallest margin, and none were found that reach an accuracy of 1e-6.
        UNDECIDED: between the two, "KKT to ε".
    accuracy : float
        The ε that the multipliers reach: largest of the relative residuals and of
        `clarke.distance`; 1 without any.
    stationarity : Residual
        |θ − Σ λ_i y_i h_i|, absolute for the scaled net, and relative to |θ|.
    feasibility : Residual
        By how much the worst margin stays below 1 after scaling: 0 if the net interpolates.
    slackness : Residual
        Largest λ_i (y_i N(x_i) − 1), and Σ λ_i (y_i N(x_i) − 1)/Σ λ_i.
    multipliers, remainders : ndarray, shape (m,)
        λ_i = multipliers + remainders ≥ 0 exactly; one double is not enough next to small gaps.
    clarke : Clarke
    least_residual : float
        Proved lower bound on the relative distance of θ from all Σ λ_i y_i h_i with λ at the
        smallest margin, as complementary slackness demands; 0 unless it FAILS. It jumps where a
        margin leaves the smallest, by rounding to single precision say, and is no distance to the
        nearest KKT point.
    direction : ndarray, shape (n, 3), or None
        When it FAILS: the change of (v, w, b) behind `least_residual`, along which the norm falls
        and no margin does.
    witness : ReluNet or None
        When it FAILS: a net on the way with all margins ≥ 1 and a smaller norm, exactly compared;
        None where doubles are too coarse to show one.
    decrease : float
        How much smaller its norm² is than `norm_squared`; 0 without witness.
    distance, nearest : float
        Relative distance of the witness from the net, and of the nearest net on the way that is
        provably better.
    worst_margin, norm_squared : float
        Smallest y_i N(x_i) before scaling; ‖θ‖² after it, rounded up.
    dead, unbalanced, zero : ndarray of neuron indices
        Dead: exactly one of v and (w, b) is zero, or no datum is active. Unbalanced: |v| and |(w,
        b)| differ by more than `tolerance` relatively, dead ones aside. Zero: all three parameters
        are.
    tolerance : float
    method : str
        "blocks", "projection" or "none": where the multipliers come from.
    reason : str
        One sentence.
    """

    verdict: Verdict
    accuracy: float
    stationarity: Residual
    feasibility: Residual
    slackness: Residual
    multipliers: Vector
    remainders: Vector
    clarke: Clarke
    least_residual: float
    direction: NDArray[np.float64] | None
    witness: ReluNet | None
    decrease: float
    distance: float
    nearest: float
    worst_margin: float
    norm_squared: float
    dead: Indices
    unbalanced: Indices
    zero: Indices
    tolerance: float
    method: str
    reason: str
    _subject: str = UNKNOWN

    @property
    def epsilon_delta(self) -> tuple[float, float]:
        """The (ε, δ) of an approximate KKT point.

        |θ − Σ λ_i y_i h_i| ≤ ε, and λ_i (y_i N(x_i) − 1) ≤ δ for all i. In the sense of Dutta et
        al. (2013), as used for homogeneous nets by Lyu and Li (2020); θ at worst margin 1.
        """
        return self.stationarity.absolute, self.slackness.absolute


class Examined(NamedTuple):
    """A certificate, and what its multipliers leave of θ: measured once, of use to others."""

    certificate: KktCertificate
    exact: Stationarity | None = None


def kkt_certificate(
    net: Network, sample: Sample, *, tolerance: float = KKT_TOLERANCE, method: str = "auto"
) -> KktCertificate:
    """Decide whether a net is a KKT point of Problem (1), up to the scaling of its margins.

    Parameters
    ----------
    net : ReluNet
    sample : Sample
    tolerance : float
        Relative residual up to which the verdict is HOLDS, in (0, 1e-6].
    method : str
        "blocks": multipliers block by block along the data, cost O((n + m) log (n + m)).
        "projection": the nearest point of the dense cone of gradients by non-negative least
        squares, memory O(n m). "auto": the first, and on small nets (n m ≤ 40,000) the second where
        the first leaves a doubt.

    Raises
    ------
    TypeError, ValueError
        Not a 2-layer net without output bias, or an unknown method.

    Residuals are rigorous upper bounds (sums in integer arithmetic), `least_residual` a lower
    bound. Source: Eqs. (2)–(5); the block form is new, see `univariate.standing.dual_path`.
    """
    fit = ShallowFitted.of(net, sample)
    return kkt_of(fit, tolerance, method).certificate


# what overflows at the ends of the range of doubles becomes inf and proves nothing
@np.errstate(all="ignore")
def kkt_of(fit: ShallowFitted, tolerance: float, method: str = "auto") -> Examined:
    """Return the certificate of `kkt_certificate`, with what was measured for it."""
    tolerance = check.real("tolerance", tolerance)
    if not 0.0 < tolerance <= NEARLY:
        raise ValueError(
            f"`tolerance` must lie in (0, {NEARLY}], got {tolerance}; it is relative, try"
            f" {KKT_TOLERANCE}"
        )
    check.choice("method", method, _METHODS)
    if not fit.interpolates:
        return Examined(_infeasible(fit, tolerance))
    state = Measuring.of(fit, tolerance)
    best = state.best(tolerance, method)
    reached = f"KKT to {best.accuracy:.2g}"
    if best.accuracy <= tolerance:
        return _certificate(state, best, Verdict.HOLDS, f"{reached}, within the tolerance")
    if best.accuracy <= NEARLY:
        reason = f"{reached}, above the tolerance {tolerance:.2g}"
        return _certificate(state, best, Verdict.UNDECIDED, reason)
    refutation = state.refutation(method)
    low = refutation.least_residual
    if low <= tolerance:
        reason = (
            f"no multipliers were found (best ε = {best.accuracy:.2g}), and no proof that there are"
            " none"
        )
        return _certificate(state, best, Verdict.UNDECIDED, reason)
    reason = f"stationarity is off by at least {at_least(low)} of |θ|: {refutation.cause}"
    return _certificate(state, best, Verdict.FAILS, reason, refutation)


def _certificate(
    state: Measuring,
    best: Measured,
    verdict: Verdict,
    reason: str,
    refutation: Refutation | None = None,
) -> Examined:
    fit, found = state.fit, best.found
    margins, pins = fit.margins, found.pins
    scale = Fraction(margins.low) if margins.low > 0.0 else fit.smallest_margin
    norm_squared = round_up(fit.norm_squared / scale)
    owner = found.high[pins.datum]
    share = np.divide(pins.high, owner, out=np.zeros_like(owner), where=owner > 0.0)
    derivative = np.clip(share, 0.0, 1.0)
    distance = best.exact.distance
    certificate = KktCertificate(
        verdict=verdict,
        accuracy=best.accuracy,
        stationarity=Residual(best.exact.residual * sqrt(norm_squared), best.exact.residual),
        feasibility=Residual(0.0, 0.0),
        slackness=Residual(best.largest_slack, best.slackness),
        multipliers=found.high,
        remainders=found.low,
        clarke=Clarke(pins.neuron, pins.datum, derivative, pins.high, pins.low, distance),
        worst_margin=margins.smallest,
        norm_squared=norm_squared,
        dead=state.dead,
        unbalanced=state.unbalanced,
        zero=state.zero,
        tolerance=state.tolerance,
        method=found.method,
        reason=reason,
        _subject=fit.subject,
        **_refuting(fit, refutation),
    )
    return Examined(certificate, best.exact)


def _refuting(fit: ShallowFitted, refutation: Refutation | None) -> dict[str, Any]:
    """Return the fields that refute a KKT point: the direction, and the better net along it."""
    path = None if refutation is None else straight(fit.net, refutation.direction)
    better = None if path is None else improved(fit, path)
    return {
        "least_residual": 0.0 if refutation is None else refutation.least_residual,
        "direction": None if refutation is None else refutation.direction,
        **witness_fields(better),
    }


def _infeasible(fit: ShallowFitted, tolerance: float) -> KktCertificate:
    none = np.zeros(0, dtype=np.intp)
    nothing = np.zeros(0)
    margin = fit.interpolation.margin
    return KktCertificate(
        verdict=Verdict.FAILS,
        accuracy=1.0,
        stationarity=Residual(1.0, 1.0),
        feasibility=Residual(1.0 - margin, 1.0),
        slackness=Residual(0.0, 0.0),
        multipliers=np.zeros(fit.sample.size),
        remainders=np.zeros(fit.sample.size),
        clarke=Clarke(none, none, nothing, nothing, nothing, 0.0),
        least_residual=1.0,
        direction=None,
        worst_margin=margin,
        norm_squared=inf,
        dead=none,
        unbalanced=none,
        zero=none,
        tolerance=tolerance,
        method="none",
        reason=f"the net does not interpolate: y N(x) = {margin:.6g} at {fit.where}",
        _subject=fit.subject,
        **witness_fields(None),
    )
