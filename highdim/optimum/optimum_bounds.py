"""The max-margin norm ‖θ*‖² of Problem (1) between certified bounds, for two-layer nets of any
width.

Theorem 4.1 asks for nets with ‖θ‖² ≤ (c₄/√p) ‖θ*‖², but ‖θ*‖² is the value of a problem that is not
convex. From above it is bounded by feasible nets, from below by weak duality: if λ ≥ 0 and no unit
neuron gains more than S from λ,

    Σ λ_i ≤ Σ_i λ_i y_i N(x_i) = Σ_j v_j Σ_i λ_i y_i σ(u_j·x̃_i) ≤ S Σ_j |v_j| ‖u_j‖ ≤ S ‖θ‖²/2

for every net with margins ≥ 1, where u_j = (w_j, b_j) and x̃_i = (x_i, 1), or w_j and x_i without
biases. S itself is a hard maximum; two bounds on it, new, are derived in `highdim.optimum.gain`.
With the multipliers of the split net, one neuron for each label that is 0 on the other, they often
meet its norm: then it is the global optimum, and proved so. Where they do not, and data are few and
in few dimensions, the max-margin net itself is searched for, as by `highdim.max_margin`.
"""

from collections.abc import Iterable
from math import inf

import numpy as np

from highdim.optimum.best import Best
from highdim.optimum.candidates import constructed, limit_norm
from highdim.optimum.feasible import Feasible, feasible
from highdim.optimum.points import Points, subject_of
from highdim.optimum.rounding import UP
from highdim.optimum.scaled import within_reach
from highdim.optimum.search import Dual, best_dual
from highdim.optimum.splitting import split_net
from highdim.problem.network import TwoLayerNet, becoming
from highdim.problem.sample import SphereSample, require_dimension, require_sample
from univariate.common.arrays import Vector
from univariate.common.fingerprint import UNKNOWN
from univariate.common.result import Result, result
from univariate.common.tolerance import OPTIMALITY_GAP

_MOST_DATA = 40
_MOST_ENTRIES = 4  # of u
_BUDGET = 1_000_000  # cones of one proof


@result
class OptimumBounds(Result):
    """Bounds lower ≤ ‖θ*‖² ≤ upper, both proved in exact arithmetic for the data as they are.

    Attributes
    ----------
    lower, upper : float
        Rounded down and up; `upper` is inf if no candidate interpolates.
    ratio : float
        upper/lower; 1 + 1e-12 or so means that `net` is a global optimum.
    upper_source : str
        The best candidate: "split", "orthogonal limit", "Lemma B.3", "net 0" …, "max margin";
        "none" if none interpolates.
    lower_source : tuple of str
        How the gain of a neuron was bounded for labels +1 and −1: "alignment", "spectral norm" or
        "exact supremum".
    lower_multipliers : ndarray, shape (m,)
        The λ of the lower bound, largest entry 1.
    sup_bound : float
        Upper bound on the gain S = sup over ‖u‖ ≤ 1 of |Σ_i λ_i y_i σ(u·x̃_i)|; lower = 2 Σ λ_i /
        S.
    gram_norm : float
        Upper bound on ‖XXᵀ‖, rounding included.
    candidates : dict of str to float
        ‖θ‖² of each, balanced and scaled to worst margin 1; inf if it does not interpolate.
    net : TwoLayerNet or None
        The best one; its margins are ≥ 1 in exact arithmetic.
    orthogonal_limit : float
        ‖θ*‖² of orthonormal data with these labels, for comparison; no bound.
    """

    lower: float
    upper: float
    ratio: float
    upper_source: str
    lower_source: tuple[str, str]
    lower_multipliers: Vector
    sup_bound: float
    gram_norm: float
    candidates: dict[str, float]
    net: TwoLayerNet | None
    orthogonal_limit: float
    _subject: str = UNKNOWN


