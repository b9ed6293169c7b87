"""Kinks near several observations: which of these to pin them to, found from conflicts.

A kink within the tolerance of several observations may be taken to lie on any one of them: its
neuron is then on at all data on one side of that, off at those on the other, and σ' ∈ [0, 1] is
free there alone. That includes the gaps beside it, as σ' = 0 and 1. More the replay does not grant:
a kink is a point.

For given places `dual_path` has either an S, or at most three conditions that exclude each other,
each on the steps between two stops. Such a condition holds wherever the other kinks are: a stop in
between only cuts the steps in two. So other places are of use only if one of these at most six
kinks leaves its own. Kinks at one place with one orientation and sign ask for the same point, and
move together. Those near one observation ask for nearly the same line: on that datum they have no
order, so all of them are tried there first. Places are searched in this way from the nearest
observations on, the least violation first; none are missed unless there are more than a few dozen.
New.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from itertools import chain

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.problem.cells import Cells
from univariate.problem.fitted import ShallowFitted
from univariate.standing.kkt_search import Blocks
from univariate.standing.replay_ranges import Ranges, near

_MOST = 64  # choices of places that are tried: each is a linear programme
_LEAST = 4  # as many however large the net
_WORK = 2**22  # neurons and observations passed in all, else

_Moves = frozenset[tuple[int, int]]  # (cell, observation) of kinks that have left the nearest one


@dataclass(frozen=True)
class Places:
    """The observations that kinks may lie on, within a relative `reach` of them."""

    fit: ShallowFitted
    active: Mask
    located: Cells
    reach: float

    def elsewhere(self) -> Iterator[Blocks]:
        """Yield searches for multipliers with kinks on others than the nearest observations.

        Cost O((n + m) log m) each; 64 at most, fewer for more than 60,000 neurons and observations.
        """
        if not np.any(self._beside.stop - self._beside.first > 1):
            return
        most = max(_LEAST, min(_MOST, _WORK // (self.fit.net.width + self.fit.sample.size)))
        nearest: _Moves = frozenset()
        start = Blocks(self.fit, self.active, self.located)
        seen = {nearest}
        waiting = [(start.excess, 0, nearest, start.conflict)]
        while waiting:
            _, _, moves, conflict = heappop(waiting)
            for moved in chain(self._gathered(moves, conflict), self._leaving(moves, conflict)):
                if moved in seen:
                    continue
                seen.add(moved)
                blocks = Blocks(self.fit, self.active, self._placed(moved))
                yield blocks
                if len(seen) > most:
                    return
                heappush(waiting, (blocks.excess, len(seen), moved, blocks.conflict))

    @cached_property
    def _beside(self) -> Ranges:
        return near(self.fit, self.reach).take(self.located.neuron)

    def _gathered(self, moves: _Moves, conflict: Indices) -> Iterator[_Moves]:
        """Yield the places in which all kinks near that of a conflict have come to its datum."""
        every = np.arange(len(self.located.neuron))
        for datum in np.unique(self._placed(moves).datum[conflict]).tolist():
            if datum >= 0:
                yield self._moved(moves, every[self._away(every, datum) <= self.reach], datum)

    def _leaving(self, moves: _Moves, conflict: Indices) -> Iterator[_Moves]:
        """Yield the places in which a kink of a conflict has left its own, and others with it."""
        placed = self._placed(moves)
        sign = np.sign(self.fit.net.v[placed.neuron])
        for cell in conflict.tolist():
            alike = (placed.left == placed.left[cell]) & (sign == sign[cell])
            together = np.flatnonzero(alike & (placed.position == placed.position[cell]))
            for datum in range(self._beside.first[cell], self._beside.stop[cell]):
                within = together[self._away(together, datum) <= self.reach]
                if datum == placed.datum[cell] or cell not in within:
                    continue
                yield self._moved(moves, within, datum)

    def _moved(self, moves: _Moves, cells: Indices, datum: int) -> _Moves:
        """Return the moves after which these kinks are on a datum."""
        places = dict(moves) | dict.fromkeys(cells.tolist(), datum)
        return frozenset((k, i) for k, i in places.items() if i != self.located.datum[k])

    def _placed(self, moves: _Moves) -> Cells:
        """Return the cells after these moves."""
        places = dict(moves)
        cells = np.array([*places], dtype=np.intp)
        datum = self.located.datum.copy()
        datum[cells] = [*places.values()]
        position = self.located.position.copy()
        position[cells] = 2 * datum[cells] + 1
        distance = self.located.distance.copy()
        distance[cells] = self._away(cells, datum[cells])
        return self.located._replace(position=position, datum=datum, distance=distance)

    def _away(self, cells: Indices, datum: int | Indices) -> Vector:
        """Return how far kinks are from observations; inf where the way turns a neuron round."""
        x = self.fit.sample.x[datum]
        sign = np.sign(self.fit.net.v[self.located.neuron[cells]])
        w, b = sign * self.located.direction[cells].T
        ahead = w - b * x
        turned = np.where(self.located.left[cells], ahead > 0.0, ahead < 0.0)
        return np.where(turned, np.inf, np.abs(w * x + b) / np.hypot(1.0, x))
