"""Parameters of laws on R^d: checked, rooted, named, drawn from."""

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, NamedTuple
from zlib import crc32

import numpy as np

from highdim.problem.check import FAR
from highdim.problem.law import OFF
from univariate.common import check
from univariate.common.arrays import Mask, Matrix, Vector
from univariate.common.family_draws import frozen_draws, require_integral
from univariate.common.tolerance import UNIT_ROUNDOFF
from univariate.common.warn import warn

_DRAWN: Final = 63  # values that tell laws of one name apart
_POINTS: Final = 16  # that tell whether a function draws by the generator it is given
_SEEDS: Final = 8  # of them, at most
_ALIKE: Final = 1e-6  # how far points of one seed may be rounded apart
_SINGLE: Final = 2.0**-24  # relative rounding in single precision
SHORT: Final = 4  # numbers that a name spells out
LINE: Final = "pass a frozen distribution of scipy.stats, as stats.uniform(-1, 2)"


class Covariance(NamedTuple):
    """A root L of Σ = L Lᵀ, in the shape that Σ was given in, and what Σ is called."""

    root: Any
    name: str


def covariance(given: Any) -> Covariance:
    """Return what stands for Σ: a number, variances, or a symmetric matrix.

    Raises
    ------
    TypeError, ValueError
        None of these, or not positive semidefinite.
    """
    array = check.real_array("covariance", given)
    if array.ndim > 2 or array.size == 0 or (array.ndim == 2 and len(set(array.shape)) > 1):
        raise ValueError(
            f"`covariance` must be a number, d variances or a d x d matrix, got shape"
            f" {array.shape}; pass one of these"
        )
    within_reach("covariance", float(np.abs(array).max()))
    if array.ndim == 2:
        rounding = _rounding(array)
        array = _symmetric(array, rounding)
        return Covariance(
            _root(array, rounding), f"Σ of shape {len(array)}×{len(array)} {digest(array)}"
        )
    if array.min() < 0.0:
        raise ValueError(
            f"`covariance` must not have negative variances, got {array.min()}; pass their squares,"
            " not standard deviations"
        )
    if array.ndim == 1:
        return Covariance(np.sqrt(array), f"diag({listed(array)})")
    scale = float(array)
    return Covariance(float(np.sqrt(scale)), "I" if scale == 1.0 else f"{number(scale)} I")


def _symmetric(matrix: Matrix, rounding: float) -> Matrix:
    """Return a matrix without what it lacks to symmetry by a relative rounding, as that of
    `numpy.corrcoef`.
    """
    off = float(np.abs(matrix - matrix.T).max())
    if off > rounding * float(np.abs(matrix).max()):
        raise ValueError(
            f"`covariance` must be symmetric, got entries that differ by {off:g}; pass"
            " (S + S.T) / 2"
        )
    return matrix if off == 0.0 else 0.5 * matrix + 0.5 * matrix.T


def _rounding(matrix: Matrix) -> float:
    """Return a bound on the relative rounding of a matrix of sums, in the precision of its entries:
    single if all of them are.
    """
    with np.errstate(over="ignore"):
        is_single = np.array_equal(matrix, matrix.astype(np.float32))
    return 8.0 * len(matrix) * (_SINGLE if is_single else UNIT_ROUNDOFF)


def _root(matrix: Matrix, rounding: float) -> Matrix:
    """Return the symmetric root; eigenvalues that are negative by rounding are 0."""
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < -rounding * float(np.abs(values).max()):
        raise ValueError(
            f"`covariance` must be positive semidefinite, got an eigenvalue {values[0]:g}; pass X.T"
            " @ X, say"
        )
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T)


def within_reach(name: str, size: float, *, zero: bool = False) -> float:
    """Return a size up to 2^500; positive, unless `zero` is allowed."""
    if not (0.0 if zero else np.nextafter(0.0, 1.0)) <= size <= FAR:
        raise ValueError(
            f"`{name}` must be {'up' if zero else 'positive and up'} to 2**500 in size, got"
            f" {size}; rescale x"
        )
    return size


def number(value: float) -> str:
    """Return a number in full, so that a name identifies it."""
    return repr(float(value)).removesuffix(".0")


def listed(values: Vector) -> str:
    """Return a few numbers in full, and what tells more of them apart."""
    if len(values) <= SHORT:
        return ", ".join(map(number, values))
    return f"{len(values)} values {digest(values)}"


def digest(values: Any) -> str:
    """Return what tells parameters of one kind apart in a name."""
    return f"#{crc32(np.asarray(values, dtype=np.float64).tobytes()):08x}"


def names_of(laws: Iterable[Any]) -> str:
    """Return laws on the line in words.

    Raises
    ------
    TypeError, ValueError
        Something that cannot be drawn, by a generator of its own, or of several variables.
    """
    names = [_name(law) for law in laws]
    if len(names) <= SHORT:
        return ", ".join(names)
    return f"{len(names)} laws #{crc32(chr(10).join(names).encode()):08x}"


