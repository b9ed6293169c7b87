"""What reports write as JSON: every part once, and claims by the keys that they always had."""

from collections.abc import Iterable
from functools import singledispatch
from typing import Any, Final

from univariate.common.claim import Claim
from univariate.common.document import document
from univariate.common.result import Result, field_names
from univariate.error.noisy_error import NoisyError
from univariate.paper.bounds import Bound
from univariate.paper.law.outcome import NearestNeighbourLaw
from univariate.paper.law.sample_bounds import KktCleanErrorBounds
from univariate.paper.statements import StatementCheck
from univariate.paper.theorems import TheoremReport
from univariate.report.facts import RunFacts
from univariate.standing.certify import Standing
from univariate.training.kkt_point import KktPoint
from univariate.training.trained import TrainedNet

Document = dict[str, Any]

_CLAIM: Final = ("name", "source", "verdict", "value", "relation", "threshold", "reason")
_BOUND: Final = ("name", "side", "realised", "expected", "verdict")
_CHECK: Final = ("statement", "verdict", "checked", "violated", "violations", "worst")


@singledispatch
def written(part: object) -> Any:
    """Return a part of a report as JSON-ready values, less what stands elsewhere in the report."""
    if isinstance(part, Result):
        return without(part)
    if type(part) is tuple:
        return [written(one) for one in part]
    return document(part)


@written.register
def _(part: Claim) -> Document:
    return _picked(part, _CLAIM)


@written.register
def _(part: Bound) -> Document:
    return _picked(part, _BOUND)


@written.register
def _(part: StatementCheck) -> Document:
    return _picked(part, _CHECK)


@written.register
def _(part: TheoremReport) -> Document:
    return without(
        part, "clean_error", "standing", "kkt_points", "law"
    )  # they stand once, at the top


@written.register
def _(part: NearestNeighbourLaw) -> Document:
    steps = [_picked(step, ("source", "verdict", "value")) for step in part.steps]
    known = without(part, "clean_error", "nearest_neighbour", "certificate", "chains", "steps")
    return known | {"steps": steps}


@written.register
def _(part: NoisyError) -> Document:
    return without(part, "clean_error", "opposite")


@written.register
def _(part: KktCleanErrorBounds) -> Document:
    return without(part, "nearest_neighbour")


@written.register
def _(part: Standing) -> Document:
    found = without(part)
    found["local_minimum"] = without(part.local_minimum, "kkt", "sides")
    return found


@written.register
def _(part: KktPoint) -> Document:
    return without(part, "certificate")  # it is the standing's


@written.register
def _(part: TrainedNet) -> Document:
    run = {"run": document(RunFacts.of(part))}
    decided = without(part, "start", "trajectory", "optimum", "density", "truth")
    ratios = part.norm_ratios
    decided["norm_ratio_high"] = document(None if ratios is None else ratios.high)
    return run | decided | {"clean_error": document(part.clean_error)}


def without(result: Result, *left_out: str) -> Document:
    """Return a result as JSON-ready values without some of its fields."""
    return _picked(result, (name for name in field_names(result) if name not in left_out))


def _picked(result: Result, names: Iterable[str]) -> Document:
    return {name: written(getattr(result, name)) for name in names}
