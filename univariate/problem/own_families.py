"""Families of someone's own for scipy, subclasses of `rv_continuous`: whether they hold probability
one.

scipy does not ask: a cdf is 0 and 1 at the ends of the support whatever the formula says.
"""

import warnings
from collections.abc import Callable
from math import inf, isfinite, nextafter
from typing import Any, Final

import numpy as np

from univariate.problem.pdf_families import CDF, has_own

_SLACK: Final = 1e-6  # of probabilities, which are rounded
_BESIDE: Final = 0.01  # of what lacks at an end, how much may be right beside it
_NEAR: Final = 1e-9  # of the width of a law
_ULPS: Final = 2.0**10
_FAR: Final = (1e12, 1e6)  # widths, where a law has no end
_ROUNDED: Final = 1e-12
_INVERSE: Final = 0.01  # by which a ppf may miss, which no clean error rests on
_LEVELS: Final = np.array([0.25, 0.5, 0.75])
_ASKED: Final = np.arange(1.0, 32.0) / 32.0
_STEP: Final = 1e-3  # of the way to the next quantile, to measure slopes
_WIDE: Final = 0.1
_UNLIKE: Final = 0.1  # slopes of a cdf that interpolates a table are rough
_SLOPES: Final = 8  # fewer say nothing


def require_family(name: str, given: Any, cdf: Callable[[Any], Any]) -> None:
    """Raise ValueError for a frozen distribution of someone's family whose cdf, given or integrated
    from its pdf, has more or less probability than 1, or whose methods are of several laws.

    One with a cdf is asked next to its ends; where densities are steep there, what lacks is beside
    them. Where it has a pdf too, the two must be of one law.
    """
    family = given.dist
    has_cdf = has_own(family, *CDF)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if has_cdf:
            _require_reached(name, given)
        if not has_own(family, "_rvs") and (has_cdf or has_own(family, "_ppf")):
            _require_inverse(name, cdf, given.ppf(_LEVELS))
        if has_cdf and has_own(family, "_pdf"):
            _require_slopes(name, given)


def _require_reached(name: str, given: Any) -> None:
    """Raise ValueError for a cdf that does not go from 0 to 1 between its ends."""
    low, high = map(float, given.support())
    off = _lacking(given.cdf, (low, high), given.ppf(_LEVELS))
    if off != 0.0:
        raise ValueError(
            f"`density` must have the probability 1 on its support, got {1.0 - off:.6g} of {name};"
            " give its cdf the limits 0 and 1 at the ends"
        )


def _require_inverse(name: str, cdf: Callable[[Any], Any], places: Any) -> None:
    """Raise ValueError if a ppf, by which scipy draws, is that of another cdf."""
    # quantiles are found to some ulps, and doubles may hardly tell a narrow law's values apart
    reach = _ROUNDED * np.abs(places) + _NEAR * (places[-1] - places[0])
    low, high = cdf(places - reach), cdf(places + reach)
    off = np.flatnonzero((low > _LEVELS + _INVERSE) | (high < _LEVELS - _INVERSE))
    if off.size:
        at = float(places[off[0]])
        raise ValueError(
            f"`density` must have a ppf that is the inverse of its cdf, got {at:g} of {name} for"
            f" {_LEVELS[off[0]]:g}, where the cdf is {float(cdf(at)):.6g}; mend one of them, scipy"
            " draws by the ppf"
        )


def _lacking(cdf: Callable[[Any], Any], ends: tuple[float, float], places: Any) -> float:
    """Return what a cdf lacks to go from 0 to 1 between its ends."""
    width = float(places[-1] - places[0])
    above = _jump(lambda x: 1.0 - float(cdf(x)), ends[1], float(places[-1]), width, 1.0)
    return above + _jump(lambda x: float(cdf(x)), ends[0], float(places[0]), width, -1.0)


def _jump(
    share: Callable[[float], float], end: float, place: float, width: float, outward: float
) -> float:
    """Return the probability that is said to lie beyond the double next to an end; 0 where it is
    small, not known, or grows inward as that of a steep density does.
    """
    if isfinite(end):
        next_to = nextafter(end, -outward * inf)
        inside = end - outward * max(_NEAR * width, _ULPS * abs(next_to - end))
        most = 1.0
    else:
        next_to, inside = (place + outward * width * far for far in _FAR)
        most = share(place)  # a formula that overflows is none far out
    jump = share(next_to)
    around = share(inside) - jump
    return jump if _SLACK < jump <= most + _SLACK and around < _BESIDE * jump else 0.0


def _require_slopes(name: str, given: Any) -> None:
    """Raise ValueError if a cdf does not increase as the pdf says, up to its constant, which no
    clean error rests on. Most of several slopes must agree: a few may lie at kinks.
    """
    places = np.unique(given.ppf(_ASKED))
    if places.size < _SLOPES:
        return
    gaps = np.diff(places)
    nearest = np.minimum(np.append(gaps, gaps[-1]), np.append(gaps[0], gaps))
    reach = _STEP * nearest + _ULPS * np.spacing(np.abs(places))
    risen = (given.cdf(places + reach) - given.cdf(places - reach)) / (2.0 * reach)
    stated = given.pdf(places)
    known = np.isfinite(stated) & np.isfinite(risen) & (stated > 0.0) & (risen > 0.0)
    known &= reach < _WIDE * nearest  # doubles tell the quantiles apart
    if 2 * np.count_nonzero(known) < places.size:
        return
    off = np.where(known, risen / np.where(known, stated, 1.0), np.nan)
    off = np.abs(off / np.nanmedian(off) - 1.0)
    if np.count_nonzero(off > _UNLIKE) > 0.5 * np.count_nonzero(known):
        k = int(np.nanargmax(off))
        raise ValueError(
            f"`density` must have a pdf that is the slope of its cdf, got {stated[k]:.6g} of"
            f" {name} at {places[k]:g}, where that is {risen[k]:.6g}; mend one of them"
        )
