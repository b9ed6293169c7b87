"""Laws of x that scipy does not define: checked, and told apart by what they do."""

from collections.abc import Callable
from itertools import pairwise
from math import inf, isfinite, log, nan, nextafter, sqrt
from typing import Any, Final
from zlib import crc32

import numpy as np

from univariate.common.arrays import Vector
from univariate.problem.laws import Law, rounding_of_ends

_SLACK: Final = 1e-6  # of probabilities, which are rounded
_ROUGH: Final = 1e-5  # of those that may be integrals
_SHARES: Final = np.array([0.01, 0.1, 0.5])  # of what lies beyond quantiles
_HALVINGS: Final = 80  # from quantiles to neighbouring doubles, unless next to 0
_ATOM: Final = 1e-5  # a probability that is looked for in one double
_BESIDE: Final = 1e-3  # of the mass of an atom, how much may lie beside it
_FEW: Final = 4  # draws that tell seeds apart
_NEVER: Final = 1e-12  # how likely draws are refused that are right


def require_whole(name: str, cdf: Any, ends: tuple[float, float]) -> None:
    """Raise ValueError for a law with mass beyond its ends, where nothing looks for errors."""
    slack = rounding_of_ends(ends)
    with np.errstate(all="ignore"):
        found = np.asarray(cdf(np.array([ends[0] - slack, ends[1] + slack])), dtype=np.float64)
    # it need not know anything beyond its ends
    below, upto = np.where(np.isfinite(found), found, (0.0, 1.0)).tolist()
    if below + 1.0 - upto > _SLACK:
        raise ValueError(
            f"`density` must have a support that holds all of it, got [{ends[0]:g}, {ends[1]:g}] of"
            f" {name} with a probability of {below + 1.0 - upto:.3g} beyond; return the ends of"
            " where x lies"
        )


def quantiles(name: str, law: Law, cdf: Any) -> str:
    """Return what tells a law apart by what it does: a digest of its quantiles, and of the
    probabilities of its cdf there, which are those asked for unless one of the two is wrong.
    """
    levels = (np.arange(1, 64) / 64.0).tolist()
    places = [_asked(name, "ppf", law.ppf, level) for level in levels]
    shares = [_asked(name, "cdf", law.cdf, place) for place in places]
    _require_law(name, law, places, shares)
    _require_probabilities(name, cdf, np.unique(places), law.support)
    _require_no_atom(name, law, np.unique(places))
    words = [f"{one:.9g}" for one in (*law.support, *places)] + [f"{one:.6g}" for one in shares]
    return f"#{crc32(' '.join(words).encode()):08x}"


def _require_law(name: str, law: Law, places: list[float], shares: list[float]) -> None:
    """Raise ValueError unless a cdf increases, and with the sf adds up to 1."""
    order = sorted(range(len(places)), key=places.__getitem__)
    for k, after in pairwise(order):
        if shares[after] < shares[k] - _SLACK:
            raise ValueError(
                f"`density` must have a cdf that does not decrease, got {shares[k]:.6g} and"
                f" {shares[after]:.6g} of {name} at {places[k]:g} and {places[after]:g}; check its"
                " cdf and its ppf"
            )
    # a few will do: an sf may be as slow as an integral
    for place, share in list(zip(places, shares, strict=True))[::8]:
        above = _asked(name, "sf", law.sf, place)
        if abs(share + above - 1.0) > _SLACK:
            raise ValueError(
                f"`density` must have a cdf and an sf that add up to 1, got {share:.6g} and"
                f" {above:.6g} of {name} at {place:g}; check them"
            )


def _require_probabilities(name: str, cdf: Any, places: Vector, ends: tuple[float, float]) -> None:
    """Raise ValueError if a cdf leaves [0, 1] between quantiles or beyond them, or decreases there,
    as that of weights does that are negative or do not add up to 1. Its law is clipped.
    """
    # farther out an integral may miss all of a law
    steps = (places[-1] - places[0]) * 2.0 ** np.arange(-4.0, 2.0)
    tails = [places[0] - steps, places[-1] + steps]
    nearest = zip(places[[0, -1]], ends, strict=True)
    tails += [end + (near - end) * _SHARES for near, end in nearest if isfinite(end)]
    between = 0.5 * places[:-1] + 0.5 * places[1:]
    asked = np.unique(np.concatenate([between, *tails]))
    asked = asked[(asked > ends[0]) & (asked < ends[1])]
    with np.errstate(all="ignore"):
        found = np.asarray(cdf(asked), dtype=np.float64)
    known = np.isfinite(found)
    asked, found = asked[known], found[known]
    wrong = np.flatnonzero((found < -_ROUGH) | (found > 1.0 + _ROUGH))
    falls = np.flatnonzero(np.diff(found) < -_ROUGH)
    if wrong.size or falls.size:
        k = int(wrong[0] if wrong.size else falls[0] + 1)
        raise ValueError(
            f"`density` must have a cdf that increases from 0 to 1, got {found[k]:.6g} of {name} at"
            f" {asked[k]:g}; check its constant, or its weights, which must be positive and add up"
            " to 1"
        )


