"""A truth other than f* ≡ +1 in a picture: where a net errs against it, and what it says."""

from typing import TYPE_CHECKING, Final

import numpy as np

from univariate.common.arrays import Vector
from univariate.common.figure_style import GREY, LABELS, PALE
from univariate.error.curve import Spline
from univariate.paper.law.deviations import covers
from univariate.problem.truth import Truth
from univariate.report.figures.visible import Domain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BAND: Final = 0.022  # of the height of the axes
_FEW: Final = 60  # breakpoints that can be told apart


def wrong_intervals(curve: Spline, truth: Truth, domain: Domain) -> Vector:
    """Return where N f* ≤ 0 in a domain, for pictures, shape (r, 2). Rounded."""
    below = curve.sublevel_intervals(0.0, domain)
    if truth.is_positive:
        return below
    turned = Spline(curve.knots, -curve.values, -curve.slopes, curve.errors)
    above = turned.sublevel_intervals(0.0, domain)
    places = truth.knots(*domain)
    cuts = np.unique(np.concatenate([below.ravel(), above.ravel(), places, domain]))
    start = cuts[:-1]
    sign = truth(start)
    wrong = np.where(sign > 0.0, covers(below, start), covers(above, start)) | (sign == 0.0)
    border = np.flatnonzero(np.diff(wrong, prepend=False, append=False))
    return np.column_stack([cuts[border[::2]], cuts[border[1::2]]])


def draw_truth(ax: "Axes", truth: Truth, domain: Domain) -> None:
    """Draw a truth other than f* ≡ +1: a band on the lower border in the colours of the labels,
    dotted lines where it changes.
    """
    if truth.is_positive:
        return
    colours = {label: colour for label, colour, _ in LABELS}
    pieces = [(float(a), float(b), sign) for a, b, sign in truth.pieces(*domain)]
    ax.broken_barh(
        [(a, b - a) for a, b, _ in pieces],
        (0.0, _BAND),
        transform=ax.get_xaxis_transform(),
        facecolors=[colours.get(float(sign), PALE) for *_, sign in pieces],
        linewidth=0.0,
        zorder=5.0,
        rasterized=True,
    )
    if len(pieces) <= _FEW:
        for _, end, _ in pieces[:-1]:
            ax.axvline(end, color=GREY, linewidth=0.6, dashes=(1, 2), zorder=0.9)


def errors_in_words(truth: Truth | str) -> str:
    """Return what a tint shows: the inequality N f* ≤ 0, without the truth where that is +1."""
    name = truth if isinstance(truth, str) else truth.name
    return "$N \\leq 0$" if name == "+1" else "$N f^* \\leq 0$"
