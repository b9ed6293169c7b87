"""Where a net on R^d stands: infeasible, feasible, KKT point, local minimum or global minimum.

*Local minima.* With signs of v fixed, a_j = |v_j| u_j enters N linearly within a cell and a
balanced neuron costs 2‖a_j‖, so Problem (1) is convex in the a's cell by cell, and a net without
neurons 0 is a local minimum if and only if no first-order feasible direction of any cell that
touches it goes down. Let θ = Σ λ_i y_i h_i be a KKT point with σ'_ij in [0, 1] at kinks on data,
and let all kinks on data with λ_i > 0 have y_i v_j < 0. Along a direction (r, R) the margin of such
a datum changes at first order by y_i times the smooth part plus y_i v_j σ(R_j·x̃_i), a concave
function of R: it is at most y_i h_i·(r, R). Where no margin falls, θ·(r, R) = Σ λ_i y_i h_i·(r, R)
≥ 0: not a descent. So **such a KKT point is a local minimum**, in any dimension. A kink with y_i
v_j > 0 is convex, both of its sides would have to be refuted, and a neuron that is 0 can become
any: then only a proof that the net is a global minimum decides, and otherwise the verdict stays
open. A kink counts as on data within the tolerance: what holds for one side of it only is no local
minimum to that.
"""

from dataclasses import replace

import numpy as np

from highdim.optimum.max_margin import MaxMargin, max_margin
from highdim.optimum.points import subject_of
from highdim.problem.exact import Signs, signs
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample
from highdim.standing.arguments import require_shallow, require_tolerance
from highdim.standing.folded import Problem
from highdim.standing.global_minimum import GlobalMinimumCertificate, global_minimum_of
from highdim.standing.kkt import KktCertificate, kkt_certificate
from univariate.common import check
from univariate.common.arrays import Indices
from univariate.common.fingerprint import UNKNOWN
from univariate.common.ladder import LEVELS, Ladder, reached
from univariate.common.result import Verdict, result
from univariate.common.tolerance import KKT_TOLERANCE, NEARLY


@result
class Standing(Ladder):
    """The level of a net, and the certificates that it rests on.

    Attributes
    ----------
    level : str
        One of `LEVELS`: the last one whose verdict HOLDS. None before it fails; one that is
        undecided, as it asks for digits that doubles do not have, is implied.
    interpolation : Verdict
        Whether every y_i N(x_i) > 0, decided exactly where rounding hides a sign.
    kkt : KktCertificate
        `kkt.accuracy` says how nearly a net on its way is a KKT point.
    local_minimum : Verdict
        Up to the tolerance of the KKT certificate.
    global_minimum : GlobalMinimumCertificate
    reason : str
        Why the net is not known to be at the next level, or what proves the last one.
    """

    interpolation: Verdict
    kkt: KktCertificate
    local_minimum: Verdict
    global_minimum: GlobalMinimumCertificate
    reason: str
    _subject: str = UNKNOWN

    @property
    def witness(self) -> TwoLayerNet | None:
        """A feasible net of smaller norm, where one refutes the next level; else None."""
        if self.kkt.verdict is Verdict.FAILS and self.kkt.witness is not None:
            return self.kkt.witness
        return self.global_minimum.witness


def certify(
    net: TwoLayerNet,
    sample: SphereSample,
    *,
    tolerance: float = KKT_TOLERANCE,
    optimum: MaxMargin | None = None,
) -> Standing:
    """Find the level of a net in Problem (1), with the certificates for it.

    Parameters
    ----------
    net : TwoLayerNet
        With biases or without; all of its parameters are trained.
    sample : SphereSample
    tolerance : float
        Relative residual up to which KKT points and local minima HOLD, in (0, 1e-6]; the relative
        duality gap of global minima is that of `optimum`, 1e-8 at most.
    optimum : MaxMargin, optional
        The result of `max_margin(sample, bias=…)`, to save solving again.

    Raises
    ------
    TypeError, ValueError
        Not a TwoLayerNet of the sample's dimension, a tolerance out of range, or the optimum of
        another sample.

    Exactness as said by the certificates. Cost that of `kkt_certificate` and `max_margin`. Source:
    Eqs. (2)–(5); local minima new, see the module.
    """
    net = require_shallow(net, sample)
    tolerance = require_tolerance(tolerance)
    bias = net.b is not None
    if optimum is None:
        optimum = max_margin(sample, bias=bias)
    remedy = f"max_margin(sample, bias={bias})"
    check.belongs("optimum", optimum, subject_of(sample, bias), remedy, what="sample")
    fits = signs(net, sample.X, sample.y)
    kkt = kkt_certificate(net, sample, tolerance=tolerance)
    best = global_minimum_of(net, sample, optimum, interpolates=fits.verdict)
    kkt, best = _monotone(kkt, best)
    local, obstacle = _local_minimum(net, sample, kkt, best)
    verdicts = (fits.verdict, kkt.verdict, local, best.verdict)
    rank = reached(verdicts)
    reasons = (_missing(fits), kkt.reason, obstacle, best.reason, best.reason)
    return Standing(LEVELS[rank], fits.verdict, kkt, local, best, reasons[rank], kkt._subject)


