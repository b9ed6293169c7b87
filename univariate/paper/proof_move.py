"""The search for the move by which the proofs of Propositions A.4 and A.5 improve a net."""

from dataclasses import replace
from fractions import Fraction
from itertools import chain, islice
from typing import Final

import numpy as np

from univariate.common import check
from univariate.common.rounding import LARGEST, nearest
from univariate.paper.cases import Choice, choices
from univariate.paper.moves import Move, carried_out, checked_step, require_two_layers
from univariate.paper.shape import worst_margin
from univariate.paper.two_neurons import gain, moved, pair_of
from univariate.problem.exact import exact_norm_squared
from univariate.problem.fitted import ShallowFitted, margins, smallest_margin
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample, require_sample

SMALLEST_STEP: Final = 40
"""`proof_move` tries the steps 2^−2 to 2^−40 …"""

MOST_PAIRS: Final = 16
"""… for at most so many pairs of neurons of each orientation."""

_ROUNDING: Final = 2.0**-40  # relative loss of margin that scaling may restore


def proof_move(
    net: ReluNet, sample: Sample, segment: int, *, step: float | None = None
) -> Move | None:
    """Return the move by which the proofs refute that a net is optimal, as seen on one segment.

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
    require_two_layers(net)
    require_sample(sample)
    segment = _segment(sample, segment)
    fit = ShallowFitted(net, sample)
    margin = worst_margin(fit)
    exact_margin = fit.smallest_margin
    steps = [2.0**-k for k in range(2, SMALLEST_STEP + 1)]
    if step is not None:
        steps = [checked_step(step)]
    # seen from the other side, a pair of neighbours begins with its second one
    mirrored = sample.size - 1 - segment - int(sample.y[segment] > 0.0)
    proposals = (
        choices(net, sample, segment, margin),
        choices(*_reflected(net, sample), mirrored, margin),
    )
    # lazily: the search ends with the first pair that helps
    pairs = chain.from_iterable(islice(found, MOST_PAIRS) for found in proposals)
    moves = (_first_that_helps(net, sample, pair, steps, exact_margin) for pair in pairs)
    return next((move for move in moves if move is not None), None)


def _first_that_helps(
    net: ReluNet, sample: Sample, choice: Choice, steps: list[float], worst: Fraction
) -> Move | None:
    pair = pair_of(net, choice.first, choice.second)
    if gain(pair, choice.equation) <= 0:
        return None
    before = exact_norm_squared(net)
    for delta in map(Fraction, steps):
        after = moved(net, pair, choice.equation, delta)
        if after is not None:
            after = _with_margins(after, sample, worst)
        if after is not None and exact_norm_squared(after) < before:
            return replace(carried_out(net, after, pair, choice.equation, delta), case=choice.case)
    return None


def _with_margins(net: ReluNet, sample: Sample, worst: Fraction) -> ReluNet | None:
    """Return the net if its margins reach `worst`, scaled up by no more than rounding. Exact."""
    found = margins(net, sample)
    # far too small by double arithmetic already: spare the rational one
    with np.errstate(over="ignore"):
        if np.any(found.values + found.bounds < (1.0 - 2.0 * _ROUNDING) * nearest(worst)):
            return None
    # raising v by a factor raises every margin by it; rounding may ask for another try
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


def _segment(sample: Sample, segment: int) -> int:
    i = check.count("segment", segment, least=0)
    y = sample.y
    if i + 1 < sample.size:
        pair = y[i] > 0.0 and y[i + 1] > 0.0
        isolated = i > 0 and y[i] < 0.0 and y[i - 1] > 0.0 and y[i + 1] > 0.0
        if pair or isolated:
            return i
    raise ValueError(
        f"`segment` must be an isolated -1 or the first of two neighbours +1, got observation {i}"
        f" of {sample.size}, which is neither; see structure(net, sample) for the segments that"
        " violate a statement"
    )


def _reflected(net: ReluNet, sample: Sample) -> tuple[ReluNet, Sample]:
    """Return both under x → −x."""
    return ReluNet(net.v, -net.w, net.b), Sample(-sample.x[::-1], sample.y[::-1])
