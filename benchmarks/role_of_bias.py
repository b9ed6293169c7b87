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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from time import perf_counter
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from rich import box
from rich.table import Table

from benchmarks import ends, runs
from benchmarks.ends import End, Ended, fitted_line, median_line, shares, spread
from benchmarks.runs import grouped
from benchmarks.style import ACCENT, GREY, STYLE
from benchmarks.theorem_4_1 import log10_predicted
from highdim import SphereSample
from highdim.optimum.optimum_bounds import optimum_bounds
from highdim.paper.catastrophic import orthonormal_clean_error
from highdim.paper.plane import width_two_clean_error
from highdim.paper.propositions import proposition_4_4, proposition_4_5

SCHEMA = "benchmarks.role_of_bias/1"
ENTROPY = 45  # first word of every seed
M = 20
WIDTHS = (2, 4, 16, 64, 256, 1000)
RATIOS = (1, 4, 16, 64)
SHOWN = 16  # d/m of the panel over widths
SHOWN_WIDTH = 64  # of the panel over d/m
DATA = ("sphere", "orthonormal")


class Key(NamedTuple):
    """What identifies a run."""

    data: str
    m: int
    p: float
    ratio: int  # d/m
    width: int
    bias: bool
    seed: int


@dataclass(frozen=True)
class _Named(runs.Row):
    data: str  # "sphere" or "orthonormal"
    m: int
    p: float  # share of labels −1
    ratio: int
    width: int
    bias: bool
    seed: int
    d: int
    minus: int  # |I₋|

    @property
    def key(self) -> Key:
        """The run this row belongs to."""
        return Key(self.data, self.m, self.p, self.ratio, self.width, self.bias, self.seed)


@dataclass(frozen=True)
class Row(Ended, _Named):
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
    begin, sample, minus = perf_counter(), draw_sample(key), round(key.p * key.m)
    words = [key.m, sample.dimension, key.width, key.seed]
    end = ends.train(sample, key.width, [ENTROPY, 2, *words], bias=key.bias)
    bounds = optimum_bounds(sample, bias=key.bias)
    return Row(
        *key,
        d=sample.dimension,
        minus=minus,
        **ends.columns(end, sample, [ENTROPY, 3, *words]),
        early_log10=(
            None
            if end.early is None
            else ends.measured(end.early, [ENTROPY, 3, *words]).log10_value
        ),
        log10_predicted=float(log10_predicted(key.m - minus, minus, key.ratio)),
        catastrophic=orthonormal_clean_error(key.m - minus, minus).value,
        printed_bound=0.5**key.width,
        lower=bounds.lower,
        width_two=(
            None if key.bias or bounds.net is None else width_two_clean_error(bounds.net).value
        ),
        **_propositions(end, sample, key.bias, [ENTROPY, 4, *words]),
        seconds=perf_counter() - begin,
    )


def _propositions(end: End, sample: SphereSample, bias: bool, seed: list[int]) -> dict[str, Any]:
    """Return the columns on Propositions 4.4 and 4.5; the latter is asked where the end was
    polished to few neurons.
    """
    fourth = (
        proposition_4_4(end.net, sample, rng=np.random.default_rng(seed))
        if end.net.width == 2
        else None
    )
    fifth = None
    if not bias and end.point is not None:
        fifth = proposition_4_5(end.net, rng=np.random.default_rng(seed))
    corrected = [] if fifth is None else [one for one in fifth.steps if one.form == "corrected"]
    return {
        "positive": None if fifth is None else int(fifth.quantities["positive"]),
        "off": None if fifth is None else fifth.quantities["orthant"],
        "proposition_4_4": "" if fourth is None else fourth.verdict.value,
        "proposition_4_5": "" if fifth is None else fifth.verdict.value,
        "corrected_4_5": corrected[-1].verdict.value if corrected else "",
    }


def kind() -> runs.Runs[Key, Row]:
    """Return the runs of this table."""
    return runs.Runs("role_of_bias", ends.settings(SCHEMA, ENTROPY), Row, measure, _cost, _warm_up)


