"""Rows of dots about a report: its clean errors and its norms, each beside what is proved."""

from collections.abc import Iterable
from math import inf, log10
from typing import TYPE_CHECKING, Final

from matplotlib.ticker import FuncFormatter, MaxNLocator

from highdim.error.estimate import Estimate, exponent
from highdim.report.contents import Report
from highdim.report.figures.dots_plot import Dot, plot_dots
from univariate.common.figure_style import GREEN, GREY, INK, NEGATIVE, ORANGE, POSITIVE, PURPLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NETS: Final = {
    "split": "split net",
    "orthogonal limit": "limit's net here",
    "Lemma B.3": "net of Lemma B.3",
}
_BOUNDS: Final = {"bound from $N(0)$": "epsilon_levy", "bound of the proof": "epsilon_proof"}

_TICKS: Final = 5
_DIGITS: Final = (
    (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0),
    (1.0, 1.5, 2.0, 3.0, 5.0),
    (1.0, 3.0),
    (1.0,),
)


def plot_clean_errors(report: Report, *, ax: "Axes") -> "Axes":
    """Draw the clean error with its interval beside noise level, prediction and bounds."""
    limit = "orthogonal limit" if report.net_facts.bias else "limit with biases"
    dots = [
        this_net(report.clean_error),
        _probability(f"noise level {noise(report)}", report.p, NEGATIVE),
    ]
    if report.predicted_clean_error is not None:
        dots.append(_probability(limit, report.predicted_clean_error, INK))
    dots += _of_the_theorem(report)
    if report.proposition_4_5 is not None:
        least = report.proposition_4_5.quantities["orthant"]
        dots.append(_probability("all $v_j > 0$ off", least, ORANGE))
    if report.nearby is not None:
        dots.append(_at("KKT point nearby", report.nearby.clean_error.log10_value, GREEN))
    if report.max_margin is not None and report.max_margin.clean_error is not None:
        dots.append(_at("max-margin net", report.max_margin.clean_error.log10_value, PURPLE))
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
    lower, upper = best.lower, best.upper
    if report.max_margin is not None:
        optimum = report.max_margin.optimum
        lower, upper = max(lower, optimum.lower), min(upper, optimum.norm_squared)
        dots.append(_norm("max-margin net", optimum.norm_squared, PURPLE))
    dots.append(_norm(r"proved $\leq \|\theta^*\|^2$", lower, ORANGE))
    plot_dots(dots, ax=ax)
    if upper < inf:
        ax.axvspan(log10(lower), log10(upper), color=ORANGE, alpha=0.3, lw=0, zorder=0)
    _round_numbers(ax)
    return ax


def this_net(error: Estimate) -> Dot:
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
    return _at(name, exponent(value), colour, bound=bound)


def _at(name: str, place: float, colour: str, *, bound: bool = False) -> Dot:
    """Return a probability by its decimal logarithm."""
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
    if len(ticks) < 2:  # all of it lies about one round number, or between two
        start, end = 10.0**low, 10.0**high
        values = MaxNLocator(3).tick_values(start, end)
        ticks = [log10(value) for value in values if 0.0 < start <= value <= end]
    ax.set_xticks(ticks[:: max(1, len(ticks) // _TICKS)])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{10.0**value:.3g}"))


def noise(report: Report) -> str:
    """Return the letter of the noise level."""
    return "$p$" if report.p_given else r"$\hat p$"
