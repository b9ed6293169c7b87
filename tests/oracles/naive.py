"""Slow, obvious float64 answers: dense evaluation, grids, and the max-margin problem by a conic
solver.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import clarabel
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from oracles import exact

Vector = NDArray[np.float64]


# Evaluation


def dense_net(v: ArrayLike, w: ArrayLike, b: ArrayLike) -> Callable[[ArrayLike], Vector]:
    """Return N(x) = Σ_j v_j max(0, w_j x + b_j) as a function of an array x of any shape."""
    outer, inner, bias = (np.asarray(array, dtype=np.float64) for array in (v, w, b))

    def evaluate(x: ArrayLike) -> Vector:
        points = np.asarray(x, dtype=np.float64)[..., None]
        return np.asarray(np.maximum(0.0, points * inner + bias) @ outer, dtype=np.float64)

    return evaluate


def dense_deep_net(layers: Sequence[tuple[Vector, Vector]]) -> Callable[[ArrayLike], Vector]:
    """Return a net with scalar input and output as a function of an array x of any shape."""

    def evaluate(x: ArrayLike) -> Vector:
        outputs = np.asarray(x, dtype=np.float64)[..., None]
        for depth, (weight, bias) in enumerate(layers):
            inputs = outputs if depth == 0 else np.maximum(0.0, outputs)
            outputs = inputs @ weight.T + bias
        return outputs[..., 0]

    return evaluate


def grid_clean_error(net_callable: Callable[[Vector], Vector], points: int) -> float:
    """Share of the midpoints of `points` equal cells of [0, 1] at which the net is ≤ 0.

    Off by at most 1/points for every sign change in [0, 1], apart from signs lost in rounding.
    """
    middles = (np.arange(points) + 0.5) / points
    return float(np.mean(net_callable(middles) <= 0.0))


def nearest_neighbour_label(x: ArrayLike, y: ArrayLike, t: ArrayLike) -> Vector:
    """Label of the sample point nearest to each entry of t; of the first one on ties."""
    distances = np.abs(np.asarray(t, dtype=np.float64)[..., None] - np.asarray(x, dtype=np.float64))
    nearest: Vector = np.asarray(y, dtype=np.float64)[np.argmin(distances, axis=-1)]
    return nearest


# Maximum margin: min Σ v² + w² + b² subject to y_i N(x_i) ≥ 1, over nets of every width  A neuron
# is replaced by its atom u = v·(w, b) ∈ R². Rescaling (v, w, b) → (v/c, c w, c b) keeps the
# function, and the cheapest neuron with atom u costs 2‖u‖ (|v| = ‖(w, b)‖ = √‖u‖). With s =
# sign(v), s·u is a positive multiple of (w, b), so s and u tell on which data the neuron is active
# (w x + b ≥ 0; where it is 0 both readings agree), and on that set A it adds u·(x_i, 1) to N(x_i).
# In one dimension A is a suffix, a prefix, everything or nothing.  The block (A, s) holds all atoms
# with this sign which are active on A: s u·(x_i, 1) ≥ 0 for i in A,   s u·(x_i, 1) ≤ 0 for i not in
# A, a closed convex cone, on which the net's values are linear in u. The neurons of a net that
# share a block may hence be replaced by the sum of their atoms: it lies in the cone, gives the same
# values on the data, and its cost 2‖Σu‖ is no larger. So one atom per block is enough, every net is
# matched, every choice of one atom per block is a net, and min 2 Σ‖u‖   subject to   u in the cone
# of its block,   y_i Σ_{blocks with i in A} u·(x_i, 1) ≥ 1 has exactly the optimal value of the
# original problem. It is convex: second-order cones and linear inequalities.  An affine function
# which changes sign between the neighbours x_{k−1} and x_k has the right sign on all other data
# too, so two of the inequalities of each cone are enough; when A is everything, those at the first
# and last point. Atoms active on no data change nothing and cost something: they are dropped.


@dataclass(frozen=True)
class Block:
    """Atoms with one sign of v, active on the data in `active`.

    `sides` holds the (index, +1 | −1) that place the kink: sign·u·(x_index, 1) must be ≥ 0 | ≤ 0.
    """

    sign: float
    active: range
    sides: tuple[tuple[int, float], ...]


class ConicSolution(NamedTuple):
    """A numerical solution of Problem (1): balanced neurons, one per block, and the solver's
    verdict.
    """

    norm_squared: float
    v: Vector
    w: Vector
    b: Vector
    multipliers: Vector  # λ with Σλ_i = ‖θ‖²/2 at the optimum: half the solver's dual variables
    status: str


def conic_max_margin(x: ArrayLike, y: ArrayLike) -> tuple[float, Vector, Vector, Vector]:
    """Minimal norm squared of a net with y_i N(x_i) ≥ 1, and (v, w, b) that attain it, for
    ascending x.

    Problem (1) in one dimension over nets of every width, by the exact convex reformulation above.
    The net is feasible, and the value optimal, up to the solver's tolerance: see
    `solve_max_margin`, which also reports the status and the dual variables.

    Raises
    ------
    RuntimeError
        The solver stopped without a solution.
    """
    return solve_max_margin(x, y)[:4]


def solve_max_margin(
    x: ArrayLike, y: ArrayLike, tolerance: float = 1e-12, *, exactly: bool = False
) -> ConicSolution:
    """Solve Problem (1) with Clarabel to the given gap and feasibility; see `conic_max_margin`.

    With `exactly`, all margins are to be 1: the net of least norm that interpolates the labels.

    The solver's feasibility is relative to the size of its solution, and it stops at "AlmostSolved"
    when rounding keeps it from `tolerance`: for m ≤ 60 uniform points the norm is good to 1e-6 of
    itself, mostly to 1e-10, while margins may fall short of 1 by 1e-5; for gaps that differ by 2^20
    the norm may be off by 1e-4. `norm_squared_bounds` says what holds in a given instance.
    """
    points, labels = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    blocks = list(cell_blocks(len(points)))
    cost, matrix, right, cones = _conic_program(points, labels, blocks)
    if exactly:
        sides = matrix.shape[0] - 3 * len(blocks) - len(points)
        cones[-1:] = [clarabel.NonnegativeConeT(sides), clarabel.ZeroConeT(len(points))]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = tolerance
    no_quadratic = sparse.csc_matrix((len(cost), len(cost)))
    solution = clarabel.DefaultSolver(no_quadratic, cost, matrix, right, cones, settings).solve()
    status = str(solution.status)
    if status not in ("Solved", "AlmostSolved"):
        raise RuntimeError(f"Clarabel stopped with status {status} at m = {len(points)}")
    atoms = np.asarray(solution.x).reshape(-1, 3)[:, 1:]
    v, w, b = balanced_neurons(np.array([block.sign for block in blocks]), atoms)
    return ConicSolution(
        norm_squared=2.0 * float(np.sum(np.hypot(atoms[:, 0], atoms[:, 1]))),
        v=v,
        w=w,
        b=b,
        multipliers=np.asarray(solution.z)[-len(points) :] / 2.0,
        status=status,
    )


def norm_squared_bounds(x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """Lower and upper bound on the minimum of Problem (1), of which only their distance rests on
    the solver.

    Below: 2 Σλ_i of the solver's multipliers, scaled to be exactly feasible for the dual. Above:
    the norm squared of the solver's net, scaled to margins of exactly 1. Both are rational
    arithmetic, up to the last rounding.
    """
    solution = solve_max_margin(x, y)
    multipliers = np.maximum(0.0, solution.multipliers)
    ratio = math.sqrt(exact.dual_ratio_squared(x, y, multipliers))
    net = (solution.v, solution.w, solution.b)
    worst = min(exact.margins(*net, x, y))
    return 2.0 * math.fsum(multipliers) / ratio, float(exact.norm_squared(*net) / worst)


def cell_blocks(m: int) -> Iterator[Block]:
    """Every (activity pattern on m ascending points, sign) that touches data: 2 (2 (m − 1) + 1)
    blocks.
    """
    for sign in (1.0, -1.0):
        yield Block(sign, range(m), ((0, 1.0), (m - 1, 1.0)))
        for cell in range(1, m):
            yield Block(sign, range(cell, m), ((cell - 1, -1.0), (cell, 1.0)))
            yield Block(sign, range(cell), ((cell - 1, 1.0), (cell, -1.0)))


def balanced_neurons(signs: Vector, atoms: Vector) -> tuple[Vector, Vector, Vector]:
    """Return the cheapest neurons with atoms u = v·(w, b) and given signs of v: |v| = ‖(w, b)‖ =
    √‖u‖.
    """
    roots = np.sqrt(np.hypot(atoms[:, 0], atoms[:, 1]))
    directions = np.divide(
        atoms, roots[:, None], out=np.zeros_like(atoms), where=roots[:, None] > 0.0
    )
    return signs * roots, signs * directions[:, 0], signs * directions[:, 1]


def _conic_program(
    points: Vector, labels: Vector, blocks: list[Block]
) -> tuple[Vector, sparse.csc_matrix, Vector, list[object]]:
    """Clarabel's form min c·z subject to A z + s = r, s in the cones, with z = (τ, u₁, u₂) for
    every block.

    Rows: (τ, u) in the second-order cone; then the cones of the blocks and the margins, all s ≥ 0.
    """
    rows: list[int] = []
    columns: list[int] = []
    entries: list[float] = []
    places, signs = points.tolist(), labels.tolist()

    def put(row: int, block: int, affine_at: float, factor: float) -> None:
        """Add factor·u·(affine_at, 1) ≥ 0 to a row; s = r − A z, hence the minus."""
        rows.extend((row, row))
        columns.extend((3 * block + 1, 3 * block + 2))
        entries.extend((-factor * affine_at, -factor))

    second_order = 3 * len(blocks)
    rows.extend(range(second_order))
    columns.extend(range(second_order))
    entries.extend([-1.0] * second_order)
    row = second_order
    for index, block in enumerate(blocks):
        for neighbour, side in block.sides:
            put(row, index, places[neighbour], side * block.sign)
            row += 1
    for index, block in enumerate(blocks):
        for i in block.active:
            put(row + i, index, places[i], signs[i])
    total = row + len(points)
    right = np.zeros(total)
    right[row:] = -1.0  # s = y_i N(x_i) − 1
    cost = np.tile([2.0, 0.0, 0.0], len(blocks))
    cones = [clarabel.SecondOrderConeT(3) for _ in blocks]
    matrix = sparse.csc_matrix((entries, (rows, columns)), shape=(total, 3 * len(blocks)))
    return cost, matrix, right, [*cones, clarabel.NonnegativeConeT(total - second_order)]
