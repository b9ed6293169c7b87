"""Initial networks for training in one dimension."""

from typing import Final

import numpy as np

from univariate.common import check
from univariate.common.arrays import Vector
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample, require_sample

SCHEMES: Final = ("spread", "pytorch")


def init_network(
    sample: Sample,
    *,
    scheme: str = "spread",
    width: int | None = None,
    scale: float = 1.0,
    rng: int | np.random.Generator,
) -> ReluNet:
    """Draw an initial network.

    Parameters
    ----------
    sample : Sample
        What the net will be trained on.
    scheme : str
        "spread": in every gap, and beyond either end, two neurons of each orientation with one
        kink, drawn uniformly, and output weights of opposite sign: N = 0, and a kink of every kind
        is where it may be needed. They are balanced with |v (w, b)| = scale / gap, the size that a
        kink between different labels has in the end. "pytorch": w and b uniform in (−1, 1), v
        uniform in (−1/√n, 1/√n), as PyTorch's default for `Linear(1, n)` and `Linear(n, 1,
        bias=False)`; all three times `scale`.
    width : int, optional
        Number of neurons of "pytorch", 4 (m + 1) if not given; that is what "spread" has, and no
        other.
    scale : float
        Positive.
    rng : int or numpy.random.Generator
        The only source of randomness; same seed, same bits.

    Raises
    ------
    ValueError
        An unknown scheme, a scale that is not positive or, over a gap, not finite, or another width
        than 4 (m + 1) for "spread".

    Rounded. Cost O(width).
    """
    require_sample(sample)
    generator = check.generator(rng)
    scale = check.real("scale", scale)
    if scale <= 0.0:
        raise ValueError(f"`scale` must be positive, got {scale}; 1 is the usual size")
    spread_width = 4 * (sample.size + 1)
    width = spread_width if width is None else check.count("width", width)
    if scheme == "pytorch":
        w, b = generator.uniform(-1.0, 1.0, (2, width))
        v = generator.uniform(-1.0, 1.0, width) / np.sqrt(width)
        return ReluNet(scale * v, scale * w, scale * b)
    check.choice("scheme", scheme, SCHEMES)
    if width != spread_width:
        raise ValueError(
            f'`width` must be 4 (m + 1) = {spread_width} for "spread", got {width}; leave it out,'
            ' or choose "pytorch"'
        )
    return _spread(sample.x, scale, generator)


def _spread(x: Vector, scale: float, generator: np.random.Generator) -> ReluNet:
    """Place two kinks in every gap, each for two neurons of opposite sign."""
    gaps = np.diff(x)
    outer = float(gaps.mean()) if len(gaps) else 1.0
    ends = np.concatenate([[x[0] - outer], x, [x[-1] + outer]])
    low = np.repeat(ends[:-1], 2)
    length = np.repeat(np.diff(ends), 2)
    side = np.tile([1.0, -1.0], len(low) // 2)
    kink = low + length * generator.random(len(low))
    with np.errstate(over="ignore"):
        size = np.sqrt(scale / length)
    if not np.all(np.isfinite(size)):
        raise ValueError(
            f"`scale` over a gap must stay in the range of doubles, got scale {scale:.3g} and a gap"
            f" of {length.min():.3g}; rescale the inputs"
        )
    w = side * size / np.hypot(1.0, kink)
    v = np.concatenate([size, -size])
    return ReluNet(v, np.tile(w, 2), np.tile(-w * kink, 2))
