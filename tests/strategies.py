"""Hostile nets and samples: ties, plateaus, dead units, one-ulp differences, huge and subnormal
numbers.

Every family is written once, as a function of `pick(low, high)`, which returns some integer between
its arguments. Hypothesis supplies a `pick` that it can shrink (`nets`, `deep_nets`, `samples`), a
numpy Generator a fast one (`random_hostile_net`, `random_sample`). Results are plain float64
arrays, all entries finite.
"""

import math
import sys
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate, pairwise
from statistics import NormalDist
from typing import TypeVar

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Net = tuple[Vector, Vector, Vector]
Layers = list[tuple[Vector, Vector]]
Sample = tuple[Vector, Vector]
T = TypeVar("T")
Neuron = tuple[float, float, float]  # v, w, b
Pick = Callable[[int, int], int]
Family = Callable[[Pick], list[Neuron]]

NORMAL = NormalDist()
MAGNITUDES = (
    5e-324,
    3e-310,
    sys.float_info.min,
    1e-300,
    1e-150,
    sys.float_info.epsilon,
    1.0,
    1e16,
    1e150,
    1e300,
    sys.float_info.max,
)


# What tests draw from


@st.composite
def nets(draw: st.DrawFn, max_width: int = 12, *, extreme: bool = True) -> Net:
    """Two-layer nets (v, w, b) of width 1 to `max_width` from the families below.

    With `extreme=False` no entry is subnormal or beyond 1e3: plain float64 evaluation cannot
    overflow.
    """
    return _hostile_net(_pick_from(draw), max_width, extreme)


@st.composite
def deep_nets(draw: st.DrawFn, max_width: int = 4) -> Layers:
    """Nets with 2 or 3 hidden layers of width 1 to `max_width`, scalar input and output."""
    return _deep_net(_pick_from(draw), max_width)


@st.composite
def samples(
    draw: st.DrawFn, min_size: int = 1, max_size: int = 12, *, unit_interval: bool = True
) -> Sample:
    """Samples (x, y): x strictly increasing, gaps of lengths up to 2^20 apart in ratio, y = ±1.0.

    x lies in [0, 1] and often takes its ends, or, with `unit_interval=False`, anywhere on the line.
    """
    return _sample(_pick_from(draw), min_size, max_size, unit_interval)


