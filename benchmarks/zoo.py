"""Nets whose clean error is known, easy ones and hard ones, for `benchmarks.coverage`.

Known in closed form: caps {w·x ≥ t} and unions of disjoint ones, whose share of the sphere is a
regularised incomplete beta function; orthants, wedges and half spaces, where N is zero as a whole;
bands; d = 2, by arcs. Known by a long run: nets trained crudely, random nets, and a trained net
that is lifted until errors are rare. The long run is line sampling with another seed, or 10⁷ plain
points where those are sharper: precise to a small part of the intervals that are tested. Where both
are to be had they must agree.
"""

from collections.abc import Callable, Mapping
from math import pi
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

import highdim

# samples of a reference and of its check
LONG: Final = 400_000
POINTS: Final = 10**7
ONE_SIGMA: Final = 0.6827

Net = highdim.TwoLayerNet | highdim.ThreeLayerNet


class Known(NamedTuple):
    """A net, its clean error, where that comes from, and its relative standard error."""

    net: Net
    value: float
    source: str
    error: float = 0.0


def share_of_cap(d: int, t: float) -> float:
    """Share of the sphere with w·x ≥ t for a unit vector w, t ≥ 0."""
    return 0.5 * float(betainc(0.5 * (d - 1), 0.5, (1.0 - t) * (1.0 + t)))


def cap(d: int, t: float) -> Known:
    """N = t − w·x, as t − σ(w·x) + σ(−w·x)."""
    w = np.ones(d) / np.sqrt(d)
    net = highdim.TwoLayerNet([-1.0, 1.0, 1.0], [w, -w, 0.0 * w], [0.0, 0.0, t])
    return Known(net, share_of_cap(d, t), "closed form")


def deep_cap(d: int, t: float) -> Known:
    """The same with three layers: N = t + 1 − σ(σ(w·x) − σ(−w·x) + 1)."""
    w = np.ones(d) / np.sqrt(d)
    net = highdim.ThreeLayerNet(
        [-1.0, 1.0], [[1.0, -1.0], [0.0, 0.0]], [1.0, t + 1.0], [w, -w], None
    )
    return Known(net, share_of_cap(d, t), "closed form")


def caps(axes: NDArray[np.float64], heights: NDArray[np.float64]) -> Known:
    """N = 1 − Σ_k σ(q_k·x − t_k + a_k) / a_k for disjoint caps: flat, with steep holes whose walls
    take a quarter of their depth.
    """
    d = axes.shape[1]
    walls = 0.25 * (1.0 - heights)
    net = highdim.TwoLayerNet(
        np.append(1.0, -1.0 / walls),
        np.vstack([np.zeros(d), axes]),
        np.append(1.0, walls - heights),
    )
    value = sum(share_of_cap(d, float(height)) for height in heights)
    return Known(net, value, "closed form")


def two_caps(d: int, t: tuple[float, float], angle: float) -> Known:
    """Two steep holes at an angle."""
    axes = np.zeros((2, d))
    axes[0, 0], axes[1, :2] = 1.0, (np.cos(angle), np.sin(angle))
    return caps(axes, np.array(t))


def upright_caps(d: int, count: int, t: float) -> Known:
    """Holes at right angles."""
    return caps(np.eye(count, d), np.full(count, t))


def scattered_caps(d: int, count: int) -> Known:
    """Holes anywhere, as wide as the closest two of them allow (with their walls)."""
    axes = np.random.default_rng(4).standard_normal((count, d))
    axes /= np.linalg.norm(axes, axis=1)[:, None]
    closest = float(np.max(axes @ axes.T - 2.0 * np.eye(count)))
    return caps(axes, np.full(count, _apart(np.sqrt(0.5 + 0.5 * closest))))


def unequal_caps(d: int) -> Known:
    """A wide hole, and nine in which lie a part of the errors that shrinks to 1e-6."""
    return caps(np.eye(10, d), np.linspace(0.73, 0.9, 10))


def half(d: int) -> Known:
    """N = w·x."""
    w = np.eye(d)[0]
    return Known(highdim.TwoLayerNet([1.0, -1.0], [w, -w]), 0.5, "symmetry")


def orthant(d: int, count: int) -> Known:
    """N = Σ_{k ≤ count} σ(x_k), zero where all of these are negative."""
    return Known(highdim.TwoLayerNet(np.ones(count), np.eye(count, d)), 2.0**-count, "symmetry")


