"""Multilevel splitting: errors as the last of nested events, each a quarter as likely.

Particles are uniform points, as Gaussian vectors, or Gaussian points themselves. A level keeps the
quarter of them of the least scores, copies these, and moves the copies by steps that leave the
Gaussian law as it is, refused where they leave the level. The product of the kept shares estimates
the clean error; independent repetitions say how well. Source: Au and Beck, Probabilistic
Engineering Mechanics 16 (2001).

It shares nothing with line sampling: there are no directions to miss. Points in error have the
score −∞. The others have N, less a little of what pulls it down most or is nearest to doing so, as
N itself may be constant on most of the sphere: max |v_j| z_j over v_j < 0, z_j of any sign. Any
score is right; a good one shows the way.
"""

from dataclasses import dataclass
from math import inf, log
from typing import ClassVar, NamedTuple

import numpy as np

from highdim.error.draws import gaussians
from highdim.error.form import Form
from highdim.error.intervals import Bounds, from_shares
from univariate.common.arrays import Indices, Mask, Matrix, Vector

PARTICLES = 512  # of a repetition
SCOUTS = 128  # of a search, with fewer steps: what it finds need not be in proportion
KEPT = 0.25  # share of a level
MOVES = 6  # steps after every level, as many of which are accepted as WANTED says
PATIENCE = 4  # times as many steps at most
SCOUTING = 4
LEVELS = 120  # at most: errors down to 1e-72
IDLE = 8  # repetitions: where the first so many come to a stop, so would the rest
PULL = 1.0 / 32.0  # part of the strongest pull
WANTED = 0.35  # rate of accepted steps
POOR = 0.1  # one at which steps are much too long


class _Cloud(NamedTuple):
    """Particles: looked-at coordinates, squared length of the others, score, surely in error."""

    vectors: Matrix  # (k, r)
    spare: Vector  # (k,)
    score: Vector  # (k,) −inf where possibly in error
    certain: Mask  # (k,)

    def take(self, chosen: Indices) -> "_Cloud":
        """Return some of the particles, perhaps several times."""
        return _Cloud._make(part[chosen] for part in self)


