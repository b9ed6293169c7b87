"""The role of the bias, Section 4.2: bias-less nets beside nets with biases, on the same samples,
by width.

Every run trains a net, with biases or without, on a sample of the sphere or on orthonormal data,
and polishes the end to a KKT point of Problem (1). Propositions 4.4 and 4.5 are evaluated at every
bias-less end; the catastrophic KKT point of Proposition 4.6 stands beside them with its exact clean
error.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.role_of_bias --preset two-core --n-jobs 2 --write
"""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks import ends, frame
from benchmarks.columns import grouped
from benchmarks.ends import End, Ended, fitted_line, shares, spread
from benchmarks.script import Script
from benchmarks.theorem_4_1 import log10_predicted
from highdim import SphereSample
from highdim.optimum.optimum_bounds import optimum_bounds
from highdim.paper.catastrophic import orthonormal_clean_error
from highdim.paper.plane import width_two_clean_error
from highdim.paper.propositions import proposition_4_4, proposition_4_5

ENTROPY = 45  # first word of every seed
M = 20
WIDTHS = (2, 4, 16, 64, 256, 1000)
RATIOS = (1, 4, 16, 64)
SHOWN = 16  # d/m of the panel over widths
SHOWN_WIDTH = 64  # of the panel over d/m
VERDICTS = ("proposition_4_4", "proposition_4_5", "corrected_4_5")


@dataclass(frozen=True, order=True)
class Key:
    """What identifies a run."""

    data: str  # "sphere" or "orthonormal"
    m: int
    p: float  # share of labels −1
    ratio: int  # d/m
    width: int
    bias: bool
    seed: int


@dataclass(frozen=True)
class Sized(Key):
    """The sizes of a run."""

    d: int
    minus: int  # |I₋|


@dataclass(frozen=True, kw_only=True)
class Row(Ended, Sized):
    """One run; what is None is about bias-less nets that interpolate."""

    early_log10: float | None  # clean error at the flow time of the paper's protocol
    log10_predicted: float  # by the orthogonal limit, with biases
    # exact L_cl of Proposition 4.6's KKT point, for orthonormal data with these labels
    catastrophic: float
    printed_bound: float  # 2^−n
    lower: float  # certified lower bound of ‖θ*‖², without biases or with
    # exact L_cl of the shortest interpolating bias-less net of width two that is known
    width_two: float | None
    positive: int | None  # |J₊|, output weights > 0 of the KKT point
    off: float | None  # Pr[every neuron of J₊ is off]
    proposition_4_4: str  # verdicts
    proposition_4_5: str
    corrected_4_5: str  # of L_cl ≥ 2^−|J₊| for acute J₊


def grid(
    plans: Iterable[tuple[str, int, Sequence[float], Sequence[int], Sequence[int], int]],
) -> list[Key]:
    """Return the runs for (data, m, values of p, of d/m, of the width, number of seeds), with
    biases and without.
    """
    return sorted(
        Key(data, m, p, ratio, width, bias, seed)
        for data, m, levels, ratios, widths, seeds in plans
        for p in levels
        for ratio in ratios
        for width in widths
        for bias in (False, True)
        for seed in range(seeds)
    )


PRESETS = {
    "tiny": grid(
        [("sphere", 10, (0.2,), (4,), (2, 16), 1), ("orthonormal", 10, (0.2,), (4,), (16,), 1)]
    ),
    "quick": grid(
        [
            ("sphere", M, (0.1,), RATIOS, (2, 16, 64), 1),
            ("orthonormal", M, (0.1,), (16,), (2, 16, 64), 1),
        ]
    ),
    "two-core": grid(
        [
            ("sphere", M, (0.1, 0.2), RATIOS, WIDTHS[:5], 2),
            ("sphere", M, (0.1, 0.2), (SHOWN,), WIDTHS[5:], 2),
            ("orthonormal", M, (0.1, 0.2), (SHOWN,), WIDTHS[:5], 2),
        ]
    ),
}


