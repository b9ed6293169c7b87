"""The two-neuron moves in the proofs of Propositions A.4 and A.5.

They lower the norm, and change N between two kinks only.

Where active, neuron j contributes u_j·(x, 1) with u_j = v_j (w_j, b_j). Let κ = v_1 w_1 / (v_2
w_2). The moves are

    (10)       u_1 → u_1 − δκ u_2,  u_2 → u_2 + δκ u_2,  by changing v_1, b_1 and v_2;
    (12), (14) u_1 → u_1 − δ u_1,   u_2 → u_2 + δ u_1,   by changing v_1 and w_2, b_2.

Both keep u_1 + u_2 and the orientations. Outside the hull of the old and new kinks two neurons of
one orientation are both active or both silent, hence N stays there; right-oriented or left-oriented
makes no difference (new: the paper writes of right-oriented ones). With different orientations one
is active where the other is not, and N would change on the whole outside.

Differentiating the norms at δ = 0, with c = b_1 − w_1 b_2 / w_2, gives ‖θ_δ‖² − ‖θ‖² = −2δ G +
O(δ²) with

    (11)       G = v_1² − v_1 w_1 v_2 / w_2 − b_1 c,
    (13), (15) G = v_1² − v_1 w_1 w_2 / v_2 − v_1 b_1 b_2 / v_2.

Eqs. (11) and (15) are right as printed (the line before (11) drops v_2² from κ v_2²); Eq. (13)
prints v_2 / w_2 for w_2 / v_2. New: with kinks t_j and neuron 1 balanced, v_1² = w_1² + b_1², as at
every KKT point, v_1² − b_1 c is w_1² (1 + t_1 t_2), and w_1 w_2 + b_1 b_2 = w_1 w_2 (1 + t_1 t_2)
always: for neurons of one orientation and opposite signs every G is positive where t_1 t_2 > −1,
whichever way they look.
"""

from fractions import Fraction
from typing import Final

import numpy as np

from univariate.common import check
from univariate.common.result import Result, result
from univariate.common.rounding import nearest
from univariate.paper.two_neurons import Pair, gain, hull, moved, pair_of
from univariate.problem.exact import exact_norm_squared
from univariate.problem.network import ReluNet

EQUATIONS: Final = ("10", "12", "14")


@result
class Move(Result):
    """A two-neuron move, carried out.

    Attributes
    ----------
    net : ReluNet
        The moved net, every parameter correctly rounded; `proof_move` may scale its v by some more
        rounding errors.
    equation : str
        "10", "12" or "14".
    first, second : int
        The neurons, j_1 and j_2 of the proofs.
    step : float
        δ.
    norm_squared_before, norm_squared_after : Fraction
        ‖θ‖² of the net as given and as returned. Exact.
    predicted : float
        The change to first order, −2 δ G of Eq. (11), (13) or (15).
    interval : tuple of float
        Where N changes, rounded outwards; elsewhere it does by the rounding of the parameters only.
    case : str
        The case of the proof that chose the neurons, in words; empty if they were given.
    """

    net: ReluNet
    equation: str
    first: int
    second: int
    step: float
    norm_squared_before: Fraction
    norm_squared_after: Fraction
    predicted: float
    interval: tuple[float, float]
    case: str = ""

    @property
    def change(self) -> Fraction:
        """‖θ‖² after minus before. Exact."""
        return self.norm_squared_after - self.norm_squared_before


def two_neuron_move(net: ReluNet, first: int, second: int, equation: str, step: float) -> Move:
    """Move part of a neuron to another one of the same orientation.

    Parameters
    ----------
    net : ReluNet
    first, second : int
        The neurons j_1 and j_2; v and w of both must not be zero, and their w must agree in sign.
    equation : str
        "10": neuron 1 takes over −δκ u_2 and shifts its kink; "12" or "14", the same formula in
        different cases of the proofs: neuron 2 takes over δ u_1 and shifts its kink.
    step : float
        δ in (0, 1); for "12" and "14" also δ < −1/κ where κ < 0, else neuron 2 would turn around.

    Raises
    ------
    ValueError
        Neurons of different orientation, dead or constant ones, or a step that turns neuron 2
        around.

    Exact arithmetic, every parameter rounded once. Cost O(n). Source: Eqs. (10)–(15).
    """
    require_two_layers(net)
    pair = _pair(net, first, second)
    if equation not in EQUATIONS:
        raise ValueError(
            f'`equation` must be one of "10", "12", "14", got {equation!r}; they are those of the'
            " proofs"
        )
    delta = Fraction(checked_step(step))
    after = moved(net, pair, equation, delta)
    if after is None:
        why = "the result overflows"
        if equation != "10" and 1 + delta * pair.ratio <= 0:
            why = f"neuron {second} turns around at {nearest(-1 / pair.ratio):.6g}"
        raise ValueError(
            f"`step` must be smaller for these neurons, got {step}, but {why}; choose a smaller one"
        )
    return carried_out(net, after, pair, equation, delta)


def carried_out(net: ReluNet, after: ReluNet, pair: Pair, equation: str, delta: Fraction) -> Move:
    """Return a move with its norms and its first-order change."""
    return Move(
        after,
        equation,
        pair.first,
        pair.second,
        float(delta),
        exact_norm_squared(net),
        exact_norm_squared(after),
        nearest(-2 * delta * gain(pair, equation)),
        hull(pair, equation, delta),
    )


def require_two_layers(net: object) -> None:
    """Raise TypeError unless the net is a ReluNet."""
    if not isinstance(net, ReluNet):
        raise TypeError(
            "`net` must be a ReluNet, the moves are those of 2-layer nets; got"
            f" {type(net).__name__}"
        )


def checked_step(step: float) -> float:
    """Return a δ in (0, 1)."""
    number = check.real("step", step)
    if not 0.0 < number < 1.0:
        raise ValueError(
            f"`step` must lie in (0, 1), got {number}; it is the share delta that is"
            " moved, e.g. 0.25"
        )
    return number


def _pair(net: ReluNet, first: int, second: int) -> Pair:
    for name, index in (("first", first), ("second", second)):
        if check.count(name, index, least=0) >= net.width:
            raise ValueError(
                f"`{name}` must be a neuron of the net, got {index}; there are {net.width}, from"
                " 0 on"
            )
        if net.v[index] == 0.0 or net.w[index] == 0.0:
            raise ValueError(
                f"`{name}` must be a neuron with a kink, got {index} with v or w zero; choose"
                " another"
            )
    if first == second:
        raise ValueError(
            f"`second` must differ from `first`, got {second} twice; choose two neurons"
        )
    if np.signbit(net.w[first]) != np.signbit(net.w[second]):
        raise ValueError(
            f"`first` and `second` must have one orientation, got w = {net.w[first]:g} and"
            f" {net.w[second]:g}; one is active where the other is not, so N would change on the"
            " whole outside instead of between the kinks"
        )
    return pair_of(net, int(first), int(second))
