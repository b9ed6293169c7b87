"""The proof of the nearest-neighbour law, step by step; every step is evaluated on a net.

Notation. A neuron (v, w, b) has its kink at t = −b/w and the sign s = sign v, and looks to the
right if w > 0, to the left if w < 0. T(t) = Σ_{x_i > t} λ_i y_i (x_i, 1) is the path of the
multipliers, from S = T(−∞) to 0. It has a step at every datum with λ_i > 0, a *bend*; N = y_i
there. In angles, arctan t for a kink t and arctan x for a datum x, S = |S| (cos ω, −sin ω), and
(x, 1) is a positive multiple of (sin ζ, cos ζ) for x = tan ζ. Neighbouring kinks of N with opposite
signs are a *regular transition* where the bends between them have both labels, and a *link* where
they have one label, or there is none; E counts the links. A *chain* is a maximal run of kinks of
one sign. For the kinks of a link, at the angles θ₁ and θ₂, with s the sign of the right-oriented
one and ζ the angle of Σ λ_i (x_i, 1) over the bends between,

    cos(θ₁ − ζ) + cos(θ₂ − ζ) = s |S| cos(ζ − ω).                                     (∗)

For s = −1 turn ω by π. The right side is above 2 where ζ is nearer to ω than γ = arccos(2/|S|), and
2 at the *centres* ω ± γ; where |S| ≤ 2, γ = 0 and ω is the only centre.

Let θ be a KKT point of Problem (1), scaled to worst margin 1, with multipliers λ and σ'_ij ∈ [0, 1]
on kinks at data (Clarke). All-zero neurons change nothing and are left out.

Step 1, tangency. Stationarity reads v_j = Σ λ_i y_i σ(w_j x_i + b_j) and (w_j, b_j) = v_j T_j with
T_j = Σ λ_i y_i σ'_ij (x_i, 1). Multiply the first by v_j and take the inner product of the second
with (w_j, b_j): v_j² = |(w_j, b_j)|². So |T_j| = 1: no neuron is off on all data, and T_j is the
direction s (w_j, b_j)/|(w_j, b_j)| with s = sign v_j. With kink t and e(t) = (1, −t)/√(1 + t²) a
right-oriented neuron (w > 0) exists only where T(t) = s e(t), a left-oriented one only where
T(t) = S + s e(t). The slope of N rises by v|w| at a kink: N is convex there iff s > 0. Kinks of one
place count as one, of the sign of their summed change, or as none where the changes cancel. Neurons
that are active on all data have the direction ±S, so they are parallel: at most one kink lies
outside [x_1, x_m].

Step 2, regular transitions. Let t < t' be neighbouring kinks of opposite signs and x_i < x_{i+1}
data in [t, t'] with different labels and N = y. N is affine between, −1 at one and +1 at the other:
its only zero in [t, t'] is their midpoint, where the nearest neighbour changes, too.

Step 3, chains. Between two regular transitions without a link lies one chain, say convex. Let b₀ be
the right datum of the transition before it, a₁ the left one of that after it. N(b₀) = +1 would mean
that N rises there, hence rises on the whole chain by convexity, so N(a₁) ≥ 1 and N falls or exceeds
1 at the next datum, where it should be −1: a contradiction. So N(b₀) = −1, likewise N(a₁) = −1, and
N ≤ −1 between by convexity: no zero, and no label +1. Concave chains are mirror images.

Step 4, counting. Cut the line at the regular transitions. A stretch with E' links has E' + 1
chains, on each of which N turns at most once, so N has at most E' + 1 extrema and E' + 2 zeros
between the outer data of its regular transitions: one for every monotone piece, so that a plateau N
≡ 0 at an extremum counts twice. Those of the regular transitions at its ends are two of them, one
for a stretch that is open to one side, none for the whole line; N crosses zero strictly there and
is affine around, so they are the only zeros of the pieces that they lie on, and these are two.
Hence at most E' others, E' + 1, E' + 2; together at most E + 2. A gap in which N decides otherwise
than the nearest neighbour holds at least one of them, two if both labels agree.

Steps 2 to 4 ask only that N interpolates. That θ is a KKT point keeps E small:

Step 5, links join orientations. Say both kinks t₁ < t₂ of a link are right-oriented, of signs s and
−s. Then s (e(t₁) + e(t₂)) = T(t₁) − T(t₂) is the part of the path between. It is not 0, so there
are bends, of one label, and it is a multiple of (sin ζ, cos ζ) with ζ between the angles of t₁ and
t₂. But it is also a multiple of (cos φ, −sin φ) with φ the mean of those angles, so ζ = φ ± π/2:
impossible within (−π/2, π/2). For left-oriented kinks the same difference arises.

Step 6, the equation. Kinks of different orientations have T(t₁) − T(t₂) = ±(s (e(t₁) + e(t₂)) − S).
That is y κ (sin ζ, cos ζ) with κ ≥ 0 and ζ between their angles; its product with (cos ζ, −sin ζ)
is equation (∗). Its left side is positive, so S = 0 has no link. Without bends κ = 0 and
every ζ will do; as T is constant then, the two kinks are at ω ± arccos(|S|/2), so there is at most
one such link.

Step 7, distances. The left side of (∗) is at most 2, so |S| cos(ζ − ω) is: ζ is not between the
centres ω ± γ. With u its distance from the nearer one, the right side is 2 (cos u − tan γ sin u) ≤
2 cos u (or |S| cos u < 2 cos u for |S| < 2), whence sin²(δ₁/2) + sin²(δ₂/2) ≥ 2 sin²(u/2) for the
distances δ of the kinks from ζ: one of them is at least u.

Step 8, doubling. Order the links on one side of a centre outwards. From the second on, the inner
kink lies beyond the ζ of the link before, so δ_inner ≤ u, and δ_outer ≥ u by step 7. The next link
begins beyond the outer kink: its u is at least twice as large. Where the way from the centre to the
links passes infinity, this holds from the first link on.

Step 9, labels. N is affine between the kinks of a link and |N| ≥ 1 on data: the labels of the data
between change at most once.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Final

import numpy as np

from univariate.common.claim import Claim, Kind, decide
from univariate.paper.law.anatomy import Anatomy
from univariate.paper.law.links import outward, shortfall

SOURCE: Final = "Nearest-neighbour law"
ROUNDING: Final = 1e-6
"""What a step may be off by: of a gap, of a unit vector, of an angle."""

CLEARLY: Final = 1e-3
"""The part of a gap from which on a deviation is no matter of rounding."""


def tangency(net: Anatomy) -> Claim:
    """Step 1: every neuron's sum of multipliers is its direction, as far as θ feels it."""
    theta = net.fit.net
    size = np.abs(theta.v[net.cells.neuron]) / np.sqrt(theta.norm_squared)
    worst = float((size * net.path.miss).max(initial=0.0))
    return _step(1, "|v_j| |T_j − s (w_j, b_j)/|(w_j, b_j)|| / |θ| = 0", worst)


