"""Where a net stands: infeasible, feasible, KKT point, local minimum or global minimum."""

from dataclasses import replace

from univariate.common.fingerprint import UNKNOWN
from univariate.common.ladder import LEVELS, Ladder, reached
from univariate.common.result import Verdict, result
from univariate.common.tolerance import KKT_TOLERANCE, OPTIMALITY_GAP
from univariate.common.words import at_most
from univariate.optimum.belonging import require_own_if_given
from univariate.optimum.global_minimum import GlobalMinimumCertificate, global_minimum_of
from univariate.optimum.max_margin import MaxMargin, Optimum, optimum_of
from univariate.problem.fitted import Interpolation, ShallowFitted
from univariate.problem.network import Network, ReluNet
from univariate.problem.sample import Sample
from univariate.standing.kkt import KktCertificate, kkt_of
from univariate.standing.local_minimum import LocalMinimumCertificate, local_minimum_of


@result
class Standing(Ladder):
    """The level of a net, and the certificates that it rests on.

    Attributes
    ----------
    level : str
        One of `LEVELS`: the last one whose certificate HOLDS. None before it fails; one that is
        undecided, as it asks for digits that doubles do not have, is implied.
    interpolation : Interpolation
        Whether every y_i N(x_i) > 0, which scaling by homogeneity makes ≥ 1.
    kkt, local_minimum, global_minimum
        The certificates, with their witnesses.
    scale : float
        What θ is divided by for a worst margin of 1: its root; 0 if the net does not interpolate.
    reason : str
        Why the net is not known to be at the next level, or what proves the last one.
    """

    interpolation: Interpolation
    kkt: KktCertificate
    local_minimum: LocalMinimumCertificate
    global_minimum: GlobalMinimumCertificate
    scale: float
    reason: str
    _subject: str = UNKNOWN

    @property
    def witness(self) -> ReluNet | None:
        """The net that refutes the next level, feasible and of smaller norm; None without one."""
        certificates = (None, self.kkt, self.local_minimum, self.global_minimum)
        found = certificates[self.rank] if self.rank < len(certificates) else None
        return None if found is None else found.witness

    @property
    def next_verdict(self) -> Verdict:
        """The verdict on the next level: FAILS or UNDECIDED; HOLDS if there is none."""
        certificates = (self.interpolation, self.kkt, self.local_minimum, self.global_minimum)
        return certificates[self.rank].verdict if self.rank < len(certificates) else Verdict.HOLDS


def certify(
    net: Network,
    sample: Sample,
    *,
    tolerance: float = KKT_TOLERANCE,
    optimum: MaxMargin | None = None,
) -> Standing:
    """Find the level of a net, with the certificates for it.

    Parameters
    ----------
    net : ReluNet
    sample : Sample
    tolerance : float
        Relative residual up to which KKT points and local minima HOLD, in (0, 1e-6]; the relative
        duality gap of global minima is `OPTIMALITY_GAP` always.
    optimum : MaxMargin, optional
        The result of `max_margin(sample)`, to save solving again.

    Raises
    ------
    TypeError, ValueError
        Not a 2-layer net without output bias, a tolerance out of range, or the optimum of another
        sample.

    Where `max_margin` has no solution in doubles, the certificate of the global minimum is
    UNDECIDED and says so; the others stand. Exactness as said by the certificates. Cost that of
    `max_margin`, and about as much again, O((n + m) log (n + m)), at m = 10⁶.
    Source: Eqs. (2)–(5) and footnote 3 for local minima; the decisions are new.

    Examples
    --------
    >>> from univariate import certify, draw_sample, max_margin
    >>> sample = draw_sample(100, 0.2, rng=0)
    >>> certify(max_margin(sample).net, sample).level
    'global minimum'
    """
    fit = ShallowFitted.of(net, sample)
    require_own_if_given(optimum, sample, fit)
    return standing_of(fit, tolerance, optimum)


def standing_of(
    fit: ShallowFitted, tolerance: float = KKT_TOLERANCE, optimum: Optimum | None = None
) -> Standing:
    """Return the standing of `certify`."""
    solved_here = optimum is None
    if optimum is None:
        optimum = optimum_of(fit.sample)
    fits = fit.interpolation
    known = kkt_of(fit, tolerance)
    kkt = known.certificate
    local = local_minimum_of(fit, tolerance, known, optimum)
    best = global_minimum_of(fit, OPTIMALITY_GAP, optimum, solved_here=solved_here)
    kkt, local, best = _monotone(kkt, local, best)
    rank = reached((fits.verdict, kkt.verdict, local.verdict, best.verdict))
    missing = f"y N(x) = {fits.margin:.6g} at {fit.where}"
    reasons = (missing, kkt.reason, local.reason, best.reason, best.reason)
    scale = max(fits.margin, 0.0) ** 0.5 if fit.interpolates else 0.0
    return Standing(LEVELS[rank], fits, kkt, local, best, scale, reasons[rank], fit.subject)


def _monotone(
    kkt: KktCertificate, local: LocalMinimumCertificate, best: GlobalMinimumCertificate
) -> tuple[KktCertificate, LocalMinimumCertificate, GlobalMinimumCertificate]:
    """Return certificates none of which holds where one before it fails.

    Of a net whose norm² is within 1e-9 of the least one, θ may be a relative 3e-5 from stationary.
    With a better net at hand it is no minimum to the tolerance of θ. Without one, rounding of θ
    allows no better: next to small gaps doubles place kinks no more finely.
    """
    if best.verdict is not Verdict.HOLDS:
        return kkt, local, best
    rounding = (
        f"; no net of doubles shows it, and at most {at_most(best.duality_gap, 2)} of ‖θ‖² is left"
    )
    if kkt.verdict is Verdict.FAILS and kkt.witness is None:
        kkt = replace(kkt, verdict=Verdict.UNDECIDED, reason=kkt.reason + rounding)
    if local.verdict is Verdict.FAILS and local.witness is None:
        local = replace(local, verdict=Verdict.UNDECIDED, reason=local.reason + rounding)
    failing = next((one for one in (kkt, local) if one.verdict is Verdict.FAILS), None)
    if failing is not None:
        name = "KKT point" if failing is kkt else "local minimum"
        reason = (
            f"the gap {at_most(best.duality_gap, 2)} is within the tolerance, but the net is no"
            f" {name} to {failing.tolerance:.2g}"
        )
        best = replace(best, verdict=Verdict.UNDECIDED, reason=reason)
    return kkt, local, best
