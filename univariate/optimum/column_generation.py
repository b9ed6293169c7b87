"""Problem (1) in one dimension for any sample: min Σ v² + w² + b² subject to y_i N(x_i) ≥ 1.

The optimum is pursued from the data at which labels change (`pursuit`), and rounded to float64 with
the margins and prices kept (`fitted_net`, `fitted_dual`).

The result is *rounded*: float64 parameters whose margins and duality gap were measured in
double-double. Whoever needs a proof checks margins and the dual bound rigorously afterwards. Cost:
it grows with the number of sign changes (a sparse linear programme of about that size, a few
times), and with m only through one scan.
"""

from typing import Final, NamedTuple

import numpy as np

from univariate.common.arrays import Indices, Vector
from univariate.common.tolerance import SOLVER_GAP
from univariate.optimum.atoms import Points, first_atoms
from univariate.optimum.blocks import Net
from univariate.optimum.fitted_dual import fitted_multipliers
from univariate.optimum.fitted_net import fitted_nets
from univariate.optimum.kernels.values import net_margins
from univariate.optimum.pricing import price
from univariate.optimum.programme import interpolation
from univariate.optimum.pursuit import PRICE_TOLERANCE, Polished, Pursuit, neighbours
from univariate.optimum.support import Guess, plain_start, starts

_ROUNDS: Final = 100  # of the linear programme: data come in over the rounds too
_MENDS: Final = 6  # there are more guesses to come
_SOLVED: Final = 1e-11  # defect at which nothing but rounding is left to improve
# of margins of rounded nets: well below the gap that ends the search
_FINAL_MARGIN_TOLERANCE: Final = 1e-12


class GeneralSolution(NamedTuple):
    """Approximate optimum of Problem (1) and of its dual. Rounded.

    `v`, `w`, `b` : (n,) balanced neurons, at most one per orientation, cell of the active data and
    sign; `multipliers` : (m,) ≥ 0.
    """

    v: Vector
    w: Vector
    b: Vector
    multipliers: Vector


def general_solution(x: Vector, y: Vector) -> GeneralSolution:
    """Solve min ‖θ‖² s.t. y_i N(x_i) ≥ 1 over nets of any width.

    Parameters
    ----------
    x, y : ndarray, shape (m,)
        Increasing inputs, labels ±1.

    Stops at a relative duality gap of `SOLVER_GAP`; where float64 parameters cannot reach it, the
    least one found counts. Exactness: rounded, see the module's docstring. Deterministic.
    """
    data = Points.of(x, y)
    pursuit = Pursuit(data, price, near_kinks=True, rounds=_ROUNDS, mends=_MENDS)
    ends = _run_ends(y)
    atoms = first_atoms(data.take(ends))
    generated = pursuit.generate(ends, atoms)
    vertex = generated.vertex or interpolation(data.take(ends), atoms)
    best = _Best(pursuit, ends)
    guesses = starts(data, generated.working, vertex)
    for guess in guesses:
        if best.gap <= SOLVER_GAP or pursuit.polish(guess, best.judge) is not None:
            break
    # no guess led to the optimum: the linear programme itself may do better
    if best.gap > PRICE_TOLERANCE:
        best.offer(guesses[-1])
    if best.value == np.inf:
        best.offer(plain_start(data, generated.working, vertex))
    return GeneralSolution(*best.net, best.multipliers)


def _run_ends(y: Vector) -> Indices:
    """Return the first and last index of every run of equal labels."""
    changes = np.flatnonzero(y[1:] != y[:-1])
    return np.unique(np.concatenate([[0, len(y) - 1], changes, changes + 1]))


class _Best:
    """The best net and the best multipliers seen, each scaled to feasibility."""

    def __init__(self, pursuit: Pursuit, ends: Indices) -> None:
        self.pursuit = pursuit
        self.ends = ends
        self.value = np.inf
        self.bound = 0.0
        self.defect = np.inf
        self.net: Net = (np.zeros(0), np.zeros(0), np.zeros(0))
        self.multipliers = np.zeros(len(pursuit.data.x))

    @property
    def gap(self) -> float:
        """Relative duality gap."""
        return self.value / self.bound - 1.0 if self.bound > 0.0 else np.inf

    def judge(self, polished: Polished) -> Indices | None:
        """Keep what is better than before; None where nothing is left to improve."""
        short = polished.short
        solved = polished.defect <= _SOLVED
        # rounding with care is worth its cost only for a state much better than the ones before
        if polished.defect < 0.5 * self.defect or solved or self.value == np.inf:
            self.defect = min(polished.defect, self.defect)
            self.offer(polished.guess)
            short = self.pursuit.short(polished.guess.active, self.net, _FINAL_MARGIN_TOLERANCE)
        if self.gap <= SOLVER_GAP or (solved and not len(short)):
            return None
        return short

    def offer(self, guess: Guess) -> None:
        """Round a state, and keep what is better than before."""
        data = self.pursuit.data
        for net in fitted_nets(data.take(guess.active), guess.state.blocks):
            near = np.union1d(self.ends, neighbours(data.x, net))
            margin = 1.0 + float(net_margins(*net, data.x[near], data.y[near]).min())
            if margin <= 0.0:
                continue
            value = sum(float(np.sum(part * part)) for part in net) / margin
            if value < self.value:
                self.value = value
                self.net = net
        multipliers, bound = fitted_multipliers(data, guess)
        if bound > self.bound:
            self.bound = bound
            self.multipliers = multipliers
