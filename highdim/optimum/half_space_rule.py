"""The max-margin half space of a sample: the linear rule beside the max-margin net.

max γ over ‖a‖ = 1 and c subject to y_i (a·x_i − c) ≥ γ. The dual is the distance of the two convex
hulls: γ ≤ ½ ‖Σ λ_i y_i x_i‖ for all λ ≥ 0 that sum to 1 over each label. A conic solver proposes
both; the margin of its half space, and the distance of its points of the hulls, are computed anew
and prove themselves. Source: Cortes and Vapnik, Machine Learning 20 (1995).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample, require_sample
from highdim.problem.truth import half_space
from univariate.common.arrays import Vector
from univariate.common.result import Result, Verdict

OPTIMAL: Final = 1e-6  # relative gap up to which a half space counts as that of largest margin
_GOAL: Final = 1e-12


@dataclass(frozen=True, repr=False)
class MaxMarginHalfSpace(Result):
    """A half space a·x > c that separates a sample, with bounds on the largest margin.

    Attributes
    ----------
    direction : ndarray, shape (d,)
        a, of length 1 up to rounding.
    offset : float
        c.
    margin : float
        Its margin min_i y_i (a·x_i − c), rounded.
    upper : float
        Bound on the margin of any half space, by `multipliers`. Rounded.
    multipliers : ndarray, shape (m,)
        λ, which sums to 1 over each label.
    verdict : Verdict
        HOLDS: the two agree to 1e-6, relative. UNDECIDED otherwise.
    net : TwoLayerNet
        a·x − c, for `clean_error(found.net)`.
    """

    direction: Vector
    offset: float
    margin: float
    upper: float
    multipliers: Vector
    verdict: Verdict
    net: TwoLayerNet


def max_margin_half_space(sample: SphereSample) -> MaxMarginHalfSpace:
    """Return the half space of largest margin.

    Its clean error has all the methods of a net's: `clean_error(found.net, law=sample.law)`.

    Parameters
    ----------
    sample : SphereSample
        Of both labels, which some half space separates.

    Raises
    ------
    TypeError, ValueError
        No sample, one label only, or no half space that separates it was found.

    Rounded. Cost that of an interior-point method on m constraints in min(m, d) + 1 variables.

    Examples
    --------
    >>> from highdim import SphereSample, max_margin_half_space
    >>> found = max_margin_half_space(SphereSample([[0.0, 1.0], [0.0, -1.0]], [1.0, -1.0]))
    >>> round(found.margin, 6), found.verdict.name
    (1.0, 'HOLDS')
    """
    require_sample(sample)
    y = sample.y
    if len(np.unique(y)) < 2:
        raise ValueError(
            f"`sample` must have labels of both signs, got {y[0]:+.0f} only; no border is between"
            " them"
        )
    multipliers = _proposed(sample)
    difference = (multipliers * y) @ sample.X
    distance = float(np.linalg.norm(difference))
    if not distance > 0.0:
        raise _not_separable()
    a = difference / distance
    values = sample.X @ a
    inner, outer = float(values[y > 0.0].min()), float(values[y < 0.0].max())
    margin = 0.5 * (inner - outer)
    if not margin > 0.0:
        raise _not_separable()
    offset = 0.5 * (inner + outer)
    upper = 0.5 * distance
    optimal = upper <= margin * (1.0 + OPTIMAL)
    verdict = Verdict.HOLDS if optimal else Verdict.UNDECIDED
    net = half_space(a, offset)
    return MaxMarginHalfSpace(a, offset, margin, upper, multipliers, verdict, net)


def _proposed(sample: SphereSample) -> Vector:
    """Return multipliers of both hulls by a conic solver: the points where these are nearest."""
    import clarabel
    from scipy import sparse

    m = sample.size
    # coordinates in the span of the data: of m numbers at most
    rows = sample.X if m >= sample.dimension else np.transpose(np.linalg.qr(sample.X.T, mode="r"))
    k = rows.shape[1]
    scale = float(np.abs(rows).max()) or 1.0
    signed = sample.y[:, None] * rows / scale
    # variables λ and u = Σ λ y x; minimise ½ ‖u‖²
    P = sparse.csc_matrix(sparse.diags_array(np.concatenate([np.zeros(m), np.ones(k)])))
    sums = np.stack([sample.y > 0.0, sample.y < 0.0]).astype(np.float64)
    A = np.zeros((2 + k + m, m + k))
    A[:2, :m] = sums
    A[2 : 2 + k, :m] = signed.T
    A[2 : 2 + k, m:] = -np.eye(k)
    A[2 + k :, :m] = -np.eye(m)
    right = np.concatenate([np.ones(2), np.zeros(k + m)])
    cones = [clarabel.ZeroConeT(2 + k), clarabel.NonnegativeConeT(m)]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = _GOAL
    cost = np.zeros(m + k)
    solver = clarabel.DefaultSolver(P, cost, sparse.csc_matrix(A), right, cones, settings)
    found = np.maximum(np.array(solver.solve().x)[:m], 0.0)
    # whatever was proposed, they are made to sum to 1
    for label in (1.0, -1.0):
        mine = sample.y == label
        total = float(found[mine].sum())
        found[mine] = found[mine] / total if total > 0.0 else 1.0 / np.sum(mine)
    return np.asarray(found)


def _not_separable() -> ValueError:
    return ValueError(
        "`sample` must be separated by a half space, got none: the hulls of both labels meet, or"
        " nearly do; the nearest neighbour fits every sample"
    )
