"""The figure of `benchmarks.comparators`."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks import style
from benchmarks.comparators import BORDER, EXPONENTS, LEVELS, RULES, Row, findings
from benchmarks.style import ACCENT, DASHED, DOTTED, GREY

SHOWN = 0.2
"""The noise level of the panel on sample sizes."""


def draw(rows: list[Row]) -> Figure:
    """Errors against p under both truths, at the largest m, and against m."""
    found = findings(rows)
    means = found["means"]
    size = max(row.m for row in rows)
    margins = {"left": 0.055, "right": 0.985, "top": 0.845, "bottom": 0.245, "wspace": 0.2}
    with style.page(
        (12.6, 5.4), TITLE, _caption(found, size), heights=(0.935, 0.025), **margins
    ) as figure:
        left, middle, right = figure.subplots(1, 3, gridspec_kw={"width_ratios": [1.35, 1, 1]})
        _against_noise(left, means["constant"], size)
        _against_noise(middle, means["step"], size)
        _against_size(right, means["constant"])
        left.set_xlim(0.0, 0.56)
        left.set_xticks([0.0, 0.1, 0.2, 0.3, 0.4])
        left.set_ylabel("clean error, mean over samples")
        _names(
            left, {rule: means["constant"][rule][f"{max(LEVELS):g}"][str(size)] for rule in RULES}
        )
        left.set_title(f"Truth +1, $m$ = {size:,}")
        middle.set_title(f"Truth −1 up to {BORDER:g}, then +1, $m$ = {size:,}")
        middle.axhline(BORDER, color=GREY, lw=0.8, ls=DOTTED, zorder=0)
    return figure


TITLE = "Interpolating the same noise: tempered, benign or catastrophic, by one exponent"


def look(rule: str) -> dict[str, Any]:
    """Return the line of a rule."""
    if rule.startswith("NW"):
        shades = mpl.colormaps["viridis"](np.linspace(0.0, 0.9, len(EXPONENTS)))
        return {
            "color": shades[EXPONENTS.index(float(rule[3:]))],
            "lw": 1.7,
            "marker": "o",
            "ms": 3.4,
        }
    names = [name for name in RULES if not name.startswith("NW")]
    if rule == names[0]:
        return {"color": ACCENT, "lw": 2.2, "marker": "s", "ms": 3.6}
    greys = dict(zip(names[1:], ("0.25", "0.5", "0.7"), strict=True))
    return {"color": greys[rule], "lw": 1.1, "ls": DASHED, "marker": "^", "ms": 3.2}


def label(rule: str) -> str:
    """Return its name as the figure writes it."""
    if rule.startswith("NW"):
        return rf"NW, $\beta$ = {rule[3:]}"
    return {"1-NN": "1-NN, max margin", "log m-NN": r"$\log m$-NN"}.get(rule, rule)


def _against_noise(axes: Axes, means: dict[str, Any], size: int) -> None:
    for rule in RULES:
        levels = means[rule]
        p = [float(level) for level in levels]
        axes.plot(p, [sizes[str(size)] for sizes in levels.values()], **look(rule))
    axes.set(xlim=(0.0, max(p) + 0.012), ylim=(-0.008, 0.45), xlabel="noise level $p$")


def _names(axes: Axes, heights: dict[str, float]) -> None:
    """Write the names beside the ends of their lines, from above, one text line apart."""
    x = max(LEVELS)
    above = 0.45
    for rule, height in sorted(heights.items(), key=lambda item: -item[1]):
        above = min(height + 0.03, above - 0.031)
        leader = {"arrowstyle": "-", "color": look(rule)["color"], "lw": 0.7, "shrinkB": 2.0}
        axes.annotate(
            label(rule),
            (x, height),
            (x + 0.03, above),
            va="center",
            fontsize=8.6,
            color=look(rule)["color"],
            arrowprops=leader | {"relpos": (0, 0.5), "shrinkA": 0.0},
        )


def _against_size(axes: Axes, means: dict[str, Any]) -> None:
    level = f"{SHOWN:g}"
    for rule in RULES:
        sizes = means[rule][level]
        m = np.array([int(size) for size in sizes])
        errors = np.array(list(sizes.values()))
        axes.plot(m[errors > 0.0], errors[errors > 0.0], **look(rule))
    m = np.geomspace(m[0], m[-1], 50)
    law = SHOWN / ((1.0 - 2.0 * SHOWN) * np.log(m))
    axes.plot(m, law, color="k", lw=1.0, ls=DOTTED, zorder=5)
    axes.set(xscale="log", yscale="log", xlabel="sample size $m$")
    axes.set_ylim(8e-7, 0.6)
    axes.set_title(f"Truth +1, $p$ = {level}")


def _caption(found: dict[str, Any], size: int) -> str:
    level = f"{SHOWN:g}"
    step, constant = found["means"]["step"], found["means"]["constant"]
    quoted = ", ".join(
        f"{step[f'NW {beta:g}'][level][str(size)]:.3f} for {beta:g}" for beta in EXPONENTS
    )
    return (
        "Nadaraya–Watson (NW) is the sign of Σ $y_i |x - x_i|^{-\\beta}$; it interpolates, as"
        " 1-NN does, the rule of the max-margin net.  $k$-NN does not.  Dotted on the right:"
        f" $p\\,/\\,((1-2p)\\log m)$.\nUnder the truth that changes, at $p$ = {level}, NW has"
        f" the error {quoted} (values of $\\beta$).  At {EXPONENTS[0]:g} the minority's tenth is"
        f" lost.\nEvery one of the {found['runs']:,} clean errors is enclosed with proof; the"
        f" widest enclosure is {found['widest_enclosure']:.0e}.  At $\\beta$ = 1 and $m$ ="
        f" {size:,} the error on the right is {constant['NW 1'][level][str(size)]:.4f}."
    )
