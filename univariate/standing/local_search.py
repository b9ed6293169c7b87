"""Deciding local minimality: multipliers for every side, descent, neurons that are zero."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Matrix, Vector
from univariate.common.result import Verdict
from univariate.common.words import at_most
from univariate.optimum.global_minimum import GlobalMinimumCertificate, global_minimum_of
from univariate.optimum.max_margin import Optimum
from univariate.problem.cells import Cells
from univariate.problem.fitted import ShallowFitted
from univariate.standing.crowded import only_turned
from univariate.standing.descent import Improvement, along_atoms, improved, lifted
from univariate.standing.kkt_measure import notable
from univariate.standing.replay import Pins, Stationarity
from univariate.standing.replay_beside import better_beside
from univariate.standing.replay_sides import Branch, Sided, every_side
from univariate.standing.sides import (
    MOST_BRANCHES,
    Descent,
    Outcome,
    decide_sides,
    open_sites,
)
from univariate.standing.sprouting import sprout

_STRICT: Final = 1e-4
"""The first, strict notion of «on», as a share of the tolerance: fewer kinks need to be moved."""


class Finding(NamedTuple):
    """A decision: multipliers if it HOLDS, a better net and the direction to it if it FAILS."""

    verdict: Verdict
    reason: str
    accuracy: float
    sites: Indices
    spare: Indices
    sided: Sided | None
    better: Improvement | None
    direction: Matrix | None
    optimal: GlobalMinimumCertificate | None = None  # what a verdict on zero neurons rests on


class Pinned(NamedTuple):
    """Multipliers of a KKT point, with the kinks that they take to be on data."""

    multipliers: Vector
    remainders: Vector
    pins: Pins
    exact: Stationarity | None  # what they leave of θ, where that is known


class _Attempt(NamedTuple):
    """The outcome for one choice of what counts as on, with the accuracy of its multipliers."""

    located: Cells
    active: Mask
    outcome: Outcome
    accuracy: float
    loose: Indices  # neurons that are zero, or as good as
    flaw: str = ""  # why the multipliers do not serve every side


@dataclass(frozen=True)
class LocalSearch:
    """A net that is a KKT point, and what counts as on."""

    fit: ShallowFitted
    tolerance: float

    def decide(self, known: Pinned, optimum: Optimum | None) -> Finding:
        """Decide, from the multipliers of a KKT certificate on.

        Where no observation with a multiplier is on a same-sign kink, they are enough.
        Cost O((n + m) log (n + m)) a branch, and more for neurons to spare.
        """
        attempts = []
        attempt = self._of_kkt(known)
        if attempt.accuracy <= self.tolerance:
            return self._with_spare(attempt, optimum)
        for located, active in self._notions():
            attempt = self._attempt(located, active, self.tolerance)
            if attempt.accuracy <= self.tolerance:
                return self._with_spare(attempt, optimum)
            attempts.append(attempt)
        last = self._without_turns()
        if last is not None and last.accuracy <= self.tolerance:
            return self._with_spare(last, optimum)
        return self._refuted(attempts)

    def _of_kkt(self, known: Pinned) -> _Attempt:
        """Try the multipliers of a KKT certificate for every side; `every_side` finds any flaw."""
        located = self._felt(self.fit.cells(self.tolerance))
        pins = known.pins
        branch = Branch(
            (),
            np.zeros((1, 0), dtype=np.intp),
            *(part[None, :] for part in (known.multipliers, known.remainders, pins.high, pins.low)),
        )
        sided = Sided(pins.neuron, pins.datum, np.zeros(0, dtype=np.intp), (branch,))
        found = every_side(self.fit, sided, self.tolerance, known.exact)
        accuracy = max(found.residual, found.distance, found.slackness)
        active = self.fit.active(self.tolerance)
        outcome = Outcome(sided, None, open_sites(self.fit, active, located), 1)
        return _Attempt(located, active, outcome, accuracy, found.loose)

    def _notions(self) -> Iterator[tuple[Cells, Mask]]:
        """Yield neurons and margins that count, strict notions first.

        Same-sign kinks within the tolerance of an observation at the margin are on it by every
        notion: what holds for one side of it only must not pass for a local minimum.
        """
        for level in (_STRICT * self.tolerance, self.tolerance):
            yield self._felt(self._located(level)), self.fit.active(level)

    def _without_turns(self) -> _Attempt | None:
        """Try multipliers that are 0 where no choice of sides can be: there none is needed."""
        active = self.fit.active(self.tolerance)
        barred = active & only_turned(self.fit, self.tolerance)
        if not barred.any():
            return None
        located = self._felt(self._located(self.tolerance))
        return self._attempt(located, active & ~barred, self.tolerance)

    def _felt(self, located: Cells) -> Cells:
        """Leave out neurons so small that they might as well be zero."""
        felt = notable(self.fit, located, self.tolerance)
        return located if felt.all() else located.take(felt)

    def _located(self, level: float) -> Cells:
        strict, loose = (self.fit.cells(reach) for reach in (level, self.tolerance))
        agree = self.fit.net.v[loose.neuron] * self.fit.sample.y[loose.datum] > 0.0
        same = (loose.datum >= 0) & agree
        return Cells(
            strict.neuron,
            np.where(same, loose.position, strict.position),
            strict.left,
            strict.direction,
            np.where(same, loose.datum, strict.datum),
            np.where(same, loose.distance, strict.distance),
        )

    def _attempt(self, located: Cells, active: Mask, reach: float) -> _Attempt:
        outcome = decide_sides(self.fit, active, located, self.tolerance)
        if outcome.sided is None:
            return _Attempt(located, active, outcome, 1.0, self._unfelt(located))
        found = every_side(self.fit, outcome.sided, reach)
        accuracy = max(found.residual, found.distance, found.slackness)
        return _Attempt(located, active, outcome, accuracy, found.loose, found.flaw)

    def _refuted(self, attempts: list[_Attempt]) -> Finding:
        """Follow the directions of descent that were found, from the loosest notion on."""
        net = self.fit.net
        for attempt in reversed(attempts):
            descent = attempt.outcome.descent
            if descent is None:
                continue
            signs = np.sign(net.v[descent.neurons])
            path = along_atoms(net, descent.neurons, descent.changes, signs)
            better = improved(self.fit, path)
            if better is None or better.decrease <= self.tolerance * _scaled_norm(self.fit):
                continue
            if not better_beside(self.fit, better.witness, self.tolerance):
                continue
            beside = self._beside()
            if beside is not None:
                return self._undecided(attempt, beside)
            sites = attempt.outcome.sites
            reason = _why(descent, sites)
            direction = lifted(net, descent.neurons, descent.changes)
            return Finding(
                Verdict.FAILS, reason, 1.0, sites, attempt.loose, None, better, direction
            )
        last = attempts[-1]
        if last.outcome.branches > MOST_BRANCHES:
            return self._undecided(last, f"more than {MOST_BRANCHES} branches of choices of sides")
        if last.outcome.descent is not None:
            return self._undecided(
                last,
                "a direction descends to first order, but no net beside this one was found that"
                " saves more than the tolerance",
            )
        if last.flaw:
            return self._undecided(last, f"multipliers do not serve every side: {last.flaw}")
        return self._undecided(
            last, f"multipliers for every side are accurate to {last.accuracy:.2g} only"
        )

    def _beside(self) -> str | None:
        """Return which kink, just beside an observation, decides it; None if none does."""
        level = _STRICT * self.tolerance
        exact, loose = (self.fit.cells(reach) for reach in (level, self.tolerance))
        kept = self._attempt(self._felt(exact), self.fit.active(level), level)
        if kept.accuracy > self.tolerance:
            return None
        apart = np.flatnonzero((loose.datum >= 0) & (exact.datum < 0))
        which = int(apart[np.argmax(loose.distance[apart])])
        return (
            f"the kink of neuron {loose.neuron[which]} lies a relative {loose.distance[which]:.2g}"
            f" beside observation {loose.datum[which]}; it is a local minimum as long as it does"
            " not cross, and none on it"
        )

    def _unfelt(self, located: Cells) -> Indices:
        felt = np.zeros(self.fit.net.width, dtype=np.bool_)
        felt[located.neuron] = True
        return np.flatnonzero(~felt)

    def _undecided(self, attempt: _Attempt, reason: str) -> Finding:
        sites = attempt.outcome.sites
        return Finding(Verdict.UNDECIDED, reason, 1.0, sites, attempt.loose, None, None, None)

    def _with_spare(self, attempt: _Attempt, optimum: Optimum | None) -> Finding:
        """Conclude from multipliers for every side; neurons that are zero are examined first."""
        outcome = attempt.outcome
        spare = attempt.loose
        held = Finding(
            Verdict.HOLDS,
            _held(outcome),
            attempt.accuracy,
            outcome.sites,
            spare,
            outcome.sided,
            None,
            None,
        )
        if not len(spare):
            return held
        best = global_minimum_of(self.fit, self.tolerance, optimum)
        if best.verdict is Verdict.HOLDS:
            reason = (
                f"a global minimum (relative gap {at_most(best.duality_gap, 2)}), so its zero"
                " neurons have nothing to gain"
            )
            return held._replace(reason=reason, optimal=best)
        return self._sprouted(attempt, held)

    def _sprouted(self, attempt: _Attempt, held: Finding) -> Finding:
        """Try the atoms that would pay with the multipliers at hand."""
        assert held.sided is not None
        neuron = int(held.spare[0])
        found = sprout(
            self.fit, attempt.active, attempt.located, held.sided, held.spare, self.tolerance
        )
        if found is not None:
            return held._replace(
                verdict=Verdict.FAILS,
                reason=f"neuron {neuron} is zero; {found.gain}",
                sided=None,
                better=found.better,
                direction=found.direction,
            )
        reason = (
            f"neuron {neuron} is zero, and other multipliers may exist for which no atom in its"
            f" place pays; without {'it' if len(held.spare) == 1 else 'such neurons'} the net is a"
            " local minimum"
        )
        return held._replace(verdict=Verdict.UNDECIDED, reason=reason, sided=None)


def _scaled_norm(fit: ShallowFitted) -> float:
    """Return ‖θ‖² of the net scaled to worst margin 1; rounded, inf where that is out of range."""
    low = fit.margins.low
    return fit.net.norm_squared / low if low > 0.0 else np.inf


def _held(outcome: Outcome) -> str:
    if not len(outcome.sites):
        return "a KKT point without same-sign kinks on observations at the margin"
    sites = len(outcome.sites)
    return (
        f"multipliers exist for both sides of every same-sign kink on an observation ({sites} such)"
    )


def _why(descent: Descent, sites: Indices) -> str:
    names = ", ".join(map(str, descent.neurons.tolist()))
    moving = (
        f"moving neuron{'s' * (len(descent.neurons) > 1)} {names} reduces the norm at no margin's"
        " cost"
    )
    return (
        moving
        if not len(sites)
        else f"{moving}; same-sign kinks on {len(sites)} observation(s) at the margin"
    )
