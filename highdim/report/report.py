"""One report on a network and a sample on the sphere: what the package can decide about them.

`build_report` computes, `terminal.render` shows it, `write_json` stores it, `plots.plot_report`
draws it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from highdim.optimum.orthogonal_limit import orthogonal_limit
from highdim.problem.check import label_counts
from highdim.problem.network import Network, require_network
from highdim.problem.recognised import DISTRIBUTIONS
from highdim.problem.sample import SphereSample, require_dimension, require_sample
from highdim.report.contents import Report, write_json
from highdim.report.facts import FitFacts, NetFacts, RunFacts, SampleFacts
from highdim.report.finding import finding
from highdim.report.parts import Parts, Question, error_of, not_of_section_4, parts_of
from highdim.training.trajectory import Trajectory
from univariate.common import check
from univariate.common.result import Verdict
from univariate.common.tolerance import DEFAULT_CONFIDENCE

__all__ = ["Report", "build_report", "write_json"]


def build_report(  # noqa: PLR0913 (what the theorems ask for, and what the caller knows)
    net: Network,
    sample: SphereSample,
    *,
    epsilon: float = 0.01,
    delta: float = DEFAULT_CONFIDENCE,
    p: float | None = None,
    origin: Mapping[str, Any] | None = None,
    rng: Any = 0,
    polish: bool = False,
    solve: bool = False,
    run: Trajectory | None = None,
) -> Report:
    """Examine a network on a sample.

    Parameters
    ----------
    net : TwoLayerNet or ThreeLayerNet
        In dimension d ≥ 2. Where all output weights are ±1 it is judged twice, as one of fixed
        outputs and as one of trained ones, since the file of a net does not tell. With three layers
        only the clean error, the fit and the sample are examined.
    sample : SphereSample
        Of the net's dimension.
    epsilon, delta : float
        ε and δ of the theorems, in (0, 1).
    p : float, optional
        Noise level; the sample's own, or its share of labels unlike the truth, if not given.
    origin : mapping, optional
        Kept with the report and written with it: seed, command line, names of files.
    rng : int or numpy.random.Generator
        For sampled probabilities; a seed is used afresh by every function called.
    polish : bool
        Look for the KKT point near a 2-layer net too. It costs most: some 10 s at 100 neurons and
        100 data.
    solve : bool
        Put the max-margin net beside a 2-layer one, with the standing of the net: `max_margin`,
        seconds to minutes up to d = 5, and `certify`.
    run : Trajectory, optional
        The training run whose end the net is.

    Raises
    ------
    TypeError, ValueError
        No such net or sample, dimensions that differ, d = 1, numbers out of range, values of N on
        the data that overflow.

    Each part is as exact as the function it comes from. Same input and seed, same bits. Cost that
    of `kkt_certificate` and `clean_error`, and of `kkt_point` for `polish` and
    `max_margin` for `solve`.
    """
    require_network(net)
    require_sample(sample)
    require_dimension(net, sample, "pass the sample that it was trained on")
    _require_finite(net(sample.X))
    asked = Question(
        net=net,
        sample=sample,
        epsilon=check.probability("epsilon", epsilon, open_interval=True),
        delta=check.probability("delta", delta, open_interval=True),
        p=sample.noise_level(p),
        facts=NetFacts.of(net),
        fits=FitFacts.of(net, sample),
        error=error_of(net, sample, rng),
        rng=rng,
    )
    given = p is not None or sample.p is not None
    parts = parts_of(asked, polish=polish, solve=solve)
    found = _report(asked, parts, polish, origin or {}, run, given=given)
    return replace(found, finding=finding(found))


def _report(
    asked: Question,
    parts: Parts,
    polish: bool,
    origin: Mapping[str, Any],
    run: Trajectory | None,
    *,
    given: bool,
) -> Report:
    """Put a report together that lacks nothing but its finding."""
    sample = asked.sample
    limit = orthogonal_limit(*label_counts(sample.y))
    fits = asked.fits.verdict is Verdict.HOLDS
    return Report(
        finding="",
        p=asked.p,
        p_given=given,
        epsilon=asked.epsilon,
        delta=asked.delta,
        sample_facts=SampleFacts.of(sample),
        net_facts=asked.facts,
        interpolation=asked.fits,
        clean_error=asked.error,
        limit=limit,
        predicted_clean_error=(
            limit.predicted_clean_error(sample.dimension)
            if not_of_section_4(sample) is None
            else None
        ),
        near_orthogonality=(
            sample.near_orthogonality(asked.delta, p=asked.p)
            if sample.distribution in DISTRIBUTIONS
            else None
        ),
        **parts.results,
        searched=polish and fits and asked.net.depth == 2,
        missing=parts.missing,
        run=None if run is None else RunFacts.of(run),
        origin=dict(origin),
        net=asked.net,
        sample=sample,
    )


def _require_finite(outputs: NDArray[np.float64]) -> None:
    beyond = np.flatnonzero(~np.isfinite(outputs))
    if beyond.size:
        raise ValueError(
            "`net` must stay within the range of doubles on the data, got N(x) ="
            f" {outputs[beyond[0]]} at observation {beyond[0]}; multiply its parameters by a small"
            " number, which changes no sign"
        )
