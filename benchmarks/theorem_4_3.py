"""Theorem 4.3 on trained nets with fixed outputs ±1: what its lemmas claim, and the dimensions they
ask for.

Every run trains the input weights and biases of n neurons, half of them with output +1 and half
with −1, polishes the end to a KKT point of Problem (1) for fixed outputs, and evaluates every lemma
of the proof with its multipliers.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.theorem_4_3 --preset two-core --n-jobs 2
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.table import Table

from benchmarks import ends, frame, style
from benchmarks.ends import Ended, shares, spread
from benchmarks.frame import Script, grouped, holds_from
from benchmarks.style import ACCENT, DASHED, draw_medians, mark
from benchmarks.theorem_4_1 import log10_predicted
from highdim import SphereSample
from highdim.paper.theorem_4_3 import theorem_4_3
from highdim.problem.statement import StatementReport
from univariate.report.figures.axes import AZURE, GREEN, ORANGE, POSITIVE, PURPLE

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
    certified = [row for row in good if row.kkt == "HOLDS"]
    return {
        **shares(rows),
        "interpolating_by_n": {
            f"n = {n}": f"{sum(row.interpolates for row in group)} of {len(group)}"
            for n, group in grouped(rows, lambda row: row.n).items()
        },
        **ends.count_verdicts(rows),
        "claims": {name: dict(Counter(getattr(row, name) for row in certified)) for name in LEMMAS},
        "by_sample": {
            f"m = {m}, |I-| = {minus}": _by_sample(group)
            for (m, minus), group in grouped(certified, lambda row: (row.m, row.minus)).items()
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
    for (m, minus), group in grouped(rows, lambda row: (row.m, row.minus)).items():
        for name, (_, holds, asked) in CLAIMS.items():
            by_dimension = grouped(group, lambda row: row.d)
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
    for group in grouped(rows, lambda row: (row.m, row.minus, row.d)).values():
        by_n = grouped(
            [row for row in group if isfinite(row.log10_clean_error)], lambda row: row.n
        ).values()
        medians = [float(np.median([row.log10_clean_error for row in some])) for some in by_n]
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


COLOURS = {2: POSITIVE, 4: AZURE, 8: ORANGE, 16: PURPLE}
SAMPLE_COLOURS = (POSITIVE, GREEN, ORANGE, ACCENT, PURPLE)
MARKERS = "osD^v"


def draw(rows: list[Row]) -> Figure:
    """N(0), multipliers, clean error against d, and the dimensions that claims ask for."""
    margins = {"left": 0.075, "right": 0.985, "top": 0.905, "bottom": 0.145}
    margins |= {"wspace": 0.2, "hspace": 0.33}
    with style.page(
        (11.4, 9.4), _title(rows), _caption(rows), heights=(0.957, 0.02), **margins
    ) as figure:
        axes = figure.subplots(2, 2)
        certified = [row for row in rows if row.kkt == "HOLDS"]
        _draw_bias_sums(axes[0, 0], certified)
        _draw_multipliers(axes[0, 1], certified)
        _draw_errors(axes[1, 0], rows)
        _draw_dimensions(axes[1, 1], certified)
        place = axes[1, 1].get_position()
        # room for the claims
        place = (place.x0 + 0.058, place.y0, place.width - 0.058, place.height)
        axes[1, 1].set_position(place)
    return figure


def _samples(rows: list[Row]) -> dict[tuple[int, int], tuple[str, str, str]]:
    """Return colour, marker and label of every sample kind."""
    kinds = sorted({(row.m, row.minus) for row in rows})
    styles = zip(kinds, SAMPLE_COLOURS, MARKERS, strict=False)
    return {
        one: (colour, marker, f"$m={one[0]}$, $|I_-|={one[1]}$") for one, colour, marker in styles
    }


def _draw_bias_sums(axes: Axes, rows: list[Row]) -> None:
    for sample, (colour, marker, label) in _samples(rows).items():
        mine = [row for row in rows if (row.m, row.minus) == sample]
        look = {"color": colour, "band": 0.15, "marker": marker, "ms": 4.0, "label": label}
        draw_medians(axes, mine, lambda row: row.d, lambda row: row.bias_sum, **look)
    style.level(axes, 0.25, "¼, Lemma B.9")
    axes.set(
        xscale="log",
        xlabel="dimension $d$",
        ylabel=r"$N(0)=\sum_j v_j\sigma(b_j)$",
        ylim=(0.0, 1.75),
    )
    axes.legend(frameon=False, loc="upper right", fontsize=8.6, ncols=2)
    axes.set_title("Bias sum of KKT points (median and range over $n$ and seeds)")


def _draw_multipliers(axes: Axes, rows: list[Row]) -> None:
    for n, colour in COLOURS.items():
        mine = [row for row in rows if row.n == n]
        if not mine:
            continue
        shift = 1.0 + 0.05 * (list(COLOURS).index(n) - 1.5)
        for value, marker in ((_scaled_plus, "^"), (_scaled_minus, "v")):
            known = [(row.d * shift, value(row)) for row in mine]
            shown = [(at, one) for at, one in known if one is not None and one > 0.0]
            look: dict[str, Any] = {"s": 15, "marker": marker, "color": colour, "ec": "white"}
            axes.scatter(*zip(*shown, strict=True), lw=0.3, zorder=3, **look)
    axes.axhline(1.0, color=ACCENT, lw=1.2, zorder=1)
    handles = [
        mark(r"$4n\,\min_{I_+}\lambda_i$ (B.7: $\geq 1$)", "0.3", marker="^", ms=5),
        mark(r"$\frac{4}{10}\max_{I_-}\lambda_i$ (B.8: $\leq 1$)", "0.3", marker="v", ms=5),
        *(mark(f"$n={n}$", colour, marker="o", ms=5) for n, colour in COLOURS.items()),
    ]
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="dimension $d$",
        ylabel="multiplier over the bound of its lemma",
    )
    low, high = axes.get_ylim()
    axes.set_ylim(low, high * (high / low) ** 0.28)
    look = {"frameon": False, "fontsize": 8.6, "ncols": 3, "columnspacing": 1.0}
    axes.legend(handles=handles, loc="upper left", handletextpad=0.2, **look)
    axes.set_title("Multipliers of KKT points (every run; zeros not shown)")


def _scaled_plus(row: Row) -> float | None:
    return None if row.lambda_plus_low is None else 4.0 * row.n * row.lambda_plus_low


def _scaled_minus(row: Row) -> float | None:
    return None if row.lambda_minus_high is None else row.lambda_minus_high / 2.5


def _draw_errors(axes: Axes, rows: list[Row]) -> None:
    sizes = dict(zip(NEURONS, (10.0, 17.0, 26.0, 38.0), strict=True))
    for sample, (colour, marker, _) in _samples(rows).items():
        mine = [
            row for row in rows if (row.m, row.minus) == sample and isfinite(row.log10_clean_error)
        ]
        for row in mine:
            look = {"fc": colour, "ec": "white", "lw": 0.4, "zorder": 3}
            if not row.interpolates:
                look = {"fc": "none", "ec": colour, "lw": 0.8, "zorder": 2}
            look |= {"s": sizes.get(row.n, 17.0), "marker": marker}
            axes.scatter(row.d, -row.log10_clean_error, **look)
        good = [row for row in mine if row.interpolates]
        if good:
            d = np.geomspace(min(row.d for row in good), max(row.d for row in good), 100)
            predicted = -log10_predicted(sample[0] - sample[1], sample[1], d / sample[0])
            axes.plot(d, predicted, color=colour, lw=1.0, ls=DASHED, zorder=1)
    finite = (
        -row.log10_clean_error
        for row in rows
        if row.interpolates and isfinite(row.log10_clean_error)
    )
    style.falling(axes, 2.0 * max(1.0, *finite), "dimension $d$")
    style.level(axes, 2.0, r"$\varepsilon=0.01$")
    handles = [
        mark("orthogonal limit, trained outputs", ls=DASHED, lw=1.0),
        *(mark(f"$n={n}$", marker="o", ms=size**0.5, mec="white") for n, size in sizes.items()),
        mark("does not interpolate", marker="o", mfc="none", ms=4.5),
    ]
    axes.legend(handles=handles, frameon=False, loc="lower left", fontsize=8.6)
    axes.set_title("Clean error (double logarithmic), colours as above")


def _draw_dimensions(axes: Axes, rows: list[Row]) -> None:
    """For every claim and sample, the dimension from which on it holds, and the range asked for
    over n.
    """
    found, samples = enough(rows), _samples(rows)
    largest = {
        sample: max(row.d for row in rows if (row.m, row.minus) == sample) for sample in samples
    }
    for k, name in enumerate(CLAIMS):
        for j, (sample, (colour, marker, _)) in enumerate(samples.items()):
            one = found[f"m = {sample[0]}, |I-| = {sample[1]}, {name}"]
            y = -k + 0.13 * (0.5 * (len(samples) - 1) - j)
            asked = [one["asked_least"], one["asked_most"]]
            bar = {"lw": 2.6, "marker": "|", "ms": 4.0, "mew": 2.0, "solid_capstyle": "butt"}
            axes.plot(asked, [y, y], color=colour, **bar)
            look: dict[str, Any] = {"marker": marker, "fc": colour}
            at = one["holds_from"]
            if at is None:
                at, look = largest[sample], {"marker": ">", "fc": "white"}
            axes.scatter(at, y, s=20, ec=colour, lw=0.8, zorder=3, **look)
    axes.set_yticks(
        [-k for k in range(len(CLAIMS))], [f"{name}: {claim[0]}" for name, claim in CLAIMS.items()]
    )
    axes.tick_params(axis="y", length=0)
    axes.set(xscale="log", xlabel="dimension $d$", ylim=(0.5 - len(CLAIMS), 0.85))
    handles = [
        mark("holds from here on", "0.3", marker="o", ms=4.5),
        mark("not up to here", "0.3", marker=">", ms=4.5, mfc="white"),
        mark("asked for, by $n$", "0.3", ls="-", lw=2.6),
    ]
    look = {"frameon": False, "fontsize": 8.6, "ncols": 3, "columnspacing": 1.0}
    axes.legend(handles=handles, loc="upper center", **look)
    axes.set_title("Dimensions: found and asked for")


def _title(rows: list[Row]) -> str:
    good = [row for row in rows if row.kkt == "HOLDS"]
    above = sum(row.b9 == "HOLDS" for row in good)
    return (
        f"Theorem 4.3: $N(0)>¼$ at {above} of {len(good)} KKT points, in dimensions far below those"
        " asked for"
    )


def _caption(rows: list[Row]) -> str:
    found = findings(rows)
    asked = found["asked_over_d"] or {"least": float("nan"), "largest": float("nan")}
    claims = found["claims"]
    holds = ", ".join(f"{LEMMAS[name][6:]} {claims[name].get('HOLDS', 0)}" for name in LEMMAS)
    accuracy = found["largest_accuracy"] or 0.0
    return (
        f"{found['runs']} runs, {found['interpolating']} interpolate ({found['first_start']} from"
        f" the first of up to {ends.STARTS} starts); {found['certified']} ends polished to KKT"
        f" points, certified to {accuracy:.0e}.\nClaims that hold there: {holds} (B.7 and B.8 are"
        f" claimed only if $N(0)\\leq¼$); {found['negative_biases']} of {found['certified']} have a"
        f" $b_j<0$.\nLemma B.9 asks for {_power(asked['least'])} to {_power(asked['largest'])}"
        " times the dimension of the run.  Theorem 4.3 applies to"
        f" {found['verdicts'].get('HOLDS', 0)} runs.\nInputs do not depend on $n$ and $|I_-|$; flow"
        f" until every margin is {ends.MARGIN:g}; {found['core_seconds'] / 60.0:.0f} minutes of"
        " runs on a busy machine."
    )


def _power(number: float) -> str:
    return f"$10^{{{np.log10(number):.0f}}}$"


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
    draw=draw,
    table=summary_table,
    settings={"entropy": ENTROPY, **ends.SETTINGS, "epsilon": EPSILON},
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
