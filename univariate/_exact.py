"""A network in exact arithmetic, whatever its depth."""

from univariate._deep import ExactDeepNet
from univariate._rational import ExactNet
from univariate.network import Network, ReluNet


def exact_net(net: Network) -> ExactNet | ExactDeepNet:
    """Return the net with `value`, `pieces` and `sublevel` in rational arithmetic.  Exact.  Cost O(n log n)."""
    return ExactNet(net.v, net.w, net.b) if isinstance(net, ReluNet) else ExactDeepNet(net.layers)
