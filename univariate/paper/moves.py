"""The two-neuron moves of the proofs of Propositions A.4 and A.5: less norm, and N changes between
two kinks only.

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

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, islice
from typing import Any, Final

import numpy as np

from univariate.common import check
from univariate.common.result import Result
from univariate.common.rounding import LARGEST, nearest
from univariate.paper.cases import Choice, choices
from univariate.paper.shape import worst_margin
from univariate.paper.two_neurons import Pair, gain, hull, moved, pair_of
from univariate.problem.exact import exact_norm_squared
from univariate.problem.fitted import ShallowFitted, margins, smallest_margin
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample, require_sample

EQUATIONS: Final = ("10", "12", "14")

SMALLEST_STEP: Final = 40
"""`proof_move` tries the steps 2^−2 to 2^−40 …"""

MOST_PAIRS: Final = 16
"""… for at most so many pairs of neurons of each orientation."""

_ROUNDING = 2.0**-40  # relative loss of margin that may be made good by scaling


@dataclass(frozen=True, repr=False)
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
    _require_shallow(net)
    pair = _pair(net, first, second)
    if equation not in EQUATIONS:
        raise ValueError(
            f'`equation` must be one of "10", "12", "14", got {equation!r}; they are those of the'
            " proofs"
        )
    delta = Fraction(_step(step))
    after = moved(net, pair, equation, delta)
    if after is None:
        turned = equation != "10" and 1 + delta * pair.ratio <= 0
        why = (
            f"neuron {second} turns around at {nearest(-1 / pair.ratio):.6g}"
            if turned
            else "the result overflows"
        )
        raise ValueError(
            f"`step` must be smaller for these neurons, got {step}, but {why}; choose a smaller one"
        )
    return _carried_out(net, after, pair, equation, delta)


def proof_move(
    net: ReluNet, sample: Sample, segment: int, *, step: float | None = None
) -> Move | None:
    """Return the move by which the proofs refute that a net is optimal on a segment, where there is
    one.

    Parameters
    ----------
    net : ReluNet
        Must interpolate the sample.
    sample : Sample
    segment : int
        The observation of an isolated −1 (Proposition A.4), or i with y_i = y_{i+1} = +1
        (Proposition A.5).
    step : float, optional
        δ; if not given, 2^−2, 2^−3, … 2^−40 are tried.

    Returns
    -------
    Move or None
        Its net has every margin ≥ the worst margin of `net` and a smaller norm, both in rational
        arithmetic. None where N violates no statement on the segment by more than 10⁻⁶ of the worst
        margin, no case of the proofs finds its two neurons, or no step keeps the margins.

    A move found proves that θ is no global minimum. The steps are finite, those of the proofs tend
    to 0: that θ is no local minimum either follows only where all smaller steps help as well.

    Kinks are convex where v > 0, and neuron 2 is looked for among those of neuron 1's orientation:
    right-oriented ones for the gap right of an isolated −1; left-oriented ones, by reflection, for
    the gap left of it. Where the paper does without neuron 2 (footnote 7) there is no move. The
    cases are tried in the order of the proofs, at most 16 pairs of neurons for either orientation.
    Where the rounding of the moved parameters costs a margin less than 2^−40 of the worst one, all
    output weights are raised to restore it; the norm counts that.

    Cost: a spline, and one evaluation of all margins for every pair and step. Source: proofs of
    Lemmas A.6 and A.7 and of Proposition A.5; reflection new.
    """
    _require_shallow(net)
    require_sample(sample)
    segment = _segment(sample, segment)
    fit = ShallowFitted(net, sample)
    margin, exact_margin = worst_margin(fit), fit.smallest_margin
    steps = [2.0**-k for k in range(2, SMALLEST_STEP + 1)] if step is None else [_step(step)]
    mirrored = sample.size - 1 - segment - (1 if sample.y[segment] > 0.0 else 0)
    proposals = (
        choices(net, sample, segment, margin),
        choices(*_reflected(net, sample), mirrored, margin),
    )
    pairs = chain.from_iterable(islice(found, MOST_PAIRS) for found in proposals)
    moves = (_first_that_helps(net, sample, pair, steps, exact_margin) for pair in pairs)
    return next((move for move in moves if move is not None), None)


def _pair(net: ReluNet, first: Any, second: Any) -> Pair:
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


def _carried_out(net: ReluNet, after: ReluNet, pair: Pair, equation: str, delta: Fraction) -> Move:
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


def _first_that_helps(
    net: ReluNet, sample: Sample, choice: Choice, steps: list[float], worst: Fraction
) -> Move | None:
    pair = pair_of(net, choice.first, choice.second)
    if gain(pair, choice.equation) <= 0:
        return None
    before = exact_norm_squared(net)
    for delta in map(Fraction, steps):
        after = moved(net, pair, choice.equation, delta)
        after = None if after is None else _with_margins(after, sample, worst)
        if after is not None and exact_norm_squared(after) < before:
            return replace(_carried_out(net, after, pair, choice.equation, delta), case=choice.case)
    return None


def _with_margins(net: ReluNet, sample: Sample, worst: Fraction) -> ReluNet | None:
    """Return the net, scaled up by no more than rounding where it must, if its margins reach
    `worst`. Exact.
    """
    found = margins(net, sample)
    with np.errstate(over="ignore"):
        if np.any(found.values + found.bounds < (1.0 - 2.0 * _ROUNDING) * nearest(worst)):
            return None
    for attempt in range(6):
        short = 1 - smallest_margin(net, sample) / worst
        if short <= 0:
            return net
        if short > _ROUNDING:
            return None
        # one unit in the last place at least, more where rounding the raised weights cancels what
        # was gained
        raised = 1.0 + 2.0**attempt * (2.0 * nearest(short) + 2.0**-52)
        if np.abs(net.v).max() > LARGEST / raised:
            return None
        net = ReluNet(net.v * raised, net.w, net.b)
    return None


def _require_shallow(net: object) -> None:
    if not isinstance(net, ReluNet):
        raise TypeError(
            "`net` must be a ReluNet, the moves are those of 2-layer nets; got"
            f" {type(net).__name__}"
        )


def _step(step: Any) -> float:
    number = check.real("step", step)
    if not 0.0 < number < 1.0:
        raise ValueError(
            f"`step` must lie in (0, 1), got {number}; it is the share δ that is moved, e.g. 0.25"
        )
    return number


def _segment(sample: Sample, segment: Any) -> int:
    i, y = check.count("segment", segment, least=0), sample.y
    if i + 1 < sample.size:
        pair = y[i] > 0.0 and y[i + 1] > 0.0
        isolated = i > 0 and y[i] < 0.0 and y[i - 1] > 0.0 and y[i + 1] > 0.0
        if pair or isolated:
            return i
    raise ValueError(
        f"`segment` must be an isolated −1 or the first of two neighbours +1, got observation {i}"
        f" of {sample.size}, which is neither; see structure(net, sample) for the segments that"
        " violate a statement"
    )


def _reflected(net: ReluNet, sample: Sample) -> tuple[ReluNet, Sample]:
    """Return both under x → −x."""
    return ReluNet(net.v, -net.w, net.b), Sample(-sample.x[::-1], sample.y[::-1])