def deep_orthant(d: int, count: int) -> Known:
    """The same with three layers: σ of the identity."""
    net = highdim.ThreeLayerNet(
        np.ones(count), np.eye(count), np.zeros(count), np.eye(count, d), None
    )
    return Known(net, 2.0**-count, "symmetry")


def wedge(d: int, angle: float) -> Known:
    """N = σ(w·x) + σ(w'·x) is zero in a wedge of the angle."""
    W = np.zeros((2, d))
    W[0, 0], W[1, :2] = 1.0, (-np.cos(angle), np.sin(angle))
    return Known(highdim.TwoLayerNet([1.0, 1.0], W), angle / (2.0 * pi), "closed form")


def slab(d: int, t: float) -> Known:
    """N = |w·x| − t: errors in a band, and no direction in which N falls."""
    w = np.eye(d)[0]
    net = highdim.TwoLayerNet([1.0, 1.0, -1.0], [w, -w, 0.0 * w], [0.0, 0.0, t])
    return Known(net, float(betainc(0.5, 0.5 * (d - 1), t * t)), "closed form")


def in_the_plane(n: int) -> Known:
    """A random net for d = 2."""
    rng = np.random.default_rng(1)
    net = highdim.TwoLayerNet(
        rng.standard_normal(n), rng.standard_normal((n, 2)), 0.3 * rng.standard_normal(n)
    )
    return Known(net, highdim.clean_error(net).value, "arcs")


