"""Is a net a global minimum of Problem (1)? Decided against the solution of `max_margin`."""

from dataclasses import replace
from fractions import Fraction
from math import isfinite

import numpy as np

from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.result import Result, Verdict, result
from univariate.common.rounding import gap_above, round_up
from univariate.common.tolerance import OPTIMALITY_GAP
from univariate.common.words import at_most
from univariate.optimum.belonging import require_own_if_given
from univariate.optimum.duality import DualBound, dual_bound
from univariate.optimum.max_margin import MaxMargin, Optimum, Unsolved, optimum_of
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample


@result
class GlobalMinimumCertificate(Result):
    """Whether a net solves Problem (1), after scaling its worst margin to 1.

    Attributes
    ----------
    verdict : Verdict
        HOLDS: proved optimal within `tolerance`. FAILS: `witness` is feasible and has a smaller
        norm, or the net does not interpolate. UNDECIDED also where `max_margin` has no solution
        in doubles.
    duality_gap : float
        1 − dual bound / ‖θ‖²: the share of the normalised norm that could still be saved; NaN-free,
        1 if not feasible.
    multipliers : ndarray, shape (m,)
        Multipliers behind the bound, see `MaxMargin`.
    norm_squared : float
        ‖θ‖² divided by the worst margin (N is 2-homogeneous).
    dual_norm_squared : float
        Proved lower bound on ‖θ*‖²; 0 where nothing better is known.
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
    multipliers: Vector
    norm_squared: float
    dual_norm_squared: float
    worst_margin: float
    witness: ReluNet | None
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
        again, not trusted, and that of another sample is a ValueError.

    The verdict FAILS only with a witness that was replayed: its margins are at least 1 and its norm
    is smaller, both in rational arithmetic. Cost that of `max_margin`.
    """
    fit = ShallowFitted.of(net, sample)
    require_own_if_given(optimum, sample, fit)
    return global_minimum_of(fit, tolerance, optimum)


def global_minimum_of(
    fit: ShallowFitted,
    tolerance: float = OPTIMALITY_GAP,
    optimum: Optimum | None = None,
    *,
    solved_here: bool = False,
) -> GlobalMinimumCertificate:
    """Return the certificate of `global_minimum_certificate`.

    The dual bound of an optimum that the caller has just solved for is not computed twice.
    """
    sample = fit.sample
    tolerance = check.probability("tolerance", tolerance)
    solved_here = solved_here or optimum is None
    if optimum is None:
        optimum = optimum_of(sample)
    bound = _bound(optimum, sample, solved_here=solved_here)
    margin = fit.interpolation.margin
    found = GlobalMinimumCertificate(
        Verdict.FAILS,
        1.0,
        bound.multipliers,
        np.inf,
        bound.norm_squared,
        margin,
        None,
        tolerance,
        f"the net does not interpolate: y N(x) = {margin:.6g} at {fit.where}",
    )
    if not fit.interpolates:
        return found
    low, high = _normalised_norm(fit, tolerance)
    norm_squared = round_up(high)
    gap = gap_above(bound.norm_squared, norm_squared)
    found = replace(found, duality_gap=gap, norm_squared=norm_squared)
    if gap <= tolerance:
        reason = f"no feasible net has a norm² smaller by more than {at_most(gap, 2)} of it"
        return replace(found, verdict=Verdict.HOLDS, reason=reason)
    return _beyond_tolerance(found, optimum, sample, low)


def _beyond_tolerance(
    found: GlobalMinimumCertificate, optimum: Optimum, sample: Sample, low: Fraction
) -> GlobalMinimumCertificate:
    """Return what is decided of a net of norm² ≥ `low` that the dual bound leaves open: FAILS if
    the optimum is better.
    """
    if isinstance(optimum, Unsolved):
        reason = f"the optimum is not available: {optimum.reason}"
        return replace(found, verdict=Verdict.UNDECIDED, reason=reason)
    if _is_better(ShallowFitted(optimum.net, sample), low):
        norms = f"{optimum.norm_squared:.10g} < {found.norm_squared:.10g}"
        reason = f"the witness interpolates with norm² {norms}"
        return replace(found, witness=optimum.net, reason=reason)
    beyond = f"the gap {found.duality_gap:.2g} exceeds the tolerance {found.tolerance:.2g}"
    reason = f"no better net was found, but {beyond}"
    return replace(found, verdict=Verdict.UNDECIDED, reason=reason)


def _bound(optimum: Optimum, sample: Sample, *, solved_here: bool) -> DualBound:
    """Return what the multipliers of an optimum prove; nothing without an optimum."""
    if isinstance(optimum, Unsolved):
        return dual_bound(sample.x, sample.y, np.zeros(sample.size))
    if solved_here:
        return DualBound(optimum.dual_norm_squared, optimum.multipliers, optimum.dual_ratio)
    return dual_bound(sample.x, sample.y, optimum.multipliers)


def _is_better(fit: ShallowFitted, norm_squared: Fraction) -> bool:
    """Decide in rationals whether all margins are at least 1 and ‖θ‖² is below a bound."""
    return bool(fit.norm_squared < norm_squared and fit.reach(1.0).all())


def _normalised_norm(fit: ShallowFitted, tolerance: float) -> tuple[Fraction, Fraction]:
    """Enclose ‖θ‖² / worst margin, exactly unless the margin is known well enough."""
    low, high = fit.margins.low, fit.margins.high
    if isfinite(high) and low > 0.0 and high - low <= 0.01 * tolerance * low:
        return fit.norm_squared / Fraction(high), fit.norm_squared / Fraction(low)
    return fit.scaled_norm_squared, fit.scaled_norm_squared