def draw_sample(key: Key) -> SphereSample:
    """Return the sample of a run: the same for every width, with biases and without."""
    d = key.ratio * key.m
    minus = round(key.p * key.m)
    words = [ENTROPY, 1, key.m, d, key.seed]
    return ends.draw_sample(key.m, d, minus, words, orthonormal=key.data == "orthonormal")


def measure(key: Key) -> Row:
    """Do one run. Same key, same row (but for `seconds`)."""
    sample = draw_sample(key)
    minus = round(key.p * key.m)
    words = [key.m, sample.dimension, key.width, key.seed]
    end = ends.train(sample, key.width, [ENTROPY, 2, *words], bias=key.bias)
    bounds = optimum_bounds(sample, bias=key.bias)
    early = None if end.early is None else ends.measured(end.early, [ENTROPY, 3, *words])
    width_two = None
    if not key.bias and bounds.net is not None:
        width_two = width_two_clean_error(bounds.net).value
    return Row(
        **vars(key),
        d=sample.dimension,
        minus=minus,
        **ends.columns(end, sample, [ENTROPY, 3, *words]),
        early_log10=None if early is None else early.log10_value,
        log10_predicted=float(log10_predicted(key.m - minus, minus, key.ratio)),
        catastrophic=orthonormal_clean_error(key.m - minus, minus).value,
        printed_bound=0.5**key.width,
        lower=bounds.lower,
        width_two=width_two,
        **_propositions(end, sample, key.bias, [ENTROPY, 4, *words]),
    )


def _propositions(end: End, sample: SphereSample, bias: bool, seed: list[int]) -> dict[str, Any]:
    """Return the columns on Propositions 4.4 and 4.5; the latter is asked where the end was
    polished to few neurons.
    """
    rng = partial(np.random.default_rng, seed)
    fourth = proposition_4_4(end.net, sample, rng=rng()) if end.net.width == 2 else None
    fifth = None
    if not bias and end.point is not None:
        fifth = proposition_4_5(end.net, rng=rng())
    corrected = [] if fifth is None else [one for one in fifth.steps if one.form == "corrected"]
    return {
        "positive": None if fifth is None else int(fifth.quantities["positive"]),
        "off": None if fifth is None else fifth.quantities["orthant"],
        "proposition_4_4": "" if fourth is None else fourth.verdict.value,
        "proposition_4_5": "" if fifth is None else fifth.verdict.value,
        "corrected_4_5": corrected[-1].verdict.value if corrected else "",
    }


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that captions and documents quote."""
    halves = {
        "bias-less": [row for row in rows if not row.bias],
        "with bias": [row for row in rows if row.bias],
    }
    bare = [row for row in rows if bias_less_end(row)]
    return {
        **shares(rows),
        "bias_less": _half(halves["bias-less"]),
        "with_bias": _half(halves["with bias"]),
        "pairs": _pairs(rows),
        "catastrophic": {
            f"m+ = {m - minus}, m- = {minus}": group[0].catastrophic
            for (m, minus), group in grouped(rows, "m", "minus").items()
        },
        "slopes_in_ratio": _slopes(rows),
        **{
            name: dict(Counter(filter(None, (getattr(row, name) for row in rows))))
            for name in VERDICTS
        },
        "width_two": spread(row.width_two for row in rows),
        "norm_ratio": {
            name: spread(row.norm_squared / row.lower for row in half if row.norm_squared)
            for name, half in halves.items()
        },
        "distance": {name: spread(row.distance for row in half) for name, half in halves.items()},
        "two_neurons_left": sum(row.neurons == 2 for row in halves["bias-less"]),
        "above_catastrophic": sum(row.clean_error >= row.catastrophic for row in bare),
        "at_least_half": sum(row.clean_error >= 0.5 for row in bare),
        "early_below_p": sum(
            10.0**row.early_log10 < row.p for row in halves["bias-less"] if row.early_log10
        ),
        "below_p": sum(row.clean_error < row.p for row in bare),
    }


def early_error(row: Row) -> float | None:
    """Return the clean error at the flow time of the paper's protocol."""
    return None if row.early_log10 is None else 10.0**row.early_log10


