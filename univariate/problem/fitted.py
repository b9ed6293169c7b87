"""A net with a sample: validated once, and what both determine computed at most once.

Margins y_i N(x_i) are proved: an enclosure first, rational arithmetic where that leaves a doubt.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.common.integers import Whole, sum_of_squares, whole
from univariate.common.result import Result, Verdict, result
from univariate.problem.cells import Cells, Kinks
from univariate.problem.deep import ExactDeepNet, evaluate_deep
from univariate.problem.evaluation import evaluate, rounded_kinks
from univariate.problem.exact import exact_net
from univariate.problem.kernels.cells import places
from univariate.problem.kernels.lines import line_signs
from univariate.problem.kernels.margins import close, smallest, turn
from univariate.problem.network import Network, ReluNet, require_network, require_shallow
from univariate.problem.rational import ExactNet
from univariate.problem.sample import Sample, require_sample

_ROUNDING = 2.0**-30  # relative
_FEW = 4096  # margins to be compared exactly

_LARGEST = np.finfo(np.float64).max


@result
class Margins(Result):
    """The margins of a net on a sample.

    Attributes
    ----------
    values : ndarray, shape (m,)
        Rounded margins y_i N(x_i), in the order of `sample.x`.
    bounds : ndarray, shape (m,)
        Rigorous bounds on their errors.
    worst : int
        Index of the smallest margin. Of two that differ by rounding only, the one of the smaller
        lower bound; where bounds are wider, as values cancel, rational arithmetic decides, of 4096
        at most.
    """

    values: Vector
    bounds: Vector
    worst: int

    @cached_property
    def smallest(self) -> float:
        """The smallest rounded margin."""
        return float(self.values.min())

    @cached_property
    def low(self) -> float:
        """A rigorous lower bound on every margin, itself rounded down."""
        return float(np.nextafter((self.values - self.bounds).min(), -np.inf))

    @cached_property
    def high(self) -> float:
        """A rigorous upper bound on the smallest margin, itself rounded up."""
        with np.errstate(over="ignore"):
            return float(np.nextafter((self.values + self.bounds).min(), np.inf))


@result
class Interpolation(Result):
    """Whether y_i N(x_i) > 0 for all i (exact), the worst observation, and its margin (rounded).

    It is true where it holds: `if interpolates(net, sample)` asks that.
    """

    verdict: Verdict
    worst: int
    margin: float
    low: float  # rigorous enclosure of the smallest margin
    high: float

    def __bool__(self) -> bool:
        return self.verdict is Verdict.HOLDS


@dataclass(frozen=True, eq=False)
class Fitted:
    """A net with a sample.

    Results never hold one, so that what is cached here lives no longer than the question. Cost of
    the margins, and of what follows from them: O((n + m) log (n + m)) for a shallow net,
    O(parameters · m) for a deep one; exact arithmetic for doubtful observations only.
    """

    net: Network
    sample: Sample

    @classmethod
    def of(cls, net: object, sample: object) -> "Fitted":
        """Check the arguments of a public function; the constructor itself trusts its caller."""
        net = require_network(net)
        sample = require_sample(sample)
        return ShallowFitted(net, sample) if isinstance(net, ReluNet) else Fitted(net, sample)

    @cached_property
    def subject(self) -> str:
        """What certificates of this pair are recognised by."""
        return self.net.fingerprint + self.sample.fingerprint

    @cached_property
    def margins(self) -> Margins:
        """The margins y_i N(x_i). Rounded, with rigorous bounds."""
        if isinstance(self.net, ReluNet):
            values, bounds = evaluate(*self.net.parameters, self.sample.x)
        else:
            values, bounds = evaluate_deep(self.net.layers, self.sample.x)
        # an overflow has an infinite bound anyway
        turn(values, self.sample.y, _LARGEST)
        return Margins(values, bounds, self._worst(values, bounds))

    def _worst(self, values: Vector, bounds: Vector) -> int:
        """Return the index of the smallest margin; exactly where bounds are no mere rounding."""
        with np.errstate(over="ignore"):
            ceiling = (values + bounds).min()
        least, count, loose = smallest(values, bounds, ceiling, _ROUNDING)
        if not loose or count > _FEW:
            return int(least)
        return int(min(_able(values, bounds).tolist(), key=self._exact_margin))

    @cached_property
    def interpolation(self) -> Interpolation:
        """Whether the net classifies every observation correctly. Exact."""
        found = self.margins
        wrong = self._wrong()
        worst = int(wrong[np.argmin(found.values[wrong])]) if wrong.size else found.worst
        margin = float(found.values[worst])
        return Interpolation(Verdict.of(not wrong.size), worst, margin, found.low, found.high)

    def _wrong(self) -> Indices:
        """Return observations with y_i N(x_i) ≤ 0: all, unless some are clearly below. Exact."""
        found = self.margins
        if found.low > 0.0:
            return np.zeros(0, dtype=np.intp)
        wrong = np.flatnonzero(found.values < -found.bounds)
        if wrong.size:
            return wrong
        doubtful = np.flatnonzero(~(np.abs(found.values) > found.bounds))
        missed = [i for i in doubtful.tolist() if self._exact_margin(i) <= 0]
        return np.array(missed, dtype=np.intp)

    @property
    def interpolates(self) -> bool:
        """Whether every margin is positive. Exact."""
        return self.interpolation.verdict is Verdict.HOLDS

    @cached_property
    def smallest_margin(self) -> Fraction:
        """The smallest margin. Exact."""
        able = _able(self.margins.values, self.margins.bounds)
        return min(map(self._exact_margin, able.tolist()))

    def require_interpolation(self) -> None:
        """Raise ValueError unless every margin is positive. Exact."""
        if not self.interpolates:
            raise ValueError(
                f"`net` must interpolate `sample`, got y N(x) = {self.interpolation.margin:.6g} at"
                f" {self.where}; train it further, or take max_margin(sample).net"
            )

    @property
    def where(self) -> str:
        """The worst observation, for messages: its index and its input."""
        worst = self.interpolation.worst
        return f"observation {worst}, x = {float(self.sample.x[worst])!r}"

    def active(self, level: float) -> Mask:
        """Return which margins may exceed the smallest by at most a relative `level`.

        Errors are counted in.
        """
        if level not in self._active:
            found = self.margins
            reached = np.empty(self.sample.size, dtype=np.bool_)
            least = np.argmin(found.values)
            ceiling = found.values[least] * (1.0 + level)
            close(found.values, found.bounds, ceiling, found.bounds[least], reached)
            self._active[level] = reached
        return self._active[level]

    @cached_property
    def _active(self) -> dict[float, Mask]:
        return {}

    def reach(self, level: float) -> Mask:
        """Return for every observation whether y_i N(x_i) ≥ level. Exact."""
        slack = self.margins.values - level
        # the difference of two doubles near each other is exact; elsewhere its rounding is far
        # below the bound
        doubt = ~(np.abs(slack) > self.margins.bounds * (1.0 + 2.0**-50))
        reached = slack > 0.0
        wanted = Fraction(level)
        for i in np.flatnonzero(doubt).tolist():
            reached[i] = self._exact_margin(i) >= wanted
        return reached

    @cached_property
    def _exact(self) -> ExactNet | ExactDeepNet:
        return exact_net(self.net)

    def _exact_margin(self, i: int) -> Fraction:
        return self._exact.value(float(self.sample.x[i])) * int(self.sample.y[i])


@dataclass(frozen=True, eq=False)
class ShallowFitted(Fitted):
    """A 2-layer net without output bias, as Problem (1) is about, with a sample."""

    net: ReluNet

    @classmethod
    def of(cls, net: object, sample: object) -> "ShallowFitted":
        """Check the arguments of a public function about 2-layer nets without output bias."""
        return cls(require_shallow(net), require_sample(sample))

    @cached_property
    def parameters(self) -> tuple[Whole, int]:
        """Integers (3, n) and a unit with (v, w, b) = integers/unit. Exact."""
        return whole(np.stack(self.net.parameters))

    @cached_property
    def norm_squared(self) -> Fraction:
        """‖θ‖². Exact."""
        return sum_of_squares(np.concatenate(self.net.parameters))

    @property
    def scaled_norm_squared(self) -> Fraction:
        """‖θ‖² of the net scaled to worst margin 1, which must be positive. Exact."""
        return self.norm_squared / self.smallest_margin

    @cached_property
    def sizes(self) -> Vector:
        """|(v, w, b)| of every neuron, shape (n,). Rounded."""
        return np.hypot(self.net.v, np.hypot(self.net.w, self.net.b))

    def cells(self, reach: float) -> Cells:
        """Return where the live neurons cut the data, kinks within a relative `reach` on them."""
        return self._kinks.within(reach)

    @cached_property
    def _kinks(self) -> Kinks:
        return Kinks.of(self.net, self.sample.x, self._rounded[1])

    @property
    def kinks(self) -> Vector:
        """Kinks, shape (n,), correctly rounded; −inf where w = 0 < b, inf where w = 0 ≥ b."""
        return self._rounded[0]

    @property
    def passed(self) -> Indices:
        """How many observations are left of each kink, shape (n,)."""
        return self._rounded[1]

    @cached_property
    def _rounded(self) -> tuple[Vector, Indices]:
        """The kinks, and how many data are left of each."""
        w = self.net.w
        kinks = rounded_kinks(w, self.net.b)
        constant = np.flatnonzero(w == 0.0)
        kinks[constant] = np.where(self.net.b[constant] > 0.0, -np.inf, np.inf)
        return kinks, places(self.sample.x, kinks)

    @cached_property
    def cut(self) -> Indices:
        """For every neuron the k with w x_i + b > 0 for exactly i ≥ k if w ≥ 0, i < k if w < 0.

        Exact: x below or above a correctly rounded kink is below or above the kink. O(n log m).
        """
        w = self.net.w
        x = self.sample.x
        kinks, first = self._rounded
        first = first.copy()
        at = np.minimum(first, len(x) - 1)
        on = np.flatnonzero(x[at] == kinks)
        # of a kink that rounds to a datum, the side is decided in integers
        inside = lines_positive(w[on], self.net.b[on], x[at[on]])
        first[on] += inside == (w[on] < 0.0)
        return first


def _able(values: Vector, bounds: Vector) -> Indices:
    """Return which margins can be the smallest one."""
    with np.errstate(over="ignore"):
        return np.flatnonzero(~(values - bounds > (values + bounds).min()))


def lines_positive(w: Vector, b: Vector, x: Vector) -> Mask:
    """Return whether w x + b > 0, elementwise. Exact."""
    found, sure = line_signs(w, b, x)
    doubt = np.flatnonzero(~sure)
    found[doubt] = _lines_positive_exactly(w[doubt], b[doubt], x[doubt])
    return found


def _lines_positive_exactly(w: Vector, b: Vector, x: Vector) -> Mask:
    if not len(x):
        return np.zeros(0, dtype=np.bool_)
    (slopes, rises), _ = whole(np.stack([w, b]))
    points, one = whole(x)
    return np.asarray(slopes * points + rises * one > 0, dtype=np.bool_)


def margins(net: Network, sample: Sample) -> Margins:
    """Return y_i N(x_i) for every observation. Rounded, with rigorous bounds.

    Values are in the order of `sample.x`, which is sorted, and repeats are merged in it:
    `values[numpy.searchsorted(sample.x, x)]` are those of the table that x is a column of, row by
    row. Cost O((n + m) log (n + m)) for a shallow net, O(parameters · m) for a deep one. Source:
    Eq. (3).

    Examples
    --------
    >>> import numpy as np
    >>> from univariate import ReluNet, Sample, margins
    >>> x, y = np.array([0.875, 0.25, 0.875]), np.array([1.0, -1.0, 1.0])
    >>> sample = Sample.from_arrays(x, y)
    >>> found = margins(ReluNet(v=[2.0, -1.0], w=[1.0, 0.0], b=[0.0, 1.0]), sample).values
    >>> found, found[np.searchsorted(sample.x, x)]
    (array([0.5 , 0.75]), array([0.75, 0.5 , 0.75]))
    """
    return Fitted.of(net, sample).margins


def interpolates(net: Network, sample: Sample) -> Interpolation:
    """Decide whether the net classifies every observation correctly. Exact.

    Cost that of `margins`.
    """
    return Fitted.of(net, sample).interpolation


def smallest_margin(net: Network, sample: Sample) -> Fraction:
    """Return min_i y_i N(x_i). Exact; rational arithmetic only for observations that can attain it.

    Cost that of `margins`.
    """
    return Fitted.of(net, sample).smallest_margin
