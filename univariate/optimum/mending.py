"""How far a converged state is from the optimum of Problem (1), and the next guess at its support.

Rounded.
"""

from typing import Final

import numpy as np

from univariate.common.arrays import Indices, Vector
from univariate.optimum.atoms import Points
from univariate.optimum.blocks import State, block_norms, unit_atoms
from univariate.optimum.equations import fit_equations
from univariate.optimum.pieces import Piece, merged, packed, united, unpacked
from univariate.optimum.pricing import Prices, priced_bound
from univariate.optimum.rows import chords, dual_values, multipliers_of, row_scale
from univariate.optimum.support import Guess, dual_scale

_NOISE: Final = 1e-12  # of λ, relative to √(1 + x²)/gap, and of prices, in a converged state
_NEWCOMER: Final = 1e-6  # size of a new block, relative to the median


def defect(points: Points, state: State, prices: Prices) -> float:
    """Return the relative distance from optimality; infinity where a sign or place is wrong."""
    blocks = state.blocks
    bent = blocks.orientation != 0
    multipliers = multipliers_of(points, state.dual)
    outside = bent & ((blocks.second < 0.0) | (blocks.second > 1.0))
    negative = np.any(multipliers < -_NOISE * dual_scale(points))
    if np.any(blocks.first[bent] < 0.0) or outside.any() or negative:
        return np.inf
    bound = priced_bound(points, state.dual, prices)
    if not bound > 0.0:
        return np.inf
    residual, _ = fit_equations(points, blocks)
    wanted = row_scale(points) * chords(points, points.y)
    missing = float(np.linalg.norm(residual) / np.linalg.norm(wanted))
    return float(abs(block_norms(points, blocks).sum() / bound - 1.0)) + missing


def mended(data: Points, guess: Guess, short: Indices, prices: Prices) -> Guess | None:
    """Return the guess with every visible fault removed, or None where there is none.

    Faults: a weight or multiplier below 0, a kink outside its cell, an affine block that is not
    active on all data, a price above 1, data `short` of margin.
    """
    index, state = guess
    points = data.take(index)
    weighty = [p for p in unpacked(state.blocks) if not p.orientation or p.first > 0.0]
    pieces = [_returned(points, piece) for piece in weighty]
    blocks = packed(united(_priced_in(points, state.dual, pieces, prices)))
    shares = multipliers_of(points, state.dual) / dual_scale(points)
    # one datum at a time: the other multipliers may turn positive without it
    keep = np.ones(len(index), dtype=np.bool_)
    keep[np.argmin(shares)] = shares.min() >= -_NOISE
    wanted = np.union1d(index[keep], short)
    if len(wanted) and not np.array_equal(wanted, index):
        new = data.take(wanted)
        return Guess(wanted, _moved_to(points, new, state._replace(blocks=blocks)))
    if all(map(np.array_equal, blocks, state.blocks)):
        return None
    return Guess(index, state._replace(blocks=blocks))


def _returned(points: Points, piece: Piece) -> Piece:
    """Pin a kink where it left its cell, and an affine block where it turns negative."""
    last = len(points.x) - 1
    if piece.orientation == 0:
        ends = piece.first * points.x[[0, -1]] + piece.second
        if last == 0 or ends.min() >= 0.0:
            return piece
        if ends[0] < 0.0:
            return Piece(1, 0, piece.sign, True, abs(piece.first), 0.0)
        return Piece(-1, last - 1, piece.sign, True, abs(piece.first), 1.0)
    if piece.pinned or 0.0 <= piece.second <= 1.0:
        return piece
    place = piece.cell + int(piece.second > 1.0)
    cell = min(place, last - 1)
    return piece._replace(cell=cell, second=float(place - cell), pinned=True)


def _priced_in(points: Points, dual: Vector, pieces: list[Piece], prices: Prices) -> list[Piece]:
    """Free a pinned kink towards a cell where D exceeds √(1 + t²), or add a small block there."""
    atoms, ratios = prices(points, dual)
    usual = float(np.median([abs(piece.first) for piece in pieces])) if pieces else 1.0
    size = np.array([_NEWCOMER * usual])
    for k in np.flatnonzero(ratios > 1.0 + _NOISE):
        kind = (int(atoms.orientation[k]), float(atoms.sign[k]))
        rivals = [j for j, piece in enumerate(pieces) if (piece.orientation, piece.sign) == kind]
        collected = merged(points, atoms.take(np.array([k])), size)
        if not collected:
            continue
        new = collected[0]
        if any(not pieces[j].pinned and pieces[j].cell == new.cell for j in rivals):
            continue
        ends = (new.cell, new.cell + 1)
        beside = [j for j in rivals if pieces[j].pinned and pieces[j].place in ends]
        if not beside:
            pieces.append(new)
        elif not new.pinned:
            pieces[beside[0]] = new._replace(first=pieces[beside[0]].first)
    return pieces


def _moved_to(points: Points, new: Points, state: State) -> State:
    """Return the state on other active points: kinks stay, D is read off its pieces."""
    total = state.dual[0]
    right, _ = dual_values(points, state.dual)
    before = np.where(new.x < points.x[0], total * (points.x[0] - new.x), 0.0)
    values = np.interp(new.x, points.x, right) + before
    atoms = unit_atoms(points, state.blocks)
    blocks = packed(merged(new, atoms, block_norms(points, state.blocks)))
    return State(blocks, np.append(total, values[:-1]), state.tied)
