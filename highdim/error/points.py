"""Plain Monte Carlo: signs of N at uniform points of the sphere."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from highdim.error.draws import blocks, pre_activations
from highdim.error.form import Form
from highdim.error.intervals import Bounds, from_flags


@dataclass(frozen=True)
class Points:
    """Uniform points."""

    form: Form

    name: ClassVar[str] = "points"
    default: ClassVar[int] = 100_000
    pilot: ClassVar[int] = 1024

    @property
    def cost(self) -> float:
        """Nanoseconds a point, on the machine that the counts were fitted on."""
        n, r = self.form.width, self.form.rank
        return 0.07 * n * r + 12.0 * r + 3.0 * n + self.form.upper_cost

    def estimate(
        self, samples: int, rng: np.random.Generator, level: float, *, unseen: bool = True
    ) -> Bounds:
        """Return the share of fresh points in error, with its interval."""
        form = self.form.reduced(samples)
        flags = (
            form.decide(pre_activations(form, part.stop - part.start, rng))
            for part in blocks(samples, max(form.M.shape))
        )
        return from_flags(flags, samples, level)