def _require_no_atom(name: str, law: Law, places: Vector) -> None:
    """Raise ValueError if a cdf jumps between two doubles, as that of data does.

    Intervals between quantiles are halved, always to the half of more mass, as long as that is an
    atom's worth: what is continuous is soon left. Atoms at the ends of the law do no harm.
    """
    inside = places[(places > law.support[0]) & (places < law.support[1])]
    left = np.concatenate([np.nextafter(inside, -np.inf), inside[:-1]])
    right = np.concatenate([inside, inside[1:]])
    levels = law.cdf(inside)
    below = np.concatenate([law.cdf(left[: len(inside)]), levels[:-1]])
    upto = np.concatenate([levels, levels[1:]])
    for _ in range(_HALVINGS):
        heavy = upto - below > _ATOM
        left, right, below, upto = (one[heavy] for one in (left, right, below, upto))
        if not len(left):
            return
        middle = 0.5 * left + 0.5 * right
        half = law.cdf(middle)
        rising = half - below > upto - half
        left, right = np.where(rising, left, middle), np.where(rising, middle, right)
        below, upto = np.where(rising, below, half), np.where(rising, half, upto)
    for before, at in zip(left.tolist(), right.tolist(), strict=True):
        _require_neighbours(name, law, before, at)


def _require_neighbours(name: str, law: Law, before: float, at: float) -> None:
    """Raise ValueError if there is an atom at a double, told by the one before; of a law so narrow
    that doubles hardly tell its values apart, neighbours have as much.
    """
    reach = 4.0 * (at - before)
    jump = float(law.cdf(at) - law.cdf(before))
    around = float(law.cdf(at + reach) - law.cdf(before - reach))
    if nextafter(before, inf) >= at and around - jump < _BESIDE * jump:
        raise ValueError(
            f"`density` must be continuous, got {name}, whose cdf jumps by {jump:.3g} at {at!r};"
            " of data, which have atoms, pass scipy.stats.gaussian_kde(data), and of an integral"
            " one that is more accurate"
        )


def drawn(name: str, law: Law, size: int, generator: np.random.Generator) -> Vector:
    """Draw from a law of someone's; raise ValueError if that is not what its cdf says."""
    found = _numbers(name, law.rvs(size, generator), size)
    _require_by_generator(name, law)
    shares = law.cdf(np.sort(found))
    ranks = np.arange(size + 1) / size
    gap = float(np.max([shares - ranks[:-1], ranks[1:] - shares]))
    if not gap <= sqrt(log(2.0 / _NEVER) / (2.0 * size)):  # Dvoretzky, Kiefer, Wolfowitz
        raise ValueError(
            f"`density` must draw what its cdf says, got {size:,} values of {name} whose shares are"
            f" off by {gap:.3g}; check its rvs and its cdf, which must not jump"
        )
    return found


def _require_by_generator(name: str, law: Law) -> None:
    """Raise ValueError for draws that are others from one seed, or the same from several."""
    seeds = (0, 0, 1)
    first, again, other = (
        _numbers(name, law.rvs(_FEW, np.random.default_rng(seed)), _FEW) for seed in seeds
    )
    if np.array_equal(first, again) and not np.array_equal(first, other):
        return
    does = "others from the same seed" if np.any(first != again) else "the same from other seeds"
    raise ValueError(
        f"`density` must draw by the generator that it is given, got {name}, whose rvs draws"
        f" {does}; use its random_state in it"
    )


def _numbers(name: str, given: Any, size: int) -> Vector:
    """Return what the rvs of someone's law gave, as finite numbers, shape (size,)."""
    try:
        found = np.asarray(given, dtype=np.float64)
        got = f"{np.count_nonzero(np.isfinite(found)):,} of them"
    except (TypeError, ValueError) as error:
        found = np.empty(0)
        got = f"{type(error).__name__}: {error}"
    if found.size != size or not np.all(np.isfinite(found)):
        raise ValueError(
            f"`density` must have an rvs that gives as many finite numbers as it is asked for,"
            f" {size:,} here, got {got} of {name}; check its rvs"
        )
    return found.reshape(size)


def _asked(name: str, method: str, function: Callable[[Any], Any], at: float) -> float:
    """Return the finite number that a method of someone's law gives."""
    try:
        with np.errstate(all="ignore"):
            found = float(function(at))
        got = f"{found:g}"
    except Exception as error:  # whatever it raises
        found = nan
        got = f"{type(error).__name__}: {error}"
    if not isfinite(found):
        raise ValueError(
            f"`density` must have a {method} that gives one number, got {got} of {name} at {at:g};"
            f" check its parameters and its {method}"
        )
    return found
