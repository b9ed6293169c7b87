"""Problem (1) over given blocks by a conic solver; its answer is a guess, for others to prove.

min Σ ‖u_j‖ + M Σ ξ_i subject to y_i Σ_j sign_j a_ij u_j·f_i + ξ_i ≥ r_i, ξ ≥ 0, and each u_j on its
side of its walls (Pilanci and Ergen, 2020, with the cells that are needed only). The multipliers of
the margins are those of the dual, at most M: with too few blocks for any net they stay finite.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from highdim.optimum.blocks import Blocks
from highdim.optimum.scaled import Scaled
from highdim.optimum.solver import answered
from univariate.common.arrays import Matrix, Vector

_ANSWERS: Final = ("Solved", "AlmostSolved", "InsufficientProgress", "MaxIterations")


class Solution(NamedTuple):
    """Vectors u_j (N, k), multipliers λ_i (m,) ≥ 0 and what margins lack, ξ (m,) ≥ 0. Rounded."""

    vectors: Matrix
    multipliers: Vector
    short: Vector


def solved(data: Scaled, blocks: Blocks, most: float, goal: float) -> Solution | None:
    """Return the optimum over some blocks, M = `most`, to a relative error of `goal` if all goes
    well; None where the solver gives up.

    Cost that of an interior-point method: some twenty factorisations of a matrix with m N k
    entries.
    """
    import clarabel
    from scipy import sparse

    f, y, r = data.f, data.y, data.r
    (m, k), N = f.shape, len(blocks.sign)
    effect = blocks.active * np.outer(blocks.sign, y)
    margins = sparse.coo_array(-np.einsum("ji,il->ijl", effect, f).reshape(m, N * k))
    walls = _walls(data, blocks)
    count = walls.shape[0]
    identity = sparse.eye_array(m)
    lengths = np.hstack([N * k + np.arange(N)[:, None], np.arange(N * k).reshape(N, k)]).ravel()
    cone = sparse.coo_array(
        (-np.ones(lengths.size), (np.arange(lengths.size), lengths)),
        shape=(lengths.size, N * k + N + m),
    )
    # columns u, t ≥ ‖u‖, ξ; rows margins, walls, ξ ≥ 0, cones
    rows: Any = [
        sparse.hstack([margins, sparse.coo_array((m, N)), -identity]),
        sparse.hstack([walls, sparse.coo_array((count, N + m))]),
        sparse.hstack([sparse.coo_array((m, N * k + N)), -identity]),
        cone,
    ]
    right = np.concatenate([-r, np.zeros(count + m + lengths.size)])
    cost = np.concatenate([np.zeros(N * k), np.ones(N), np.full(m, most)])
    kinds = [clarabel.NonnegativeConeT(m + count + m)]
    kinds += [clarabel.SecondOrderConeT(k + 1) for _ in range(N)]
    nothing = sparse.csc_array((cost.size, cost.size))
    found = answered(nothing, cost, sparse.vstack(rows), right, kinds, goal)
    if not found.among(_ANSWERS):
        return None
    vectors, short = found.x[: N * k].reshape(N, k), found.x[N * k + N :]
    return Solution(vectors, np.maximum(found.z[:m], 0.0), np.maximum(short, 0.0))


def _walls(data: Scaled, blocks: Blocks) -> Any:
    """Return the rows −side u_j·f_i ≤ 0 of all walls, over the entries of the u_j."""
    from scipy import sparse

    k, N = data.f.shape[1], len(blocks.sign)
    block, datum = np.nonzero(blocks.walls)
    entries = -blocks.sides()[block, datum][:, None] * data.f[datum]
    row = np.repeat(np.arange(len(block)), k)
    column = (block[:, None] * k + np.arange(k)).ravel()
    return sparse.coo_array((entries.ravel(), (row, column)), shape=(len(block), N * k))
