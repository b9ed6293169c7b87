"""Distributions of any kind, as the few functions that are asked of them."""

from collections.abc import Callable
from functools import partial
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.family_draws import frozen_draws

_ULPS = 8  # by which an input may miss an end: draws are scaled and shifted, and so is the end
_FAR = 40.0  # widths of a kernel, beyond which it has no mass in doubles
_PROBES = (-1e300, -1e10, -1e4, 1e4, 1e10, 1e300)
_SLACK = 1e-6  # of values of a cdf at the probes, which are rounded
_TURNS = 1e3  # a cdf that goes on around the circle, far out
_RARE = 1e-12  # what lies beyond these quantiles is the tail of a cdf that overflows there


def _right(start: Any, end: Any) -> float:
    """Return what probabilities are off by that are right to rounding."""
    return 0.0


class Law(NamedTuple):
    """What is asked of a distribution: Pr[X ≤ x], Pr[X > x], a quantile (for pictures), where it
    lies, draws, `rvs(size, generator)`, and what the probability of disjoint intervals is off by,
    but for the rounding of the cdf.
    """

    cdf: Callable[[Any], Any]
    sf: Callable[[Any], Any]
    ppf: Callable[[float], Any]
    support: tuple[float, float]
    rvs: Callable[[int, np.random.Generator], Any]
    error: Callable[[Any, Any], float] = _right


def uniform() -> Law:
    """Return Unif[0, 1]."""
    return Law(_share, _rest, float, (0.0, 1.0), _uniform_draws)


def frozen(given: Any) -> Law:
    """Return a frozen distribution of `scipy.stats`."""
    return _law(given, given.cdf, given.sf, given.ppf, frozen_draws)


def integrated(given: Any, cdf: Any, sf: Any, ppf: Any, draw: Any) -> Law:
    """Return a frozen distribution by the integral of its pdf; its own draws, if none are given."""
    law = _law(given, cdf, sf, ppf, frozen_draws)
    return law if draw is None else law._replace(rvs=draw)


def modern(given: Any) -> Law:
    """Return one of the newer objects of `scipy.stats`, `Normal()` and the like."""
    return _law(given, given.cdf, given.ccdf, given.icdf, _modern_draws)


def _law(given: Any, cdf: Any, sf: Any, ppf: Any, draw: Any) -> Law:
    """Return a distribution whose probabilities are ones, however far out they are asked for."""
    ends = _ends(given)
    far = _far(cdf)
    off = np.flatnonzero((far < -_SLACK) | (far > 1.0 + _SLACK))
    if off.size:
        remedy = "check its constant, or its weights, which must be positive and add up to 1"
        if abs(far[off]).max() > _TURNS:
            remedy = (
                "a law of angles is none on the line; pass one that is, as"
                " scipy.stats.vonmises_line"
            )
        raise ValueError(
            f"`density` must have a cdf between 0 and 1, got {far[off[0]]:.6g} at"
            f" {_PROBES[off[0]]:g}; {remedy}"
        )
    below = partial(_probability, cdf, ppf, ends, (0.0, 1.0))
    above = partial(_probability, sf, ppf, ends, (1.0, 0.0))
    return Law(below, above, ppf, ends, partial(draw, given))


def _far(cdf: Any) -> Vector:
    """Return the values of a cdf at the probes."""
    reason = ""
    try:
        with np.errstate(all="ignore"):
            found = np.asarray(cdf(np.array(_PROBES)), dtype=np.float64)
        reason = f"shape {found.shape}"
    except Exception as error:  # whatever a law of someone's raises
        found = np.empty(0)
        reason = f"{type(error).__name__}: {error}"
    if found.shape != (len(_PROBES),):
        raise TypeError(
            f"`density` must have a cdf that takes arrays, got {reason} for one of shape"
            f" {(len(_PROBES),)}; write it with functions of numpy"
        )
    return found


