"""The max-margin problem (1) in one dimension, solved to a certified duality gap.

min ‖θ‖² subject to y_i N(x_i) ≥ 1. With enough sign changes the optimum is known in closed form
(one sort, one pass); otherwise column generation solves the general problem. Either way the answer
is a float64 net whose margins are all proved to be at least 1, and multipliers that prove how far
its norm can be from ‖θ*‖².
"""

from collections.abc import Callable
from math import inf
from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.result import Result, result
from univariate.common.rounding import gap_above
from univariate.common.tolerance import NEARLY, UNIT_ROUNDOFF
from univariate.optimum.closed_form import Polygon, fit_dual, fit_net, polygon
from univariate.optimum.column_generation import general_solution
from univariate.optimum.duality import DualBound, dual_bound
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample, require_sample

# none of the 600 samples of tests/hunts/iterations takes more than 13
_ATTEMPTS = 60
# between different labels; slopes beyond its inverse leave the range of safe products
_LEAST_GAP = 2.0**-300
# inputs so far away, or gaps so much smaller than inputs, may leave rounding nothing of the labels
_FAR = 2.0**40
# up to this many neurons and points, doubtful margins are settled in rationals, not raised
_SMALL = 4096
# the least that the enclosure of a margin of 1 lacks of it
_RESOLUTION = 2.0**-52
# so much is left for the rounding of quotients and of a proof
_SAFELY = 1.0 + 2.0**-40


@result
class MaxMargin(Result):
    """A solution of Problem (1) with its proof.

    Attributes
    ----------
    net : ReluNet
        Every margin y_i N(x_i) ≥ 1, proved. Balanced, unless rounding makes ‖θ‖² less without.
        Nearly optimal in norm only: between close data it may change sign elsewhere than the
        optimum (`univariate.optimum.optimum_error`).
    norm_squared : float
        ‖θ‖² of `net`, rounded up: an upper bound on ‖θ*‖².
    dual_norm_squared : float
        A proved lower bound on ‖θ*‖².
    duality_gap : float
        1 − dual_norm_squared / norm_squared ≥ 0, rounded up: at most this share of ‖θ‖² can be
        saved.
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
    multipliers: Vector
    dual_ratio: float
    method: str
    raised: float


class Unsolved(NamedTuple):
    """Why `max_margin` has no solution for a sample."""

    reason: str


Optimum = MaxMargin | Unsolved
"""What results take that say the rest where Problem (1) has no solution in doubles."""


def optimum_of(sample: Sample) -> Optimum:
    """Return the solution of Problem (1), or why doubles have none."""
    try:
        return max_margin(sample)
    except ArithmeticError as error:
        return Unsolved(str(error))


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

    Examples
    --------
    >>> from univariate import draw_sample, max_margin
    >>> best = max_margin(draw_sample(100, 0.2, rng=0))
    >>> best.method, best.net.width, best.duality_gap < 1e-9
    ('closed form', 37, True)
    """
    require_sample(sample)
    if np.any(sample.gaps[sample.sign_changes] < _LEAST_GAP):
        raise _too_uneven(sample)
    # what leaves the doubles becomes inf or NaN, and proves nothing
    with np.errstate(all="ignore"):
        try:
            return _solved(sample)
        except (ValueError, RuntimeError, IndexError, np.linalg.LinAlgError) as error:
            if not _extreme(sample):
                raise
            # of nets and solvers, about what rounding left empty, singular or infinite
            raise _too_uneven(sample) from error


def _extreme(sample: Sample) -> bool:
    """Whether inputs are so far away, or gaps so small, that rounding may break a solver."""
    reach = max(1.0, float(np.abs(sample.x).max()))
    return reach > _FAR or (sample.size > 1 and float(sample.gaps.min()) < reach / _FAR)


def _solved(sample: Sample) -> MaxMargin:
    nearest = _nearest_of_one_label(sample)
    if nearest is not None:
        return _one_neuron(sample, nearest)
    shape = polygon(sample.x, sample.y)
    return _general(sample) if shape is None else _closed_form(sample, shape)


def _nearest_of_one_label(sample: Sample) -> int | None:
    """Return the observation nearest to 0 if all have one label and lie on one side of it."""
    if len(sample.sign_changes):
        return None
    if sample.x[0] >= 0.0:
        return 0
    return sample.size - 1 if sample.x[-1] <= 0.0 else None


