"""Laws of x as text: a name of `scipy.stats` with parameters, as "beta(2, 5)"."""

import difflib
import re
from typing import Any, Final

import numpy as np

from univariate.common import check

_CALL: Final = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:\(([^()]*)\))?\s*")

_ELSEWHERE: Final = {
    "gauss": "norm",
    "gaussian": "norm",
    "normal": "norm",
    "standard_normal": "norm",
    "exponential": "expon",
    "student": "t",
    "student_t": "t",
    "standard_t": "t",
    "chisquare": "chi2",
    "weibull": "weibull_min",
}
"""Names of textbooks and of `numpy.random`, and those that scipy has for them."""


def parsed(text: str) -> Any:
    """Return the frozen distribution of a `scipy.stats` name with parameters.

    Raises ValueError as `Density.named` does.
    """
    call = _CALL.fullmatch(text)
    if call is None:
        raise ValueError(
            f"`density` must be a scipy.stats name with parameters, got {text!r}; pass e.g."
            " 'beta(2, 5)'"
        )
    from scipy import stats

    name = call[1]
    inside = call[2] or ""
    family = getattr(stats, name, None)
    if not isinstance(family, stats.rv_continuous):
        known = [
            other for other in dir(stats) if isinstance(getattr(stats, other), stats.rv_continuous)
        ]
        close = ", ".join(difflib.get_close_matches(name, known)) or "beta, norm or uniform"
        meant = _ELSEWHERE.get(name.lower(), close)
        raise ValueError(
            f"`density` must name a continuous scipy.stats distribution, got {name!r}; try {meant}"
        )
    places, keywords = _parameters(text, inside)
    try:
        with np.errstate(all="ignore"):
            found = family(*places, **keywords)
            proper = 0.0 < float(found.cdf(found.median())) < 1.0
    except TypeError:
        proper = False
    if not proper:
        shapes = ", ".join(filter(None, [getattr(family, "shapes", None), "loc", "scale"]))
        raise ValueError(
            f"`density` must have parameters that {name} allows ({shapes}), got {text!r}; see"
            " scipy.stats"
        )
    return found


def is_family(text: str) -> bool:
    """Whether a text names a continuous distribution of `scipy.stats`, parameters or not."""
    from scipy import stats

    call = _CALL.fullmatch(text)
    return call is not None and isinstance(getattr(stats, call[1], None), stats.rv_continuous)


def _parameters(text: str, inside: str) -> tuple[list[float], dict[str, float]]:
    places: list[float] = []
    keywords: dict[str, float] = {}
    for part in map(str.strip, inside.split(",") if inside.strip() else ()):
        key, equals, value = part.rpartition("=")
        try:
            if "_" in value or (equals and key.strip() in keywords):
                raise ValueError
            number = check.real("density", float(value))
        except ValueError:
            raise ValueError(
                f"`density` must have numbers as parameters, each once, got {text!r}; pass e.g."
                " 'beta(2, 5)'"
            ) from None
        if equals:
            keywords[key.strip()] = number
        else:
            places.append(number)
    return places, keywords
