"""Systematic points: equally spaced ones on random great circles.

Every point is uniform, so a circle's share of errors has the clean error for its mean; and where N
is smooth along the circle that share varies less than the one of as many independent points.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from highdim.error.draws import blocks, frames
from highdim.error.form import Form
from highdim.error.intervals import Bounds, from_shares

POINTS = 8  # on every circle


@dataclass(frozen=True)
class Circles:
    """Random great circles with `POINTS` points each."""

    form: Form

    name: ClassVar[str] = "circles"
    default: ClassVar[int] = 16_384
    pilot: ClassVar[int] = 128

    @property
    def cost(self) -> float:
        """Nanoseconds a circle, on the machine that the counts were fitted on."""
        n, r = self.form.width, self.form.rank
        return 0.14 * n * r + 30.0 * r + POINTS * (7.0 * n + self.form.upper_cost)

    def estimate(
        self, samples: int, rng: np.random.Generator, level: float, *, unseen: bool = True
    ) -> Bounds:
        """Return the mean share of errors on fresh circles, with its interval."""
        form = self.form.reduced(samples)
        certain = np.empty(samples)
        possible = np.empty(samples)
        angles = (2.0 * np.pi / POINTS * np.arange(POINTS))[:, None]
        for part in blocks(samples, POINTS * max(form.M.shape)):
            alpha, beta = frames(form, part.stop - part.start, rng)
            Z = np.cos(angles) * alpha[:, None] + np.sin(angles) * beta[:, None] + form.b
            flags = form.decide(Z.reshape(-1, form.width))
            certain[part], possible[part] = (
                np.mean(those.reshape(-1, POINTS), axis=1) for those in flags
            )
        with np.errstate(divide="ignore"):
            return from_shares(np.log(certain), np.log(possible), level, unseen=unseen)
