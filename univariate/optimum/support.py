"""From a vertex of the linear programme to guesses at the support, where Newton's method starts.

Everything is rounded.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.optimum.atoms import Points
from univariate.optimum.blocks import State
from univariate.optimum.pieces import absorbed, merged, packed
from univariate.optimum.programme import Vertex
from univariate.optimum.rows import dual_values, multipliers_of

_GUESS_NOISE: Final = 1e-8  # of the linear programme's λ, relative to √(1 + x²)/gap
_NEARLY_TIED: Final = 1e-3  # largest |D_+ − D_−|/√(1 + x²) at which S₀ = S₁ = 0 is tried


class Guess(NamedTuple):
    """Data that may be the active ones, and a state on them."""

    active: Indices  # data
    state: State


def starts(data: Points, index: Indices, vertex: Vertex) -> list[Guess]:
    """Return guesses from the most to the least plausible; at least one."""
    points = data.take(index)
    values = dual_values(points, vertex.dual)
    difference = np.abs(values[0] - values[1]) / np.hypot(1.0, points.x)
    nearly_tied = np.max(difference) < _NEARLY_TIED
    tied = []
    joined = []
    apart = []
    for active in _active_sets(points, vertex):
        chosen = index[active]
        pieces = merged(data.take(chosen), vertex.atoms, vertex.weight)
        dual = np.append(vertex.dual[0], values[0][active][:-1])
        if nearly_tied and len(chosen) > 1 and all(piece.orientation for piece in pieces):
            blocks = packed(absorbed(pieces, tied=True))
            tied.append(Guess(chosen, _tie(State(blocks, dual))))
        joined.append(Guess(chosen, State(packed(absorbed(pieces, tied=False)), dual)))
        apart.append(Guess(chosen, State(packed(pieces), dual)))
    return tied + joined + apart


def plain_start(data: Points, index: Indices, vertex: Vertex) -> Guess:
    """Return the vertex as it is, all data active, for where every other guess fails."""
    pieces = merged(data.take(index), vertex.atoms, vertex.weight)
    return Guess(index, State(packed(pieces), vertex.dual))


def dual_scale(points: Points) -> Vector:
    """Return the multipliers that move D by √(1 + x²) within a gap: its rounding shows there."""
    size = np.hypot(1.0, points.x)
    if len(size) == 1:
        return size
    inverse = np.concatenate([[0.0], 1.0 / points.gap, [0.0]])
    return np.asarray(size * (inverse[1:] + inverse[:-1]))


def _active_sets(points: Points, vertex: Vertex) -> Iterator[Mask]:
    """Yield different sets of data that may be the active ones; all data only if nothing else."""
    multipliers = multipliers_of(points, vertex.dual)
    tight = vertex.slack == 0.0
    sure = multipliers > _GUESS_NOISE * dual_scale(points)
    everything = np.ones_like(tight)
    done = set[bytes]()
    for active in (sure, tight & (multipliers > 0.0), tight, everything):
        repeated = active.tobytes() in done or (active.all() and done)
        if active.any() and not repeated:
            done.add(active.tobytes())
            yield active


def _tie(state: State) -> State:
    """Return the state with S₀ = D_+(x_0) = 0 and one place for both orientations."""
    blocks = state.blocks
    second = blocks.second.copy()
    keys = np.where(blocks.pinned, -1, 2 * blocks.cell + (blocks.sign > 0.0))
    for key in np.unique(keys[keys >= 0]):
        same = keys == key
        first = blocks.first[same]
        second[same] = np.sum(second[same] * first) / np.sum(first)
    dual = state.dual.copy()
    dual[:2] = 0.0
    return State(blocks._replace(second=second), dual, tied=True)
