"""A check of arguments that several functions of the room make."""

import numpy as np

from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample


def require_within(net: ReluNet, sample: Sample, exponent: int) -> None:
    """Raise ValueError unless parameters and inputs are at most 10^exponent."""
    largest = max(float(np.abs(part).max()) for part in (*net.parameters, sample.x))
    if largest > 10.0**exponent:
        raise ValueError(
            f"`net` and `sample` must stay within 10^{exponent}, got {largest:.3g}; rescale them"
        )
