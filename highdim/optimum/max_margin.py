"""The max-margin problem (1) on R^d, solved to a certified duality gap.

min ‖θ‖² subject to y_i N(x_i) ≥ 1 over two-layer nets of any width is convex: balanced neurons cost
2‖u‖, u = |v| (w, b), N is linear in the u of one cell of the arrangement {u·x̃_i = 0}, and its dual
is max 2 Σ λ_i over λ ≥ 0 with |Σ λ_i y_i σ(u·x̃_i)| ≤ ‖u‖ for all u. Cells are taken in as they are
needed (`highdim.optimum.successive`, or `highdim.optimum.generation` where that fails), Newton's
method sharpens the answer (`highdim.optimum.sharpening`), and nothing of that is trusted: the net
is scaled until its margins are proved to be at least 1, and the multipliers are divided by an upper
bound on the gain of a unit neuron, proved by branch and bound (`highdim.optimum.supremum`).

Source: convexity over cells, Pilanci and Ergen, ICML (2020); neurons taken in as needed, Bengio, Le
Roux, Vincent, Delalleau and Marcotte, Advances in Neural Information Processing Systems 18 (2005).
New are the proof of the gap, and what leads to it in few rounds.

With output weights fixed there is nothing to solve: n neurons in place of one, each with an nth of
its input weights, are the same function at an nth of the norm, so that over all widths the infimum
is 0, and at a given width the problem is one of choosing which neuron serves which cell.
"""

from math import log10
from typing import Final

from highdim.optimum.best import Best
from highdim.optimum.points import Points, subject_of
from highdim.optimum.search import best_dual
from highdim.optimum.splitting import split_net
from highdim.optimum.supremum import LARGEST_DIMENSION
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample, require_sample
from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.fingerprint import UNKNOWN
from univariate.common.interrupt import deferred_interrupts
from univariate.common.progress import share_bar
from univariate.common.result import Result, Verdict, result
from univariate.common.words import at_most

GAP: Final = 1e-8
"""Relative duality gap at which the search stops, and up to which its net counts as optimal.

Sums of multipliers of the size of ‖θ*‖² cancel to gains of 1, in doubles to about 1e-13 ‖θ*‖².
"""

BUDGET: Final = 4_000_000
"""Cones that one proof may look at: seconds to a minute."""

_SEARCHED: Final = 2500
"""Entries of the points up to which nets are searched for where gains are bounded only."""

EXACT: Final = "exact supremum"
BOUNDED: Final = "bounded gains"


@result
class MaxMargin(Result):
    """A solution of Problem (1) with its proof.

    Attributes
    ----------
    net : TwoLayerNet or None
        Balanced; every margin y_i N(x_i) ≥ 1, proved. None if no net was found that interpolates.
    norm_squared : float
        Upper bound on ‖θ‖² of `net` and so on ‖θ*‖², tight to 1e-13; inf without a net.
    multipliers : ndarray, shape (m,)
        λ_i ≥ 0 of the lower bound; dual feasible once divided by `gain`.
    gain : float
        Proved upper bound on sup over ‖u‖ ≤ 1 of |Σ λ_i y_i σ(u·x̃_i)|.
    lower : float
        2 Σ λ_i / gain, rounded down: a proved lower bound on ‖θ*‖².
    duality_gap : float
        1 − lower/norm_squared, rounded up: at most this share of ‖θ‖² can be saved; 1 without a
        net.
    verdict : Verdict
        HOLDS: the gap is within the tolerance, `net` is optimal up to it. Otherwise UNDECIDED.
    method : str
        How the gain was bounded: "exact supremum", or "bounded gains" (see
        `highdim.optimum.gain`) where dimensions are many.
    rounds : int
        Rounds of the search, a convex programme each.
    cones : int
        The most that one proof looked at.
    tolerance : float
    reason : str
        One sentence.
    """

    net: TwoLayerNet | None
    norm_squared: float
    multipliers: Vector
    gain: float
    lower: float
    duality_gap: float
    verdict: Verdict
    method: str
    rounds: int
    cones: int
    tolerance: float
    reason: str
    _subject: str = UNKNOWN


