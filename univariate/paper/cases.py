"""Which two neurons the proofs of Propositions A.4 and A.5 move, case by case.

Right-oriented neurons only, hence the gap right of an isolated −1; the mirror image of net and
sample gives the cases for left-oriented ones and the gap left of it. As printed, cases (1) and (2)
of Lemma A.6 coincide; (2) is meant to have 0 < N'(z_2) < N'(z_1). Numbers are rounded: whatever is
proposed here must be tried.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Mask, Vector
from univariate.error.curve import Spline
from univariate.error.spline import spline
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample

VISIBLE: Final = 1e-6
"""In units of the worst margin: what misses a statement by less is taken for rounding.

So is a slope change below this share of that of neuron 1, which leaves no room for a step.
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
    """Yield what the proofs propose for one segment, in order.

    It begins at an isolated −1 at observation i, or lies between neighbours +1 at i and i + 1.
    `worst` is the worst margin. Rounded. Cost O(n log n).
    """
    shape = spline(net)
    low = float(sample.x[i])
    high = float(sample.x[i + 1])
    inside = (shape.knots > low) & (shape.knots < high)
    values = shape.values[inside]
    bends = _Bends.of(net, shape)
    if sample.y[i] > 0.0:
        if np.any(values < -VISIBLE * worst):
            yield from (choice._replace(case=DIPS) for choice in _rising(bends, low, high))
        return
    left = float(sample.x[i - 1])
    # only what misses the line from −1 to +1 visibly is worth a move
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
    """The right-oriented neurons in the order of their kinks, and the slopes of N around these."""

    neurons: Indices
    kinks: Vector
    convex: Mask
    sizes: Vector  # of the slope changes
    before: Vector
    after: Vector

    @classmethod
    def of(cls, net: ReluNet, shape: Spline) -> "_Bends":
        """Sort the neurons of a net; a kink is convex iff v > 0."""
        neurons = np.flatnonzero((net.v != 0.0) & (net.w > 0.0) & np.isfinite(net.kinks))
        neurons = neurons[np.argsort(net.kinks[neurons], kind="stable")]
        kinks = net.kinks[neurons]
        # kinks that coincide are one knot: all of them see the slopes around it
        before = shape.slopes[np.searchsorted(shape.knots, kinks, side="left")]
        after = shape.slopes[np.searchsorted(shape.knots, kinks, side="right")]
        # an infinite size is larger than any other, as it should be
        with np.errstate(over="ignore"):
            sizes = np.abs(net.v[neurons]) * net.w[neurons]
        return cls(neurons, kinks, net.v[neurons] > 0.0, sizes, before, after)

    def between(self, low: float, high: float) -> Mask:
        """Return which kinks lie inside an open interval."""
        return (self.kinks > low) & (self.kinks < high)

    def choice(self, case: str, equation: str, first: np.intp, second: np.intp) -> Choice:
        """Name the neurons at two places."""
        return Choice(case, equation, int(self.neurons[first]), int(self.neurons[second]))

    def with_next_concave(self, case: str, equation: str, first: np.intp) -> Iterator[Choice]:
        """Yield the pair of a kink and the first concave one after it, if there is one."""
        later = ~self.convex & (self.sizes > VISIBLE * self.sizes[first])
        later[: first + 1] = False
        for second in np.flatnonzero(later)[:1]:
            yield self.choice(case, equation, first, second)


def _rising(bends: _Bends, low: float, high: float) -> Iterator[Choice]:
    """Cases (1) and (3) of Lemma A.6, and Proposition A.5: N rises after a convex kink inside."""
    for k in np.flatnonzero(bends.convex & bends.between(low, high) & (bends.after > 0.0)):
        case = FASTER if bends.before[k] > 0.0 else TURNS
        yield from bends.with_next_concave(case, "10", k)


def _slowing(bends: _Bends, left: float, low: float, high: float) -> Iterator[Choice]:
    """Case (2) of Lemma A.6: N rises before a concave kink inside; last convex one first."""
    for k in np.flatnonzero(~bends.convex & bends.between(low, high) & (bends.before > 0.0)):
        earlier = np.flatnonzero(bends.convex & bends.between(left, bends.kinks[k]))
        yield from (bends.choice(SLOWER, "12", j, k) for j in earlier[::-1])


def _below(bends: _Bends, left: float, low: float, high: float) -> Iterator[Choice]:
    """First part of Lemma A.7: the last concave kink before x_i, and a convex one around x_i."""
    concave = np.flatnonzero(~bends.convex & (bends.kinks < low))
    convex = np.flatnonzero(bends.convex & bends.between(left, high))
    yield from (bends.choice(BELOW, "14", j, k) for j in concave[-1:] for k in convex)


def _above(bends: _Bends, left: float, low: float) -> Iterator[Choice]:
    """Second part of Lemma A.7: a convex kink up to x_i, and the first concave one after it."""
    convex = bends.convex & (bends.kinks > left) & (bends.kinks <= low)
    for k in np.flatnonzero(convex)[::-1]:
        yield from bends.with_next_concave(ABOVE, "14", k)
