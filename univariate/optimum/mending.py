"""How far a converged state is from the optimum of Problem (1), and the next guess at its support.

Rounded.
"""

import numpy as np
from numpy.typing import NDArray

from univariate.optimum.columns import (
    Points,
    affine,
    chord_rows,
    dual_values,
    kinks,
    multipliers_of,
    price,
    row_scale,
)
from univariate.optimum.polish import Prices, State, dual_bound, fit_equations
from univariate.optimum.support import (
    Piece,
    block_kinks,
    block_norms,
    dual_scale,
    merged,
    packed,
    united,
    unpacked,
)

Vector = NDArray[np.float64]
Indices = NDArray[np.intp]

_NOISE = 1e-12  # of λ, relative to √(1 + x²)/gap, and of prices: what a converged state may show
_NEWCOMER = 1e-6  # size of a new block, relative to the median


def defect(points: Points, state: State, prices: Prices = price) -> float:
    """Return how far a state is from optimality on its points, relatively; infinity where a sign or
    place is wrong.
    """
    blocks = state.blocks
    bent = blocks.orientation != 0
    multipliers = multipliers_of(points, state.dual)
    outside = bent & ((blocks.second < 0.0) | (blocks.second > 1.0))
    if (
        np.any(blocks.first[bent] < 0.0)
        or outside.any()
        or np.any(multipliers < -_NOISE * dual_scale(points))
    ):
        return np.inf
    bound = dual_bound(points, state.dual, prices)
    residual, _ = fit_equations(points, blocks)
    wanted = row_scale(points) * (chord_rows(points) @ points.y)
    missing = float(np.linalg.norm(residual) / np.linalg.norm(wanted))
    return abs(block_norms(points, blocks).sum() / bound - 1.0) + missing if bound > 0.0 else np.inf


def mended(
    x: Vector, y: Vector, index: Indices, state: State, short: Indices, prices: Prices = price
) -> tuple[Indices, State] | None:
    """Return the guess with every visible fault removed, or None where there is none.

    Faults: a weight or multiplier below 0, a kink outside its cell, an affine block that is not
    active on all data, a price above 1, data `short` of margin.
    """
    points = Points.of(x[index], y[index])
    pieces = [
        _returned(points, piece)
        for piece in unpacked(state.blocks)
        if not piece.orientation or piece.first > 0.0
    ]
    blocks = packed(united(_priced_in(points, state.dual, pieces, prices)))
    shares = multipliers_of(points, state.dual) / dual_scale(points)
    keep = np.ones(len(index), dtype=np.bool_)
    keep[np.argmin(shares)] = shares.min() >= -_NOISE
    wanted = np.union1d(index[keep], short)
    if len(wanted) and not np.array_equal(wanted, index):
        return wanted, _moved_to(
            points, Points.of(x[wanted], y[wanted]), state._replace(blocks=blocks)
        )
    same = len(blocks.sign) == len(state.blocks.sign) and all(
        map(np.array_equal, blocks, state.blocks)
    )
    return None if same else (index, state._replace(blocks=blocks))


def _returned(points: Points, piece: Piece) -> Piece:
    """Pin a kink that left its cell at the end it crossed, and an affine block at the datum where
    it turns negative.
    """
    last = len(points.x) - 1
    if piece.orientation == 0:
        ends = piece.first * points.x[[0, -1]] + piece.second
        if last == 0 or ends.min() >= 0.0:
            return piece
        right = bool(ends[0] < 0.0)
        return Piece(
            1 if right else -1,
            0 if right else last - 1,
            piece.sign,
            True,
            abs(piece.first),
            float(not right),
        )
    if piece.pinned or 0.0 <= piece.second <= 1.0:
        return piece
    place = piece.cell + int(piece.second > 1.0)
    cell = min(place, last - 1)
    return piece._replace(cell=cell, second=float(place - cell), pinned=True)


def _priced_in(points: Points, dual: Vector, pieces: list[Piece], prices: Prices) -> list[Piece]:
    """Free a pinned kink towards a cell where D exceeds √(1 + t²), or add a small block there."""
    atoms, ratios = prices(points, dual)
    size = (
        _NEWCOMER * float(np.median([abs(piece.first) for piece in pieces]))
        if pieces
        else _NEWCOMER
    )
    for k in np.flatnonzero(ratios > 1.0 + _NOISE):
        orientation, sign = int(atoms.orientation[k]), float(atoms.sign[k])
        rivals = [
            j
            for j, piece in enumerate(pieces)
            if (piece.orientation, piece.sign) == (orientation, sign)
        ]
        if orientation == 0:
            if not rivals:
                pieces.append(
                    Piece(0, 0, sign, False, size * float(atoms.w[k]), size * float(atoms.b[k]))
                )
            continue
        found = merged(points, atoms.take(np.array([k])), np.array([size]))
        new = found[0] if found else None
        if new is None or any(not pieces[j].pinned and pieces[j].cell == new.cell for j in rivals):
            continue
        beside = [
            j for j in rivals if pieces[j].pinned and pieces[j].place in (new.cell, new.cell + 1)
        ]
        if not beside:
            pieces.append(new)
        elif not new.pinned:
            pieces[beside[0]] = new._replace(first=pieces[beside[0]].first)
    return pieces


def _moved_to(points: Points, new: Points, state: State) -> State:
    """Return the state on other active points: kinks stay where they are, D is read off its
    pieces.
    """
    blocks, dual = state.blocks, state.dual
    atoms, bent = (
        affine(1.0, 0.0, 0.0).take(np.zeros(0, dtype=np.intp)),
        block_kinks(points, blocks),
    )
    for j in range(len(blocks.sign)):
        if blocks.orientation[j]:
            atoms = atoms.join(
                kinks(int(blocks.orientation[j]), float(blocks.sign[j]), bent[j : j + 1])
            )
        else:
            size = np.hypot(blocks.first[j], blocks.second[j])
            atoms = atoms.join(
                affine(float(blocks.sign[j]), blocks.first[j] / size, blocks.second[j] / size)
            )
    right, _ = dual_values(points, dual)
    before = np.where(new.x < points.x[0], dual[0] * (points.x[0] - new.x), 0.0)
    values = np.interp(new.x, points.x, right) + before
    moved = packed(merged(new, atoms, block_norms(points, blocks)))
    return State(moved, np.append(dual[0], values[:-1]), state.tied)
