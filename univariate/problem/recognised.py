"""Which law of x is meant: distributions recognised, and named."""

import inspect
import re
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any, Final
from zlib import crc32

import numpy as np

from univariate.common.kept_laws import kept
from univariate.common.warn import warn
from univariate.problem.laws import Law, frozen, kernels, modern
from univariate.problem.own_families import require_family
from univariate.problem.own_laws import drawn, quantiles, require_whole
from univariate.problem.pdf_families import INTEGRALS, of_pdf, require_methods

REMEDY: Final = "pass e.g. scipy.stats.beta(2, 5)"

_EMPIRICAL: Final = ("ECDFResult", "EmpiricalDistributionFunction")
"""What scipy calls measures of data: the answer of `ecdf`, and its cdf."""

_KERNEL_METHODS: Final = (
    *("evaluate", "__call__", "pdf", "logpdf", "resample"),
    *("integrate_box_1d", "integrate_box", "integrate_gaussian", "integrate_kde"),
)
"""Of a gaussian_kde; bandwidths may be someone's."""

_SEVERAL: Final = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_METHODS: Final = ("cdf", "sf", "ppf", "support", "rvs")


def recognised(given: Any) -> tuple[str, Law]:
    """Return the name and the law of a distribution of any kind, as it is now: the law is that of a
    copy, which does not change with what was given.
    """
    if isinstance(given, type):
        raise TypeError(
            f"`density` must be a distribution, got the class {given.__name__}; pass"
            f" {given.__name__}() with its parameters"
        )
    given = kept(given)
    if hasattr(given, "freeze") and hasattr(given, "_hbins"):
        return _of_methods(given())
    if hasattr(given, "resample") and hasattr(given, "integrate_box_1d"):
        _require_plain_kernels(given)
        points = np.size(given.dataset)
        parts = np.concatenate([np.ravel(given.dataset), np.ravel(given.covariance), given.weights])
        return f"gaussian_kde({points} points, {_digest(parts)})", kernels(given)
    if all(callable(getattr(given, name, None)) for name in ("ccdf", "icdf", "sample")):
        return _of_modern(given)
    if hasattr(given, "pmf"):
        raise _atoms(str(getattr(getattr(given, "dist", given), "name", type(given).__name__)))
    return _of_methods(given)


def _require_plain_kernels(given: Any) -> None:
    """Raise TypeError for a kernel estimate with methods of someone's own, which its clean errors,
    sums of normals about its data, would not be of.
    """
    from scipy import stats

    own = [
        name
        for name in _KERNEL_METHODS
        if getattr(type(given), name, None) is not getattr(stats.gaussian_kde, name)
        or name in vars(given)
    ]
    if own:
        raise TypeError(
            "`density` must be a gaussian_kde with the methods that scipy gives it, got"
            f" {type(given).__name__} with {', '.join(own)} of its own; pass one of a subclass of"
            " scipy.stats.rv_continuous whose _pdf(self, x), or _cdf, it is"
        )


def _of_modern(given: Any) -> tuple[str, Law]:
    """Return one of the newer objects of `scipy.stats`."""
    whole = [given, *getattr(given, "components", ())]
    if any("Discrete" in kind.__name__ for part in whole for kind in type(part).__mro__):
        raise _atoms(type(given).__name__)
    law = modern(given)
    if all(map(_is_made_by_scipy, _parts(given))):
        return _plainly(given), law
    return _own(type(given).__name__, law, given.cdf)


def _of_methods(given: Any) -> tuple[str, Law]:
    """Return a frozen distribution, or an object with its methods."""
    missing = [name for name in _METHODS if not callable(getattr(given, name, None))]
    if _is_whole(given):
        return _of_family(_as_it_is(given), _called(given))
    if hasattr(given, "freeze") or missing:
        raise _no_law(given, missing)
    family: Any = getattr(given, "dist", None)
    words = "" if family is None else _parameters_of(given)
    if hasattr(family, "_cdf_single") and not hasattr(family, "_hbins") and not _is_scipys(family):
        _warn_if_forgotten(family)
        return _of_family(given, _called(family) + (f"({words})" if words else ""))
    if family is not None and family.name in INTEGRALS and _is_scipys(family):
        by_pdf = of_pdf(family.name, given)
        return f"{family.name}({words})", by_pdf[0] if by_pdf else frozen(given)
    law = frozen(given)
    if hasattr(family, "_hbins"):
        parts = np.concatenate([family._hbins, family._hpdf])
        inside = f"{len(family._hbins) - 1} bins, {_digest(parts)}" + (words and f", {words}")
        return f"rv_histogram({inside})", law
    if family is not None and _is_scipys(family):
        return f"{family.name}({words})", law
    name = _called(given if family is None else family) + (f"({words})" if words else "")
    return _own(name, law, given.cdf)


def _of_family(given: Any, name: str) -> tuple[str, Law]:
    """Return a frozen distribution of someone's own family."""
    require_methods(name, given.dist)
    by_pdf = of_pdf(name, given)
    law, cdf = by_pdf or (frozen(given), given.cdf)
    found = _own(name, law, cdf)
    require_family(name, given, cdf)
    return found


def _is_whole(given: Any) -> bool:
    """Whether something is a family of someone's own without parameters: a law as it stands."""
    return hasattr(given, "freeze") and getattr(given, "numargs", 1) == 0 and not _is_scipys(given)


