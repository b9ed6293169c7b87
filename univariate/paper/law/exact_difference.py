"""L_cl − L_1NN in rational arithmetic, gap by gap: the reference for the law's `difference`."""

from collections.abc import Iterator
from fractions import Fraction

from univariate.problem.exact import exact_net
from univariate.problem.fitted import ShallowFitted
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample, require_sample


def exact_nearest_neighbour_difference(net: ReluNet, sample: Sample) -> Fraction:
    """Return L_cl − L_1NN on [0, 1], uniform. Exact, in rational arithmetic throughout.

    The sum over all gaps of the errors of the net less those of the nearest neighbour. Cost
    O((n + m) log (n + m)) rational operations; the reference for `nearest_neighbour_law`.
    """
    fit = ShallowFitted.of(net, require_sample(sample))
    exact = exact_net(fit.net)
    total = Fraction(0)
    for left, right, rule in _cells(sample):
        if left < right:
            found = exact.sublevel(left, right)
            total += sum((b - a for a, b in found), Fraction(0)) - rule
    return total


def _cells(sample: Sample) -> Iterator[tuple[float, float, Fraction]]:
    """Yield the ends of every gap within [0, 1], and how much of it is nearest to a −1."""
    x = sample.x.tolist()
    negative = (sample.y < 0.0).tolist()
    yield 0.0, _clipped(x[0]), Fraction(_clipped(x[0])) * negative[0]
    for i in range(len(x) - 1):
        left, right = _clipped(x[i]), _clipped(x[i + 1])
        middle = (Fraction(x[i]) + Fraction(x[i + 1])) / 2
        middle = min(max(middle, Fraction(left)), Fraction(right))
        rule = (middle - Fraction(left)) * negative[i]
        yield left, right, rule + (Fraction(right) - middle) * negative[i + 1]
    yield _clipped(x[-1]), 1.0, (1 - Fraction(_clipped(x[-1]))) * negative[-1]


def _clipped(x: float) -> float:
    return min(max(x, 0.0), 1.0)
