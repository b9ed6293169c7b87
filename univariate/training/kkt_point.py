"""From where training ended to the KKT point of its limiting cell.

A flow never reaches its limit direction, and its neurons never become zero: in the end each stays
among the same data, and Problem (1) over these orientations, cells and signs is convex. Its optimum
is where a flow that keeps to them must end. It is found to the accuracy of certificates, with at
most one neuron of a kind; where a kink comes to lie at the end of its cell, the flow would go on
into the next one, so that is added.
"""

from typing import Final

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.result import Result, Verdict, result
from univariate.common.tolerance import KKT_TOLERANCE
from univariate.error.clean_error import CleanError, clean_error_of
from univariate.optimum.region import Region
from univariate.optimum.regional import Grown, grow, polished
from univariate.problem.density import DensityLike
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import Network, ReluNet
from univariate.problem.population import Population
from univariate.problem.sample import Sample
from univariate.problem.truth import TruthLike
from univariate.standing.kkt import KktCertificate, kkt_of

Block = tuple[int, float, int]

_ON: Final = 1e-9
"""A kink this near to an observation, relatively, may go on to either side of it."""


@result
class KktPoint(Result):
    """The KKT point of the cell that a net is in.

    Attributes
    ----------
    net : ReluNet
        Balanced, with worst margin 1 and at most one neuron of every orientation, cell and sign.
    certificate : KktCertificate
        Of `net`; HOLDS unless rounding was too coarse.
    distance : float
        How far the point moved: max |N(x)/μ − N'(x)| between the first and the last observation, N
        the net given, μ its worst margin and N' the KKT point. (Parameters may differ far more and
        mean the same function.) Rounded.
    clean_error : CleanError
    clean_error_change : float
        Its value less that of the net given.
    cells, entered : int
        How many orientations, cells and signs the net had, and how many were entered on the way
        because a kink came to lie at the end of its cell: 0 if it was the right cell.
    """

    net: ReluNet
    certificate: KktCertificate
    distance: float
    clean_error: CleanError
    clean_error_change: float
    cells: int
    entered: int


def kkt_point(
    net: Network,
    sample: Sample,
    *,
    tolerance: float = KKT_TOLERANCE,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
) -> KktPoint:
    """Polish a net that interpolates to the KKT point of its cell.

    Parameters
    ----------
    net : ReluNet
        Where training ended, say `gradient_flow(…).net`. Every neuron counts, however small: a flow
        keeps it.
    sample : Sample
    tolerance : float
        Relative residual at which the certificate HOLDS.
    truth, density : optional
        f* and the law of x, for the clean errors; the sample's own if not given.

    Raises
    ------
    TypeError, ValueError
        Not a 2-layer net without output bias, or one that does not interpolate.
    ArithmeticError
        No optimum over the cell was found to working accuracy.

    For ends of a flow at a small margin the result is *a* KKT point near them, not provably their
    limit. Rounded, and certified. Cost that of a few sparse linear programmes in m rows. New.

    Examples
    --------
    >>> from univariate import draw_sample, gradient_flow, init_network, kkt_point
    >>> sample = draw_sample(8, 0.3, rng=1)
    >>> run = gradient_flow(init_network(sample, rng=2), sample, margin=10.0)
    >>> kkt_point(run.net, sample).certificate.verdict.name
    'HOLDS'
    """
    fit = ShallowFitted.of(net, sample)
    return kkt_point_of(fit, sample.population(density, truth), tolerance)[0]


def kkt_point_of(
    fit: ShallowFitted,
    population: Population,
    tolerance: float = KKT_TOLERANCE,
) -> tuple[KktPoint, ShallowFitted]:
    """Return the KKT point of `kkt_point`, and its net with the sample."""
    net = fit.net
    sample = fit.sample
    fits = fit.interpolation
    if not fit.interpolates:
        raise ValueError(
            f"`net` must interpolate `sample`, got y N(x) = {fits.margin:.6g} at observation"
            f" {fits.worst}; train it further"
        )
    region = Region.of(sample.x, _blocks(net, sample.x))
    grown = grow(sample.x, sample.y, region)
    if grown is None:
        raise ArithmeticError(
            "the linear programme over the cell of `net` was not solved; its gaps may be too uneven"
        )
    found = best_of(sample, grown, tolerance)
    if found is None:
        raise ArithmeticError("no optimum over the cell of `net` was found to working accuracy")
    best, certificate = found
    error = clean_error_of(best.net, population)
    point = KktPoint(
        best.net,
        certificate,
        _distance(net, fits.margin, best.net, sample.x),
        error,
        error.value - clean_error_of(net, population).value,
        region.size,
        grown.region.size - region.size,
    )
    return point, best


def best_of(
    sample: Sample, grown: Grown, tolerance: float
) -> tuple[ShallowFitted, KktCertificate] | None:
    """Return the first certified net near the optimum over a region, or the most accurate."""
    best: tuple[ShallowFitted, KktCertificate] | None = None
    for parts in polished(sample.x, sample.y, grown):
        fit = ShallowFitted(ReluNet(*parts), sample)
        certificate = kkt_of(fit, tolerance).certificate
        if best is None or certificate.accuracy < best[1].accuracy:
            best = fit, certificate
        if certificate.verdict is Verdict.HOLDS:
            break
    return best


def _blocks(net: ReluNet, x: Vector) -> set[Block]:
    """Return (orientation, sign, cell) of all neurons, both cells for a kink on a datum.

    Cell k lies between observations k and k + 1; neurons that are active on all data are affine,
    orientation 0, and those active on none are left out.
    """
    found: set[Block] = set()
    live = (net.v != 0.0) & ((net.w != 0.0) | (net.b > 0.0))
    v, w, b, kinks = (part[live] for part in (*net.parameters, net.kinks))
    after = np.searchsorted(x, kinks)
    beside = np.clip(np.stack([after - 1, after]), 0, len(x) - 1)
    nearest = np.where(kinks - x[beside[0]] <= x[beside[1]] - kinks, *beside)
    reach = _ON * np.hypot(w, b) * np.hypot(1.0, x[nearest])
    on = (np.abs(w * x[nearest] + b) <= reach) & (w != 0.0)
    first = np.where(on, nearest - 1, after - 1)
    last = np.where(on, nearest, after - 1)
    orientation = np.sign(w).astype(np.intp)
    columns = (orientation, np.sign(v), first, last)
    for side, sign, low, high in zip(*(column.tolist() for column in columns), strict=True):
        for cell in range(low, high + 1):
            if side and 0 <= cell < len(x) - 1:
                found.add((side, sign, cell))
            elif not side or (cell < 0) == (side > 0):
                found.add((0, sign, 0))
    return found


def _distance(net: ReluNet, margin: float, other: ReluNet, x: Vector) -> float:
    """Return max |N/margin − N'| over [x_1, x_m], attained at a kink of either or at an end."""
    knots = np.concatenate([net.kinks, other.kinks])
    knots = np.concatenate([x[[0, -1]], knots[(knots > x[0]) & (knots < x[-1])]])
    return float(np.abs(net(knots) / margin - other(knots)).max())
