"""Is a net a global minimum of Problem (1)? Decided against the solution of `max_margin`."""

from dataclasses import dataclass, field
from fractions import Fraction
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from univariate.common import check
from univariate.common.result import Result, Verdict
from univariate.common.rounding import round_up
from univariate.common.tolerance import OPTIMALITY_GAP
from univariate.optimum.duality import dual_bound
from univariate.optimum.max_margin import MaxMargin, max_margin
from univariate.problem.exact import exact_norm_squared
from univariate.problem.margins import Interpolation, interpolates, margins_reach, smallest_margin
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample, require_sample

Vector = NDArray[np.float64]


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
    if not isinstance(net, ReluNet):
        raise TypeError(
            f"`net` must be a ReluNet, Problem (1) is about 2-layer nets; got {type(net).__name__}"
        )
    require_sample(sample)
    tolerance = check.probability("tolerance", tolerance)
    optimum = _checked(optimum, sample)
    bound = dual_bound(sample.x, sample.y, optimum.multipliers)
    found = interpolates(net, sample)
    gap = 1.0
    norm_squared = np.inf
    witness = None
    if found.verdict is not Verdict.HOLDS:
        verdict = Verdict.FAILS
        at = f"observation {found.worst}, x = {float(sample.x[found.worst])!r}"
        reason = f"the net does not interpolate: y N(x) = {found.margin:.6g} at {at}"
    else:
        low, high = _normalised_norm(net, sample, found, tolerance)
        norm_squared = round_up(high)
        gap = max(0.0, 1.0 - bound.norm_squared / norm_squared)
        if gap <= tolerance:
            verdict = Verdict.HOLDS
            reason = f"no feasible net has a norm² smaller by more than {gap:.2g} of it"
        elif _is_better(optimum.net, sample, low):
            verdict = Verdict.FAILS
            witness = optimum.net
            found_norm = f"{optimum.norm_squared:.10g} < {norm_squared:.10g}"
            reason = f"the witness interpolates with norm² {found_norm}"
        else:
            verdict = Verdict.UNDECIDED
            beyond = f"the gap {gap:.2g} exceeds the tolerance {tolerance:.2g}"
            reason = f"no better net was found, but {beyond}"
    return GlobalMinimumCertificate(
        verdict,
        gap,
        bound.multipliers,
        norm_squared,
        bound.norm_squared,
        found.margin,
        witness,
        tolerance,
        reason,
    )


def _checked(optimum: MaxMargin | None, sample: Sample) -> MaxMargin:
    """Return the optimum given, or solve for it."""
    if optimum is None:
        return max_margin(sample)
    if len(optimum.multipliers) != sample.size:
        raise ValueError(
            f"`optimum` must belong to `sample`, got {len(optimum.multipliers)} multipliers for"
            f" {sample.size} observations; pass max_margin(sample)"
        )
    return optimum


def _is_better(net: ReluNet, sample: Sample, norm_squared: Fraction) -> bool:
    """Decide in rationals whether all margins are at least 1 and ‖θ‖² is below a bound."""
    return bool(exact_norm_squared(net) < norm_squared and margins_reach(net, sample, 1.0).all())


def _normalised_norm(
    net: ReluNet, sample: Sample, found: Interpolation, tolerance: float
) -> tuple[Fraction, Fraction]:
    """Enclose ‖θ‖² / worst margin, exactly unless the margin is known well enough."""
    norm_squared = exact_norm_squared(net)
    width = found.high - found.low
    if isfinite(found.high) and found.low > 0.0 and width <= 0.01 * tolerance * found.low:
        return norm_squared / Fraction(found.high), norm_squared / Fraction(found.low)
    margin = smallest_margin(net, sample)
    return norm_squared / margin, norm_squared / margin
