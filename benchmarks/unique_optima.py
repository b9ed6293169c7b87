"""Whether the max-margin net on the circle and the sphere is unique, as a net or as a function.

Let λ solve the dual of Problem (1), and g(u) = Σ λ_i y_i σ(u·x̃_i). By complementary slackness
every neuron of every optimal net has a direction a with |g(a)| = 1, a contact, and the sign of g
there, and every margin with λ_i > 0 is 1. A cell of the arrangement {u·x̃_i = 0} has at most one
contact of a sign, since g is linear on it: there are finitely many, a_1 … a_N, found by visiting
all cells. So two optimal nets differ by n with Σ_j n_j sign_j σ(a_j·x̃_i) = 0 wherever λ_i > 0. If
no n ≠ 0 does that, the optimum is unique up to copies of neurons; if each such n makes a function
that is 0 on all inputs, it is unique as a function. Contacts are taken up to 1e-8, where those of
the net found are off by `off`, so that rounding loses none; ranks are numerical, decided by
singular values.

The committed table comes from (root of the repository)

    python -m benchmarks.unique_optima --write
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.optimize import nnls

import highdim
from benchmarks import command, ends, frame
from benchmarks.columns import grouped
from benchmarks.speed.max_margin import patterns

RESULTS = frame.RESULTS / "unique_optima.csv"
ENTROPY = 63  # first word of every seed
SIZES = {(2, 10): 10, (2, 20): 20, (2, 40): 5, (3, 10): 10, (3, 20): 5}
"""Samples of each noise level, by dimension and size."""
LEVELS = (0.1, 0.2, 0.3)
CONTACT = 1e-8  # off 1, that counts as a contact; see `Row.off`
NEGLIGIBLE = 1e-6  # norm of neurons, relative
ALIKE = 1e-10  # 1 − cosine of directions taken as one
POSITIVE = 1e-7  # part of the largest multiplier that counts as positive
RANK = 1e-8  # part of the largest singular value that counts as 0
ZERO = 1e-6  # of a function, relative to its terms
POINTS = 2000  # of the circle or sphere, on which functions are compared

Matrix = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Row(frame.Row):
    """One sample."""

    DIGITS: ClassVar = {"off": 3, "least": 3, "dropped": 3, "apart": 3, "duality_gap": 3}

    d: int
    m: int
    p: float
    seed: int
    duality_gap: float
    width: int  # of the optimum found
    off: float  # how far its neurons, but for negligible ones, are from contacts: | |g(a)| − 1 |
    contacts: int
    tight: int  # observations with λ > 0
    rank: int  # of what contacts contribute there
    least: float  # singular value that counts, relative to the largest
    dropped: float  # the largest that does not; 0 without one
    apart: float  # largest value of a function that is 0 on the tight data, relative
    unique: str  # "net", "function" or "open"


def measure(d: int, m: int, p: float, seed: int) -> Row:
    """Do one sample."""
    sample = ends.draw_sample(m, d, round(p * m), [ENTROPY, d, m, seed])
    optimum = highdim.max_margin(sample)
    if optimum.net is None:
        raise ArithmeticError(optimum.reason)
    multipliers = optimum.multipliers / optimum.gain
    directions, signs = contacts(sample, multipliers)
    tight = multipliers > POSITIVE * np.max(multipliers)
    columns = signs[:, None] * np.maximum(directions @ lifted(sample.X[tight]).T, 0.0)
    left, sizes, _ = np.linalg.svd(columns)
    sizes = np.pad(sizes, (0, len(signs) - min(columns.shape))) / sizes[0]
    rank = int(np.sum(sizes > RANK))
    apart = largest(left[:, rank:], directions, signs)
    off = distance(optimum.net, sample, multipliers)
    kind = "net" if rank == len(signs) else "function"
    if apart > ZERO or off > CONTACT:  # contacts may have been missed
        kind = "open"
    return Row(
        d=d,
        m=m,
        p=p,
        seed=seed,
        duality_gap=optimum.duality_gap,
        width=optimum.net.width,
        off=off,
        contacts=len(signs),
        tight=int(np.sum(tight)),
        rank=rank,
        least=float(sizes[rank - 1]),
        dropped=float(np.max(sizes[rank:], initial=0.0)),
        apart=apart,
        unique=kind,
    )


def lifted(X: Matrix) -> Matrix:
    """Return (x, 1) in rows."""
    return np.column_stack((X, np.ones(len(X))))


def contacts(sample: highdim.SphereSample, multipliers: Matrix) -> tuple[Matrix, Matrix]:
    """Return the unit vectors at which |g| = 1, up to `CONTACT`, in rows, and the signs of g there.

    In a cell g is c·u; over the unit vectors of the closed cell, a cone, its maximum is the length
    of the projection of c, by nonnegative least squares.
    """
    rows = lifted(sample.X)
    found: list[Matrix] = []
    signs: list[float] = []
    for active, sign in product(patterns(sample.X), (1.0, -1.0)):
        c = (sign * active * sample.y * multipliers) @ rows
        if np.linalg.norm(c) < 1.0 - CONTACT:
            continue
        inward = np.where(active, 1.0, -1.0)[:, None] * rows
        c = c + nnls(inward.T, -c, maxiter=100 * len(rows))[0] @ inward
        length = float(np.linalg.norm(c))
        if abs(length - 1.0) > CONTACT:
            continue
        known = np.array(found).reshape(-1, len(c))[np.array(signs) == sign]
        if not np.any(known @ c > (1.0 - ALIKE) * length):
            found.append(c / length)
            signs.append(sign)
    return np.array(found), np.array(signs)


def distance(net: highdim.TwoLayerNet, sample: highdim.SphereSample, multipliers: Matrix) -> float:
    """Return the largest |sign v g(a) − 1| over the directions of a net's neurons, those of less
    than `NEGLIGIBLE` of the largest norm left out.
    """
    assert net.b is not None
    neurons = np.column_stack((net.W, net.b))
    lengths = np.linalg.norm(neurons, axis=1)
    strong = np.abs(net.v) * lengths > NEGLIGIBLE * np.max(np.abs(net.v) * lengths)
    neurons = neurons[strong] / lengths[strong, None]
    gains = np.maximum(neurons @ lifted(sample.X).T, 0.0) @ (sample.y * multipliers)
    return float(np.max(np.abs(np.sign(net.v[strong]) * gains - 1.0)))


def largest(combinations: Matrix, directions: Matrix, signs: Matrix) -> float:
    """Return the largest value of Σ_j n_j sign_j σ(a_j·x̃) over columns n and points of the sphere,
    relative to the largest of their terms; 0 without columns.
    """
    if not combinations.shape[1]:
        return 0.0
    rng = np.random.default_rng(0)
    drawn = rng.standard_normal((POINTS, directions.shape[1] - 1))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    terms = signs[:, None] * np.maximum(directions @ lifted(drawn).T, 0.0)
    return float(np.max(np.abs(combinations.T @ terms)) / np.max(np.abs(terms)))


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that documents quote."""
    return {
        f"d = {d}, m = {m}": {
            "runs": len(group),
            **{
                kind: sum(row.unique == kind for row in group)
                for kind in ("net", "function", "open")
            },
            "off": max(row.off for row in group),
            "least": min(row.least for row in group),
            "dropped": max(row.dropped for row in group),
            "apart": max(row.apart for row in group),
        }
        for (d, m), group in grouped(rows, "d", "m").items()
    }


def table(rows: list[Row]) -> Table:
    """Return how often the optimum is unique, by dimension and size."""
    lines = [
        (
            name,
            *(f"{value:.2g}" if isinstance(value, float) else str(value) for value in one.values()),
        )
        for name, one in findings(rows).items()
    ]
    columns = (
        "samples",
        "runs",
        "one net",
        "one function",
        "open",
        "off",
        "least σ",
        "dropped σ",
        "apart",
    )
    return frame.table("Is the max-margin net unique?", columns, lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute and store; returns the exit status."""
    about = "Whether max-margin nets on circle and sphere are unique."
    sizes = (0, "samples of each size and level; 0: as many as committed")
    chosen = command.options(
        "unique_optima", about, arguments, store=(RESULTS, "the .csv file"), count=sizes
    )
    rows = [
        measure(d, m, p, seed)
        for (d, m), count in SIZES.items()
        for p in LEVELS
        for seed in range(chosen.count or count)
    ]
    frame.write(rows, chosen.store)
    Console(width=120).print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