def bias_less_end(row: Row) -> bool:
    """Whether a row is about a bias-less net that interpolates."""
    return row.interpolates and not row.bias


def _half(rows: list[Row]) -> dict[str, Any]:
    """Return shares, and the clean errors of interpolating runs, by data and width."""
    return {
        f"{data}, n = {width}": {
            "runs": len(group),
            "interpolating": sum(row.interpolates for row in group),
            "certified": sum(row.kkt == "HOLDS" for row in group),
            "clean_error": spread(row.clean_error for row in group if row.interpolates),
            "of_flow": spread(10.0**row.log10_of_flow for row in group if row.interpolates),
            "of_protocol": spread(map(early_error, group)),
        }
        for (data, width), group in grouped(rows, "data", "width").items()
    }


def _pairs(rows: list[Row]) -> dict[str, int]:
    """Compare the nets with biases and without that interpolate the same sample at the same
    width.
    """
    both = [
        {row.bias: row for row in group}
        for group in grouped(rows, "data", "m", "p", "ratio", "width", "seed").values()
        if len(group) == 2 and all(row.interpolates for row in group)
    ]
    worse = sum(pair[False].log10_clean_error > pair[True].log10_clean_error for pair in both)
    return {"pairs": len(both), "bias_less_worse": worse}


def _slopes(rows: list[Row]) -> dict[str, Any]:
    """Fit log10 L_cl = intercept + slope · d/m, with biases and without, over the widths of the
    figure's panel.
    """
    found: dict[str, Any] = {}
    for (p, bias), group in grouped(rows, "p", "bias").items():
        shown = [row for row in group if in_ratio_panel(row) and isfinite(row.log10_clean_error)]
        line = fitted_line([row.ratio for row in shown], [row.log10_clean_error for row in shown])
        found[f"p = {p:g}, {'with bias' if bias else 'bias-less'}"] = line and line._asdict()
    return found


def in_ratio_panel(row: Row) -> bool:
    """Whether a run is shown over d/m."""
    return row.data == "sphere" and row.width == SHOWN_WIDTH and row.interpolates


def summary_table(found: dict[str, Any]) -> Table:
    """Return clean errors by data and width, without biases and with."""
    title = (
        f"{found['runs']} runs, {found['interpolating']} interpolate; of"
        f" {found['pairs']['pairs']} pairs the bias-less net is worse in"
        f" {found['pairs']['bias_less_worse']}"
    )
    lines = [
        (name, *_cells(one), *_cells(found["with_bias"].get(name)))
        for name, one in found["bias_less"].items()
    ]
    error = "L_cl (median, range)"
    return frame.table(title, ("runs", "bias-less fit", error, "with biases fit", error), lines)


def _cells(half: dict[str, Any] | None) -> tuple[str, str]:
    if half is None:
        return "–", "–"
    error, words = half["clean_error"], "–"
    if error:
        words = f"{error['median']:.2g} ({error['least']:.2g} to {error['largest']:.2g})"
    return f"{half['interpolating']}/{half['runs']}", words


def _cost(key: Key) -> float:
    return 0.7 + (2.0 if key.width == 2 else 0.0) + key.width / 60.0


def _warm_up() -> None:
    """Compile what `measure` needs, outside its clock."""
    measure(Key("sphere", 8, 0.25, 2, 8, False, 0))


SCRIPT = Script(
    "role_of_bias",
    "Nets with biases and without, by width.",
    key=Key,
    row=Row,
    presets=PRESETS,
    measure=measure,
    warm_up=_warm_up,
    cost=_cost,
    findings=findings,
    table=summary_table,
    settings={"entropy": ENTROPY, **ends.SETTINGS},
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
