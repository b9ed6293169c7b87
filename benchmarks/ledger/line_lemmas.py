"""The rows on what the proofs of Theorems 3.1 and 3.2 rest on: Lemma A.2 to Lemma A.7."""

from collections.abc import Callable

import numpy as np

import univariate
from benchmarks.ledger import isolated
from benchmarks.ledger.pools import Point, Points, kkt_points
from benchmarks.ledger.row import Finding, Outcome, Size, Statement
from univariate import StatementCheck


def lemma_a2(size: Size) -> Finding:
    """How often N' increases along runs of −1."""
    pool = kkt_points(size)
    checks = [point.found.structure.lemma_a2 for point in pool.points]
    worst = max((check.worst for check in checks if check.worst is not None), default=-2.0)
    return _everywhere(
        "At KKT points N' increases at most twice along a run of −1",
        "run of at least two −1",
        pool,
        checks,
        f"{round(worst) + 2} times at most",
    )


def corollary_a3(size: Size) -> Finding:
    """Whether a whole gap is negative in five −1 in a row."""
    pool = kkt_points(size)
    checks = [point.found.structure.corollary_a3 for point in pool.points]
    return _everywhere(
        "At KKT points N < 0 on one of the four gaps between five −1 in a row",
        "five −1 in a row",
        pool,
        checks,
        f"the largest N on the lowest gap is {_worst(checks):.3g} at most",
    )


def proposition_a4(size: Size) -> Finding:
    """The line right of isolated −1."""
    found = _isolated_negatives(
        size,
        "N(x_i) = −1, N(x_{i+1}) = 1 and N is linear between them",
        "",
        "violates_a4",
        "isolated_negative",
    )
    return _seldom(found, size, lambda point: point.found.structure.proposition_a4, zeros=1)


def lemma_a6(size: Size) -> Finding:
    """Its first half: linear."""
    return _isolated_negatives(
        size, "N is linear right of it", "distance", "violates_a6", "two_bends_in_a_gap"
    )


def lemma_a7(size: Size) -> Finding:
    """Its second half: the values."""
    return _isolated_negatives(
        size, "N(x_i) = −1 and N(x_{i+1}) = 1", "N at", "violates_a7", "isolated_negative"
    )


def _isolated_negatives(
    size: Size, words: str, quantity: str, column: str, witness: str
) -> Finding:
    """One or all parts of Proposition A.4 at local minima, and where it holds: at right-oriented
    and at global ones.
    """
    pool = kkt_points(size)
    table = isolated.findings()
    counts = {name: np.array([one["isolated"], one[column]]) for name, one in table.items()}
    for point in pool.minima:
        check = point.found.structure.proposition_a4
        broken = {one.first for one in check.violations if quantity in one.quantity}
        name = "global" if point.found.standing.level == "global minimum" else "any"
        counts[name] += check.checked, len(broken)
    (checked, violated), (right, wrong), (best, fails) = (
        counts[name].tolist() for name in ("any", "right", "global")
    )
    return Finding(
        f"At local minima, for an isolated −1 at x_i: {words}",
        "every isolated −1 of every minimum, here and of benchmarks.proposition_a_4, to 1e-6 of the"
        " margin; corrected: at global minima, and where all neurons with kinks between the data"
        " look right",
        checked + right + best,
        f"{pool.sizes}, and {isolated.sizes()}",
        Outcome.FAILS if fails or wrong else Outcome.CORRECTED,
        f"{violated:,} of {checked:,} at local minima of any orientation violate it, {wrong} of"
        f" {right:,} at ones that look right, {fails} of {best:,} at global ones",
        witness,
    )


def proposition_a5(size: Size) -> Finding:
    """No errors between neighbours +1, +1."""
    pool = kkt_points(size)
    checks = [point.found.structure.proposition_a5 for point in pool.minima]
    found = _everywhere(
        "At local minima N ≥ 0 between neighbours +1, +1",
        "such gap of every local minimum",
        pool,
        checks,
        f"the smallest N there is {-_worst(checks):.3g}",
    )
    return _seldom(found, size, lambda point: point.found.structure.proposition_a5, zeros=2)


def _everywhere(
    words: str, places: str, pool: Points, checks: list[StatementCheck], figure: str
) -> Finding:
    """Count places where a statement was checked, and where it is violated."""
    checked = sum(check.checked for check in checks)
    outcome = Outcome.of(sum(check.violated for check in checks))
    cases = f"every {places}, to 1e-6 of the margin"
    return Finding(words, cases, checked, pool.sizes, outcome, figure)


def _seldom(
    found: Finding, size: Size, checked: Callable[[Point], StatementCheck], *, zeros: int
) -> Finding:
    """Add in how many gaps of a KKT point a statement fails, and that the law allows no more.

    A gap in which it fails holds as many of the E + 2 zeros that are no midpoints of regular
    transitions.
    """
    broken = [
        (
            len({one.first for one in checked(point).violations}),
            univariate.nearest_neighbour_law(point.found.net, point.sample).allowed,
        )
        for point in kkt_points(size).points
    ]
    against = sum(allowed is not None and zeros * gaps > allowed for gaps, allowed in broken)
    room = "E + 2" if zeros == 1 else f"(E + 2)/{zeros}"
    most = max((gaps for gaps, _ in broken), default=0)
    return found._replace(
        outcome=Outcome.FAILS if against else found.outcome,
        figure=f"{found.figure}; at any KKT point in at most {room} gaps, by the"
        f" nearest-neighbour law: in {most} at most of {len(broken)} points here",
    )


def _worst(checks: list[StatementCheck]) -> float:
    return max((check.worst for check in checks if check.worst is not None), default=float("nan"))


PROOFS = (
    Statement("Lemma A.2", lemma_a2),
    Statement("Corollary A.3", corollary_a3),
    Statement("Proposition A.4", proposition_a4),
    Statement("Proposition A.5", proposition_a5),
    Statement("Lemma A.6", lemma_a6),
    Statement("Lemma A.7", lemma_a7),
)
