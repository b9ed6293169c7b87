"""Which law on R^d is meant: by an object, by a word, by the name that a file holds."""

import re
from typing import Any, Final

import numpy as np

from highdim.problem.check import FAR
from highdim.problem.law import REMEDY, Law
from highdim.problem.laws import SPHERE, Ball, Gaussian
from univariate.common import check
from univariate.common.spelled import spelled

DISTRIBUTIONS: Final = ("sphere", "gaussian", "ball")
"""Laws that go by a word: uniform on the sphere, N(0, I/d), uniform in the unit ball."""

_BALL: Final = re.compile(r"uniform in the ball(?: of radius (\S+))?")
_ISOTROPIC: Final = re.compile(r"N\(0, (?:(\S+) )?I\)")
_RESERVED: Final = re.compile(r"N\(.*\)|product of .*", re.DOTALL)
"""Names of laws that files do not recall, but that are no sampler's."""


def law_of(given: Any, dimension: int) -> Law:
    """Return what an argument `law` stands for on R^d: the sphere for None, one of `DISTRIBUTIONS`
    by its word, "N(0, 0.5 I)" by its name.

    Raises
    ------
    TypeError
        No law; the message says which class makes one of it.
    ValueError
        One of another dimension, or an unknown word.
    """
    if given is None:
        return SPHERE
    if isinstance(given, str):
        return _named(given, dimension)
    if not isinstance(given, Law):
        raise TypeError(f"`law` must be a Law, got {_kind(given)}; {_remedy(given)}")
    if given.dimension not in (None, dimension):
        raise ValueError(
            f"`law` must be of the dimension of the inputs, {dimension}, got {spelled(given.name)}"
            f" in dimension {given.dimension}; pass one on the same space"
        )
    return given


def _kind(given: Any) -> str:
    return f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__


def _remedy(given: Any) -> str:
    """Return which law something is that is none."""
    if isinstance(given, type):
        return f"pass {given.__name__}() with its parameters" if issubclass(given, Law) else REMEDY
    name = type(given).__name__
    if name == "multivariate_normal_frozen":
        return "pass Gaussian(covariance, mean=mean)"
    if name == "uniform_direction_frozen":
        return "pass Sphere()"
    if type(given).__module__ == "scipy.stats._multivariate":
        return "pass Sampler(lambda rng, n: law.rvs(n, random_state=rng))"
    if hasattr(given, "resample") and getattr(given, "d", 1) > 1:
        return "pass Sampler(lambda rng, n: law.resample(n, seed=rng).T)"
    if any(hasattr(given, draw) for draw in ("rvs", "sample", "resample")) and not _is_table(given):
        return "pass Product(law) for independent coordinates of that law"
    if _is_table(given):
        return (
            "pass Sampler(lambda rng, n: numpy.asarray(law)[rng.integers(len(law), size=n)]) to"
            " draw its rows"
        )
    return "pass Sampler(function) if it draws (rng, n) -> (n, d)" if callable(given) else REMEDY


def _is_table(given: Any) -> bool:
    """Whether something is rows of numbers: an array, a table, a list of lists."""
    if isinstance(given, list | tuple):
        return bool(given) and isinstance(given[0], list | tuple | np.ndarray)
    return getattr(given, "ndim", 0) == 2


def by_word(word: str, dimension: int) -> Law:
    """Return the law of one of `DISTRIBUTIONS`."""
    known = {"sphere": SPHERE, "ball": Ball(), "gaussian": Gaussian(1.0 / dimension)}
    return known[word]


def recalled(name: str) -> Law:
    """Return the law of a name that a file holds, a mere name where that does not say all."""
    if name == SPHERE.name:
        return SPHERE
    for pattern, kind in ((_BALL, Ball), (_ISOTROPIC, Gaussian)):
        found = pattern.fullmatch(name)
        if found is not None and _is_number(found[1]):
            return kind(float(found[1] or 1.0))
    return Law(name)


def of_no_other(name: str) -> str:
    """Return the name of a sampler, which files must not take for another law."""
    taken = name in DISTRIBUTIONS or type(recalled(name)) is not Law
    if taken or _RESERVED.fullmatch(name):
        raise ValueError(
            f"`name` must not be that of another law, got {name!r}; say 'my {name}', or pass that"
            " law"
        )
    return name


def _is_number(text: str | None) -> bool:
    """Return whether a text is nothing, or a positive number within reach."""
    try:
        return text is None or 0.0 < float(text) <= FAR
    except ValueError:
        return False


def _named(text: str, dimension: int) -> Law:
    if text in DISTRIBUTIONS:
        return by_word(text, dimension)
    found = recalled(text)
    if type(found) is Law:
        raise ValueError(
            f"`law` must be one of {', '.join(DISTRIBUTIONS)}, or a name as 'N(0, 0.5 I)', got"
            f" {text!r}; choose one of these, or in Python pass Product(law) or Sampler(function)"
        )
    return found


def agreed(distribution: str | None, law: Law | None, d: int) -> Law:
    """Return the law that both arguments say, or the one that is given; the sphere for none."""
    if law is None:
        word = "sphere" if distribution is None else distribution
        check.choice("distribution", word, DISTRIBUTIONS)
        return by_word(word, d)
    found = law_of(law, d)
    agreeing = distribution is None or (
        isinstance(distribution, str) and distribution in (word_of(found, d), found.name)
    )
    if not agreeing:
        raise ValueError(
            f"`distribution` must be that of `law`, {spelled(word_of(found, d))!r}, got"
            f" {distribution!r} with the law {spelled(found.name)!r}; pass one of them, and None"
            " for the other"
        )
    return found


def word_of(law: Law, d: int) -> str:
    """Return the word for a law on R^d, its name where there is none."""
    words = [word for word in DISTRIBUTIONS if by_word(word, d) == law]
    return words[0] if words else law.name