def read_only(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return a view that cannot be written to, as a sample holds its arrays: numba compiles a
    kernel anew for arrays that can.
    """
    view = array.view()
    view.flags.writeable = False
    return view


def random_hostile_net(
    rng: np.random.Generator, max_width: int = 12, *, extreme: bool = True
) -> Net:
    """Return one net of the kind `nets` draws."""
    return _hostile_net(_pick_by(rng), max_width, extreme)


def random_sample(
    rng: np.random.Generator, min_size: int = 1, max_size: int = 12, *, unit_interval: bool = True
) -> Sample:
    """Return one sample of the kind `samples` draws."""
    return _sample(_pick_by(rng), min_size, max_size, unit_interval)


def _pick_from(draw: st.DrawFn) -> Pick:
    return lambda low, high: draw(_integers(low, high))


_integers = cache(st.integers)  # a few ranges, thousands of draws


def _pick_by(rng: np.random.Generator) -> Pick:
    # faster than rng.integers one by one; random() < 1 times a range of at most 2^53 never rounds
    # up to it
    return lambda low, high: low + int(rng.random() * (high - low + 1))


# Numbers


def _choose(pick: Pick, options: Sequence[T]) -> T:
    return options[pick(0, len(options) - 1)]


def _often(pick: Pick) -> bool:
    """True in one of two cases; shrinks to False."""
    return pick(0, 1) == 1


def _seldom(pick: Pick) -> bool:
    """True in one of four cases; shrinks to False."""
    return pick(0, 3) == 3


def _sign(pick: Pick) -> float:
    return _choose(pick, (1.0, -1.0))


def _dyadic(pick: Pick) -> float:
    return pick(-8, 8) / 2.0 ** pick(0, 3)


def _nonzero_dyadic(pick: Pick) -> float:
    return _sign(pick) * pick(1, 8) / 2.0 ** pick(0, 3)


def _normal(pick: Pick) -> float:
    return NORMAL.inv_cdf(0.5 + pick(1 - 2**52, 2**52 - 1) / 2**53)


def _magnitude(pick: Pick) -> float:
    return _sign(pick) * _choose(pick, MAGNITUDES)


# Families of neurons: what they compute is exact in the sense of their name, as all products below
# are


def ordinary(pick: Pick) -> list[Neuron]:
    """Nothing special."""
    return [(_normal(pick), _normal(pick), _normal(pick)) for _ in range(pick(1, 4))]


def dyadics(pick: Pick) -> list[Neuron]:
    """Entries with few bits: ties and zeros by accident."""
    return [(_dyadic(pick), _dyadic(pick), _dyadic(pick)) for _ in range(pick(1, 4))]


def kinks_on_a_grid(pick: Pick) -> list[Neuron]:
    """Kinks at 0, at 1 and on each other."""
    kinks = (0.0, 1.0, 0.5, pick(-4, 20) / 16)
    return [_kinked_at(pick, _choose(pick, kinks), _sign(pick)) for _ in range(pick(1, 4))]


def duplicates(pick: Pick) -> list[Neuron]:
    """One neuron, several times."""
    return _anything(pick)[:1] * pick(2, 3)


def cancelling_pair(pick: Pick) -> list[Neuron]:
    """(c v, w, b) and (−v, c w, c b): identically zero together, up to the rounding of c·w when c =
    3.
    """
    v, w, b = _anything(pick)[0]
    factor = _choose(pick, (1.0, 2.0, 0.25, 3.0))
    return [(factor * v, w, b), (-v, factor * w, factor * b)]


def inactive_middle(pick: Pick) -> list[Neuron]:
    """Left-oriented kinks on the left, right-oriented ones on the right, nothing active between."""
    left = [_kinked_at(pick, pick(-2, 7) / 16, -1.0) for _ in range(pick(1, 2))]
    right = [_kinked_at(pick, pick(9, 18) / 16, 1.0) for _ in range(pick(1, 2))]
    return left + right


def hat(pick: Pick) -> list[Neuron]:
    """Zero outside a short interval: on one side no neuron is active, on the other all cancel."""
    height, start, width = _nonzero_dyadic(pick), pick(-2, 14) / 16, pick(1, 4) / 16
    if _often(pick):
        return [(f * height, 1.0, -t) for f, t in _hat_kinks(start, width)]
    return [(f * height, -1.0, t) for f, t in _hat_kinks(start, width)]


def zeros_at_kinks(pick: Pick) -> list[Neuron]:
    """The interpolant on [0, 1] of small integers, often 0, at 0, 1/4, …, 1."""
    values = [_choose(pick, (0, 0, 1, -1, 2, -3)) for _ in range(5)]
    slopes = [4 * (right - left) for left, right in pairwise(values)]
    constant, slope = float(values[0]), float(slopes[0])
    bends = []
    for index, (before, after) in enumerate(pairwise(slopes), start=1):
        kink, change = index / 4, float(after - before)
        if _often(pick):  # change·σ(x − t) = change·σ(t − x) + change·(x − t)
            bends.append((change, -1.0, kink))
            constant, slope = constant - change * kink, slope + change
        else:
            bends.append((change, 1.0, -kink))
    return [(constant, 0.0, 1.0), (slope, 1.0, 0.0), *bends]


def dead(pick: Pick) -> list[Neuron]:
    """Neurons that add nothing: v = 0, or (w, b) = 0, or everything."""
    v, w, b = _dyadic(pick), _dyadic(pick), _dyadic(pick)
    return [_choose(pick, ((0.0, 0.0, 0.0), (0.0, w, b), (v, 0.0, 0.0)))]


def constants(pick: Pick) -> list[Neuron]:
    """Neurons with w = 0, active or not."""
    return [(_dyadic(pick), 0.0, _dyadic(pick))]


def kinks_one_ulp_apart(pick: Pick) -> list[Neuron]:
    """Two neurons, equal or opposite, whose kinks are neighbouring floats."""
    kink = _choose(pick, (pick(1, 16) / 16, 1.0 / pick(3, 12)))
    beyond = math.nextafter(kink, math.inf)
    v, side, scale = _nonzero_dyadic(pick), _sign(pick), 2.0 ** pick(-3, 3)
    return [
        (v, side * scale, -side * scale * kink),
        (_sign(pick) * v, side * scale, -side * scale * beyond),
    ]


def equal_quotients(pick: Pick) -> list[Neuron]:
    """Different kinks p/q and fl(p/q) whose float quotients −b/w are equal; the slopes cancel
    beyond.
    """
    q = _choose(pick, (3, 5, 7, 11, 13))
    p = pick(1, q - 1)
    v, side, scale = _nonzero_dyadic(pick), _sign(pick), 2.0 ** pick(-3, 3)
    return [(v, side * q, -side * p), (-v * q / scale, side * scale, -side * scale * (p / q))]


def scattered_magnitudes(pick: Pick) -> list[Neuron]:
    """Entries from subnormal to the largest float, independently."""
    return [(_magnitude(pick), _magnitude(pick), _magnitude(pick)) for _ in range(pick(1, 3))]


def extreme_kinks(pick: Pick) -> list[Neuron]:
    """Huge and tiny neurons with kinks inside [0, 1]."""
    slopes = [_magnitude(pick) for _ in range(pick(1, 3))]
    return [(_magnitude(pick), w, -w * (pick(0, 16) / 16)) for w in slopes]


def rescaled(pick: Pick) -> list[Neuron]:
    """A family of exact zeros with (v, w, b) → (v/c, c w, c b): the same function from extreme
    entries.
    """
    powers = (-1000, -500, 500, 1000)
    scaled = [(neuron, 2.0 ** _choose(pick, powers)) for neuron in _exact_zeros(pick)]
    return [(v / scale, scale * w, scale * b) for (v, w, b), scale in scaled]


def subnormal_heights(pick: Pick) -> list[Neuron]:
    """A family of exact zeros whose values are subnormal elsewhere."""
    return [(2.0**-1068 * v, w, b) for v, w, b in _exact_zeros(pick)]


ORDINARY_FAMILIES: tuple[Family, ...] = (
    ordinary,
    dyadics,
    kinks_on_a_grid,
    duplicates,
    cancelling_pair,
    inactive_middle,
    hat,
    zeros_at_kinks,
    dead,
    constants,
    kinks_one_ulp_apart,
    equal_quotients,
)
EXTREME_FAMILIES: tuple[Family, ...] = (
    scattered_magnitudes,
    extreme_kinks,
    rescaled,
    subnormal_heights,
)


def _anything(pick: Pick) -> list[Neuron]:
    return _choose(pick, (dyadics, kinks_on_a_grid, ordinary))(pick)


def _exact_zeros(pick: Pick) -> list[Neuron]:
    return _choose(pick, (zeros_at_kinks, hat, inactive_middle, kinks_on_a_grid))(pick)


def _kinked_at(pick: Pick, kink: float, side: float) -> Neuron:
    """Return a neuron active on the given side (+1 right, −1 left) of a kink with few bits."""
    w = side * abs(_nonzero_dyadic(pick))
    return _nonzero_dyadic(pick), w, -w * kink


def _hat_kinks(start: float, width: float) -> list[tuple[float, float]]:
    return [(1.0, start), (-2.0, start + width / 2), (1.0, start + width)]


# Nets


def _hostile_net(pick: Pick, max_width: int, extreme: bool) -> Net:
    """One family alone, or several together; then perhaps shuffled, nudged by an ulp, zeros made
    negative.
    """
    families = ORDINARY_FAMILIES + EXTREME_FAMILIES if extreme else ORDINARY_FAMILIES
    neurons = _choose(pick, families)(pick)
    others = pick(1, 1 + max_width // 3) if _often(pick) else 0
    for _ in range(others):
        neurons += _choose(pick, families)(pick)
    neurons = neurons[:max_width]
    if _seldom(pick):
        neurons.sort(key=lambda _: pick(0, 999))
    parameters = np.array(neurons, dtype=np.float64)
    if _seldom(pick):
        _nudge(pick, parameters, extreme)
    if _seldom(pick):
        parameters[parameters == 0.0] = -0.0
    v, w, b = parameters.T.copy()
    return v, w, b


def _nudge(pick: Pick, parameters: Vector, zeros_too: bool) -> None:
    """Move one entry, in place, to a neighbouring float; a zero becomes subnormal, or stays."""
    row, column = pick(0, len(parameters) - 1), pick(0, 2)
    nudged = math.nextafter(float(parameters[row, column]), _sign(pick) * math.inf)
    if math.isfinite(nudged) and (zeros_too or parameters[row, column] != 0.0):
        parameters[row, column] = nudged


def _deep_net(pick: Pick, max_width: int) -> Layers:
    """Entries of one kind throughout; many units are zero at a point of a grid, some repeat
    another.
    """
    entry = _choose(pick, (lambda p: float(p(-2, 2)), _dyadic, _normal))
    widths = [1, *(pick(1, max_width) for _ in range(pick(2, 3))), 1]
    active = np.arange(17)[:, None] / 16  # what enters the layer, at every point of the grid
    layers = []
    for inputs, outputs in pairwise(widths):
        units = [_unit(pick, entry, active) for _ in range(outputs)]
        if _seldom(pick):
            units[-1] = _sign(pick) * units[0]
        table = np.array(units).reshape(outputs, inputs + 1)
        layers.append((table[:, :-1].copy(), table[:, -1].copy()))
        active = np.maximum(0.0, active @ table[:, :-1].T + table[:, -1])
    return layers


def _unit(pick: Pick, entry: Callable[[Pick], float], active: Vector) -> Vector:
    """Return weights and bias of one unit, the bias often such that it is zero at some row of
    `active`.
    """
    weights = np.array([entry(pick) for _ in range(active.shape[1])])
    bias = -float(active[pick(0, len(active) - 1)] @ weights) if _often(pick) else entry(pick)
    return np.array([*weights, bias])


# Samples


def _sample(pick: Pick, min_size: int, max_size: int, unit_interval: bool) -> Sample:
    size = pick(min_size, max_size)
    x = _positions(pick, size)
    if not unit_interval:
        length = _choose(pick, (1.0, 4.0, 100.0))
        x = length * x - length * pick(0, 2) / 2
    return x, _labels(pick, size)


def _positions(pick: Pick, size: int) -> Vector:
    """Strictly increasing points of [0, 1]: integer gaps, added up and divided by one number."""
    kind = _choose(pick, ("grid", "uneven", "full mantissa"))
    gaps: dict[str, Callable[[], int]] = {
        "grid": lambda: pick(1, 3),
        "uneven": lambda: 1 << pick(0, 20),
        "full mantissa": lambda: pick(2**29, 2**49),
    }
    gap = gaps[kind]
    places = list(accumulate([gap() if _often(pick) else 0, *(gap() for _ in range(size - 1))]))
    end = max(1, places[-1] + (gap() if _often(pick) else 0))
    if kind != "full mantissa":
        end = 2 ** (end - 1).bit_length()  # keeps the points dyadic
    return np.array([place / end for place in places])


def _labels(pick: Pick, size: int) -> Vector:
    kind = _choose(pick, ("free", "runs", "alternating", "constant"))
    if kind == "free":
        return np.array([_sign(pick) for _ in range(size)])
    length = {"runs": pick(2, 5), "alternating": 1, "constant": size}[kind]
    first = _sign(pick)
    return np.array([first * (-1.0) ** (index // length) for index in range(size)])
