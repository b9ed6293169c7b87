"""The figure of a report: N at new points, the clean error, and the norm, each beside bounds."""

from collections.abc import Iterable
from math import inf, log10
from typing import TYPE_CHECKING, Any, Final

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from highdim.error.clean_error import Estimate
from highdim.report.contents import Report
from highdim.report.figures.dots_plot import Dot, plot_dots
from highdim.report.figures.outputs_plot import POINTS, plot_outputs
from highdim.report.finding import Regime, regime
from univariate.common.figure_style import (
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
from univariate.common.result import Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NETS: Final = {
    "split": "split net",
    "orthogonal limit": "limit's net here",
    "Lemma B.3": "Lemma B.3",
}
_BOUNDS: Final = {"bound from $N(0)$": "epsilon_levy", "bound of the proof": "epsilon_proof"}

_TICKS: Final = 5
_DIGITS: Final = (
    (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0),
    (1.0, 1.5, 2.0, 3.0, 5.0),
    (1.0, 3.0),
    (1.0,),
)

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
    outputs = figure.add_subplot(grid[:, 0])
    errors = figure.add_subplot(grid[0, 1])
    norms = figure.add_subplot(grid[1, 1])
    plot_outputs(report.net, report.sample, ax=outputs, points=points, rng=rng)
    plot_clean_errors(report, ax=errors)
    if report.optimum is None:
        norms.set_axis_off()
        why = "not a quantity of Problem (1), which is\nabout 2-layer nets"
        norms.text(0.0, 0.9, why, **_GREY)
    else:
        plot_norms(report, ax=norms)
    titles = {
        f"(a) $N$ at {points:,} new points": outputs,
        "(b) clean error": errors,
        r"(c) $\|\theta\|^2$ at margin 1": norms,
    }
    for title, ax in titles.items():
        ax.set_title(title, loc="left", fontsize=SIZE + 0.5, color=INK, pad=4)
    title, detail = _headline(report)
    figure.text(0.015, 0.975, title, fontsize=SIZE + 2.5, color=INK, va="top", weight="bold")
    figure.text(0.015, 0.905, detail, **_GREY)
    return figure


def plot_clean_errors(report: Report, *, ax: "Axes") -> "Axes":
    """Draw the clean error with its interval beside noise level, prediction and bounds."""
    limit = "orthogonal limit" if report.net_facts.bias else "limit with biases"
    dots = [
        _this_net(report.clean_error),
        _probability(f"noise level {_noise(report)}", report.p, NEGATIVE),
        _probability(limit, report.predicted_clean_error, INK),
        *_of_the_theorem(report),
    ]
    if report.proposition_4_5 is not None:
        least = report.proposition_4_5.quantities["orthant"]
        dots.append(_probability("all $v_j > 0$ off", least, ORANGE))
    if report.nearby is not None:
        place = report.nearby.clean_error.log10_value
        dots.append(Dot("KKT point nearby", place, _power(place), GREEN))
    plot_dots(dots, ax=ax)
    _powers(ax)
    return ax


def plot_norms(report: Report, *, ax: "Axes") -> "Axes":
    """Draw ‖θ‖² of the net, the candidates for θ*, and the proved bounds on ‖θ*‖² as a band."""
    best = report.optimum
    assert best is not None
    dots = []
    if report.kkt is not None and report.kkt.norm_squared < inf:
        dots.append(_norm("this net", report.kkt.norm_squared, POSITIVE))
        dots.append(_norm("  balanced", best.candidates["net 0"], POSITIVE))
    if report.nearby is not None and report.nearby.point.certificate.train_output:
        dots.append(_norm("KKT point nearby", report.nearby.point.certificate.norm_squared, GREEN))
    if report.net_facts.bias:
        dots.append(_norm("orthogonal limit", report.limit.norm_squared, INK))
    dots += [_norm(word, best.candidates.get(name, inf), INK) for name, word in _NETS.items()]
    dots.append(_norm(r"proved $\leq \|\theta^*\|^2$", best.lower, ORANGE))
    plot_dots(dots, ax=ax)
    if best.upper < inf:
        ax.axvspan(log10(best.lower), log10(best.upper), color=ORANGE, alpha=0.3, lw=0, zorder=0)
    _round_numbers(ax)
    return ax


def _this_net(error: Estimate) -> Dot:
    """Return a clean error with its interval, or the bound on it where no sample was in error."""
    hit = error.log10_value > -inf
    place = error.log10_value if hit else error.log10_high
    text = _power(place) if hit else f"at most {_power(place)}"
    return Dot("this net", place, text, POSITIVE, not hit, (error.log10_low, error.log10_high))


def _of_the_theorem(report: Report) -> Iterable[Dot]:
    """Return ε and the bounds on L_cl of the theorem evaluated, where they say something."""
    if report.theorem is None:
        return
    yield _probability(r"$\varepsilon$ of the theorem", report.epsilon, GREY)
    for name, key in _BOUNDS.items():
        bound = report.theorem.quantities.get(key, 1.0)
        if 0.0 < bound < 1.0:
            yield _probability(name, bound, ORANGE, bound=True)


def _probability(name: str, value: float, colour: str, *, bound: bool = False) -> Dot:
    place = log10(value) if value > 0.0 else -inf
    return Dot(name, place, _power(place), colour, bound)


def _norm(name: str, value: float, colour: str) -> Dot:
    place = log10(value) if 0.0 < value < inf else inf
    return Dot(name, place, f"{value:.4g}", colour)


def _power(place: float) -> str:
    """Return 10 to a power, however small."""
    if place > -4.0 or place == -inf:
        return f"{10.0**place:.3g}"
    whole = int(place // 1)
    mantissa = 10.0 ** (place - whole)
    if mantissa >= 9.95:  # it would be shown as 10.0
        mantissa = 1.0
        whole += 1
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
    for digits in _DIGITS:
        places = (power + log10(digit) for power in powers for digit in digits)
        ticks = [place for place in places if low <= place <= high]
        if len(ticks) <= _TICKS:
            break
    ax.set_xticks(ticks[:: max(1, len(ticks) // _TICKS)])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{10.0**value:.3g}"))


def _noise(report: Report) -> str:
    return "$p$" if report.p_given else r"$\hat p$"


def _headline(report: Report) -> tuple[str, str]:
    """State what was learnt, in one bold line and one grey one."""
    error, p = report.clean_error, report.p
    facts, sample = report.net_facts, report.sample_facts
    if report.interpolation.verdict is not Verdict.HOLDS:
        what = f"The net misses {report.interpolation.wrong:,} of {sample.size:,}"
    elif sample.negatives == 0:
        what = "No noise to fit"
    else:
        found = regime(error, p)
        open_ = found is Regime.UNDECIDED
        what = f"Overfitting is {'benign or not, which is open' if open_ else found}"
    value = _this_net(error).text
    parts = [
        facts.kind,
        "width " + " × ".join(map(str, facts.widths)),
        f"m = {sample.size:,}",
        f"d = {sample.dimension:,}",
        rf"$\|\theta\|^2$ = {scientific(facts.norm_squared, 3)}",
    ]
    return f"{what}: clean error {value} at noise level {_noise(report)} = {p:.3g}", ",   ".join(
        parts
    )
