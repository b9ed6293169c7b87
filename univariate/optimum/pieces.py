"""Single blocks while a support is edited: collected from atoms, united, absorbed into cells.

Everything is rounded.
"""

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Vector
from univariate.optimum.atoms import Atoms, Points
from univariate.optimum.blocks import Blocks


class Piece(NamedTuple):
    """One block: orientation, cell, sign, pinned, first, second as in `Blocks`."""

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


def packed(pieces: list[Piece]) -> Blocks:
    """Return the pieces as arrays."""
    parts = list(zip(*pieces, strict=True)) or [()] * len(Piece._fields)
    kinds = (np.intp, np.intp, np.float64, np.bool_, np.float64, np.float64)
    return Blocks(*(np.array(part, dtype=kind) for part, kind in zip(parts, kinds, strict=True)))


def unpacked(blocks: Blocks) -> list[Piece]:
    """Return the blocks one by one."""
    return [Piece(*row) for row in zip(*(part.tolist() for part in blocks), strict=True)]


def merged(points: Points, atoms: Atoms, weight: Vector) -> list[Piece]:
    """Collect weighted atoms into pieces on the cells of `points`, kinks on data apart.

    Kinks before all points (right-oriented) or behind them (left-oriented) are affine there; atoms
    that vanish on all points are dropped.
    """
    x = points.x
    pieces = []
    for j in np.flatnonzero(weight > 0.0):
        orientation = int(atoms.orientation[j])
        sign = float(atoms.sign[j])
        t = float(atoms.kink[j])
        before = t < x[0] if orientation > 0 else t > x[-1]
        if orientation == 0 or before:
            line = Piece(0, 0, sign, False, weight[j] * atoms.w[j], weight[j] * atoms.b[j])
            pieces.append(line)
        elif t < x[-1] if orientation > 0 else t > x[0]:
            cell = min(int(np.searchsorted(x, t, side="right")) - 1, len(x) - 2)
            tau = float((t - x[cell]) / points.gap[cell])
            change = weight[j] * abs(atoms.w[j])
            pieces.append(Piece(orientation, cell, sign, tau in (0.0, 1.0), change, tau))
    return united(pieces)


def united(pieces: list[Piece]) -> list[Piece]:
    """Add up the pieces of one orientation, sign and cell, pinned ones apart."""
    groups: dict[tuple[int, int, float, bool], list[Piece]] = defaultdict(list)
    for piece in pieces:
        at = piece.place if piece.pinned else piece.cell
        groups[piece.orientation, at, piece.sign, piece.pinned].append(piece)
    out = []
    for (orientation, _, _, pinned), group in sorted(groups.items()):
        first = sum(piece.first for piece in group)
        if orientation == 0:
            second = sum(piece.second for piece in group)
        elif pinned:
            second = group[0].second
        else:
            second = sum(piece.first * piece.second for piece in group) / first
        out.append(group[0]._replace(first=first, second=second))
    return out


def absorbed(pieces: list[Piece], *, tied: bool) -> list[Piece]:
    """Move pinned kinks beside a free one, or at both ends of a cell, into that cell.

    If tied, a free one of any orientation.
    """

    def kind(piece: Piece) -> tuple[int, float]:
        """Return what pieces must share to be united."""
        return abs(piece.orientation) if tied else piece.orientation, piece.sign

    bent = [piece for piece in pieces if piece.orientation]
    pins = {(kind(piece), piece.place) for piece in bent if piece.pinned}
    cells = {(kind(piece), piece.cell) for piece in bent if not piece.pinned}
    cells |= {(key, place) for key, place in pins if (key, place + 1) in pins}
    out = []
    for piece in pieces:
        for cell in (piece.place - 1, piece.place) if piece.pinned else ():
            if (kind(piece), cell) in cells:
                moved = float(piece.place - cell)
                out.append(piece._replace(cell=cell, second=moved, pinned=False))
                break
        else:
            out.append(piece)
    return united(out)
