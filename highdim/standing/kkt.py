"""Karush–Kuhn–Tucker points of Problem (1) for 2-layer nets on R^d: Eqs. (2)–(5), with Clarke
subgradients at kinks.

θ = Σ_i λ_i y_i h_i with λ ≥ 0, λ_i = 0 unless y_i N(x_i) is the smallest margin, and h_i in the
Clarke subdifferential of N(x_i): σ'_ij may be anything in [0, 1] where neuron j has a kink on x_i,
and the max-margin net of orthonormal data has one on every datum of the other label. θ are the
parameters trained: (v, w, b), or (w, b) where output weights are fixed as in Theorem 4.3. A net is
measured after scaling its worst margin to 1, by which no residual changes.

A net of doubles is a KKT point up to rounding only. The certificate says how nearly: θ is within a
relative `stationarity` of Σ λ_i y_i h_i, where h_i are gradients at a net whose kinks are moved by
a relative distance of at most `clarke_distance` (a Goldstein subgradient), and λ rests on margins
within `slackness` of the smallest.
"""

from math import inf
from typing import Final

import numpy as np

from highdim.problem.exact import settled
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample
from highdim.standing.arguments import require_shallow, require_tolerance, within_reach
from highdim.standing.folded import Problem
from highdim.standing.measure import Measured, best
from highdim.standing.refutation import Refutation, refutation
from univariate.common import check
from univariate.common.arrays import Indices, Vector
from univariate.common.fingerprint import UNKNOWN
from univariate.common.result import Result, Verdict, result
from univariate.common.tolerance import KKT_TOLERANCE, NEARLY
from univariate.common.words import at_least

_NOTHING: Final = Refutation(0.0, None)


@result
class KktCertificate(Result):
    """Whether a net is a KKT point of Problem (1), after scaling its worst margin to 1.

    Attributes
    ----------
    verdict : Verdict
        HOLDS: `accuracy` ≤ `tolerance`. FAILS: the net does not interpolate, or stationarity is off
        by at least `least_residual` > `tolerance` whatever the multipliers, and none reach an
        accuracy of 1e-6. UNDECIDED: between the two, "KKT to ε".
    accuracy : float
        The ε that the multipliers reach: largest of the next two and of `clarke_distance`; 1
        without any multipliers.
    stationarity : float
        |θ − Σ λ_i y_i h_i|/|θ|.
    slackness : float
        Σ λ_i (y_i N(x_i) − 1)/Σ λ_i, of the scaled net.
    worst_margin : float
        Smallest y_i N(x_i) before scaling.
    scale : float
        The parameters trained were divided by this: √worst_margin, or worst_margin if output
        weights are fixed. 0 for a net that does not interpolate.
    norm_squared : float
        |θ|² after it; inf for a net that does not interpolate.
    multipliers : ndarray, shape (m,)
        λ_i ≥ 0 of the scaled net.
    kinks : ndarray of int, shape (k, 2)
        Pairs (neuron, observation): kinks taken to lie on data.
    derivatives : ndarray, shape (k,)
        σ' in [0, 1] chosen there; 0 where λ_i = 0.
    clarke_distance : float
        Largest |u_j·x̃_i|/(|u_j| |x̃_i|) of a kink whose σ' is not the neuron's own.
    least_residual : float
        Lower bound on the relative residual of stationarity, for all multipliers of slackness up to
        `tolerance` and all σ' at kinks within 1e-6; rounded, less an allowance for rounding. 0
        unless it FAILS, 1 if it does not interpolate.
    witness : TwoLayerNet or None
        When it FAILS: a net with all margins ≥ 1 and a smaller |θ|², replayed; None where none was
        found.
    train_output : bool
    tolerance : float
    reason : str
        One sentence.
    """

    verdict: Verdict
    accuracy: float
    stationarity: float
    slackness: float
    worst_margin: float
    scale: float
    norm_squared: float
    multipliers: Vector
    kinks: Indices
    derivatives: Vector
    clarke_distance: float
    least_residual: float
    witness: TwoLayerNet | None
    train_output: bool
    tolerance: float
    reason: str
    _subject: str = UNKNOWN


