"""Nets that need no training, as candidates for the upper bound on the max-margin norm."""

from math import sqrt

import numpy as np

from highdim.optimum.benign_interpolator import benign_interpolator
from highdim.optimum.orthogonal_limit import orthogonal_limit
from highdim.optimum.splitting import Split
from highdim.problem.check import label_counts
from highdim.problem.network import TwoLayerNet
from highdim.problem.sample import SphereSample


def constructed(
    sample: SphereSample, split: Split | None, bias: bool
) -> dict[str, TwoLayerNet | None]:
    """Return the candidates that need no training."""
    plus, minus = label_counts(sample.y)
    nets: dict[str, TwoLayerNet | None] = {"split": split.net if split else None}
    if not bias:
        return nets | {"orthogonal limit": _sums(sample)}
    nets["orthogonal limit"] = orthogonal_limit(plus, minus).net(sample.X, sample.y)
    nets["Lemma B.3"] = benign_interpolator(sample).net if minus else None
    return nets


def _sums(sample: SphereSample) -> TwoLayerNet:
    """Return the net of orthonormal data without biases: w = Σ x_i over each label, v = ±1."""
    signs = [sign for sign in (1.0, -1.0) if np.any(sample.y == sign)]
    sums = [sample.X[sample.y == sign].sum(axis=0) for sign in signs]
    return TwoLayerNet(np.array(signs), np.array(sums))


def limit_norm(sample: SphereSample, bias: bool) -> float:
    """Return ‖θ*‖² of orthonormal data with these labels."""
    plus, minus = label_counts(sample.y)
    if bias:
        return orthogonal_limit(plus, minus).norm_squared
    return 2.0 * (sqrt(plus) + sqrt(minus))
