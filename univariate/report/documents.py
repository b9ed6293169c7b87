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

# classes of claims, the most special first, with the fields that are written
_KEPT: Final = (
    (Bound, ("name", "side", "realised", "expected", "verdict")),
    (StatementCheck, ("statement", "verdict", "checked", "violated", "violations", "worst")),
    (Claim, ("name", "source", "verdict", "value", "relation", "threshold", "reason")),
)
# fields that stand elsewhere in a report
_LEFT_OUT: Final[dict[type, tuple[str, ...]]] = {
    TheoremReport: ("clean_error", "standing", "kkt_points", "law"),
    NoisyError: ("clean_error", "opposite"),
    KktCleanErrorBounds: ("nearest_neighbour",),
    KktPoint: ("certificate",),
}


@singledispatch
def written(part: object) -> Any:
    """Return a part of a report as JSON-ready values, less what stands elsewhere in the report."""
    if isinstance(part, Result):
        kept = next((names for kind, names in _KEPT if isinstance(part, kind)), None)
        left_out = _LEFT_OUT.get(type(part), ())
        return without(part, *left_out) if kept is None else _picked(part, kept)
    if type(part) is tuple:
        return [written(one) for one in part]
    return document(part)


@written.register
def _(part: NearestNeighbourLaw) -> Document:
    steps = [_picked(step, ("source", "verdict", "value")) for step in part.steps]
    known = without(part, "clean_error", "nearest_neighbour", "certificate", "chains", "steps")
    return known | {"steps": steps}


@written.register
def _(part: Standing) -> Document:
    found = without(part)
    found["local_minimum"] = without(part.local_minimum, "kkt", "sides")
    return found


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