def trained(d: int, p: float, *, n: int, m: int, steps: int, lift: float = 0.0) -> Known:
    """Full-batch descent of the logistic loss to a near interpolation; `lift` is added to N."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((m, d))
    X /= np.linalg.norm(X, axis=1)[:, None]
    y = np.where(rng.random(m) < p, -1.0, 1.0)
    W = rng.uniform(-1.0, 1.0, (n, d)) / np.sqrt(d)
    b = rng.uniform(-1.0, 1.0, n) / np.sqrt(d)
    v = rng.uniform(-1.0, 1.0, n) / np.sqrt(n)
    for _ in range(steps):
        hidden = np.maximum(X @ W.T + b, 0.0)
        pull = 5.0 / m * y / (1.0 + np.exp(y * (hidden @ v)))
        back = np.outer(pull, v) * (hidden > 0.0)
        v = v + hidden.T @ pull
        W = W + back.T @ X
        b = b + back.sum(axis=0)
    net = highdim.TwoLayerNet(np.append(v, 1.0), np.vstack([W, np.zeros(d)]), np.append(b, lift))
    return by_long_run(net)


def random_layers(d: int, n: int, lift: float) -> Known:
    """Random weights, and a constant that makes N mostly positive."""
    rng = np.random.default_rng(d)
    net = highdim.TwoLayerNet(
        np.append(rng.standard_normal(n) / np.sqrt(n), 1.0),
        np.vstack([rng.standard_normal((n, d)), np.zeros(d)]),
        np.append(0.3 * rng.standard_normal(n), lift),
    )
    return by_long_run(net)


def three_random_layers(d: int) -> Known:
    """Random weights, and a neuron that makes N mostly positive."""
    rng = np.random.default_rng(3)
    v = np.append(rng.standard_normal(5), 3.0)
    b = 0.5 + 0.3 * rng.standard_normal(6)
    net = highdim.ThreeLayerNet(
        v,
        0.5 * rng.standard_normal((6, 12)),
        b,
        rng.standard_normal((12, d)),
        0.1 * rng.standard_normal(12),
    )
    return by_long_run(net)


def by_long_run(net: Net) -> Known:
    """The sharper of line sampling at length and, where errors are not too rare, of many plain
    points; the enclosure for d = 3.

    Raises
    ------
    ArithmeticError
        The two disagree.
    """
    if net.dimension == 3:
        enclosed = highdim.clean_error(net, method="triangles")
        return Known(net, enclosed.value, "triangles", _relative_error(enclosed))
    lines = highdim.clean_error(net, method="lines", samples=LONG, rng=10**6, level=ONE_SIGMA)
    sources = [(_relative_error(lines), lines.value, f"{LONG} lines")]
    if lines.value > 1e-5:
        points = highdim.clean_error(
            net, method="points", samples=POINTS, rng=10**6 + 1, level=ONE_SIGMA
        )
        sources.append((_relative_error(points), points.value, f"{POINTS} points"))
        (one, value, _), (other, found, _) = sources
        if abs(value - found) > 4.0 * value * float(np.hypot(one, other)):
            raise ArithmeticError(f"lines find {value}, points {found}")
    error, value, source = min(sources)
    return Known(net, value, source + (", the other agrees" if len(sources) > 1 else ""), error)


def _apart(t: float) -> float:
    """Return the height of caps whose walls begin a little above height t."""
    return t + 0.3 * (1.0 - t)


def _relative_error(found: highdim.Estimate) -> float:
    return (found.high - found.low) / (2.0 * found.value)


def _angles(*degrees: int) -> Mapping[str, Callable[[], Known]]:
    """Two caps at every angle: as wide as it allows, up to a little less than half a sphere."""

    def at(angle: float) -> Known:
        t = _apart(max(np.cos(0.5 * angle), 0.3))
        return two_caps(12, (t, t), angle)

    return {f"two caps, {each}°": lambda each=each: at(np.radians(each)) for each in degrees}


NETS: Final[dict[str, Callable[[], Known]]] = {
    "half, d = 3": lambda: half(3),
    "half, d = 200": lambda: half(200),
    "cap": lambda: cap(100, 0.3),
    "cap, d = 2": lambda: cap(2, 0.99),
    "cap, d = 3": lambda: cap(3, 0.9),
    "cap, d = 10": lambda: cap(10, 0.8),
    "cap, d = 200, 1e-15": lambda: cap(200, 0.54),
    "cap, three layers": lambda: deep_cap(20, 0.4),
    "wedge, d = 3": lambda: wedge(3, 1e-2),
    "wedge, d = 40": lambda: wedge(40, 1e-5),
    "two caps, opposite": lambda: two_caps(20, (0.5, 0.6), pi),
    "two caps, at right angles": lambda: two_caps(20, (0.72, 0.8), pi / 2.0),
    "two caps, cosine .85": lambda: two_caps(20, (0.98, 0.98), float(np.arccos(0.85))),
    **_angles(10, 25, 45, 70, 90, 120, 150, 180),
    "3 caps": lambda: upright_caps(10, 3, 0.72),
    "10 caps": lambda: upright_caps(30, 10, 0.75),
    "10 unequal caps": lambda: unequal_caps(20),
    "orthant of 3": lambda: orthant(5, 3),
    "orthant of 10": lambda: orthant(12, 10),
    "orthant of 20": lambda: orthant(30, 20),
    "orthant of 25": lambda: orthant(40, 25),
    "orthant of 8, three layers": lambda: deep_orthant(20, 8),
    "band": lambda: slab(10, 0.2),
    "band, 1e-4": lambda: slab(30, 1e-4),
    "band, 1e-9": lambda: slab(100, 1e-9),
    "band, d = 3, 1e-12": lambda: slab(3, 1e-12),
    "random, d = 2": lambda: in_the_plane(30),
    "random, d = 3": lambda: random_layers(3, 20, 0.3),
    "random, d = 8": lambda: random_layers(8, 40, 1.0),
    "random, d = 50": lambda: random_layers(50, 100, 2.0),
    "three random layers": lambda: three_random_layers(10),
    "trained, d = 10, p = .1": lambda: trained(10, 0.1, n=50, m=50, steps=3000),
    "trained, d = 10, p = .4": lambda: trained(10, 0.4, n=50, m=50, steps=3000),
    "trained, d = 100, p = .2": lambda: trained(100, 0.2, n=40, m=100, steps=2000),
    "trained, d = 100, lifted": lambda: trained(100, 0.1, n=40, m=100, steps=1000, lift=8.5),
}
SLOW: Final[dict[str, Callable[[], Known]]] = {
    "30 caps": lambda: upright_caps(48, 30, 0.75),
    "60 caps": lambda: upright_caps(60, 60, 0.73),
    "100 scattered caps": lambda: scattered_caps(12, 100),
    "200 scattered caps": lambda: scattered_caps(14, 200),
    "orthant of 30": lambda: orthant(60, 30),
    "orthant of 40": lambda: orthant(60, 40),
}
"""Those that take minutes each: places of errors by the dozen, and many levels of splitting."""