def optimum_bounds(
    sample: SphereSample, nets: Iterable[TwoLayerNet] = (), *, bias: bool = True
) -> OptimumBounds:
    """Bound ‖θ*‖² = min ‖θ‖² subject to y_i N(x_i) ≥ 1, over two-layer nets of any width with
    trained output weights.

    Parameters
    ----------
    sample : SphereSample
        Of any distribution; inputs need not have norm 1.
    nets : iterable of TwoLayerNet
        Further candidates for the upper bound, such as a trained net; with biases or without as
        `bias` says.
    bias : bool
        Whether hidden neurons have biases, which then count in ‖θ‖².

    Returns
    -------
    OptimumBounds
        Proved, in the sense that every rounding error is bounded and counted: at m = 200, d =
        20,000 the two bounds differ by 1e-12 of their size for that, where they meet. The split net
        exists if the data are linearly separable, so for inputs in general position and d ≥ m − 1,
        or m without biases, but is lost if they are separable only just; where nothing interpolates
        `upper` is inf.

    Raises
    ------
    TypeError, ValueError
        No sample, nets of another depth or dimension, or with biases where there are none.

    Cost O(m³ + m² d), and O(m n d) for a net of width n; with up to 40 data in up to 3 dimensions
    with biases, 4 without, that of `max_margin`, about a second. Source: new, see the module and
    `highdim.optimum.gain`.
    """
    require_sample(sample)
    points = Points.of(sample, bias)
    given = [_fitting(net, sample, bias) for net in _listed(nets)]
    split = split_net(points)
    found = {
        name: feasible(net, points) if net else None
        for name, net in constructed(sample, split, bias).items()
    }
    found |= {f"net {k}": feasible(net, points) for k, net in enumerate(given)}
    candidates = {name: inf if one is None else one.norm_squared for name, one in found.items()}
    source = min(candidates, key=lambda name: candidates[name])
    best: Feasible | None = found[source]
    dual = best_dual(points, None if split is None else split.multipliers)
    if dual.lower < candidates[source] * (1.0 - OPTIMALITY_GAP) and _few(points):
        search = _searched(points)
        candidates["max margin"] = search.upper
        if search.upper < candidates[source]:
            source = "max margin"
            best = search.found
        if search.lower > dual.lower:
            dual = _exact(search)
    return OptimumBounds(
        lower=dual.lower,
        upper=candidates[source],
        ratio=candidates[source] / dual.lower,
        upper_source="none" if best is None else source,
        lower_source=dual.methods,
        lower_multipliers=dual.multipliers,
        sup_bound=dual.gain,
        gram_norm=points.gram_norm,
        candidates=candidates,
        net=None if best is None else best.net,
        orthogonal_limit=limit_norm(sample, bias),
        _subject=subject_of(sample, bias),
    )


def _few(points: Points) -> bool:
    """Whether the optimum itself is searched for."""
    m, k = points.extended.shape
    few = m <= _MOST_DATA and k <= _MOST_ENTRIES
    return few and bool(points.extended.any(axis=1).all()) and within_reach(points)


def _searched(points: Points) -> Best:
    """Return what a search for the max-margin net proves."""
    search = Best(points, _BUDGET)
    for _ in search.search(OPTIMALITY_GAP):
        pass
    return search


def _exact(search: Best) -> Dual:
    """Return the bound of a search, its largest multiplier scaled to 1."""
    largest = float(np.max(search.multipliers))
    gain = search.gain / largest * UP
    source = "exact supremum"
    return Dual(search.lower, gain, (gain, gain), (source, source), search.multipliers / largest)


def _listed(nets: object) -> list[object]:
    if isinstance(nets, TwoLayerNet) or not isinstance(nets, Iterable):
        raise TypeError(
            f"`nets` must be a sequence of nets, got {type(nets).__name__}; pass [net] for a"
            " single one"
        )
    return list(nets)


def _fitting(net: object, sample: SphereSample, bias: bool) -> TwoLayerNet:
    if not isinstance(net, TwoLayerNet):
        raise TypeError(
            f"`nets` must hold TwoLayerNet only, got {type(net).__name__};"
            f" {becoming(net, 'Problem (1) is about two layers')}"
        )
    require_dimension(net, sample, "pass the sample that they were trained on", "nets")
    if (net.b is not None) != bias:
        having = "without" if bias else "with"
        raise ValueError(
            f"`nets` must have biases iff `bias` is True, got a net {having} biases and"
            f" bias={bias}; pass bias={not bias}"
        )
    return net
