"""Clean error L_cl = Pr[N(x) f*(x) ≤ 0] of a network of scalar input, exactly.

Zero counts as an error, so a plateau on which N ≡ 0 counts whole. Source: Sections 1 and 2; [0, 1]
uniform unless a density is given, f* ≡ +1 unless a truth is.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from univariate.common import check
from univariate.common.arrays import Vector
from univariate.common.enclosed import Enclosed
from univariate.common.result import result
from univariate.common.row_names import require_same_columns, require_same_rows
from univariate.error.against_truth import exact_errors
from univariate.error.digits import certain
from univariate.error.exact_law import exact_ends
from univariate.error.intervals import enclosed_probability, within_reach
from univariate.error.kernels.stacks import stacked_clean_errors
from univariate.error.rule import Rule
from univariate.error.sublevel import SublevelSet, error_set
from univariate.problem.density import UNIFORM, DensityLike
from univariate.problem.evaluation import FAR
from univariate.problem.network import Network, ReluNet, require_network
from univariate.problem.population import Population, population_name
from univariate.problem.rational import total_length
from univariate.problem.truth import ALWAYS, Truth, TruthLike

Errors = Callable[[float, float], SublevelSet]


@result
class CleanError(Enclosed):
    """A clean error with its enclosure.

    As a number it is its value: in arithmetic, in `error == 0`, `error < 0.1` and `if error:`. Two
    results are equal if they say the same in all fields; compare `.value` for the numbers alone.

    Attributes
    ----------
    value : float
        Rounded clean error, a probability in [0, 1]; `float(result)` gives it too.
    low, high : float
        Enclosure, low ≤ L_cl ≤ high; rigorous for the uniform density. Another one is as good as
        its cdf and its sf, which are taken as exact to 4 units in the last place where they add up
        to 1, and to what is missing where they do not. Where a pdf is integrated, what that may be
        off by counts too, an estimate, see `univariate.problem.density`.
    intervals : ndarray, shape (r, 2)
        Where N f* ≤ 0, rounded ends; isolated points are left out, and what is too short to
        contain a double, which counts in the other numbers.
    density : str
        The law of x.
    truth : str
        The name of f*.
    """

    intervals: Vector
    density: str = UNIFORM.name
    truth: str = ALWAYS.name

    def agrees(self, other: "CleanError") -> bool:
        """Whether the enclosures overlap: nothing proves the two different."""
        return self.low <= other.high and other.low <= self.high

    def in_full(self) -> str:
        """Return the error with its certain digits, and where it was measured."""
        number = certain(self.value, self.low, self.high)
        count = len(self.intervals)
        where = f"{count} interval{'' if count == 1 else 's'}"
        return f"CleanError({number}, {where}, x {population_name(self.density, self.truth)})"


def clean_error(
    net: Network | Rule, *, truth: TruthLike | None = None, density: DensityLike | None = None
) -> CleanError:
    """Return L_cl(N) = Pr[N(x) f*(x) ≤ 0] for x uniform on [0, 1], or of the given density.

    Parameters
    ----------
    net : ReluNet, DeepReluNet, or a rule such as NearestNeighbours
        The truth and the law of x of a rule's sample hold for it, unless others are given.
    truth : truth, optional
        f*, see `Truth.of`: a `Truth`, text such as "0.3:+-", a net or a spline; f* ≡ +1 if not
        given. Where it is 0, everything is an error.
    density : distribution, optional
        Any continuous one, on any part of the real line: frozen or new ones of `scipy.stats`,
        `rv_histogram`, `gaussian_kde`, or a `Density` such as `sample.density`.

    Returns
    -------
    CleanError
        Rounded, with an enclosure. Signs within their own error bound are settled in exact
        arithmetic, so ties and zero plateaus are decided, not guessed; so is everything near a
        breakpoint of the truth that is no double. The enclosure is wider than a few units in the
        last place only where N crosses zero at a slope that cancels to 2^−90 of its summands.

    Cost O((n + k) log (n + k)) for k breakpoints; an undecided sign adds one exact pass over the
    net.

    Examples
    --------
    >>> from scipy import stats
    >>> from univariate import ReluNet, clean_error
    >>> net = ReluNet(v=[1.0, -2.0], w=[1.0, 1.0], b=[-0.25, -0.5])
    >>> clean_error(net)
    CleanError(0.5000000000000000 +- 5e-16, 2 intervals, x uniform on [0, 1])
    >>> print(f"{clean_error(net, density=stats.beta(2, 5)):.4f}")
    0.4707
    >>> clean_error(net, truth="0.75:+-").value  # N < 0 is right beyond 0.75
    0.25
    """
    return clean_error_of(net, population_of(net, density, truth))


def population_of(
    net: Network | Rule, density: DensityLike | None, truth: TruthLike | None
) -> Population:
    """Return the law of x and the truth that are meant: given, or else those of a rule's sample."""
    if isinstance(net, Rule):
        return net.sample.population(density, truth)
    return Population.of(density, truth)


