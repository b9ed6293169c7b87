"""Theorem 4.3 on trained nets with fixed outputs ±1: what its lemmas claim, and the dimensions they
ask for.

Every run trains the input weights and biases of n neurons, half of them with output +1 and half
with −1, polishes the end to a KKT point of Problem (1) for fixed outputs, and evaluates every lemma
of the proof with its multipliers.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.theorem_4_3 --preset two-core --n-jobs 2 --write
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks import columns, ends, frame
from benchmarks.columns import grouped, holds_from, where
from benchmarks.ends import Ended, shares, spread
from benchmarks.script import Script
from benchmarks.theorem_4_1 import log10_predicted
from highdim import SphereSample
from highdim.paper.theorem_4_3 import theorem_4_3
from highdim.problem.statement import StatementReport

ENTROPY = 43  # first word of every seed
EPSILON = 0.01  # of the theorem
NEURONS = (2, 4, 8, 16)
LEMMAS = {
    "b5": "Lemma B.5",
    "b6": "Lemma B.6",
    "b7": "Lemma B.7",
    "b8": "Lemma B.8",
    "b9": "Lemma B.9",
}
QUANTITIES = (
    "bias_sum",
    "least_bias",
    "lambda_plus_low",
    "lambda_minus_high",
    "lambda_high",
    "fewest_active",
    "dimension_b5",
    "dimension_b7",
    "dimension_b8",
    "dimension_last",
    "dimension_for_epsilon",
    "c1",
    "epsilon_proof",
    "epsilon_levy",
)
"""Columns that are numbers of the theorem's report."""


@dataclass(frozen=True, order=True)
class Key:
    """What identifies a run."""

    m: int
    minus: int  # |I₋|
    n: int
    d: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class Row(Ended, Key):
    """One run; what is None could not be asked because it did not interpolate."""

    log10_predicted: float  # by the orthogonal limit, of nets whose outputs are trained
    limit_bias_sum: float
    bias_sum: float | None  # N(0) at worst margin 1
    least_bias: float | None
    negative_biases: int  # b_j < 0, where the flow ended or at the KKT point
    lambda_plus_low: float | None  # least multiplier of a label +1
    lambda_minus_high: float | None  # largest of a label −1
    lambda_high: float | None
    fewest_active: float | None  # neurons of its own sign on a support vector
    dimension_b5: float | None  # what the lemmas ask for
    dimension_b7: float | None
    dimension_b8: float | None
    dimension_last: float | None
    dimension_for_epsilon: float | None  # for L_cl ≤ ε by the proof, with this net's own numbers
    c1: float | None  # p n²
    epsilon_proof: float | None
    epsilon_levy: float | None
    b5: str  # verdicts of the lemmas' claims
    b6: str
    b7: str
    b8: str
    b9: str
    hypotheses_hold: int
    hypotheses_fail: int
    hypotheses_undecided: int
    failing: str  # sources of hypotheses that fail
    conclusion: str  # L_cl ≤ ε
    verdict: str


Plan = tuple[int, Sequence[int], Sequence[int], Sequence[int], int]


def grid(plans: Iterable[Plan]) -> list[Key]:
    """Return the runs for (m, values of |I₋|, of n, of d, number of seeds), in the order of their
    keys.
    """
    return sorted(
        Key(m, minus, n, d, seed)
        for m, counts, widths, dimensions, seeds in plans
        for minus in counts
        for n in widths
        for d in dimensions
        for seed in range(seeds)
    )


PRESETS = {
    "tiny": grid([(12, (1,), (2, 4), (24, 200), 1)]),
    "quick": grid([(20, (1,), NEURONS, (20, 100, 1000, 10_000), 1)]),
    "two-core": grid(
        [
            (20, (1,), NEURONS, (20, 40, 100, 400, 2000, 10_000, 100_000), 2),
            (50, (1, 5, 15), NEURONS, (50, 100, 400, 2000, 10_000), 2),
            (100, (1,), NEURONS[:2], (100, 400, 2000, 10_000), 2),
        ]
    ),
}


def draw_sample(key: Key) -> SphereSample:
    """Return the sample of a run; its inputs are the same for every n and |I₋|."""
    return ends.draw_sample(key.m, key.d, key.minus, [ENTROPY, 1, key.m, key.d, key.seed])


def measure(key: Key) -> Row:
    """Do one run. Same key, same row (but for `seconds`)."""
    sample = draw_sample(key)
    words = [key.m, key.d, key.minus, key.n, key.seed]
    end = ends.train(sample, key.n, [ENTROPY, 2, *words], train_output=False)
    error = ends.measured(end.net, [ENTROPY, 3, *words])
    report = theorem_4_3(end.net, sample, epsilon=EPSILON, certificate=end.certificate, error=error)
    return Row(
        **vars(key),
        **ends.columns(end, sample, [ENTROPY, 3, *words]),
        log10_predicted=float(log10_predicted(key.m - key.minus, key.minus, key.d / key.m)),
        limit_bias_sum=(key.m - 2 * key.minus) / (key.m + 1),
        negative_biases=0 if end.net.b is None else int(np.sum(end.net.b < 0.0)),
        **{name: report.quantities.get(name) for name in QUANTITIES},
        **{name: _claim(report, name) for name in LEMMAS},
        **ends.verdicts(report),
    )


