"""Local minima of Problem (1): a decision with a witness.

Fix for every neuron the observations that it is active on: on each such cell Problem (1) is convex,
so θ is a local minimum iff no cell that touches θ has a direction that is feasible to first order
and descends. What separates KKT points from local minima are kinks *on* an observation i at the
margin, of neurons j with y_i v_j > 0: there must be multipliers for either side to which such a
kink may move, and they may differ. `univariate.standing.sides` decides that for all choices of
sides at once.

As for KKT points the answer is about a net of doubles: kinks within the tolerance of an observation
count as on it, margins within the tolerance of the smallest as at the margin.
"""

import numpy as np
from numpy.typing import NDArray

from univariate.common import check
from univariate.common.arrays import Indices
from univariate.common.result import Result, Verdict, result
from univariate.common.tolerance import KKT_TOLERANCE
from univariate.optimum.belonging import require_own_if_given
from univariate.optimum.global_minimum import GlobalMinimumCertificate
from univariate.optimum.max_margin import MaxMargin, Optimum
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import Network, ReluNet
from univariate.problem.sample import Sample
from univariate.standing.descent import witness_fields
from univariate.standing.kkt import Examined, KktCertificate, kkt_of
from univariate.standing.local_search import LocalSearch, Pinned
from univariate.standing.replay import Pins
from univariate.standing.replay_sides import Sided


@result
class LocalMinimumCertificate(Result):
    """Whether a net is a local minimum of Problem (1), after scaling its worst margin to 1.

    Attributes
    ----------
    verdict : Verdict
        HOLDS: multipliers for every choice of sides were measured, all within `tolerance`. FAILS:
        `witness` is feasible and has a smaller norm, or the net does not interpolate. UNDECIDED:
        `reason` says what is missing.
    accuracy : float
        The ε that the multipliers reach for every choice; that of the KKT certificate unless it
        HOLDS.
    direction : ndarray, shape (n, 3), or None
        When it FAILS: the change of (v, w, b) along which the norm falls to first order and no
        margin does. A neuron that is zero in the net may be none in the witness; its row is zero,
        it grows like the root of the step.
    witness : ReluNet or None
        When it FAILS: the best net on the way, all margins ≥ 1 and of smaller norm, exactly
        compared.
    decrease : float
        How much smaller its norm² is, the net scaled to worst margin 1.
    distance, nearest : float
        Relative distance of the witness from the net, and of the nearest net on the way that is
        provably better: how local the refutation is. 0 without witness.
    sites : ndarray of observations
        At the margin, with the kink of a neuron of their sign on them.
    sides : Sided or None
        When it HOLDS: kinks taken to lie on observations, and multipliers for every choice;
        `recheck` replays them.
    spare : ndarray of neuron indices
        Neurons that count as zero: all three parameters are, or they are too small to be felt.
    kkt : KktCertificate
    global_minimum : GlobalMinimumCertificate or None
        When it HOLDS in spite of neurons to spare: the proof that these have nothing to gain.
    tolerance : float
    reason : str
        One sentence.
    """

    verdict: Verdict
    accuracy: float
    direction: NDArray[np.float64] | None
    witness: ReluNet | None
    decrease: float
    distance: float
    nearest: float
    sites: Indices
    sides: Sided | None
    spare: Indices
    kkt: KktCertificate
    global_minimum: GlobalMinimumCertificate | None
    tolerance: float
    reason: str


def local_minimum_certificate(
    net: Network,
    sample: Sample,
    *,
    tolerance: float = KKT_TOLERANCE,
    kkt: KktCertificate | None = None,
    optimum: MaxMargin | None = None,
) -> LocalMinimumCertificate:
    """Decide whether a net is a local minimum of Problem (1), up to the scaling of its margins.

    Parameters
    ----------
    net : ReluNet
    sample : Sample
    tolerance : float
        Relative residual up to which the verdict is HOLDS, in (0, 1e-6].
    kkt : KktCertificate, optional
        The result of `kkt_certificate(net, sample, tolerance=tolerance)`, to save computing it
        again.
    optimum : MaxMargin, optional
        The result of `max_margin(sample)`; used for nets with neurons that are zero.

    Raises
    ------
    TypeError, ValueError
        Not a 2-layer net without output bias, a certificate of another tolerance, or the optimum of
        another sample.

    Exact for nets without zero neurons, up to the tolerance. A zero neuron may become any small
    atom: the net is then a local minimum if it is a global one, is none if some atom allows
    descent, and else the verdict may be UNDECIDED. Residuals are rigorous upper bounds, and FAILS
    means that a better net was evaluated in exact arithmetic. Cost O((n + m) log (n + m)) a branch;
    almost always there is one. New; see `univariate.standing.sides`.
    """
    fit = ShallowFitted.of(net, sample)
    require_own_if_given(optimum, sample, fit)
    if kkt is None:
        known = kkt_of(fit, tolerance)
    else:
        check.belongs("kkt", kkt, fit.subject, "kkt_certificate(net, sample)")
        known = Examined(kkt)
    return local_minimum_of(fit, tolerance, known, optimum)


# what overflows at the ends of the range of doubles becomes inf and proves nothing
@np.errstate(all="ignore")
def local_minimum_of(
    fit: ShallowFitted, tolerance: float, known: Examined, optimum: Optimum | None
) -> LocalMinimumCertificate:
    """Return the certificate of `local_minimum_certificate`, given that of a KKT point."""
    kkt = known.certificate
    if kkt.tolerance != check.real("tolerance", tolerance):
        raise ValueError(
            f"`kkt` must be of the tolerance {tolerance}, got {kkt.tolerance}; compute it anew"
        )
    if kkt.verdict is Verdict.FAILS:
        return _of_kkt(kkt, f"not even a KKT point: {kkt.reason}")
    if kkt.verdict is Verdict.UNDECIDED:
        return _of_kkt(kkt, f"whether it is a KKT point is undecided: {kkt.reason}")
    clarke = kkt.clarke
    pins = Pins(clarke.neuron, clarke.observation, clarke.weight, clarke.remainder)
    pinned = Pinned(kkt.multipliers, kkt.remainders, pins, known.exact)
    found = LocalSearch(fit, tolerance).decide(pinned, optimum)
    return LocalMinimumCertificate(
        verdict=found.verdict,
        accuracy=found.accuracy if found.sided is not None else kkt.accuracy,
        direction=found.direction,
        sites=found.sites,
        sides=found.sided,
        spare=found.spare,
        kkt=kkt,
        global_minimum=found.optimal,
        tolerance=tolerance,
        reason=found.reason,
        **witness_fields(found.better),
    )


def _of_kkt(kkt: KktCertificate, reason: str) -> LocalMinimumCertificate:
    """Return what follows from a KKT certificate that does not hold."""
    none = np.zeros(0, dtype=np.intp)
    return LocalMinimumCertificate(
        verdict=kkt.verdict,
        accuracy=kkt.accuracy,
        direction=kkt.direction,
        witness=kkt.witness,
        decrease=kkt.decrease,
        distance=kkt.distance,
        nearest=kkt.nearest,
        sites=none,
        sides=None,
        spare=kkt.zero,
        kkt=kkt,
        global_minimum=None,
        tolerance=kkt.tolerance,
        reason=reason,
    )