def _one_neuron(sample: Sample, nearest: int) -> MaxMargin:
    """Solve for one label, all x on one side of 0, the nearest at a: N = y (1 + a x)/(1 + a²).

    With λ = 1/√(1 + a²) on it, |D(t)|/√(1 + t²) is at most 1, and 2 λ = ‖θ‖².
    """
    at = float(sample.x[nearest])
    label = float(sample.y[nearest])
    size = np.hypot(1.0, at)
    root = 1.0 / np.sqrt(size)
    line = np.array([at, 1.0]) / size * root

    def net_at(level: float) -> ReluNet:
        """Return the neuron whose margin at a is `level`."""
        return ReluNet(np.array([label * root * level]), line[:1], line[1:])

    net, raised = _proved(sample, net_at, 1.5)
    multipliers = np.zeros(sample.size)
    multipliers[nearest] = 1.0 / size
    return _result(net, dual_bound(sample.x, sample.y, multipliers), "closed form", raised)


def _closed_form(sample: Sample, shape: Polygon) -> MaxMargin:
    """Fit the polygon."""
    x, y = sample.x, sample.y
    first = 2.0 * _lacking(sample, shape) if sample.size > _SMALL else 0.0
    net, raised = _proved(sample, lambda level: ReluNet(*fit_net(x, y, shape, level)), 2.0, first)
    return _result(net, dual_bound(x, y, fit_dual(x, y, shape)), "closed form", raised)


def _lacking(sample: Sample, shape: Polygon) -> float:
    """Guess what proofs will lack of margins of 1: the enclosures of N are about that wide.

    Half a unit in the last place, and the rounding of n products of slopes and inputs.
    """
    reach = np.abs(shape.kinks) + np.abs(sample.x).max()
    magnitude = float(np.sum(np.abs(shape.jumps) * reach))
    return _RESOLUTION + len(reach) * 2.0**-103 * magnitude


def _general(sample: Sample) -> MaxMargin:
    """Generate columns."""
    found = general_solution(sample.x, sample.y)
    if not found.v.size:
        raise _too_uneven(sample)
    net, raised = _proved(sample, lambda level: ReluNet(found.v * level, found.w, found.b), 1.5)
    dual = dual_bound(sample.x, sample.y, found.multipliers)
    return _result(net, dual, "column generation", raised)


def _proved(
    sample: Sample, net_at: Callable[[float], ReluNet], haste: float, first: float = 0.0
) -> tuple[ReluNet, float]:
    """Return a net whose margins are all proved to be at least 1, and by how much it aimed higher.

    From `first` on the margin aimed at rises by `haste` times what the proof lacks: rounding may
    take some again.
    """
    raised = first
    for _ in range(_ATTEMPTS):
        fit = ShallowFitted(net_at(1.0 + raised), sample)
        short = shortfall(fit)
        if short is None:
            net = _lowered(fit)
            if net.norm_squared == inf:
                break
            return net, raised
        raised += haste * float(short.max())
    raise _too_uneven(sample)


def _lowered(fit: ShallowFitted) -> ReluNet:
    """Return the net with |v| reduced where all margins are well above 1, if these can be proved.

    Of coarse parameters the first that are good enough may be better than needed. w and b are left
    as they are: rounding them again would move kinks between ulp-neighbours.
    """
    net = fit.net
    low = fit.margins.low
    if not 1.0 + NEARLY < low < inf:
        return net
    lowered = ShallowFitted(ReluNet(net.v / low * _SAFELY, net.w, net.b), fit.sample)
    return lowered.net if shortfall(lowered) is None else net


def shortfall(fit: ShallowFitted) -> Vector | None:
    """Return by how much the proof of each margin ≥ 1 falls short; None if none does."""
    short: Vector = 1.0 - (fit.margins.values - fit.margins.bounds)
    if short.max() <= 0.0:
        return None
    if fit.net.width + fit.sample.size <= _SMALL and fit.reach(1.0).all():
        return None
    return short


def _too_uneven(sample: Sample) -> ArithmeticError:
    return ArithmeticError(
        "no float64 net with all margins >= 1 was found on this sample (smallest gap"
        f" {sample.gaps.min():.3g}); its inputs are too small, too large or too uneven for double"
        " precision, rescale or thin the inputs"
    )


def norm_above(net: ReluNet) -> float:
    """Return ‖θ‖² rounded up."""
    return net.norm_squared * (1.0 + 4.0 * UNIT_ROUNDOFF)


def _result(net: ReluNet, dual: DualBound, method: str, raised: float) -> MaxMargin:
    norm_squared = norm_above(net)
    gap = gap_above(dual.norm_squared, norm_squared)
    return MaxMargin(
        net, norm_squared, dual.norm_squared, gap, dual.multipliers, dual.ratio, method, raised
    )
