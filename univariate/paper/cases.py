"""Which two neurons the proofs of Propositions A.4 and A.5 move, case by case.

Right-oriented neurons only, hence the gap right of an isolated −1; the mirror image of net and
sample gives the cases for left-oriented ones and the gap left of it. As printed, cases (1) and (2)
of Lemma A.6 coincide; (2) is meant to have 0 < N'(z_2) < N'(z_1). Numbers are rounded: whatever is
proposed here must be tried.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from univariate.error.spline import Spline, spline
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample

Vector = NDArray[np.float64]

VISIBLE: Final = 1e-6
"""In units of the worst margin: what misses a statement by less is taken for rounding.

So is a slope change by less
than this share of that of neuron 1, which leaves no room for a step.
"""

FASTER: Final = "slope increases while rising"
SLOWER: Final = "slope decreases while rising"
TURNS: Final = "falls or rests, then rises"
BELOW: Final = "below −1 at the isolated −1"
ABOVE: Final = "above +1 at its neighbour"
DIPS: Final = "negative between neighbours +1, +1"


class Choice(NamedTuple):
    """What a case proposes."""

    case: str
    equation: str
    first: int
    second: int


def choices(net: ReluNet, sample: Sample, i: int, worst: float) -> Iterator[Choice]:
    """Yield what the proofs propose for an isolated −1 at observation i, or for neighbours +1 at i,
    i + 1, in order.

    `worst` is the worst margin. Rounded. Cost O(n log n).
    """
    shape = spline(net)
    low, high = float(sample.x[i]), float(sample.x[i + 1])
    inside = (shape.knots > low) & (shape.knots < high)
    values = shape.values[inside]
    if sample.y[i] > 0.0:
        if np.any(values < -VISIBLE * worst):
            yield from _rising(_Bends.of(net, shape), low, high, dips=True)
        return
    bends, left = _Bends.of(net, shape), float(sample.x[i - 1])
    ends = shape(np.array([low, high]))
    chord = np.interp(shape.knots[inside], [low, high], ends)
    if np.any(np.abs(values - chord) > VISIBLE * worst):
        yield from _rising(bends, low, high)
        yield from _slowing(bends, left, low, high)
    if ends[0] < -(1.0 + VISIBLE) * worst:
        yield from _below(bends, left, low, high)
    if ends[1] > (1.0 + VISIBLE) * worst:
        yield from _above(bends, left, low)


class _Bends(NamedTuple):
    """The right-oriented neurons in the order of their kinks, and the slopes of N on both sides of
    these.
    """

    neurons: NDArray[np.intp]
    kinks: Vector
    convex: NDArray[np.bool_]
    sizes: Vector  # of the slope changes
    before: Vector
    after: Vector

    @classmethod
    def of(cls, net: ReluNet, shape: Spline) -> "_Bends":
        """Sort the neurons of a net; a kink is convex iff v > 0."""
        neurons = np.flatnonzero((net.v != 0.0) & (net.w > 0.0) & np.isfinite(net.kinks))
        neurons = neurons[np.argsort(net.kinks[neurons], kind="stable")]
        kinks = net.kinks[neurons]
        before = shape.slopes[np.searchsorted(shape.knots, kinks, side="left")]
        after = shape.slopes[np.searchsorted(shape.knots, kinks, side="right")]
        with np.errstate(over="ignore"):
            sizes = np.abs(net.v[neurons]) * net.w[neurons]
        return cls(neurons, kinks, net.v[neurons] > 0.0, sizes, before, after)

    def places(self, member: NDArray[np.bool_]) -> list[int]:
        """Return the places of some kinks, increasing."""
        return [int(k) for k in np.flatnonzero(member)]

    def choice(self, case: str, equation: str, first: int, second: int) -> Choice:
        """Name the neurons at two places."""
        return Choice(case, equation, int(self.neurons[first]), int(self.neurons[second]))

    def with_next_concave(self, case: str, equation: str, first: int) -> Iterator[Choice]:
        """Yield the pair of a kink and the first concave one after it, if there is one; slight ones
        are rounding.
        """
        later = np.flatnonzero(
            (~self.convex & (self.sizes > VISIBLE * self.sizes[first]))[first + 1 :]
        )
        if later.size:
            yield self.choice(case, equation, first, first + 1 + int(later[0]))


def _rising(bends: _Bends, low: float, high: float, *, dips: bool = False) -> Iterator[Choice]:
    """Cases (1) and (3) of Lemma A.6, and Proposition A.5: N rises after a convex kink inside."""
    for k in bends.places(
        bends.convex & (bends.kinks > low) & (bends.kinks < high) & (bends.after > 0.0)
    ):
        case = DIPS if dips else FASTER if bends.before[k] > 0.0 else TURNS
        yield from bends.with_next_concave(case, "10", k)


def _slowing(bends: _Bends, left: float, low: float, high: float) -> Iterator[Choice]:
    """Case (2) of Lemma A.6: N rises before a concave kink inside; the last convex kink before it
    comes first.
    """
    for k in bends.places(
        ~bends.convex & (bends.kinks > low) & (bends.kinks < high) & (bends.before > 0.0)
    ):
        earlier = bends.places(bends.convex & (bends.kinks > left) & (bends.kinks < bends.kinks[k]))
        yield from (bends.choice(SLOWER, "12", j, k) for j in reversed(earlier))


def _below(bends: _Bends, left: float, low: float, high: float) -> Iterator[Choice]:
    """First part of Lemma A.7: the last concave kink before x_i, and a convex one around x_i."""
    concave = bends.places(~bends.convex & (bends.kinks < low))
    convex = bends.places(bends.convex & (bends.kinks > left) & (bends.kinks < high))
    yield from (bends.choice(BELOW, "14", concave[-1], k) for k in convex if concave)


def _above(bends: _Bends, left: float, low: float) -> Iterator[Choice]:
    """Second part of Lemma A.7: a convex kink before x_i, or on it, and the first concave one after
    it.
    """
    for k in reversed(bends.places(bends.convex & (bends.kinks > left) & (bends.kinks <= low))):
        yield from bends.with_next_concave(ABOVE, "14", k)