def findings(rows: list[Row]) -> dict[str, Any]:
    """Return the numbers that captions and documents quote."""
    return {
        **shares(rows),
        "bias_less": _half([row for row in rows if not row.bias]),
        "with_bias": _half([row for row in rows if row.bias]),
        "pairs": _pairs(rows),
        "catastrophic": {
            f"m+ = {m - minus}, m- = {minus}": group[0].catastrophic
            for (m, minus), group in grouped(rows, lambda row: (row.m, row.minus)).items()
        },
        "slopes_in_ratio": _slopes(rows),
        "proposition_4_4": ends.count(row.proposition_4_4 for row in rows if row.proposition_4_4),
        "proposition_4_5": ends.count(row.proposition_4_5 for row in rows if row.proposition_4_5),
        "corrected_4_5": ends.count(row.corrected_4_5 for row in rows if row.corrected_4_5),
        "width_two": spread(row.width_two for row in rows),
        "norm_ratio": {
            name: spread(
                row.norm_squared / row.lower
                for row in rows
                if row.bias is bias and row.norm_squared
            )
            for name, bias in (("bias-less", False), ("with bias", True))
        },
        "distance": {
            name: spread(row.distance for row in rows if row.bias is bias)
            for name, bias in (("bias-less", False), ("with bias", True))
        },
        "two_neurons_left": sum(row.neurons == 2 for row in rows if not row.bias),
        "above_catastrophic": sum(
            row.clean_error >= row.catastrophic for row in rows if _bias_less_end(row)
        ),
        "at_least_half": sum(row.clean_error >= 0.5 for row in rows if _bias_less_end(row)),
        "early_below_p": sum(
            10.0**row.early_log10 < row.p for row in rows if not row.bias and row.early_log10
        ),
        "below_p": sum(row.clean_error < row.p for row in rows if _bias_less_end(row)),
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
            "of_protocol": spread(
                10.0**row.early_log10 for row in group if row.early_log10 is not None
            ),
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
    table = Table(
        title=(
            f"{found['runs']} runs, {found['interpolating']} interpolate; of"
            f" {found['pairs']['pairs']} pairs the bias-less net is worse in"
            f" {found['pairs']['bias_less_worse']}"
        ),
        box=box.SIMPLE,
    )
    for name in (
        "runs",
        "bias-less fit",
        "L_cl (median, range)",
        "with biases fit",
        "L_cl (median, range)",
    ):
        table.add_column(name, justify="left" if name == "runs" else "right")
    for name, one in found["bias_less"].items():
        cells = []
        for half in (one, found["with_bias"].get(name)):
            error = half and half["clean_error"]
            fit = f"{half['interpolating']}/{half['runs']}" if half else "–"
            cells += [
                fit,
                (
                    f"{error['median']:.2g} ({error['least']:.2g} to {error['largest']:.2g})"
                    if error
                    else "–"
                ),
            ]
        table.add_row(name, *cells)
    return table


BIASED, BIASLESS, ORTHONORMAL = "#0072B2", ACCENT, "#CC79A7"


def draw(rows: list[Row]) -> Figure:
    """Clean error over width, over d/m, and closely for the bias-less nets."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(12.6, 5.6))
        axes = figure.subplots(1, 3)
        figure.subplots_adjust(left=0.06, right=0.99, top=0.855, bottom=0.27, wspace=0.24)
        _draw_widths(axes[0], rows)
        _draw_ratios(axes[1], rows)
        _draw_closely(axes[2], rows)
        figure.text(0.06, 0.937, _title(rows), fontsize=12.5, fontweight="bold", ha="left")
        figure.text(
            0.06,
            0.025,
            _caption(rows),
            fontsize=8.6,
            color=GREY,
            ha="left",
            va="bottom",
            linespacing=1.45,
        )
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
        x, y = median_line([row for row in some if row.interpolates], lambda row: row.width, _error)
        axes.plot(x, y[:, 1], color=colour, lw=1.3, zorder=2)
    n = np.geomspace(2.0, 30.0, 60)
    axes.plot(n, 0.5**n, color="0.5", lw=1.1, ls=(0, (4, 2)), zorder=1)
    axes.text(13.5, 10**-3.6, "$2^{-n}$", color="0.4", ha="left")
    axes.axhline(0.5, color="0.5", lw=1.0, ls=(0, (1, 1.5)), zorder=1)
    axes.axhline(p, color="0.5", lw=1.0, zorder=1)
    axes.set(yscale="log", ylim=(floor, 2.5), ylabel="clean error $L_{cl}$ (below: at the edge)")
    across = axes.get_yaxis_transform()
    axes.text(1.0, 0.53, "½", color="0.4", transform=across, ha="right", va="bottom", fontsize=8.6)
    axes.text(
        1.0,
        p * 0.9,
        f"$p={p:g}$",
        color="0.4",
        transform=across,
        ha="right",
        va="top",
        fontsize=8.6,
    )
    _ticks_of_width(axes, mine)
    handles = [
        Line2D([], [], color=BIASLESS, marker="o", ms=4.5, lw=1.3, label="bias-less"),
        Line2D([], [], color=BIASED, marker="o", ms=4.5, lw=1.3, label="with biases"),
        Line2D(
            [], [], color="0.4", ls="", marker="o", ms=4.5, mfc="none", label="does not interpolate"
        ),
    ]
    axes.legend(
        handles=handles, frameon=False, loc="center right", fontsize=8.6, bbox_to_anchor=(1.0, 0.6)
    )
    axes.set_title(f"Same samples, $d={ratio}m$, $p={p:g}$")


def _error(row: Row) -> float | None:
    return row.clean_error if row.clean_error > 0.0 else None


def _scatter(
    axes: Axes, rows: list[Row], colour: str, *, floor: float = 0.0, marker: str = "o"
) -> None:
    """Draw every run; clean errors below `floor` at it."""
    for filled in (False, True):
        some = [row for row in rows if row.interpolates is filled]
        face, edge = (colour, "white") if filled else ("none", colour)
        at = [row.width * (0.95, 1.05)[row.seed % 2] for row in some]
        error = [max(row.clean_error, floor) for row in some]
        axes.scatter(
            at, error, s=18.0, marker=marker, fc=face, ec=edge, lw=0.5 if filled else 0.9, zorder=3
        )


def _draw_ratios(axes: Axes, rows: list[Row]) -> None:
    """Log10 of the clean error over d/m: with biases it falls, without it does not."""
    mine = [row for row in rows if _in_ratio_panel(row)] or [
        row for row in rows if row.data == "sphere"
    ]
    for p, style in zip(sorted({row.p for row in mine}), ("-", (0, (4, 2))), strict=False):
        for bias, colour in ((True, BIASED), (False, BIASLESS)):
            some = [row for row in mine if row.p == p and row.bias is bias]
            x, y = median_line(some, lambda row: row.ratio, lambda row: row.log10_clean_error)
            name = "with biases" if bias else "bias-less"
            axes.plot(
                x,
                y[:, 1],
                color=colour,
                lw=1.3,
                ls=style,
                marker="o",
                ms=4.0,
                label=f"{name}, $p={p:g}$",
            )
            axes.fill_between(x, y[:, 0], y[:, 2], color=colour, alpha=0.15, lw=0.0)
    least = min(
        (row.log10_clean_error for row in mine if isfinite(row.log10_clean_error)), default=-1.0
    )
    step = 10 if least < -20 else 5 if least < -8 else 1
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
        x, y = median_line(
            [row for row in some if row.interpolates],
            lambda row: row.width,
            lambda row: row.clean_error,
        )
        axes.plot(x, y[:, 1], color=colour, lw=1.3, zorder=2)
    flow = [row for row in mine if row.interpolates]
    for value, dashes in (
        (lambda row: 10.0**row.log10_of_flow, (0, (3, 1, 1, 1))),
        (lambda row: None if row.early_log10 is None else 10.0**row.early_log10, (0, (1, 1.2))),
    ):
        x, y = median_line(flow, lambda row: row.width, value)
        axes.plot(x, y[:, 1], color="0.25", lw=1.2, ls=dashes, zorder=2)
    exact = mine[0].catastrophic
    two = [row.width_two for row in mine if row.width_two is not None and row.data == "sphere"]
    axes.scatter([2.0] * len(two), two, s=22, marker="D", fc="0.55", ec="white", lw=0.5, zorder=3)
    n = np.geomspace(2.0, 30.0, 60)
    axes.plot(n, 0.5**n, color="0.5", lw=1.1, ls=(0, (4, 2)), zorder=1)
    for level, name, style in ((0.5, "½", (0, (1, 1.5))), (p, f"$p={p:g}$", "-")):
        axes.axhline(level, color="0.5", lw=1.0, ls=style, zorder=1)
        axes.text(
            1.0,
            level + 0.006,
            name,
            color="0.4",
            transform=axes.get_yaxis_transform(),
            ha="right",
            fontsize=8.6,
        )
    axes.scatter([mine[0].minus + 1], [exact], s=130, marker="*", color="0.1", zorder=4)
    _ticks_of_width(axes, mine)
    axes.set(ylim=(0.0, 0.82), ylabel="clean error $L_{cl}$")
    handles = [
        Line2D(
            [],
            [],
            color=styles["sphere"][0],
            marker="o",
            ms=4.5,
            lw=1.3,
            label="KKT, sphere, all $d$",
        ),
        Line2D(
            [],
            [],
            color=styles["orthonormal"][0],
            marker="s",
            ms=4.5,
            lw=1.3,
            label="KKT, orthonormal",
        ),
        Line2D([], [], color="0.25", lw=1.2, ls=(0, (3, 1, 1, 1)), label="flow, all margins 100"),
        Line2D([], [], color="0.25", lw=1.2, ls=(0, (1, 1.2)), label="flow, protocol's time"),
        Line2D([], [], color="0.1", ls="", marker="*", ms=10, label=f"Prop. 4.6: {exact:.3f}"),
        Line2D([], [], color="0.55", ls="", marker="D", ms=4.5, label="built, width 2"),
        Line2D([], [], color="0.5", lw=1.1, ls=(0, (4, 2)), label="$2^{-n}$, Prop. 4.5"),
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


def _title(rows: list[Row]) -> str:
    pairs = findings(rows)["pairs"]
    return (
        "Without biases KKT points do not overfit benignly: worse than with biases in"
        f" {pairs['bias_less_worse']} of {pairs['pairs']} pairs"
    )


def _caption(rows: list[Row]) -> str:
    found = findings(rows)
    ends_ = [row for row in rows if _bias_less_end(row)]
    error = spread(row.clean_error for row in ends_) or {
        "least": float("nan"),
        "largest": float("nan"),
    }
    flow = spread(10.0**row.log10_of_flow for row in ends_) or error
    early = spread(10.0**row.early_log10 for row in ends_ if row.early_log10 is not None) or error
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute, draw, and store the findings; returns the exit status."""
    draft = runs.Draft(draw, findings, summary_table)
    return ends.main(
        ends.Command("Nets with biases and without, by width.", kind(), PRESETS, draft), arguments
    )


if __name__ == "__main__":
    sys.exit(main())
