"""The figure of a report: what the net says of new points, what it costs, and how its clean error
compares.
"""

from math import inf, log10
from typing import TYPE_CHECKING, Any, Final

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from highdim.optimum.orthogonal_limit import orthogonal_limit
from highdim.report.contents import Report
from highdim.report.figures.dots_plot import Dot, plot_dots
from highdim.report.figures.outputs_plot import POINTS, plot_outputs
from highdim.report.figures.style import (
    DPI,
    GREEN,
    GREY,
    INK,
    NEGATIVE,
    ORANGE,
    POSITIVE,
    SIZE,
    scientific,
)
from highdim.report.finding import regime
from univariate.common.result import Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GREY: Final[dict[str, Any]] = {"fontsize": SIZE, "color": GREY, "va": "top"}


def plot_report(report: Report, *, points: int = POINTS, rng: Any = 0) -> Figure:
    """Compose the figure of a report, and return it as a Figure of 7.2 × 4.0 inches.

    (a) N at new points of the sphere, in units of the smallest margin, with 0, N(0) and the
    training outputs y_i N(x_i); (b) the clean error beside the noise level, predictions and bounds;
    (c) ‖θ‖² at margin 1 beside proved bounds on ‖θ*‖², where Problem (1) is about the net. Save it
    with `figure.savefig(path)`.

    Parameters
    ----------
    report : Report
    points : int
        How many new points to draw.
    rng : int or numpy.random.Generator
        For these points, sampled afresh: they illustrate the clean error, which is known better.
    """
    figure = Figure(figsize=(7.2, 4.0), dpi=DPI)
    grid = figure.add_gridspec(
        2, 2, left=0.025, right=0.975, top=0.8, bottom=0.135, hspace=0.6, wspace=0.42
    )
    left = figure.add_subplot(grid[:, 0])
    right = [figure.add_subplot(cell) for cell in (grid[0, 1], grid[1, 1])]
    plot_outputs(report.net, report.sample, ax=left, points=points, rng=rng)
    plot_clean_errors(report, ax=right[0])
    if report.optimum is None:
        right[1].set_axis_off()
        right[1].text(
            0.0, 0.9, "not a quantity of Problem (1), which is\nabout 2-layer nets", **_GREY
        )
    else:
        plot_norms(report, ax=right[1])
    names = f"$N$ at {points:,} new points", "clean error", r"$\|\theta\|^2$ at margin 1"
    for letter, ax, name in zip("abc", (left, *right), names, strict=False):
        ax.set_title(f"({letter}) {name}", loc="left", fontsize=SIZE + 0.5, color=INK, pad=4)
    title, detail = _headline(report)
    figure.text(0.015, 0.975, title, fontsize=SIZE + 2.5, color=INK, va="top", weight="bold")
    figure.text(0.015, 0.905, detail, **_GREY)
    return figure


def plot_clean_errors(report: Report, *, ax: "Axes") -> "Axes":
    """Draw the clean error with its interval, the noise level, the orthogonal limit's prediction,
    and bounds.
    """
    error = report.clean_error
    hit = error.log10_value > -inf
    place = error.log10_value if hit else error.log10_high
    mark = "" if hit else "at most "
    dots = [
        Dot(
            "this net",
            place,
            mark + _power(place),
            POSITIVE,
            not hit,
            (error.log10_low, error.log10_high),
        ),
        Dot("noise level $p$", _log10(report.p), _power(_log10(report.p)), NEGATIVE),
        Dot(
            "orthogonal limit" if report.net_facts.bias else "limit with biases",
            _log10(report.predicted_clean_error),
            _power(_log10(report.predicted_clean_error)),
        ),
    ]
    theorem = report.theorem_4_3 or report.theorem_4_1
    if theorem is not None:
        dots.append(
            Dot(
                r"$\varepsilon$ of the theorem",
                _log10(report.epsilon),
                _power(_log10(report.epsilon)),
                GREY,
            )
        )
        for name, key in (
            ("bound from $N(0)$", "epsilon_levy"),
            ("bound of the proof", "epsilon_proof"),
        ):
            bound = theorem.quantities.get(key, 1.0)
            if 0.0 < bound < 1.0:
                dots.append(Dot(name, _log10(bound), _power(_log10(bound)), ORANGE, True))
    if report.proposition_4_5 is not None:
        least = report.proposition_4_5.quantities["orthant"]
        dots.append(Dot("all $v_j > 0$ off", _log10(least), _power(_log10(least)), ORANGE))
    if report.nearby is not None:
        place = report.nearby.clean_error.log10_value
        dots.append(Dot("KKT point nearby", place, _power(place), GREEN))
    plot_dots(dots, ax=ax, xlabel="")
    _powers(ax)
    return ax


