"""One report on a network and a sample: everything the package can decide about them, with one sentence at the end.

`build_report` computes, `render` shows it on a terminal, `write_json` stores it, `plots.plot_report` draws it.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from univariate import _check
from univariate._document import document, versions
from univariate._files import PathLike, save_arrays, write_atomically
from univariate._finding import finding
from univariate.certificate import Result, Verdict
from univariate.clean_error import CleanError, clean_error
from univariate.margins import Margins, interpolates, margins
from univariate.max_margin import GlobalMinimumCertificate, MaxMargin, max_margin
from univariate.nearest_neighbour import nearest_neighbour_clean_error
from univariate.network import DeepReluNet, Network, ReluNet
from univariate.sample import Sample
from univariate.spline import spline
from univariate.theorems import TheoremReport, theorem_3_1, theorem_3_2
from univariate.tolerance import DEFAULT_CONFIDENCE, OPTIMALITY_GAP, UNIT_ROUNDOFF

if TYPE_CHECKING:
    from rich.console import Group
    from scipy.stats.distributions import rv_frozen

SCHEMA = "univariate.report/1"

T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class SampleFacts(Result):
    """What was seen: m, the empirical p, sign changes, merged repeats, range and smallest gap (None if m = 1)."""

    size: int
    noise_rate: float
    sign_changes: int
    merged: int
    low: float
    high: float
    smallest_gap: float | None


@dataclass(frozen=True, repr=False)
class NetFacts(Result):
    """What the net is.

    `linear_regions` are counted inside `domain`, slopes compared as rounded; None where values overflow.
    `imbalance` is the largest relative difference of |v| and √(w² + b²) over neurons, None for other architectures.
    """

    kind: str
    widths: tuple[int, ...]
    norm_squared: float
    linear_regions: int | None
    domain: tuple[float, float]
    imbalance: float | None

    @property
    def balanced(self) -> bool:
        """Whether v² = w² + b² in every neuron, up to rounding: the cheapest scaling."""
        return self.imbalance is not None and self.imbalance <= 64.0 * UNIT_ROUNDOFF


@dataclass(frozen=True, repr=False)
class Interpolation(Result):
    """Whether all margins are positive (decided exactly), and the worst observation, by its index in the sample.

    `wrong` counts the observations on the wrong side; `at_margin` is the share whose margin is the smallest one up to
    a relative 1e-9.
    """

    verdict: Verdict
    worst: int
    x: float
    label: float
    margin: float
    wrong: int
    at_margin: float


@dataclass(frozen=True, repr=False, eq=False)
class Report(Result):
    """Everything known about a network on a sample; see the classes of the fields.

    Attributes
    ----------
    p, delta : float
        Noise level (the empirical one unless given) and failure probability.
    density : str
        "uniform on [0, 1]" or the name and parameters of a distribution.
    clean_error, nearest_neighbour, optimum_clean_error : CleanError
        Of the net, of the 1-NN rule, and of the max-margin net; exact, with enclosures.
    optimum : MaxMargin
        The solution of Problem (1) on the sample.
    optimality : GlobalMinimumCertificate or None
        Whether the net solves Problem (1); None unless it is a 2-layer net without output bias.
    finding : str
        What was learnt, in one sentence.
    origin : dict
        Seed, command line, files: whatever the caller wants kept.
    seconds : dict
        Wall time of every stage.
    """

    finding: str
    p: float
    delta: float
    density: str
    sample_facts: SampleFacts
    net_facts: NetFacts
    interpolation: Interpolation
    clean_error: CleanError
    nearest_neighbour: CleanError
    optimum_clean_error: CleanError
    optimum: MaxMargin
    optimality: GlobalMinimumCertificate | None
    theorem_3_1: TheoremReport
    theorem_3_2: TheoremReport
    margins: Margins
    origin: Mapping[str, Any]
    seconds: Mapping[str, float]
    net: Network
    sample: Sample

    @property
    def difference(self) -> float:
        """Clean error of the net less that of the 1-NN rule."""
        return self.clean_error.value - self.nearest_neighbour.value

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready values; long arrays are summarised by their count, range and mean."""
        found = document(self)
        for theorem in (found["theorem_3_1"], found["theorem_3_2"]):
            del theorem["clean_error"], theorem["optimality"]  # they stand once, at the top
        return {**found, "difference": self.difference}


def build_report(
    net: Network,
    sample: Sample,
    *,
    p: float | None = None,
    delta: float = DEFAULT_CONFIDENCE,
    density: "rv_frozen | None" = None,
    optimum: MaxMargin | None = None,
    origin: Mapping[str, Any] | None = None,
) -> Report:
    """Examine a network on a sample.

    Parameters
    ----------
    net : ReluNet or DeepReluNet
        Any net; Problem (1) and its certificates concern 2-layer nets without output bias only.
    sample : Sample
    p : float, optional
        Noise level; the share of labels −1 if not given.
    delta : float
        Failure probability δ of the sample events.
    density : frozen `scipy.stats` distribution, optional
        Density of x; uniform on [0, 1] if not given.
    optimum : MaxMargin, optional
        The result of `max_margin(sample)`, to save solving again.
    origin : mapping, optional
        Kept with the report and written with it: seed, command line, names of files.

    Exact clean errors (enclosed); see `max_margin` and the theorems for the rest.  Cost dominated by theirs.
    """
    if not isinstance(sample, Sample):
        raise TypeError(f"`sample` must be a Sample, got {type(sample).__name__}; use Sample.from_arrays(x, y)")
    clock = _Clock()
    best = optimum if optimum is not None else clock.time("max margin", lambda: max_margin(sample))
    options: dict[str, Any] = {"p": p, "density": density, "optimum": best}
    first = clock.time("theorem 3.1", lambda: theorem_3_1(net, sample, delta, **options))
    second = clock.time("theorem 3.2", lambda: theorem_3_2(net, sample, delta, **options))
    nearest = clock.time("nearest neighbour", lambda: nearest_neighbour_clean_error(sample, density=density))
    margin = clock.time("margins", lambda: margins(net, sample))
    fits = _interpolation(net, sample, margin)
    of_optimum = second.clean_error
    if net is not best.net:
        of_optimum = clock.time("clean error of the optimum", lambda: clean_error(best.net, density=density))
    facts = _net_facts(net, density)
    return Report(
        finding=finding(second, nearest, of_optimum, best, fits.wrong, fits.x, fits.margin, sample.size),
        p=second.p,
        delta=second.delta,
        density=_density_name(density),
        sample_facts=_sample_facts(sample),
        net_facts=facts,
        interpolation=fits,
        clean_error=second.clean_error,
        nearest_neighbour=nearest,
        optimum_clean_error=of_optimum,
        optimum=best,
        optimality=second.optimality,
        theorem_3_1=first,
        theorem_3_2=second,
        margins=margin,
        origin=dict(origin or {}),
        seconds=clock.seconds,
        net=net,
        sample=sample,
    )
