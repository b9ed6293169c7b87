"""Whether an optimum that a caller hands over is that of a sample: what was proved of it must be
proved again here.

Multipliers alone do not tell. They prove the same bound where all labels are turned, and the net is
then wrong everywhere.
"""

from math import isclose

import numpy as np

from univariate.optimum.duality import dual_bound
from univariate.optimum.max_margin import MaxMargin, norm_above, shortfall
from univariate.problem.fitted import Fitted, ShallowFitted
from univariate.problem.network import ReluNet
from univariate.problem.sample import Sample

# relative, of a bound computed anew: sums of m terms on another machine
_SAME = 1e-9


def require_own(
    name: str,
    optimum: MaxMargin,
    sample: Sample,
    remedy: str = "max_margin(sample)",
    *,
    known: Fitted | None = None,
) -> None:
    """Raise ValueError unless an optimum is one of a sample: its multipliers prove the bound that
    they are said to prove, and its net has all margins ≥ 1 and the norm that it is said to have.

    Cost that of the margins, unless they are `known`, of the same net.
    """
    if not isinstance(optimum, MaxMargin):
        raise TypeError(
            f"`{name}` must be a MaxMargin, got {type(optimum).__name__}; pass {remedy}"
        )
    found = _stranger(optimum, sample, known)
    if found:
        raise ValueError(
            f"`{name}` must belong to `sample`, got that of another sample: {found}; pass {remedy}"
        )


def require_own_if_given(
    optimum: MaxMargin | None, sample: Sample, known: Fitted | None = None
) -> None:
    """Do the same for an optional argument `optimum`."""
    if optimum is not None:
        require_own("optimum", optimum, sample, known=known)


# what leaves the doubles proves nothing
@np.errstate(all="ignore")
def _stranger(optimum: MaxMargin, sample: Sample, known: Fitted | None) -> str:
    """Return what an optimum does not prove of a sample; "" if it proves all."""
    multipliers = optimum.multipliers
    if len(multipliers) != sample.size:
        return f"it has {len(multipliers)} multipliers for {sample.size} observations"
    bad = np.flatnonzero(~np.isfinite(multipliers))
    if bad.size:
        return f"it lacks finite multipliers, as {multipliers[bad[0]]} for observation {bad[0]}"
    proved = dual_bound(sample.x, sample.y, multipliers).norm_squared
    if not isclose(proved, optimum.dual_norm_squared, rel_tol=_SAME):
        return (
            f"its multipliers do not prove here that |theta*|^2 >= {optimum.dual_norm_squared:.6g}"
        )
    fit = _fit_of(optimum.net, sample, known)
    if shortfall(fit) is not None:
        least = f"{fit.interpolation.margin:.17g} at {fit.where}"
        return f"its net is not proved to have margins >= 1 here, the least is {least}"
    if not isclose(norm_above(optimum.net), optimum.norm_squared, rel_tol=_SAME):
        return f"its net does not have the norm^2 {optimum.norm_squared:.6g}"
    return ""


def _fit_of(net: ReluNet, sample: Sample, known: Fitted | None) -> ShallowFitted:
    """Return a net with a sample: what is known of both, rather than computed again."""
    if isinstance(known, ShallowFitted) and known.net == net:
        return known
    return ShallowFitted(net, sample)
