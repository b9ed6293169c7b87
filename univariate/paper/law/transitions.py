"""Neighbouring kinks of opposite signs: regular transitions, and links.

Between neighbouring kinks N is affine. If the data there include neighbours with different labels
at which N = y, it crosses zero at their midpoint and nowhere else between the kinks: the transition
is regular. All others of opposite signs are links. A maximal run of kinks of one sign is a chain;
N is convex on it, or concave.

Regular transitions cut the line into stretches. This is decided by kinks and margins alone.
"""

from typing import NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.paper.law.kinks import Turns
from univariate.problem.sample import Sample


class Transitions(NamedTuple):
    """The transitions of a net; a transition is the index of its left kink."""

    regular: Indices  # (r,)
    border: Indices  # (r,) the gap whose midpoint is the zero, numbered by the datum right of it
    link: Indices  # (e,)
    stretch: Indices  # (e,) how many regular transitions lie left of each link

    def links_in_stretches(self) -> Indices:
        """Return the number of links of every stretch, (r + 1,)."""
        return np.bincount(self.stretch, minlength=len(self.regular) + 1)

    def stretch_of(self, gap: Indices) -> Indices:
        """Return the stretch that every gap lies in; that of a border is the one left of it."""
        return np.searchsorted(self.border, gap)


def transitions_of(sample: Sample, turns: Turns, active: Mask) -> Transitions:
    """Tell regular transitions from links; `active` says where N = y. Cost O(k + m)."""
    turning = np.flatnonzero(turns.sign[1:] != turns.sign[:-1])
    first, last = data_between(turns, turning)
    crossed = np.flatnonzero((sample.y[1:] != sample.y[:-1]) & active[1:] & active[:-1])
    # neighbours i, i + 1 of different labels at N = y with first ≤ i and i + 1 ≤ last
    place = np.searchsorted(crossed, first)
    regular = np.asarray(place < np.searchsorted(crossed, last), dtype=np.bool_)
    border = crossed[place[regular]] + 1
    link = turning[~regular]
    stretch = np.cumsum(regular, dtype=np.intp)[~regular]
    return Transitions(turning[regular], border, link, stretch)


def data_between(turns: Turns, which: Indices) -> tuple[Indices, Indices]:
    """Return the first and the last datum from kink k to kink k + 1, both included.

    The first is larger than the last where there is none.
    """
    first = turns.position[which] // 2
    last = (turns.position[which + 1] + 1) // 2 - 1
    return first, last


def chain_ends(turns: Turns) -> tuple[Indices, Indices, Vector]:
    """Return the first and the last kink of every chain, and its sign."""
    turning = np.flatnonzero(turns.sign[1:] != turns.sign[:-1])
    count = len(turns.sign)
    first = np.concatenate([[0], turning + 1])[: max(count, 0) and len(turning) + 1]
    last = np.append(turning, count - 1)[: len(first)]
    return first, last, turns.sign[first]