def clean_error_of(net: Network | Rule, population: Population) -> CleanError:
    """Return `clean_error` for a law of x and a truth that travel together."""
    if isinstance(net, Rule):
        net.require_under(population.density)
        return _measured(partial(net.errors, population.truth), population)
    return _measured(partial(error_set, require_network(net), population.truth), population)


def exact_clean_error(net: Network | Rule, *, truth: TruthLike | None = None) -> Fraction:
    """Return L_cl(N) as a fraction: of a net on [0, 1], uniform, of a rule under its sample's law.
    Exact, in rational arithmetic throughout.

    Parameters
    ----------
    net : ReluNet, DeepReluNet, or a rule
        Of rules, those with rational borders have one, as NearestNeighbours, where x is uniform
        between two doubles.
    truth : truth, optional
        As in `clean_error`; breakpoints are the rational numbers that they are, zeros of a net that
        serves as truth included.

    Raises
    ------
    ValueError
        A rule without rational borders, or fitted to a sample of another law of x.

    Cost O((n + k) log (n + k)) rational operations whose size grows with the number of zero
    crossings: meant for up to some 10⁴ neurons, and as the reference for `clean_error`.

    Examples
    --------
    >>> from univariate import ReluNet, exact_clean_error
    >>> net = ReluNet(v=[1.0, -2.0], w=[1.0, 1.0], b=[-0.25, -0.5])
    >>> exact_clean_error(net), exact_clean_error(net, truth="1/3:-+")
    (Fraction(1, 2), Fraction(7, 12))
    """
    if isinstance(net, Rule):
        meant = net.sample.population(None, truth)
        net.require_under(meant.density)
        low, high = exact_ends(meant.density, "use clean_error, which encloses")
        return net.exact_error(low, high, meant.truth) / (Fraction(high) - Fraction(low))
    require_network(net)
    return total_length(exact_errors(net, [(0.0, 1.0)], Truth.of(truth)))


def clean_errors(
    v: ArrayLike,
    w: ArrayLike,
    b: ArrayLike,
    *,
    truth: TruthLike | None = None,
    density: DensityLike | None = None,
) -> Vector:
    """Return the clean errors of k shallow nets of one width, shape (k,).

    Parameters
    ----------
    v, w, b : array_like, shape (k, n)
        Parameters of net i in row i.
    truth : truth, optional
        f*, as in `clean_error`; f* ≡ +1 if not given.
    density : distribution, optional
        Of x; uniform on [0, 1] if not given.

    Each value is the one of `clean_error` to 1e-15; rows with an undecided sign are passed on to
    it. Nets are independent and run in parallel; the number of threads changes no bit. Cost O(k n
    log n). Under another density or truth nets are taken one by one, by `clean_error`.
    """
    population = Population.of(density, truth)
    require_same_rows(v=v, w=w, b=b)
    require_same_columns(v=v, w=w, b=b)
    parts = zip("vwb", (v, w, b), strict=True)
    # in rows, since arrays in columns would compile the kernel for a second layout
    stacks = {name: np.ascontiguousarray(check.lent_array(name, part)) for name, part in parts}
    shapes = {stack.shape for stack in stacks.values()}
    if len(shapes) > 1 or stacks["v"].ndim != 2 or stacks["v"].shape[1] == 0:
        listed = ", ".join(f"{name}{stack.shape}" for name, stack in stacks.items())
        raise ValueError(
            f"`v`, `w`, `b` must have one shape (k, n) with n >= 1, got {listed}; stack one net"
            " per row"
        )
    if not (population.density.is_uniform and population.truth.is_positive):
        nets = (ReluNet(*parts) for parts in zip(*_finite(stacks), strict=True))
        return np.array([clean_error_of(net, population).value for net in nets])
    values = stacked_clean_errors(*stacks.values())
    # of what is not finite, the kernel returns NaN
    vague = np.flatnonzero(np.isnan(values))
    if vague.size:
        v, w, b = _finite(stacks)
        for row in vague:
            values[row] = clean_error(ReluNet(v[row], w[row], b[row])).value
    return values


def _finite(stacks: dict[str, Vector]) -> list[Vector]:
    """Return the parts of a stack, checked."""
    return [check.real_array(name, stack) for name, stack in stacks.items()]


def _measured(errors: Errors, population: Population) -> CleanError:
    """Return the probability of a set that is known on every interval."""
    if not population.density.is_uniform:
        return _with_density(errors, population)
    found = errors(0.0, 1.0)
    truth = population.truth.name
    return CleanError(found.value, found.low, found.high, found.intervals, truth=truth)


def _with_density(errors: Errors, population: Population) -> CleanError:
    density = population.density
    found = errors(*within_reach(density))
    beyond = np.abs(found.intervals) >= FAR
    found.intervals[beyond] = np.broadcast_to(density.support(), beyond.shape)[beyond]
    parts = found.intervals, found.radii, found.narrow, found.gaps
    numbers = enclosed_probability(density, *parts)
    return CleanError(*numbers, found.intervals, density.name, population.truth.name)
