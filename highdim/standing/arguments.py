"""The arguments of certificates, checked once."""

from highdim.problem.network import ThreeLayerNet, TwoLayerNet, becoming
from highdim.problem.sample import SphereSample, require_dimension, require_sample
from univariate.common import check
from univariate.common.tolerance import KKT_TOLERANCE, NEARLY


def require_shallow(net: object, sample: SphereSample) -> TwoLayerNet:
    """Return a TwoLayerNet of the sample's dimension; raise TypeError or ValueError for others."""
    require_sample(sample)
    if isinstance(net, ThreeLayerNet):
        raise TypeError(
            "`net` must be a TwoLayerNet, got a ThreeLayerNet: Problem (1) is about 2-layer nets,"
            f" {_of_three_layers(net)}; train a net of depth 2"
        )
    if not isinstance(net, TwoLayerNet):
        raise TypeError(
            f"`net` must be a TwoLayerNet, got {type(net).__name__};"
            f" {becoming(net, 'build one by TwoLayerNet(v, W, b)')}"
        )
    require_dimension(net, sample, "check which sample it was trained on")
    return net


def _of_three_layers(net: ThreeLayerNet) -> str:
    if net.b2 is not None:
        return "and N is not homogeneous with a second layer of biases"
    return "and N, homogeneous of degree 3, has KKT points of a problem of its own, not certified"


def require_tolerance(tolerance: float) -> float:
    """Return a tolerance of certificates; raise TypeError or ValueError for one out of range."""
    number = within_reach("tolerance", tolerance)
    if number == 0.0:
        raise ValueError(
            f"`tolerance` must be positive, got 0; nothing rounded reaches it, try {KKT_TOLERANCE}"
        )
    return number


def within_reach(name: str, value: float) -> float:
    """Return a number in [0, 1e-6]; raise TypeError or ValueError for others."""
    number = check.real(name, value)
    if not 0.0 <= number <= NEARLY:
        raise ValueError(
            f"`{name}` must lie in [0, {NEARLY}], got {number}; it is relative, leave it out if in"
            " doubt"
        )
    return number
