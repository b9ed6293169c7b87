"""Blocks: the atoms of one orientation, cell and sign merged, as Newton's method moves them.

|D| ≤ √(1 + t²) with D linear on a cell allows one contact per closed cell, orientation and sign, so
one kink stands for all of a cell: adding up their u-vectors keeps the values at the data, and the
norm does not grow. Everything is rounded.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.optimum.atoms import Atoms, Points

Net = tuple[Vector, Vector, Vector]


class Blocks(NamedTuple):
    """Merged atoms.

    Kinks: `first` = slope change c > 0, `second` = τ in `cell`; affine (orientation 0): (w, b).
    """

    orientation: Indices
    cell: Indices
    sign: Vector
    pinned: Mask  # τ is 0 or 1 and stays
    first: Vector
    second: Vector


class State(NamedTuple):
    """Blocks and duals (S₀, D_+(x_0) … D_+(x_{n−2})) on the active points."""

    blocks: Blocks
    dual: Vector
    tied: bool = False  # S₀ = S₁ = 0, and both orientations share their kinks


def block_sizes(blocks: Blocks) -> Vector:
    """Return the slope changes of kinks and the norms of affine blocks."""
    norms = np.hypot(blocks.first, blocks.second)
    return np.where(blocks.orientation != 0, np.abs(blocks.first), norms)


def block_kinks(points: Points, blocks: Blocks) -> Vector:
    """Return the kinks of all blocks, exactly on the datum where pinned; 0 for affine ones."""
    bent = blocks.orientation != 0
    cell = blocks.cell[bent]
    tau = blocks.second[bent]
    at_end = tau == 1.0
    inside = points.x[cell] + tau * points.gap[cell]
    kinks = np.zeros(len(blocks.sign))
    kinks[bent] = np.where(at_end, points.x[cell + at_end], inside)
    return kinks


def block_norms(points: Points, blocks: Blocks) -> Vector:
    """Return ‖u‖ of all blocks."""
    # an affine block has kink 0 here, so that its size is its norm
    return block_sizes(blocks) * np.hypot(1.0, block_kinks(points, blocks))


def unit_atoms(points: Points, blocks: Blocks) -> Atoms:
    """Return the unit atoms of which the blocks are multiples."""
    bent = blocks.orientation != 0
    kink = block_kinks(points, blocks)
    size = np.where(bent, np.hypot(1.0, kink), np.hypot(blocks.first, blocks.second))
    slope = np.where(bent, blocks.orientation, blocks.first)
    rise = np.where(bent, -blocks.orientation * kink, blocks.second)
    return Atoms(blocks.orientation, blocks.sign, kink, slope / size, rise / size)


def plain_net(points: Points, blocks: Blocks) -> Net:
    """Return the balanced neurons (v, w, b) of all blocks, rounded without care."""
    bent = blocks.orientation != 0
    slope = np.where(bent, blocks.orientation * blocks.first, blocks.first)
    rise = np.where(bent, -slope * block_kinks(points, blocks), blocks.second)
    size = np.sqrt(np.hypot(slope, rise))
    size = np.where(size > 0.0, size, 1.0)
    return blocks.sign * size, slope / size, rise / size
