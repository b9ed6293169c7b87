"""The max-margin problem (1) in one dimension, solved to a certified duality gap.

min ‖θ‖² subject to y_i N(x_i) ≥ 1. With enough sign changes the optimum is known in closed form
(one sort, one pass); otherwise column generation solves the general problem. Either way the answer
is a float64 net whose margins are all proved to be at least 1, and multipliers that prove how far
its norm can be from ‖θ*‖².
"""

from dataclasses import dataclass, field
from fractions import Fraction
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from univariate.common import check
from univariate.common.result import Result, Verdict
from univariate.common.rounding import round_up
from univariate.common.tolerance import OPTIMALITY_GAP, UNIT_ROUNDOFF
from univariate.optimum.closed_form import Polygon, fit_dual, fit_net, polygon
from univariate.optimum.column_generation import general_solution
from univariate.optimum.duality import DualBound, dual_bound
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample, require_sample

Vector = NDArray[np.float64]

_ATTEMPTS = 60
# between different labels; slopes beyond its inverse leave the range of safe products
_LEAST_GAP = 2.0**-300
# up to this many neurons and points, doubtful margins are settled in rationals, not raised
_SMALL = 4096


@dataclass(frozen=True, repr=False)
class MaxMargin(Result):
    """A solution of Problem (1) with its proof.

    Attributes
    ----------
    net : ReluNet
        Balanced; every margin y_i N(x_i) ≥ 1, proved.
    norm_squared : float
        ‖θ‖² of `net`, rounded up: an upper bound on ‖θ*‖².
    dual_norm_squared : float
        A proved lower bound on ‖θ*‖².
    duality_gap : float
        1 − dual_norm_squared / norm_squared ≥ 0: at most this share of ‖θ‖² can be saved.
    multipliers : ndarray, shape (m,)
        λ_i ≥ 0, the λ of Eqs. (2)–(5); dual feasible once divided by `dual_ratio`.
    dual_ratio : float
        Proved upper bound on sup |D(t)|/√(1 + t²), 1 up to rounding; dual_norm_squared = 2 Σ λ_i /
        dual_ratio.
    method : str
        "closed form" or "column generation".
    raised : float
        By how much the margin aimed at was raised above 1 so that rounding leaves all margins
        provably ≥ 1; what that costs is part of `duality_gap`.
    """

    net: ReluNet
    norm_squared: float
    dual_norm_squared: float
    duality_gap: float
    multipliers: Vector = field(compare=False)
    dual_ratio: float
    method: str
    raised: float


def max_margin(sample: Sample) -> MaxMargin:
    """Solve min ‖θ‖² s.t. y_i N(x_i) ≥ 1 over 2-layer nets of any width.

    Parameters
    ----------
    sample : Sample
        Any inputs on the real line, any labels.

    Returns
    -------
    MaxMargin
        Rounded parameters, rigorous statements: feasibility and both bounds on ‖θ*‖² are proved for
        the float64 numbers returned.

    Cost O(m log m) by the closed form, which covers every sample on [0, 1] with at least three sign
    changes; else column generation over the data that matter. Raises ArithmeticError where gaps are
    too small or too uneven for double precision. Source: Problem (1); closed form new, see
    `univariate.optimum.closed_form`.
    """
    require_sample(sample)
    if np.any(sample.gaps[sample.sign_changes] < _LEAST_GAP):
        raise _too_uneven(sample)
    shape = polygon(sample.x, sample.y)
    return _general(sample) if shape is None else _closed_form(sample, shape)


@dataclass(frozen=True, repr=False)
class GlobalMinimumCertificate(Result):
    """Whether a net solves Problem (1), after scaling its worst margin to 1.

    Attributes
    ----------
    verdict : Verdict
        HOLDS: proved optimal within `tolerance`. FAILS: `witness` is feasible and has a smaller
        norm, or the net does not interpolate.
    duality_gap : float
        1 − dual bound / ‖θ‖²: the share of the normalised norm that could still be saved; NaN-free,
        1 if not feasible.
    multipliers : ndarray, shape (m,)
        Multipliers behind the bound, see `MaxMargin`.
    norm_squared : float
        ‖θ‖² divided by the worst margin (N is 2-homogeneous).
    dual_norm_squared : float
        Proved lower bound on ‖θ*‖².
    worst_margin : float
        Smallest y_i N(x_i) before scaling.
    witness : ReluNet or None
        The better net, when it FAILS by norm.
    tolerance : float
        Largest relative gap that still counts as optimal.
    reason : str
        One sentence.
    """

    verdict: Verdict
    duality_gap: float
    multipliers: Vector = field(compare=False)
    norm_squared: float
    dual_norm_squared: float
    worst_margin: float
    witness: ReluNet | None = field(compare=False)
    tolerance: float
    reason: str


def global_minimum_certificate(
    net: ReluNet,
    sample: Sample,
    *,
    tolerance: float = OPTIMALITY_GAP,
    optimum: MaxMargin | None = None,
) -> GlobalMinimumCertificate:
    """Decide whether a net is a global minimum of Problem (1), up to the scaling of its margins.

    Parameters
    ----------
    net : ReluNet
    sample : Sample
    tolerance : float
        Relative duality gap up to which the verdict is HOLDS.
    optimum : MaxMargin, optional
        The result of `max_margin(sample)`, to save solving again. Its multipliers are checked
        again, not trusted.

    The verdict FAILS only with a witness that was replayed: its margins are at least 1 and its norm
    is smaller, both in rational arithmetic. Cost that of `max_margin`.
    """
    return global_minimum_of(ShallowFitted.of(net, sample), tolerance, optimum)


