"""The role of the bias, Section 4.2: bias-less nets beside nets with biases, on the same samples,
by width.

Every run trains a net, with biases or without, on a sample of the sphere or on orthonormal data,
and polishes the end to a KKT point of Problem (1). Propositions 4.4 and 4.5 are evaluated at every
bias-less end; the catastrophic KKT point of Proposition 4.6 stands beside them with its exact clean
error.

The committed table and figure come from (root of the repository; a rerun does what is missing)

    python -m benchmarks.role_of_bias --preset two-core --n-jobs 2
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.table import Table

from benchmarks import ends, frame, style
from benchmarks.ends import End, Ended, fitted_line, shares, spread
from benchmarks.frame import Script, grouped
from benchmarks.style import ACCENT, DASHED, DOTTED, draw_medians, mark
from benchmarks.theorem_4_1 import log10_predicted
from highdim import SphereSample
from highdim.optimum.optimum_bounds import optimum_bounds
from highdim.paper.catastrophic import orthonormal_clean_error
from highdim.paper.propositions import proposition_4_4, proposition_4_5, width_two_clean_error
from univariate.report.figures.axes import POSITIVE, PURPLE

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
    d, minus = key.ratio * key.m, round(key.p * key.m)
    words = [ENTROPY, 1, key.m, d, key.seed]
    return ends.draw_sample(key.m, d, minus, words, orthonormal=key.data == "orthonormal")


def measure(key: Key) -> Row:
    """Do one run. Same key, same row (but for `seconds`)."""
    sample, minus = draw_sample(key), round(key.p * key.m)
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
    bare = [row for row in rows if _bias_less_end(row)]
    return {
        **shares(rows),
        "bias_less": _half(halves["bias-less"]),
        "with_bias": _half(halves["with bias"]),
        "pairs": _pairs(rows),
        "catastrophic": {
            f"m+ = {m - minus}, m- = {minus}": group[0].catastrophic
            for (m, minus), group in grouped(rows, lambda row: (row.m, row.minus)).items()
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


def _bias_less_end(row: Row) -> bool:
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
            "of_protocol": spread(map(_early, group)),
        }
        for (data, width), group in grouped(rows, lambda row: (row.data, row.width)).items()
    }


def _pairs(rows: list[Row]) -> dict[str, int]:
    """Compare the nets with biases and without that interpolate the same sample at the same
    width.
    """
    both = [
        {row.bias: row for row in group}
        for group in grouped(
            rows, lambda row: (row.data, row.m, row.p, row.ratio, row.width, row.seed)
        ).values()
        if len(group) == 2 and all(row.interpolates for row in group)
    ]
    worse = sum(pair[False].log10_clean_error > pair[True].log10_clean_error for pair in both)
    return {"pairs": len(both), "bias_less_worse": worse}


def _slopes(rows: list[Row]) -> dict[str, Any]:
    """Fit log10 L_cl = intercept + slope · d/m, with biases and without, over the widths of the
    figure's panel.
    """
    found: dict[str, Any] = {}
    for (p, bias), group in grouped(rows, lambda row: (row.p, row.bias)).items():
        shown = [row for row in group if _in_ratio_panel(row) and isfinite(row.log10_clean_error)]
        line = fitted_line([row.ratio for row in shown], [row.log10_clean_error for row in shown])
        found[f"p = {p:g}, {'with bias' if bias else 'bias-less'}"] = line and line._asdict()
    return found


def _in_ratio_panel(row: Row) -> bool:
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


BIASED, BIASLESS, ORTHONORMAL = POSITIVE, ACCENT, PURPLE


def draw(rows: list[Row]) -> Figure:
    """Clean error over width, over d/m, and closely for the bias-less nets."""
    margins = {"left": 0.06, "right": 0.99, "top": 0.855, "bottom": 0.27, "wspace": 0.24}
    with style.page(
        (12.6, 5.6), _title(rows), _caption(rows), heights=(0.937, 0.025), **margins
    ) as figure:
        axes = figure.subplots(1, 3)
        _draw_widths(axes[0], rows)
        _draw_ratios(axes[1], rows)
        _draw_closely(axes[2], rows)
    return figure


def _ticks_of_width(axes: Axes, rows: list[Row]) -> None:
    widths = sorted({row.width for row in rows})
    axes.set(xscale="log", xlabel="width $n$", xlim=(0.65 * widths[0], 1.5 * widths[-1]))
    axes.set_xticks(widths, [str(width) for width in widths])
    axes.minorticks_off()


def _draw_widths(axes: Axes, rows: list[Row]) -> None:
    """Log10 of the clean error over width, at one p and d/m, every run."""
    p = min(row.p for row in rows)
    ratio = SHOWN if any(row.ratio == SHOWN for row in rows) else max(row.ratio for row in rows)
    mine = [row for row in rows if row.data == "sphere" and row.p == p and row.ratio == ratio]
    least = min((row.log10_clean_error for row in mine if row.interpolates), default=-6.0)
    floor = 10.0 ** (least - 3.0)
    for bias, colour in ((True, BIASED), (False, BIASLESS)):
        some = [row for row in mine if row.bias is bias]
        _scatter(axes, some, colour, floor=1.6 * floor)
        _draw_widthwise(axes, some, _error, color=colour)
    _draw_printed_bound(axes)
    axes.text(13.5, 10**-3.6, "$2^{-n}$", color="0.4", ha="left")
    axes.set(yscale="log", ylim=(floor, 2.5), ylabel="clean error $L_{cl}$ (below: at the edge)")
    _reference(axes, 0.5, "½", DOTTED, 0.53, "bottom")
    _reference(axes, p, f"$p={p:g}$", "-", 0.9 * p, "top")
    _ticks_of_width(axes, mine)
    handles = [
        mark("bias-less", BIASLESS, ls="-", marker="o", ms=4.5, lw=1.3),
        mark("with biases", BIASED, ls="-", marker="o", ms=4.5, lw=1.3),
        mark("does not interpolate", marker="o", ms=4.5, mfc="none"),
    ]
    axes.legend(
        handles=handles, frameon=False, loc="center right", fontsize=8.6, bbox_to_anchor=(1.0, 0.6)
    )
    axes.set_title(f"Same samples, $d={ratio}m$, $p={p:g}$")


def _reference(axes: Axes, y: float, name: str, ls: Any, at: float, va: str) -> None:
    """Draw a grey line, and name it at its right end."""
    axes.axhline(y, color="0.5", lw=1.0, ls=ls, zorder=1)
    across = axes.get_yaxis_transform()
    axes.text(1.0, at, name, color="0.4", transform=across, ha="right", va=va, fontsize=8.6)


def _draw_printed_bound(axes: Axes) -> None:
    n = np.geomspace(2.0, 30.0, 60)
    axes.plot(n, 0.5**n, color="0.5", lw=1.1, ls=DASHED, zorder=1)


def _draw_widthwise(
    axes: Axes, rows: list[Row], value: Callable[[Row], float | None], **look: Any
) -> None:
    """Draw medians over the runs that interpolate, by width."""
    fitting = (row for row in rows if row.interpolates)
    draw_medians(axes, fitting, lambda row: row.width, value, zorder=2, **look)


def _error(row: Row) -> float | None:
    return row.clean_error if row.clean_error > 0.0 else None


def _scatter(
    axes: Axes, rows: list[Row], colour: str, *, floor: float = 0.0, marker: str = "o"
) -> None:
    """Draw every run; clean errors below `floor` at it."""
    for row in rows:
        look = {"fc": colour, "ec": "white", "lw": 0.5}
        if not row.interpolates:
            look = {"fc": "none", "ec": colour, "lw": 0.9}
        at = row.width * (0.95, 1.05)[row.seed % 2]
        axes.scatter(at, max(row.clean_error, floor), s=18.0, marker=marker, zorder=3, **look)


def _draw_ratios(axes: Axes, rows: list[Row]) -> None:
    """Log10 of the clean error over d/m: with biases it falls, without it does not."""
    mine = [row for row in rows if _in_ratio_panel(row)] or [
        row for row in rows if row.data == "sphere"
    ]
    for p, dashes in zip(sorted({row.p for row in mine}), ("-", DASHED), strict=False):
        for bias, colour in ((True, BIASED), (False, BIASLESS)):
            some = [row for row in mine if row.p == p and row.bias is bias]
            name = "with biases" if bias else "bias-less"
            look = {"color": colour, "band": 0.15, "ls": dashes, "marker": "o", "ms": 4.0}
            look["label"] = f"{name}, $p={p:g}$"
            draw_medians(
                axes, some, lambda row: row.ratio, lambda row: row.log10_clean_error, **look
            )
    least = min(
        (row.log10_clean_error for row in mine if isfinite(row.log10_clean_error)), default=-1.0
    )
    step = next(step for bound, step in ((-20, 10), (-8, 5), (np.inf, 1)) if least < bound)
    ticks = range(0, int(least) - step, -step)
    axes.set(
        xscale="log",
        xlabel="$d/m$",
        ylabel="clean error $L_{cl}$",
        ylim=(1.06 * least, 0.03 * -least),
    )
    ratios = sorted({row.ratio for row in mine})
    axes.set_xticks(ratios, [str(ratio) for ratio in ratios])
    shown = [tick for tick in ticks if tick >= 1.06 * least]
    axes.set_yticks(shown, ["1" if tick == 0 else f"$10^{{{tick}}}$" for tick in shown])
    axes.minorticks_off()
    axes.legend(frameon=False, loc="lower left", fontsize=8.6)
    width = mine[0].width if mine else SHOWN_WIDTH
    axes.set_title(f"The dimension helps only biases, $n={width}$")


def _draw_closely(axes: Axes, rows: list[Row]) -> None:
    """The bias-less nets alone, linear."""
    p = min(row.p for row in rows)
    mine = [row for row in rows if row.p == p and not row.bias]
    styles = {"sphere": (BIASLESS, "o"), "orthonormal": (ORTHONORMAL, "s")}
    for data, (colour, marker) in styles.items():
        some = [row for row in mine if row.data == data]
        _scatter(axes, some, colour, marker=marker)
        _draw_widthwise(axes, some, lambda row: row.clean_error, color=colour)
    flows: tuple[tuple[str, Any, Callable[[Row], float | None]], ...] = (
        ("flow, all margins 100", (0, (3, 1, 1, 1)), lambda row: 10.0**row.log10_of_flow),
        ("flow, protocol's time", (0, (1, 1.2)), _early),
    )
    for _, dashes, value in flows:
        _draw_widthwise(axes, mine, value, color="0.25", lw=1.2, ls=dashes)
    exact = mine[0].catastrophic
    two = [row.width_two for row in mine if row.width_two is not None and row.data == "sphere"]
    axes.scatter([2.0] * len(two), two, s=22, marker="D", fc="0.55", ec="white", lw=0.5, zorder=3)
    _draw_printed_bound(axes)
    _reference(axes, 0.5, "½", DOTTED, 0.506, "baseline")
    _reference(axes, p, f"$p={p:g}$", "-", p + 0.006, "baseline")
    axes.scatter([mine[0].minus + 1], [exact], s=130, marker="*", color="0.1", zorder=4)
    _ticks_of_width(axes, mine)
    axes.set(ylim=(0.0, 0.82), ylabel="clean error $L_{cl}$")
    handles = [
        mark("KKT, sphere, all $d$", BIASLESS, ls="-", marker="o", ms=4.5, lw=1.3),
        mark("KKT, orthonormal", ORTHONORMAL, ls="-", marker="s", ms=4.5, lw=1.3),
        *(mark(label, "0.25", ls=dashes, lw=1.2) for label, dashes, _ in flows),
        mark(f"Prop. 4.6: {exact:.3f}", "0.1", marker="*", ms=10),
        mark("built, width 2", "0.55", marker="D", ms=4.5),
        mark("$2^{-n}$, Prop. 4.5", "0.5", ls=DASHED, lw=1.1),
    ]
    look: dict[str, Any] = {
        "frameon": False,
        "fontsize": 8.0,
        "ncols": 2,
        "columnspacing": 0.9,
        "handlelength": 1.6,
    }
    axes.legend(handles=handles, loc="upper right", borderaxespad=0.0, **look)
    axes.set_title(f"Bias-less nets, $p={p:g}$")


def _early(row: Row) -> float | None:
    return None if row.early_log10 is None else 10.0**row.early_log10


def _title(rows: list[Row]) -> str:
    pairs = findings(rows)["pairs"]
    return (
        "Without biases KKT points do not overfit benignly: worse than with biases in"
        f" {pairs['bias_less_worse']} of {pairs['pairs']} pairs"
    )


def _caption(rows: list[Row]) -> str:
    found = findings(rows)
    ends_ = [row for row in rows if _bias_less_end(row)]
    nothing = {"least": float("nan"), "largest": float("nan")}
    error = spread(row.clean_error for row in ends_) or nothing
    flow = spread(10.0**row.log10_of_flow for row in ends_) or error
    early = spread(map(_early, ends_)) or error
    narrow = [row for row in rows if not row.bias and row.width == 2]
    return (
        f"{found['runs']} runs, {found['interpolating']} interpolate from one of up to"
        f" {ends.STARTS} starts (bias-less of width 2: {sum(row.interpolates for row in narrow)} of"
        f" {len(narrow)}); {found['certified']} ends are certified KKT points, the others ends of"
        f" the flow.\nKKT points of bias-less nets: $L_{{cl}}$ from {error['least']:.2f} to"
        f" {error['largest']:.2f}, {found['at_least_half']} of {len(ends_)} at ½ or more,"
        f" {found['below_p']} below $p$; where the flow ends {flow['least']:.2f} to"
        f" {flow['largest']:.2f}, at the protocol's time {early['least']:.2g} to"
        f" {early['largest']:.2f}; zeros of $N$ count as errors.\nProposition 4.4 HOLDS for"
        f" {found['proposition_4_4'].get('HOLDS', 0)} nets, FAILS for"
        f" {found['proposition_4_4'].get('FAILS', 0)}; 4.5 as printed HOLDS for"
        f" {found['proposition_4_5'].get('HOLDS', 0)}, FAILS for"
        f" {found['proposition_4_5'].get('FAILS', 0)}.\nClean errors to {ends.PRECISION:.0%}, with"
        f" 95 % intervals; flow until every margin is {ends.MARGIN:g};"
        f" {found['core_seconds'] / 60.0:.0f} minutes of runs on a busy machine."
    )


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
    draw=draw,
    table=summary_table,
    settings={"entropy": ENTROPY, **ends.SETTINGS},
)

if __name__ == "__main__":
    sys.exit(SCRIPT.main())
