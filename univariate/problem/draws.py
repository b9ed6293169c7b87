"""Samples drawn from a law of x, with labels of a truth that are flipped by chance."""

from typing import Any, Final

import numpy as np

from univariate.common import check
from univariate.common.memory import require_memory
from univariate.problem.asked import require_asked
from univariate.problem.density import Density, DensityLike
from univariate.problem.sample import Sample
from univariate.problem.truth import Truth, TruthLike

_BYTES: Final = 48
"""What drawing an observation takes, where most of it is in memory at once."""


def draw_sample(
    m: int,
    p: float,
    *,
    rng: Any,
    density: DensityLike | None = None,
    truth: TruthLike | None = None,
) -> Sample:
    """Draw m inputs from Unif[0, 1] or a density, and labels f*(x) flipped with probability p.

    Parameters
    ----------
    m : int
        Sample size, at least 1.
    p : float
        Noise level in [0, 1].
    rng : int or numpy.random.Generator
        The only source of randomness; same seed, same bits.
    density : distribution, optional
        Any continuous one, see `Density`; the sample keeps it.
    truth : truth, optional
        Any, see `Truth.of`; f* ≡ +1 if not given. The sample keeps it. Inputs and flips do not
        depend on it.

    Raises
    ------
    TypeError, ValueError
        An argument out of range, more observations than memory holds, or an input where the truth
        is 0.

    Repeated inputs (probability about m²/2⁵⁴ for the uniform density) are drawn again, so x is
    strictly increasing.

    Examples
    --------
    >>> from univariate import draw_sample
    >>> sample = draw_sample(100, 0.2, rng=0)
    >>> sample.size, sample.noise_rate, sample.density
    (100, 0.18, Density(name='uniform on [0, 1]'))
    """
    m = check.count("m", m)
    require_drawable("m", m)
    p = check.probability("p", p)
    generator = check.generator(rng)
    law = Density.of(density)
    meant = Truth.of(truth)
    require_asked(meant, law)
    x = np.unique(law.draw(m, generator))
    for _ in range(64):
        if len(x) == m:
            break
        x = np.unique(np.concatenate([x, law.draw(m - len(x), generator)]))
    else:
        raise ValueError(
            "`density` must be continuous, got one that keeps repeating values; choose another"
        )
    flips = np.where(generator.random(m) < p, -1.0, 1.0)
    y = meant(x) * flips
    blank = np.flatnonzero(y == 0.0)
    if blank.size:
        raise ValueError(
            f"`truth` must be +1 or -1 where x lies, got 0 at x = {x[blank[0]]:.6g}; give it a sign"
            " there"
        )
    return Sample(x, y, density=law, truth=meant)


def require_drawable(name: str, m: int) -> None:
    """Raise ValueError for a sample size, the argument `name`, that this machine cannot draw."""
    require_memory(name, m, _BYTES * m, "drawing so many observations")