@dataclass(frozen=True)
class Splitting:
    """Independent repetitions of multilevel splitting."""

    form: Form
    particles: int = PARTICLES
    moves: int = MOVES

    name: ClassVar[str] = "splitting"
    default: ClassVar[int] = 16
    pilot: ClassVar[int] = 2

    @property
    def cost(self) -> float:
        """Nanoseconds of a level of a repetition, as `Points` counts them."""
        n, r = self.form.width, self.form.rank
        level = 0.07 * n * r + 30.0 * r + 6.0 * n + self.form.upper_cost
        return self.particles * self.moves * level

    def estimate(
        self, samples: int, rng: np.random.Generator, level: float, *, unseen: bool = True
    ) -> Bounds:
        """Return the mean of `samples` repetitions, with its interval.

        `largest` is 1, so that nobody believes the interval, if a repetition came to a stop. If the
        first `IDLE` all did, they are the whole estimate: nets without errors cost no more.
        """
        found: list[tuple[float, float]] = []
        for _ in range(samples):
            found.append(self._repetition(rng))
            if len(found) == IDLE and np.all(np.isnan(found), axis=0)[1]:
                break
        certain, possible = np.array(found).T
        stopped = np.isnan(possible)
        bounds = from_shares(
            np.where(stopped, -inf, certain),
            np.where(stopped, -inf, possible),
            level,
            unseen=False,  # every repetition is a mean of many particles
        )
        bounds = bounds.longer(
            1.0 + 1.0 / len(found)
        )  # few and skewed: 8 cover one per cent too little
        return bounds._replace(largest=1.0, log_high=0.0) if stopped.any() else bounds

    def _repetition(self, rng: np.random.Generator) -> tuple[float, float]:
        """Return log L_cl by certain errors, and by possible ones; this is NaN if it stopped."""
        found = self.descended(rng, LEVELS)
        if found is None:
            return -inf, np.nan
        passed, cloud = found
        sure = float(np.mean(cloud.certain))
        hits = float(np.mean(cloud.score == -inf))
        return passed + (log(sure) if sure > 0.0 else -inf), passed + log(hits)

    def descended(self, rng: np.random.Generator, levels: int) -> tuple[float, _Cloud] | None:
        """Return the logarithm of the product of kept shares, and a cloud of which a quarter or
        more is in error; None if the score shows no way, or not within so many levels.
        """
        cloud = self._scored(*gaussians(self.form, self.particles, rng))
        passed = 0.0
        step = 0.8
        for _ in range(levels):
            if np.mean(cloud.score == -inf) >= KEPT:
                return passed, cloud
            level = _level(cloud.score)
            if level is None:  # the score is constant
                return None
            # those at the level itself are lost: with them the product would be too large
            within = np.flatnonzero(cloud.score < level)
            passed += log(len(within) / self.particles)
            cloud = cloud.take(rng.choice(within, self.particles))
            moved = 0.0
            for _ in range(PATIENCE * self.moves):
                cloud, accepted = self._moved(cloud, level, step, rng)
                step = min(
                    1.0, step * (0.5 if accepted < POOR else 1.2 if accepted > WANTED else 0.8)
                )
                moved += accepted
                if moved >= WANTED * self.moves:
                    break
        return None

    def _moved(
        self, cloud: _Cloud, level: float, step: float, rng: np.random.Generator
    ) -> tuple[_Cloud, float]:
        """Move every particle, unless it would leave the level; return the rate of moves."""
        kept = np.sqrt(1.0 - step**2)
        vectors = kept * cloud.vectors + step * rng.standard_normal(cloud.vectors.shape)
        if self.form.flat:
            vectors[:, -1] = 1.0
        spare = cloud.spare
        if self.form.spare:
            # the length of a Gaussian vector that moves in the same way
            along = kept * np.sqrt(spare) + step * rng.standard_normal(len(spare))
            across = rng.chisquare(self.form.spare - 1, len(spare)) if self.form.spare > 1 else 0.0
            spare = along**2 + step**2 * across
        moved = self._scored(vectors, spare)
        refused = ~(moved.score < level)
        np.copyto(vectors, cloud.vectors, where=refused[:, None])
        for new, old in zip(moved[1:], cloud[1:], strict=True):
            np.copyto(new, old, where=refused)
        return moved, (len(refused) - np.count_nonzero(refused)) / len(refused)

    def _scored(self, vectors: Matrix, spare: Vector) -> _Cloud:
        form = self.form
        Z = self.pre_activations(vectors, spare)
        last = form.last_layer(Z)
        score = np.maximum(last, 0.0) @ form.v
        certain, possible = form.decided(Z, last, score)
        falling = form.v < 0.0
        if falling.any():
            score = score - PULL * np.max(last[:, falling] * -form.v[falling], axis=1)
        return _Cloud(vectors, spare, np.where(possible, -inf, score), certain)

    def pre_activations(self, vectors: Matrix, spare: Vector) -> Matrix:
        """Return those of the first layer at particles, (k, n)."""
        length = np.sqrt(np.sum(vectors**2, axis=1) + spare)
        found = vectors @ self.form.M.T
        found /= length[:, None]
        found += self.form.b
        return np.asarray(found)


def points_in_error(form: Form, rng: np.random.Generator, work: float) -> Matrix | None:
    """Return pre-activations of the first layer, (k, n), at points in error, found by a repetition
    of few particles; None if it comes to a stop, or takes more than `work` nanoseconds, as counted.
    """
    scouts = Splitting(form, SCOUTS, SCOUTING)
    found = scouts.descended(rng, int(min(work / scouts.cost, LEVELS)))
    if found is None:
        return None
    _, cloud = found
    wrong = cloud.take(np.flatnonzero(cloud.score == -inf))
    return scouts.pre_activations(wrong.vectors, wrong.spare)


def _level(score: Vector) -> float | None:
    """Return the score that a quarter of the particles are below, or somewhat more where many are
    equal; None if all are.
    """
    kept = int(KEPT * len(score))
    level = float(np.partition(score, kept)[kept])
    if np.any(score < level):
        return level
    above = score[score > level]
    return float(above.min()) if len(above) else None