def _name(law: Any) -> str:
    if isinstance(law, type):
        raise TypeError(
            f"`laws` must be distributions, got the class {law.__name__}; pass {law.__name__}()"
            " with its parameters"
        )
    if not any(hasattr(law, draw) for draw in ("rvs", "sample", "resample")):
        raise TypeError(f"`laws` must be distributions, got {type(law).__name__}; {LINE}")
    parameters = (*getattr(law, "args", ()), *getattr(law, "kwds", {}).values())
    if any(np.ndim(value) for value in parameters):
        raise ValueError(
            "`laws` must be finite laws of one number each, got"
            f" {_word(law.dist, np.empty(0))} with an array of parameters; pass a list of laws,"
            " one a coordinate"
        )
    require_integral("laws", law)
    # draws tell what is no law on the line, and what is another one by the same name
    drawn, again = (values_of(law, _DRAWN, np.random.default_rng(0)) for _ in range(2))
    if not np.array_equal(drawn, again):
        raise ValueError(
            f"`laws` must draw by the generator that they are given, got {type(law).__name__},"
            " which draws something else from the same seed; use `random_state`, or `rng`, in it"
        )
    if not hasattr(law, "dist"):
        return _word(law, drawn)
    parts = [number(value) for value in law.args]
    parts += [f"{key}={number(value)}" for key, value in law.kwds.items()]
    return f"{_word(law.dist, drawn)}({', '.join(parts)})"


def _word(law: Any, drawn: Vector) -> str:
    """Return what a family of laws, or a law that is its own, is called; with a digest of its
    numbers, and of values that were drawn, where that does not say all of them.
    """
    from scipy import stats

    name = getattr(law, "name", None)
    if name is not None:
        # the same word may stand for any histogram, or for a family that was made elsewhere
        known = type(getattr(stats, str(name), None)) is type(law)
        return str(name) if known else f"{_kind(law, str(name))} {_numbers(law, drawn)}"
    words = repr(law)
    if " at 0x" in words:
        return f"{type(law).__name__} {_numbers(law, drawn)}"
    # numpy's wrapping taken off the numbers
    found = re.sub(r"np\.float64\(([^()]*)\)", r"\1", " ".join(words.split()))
    # arrays are written with few digits, and long ones with gaps
    told = "array(" not in words and type(law).__module__.startswith("scipy.")
    return found if told else f"{found} {_numbers(law, drawn)}"


def _kind(law: Any, name: str) -> str:
    """Return the name of a law, or of its class where scipy gave it none."""
    return type(law).__name__ if name == "Distribution" else name


def _numbers(law: Any, drawn: Vector) -> str:
    """Return what tells an object from another of its class: the numbers that it holds, and what
    was drawn, to six digits.
    """
    found = crc32(" ".join(f"{value:.6g}" for value in drawn).encode())
    for key, value in sorted(getattr(law, "__dict__", {}).items()):
        if value is None or isinstance(value, str):
            continue
        try:
            values = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):  # no numbers
            continue
        found = crc32(key.encode() + values.tobytes(), found)
    return f"#{found:08x}"


def _drawn(law: Any, size: int, rng: np.random.Generator) -> Any:
    if hasattr(law, "rvs"):
        return frozen_draws(law, size, rng)
    if hasattr(law, "sample"):
        return law.sample(size, rng=rng)
    return law.resample(size, seed=rng)  # kernels about data


def values_of(law: Any, size: int, rng: np.random.Generator) -> Vector:
    """Draw from a law on the line, shape (size,)."""
    try:
        drawn = _drawn(law, size, rng)
    except (TypeError, ValueError, RuntimeError) as error:  # the last of a search that fails
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(
            f"`laws` must be distributions with their parameters, got {type(law).__name__} that"
            f" cannot be drawn ({error}); {LINE}"
        ) from None
    found = np.asarray(drawn, dtype=np.float64)
    if found.size != size or not np.all(np.isfinite(found)):
        raise ValueError(
            f"`laws` must be finite laws of one number each, got {found.size} values for {size},"
            f" {int(np.sum(~np.isfinite(found)))} of them not finite; {LINE}"
        )
    return found.reshape(size)


def beyond(law: Any, values: Matrix) -> Mask:
    """Return which values lie outside the ends of the support of a law on the line, by more than
    a relative 1e-6; none where it does not tell them, as kernels about data.
    """
    try:
        low, high = (float(end) for end in law.support())
    except (AttributeError, TypeError, ValueError):
        return np.zeros(values.shape, dtype=bool)
    slack = OFF * max((abs(end) for end in (low, high) if np.isfinite(end)), default=0.0)
    return np.asarray((values < low - slack) | (values > high + slack))


def _of_seed(function: Callable[[np.random.Generator, int], Any], seed: int) -> Any:
    return function(np.random.default_rng(seed), _POINTS)


def require_random(name: str, function: Callable[[np.random.Generator, int], Any]) -> None:
    """Raise ValueError for a function that draws the same points from different generators: the
    same would come again, and intervals count them as new ones. Warn of one that draws others from
    the same, as `numpy.random.normal` does.
    """
    # one after the other: the second tells of most laws, more of those of rare events
    first, *others = (partial(_of_seed, function, k) for k in range(_SEEDS))
    points = np.asarray(first())
    same = all(np.array_equal(points, draw()) for draw in others)
    if same and len(np.unique(points, axis=0)) > 1:
        raise ValueError(
            f"`law` must draw by the generator that it is given, got {name}, which draws the same"
            " points from others; use it, as data[rng.integers(len(data), size=n)] does"
        )
    # products of matrices may round in another way each time
    if not same and not np.allclose(points, first(), rtol=_ALIKE, atol=_ALIKE):
        warn(
            f"`law` should draw by the generator that it is given, got {name}, which draws other"
            " points from the same seed, so that results cannot be repeated; draw by rng, as"
            " rng.normal in the place of np.random.normal"
        )
