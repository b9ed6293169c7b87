"""Rows about the max-margin net in low dimension: against one conic program over all activation
cells, which proves nothing, and in seconds.
"""

from collections.abc import Callable
from functools import partial
from itertools import combinations, product
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

import highdim
from benchmarks.speed.comparisons import Comparison
from benchmarks.speed.sphere import single
from univariate import Verdict

NOISE = 0.3
CONIC_AGREEMENT = 1e-4
LARGE_GAP = 1e-6  # asked for of samples whose multipliers leave doubles few digits


def against_enumeration(m: int = 30) -> Comparison:
    """The circle, against Clarabel on all m(m − 1) + 2 cells and both signs."""
    sample = highdim.draw_sphere_sample(m, 2, NOISE, rng=0)
    found = highdim.max_margin(sample)
    cells = patterns(sample.X)
    expected = enumerated(sample, cells)
    if abs(found.norm_squared / expected - 1.0) > CONIC_AGREEMENT:
        raise ArithmeticError(f"‖θ*‖² = {found.norm_squared}, by enumeration {expected}")
    return Comparison(
        single(partial(highdim.max_margin, sample), timer=process_time),
        single(partial(enumerated, sample, cells), timer=process_time),
        "Clarabel on all cells",
        "≥ 100",
        3,
        f"processor time, one thread, {2 * len(cells)} blocks, found beforehand; ours proved to a"
        f" gap of {found.duality_gap:.1g}",
    )


def in_seconds(m: int, d: int, budget: str, repetitions: int) -> Comparison:
    """A sample on the sphere to a proved gap of at most 1e-6."""
    sample = highdim.draw_sphere_sample(m, d, NOISE, rng=0)
    solve = partial(highdim.max_margin, sample, tolerance=LARGE_GAP)
    found = solve()
    if found.verdict is not Verdict.HOLDS:
        raise ArithmeticError(found.reason)
    note = f"processor time, proved to a gap of {found.duality_gap:.1g}"
    return Comparison(single(solve, timer=process_time), None, "", budget, repetitions, note)


def patterns(X: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the activity patterns of all cells of points in general position, (cells, m)."""
    rows = np.column_stack((X, np.ones(len(X))))
    k = rows.shape[1]
    found = set()
    for face in combinations(range(len(rows)), k - 1):
        corner = np.linalg.svd(rows[list(face)])[2][-1]
        for sides in product((False, True), repeat=k - 1):
            for turn in (1.0, -1.0):
                active = turn * rows @ corner > 0.0
                active[list(face)] = sides
                found.add(active.tobytes())
    return np.array([np.frombuffer(one, dtype=np.bool_) for one in found])


def enumerated(sample: highdim.SphereSample, cells: NDArray[np.bool_]) -> float:
    """Return min Σ 2‖u‖ over one vector for each cell and sign, as Clarabel finds it."""
    import clarabel
    from scipy import sparse

    rows = np.column_stack((sample.X, np.ones(sample.size)))
    m, k = rows.shape
    active = np.concatenate((cells, cells))
    signs = np.repeat([1.0, -1.0], len(cells))
    blocks: list[Any] = []
    walls: list[Any] = []
    for on, sign in zip(active, signs, strict=True):
        effect = -(sign * sample.y * on)[:, None] * rows
        blocks.append(sparse.hstack((sparse.coo_array((m, 1)), sparse.coo_array(effect))))
        side = np.where(on, -1.0, 1.0)[:, None] * rows
        walls.append(sparse.hstack((sparse.coo_array((m, 1)), sparse.coo_array(side))))
    N = len(signs)
    lengths = -sparse.eye_array(N * (k + 1))
    A = sparse.csc_matrix(sparse.vstack((sparse.hstack(blocks), sparse.block_diag(walls), lengths)))
    right = np.concatenate((-np.ones(m), np.zeros(N * m + N * (k + 1))))
    cost = np.tile(np.concatenate(([2.0], np.zeros(k))), N)
    cones = [clarabel.NonnegativeConeT(m + N * m)]
    cones += [clarabel.SecondOrderConeT(k + 1) for _ in range(N)]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    P = sparse.csc_matrix((cost.size, cost.size))
    return float(clarabel.DefaultSolver(P, cost, A, right, cones, settings).solve().obj_val)


ROWS: dict[str, Callable[[], Comparison]] = {
    "highdim.max_margin, d = 2, m = 30": against_enumeration,
    "highdim.max_margin, d = 2, m = 100": partial(in_seconds, 100, 2, "< 10", 3),
    "highdim.max_margin, d = 2, m = 300": partial(in_seconds, 300, 2, "< 300", 1),
    "highdim.max_margin, d = 3, m = 30": partial(in_seconds, 30, 3, "< 60", 3),
    "highdim.max_margin, d = 3, m = 60": partial(in_seconds, 60, 3, "< 900", 1),
}