def _probability(
    function: Any, ppf: Any, ends: tuple[float, float], limits: tuple[float, float], x: Any
) -> Any:
    """Return a cdf or survival function, its limits where it overflows far out, and at the ends.

    Ends are rounded: where a law is scaled and moved, a cdf may be short of 1 at its own end.
    """
    if not np.size(x):  # which functions of numbers, made vectors by numpy.vectorize, do not take
        return np.zeros(np.shape(x))
    with np.errstate(all="ignore"):
        found = np.clip(function(x), 0.0, 1.0)
        lost = np.isnan(found)
        if np.any(lost):
            found = np.where(lost & (x < ppf(_RARE)), limits[0], found)
            found = np.where(lost & (x > ppf(1.0 - _RARE)), limits[1], found)
    outside = np.less_equal(x, ends[0]), np.greater_equal(x, ends[1])
    for there, limit in zip(outside, limits, strict=True):
        if np.any(there):
            found = np.where(there, limit, found)[()]
    return found


def kernels(given: Any) -> Law:
    """Return a Gaussian kernel estimate: a mixture of normals about its data."""
    if given.d != 1:
        raise TypeError(
            f"`density` must be a distribution of one number, got a gaussian_kde of {given.d}"
            " variables; pass one of the inputs alone"
        )
    parts = given.dataset[0], given.weights, float(np.sqrt(given.covariance[0, 0]))
    below = partial(_mixture, *parts, 1.0)
    above = partial(_mixture, *parts, -1.0)
    reach = _FAR * parts[2]
    ends = float(parts[0].min()) - reach, float(parts[0].max()) + reach
    quantile = partial(_root, below, ends)
    return Law(below, above, quantile, (-np.inf, np.inf), partial(_kernel_draws, given))


def lost(name: str) -> Law:
    """Return a law of which only the name is known: it asks for itself when it is needed."""
    ask = partial(_ask, name)
    return Law(ask, ask, ask, (-np.inf, np.inf), ask)


def rounding_of_ends(ends: tuple[float, float]) -> float:
    """Return by how much an input may miss an end of a law."""
    return (
        _ULPS * float(np.finfo(float).eps) * max(abs(end) for end in (*ends, 0.0) if isfinite(end))
    )


def _ends(given: Any) -> tuple[float, float]:
    ends = given.support()
    if not isinstance(ends, tuple | list | np.ndarray) or len(ends) != 2:
        raise TypeError(
            f"`density` must have a support of two ends, got {ends!r:.80}; return low, high"
        )
    low, high = ends
    if np.ndim(low) or np.ndim(high):
        raise TypeError(
            f"`density` must be a distribution of one number, got {np.size(low)} of them; pass one"
        )
    return float(low), float(high)


def _share(x: Any) -> Any:
    return np.clip(x, 0.0, 1.0)


def _rest(x: Any) -> Any:
    return 1.0 - np.clip(x, 0.0, 1.0)


def _uniform_draws(size: int, generator: np.random.Generator) -> Any:
    return generator.random(size)


def _modern_draws(given: Any, size: int, generator: np.random.Generator) -> Any:
    return given.sample(size, rng=generator)


def _kernel_draws(given: Any, size: int, generator: np.random.Generator) -> Any:
    return given.resample(size, seed=generator)


def _mixture(centres: Vector, weights: Vector, width: float, way: float, x: Any) -> Any:
    """Return Pr[X ≤ x] (way 1) or Pr[X > x] (−1) of normals about the centres."""
    from scipy.special import ndtr

    places = np.asarray(x, dtype=np.float64)
    found = np.zeros(places.shape)
    for centre, weight in zip(centres.tolist(), weights.tolist(), strict=True):
        found += weight * ndtr(way * (places - centre) / width)
    return np.minimum(found, 1.0)


def _root(below: Callable[[Any], Any], ends: tuple[float, float], q: float) -> float:
    from scipy.optimize import brentq

    return float(brentq(lambda x: float(below(x)) - q, *ends))


def _ask(name: str, *_: Any) -> Any:
    raise ValueError(
        f"`density` must be passed: the sample was drawn from {name}, which no file can hold"
    )
