"""A net with what the proof of the law looks at: kinks, path, transitions, links, decisions."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from univariate.common.arrays import Indices, Mask
from univariate.common.tolerance import NEARLY
from univariate.error.clean_error import CleanError
from univariate.paper.law.deviations import Comparison, compared, sign_changes
from univariate.paper.law.kinks import Turns, neurons_of, turns_of
from univariate.paper.law.links import Link, links_of
from univariate.paper.law.path import Path, path_of
from univariate.paper.law.transitions import Transitions, transitions_of
from univariate.problem.cells import Cells
from univariate.problem.density import Density
from univariate.problem.evaluation import FAR
from univariate.problem.fitted import ShallowFitted
from univariate.standing.kkt import KktCertificate


@dataclass(frozen=True, eq=False)
class Anatomy:
    """A net that interpolates, its certificate, and the two sets of decisions −1: where N ≤ 0, and
    where the nearest neighbour is labelled −1.
    """

    fit: ShallowFitted
    certificate: KktCertificate
    error: CleanError
    neighbour: CleanError
    density: Density

    @cached_property
    def cells(self) -> Cells:
        """The neurons that count."""
        return neurons_of(self.fit, self.certificate)

    @cached_property
    def left_out(self) -> int:
        """How many neurons that are not zero do not count."""
        net = self.fit.net
        live = (net.v != 0.0) & ((net.w != 0.0) | (net.b != 0.0))
        return int(np.sum(live)) - int(np.sum(live[self.cells.neuron]))

    @cached_property
    def turns(self) -> Turns:
        """The kinks of N."""
        return turns_of(self.fit, self.cells)

    @cached_property
    def path(self) -> Path:
        """The path of the multipliers."""
        return path_of(self.fit.sample, self.certificate, self.cells)

    @cached_property
    def active(self) -> Mask:
        """Which observations have N = y, up to a relative 1e-6."""
        return self.fit.active(NEARLY)

    @cached_property
    def transitions(self) -> Transitions:
        """Its transitions, regular ones and links."""
        return transitions_of(self.fit.sample, self.turns, self.active)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Its links, measured."""
        return links_of(self.fit.sample, self.turns, self.transitions, self.path)

    @property
    def domain(self) -> tuple[float, float]:
        """Where x lies; ends beyond ±FAR are cut off there."""
        low, high = self.density.support()
        return max(low, -FAR), min(high, FAR)

    @cached_property
    def comparison(self) -> Comparison:
        """Where the net and the nearest neighbour decide differently, by whatever length."""
        sets = self.error.intervals, self.neighbour.intervals
        return compared(self.fit.sample, *sets, self.domain, self.density.cdf)

    def deviating(self, least: float) -> Indices:
        """Return the gaps more than a part `least` of which is decided differently."""
        return self.comparison.gap[self.comparison.share > least]

    @cached_property
    def zeros(self) -> Indices:
        """The gaps of the sign changes that are no regular zeros, with repetitions."""
        gaps = sign_changes(self.fit.sample, self.error.intervals, self.domain)
        return gaps[~np.isin(gaps, self.transitions.border)]

    @cached_property
    def allowed(self) -> Indices:
        """How many such zeros every stretch may have: its links, and one for each open end."""
        room = self.transitions.links_in_stretches()
        room[0] += 1
        room[-1] += 1
        return room
