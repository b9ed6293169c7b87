"""Samples drawn from a law on R^d, with labels of a truth that are flipped by chance.

Whatever the noise level, one seed gives the same inputs and the same uniform numbers behind the
labels, so that runs at several p differ by nothing but the labels that flip (common random
numbers).
"""

from typing import Any

import numpy as np

from highdim.problem.law import Law
from highdim.problem.network import TwoLayerNet
from highdim.problem.recognised import agreed
from highdim.problem.sample import SphereSample
from highdim.problem.truth import labels_of, require_truth
from univariate.common import check
from univariate.common.memory import require_memory


def draw_sphere_sample(
    m: int,
    d: int,
    p: float,
    *,
    rng: Any,
    distribution: str | None = None,
    truth: TwoLayerNet | None = None,
    law: Law | None = None,
) -> SphereSample:
    """Draw m inputs in R^d and their labels f*(x_i), +1 by default, turned with probability p.

    Parameters
    ----------
    m, d : int
        Sample size, at least 1, and dimension, at least 2.
    p : float
        Noise level in [0, 1].
    rng : int or numpy.random.Generator
        The only source of randomness; same seed, same bits. The label of x_i is −f* where u_i < p,
        and u and X do not depend on p; u does not depend on d or the distribution either.
    distribution : str, optional
        "sphere", the default: uniform on the unit sphere. "gaussian": N(0, I/d), of expected
        squared norm 1, as Remark 4.2 needs it. "ball": uniform in the unit ball.
    truth : TwoLayerNet, optional
        A net whose sign is f*, say `half_space(direction, offset)`. The sample keeps it.
    law : Law, optional
        In the place of `distribution`, or in agreement with it: `Gaussian(covariance, mean)`,
        `Ball(radius)`, `Product(law)`, `Sampler(function)`. The sample keeps it. Section 4 speaks
        of the sphere only.

    Raises
    ------
    TypeError, ValueError
        Numbers out of range, more inputs than memory holds, another distribution, a law of another
        dimension or other than that of `distribution`, or a truth that is 0 at an input.

    Rounded. Cost O(m d). Source: Sections 2 and 4.

    Examples
    --------
    >>> from highdim import draw_sphere_sample
    >>> sample = draw_sphere_sample(20, 50, 0.2, rng=0)
    >>> sample.X.shape, sample.p
    ((20, 50), 0.2)
    """
    m = check.count("m", m)
    d = check.count("d", d, least=2)
    require_drawable(m, d)
    p = check.probability("p", p)
    generator = check.generator(rng)
    given = agreed(distribution, law, d)
    u = generator.random(m)  # before X, so that labels depend on neither d nor the distribution
    if law is None and distribution == "gaussian":
        X = generator.standard_normal((m, d)) / np.sqrt(d)  # the same bits as in older versions
    else:
        X = given.draw(m, d, generator)
    labels = np.where(u < p, -1.0, 1.0)
    if truth is not None:
        labels *= labels_of(require_truth(truth, d), X)
    return SphereSample(X, labels, p, truth=truth, law=given)


def require_drawable(m: int, d: int) -> None:
    """Raise ValueError for m inputs in R^d that no memory of this machine holds."""
    name, size = ("m", m) if m >= d else ("d", d)
    require_memory(name, size, 8 * m * d, f"{m:,} inputs in {d:,} dimensions")
