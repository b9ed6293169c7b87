"""Whether a module maps each row by itself, up to rounding: points of all sizes and both signs may
have a mean of 0 that other batches do not have.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from univariate.common.nets.probes import Points
from univariate.common.nets.program import Affine, Step
from univariate.common.nets.watch import watched

AGREEMENT: Final = 2.0**-52  # of two evaluations in double precision, for every term added up
LARGE: Final = 1e4  # below which the range of no type ends
_USUAL: Final = 1e3  # size of points
_FEW: Final = 7  # points, a prime: no reshaping makes other rows of them


def require_rows_alone(module: Any, points: Points, values: Points, steps: Sequence[Step]) -> None:
    """Refuse a module that gives some points other values alone than among all.

    Some are those of usual size on one side, whose mean, median and middle are far from 0, and the
    last few of them.

    Parameters
    ----------
    module : torch.nn.Module
        The module.
    points, values : array
        Points (k, d), and what the module gives for all of them at once, (k, n).
    steps : sequence of Affine or Bend
        What it computes, for a bound on rounding.

    Raises
    ------
    ValueError
        Values differ by more than rounding, with where and by how much.
    """
    largest = np.max(np.abs(points), axis=1)
    side = np.flatnonzero((largest <= _USUAL) & (points[:, 0] > 0.0))
    bound = rounding(steps, points)
    for some in (side, side[-_FEW:]) if len(side) else ():
        alone = watched(module, points[some])[1]
        among = values[some]
        if alone.shape == among.shape and are_near(alone, among, bound[some]):
            continue
        raise _dependent(points[some], alone, among, len(points))


def _dependent(some: Points, alone: Points, among: Points, whole: int) -> ValueError:
    """Return what is said of values at some points that depend on the others of the whole batch."""
    got = f"{alone.shape[1]} numbers for each of {len(some)} rows and {among.shape[1]}"
    if alone.shape == among.shape:
        off = np.nan_to_num(np.abs(alone - among), nan=np.inf)
        worst, channel = np.unravel_index(int(np.argmax(off)), off.shape)
        where = np.array2string(some[worst], precision=6, threshold=4, edgeitems=2)
        got = (
            f"{alone[worst, channel]:.6g} at x = {where} in a batch of {len(some)} rows and"
            f" {among[worst, channel]:.6g}"
        )
    return ValueError(
        f"`model` must map each row of a batch by itself, got {got} in one of {whole}, as if it"
        " took means over its batch; use constants, as those of the training data"
    )


def are_near(found: Points, computed: Points, allowed: Points) -> bool:
    """Whether values are as near as allowed, wherever they are within the range of their type."""
    with np.errstate(all="ignore"):
        known = np.isfinite(allowed) & (np.isfinite(found) | (np.abs(computed) < LARGE))
        return bool(np.all((np.abs(found - computed) <= allowed) | ~known))


def rounding(steps: Sequence[Step], points: Points) -> Points:
    """Return a bound on the rounding of two evaluations, (k, n)."""
    sizes = np.abs(points)
    terms = 8
    with np.errstate(all="ignore"):
        for step in steps:
            if not isinstance(step, Affine):
                sizes = sizes * np.maximum(1.0, np.abs(step.slope))
                continue
            weight = np.abs(step.weight.astype(np.float64))
            sizes = (sizes * weight if weight.ndim == 1 else sizes @ weight.T) + step.added
            terms += 2 * weight.shape[-1] + 4
        found: Points = AGREEMENT * terms * sizes
    return found
