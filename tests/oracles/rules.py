"""Rules on the line by other means: votes between all midpoints of pairs, roots by Sturm chains,
signs in fifty digits.
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import reduce
from itertools import combinations, pairwise
from math import gcd, lcm

ZERO, ONE = Fraction(0), Fraction(1)
Polynomial = list[int]  # coefficients, that of the constant first
DIGITS = 50


# Nearest neighbours


def vote(x: Sequence[float], y: Sequence[float], k: int, t: Fraction) -> int:
    """Return the sum of the labels of the k data nearest to t."""
    ranked = sorted((abs(Fraction(a) - t), int(label)) for a, label in zip(x, y, strict=True))
    return sum(label for _, label in ranked[:k])


def neighbours_error(x: Sequence[float], y: Sequence[float], k: int, truth: int = 1) -> Fraction:
    """Length of {t in [0, 1] : truth · vote ≤ 0}; the vote is constant where no two data are at one
    distance.
    """
    middles = {(Fraction(a) + Fraction(b)) / 2 for a, b in combinations(x, 2)}
    cuts = sorted({ZERO, ONE, *(middle for middle in middles if 0 < middle < 1)})
    return sum((b - a for a, b in pairwise(cuts) if truth * vote(x, y, k, (a + b) / 2) <= 0), ZERO)


# Nadaraya–Watson, whole exponents: f is a rational function


def watson_error(
    x: Sequence[float], y: Sequence[float], exponent: int, bits: int = 100
) -> tuple[Fraction, Fraction]:
    """Bounds on the length of {t in [0, 1] : Σ y_i |t − x_i|^−exponent ≤ 0}.

    Roots of the numerator on every piece between data are counted by Sturm's theorem and halved
    down to 2^−bits.
    """
    unit = lcm(*(Fraction(a).denominator for a in x))
    places = [int(Fraction(a) * unit) for a in x]
    inner = [place for place in places if 0 < place < unit]
    low = high = ZERO
    for a, b in pairwise([0, *inner, unit]):
        numerator = _numerator(places, y, exponent, Fraction(a + b, 2))
        least, most = _negative_length(numerator, Fraction(a), Fraction(b), Fraction(unit, 2**bits))
        low += least / unit
        high += most / unit
    return low, high


def _numerator(places: list[int], y: Sequence[float], exponent: int, t: Fraction) -> Polynomial:
    """Σ y_i Π_{j ≠ i} |t − x_j|^exponent, as it is on the piece around t."""
    factors = [[-place, 1] if place < t else [place, -1] for place in places]
    total: Polynomial = []
    for i, label in enumerate(y):
        others = [factor for j, factor in enumerate(factors) if j != i for _ in range(exponent)]
        total = _sum(total, [int(label) * c for c in reduce(_product, others, [1])])
    return total


def _negative_length(
    p: Polynomial, a: Fraction, b: Fraction, width: Fraction
) -> tuple[Fraction, Fraction]:
    chain = _sturm(p)
    roots = _isolated(chain, a, b, width)
    cuts = [a, *(end for root in roots for end in root), b]
    low = high = ZERO
    for k, (start, end) in enumerate(pairwise(cuts)):
        inside = k % 2 == 1
        if inside:
            high += end - start
        elif _value(p, (start + end) / 2) <= 0:
            low += end - start
            high += end - start
    return low, high


def _isolated(
    chain: list[Polynomial], a: Fraction, b: Fraction, width: Fraction
) -> list[tuple[Fraction, Fraction]]:
    """Intervals of at most this width that hold the distinct roots in (a, b], one or more each."""
    count = _changes(chain, a) - _changes(chain, b)
    if count == 0:
        return []
    if b - a <= width:
        return [(a, b)]
    middle = (a + b) / 2
    return _isolated(chain, a, middle, width) + _isolated(chain, middle, b, width)


def _sturm(p: Polynomial) -> list[Polynomial]:
    chain = [_primitive(p), _primitive([k * c for k, c in enumerate(p)][1:])]
    while len(chain[-1]) > 1:
        rest = _remainder(chain[-2], chain[-1])
        if not rest:
            break
        chain.append(_primitive([-c for c in rest]))
    return chain


def _remainder(p: Polynomial, q: Polynomial) -> Polynomial:
    """A positive multiple of p mod q."""
    rest = list(p)
    while len(rest) >= len(q):
        lead, top = abs(q[-1]), rest[-1] * (1 if q[-1] > 0 else -1)
        shift = len(rest) - len(q)
        rest = [lead * c for c in rest]
        for k, c in enumerate(q):
            rest[shift + k] -= top * c
        rest = _trimmed(rest[:-1])
    return rest


def _changes(chain: list[Polynomial], t: Fraction) -> int:
    values = [value for value in (_value(p, t) for p in chain) if value != 0]
    return sum((one > 0) != (other > 0) for one, other in pairwise(values))


def _value(p: Polynomial, t: Fraction) -> int:
    """A positive multiple of p(t)."""
    n, d = t.numerator, t.denominator
    total, scale = 0, 1
    for c in reversed(p):
        total = total * n + c * scale
        scale *= d
    return total


def _primitive(p: Polynomial) -> Polynomial:
    content = gcd(*p)
    return [c // content for c in p] if content else []


def _product(p: Polynomial, q: Polynomial) -> Polynomial:
    found = [0] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            found[i + j] += a * b
    return found


def _sum(p: Polynomial, q: Polynomial) -> Polynomial:
    size = max(len(p), len(q))
    padded = ([*r, *[0] * (size - len(r))] for r in (p, q))
    return _trimmed([a + b for a, b in zip(*padded, strict=True)])


def _trimmed(p: Polynomial) -> Polynomial:
    while p and p[-1] == 0:
        p = p[:-1]
    return p


# Nadaraya–Watson, any exponent


def watson_value(
    x: Sequence[float], y: Sequence[float], exponent: float, t: Fraction
) -> tuple[Decimal, Decimal]:
    """Σ y_i |t − x_i|^−exponent and Σ |t − x_i|^−exponent times a positive number, in 50 digits."""
    distances = [abs(t - Fraction(a)) for a in x]
    nearest = min(distances)
    if nearest == 0:
        return Decimal(int(y[distances.index(nearest)])), Decimal(1)
    with localcontext(prec=DIGITS):
        power = Decimal(exponent)
        ratios = [nearest / distance for distance in distances]
        terms = [(Decimal(r.numerator) / Decimal(r.denominator)).ln() * power for r in ratios]
        sizes = [term.exp() for term in terms]
        signed = (int(label) * size for label, size in zip(y, sizes, strict=True))
        return sum(signed, Decimal(0)), sum(sizes, Decimal(0))


def watson_sign(x: Sequence[float], y: Sequence[float], exponent: float, t: Fraction) -> int:
    """Its sign, 0 where fifty digits do not tell."""
    value, size = watson_value(x, y, exponent, t)
    if abs(value) <= size * Decimal(10) ** (10 - DIGITS):
        return 0
    return 1 if value > 0 else -1
