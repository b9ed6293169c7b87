"""From where training ended to a KKT point of Problem (1), through the cells of neurons' activity.

While each neuron stays active on the same data, Problem (1) is convex: its optimum over this cell
is found by a conic solver and polished to the accuracy of certificates. An optimum on the cell's
boundary need not be a KKT point; where no σ' in [0, 1] explains the pressure on a face, the norm
falls beyond it, and the cell there is next. The norm falls from cell to cell, so that none comes
twice.
"""

from math import inf
from typing import Final

import numpy as np

from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample
from highdim.standing.arguments import require_shallow, require_tolerance
from highdim.standing.cell import Cell, Data, Optimum, cost, distance, neurons
from highdim.standing.conic import solved
from highdim.standing.folded import Problem
from highdim.standing.kkt import KktCertificate, kkt_certificate
from highdim.standing.measure import best
from highdim.standing.polish import polished
from highdim.standing.unpolished import UnfitNetError, UnsolvedCellError
from univariate.common import check
from univariate.common.arrays import Matrix
from univariate.common.result import Result, Verdict, result
from univariate.common.tolerance import KKT_TOLERANCE

LARGEST: Final = 20_000
"""Most pairs of a kind of neurons and a datum; the conic solver's work grows faster than their
number.
"""

_SLACK: Final = 1e-9  # relative violation of 0 ≤ σ' ≤ 1 that does not count
_ROUNDING: Final = 1e-9  # relative rise of the norm that is none
_FALL: Final = 1e-13  # relative fall of the norm below which a cell is no progress


@result
class KktPoint(Result):
    """A KKT point near a net.

    Attributes
    ----------
    net : TwoLayerNet
        At smallest margin 1. Where output weights are trained: balanced, one neuron of every sign
        and cell. Where they are fixed: the neurons of the net given, in their order, those of no
        use at (w, b) = 0.
    certificate : KktCertificate
        Of `net`.
    distance : float
        How far the parameters moved: that of the products |v_j| (w_j, b_j), summed over neurons of
        one sign and cell, both nets at smallest margin 1, relative to those of the net given.
        Rounded.
    norm_squared_fall : float
        Norm² of the parameters trained of the net given, at smallest margin 1, less that of `net`.
    cells_crossed : int
        How often a cell was left for another one: 0 if the optimum of the first is a KKT point.
    neurons : int
        How many neurons with (w, b) ≠ 0 remain, no two of one sign and cell.
    verdict : Verdict
        That of the certificate.
    reason : str
        One sentence.
    """

    net: TwoLayerNet
    certificate: KktCertificate
    distance: float
    norm_squared_fall: float
    cells_crossed: int
    neurons: int
    verdict: Verdict
    reason: str


def kkt_point(
    net: TwoLayerNet,
    sample: SphereSample,
    *,
    train_output: bool = True,
    tolerance: float = KKT_TOLERANCE,
    most_cells: int = 200,
) -> KktPoint:
    """Polish a net that interpolates to a KKT point of Problem (1).

    Parameters
    ----------
    net : TwoLayerNet
        Where training ended, say `gradient_flow(…).net`.
    sample : SphereSample
    train_output : bool
        Whether output weights are parameters; as it was in training.
    tolerance : float
        Of the certificate.
    most_cells : int
        Cells after which to stop, at least 1.

    Raises
    ------
    TypeError, ValueError
        Not a 2-layer net of the sample's dimension, one that does not interpolate, one with more
        than `LARGEST` pairs of a kind of neurons and a datum, or one whose norm² at margin 1 is
        beyond the range of doubles. All but the first are an `UnfitNetError`.
    ArithmeticError
        The conic solver failed on the first cell: an `UnsolvedCellError`.

    Rounded, and certified. A KKT point with nothing to merge or to drop stays where it is; where
    optima of a cell are not unique, as they may be with trained outputs, one of them is found. The
    norm at smallest margin 1 is at most that of the net given, up to rounding. Cost O(m² d) once,
    and for each cell that of an interior-point method with m N r matrix entries, r = min(m, d + 1)
    and N kinds of neurons. New.
    """
    net = require_shallow(net, sample)
    train_output = check.flag("train_output", train_output)
    most_cells = check.count("most_cells", most_cells)
    tolerance = require_tolerance(tolerance)
    problem = Problem.of(net, sample, train_output)
    before = _norm_before(problem, net, sample, tolerance)
    L, basis = _coordinates(problem.X)
    data = Data(L, problem.y, problem.train_output)
    first = Cell.of(problem)
    alone = len(first.sign) == np.sum(first.member >= 0) == net.width
    if alone and best(problem, tolerance, None).accuracy <= tolerance:
        return _unmoved(net, sample, problem, tolerance)
    _require_moderate(first)
    optimum, crossed, why = _descend(first, data, problem, most_cells)
    if optimum is None:
        raise UnsolvedCellError(
            "the convex problem over the cell of `net` was not solved; its data may be too uneven"
        )
    U, v, _, worst = neurons(problem, optimum, data)
    if basis is not None:
        U = U @ basis.T
    found = problem.net_at_margin_one(U, v, worst, net)
    certificate = kkt_certificate(found, sample, train_output=train_output, tolerance=tolerance)
    # next to nearly parallel data the cell's optimum may be lost to rounding
    if not certificate.norm_squared <= before * (1.0 + _ROUNDING):
        return _unmoved(net, sample, problem, tolerance, "no better net of doubles was found")
    return KktPoint(
        found,
        certificate,
        distance(problem, first, optimum, basis, worst),
        before - certificate.norm_squared,
        crossed,
        len(optimum.cell.sign),
        certificate.verdict,
        _reason(certificate, why),
    )


