"""Kinks that are held on data: (w, b) on the ray along (1, −x_i)."""

import numpy as np

from univariate.common.jit import kernel

FREE = -1


@kernel
def along_rays(step: np.ndarray, x: np.ndarray, held: np.ndarray) -> None:
    """Leave the part of (dw, db), in place, that keeps held kinks on data: that along (1, −x_i)."""
    for j in range(step.shape[1]):
        if held[j] != FREE:
            at = x[held[j]]
            along = (step[1, j] - at * step[2, j]) / (1.0 + at * at)
            step[1, j] = along
            step[2, j] = -along * at
