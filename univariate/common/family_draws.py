"""Draws from frozen distributions of `scipy.stats`, those of someone's own families too.

scipy draws by quantiles of uniform numbers. Of a family that has a cdf and says neither its
quantiles nor how to draw, it searches for each of them by itself, a thousand a second or so.
"""

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any, Final

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.inverse import quantiles

_USUAL: Final = ("rvs", "_rvs", "_ppf", "_ppf_single", "_ppf_to_solve", "_cdf_single")
"""What scipy searches by, unless a family says one of them itself."""

_TRIED: Final = np.arange(1.0, 18.0) / 18.0
_ALIKE: Final = 1e-9


def frozen_draws(given: Any, size: int, generator: np.random.Generator) -> Any:
    """Return independent draws of a frozen distribution, shape (size,): scipy's own, but for
    families whose quantiles it would search for one by one; of these, the quantiles of the same
    numbers, which are found together.
    """
    searched = _searched(given)
    if searched is None:
        return given.rvs(size=size, random_state=generator)
    family, shapes, loc, scale = searched
    levels = generator.uniform(size=size)
    return _quantiles(family, shapes, levels) * scale + loc


def _searched(given: Any) -> tuple[Any, tuple[Any, ...], float, float] | None:
    """Return the family, shapes, loc and scale of a law whose quantiles scipy searches for; None of
    any other, and of one that scipy refuses.
    """
    from scipy import stats

    family: Any = getattr(given, "dist", given)
    base: Any = stats.rv_continuous
    if not isinstance(family, base) or type(family).__module__.startswith("scipy."):
        return None
    is_frozen = type(given) is type(stats.norm()) and "rvs" not in vars(given)
    is_whole = family is given and not family.numargs
    own_cdf = _says(family, "_cdf") or _says(family, "cdf")
    if not (is_frozen or is_whole) or not own_cdf or any(_says(family, name) for name in _USUAL):
        return None
    args, keywords = getattr(given, "args", ()), getattr(given, "kwds", {})
    shapes, loc, scale = family._parse_args(*args, **keywords)
    if any(np.ndim(part) for part in (*shapes, loc, scale)):
        return None
    allowed = np.all(family._argcheck(*shapes)) and 0.0 < scale < inf
    return (family, shapes, loc, scale) if allowed else None


def _says(family: Any, name: str) -> bool:
    """Whether a family, or this object of it, has a method that is not that of scipy's base."""
    from scipy import stats

    method = getattr(family, name)
    return getattr(method, "__func__", method) is not getattr(stats.rv_continuous, name)


def _quantiles(family: Any, shapes: tuple[Any, ...], levels: Vector) -> Vector:
    """Return quantiles, all together if the cdf takes arrays; scipy's where that finds none."""
    cdf = partial(_cdf, family, shapes)
    found = np.full(levels.shape, np.nan)
    try:
        low, high = map(float, family._get_support(*shapes))
        if _takes_arrays(cdf, quantiles(cdf, _TRIED, (low, high))):
            found = quantiles(cdf, levels, (low, high))
    except Exception:  # whatever a cdf of numbers raises
        found = np.full(levels.shape, np.nan)
    lost = np.isnan(found)
    if np.any(lost):
        found[lost] = family._ppf(levels[lost], *shapes)
    return found


def _cdf(family: Any, shapes: tuple[Any, ...], x: Vector) -> Any:
    return family.cdf(x, *shapes)


def _takes_arrays(cdf: Callable[[Any], Any], points: Vector) -> bool:
    """Whether a cdf is of arrays what it is of numbers, which scipy asks it for."""
    with np.errstate(all="ignore"):
        singly = [float(cdf(point)) for point in points.tolist()]
        return bool(np.allclose(cdf(points), singly, rtol=_ALIKE, atol=0.0))
