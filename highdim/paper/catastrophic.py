"""Catastrophic KKT points of bias-less nets on orthonormal data: Proposition 4.6, balanced.

One neuron for each −1 point, v = −1 and w = x_i, and one for all +1 points. The paper gives the
latter v = 1 and w = Σ_{I₊} x_i. It is stationary in w with λ = 1, but in v only if |I₊| = 1, since
Σ_{I₊} λ_i σ(w·x_i) = |I₊|. Balanced, v = |I₊|^{1/4} and w = |I₊|^{−1/4} Σ_{I₊} x_i, the net is the
same function, and a KKT point with λ_i = |I₊|^{−1/2} on I₊ and 1 on I₋. Zero counts as an error, so
in terms of independent normals
    L_cl = ½ + ½ Pr[√|I₊| |g| ≤ Σ_{I₋} σ(g_i)].
The law of (x_i·x)_i depends on the Gram matrix G alone, so for data that are nearly orthonormal
this is off by at most (3/2) ‖G − I‖_F, which bounds the total variation between N(0, G) and N(0, I)
(Devroye, Mehrabian, Reddad, 2018).
"""

from math import sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from highdim.error.estimate import Estimate
from highdim.paper.angles import Share
from highdim.paper.plane import decisive_clean_error
from highdim.paper.rectified import rectified_majority
from highdim.problem.check import label_counts, possible_counts
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample, require_positive_truth, require_sample
from highdim.standing.kkt import KktCertificate, kkt_certificate
from univariate.common.arrays import Vector
from univariate.common.check import generator
from univariate.common.result import Result, result
from univariate.common.tolerance import KKT_TOLERANCE

UNIT: Final = 1e-6
"""Largest deviation of ‖x_i‖ from 1 that is not refused; lifted float32 data have 1e-7."""
SHIFT: Final = 1e-6
"""Largest bound on the effect of ‖G − I‖_F with which the clean error is still computed and not
sampled.
"""


@result
class CatastrophicKktPoint(Result):
    """Proposition 4.6 on a sample.

    Attributes
    ----------
    net : TwoLayerNet
        Bias-less: a neuron for each −1 point in the sample's order, then the one for the +1 points,
        if there are any.
    certificate : KktCertificate
        Of `net`, all parameters trained; HOLDS for orthonormal data, otherwise it says by how much
        it misses.
    clean_error : Estimate
        Method "quadrature", an enclosure, for data orthonormal up to 1e-6; otherwise sampled.
    multipliers : ndarray, shape (m,)
        λ_i of orthonormal data: |I₊|^{−1/2} on I₊, 1 on I₋.
    printed_net : TwoLayerNet
        The paper's weights, the same function.
    printed_certificate : KktCertificate
        FAILS unless |I₊| ≤ 1.
    defect : float
        Largest |x_i·x_j − 1[i = j]|.
    m_plus, m_minus : int
        |I₊|, |I₋|.
    """

    net: TwoLayerNet
    certificate: KktCertificate
    clean_error: Estimate
    multipliers: Vector
    printed_net: TwoLayerNet
    printed_certificate: KktCertificate
    defect: float
    m_plus: int
    m_minus: int


def catastrophic_kkt_point(
    sample: SphereSample, *, rng: Any = 0, tolerance: float = KKT_TOLERANCE
) -> CatastrophicKktPoint:
    """Return the KKT point of Proposition 4.6, balanced, with its exact clean error.

    Parameters
    ----------
    sample : SphereSample
        Unit vectors in dimension d ≥ 2. Any angles between them are taken, and `defect` says how
        far from right ones they are; only if they are right is the net a KKT point.
    rng : int or numpy.random.Generator
        For the clean error of data that are not orthonormal up to 1e-6.
    tolerance : float
        Of the certificates.

    Raises
    ------
    TypeError, ValueError
        No sample, d = 1, or inputs whose norms are off 1 by more than 1e-6.

    Weights rounded; the clean error, of unrounded ones, is enclosed. Cost O(m² d) and two KKT
    certificates of nets of |I₋| + 1 neurons. Source: Proposition 4.6, corrected, see the module.
    """
    require_unit_vectors(sample)
    rng = generator(rng)
    plus = sample.y > 0.0
    m_plus, m_minus = label_counts(sample.y)
    net = _net(sample, plus, m_plus**0.25)
    printed = _net(sample, plus, 1.0)
    off = sample.gram - np.eye(sample.size)
    shift = 1.5 * float(np.linalg.norm(off))
    if shift <= SHIFT:
        error = _near_orthonormal(m_plus, m_minus, shift)
    else:
        error = decisive_clean_error(net, rng)
    return CatastrophicKktPoint(
        net=net,
        certificate=kkt_certificate(net, sample, tolerance=tolerance),
        clean_error=error,
        multipliers=np.where(plus, 1.0 / sqrt(max(m_plus, 1)), 1.0),
        printed_net=printed,
        printed_certificate=kkt_certificate(printed, sample, tolerance=tolerance),
        defect=float(np.max(np.abs(off))),
        m_plus=m_plus,
        m_minus=m_minus,
    )


def orthonormal_clean_error(m_plus: int, m_minus: int) -> Estimate:
    """Return L_cl of Proposition 4.6's net, ½ + ½ Pr[√m₊ |g| ≤ Σ σ(g_i)] with a sum of m₋ normals.

    Parameters
    ----------
    m_plus, m_minus : int
        Numbers of labels +1 and −1, not both zero.

    An enclosure of width about m₋ · 1e-13, method "quadrature", no samples. Exactly ½ without −1
    points, 1 without +1 points, and ½ + arctan(1/√m₊)/2π for one −1 point. Source: new, see
    `highdim.paper.rectified`.
    """
    return _near_orthonormal(*possible_counts(m_plus, m_minus), 0.0)


def require_unit_vectors(sample: SphereSample) -> None:
    """Raise unless the argument is a sample of unit vectors in dimension two or more."""
    require_sample(sample)
    require_positive_truth(sample)
    if sample.dimension == 1:
        raise ValueError(
            "`sample` must be in dimension d >= 2, got 1; scalar inputs are the subject of"
            " univariate"
        )
    norms = np.linalg.norm(sample.X, axis=1)
    bad = int(np.argmax(np.abs(norms - 1.0)))
    if not abs(norms[bad] - 1.0) <= UNIT:
        raise ValueError(
            f"`sample` must hold unit vectors, got row {bad} of norm {norms[bad]:.9g}; divide the"
            " rows by their norms"
        )


def _net(sample: SphereSample, plus: NDArray[np.bool_], v: float) -> TwoLayerNet:
    """Return the net with output weight v for the +1 points."""
    weights = -np.ones(int(np.sum(~plus)))
    rows = sample.X[~plus]
    if np.any(plus):
        weights = np.append(weights, v)
        rows = np.vstack([rows, sample.X[plus].sum(axis=0) / v])
    return TwoLayerNet(weights, rows)


def _near_orthonormal(m_plus: int, m_minus: int, shift: float) -> Estimate:
    """Return L_cl where the law of (x_i·x)_i is within `shift` of independent normals."""
    value, low, high = (0.5 + 0.5 * end for end in rectified_majority(m_plus, m_minus))
    if m_plus == 0 or m_minus == 0:  # exact, whatever the angles
        shift = 0.0
    # N ≤ 0 on a half-space whatever the angles, or everywhere
    least = 0.5 if m_plus else 1.0
    return Share(value, max(low - shift, least), min(high + shift, 1.0)).estimate("quadrature")
