"""From the solution of a linear programme to blocks of atoms for Newton's method.

|D| ≤ √(1 + t²) with D linear on a cell allows one contact per closed cell, orientation and sign:
so atoms of one cell belong to one block. Merging them adds their u-vectors: same values at the
data, no larger norm. Everything is rounded.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.optimum.columns import Atoms, Points, Restricted, dual_values, multipliers_of
from univariate.optimum.polish import Blocks, State

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]

_GUESS_NOISE = 1e-8  # of the linear programme's λ, relative to √(1 + x²)/gap
_NEARLY_TIED = 1e-3  # largest |D_+ − D_−|/√(1 + x²) at which S₀ = S₁ = 0 is tried


class Piece(NamedTuple):
    """One block while it is being edited: orientation, cell, sign, pinned, first, second as in
    `Blocks`.
    """

    orientation: int
    cell: int
    sign: float
    pinned: bool
    first: float
    second: float

    @property
    def place(self) -> int:
        """The datum under a pinned kink."""
        return self.cell + int(self.second)


def starts(
    x: Vector, y: Vector, index: Indices, atoms: Atoms, found: Restricted
) -> list[tuple[Indices, State]]:
    """Return guesses (active data, state) from the most to the least plausible; at least one."""
    points = Points.of(x[index], y[index])
    multipliers, values = multipliers_of(points, found.dual), dual_values(points, found.dual)
    nearly_tied = np.max(np.abs(values[0] - values[1]) / np.hypot(1.0, points.x)) < _NEARLY_TIED
    tight, done = found.slack == 0.0, set[Any]()
    tied, joined, apart = [], [], []
    sure = multipliers > _GUESS_NOISE * dual_scale(points)
    for active in (sure, tight & (multipliers > 0.0), tight, np.ones(len(index), dtype=np.bool_)):
        if not active.any() or active.tobytes() in done or (active.all() and done):
            continue
        done.add(active.tobytes())
        chosen = index[active]
        pieces = merged(Points.of(x[chosen], y[chosen]), atoms, found.weight)
        dual = np.append(found.dual[0], values[0][active][:-1])
        if nearly_tied and len(chosen) > 1 and all(piece.orientation for piece in pieces):
            tied.append((chosen, tie(State(packed(absorbed(pieces, tied=True)), dual))))
        joined.append((chosen, State(packed(absorbed(pieces, tied=False)), dual)))
        apart.append((chosen, State(packed(pieces), dual)))
    return tied + joined + apart


def plain_start(
    x: Vector, y: Vector, index: Indices, atoms: Atoms, found: Restricted
) -> tuple[Indices, State]:
    """Return the vertex as it is, all data active: what is left where every guess at the active
    ones fails.
    """
    points = Points.of(x[index], y[index])
    return index, State(packed(merged(points, atoms, found.weight)), found.dual)


def dual_scale(points: Points) -> Vector:
    """Return the size of the multipliers that move D by √(1 + x²) within a gap: rounding of D shows
    relative to it.
    """
    size = np.hypot(1.0, points.x)
    inverse = np.concatenate([[0.0], 1.0 / points.gap, [0.0]])
    return size * (inverse[1:] + inverse[:-1]) if len(size) > 1 else size


def merged(points: Points, atoms: Atoms, weight: Vector) -> list[Piece]:
    """Collect weighted atoms into pieces on the cells of `points`; a kink on a datum stays a piece
    of its own.

    Kinks before all points (right-oriented) or behind them (left-oriented) are affine there; atoms
    that vanish on all points are dropped.
    """
    x, n, pieces = points.x, len(points.x), []
    for j in np.flatnonzero(weight > 0.0):
        turned, t, sign = int(atoms.orientation[j]), float(atoms.kink[j]), float(atoms.sign[j])
        if turned == 0 or (turned > 0 and t < x[0]) or (turned < 0 and t > x[-1]):
            pieces.append(Piece(0, 0, sign, False, weight[j] * atoms.w[j], weight[j] * atoms.b[j]))
        elif x[0] <= t < x[-1] if turned > 0 else x[0] < t <= x[-1]:
            cell = min(int(np.searchsorted(x, t, side="right")) - 1, n - 2)
            tau = float((t - x[cell]) / points.gap[cell])
            pieces.append(
                Piece(turned, cell, sign, tau in (0.0, 1.0), weight[j] * abs(atoms.w[j]), tau)
            )
    return united(pieces)


def united(pieces: list[Piece]) -> list[Piece]:
    """Add up the pieces of one orientation, sign and cell, those pinned on one datum apart from the
    free ones.
    """
    groups: dict[tuple[int, int, float, bool], list[Piece]] = {}
    for piece in pieces:
        at = piece.place if piece.pinned else piece.cell
        groups.setdefault((piece.orientation, at, piece.sign, piece.pinned), []).append(piece)
    out = []
    for (orientation, _, _, pinned), group in sorted(groups.items()):
        first = sum(piece.first for piece in group)
        second = sum(piece.second for piece in group)
        if orientation:
            second = (
                group[0].second
                if pinned
                else sum(piece.first * piece.second for piece in group) / first
            )
        out.append(group[0]._replace(first=first, second=second))
    return out


def absorbed(pieces: list[Piece], *, tied: bool) -> list[Piece]:
    """Move pinned kinks beside a free one, or at both ends of a cell, into that cell (of any
    orientation if tied).
    """
    cells: set[Any] = set()
    pins: set[Any] = set()
    for piece in pieces:
        key = (abs(piece.orientation) if tied else piece.orientation, piece.sign)
        if piece.orientation:
            (pins if piece.pinned else cells).add(
                (key, piece.place if piece.pinned else piece.cell)
            )
    cells |= {(key, place) for key, place in pins if (key, place + 1) in pins}
    out = []
    for piece in pieces:
        key = (abs(piece.orientation) if tied else piece.orientation, piece.sign)
        homes = [
            cell for cell in (piece.place - 1, piece.place) if piece.pinned and (key, cell) in cells
        ]
        out.append(
            piece._replace(cell=homes[0], second=float(piece.place - homes[0]), pinned=False)
            if homes
            else piece
        )
    return united(out)


def packed(pieces: list[Piece]) -> Blocks:
    """Return the pieces as arrays."""
    parts = list(zip(*pieces, strict=True)) or [()] * 6
    kinds = (np.intp, np.intp, np.float64, np.bool_, np.float64, np.float64)
    return Blocks(*(np.array(part, dtype=kind) for part, kind in zip(parts, kinds, strict=True)))


def unpacked(blocks: Blocks) -> list[Piece]:
    """Return the blocks one by one."""
    return [Piece(*row) for row in zip(*(part.tolist() for part in blocks), strict=True)]


def tie(state: State) -> State:
    """Return the state with S₀ = D_+(x_0) = 0 and one place for both orientations of a cell and
    sign.
    """
    blocks, dual = state.blocks, state.dual.copy()
    second = blocks.second.copy()
    keys = np.where(blocks.pinned, -1, 2 * blocks.cell + (blocks.sign > 0.0))
    for key in np.unique(keys[keys >= 0]):
        same = keys == key
        second[same] = np.sum(second[same] * blocks.first[same]) / np.sum(blocks.first[same])
    dual[:2] = 0.0
    return State(blocks._replace(second=second), dual, tied=True)


def block_kinks(points: Points, blocks: Blocks) -> Vector:
    """Return the kinks of all blocks, exactly on the datum where pinned; 0 for affine ones."""
    bent, out = blocks.orientation != 0, np.zeros(len(blocks.sign))
    cell, tau = blocks.cell[bent], blocks.second[bent]
    out[bent] = np.where(
        tau == 1.0, points.x[cell + (tau == 1.0)], points.x[cell] + tau * points.gap[cell]
    )
    return out


def block_norms(points: Points, blocks: Blocks) -> Vector:
    """Return ‖u‖ of all blocks."""
    kinked = np.abs(blocks.first) * np.hypot(1.0, block_kinks(points, blocks))
    return np.where(blocks.orientation != 0, kinked, np.hypot(blocks.first, blocks.second))


def plain_net(points: Points, blocks: Blocks) -> tuple[Vector, Vector, Vector]:
    """Return the balanced neurons (v, w, b) of all blocks, rounded without care."""
    bent, kink = blocks.orientation != 0, block_kinks(points, blocks)
    slope = np.where(bent, blocks.orientation * blocks.first, blocks.first)
    rise = np.where(bent, -slope * kink, blocks.second)
    size = np.sqrt(np.hypot(slope, rise))
    size = np.where(size > 0.0, size, 1.0)
    return blocks.sign * size, slope / size, rise / size
