"""Local minima of Problem (1) in exact arithmetic, from the definitions; shares no code with the
packages.

`flaws` lists what keeps given multipliers from proving that a net is a local minimum; an empty list
is a proof. With the multipliers λ, the derivatives σ' chosen on the kinks, and g_j = Σ_i λ_i y_i
σ'_ij (x_i, 1), a feasible θ' whose v have the signs of those of θ and whose neurons are active on
the same observations with λ_i > 0, those on kinks aside, has ‖θ'‖² ≥ 2 Σ λ_i if every |g_j| ≤ 1 and
no observation on a kink of neuron j has y_i v_j > 0; and 2 Σ λ_i = ‖θ‖². `lagrangian` and
`norm_squared` let a test try that on neighbours.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

ZERO, ONE = Fraction(0), Fraction(1)
Neuron = tuple[Fraction, Fraction, Fraction]
Kinks = Mapping[tuple[int, int], Fraction]


def output(neurons: Sequence[Neuron], x: Fraction) -> Fraction:
    """N(x) = Σ v max(0, w x + b)."""
    total = ZERO
    for v, w, b in neurons:
        height = w * x + b
        if height > 0:
            total += v * height
    return total


def norm_squared(neurons: Sequence[Neuron]) -> Fraction:
    """‖θ‖²."""
    total = ZERO
    for neuron in neurons:
        for part in neuron:
            total += part * part
    return total


def flaws(
    neurons: Sequence[Neuron],
    x: Sequence[Fraction],
    y: Sequence[Fraction],
    multipliers: Sequence[Fraction],
    kinks: Kinks,
) -> list[str]:
    """What is missing from a proof that the net is a local minimum; `kinks` maps (neuron,
    observation) to σ'.
    """
    found = _flaws_of_margins(neurons, x, y, multipliers)
    for j, neuron in enumerate(neurons):
        shares, missing = _derivatives(j, neuron, x, kinks)
        found += missing
        found += _flaws_of_neuron(j, neuron, list(zip(x, y, multipliers, shares, strict=True)))
    if norm_squared(neurons) != 2 * sum(multipliers, ZERO):
        found.append("duality")
    return found


def _flaws_of_margins(
    neurons: Sequence[Neuron],
    x: Sequence[Fraction],
    y: Sequence[Fraction],
    multipliers: Sequence[Fraction],
) -> list[str]:
    found = []
    for i, (point, label, multiplier) in enumerate(zip(x, y, multipliers, strict=True)):
        margin = label * output(neurons, point)
        if label * label != 1:
            found.append(f"label {i}")
        if margin < 1:
            found.append(f"feasibility {i}")
        if multiplier < 0:
            found.append(f"sign {i}")
        if multiplier > 0 and margin != 1:
            found.append(f"slackness {i}")
    return found


def _derivatives(
    j: int, neuron: Neuron, x: Sequence[Fraction], kinks: Kinks
) -> tuple[list[Fraction], list[str]]:
    """σ' of a neuron at every observation, and where it lacks one in [0, 1]."""
    _, w, b = neuron
    shares, missing = [], []
    for i, point in enumerate(x):
        height = w * point + b
        share = kinks.get((j, i), -ONE) if height == 0 else ONE if height > 0 else ZERO
        if share < 0 or share > 1:
            missing.append(f"derivative {j} {i}")
        shares.append(share)
    return shares, missing


def _flaws_of_neuron(
    j: int, neuron: Neuron, data: Sequence[tuple[Fraction, Fraction, Fraction, Fraction]]
) -> list[str]:
    """Of Eq. (2), of balance, of |g_j|, and of kinks on active observations; data are x, y, λ,
    σ'.
    """
    v, w, b = neuron
    found = []
    g_x, g_1, g_v = ZERO, ZERO, ZERO
    for i, (point, label, multiplier, share) in enumerate(data):
        height = w * point + b
        g_x += multiplier * label * share * point
        g_1 += multiplier * label * share
        g_v += multiplier * label * max(height, ZERO)
        if height == 0 and multiplier > 0 and label * v > 0:
            found.append(f"convex {j} {i}")
    if v == 0 or v * v != w * w + b * b:
        found.append(f"balance {j}")
    if (v, w, b) != (g_v, v * g_x, v * g_1):
        found.append(f"stationarity {j}")
    if g_x * g_x + g_1 * g_1 > 1:
        found.append(f"length {j}")
    return found


def lagrangian(
    neurons: Sequence[Neuron],
    x: Sequence[Fraction],
    y: Sequence[Fraction],
    multipliers: Sequence[Fraction],
) -> Fraction:
    """‖θ‖²/2 − Σ λ_i (y_i N(x_i) − 1): where multipliers prove a local minimum it is least there,
    too.
    """
    total = norm_squared(neurons) / 2
    for point, label, multiplier in zip(x, y, multipliers, strict=True):
        total -= multiplier * (label * output(neurons, point) - 1)
    return total


def isolated_negatives(y: Sequence[Fraction]) -> list[int]:
    """Indices i with labels +1, −1, +1 at i − 1, i, i + 1."""
    return [i for i in range(1, len(y) - 1) if y[i - 1] == 1 and y[i] == -1 and y[i + 1] == 1]


def obeys_a4(neurons: Sequence[Neuron], low: Fraction, high: Fraction) -> bool:
    """Whether N is the line from −1 at `low` to +1 at `high`: tried at both ends, all kinks, and
    between them.
    """
    points = [low, high]
    for _, w, b in neurons:
        if w != 0 and low < -b / w < high:
            points.append(-b / w)
    points.sort()
    points += [(one + other) / 2 for one, other in pairwise(points)]
    return all(output(neurons, t) == -1 + 2 * (t - low) / (high - low) for t in points)


def clean_error(neurons: Sequence[Neuron]) -> Fraction:
    """Length of {x in [0, 1] : N(x) ≤ 0}, between all kinks and zeros of the line on either side of
    their middle.
    """
    knots = {ZERO, ONE}
    for _, w, b in neurons:
        if w != 0 and 0 < -b / w < 1:
            knots.add(-b / w)
    for low, high in pairwise(sorted(knots)):
        rise = output(neurons, high) - output(neurons, low)
        if rise != 0:
            zero = low - output(neurons, low) * (high - low) / rise
            if low < zero < high:
                knots.add(zero)
    pieces = list(pairwise(sorted(knots)))
    return sum((high - low for low, high in pieces if output(neurons, (low + high) / 2) <= 0), ZERO)
