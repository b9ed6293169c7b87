"""Column generation for Problem (1) over blocks: solve, price, take more blocks in, round by round
(Dantzig and Wolfe, Operations Research 8 (1960)).

In few dimensions most samples are solved before, by the short way of `highdim.optimum.successive`.
The first blocks are, in few dimensions, those of the cells that linear programmes lead to
(`highdim.optimum.exchange`).

A round's multipliers are optimal for all nets if no unit vector gains more than 1 from them. Those
that do are found by ascent and, in few dimensions, by the exact supremum; the blocks of their cells
come in. Vectors that cross walls of their cells bring these walls in. There are finitely many
blocks and walls, so the rounds end.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from highdim.optimum.ascent import climbed, starts
from highdim.optimum.blocks import Blocks
from highdim.optimum.exchange import exchanged
from highdim.optimum.programme import Solution, solved
from highdim.optimum.scaled import Scaled
from highdim.optimum.sharpening import peaks_of
from highdim.optimum.successive import Look, looks
from highdim.optimum.supremum import LARGEST_DIMENSION, Gains, gains_above
from univariate.common.arrays import Matrix, Vector

_LEAST_MOST: Final = 1e6  # M of the first round
_GREATEST_MOST: Final = 1e12
_FURTHER: Final = 1e3  # times M, where margins are short or the solver gives up
_ABOVE: Final = 1e-8  # a gain beyond 1 that brings a block in
_CROSSED: Final = 1e-10  # a wall, relative
_SMALL: Final = 1e-7  # of the longest vector: a block without use
_IDLE: Final = 0.95  # gains of blocks that may be left out
_CROWDED: Final = 1.5  # times m blocks, at which this is done
_LEAST_ROOM: Final = 60
_LEAST_ENTERING: Final = 30  # blocks that may come in a round, if there are few data
_WORTH: Final = 0.02  # part of the largest gain beyond 1 that a block must have to come in
_GOALS: Final = (1e-6, 1e-9, 1e-11)  # accuracy asked of the solver: at first, then, in the end
_NEARLY: Final = 1e-3
_NOISE: Final = 1e-4  # gains beyond 1 that a solver of moderate accuracy may leave
_ROUNDS: Final = 200


class Round(NamedTuple):
    """Blocks with their vectors, those without use left out, multipliers, the gains found, and all
    blocks with all vectors.
    """

    blocks: Blocks
    vectors: Matrix
    multipliers: Vector
    gains: Gains
    all: Blocks
    whole: Matrix


def rounds(data: Scaled, budget: int) -> Iterator[Look | Round]:
    """Yield looks of the short way, in few dimensions, and then, for who needs more, rounds until
    nothing is left to take in; each proof looks at `budget` cones at most.

    Deterministic. Rounded, but for `gains.above`, which is proved.
    """
    if data.f.shape[1] <= LARGEST_DIMENSION:
        yield from looks(data, budget)
    rng = np.random.default_rng(0)
    blocks = _first_blocks(data, rng)
    most, level = _LEAST_MOST, 0
    for _ in range(_ROUNDS):
        solution = solved(data, blocks, most, _GOALS[level]) or solved(
            data, blocks, most, _GOALS[0]
        )
        if solution is None:
            if most >= _GREATEST_MOST:
                return
            most *= _FURTHER
            continue
        lengths = np.linalg.norm(solution.vectors, axis=1)
        used = lengths > _SMALL * np.max(lengths, initial=0.0)
        blocks, walled = _with_walls(data, blocks, solution, used)
        gains = _priced(data, blocks, solution, used, rng, budget)
        longer = float(np.max(solution.short / data.r)) > _ABOVE and most < _GREATEST_MOST
        new = _entering(data, blocks, gains)
        settled = not (walled or longer or len(new.sign))
        yield Round(
            blocks.taken(used),
            solution.vectors[used],
            solution.multipliers,
            gains,
            blocks,
            solution.vectors,
        )
        if settled and level + 1 == len(_GOALS):
            return
        few = len(new.sign) <= len(data.y) // 4 or gains.above < 1.0 + _NEARLY
        noise = gains.above < 1.0 + _NOISE
        if settled or (level == 0 and few) or (level + 1 < len(_GOALS) and noise):
            level += 1
        if longer and not len(new.sign):
            most *= _FURTHER
        if len(used) > _CROWDED * len(data.y) + _LEAST_ROOM and not walled:
            blocks = blocks.taken(_heights(data, blocks, solution.multipliers) > _IDLE)
        blocks = blocks.joined(new)


def _first_blocks(data: Scaled, rng: np.random.Generator) -> Blocks:
    """Return the blocks of a first look; in many dimensions blocks that interpolate if there are
    biases, and some of large gains.
    """
    m, k = data.f.shape
    if k <= LARGEST_DIMENSION:
        found = Blocks.around(data, *exchanged(data, rng))
        if len(found.sign):
            return found
    heights = data.r * data.unit  # last entries of the f_i, if there are biases
    biases = data.frame is None and np.array_equal(data.f[:, -1], heights)
    line = np.concatenate((rng.standard_normal(k - 1), [0.0]))
    places = np.sort(data.f @ line / heights)
    found = Blocks.none(m)
    if biases:
        middles = 0.5 * (places[1:] + places[:-1])
        levels = np.concatenate(([places[0] - 1.0], middles))
        cuts = line - levels[:, None] * np.eye(k)[-1]
        for sign in (1.0, -1.0):
            found = found.joined(Blocks.around(data, cuts, np.full(m, sign)))
    for _ in range(2):
        multipliers = rng.exponential(size=m)
        for sign in (1.0, -1.0):
            near = starts(data, max(m // 4, 8), rng)
            ends, _ = climbed(data, sign * data.y * multipliers, near)
            found = found.joined(Blocks.around(data, ends, np.full(len(ends), sign)))
    return found


def _with_walls(
    data: Scaled, blocks: Blocks, solution: Solution, used: Vector
) -> tuple[Blocks, bool]:
    """Return the blocks with the walls that their vectors cross, and whether there are such."""
    lengths = np.linalg.norm(solution.vectors, axis=1)
    beyond = solution.vectors @ data.f.T * blocks.sides() < -_CROSSED * lengths[:, None]
    crossed = beyond & used[:, None] & ~blocks.walls
    return blocks._replace(walls=blocks.walls | crossed), bool(crossed.any())


def _priced(
    data: Scaled,
    blocks: Blocks,
    solution: Solution,
    used: Vector,
    rng: np.random.Generator,
    budget: int,
) -> Gains:
    """Return vectors that gain more than 1, by ascent and by proof, largest gains first."""
    m = len(data.y)
    lengths = np.linalg.norm(solution.vectors[used], axis=1, keepdims=True)
    known = solution.vectors[used] / lengths
    parts = []
    for sign in (1.0, -1.0):
        near = np.concatenate((known, starts(data, max(m, 32), rng)))
        ends, values = climbed(data, sign * data.y * solution.multipliers, near)
        parts.append((ends, np.full(len(ends), sign), values))
    above, cones = np.inf, 0
    if data.f.shape[1] <= LARGEST_DIMENSION:
        room = 2 * m + _LEAST_ROOM
        proof = gains_above(data, solution.multipliers, 1.0 + _ABOVE, room=room, budget=budget)
        above, cones = proof.above, proof.cones
        parts.append((proof.directions, proof.signs, proof.values))
    directions, signs, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(-values, kind="stable")
    order = order[values[order] > 1.0 + _ABOVE]
    return Gains(above, cones, directions[order], signs[order], values[order])


def _entering(data: Scaled, blocks: Blocks, gains: Gains) -> Blocks:
    """Return the best new blocks."""
    best = float(np.max(gains.values, initial=1.0))
    worth = gains.values > 1.0 + _WORTH * (best - 1.0)
    found = Blocks.around(data, gains.directions[worth], gains.signs[worth])
    count = len(blocks.sign)
    joined = blocks.joined(found)
    room = max(_LEAST_ENTERING, len(data.y) // 2)
    return joined.taken(np.arange(count, min(count + room, len(joined.sign))))


def _heights(data: Scaled, blocks: Blocks, multipliers: Vector) -> Vector:
    """Return what unit vectors of blocks gain at most, (N,). Rounded."""
    return np.asarray(np.linalg.norm(peaks_of(data, blocks, multipliers).vectors, axis=1))
