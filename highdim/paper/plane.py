"""The clean error of bias-less nets of up to two live neurons, in closed form in any dimension.

With u_j = |v_j| w_j, and θ(a, b) the angle between a and b:
    σ(u₁·x) + σ(u₂·x) ≤ 0   has probability   ½ − θ(u₁, u₂)/2π,
    σ(u·x) − σ(z·x) ≤ 0      has probability   ½ + θ(u, u − z)/2π,
the second because beyond u·x ≤ 0 it asks for u·x > 0 and (u − z)·x ≤ 0, a wedge. New.
"""

from dataclasses import replace
from math import log10
from typing import Any

import numpy as np

from highdim.error.clean_error import clean_error
from highdim.error.estimate import Estimate
from highdim.error.guarantee import guaranteed
from highdim.paper.angles import Share, exact, turn
from highdim.paper.orthants import LEVEL, closed_orthant
from highdim.problem.network import TwoLayerNet
from univariate.common.check import generator


def width_two_clean_error(net: TwoLayerNet) -> Estimate:
    """Return L_cl(N) of a bias-less net of at most two live neurons: v_j ≠ 0 and w_j ≠ 0.

    Raises
    ------
    TypeError
        Not a TwoLayerNet.
    ValueError
        Biases other than 0, more live neurons, or d = 1.

    Exact up to rounding: enclosed to 2^-49, and exact where L_cl is ½ or 1, where neurons are
    parallel or orthogonal; parameters of any size. Method "angles", no samples, level 1. Cost O(d)
    products of long integers, half a second at d = 10⁴. Source: new, see the module.
    """
    require_two_layers(net)
    live = live_neurons(net)
    if largest_bias(net) > 0.0 or np.sum(live) > 2:
        raise ValueError(
            f"`net` must have no biases and at most two live neurons, got {np.sum(live)} and a"
            f" largest bias of {largest_bias(net):g}; use clean_error"
        )
    return replace(_share(net).estimate("angles"), _subject=net.fingerprint)


def decisive_clean_error(net: TwoLayerNet, rng: Any) -> Estimate:
    """Return L_cl as exactly as there is a way to, at confidence 1 − 1e-6 if it is sampled.

    Without biases N ≤ 0 where all neurons with v_j > 0 are off, so no interval begins below that
    probability, where it has a closed form.
    """
    rng = generator(rng)
    if largest_bias(net) > 0.0:
        return guaranteed(net, clean_error(net, rng=rng, level=LEVEL), rng)
    live = live_neurons(net)
    if np.sum(live) <= 2:
        return width_two_clean_error(net)
    off = closed_orthant(net.W[live & (net.v > 0.0)])
    if off is not None and (off.low == 1.0 or not np.any(net.v[live] < 0.0)):
        return off.estimate("angles")
    found = guaranteed(net, clean_error(net, rng=rng, level=LEVEL), rng)
    return found if off is None else _not_below(found, off.low)


def live_neurons(net: TwoLayerNet) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which neurons of a bias-less net are not constantly 0."""
    return np.asarray((net.v != 0.0) & np.any(net.W, axis=1))


def largest_bias(net: TwoLayerNet) -> float:
    """Return max |b_j|; 0 without biases."""
    return float(np.max(np.abs(net.biases)))


def require_two_layers(net: object) -> TwoLayerNet:
    """Return a TwoLayerNet of inputs in dimension d ≥ 2; raise for anything else."""
    if not isinstance(net, TwoLayerNet):
        raise TypeError(
            f"`net` must be a TwoLayerNet, got {type(net).__name__}; the propositions are about two"
            " layers"
        )
    if net.dimension == 1:
        raise ValueError(
            "`net` must have inputs of dimension d >= 2, got 1; use univariate.ReluNet for scalar"
            " inputs"
        )
    return net


def _not_below(found: Estimate, least: float) -> Estimate:
    """Return the estimate with an interval that begins no lower."""
    if found.low >= least:
        return found
    value = max(found.value, least)
    high = max(found.high, least)
    return replace(
        found,
        value=value,
        low=least,
        high=high,
        log10_value=log10(value),
        log10_low=log10(least),
        log10_high=log10(high),
    )


def _share(net: TwoLayerNet) -> Share:
    live = np.flatnonzero(live_neurons(net))
    plus = [exact(net.W[j], net.v[j]) for j in live if net.v[j] > 0.0]
    minus = [exact(net.W[j], -net.v[j]) for j in live if net.v[j] < 0.0]
    if not plus:
        return Share(1.0, 1.0, 1.0)
    if len(plus) == 2:
        value, low, high = turn(*plus)
        return Share(0.5 - value, 0.5 - high, 0.5 - low)
    if not minus:
        return Share(0.5, 0.5, 0.5)
    ahead = [u - z for u, z in zip(plus[0], minus[0], strict=True)]
    if not any(ahead):  # N is zero everywhere
        return Share(1.0, 1.0, 1.0)
    return Share(*(0.5 + end for end in turn(plus[0], ahead)))