def global_minimum_of(
    fit: ShallowFitted, tolerance: float = OPTIMALITY_GAP, optimum: MaxMargin | None = None
) -> GlobalMinimumCertificate:
    """Return the certificate of `global_minimum_certificate`."""
    sample = fit.sample
    tolerance = check.probability("tolerance", tolerance)
    optimum = max_margin(sample) if optimum is None else optimum
    if len(optimum.multipliers) != sample.size:
        raise ValueError(
            f"`optimum` must belong to `sample`, got {len(optimum.multipliers)} multipliers for"
            f" {sample.size} observations; pass max_margin(sample)"
        )
    bound = dual_bound(sample.x, sample.y, optimum.multipliers)
    margin = fit.interpolation.margin
    if not fit.interpolates:
        reason = f"the net does not interpolate: y N(x) = {margin:.6g} at {fit.where}"
        return _judged(Verdict.FAILS, 1.0, bound, np.inf, margin, None, tolerance, reason)
    low, high = _normalised_norm(fit, tolerance)
    norm_squared = round_up(high)
    gap = max(0.0, 1.0 - bound.norm_squared / norm_squared)
    if gap <= tolerance:
        reason = f"no feasible net has a norm² smaller by more than {gap:.2g} of it"
        return _judged(Verdict.HOLDS, gap, bound, norm_squared, margin, None, tolerance, reason)
    better = ShallowFitted(optimum.net, sample)
    if better.norm_squared < low and better.reach(1.0).all():
        reason = (
            f"the witness interpolates with norm² {optimum.norm_squared:.10g} < {norm_squared:.10g}"
        )
        return _judged(
            Verdict.FAILS, gap, bound, norm_squared, margin, optimum.net, tolerance, reason
        )
    reason = f"no better net was found, but the gap {gap:.2g} exceeds the tolerance {tolerance:.2g}"
    return _judged(Verdict.UNDECIDED, gap, bound, norm_squared, margin, None, tolerance, reason)


def _normalised_norm(fit: ShallowFitted, tolerance: float) -> tuple[Fraction, Fraction]:
    """Enclose ‖θ‖² / worst margin; exact unless the enclosure of the margin is tight beside the
    tolerance.
    """
    low, high = fit.margins.low, fit.margins.high
    if isfinite(high) and low > 0.0 and high - low <= 0.01 * tolerance * low:
        return fit.norm_squared / Fraction(high), fit.norm_squared / Fraction(low)
    return fit.scaled_norm_squared, fit.scaled_norm_squared


def _judged(  # one positional argument per field, in order
    verdict: Verdict,
    gap: float,
    bound: DualBound,
    norm_squared: float,
    margin: float,
    witness: ReluNet | None,
    tolerance: float,
    reason: str,
) -> GlobalMinimumCertificate:
    return GlobalMinimumCertificate(
        verdict,
        gap,
        bound.multipliers,
        norm_squared,
        bound.norm_squared,
        margin,
        witness,
        tolerance,
        reason,
    )


def _closed_form(sample: Sample, shape: Polygon) -> MaxMargin:
    """Fit the polygon at margin 1; where rounding leaves a proof short, at a margin that much
    higher.
    """
    raised = 0.0
    for _ in range(_ATTEMPTS):
        net = ReluNet(*fit_net(sample.x, sample.y, shape, 1.0 + raised))
        short = _shortfall(net, sample)
        if short is None:
            dual = dual_bound(sample.x, sample.y, fit_dual(sample.x, sample.y, shape))
            return _result(net, dual, "closed form", raised)
        raised += 2.0 * float(short.max())
    raise _too_uneven(sample)


def _general(sample: Sample) -> MaxMargin:
    solution = general_solution(sample.x, sample.y)
    raised = 0.0
    for _ in range(_ATTEMPTS):
        net = ReluNet(solution.v * (1.0 + raised), solution.w, solution.b)
        short = _shortfall(net, sample)
        if short is None:
            dual = dual_bound(sample.x, sample.y, solution.multipliers)
            return _result(net, dual, "column generation", raised)
        raised += 1.5 * float(short.max())
    raise _too_uneven(sample)


def _shortfall(net: ReluNet, sample: Sample) -> Vector | None:
    """Return None if every margin is proved to be at least 1, else by how much the proof falls
    short at each point.
    """
    fit = ShallowFitted(net, sample)
    short = 1.0 - (fit.margins.values - fit.margins.bounds)
    if not np.any(short > 0.0):
        return None
    if net.width + sample.size <= _SMALL and fit.reach(1.0).all():
        return None
    return short


def _too_uneven(sample: Sample) -> ArithmeticError:
    return ArithmeticError(
        "no float64 net with all margins ≥ 1 was found on this sample (smallest gap"
        f" {sample.gaps.min():.3g}); its gaps are too uneven for double precision, rescale or thin"
        " the inputs"
    )


def _result(net: ReluNet, dual: DualBound, method: str, raised: float) -> MaxMargin:
    norm_squared = net.norm_squared * (1.0 + 4.0 * UNIT_ROUNDOFF)
    gap = max(0.0, 1.0 - dual.norm_squared / norm_squared)
    return MaxMargin(
        net, norm_squared, dual.norm_squared, gap, dual.multipliers, dual.ratio, method, raised
    )