def max_margin(
    sample: SphereSample,
    *,
    bias: bool = True,
    train_output: bool = True,
    tolerance: float = GAP,
    budget: int = BUDGET,
    progress: bool = False,
) -> MaxMargin:
    """Solve min ‖θ‖² s.t. y_i N(x_i) ≥ 1 over two-layer nets of any width.

    Parameters
    ----------
    sample : SphereSample
        Of any distribution and dimension; d = 1 is the line.
    bias : bool
        Whether hidden neurons have biases, which then count in ‖θ‖².
    train_output : bool
        Must be True: with output weights fixed the infimum over all widths is 0.
    tolerance : float
        Relative duality gap at which the search stops and the verdict is HOLDS, in (0, 1).
    budget : int
        Cones that one proof may look at, at least 1; a bound on fewer is weaker, not wrong.
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    MaxMargin
        Rounded parameters, rigorous statements: margins and both bounds are proved for the float64
        numbers returned. Deterministic. After Ctrl-C what is proved so far, UNDECIDED.

    Raises
    ------
    TypeError, ValueError
        No sample, no such options, the input 0 without biases, or output weights that are fixed.
    ArithmeticError
        Inputs of lengths that leave doubles no room.

    The gain is exact up to d = 5 with biases, 6 without, and for up to 6 data; beyond, its bound is
    that of `highdim.optimum.gain`, tight where data are nearly orthogonal, and a large gap says so
    where not; nets are searched for up to m min(m, d) = 2500, else the split net is taken. Two
    data of opposite labels at a distance below some 1e-5 make ‖θ*‖² that large that doubles have
    few digits left: gaps may stay open there, or no net be found, and the verdict says so. Cost
    that of some ten to a hundred quadratic programmes in m variables and of a proof or two; where
    they fail, and where gains are bounded only, of some ten interior-point solutions in m rows and
    some 3 m d unknowns and of as many proofs. Source: Problem (1); new, see the module.
    """
    require_sample(sample)
    points = Points.of(sample, bias)
    _require_trained(train_output)
    tolerance = check.probability("tolerance", tolerance, open_interval=True)
    budget = check.count("budget", budget)
    best = Best(points, budget)
    if not best.exact:
        _offer_split(best)
    count, interrupted = 0, False
    search = best.search(tolerance) if _worth_it(best, tolerance) else iter(())
    with deferred_interrupts() as asked, share_bar(progress, _state) as show:
        for gap in search:
            count += 1
            show(gap, tolerance, count)
            if asked():
                interrupted = gap > tolerance
                break
    if best.gap > tolerance:
        best.settle()
    if best.exact and not interrupted and best.gap > tolerance:
        _offer_split(best)
    return _result(sample, best, tolerance, count, interrupted=interrupted)


def _require_trained(train_output: object) -> None:
    if not check.flag("train_output", train_output):
        raise ValueError(
            "`train_output` must be True, got False: with output weights fixed, n neurons in place"
            " of one, each with an nth of its input weights, have an nth of its norm, so the"
            " infimum over all widths is 0 and no net attains it; certify a net of given width by"
            " kkt_certificate(net, sample, train_output=False)"
        )


def _state(gap: float, tolerance: float, count: int) -> tuple[float, str]:
    """Return the share of the digits of the gap that are there, and a line."""
    share = log10(max(gap, tolerance)) / log10(tolerance)
    return share, f"round {count}, duality gap {gap:.1e}"


def _offer_split(best: Best) -> None:
    """Offer the split net and the multipliers of `optimum_bounds`."""
    split = split_net(best.points)
    if split is not None:
        best.offer(split.net)
    best.offer_dual(best_dual(best.points, None if split is None else split.multipliers))


def _worth_it(best: Best, tolerance: float) -> bool:
    """Whether a search is needed, and can be afforded."""
    return best.gap > tolerance and (best.exact or best.data.f.size <= _SEARCHED)


def _result(
    sample: SphereSample,
    best: Best,
    tolerance: float,
    count: int,
    *,
    interrupted: bool,
) -> MaxMargin:
    verdict = Verdict.HOLDS if best.gap <= tolerance else Verdict.UNDECIDED
    return MaxMargin(
        net=None if best.found is None else best.found.net,
        norm_squared=best.upper,
        multipliers=best.multipliers,
        gain=best.gain,
        lower=best.lower,
        duality_gap=best.gap,
        verdict=verdict,
        method=EXACT if best.exact else BOUNDED,
        rounds=count,
        cones=best.cones,
        tolerance=tolerance,
        reason=_reason(best, tolerance, interrupted=interrupted),
        _subject=subject_of(sample, best.points.bias),
    )


def _reason(best: Best, tolerance: float, *, interrupted: bool) -> str:
    gap = f"at most {at_most(best.gap, 2)} of ‖θ‖² can be saved"
    if best.gap <= tolerance:
        return f"{gap}, within the tolerance {tolerance:.2g}"
    if interrupted:
        return f"interrupted: {gap}"
    if best.found is None:
        return f"no net that interpolates was found; every one has ‖θ‖² ≥ {best.lower:.4g}"
    if not best.exact:
        limit = f"more than {LARGEST_DIMENSION} entries"
        return f"{gap}: gains are bounded only, not exact, where u has {limit}"
    if best.cones >= best.budget:
        return f"{gap}: the budget of {best.budget} cones was spent, raise it"
    return f"{gap}: the search ended there, with multipliers of size {best.lower:.2g}"