@np.errstate(over="ignore")  # a norm at margin 1 beyond the range of doubles is inf
def kkt_certificate(
    net: TwoLayerNet,
    sample: SphereSample,
    *,
    train_output: bool = True,
    tolerance: float = KKT_TOLERANCE,
    kink_tolerance: float | None = None,
) -> KktCertificate:
    """Decide whether a net is a KKT point of Problem (1), up to the scaling of its margins.

    Parameters
    ----------
    net : TwoLayerNet
        With or without biases.
    sample : SphereSample
        Of the net's dimension.
    train_output : bool
        Whether output weights are parameters; False for the setting of Theorem 4.3, whatever their
        values.
    tolerance : float
        Relative residual up to which the verdict is HOLDS, in (0, 1e-6].
    kink_tolerance : float, optional
        A neuron has a kink on a datum where |u·x̃| ≤ kink_tolerance |u| |x̃|, in [0, 1e-6]. By
        default 4 q 2^-53 for q parameters of a neuron, which rounding explains; where this finds no
        multipliers, wider ones up to 1e-6.

    Raises
    ------
    TypeError
        Not a TwoLayerNet: Problem (1) is about two layers, whether N of three is homogeneous
        (no b2) or not.
    ValueError
        Dimensions that do not match, or a tolerance out of range.

    Rounded. Cost O(m n q + m² (q + n)) and a non-negative least squares problem in about m
    unknowns, or in one more for every kink that needs a derivative between 0 and 1. Source: Eqs.
    (2)–(5); new, see `highdim.standing.multipliers`.
    """
    net = require_shallow(net, sample)
    tolerance = require_tolerance(tolerance)
    if kink_tolerance is not None:
        kink_tolerance = within_reach("kink_tolerance", kink_tolerance)
    train_output = check.flag("train_output", train_output)
    problem = Problem.of(net, sample, train_output)
    if problem.worst <= problem.rounding:
        doubtful = np.flatnonzero(np.abs(problem.margins) <= problem.rounding)
        _, wrong = settled(net, sample.X, sample.y, doubtful)
        missed = problem.worst < -problem.rounding or bool(wrong.any())
        return _infeasible(problem, tolerance, missed=missed)
    found = best(problem, tolerance, kink_tolerance)
    if found.accuracy <= tolerance:
        return _certificate(
            problem, found, tolerance, Verdict.HOLDS, _nearly(found, "within the tolerance")
        )
    if found.accuracy <= NEARLY:
        reason = _nearly(found, f"above the tolerance {tolerance:.2g}")
        return _certificate(problem, found, tolerance, Verdict.UNDECIDED, reason)
    refuted = refutation(
        problem, net, sample, tolerance, NEARLY if kink_tolerance is None else kink_tolerance
    )
    if refuted.least_residual <= tolerance:
        reason = (
            f"no multipliers were found (best ε = {found.accuracy:.2g}), and no proof that there"
            " are none"
        )
        return _certificate(problem, found, tolerance, Verdict.UNDECIDED, reason)
    off = f"{at_least(refuted.least_residual)} of |θ|"
    reason = (
        f"stationarity is off by at least {off}, whatever the multipliers at the smallest margin"
    )
    return _certificate(problem, found, tolerance, Verdict.FAILS, reason, refuted)


def _nearly(found: Measured, standing: str) -> str:
    return f"KKT to {found.accuracy:.2g}, {standing}"


def _certificate(
    problem: Problem,
    found: Measured,
    tolerance: float,
    verdict: Verdict,
    reason: str,
    refuted: Refutation = _NOTHING,
) -> KktCertificate:
    datum, neuron = np.nonzero(found.kinks)
    owner = found.fit.multipliers[datum]
    share = np.divide(
        found.fit.weights[datum, neuron], owner, out=np.zeros_like(owner), where=owner > 0.0
    )
    return KktCertificate(
        verdict=verdict,
        accuracy=found.accuracy,
        stationarity=found.stationarity,
        slackness=found.slackness,
        worst_margin=problem.true_worst(),
        scale=problem.true_scale(),
        norm_squared=problem.normalised(problem.squared_size, problem.worst),
        multipliers=problem.multipliers(found.fit.multipliers),
        kinks=np.column_stack([neuron, datum]),
        derivatives=np.clip(share, 0.0, 1.0),
        clarke_distance=found.distance,
        least_residual=refuted.least_residual,
        witness=refuted.witness,
        train_output=problem.train_output,
        tolerance=tolerance,
        reason=reason,
        _subject=problem.subject,
    )


def _infeasible(problem: Problem, tolerance: float, *, missed: bool) -> KktCertificate:
    """Return the certificate of a net that misses data, or whose margins are within rounding."""
    at = f"y N(x) = {problem.true_worst():.6g} at observation {int(np.argmin(problem.margins))}"
    what = "the net does not interpolate" if missed else "a margin is zero up to rounding"
    return KktCertificate(
        verdict=Verdict.FAILS if missed else Verdict.UNDECIDED,
        accuracy=1.0,
        stationarity=1.0,
        slackness=0.0,
        worst_margin=problem.true_worst(),
        scale=0.0,
        norm_squared=inf,
        multipliers=np.zeros(len(problem.y)),
        kinks=np.zeros((0, 2), dtype=np.intp),
        derivatives=np.zeros(0),
        clarke_distance=0.0,
        least_residual=1.0 if missed else 0.0,
        witness=None,
        train_output=problem.train_output,
        tolerance=tolerance,
        reason=f"{what}: {at}",
        _subject=problem.subject,
    )