def _claim(report: StatementReport, name: str) -> str:
    """Return the verdict of a lemma's claim, UNDECIDED where it does not hold and the lemma does
    not apply.
    """
    return next((one.verdict.value for one in report.steps if one.source == LEMMAS[name]), "")


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that captions and documents quote."""
    good = [row for row in rows if row.interpolates]
    certified = where(good, kkt="HOLDS")
    return {
        **shares(rows),
        "interpolating_by_n": {
            f"n = {n}": f"{sum(row.interpolates for row in group)} of {len(group)}"
            for n, group in grouped(rows, "n").items()
        },
        **ends.count_verdicts(rows),
        "claims": {name: dict(Counter(getattr(row, name) for row in certified)) for name in LEMMAS},
        "by_sample": {
            f"m = {m}, |I-| = {minus}": _by_sample(group)
            for (m, minus), group in grouped(certified, "m", "minus").items()
        },
        "negative_biases": sum(row.negative_biases > 0 for row in certified),
        "asked_over_d": spread(row.dimension_b8 / row.d for row in good if row.dimension_b8),
        "enough": enough(certified),
        "spread_over_n": _over_n(certified),
        "proof_vacuous": sum(row.epsilon_proof == 1.0 for row in good),
        "levy_vacuous": sum(row.epsilon_levy == 1.0 for row in good),
    }


def _by_sample(rows: list[Row]) -> dict[str, Any]:
    return {
        "bias_sum": spread(row.bias_sum for row in rows),
        "bias_sum_at_most_quarter": sum(
            row.bias_sum <= 0.25 for row in rows if row.bias_sum is not None
        ),
        "four_n_lambda_plus": spread(
            4.0 * row.n * row.lambda_plus_low for row in rows if row.lambda_plus_low is not None
        ),
        "lambda_minus": spread(row.lambda_minus_high for row in rows),
        "fewest_active": spread(row.fewest_active for row in rows),
        "runs": len(rows),
    }


CLAIMS: dict[str, tuple[str, Callable[[Row], bool], Callable[[Row], float | None]]] = {
    "B.5": (r"$b_j\geq 0$", lambda row: row.negative_biases == 0, lambda row: row.dimension_b5),
    "B.7": (
        r"$\lambda_i\geq\frac{1}{4n}$ on $I_+$",
        lambda row: row.b7 == "HOLDS",
        lambda row: row.dimension_b7,
    ),
    "B.8": (
        r"$\lambda_i\leq\frac{10}{4}$ on $I_-$",
        lambda row: row.b8 == "HOLDS",
        lambda row: row.dimension_b8,
    ),
    "B.9": (r"$N(0)>\frac{1}{4}$", lambda row: row.b9 == "HOLDS", lambda row: row.dimension_b8),
    "4.3": (
        r"$L_{cl}\leq 0.01$",
        lambda row: row.conclusion == "HOLDS",
        lambda row: row.dimension_last,
    ),
}
"""What is claimed, whether it holds in a run, and the dimension that the paper's proof asks for."""


def enough(rows: list[Row]) -> dict[str, Any]:
    """Return, by sample and claim, the least dimension tested from which on it holds in every run,
    and what is asked.

    `holds_from` is None where it fails at the largest dimension.
    """
    found: dict[str, Any] = {}
    for (m, minus), group in grouped(rows, "m", "minus").items():
        for name, (_, holds, asked) in CLAIMS.items():
            by_dimension = grouped(group, "d")
            known = [value for value in map(asked, group) if value is not None]
            found[f"m = {m}, |I-| = {minus}, {name}"] = {
                "holds_from": holds_from(
                    {d: all(map(holds, some)) for d, some in by_dimension.items()}
                ),
                "asked_least": min(known),
                "asked_most": max(known),
                "share": float(np.mean([holds(row) for row in group])),
            }
    return found


def _over_n(rows: list[Row]) -> dict[str, float] | None:
    """Return how far medians of log10 L_cl over seeds differ between values of n, on the same
    inputs.
    """
    gaps = []
    for group in grouped(rows, "m", "minus", "d").values():
        by_n = grouped([row for row in group if isfinite(row.log10_clean_error)], "n").values()
        medians = [columns.median(some, "log10_clean_error") for some in by_n]
        if len(medians) > 1:
            gaps.append((max(medians) - min(medians)) / max(1.0, -min(medians)))
    return spread(gaps)


def summary_table(found: dict[str, Any]) -> Table:
    """Return where claims hold and what they ask for, one line per sample and claim."""
    title = (
        f"{found['runs']} runs, {found['interpolating']} interpolate, {found['certified']} KKT"
        " points"
    )
    lines = []
    for name, one in found["enough"].items():
        start = "–" if one["holds_from"] is None else f"{one['holds_from']}"
        asked = f"{one['asked_least']:.2g} to {one['asked_most']:.2g}"
        lines.append((name, f"{one['share']:.0%}", start, asked))
    return frame.table(title, ("claim", "holds in", "from d =", "asks for d ≥"), lines)


def _cost(key: Key) -> float:
    return 0.5 + (1.5 if key.n == 2 else 0.0) + key.m * key.n / 800.0 + key.m * key.d / 2e6


def _warm_up() -> None:
    """Compile what `measure` needs, outside its clock."""
    measure(Key(8, 1, 4, 16, 0))


SCRIPT = Script(
    "theorem_4_3",
    "Theorem 4.3 on trained nets.",
    key=Key,
    row=Row,
    presets=PRESETS,
    measure=measure,
    warm_up=_warm_up,
    cost=_cost,
    findings=findings,
    table=summary_table,
    settings={"entropy": ENTROPY, **ends.SETTINGS, "epsilon": EPSILON},
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
