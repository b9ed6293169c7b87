"""The figure of a report: N on the circle, the sphere, or at new points, the clean error, and the
norm, each beside bounds.
"""

from typing import TYPE_CHECKING, Any, Final

from matplotlib.figure import Figure

from highdim.problem.laws import SPHERE
from highdim.problem.network import Network
from highdim.report.contents import Report
from highdim.report.figures.circle_plot import plot_circle, with_room
from highdim.report.figures.outputs_plot import POINTS, plot_outputs
from highdim.report.figures.report_dots import noise, plot_clean_errors, plot_norms, this_net
from highdim.report.figures.sphere_plot import plot_sphere
from highdim.report.finding import Regime, regime
from univariate.common.figure_style import DPI, GREY, INK, SIZE, headline, scientific
from univariate.common.result import Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GREY: Final[dict[str, Any]] = {"fontsize": SIZE, "color": GREY, "va": "top"}
_PICTURED: Final = (2, 3)  # dimensions of which there are pictures

# inches
_WIDTH: Final = 7.2
_PICTURES: Final = {
    ("circle", 1): 2.6,
    ("circle", 2): 2.3,
    ("sphere", 1): 2.5,
    ("sphere", 2): 1.75,
}
_HEADER: Final = 0.9
_BETWEEN: Final = 0.7
_DOTS: Final = 1.4
_FOOTER: Final = 0.35


def plot_report(report: Report, *, points: int = POINTS, rng: Any = 0) -> Figure:
    """Compose the figure of a report, and return it as a Figure of 7.2 × 4.0 inches, higher in two
    and three dimensions.

    (a) N at new points of the sphere, or of the law of the sample, in units of the smallest margin,
    with 0, N(0) and the training outputs y_i N(x_i); in two and three dimensions N on the circle or
    the sphere, beside the max-margin net where the report has one; then the clean error beside the
    noise level, predictions and bounds; and ‖θ‖² at margin 1 beside proved bounds on ‖θ*‖², where
    Problem (1) is about the net. Save it with `figure.savefig(path)`.

    Parameters
    ----------
    report : Report
    points : int
        How many new points to draw.
    rng : int or numpy.random.Generator
        For these points, sampled afresh: they illustrate the clean error, which is known better.
    """
    # pictures show errors on the circle or the sphere
    on_sphere = report.sample_facts.law == SPHERE.name
    if on_sphere and report.sample_facts.dimension in _PICTURED:
        return _pictured(report)
    figure = Figure(figsize=(7.2, 4.0), dpi=DPI)
    grid = figure.add_gridspec(
        2, 2, left=0.025, right=0.975, top=0.8, bottom=0.135, hspace=0.6, wspace=0.42
    )
    outputs = figure.add_subplot(grid[:, 0])
    plot_outputs(report.net, report.sample, ax=outputs, points=points, rng=rng)
    dots = (figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1]))
    named = "$N$" if report.sample.truth is None else "$N f^*$"
    _finish(report, {f"{named} at {points:,} new points": outputs}, dots, heights=(0.975, 0.905))
    return figure


def _pictured(report: Report) -> Figure:
    """Compose the figure in two or three dimensions: pictures on top."""
    where = {2: "circle", 3: "sphere"}[report.sample_facts.dimension]
    nets: dict[str, Network] = {f"this net on the {where}": report.net}
    found = report.max_margin
    if found is not None and found.optimum.net is not None:
        nets["the max-margin net"] = found.optimum.net
    height = _PICTURES[where, len(nets)]
    whole = _HEADER + height + _BETWEEN + _DOTS + _FOOTER
    figure = Figure(figsize=(_WIDTH, whole), dpi=DPI)
    edges = {"left": 0.075, "right": 0.985} if where == "circle" else {"left": 0.02, "right": 0.98}
    edges |= {"top": 1.0 - _HEADER / whole, "bottom": 1.0 - (_HEADER + height) / whole}
    places = figure.add_gridspec(1, len(nets), wspace=0.17, **edges)
    panels = {
        name: _picture(net, report, figure.add_subplot(places[0, k]))
        for k, (name, net) in enumerate(nets.items())
    }
    edges = {"left": 0.175, "right": 0.975, "top": (_FOOTER + _DOTS) / whole}
    below = figure.add_gridspec(1, 2, bottom=_FOOTER / whole, wspace=0.55, **edges)
    dots = (figure.add_subplot(below[0, 0]), figure.add_subplot(below[0, 1]))
    _finish(report, panels, dots, heights=(1.0 - 0.1 / whole, 1.0 - 0.38 / whole))
    return figure


def _picture(net: Network, report: Report, ax: "Axes") -> "Axes":
    if net.dimension == 2:
        return plot_circle(net, report.sample, ax=with_room(ax))
    return plot_sphere(net, report.sample, ax=ax)


def _finish(
    report: Report,
    panels: "dict[str, Axes]",
    dots: "tuple[Axes, Axes]",
    heights: tuple[float, float],
) -> None:
    """Draw clean errors and norms, name all panels, and write what was learnt on top."""
    errors, norms = dots
    plot_clean_errors(report, ax=errors)
    if report.optimum is None:
        norms.set_axis_off()
        why = "not a quantity of Problem (1), which is\nabout 2-layer nets"
        norms.text(0.0, 0.9, why, **_GREY)
    else:
        plot_norms(report, ax=norms)
    named = panels | {"clean error": errors, r"$\|\theta\|^2$ at margin 1": norms}
    for letter, (name, ax) in zip("abcd", named.items(), strict=False):
        title = f"({letter}) {name}"
        ax.set_title(title, loc="left", fontsize=SIZE + 0.5, color=INK, pad=4)
    title, details = _headline(report)
    figure = errors.get_figure(root=True)
    assert figure is not None
    headline(figure, title, details, heights[1], heights[0])


def _headline(report: Report) -> tuple[str, list[str]]:
    """State what was learnt, in one bold line and one grey one."""
    error, p = report.clean_error, report.p
    facts, sample = report.net_facts, report.sample_facts
    meaning = ""
    if report.interpolation.verdict is not Verdict.HOLDS:
        what = f"The net misses {report.interpolation.wrong:,} of {sample.size:,}"
    elif sample.noise_rate == 0.0:
        what = "No noise to fit"
    elif p > 0.5:
        what = "Most labels are noise"
    else:
        found = regime(error, p)
        open_ = found is Regime.UNDECIDED
        what = f"Overfitting is {'benign or not, which is open' if open_ else found}"
        meaning = _meaning(found, noise(report))
    value = this_net(error).text
    parts = [
        facts.kind,
        "width " + " × ".join(map(str, facts.widths)),
        f"m = {sample.size:,}",
        f"d = {sample.dimension:,}",
        rf"$\|\theta\|^2$ = {scientific(facts.norm_squared, 3)}",
    ]
    if meaning:
        parts.append(meaning)
    if sample.law != SPHERE.name:
        parts.append(f"x {sample.law}")
    if sample.truth != "+1":
        parts.append(f"truth {sample.truth}")
    title = f"{what}: clean error {value} at noise level {noise(report)} = {p:.3g}"
    return title, parts


def _meaning(found: Regime, name: str) -> str:
    """Return what the word in the title means here; the paper's words are about limits."""
    if found is Regime.TEMPERED:
        return rf"tempered: {name}/10 < $L_{{cl}}$ < ½"
    if found is Regime.CATASTROPHIC:
        return r"catastrophic: $L_{cl} \geq$ ½"
    return rf"benign: $L_{{cl}} \leq$ {name}/10"