def regular_zeros(net: Anatomy) -> Claim:
    """Step 2: between the data of a regular transition N decides like the nearest neighbour."""
    found = net.comparison
    at = np.isin(found.gap, net.transitions.border)
    worst = float(found.share[at].max(initial=0.0))
    return _step(2, "regular transitions cross zero at midpoints", worst)


def chains_without_zeros(net: Anatomy) -> Claim:
    """Step 3: without a link between two regular transitions N has no zero there."""
    closed = net.transitions.links_in_stretches() == 0
    closed[[0, -1]] = False
    zeros = int(np.sum(closed[net.transitions.stretch_of(net.zeros)]))
    return _step(3, "zeros on chains between regular transitions", float(zeros), 0.0)


def counts(net: Anatomy) -> Claim:
    """Step 4: a stretch has no more zeros than links and open ends."""
    zeros = np.bincount(net.transitions.stretch_of(net.zeros), minlength=len(net.allowed))
    excess = float((zeros - net.allowed).max())
    return _step(4, "zeros of a stretch less its links and open ends", max(excess, 0.0), 0.0)


def orientations(net: Anatomy) -> Claim:
    """Step 5: a link joins a right-oriented kink and a left-oriented one."""
    same = sum(link.orientations in ("RR", "LL") for link in net.links)
    return _step(5, "links of one orientation", float(same), 0.0)


def equation(net: Anatomy) -> Claim:
    """Step 6: links obey (∗)."""
    worst = max((abs(link.residual) for link in net.links), default=0.0)
    return _step(6, "cos(θ₁ − ζ) + cos(θ₂ − ζ) = s |S| cos(ζ − ω)", worst)


def distances(net: Anatomy) -> Claim:
    """Step 7: no link lies between the centres, and one of its kinks is at least u away."""
    worst = max((max(shortfall(link), -link.distance) for link in net.links), default=0.0)
    return _step(7, "sin²(δ₁/2) + sin²(δ₂/2) ≥ 2 sin²(u/2), u ≥ 0", max(worst, 0.0))


def doubling(net: Anatomy) -> Claim:
    """Step 8: from the second link of a side on, the distance from its centre at least doubles."""
    worst = 0.0
    for side in outward(net.links):
        later = side if side[0].wrapped else side[1:]
        for near, far in pairwise(later):
            worst = max(worst, 2.0 * near.distance - far.distance)
    return _step(8, "u of a link ≥ twice that of the link before", worst)


def labels(net: Anatomy) -> Claim:
    """Step 9: the labels within a link change at most once."""
    worst = max((link.label_changes for link in net.links), default=0)
    return _step(9, "label changes within a link", float(worst), 1.0)


STEPS: Final[tuple[Callable[[Anatomy], Claim], ...]] = (
    tangency,
    regular_zeros,
    chains_without_zeros,
    counts,
    orientations,
    equation,
    distances,
    doubling,
    labels,
)


def evaluated(net: Anatomy) -> tuple[Claim, ...]:
    """Evaluate all steps on a net."""
    return tuple(step(net) for step in STEPS)


def _step(number: int, claim: str, value: float, threshold: float = ROUNDING) -> Claim:
    source = f"{SOURCE}, step {number}"
    return decide(source, claim, value, "≤", threshold, "computed", kind=Kind.SHAPE)