def plot_norms(report: Report, *, ax: "Axes") -> "Axes":
    """Draw ‖θ‖² of the net, the candidates for θ*, and the proved bounds on ‖θ*‖² as a band."""
    best = report.optimum
    assert best is not None
    names = {"split": "split net", "orthogonal limit": "limit's net here", "Lemma B.3": "Lemma B.3"}
    dots = []
    if report.kkt is not None and report.kkt.norm_squared < inf:
        dots.append(_norm("this net", report.kkt.norm_squared, POSITIVE))
        dots.append(_norm("  balanced", best.candidates["net 0"], POSITIVE))
    if report.nearby is not None and report.nearby.point.certificate.train_output:
        dots.append(_norm("KKT point nearby", report.nearby.point.certificate.norm_squared, GREEN))
    if report.net_facts.bias:
        minus = report.sample_facts.negatives
        limit = orthogonal_limit(report.sample_facts.size - minus, minus)
        dots.append(_norm("orthogonal limit", limit.norm_squared, INK))
    dots += [_norm(word, best.candidates.get(name, inf), INK) for name, word in names.items()]
    dots.append(
        Dot(r"proved $\leq \|\theta^*\|^2$", log10(best.lower), f"{best.lower:.4g}", ORANGE)
    )
    plot_dots(dots, ax=ax, xlabel="")
    if best.upper < inf:
        ax.axvspan(log10(best.lower), log10(best.upper), color=ORANGE, alpha=0.3, lw=0, zorder=0)
    _round_numbers(ax)
    return ax


def _norm(name: str, value: float, colour: str) -> Dot:
    return Dot(name, log10(value) if 0.0 < value < inf else inf, f"{value:.4g}", colour)


def _log10(value: float) -> float:
    return log10(value) if value > 0.0 else -inf


def _power(place: float) -> str:
    """Return 10 to a power, however small."""
    if place > -4.0 or place == -inf:
        return f"{10.0**place:.3g}"
    whole = int(place // 1)
    mantissa = 10.0 ** (place - whole)
    if mantissa >= 9.95:
        mantissa, whole = 1.0, whole + 1
    return rf"${mantissa:.1f}\cdot 10^{{{whole}}}$"


def _powers(ax: "Axes") -> None:
    low, high = ax.get_xlim()
    if high - low < 2.0:
        _round_numbers(ax)
    else:
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: rf"$10^{{{value:.0f}}}$"))


def _round_numbers(ax: "Axes") -> None:
    """Put ticks at round numbers of a logarithmic axis, few enough to be read."""
    low, high = ax.get_xlim()
    powers = range(int(low // 1), int(high // 1) + 1)
    for digits in (
        (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0),
        (1.0, 1.5, 2.0, 3.0, 5.0),
        (1.0, 3.0),
        (1.0,),
    ):
        ticks = [
            power + log10(digit)
            for power in powers
            for digit in digits
            if low <= power + log10(digit) <= high
        ]
        if len(ticks) <= 5:
            break
    ax.set_xticks(ticks[:: max(1, len(ticks) // 5)])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{10.0**value:.3g}"))


def _headline(report: Report) -> tuple[str, str]:
    """State what was learnt, in one bold line and one grey one."""
    error, p = report.clean_error, report.p
    value = (
        _power(error.log10_value)
        if error.log10_value > -inf
        else f"at most {_power(error.log10_high)}"
    )
    if report.interpolation.verdict is not Verdict.HOLDS:
        wrong = f"{report.interpolation.wrong:,} of {report.sample_facts.size:,}"
        title = f"The net misses {wrong}: clean error {value} at noise level p = {p:.3g}"
    else:
        words = {"undecided": "benign or not, which is open"}
        kind = regime(error, p)
        what = (
            f"Overfitting is {words.get(kind, kind)}"
            if report.sample_facts.negatives
            else "No noise to fit"
        )
        title = f"{what}: clean error {value} at noise level p = {p:.3g}"
    facts, sample = report.net_facts, report.sample_facts
    parts = [
        facts.kind,
        "width " + " × ".join(map(str, facts.widths)),
        f"m = {sample.size:,}",
        f"d = {sample.dimension:,}",
        rf"$\|\theta\|^2$ = {scientific(facts.norm_squared)}",
    ]
    return title, ",   ".join(parts)
