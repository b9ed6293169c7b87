"""Replaying certificates: their claims computed again from net, sample and witness alone.

The functions behind this share no code with those that search multipliers, sides or better nets;
they need integer arithmetic, a sort, and the margins of a net.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from univariate.common.arrays import Indices
from univariate.common.result import Result, Verdict, result
from univariate.common.rounding import gap_above, nearest, round_up, worst
from univariate.common.tolerance import NEARLY
from univariate.common.words import at_least
from univariate.optimum.duality import dual_bound
from univariate.optimum.global_minimum import GlobalMinimumCertificate
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import Network, ReluNet
from univariate.problem.sample import Sample
from univariate.standing.kkt import KktCertificate
from univariate.standing.local_minimum import LocalMinimumCertificate
from univariate.standing.replay import Pins, improvement, slackness, stationarity
from univariate.standing.replay_beside import better_beside
from univariate.standing.replay_residual import imbalance, least_residual
from univariate.standing.replay_sides import every_side

Certificate = KktCertificate | LocalMinimumCertificate | GlobalMinimumCertificate


@result
class Recheck(Result):
    """A certificate, replayed.

    Attributes
    ----------
    verdict : Verdict
        HOLDS: what the certificate claims was found again. FAILS: it was not; `reason` says what is
        wrong. UNDECIDED: the certificate claims nothing.
    claim : Verdict
        The verdict of the certificate.
    accuracy : float
        For a claim that it HOLDS: the residual, slackness and distance of kinks found again, or the
        duality gap. For FAILS: by what share of the norm² the witness is better; without one the
        least residual of a KKT point, or 0.
    reason : str
        One sentence.
    """

    verdict: Verdict
    claim: Verdict
    accuracy: float
    reason: str


# what overflows at the ends of the range of doubles becomes inf and proves nothing
@np.errstate(all="ignore")
def recheck(certificate: Certificate, net: Network, sample: Sample) -> Recheck:
    """Replay a certificate on the net and sample that it was made for, or on any others.

    A certificate that HOLDS is replayed by its multipliers: their signs, the stationarity of every
    neuron (for a local minimum for every choice of sides), slackness and kinks on data, all within
    the tolerance; or the dual bound. One that FAILS is replayed by its witness: margins ≥ 1 and a
    smaller norm, both in exact arithmetic; or by the observation that the net misses. A KKT point
    is refuted by the direction alone, and a local minimum by what `replay_beside` finds on the way
    to the witness, as a better net may be anywhere. Rigorous; cost O((n + m) log (n + m)).

    Raises
    ------
    TypeError
        Not a certificate, or not a 2-layer net without output bias.
    """
    fit = ShallowFitted.of(net, sample)
    if not isinstance(certificate, Certificate):
        raise TypeError(
            "`certificate` must be that of a KKT point, a local or a global minimum, got"
            f" {type(certificate).__name__}; pass the result of kkt_certificate,"
            " local_minimum_certificate or global_minimum_certificate"
        )
    flaw = _unusable(certificate)
    if flaw:
        return _contradicted(certificate, 1.0, flaw)
    if certificate.verdict is Verdict.UNDECIDED:
        return Recheck(
            Verdict.UNDECIDED, certificate.verdict, 0.0, "an undecided certificate claims nothing"
        )
    if certificate.verdict is Verdict.FAILS:
        return _failure(certificate, fit)
    if not fit.interpolates:
        return _contradicted(certificate, 1.0, "the net does not interpolate")
    if isinstance(certificate, GlobalMinimumCertificate):
        return _global(certificate, fit)
    if isinstance(certificate, LocalMinimumCertificate):
        return _local(certificate, fit)
    return _kkt(certificate, fit)


def _kkt(certificate: KktCertificate, fit: ShallowFitted) -> Recheck:
    clarke = certificate.clarke
    pins = Pins(clarke.neuron, clarke.observation, clarke.weight, clarke.remainder)
    words = (certificate.multipliers, certificate.remainders)
    if not (_fits(pins.neuron, pins.datum, fit) and _shaped(words, (fit.sample.size,))):
        return _contradicted(certificate, 1.0, "it belongs to another net or sample")
    if not _shaped((pins.high, pins.low), pins.neuron.shape):
        return _contradicted(certificate, 1.0, "its arrays do not fit together")
    exact = stationarity(fit, certificate.multipliers, certificate.remainders, pins)
    if not exact.signs:
        return _contradicted(certificate, 1.0, "a multiplier is negative, or a weight exceeds it")
    slack = slackness(fit.margins, certificate.multipliers, certificate.remainders)
    if slack.largest > NEARLY:
        return _contradicted(certificate, 1.0, "a multiplier is at a margin that is not active")
    accuracy = worst(exact.residual, exact.distance, slack.mean)
    return _within(certificate, accuracy, "relative residuals")


def _local(certificate: LocalMinimumCertificate, fit: ShallowFitted) -> Recheck:
    sided = certificate.sides
    if sided is None or not _fits(sided.neuron, sided.datum, fit):
        return _contradicted(certificate, 1.0, "it belongs to another net or sample")
    for branch in sided.branches:
        count = len(branch.high)
        if not _shaped((branch.high, branch.low), (count, fit.sample.size)):
            return _contradicted(certificate, 1.0, "it belongs to another net or sample")
        if not _shaped((branch.weight_high, branch.weight_low), (count, len(sided.neuron))):
            return _contradicted(certificate, 1.0, "its arrays do not fit together")
    found = every_side(fit, sided, certificate.tolerance)
    if found.flaw:
        return _contradicted(certificate, 1.0, found.flaw)
    if len(found.loose):  # neurons as good as zero gain nothing at a global minimum
        best = certificate.global_minimum
        if best is None or _global(best, fit).verdict is not Verdict.HOLDS:
            return _contradicted(
                certificate, 1.0, "neurons that are zero, and no proof of a global minimum"
            )
    accuracy = worst(found.residual, found.distance, found.slackness)
    return _within(certificate, accuracy, "relative residuals for every side")


def _global(certificate: GlobalMinimumCertificate, fit: ShallowFitted) -> Recheck:
    if not _shaped((certificate.multipliers,), (fit.sample.size,)):
        return _contradicted(certificate, 1.0, "it belongs to another sample")
    bound = dual_bound(fit.sample.x, fit.sample.y, certificate.multipliers)
    gap = gap_above(bound.norm_squared, round_up(fit.scaled_norm_squared))
    return _within(certificate, gap, "relative duality gap")


def _failure(certificate: Certificate, fit: ShallowFitted) -> Recheck:
    """Replay a better net, a missed observation, or a direction that excludes multipliers."""
    if not fit.interpolates:
        reason = f"the net misses observation {fit.interpolation.worst}"
        return Recheck(Verdict.HOLDS, certificate.verdict, 0.0, reason)
    share = 0.0
    if certificate.witness is not None:
        witness = ShallowFitted.of(certificate.witness, fit.sample)
        decrease = improvement(fit, witness)
        if decrease is None:
            return _contradicted(certificate, 0.0, "the witness is no better")
        share = nearest(decrease / fit.scaled_norm_squared)
        if _refutes(certificate, fit, witness.net):
            reason = f"the witness saves {share:.3g} of the norm²"
            return Recheck(Verdict.HOLDS, certificate.verdict, share, reason)
    kkt = certificate.kkt if isinstance(certificate, LocalMinimumCertificate) else certificate
    if (
        isinstance(kkt, KktCertificate)
        and kkt.direction is not None
        and kkt.direction.shape == (fit.net.width, 3)
    ):
        low = max(imbalance(fit, NEARLY), least_residual(fit, kkt.direction, NEARLY))
        if low > kkt.tolerance:
            reason = (
                f"stationarity is off by at least {at_least(low)} of |θ|, whatever the multipliers"
                " at the smallest margin"
            )
            accuracy = low if certificate.witness is None else share
            return Recheck(Verdict.HOLDS, certificate.verdict, accuracy, reason)
    if certificate.witness is not None:
        return _contradicted(certificate, 0.0, "the witness is better, but refutes no such point")
    return _contradicted(certificate, 0.0, "it has no witness that can be replayed")


def _refutes(certificate: Certificate, fit: ShallowFitted, witness: ReluNet) -> bool:
    """Whether a better net is enough: for global minima always, for local ones if it is beside."""
    if isinstance(certificate, LocalMinimumCertificate):
        return better_beside(fit, witness, certificate.tolerance)
    return isinstance(certificate, GlobalMinimumCertificate)


def _unusable(certificate: Certificate) -> str:
    """Return what is wrong with the numbers of a certificate; empty if nothing is."""
    most = 1.0 if isinstance(certificate, GlobalMinimumCertificate) else NEARLY
    if not 0.0 <= certificate.tolerance <= most:
        return f"its tolerance {certificate.tolerance:.2g} is none"
    parts: list[Certificate | None] = [certificate]
    if isinstance(certificate, LocalMinimumCertificate):
        parts += [certificate.kkt, certificate.global_minimum]
        for branch in certificate.sides.branches if certificate.sides is not None else ():
            if not all(np.isfinite(array).all() for array in branch[2:]):
                return "its multipliers are not all finite"
    for part in parts:
        if part is None:
            continue
        if not 0.0 <= part.tolerance <= certificate.tolerance:
            return f"it rests on a tolerance of {part.tolerance:.2g}"
        if not all(map(_finite, vars(part).values())):
            return "its arrays are not all finite"
    return ""


def _finite(value: object) -> bool:
    return not isinstance(value, np.ndarray) or bool(np.isfinite(value).all())


def _shaped(arrays: Iterable[NDArray[Any]], shape: tuple[int, ...]) -> bool:
    """Whether arrays of doubles are all of a shape: of others some entries would be read as
    something else, and sums of small integers wrap round.
    """
    return all(array.shape == shape and array.dtype == np.float64 for array in arrays)


def _fits(neuron: Indices, datum: Indices, fit: ShallowFitted) -> bool:
    """Whether all indices are of neurons and observations that there are, no neuron twice."""
    if neuron.ndim != 1 or neuron.shape != datum.shape:
        return False
    if not all(np.issubdtype(array.dtype, np.integer) for array in (neuron, datum)):
        return False
    known = np.all((neuron >= 0) & (neuron < fit.net.width))
    if len(np.unique(neuron)) < len(neuron):
        return False
    return bool(known and np.all((datum >= 0) & (datum < fit.sample.size)))


def _within(certificate: Certificate, accuracy: float, what: str) -> Recheck:
    reason = f"{what} {accuracy:.2g}, tolerance {certificate.tolerance:.2g}"
    return Recheck(
        Verdict.of(accuracy <= certificate.tolerance), certificate.verdict, accuracy, reason
    )


def _contradicted(certificate: Certificate, accuracy: float, reason: str) -> Recheck:
    return Recheck(Verdict.FAILS, certificate.verdict, accuracy, reason)
