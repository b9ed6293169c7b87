"""The figure of `benchmarks.theorem_4_3`: bias sums, multipliers, errors and dimensions."""

from math import isfinite
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks import ends, style
from benchmarks.columns import where
from benchmarks.style import ACCENT, DASHED, draw_medians, mark
from benchmarks.theorem_4_1 import log10_predicted
from benchmarks.theorem_4_3 import CLAIMS, LEMMAS, NEURONS, Row, enough, findings
from univariate.common.figure_style import AZURE, GREEN, ORANGE, POSITIVE, PURPLE

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
        certified = where(rows, kkt="HOLDS")
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
    for (m, minus), (colour, marker, label) in _samples(rows).items():
        mine = where(rows, m=m, minus=minus)
        look = {"color": colour, "band": 0.15, "marker": marker, "ms": 4.0, "label": label}
        draw_medians(axes, mine, "d", lambda row: row.bias_sum, **look)
    style.level(axes, 0.25, "¼, Lemma B.9")
    axes.set(
        xscale="log",
        xlabel="dimension $d$",
        ylabel=r"$N(0)=\sum_j v_j\sigma(b_j)$",
        ylim=(0.0, 1.75),
    )
    axes.legend(loc="upper right", fontsize=8.6, ncols=2)
    axes.set_title("Bias sum of KKT points (median and range over $n$ and seeds)")


def _draw_multipliers(axes: Axes, rows: list[Row]) -> None:
    for n, colour in COLOURS.items():
        mine = where(rows, n=n)
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
    look = {"fontsize": 8.6, "ncols": 3, "columnspacing": 1.0}
    axes.legend(handles=handles, loc="upper left", handletextpad=0.2, **look)
    axes.set_title("Multipliers of KKT points (every run; zeros not shown)")


def _scaled_plus(row: Row) -> float | None:
    return None if row.lambda_plus_low is None else 4.0 * row.n * row.lambda_plus_low


def _scaled_minus(row: Row) -> float | None:
    return None if row.lambda_minus_high is None else row.lambda_minus_high / 2.5


def _draw_errors(axes: Axes, rows: list[Row]) -> None:
    sizes = dict(zip(NEURONS, (10.0, 17.0, 26.0, 38.0), strict=True))
    for (m, minus), (colour, marker, _) in _samples(rows).items():
        known = where(rows, m=m, minus=minus)
        mine = [row for row in known if isfinite(row.log10_clean_error)]
        for row in mine:
            look = {"fc": colour, "ec": "white", "lw": 0.4, "zorder": 3}
            if not row.interpolates:
                look = {"fc": "none", "ec": colour, "lw": 0.8, "zorder": 2}
            look |= {"s": sizes.get(row.n, 17.0), "marker": marker}
            axes.scatter(row.d, -row.log10_clean_error, **look)
        good = [row for row in mine if row.interpolates]
        if good:
            d = np.geomspace(min(row.d for row in good), max(row.d for row in good), 100)
            predicted = -log10_predicted(m - minus, minus, d / m)
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
    axes.legend(handles=handles, loc="lower left", fontsize=8.6)
    axes.set_title("Clean error (double logarithmic), colours as above")


def _draw_dimensions(axes: Axes, rows: list[Row]) -> None:
    """For every claim and sample, the dimension from which on it holds, and the range asked for
    over n.
    """
    found = enough(rows)
    samples = _samples(rows)
    for k, name in enumerate(CLAIMS):
        for j, ((m, minus), (colour, marker, _)) in enumerate(samples.items()):
            one = found[f"m = {m}, |I-| = {minus}, {name}"]
            y = -k + 0.13 * (0.5 * (len(samples) - 1) - j)
            asked = [one["asked_least"], one["asked_most"]]
            bar = {"lw": 2.6, "marker": "|", "ms": 4.0, "mew": 2.0, "solid_capstyle": "butt"}
            axes.plot(asked, [y, y], color=colour, **bar)
            look: dict[str, Any] = {"marker": marker, "fc": colour}
            at = one["holds_from"]
            if at is None:
                at = max(row.d for row in where(rows, m=m, minus=minus))
                look = {"marker": ">", "fc": "white"}
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
    look = {"fontsize": 8.6, "ncols": 3, "columnspacing": 1.0}
    axes.legend(handles=handles, loc="upper center", **look)
    axes.set_title("Dimensions: found and asked for")


def _title(rows: list[Row]) -> str:
    good = where(rows, kkt="HOLDS")
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