def _norm_before(
    problem: Problem, net: TwoLayerNet, sample: SphereSample, tolerance: float
) -> float:
    """Return the squared norm at smallest margin 1; raise UnfitNetError where there is none."""
    if problem.worst <= problem.rounding:
        trained = problem.train_output
        reason = kkt_certificate(net, sample, train_output=trained, tolerance=tolerance).reason
        raise UnfitNetError(f"`net` must interpolate `sample`: {reason}; train it further")
    before = problem.normalised(problem.squared_size, problem.worst)
    if before == inf:
        raise UnfitNetError(
            "`net` must have a squared norm at smallest margin 1 within the range of doubles, got"
            " one beyond; balance |v_j| and |(w_j, b_j)|, or rescale x"
        )
    return before


def _unmoved(
    net: TwoLayerNet, sample: SphereSample, problem: Problem, tolerance: float, why: str = ""
) -> KktPoint:
    """Return the net that was given, at worst margin 1."""
    found = problem.net_at_margin_one(problem.U, problem.v, problem.worst, net)
    trained = problem.train_output
    certificate = kkt_certificate(found, sample, train_output=trained, tolerance=tolerance)
    reason = f"{why}; {certificate.reason}" if why else certificate.reason
    return KktPoint(found, certificate, 0.0, 0.0, 0, net.width, certificate.verdict, reason)


def _descend(
    cell: Cell, data: Data, problem: Problem, most_cells: int
) -> tuple[Optimum | None, int, str]:
    """Go from cell to cell while the norm falls.

    Returns the last optimum, the crossings, and what stopped them.
    """
    best: Optimum | None = None
    least = inf
    for crossed in range(most_cells):
        found = _optimum(cell, data)
        if found is None:
            return best, max(0, crossed - 1), "the next cell's problem was not solved"
        norm = cost(problem, found, data)
        if best is not None and not norm < least * (1.0 - _FALL):
            why = "the next cell was no better: multipliers on its faces are not unique"
            return best, crossed - 1, why
        best, least = found, norm
        faces = found.violated(problem.y, _SLACK)
        if not faces.any():
            return best, crossed, ""
        cell = found.cell.crossed(faces).merged(problem.train_output)
    return best, most_cells - 1, f"the norm still fell after {most_cells} cells"


def _optimum(cell: Cell, data: Data) -> Optimum | None:
    """Return the optimum over a cell, polished if possible."""
    start = solved(cell, data)
    if start is None or not len(start.cell.sign):
        return None
    exact = polished(start, data)
    return start if exact is None else exact


def _coordinates(X: Matrix) -> tuple[Matrix, Matrix | None]:
    """Return the data in coordinates of their span, (m, r), and its orthonormal basis (q, r) or
    None if r = q.
    """
    if X.shape[1] <= X.shape[0]:
        return X, None
    basis, upper = np.linalg.qr(X.T)
    return np.ascontiguousarray(upper.T), basis


def _require_moderate(cell: Cell) -> None:
    pairs = cell.active.size
    if pairs > LARGEST:
        raise UnfitNetError(
            f"`net` must have at most {LARGEST} pairs of a kind of neurons and a datum, got {pairs}"
            f" = {cell.active.shape[1]} kinds x {cell.active.shape[0]} data; train it longer, until"
            " neurons align, or take fewer data"
        )


def _reason(certificate: KktCertificate, why: str) -> str:
    if certificate.verdict is Verdict.HOLDS:
        return certificate.reason
    why = why or "the optimum of the cell was found to working accuracy only"
    return f"{certificate.reason}; {why}"
