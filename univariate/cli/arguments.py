"""Arguments of the command line, parsed: comma lists and densities. Messages as in `check`."""

import difflib
import re
from typing import TYPE_CHECKING

from univariate.common import check
from univariate.common.console import listed

if TYPE_CHECKING:
    from scipy.stats.distributions import rv_frozen

_CALL = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:\(([^()]*)\))?\s*")


def counts(name: str, text: str) -> list[int]:
    """Return positive integers from a comma list such as "100,1000"."""
    found = listed(name, text, int, "an integer ≥ 1 or a comma list of them", "100,1000")
    return [check.count(name, number) for number in dict.fromkeys(found)]


def probabilities(name: str, text: str) -> list[float]:
    """Return probabilities from a comma list such as "0.05,0.1"."""
    found = listed(name, text, float, "a number in [0, 1] or a comma list of them", "0.05,0.1")
    return [check.probability(name, number) for number in dict.fromkeys(found)]


def density(text: str | None) -> "rv_frozen | None":
    """Return a frozen continuous `scipy.stats` distribution from its name and parameters, as
    "beta(2, 5)".

    Parameters are numbers, in the distribution's order or by name; nothing is evaluated.

    Raises
    ------
    ValueError
        Not of that form, an unknown or discrete distribution, or parameters that it does not allow.
    """
    if text is None:
        return None
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
        raise ValueError(
            f"`density` must name a continuous scipy.stats distribution, got {name!r}; try {close}"
        )
    places, keywords = _parameters(text, inside)
    try:
        frozen = family(*places, **keywords)
        proper = 0.0 < float(frozen.cdf(frozen.median())) < 1.0
    except TypeError:
        proper = False
    if not proper:
        raise ValueError(
            f"`density` must have parameters that {name} allows ({_signature(family)}), got"
            f" {text!r}; see scipy.stats"
        )
    return frozen


def _parameters(text: str, inside: str) -> tuple[list[float], dict[str, float]]:
    places: list[float] = []
    keywords: dict[str, float] = {}
    for part in filter(None, map(str.strip, inside.split(","))):
        key, equals, value = part.rpartition("=")
        try:
            number = check.real("density", float(value))
        except ValueError:
            raise ValueError(
                f"`density` must have numbers as parameters, got {text!r}; pass e.g. 'beta(2, 5)'"
            ) from None
        if equals:
            keywords[key.strip()] = number
        else:
            places.append(number)
    return places, keywords


def _signature(family: object) -> str:
    shapes = getattr(family, "shapes", None)
    return ", ".join(filter(None, [shapes, "loc", "scale"]))