def _as_it_is(family: Any) -> Any:
    """Return a family without parameters as a frozen distribution.

    scipy's own way makes the family anew, by a constructor that need not know what someone's was
    given.
    """
    from scipy import stats

    found: Any = object.__new__(type(stats.norm()))
    found.dist, found.args, found.kwds = family, (), {}
    found.a, found.b = family._get_support()
    return found


def _warn_if_forgotten(family: Any) -> None:
    """Warn of a family that scipy made anew without what its own constructor was given."""
    from scipy import stats

    kind: Any = type(family)
    base: Any = stats.rv_continuous
    if kind._updated_ctor_param is not base._updated_ctor_param:
        return
    known = (base.__init__, kind.__init__)
    usual, own = ([*inspect.signature(one).parameters.values()] for one in known)
    names = {one.name for one in usual}
    lost = [one.name for one in own if one.name not in names and one.kind not in _SEVERAL]
    if lost:
        warn(
            f"`density` is a family that scipy made anew, {kind.__name__}() with parentheses behind"
            f" it, without the {', '.join(lost)} that its own __init__ may have been given; pass"
            " the family itself, without the last parentheses"
        )


def _own(name: str, law: Law, cdf: Any) -> tuple[str, Law]:
    """Return a law of someone's, with a digest in its name and draws that are checked."""
    digest = quantiles(name, law, cdf)
    require_whole(name, cdf, law.support)
    return f"{name} {digest}", law._replace(rvs=partial(drawn, name, law))


def _no_law(given: Any, missing: list[str]) -> TypeError:
    """Return what is wrong with something that is not taken for a law."""
    expected = "a frozen scipy.stats distribution"
    got = kind_of(given)
    remedy = REMEDY
    if hasattr(given, "freeze") and not _is_scipys(given):
        remedy = f"call it, with its parameters {given.shapes}"
        return TypeError(f"`density` must be {expected}, got {got}; {remedy}")
    if isinstance(given, np.ndarray | list | tuple) or type(given).__name__ in _EMPIRICAL:
        remedy = "data have atoms, pass scipy.stats.gaussian_kde(data)"
    elif callable(getattr(given, "cdf", None)) and not type(given).__module__.startswith("scipy."):
        expected += f", or an object with the methods {', '.join(_METHODS)}"
        got += f" without {', '.join(missing)}"
        remedy = "write them, or " + REMEDY
    return TypeError(f"`density` must be {expected}, got {got}; {remedy}")


def _called(own: Any) -> str:
    """Return what a law that is not scipy's calls itself, or is called by its class."""
    name = getattr(own, "name", None)
    return name if isinstance(name, str) and name != "Distribution" else type(own).__name__


def is_uniform(given: Any) -> bool:
    """Whether a distribution is of scipy's uniform family, whatever it calls itself."""
    from scipy import stats

    kinds = type(stats.uniform), getattr(stats, "Uniform", None)
    return type(getattr(given, "dist", given)) in kinds


def _is_scipys(family: Any) -> bool:
    """Whether a family is the one that scipy has by its name."""
    from scipy import stats

    return type(getattr(stats, str(family.name), None)) is type(family)


def _atoms(name: str) -> ValueError:
    return ValueError(f"`density` must be continuous, got {name!r}; choose one with a pdf")


def kind_of(given: Any) -> str:
    """Return what a message calls something that is no law."""
    if hasattr(given, "freeze"):
        known = "scipy.stats." if _is_scipys(given) else "the family "
        return f"{known}{_called(given)} without parentheses"
    return type(given).__name__


def _parameters_of(given: Any) -> str:
    """Return the parameters of a frozen distribution in words, as "2, 5"."""
    parts = [*(_number(value) for value in given.args)]
    parts += [f"{key}={_number(value)}" for key, value in given.kwds.items()]
    return ", ".join(parts)


def _plainly(given: Any) -> str:
    """Return one of the newer objects in words, numpy's wrapping taken off the numbers."""
    with np.printoptions(threshold=sys.maxsize, floatmode="unique"):
        words = repr(given)
    text = re.sub(r"np\.float64\(([^()]*)\)", r"\1", " ".join(words.split()))
    text = text.replace("StandardNormal()", "Normal()").replace("( [", "([").replace(", ]", "]")
    text = text.replace("[ ", "[").replace(", )", ")")
    return re.sub(r"array\((\[[^()]*\])\)", r"\1", text)


def _parts(given: Any) -> Iterator[Any]:
    """Yield one of the newer objects and those that it is made of."""
    yield given
    for part in (getattr(given, "_dist", None), *getattr(given, "components", ())):
        if part is not None:
            yield from _parts(part)


def _is_made_by_scipy(given: Any) -> bool:
    """Whether the class of an object is written in scipy; classes of `make_distribution` are not,
    and are called as their makers like.
    """
    kind = type(given)
    return kind.__module__.startswith("scipy.stats.") and "<locals>" not in kind.__qualname__


def _digest(parts: Any) -> str:
    """Return what tells laws of one kind apart in their names."""
    return f"#{crc32(np.asarray(parts, dtype=np.float64).tobytes()):08x}"


def _number(value: Any) -> str:
    """Return a number in full, so that the name identifies the density."""
    if np.ndim(value):
        raise TypeError(
            f"`density` must be a distribution of one number, got parameters of shape"
            f" {np.shape(value)}; {REMEDY}"
        )
    return repr(float(value)).removesuffix(".0")