def _missing(fits: Signs) -> str:
    worst = int(np.argmin(np.where(fits.positive, np.inf, fits.margins)))
    return f"y N(x) = {fits.margins[worst]:.6g} at observation {worst}"


def _monotone(
    kkt: KktCertificate, best: GlobalMinimumCertificate
) -> tuple[KktCertificate, GlobalMinimumCertificate]:
    """Return certificates of which the second does not hold where the first fails.

    Of a net whose norm² is within 1e-8 of the least one, θ may be a relative 1e-4 from stationary.
    """
    if best.verdict is not Verdict.HOLDS or kkt.verdict is not Verdict.FAILS:
        return kkt, best
    if kkt.witness is None:
        reason = f"{kkt.reason}; no net of doubles shows it, and {best.reason}"
        return replace(kkt, verdict=Verdict.UNDECIDED, reason=reason), best
    reason = f"{best.reason}, but the net is no KKT point to {kkt.tolerance:.2g}"
    return kkt, replace(best, verdict=Verdict.UNDECIDED, reason=reason)


def _local_minimum(
    net: TwoLayerNet, sample: SphereSample, kkt: KktCertificate, best: GlobalMinimumCertificate
) -> tuple[Verdict, str]:
    """Decide local minimality, and say what is in its way."""
    if best.verdict is Verdict.HOLDS:
        return Verdict.HOLDS, best.reason
    if kkt.verdict is not Verdict.HOLDS:
        return kkt.verdict, kkt.reason
    nothing = np.flatnonzero((net.v == 0.0) & ~np.any(net.W, axis=1) & (net.biases == 0.0))
    if nothing.size:
        return Verdict.UNDECIDED, (
            f"neuron {nothing[0]} is 0 ({nothing.size} such): it can become any small neuron"
        )
    unfelt = _unfelt(net, sample, kkt)
    if unfelt.size:
        return Verdict.UNDECIDED, (
            f"neuron {unfelt[0]} is not stationary by itself ({unfelt.size} such), but too small to"
            " be felt in the residual: it may be any small neuron"
        )
    convex = _convex(net, sample, kkt)
    if len(convex):
        i, j = convex[0]
        return Verdict.UNDECIDED, (
            f"neuron {j} has its kink on observation {i} of its own sign ({len(convex)} such), to"
            f" {kkt.tolerance:.2g}: both sides of it would have to be refuted"
        )
    return Verdict.HOLDS, f"KKT to {kkt.accuracy:.2g}, and all kinks on data are concave"


def _convex(net: TwoLayerNet, sample: SphereSample, kkt: KktCertificate) -> Indices:
    """Return pairs (datum, neuron): kinks that are on data with a multiplier, to the tolerance, and
    of their sign.
    """
    problem = Problem.of(net, sample, kkt.train_output)
    near = problem.distance <= max(kkt.tolerance, problem.unit)
    same = np.outer(sample.y, np.sign(net.v)) > 0.0
    return np.argwhere(near & same & (kkt.multipliers > 0.0)[:, None])


def _unfelt(net: TwoLayerNet, sample: SphereSample, kkt: KktCertificate) -> Indices:
    """Return the neurons that are not what their own multipliers ask for, to 1e-6 of themselves:
    (w, b) = v T with |T| = 1, T = Σ λ_i y_i σ'_i (x_i, 1).
    """
    active = (sample.X @ net.W.T + net.biases > 0.0).astype(np.float64)
    neuron, datum = kkt.kinks.T
    active[datum, neuron] = kkt.derivatives
    inputs, weights = sample.X, net.W
    if net.b is not None:
        inputs = np.column_stack([inputs, np.ones(sample.size)])
        weights = np.column_stack([weights, net.b])
    wanted = (active * (kkt.multipliers * sample.y)[:, None]).T @ inputs
    with np.errstate(all="ignore"):  # dead neurons are not stationary
        off = np.linalg.norm(weights / net.v[:, None] - wanted, axis=1)
        off = np.maximum(off, np.abs(np.linalg.norm(wanted, axis=1) - 1.0))
    return np.flatnonzero(~(off <= NEARLY))
