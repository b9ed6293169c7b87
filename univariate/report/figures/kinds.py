"""Kinks by orientation and sign: their colours, marks and strength in figures."""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from matplotlib.colors import to_rgba_array
from matplotlib.lines import Line2D

from univariate.common.arrays import Mask, Vector
from univariate.common.figure_style import AZURE, GREEN, ORANGE, PURPLE, SIZE, Corner
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample
from univariate.report.figures.visible import rounded_margin

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Kind(NamedTuple):
    """Kinks of one orientation and sign, and how they are drawn."""

    right: bool
    convex: bool
    name: str
    colour: str

    def handle(self, **style: Any) -> Line2D:
        """Return what stands for it in a legend."""
        return Line2D([], [], color=self.colour, label=self.name, **style)

    @property
    def arrow(self) -> str:
        """The mark that points into the active side."""
        return ">" if self.right else "<"

    def of(self, net: ReluNet) -> Mask:
        """Return which neurons bend N with this orientation and sign."""
        way = 1.0 if self.right else -1.0
        sign = 1.0 if self.convex else -1.0
        return np.asarray((np.sign(net.w) == way) & (np.sign(net.v) == sign))


KINDS: Final = (
    Kind(True, True, "right-oriented, convex", GREEN),
    Kind(True, False, "right-oriented, concave", AZURE),
    Kind(False, True, "left-oriented, convex", PURPLE),
    Kind(False, False, "left-oriented, concave", ORANGE),
)

FAINTEST: Final = 0.03
"""Kinks that move N by less than this share of its margin are left out."""


def name_kinds(
    target: "Axes | Figure",
    handles: list[Line2D],
    at: tuple[float, float],
    loc: Corner = "lower left",
    **style: Any,
) -> None:
    """Add a legend of kinds in one row, with its corner `loc` at a place."""
    target.legend(
        handles=handles,
        loc=loc,
        bbox_to_anchor=at,
        ncols=4,
        fontsize=SIZE - 1.0,
        frameon=False,
        **style,
    )


def effects(net: ReluNet, sample: Sample) -> Vector:
    """Return by how much every kink moves N across the gap that it lies in, shape (n,). Rounded.

    Beyond the observations the gap counts as the mean one, on a sample of one as 1.
    """
    gaps = sample.gaps
    mean = float(gaps.mean()) if len(gaps) else 1.0
    # place 0 and m are beyond the observations
    place = np.searchsorted(sample.x, net.kinks)
    return np.asarray(np.abs(net.v * net.w) * np.concatenate([[mean], gaps, [mean]])[place])


def strengths(net: ReluNet, sample: Sample) -> Vector:
    """Return the effects over the smallest margin, or their median if larger; at most 1."""
    found = effects(net, sample)
    positive = found[found > 0.0]
    typical = float(np.median(positive)) if positive.size else 1.0
    return np.minimum(found / max(rounded_margin(net, sample), typical), 1.0)


def faded(colour: str, strength: Vector) -> Vector:
    """Return a colour as strong as given, shape (k, 4)."""
    found = np.tile(to_rgba_array(colour), (len(strength), 1))
    found[:, 3] = strength
    return found
